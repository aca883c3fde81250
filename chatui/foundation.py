"""What everything else stands on: the database, the settings in force, the model servers, the log."""

from __future__ import annotations

import logging
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from chatui.applying import set_log_level
from chatui.backends.base import Deadlines
from chatui.backends.registry import Registry
from chatui.configuration import (
    deadlines_of,
    registry_for,
    start_registry,
)
from chatui.conversations.storage_watch import StorageWatch
from chatui.logs import note_request
from chatui.operations.fleet import Fleet
from chatui.operations.log_ring import LogRing
from chatui.operations.settings.in_force import SettingsInForce
from chatui.settings import Settings
from storage.database import Database

_clock = time.monotonic


@dataclass(frozen=True, slots=True)
class Foundation:
    """What everything else stands on."""

    database: Database
    watch: StorageWatch
    in_force: SettingsInForce
    deadlines: Deadlines
    registry: Registry
    fleet: Fleet
    log: LogRing


async def lay_foundation(settings: Settings, stack: AsyncExitStack) -> Foundation:
    """Open the database, learn what admins set, and find the backends."""
    log = _log_ring(stack)
    database = await Database.open(settings.data)
    stack.push_async_callback(database.close)
    watch = StorageWatch(database)
    stack.callback(watch.close)
    in_force = SettingsInForce(settings, watch)
    await in_force.refresh()
    if in_force.now.log_level != settings.log_level:
        set_log_level(in_force.now.log_level)
    deadlines = deadlines_of(in_force.now)
    registry = registry_for(in_force.now, in_force.options_for, deadlines)
    stack.push_async_callback(registry.aclose)
    await start_registry(registry)
    fleet = Fleet(registry, in_force.context_for, _clock)
    return Foundation(database, watch, in_force, deadlines, registry, fleet, log)


def _log_ring(stack: AsyncExitStack) -> LogRing:
    """What keeps the last lines of the log, from now on."""
    log, root = LogRing(), logging.getLogger()
    log.addFilter(note_request)
    root.addHandler(log)
    stack.callback(root.removeHandler, log)
    return log
