"""Markdown as models write it, to HTML that may stand in the page.

Raw HTML in the text is shown as text, images are shown as links (nothing is ever fetched from another host), and what
is left goes through an allow-list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from typing_extensions import override

from chatui.web import formulas
from chatui.web.formula_rules import DISPLAYED, ENDS, add_formulas

_LINK_SCHEMES = {"http", "https", "mailto"}
_LINK_STARTS = ("http://", "https://", "mailto:")
_LINE_END = re.compile(r"\r\n|\r|\n")
_STYLES = {"text-align", *formulas.STYLES}
_HIGHLIGHT_LIMIT = 20_000  # characters; colouring a longer block costs more than it tells
_PARAGRAPH_LIMIT = 10_000  # characters; no prose has longer ones, and 100,000 brackets in one held up all for a second

_PLAIN_TAGS = frozenset(
    {"blockquote", "br", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "p", "pre", "s", "strong", "table", "tbody", "thead", "tr", "ul"},
)
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "code": {"class"},
    "ol": {"start"},
    "span": {"class"},
    "td": {"style"},
    "th": {"style"},
}
_TAGS = {*_PLAIN_TAGS, *_ATTRIBUTES, *formulas.TAGS}
# Made once: a new one for each text costs ten times as much as its use.
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES | formulas.ATTRIBUTES,
    attribute_filter=formulas.kept_value,
    tag_attribute_values=formulas.VALUES,
    url_schemes=_LINK_SCHEMES,
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    filter_style_properties=_STYLES,
)
_FORMATTER: Final = HtmlFormatter[str](nowrap=True)


class _Parser(MarkdownIt):
    """Links only to where a whole address leads: one without a host would lead into this app."""

    @override
    def validateLink(self, url: str) -> bool:
        return url.lower().startswith(_LINK_STARTS)


class _Renderer(RendererHTML):
    """Links instead of images, coloured code, formulas, and tables that can scroll by themselves."""

    def __init__(self, parser: MarkdownIt | None = None) -> None:
        super().__init__(parser)
        self._formulas = formulas.Formulas()

    @override
    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        source = str(token.attrs.get("src", ""))
        label = self.renderInlineAsText(token.children, options, env) or source
        return f'<a href="{escape(source)}">{escape(label)}</a>'

    @override
    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        language = token.info.strip().split(maxsplit=1)[0] if token.info.strip() else ""
        name = f' class="language-{escape(language)}"' if language else ""
        return f"<pre><code{name}>{_coloured(token.content, language)}</code></pre>\n"

    def formula(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        return self._formula(tokens[idx], displayed=tokens[idx].markup in DISPLAYED)

    def formula_block(self, tokens: Sequence[Token], idx: int, *_: object) -> str:
        html = self._formula(tokens[idx], displayed=True)
        return f"<div>{html}</div>\n" if html.startswith("<math") else f"<p>{html}</p>\n"

    def _formula(self, token: Token, *, displayed: bool) -> str:
        """The formula, or its source where it cannot be read."""
        source = f"{token.markup}{token.content}{ENDS.get(token.markup, token.markup)}"
        return self._formulas.html(token.content, displayed=displayed) or escape(source).replace("\n", "<br>\n")

    def table_open(self, *_: object) -> str:
        return "<div><table>"

    def table_close(self, *_: object) -> str:
        return "</table></div>\n"


class Markdown:
    """Renders text; safe to share, keeps nothing between calls."""

    def __init__(self) -> None:
        self._parser = _Parser(
            "commonmark",
            {"html": False, "linkify": True, "breaks": True},
            renderer_cls=_Renderer,
        ).enable(["table", "strikethrough", "linkify"])
        # A file name such as main.py is no address, though it could be one.
        assert self._parser.linkify is not None
        self._parser.linkify.set({"fuzzy_link": False})
        add_formulas(self._parser)
        self._parser.core.ruler.before("inline", "long", _leave_long)

    def render(self, text: str) -> str:
        """Render a whole text, exactly as its top-level blocks one after another."""
        return "".join(self._html(group) for group, _ in _top_level(self._parser.parse(text)))

    def all_but_last(self, text: str) -> tuple[int, list[str]]:
        """The HTML of all top-level blocks but the last, and the offset in `text` behind them."""
        before = _top_level(self._parser.parse(text))[:-1]
        if not before:
            return 0, []
        lines = before[-1][1].map
        end = _line_ends(text)[lines[1] - 1] if lines else len(text)
        return end, [self._html(group) for group, _ in before]

    def _html(self, tokens: Sequence[Token]) -> str:
        return _CLEANER.clean(self._parser.renderer.render(tokens, self._parser.options, {}))


def plain(text: str) -> str:
    """Show text as it was typed: people's own messages are not markup."""
    return f"<p>{escape(text)}</p>"


def _leave_long(state: StateCore) -> None:
    """Take the words of a paragraph that is far too long as they are: it has no emphasis and no links."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > _PARAGRAPH_LIMIT:
            token.children = [Token("text", "", 0, content=token.content)]
            token.content = ""


def _coloured(code: str, language: str) -> str:
    if not language or len(code) > _HIGHLIGHT_LIMIT:
        return escape(code)
    lexer = _lexer(language)
    return escape(code) if lexer is None else highlight(code, lexer, _FORMATTER)


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _line_ends(text: str) -> list[int]:
    """Offset behind each line, as the parser counts lines."""
    return [*(match.end() for match in _LINE_END.finditer(text)), len(text)]


def _top_level(tokens: Sequence[Token]) -> list[tuple[list[Token], Token]]:
    """Group tokens by the top-level block they belong to; with each group its opening token, which has the lines."""
    groups: list[tuple[list[Token], Token]] = []
    for token in tokens:
        if token.level == 0 and token.nesting >= 0:
            groups.append(([token], token))
        else:
            groups[-1][0].append(token)
    return groups
