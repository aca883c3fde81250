"""The forms of a page as a browser would find them: their fields, what stands in them, and what is said beside each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

Attributes = Mapping[str, str | None]


@dataclass
class Field:
    """A field that somebody can fill or choose, or a hidden one."""

    name: str
    kind: str
    value: str
    about: tuple[str, ...] = ()
    is_wrong: bool = False
    is_set: bool = True

    @property
    def is_typed(self) -> bool:
        """Whether anything at all can be put in by hand."""
        return self.kind in {"text", "textarea", "date", "time"}


@dataclass
class Form:
    method: str
    action: str
    fields: list[Field] = field(default_factory=list)

    @property
    def seen(self) -> list[Field]:
        return [one for one in self.fields if one.kind != "hidden"]

    @property
    def sent(self) -> dict[str, str]:
        """What a browser sends when nobody touched it."""
        return {one.name: one.value for one in self.fields if one.is_set}

    def of(self, name: str) -> Field:
        return next(one for one in self.fields if one.name == name)


class FormReader(HTMLParser):
    """Reads a page: its forms, its links with a question in them, and the texts of elements with an id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: set[str] = set()
        self.texts: dict[str, str] = {}
        self._form: Form | None = None
        self._area: Field | None = None
        self._select: Field | None = None
        self._described: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told: Attributes = dict(attrs)
        if identity := told.get("id"):
            self.texts.setdefault(identity, "")
            self._described.append((tag, identity))
        match tag:
            case "form":
                self._form = Form((told.get("method") or "get").upper(), told.get("action") or "")
                self.forms.append(self._form)
            case "input" | "textarea" | "select":
                self._add(tag, told)
            case "option" if self._select is not None and ("selected" in told or not self._select.is_set):
                self._select.value, self._select.is_set = told.get("value") or "", True
            case "a" if (told.get("href") or "").startswith("/admin"):
                self._note_link(told["href"] or "")
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None
        if self._described and self._described[-1][0] == tag:
            self._described.pop()

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data
        if self._described:
            self.texts[self._described[-1][1]] += data

    def _add(self, tag: str, told: Attributes) -> None:
        name = told.get("name")
        if self._form is None or not name:
            return
        kind = (told.get("type") or "text") if tag == "input" else tag
        is_set = (kind != "checkbox" or "checked" in told) and tag != "select"
        about = tuple((told.get("aria-describedby") or "").split())
        made = Field(name, kind, told.get("value") or "", about, told.get("aria-invalid") == "true", is_set)
        self._form.fields.append(made)
        self._area = made if tag == "textarea" else None
        self._select = made if tag == "select" else None

    def _note_link(self, href: str) -> None:
        parts = urlsplit(href)
        self.links.update(f"GET {parts.path} {name}" for name in parse_qs(parts.query))
