"""The one tree of errors is the one that is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatui.domain import errors
from chatui.domain.errors import SamovarError


def drawn() -> Iterator[tuple[str, int]]:
    """The names in the drawing, each with how deep it stands."""
    for line in (errors.__doc__ or "").splitlines():
        if (found := re.match(r"    ([│├└─ ]*)([A-Z]\w+)", line)) is not None:
            yield found[2], len(found[1]) // 4


def defined(root: type[SamovarError] = SamovarError, depth: int = 0) -> Iterator[tuple[str, int]]:
    yield root.__name__, depth
    for found in root.__subclasses__():
        if found.__module__.startswith(errors.__name__):
            yield from defined(found, depth + 1)


def test_the_drawing_shows_every_class_at_its_place() -> None:
    assert list(drawn()) == list(defined())


def test_every_class_can_be_had_from_the_package() -> None:
    assert {name for name, _ in defined()} == set(errors.__all__)
