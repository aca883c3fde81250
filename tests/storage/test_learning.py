"""What the queue learned survives a restart."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import ModelName, UserId
from chatui.operations.learning import KEY, Learning
from chatui.scheduler.entry import Entry
from chatui.scheduler.policy import BackendView, Outcome, OutcomeKind, Policy, PolicyConfig, Swap
from storage import settings
from storage.database import Database

MODEL = ModelName("model:1b")


def experienced() -> Policy:
    """A policy that saw one load of 9 seconds and one answer of 77 tokens."""
    policy = Policy(PolicyConfig())
    policy.backend_seen(BackendView("box", frozenset({MODEL})), 0.0)
    policy.submit(Entry(JobId(UUID(int=1)), UserId(UUID(int=2)), MODEL, Priority.NORMAL, 1, 0.0, 10), 0.0)
    assert isinstance(policy.decide(0.0), Swap)
    policy.swapped("box", MODEL, 9.0, 9.0)
    policy.decide(9.0)
    policy.finished(JobId(UUID(int=1)), Outcome(OutcomeKind.DONE, 5.0, 10, 77), 14.0)
    return policy


async def test_a_new_policy_knows_what_the_old_one_learned(tmp_path: Path) -> None:
    old, new = experienced(), Policy(PolicyConfig())
    database = await Database.open(tmp_path)
    await Learning(database, old).keep()
    await database.close()
    database = await Database.open(tmp_path)
    await Learning(database, new).recall()
    await database.close()
    assert old.usual_load("box", MODEL) == 9.0
    assert new.usual_load("box", MODEL) == 9.0
    new.backend_seen(BackendView("box", frozenset({MODEL})), 0.0)
    assert new.learned() == old.learned()


async def test_what_cannot_be_read_is_learned_anew(tmp_path: Path) -> None:
    database = await Database.open(tmp_path)
    now = database.clocks.now()
    await database.write(lambda session: settings.put(session, KEY, {"estimates": 7}, now))
    policy = Policy(PolicyConfig())
    await Learning(database, policy).recall()
    await database.close()
    assert policy.usual_load("box", MODEL) is None
