"""Plots as SVG, of bars alone: small, in the system's font, readable on light and on dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, NAME_WIDTH, VALUE_WIDTH = 760, 150, 90
BAR, GAP, GROUP_GAP, TOP = 14, 3, 12, 62
OWN, OTHER = "own", "other"


@dataclass(frozen=True, slots=True)
class Bars:
    """Groups of bars: each name has one value for each of the series. `own` is the name that stands out."""

    title: str
    unit: str
    series: Sequence[str]
    values: Mapping[str, Sequence[float]]
    own: str


def draw(bars: Bars) -> str:
    """Draw the bars from the left, the longest as long as there is room."""
    most = max(value for values in bars.values.values() for value in values) or 1.0
    room = WIDTH - NAME_WIDTH - VALUE_WIDTH
    group = len(bars.series) * (BAR + GAP) + GROUP_GAP
    height = TOP + len(bars.values) * group
    parts = [_text(0, 20, bars.title, "title"), *_legend(bars.series)]
    for row, (name, values) in enumerate(bars.values.items()):
        kind, top = OWN if name == bars.own else OTHER, TOP + row * group
        middle = top + (group - GROUP_GAP) / 2 + 4
        parts.append(_text(NAME_WIDTH - 12, middle, name, f"name {kind}", anchor="end"))
        for at, value in enumerate(values):
            y, length = top + at * (BAR + GAP), max(1.0, room * value / most)
            shape = f'x="{NAME_WIDTH}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"'
            parts.append(f'<rect class="{kind} s{at}" {shape}/>')
            parts.append(_text(NAME_WIDTH + length + 6, y + BAR - 3, _told(value, bars.unit), "value"))
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    label = escape(bars.title, quote=True)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">'
    return "\n".join([head, _STYLE, *parts, "</svg>", ""])


def _legend(series: Sequence[str]) -> Sequence[str]:
    parts, x = list[str](), float(NAME_WIDTH)
    for at, name in enumerate(series):
        parts.append(f'<rect class="other s{at}" x="{x:.0f}" y="36" width="10" height="10" rx="2"/>')
        parts.append(_text(x + 15, 45, name, "value"))
        x += 40 + 6.5 * len(name)
    return parts


def _told(value: float, unit: str) -> str:
    return f"{value:,.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


_STYLE = """<style>
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #57534e; }
.title { font-size: 15px; font-weight: 600; fill: #1f1d1a; }
.name.own { font-weight: 600; fill: #1f1d1a; }
rect.other { fill: #a8a29e; } rect.own { fill: #b4572a; } .s1 { opacity: 0.55; } .s2 { opacity: 0.3; }
@media (prefers-color-scheme: dark) {
text { fill: #b8b1a8; } .title, .name.own { fill: #ece8e1; } rect.other { fill: #78716c; } rect.own { fill: #d9804f; }
}
</style>"""
