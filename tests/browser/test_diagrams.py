"""Diagrams in a real browser: drawn when they are whole, in the place where their source stood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, expect

from chatui.web.diagrams import mermaid_of
from tests.support.app import AppProcess, running_app
from tests.support.browser import ChatPage
from tests.support.echo_ollama import echo_ollama

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
KINDS = {
    "flow": "graph TD\n  A[Kettle] --> B(Tea)\n  B -->|sugar| C{Sweet?}",
    "sequence": "sequenceDiagram\n  Ana->>Ben: Tea?\n  Ben-->>Ana: Yes",
    "class": "classDiagram\n  class Cup {\n    <<interface>>\n    +size() int\n  }\n  Cup <|-- Mug",
    "state": "stateDiagram-v2\n  [*] --> Cold\n  Cold --> Hot",
    "entities": "erDiagram\n  CUP ||--o{ SIP : holds",
    "gantt": "gantt\n  title Tea\n  section Kitchen\n  Brew :a1, 2024-01-01, 3d",
    "pie": 'pie title Cups\n  "green" : 3\n  "black" : 5',
    "mindmap": "mindmap\n  root((tea))\n    green\n    black",
    "Chinese": "graph LR\n  A[水壶] --> B[茶]",
}
SIZE = """picture => [picture.complete, picture.naturalWidth > 0, picture.src.startsWith("blob:")]"""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def echoing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AppProcess]:
    data = tmp_path_factory.mktemp("echo")
    async with echo_ollama("echo") as ollama, running_app(data, "--backend", ollama.url) as app:
        yield app


def block(diagram: str) -> str:
    return f"```mermaid\n{diagram}\n```"


async def answered(context: BrowserContext, app: AppProcess, text: str) -> tuple[ChatPage, Locator]:
    chat = await ChatPage.open(context, app)
    await chat.ask(text)
    assert await chat.answered() == "complete"
    return chat, chat.answers.locator('pre[data-language="mermaid"]')


async def test_every_kind_is_drawn(echoing: AppProcess, context: BrowserContext) -> None:
    chat, blocks = await answered(context, echoing, "\n\n".join(map(block, KINDS.values())))
    await expect(blocks).to_have_count(len(KINDS))
    for number, name in enumerate(KINDS):
        await blocks.nth(number).scroll_into_view_if_needed()
        await expect(blocks.nth(number), name).to_have_attribute("data-drawn", "")
        assert await blocks.nth(number).get_by_role("img", name="Diagram").evaluate(SIZE) == [True, True, True]
    chat.check()


async def test_the_source_is_there_on_demand_and_nothing_moves(echoing: AppProcess, context: BrowserContext) -> None:
    chat, blocks = await answered(context, echoing, block(KINDS["flow"]))
    await expect(blocks).to_have_attribute("data-drawn", "")
    drawn = await blocks.bounding_box()
    await blocks.get_by_role("button", name="Source").click()
    await expect(blocks.locator("code")).to_be_visible()
    await expect(blocks.get_by_role("img")).to_be_hidden()
    assert await blocks.bounding_box() == drawn
    await blocks.get_by_role("button", name="Diagram").click()
    await expect(blocks.locator("code")).to_be_hidden()
    chat.check()


async def test_what_cannot_be_drawn_keeps_its_source_with_a_sentence(
    echoing: AppProcess, context: BrowserContext
) -> None:
    chat, blocks = await answered(context, echoing, f"{block('graph TD; A--')}\n\n{block(KINDS['flow'])}")
    await expect(blocks.first.get_by_text("This cannot be drawn as a diagram")).to_be_visible()
    await expect(blocks.first.locator("code")).to_have_text("graph TD; A--\n")
    await expect(blocks.last).to_have_attribute("data-drawn", "")
    heights = [await one.evaluate("block => block.offsetHeight") for one in await blocks.all()]
    assert heights[0] == heights[1]
    chat.check()


async def test_another_scheme_draws_it_in_its_colours(echoing: AppProcess, context: BrowserContext) -> None:
    chat, blocks = await answered(context, echoing, block(KINDS["flow"]))
    await expect(blocks).to_have_attribute("data-drawn", "")
    light = await blocks.get_by_role("img").get_attribute("src")
    await chat.page.emulate_media(color_scheme="dark")
    await expect(blocks.get_by_role("img")).not_to_have_attribute("src", light or "")
    chat.check()


async def test_without_a_diagram_nothing_of_mermaid_is_loaded(echoing: AppProcess, context: BrowserContext) -> None:
    chat = await ChatPage.open(context, echoing)
    asked = list[str]()
    chat.page.on("request", lambda request: asked.append(request.url))
    await chat.ask("```python\nprint()\n```")
    assert await chat.answered() == "complete"
    assert not [url for url in asked if "mermaid" in url or url.endswith("/diagrams")]
    chat.check()


async def test_a_gradio_without_mermaid_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Mermaid"):
        mermaid_of(tmp_path)
