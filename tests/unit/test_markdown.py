from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.web.markdown import Markdown, plain

MARKDOWN = Markdown()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<iframe src='https://example.org'></iframe>",
        "<form action='/x'><input name=password></form>",
        "<style>body{display:none}</style>",
        "<div style='position:fixed;inset:0'>cover</div>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](https://example.org/pixel.png)",
        '```js onload=alert(1)"><script>\nalert(1)\n```',
        '<https://example.org/"onmouseover=alert(1)>',
    ],
)
def test_no_markup_of_the_text_gets_through(text: str) -> None:
    html = MARKDOWN.render(text)
    for forbidden in ("<script", "<img", "<iframe", "<form", "<input", "<style", "<div style", 'javascript:alert(1)"'):
        assert forbidden not in html.lower()
    assert " onmouseover=" not in html


NOWHERE = ["/admin/queue", "?c=1", "#x", "x.html", "//example.org", "https:x", "ftp://x", "tel:1", "main.py"]


@pytest.mark.parametrize("where", NOWHERE)
def test_a_link_that_would_lead_into_the_app_or_to_a_program_is_text(where: str) -> None:
    assert "<a" not in MARKDOWN.render(f"[x]({where}) ![x]({where}) <{where}>\n\n[x]\n\n[x]: {where}")


def test_links_open_elsewhere_and_tell_nobody() -> None:
    html = MARKDOWN.render("see https://example.org")
    assert 'target="_blank"' in html
    assert "noopener" in html
    assert "noreferrer" in html


def test_an_image_is_a_link() -> None:
    assert MARKDOWN.render("![a cat](https://example.org/cat.png)").startswith(
        '<p><a href="https://example.org/cat.png"'
    )


def test_code_is_coloured_and_named() -> None:
    html = MARKDOWN.render("```python\ndef f(): pass\n```")
    assert '<code class="language-python">' in html
    assert '<span class="k">def</span>' in html


def test_tables_have_a_place_to_scroll_in() -> None:
    assert MARKDOWN.render("|a|b|\n|-|-|\n|1|2|").startswith("<div><table>")


def test_what_people_typed_is_shown_as_typed() -> None:
    assert plain("<b> *x* & y") == "<p>&lt;b&gt; *x* &amp; y</p>"


@given(st.text(alphabet=st.sampled_from("ab #*`-|\n\r>1.<&[]()!~\t$\\"), max_size=80))
def test_blocks_end_where_the_next_begins_and_make_the_whole(text: str) -> None:
    end, before = MARKDOWN.all_but_last(text)
    assert 0 <= end <= len(text)
    assert bool(before) == bool(end)
    assert "".join(before) + MARKDOWN.render(text[end:]) == MARKDOWN.render(text)


@pytest.mark.parametrize("opening", ["[", "![", "**a", "$a", "<", "[](", "a`"])
def test_a_paragraph_far_too_long_is_shown_as_it_is(opening: str) -> None:
    text = opening * 10_001
    assert MARKDOWN.render(f"{text}\n\n**bold**") == f"<p>{escape(text)}</p>\n<p><strong>bold</strong></p>\n"
