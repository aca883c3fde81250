"""The fields of a JSON body, each of the type that it has to have; null counts as absent, as in both APIs."""

from __future__ import annotations

import json
import math
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, Final

from chatui.backends.wire import as_text, json_text
from chatui.domain.messages import Image
from chatui.domain.tools import JsonText

_INTEGER_LIMIT: Final = 1 << 53


class BadAsk(Exception):
    """What is asked is not right; `field` names where, if anywhere."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class Fields:
    """Reads one object. `where` is its place in the body, for what is said when something is wrong."""

    def __init__(self, body: dict[str, Any], where: str = "") -> None:
        self._body = body
        self.where = where

    def __contains__(self, name: str) -> bool:
        return self._body.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Read a text."""
        value = self._of(name, str, "string")
        return default if value is None else as_text(value)

    def needed(self, name: str) -> str:
        """Read a text that must be there."""
        text = self.text(name)
        if not text:
            raise BadAsk(f"{self._path(name)} is required", self._path(name))
        return text

    def flag(self, name: str) -> bool | None:
        """Read true or false."""
        value: bool | None = self._of(name, bool, "bool")
        return value

    def number(self, name: str) -> float | None:
        """Read a finite number."""
        value = self._body.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(_float(value)):
            raise self._wrong(name, value, "float")
        return float(value)

    def integer(self, name: str) -> int | None:
        """Read a whole number, also one that is written with a point, such as 40.0."""
        number = self.number(name)
        if number is None:
            return None
        if not number.is_integer() or abs(number) > _INTEGER_LIMIT:
            raise self._wrong(name, number, "int")
        return int(number)

    def whole(self, name: str) -> int | None:
        """Read a number as a whole one: what is behind the point is cut off, as Ollama does with its options."""
        number = self.number(name)
        if number is None:
            return None
        if abs(number) > _INTEGER_LIMIT:
            raise self._wrong(name, number, "int")
        return int(number)

    def integers(self, name: str) -> tuple[int, ...]:
        """Read a list of whole numbers."""
        values = self._of(name, list, "[]int") or []
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            raise self._wrong(name, values, "[]int")
        return tuple(values)

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of texts; one text alone is a list of it."""
        value = self._body.get(name)
        if isinstance(value, str):
            return (as_text(value),)
        values = self._of(name, list, "[]string") or []
        if not all(isinstance(one, str) for one in values):
            raise self._wrong(name, values, "[]string")
        return tuple(map(as_text, values))

    def object(self, name: str) -> Fields:
        """Read an object; an empty one where it is absent."""
        return Fields(self._of(name, dict, "object") or {}, self._path(name))

    def objects(self, name: str) -> Iterator[Fields]:
        """Read a list of objects."""
        for number, value in enumerate(self._of(name, list, "[]object") or []):
            if not isinstance(value, dict):
                raise self._wrong(name, value, "object")
            yield Fields(value, f"{self._path(name)}[{number}]")

    def json(self, name: str) -> JsonText:
        """Read any value, as a JSON text."""
        return json_text(self._body[name])

    def object_text(self, name: str) -> JsonText:
        """Read an object as a JSON text; of an object written as a text, that text."""
        value = self._body.get(name)
        if isinstance(value, str):
            value = _loaded(value)
        if value is None or value == "":
            return JsonText("{}")
        if not isinstance(value, dict):
            raise self._wrong(name, value, "object")
        return json_text(value)

    def images(self, name: str) -> tuple[Image, ...]:
        """Read a list of pictures in base64."""
        return tuple(image_of(text, self._path(name)) for text in self.texts(name))

    def raw(self, name: str) -> Any:
        """Give a value as it is."""
        return self._body.get(name)

    def wrong(self, name: str, wanted: str) -> BadAsk:
        """Say that a field is of another type than the `wanted` one."""
        return self._wrong(name, self._body.get(name), wanted)

    def _of(self, name: str, kind: type, wanted: str) -> Any:
        value = self._body.get(name)
        if value is not None and not isinstance(value, kind):
            raise self._wrong(name, value, wanted)
        return value

    def _path(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def _wrong(self, name: str, value: Any, wanted: str) -> BadAsk:
        path = self._path(name)
        return BadAsk(f"json: cannot unmarshal {_kind(value)} into field {path} of type {wanted}", path)


def fields_of(body: bytes) -> Fields:
    """Read a body; raises BadAsk for what is no JSON object."""
    if not body.strip():
        raise BadAsk("missing request body")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadAsk(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadAsk(f"json: cannot unmarshal {_kind(value)} into an object")
    return Fields(value)


def image_of(text: str, field: str) -> Image:
    """Read a picture in base64; raises BadAsk."""
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise BadAsk(f"illegal base64 data in {field}", field) from error
    if not data:
        raise BadAsk(f"an empty image in {field}", field)
    return Image(data)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except (ValueError, RecursionError):
        return text


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "null"
