from __future__ import annotations

import re
from html import escape

from hypothesis import given
from hypothesis import strategies as st

from chatui.web.live_answer import Cursor, LiveAnswer, Piece
from chatui.web.markdown import Markdown

MARKDOWN = Markdown()
WORDS = st.sampled_from(
    [
        "word",
        "two words, ",
        ". ",
        ".",
        "7",
        "**bold**",
        "www",
        " ",
        "\n",
        "\n\n",
        "# ",
        "- ",
        "1. ",
        "```",
        "```python\n",
        "`",
        "**",
        "|",
        "|-|",
        "> ",
        "\r\n",
        "---",
        "é",
        "中",
        "$",
        "$$",
        "$$\n",
        "\\[",
        "\\]",
        "\n\\]\n",
        "\n+ ",
    ]
)

ENDS = re.compile(r"(?:</\w+>\s*)*\Z")


class Reader:
    """A tab's side of the pieces: what a page would hold."""

    def __init__(self) -> None:
        self.cursor: Cursor | None = None
        self.blocks: list[str] = []
        self.tail = ""

    def take(self, piece: Piece) -> None:
        if piece.reset:
            self.blocks, self.tail = [], ""
        assert piece.at == len(self.blocks)
        self.blocks += piece.blocks
        if piece.tail is not None:
            self.tail = piece.tail
        self.tail = ENDS.sub(lambda ends: escape(piece.append) + ends[0], self.tail, count=1)
        self.cursor = piece.cursor


@given(st.lists(WORDS, max_size=40), st.data())
def test_whatever_the_steps_the_blocks_are_those_of_the_whole_text(words: list[str], data: st.DataObject) -> None:
    text, now = "", 0.0
    live, reader = LiveAnswer(MARKDOWN), Reader()
    for word in words:
        text += word
        now += data.draw(st.floats(0, 0.3))
        live.follow(text, "", now)
        if data.draw(st.booleans()):
            reader.take(live.since(reader.cursor))
    live.follow(text, "", now + 10)
    reader.take(live.since(reader.cursor))
    whole = MARKDOWN.render(text.rstrip())
    assert "".join(reader.blocks) == whole[: len("".join(reader.blocks))]
    assert without_ends("".join(reader.blocks) + reader.tail) == without_ends(whole)


def test_a_line_that_grows_can_still_change_what_stands_before_it() -> None:
    live, reader = LiveAnswer(MARKDOWN), Reader()
    for now, text in enumerate(["word\n|-|\r\n|-|", "word\n|-|\r\n|-|word"]):
        live.follow(text, "", float(now))
        reader.take(live.since(reader.cursor))
    assert "".join(reader.blocks) + reader.tail == MARKDOWN.render("word\n|-|\r\n|-|word")


def without_ends(html: str) -> str:
    return re.sub(r"\s+(?=</|\Z)", "", html)


def test_between_renderings_new_text_is_appended_as_it_came() -> None:
    live = LiveAnswer(MARKDOWN)
    live.follow("one two ", "", 0.0)
    first = live.since(None)
    assert (first.tail, first.append) == ("<p>one two</p>\n", " ")
    live.follow("one two three", "", 0.1)
    second = live.since(first.cursor)
    assert (second.tail, second.append) == (None, "three")


def test_words_in_a_line_need_no_rendering() -> None:
    live = LiveAnswer(MARKDOWN)
    assert live.follow("One **two**", "", 0.0)
    assert live.follow("One **two** three", "", 1.0), "behind bold words the next ones would be bold, too"
    assert not live.follow("One **two** three, four. Five", "", 2.0)
    assert live.since(None).append == ", four. Five"
    assert live.follow("One **two** three, four. Five *six*", "", 3.0)


def test_who_must_rest_renders_later() -> None:
    live = LiveAnswer(MARKDOWN)
    live.follow("*one*", "", 0.0)
    live.rest_until(5.0)
    assert not live.follow("*one* *two*", "", 4.0)
    assert live.follow("*one* *two*", "", 5.0)


def test_code_goes_on_in_its_last_line() -> None:
    live = LiveAnswer(MARKDOWN)
    live.follow("```\nreturn ", "", 0.0)
    assert live.since(None).tail == "<pre><code>return</code></pre>\n"


def test_an_attempt_that_starts_over_resets_the_tab() -> None:
    live = LiveAnswer(MARKDOWN)
    live.follow("one\n\ntwo", "", 0.0)
    cursor = live.since(None).cursor
    live.follow("new", "", 1.0)
    piece = live.since(cursor)
    assert piece.reset
    assert piece.blocks == ()
    assert piece.tail == "<p>new</p>\n"


def test_thinking_goes_out_as_it_grows() -> None:
    live = LiveAnswer(MARKDOWN)
    live.follow("", "let me", 0.0)
    first = live.since(None)
    live.follow("", "let me see", 0.1)
    assert (first.thinking, live.since(first.cursor).thinking) == ("let me", " see")
