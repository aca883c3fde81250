"""Keys on the page of one's own account, over real sockets."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chatui.domain.people import AccountRole
from tests.support.house import Guest, House, house

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("data"), "http://127.0.0.1:1") as served:
        yield served


async def made(guest: Guest, **form: str) -> tuple[int, str]:
    async with guest.client() as http:
        answer = await http.post("/account/keys/make", data=form, headers={"accept-language": "en"})
    return answer.status_code, answer.text


async def test_a_key_is_shown_once_and_can_be_revoked(home: House) -> None:
    ben = await home.guest("Ben")
    status, page = await made(ben, name="<b>laptop</b>", scope_ask="1", days="30", priority="low", most="3")
    assert status == 200
    token = re.findall(r"sam_[\w-]{40,}", page)[0]
    holder = await home.core.accounts.keys.find(token)
    assert holder is not None
    assert holder.user == ben.user
    async with ben.client() as http:
        again = (await http.get("/account")).text
        assert token not in again
        assert "&lt;b&gt;laptop&lt;/b&gt;" in again
        assert "at most 3 at once" in again
        gone = await http.post("/account/keys/revoke", data={"key": str(holder.card.id)})
        assert gone.headers["location"] == "/account?done=key_revoked"
        assert (await http.post("/account/keys/revoke", data={"key": str(holder.card.id)})).status_code == 404
    assert await home.core.accounts.keys.find(token) is None


async def test_the_scope_for_models_is_offered_to_admins_alone(home: House) -> None:
    ida, mia = await home.guest("Ida", AccountRole.ADMIN), await home.guest("Mia")
    async with ida.client() as hers, mia.client() as others:
        assert "scope_models" in (await hers.get("/account")).text
        assert "scope_models" not in (await others.get("/account")).text


@pytest.mark.parametrize("wrong", [{"days": "-1"}, {"days": "0"}, {"most": "many"}, {"name": " "}, {"scope_ask": None}])
async def test_a_wrong_form_makes_no_key(home: House, wrong: dict[str, str]) -> None:
    eve = await home.guest(f"Eve {wrong}"[:60])
    form = {name: value for name, value in {"name": "x", "scope_ask": "1", **wrong}.items() if value is not None}
    status, page = await made(eve, **form)
    assert status == 422
    assert 'role="alert"' in page
    assert not re.findall(r"sam_[\w-]{40,}", page)
