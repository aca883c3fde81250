"""axe-core, which finds faults that shut people out: fetched once through npm, and run in a page."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from typing import Any

from playwright.async_api import Page

from tests.support.app import ROOT

VERSION = "4.14.1"
FOLDER = ROOT / "build" / "axe"
SCRIPT = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
# Faults alone: of what was looked at and found good axe would tell thousands of lines.
RUN = "() => axe.run({resultTypes: ['violations']}).then(({violations}) => violations)"
GRAVE = {"serious", "critical"}


def why_not() -> str | None:
    """Why there is no axe-core to be had here; None where there is."""
    return None if SCRIPT.exists() or shutil.which("npm") else "axe-core comes through npm, which is not here"


@cache
def script() -> str:
    """Its source; installed where it is not yet."""
    if not SCRIPT.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        install = ("install", "--prefix", str(FOLDER), "--no-save", "--ignore-scripts", "--no-audit", "--no-fund")
        subprocess.run(["npm", *install, f"axe-core@{VERSION}"], check=True, capture_output=True, timeout=300)
    return SCRIPT.read_text()


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
