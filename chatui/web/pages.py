"""Pages of plain HTML and forms, drawn on the server: they work without script, and escape whatever is put in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chatui.domain.errors import Refused
from chatui.web.acting import visitor
from chatui.web.admin.tabs import TABS
from chatui.web.devices import device_name
from chatui.web.statuses import retry_after, status_of
from chatui.web.wording import wording_for
from chatui.web.wording.admin import admin_words
from chatui.web.wording.en_door import DOOR as ENGLISH
from chatui.web.wording.zh_door import DOOR as CHINESE

_TEMPLATES: Final = Path(__file__).parent / "templates"
_LONGEST_FIELD: Final = 4_096
_STEP: Final = 1024

Facts = Mapping[str, Any]


class Pages:
    """Draws templates, with words in the reader's language."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["moment"] = _moment
        self._templates.filters["device"] = device_name
        self._templates.filters["bytes"] = as_bytes
        self._templates.globals["tabs"] = TABS
        self._templates.globals["fault_said"] = fault_said

    def show(self, request: Request, template: str, facts: Facts, status: int = 200) -> Response:
        """Draw a page from its facts."""
        language = language_of(request)
        page = self._templates.get_template(f"{template}.html").render(
            {
                "say": Say(language),
                "words": wording_for(language),
                "language": language,
                "person": visitor(request),
                "path": request.url.path,
                "problem": None,
                "raw": None,
                "families": None,
                **facts,
            }
        )
        return HTMLResponse(page, status, {"vary": "accept-language, cookie"})

    def refuse(self, request: Request, template: str, facts: Facts, refusal: Refused) -> Response:
        """Draw a page again with the reason why what was asked was not done."""
        sentence = wording_for(language_of(request)).refused(refusal)
        response = self.show(request, template, {**facts, "problem": sentence}, status_of(refusal))
        response.headers.update(retry_after(refusal))
        return response


class Say:
    """The words of one language: `say(key, name=value)`."""

    def __init__(self, language: str) -> None:
        self._words: Mapping[str, str] = {**(CHINESE if language == "zh" else ENGLISH), **admin_words(language)}

    def __call__(self, key: str, **values: object) -> str:
        """Give a sentence with its values filled in; KeyError for a word that is missing."""
        return self._words[key].format(**values)

    def __contains__(self, key: str) -> bool:
        """Tell whether there is such a word."""
        return key in self._words

    def family(self, *pages: str) -> dict[str, str]:
        """Give the words of pages of the admin's, for their scripts; the places in them are not filled in."""
        return {key: word for key, word in self._words.items() if key.startswith(tuple(f"{page}_" for page in pages))}


def fault_said(say: Say, code: str | None) -> str:
    """Say in a sentence why a model server does not do what was asked of it, by the code of its `BackendError`."""
    key = f"shell_fault_{code}"
    return say(key if key in say else "shell_fault_unknown")


def language_of(request: Request) -> str:
    """Tell the language of the two that a browser likes best, by the order in which it names them."""
    for tag in request.headers.get("accept-language", "").split(","):
        language = tag.strip()[:2].lower()
        if language in {"en", "zh"}:
            return language
    return "en"


async def form_of(request: Request) -> dict[str, str]:
    """Read the fields of a form; of a field that comes twice the last counts. Files are not taken."""
    async with request.form(max_files=0, max_fields=50) as form:
        return {name: value[:_LONGEST_FIELD] for name, value in form.items() if isinstance(value, str)}


def turn_to(path: str) -> Response:
    """Send the browser on after a form was taken, so that a reload does not send it again."""
    return RedirectResponse(path, 303)


def own_path(wanted: str) -> str:
    """Give a path of this app that somebody may be sent on to; `/` for anything else."""
    is_path = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_path and wanted.isprintable() and "\\" not in wanted else "/"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def as_bytes(count: float) -> str:
    """Say a size as people do: in the unit in which it has a few digits."""
    for unit in ("B", "KB", "MB"):
        if count < _STEP:
            return f"{count:.0f} {unit}"
        count /= _STEP
    return f"{count:.1f} GB"
