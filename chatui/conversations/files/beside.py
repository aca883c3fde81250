"""Which files stand beside a question and beside what came before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session

from chatui.conversations.composer import Spoken
from chatui.conversations.question import Question
from chatui.domain.errors import NotFound
from chatui.domain.messages import UserId
from storage import attachments
from storage.attachments import Contents

_MOST: Final = 50
"""Beside one question, however many lie there."""


def contents_beside(session: Session, branch: Sequence[Spoken]) -> Contents:
    """What a model gets of the files beside messages that were found by their account."""
    return attachments.contents_of(session, [message.id for message in branch])


def files_for(
    session: Session, user: UserId, question: Question, before: Sequence[Spoken]
) -> tuple[tuple[UUID, ...], Contents]:
    """Give the files of a question, and what a model gets of those and of the ones before it.

    Raises `NotFound` for a file that does not lie where the question is asked.
    """
    named = tuple(dict.fromkeys(question.files))[:_MOST]
    if question.beside is not None:
        heads = attachments.heads_of(session, [question.beside])
        named = tuple(head.id for head in heads.get(question.beside, ()))
    contents = dict(contents_beside(session, before))
    if named:
        found = attachments.find_for(session, user, question.conversation, named)
        if found is None:
            raise NotFound
        contents[question.key] = found
    return named, contents
