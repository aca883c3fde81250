"""What Ollama's error texts mean: the one place where they are read.

Texts of the servers before v0.30 (its own runner) and since (llama-server) stand side by side.
"""

from __future__ import annotations

from chatui.backends.refusals import RefusalTable, Rule
from chatui.domain.errors import (
    AskRefused,
    BackendBusy,
    BackendFailed,
    BackendMisconfigured,
    CapabilityMissing,
    ModelLoadFailed,
    ModelNotFound,
    OutOfMemory,
    PromptTooLong,
    ReplyInterrupted,
)

OLLAMA_ERRORS = RefusalTable(
    (
        # Permanent for this file and this version, though some arrive as a failed load.
        Rule(r"may be incompatible with your version", BackendFailed),
        Rule(r"llama-server binary not found", BackendMisconfigured),
        Rule(r"tensor .* exceeds file size", BackendFailed),
        # Memory comes before the other failed loads, whose texts it is a part of.
        Rule(r"insufficient memory", OutOfMemory),
        Rule(r"failed to allocate", OutOfMemory),
        Rule(r"out[ -]of[ -]memory", OutOfMemory),
        Rule(r"model requires more system memory", OutOfMemory),
        Rule(r"llama-server process has terminated", ModelLoadFailed),
        Rule(r"llama runner process has terminated", ModelLoadFailed),
        Rule(r"timed out waiting for (llama-server|llama runner) to start", ModelLoadFailed),
        Rule(r"model failed to load", ModelLoadFailed),
        Rule(r"unable to load model", ModelLoadFailed),
        # The runner went away under the request; the next one loads it again.
        Rule(r"llama-server process no longer running", ReplyInterrupted),
        Rule(r"llama runner process no longer running", ReplyInterrupted),
        Rule(r"unexpected server status", ReplyInterrupted),
        Rule(r"model runner has unexpectedly stopped", ReplyInterrupted),
        Rule(r"an error was encountered while running the model", ReplyInterrupted),
        Rule(r"request cancell?ed|context cancell?ed", ReplyInterrupted),
        Rule(r"server busy, please try again", BackendBusy),
        Rule(r"no slots available after", BackendBusy),
        Rule(r"exceeds the available context size", PromptTooLong),
        Rule(r"exceed_context_size_error", PromptTooLong),
        Rule(r"the prompt is longer than the context length", PromptTooLong),
        Rule(r"the input length exceeds the (maximum )?context length", PromptTooLong),
        # What the ask itself gets wrong; some of it comes with status 500.
        Rule(r"invalid format:", AskRefused),
        Rule(r"^option \".*\" must be of", AskRefused),
        Rule(r"invalid tool call arguments|invalid think value|invalid message", AskRefused),
        Rule(r"does not support", CapabilityMissing),
        Rule(r"model ['\"].*['\"] not found", ModelNotFound),
        Rule(r"not found, try pulling it first", ModelNotFound),
        Rule(r"pull model manifest: file does not exist", ModelNotFound),
    ),
)
