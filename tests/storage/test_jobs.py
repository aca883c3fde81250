"""A job goes from state to state once, whoever comes late."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlmodel import Session

from storage.accounts import ensure_account
from storage.database import Database
from storage.jobs import (
    add_job,
    attempts_of,
    claim_job,
    count_unfinished,
    finish_attempt,
    finish_job,
    get_job,
    mark_first_token,
    next_arrival,
    requeue_after_death,
    requeue_job,
    unfinished_jobs,
)
from storage.tables import Job
from tests.storage.conftest import NOON, Seeded

LATER = NOON + timedelta(minutes=1)


def submit(session: Session, account_id: UUID) -> Job:
    arrival = next_arrival(session)
    return add_job(
        session,
        Job(account_id=account_id, model="tea:1b", priority=1, state="queued", arrival=arrival, created_at=NOON),
    )


async def submitted(seeded: Seeded) -> UUID:
    job = await seeded.database.write(lambda session: submit(session, seeded.account.id))
    return job.id


async def found(database: Database, job_id: UUID) -> Job:
    job = await database.read(lambda session: get_job(session, job_id))
    assert job is not None
    return job


async def test_a_job_is_claimed_once(seeded: Seeded) -> None:
    database, job_id = seeded.database, await submitted(seeded)
    claim = partial(claim_job, job_id=job_id, backend="box:11434", at=LATER)
    claims = [await database.write(partial(claim, number=number)) for number in (1, 2)]
    assert claims == [True, False]
    job = await found(database, job_id)
    assert (job.state, job.attempts, job.backend, job.started_at) == ("running", 1, "box:11434", LATER)
    (attempt,) = await database.read(lambda session: attempts_of(session, job_id))
    assert (attempt.number, attempt.backend, attempt.model) == (1, "box:11434", "tea:1b")
    assert (attempt.started_at, attempt.outcome) == (LATER, None)


async def test_a_retry_keeps_the_place_and_the_first_start(seeded: Seeded) -> None:
    database, first = seeded.database, await submitted(seeded)
    second = await submitted(seeded)
    await database.write(lambda session: claim_job(session, first, 1, "box", NOON))
    assert await database.write(lambda session: requeue_job(session, first, LATER))
    assert not await database.write(lambda session: requeue_job(session, first, LATER))
    waiting = await database.read(unfinished_jobs)
    assert [(job.id, job.arrival, job.state) for job in waiting] == [(first, 1, "queued"), (second, 2, "queued")]
    assert await database.write(lambda session: claim_job(session, first, 2, "box", LATER))
    assert (await found(database, first)).started_at == NOON


async def test_a_late_claim_of_an_older_attempt_is_ignored(seeded: Seeded) -> None:
    database, job_id = seeded.database, await submitted(seeded)
    await database.write(lambda session: claim_job(session, job_id, 2, "box", NOON))
    await database.write(lambda session: requeue_job(session, job_id, LATER))
    assert not await database.write(lambda session: claim_job(session, job_id, 1, "box", LATER))
    assert (await found(database, job_id)).state == "queued"


async def test_a_death_is_counted(seeded: Seeded) -> None:
    database, job_id = seeded.database, await submitted(seeded)
    assert not await database.write(lambda session: requeue_after_death(session, job_id, LATER))
    await database.write(lambda session: claim_job(session, job_id, 1, "box", NOON))
    assert await database.write(lambda session: requeue_after_death(session, job_id, LATER))
    job = await found(database, job_id)
    assert (job.state, job.deaths, job.attempts, job.backend) == ("queued", 1, 1, None)


async def test_a_job_finishes_once(seeded: Seeded) -> None:
    database, job_id = seeded.database, await submitted(seeded)
    assert await database.write(lambda session: finish_job(session, job_id, "failed", "memory", LATER))
    assert not await database.write(lambda session: finish_job(session, job_id, "done", None, LATER))
    assert not await database.write(lambda session: claim_job(session, job_id, 1, "box", LATER))
    job = await found(database, job_id)
    assert (job.state, job.error_code, job.finished_at) == ("failed", "memory", LATER)
    assert await database.read(unfinished_jobs) == []


async def test_an_attempt_ends_once(seeded: Seeded) -> None:
    database, job_id = seeded.database, await submitted(seeded)
    await database.write(lambda session: claim_job(session, job_id, 1, "box", NOON))
    assert await database.write(lambda session: mark_first_token(session, job_id, 1, LATER))
    assert not await database.write(lambda session: mark_first_token(session, job_id, 2, LATER))
    end = partial(finish_attempt, job_id=job_id, number=1, at=LATER)
    assert await database.write(partial(end, outcome="interrupted", received=(512, 9)))
    assert not await database.write(partial(end, outcome="done"))
    (attempt,) = await database.read(lambda session: attempts_of(session, job_id))
    assert (attempt.outcome, attempt.first_token_at, attempt.finished_at) == ("interrupted", LATER, LATER)
    assert (attempt.bytes_received, attempt.tokens_received) == (512, 9)


async def test_unfinished_jobs_are_counted(seeded: Seeded) -> None:
    database, ada = seeded.database, seeded.account.id
    bob = await database.write(lambda session: ensure_account(session, "bob", "member", NOON))
    await submitted(seeded)
    done = await submitted(seeded)
    await database.write(lambda session: submit(session, bob.id))
    await database.write(lambda session: finish_job(session, done, "done", None, LATER))
    assert await database.read(count_unfinished) == 2
    assert await database.read(lambda session: count_unfinished(session, ada)) == 1


async def test_arrivals_go_on_after_finished_jobs(seeded: Seeded) -> None:
    first = await submitted(seeded)
    await seeded.database.write(lambda session: finish_job(session, first, "done", None, LATER))
    assert await seeded.database.read(next_arrival) == 2
