"""A link through Gradio's tunnel, by which the app is reached from the internet for a week at most.

It is had only while it is wanted, and while strangers cannot get in by themselves: there is an admin, and sign-up is
not open. As soon as that changes, or the link's time is over, it is closed.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from chatui.accounts.rules import SignUpMode
from chatui.accounts.service import AccountService
from chatui.web.hosts import TrustedHosts, name_of

LIFE: Final = timedelta(days=7)
"""How long Gradio's relay keeps a link, as it says."""

LOOK_EVERY: Final = timedelta(seconds=5)


class WhyNotShared(StrEnum):
    """Why there is no link."""

    OFF = "off"
    NO_ADMIN = "no_admin"
    SIGN_UP_OPEN = "sign_up_open"
    NO_TUNNEL = "no_tunnel"
    EXPIRED = "expired"


_MAY_PASS: Final = frozenset({WhyNotShared.NO_ADMIN, WhyNotShared.SIGN_UP_OPEN})


@dataclass(frozen=True, slots=True)
class Shared:
    """The link, and until when it works."""

    url: str
    until: datetime


@dataclass(frozen=True, slots=True)
class NotShared:
    """There is no link; `detail` is what the tunnel said."""

    why: WhyNotShared
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BeingShared:
    """The link is asked for; it may take a minute."""


LinkState = Shared | NotShared | BeingShared
Told = Callable[[LinkState], None]


class Tunnel(Protocol):
    """What brings requests from the internet here. Both calls may take long, and run in threads."""

    def open(self, host: str, port: int) -> str:
        """Open it and give its address; raises any exception where there is none to be had."""

    def close(self) -> None:
        """Close it; one that is closed stays so."""


class ShareLink:
    """Has the link open while it may be. `wanted` tells whether it is to be; `told` hears what became of it."""

    def __init__(
        self,
        accounts: AccountService,
        hosts: TrustedHosts,
        tunnel: Tunnel,
        now: Callable[[], datetime],
        wanted: Callable[[], bool],
        told: Told,
    ) -> None:
        self._accounts = accounts
        self._hosts = hosts
        self._tunnel = tunnel
        self._now = now
        self._wanted = wanted
        self._told = told
        self._changed = asyncio.Event()
        self._last: LinkState | None = None

    def look(self) -> None:
        """Look again whether the link is to be open: something changed."""
        self._changed.set()

    async def run(self, host: str, port: int) -> None:
        """Have the link open whenever it is wanted and may be, until cancelled.

        One whose time is over, or that cannot be had, is asked for again when somebody changes a setting of it.
        """
        while True:
            why = await self.share(host, port, self._pause) if self._wanted() else WhyNotShared.OFF
            if why in _MAY_PASS:
                await self._pause()
            else:
                await self._changed.wait()
                self._changed.clear()

    async def share(self, host: str, port: int, pause: Callable[[], Awaitable[None]]) -> WhyNotShared:
        """Have the link open until it must not be, and tell why; `pause` lets some time pass between two looks."""
        if (why := await self._refusal()) is not None:
            return self._end(why)
        self._tell(BeingShared())
        try:
            url = await asyncio.to_thread(self._tunnel.open, host, port)
        except Exception as error:  # noqa: BLE001 - a foreign program, a download, a relay: whatever it is, there is no link
            return self._end(WhyNotShared.NO_TUNNEL, str(error).splitlines()[0] if str(error) else repr(error))
        name, shared = name_of(url.partition("://")[2]) or "", Shared(url, self._now() + LIFE)
        try:
            if (why := await self._refusal()) is None:
                self._hosts.secure.add(name)
                self._tell(shared)
            while (why := await self._refusal()) is None and self._now() < shared.until:
                await pause()
        finally:
            self._hosts.secure.discard(name)
            await asyncio.to_thread(self._tunnel.close)
        return self._end(why or WhyNotShared.EXPIRED)

    def _end(self, why: WhyNotShared, detail: str = "") -> WhyNotShared:
        self._tell(NotShared(why, detail))
        return why

    def _tell(self, state: LinkState) -> None:
        if state != self._last:
            self._last = state
            self._told(state)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), LOOK_EVERY.total_seconds())
        self._changed.clear()

    async def _refusal(self) -> WhyNotShared | None:
        if not self._wanted():
            return WhyNotShared.OFF
        if not await self._accounts.has_admin():
            return WhyNotShared.NO_ADMIN
        if await self._accounts.sign_up_mode() is SignUpMode.OPEN:
            return WhyNotShared.SIGN_UP_OPEN
        return None


class GradioTunnel:
    """Gradio's own relay. Its client is a program that Gradio downloads when it is first used."""

    def open(self, host: str, port: int) -> str:
        """Open it and give its address."""
        from gradio.networking import setup_tunnel  # noqa: PLC0415 - Gradio is imported while the app starts

        return str(setup_tunnel(host, port, secrets.token_urlsafe(32), None, None))

    def close(self) -> None:
        """Close every tunnel of this process: there is no other."""
        from gradio.tunneling import CURRENT_TUNNELS  # noqa: PLC0415 - the same

        while CURRENT_TUNNELS:
            CURRENT_TUNNELS.pop().kill()
