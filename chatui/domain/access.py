"""Who may do what: one table, and `require`, which every handler and every call of a service begins with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chatui.domain.errors import Forbidden, NotFound
from chatui.domain.messages import UserId
from chatui.domain.people import AccountRole, User

Roles = frozenset[AccountRole]

_NOBODY: Final[Roles] = frozenset()
_ADMINS: Final[Roles] = frozenset({AccountRole.ADMIN})
_ASKING: Final[Roles] = frozenset({AccountRole.ADMIN, AccountRole.MEMBER})
_EVERYBODY: Final[Roles] = frozenset(AccountRole)


class Action(StrEnum):
    """Everything that somebody can want to do."""

    ASK = "ask"
    READ_CONVERSATION = "conversation.read"
    CONTINUE_CONVERSATION = "conversation.continue"
    CHANGE_CONVERSATION = "conversation.change"
    SHARE_CONVERSATION = "conversation.share"
    UNSHARE_CONVERSATION = "conversation.unshare"
    COPY_CONVERSATION = "conversation.copy"
    EXPORT_CONVERSATION = "conversation.export"
    DELETE_CONVERSATION = "conversation.delete"
    IMPORT_CONVERSATIONS = "conversation.import"
    READ_ATTACHMENT = "attachment.read"

    LIST_PROMPTS = "prompts.list"
    KEEP_PROMPT = "prompt.keep"
    KEEP_TEAM_PROMPT = "prompt.keep_for_team"

    WATCH_JOB = "job.watch"
    STOP_JOB = "job.stop"
    REPLAY_JOB = "job.replay"
    CHOOSE_TURN = "job.turn"
    ORDER_QUEUE = "queue.order"

    READ_ACCOUNT = "account.read"
    READ_SESSIONS = "account.sessions"
    REVOKE_SESSION = "account.revoke"
    CHANGE_PASSWORD = "account.password"  # noqa: S105 - the name of an action  # nosec B105
    KEEP_KEYS = "account.keys"
    EXPORT_ACCOUNT = "account.export"
    DELETE_ACCOUNT = "account.delete"
    READ_USAGE = "account.usage"

    LIST_ACCOUNTS = "accounts.list"
    INVITE = "accounts.invite"
    APPROVE_ACCOUNT = "accounts.approve"
    CHANGE_ROLE = "accounts.role"
    CHANGE_GROUP = "accounts.group"
    DISABLE_ACCOUNT = "accounts.disable"
    RESET_PASSWORD = "accounts.reset"  # noqa: S105 - the name of an action  # nosec B105
    MANAGE_GROUPS = "groups.manage"

    MANAGE_BACKENDS = "backends.manage"
    MANAGE_MODELS = "models.manage"
    CHANGE_SETTINGS = "settings.change"
    OPEN_SHARE_LINK = "share.open"
    READ_FAILURES = "failures.read"
    READ_METRICS = "metrics.read"
    READ_AUDIT = "audit.read"
    BACK_UP = "backup.make"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which roles may: on what is their own, on what was shared with them, and on anything at all.

    Where there is no object, as for a list or a setting, `anything` decides.
    """

    own: Roles = _NOBODY
    shared: Roles = _NOBODY
    anything: Roles = _NOBODY


# Admins run the app; that does not make other people's conversations theirs to read.
RULES: Final[dict[Action, Rule]] = {
    Action.ASK: Rule(anything=_ASKING),
    Action.READ_CONVERSATION: Rule(own=_EVERYBODY, shared=_EVERYBODY),
    Action.CONTINUE_CONVERSATION: Rule(own=_ASKING),
    Action.CHANGE_CONVERSATION: Rule(own=_EVERYBODY),
    Action.SHARE_CONVERSATION: Rule(own=_ASKING),
    Action.UNSHARE_CONVERSATION: Rule(own=_EVERYBODY),
    Action.COPY_CONVERSATION: Rule(own=_ASKING, shared=_ASKING),
    Action.EXPORT_CONVERSATION: Rule(own=_EVERYBODY),
    Action.DELETE_CONVERSATION: Rule(own=_EVERYBODY),
    Action.IMPORT_CONVERSATIONS: Rule(own=_ASKING),
    Action.READ_ATTACHMENT: Rule(own=_EVERYBODY, shared=_EVERYBODY),
    Action.LIST_PROMPTS: Rule(own=_EVERYBODY),
    Action.KEEP_PROMPT: Rule(own=_ASKING),
    Action.KEEP_TEAM_PROMPT: Rule(own=_ASKING, anything=_ADMINS),
    Action.WATCH_JOB: Rule(own=_EVERYBODY, shared=_EVERYBODY),
    Action.STOP_JOB: Rule(own=_EVERYBODY, anything=_ADMINS),
    Action.REPLAY_JOB: Rule(own=_ASKING, anything=_ADMINS),
    Action.CHOOSE_TURN: Rule(own=_ASKING),
    Action.ORDER_QUEUE: Rule(anything=_ADMINS),
    Action.READ_ACCOUNT: Rule(own=_EVERYBODY, anything=_ADMINS),
    Action.READ_SESSIONS: Rule(own=_EVERYBODY),
    Action.REVOKE_SESSION: Rule(own=_EVERYBODY),
    Action.CHANGE_PASSWORD: Rule(own=_EVERYBODY),
    Action.KEEP_KEYS: Rule(own=_EVERYBODY),
    Action.EXPORT_ACCOUNT: Rule(own=_EVERYBODY),
    Action.DELETE_ACCOUNT: Rule(own=_EVERYBODY, anything=_ADMINS),
    Action.READ_USAGE: Rule(own=_EVERYBODY, anything=_ADMINS),
    Action.LIST_ACCOUNTS: Rule(anything=_ADMINS),
    Action.INVITE: Rule(anything=_ADMINS),
    Action.APPROVE_ACCOUNT: Rule(anything=_ADMINS),
    Action.CHANGE_ROLE: Rule(anything=_ADMINS),
    Action.CHANGE_GROUP: Rule(anything=_ADMINS),
    Action.DISABLE_ACCOUNT: Rule(anything=_ADMINS),
    Action.RESET_PASSWORD: Rule(anything=_ADMINS),
    Action.MANAGE_GROUPS: Rule(anything=_ADMINS),
    Action.MANAGE_BACKENDS: Rule(anything=_ADMINS),
    Action.MANAGE_MODELS: Rule(anything=_ADMINS),
    Action.CHANGE_SETTINGS: Rule(anything=_ADMINS),
    Action.OPEN_SHARE_LINK: Rule(anything=_ADMINS),
    Action.READ_FAILURES: Rule(anything=_ADMINS),
    Action.READ_METRICS: Rule(anything=_ADMINS),
    Action.READ_AUDIT: Rule(anything=_ADMINS),
    Action.BACK_UP: Rule(anything=_ADMINS),
}


@dataclass(frozen=True, slots=True)
class Owned:
    """An object as far as access goes: whose it is, and with whom it was shared."""

    owner: UserId
    readers: frozenset[UserId] = frozenset()


def require(user: User, action: Action, thing: Owned | None = None) -> None:
    """Return when `user` may do `action` to `thing`, or in general where there is no thing.

    Raises NotFound for a thing that the user may not even see, so that nobody learns that it is there, and Forbidden
    where that is no secret.
    """
    if may(user, action, thing):
        return
    if thing is None or _knows(user, thing):
        raise Forbidden(action)
    raise NotFound(action)


def may(user: User, action: Action, thing: Owned | None = None) -> bool:
    """Tell whether `require` would return."""
    rule = RULES[action]
    if user.role in rule.anything:
        return True
    if thing is None:
        return False
    if user.id == thing.owner:
        return user.role in rule.own
    return user.id in thing.readers and user.role in rule.shared


def _knows(user: User, thing: Owned) -> bool:
    return user.id == thing.owner or user.id in thing.readers
