"""A conversation as a document: Markdown and HTML of the branch that is shown, or JSON of all of it. Pure."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Any, Final
from uuid import UUID

from chatui.conversations.reading import Whole
from chatui.domain.messages import Role
from chatui.web.markdown import Markdown, plain
from chatui.web.wording import Wording
from storage.attachments import PICTURE
from storage.tables import Attachment, Message

FORMAT, VERSION = "samovar-conversation", 1
_NAME: Final = re.compile(r"[^\w -]+")
_LONGEST_NAME: Final = 80
_UNKNOWN_MODEL: Final = "?"


class Kind(StrEnum):
    """What a conversation can be had as."""

    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Document:
    """A file: its name, what it is, and what is in it."""

    name: str
    media_type: str
    text: str


def document(whole: Whole, kind: Kind, markdown: Markdown, words: Wording) -> Document:
    """Write a conversation out."""
    name = " ".join(_NAME.sub(" ", whole.conversation.title).split())[:_LONGEST_NAME].strip() or "conversation"
    match kind:
        case Kind.MARKDOWN:
            return Document(f"{name}.md", "text/markdown", _as_markdown(whole, words))
        case Kind.JSON:
            return Document(
                f"{name}.json", "application/json", json.dumps(_as_json(whole), ensure_ascii=False, indent=1)
            )
        case Kind.HTML:
            return Document(f"{name}.html", "text/html", _as_html(whole, markdown, words))


def _as_markdown(whole: Whole, words: Wording) -> str:
    turns = [
        f"## {_heading(message, words)}\n\n{_names(whole, message)}{message.content.strip()}\n"
        for message in whole.branch
    ]
    return "\n".join((f"# {whole.conversation.title}\n", *turns))


def _as_json(whole: Whole) -> dict[str, Any]:
    conversation = whole.conversation
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": str(conversation.id),
        "title": conversation.title,
        "model": conversation.model,
        "created_at": conversation.created_at.isoformat(),
        "shown": str(conversation.leaf_id) if conversation.leaf_id else None,
        "messages": list(map(_message, whole.messages)),
        "files": _files(whole),
    }


def _names(whole: Whole, message: Message) -> str:
    """The files of a message, by name: what is in them does not go into Markdown."""
    lines = [f"- {file.name}\n" for file in whole.files.get(message.id, ())]
    return "".join([*lines, "\n"]) if lines else ""


def _files(whole: Whole) -> list[dict[str, Any]]:
    """Every file once, with the messages that it stands beside."""
    beside: dict[UUID, list[str]] = {}
    for message_id, files in whole.files.items():
        for file in files:
            beside.setdefault(file.id, []).append(str(message_id))
    files_once = {file.id: file for files in whole.files.values() for file in files}
    return [_file(file, beside[file.id]) for file in files_once.values()]


def _file(file: Attachment, messages: list[str]) -> dict[str, Any]:
    return {
        "id": str(file.id),
        "conversation_id": str(file.conversation_id),
        "messages": messages,
        "name": file.name,
        "media_type": file.media_type,
        "text": file.text,
        "data": b64encode(file.data).decode(),
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "parent": str(message.parent_id) if message.parent_id else None,
        "role": message.role,
        "content": message.content,
        "thinking": message.thinking,
        "state": message.state,
        "model": message.model,
        "rating": message.rating,
        "output_tokens": message.output_tokens,
        "created_at": message.created_at.isoformat(),
    }


def _as_html(whole: Whole, markdown: Markdown, words: Wording) -> str:
    return _PAGE.format(
        language="zh-CN" if words.language == "zh" else words.language,
        title=escape(whole.conversation.title),
        turns="\n".join(_turns(whole, markdown, words)),
    )


def _turns(whole: Whole, markdown: Markdown, words: Wording) -> list[str]:
    return [
        f'<article class="{"answer" if _answers(message) else "question"}">'
        f"<h2>{escape(_heading(message, words))}</h2>{_figures(whole, message)}"
        f"{markdown.render(message.content) if _answers(message) else plain(message.content)}</article>"
        for message in whole.branch
    ]


def _figures(whole: Whole, message: Message) -> str:
    """Pictures as they are, other files by name."""
    return "".join(map(_figure, whole.files.get(message.id, ())))


def _figure(file: Attachment) -> str:
    caption = f"<figcaption>{escape(file.name)}</figcaption>"
    if file.kind != PICTURE:
        return f"<figure>{caption}</figure>"
    source = f"data:{file.media_type};base64,{b64encode(file.data).decode()}"
    return f'<figure><img src="{source}" alt="">{caption}</figure>'


def _heading(message: Message, words: Wording) -> str:
    if _answers(message):
        return words.page["answered"].format(model=message.model or _UNKNOWN_MODEL)
    return words.page["asked"]


def _answers(message: Message) -> bool:
    return message.role == Role.ASSISTANT


# Whole in itself, and without a script: the policy holds for whoever opens the file.
_PAGE: Final = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --ink: light-dark(#29261f, #eae6df); --soft: light-dark(#f1eee8, #2a2825);
  --quiet: light-dark(#6b655a, #a8a196); }}
body {{ max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; color: var(--ink); overflow-wrap: anywhere;
  background: light-dark(#fcfbf9, #1c1b19); font: 1rem/1.6 system-ui, "Noto Sans CJK SC", sans-serif; }}
h1 {{ font-size: 1.5rem; line-height: 1.3; }}
h2 {{ margin: 0 0 .25rem; font-size: .8rem; font-weight: 600; color: var(--quiet); }}
article {{ margin-top: 1.5rem; }}
.question {{ padding: .75rem 1rem; border-radius: 12px; background: var(--soft); }}
figure {{ margin: 0 0 .5rem; }}
figure img {{ max-width: 100%; border-radius: 8px; }}
figcaption {{ font-size: .8rem; color: var(--quiet); }}
.question p {{ margin: 0; white-space: pre-wrap; }}
pre {{ padding: .75rem 1rem; border-radius: 12px; background: var(--soft); overflow-x: auto; }}
code {{ font-family: ui-monospace, monospace; font-size: .9em; }}
table {{ border-collapse: collapse; }}
td, th {{ padding: .25rem .75rem; border-bottom: 1px solid var(--soft); text-align: left; }}
</style>
</head>
<body>
<h1>{title}</h1>
{turns}
</body>
</html>
"""
