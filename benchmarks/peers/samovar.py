"""The app's program, run as `app.py` is, with the times of its queue as much faster as those of the trace.

Its last two arguments are the pace: how many times as fast, and how many tokens a word stands for.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from unittest.mock import patch

from benchmarks.peers.pace import Pace
from chatui.configuration import policy_config
from chatui.scheduler.decision import PolicyConfig
from chatui.settings import Settings


def main() -> None:
    """Serve in the pace."""
    *sys.argv, speed, tokens_a_word = sys.argv
    pace = Pace(float(speed), float(tokens_a_word))

    def in_pace(settings: Settings) -> PolicyConfig:
        return pace.compressed(policy_config(settings))

    with patch("chatui.queueing.policy_config", in_pace):
        runpy.run_path(str(Path(__file__).parents[2] / "app.py"), run_name="__main__")


if __name__ == "__main__":
    main()
