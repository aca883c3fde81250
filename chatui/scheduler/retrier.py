"""Retries as they happen: what the pure `retry` decides, kept within each backend's budget and told to the job."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta

from chatui.domain.errors import BackendError
from chatui.scheduler.job import Job
from chatui.scheduler.journal import Journal
from chatui.scheduler.retry import RetryBudget, RetryPolicy


class Retrier:
    """Decides over the next attempt of a job whose last one failed, by the `policy` of that moment."""

    def __init__(self, policy: RetryPolicy, journal: Journal, rng: random.Random) -> None:
        self.policy = policy
        self._journal = journal
        self._rng = rng
        self._budgets: defaultdict[str, RetryBudget] = defaultdict(RetryBudget)

    def attempted(self, job: Job) -> None:
        """Take in that an attempt began."""
        if job.attempt == 1:
            self._budgets[job.backend or ""].attempted()

    def delay(self, job: Job, error: BackendError) -> timedelta | None:
        """How long the job waits for another attempt; None when there is none. What was shown is never replaced."""
        if job.has_output:
            return None
        delay = self.policy.next_delay(error, job.failures + 1, self._rng)
        if delay is None or not self._budgets[job.backend or ""].take():
            return None
        return delay

    def put_back(self, job: Job, error: BackendError, delay: timedelta) -> None:
        """Have the job wait for its next attempt."""
        job.schedule_retry(error, delay, self.policy.retries)
        self._journal.requeued(job)
