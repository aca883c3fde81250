"""The words of the overview, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "overview_waiting": "Waiting",
    "overview_running": "Running",
    "overview_first": "First token, 95 %",
    "overview_speed": "Tokens",
    "overview_memory": "Memory",
    "overview_loaded": "Loaded models",
    "overview_model": "Model",
    "overview_backend": "Server",
    "overview_size": "Memory",
    "overview_until": "Stays until",
    "overview_until_unknown": "the server decides",
    "overview_none_loaded": "No model is loaded. The next question loads one first.",
    "overview_on_card": "{size}, {card} of it on the card",
    "overview_loading": "loading for {time}",
    "overview_failures": "Failures",
    "overview_no_failures": "Nothing failed that has not been seen to.",
    "overview_failed": "Attempts: {count}, {where}, the last at {at}",
    "overview_look": "Look",
}
