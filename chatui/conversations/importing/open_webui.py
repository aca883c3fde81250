"""Open WebUI's export: a list of chats, each with a tree of messages in `chat.history`; old ones have a plain list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatui.conversations.importing.fields import id_of, list_of, mapping_of, moment_of, name_of, text_of
from chatui.conversations.importing.origin import Mark, Marks, Node, Origin, Speaker

_OPEN, _CLOSE = '<details type="', "</details>"
_SPEAKERS: Final = {"user": Speaker.PERSON, "assistant": Speaker.MODEL, "tool": Speaker.MODEL}


def is_open_webui(told: Mapping[str, Any]) -> bool:
    """Tell whether an object is one of Open WebUI's chats."""
    chat = mapping_of(told.get("chat"))
    return isinstance(chat.get("history"), dict) or isinstance(chat.get("messages"), list)


def read_open_webui(told: Mapping[str, Any], marks: Marks) -> Origin:
    """Read one chat."""
    chat = mapping_of(told.get("chat"))
    history = mapping_of(chat.get("history"))
    models = [name for name in map(name_of, list_of(chat.get("models"))) if name]
    model = models[0] if models else None
    messages = mapping_of(history.get("messages"))
    if messages:
        nodes = [_node(id_of(key) or "", mapping_of(message), marks, model) for key, message in messages.items()]
    else:
        nodes = _chained(list_of(chat.get("messages")), marks, model)
    return Origin(
        key=f"openwebui:{id_of(told.get('id')) or id_of(chat.get('id')) or ''}",
        nodes=nodes,
        shown=id_of(history.get("currentId")) if messages else (nodes[-1].id if nodes else None),
        title=name_of(told.get("title")) or name_of(chat.get("title")),
        created_at=moment_of(told.get("created_at")) or moment_of(chat.get("timestamp")),
        updated_at=moment_of(told.get("updated_at")),
        pinned=told.get("pinned") is True,
        archived=told.get("archived") is True,
    )


def _chained(messages: Any, marks: Marks, model: str | None) -> list[Node]:
    """Messages without a tree follow each other."""
    nodes: list[Node] = []
    for number, message in enumerate(messages):
        told = {**mapping_of(message), "parentId": nodes[-1].id if nodes else None}
        nodes.append(_node(str(number), told, marks, model))
    return nodes


def _node(key: str, message: Mapping[str, Any], marks: Marks, model: str | None) -> Node:
    speaker = _SPEAKERS.get(text_of(message.get("role")), Speaker.NOBODY)
    text, thinking = _said(message, speaker, marks)
    return Node(
        id=key,
        parent=id_of(message.get("parentId")),
        speaker=speaker if text or thinking else Speaker.NOBODY,
        text=text,
        thinking=thinking,
        model=(name_of(message.get("model")) or model) if speaker is Speaker.MODEL else None,
        at=moment_of(message.get("timestamp")),
    )


def _said(message: Mapping[str, Any], speaker: Speaker, marks: Marks) -> tuple[str, str]:
    """What a message says, and what was thought before."""
    content = message.get("content")
    parts = [text_of(content)] if isinstance(content, str) else [_part(part, marks) for part in list_of(content)]
    text, thinking = "\n\n".join(part for part in parts if part), ""
    if speaker is Speaker.MODEL:
        text, thinking = _without_details(text, marks)
    files = [_file(mapping_of(file), marks) for file in list_of(message.get("files"))]
    return "\n\n".join(part for part in (text.strip(), *files) if part), thinking


def _part(part: object, marks: Marks) -> str:
    described = mapping_of(part)
    match described.get("type"):
        case "text":
            return text_of(described.get("text"))
        case "image_url":
            return marks[Mark.IMAGE]
        case _:
            return marks[Mark.OTHER]


def _file(file: Mapping[str, Any], marks: Marks) -> str:
    return marks[Mark.IMAGE] if file.get("type") == "image" else marks[Mark.FILE]


def _without_details(text: str, marks: Marks) -> tuple[str, str]:
    """Take out what is folded away in an answer: what the model thought, and what it had tools do."""
    said: list[str] = []
    thought: list[str] = []
    at = 0
    while (begins := text.find(_OPEN, at)) >= 0 and (ends := text.find(_CLOSE, begins)) >= 0:
        said.append(text[at:begins])
        if text.startswith("reasoning", begins + len(_OPEN)):
            thought.append(_reasoning(text[begins:ends]))
        else:
            said.append(f"\n\n{marks[Mark.TOOL]}\n\n")
        at = ends + len(_CLOSE)
    return "".join([*said, text[at:]]), "\n\n".join(part for part in thought if part)


def _reasoning(details: str) -> str:
    """What stands in the folded part, which is written as a quotation, without its summary."""
    _, summary, rest = details.partition("</summary>")
    inner = rest if summary else details.partition(">")[2]
    return "\n".join(line.removeprefix("> ").removeprefix(">") for line in inner.strip().splitlines())
