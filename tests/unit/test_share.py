"""The link to the internet: had only while strangers cannot get in, and closed when that changes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatui.accounts.rules import SignUpMode
from chatui.web.hosts import TrustedHosts, hosts_for
from chatui.web.share import LIFE, BeingShared, LinkState, NotShared, Shared, ShareLink, WhyNotShared
from tests.support.accounts import PASSWORD, Office, open_office

URL = "https://tea.gradio.example"
START = datetime(2026, 11, 23, tzinfo=UTC)


HERE = ("127.0.0.1", 7860)


class Relay:
    """A tunnel without a network."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.is_open = False

    def open(self, host: str, port: int) -> str:
        if not self.there:
            raise RuntimeError("no relay answers\nand a long story")
        self.is_open = (host, port) == ("127.0.0.1", 7860)
        return URL

    def close(self) -> None:
        self.is_open = False


def link_of(office: Office, hosts: TrustedHosts, relay: Relay, told: list[LinkState]) -> ShareLink:
    return ShareLink(office.accounts.service, hosts, relay, lambda: START, lambda: True, told.append)


async def never() -> None:
    raise AssertionError("there is no link to keep open")


@pytest.mark.parametrize("why", [WhyNotShared.NO_ADMIN, WhyNotShared.SIGN_UP_OPEN])
async def test_there_is_no_link_while_strangers_could_get_in(tmp_path: Path, why: WhyNotShared) -> None:
    async with open_office(tmp_path) as office:
        if why is WhyNotShared.SIGN_UP_OPEN:
            await office.accounts.admin.set_sign_up(await office.admin(), SignUpMode.OPEN)
        relay, told = Relay(), list[LinkState]()
        hosts = hosts_for("127.0.0.1", ())
        await link_of(office, hosts, relay, told).share(*HERE, never)
    assert told == [NotShared(why)]
    assert not relay.is_open


async def test_without_a_relay_the_app_stays_local_and_says_why(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.accounts.service.create_admin("Ada", PASSWORD)
        told = list[LinkState]()
        await link_of(office, hosts_for("127.0.0.1", ()), Relay(there=False), told).share(*HERE, never)
    assert told == [BeingShared(), NotShared(WhyNotShared.NO_TUNNEL, "no relay answers")]


@pytest.mark.parametrize("end", [WhyNotShared.SIGN_UP_OPEN, WhyNotShared.EXPIRED, WhyNotShared.OFF])
async def test_an_open_link_is_https_alone_and_closes_when_it_must(tmp_path: Path, end: WhyNotShared) -> None:
    async with open_office(tmp_path) as office:
        admin = await office.admin()
        relay, told, hosts = Relay(), list[LinkState](), hosts_for("127.0.0.1", ())
        now, wanted = START, True

        async def pause() -> None:
            nonlocal now, wanted
            assert relay.is_open
            assert hosts.trusts("tea.gradio.example")
            assert hosts.is_secure("tea.gradio.example")
            match end:
                case WhyNotShared.EXPIRED:
                    now += LIFE + timedelta(seconds=1)
                case WhyNotShared.OFF:
                    wanted = False
                case _:
                    await office.accounts.admin.set_sign_up(admin, SignUpMode.OPEN)

        link = ShareLink(office.accounts.service, hosts, relay, lambda: now, lambda: wanted, told.append)
        await link.share(*HERE, pause)
    assert told == [BeingShared(), Shared(URL, START + LIFE), NotShared(end)]
    assert not relay.is_open
    assert not hosts.trusts("tea.gradio.example")


async def test_a_link_that_was_switched_off_while_it_was_opened_is_closed_and_was_never_told(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.admin()
        wanted = True

        class Slow(Relay):
            def open(self, host: str, port: int) -> str:
                nonlocal wanted
                wanted = False
                return super().open(host, port)

        relay, told = Slow(), list[LinkState]()
        hosts = hosts_for("127.0.0.1", ())
        link = ShareLink(office.accounts.service, hosts, relay, lambda: START, lambda: wanted, told.append)
        await link.share(*HERE, never)
    assert told == [BeingShared(), NotShared(WhyNotShared.OFF)]
    assert not relay.is_open


async def test_a_link_is_opened_and_closed_whenever_it_is_wanted_or_not(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.admin()
        wanted, told = False, asyncio.Queue[LinkState]()
        relay, hosts = Relay(), hosts_for("127.0.0.1", ())
        link = ShareLink(office.accounts.service, hosts, relay, lambda: START, lambda: wanted, told.put_nowait)
        running = asyncio.create_task(link.run(*HERE))
        for _ in range(2):
            wanted = True
            link.look()
            assert await told.get() == BeingShared()
            assert await told.get() == Shared(URL, START + LIFE)
            assert relay.is_open
            wanted = False
            link.look()
            assert await told.get() == NotShared(WhyNotShared.OFF)
        running.cancel()
        await asyncio.wait({running})
    assert not relay.is_open
