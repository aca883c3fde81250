"""What all tests share: how hypotheses are drawn, and a data directory whose database needs no upgrade."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.fresh import furnish

# A busy machine is slow, which is no fault. Where changes land, the same few examples are drawn each time; `make
# test-long` looks for others, thousands of them.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", UNHURRIED, derandomize=True, max_examples=50)
settings.register_profile("searching", UNHURRIED, max_examples=2_000)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    furnish(tmp_path / "data")
    return tmp_path / "data"
