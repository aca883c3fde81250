"""Which program a conversation is from."""

from __future__ import annotations

from chatui.conversations.importing.chatgpt import is_chatgpt, read_chatgpt
from chatui.conversations.importing.flaws import LeftOut, Unusable
from chatui.conversations.importing.open_webui import is_open_webui, read_open_webui
from chatui.conversations.importing.origin import Marks, Origin
from chatui.conversations.importing.own import is_own, read_own


def origin_from(told: object, marks: Marks) -> Origin:
    """Read a conversation of whatever program; raises `Unusable` for anything else."""
    if isinstance(told, dict):
        if is_chatgpt(told):
            return read_chatgpt(told, marks)
        if is_open_webui(told):
            return read_open_webui(told, marks)
        if is_own(told):
            return read_own(told)
    raise Unusable(LeftOut.UNKNOWN)
