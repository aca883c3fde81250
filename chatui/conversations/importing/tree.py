"""The tree of another program's conversation as a tree of ours: questions and answers in turn. Pure.

Between two questions others have any number of nodes: thoughts, calls of tools, what came back, the answer in pieces.
Every way through them becomes one answer here. Whoever follows a node that nobody sees follows what was before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from chatui.conversations.importing.fields import LONGEST_ANSWER, LONGEST_QUESTION
from chatui.conversations.importing.flaws import LeftOut, Unusable
from chatui.conversations.importing.origin import Mark, Marks, Node, Origin, Speaker
from chatui.conversations.titles import title_from
from chatui.domain.messages import Role, UserId
from storage.tables import Conversation, Message

MOST_NODES: Final = 10_000
MOST_CHARACTERS: Final = 20_000_000
"""Of one conversation; shared beginnings of answers count for each of them."""
_STEP: Final = timedelta(milliseconds=1)
_NODE: Final = 50
"""What a node costs beside its text, in characters."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A conversation of ours, with its messages, each behind the one that it follows. `was` is its id if it is ours."""

    conversation: Conversation
    messages: Sequence[Message]
    was: UUID | None


@dataclass(frozen=True, slots=True)
class _Run:
    """The nodes of an answer so far, the last first: a list that branches share the beginning of."""

    node: Node
    before: _Run | None
    length: int


@dataclass(slots=True)
class _Planting:
    """The messages so far: `answers` by the node that they end with, `ends` by that at which a branch does."""

    conversation: UUID
    marks: Marks
    start: datetime
    now: datetime
    messages: list[Message] = field(default_factory=list)
    answers: dict[str, Message] = field(default_factory=dict)
    ends: dict[str, Message] = field(default_factory=dict)
    characters: int = 0


def planted(origin: Origin, account: UserId, marks: Marks, now: datetime) -> Planted:
    """Make a conversation of the account; the same from the same each time. Raises `Unusable`."""
    if len(origin.nodes) > MOST_NODES:
        raise Unusable(LeftOut.TOO_LONG)
    key = origin.key if not origin.key.endswith(":") else f"{origin.key}{_fingerprint(origin)}"
    identity = uuid5(account, key)
    start = min(origin.created_at or _first_moment(origin) or now, now)
    planting = _Planting(identity, marks, start, now)
    _walk(origin, planting)
    if not planting.messages:
        raise Unusable(LeftOut.EMPTY)
    leaf = planting.ends.get(origin.shown or "") or planting.messages[-1]
    conversation = Conversation(
        id=identity,
        account_id=account,
        title=origin.title or title_from(planting.messages[0].content),
        titled_by="person",  # it stays as it was
        model=origin.model,
        leaf_id=leaf.id,
        created_at=start,
        updated_at=min(origin.updated_at or leaf.created_at, now),
        pinned=origin.pinned,
        archived=origin.archived,
    )
    return Planted(conversation, planting.messages, _own_id(key))


def _walk(origin: Origin, planting: _Planting) -> None:
    """Visit every node, each before those that follow it; raises `Unusable` where they are no tree."""
    nodes = {node.id: node for node in origin.nodes}
    following: defaultdict[str | None, list[Node]] = defaultdict(list)
    for node in nodes.values():
        following[node.parent if node.parent in nodes else None].append(node)
    waiting: list[tuple[Node, Message | None, _Run | None]] = [(node, None, None) for node in reversed(following[None])]
    seen = 0
    while waiting:
        node, parent, run = waiting.pop()
        seen += 1
        parent, run = _visit(planting, node, parent, run)
        behind = following.get(node.id, ())
        ends = not behind or node.id == origin.shown
        if run is not None and ends:
            planting.ends[node.id] = _answer(planting, parent, run)
        elif parent is not None and ends:
            planting.ends[node.id] = parent
        waiting.extend((child, parent, run) for child in reversed(behind))
    if seen != len(nodes) or len(nodes) != len(origin.nodes):
        raise Unusable(LeftOut.DAMAGED)


def _visit(
    planting: _Planting, node: Node, parent: Message | None, run: _Run | None
) -> tuple[Message | None, _Run | None]:
    """Take in a node; gives what follows it follows, and the answer that is not ended yet."""
    match node.speaker:
        case Speaker.NOBODY:
            return parent, run
        case Speaker.MODEL:
            length = len(node.text) + len(node.thinking) + _NODE
            return parent, _Run(node, run, (run.length if run else 0) + length)
        case Speaker.PERSON:
            before = parent if run is None else _answer(planting, parent, run)
            return _add(planting, node, before, Role.USER), None


def _answer(planting: _Planting, parent: Message | None, run: _Run) -> Message:
    """The answer that ends with a run, made once."""
    made = planting.answers.get(run.node.id)
    if made is None:
        _spend(planting, run.length)
        made = _add(planting, _joined(run), parent, Role.ASSISTANT)
        planting.answers[run.node.id] = made
    return made


def _joined(run: _Run) -> Node:
    """The nodes of a run as one; the same note is not said twice in a row."""
    nodes: list[Node] = []
    here: _Run | None = run
    while here is not None:
        nodes.append(here.node)
        here = here.before
    nodes.reverse()
    texts: list[str] = []
    for node in nodes:
        if node.text and texts[-1:] != [node.text]:
            texts.append(node.text)
    thinking = "\n\n".join(node.thinking for node in nodes if node.thinking)
    models = [node.model for node in nodes if node.model]
    return replace(run.node, text="\n\n".join(texts), thinking=thinking, model=models[-1] if models else None)


def _add(planting: _Planting, node: Node, parent: Message | None, role: Role) -> Message:
    _spend(planting, len(node.text))
    at = min(node.at or ((parent.created_at if parent else planting.start) + _STEP), planting.now)
    longest = LONGEST_ANSWER if role is Role.ASSISTANT else LONGEST_QUESTION
    message = Message(
        id=uuid5(planting.conversation, f"{role} {node.id}"),
        conversation_id=planting.conversation,
        parent_id=parent.id if parent else None,
        role=role,
        content=_cut(node.text, longest, planting.marks),
        thinking=_cut(node.thinking, longest, planting.marks) if role is Role.ASSISTANT else "",
        state=node.state,
        model=node.model if role is Role.ASSISTANT else None,
        rating=node.rating,
        output_tokens=node.output_tokens,
        created_at=at,
    )
    planting.messages.append(message)
    return message


def _cut(text: str, longest: int, marks: Marks) -> str:
    return text if len(text) <= longest else f"{text[:longest]}\n\n{marks[Mark.CUT]}"


def _spend(planting: _Planting, characters: int) -> None:
    planting.characters += characters
    if planting.characters > MOST_CHARACTERS:
        raise Unusable(LeftOut.TOO_LONG)


def _first_moment(origin: Origin) -> datetime | None:
    return min((node.at for node in origin.nodes if node.at), default=None)


def _fingerprint(origin: Origin) -> str:
    """What stands for the id of a conversation that has none: its first words."""
    first = next((node for node in origin.nodes if node.text), None)
    return f"{origin.created_at} {origin.title} {first.id if first else ''} {first.text[:1000] if first else ''}"


def _own_id(key: str) -> UUID | None:
    try:
        return UUID(key.removeprefix("samovar:")) if key.startswith("samovar:") else None
    except ValueError:
        return None
