// Ollama's client for JavaScript as it comes, at the address and with the key that are given: tells what it got as JSON.
import { Ollama } from "ollama";

const [host, key, model, thinker] = process.argv.slice(2);
const headers = key ? { Authorization: `Bearer ${key}` } : {};
const client = new Ollama({ host, headers });
const messages = [{ role: "user", content: "Hello there, tokens=5" }];
const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = { type: "function", function: { name: "weather", description: "Tells it.", parameters: schema } };

async function streamed(answer) {
  const chunks = [];
  for await (const chunk of await answer) chunks.push(chunk);
  const text = chunks.map((chunk) => chunk.message.content).join("");
  return { text, calls: chunks.flatMap((chunk) => chunk.message.tool_calls ?? []), last: chunks.at(-1) };
}

async function refused(answer) {
  try {
    await answer;
  } catch (error) {
    return { name: error.name, status: error.status_code, text: error.message };
  }
  throw new Error("was not refused");
}

async function aborted() {
  const answer = await client.chat({ model, messages: [{ role: "user", content: "tokens=100000" }], stream: true });
  try {
    for await (const chunk of answer) if (!chunk.done) client.abort();
  } catch (error) {
    return error.name;
  }
  throw new Error("was not aborted");
}

const told = {
  chat: await client.chat({ model, messages }),
  stream: await streamed(client.chat({ model, messages, stream: true })),
  tools: await client.chat({ model, messages, tools: [weather] }),
  "tools, streamed": await streamed(client.chat({ model, messages, tools: [weather], stream: true })),
  json: await client.chat({ model, messages, format: "json" }),
  schema: await client.chat({ model, messages, format: schema }),
  thinking: await client.chat({ model: thinker, messages, think: true }),
  generate: await client.generate({ model, prompt: "Hello there, tokens=3" }),
  embed: await client.embed({ model, input: ["tea", "samovar"] }),
  list: await client.list(),
  show: await client.show({ model }),
  ps: await client.ps(),
  version: await client.version(),
  unknown: await refused(client.chat({ model: "nobody:1b", messages })),
  aborted: await aborted(),
};
console.log(JSON.stringify(told));
