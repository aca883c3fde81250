"""The files beside a question, as tabs show them. They come and go over HTTP (see `web.file_routes`)."""

from __future__ import annotations

from collections.abc import Sequence

from chatui.conversations.files.service import FileLimits
from chatui.domain.messages import ConversationId
from chatui.web.frames import Frame
from storage.attachments import Head


def files_frame(conversation: ConversationId | None, heads: Sequence[Head], limits: FileLimits) -> Frame:
    """What lies beside the next question of a conversation, and what may."""
    return {
        "t": "files",
        "conversation": str(conversation) if conversation else None,
        "items": [show_file(head) for head in heads],
        "largest_mb": limits.largest_mb,
        "most": limits.most,
    }


def show_file(head: Head) -> Frame:
    """A file; `tokens` is about what a model makes of it, `size` in bytes.

    `coding` is as what its text was read, where that was to be found out.
    """
    coding = head.media_type.partition("charset=")[2] or None
    shown = {"id": str(head.id), "name": head.name, "kind": head.kind, "size": head.size, "tokens": head.tokens}
    return {**shown, "coding": coding}
