"""Whatever is sent to the app, by whom and in whatever order: it answers, shows nothing of its inside, and goes on."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatui.domain.errors import Refused
from chatui.domain.people import AccountRole
from chatui.web.live import SESSION_OVER
from tests.support.app import COOKIE
from tests.support.asgi import Asked, Headers, ask, line
from tests.support.house import Guest, House, house
from tests.support.odd import frames, requests
from tests.support.ollama_server import OllamaServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

unhurried = settings(deadline=None, suppress_health_check=list(HealthCheck))
a_few, many = settings(unhurried, max_examples=250), settings(unhurried, max_examples=5_000)
INSIDES = (b"Traceback", b"site-packages", b"sqlalchemy", b"sqlite3.", b"chatui/", b"storage/", b'File "/')


class Faults(logging.Handler):
    """Keeps what was logged with a stack trace: nobody sees it, but it is a fault of ours."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.seen.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


@dataclass
class Fuzzed:
    """The app, who asks it, ids of things that are there, own ones and others', and what is served."""

    home: House
    guests: list[Guest]
    ids: Sequence[str]
    targets: Sequence[str]

    async def cookies(self, who: int) -> Headers:
        """The session of the admin, of a member, of nobody, or none; signed in anew when the one before is over."""
        if who >= len(self.guests):
            return [cookie(b"no such token")] if who == len(self.guests) else []
        guest = self.guests[who]
        if await self.home.core.accounts.service.principal_for(guest.cookie, "127.0.0.1") is None:
            try:
                guest = await self.home.again(guest)
            except Refused:  # an admin closed the account
                guest = await self.home.guest(f"Another {uuid4()}", guest.user.role)
            self.guests[who] = guest
        return [cookie(guest.cookie.encode())]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fuzzed]:
    async with OllamaServer() as ollama, house(tmp_path_factory.mktemp("data"), ollama.url) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        bob, eve = await home.guest("Bob"), await home.guest("Eve")
        ids = [str(one.user.id) for one in (ana, bob, eve)] + [str(uuid4())]
        for guest in (ana, bob):
            ids += await ids_of_a_question(home, guest)
        targets = sorted({path.replace("{job_id}", ids[-1]).replace("{verb}", "first") for _, path in home.routes()})
        yield Fuzzed(home, [ana, bob], ids, targets)


@pytest.fixture
def faults() -> Iterator[Faults]:
    """Nothing that is done in a test may leave a stack trace in the log."""
    seen = Faults()
    logging.getLogger().addHandler(seen)
    yield seen
    logging.getLogger().removeHandler(seen)


async def ids_of_a_question(home: House, guest: Guest) -> list[str]:
    """Ask something; gives the ids of the conversation, the question and the answer."""
    key = str(uuid4())
    async with line(home.site.app, [cookie(guest.cookie.encode())]) as tab:
        tab.say('{"t": "hello"}')
        tab.say(json.dumps({"t": "ask", "key": key, "text": "tokens=3"}))
        assert await tab.until('"state":"complete"')
    frames = [json.loads(text) for text in tab.sent]
    asked = next(frame for frame in frames if frame["t"] == "asked")
    answers = [frame["message"]["id"] for frame in frames if frame["t"] == "message"]
    return [asked["conversation"], key, answers[-1]]


def cookie(token: bytes) -> tuple[bytes, bytes]:
    return b"cookie", COOKIE.encode() + b"=" + token


async def try_a_request(fuzzed: Fuzzed, data: st.DataObject) -> None:
    asked = data.draw(requests(fuzzed.targets, fuzzed.ids))
    headers = [*asked.headers, *await fuzzed.cookies(data.draw(st.integers(0, 3)))]
    answered = await ask(fuzzed.home.site.app, Asked(asked.method, asked.target, headers, asked.body))
    assert 200 <= answered.status < 500
    assert dict(answered.headers)[b"content-security-policy"]
    nothing_inside(bytes(answered.body))


async def try_a_line(fuzzed: Fuzzed, data: st.DataObject) -> None:
    who = await fuzzed.cookies(data.draw(st.integers(0, 1)))
    words = sorted(fuzzed.home.site.line.words)
    said = data.draw(st.lists(frames(words, fuzzed.ids), min_size=1, max_size=6))
    async with line(fuzzed.home.site.app, who) as tab:
        if data.draw(st.integers(0, 9)):
            tab.say('{"t": "hello"}')
        for frame in said:
            tab.say(frame)
        tab.say('{"t": "ping"}')
        if not await tab.until('"t":"pong"'):
            assert tab.closed in {1003, 1008, 1009, SESSION_OVER}
    nothing_inside("".join(tab.sent).encode())


async def still_answers(fuzzed: Fuzzed) -> None:
    """Whoever comes after it all is served: the page, and a question."""
    fuzzed.home.core.scheduler.resume()
    mia = await fuzzed.home.guest(f"Mia {uuid4()}")
    page = await ask(fuzzed.home.site.app, Asked("GET", b"/", [cookie(mia.cookie.encode())]))
    assert page.status == 200
    assert len(await ids_of_a_question(fuzzed.home, mia)) == 3


def nothing_inside(shown: bytes) -> None:
    assert not any(inside in shown for inside in INSIDES), shown[:400]


@a_few
@given(data=st.data())
async def test_every_request_gets_an_answer(fuzzed: Fuzzed, faults: Faults, data: st.DataObject) -> None:
    await try_a_request(fuzzed, data)
    assert faults.seen == []


@a_few
@given(data=st.data())
async def test_every_line_goes_on_or_ends(fuzzed: Fuzzed, faults: Faults, data: st.DataObject) -> None:
    await try_a_line(fuzzed, data)
    assert faults.seen == []


@pytest.mark.long
@many
@given(data=st.data())
async def test_five_thousand_requests(fuzzed: Fuzzed, faults: Faults, data: st.DataObject) -> None:
    await try_a_request(fuzzed, data)
    assert faults.seen == []


@pytest.mark.long
@many
@given(data=st.data())
async def test_five_thousand_lines(fuzzed: Fuzzed, faults: Faults, data: st.DataObject) -> None:
    await try_a_line(fuzzed, data)
    assert faults.seen == []


async def test_after_all_that_it_answers_as_before(fuzzed: Fuzzed) -> None:
    await still_answers(fuzzed)
