"""What the form for a new key says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from chatui.accounts.keys import KeyWish
from chatui.domain.errors import InvalidInput
from chatui.domain.jobs import Priority
from chatui.domain.people import KeyScope

_MOST_DIGITS = 4


def wish_from(form: Mapping[str, str]) -> KeyWish:
    """Read the form; raises InvalidInput."""
    days, most = _count(form, "days"), _count(form, "most")
    return KeyWish(
        name=form.get("name", ""),
        scopes=frozenset(scope for scope in KeyScope if f"scope_{scope}" in form),
        life=None if days is None else timedelta(days=days),
        priority=Priority.LOW if form.get("priority") == "low" else None,
        most=most,
    )


def _count(form: Mapping[str, str], name: str) -> int | None:
    """Read a number; None where the field is empty."""
    text = form.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise InvalidInput(name)
    return int(text)
