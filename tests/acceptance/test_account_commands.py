"""Accounts at the console: before the first start, and beside the app that runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from tests.support.app import ADMIN, PASSWORD, AppProcess, run_to_end, running_app, tab
from tests.support.ollama_server import OllamaServer


async def command(data: Path, *words: str, says: str = "") -> tuple[int, str]:
    status, output = await run_to_end(*words, "--data", str(data), says=says)
    return status, output.strip()


async def signed_in(app: AppProcess, name: str, password: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=app.url, timeout=60) as http:
        return await http.post("/sign-in", data={"name": name, "password": password})


async def test_a_script_makes_the_first_admin(tmp_path: Path) -> None:
    made = await command(tmp_path, "admin", "create", "--name", ADMIN, "--password-stdin", says=f"{PASSWORD}\n")
    assert made == (0, f"{ADMIN} is an admin now")
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url) as app:
        assert app.first_admin_code == ""
        async with tab(app) as client:
            await client.ask("hello")
            assert (await client.answer())["state"] == "complete"


async def test_accounts_are_cared_for_while_the_app_runs(tmp_path: Path) -> None:
    async with OllamaServer() as ollama, running_app(tmp_path, "--backend", ollama.url) as app:
        made = await command(tmp_path, "account", "create", "--name", "Ben", "--password-stdin", says="the second cup")
        assert made == (0, "Ben has an account now")
        entered = await signed_in(app, "Ben", "the second cup")
        assert entered.status_code == 303
        status, listed = await command(tmp_path, "account", "list")
        assert (status, listed) == (0, f"{ADMIN}\tadmin\tactive\nBen\tmember\tactive")
        assert (await command(tmp_path, "account", "disable", "--name", "Ben"))[0] == 0
        assert (await signed_in(app, "Ben", "the second cup")).status_code == 403
        async with httpx.AsyncClient(base_url=app.url, cookies=entered.cookies, timeout=60) as http:
            async with asyncio.timeout(60):
                # What was looked up is taken for granted for a second.
                while (await http.get("/session")).status_code != 401:  # noqa: ASYNC110 - another process ended it
                    await asyncio.sleep(0.1)
        status, link = await command(tmp_path, "account", "invite", "--role", "viewer")
        assert status == 0
        path = link.splitlines()[0]
        async with httpx.AsyncClient(base_url=app.url, timeout=60) as http:
            form = {"code": path.partition("code=")[2], "name": "Vic", "password": "only here to read"}
            assert (await http.post("/invitation", data=form)).status_code == 303


async def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    nobody = await command(tmp_path, "account", "invite")
    assert nobody[0] == 1
    assert nobody[1].startswith("samovar: There is no admin yet.")
    short = await command(tmp_path, "admin", "create", "--name", ADMIN, "--password-stdin", says="tea\n")
    assert short[0] == 1
    assert len(short[1].splitlines()) == 1
    unknown = await command(tmp_path, "account", "shout")
    assert unknown[0] == 1
    assert len(unknown[1].splitlines()) == 1
