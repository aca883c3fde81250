from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

from chatui.conversations.reading import Whole
from chatui.web.exports import Kind, document
from chatui.web.markdown import Markdown
from chatui.web.wording import wording_for
from storage.tables import Conversation, Message

AT = datetime(2026, 1, 2, tzinfo=UTC)
EVIL = "</title><script>alert(1)</script>"


def whole(title: str = "Tea", asked: str = "What is *tea*?", answered: str = "A **leaf**.") -> Whole:
    conversation = Conversation(account_id=uuid4(), title=title, model="m:1b", created_at=AT, updated_at=AT)
    question = Message(conversation_id=conversation.id, role="user", content=asked, created_at=AT)
    answers = [
        Message(
            conversation_id=conversation.id,
            parent_id=question.id,
            role="assistant",
            model="m:1b",
            content=text,
            created_at=AT,
        )
        for text in ("Another.", answered)
    ]
    conversation.leaf_id = answers[-1].id
    return Whole(conversation, [question, *answers], [question, answers[-1]])


def text(kind: Kind, of: Whole, language: str = "en") -> str:
    return document(of, kind, Markdown(), wording_for(language)).text


def test_markdown_has_the_branch_that_is_shown() -> None:
    assert text(Kind.MARKDOWN, whole()) == (
        "# Tea\n\n## You asked\n\nWhat is *tea*?\n\n## m:1b answered\n\nA **leaf**.\n"
    )


def test_json_has_every_branch() -> None:
    of = whole()
    told = json.loads(text(Kind.JSON, of))
    assert told["format"] == "samovar-conversation"
    assert [message["content"] for message in told["messages"]] == ["What is *tea*?", "Another.", "A **leaf**."]
    assert told["shown"] == told["messages"][-1]["id"]


def test_a_page_is_whole_in_itself_and_runs_nothing() -> None:
    page = text(Kind.HTML, whole(EVIL, EVIL, EVIL + " ![x](https://evil.example/x.png)"))
    assert "<script" not in page
    assert "src=" not in page
    assert "default-src 'none'" in page
    assert page.count("&lt;script&gt;") == 4


def test_it_speaks_the_language_of_its_reader() -> None:
    page = text(Kind.HTML, whole(), "zh")
    assert '<html lang="zh-CN">' in page
    assert "您的提问" in page


def test_a_file_has_the_name_of_its_conversation() -> None:
    made = document(whole('../a "b"\r\nc 茶'), Kind.MARKDOWN, Markdown(), wording_for("en"))
    assert made.name == "a b c 茶.md"
    assert document(whole("???"), Kind.JSON, Markdown(), wording_for("en")).name == "conversation.json"
