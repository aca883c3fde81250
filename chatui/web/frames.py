"""What a tab says: reading the fields of its frames. Nothing in them is trusted."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

from chatui.domain.messages import ConversationId, MessageId, ModelName

Frame = dict[str, Any]

_LONGEST = 4_000_000  # characters; a message that is too long is refused with a sentence, not by a closed line
# JSON can carry halves of surrogate pairs and NUL; neither can be written as UTF-8 text everywhere.
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


class BadFrame(Exception):
    """A frame that no page of ours sends."""


def frame_from(text: str) -> Frame:
    """Read a frame; raises `BadFrame` for what is no JSON object, or too long."""
    if len(text) > _LONGEST:
        raise BadFrame(f"{len(text)} characters")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame("not JSON, or nested without end") from error
    if not isinstance(frame, dict):
        raise BadFrame("not an object")
    return frame


def text_in(frame: Frame, name: str) -> str | None:
    """A text that can be kept anywhere; raises `BadFrame` when it is something else."""
    value = frame.get(name)
    if value is not None and not isinstance(value, str):
        raise BadFrame(f"{name} is no text")
    return _UNWRITABLE.sub("\ufffd", value) if value else value


def number_in(frame: Frame, name: str) -> int | None:
    """A whole number; raises `BadFrame` when it is something else."""
    value = frame.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadFrame(f"{name} is no number")
    return value


def uuid_in(frame: Frame, name: str) -> UUID | None:
    """An id; None for what is none, as in an address that somebody typed: there is no such thing."""
    value = text_in(frame, name)
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


def uuids_in(frame: Frame, name: str) -> tuple[UUID, ...]:
    """A list of ids, none where there is no list; raises `BadFrame` for a list of something else."""
    value = frame.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadFrame(f"{name} is no list of ids")
    try:
        return tuple(UUID(one) for one in value)
    except ValueError as error:
        raise BadFrame(f"{name} is no list of ids") from error


def required_uuid(frame: Frame, name: str) -> UUID:
    """An id without which the frame says nothing; raises `BadFrame`."""
    value = uuid_in(frame, name)
    if value is None:
        raise BadFrame(f"{name} is missing")
    return value


def model_in(frame: Frame) -> ModelName | None:
    """The model that was picked."""
    name = text_in(frame, "model")
    return ModelName(name) if name else None


def models_in(frame: Frame, most: int) -> tuple[ModelName, ...]:
    """Models that were picked beside one, each once; raises `BadFrame` for more than so many, or something else."""
    value = frame.get("others") or []
    if not isinstance(value, list) or len(value) > most or not all(isinstance(name, str) for name in value):
        raise BadFrame("no list of models")
    return tuple(dict.fromkeys(ModelName(_UNWRITABLE.sub("\ufffd", name)) for name in value if name))


def message_in(frame: Frame) -> MessageId:
    """The message that the frame is about."""
    return MessageId(required_uuid(frame, "message"))


def conversation_in(frame: Frame) -> ConversationId:
    """The conversation that the frame is about."""
    return ConversationId(required_uuid(frame, "conversation"))
