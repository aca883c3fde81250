"""What the error texts of OpenAI-compatible servers mean: the one place where they are read.

llama-server, vLLM, SGLang, LM Studio and routers in front of them say the same things in their own words.
"""

from __future__ import annotations

from chatui.backends.refusals import RefusalTable, Rule
from chatui.domain.errors import (
    BackendBusy,
    BackendMisconfigured,
    CapabilityMissing,
    ModelLoadFailed,
    ModelNotFound,
    OutOfMemory,
    PromptTooLong,
)

OPENAI_ERRORS = RefusalTable(
    (
        Rule(r"exceed_context_size_error", PromptTooLong),
        Rule(r"exceeds the available context size", PromptTooLong),
        Rule(r"maximum context length", PromptTooLong),
        Rule(r"context_length_exceeded", PromptTooLong),
        Rule(r"longer than the (model's )?context length", PromptTooLong),
        Rule(r"greater than the context length", PromptTooLong),
        Rule(r"is too large to process", PromptTooLong),
        Rule(r"authentication_error|invalid_api_key|invalid api key", BackendMisconfigured),
        Rule(r"loading model", BackendBusy),
        Rule(r"out[ -]of[ -]memory", OutOfMemory),
        Rule(r"failed to load( the)? model|model failed to load", ModelLoadFailed),
        Rule(r"model ['\"`]?.*['\"`]? (does not exist|not found)", ModelNotFound),
        Rule(r"model_not_found", ModelNotFound),
        Rule(r"does not support|(is|are) not supported|not_supported_error", CapabilityMissing),
    ),
)
