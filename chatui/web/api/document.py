"""The OpenAPI document of both APIs and of one's own queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chatui import __version__
from chatui.web.api.shapes import COUNT, SHAPES, TEXT, Json, ref, told

_NDJSON: Final = "application/x-ndjson"
_EVENTS: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be asked: in a sentence, with which body, answered in which shape; streamed as which kind of text."""

    summary: str
    tag: str
    body: str | None = None
    answer: str | None = None
    stream: str | None = None
    queued: bool = False
    refusals: tuple[int, ...] = ()


_ASK: Final = (400, 403, 404, 413, 429, 499, 500, 502, 503, 504)
_LOOK: Final = (400, 403, 404, 413, 500, 502, 503, 504)


def _asking(summary: str, tag: str, shape: str, stream: str | None, answer: str = "") -> Operation:
    return Operation(summary, tag, shape, answer or f"{shape}Answer", stream, queued=True, refusals=_ASK)


def _verb(summary: str, shape: str, answer: str | None = None, stream: str | None = None) -> Operation:
    return Operation(summary, "Ollama: models, for admins' keys", shape, answer, stream, refusals=_LOOK)


_OLLAMA, _OPENAI, _QUEUE, _MODELS = "Ollama", "OpenAI", "Queue", "Ollama: models"

OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("post", "/api/chat"): _asking("Go on with a chat.", _OLLAMA, "OllamaChat", _NDJSON),
    ("post", "/api/generate"): _asking("Go on with a prompt.", _OLLAMA, "OllamaGenerate", _NDJSON),
    ("post", "/api/embed"): _asking("Turn texts into vectors.", _OLLAMA, "OllamaEmbed", None),
    ("post", "/api/embeddings"): _asking("Turn one text into a vector, as of old.", _OLLAMA, "OllamaEmbedOne", None),
    ("get", "/api/tags"): Operation("List the models.", _MODELS, answer="OllamaModels"),
    ("get", "/api/ps"): Operation("List the models in memory.", _MODELS, answer="OllamaModels"),
    ("get", "/api/version"): Operation("Tell which Ollama's API this is.", _MODELS, answer="OllamaVersion"),
    ("post", "/api/show"): Operation("Tell a model in full.", _MODELS, "OllamaNamed", "OllamaModel", refusals=_LOOK),
    ("post", "/api/pull"): _verb("Download a model.", "OllamaMoved", "OllamaStep", _NDJSON),
    ("post", "/api/push"): _verb("Upload a model.", "OllamaMoved", "OllamaStep", _NDJSON),
    ("post", "/api/create"): _verb("Make a model of another one.", "OllamaRecipe", "OllamaStep", _NDJSON),
    ("post", "/api/copy"): _verb("Give a model a second name.", "OllamaCopy"),
    ("delete", "/api/delete"): _verb("Delete a model.", "OllamaNamed"),
    ("get", "/api/queue"): Operation("Tell one's own jobs.", _QUEUE, answer="Queue", refusals=(403,)),
    ("delete", "/api/queue/{job_id}"): Operation("Stop one of one's own jobs.", _QUEUE, refusals=(403, 404)),
    ("get", "/api/openapi.json"): Operation("Give this document.", _QUEUE),
    ("post", "/v1/chat/completions"): _asking("Go on with a chat.", _OPENAI, "OpenAIChat", _EVENTS, "OpenAIAnswer"),
    ("post", "/v1/completions"): _asking("Go on with a prompt.", _OPENAI, "OpenAICompletion", _EVENTS, "OpenAIAnswer"),
    ("post", "/v1/embeddings"): _asking("Turn texts into vectors.", _OPENAI, "OpenAIEmbed", None),
    ("get", "/v1/models"): Operation("List the models.", _OPENAI, answer="OpenAIModels"),
    ("get", "/v1/models/{name}"): Operation(
        "Tell a model of the list.", _OPENAI, answer="OpenAIModel", refusals=(404,)
    ),
}

_WORDS: Final = {
    200: "Done.",
    204: "Stopped.",
    400: "What is asked makes no sense.",
    401: "No key, or one that does not work.",
    403: "The key, or its person, may not.",
    404: "No such model, or job.",
    413: "The body is too large.",
    429: "The queue is full, or a quota is spent: `Retry-After` tells when to come back.",
    499: "The job was stopped in the queue.",
    500: "The model server failed.",
    502: "The model server cannot be reached.",
    503: "The model server, or the app, is busy or going down.",
    504: "The answer took too long.",
}
_PLACE: Final = {
    "X-Queue-Id": told("The job, for `/api/queue/{job_id}`.", TEXT),
    "X-Queue-Position": told("The place in line; 0 once its turn has come.", COUNT),
    "X-Conversation": told("Where it is kept, if that was asked for with a header of this name.", TEXT),
    "X-Queue-Eta": told("Seconds that the wait is expected to take, where that is known.", COUNT),
}
_GONE, _NOBODY = 204, 401


def document() -> Json:
    """Give the document."""
    paths: Json = {}
    for (method, path), operation in OPERATIONS.items():
        paths.setdefault(path, {})[method] = _operation(path, operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Samovar",
            "version": __version__,
            "description": "Ollama's and OpenAI's APIs in front of one fair queue.",
        },
        "security": [{"bearer": []}, {"header": []}],
        "paths": paths,
        "components": {
            "schemas": SHAPES,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
    }


def _operation(path: str, operation: Operation) -> Json:
    told_of: Json = {"summary": operation.summary, "tags": [operation.tag], "responses": _responses(path, operation)}
    if operation.body is not None:
        content = {"application/json": {"schema": ref(operation.body)}}
        told_of["requestBody"] = {"required": True, "content": content}
    if "{" in path:
        name = path.partition("{")[2].rstrip("}")
        told_of["parameters"] = [{"name": name, "in": "path", "required": True, "schema": TEXT}]
    return told_of


def _responses(path: str, operation: Operation) -> Json:
    error = ref("OpenAIError" if path.startswith("/v1/") else "OllamaError")
    stopped = path.endswith("{job_id}")
    answers: Json = {"204": {"description": _WORDS[_GONE]}} if stopped else {"200": _answer(operation)}
    for status in (_NOBODY, *operation.refusals):
        answers[str(status)] = {"description": _WORDS[status], "content": {"application/json": {"schema": error}}}
    return answers


def _answer(operation: Operation) -> Json:
    content: Json = {"application/json": {"schema": ref(operation.answer)}} if operation.answer else {}
    if operation.stream is not None:
        content[operation.stream] = {}  # lines or events, of which JSON Schema has no word
    answer: Json = {"description": _WORDS[200]}
    answer |= {"content": content} if content else {}
    heads = {name: {"schema": shape} for name, shape in _PLACE.items()}
    return answer | ({"headers": heads} if operation.queued else {})
