"""The configurations of docs/behind-a-proxy.md, tried with the real nginx and the real Caddy."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import websockets

from chatui.domain.people import AccountRole
from tests.gateway.conftest import MODEL, SCRIPT, key_for
from tests.support.app import ROOT
from tests.support.house import PASSWORD, House, house
from tests.support.ollama_server import OllamaServer

NAME = "tea.example.org"
PAGE = (ROOT / "docs" / "behind-a-proxy.md").read_text(encoding="utf-8")
BODY = {"model": MODEL, "messages": [{"role": "user", "content": "hello, tokens=3"}], "stream": True}
NGINX = "{user}events {{}}\nerror_log stderr;\npid {folder}/pid;\nhttp {{\naccess_log off;\n{paths}{block}}}\n"
NGINX_PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
CADDY = "{{\nadmin off\nauto_https disable_redirects\nskip_install_trust\n}}\n{block}"


@dataclass(frozen=True)
class Front:
    """A proxy in front of the app."""

    home: House
    server: OllamaServer
    port: int
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}"

    def http(self, **headers: str) -> httpx.AsyncClient:
        """A client that finds the name at the loopback, as a browser whose machine knows the name."""
        transport = httpx.AsyncHTTPTransport(verify=self.trust)
        connect = f"https://127.0.0.1:{self.port}"
        hooks = {"request": [self._named]}
        return httpx.AsyncClient(
            base_url=connect, transport=transport, headers=headers, event_hooks=hooks, timeout=60, trust_env=False
        )

    async def _named(self, request: httpx.Request) -> None:
        request.headers["host"] = f"{NAME}:{self.port}"
        request.extensions["sni_hostname"] = NAME


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found.group(1)


def free_port() -> int:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    files = folder / "tea.crt", folder / "tea.key"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tea", "-addext"]
    named = [f"subjectAltName=DNS:{NAME}", "-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run(["openssl", *words, *named], check=True, capture_output=True)
    return files


def nginx(folder: Path, app_port: int, port: int, files: tuple[Path, Path]) -> Sequence[str]:
    text = block("nginx").replace("127.0.0.1:7860", f"127.0.0.1:{app_port}")
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    text = text.replace("listen 80", f"listen 127.0.0.1:{free_port()}")
    for kind, file in zip(("crt", "key"), files, strict=True):
        text = text.replace(f"/etc/ssl/{NAME}.{kind}", str(file))
    paths = "".join(f"{name}_temp_path {folder}/{name};\n" for name in NGINX_PATHS)
    user = "user root;\n" if os.geteuid() == 0 else ""  # else its worker may not write in this folder
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(user=user, folder=folder, paths=paths, block=text), encoding="utf-8")
    return "nginx", "-c", str(config), "-g", "daemon off;"


def caddy(folder: Path, app_port: int, port: int, files: tuple[Path, Path]) -> Sequence[str]:
    text = block("caddy").replace("127.0.0.1:7860", f"127.0.0.1:{app_port}")
    own = f"{NAME}:{port} {{\n    bind 127.0.0.1\n    tls {files[0]} {files[1]}\n"
    config = folder / "Caddyfile"
    config.write_text(CADDY.format(block=text.replace(f"{NAME} {{\n", own)), encoding="utf-8")
    return "caddy", "run", "--adapter", "caddyfile", "--config", str(config)


PROXIES = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(params=PROXIES)
async def front(request: pytest.FixtureRequest, tmp_path: Path, certificate: tuple[Path, Path]) -> AsyncIterator[Front]:
    if shutil.which(request.param) is None or shutil.which("openssl") is None:
        pytest.skip(f"{request.param} or openssl is not installed")
    async with (
        OllamaServer(SCRIPT) as server,
        house(tmp_path / "data", server.url, workers=1, trusted_host=(NAME,), proxy=("127.0.0.1",)) as home,
    ):
        port = free_port()
        app_port = int(home.url.rpartition(":")[2])
        command = PROXIES[request.param](tmp_path, app_port, port, certificate)
        async with running(command, tmp_path, port):
            yield Front(home, server, port, ssl.create_default_context(cafile=str(certificate[0])))


@asynccontextmanager
async def running(command: Sequence[str], folder: Path, port: int) -> AsyncIterator[None]:
    """Have a proxy run until the end of a block."""
    environment = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    log = (folder / "proxy.log").open("wb")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)
    try:
        async with asyncio.timeout(60):
            while True:
                assert process.returncode is None, (folder / "proxy.log").read_text(encoding="utf-8")
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.05)
        yield
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        log.close()


async def test_people_sign_in_and_talk(front: Front) -> None:
    await front.home.guest("Ada")
    async with front.http(origin=front.url, **{"x-forwarded-for": "203.0.113.9"}) as http:
        entered = await http.post("/sign-in", data={"name": "Ada", "password": PASSWORD})
        assert entered.status_code == 303, entered.text
        cookie = entered.headers["set-cookie"]
        assert cookie.startswith("__Host-samovar=")
        assert "strict-transport-security" in entered.headers
        session = cookie.partition(";")[0]
        account = await http.get("/account", headers={"cookie": session})
        assert "127.0.0.1" in account.text
        assert "203.0.113.9" not in account.text  # what a client claims about itself
    async with websockets.connect(
        f"wss://{NAME}:{front.port}/live",
        host="127.0.0.1",
        ssl=front.trust,
        additional_headers={"cookie": session},
        origin=websockets.Origin(front.url),
        proxy=None,
        open_timeout=60,
        ping_interval=None,
    ) as line:
        await line.send(json.dumps({"t": "hello", "language": "en", "conversation": None, "resume": None}))
        await line.send(
            json.dumps({"t": "ask", "key": str(uuid4()), "conversation": None, "text": "hello", "model": None})
        )
        async with asyncio.timeout(60):
            while json.loads(await line.recv())["t"] != "asked":
                pass


async def test_a_stream_comes_piece_by_piece(front: Front) -> None:
    place = await key_for(front.home, await front.home.guest("Ada", AccountRole.ADMIN))
    front.server.gate.clear()
    async with (
        front.http(**place.headers) as http,
        http.stream("POST", "/api/chat", json=BODY) as answer,
    ):
        lines = answer.aiter_lines()
        assert json.loads(await anext(lines))["message"]["content"]
        assert front.server.generating == 1  # the first piece is here, and the others are still to be written
        front.server.gate.set()
        rest = [json.loads(line) async for line in lines]
    assert rest[-1]["done"]


async def test_who_hangs_up_frees_the_slot(front: Front) -> None:
    place = await key_for(front.home, await front.home.guest("Ada"))
    front.server.gate.clear()
    async with front.http(**place.headers) as http, http.stream("POST", "/v1/chat/completions", json=BODY) as answer:
        assert answer.status_code == 200
    async with asyncio.timeout(60):
        await front.server.until(lambda: front.server.aborted == 1, 60)


async def test_a_picture_of_many_megabytes_gets_through(front: Front) -> None:
    place = await key_for(front.home, await front.home.guest("Ada"))
    message = {"role": "user", "content": "x", "images": ["AAAA" * (5 << 20)]}
    async with front.http(**place.headers) as http:
        answer = await http.post("/api/chat", json={"model": MODEL, "messages": [message], "stream": False})
        assert answer.status_code == 200, answer.text
        assert answer.json()["done"]
