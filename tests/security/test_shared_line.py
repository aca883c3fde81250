"""Readers on the live line: what they see of a shared chat, what they cannot do, and when it ends for them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from chatui.conversations.sharing import Sharing as Shares
from chatui.domain.messages import ConversationId, ShareId
from chatui.domain.people import AccountRole, User
from chatui.web.commands.sharing import Sharing
from tests.security.test_matrix import ABOUT_NOTHING
from tests.support.app import Frame, TabClient, tab
from tests.support.house import Guest, House, house
from tests.support.ollama_server import OllamaServer

pytestmark = pytest.mark.asyncio(loop_scope="module")
READING = ABOUT_NOTHING | {"open", "older"}
"""What a reader may say."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ollama() -> AsyncIterator[OllamaServer]:
    async with OllamaServer() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def home(ollama: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("data"), ollama.url) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def ana(home: House) -> Guest:
    return await home.guest("Ana", AccountRole.ADMIN)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def eve(home: House) -> Guest:
    return await home.guest("Eve", AccountRole.VIEWER)


async def shared(hers: TabClient) -> str:
    """Have the conversation that a tab shows shared; tells its link."""
    await hers.send(t="share", conversation=hers.conversation)
    frame = await hers.until(lambda frame: frame["t"] == "link")
    assert frame["conversation"] == hers.conversation
    return str(frame["link"])


def about(frame: Frame, word: str) -> bool:
    return bool(frame["t"] == word)


async def test_a_reader_sees_an_answer_grow_and_the_next_question(ana: Guest, eve: Guest, ollama: OllamaServer) -> None:
    async with tab(ana) as hers:
        ollama.gate.clear()
        await hers.ask("tokens=6 first words")
        await hers.until(lambda frame: frame["t"] == "live" and bool(frame.get("tail")))
        link = await shared(hers)
        async with tab(eve, link) as other:
            assert (other.conversation, other.frames[-1]["reading"]) == (link, {"by": "Ana", "copy": False})
            growing = await other.until(lambda frame: frame["t"] == "live" and bool(frame.get("tail")))
            assert all(line["turn"] is None for line in other.lines)
            ollama.gate.set()
            ended = await other.answer()
            assert (ended["id"], ended["read_only"]) == (growing["message"], True)
            await hers.answer()
            ollama.gate.clear()  # over before it was shown, it would come whole
            await hers.ask("tokens=3 second words", hers.conversation)
            await other.until(lambda frame: "second words" in json.dumps(frame))
            ollama.gate.set()
            await other.answer()
            assert str(hers.conversation) not in json.dumps(other.frames)


async def test_an_answer_is_told_that_ends_while_its_conversation_is_being_shown(
    home: House, ana: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, share_of = home.core.services.rooms, Shares.share_of

    async def share_after_all_ends(self: Shares, by: User, conversation: ConversationId) -> ShareId | None:
        for _, job in tuple(rooms.live()):
            async with aclosing(job.watch()) as events:
                async for _ in events:
                    pass
        await home.core.journal.settle()
        return await share_of(self, by, conversation)

    async with tab(ana) as hers:
        await hers.ask("tokens=3 quick")
        first = await hers.answer()
        monkeypatch.setattr(Shares, "share_of", share_after_all_ends)
        await hers.send(t="again", message=first["id"])
        await hers.until(lambda _: any(is_another(message, first) for message in hers.messages.values()))


def is_another(message: Frame, first: Frame) -> bool:
    """Whether it is another whole answer than the first one."""
    return bool(message["role"] == "assistant" and message["id"] != first["id"] and message["state"] == "complete")


async def test_a_reader_changes_nothing(home: House, ana: Guest, eve: Guest, ollama: OllamaServer) -> None:
    async with tab(ana) as hers:
        await hers.ask("tokens=3")
        answer = await hers.answer()
        link = await shared(hers)
        async with tab(eve, link) as other:
            for word in set(home.site.line.words) - READING:
                for conversation in (link, hers.conversation):
                    named = {"conversation": conversation, "message": answer["id"], "folder": str(uuid4())}
                    named |= {"prompt": str(uuid4()), "preset": str(uuid4())}
                    await other.send(**named, t=word, key=str(uuid4()), text="mine", title="mine")
                    await other.until(lambda frame: frame["t"] in {"refused", "conversation"})
            # The id of the conversation itself opens nothing, and says nothing.
            await other.send(t="open", conversation=hers.conversation)
            said = await other.until(lambda frame: about(frame, "conversation"))
            assert (said["id"], said["messages"]) == (None, [])
        await hers.send(t="open", conversation=hers.conversation)
        now = await hers.until(lambda frame: about(frame, "conversation"))
        assert [message["id"] for message in now["messages"]] == list(hers.messages)
        assert now["link"] == link


@pytest.mark.parametrize("how", ["unshared", "deleted", "account closed"])
async def test_what_is_over_is_taken_from_who_reads_it(
    home: House, ana: Guest, eve: Guest, ollama: OllamaServer, how: str
) -> None:
    guest = await home.guest(f"Cyd {how}")
    async with tab(guest) as hers:
        ollama.gate.clear()
        await hers.ask("tokens=50")
        begun = await hers.until(lambda frame: frame["t"] == "live")
        link = await shared(hers)
        async with tab(eve, link) as other:
            match how:
                case "unshared":
                    await hers.send(t="unshare", conversation=hers.conversation)
                case "deleted":
                    await hers.send(t="delete", conversation=hers.conversation)
                case _:
                    by = await home.core.accounts.service.principal_for(ana.cookie, "127.0.0.1")
                    assert by is not None
                    await home.core.accounts.admin.delete(by, guest.user.id)
            assert (await other.until(lambda frame: about(frame, "withdrawn")))["conversation"] == link
            told = len(other.frames)
            ollama.gate.set()
            for word in ("open", "older", "copy"):
                await other.send(t=word, conversation=link, message=begun["message"])
            await other.send(t="ping")
            await other.until(lambda frame: about(frame, "pong"))
            assert begun["message"] not in json.dumps(other.frames[told:])
            async with tab(eve, link) as late:
                assert late.frames[-1]["id"] is None


async def test_a_copy_is_made_by_who_may_ask(home: House, ana: Guest) -> None:
    ben = await home.guest("Ben")
    async with tab(ana) as hers:
        await hers.ask("tokens=3 to be copied")
        await hers.answer()
        link = await shared(hers)
        async with tab(ben, link) as other:
            await other.send(t="copy", conversation=link)
            made = await other.until(lambda frame: about(frame, "copied"))
            await other.send(t="open", conversation=made["conversation"])
            own = await other.until(lambda frame: about(frame, "conversation"))
            assert ("reading" in own, own["link"], len(own["messages"])) == (False, None, 2)


async def test_lists_say_what_is_shared_and_whose_it_is(home: House, ana: Guest, eve: Guest) -> None:
    async with tab(ana) as hers, tab(eve) as other:
        await hers.ask("tokens=3 for the list")
        await hers.answer()
        link = await shared(hers)

        def listed(frame: Frame) -> bool:
            return about(frame, "conversations") and any(item["id"] == link for item in frame["items"])

        await other.until(listed)
        await hers.send(t="unshare", conversation=hers.conversation)
        await other.until(lambda frame: about(frame, "conversations") and not listed(frame))
    assert set(Sharing(home.site.hub, home.core.services.sharing).commands()) <= set(home.site.line.words)


async def test_the_export_of_ones_own_data_names_what_is_shared(ana: Guest, tmp_path: Path) -> None:
    async with tab(ana) as hers:
        await hers.ask("tokens=3 for the export")
        await hers.answer()
        link = await shared(hers)
    async with ana.client() as http:
        shares = (await http.get("/account/export")).json()["shares"]
    assert link in {share["id"] for share in shares}
