"""This machine: the only user of psutil."""

from __future__ import annotations

import os

import psutil

from chatui.domain.machine import MachineLoad
from chatui.operations.advice import Memory


def memory() -> Memory:
    """This machine's memory now."""
    now = psutil.virtual_memory()
    return Memory(now.total, now.available)


def machine_load() -> MachineLoad:
    """How busy this machine is now: cheap enough to be asked at each failure."""
    try:
        return MachineLoad(psutil.virtual_memory().available, os.getloadavg()[0])
    except (OSError, psutil.Error):
        return MachineLoad()
