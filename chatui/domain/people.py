"""Who uses the app."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from uuid import UUID

from chatui.domain.messages import UserId

SessionId = NewType("SessionId", UUID)
KeyId = NewType("KeyId", UUID)
GroupId = NewType("GroupId", UUID)


class AccountRole(StrEnum):
    """What a person is to the app: who runs it, who asks, who only reads what was shared."""

    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class AccountState(StrEnum):
    """Whether a person may sign in."""

    ACTIVE = "active"
    PENDING = "pending"  # signed up, and waits for an admin's approval
    DISABLED = "disabled"


class KeyScope(StrEnum):
    """What a program may do with a key. It never does more than the key's person may."""

    ASK = "ask"  # ask models
    QUEUE = "queue"  # see and stop the person's jobs
    MODELS = "models"  # pull and delete models, which only admins do


@dataclass(frozen=True, slots=True)
class User:
    """A person who is signed in."""

    id: UserId
    name: str
    role: AccountRole
    group: GroupId | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """A person in the act: who, from which address, in which session (None: with a key, or at the console)."""

    user: User
    address: str
    session: SessionId | None = None
