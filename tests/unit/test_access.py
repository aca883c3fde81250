"""Who may do what, and what they learn when they may not."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.domain.access import RULES, Action, Owned, may, require
from chatui.domain.errors import Forbidden, NotFound
from chatui.domain.messages import UserId
from chatui.domain.people import AccountRole, User

roles = st.sampled_from(AccountRole)
actions = st.sampled_from(Action)


def person(role: AccountRole) -> User:
    return User(UserId(uuid4()), "Ada", role)


def somebody() -> UserId:
    return UserId(uuid4())


def test_every_action_has_a_rule_and_somebody_who_may() -> None:
    assert RULES.keys() == set(Action)
    for rule in RULES.values():
        assert rule.own | rule.shared | rule.anything


@given(roles, actions)
def test_what_belongs_to_others_is_not_found_except_for_those_who_run_the_app(
    role: AccountRole, action: Action
) -> None:
    user, thing = person(role), Owned(somebody(), frozenset({somebody()}))
    if role is AccountRole.ADMIN and AccountRole.ADMIN in RULES[action].anything:
        require(user, action, thing)
    elif not may(user, action, thing):
        with pytest.raises(NotFound):
            require(user, action, thing)
    else:
        assert action is Action.ASK  # which is never about an object of somebody else's


@given(roles, actions)
def test_without_an_object_there_is_nothing_to_hide(role: AccountRole, action: Action) -> None:
    user = person(role)
    if may(user, action):
        require(user, action)
    else:
        with pytest.raises(Forbidden):
            require(user, action)


@given(roles, actions)
def test_whoever_knows_of_a_thing_is_told_that_it_is_not_for_them(role: AccountRole, action: Action) -> None:
    user = person(role)
    for thing in (Owned(user.id), Owned(somebody(), frozenset({user.id}))):
        if not may(user, action, thing):
            with pytest.raises(Forbidden):
                require(user, action, thing)


@pytest.mark.parametrize("role", AccountRole)
def test_nobody_reads_the_conversations_of_others(role: AccountRole) -> None:
    for action in Action:
        if action.startswith(("conversation.", "attachment.")):
            assert not may(person(role), action, Owned(somebody())), action


def test_readers_read_and_nothing_else() -> None:
    user = person(AccountRole.MEMBER)
    shared = Owned(somebody(), frozenset({user.id}))
    allowed = {action for action in Action if may(user, action, shared)}
    reading = {Action.READ_CONVERSATION, Action.READ_ATTACHMENT, Action.WATCH_JOB, Action.COPY_CONVERSATION}
    assert allowed == reading | {Action.ASK}


def test_viewers_ask_nothing_but_keep_what_is_theirs() -> None:
    viewer = person(AccountRole.VIEWER)
    own = Owned(viewer.id)
    assert not may(viewer, Action.ASK)
    assert not may(viewer, Action.CONTINUE_CONVERSATION, own)
    assert not may(viewer, Action.SHARE_CONVERSATION, own)
    for action in (Action.READ_CONVERSATION, Action.DELETE_CONVERSATION, Action.EXPORT_ACCOUNT, Action.DELETE_ACCOUNT):
        assert may(viewer, action, own), action


def test_only_admins_run_the_app() -> None:
    names = ("accounts.", "groups.", "backends.", "models.", "settings.", "share.", "failures.", "audit.", "backup.")
    running = [action for action in Action if action.startswith((*names, "queue.", "metrics."))]
    assert len(running) >= 15
    for action in running:
        assert [role for role in AccountRole if may(person(role), action)] == [AccountRole.ADMIN]
