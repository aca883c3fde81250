"""axe-core, which finds faults that shut people out: fetched once through npm, and run in a page."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.async_api import Page

from tests.support.app import ROOT
from tests.support.npm import installed

VERSION = "4.14.1"
FOLDER = ROOT / "build" / "axe"
# Faults alone: of what was looked at and found good axe would tell thousands of lines.
RUN = "() => axe.run({resultTypes: ['violations']}).then(({violations}) => violations)"
GRAVE = {"serious", "critical"}


@cache
def script() -> str:
    """Its source; installed where it is not yet, and skips the test where it cannot be."""
    package = f"axe-core@{VERSION}"
    folder = installed(FOLDER / VERSION, "install", "--prefix", ".", "--no-save", package)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def grave_faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical in a page, each with the element that has it."""
    await page.evaluate(script())
    found: list[dict[str, Any]] = await page.evaluate(RUN)
    return [
        f"{fault['id']}: {node['html'][:200]} ({' '.join(check['message'] for check in node['any'][:1])})"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]
