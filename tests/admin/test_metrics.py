"""What monitoring reads, who may, and that every figure is documented."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from chatui.domain.people import AccountRole
from tests.support.app import tab
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer

DOCS = Path(__file__).parents[2] / "docs"
TOKEN = "a token for monitoring"


@pytest_asyncio.fixture
async def guarded(ollama: OllamaServer, tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, ollama.url, metrics_token=TOKEN) as served:
        yield served


def told(text: str) -> dict[str, str]:
    """The names of all metrics, as they are written in queries, and their kinds."""
    families = text_string_to_metric_families(text)
    return {family.name + ("_total" if family.type == "counter" else ""): family.type for family in families}


async def test_every_metric_is_in_the_documents_and_none_else(home: House) -> None:
    async with httpx.AsyncClient(base_url=home.url) as http:
        served = told((await http.get("/metrics")).text)
    table = re.findall(
        r"^\| `(samovar_\w+)` \| (\w+) \|", (DOCS / "metrics.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert dict(table) == served


async def test_the_dashboard_asks_for_nothing_that_there_is_not(home: House) -> None:
    async with httpx.AsyncClient(base_url=home.url) as http:
        served = told((await http.get("/metrics")).text)
    dashboard = json.loads((DOCS / "grafana.json").read_text(encoding="utf-8"))
    asked = {
        re.sub(r"_bucket$", "", name)
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"samovar_\w+", target["expr"])
    }
    assert asked <= served.keys()
    assert len(dashboard["panels"]) == len({panel["id"] for panel in dashboard["panels"]})


async def test_figures_grow_with_what_people_ask(home: House, eve: Guest) -> None:
    async with tab(eve) as client:
        await client.ask("tokens=20")
        await client.answer()
    await home.core.recorder.look()
    async with httpx.AsyncClient(base_url=home.url) as http:
        text = (await http.get("/metrics")).text
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["samovar_jobs_ended_total", "done"] == 1
    assert samples["samovar_tokens_total",] >= 20
    assert samples["samovar_first_token_seconds_count",] == 1
    assert samples["samovar_first_token_seconds_bucket", "+Inf"] == 1
    assert samples["samovar_server_up", next(iter(home.core.scheduler.backends()))] == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"x-forwarded-for": "203.0.113.9"}, 404),
        ({"via": "1.1 relay"}, 404),
        ({"x-forwarded-for": "203.0.113.9", "authorization": f"Bearer {TOKEN}"}, 200),
        ({"x-forwarded-for": "203.0.113.9", "authorization": "Bearer another"}, 404),
        ({"x-forwarded-for": "203.0.113.9", "authorization": TOKEN}, 404),
    ],
)
async def test_this_machine_and_who_brings_the_token_may_read(
    guarded: House, headers: dict[str, str], status: int
) -> None:
    async with httpx.AsyncClient(base_url=guarded.url) as http:
        assert (await http.get("/metrics", headers=headers)).status_code == status


async def test_members_may_not_read_from_elsewhere_and_admins_may(guarded: House) -> None:
    for role, status in ((AccountRole.MEMBER, 404), (AccountRole.ADMIN, 200)):
        guest = await guarded.guest(f"Some {role}", role)
        async with guest.client() as http:
            answer = await http.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})
        assert answer.status_code == status
