"""The shapes of the document: what bodies and answers look like, in the words of JSON Schema."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

TEXT: Final[Json] = {"type": "string"}
FLAG: Final[Json] = {"type": "boolean"}
COUNT: Final[Json] = {"type": "integer"}
NUMBER: Final[Json] = {"type": "number"}
TEXTS: Final[Json] = {"type": "array", "items": TEXT}
ANY_OBJECT: Final[Json] = {"type": "object"}
TEXT_OR_TEXTS: Final[Json] = {"anyOf": [TEXT, TEXTS]}
VECTOR: Final[Json] = {"type": "array", "items": NUMBER}


def thing(*required: str, **fields: Json) -> Json:
    """An object with these fields, of which some must be there."""
    return {"type": "object", "properties": fields, **({"required": list(required)} if required else {})}


def many(shape: Json) -> Json:
    """A list of such."""
    return {"type": "array", "items": shape}


def one_of(*words: str) -> Json:
    """One of some words."""
    return {"type": "string", "enum": list(words)}


def ref(name: str) -> Json:
    """A shape by its name in the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def told(text: str, shape: Json) -> Json:
    """A shape with a word about it."""
    return {**shape, "description": text}


_MODEL: Final = told("A model's name, as the lists tell it.", {"type": "string", "minLength": 1})
_STREAM: Final = told("Answer piece by piece.", FLAG)
_IMAGES: Final = told("Pictures in base64.", TEXTS)
_FUNCTION: Final = thing("name", name={"type": "string", "minLength": 1}, description=TEXT, parameters=ANY_OBJECT)
_TOOL: Final = thing("type", "function", type=one_of("function"), function=_FUNCTION)

_OPTIONS: Final = told(
    "`num_ctx`, `num_gpu` and whatever else would load a model anew are left to what is set for it.",
    thing(
        num_predict=COUNT,
        temperature=NUMBER,
        top_p=NUMBER,
        top_k=COUNT,
        min_p=NUMBER,
        typical_p=NUMBER,
        seed=COUNT,
        stop=TEXT_OR_TEXTS,
        repeat_penalty=NUMBER,
        repeat_last_n=COUNT,
        presence_penalty=NUMBER,
        frequency_penalty=NUMBER,
    ),
)
_OLLAMA_COMMON: Final[Json] = {
    "model": _MODEL,
    "stream": _STREAM,
    "options": ref("OllamaOptions"),
    "format": told("JSON, or what fits a schema.", {"anyOf": [one_of("json"), ANY_OBJECT]}),
    "think": {"anyOf": [FLAG, one_of("low", "medium", "high", "max")]},
    "keep_alive": told("Keeps a model longer, never shorter.", {"anyOf": [TEXT, NUMBER]}),
    "logprobs": FLAG,
    "top_logprobs": {"type": "integer", "minimum": 0, "maximum": 20},
    "truncate": FLAG,
}
_OLLAMA_MESSAGE: Final = thing(
    "role",
    role=one_of("system", "user", "assistant", "tool"),
    content=TEXT,
    thinking=TEXT,
    images=_IMAGES,
    tool_calls=many(thing("function", function=thing("name", name=TEXT, arguments=ANY_OBJECT))),
    tool_name=TEXT,
)
_COST: Final[Json] = {
    "done_reason": TEXT,
    "total_duration": told("Nanoseconds.", COUNT),
    "load_duration": told("Nanoseconds, those of waiting in the queue among them.", COUNT),
    "prompt_eval_count": COUNT,
    "prompt_eval_duration": COUNT,
    "eval_count": COUNT,
    "eval_duration": COUNT,
}
_STAMP: Final[Json] = {"model": TEXT, "created_at": {"type": "string", "format": "date-time"}, "done": FLAG}

_PARTS: Final = many(
    thing("type", type=one_of("text", "image_url"), text=TEXT, image_url={"anyOf": [TEXT, thing("url", url=TEXT)]})
)
_OPENAI_MESSAGE: Final = thing(
    "role",
    role=one_of("system", "developer", "user", "assistant", "tool"),
    content={"anyOf": [TEXT, _PARTS, {"type": "null"}]},
    tool_calls=many(thing("function", id=TEXT, function=thing("name", name=TEXT, arguments=TEXT))),
    tool_call_id=TEXT,
)
_OPENAI_COMMON: Final[Json] = {
    "model": _MODEL,
    "stream": _STREAM,
    "stream_options": thing(include_usage=FLAG),
    "max_tokens": COUNT,
    "temperature": NUMBER,
    "top_p": NUMBER,
    "seed": COUNT,
    "stop": TEXT_OR_TEXTS,
    "n": told("One answer at a time is given.", {"type": "integer", "enum": [1]}),
    "presence_penalty": NUMBER,
    "frequency_penalty": NUMBER,
}
_USAGE: Final = thing("prompt_tokens", "total_tokens", prompt_tokens=COUNT, completion_tokens=COUNT, total_tokens=COUNT)
_HEAD: Final[Json] = {"id": TEXT, "object": TEXT, "created": COUNT, "model": TEXT}
_INPUT: Final = told("One text or several.", TEXT_OR_TEXTS)

SHAPES: Final[Json] = {
    "OllamaError": thing("error", error=TEXT),
    "OpenAIError": thing(
        "error",
        error=thing(
            "message",
            "type",
            "param",
            "code",
            message=TEXT,
            type=TEXT,
            param={"type": ["string", "null"]},
            code={"type": ["string", "null"]},
        ),
    ),
    "OllamaOptions": _OPTIONS,
    "OllamaChat": thing("model", messages=many(_OLLAMA_MESSAGE), tools=many(_TOOL), **_OLLAMA_COMMON),
    "OllamaChatAnswer": thing("model", "message", "done", message=_OLLAMA_MESSAGE, **_STAMP, **_COST),
    "OllamaGenerate": thing(
        "model", prompt=TEXT, suffix=TEXT, system=TEXT, template=TEXT, raw=FLAG, images=_IMAGES, **_OLLAMA_COMMON
    ),
    "OllamaGenerateAnswer": thing(
        "model", "response", "done", response=TEXT, thinking=TEXT, context=many(COUNT), **_STAMP, **_COST
    ),
    "OllamaEmbed": thing(
        "model", model=_MODEL, input=_INPUT, dimensions=COUNT, truncate=FLAG, options=ref("OllamaOptions")
    ),
    "OllamaEmbedAnswer": thing("model", "embeddings", model=TEXT, embeddings=many(VECTOR), prompt_eval_count=COUNT),
    "OllamaEmbedOne": thing("model", model=_MODEL, prompt=TEXT),
    "OllamaEmbedOneAnswer": thing("embedding", embedding=VECTOR),
    "OllamaModels": thing("models", models=many(thing("name", "model", name=TEXT, model=TEXT, size=COUNT))),
    "OllamaModel": thing("details", "capabilities", details=ANY_OBJECT, capabilities=TEXTS, model_info=ANY_OBJECT),
    "OllamaVersion": thing("version", version=TEXT),
    "OllamaNamed": thing("model", model=_MODEL),
    "OllamaMoved": thing("model", model=_MODEL, stream=_STREAM),
    "OllamaRecipe": thing(
        "model", "from", **{"from": _MODEL, "model": _MODEL, "system": TEXT, "template": TEXT, "stream": _STREAM}
    ),
    "OllamaCopy": thing("source", "destination", source=_MODEL, destination=_MODEL),
    "OllamaStep": thing(status=TEXT, digest=TEXT, total=COUNT, completed=COUNT, error=TEXT),
    "Queue": thing("jobs", jobs=many(ref("QueuedJob"))),
    "QueuedJob": thing("id", "state", id={"type": "string", "format": "uuid"}, state=TEXT, model=TEXT),
    "OpenAIChat": thing(
        "model",
        "messages",
        messages={**many(_OPENAI_MESSAGE), "minItems": 1},
        max_completion_tokens=COUNT,
        tools=many(_TOOL),
        tool_choice={"anyOf": [one_of("auto", "none", "required"), ANY_OBJECT]},
        parallel_tool_calls=FLAG,
        response_format=thing("type", type=one_of("text", "json_object", "json_schema"), json_schema=ANY_OBJECT),
        reasoning_effort=one_of("none", "minimal", "low", "medium", "high", "xhigh"),
        logprobs=FLAG,
        top_logprobs={"type": "integer", "minimum": 0, "maximum": 20},
        **_OPENAI_COMMON,
    ),
    "OpenAICompletion": thing("model", "prompt", prompt=TEXT, suffix=TEXT, logprobs=COUNT, **_OPENAI_COMMON),
    "OpenAIAnswer": thing(
        "id", "choices", choices=many(ANY_OBJECT), usage={"anyOf": [_USAGE, {"type": "null"}]}, **_HEAD
    ),
    "OpenAIEmbed": thing(
        "model", "input", model=_MODEL, input=_INPUT, dimensions=COUNT, encoding_format=one_of("float", "base64")
    ),
    "OpenAIEmbedAnswer": thing("data", "usage", data=many(ANY_OBJECT), model=TEXT, usage=_USAGE),
    "OpenAIModel": thing("id", "object", id=TEXT, object=TEXT, created=COUNT, owned_by=TEXT),
    "OpenAIModels": thing("data", data=many(ref("OpenAIModel"))),
}
"""Every shape that has a name. Fields that are not named here are passed over, as both APIs do."""
