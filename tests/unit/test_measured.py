"""What the README tells of measurements is what was measured."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import catalogue, readme
from benchmarks.chapters import CHAPTERS
from benchmarks.plot import Bars, draw
from benchmarks.report import table
from benchmarks.results import RESULTS, Result, keep, newest

ROOT = Path(__file__).parents[2]
RESULT = Result("gateway", "2026-01-02T03:04Z", "python -m benchmarks.gateway --json", 61, {"cores": "2"}, {"a": 1.5})


def test_the_section_of_the_readme_is_what_the_newest_results_make() -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert readme.with_section(text, newest()) == text, "run `python -m benchmarks.readme`"


def test_the_plots_are_those_of_the_newest_results() -> None:
    drawn = readme.plots(newest())
    kept = {file.name: file.read_text(encoding="utf-8") for file in readme.PLOTS.glob("*.svg")}
    assert kept == drawn, "run `python -m benchmarks.readme`"


def test_results_tell_nothing_of_whose_machine_it_was() -> None:
    for file in RESULTS.glob("*.json"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"/(home|root|tmp|Users|work)/|\w+@\w+|\b\d+\.\d+\.\d+\.\d+\b(?!\")", text), file.name


def test_the_newest_result_of_each_benchmark_counts(tmp_path: Path) -> None:
    keep(RESULT, tmp_path)
    later = Result("gateway", "2026-02-01T00:00Z", RESULT.command, 60, {"cores": "2"}, {"a": 2.5})
    keep(later, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["2026-01-02-gateway.json", "2026-02-01-gateway.json"]
    assert newest(tmp_path) == {"gateway": later}


def test_chapters_are_of_benchmarks_that_are_run_and_that_are_there() -> None:
    names = [benchmark.name for benchmark in catalogue.BENCHMARKS]
    assert set(CHAPTERS) <= set(names)
    for name in names:
        module = ROOT / "benchmarks" / name
        assert module.with_suffix(".py").exists() or (module / "__main__.py").exists()


def test_the_queue_beside_others_is_told_by_priority_as_far_as_it_was_measured() -> None:
    figures = dict(newest()["peers"].figures)
    older = {name: value for name, value in figures.items() if "low_p95_s" not in name and "high_asked" not in name}
    ways = {name.rpartition("/")[0] for name in older if name.count("/") == 2}
    more = older | {f"{way}/low_p95_s": 123.0 for way in ways} | {"mixed/Samovar/high_asked": 33.0}
    before, after = ("\n".join(CHAPTERS["peers"].tell(told)) for told in (older, more))
    assert "low p95" not in before
    assert "| 123 |" in after
    assert "33 questions" in after


@pytest.mark.parametrize("file", sorted(RESULTS.glob("*.json")), ids=lambda file: file.stem)
def test_kept_figures_are_flat(file: Path) -> None:
    figures = json.loads(file.read_text(encoding="utf-8"))["figures"]
    assert figures
    assert all(isinstance(value, int | float) for value in figures.values())


def test_a_plot_is_well_formed_and_names_everything() -> None:
    bars = Bars("Waits & more", "s", ("one", "two"), {"<direct>": (10.0, 20.0), "Samovar": (2.5, 0.0)}, "Samovar")
    words = " ".join(ET.fromstring(draw(bars)).itertext())
    assert all(word in words for word in ("Waits & more", "<direct>", "Samovar", "20 s", "2.5 s", "one", "two"))


def test_figures_stand_right_in_a_table() -> None:
    told = table("first token", ("p50", "p95"), {"direct": ("1.5", "12.0"), "through the app": ("2.5", "3.0")})
    assert told.splitlines() == [
        "first token      p50   p95",
        "direct           1.5  12.0",
        "through the app  2.5   3.0",
    ]
