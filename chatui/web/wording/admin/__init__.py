"""The words of the admin's pages: one module per page and language, so that each page brings its own.

A key begins with its page's name, as in `overview_waiting`. The script of a page gets the words that begin so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatui.web.wording.admin import (
    en_backends,
    en_charts,
    en_database,
    en_failures,
    en_models,
    en_overview,
    en_queue,
    en_settings,
    en_shell,
    en_system,
    en_tuning,
    en_usage,
    en_warmup,
    zh_backends,
    zh_charts,
    zh_database,
    zh_failures,
    zh_models,
    zh_overview,
    zh_queue,
    zh_settings,
    zh_shell,
    zh_system,
    zh_tuning,
    zh_usage,
    zh_warmup,
)

PARTS: Final[Mapping[str, tuple[Mapping[str, str], ...]]] = {
    "en": (
        en_shell.WORDS,
        en_overview.WORDS,
        en_queue.WORDS,
        en_charts.WORDS,
        en_failures.WORDS,
        en_warmup.WORDS,
        en_tuning.WORDS,
        en_usage.WORDS,
        en_settings.WORDS,
        en_models.WORDS,
        en_database.WORDS,
        en_system.WORDS,
        en_backends.WORDS,
    ),
    "zh": (
        zh_shell.WORDS,
        zh_overview.WORDS,
        zh_queue.WORDS,
        zh_charts.WORDS,
        zh_failures.WORDS,
        zh_warmup.WORDS,
        zh_tuning.WORDS,
        zh_usage.WORDS,
        zh_settings.WORDS,
        zh_models.WORDS,
        zh_database.WORDS,
        zh_system.WORDS,
        zh_backends.WORDS,
    ),
}
"""By language, the words of each page."""


def admin_words(language: str) -> dict[str, str]:
    """Every word of the admin's pages in one language."""
    return {key: word for part in PARTS[language] for key, word in part.items()}
