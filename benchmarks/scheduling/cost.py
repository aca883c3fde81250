"""What one submit and one take cost, with many waiting: real time, the real policy."""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from benchmarks.scheduling.contenders import UNBOUNDED
from benchmarks.scheduling.effort import Effort, Part
from benchmarks.scheduling.workload import MODELS
from chatui.domain.jobs import JobId, Priority
from chatui.domain.messages import UserId
from chatui.scheduler.decision import BackendView, Start
from chatui.scheduler.entry import Entry
from chatui.scheduler.outcome import Outcome, OutcomeKind
from chatui.scheduler.policy import Policy

SAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds at the median, and bytes of the policy for each waiting job (its entry and ids included)."""

    jobs: int
    people: int
    submit_us: float
    take_us: float
    places_ms: float
    bytes_per_job: float


def costs(effort: Effort) -> Part:
    """Measure with short and long queues; the figures are those of the longest."""
    measured = [cost(jobs) for jobs in effort.queued]
    lines = ["", "cost with many waiting (medians, real time)"]
    lines += [f"{'jobs':>8}{'people':>8}{'submit us':>11}{'take us':>10}{'places ms':>11}{'bytes per job':>15}"]
    lines += [
        f"{each.jobs:>8}{each.people:>8}{each.submit_us:>11.1f}{each.take_us:>10.1f}{each.places_ms:>11.1f}"
        f"{each.bytes_per_job:>15.0f}"
        for each in measured
    ]
    return Part(lines, {"submit_p50_us": measured[-1].submit_us, "take_p50_us": measured[-1].take_us})


def cost(jobs: int, seed: int = 0) -> Cost:
    """Queue `jobs` by a tenth as many people, then measure on top of them."""
    rng = random.Random(seed)
    policy = _filled(jobs, rng)
    submits = [_timed_submit(policy, _entry(jobs + number, jobs, rng)) for number in range(SAMPLES)]
    takes = [_timed_take(policy, jobs + number) for number in range(SAMPLES)]
    places = median(_timed_places(policy, 2.0 * jobs + 2 * number) for number in range(5))
    return Cost(jobs, _people(jobs), median(submits), median(takes), places, _bytes_per_job(jobs))


def _timed_places(policy: Policy, at: float) -> float:
    """Time a look at all places, in milliseconds of the processor: so long nothing else happens."""
    began = time.process_time()
    policy.places(at)
    return 1e3 * (time.process_time() - began)


def _people(jobs: int) -> int:
    return max(1, jobs // 10)


def _filled(jobs: int, rng: random.Random) -> Policy:
    policy = Policy(UNBOUNDED)
    policy.backend_seen(BackendView("server", frozenset(MODELS[:2]), {MODELS[0]: 1}), 0.0)
    for number in range(jobs):
        policy.submit(_entry(number, jobs, rng), float(number))
    return policy


def _entry(number: int, jobs: int, rng: random.Random) -> Entry:
    user = UserId(UUID(int=rng.randrange(_people(jobs))))
    model = MODELS[rng.randrange(2)]
    priority = Priority(rng.randrange(3))
    return Entry(JobId(UUID(int=number)), user, model, priority, number, float(number), 200)


def _timed_submit(policy: Policy, entry: Entry) -> float:
    began = time.perf_counter()
    policy.submit(entry, entry.arrived_at)
    return 1e6 * (time.perf_counter() - began)


def _timed_take(policy: Policy, at: int) -> float:
    """Time the decisions until a job starts; its end, which frees the slot for the next, is not part of it."""
    began = time.perf_counter()
    decision = policy.decide(float(at))
    took = 1e6 * (time.perf_counter() - began)
    if isinstance(decision, Start):
        policy.progressed(decision.entry.job_id, 20, float(at))
        policy.finished(decision.entry.job_id, Outcome(OutcomeKind.DONE, 1.0, 200, 150), float(at) + 0.5)
    elif decision is not None:
        policy.swapped(decision.backend, decision.load, 1.0, float(at))
    return took


def _bytes_per_job(jobs: int) -> float:
    rng = random.Random(0)
    gc.collect()
    tracemalloc.start()
    policy = _filled(jobs, rng)
    gc.collect()
    current, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return current / max(1, policy.waiting())
