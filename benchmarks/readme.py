"""What the README tells of the newest results: `python -m benchmarks.readme` writes its tables and draws its plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.chapters import CHAPTERS
from benchmarks.processes import ROOT
from benchmarks.results import Result, newest

README = ROOT / "README.md"
PLOTS = ROOT / "docs" / "measured"
BEGIN, END = "<!-- measured: by `python -m benchmarks.readme` -->", "<!-- /measured -->"


def write(results: Callable[[], Mapping[str, Result]] = newest) -> None:
    """Write the README's section and the plots."""
    found = results()
    README.write_text(with_section(README.read_text(encoding="utf-8"), found), encoding="utf-8")
    PLOTS.mkdir(parents=True, exist_ok=True)
    for name, drawn in plots(found).items():
        (PLOTS / name).write_text(drawn, encoding="utf-8")


def with_section(readme: str, results: Mapping[str, Result]) -> str:
    """Give the README with the section that these results make."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    told = [_chapter(name, results[name]) for name in CHAPTERS if name in results]
    return "\n\n".join([before + BEGIN, *told, END + after])


def plots(results: Mapping[str, Result]) -> Mapping[str, str]:
    """Draw every plot of these results, by the name of its file."""
    drawn = {}
    for name, chapter in CHAPTERS.items():
        if name in results and chapter.plot is not None:
            drawn[f"{name}.svg"] = chapter.plot(results[name].figures)
    return drawn


def _chapter(name: str, result: Result) -> str:
    chapter = CHAPTERS[name]
    machine = ", ".join(_told(result.machine))
    source = f"`{result.command}`, {result.day}, {machine}."
    picture = [f"![{chapter.title}](docs/measured/{name}.svg)"] if chapter.plot is not None else []
    return "\n\n".join([f"### {chapter.title}", *picture, *chapter.tell(result.figures), f"<sub>{source}</sub>"])


def _told(machine: Mapping[str, str]) -> Sequence[str]:
    before = f"load {machine['load']} before it began"
    return (f"{machine['cores']} cores", machine["memory"], f"Python {machine['Python']}", before)


def path_of(name: str) -> Path:
    """Tell where a plot is."""
    return PLOTS / name


if __name__ == "__main__":
    write()
