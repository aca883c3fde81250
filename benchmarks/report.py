"""How every benchmark tells what it found: tables of one look, and figures as one flat JSON object in the last line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence

GAP = 2


def table(title: str, columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """Lay out rows under a title and the names of their columns; figures stand right."""
    lines = [(title, *columns), *((name, *cells) for name, cells in rows.items())]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns) + 1)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return first[0].ljust(first[1]) + "".join(cell.rjust(width + GAP) for cell, width in others)


def tell(*paragraphs: str) -> None:
    """Print tables and sentences, each with a blank line behind it, at once."""
    for paragraph in paragraphs:
        print(paragraph, end="\n\n", flush=True)


def parser(description: str | None) -> argparse.ArgumentParser:
    """Make what every benchmark's command line begins with."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--json", action="store_true", help="print the figures as JSON in the last line")
    return made


def tell_figures(figures: Mapping[str, float]) -> None:
    """Print figures as what other programs read: one flat JSON object in a line."""
    print(json.dumps({name: _rounded(value) for name, value in figures.items()}), flush=True)


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else round(value, 4)


class Progress:
    """A bar on the terminal, on the error stream; nothing where that is no terminal."""

    WIDTH = 24

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0

    def step(self, doing: str) -> None:
        """Show what is being done as the next of the steps."""
        filled = self.WIDTH * self._done // self._steps
        self._show(f"[{'#' * filled}{'.' * (self.WIDTH - filled)}] {self._done + 1}/{self._steps} {doing}")
        self._done += 1

    def over(self) -> None:
        """Take the bar away."""
        self._show("")

    @staticmethod
    def _show(text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
