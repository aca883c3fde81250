"""How busy the machine is that the app runs on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """One moment: memory in bytes that could be taken, and the load average of the last minute.

    None where the system does not tell.
    """

    memory_available: int | None = None
    load_average: float | None = None
