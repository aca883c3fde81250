"""The link to the internet: had only while strangers cannot get in, and closed when that changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatui.accounts.rules import SignUpMode
from chatui.web.hosts import hosts_for
from chatui.web.share import LIFE, NotShared, Shared, ShareLink, WhyNotShared
from tests.support.accounts import PASSWORD, open_office

URL = "https://tea.gradio.example"
START = datetime(2026, 11, 23, tzinfo=UTC)


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


@pytest.mark.parametrize("why", [WhyNotShared.NO_ADMIN, WhyNotShared.SIGN_UP_OPEN])
async def test_there_is_no_link_while_strangers_could_get_in(tmp_path: Path, why: WhyNotShared) -> None:
    async with open_office(tmp_path) as office:
        if why is WhyNotShared.SIGN_UP_OPEN:
            await office.accounts.admin.set_sign_up(await office.admin(), SignUpMode.OPEN)
        relay, told = Relay(), list[Shared | NotShared]()
        hosts = hosts_for("127.0.0.1", ())
        await ShareLink(office.accounts.service, hosts, relay, lambda: START, told.append).run("127.0.0.1", 7860)
    assert told == [NotShared(why)]
    assert not relay.is_open


async def test_without_a_relay_the_app_stays_local_and_says_why(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.accounts.service.create_admin("Ada", PASSWORD)
        told = list[Shared | NotShared]()
        link = ShareLink(
            office.accounts.service, hosts_for("127.0.0.1", ()), Relay(there=False), lambda: START, told.append
        )
        await link.run("127.0.0.1", 7860)
    assert told == [NotShared(WhyNotShared.NO_TUNNEL, "no relay answers")]


@pytest.mark.parametrize("end", [WhyNotShared.SIGN_UP_OPEN, WhyNotShared.EXPIRED])
async def test_an_open_link_is_https_alone_and_closes_when_it_must(tmp_path: Path, end: WhyNotShared) -> None:
    async with open_office(tmp_path) as office:
        admin = await office.admin()
        relay, told, hosts = Relay(), list[Shared | NotShared](), hosts_for("127.0.0.1", ())
        now = START

        async def pause(_: float) -> None:
            nonlocal now
            assert relay.is_open
            assert hosts.trusts("tea.gradio.example")
            assert hosts.is_secure("tea.gradio.example")
            if end is WhyNotShared.EXPIRED:
                now += LIFE + timedelta(seconds=1)
            else:
                await office.accounts.admin.set_sign_up(admin, SignUpMode.OPEN)

        await ShareLink(office.accounts.service, hosts, relay, lambda: now, told.append).run("127.0.0.1", 7860, pause)
    assert told == [Shared(URL, START + LIFE), NotShared(end)]
    assert not relay.is_open
    assert not hosts.trusts("tea.gradio.example")
