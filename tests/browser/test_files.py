"""Files beside a question in a real browser: chosen, dropped, pasted, refused, hostile; kept with the question."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, FilePayload, expect

from tests.support.app import AppProcess, running_app
from tests.support.brought import pdf, picture
from tests.support.browser import ChatPage
from tests.support.ollama_server import OllamaScript, OllamaServer, ScriptedModel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
SEES, BLIND = "llava:7b", "llama3.2:1b"
MODELS = (ScriptedModel(SEES, capabilities=("completion", "vision")), ScriptedModel(BLIND))
CARRY = """const carried = new DataTransfer();
  carried.items.add(new File([new Uint8Array(bytes)], name, { type: "application/octet-stream" }));"""
DROP = f"""([name, bytes]) => {{
  {CARRY}
  const drag = (kind) => new DragEvent(kind, {{ dataTransfer: carried, bubbles: true, cancelable: true }});
  const target = document.querySelector("#reading");
  target.dispatchEvent(drag("dragover"));
  const veil = getComputedStyle(document.querySelector(".drop-veil")).display;
  target.dispatchEvent(drag("drop"));
  return veil;
}}"""
PASTE = f"""([name, bytes]) => {{
  {CARRY}
  const paste = new ClipboardEvent("paste", {{ clipboardData: carried, bubbles: true, cancelable: true }});
  document.querySelector(".composer textarea").dispatchEvent(paste);
}}"""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def ollama() -> AsyncIterator[OllamaServer]:
    async with OllamaServer(OllamaScript(models=MODELS)) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def quick(ollama: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    """The app with models that answer at once, one of which sees pictures."""
    async with running_app(tmp_path_factory.mktemp("f"), "--backend", ollama.url) as app:
        yield app


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


class Desk:
    """The page with its box, and what lies there."""

    def __init__(self, chat: ChatPage) -> None:
        self.chat = chat
        self.page = chat.page
        self.chips = chat.page.get_by_role("list", name="Files beside the question").get_by_role("listitem")
        self.send = chat.page.get_by_role("button", name="Send", exact=True)

    @classmethod
    async def open(cls, context: BrowserContext, app: AppProcess, model: str = SEES) -> Desk:
        """Open an empty page that asks `model`, with nothing left beside its next question."""
        desk = cls(await ChatPage.open(context, app))
        await desk.pick(model)
        for _ in range(await desk.chips.count()):
            await desk.chips.first.get_by_role("button", name="Remove").click()
        await expect(desk.chips).to_have_count(0)
        return desk

    async def pick(self, model: str) -> None:
        await self.page.locator(".picker-button").click()
        await self.page.get_by_role("option", name=model).click()

    async def choose(self, *files: FilePayload) -> None:
        async with self.page.expect_file_chooser() as chooser:
            await self.page.get_by_role("button", name="Add files").click()
        await (await chooser.value).set_files(files)

    async def kept(self, *names: str) -> None:
        """Wait until the server has these and no others."""
        for place, name in enumerate(names):
            chip = self.chips.nth(place)
            await expect(chip).to_have_attribute("data-state", "kept")
            await expect(chip.locator(".chip-name")).to_have_text(name)
        await expect(self.chips).to_have_count(len(names))


def last_asked(ollama: OllamaServer) -> dict[str, object]:
    return [body["messages"][-1] for body in ollama.bodies("/api/chat") if body["messages"]][-1]  # type: ignore[no-any-return]


async def test_files_go_to_the_model_with_the_question_and_stand_in_the_transcript(
    quick: AppProcess, ollama: OllamaServer, context: BrowserContext
) -> None:
    desk = await Desk.open(context, quick)
    await desk.choose(file("sums.csv", b"month,amount\r\n1,20\r\n"), file("tea.pdf", pdf("Tea at five")))
    await desk.choose(file("pot.jpg", picture("JPEG")))
    await desk.kept("sums.csv", "tea.pdf", "pot.jpg")
    await expect(desk.chips.nth(0)).to_contain_text("20 B · about 11 tokens")
    await expect(desk.page.get_by_role("meter")).not_to_have_attribute("aria-valuenow", "0")
    await desk.chat.ask("What do they have in common?")
    await desk.chat.answered()
    await expect(desk.chips).to_have_count(0)
    asked = last_asked(ollama)
    assert asked["content"] == (
        "sums.csv:\n```\nmonth,amount\n1,20\n```\n\ntea.pdf:\n```\nTea at five\n```\n\nWhat do they have in common?"
    )
    assert len(asked["images"]) == 1  # type: ignore[arg-type]
    question = desk.chat.questions.first
    await expect(question.locator("a.chip")).to_have_count(2)
    small = question.get_by_role("button", name="Show pot.jpg")
    assert await small.locator("img").evaluate("image => image.decode().then(() => image.naturalHeight)") == 48
    await small.click()
    await expect(desk.page.get_by_role("dialog", name="pot.jpg").get_by_role("img")).to_be_visible()
    await desk.page.keyboard.press("Escape")
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    async with desk.page.expect_download() as download:
        await question.get_by_role("link", name="sums.csv").click()
    assert (await download.value).suggested_filename == "sums.csv"
    await desk.page.reload()
    await expect(question.locator("a.chip")).to_have_count(2)
    desk.chat.check()


@pytest.mark.parametrize("way", [DROP, PASTE], ids=["dropped", "pasted"])
async def test_a_file_is_dropped_anywhere_and_pasted_into_the_box(
    quick: AppProcess, context: BrowserContext, way: str
) -> None:
    desk = await Desk.open(context, quick)
    veil = await desk.page.evaluate(way, ["pot.png", list(picture())])
    assert veil in {None, "grid"}
    await desk.kept("pot.png")
    await expect(desk.page.locator(".drop-veil")).to_be_hidden()
    desk.chat.check()


async def test_a_model_that_sees_no_pictures_says_so_before_anything_is_sent(
    quick: AppProcess, ollama: OllamaServer, context: BrowserContext
) -> None:
    desk = await Desk.open(context, quick, BLIND)
    await desk.choose(file("pot.png", picture()))
    await desk.kept("pot.png")
    before = len(ollama.bodies("/api/chat"))
    await desk.chat.ask("What is it?")
    await expect(desk.page.get_by_text(f"{BLIND} does not see pictures.")).to_be_visible()
    await expect(desk.send).to_be_disabled()
    await expect(desk.chat.box).to_have_value("What is it?")
    await desk.pick(SEES)
    await expect(desk.page.get_by_text("does not see pictures.")).to_have_count(0)
    await desk.send.click()
    await desk.chat.answered()
    assert len(ollama.bodies("/api/chat")) > before
    desk.chat.check()


async def test_what_cannot_be_read_says_why_and_the_rest_is_sent(
    quick: AppProcess, ollama: OllamaServer, context: BrowserContext
) -> None:
    desk = await Desk.open(context, quick)
    await desk.choose(
        file("scan.pdf", pdf("")),
        file("locked.pdf", pdf("tea", password="tea")),
        file("tea.zip", b"PK\x03\x04\x00"),
        file("large.txt", b"t" * (10 * 1024 * 1024 + 1)),
        file("чай.txt", "Чай в пять часов".encode("cp1251")),
        file("tea.txt", "thé à cinq heures".encode("cp1252")),
    )
    for sentence in (
        "scan.pdf has no text in it",
        "locked.pdf is locked with a password",
        "tea.zip cannot be read",
        "large.txt is too large: a file may have 10 MB.",
        "The letters of чай.txt cannot be told for certain. Save it as UTF-8",
    ):
        await expect(desk.chips.filter(has_text=sentence)).to_have_attribute("data-state", "refused")
    tea = desk.chips.filter(has_text="tea.txt")
    await expect(tea).to_have_attribute("data-state", "kept")
    await expect(tea).to_contain_text("read as Windows-1252")
    await desk.chat.ask("When?")
    await desk.chat.answered()
    assert last_asked(ollama)["content"] == "tea.txt:\n```\nthé à cinq heures\n```\n\nWhen?"


async def test_chips_are_removed_by_keyboard_and_the_focus_stays_among_them(
    quick: AppProcess, context: BrowserContext
) -> None:
    desk = await Desk.open(context, quick)
    await desk.choose(file("a.txt", b"a"), file("b.txt", b"b"), file("c.txt", b"c"))
    await desk.kept("a.txt", "b.txt", "c.txt")
    await desk.page.get_by_role("button", name="Remove b.txt").focus()
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.get_by_role("button", name="Remove c.txt")).to_be_focused()
    await desk.page.keyboard.press("Delete")
    await expect(desk.page.get_by_role("button", name="Remove a.txt")).to_be_focused()
    await desk.page.keyboard.press("Backspace")
    await expect(desk.chat.box).to_be_focused()
    await desk.page.reload()
    await desk.chat.box.wait_for()
    await expect(desk.chips).to_have_count(0)
    desk.chat.check()


async def test_a_draft_keeps_its_files_per_conversation_and_on_every_device(
    quick: AppProcess, context: BrowserContext
) -> None:
    desk = await Desk.open(context, quick)
    await desk.chat.ask("What is in the pot?")
    await desk.chat.answered()
    await desk.choose(file("tea.txt", b"tea at five"))
    await desk.kept("tea.txt")
    await desk.page.reload()
    await desk.kept("tea.txt")
    other = Desk(await ChatPage.open(context, quick))
    await expect(other.chips).to_have_count(0)
    await other.page.goto(desk.page.url)
    await other.kept("tea.txt")
    await other.page.get_by_role("button", name="Remove tea.txt").click()
    await expect(desk.chips).to_have_count(0)
    desk.chat.check()
    other.chat.check()


async def test_files_are_sent_without_a_word(quick: AppProcess, ollama: OllamaServer, context: BrowserContext) -> None:
    desk = await Desk.open(context, quick)
    await expect(desk.send).to_be_disabled()
    await desk.choose(file("pot.png", picture()))
    await desk.kept("pot.png")
    await desk.chat.box.press("Enter")
    await desk.chat.answered()
    assert (last_asked(ollama)["content"], len(last_asked(ollama)["images"])) == ("", 1)  # type: ignore[arg-type]
    question = desk.chat.questions.first
    await expect(question.locator(".asked-picture")).to_be_visible()
    await expect(question.locator(".bubble")).to_be_hidden()
    await expect(desk.page.get_by_role("navigation", name="Conversations")).to_contain_text("pot.png")
    await question.hover()
    await expect(question.get_by_role("button", name="Copy")).to_have_count(0)
    await question.get_by_role("button", name="Ask in other words").click()
    await question.get_by_role("textbox").fill("What is it?")
    await question.get_by_role("textbox").press("Enter")
    await expect(question.locator(".bubble")).to_have_text("What is it?")
    await desk.chat.answered()
    assert last_asked(ollama)["content"] == "What is it?"
    await expect(desk.send).to_be_disabled()
    desk.chat.check()


async def test_other_words_keep_the_files(quick: AppProcess, ollama: OllamaServer, context: BrowserContext) -> None:
    desk = await Desk.open(context, quick)
    await desk.choose(file("tea.txt", b"tea at five"))
    await desk.kept("tea.txt")
    await desk.chat.ask("When?")
    await desk.chat.answered()
    await desk.chat.questions.first.hover()
    await desk.page.get_by_role("button", name="Ask in other words").click()
    await desk.page.get_by_role("textbox", name="Ask in other words").fill("At what time?")
    await desk.page.get_by_role("button", name="Send", exact=True).first.click()
    await expect(desk.chat.questions.first).to_contain_text("At what time?")
    await desk.chat.answered()
    await expect(desk.chat.questions.first.locator("a.chip")).to_contain_text("tea.txt")
    assert last_asked(ollama)["content"] == "tea.txt:\n```\ntea at five\n```\n\nAt what time?"
    desk.chat.check()


async def test_a_temporary_chat_takes_its_files_along(
    quick: AppProcess, ollama: OllamaServer, context: BrowserContext
) -> None:
    desk = await Desk.open(context, quick)
    await desk.page.get_by_role("button", name="Temporary chat").click()
    await desk.choose(file("tea.txt", b"tea at five"))
    await desk.kept("tea.txt")
    await desk.chat.ask("When?")
    await desk.chat.answered()
    await expect(desk.chips).to_have_count(0)
    assert last_asked(ollama)["content"] == "tea.txt:\n```\ntea at five\n```\n\nWhen?"
    await expect(desk.chat.questions.first.locator("a.chip")).to_contain_text("tea.txt")
    desk.chat.check()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
        ("annual\u202etxt.exe", "annualtxt.exe"),
        ("a\u0000b\u001b[31m.txt", "ab[31m.txt"),
        ("x" * 250 + ".txt", "x" * 115 + "….txt"),
    ],
    ids=["html", "direction", "controls", "long"],
)
async def test_hostile_names_are_shown_as_text_and_hide_nothing(
    quick: AppProcess, context: BrowserContext, name: str, shown: str
) -> None:
    desk = await Desk.open(context, quick)
    await desk.page.evaluate(PASTE, [name, list(b"tea at five")])
    await desk.kept(shown)
    await desk.chat.ask("When?")
    await desk.chat.answered()
    await expect(desk.chat.questions.first.locator(".chip-name")).to_have_text(shown)
    assert await desk.chat.questions.locator("img").count() == 0
    assert await desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.chat.check()
