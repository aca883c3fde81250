"""On what something was measured: what changes the figures, and nothing that tells whose machine it is."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

import psutil

PEERS = Path(__file__).with_name("peers.txt")
NAMED = ("gradio", "httpx", "sqlmodel", "uvicorn", "xllamacpp")
GIB = 2**30


def describe() -> dict[str, str]:
    """Tell cores, memory, system, Python, how much else was going on, and the versions of what takes part."""
    machine = {
        "cores": str(psutil.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / GIB:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "load": f"{psutil.getloadavg()[0]:.1f}",
    }
    return machine | {name: version(name) for name in NAMED} | _peers()


def _peers() -> dict[str, str]:
    lines = PEERS.read_text(encoding="utf-8").splitlines()
    packages = (line.split()[1].split("==") for line in lines)
    return {name.partition("[")[0]: number for name, number in packages}
