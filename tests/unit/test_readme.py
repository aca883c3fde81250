"""The README says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from chatui.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def rows() -> dict[str, tuple[str, str]]:
    found = re.findall(r"^\| `--([a-z-]+)` \| `([A-Z_]+)` \| `?([^|`]+)`? \|", README, re.MULTILINE)
    return {flag.replace("-", "_"): (variable, default.strip()) for flag, variable, default in found}


def test_every_setting_is_in_the_table_and_nothing_else() -> None:
    assert list(rows()) == list(Settings.model_fields)


def test_the_defaults_in_the_table_are_the_defaults() -> None:
    said = {name: default for name, (_, default) in rows().items()}
    true = {name: field.default for name, field in Settings.model_fields.items()}
    assert said == {name: _shown(default) for name, default in true.items()}


def _shown(default: object) -> str:
    return "off" if default is False else "none" if default in (None, ()) else str(default)


def test_the_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z-]+)", README, re.MULTILINE):
        assert f"\n{target}:" in makefile


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "make test-all" in README
    assert "make test-all" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
