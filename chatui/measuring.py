"""What measures how many answers at once a model server is best given: built once, over the queue."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from dataclasses import replace

from chatui.backends.registry import Registry
from chatui.configuration import embedded_for
from chatui.foundation import Foundation
from chatui.operations.host import memory
from chatui.operations.settings.in_force import SettingsInForce
from chatui.operations.tuning.answers import Answers
from chatui.operations.tuning.keeper import Ground, Tunings
from chatui.operations.workers import WorkersInForce
from chatui.queueing import Queueing

_clock = time.monotonic


async def start_tunings(base: Foundation, queue: Queueing, workers: WorkersInForce, stack: AsyncExitStack) -> Tunings:
    """Build what sees to measurements, with those closed that the end of the app broke off."""
    in_force = base.in_force
    ground = Ground(
        queue.scheduler,
        base.fleet,
        workers,
        Answers(queue.scheduler, queue.warm_ups, memory, _clock),
        memory,
        lambda: in_force.now.context_tokens,
        _widening(base.registry, in_force),
    )
    tunings = Tunings(base.database, ground)
    await tunings.recover()
    in_force.subscribe(tunings.settings_changed)
    stack.push_async_callback(tunings.close)
    return tunings


def _widening(registry: Registry, in_force: SettingsInForce) -> Callable[[int], AbstractContextManager[None]]:
    """Make what gives the built-in model more contexts for a while than it has by the settings."""

    @contextmanager
    def widened(slots: int) -> Iterator[None]:
        usual = embedded_for(in_force.now)
        if usual is None or usual.slots >= slots:
            yield
            return
        registry.serve_embedded_as(replace(usual, slots=slots))
        try:
            yield
        finally:
            registry.serve_embedded_as(embedded_for(in_force.now) or usual)

    return widened
