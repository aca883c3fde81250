"""What all tests share: how hypotheses are drawn, and a data directory whose database needs no upgrade."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from tests.support.assembly import copied, make_template

# A busy machine is slow, which is no fault. Where changes land, the same few examples are drawn each time; `make
# test-long` looks for others, thousands of them.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", UNHURRIED, derandomize=True, max_examples=50)
settings.register_profile("searching", UNHURRIED, max_examples=2_000)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return await make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    return copied(template, tmp_path / "data")
