"""The two tables of upstream texts, and the mapping of what httpx raises."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from chatui.backends.http import FOREIGN_ERRORS, ErrorReply, backend_error, mapped
from chatui.backends.ollama_errors import OLLAMA_ERRORS
from chatui.backends.openai_errors import OPENAI_ERRORS
from chatui.backends.refusals import innermost_text
from chatui.domain.errors import (
    AskRefused,
    BackendBusy,
    BackendError,
    BackendFailed,
    BackendMisconfigured,
    BackendUnreachable,
    CapabilityMissing,
    ModelLoadFailed,
    ModelNotFound,
    OutOfMemory,
    PromptTooLong,
    ReplyInterrupted,
)

# As Ollama says them: since v0.30, and before.
OLLAMA_TEXTS = [
    (503, "server busy, please try again.  maximum pending requests exceeded", BackendBusy),
    (500, "llama-server process has terminated: exit status 1", ModelLoadFailed),
    (500, "llama-server process has terminated: error loading model: insufficient memory", OutOfMemory),
    (500, "llama-server process has terminated: failed to allocate buffer of size 9", OutOfMemory),
    (500, "llama-server process has terminated: CUDA error: out of memory", OutOfMemory),
    (500, "llama-server reported out-of-memory during startup", OutOfMemory),
    (500, "timed out waiting for llama-server to start - progress 0.50", ModelLoadFailed),
    (500, "llama-server process no longer running: -1 signal: killed", ReplyInterrupted),
    (500, "unexpected server status: 7", ReplyInterrupted),
    (500, "no slots available after 10 retries", BackendBusy),
    (500, "model runner has unexpectedly stopped, this may be due to resource limitations", ReplyInterrupted),
    (500, "an error was encountered while running the model: unexpected EOF", ReplyInterrupted),
    (499, "request canceled", ReplyInterrupted),
    (404, "model 'x' not found", ModelNotFound),
    (404, 'model "x" not found, try pulling it first', ModelNotFound),
    (400, '"x" does not support thinking', CapabilityMissing),
    (400, "registry.ollama.ai/library/x does not support tools", CapabilityMissing),
    (500, "Multimodal data provided, but model does not support multimodal requests", CapabilityMissing),
    (400, "request (9 tokens) exceeds the available context size (4 tokens), try increasing it", PromptTooLong),
    (400, "the prompt is longer than the context length", PromptTooLong),
    (500, 'invalid format: "xml"; expected "json" or a valid JSON Schema object', AskRefused),
    (500, 'option "num_ctx" must be of type integer', AskRefused),
    (500, "tensor 'blk.0' data exceeds file size", BackendFailed),
    (500, "this model may be incompatible with your version of Ollama", BackendFailed),
    (500, "llama-server binary not found", BackendMisconfigured),
    (400, 'time: missing unit in duration "x"', AskRefused),
    (400, "invalid message format", AskRefused),
    (400, '"x" does not support insert', CapabilityMissing),
    (500, "llama runner process has terminated: exit status 2", ModelLoadFailed),
    (500, "timed out waiting for llama runner to start - progress 0.00 -", ModelLoadFailed),
    (500, "model failed to load, this may be due to resource limitations or an internal error", ModelLoadFailed),
    (500, "model requires more system memory (5.5 GiB) than is available (3.1 GiB)", OutOfMemory),
    (500, "unable to load model: /usr/share/ollama/.ollama/models/blobs/sha256-1", ModelLoadFailed),
    (500, "the input length exceeds the context length", PromptTooLong),
    (500, "pull model manifest: file does not exist", ModelNotFound),
    (500, "something new", BackendFailed),
    (418, "", BackendFailed),
]

OPENAI_TEXTS = [
    (400, "exceed_context_size_error", "request (9 tokens) exceeds the available context size", PromptTooLong),
    (400, "BadRequestError", "This model's maximum context length is 4096 tokens. However, you", PromptTooLong),
    (400, "invalid_request_error", "The prompt is greater than the context length", PromptTooLong),
    (404, "NotFoundError", "The model `x` does not exist.", ModelNotFound),
    (404, "invalid_request_error", "model 'x' not found", ModelNotFound),
    (400, "model_not_found", "No such thing", ModelNotFound),
    (401, "authentication_error", "Invalid API Key", BackendMisconfigured),
    (403, "permission_error", "not for you", BackendMisconfigured),
    (503, "unavailable_error", "Loading model", BackendBusy),
    (429, "rate_limit_error", "slow down", BackendBusy),
    (500, "server_error", "failed to load model", ModelLoadFailed),
    (500, "server_error", "CUDA out of memory", OutOfMemory),
    (501, "not_supported_error", "This server cannot", CapabilityMissing),
    (500, "server_error", "image input is not supported - hint: you may need the mmproj", CapabilityMissing),
    (500, "server_error", "input (600 tokens) is too large to process. increase the physical batch", PromptTooLong),
    (400, "invalid_request_error", "JSON schema error at #: unrecognized type bogus", AskRefused),
    (422, "", "Input should be a valid list", AskRefused),
    (500, "server_error", "anything else", BackendFailed),
]


@pytest.mark.parametrize(("status", "text", "expected"), OLLAMA_TEXTS)
def test_ollama_texts(status: int, text: str, expected: type[BackendError]) -> None:
    body = httpx.Response(status, json={"error": text}).text

    error = OLLAMA_ERRORS.read(ErrorReply(status, body))

    assert type(error) is expected
    assert error.detail == text or not text


@pytest.mark.parametrize(("status", "kind", "text", "expected"), OPENAI_TEXTS)
def test_openai_texts(status: int, kind: str, text: str, expected: type[BackendError]) -> None:
    body = httpx.Response(status, json={"error": {"message": text, "type": kind, "code": status}}).text

    error = OPENAI_ERRORS.read(ErrorReply(status, body))

    assert type(error) is expected
    assert text in error.detail


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"error":"plain"}', "plain"),
        ('{"error":"{\\"error\\":{\\"message\\":\\"inner\\"}}"}', "inner"),
        ('{"error":{"message":"{\\"error\\":\\"deep\\"}"}}', "deep"),
        ('{"message":"bare"}', "bare"),
        ('{"detail":"as FastAPI says it"}', "as FastAPI says it"),
        ('{"error":{"message":"m","type":"t"}}', "m (t)"),
        ('{"error":', '{"error":'),
        ('{"error":7}', '{"error":7}'),
        ("not JSON", "not JSON"),
        ("{" * 5000, "{" * 5000),
        ("", ""),
    ],
)
def test_the_innermost_text(body: str, expected: str) -> None:
    assert innermost_text(body) == expected


def all_httpx_errors() -> list[type[Exception]]:
    def below(parent: type[Exception]) -> Iterator[type[Exception]]:
        yield parent
        for child in parent.__subclasses__():
            if child.__module__ == "httpx":
                yield from below(child)

    return sorted({error for root in FOREIGN_ERRORS for error in below(root)}, key=lambda error: error.__name__)


def test_the_tree_of_httpx_is_known_whole() -> None:
    exported = {thing for thing in vars(httpx).values() if isinstance(thing, type) and issubclass(thing, Exception)}

    assert exported == set(all_httpx_errors())


@pytest.mark.parametrize("error", all_httpx_errors())
@pytest.mark.parametrize("broken", [BackendUnreachable, ReplyInterrupted])
def test_every_error_of_httpx_maps(error: type[Exception], broken: type[BackendError]) -> None:
    # Their constructors differ; an instance is enough for the mapping.
    raised = error.__new__(error)
    with pytest.raises(BackendError) as caught, mapped(broken):
        raise raised

    assert caught.value.__cause__ is raised
    assert error.__name__ in str(caught.value)


def test_a_broken_line_means_what_the_moment_says() -> None:
    for error in (httpx.ReadError("x"), httpx.RemoteProtocolError("x"), httpx.WriteError("x"), httpx.ReadTimeout("x")):
        assert type(backend_error(error, BackendUnreachable)) is BackendUnreachable
        assert type(backend_error(error, ReplyInterrupted)) is ReplyInterrupted
    assert type(backend_error(httpx.ConnectError("x"), ReplyInterrupted)) is BackendUnreachable
    assert type(backend_error(httpx.UnsupportedProtocol("x"), BackendUnreachable)) is BackendMisconfigured
