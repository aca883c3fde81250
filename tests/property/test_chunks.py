"""A client of HTTP understands the same with chunks merged, however the bytes are cut, and whatever they are."""

from __future__ import annotations

from itertools import pairwise

import h11
from hypothesis import example, given
from hypothesis import strategies as st

from chatui.backends.chunks import ChunkMerger

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
HEADS = (
    HEAD,
    HEAD.replace(b" OK", b" "),
    HEAD.replace(b"200 OK", b"503 Busy"),
    HEAD.replace(b"chunked", b"gzip, chunked"),
    HEAD.replace(b"1.1", b"1.0"),
    b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD,
    b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nx-note: transfer-encoding: chunked\r\n\r\ntransfer-encoding: chunked\r\n\r\n",
)
bodies = st.binary(min_size=1, max_size=40) | st.sampled_from([b"\r\n", b"0\r\n\r\n", b"5\r\nhello\r\n"])
chunks = st.builds(
    lambda body, size: size % len(body) + body + b"\r\n", bodies, st.sampled_from([b"%x\r\n", b"%04X\r\n"])
)
oddities = st.sampled_from(
    [b"3;note=1\r\nabc\r\n", b"zz\r\n", b"5\r\nhelloXX", b"4\nabcd\n", b"-1\r\n", b"00\r\n\r\n", b"\r\n"]
)
ends = st.sampled_from([b"0\r\n\r\n", b"0\r\nx-sum: 1\r\n\r\n", b""])
replies = st.builds(
    lambda head, parts, end: head + b"".join(parts) + end,
    st.sampled_from(HEADS) | st.just(HEAD),
    st.lists(chunks | chunks | chunks | oddities, max_size=8),
    ends,
)


def understood(pieces: list[bytes]) -> tuple[list[object], bytes]:
    """What h11 makes of a reply that comes in pieces: its events, and the body."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("host", "there")]))
    client.send(h11.EndOfMessage())
    events: list[object] = []
    body = bytearray()
    try:
        for piece in [*pieces, b""]:
            client.receive_data(piece)
            while (event := client.next_event()) is not h11.NEED_DATA and event is not h11.PAUSED:
                if isinstance(event, h11.Data):
                    body += event.data
                else:
                    events.append(event)
                if isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                    return events, bytes(body)
    except h11.RemoteProtocolError as error:
        events.append(str(error))
    return events, bytes(body)


def cut(reply: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place for place in set(places) if 0 < place < len(reply)), len(reply)]
    return [reply[begin:end] for begin, end in pairwise(edges) if begin < end]


@given(reply=replies, places=st.lists(st.integers(1, 500), max_size=6))
@example(reply=HEAD + b"1\r\na\r\n" * 5 + b"0\r\n\r\n", places=[len(HEAD) + 14])
def test_what_was_merged_is_understood_as_it_was(reply: bytes, places: list[int]) -> None:
    pieces = cut(reply, places)
    merger = ChunkMerger()
    merged = [merger.merge(piece) for piece in pieces]
    assert all(merged)
    assert understood(merged) == understood(pieces)


def test_chunks_that_come_together_become_one() -> None:
    merger = ChunkMerger()
    first = merger.merge(HEAD + b"2\r\nab\r\n3\r\ncde\r\n13\r\nthe beginning")
    assert first == HEAD + b"5\r\nabcde\r\n13\r\nthe beginning"
    assert merger.merge(b" of it\r") == b" of it\r"
    assert merger.merge(b"\n1\r\na\r\n1\r\nb\r\n") == b"\n2\r\nab\r\n"
    assert merger.merge(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n") == b"2\r\nab\r\n0\r\n\r\n"
