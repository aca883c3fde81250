"""The words of the overview, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "overview_waiting": "Waiting",
    "overview_running": "Running",
    "overview_memory": "Memory free",
    "overview_servers": "Servers that answer",
    "overview_loaded": "Loaded models",
    "overview_model": "Model",
    "overview_backend": "Server",
    "overview_size": "Memory",
    "overview_until": "Stays until",
    "overview_until_unknown": "the server decides",
    "overview_none_loaded": "No model is loaded. The next question loads one first.",
}
