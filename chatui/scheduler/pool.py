"""Where the scheduler finds backends."""

from __future__ import annotations

from typing import Protocol

from chatui.backends.base import Backend


class BackendPool(Protocol):
    """The backends by name."""

    def backend(self, name: str) -> Backend:
        """The backend of that name; raises KeyError when it was removed."""

    async def look(self, name: str) -> None:
        """Check one backend now; what it shows comes back through `Scheduler.see`."""
