"""A link through Gradio's tunnel, by which the app is reached from the internet for a week at most.

It is had only while strangers cannot get in by themselves: there is an admin, and sign-up is not open. As soon as that
changes, or the link's time is over, it is closed.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
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

    NO_ADMIN = "no_admin"
    SIGN_UP_OPEN = "sign_up_open"
    NO_TUNNEL = "no_tunnel"
    EXPIRED = "expired"


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


Told = Callable[[Shared | NotShared], None]


class Tunnel(Protocol):
    """What brings requests from the internet here. Both calls may take long, and run in threads."""

    def open(self, host: str, port: int) -> str:
        """Open it and give its address; raises any exception where there is none to be had."""

    def close(self) -> None:
        """Close it; one that is closed stays so."""


class ShareLink:
    """Opens the link and watches over it. `told` hears what became of it."""

    def __init__(
        self, accounts: AccountService, hosts: TrustedHosts, tunnel: Tunnel, now: Callable[[], datetime], told: Told
    ) -> None:
        self._accounts = accounts
        self._hosts = hosts
        self._tunnel = tunnel
        self._now = now
        self._told = told

    async def run(self, host: str, port: int, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Have the link open until it must not be, or until cancelled."""
        if (why := await self._refusal()) is not None:
            self._told(NotShared(why))
            return
        try:
            url = await asyncio.to_thread(self._tunnel.open, host, port)
        except Exception as error:  # noqa: BLE001 - a foreign program, a download, a relay: whatever it is, there is no link
            self._told(NotShared(WhyNotShared.NO_TUNNEL, str(error).splitlines()[0] if str(error) else repr(error)))
            return
        name, shared = name_of(url.partition("://")[2]) or "", Shared(url, self._now() + LIFE)
        self._hosts.secure.add(name)
        self._told(shared)
        try:
            while (why := await self._refusal()) is None and self._now() < shared.until:
                await pause(LOOK_EVERY.total_seconds())
            self._told(NotShared(why or WhyNotShared.EXPIRED))
        finally:
            self._hosts.secure.discard(name)
            await asyncio.to_thread(self._tunnel.close)

    async def _refusal(self) -> WhyNotShared | None:
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
