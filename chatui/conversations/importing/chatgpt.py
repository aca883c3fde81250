"""ChatGPT's export: a list of conversations, each with its tree of messages as a `mapping` from id to node.

What a model and its tools say to each other are nodes of their own, and so is a first one without a message. Facts from
exports of 2023 to 2026; nobody publishes the format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from chatui.conversations.importing.fields import id_of, list_of, mapping_of, moment_of, name_of, text_of
from chatui.conversations.importing.origin import Mark, Marks, Node, Origin, Speaker

# Where it came from is told between characters that no font has.
_CITATION: Final = re.compile("\ue200[^\ue200\ue201]{0,500}\ue201")
_SILENT: Final = frozenset(
    {"reasoning_recap", "user_editable_context", "model_editable_context", "system_error", "app_pairing_content"}
)
_TO_EVERYBODY: Final = "all"


def is_chatgpt(told: Mapping[str, Any]) -> bool:
    """Tell whether an object is one of ChatGPT's conversations."""
    return isinstance(told.get("mapping"), dict)


def read_chatgpt(told: Mapping[str, Any], marks: Marks) -> Origin:
    """Read one conversation."""
    model = name_of(told.get("default_model_slug"))
    mapping = mapping_of(told.get("mapping"))
    nodes = [_node(id_of(key) or "", mapping_of(node), marks, model) for key, node in mapping.items()]
    return Origin(
        key=f"chatgpt:{id_of(told.get('conversation_id')) or id_of(told.get('id')) or ''}",
        nodes=nodes,
        shown=id_of(told.get("current_node")),
        title=name_of(told.get("title")),
        created_at=moment_of(told.get("create_time")),
        updated_at=moment_of(told.get("update_time")),
        archived=told.get("is_archived") is True,
        pinned=told.get("is_starred") is True,
    )


def _node(key: str, node: Mapping[str, Any], marks: Marks, model: str | None) -> Node:
    message = mapping_of(node.get("message"))
    metadata = mapping_of(message.get("metadata"))
    speaker = _speaker(message, metadata)
    text, thinking = ("", "") if speaker is Speaker.NOBODY else _said(message, metadata, marks)
    return Node(
        id=key,
        parent=id_of(node.get("parent")),
        speaker=speaker if text or thinking else Speaker.NOBODY,
        text=text,
        thinking=thinking,
        model=(name_of(metadata.get("model_slug")) or model) if speaker is Speaker.MODEL else None,
        at=moment_of(message.get("create_time")),
    )


def _speaker(message: Mapping[str, Any], metadata: Mapping[str, Any]) -> Speaker:
    if metadata.get("is_visually_hidden_from_conversation") is True:
        return Speaker.NOBODY
    match mapping_of(message.get("author")).get("role"):
        case "user":
            return Speaker.PERSON
        case "assistant" | "tool":
            return Speaker.MODEL
        case _:
            return Speaker.NOBODY


def _said(message: Mapping[str, Any], metadata: Mapping[str, Any], marks: Marks) -> tuple[str, str]:
    """What a message says, and what was thought before."""
    content = mapping_of(message.get("content"))
    kind = content.get("content_type")
    if isinstance(kind, str) and kind in _SILENT:
        return "", ""
    if kind == "thoughts":
        return "", _thoughts(content)
    if mapping_of(message.get("author")).get("role") == "tool":
        return _from_tool(content, marks), ""
    if message.get("recipient", _TO_EVERYBODY) not in (_TO_EVERYBODY, None):
        return marks[Mark.TOOL], ""
    parts = [*_parts(content, marks), *_attached(metadata, marks)]
    return "\n\n".join(part for part in parts if part), ""


def _parts(content: Mapping[str, Any], marks: Marks) -> list[str]:
    match content.get("content_type"):
        case "text" | "multimodal_text" | None:
            return [_part(part, marks) for part in list_of(content.get("parts"))]
        case "code":
            code = text_of(content.get("text"))
            return [f"```\n{code}\n```"] if code else []
        case _:
            return [text_of(content.get("text")) or marks[Mark.OTHER]]


def _part(part: object, marks: Marks) -> str:
    if isinstance(part, str):
        return _CITATION.sub("", text_of(part)).strip()
    described = mapping_of(part)
    match described.get("content_type"):
        case "image_asset_pointer":
            return marks[Mark.IMAGE]
        case "audio_transcription":
            return text_of(described.get("text"))
        case "audio_asset_pointer" | "real_time_user_audio_video_asset_pointer":
            return marks[Mark.AUDIO]
        case _:
            return marks[Mark.OTHER] if described else ""


def _from_tool(content: Mapping[str, Any], marks: Marks) -> str:
    """What a tool gave back is for the model; a picture that it drew is for the person."""
    drawn = [mapping_of(part).get("content_type") == "image_asset_pointer" for part in list_of(content.get("parts"))]
    return marks[Mark.IMAGE] if any(drawn) else marks[Mark.TOOL]


def _thoughts(content: Mapping[str, Any]) -> str:
    thoughts = [mapping_of(thought) for thought in list_of(content.get("thoughts"))]
    said = [text_of(thought.get("content")) or text_of(thought.get("summary")) for thought in thoughts]
    return "\n\n".join(thought for thought in said if thought)


def _attached(metadata: Mapping[str, Any], marks: Marks) -> list[str]:
    """One note for each file; pictures have theirs among the parts."""
    files = [mapping_of(file) for file in list_of(metadata.get("attachments"))]
    return [marks[Mark.FILE] for file in files if not text_of(file.get("mime_type")).startswith("image/")]
