"""The app's program, run as `app.py` is, with the times of its queue as much faster as those of the trace."""

from __future__ import annotations

import runpy
from pathlib import Path
from unittest.mock import patch

from benchmarks.peers.pace import compressed
from chatui.configuration import policy_config
from chatui.scheduler.decision import PolicyConfig
from chatui.settings import Settings


def _compressed(settings: Settings) -> PolicyConfig:
    return compressed(policy_config(settings))


if __name__ == "__main__":
    with patch("chatui.queueing.policy_config", _compressed):
        runpy.run_path(str(Path(__file__).parents[2] / "app.py"), run_name="__main__")
