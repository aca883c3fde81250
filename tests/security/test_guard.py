"""The door, tried from outside on the real app."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import websockets

from tests.support.app import COOKIE, AppProcess, running_app
from tests.support.ollama_server import OllamaServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    async with OllamaServer() as ollama, running_app(tmp_path_factory.mktemp("data"), "--backend", ollama.url) as app:
        yield app


@pytest_asyncio.fixture(loop_scope="module")
async def http(app: AppProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=app.url, cookies=app.cookies, timeout=60) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/healthz", "/ui/app.js", "/config", "/nothing"])
async def test_every_answer_carries_the_policy(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers
    assert "script-src 'self';" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


async def test_the_frame_of_diagrams_asks_for_scripts_of_ours_alone(http: httpx.AsyncClient) -> None:
    policy = (await http.get("/diagrams")).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "frame-ancestors 'self'" in policy
    for source in ("connect-src", "unsafe-eval", "http", "frame-src"):
        assert source not in policy


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""])
async def test_other_names_of_this_machine_are_not_served(http: httpx.AsyncClient, host: str) -> None:
    assert (await http.get("/", headers={"host": host})).status_code in {400, 421}


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc", "/monitoring", "/gradio_api/queue/data"])
async def test_what_gradio_and_fastapi_would_show_is_closed(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/gradio_api/upload", "/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/reset"]
)
async def test_what_gradio_would_do_is_closed(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.post(path, json={})).status_code == 404


async def test_a_post_from_another_site_is_refused(http: httpx.AsyncClient) -> None:
    refused = await http.post("/healthz", headers={"origin": "https://evil.example"})
    assert refused.status_code == 403


async def test_a_websocket_from_another_site_is_refused(app: AppProcess) -> None:
    address = f"{app.url.replace('http', 'ws', 1)}/live"
    with pytest.raises(websockets.InvalidStatus):
        async with websockets.connect(address, origin=websockets.Origin("https://evil.example")):
            pass


BAD_FRAMES = [
    "",
    "nonsense",
    "[]",
    "null",
    '{"t":"shout"}',
    '{"t":"ask","key":"x"}',
    '{"t":"stop"}',
    '{"t":"open","conversation":1}',
]


@pytest.mark.parametrize("frame", BAD_FRAMES)
async def test_frames_that_no_page_sends_end_the_line_and_nothing_else(app: AppProcess, frame: str) -> None:
    address = f"{app.url.replace('http', 'ws', 1)}/live"
    async with websockets.connect(address, additional_headers={"cookie": f"{COOKIE}={app.cookie}"}) as socket:
        await socket.send('{"t":"hello"}')
        await socket.send(frame)
        await socket.wait_closed()
        assert socket.close_code == 1008
    async with httpx.AsyncClient(base_url=app.url, timeout=60) as http:
        assert (await http.get("/readyz")).status_code == 200
