"""The words of the usage page, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_usage": "Usage",
    "usage_text": "What people took of the models. Days are those of UTC; people who were deleted are not in it.",
    "usage_first": "From",
    "usage_last": "To",
    "usage_by": "Sum by",
    "usage_by_person": "Person",
    "usage_by_group": "Group",
    "usage_by_model": "Model",
    "usage_show": "Show",
    "usage_export": "Download as CSV",
    "usage_name": "Name",
    "usage_answers": "Answers",
    "usage_read": "Tokens read",
    "usage_written": "Tokens written",
    "usage_tokens": "Tokens in all",
    "usage_no_group": "without a group",
    "usage_sums_person": "Sums by person",
    "usage_sums_group": "Sums by group",
    "usage_sums_model": "Sums by model",
    "usage_none": "Nobody asked anything in these days.",
    "usage_flaw_day": "Give a day such as 2026-11-30.",
    "usage_flaw_order": "The last day is before the first one.",
    "did_usage_exported": "downloaded the usage",
}
