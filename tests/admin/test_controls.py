"""The table of controls knows every control that the admin's pages have, and every test that it names is there."""

from __future__ import annotations

from importlib import import_module
from inspect import iscoroutinefunction

from tests.browser.controls import CONTROLS, FOR_PROGRAMS, same
from tests.support.furnished import furnish
from tests.support.house import Guest, House
from tests.support.ollama_server import OllamaServer
from tests.support.page_forms import FormReader


async def found(home: House, ana: Guest) -> set[str]:
    """Every page, form, field, question in a link and word on the line."""
    controls = {f"{method} {path}" for method, path in home.routes() if path.startswith("/admin") and method != "HEAD"}
    controls |= {f"word {word}" for word in home.site.line.words if word.startswith("admin.")}
    async with ana.client() as http:
        for path in sorted(control.removeprefix("GET ") for control in controls if control.startswith("GET ")):
            page = await http.get(path, headers={"accept": "text/html"})
            if page.headers["content-type"].startswith("text/html"):
                read = FormReader(page.text)
                controls |= read.links
                controls |= {f"{form.method} {form.action} {one.name}" for form in read.forms for one in form.seen}
    return {same(control) for control in controls if "/sign-out" not in control}


async def test_every_control_is_in_the_table_and_nothing_else(home: House, ana: Guest, ollama: OllamaServer) -> None:
    await furnish(home, ana, ollama)
    assert await found(home, ana) == set(CONTROLS) | FOR_PROGRAMS


def test_every_test_of_the_table_is_there() -> None:
    for named in {driven.test for driven in CONTROLS.values()}:
        module, _, function = named.partition(".")
        assert iscoroutinefunction(getattr(import_module(f"tests.browser.{module}"), function)), named
