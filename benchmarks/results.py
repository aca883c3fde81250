"""What was measured and when: one file for each benchmark and day, of which the newest counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one run; `measured` is its begin in UTC, to the minute."""

    benchmark: str
    measured: str
    command: str
    seconds: float
    machine: Mapping[str, str]
    figures: Mapping[str, float]

    @property
    def day(self) -> str:
        """The day on which it was measured."""
        return self.measured[:10]


def keep(result: Result, folder: Path = RESULTS) -> Path:
    """Write a result, over one of the same benchmark and day."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{result.day}-{result.benchmark}.json"
    file.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
    return file


def newest(folder: Path = RESULTS) -> Mapping[str, Result]:
    """Read the newest result of each benchmark."""
    read = (Result(**json.loads(file.read_text(encoding="utf-8"))) for file in sorted(folder.glob("*.json")))
    return {result.benchmark: result for result in sorted(read, key=lambda result: result.measured)}
