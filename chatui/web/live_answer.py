"""An answer under way, as the page shows it: finished blocks as HTML, the open tail behind them. Pure.

Rendering is done once per answer however many tabs watch, and not at each tick: between two renderings of the tail new
text is appended to it as it came, so that 200 answers at a time stay affordable (a paragraph costs 0.1 to 0.5 ms). As
long as nothing but words comes there is nothing to render: appended they look the same.
"""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass, field

from chatui.web.markdown import Markdown

_RENDER_EVERY_S = 0.2
_WORDS = re.compile(r"(?:[^\W_]|[ ,'\"\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f]|(?<!\d)[.!?](?=\s|\Z))*")
"""What means in Markdown what it says, in the middle of a line."""
_LETTER = re.compile(r"[^\W\d_]")
"""Behind a letter a line is what it is: a mark alone may still begin a list."""
_ENDS_IN_WORDS = re.compile(r"[^>\s](?:</(?:p|li|ul|ol|h[1-6]|blockquote)>\s*)+\Z")
"""A tail behind which words can be written as they are: it does not end in bold ones, or in code."""
_END = 200  # characters of a tail in which its end is looked for


@dataclass(frozen=True, slots=True)
class Cursor:
    """How much of an answer one tab has, and of which attempt at it."""

    start: int = -1
    blocks: int = 0
    revision: int = -1
    appended: int = 0
    thinking: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """What a tab lacks: `blocks` after the first `at`, then a new `tail` or text to `append` to the one it has.

    With `reset` it is the whole, for a tab that has nothing, or what another attempt wrote.
    """

    reset: bool
    at: int
    blocks: tuple[str, ...]
    tail: str | None
    append: str
    thinking: str
    cursor: Cursor

    @property
    def empty(self) -> bool:
        """Whether the tab has everything."""
        return not (self.blocks or self.append or self.thinking) and self.tail is None


@dataclass(eq=False)
class LiveAnswer:
    """Follows the growing text of one attempt."""

    markdown: Markdown
    blocks: list[str] = field(default_factory=list)
    _source: str = ""
    _thinking: str = ""
    _closed: int = 0
    _settled: int = 0
    _rendered: int = 0
    _tail: str = ""
    _start: int = 0
    _revision: int = 0
    _next_render: float = 0.0

    def follow(self, text: str, thinking: str, now: float) -> float:
        """Take the text as it is now. Gives how long it was rendered, in seconds; 0 when it was not.

        What it took tells the caller how often to allow it.
        """
        if len(text) < len(self._source) or len(thinking) < len(self._thinking):
            self.restart()
        self._source, self._thinking = text, thinking
        if now < self._next_render or not self._has_news():
            return 0.0
        before = time.thread_time()
        self._render()
        self._next_render = now + _RENDER_EVERY_S
        return max(time.thread_time() - before, sys.float_info.min)

    def rest_until(self, moment: float) -> None:
        """Render nothing before `moment`; what comes is appended until then."""
        self._next_render = max(self._next_render, moment)

    def restart(self) -> None:
        """Begin again: another attempt writes."""
        self.blocks.clear()
        self._source = self._thinking = self._tail = ""
        self._closed = self._settled = self._rendered = 0
        self._start += 1
        self._next_render = 0.0

    def since(self, cursor: Cursor | None) -> Piece:
        """Tell what a tab lacks that has everything up to `cursor`; None is a tab that has nothing."""
        reset = cursor is None or cursor.start != self._start
        have = cursor if cursor and not reset else Cursor()
        pending = self._source[self._rendered :]
        fresh = have.revision != self._revision
        return Piece(
            reset=reset,
            at=have.blocks,
            blocks=tuple(self.blocks[have.blocks :]),
            tail=self._tail if fresh else None,
            append=pending if fresh else pending[have.appended :],
            thinking=self._thinking[have.thinking :],
            cursor=Cursor(self._start, len(self.blocks), self._revision, len(pending), len(self._thinking)),
        )

    def _has_news(self) -> bool:
        """Whether something came that is not just more words in the same line."""
        if len(self._source.rstrip()) <= self._rendered:
            return False
        line = self._source.rfind("\n", 0, self._rendered) + 1
        begun = _LETTER.search(self._source, line, self._rendered) is not None
        words_alone = _WORDS.fullmatch(self._source, self._rendered) is not None
        return not (begun and words_alone and _ENDS_IN_WORDS.search(self._tail[-_END:]))

    def _render(self) -> None:
        self._settle()
        # Markdown drops white space at the end; what follows must be appended behind it, so it is left for then.
        source = self._source.rstrip()
        self._tail = _open_end(self.markdown.render(source[self._closed :]))
        self._rendered = len(source)
        self._revision += 1

    def _settle(self) -> None:
        """Close the blocks that nothing can change any more: all but the last one of the lines that are whole.

        A line that still grows may turn what stands before it into something else: the second line of a table does.
        """
        whole = self._source.rfind("\n") + 1
        if whole <= self._settled:
            return
        self._settled = whole
        end, blocks = self.markdown.all_but_last(self._source[self._closed : whole])
        self.blocks.extend(blocks)
        self._closed += end


def _open_end(html: str) -> str:
    """Take away the line break that ends a block of code: the next words may belong to its last line."""
    end = "</code></pre>\n"
    return f"{html[: -len(end)].removesuffix(chr(10))}{end}" if html.endswith(end) else html
