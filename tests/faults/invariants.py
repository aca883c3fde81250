"""What holds after any sequence of faults."""

from __future__ import annotations

from chatui.domain.events import AttemptStarted, JobEvent, JobFinished, TextDelta
from chatui.domain.jobs import JobState
from storage import jobs as job_queries
from storage.messages import UNDER_WAY
from storage.tables import Job, Message, MessageState
from tests.support.assembly import Assembly
from tests.support.faulty_ollama import WHOLE

MESSAGE_STATES = {
    JobState.DONE: {MessageState.COMPLETE, MessageState.LIMITED},
    JobState.STOPPED: {MessageState.STOPPED},
    JobState.FAILED: {MessageState.FAILED},
    JobState.INTERRUPTED: {MessageState.INTERRUPTED},
}


async def check_invariants(assembly: Assembly, whole: str = WHOLE) -> None:
    """Each job ended once and is kept so, no slot is taken, and what is kept is what the server sent."""
    assert assembly.idle
    assert assembly.policy.waiting() == 0
    assert not assembly.scheduler.jobs
    assert not assembly.journal.places()
    assert assembly.saver.kept == 0
    for told in assembly.events.values():
        assert [type(event) for event in told].count(JobFinished) == 1
        assert isinstance(told[-1], JobFinished)
    for row in await assembly.job_rows():
        await check_job(assembly, row, whole)


async def check_job(assembly: Assembly, row: Job, whole: str) -> None:
    state = JobState(row.state)
    assert state.final
    attempts = await assembly.database.read(lambda session: job_queries.attempts_of(session, row.id))
    assert [attempt.number for attempt in attempts] == list(range(1, row.attempts + 1))
    assert all(attempt.outcome for attempt in attempts)
    assert row.message_id is not None
    message = await assembly.database.read(lambda session: session.get(Message, row.message_id))
    assert message is not None
    assert message.state not in UNDER_WAY
    assert message.state in MESSAGE_STATES[state]
    if state is JobState.DONE:
        assert message.content == whole
    assert whole.startswith(message.content)


def shown_text(told: list[JobEvent]) -> str:
    """What a watcher has on the page at the end."""
    text = ""
    for event in told:
        match event:
            case AttemptStarted():
                text = ""
            case TextDelta(text=more):
                text += more
    return text
