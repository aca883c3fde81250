r"""Where a text has formulas: `$x$`, `$$x$$`, `\(x\)` and `\[x\]`, and not in "$5 and $10". Rules for the parser.

A formula that spans lines is a block from the line that begins it on, whatever follows: as lines are added to the end
of a text, what stands before that line never changes.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from chatui.web.formulas import LONGEST

ENDS: Final = {"$$": "$$", r"\[": r"\]", r"\(": r"\)"}
DISPLAYED: Final = ("$$", r"\[")
# A formula between single dollars touches both of them, stands in one line, and a number does not follow it.
_DOLLARS: Final = re.compile(r"\$(?![\s$])((?:\\.|[^\\$`\n]){1,1000})(?<!\s)\$(?![\w$])")
# Between two prices stand words, in a formula that begins with a figure stands something of a formula.
_FIGURE: Final = re.compile(r"\d[\d.,]*\s*[^\W\d_]{2,}|\d[\d.,]*[,;:]?\s+[^\W\d_]")
_OF_FORMULAS: Final = re.compile(r"[\\^_=<>{}+*/]")


def add_formulas(parser: MarkdownIt) -> None:
    """Have a parser find formulas: `formula` tokens, with the opening mark in `markup`, and blocks of them."""
    parser.inline.ruler.before("escape", "formula", _find_inline)
    parser.block.ruler.before("fence", "formula_block", _find_block, {"alt": ["paragraph"]})


def _find_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser calls it so
    found = _dollars(state) or _marked(state)
    if found is None:
        return False
    mark, content, end = found
    if not silent:
        token = state.push("formula", "math", 0)
        token.markup, token.content = mark, content
    state.pos = end
    return True


def _dollars(state: StateInline) -> tuple[str, str, int] | None:
    found = _DOLLARS.match(state.src, state.pos, state.posMax)
    before = state.src[state.pos - 1 : state.pos]
    if found is None or before.isalnum() or before == "$" or _is_prices(found[1]):
        return None
    return "$", found[1], found.end()


def _is_prices(content: str) -> bool:
    return _FIGURE.match(content) is not None and _OF_FORMULAS.search(content) is None


def _marked(state: StateInline) -> tuple[str, str, int] | None:
    mark = state.src[state.pos : state.pos + 2]
    if mark not in ENDS:
        return None
    end = state.src.find(ENDS[mark], state.pos + 2, min(state.posMax, state.pos + LONGEST))
    content = state.src[state.pos + 2 : end]
    return (mark, content, end + 2) if end > 0 and content.strip() else None


def _find_block(state: StateBlock, first: int, last: int, silent: bool) -> bool:  # noqa: FBT001 - the parser calls it so
    mark = _line(state, first)[:2]
    if mark not in DISPLAYED or state.is_code_block(first):
        return False
    rest = _line(state, first)[2:]
    if ENDS[mark] in rest and not rest.rstrip().endswith(ENDS[mark]):
        return False  # a formula at the beginning of a sentence
    if silent:
        return True
    end = _end_of_block(state, first, last, ENDS[mark])
    text = state.getLines(first, end, state.blkIndent, keepLastLF=False).strip()
    if text.endswith(ENDS[mark]) and text[2:-2].strip():
        token = state.push("formula_block", "math", 0)
        token.markup, token.content, token.block, token.map = mark, text[2:-2], True, [first, end]
    else:
        _push_paragraph(state, text, first, end)
    state.line = end
    return True


def _end_of_block(state: StateBlock, first: int, last: int, end_mark: str) -> int:
    """The line behind the block: behind the one with the end mark, else at the first empty line."""
    for line in range(first, last):
        text = _line(state, line)
        if not text.strip() or (line > first and state.sCount[line] < state.blkIndent):
            return line
        if end_mark in (text[2:] if line == first else text):
            return line + 1
    return last


def _push_paragraph(state: StateBlock, text: str, first: int, end: int) -> None:
    opening = state.push("paragraph_open", "p", 1)
    opening.map = [first, end]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = text, [first, end], []
    state.push("paragraph_close", "p", -1)


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
