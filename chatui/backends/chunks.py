"""Chunks of a reply's body that came together, made one.

A server sends each token as a chunk of its own (RFC 9112, section 7.1). h11, httpcore and httpx hand every chunk up by
itself, which costs them 30 us each, also where three of them came in one piece.
"""

from __future__ import annotations

import re
from typing import Final

_HEAD: Final = re.compile(
    rb"HTTP/1\.1 200 [^\r\n]*\r\n(?:[^\r\n]+\r\n)*?transfer-encoding:[ \t]*chunked\r\n(?:[^\r\n]+\r\n)*\r\n",
    re.IGNORECASE,
)
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_LINE_END: Final = b"\r\n"


class ChunkMerger:
    """Puts whole chunks that follow one another into one, so that the body stays what it was.

    Everything else goes through as it came, and is for the reader to judge: a body that is not chunked, a chunk with an
    extension, the last one and what follows it, nonsense, and a head that came in pieces.
    """

    def __init__(self) -> None:
        self._in_head = True
        self._merging = True
        self._unread = 0
        """How many bytes of a chunk are still to come."""

    def merge(self, data: bytes) -> bytes:
        """Take the next bytes of a reply, beginning with its head; give what says the same in fewer chunks."""
        if not self._merging:
            return data
        begin = self._unread
        if self._in_head:
            head = _HEAD.match(data)
            self._in_head, self._merging = False, head is not None
            if head is None:
                return data
            begin = head.end()
        if begin > len(data):
            self._unread = begin - len(data)
            return data
        bodies, end = self._whole_chunks(data, begin)
        if len(bodies) < 2:  # noqa: PLR2004 - one alone is as good as it is
            return data
        body = b"".join(bodies)
        return b"%b%x\r\n%b\r\n%b" % (data[:begin], len(body), body, data[end:])

    def _whole_chunks(self, data: bytes, begin: int) -> tuple[list[bytes], int]:
        """Give the bodies of the chunks that are whole, and where they end; note what is there of the next one."""
        bodies: list[bytes] = []
        self._unread = 0
        while begin < len(data):
            size = _SIZE.match(data, begin)
            if size is None or not (length := int(size[1], 16)):
                self._merging = False
                break
            end = size.end() + length
            if end + len(_LINE_END) > len(data):
                self._unread = end + len(_LINE_END) - len(data)
                break
            if not data.startswith(_LINE_END, end):
                self._merging = False
                break
            bodies.append(data[size.end() : end])
            begin = end + len(_LINE_END)
        return bodies, begin
