"""A data directory whose database needs no upgrade: many tests start the app's parts."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.assembly import copied, make_template


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return await make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    return copied(template, tmp_path / "data")
