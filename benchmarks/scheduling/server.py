"""A model server in simulated time: slots share its speed, models exclude each other, loads take time and may fail."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.scheduling.workload import Ask
from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName

# A prompt's token costs this share of a written one: it is read in batches.
READING = 1 / 20

# Tokens per second that n streams write together, n from 1.
SPEEDS = (20.0, 27.5, 33.0, 37.5, 41.0, 43.5)


@dataclass(frozen=True, slots=True)
class Machine:
    """What a server is like: speed by streams (the last value holds for more), load time, what fits, what breaks it."""

    speeds: tuple[float, ...] = SPEEDS
    load_seconds: float = 10.0
    fits: int = 1
    crashes_above: int | None = None

    def speed(self, streams: int) -> float:
        """Tell the tokens per second of so many streams together."""
        return self.speeds[min(streams, len(self.speeds)) - 1]


@dataclass(slots=True)
class Stream:
    """One answer being made: `work` still to do, in written tokens; the prompt's share comes first."""

    ask: Ask
    work: float
    written: int = 0
    first_token_at: float | None = None


@dataclass
class Server:
    """Advances all its streams at once; every stream gets the same share of the speed."""

    machine: Machine
    resident: list[ModelName] = field(default_factory=list)
    streams: dict[JobId, Stream] = field(default_factory=dict)
    now: float = 0.0
    loads: int = 0
    tokens: int = 0

    def open(self, ask: Ask) -> Stream:
        """Begin an answer; its model must be resident."""
        assert ask.model in self.resident
        stream = Stream(ask, ask.prompt_tokens * READING + ask.output_tokens)
        self.streams[ask.job_id] = stream
        return stream

    def close(self, job_id: JobId) -> Stream:
        """End an answer, whole or not."""
        return self.streams.pop(job_id)

    def load(self, model: ModelName) -> None:
        """Have a model in memory, and as many of the others as fit beside it; those that write stay."""
        self.loads += 1
        busy = {stream.ask.model for stream in self.streams.values()}
        kept = sorted((other for other in self.resident if other != model), key=lambda other: other not in busy)
        self.resident = [model, *kept[: self.machine.fits - 1]]

    def advance(self, now: float) -> None:
        """Let the streams write until `now`; nobody may end before (see `next_end`)."""
        seconds, before = now - self.now, self.now
        self.now = now
        if not self.streams:
            return
        pace = self.machine.speed(len(self.streams)) / len(self.streams)
        for stream in self.streams.values():
            had = stream.work
            stream.work -= seconds * pace
            written = min(stream.ask.output_tokens, max(0, int(stream.ask.output_tokens - stream.work + 1e-6)))
            if stream.first_token_at is None and written > 0:
                stream.first_token_at = before + (had - stream.ask.output_tokens + 1) / pace
            self.tokens += written - stream.written
            stream.written = written

    def next_end(self) -> tuple[float, JobId] | None:
        """Tell which stream ends next, and when."""
        if not self.streams:
            return None
        job_id, stream = min(self.streams.items(), key=lambda item: item[1].work)
        pace = self.machine.speed(len(self.streams)) / len(self.streams)
        return self.now + max(0.0, stream.work) / pace, job_id
