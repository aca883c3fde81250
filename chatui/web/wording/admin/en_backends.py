"""The words of the page about model servers, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_backends": "Model servers",
    "backends_text": (
        "Who answers. What is added here stays over a restart. What waits for the models of a server that was removed "
        "waits for another one that has them, and is told so."
    ),
    "backends_server": "Server",
    "backends_kind": "Kind",
    "backends_state": "State",
    "backends_models": "Models",
    "backends_kind_ollama": "Ollama",
    "backends_kind_openai": "OpenAI-compatible",
    "backends_kind_embedded": "Built in",
    "backends_ok": "answers",
    "backends_not_ok": "does not answer",
    "backends_paused": "paused",
    "backends_acts": "What can be done",
    "backends_none": "There is no model server: nothing can be answered. Add one below.",
    "backends_new": "Add a server",
    "backends_address": "Address",
    "backends_address_hint": "Such as http://gpu-box:11434. ollama=URL or openai=URL say which kind it is.",
    "backends_add": "Add",
    "backends_test": "Test only",
    "backends_look": "Test",
    "backends_pause": "Pause",
    "backends_resume": "Go on",
    "backends_remove": "Remove",
    "backends_added": "Added.",
    "backends_answers": "{name} answers: {kind}, models: {count} ({models})",
    "backends_empty": "{name} answers: {kind}, but it has no model yet.",
    "backends_silent": "{name} does not answer. {fault}",
}
