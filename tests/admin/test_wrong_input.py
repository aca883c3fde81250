"""Whatever is put into a field of the admin's forms: what is wrong gets a sentence beside it, and changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus

import httpx
import pytest
import pytest_asyncio

from chatui.domain.people import AccountRole
from chatui.web.admin.tabs import TABS
from tests.browser.controls import CONTROLS, same
from tests.support.furnished import furnish
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer
from tests.support.page_forms import Field, Form, FormReader
from tests.support.rows import Rows, every_row

pytestmark = pytest.mark.asyncio(loop_scope="module")

RUBBISH: Mapping[str, bytes] = {
    "nothing": b"",
    "blanks": b"   ",
    "letters": b"many",
    "endless": b"9" * 400,
    "negative": b"-1",
    "infinite": b"1e400",
    "zero byte": b"1\x002",
    "half a pair": b"1\xed\xa0\x80",
    "markup": b"<b>2</b>",
    "backwards": "1\u202e2".encode(),
}
UNSET = {"nothing", "blanks"}
WORDS = {"letters", "infinite"}
NAMES = WORDS | {"negative", "markup"}
RIGHT: Mapping[str, set[str]] = {
    **{f"POST /admin/groups/{verb} name": NAMES for verb in ("create", "change")},
    **{
        f"POST /admin/groups/{verb} {name}": UNSET
        for verb in ("create", "change")
        for name in ("weight", "running", "queued", "tokens_per_day")
    },
    **{f"POST /admin/groups/{verb} models": UNSET | WORDS for verb in ("create", "change")},
    **{f"POST /admin/settings/model {name}": UNSET for name in ("num_ctx", "num_gpu", "num_batch")},
    "POST /admin/settings/model keep_alive": UNSET | {"negative"},  # -1: for good
    "POST /admin/models/pull model": WORDS,
    "POST /admin/backends/add url": WORDS | {"endless", "negative"},  # names that a resolver may know
}
"""What is no rubbish in a field: a name may be odd, and an empty limit leaves it to the app."""

CHOSEN: Mapping[str, bytes] = {name: RUBBISH[name] for name in ("letters", "endless", "zero byte", "backwards")}
"""What no page offers; only a program sends it."""

BEGUN: Mapping[str, Mapping[str, str]] = {
    "/admin/groups/create": {"name": "Cellar"},
    "/admin/warm-up/add": {"model": "llama3.2:1b"},
}
"""What is right in the fields that are empty at first, so that one field alone is wrong."""

FORM = {"content-type": "application/x-www-form-urlencoded"}
REFUSED = {404, 409, 422, 503}


@dataclass(frozen=True)
class Place:
    """An app with something on every page, and who runs it."""

    home: House
    ana: Guest

    async def rows(self) -> Rows:
        rows = await self.home.core.database.read(lambda session: every_row(session, but={"used_at"}))
        return {**rows, "setting": [row for row in rows["setting"] if row["key"] != "scheduler.learned"]}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    async with OllamaServer() as ollama, house(tmp_path_factory.mktemp("data"), ollama.url) as home:
        ana = await home.guest("Ana", AccountRole.ADMIN)
        await furnish(home, ana, ollama)
        yield Place(home, ana)


async def forms_of(http: httpx.AsyncClient, path: str) -> list[Form]:
    """One form of each kind on a page."""
    page = (await http.get(path, headers={"accept": "text/html"})).text
    forms = [form for form in FormReader(page).forms if form.action.startswith("/admin") and form.fields]
    return list({(form.action, *(same(one.name) for one in form.seen)): form for form in forms}.values())


async def send(http: httpx.AsyncClient, form: Form, field: Field, value: bytes) -> httpx.Response:
    """Send a form as it stands, but for one field."""
    values = {name: text.encode() for name, text in {**form.sent, **BEGUN.get(form.action, {})}.items()}
    body = "&".join(f"{quote_plus(name)}={quote_plus(text)}" for name, text in {**values, field.name: value}.items())
    if form.method == "GET":
        return await http.get(f"{form.action}?{body}")
    return await http.post(form.action, content=body, headers=FORM)


def said_beside(answer: httpx.Response, form: Form, field: Field) -> str:
    """What stands beside the field that was wrong, when that is the only one marked so."""
    read = FormReader(answer.text)
    wrong = [(form.action, one) for form in read.forms for one in form.fields if one.is_wrong]
    assert [(action, one.name) for action, one in wrong] == [(form.action, field.name)]
    return " ".join(read.texts[about] for about in wrong[0][1].about if about.endswith("-flaw"))


@pytest.mark.parametrize("path", [tab.path for tab in TABS])
async def test_what_is_typed_wrong_is_told_beside_its_field_and_changes_nothing(place: Place, path: str) -> None:
    async with place.ana.client() as http:
        for form in await forms_of(http, path):
            for field in (field for field in form.seen if field.is_typed):
                control, before = f"{form.method} {form.action} {field.name}", await place.rows()
                for name in RUBBISH.keys() - RIGHT.get(control, set()):
                    answer = await send(http, form, field, RUBBISH[name])
                    assert answer.status_code == 422, (control, name, answer.status_code)
                    assert said_beside(answer, form, field), (control, name)
                assert await place.rows() == before, control


@pytest.mark.parametrize("path", [tab.path for tab in TABS])
async def test_what_no_page_offers_changes_nothing(place: Place, path: str) -> None:
    async with place.ana.client() as http:
        for form in await forms_of(http, path):
            for field in (field for field in form.fields if not field.is_typed and field.kind != "checkbox"):
                before = await place.rows()
                for name, value in CHOSEN.items():
                    answer = await send(http, form, field, value)
                    usual = form.method == "GET" and answer.status_code == 200
                    assert usual or answer.status_code in REFUSED, (form.action, field.name, name, answer.status_code)
                assert await place.rows() == before, (form.action, field.name)


async def test_what_may_be_odd_is_a_field_that_there_is() -> None:
    assert RIGHT.keys() <= CONTROLS.keys()
