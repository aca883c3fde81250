"""After a stop or a crash: what waited waits again, what had begun to write is kept as it is."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from chatui.accounts.allowances import note_usage
from chatui.conversations.composer import Composer
from chatui.conversations.context import QuestionTooLong, estimate_tokens
from chatui.conversations.draft import CONTINUATION
from chatui.conversations.files.beside import contents_beside
from chatui.conversations.journal import AnswerJournal, AnswerPlace
from chatui.conversations.manners import manner_in
from chatui.conversations.written import NOTHING, written_in
from chatui.domain.errors import ModelBlind
from chatui.domain.jobs import JobId, JobState, Priority, Turn
from chatui.domain.messages import ConversationId, MessageId, ModelName, Usage, UserId
from chatui.scheduler.job import Submission
from chatui.scheduler.scheduler import Scheduler
from storage import failures, jobs, messages
from storage.database import Database
from storage.tables import Failure, Job, Message, MessageState

CRASH = "crash"
"""The code of an attempt that ended with the process."""


class Recovery:
    """Deals with the jobs that the last process left. Run once, before anything is asked."""

    def __init__(self, database: Database, scheduler: Scheduler, journal: AnswerJournal, composer: Composer) -> None:
        self._database = database
        self._scheduler = scheduler
        self._journal = journal
        self._composer = composer

    async def run(self) -> None:
        """Put every unfinished job back in line, in its order, or end it."""
        for job in await self._database.read(jobs.unfinished_jobs):
            await self._recover(job)

    async def _recover(self, job: Job) -> None:
        answer = await self._answer(job)
        waits_to_go_on = job.purpose == CONTINUATION and job.state == JobState.QUEUED
        if answer is None or ((answer.content or answer.thinking) and not waits_to_go_on):
            await self._end(job, answer, JobState.INTERRUPTED)
        elif job.state == JobState.RUNNING and job.deaths:
            await self._end(job, answer, JobState.FAILED)
        else:
            await self._restore(job, answer)

    async def _answer(self, job: Job) -> Message | None:
        message_id = job.message_id
        if message_id is None:
            return None
        return await self._database.read(lambda session: messages.message_of(session, job.account_id, message_id))

    async def _end(self, job: Job, answer: Message | None, state: JobState) -> None:
        """End a job: nothing is written twice behind anybody's back, and no job kills the app a third time."""
        shown = MessageState.INTERRUPTED if state is JobState.INTERRUPTED else MessageState.FAILED
        code = CRASH if state is JobState.FAILED else None
        now = self._database.clocks.now()

        def write(session: Session) -> None:
            if job.state == JobState.QUEUED and state is JobState.INTERRUPTED:
                jobs.finish_job(session, job.id, JobState.STOPPED, code, now)
            else:
                jobs.finish_job(session, job.id, state, code, now)
                _note_usage(session, job, answer, now)
            jobs.finish_attempt(session, job.id, job.attempts, jobs.DIED, now)
            if code is not None:
                failures.record_failure(session, _crash(job, now))
            if answer is not None:
                number = max(job.attempts, answer.attempt)
                messages.update_answer(session, answer.id, number, state=shown, error_code=code)

        await self._database.write(write)

    async def _restore(self, job: Job, answer: Message) -> None:
        branch = await self._database.read(lambda session: messages.path_to(session, answer.id))
        files = await self._database.read(lambda session: contents_beside(session, branch))
        manner = await self._database.read(lambda session: manner_in(session, ConversationId(answer.conversation_id)))
        try:
            goes_on = job.purpose == CONTINUATION
            asked = branch if goes_on else branch[:-1]
            composed = self._composer.compose(asked, ModelName(job.model), manner, files)
        except (QuestionTooLong, ModelBlind):
            await self._end(job, answer, JobState.FAILED)
            return
        if job.state == JobState.RUNNING:
            now = self._database.clocks.now()
            await self._database.write(lambda session: jobs.requeue_after_death(session, job.id, now))
        place = AnswerPlace(
            UserId(job.account_id),
            ConversationId(answer.conversation_id),
            MessageId(answer.id),
            composed.left_out,
            written_in(answer) if goes_on else NOTHING,
        )
        self._journal.follow(JobId(job.id), place)
        submission = Submission(
            job_id=JobId(job.id),
            user=UserId(job.account_id),
            request=composed.request,
            prompt_tokens=composed.prompt_tokens,
            priority=Priority(job.priority),
            turn=Turn(job.turn or Turn.IN_TURN),
        )
        self._scheduler.restore(submission, job.arrival, job.attempts)


def _note_usage(session: Session, job: Job, answer: Message | None, at: datetime) -> None:
    """Note what the process wrote before it died, estimated; what it read nobody knows any more.

    Nor how much of a continued answer was new: nothing is noted of that.
    """
    if answer is not None and (answer.content or answer.thinking) and job.purpose != CONTINUATION:
        took = Usage(output_tokens=estimate_tokens(answer.content + answer.thinking))
        note_usage(session, UserId(job.account_id), ModelName(job.model), took, at)


def _crash(job: Job, at: datetime) -> Failure:
    """The record of a job that was running at the second death of the process."""
    return Failure(
        job_id=job.id,
        attempt_number=job.attempts,
        code=CRASH,
        detail="the app stopped twice while it answered",
        stage="unknown",
        backend=job.backend or "",
        model=job.model,
        account_id=job.account_id,
        conversation_id=job.conversation_id,
        created_at=at,
    )
