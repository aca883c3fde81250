"""The real client against real sockets: it goes where it may, to the address that was judged, and nowhere else."""

# ruff: noqa: RUF001 - letters that look like others are what is tried

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, repeat

import httpx
import pytest

from chatui.backends.addresses import BackendAddress
from chatui.backends.base import Deadlines
from chatui.backends.factory import BackendFactory
from chatui.backends.http import HttpClient
from chatui.backends.ollama_errors import OLLAMA_ERRORS
from chatui.backends.registry import Registry
from chatui.backends.ssrf import PUBLIC_ALONE, Reach
from chatui.backends.zones import Zone
from chatui.domain.errors import AddressRefused, BackendError, BackendMisconfigured, BackendUnreachable
from tests.support.http_server import HttpRequest, HttpResponder, HttpServer

LOOPBACK_ALONE = frozenset({Zone.LOOPBACK})
INSIDE = "169.254.169.254"

FORMS = [
    "http://127.0.0.1:{port}",
    "http://127.0.0.1:{port}/v1",
    "http://localhost:{port}",
    "http://LOCALHOST:{port}",
    "http://localhost.:{port}",
    "http://127.0.0.1.:{port}",
    "http://127.1:{port}",
    "http://127.0.1:{port}",
    "http://127.255.255.254:{port}",
    "http://0:{port}",
    "http://0.0.0.0:{port}",
    "http://0x7f.1:{port}",
    "http://0x7f000001:{port}",
    "http://0x7f.0x0.0x0.0x1:{port}",
    "http://2130706433:{port}",
    "http://017700000001:{port}",
    "http://0177.0.0.1:{port}",
    "http://127.0.0.01:{port}",
    "http://[::1]:{port}",
    "http://[::]:{port}",
    "http://[0:0:0:0:0:0:0:1]:{port}",
    "http://[::ffff:127.0.0.1]:{port}",
    "http://[::ffff:7f00:1]:{port}",
    "http://[::127.0.0.1]:{port}",
    "http://[::1%25lo]:{port}",
    "http://[::1%lo]:{port}",
    "http://[64:ff9b::7f00:1]:{port}",
    "http://[64:ff9b::a9fe:a9fe]:{port}",
    "http://[2002:7f00:1::]:{port}",
    "http://[2002:a9fe:a9fe::]:{port}",
    "http://[2001:0:7f00:1::]:{port}",
    "http://[2606:4700::5efe:7f00:1]:{port}",
    "http://[fd00:ec2::254]:{port}",
    "http://[fe80::1]:{port}",
    "http://169.254.169.254:{port}",
    "http://169.254.169.254/latest/meta-data",
    "http://100.100.100.200:{port}",
    "http://168.63.129.16:{port}",
    "http://metadata.google.internal:{port}",
    "http://localtest.example:{port}",
    "http://mapped.example:{port}",
    "http://tunnel.example:{port}",
    "http://unknown.example:{port}",
    "http://10.0.0.1:{port}",
    "http://192.168.0.1:{port}",
    "http://user@127.0.0.1:{port}",
    "http://user:word@127.0.0.1:{port}",
    "http://llm.example:80@127.0.0.1:{port}",
    "http://llm.example#@127.0.0.1:{port}",
    "http://llm.example?@127.0.0.1:{port}",
    "http://llm.example\\@127.0.0.1:{port}",
    "http://127.0.0.1:{port}\\@llm.example",
    "http://127.0.0.1%2f@llm.example:{port}",
    "http://①②⑦.⓪.⓪.①:{port}",
    "http://127。0。0。1:{port}",
    "http://127．0．0．1:{port}",
    "http://127｡0｡0｡1:{port}",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}",
    "http://lоcalhost:{port}",
    "http://%6c%6f%63%61%6c%68%6f%73%74:{port}",
    "http://%31%32%37.0.0.1:{port}",
    "http:127.0.0.1:{port}",
    "http:///127.0.0.1:{port}",
    "//127.0.0.1:{port}",
    "ftp://127.0.0.1:{port}",
    "gopher://127.0.0.1:{port}/_GET",
    "file:///etc/passwd",
    "unix:///tmp/ollama.sock",
    "dict://127.0.0.1:{port}/x",
    "http+unix://%2ftmp%2follama.sock",
]
NAMES = {
    "metadata.google.internal": [INSIDE],
    "localtest.example": ["127.0.0.1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "tunnel.example": ["2002:7f00:1::"],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
}


@dataclass
class Names:
    """A resolver whose names lead somewhere else each time they are asked for; the last place stays."""

    answers: dict[str, Iterator[Sequence[str]]]
    asked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, **answers: Sequence[Sequence[str]]) -> Names:
        return cls({name: chain(each, repeat(each[-1])) for name, each in answers.items()})

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.answers:
            raise OSError("no such host")
        return next(self.answers[host])


@dataclass
class Served:
    """A server on the loopback, and who asked it."""

    server: HttpServer
    hosts: list[str]
    port: int


@asynccontextmanager
async def serving(status: int = 200, **headers: str) -> AsyncIterator[Served]:
    hosts: list[str] = []

    async def answer(request: HttpRequest, responder: HttpResponder) -> None:
        hosts.append(request.headers["host"])
        # Whoever comes again must come by another connection.
        await responder.send_json(status, {"version": "1"}, {**headers, "Connection": "close"})

    server = HttpServer(answer)
    url = await server.start()
    try:
        yield Served(server, hosts, int(url.rpartition(":")[2]))
    finally:
        await server.aclose()


def client(url: str, reach: Reach) -> HttpClient:
    return HttpClient(url, Deadlines(), OLLAMA_ERRORS.read, reach=reach)


def test_there_are_enough() -> None:
    assert len(FORMS) == len(set(FORMS)) >= 60


@pytest.fixture
def names() -> Names:
    return Names({name: repeat(addresses) for name, addresses in NAMES.items()})


async def test_no_form_is_added_and_none_is_connected_to(names: Names) -> None:
    factory = BackendFactory(embedded=None, added=Reach(PUBLIC_ALONE, names))
    async with serving() as served, serving() as metadata, aclosing(Registry(factory)) as registry:
        for form in FORMS:
            url = form.format(port=served.port)
            with pytest.raises(AddressRefused):
                await registry.add(BackendAddress(url))
        assert registry.statuses() == []
        assert served.server.accepted == metadata.server.accepted == 0


@pytest.mark.parametrize("form", FORMS)
async def test_a_client_that_was_given_a_form_all_the_same_connects_nowhere(form: str, names: Names) -> None:
    async with serving() as served:
        with pytest.raises((BackendError, httpx.InvalidURL)):
            async with aclosing(client(form.format(port=served.port), Reach(PUBLIC_ALONE, names))) as http:
                await http.get("/api/version")
        assert served.server.accepted == 0


async def test_the_host_is_named_and_the_address_is_the_one_that_was_judged() -> None:
    names = Names.of(gpu=[["127.0.0.1"]])
    async with serving() as served, aclosing(client(f"http://gpu:{served.port}", Reach(LOOPBACK_ALONE, names))) as http:
        assert await http.get("/api/version") == {"version": "1"}
        assert served.hosts == [f"gpu:{served.port}"]


async def test_a_name_that_leads_elsewhere_at_the_next_connection_is_judged_anew() -> None:
    names = Names.of(gpu=[["127.0.0.1"], [INSIDE], ["10.0.0.1"]])
    async with serving() as served, aclosing(client(f"http://gpu:{served.port}", Reach(LOOPBACK_ALONE, names))) as http:
        await http.get("/api/version")
        for inside in (INSIDE, "10.0.0.1"):
            with pytest.raises(BackendMisconfigured, match=f"connections to {inside} are not allowed"):
                await http.get("/api/version")
        assert served.server.accepted == 1
        assert names.asked == ["gpu"] * 3


async def test_a_name_that_leads_inside_once_it_was_added_is_not_followed() -> None:
    names = Names.of(rebind=[["93.184.216.34"], ["127.0.0.1"]])
    factory = BackendFactory(Deadlines(), embedded=None, added=Reach(PUBLIC_ALONE, names))
    async with serving() as served, aclosing(Registry(factory)) as registry:
        status = await registry.add(BackendAddress(f"http://rebind:{served.port}"))
        assert not status.ok
        assert status.error == "connections to 127.0.0.1 are not allowed"
        await registry.check()
        assert served.server.accepted == 0


async def test_of_several_addresses_those_that_are_not_allowed_are_left_out() -> None:
    names = Names.of(gpu=[[INSIDE, "10.0.0.1", "fe80::1%lo", "127.0.0.2", "127.0.0.1"]])
    async with serving() as served, aclosing(client(f"http://gpu:{served.port}", Reach(LOOPBACK_ALONE, names))) as http:
        # Nobody listens at 127.0.0.2: the next one is tried.
        assert await http.get("/api/version") == {"version": "1"}


async def test_a_name_without_an_address_may_have_one_later() -> None:
    async with aclosing(client("http://gpu", Reach(resolve=Names.of()))) as http:
        with pytest.raises(BackendUnreachable, match="gpu"):
            await http.get("/")


async def test_a_resolver_that_never_answers_costs_the_time_for_a_connection() -> None:
    async def never(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    deadlines = replace(Deadlines(), connect=Deadlines().connect / 100)
    async with aclosing(HttpClient("http://gpu", deadlines, OLLAMA_ERRORS.read, reach=Reach(resolve=never))) as http:
        with pytest.raises(BackendUnreachable):
            await http.get("/")


async def test_the_certificate_is_asked_for_by_the_name_of_the_url() -> None:
    begun: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun.append(await reader.read(4_096))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url, names = f"https://gpu.example:{port}", Names({"gpu.example": repeat(["127.0.0.1"])})
    async with server, aclosing(client(url, Reach(LOOPBACK_ALONE, names))) as http:
        with pytest.raises(BackendUnreachable):
            await http.get("/")
    assert b"gpu.example" in begun[0]


async def test_a_redirect_is_not_followed() -> None:
    async with serving() as inside, serving(302, Location=f"http://127.0.0.1:{inside.port}/") as served:
        async with aclosing(client(f"http://127.0.0.1:{served.port}", Reach())) as http:
            with pytest.raises(BackendMisconfigured):
                await http.get("/api/version")
        assert (served.server.accepted, inside.server.accepted) == (1, 0)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
async def test_a_proxy_of_the_environment_is_not_used(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as served, serving() as proxy:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        async with aclosing(client(f"http://127.0.0.1:{served.port}", Reach())) as http:
            await http.get("/api/version")
        assert (served.server.accepted, proxy.server.accepted) == (1, 0)


async def test_what_the_operator_names_may_be_in_the_house_but_not_where_no_backend_is() -> None:
    async with serving() as served:
        addresses = [BackendAddress(f"http://127.0.0.1:{served.port}"), BackendAddress(f"http://{INSIDE}")]
        async with aclosing(Registry(BackendFactory(embedded=None), addresses)) as registry:
            await registry.start()
            house, inside = registry.statuses()
    assert served.server.accepted > 0
    assert house.error != inside.error == f"connections to {INSIDE} are not allowed"
