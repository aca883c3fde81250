"""The state of the app in a file that can be given to somebody who helps: without secrets, names or conversations."""

from __future__ import annotations

import io
import json
import platform
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from chatui.operations.log_ring import LogLine
from storage.tables import Failure

_PACKAGES: Final = ("gradio", "fastapi", "starlette", "uvicorn", "httpx", "sqlmodel", "sqlalchemy", "xllamacpp")


def versions() -> dict[str, str]:
    """Tell the versions of what the app runs on."""
    found = {"python": sys.version.split()[0], "system": platform.platform(terse=True), "machine": platform.machine()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def show_failures(failures: Iterable[Failure]) -> list[dict[str, Any]]:
    """Failures as far as they are nobody's: without people, and without what a server said, which may quote them."""
    kept = {"attempt_number", "code", "stage", "backend", "model", "bytes_received", "tokens_received", "duration_ms"}
    kept |= {"memory_available", "load_average"}
    return [{**row.model_dump(include=kept), "at": row.created_at.isoformat()} for row in failures]


def bundle(parts: Mapping[str, object], log: Sequence[LogLine]) -> bytes:
    """Pack the parts, each as a JSON file of its name, and the log, a line an object."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(f"{name}.json", json.dumps(part, indent=1, default=str, ensure_ascii=False))
        lines = [json.dumps(asdict(line), default=str, ensure_ascii=False) for line in log]
        archive.writestr("log.jsonl", "\n".join(lines))
    return out.getvalue()
