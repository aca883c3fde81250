"""This machine: the only user of psutil."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

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


class Host:
    """Reads the machine's figures; the first reading of the processor says nothing yet.

    `data` is the directory whose disk counts.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._process = psutil.Process()
        psutil.cpu_percent()
        self._process.cpu_percent()

    def figures(self) -> dict[str, float]:
        """Tell shares of the processor in percent, sizes in bytes. What the system does not tell is left out."""
        found: dict[str, float] = {}
        for read in (self._processor, self._memory, self._disk):
            try:
                found |= read()
            except (OSError, psutil.Error):
                continue
        return found

    def _processor(self) -> dict[str, float]:
        # `cpu_app` is of one core, `cpu` of all together.
        return {"cpu": psutil.cpu_percent(), "cpu_app": self._process.cpu_percent(), "load": os.getloadavg()[0]}

    def _memory(self) -> dict[str, float]:
        now = psutil.virtual_memory()
        own = self._process.memory_info().rss
        return {"memory_used": now.total - now.available, "memory_total": now.total, "memory_app": own}

    def _disk(self) -> dict[str, float]:
        disk = shutil.disk_usage(self._data)
        return {"disk_free": disk.free, "disk_total": disk.total}
