"""Odd things to say to the app: frames of its line and requests, right in form and wrong in a part, or nothing at all.

Hypothesis strategies. `ids` are of things that are there, one's own and others'.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Sequence
from urllib.parse import quote
from uuid import uuid4

from hypothesis import strategies as st

from tests.support.asgi import Asked
from tests.support.payloads import PAYLOADS

ODD_TEXTS = st.sampled_from(
    [
        *("", " ", "\x00", "\ud800", "\udfff\ud800", "\u202e", "\ufeff", "a\u0300" * 50, "\U0010ffff", "x" * 40_000),
        *("../../etc/passwd", "%00", "%", "'; DROP TABLE account; --", "{{7*7}}", "%s%n", "-1", "0", "1e400", "NaN"),
        *("9" * 30, "9" * 5_000, "true", "null", "[]", "{}", "\r\nset-cookie: a=b", "desk", "archive", "de", "zh"),
    ]
)
texts = ODD_TEXTS | st.sampled_from(PAYLOADS) | st.text(max_size=40)
numbers = st.sampled_from([0, -1, 1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 0.5, -0.0, 1e308]) | st.integers()
leaves = st.none() | st.booleans() | numbers | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))

FIELDS = (
    *("t", "key", "conversation", "message", "folder", "text", "title", "name", "model", "value", "view", "language"),
    *("resume", "away", "before", "n", "id", "limit", "steps", "__proto__", ""),
)
FORM_FIELDS = (
    *("name", "password", "old", "code", "next", "person", "role", "group", "mode", "session", "invitation", "weight"),
    *("priority", "running", "queued", "tokens_per_day", "models", "say", "kind", "problem", "path", "done", "before"),
)
METHODS = (
    *("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "G-T!"),
)


NO_FRAMES = ("[" * 100_000, '{"t":' * 50_000, '{"t":"ask","t":"stop"}', "1" * 6_000, "NaN", "x" * 5_000_000)


@st.composite
def frames(draw: st.DrawFn, words: Sequence[str], ids: Sequence[str]) -> str | bytes:
    """A frame: of a word that is known, with fields of every kind, or something that is none."""
    word = st.sampled_from(words) | texts
    known = st.sampled_from(ids)
    fields = st.dictionaries(st.sampled_from(FIELDS) | texts, known | values, max_size=5)
    frame = {**draw(fields), "t": draw(word)}
    if draw(st.booleans()):
        frame |= {"key": str(uuid4()), "conversation": draw(known), "message": draw(known), "text": draw(texts)}
    text = json.dumps(frame, ensure_ascii=draw(st.booleans()))
    match draw(st.integers(0, 11)):
        case 0:
            return text[: draw(st.integers(0, len(text)))]
        case 1:
            return draw(
                st.sampled_from(["[" * 100_000, '{"t":' * 50_000, '{"t":"ask","t":"stop"}', "1" * 6_000, "NaN"])
            )
        case 2:
            return draw(st.binary(max_size=40))
        case 3:
            return draw(texts)
        case _:
            return text


@st.composite
def requests(draw: st.DrawFn, targets: Sequence[str], ids: Sequence[str]) -> Asked:
    """A request to a route that is there, or nearly so."""
    path = draw(st.sampled_from(targets) | texts.map(lambda text: f"/{text}")) or "/"
    if draw(st.booleans()):
        path += draw(st.sampled_from(["/", "//", "/..", "%2f", ";x", "/x", "\x00", "?", "#"]) | texts)
    if draw(st.booleans()):
        path += f"?{draw(st.sampled_from(FORM_FIELDS))}={draw(st.sampled_from(ids) | texts)}"
    headers = draw(st.lists(odd_headers(), max_size=3))
    kind, body = draw(bodies(ids))
    headers += [(b"content-type", kind)] if kind else []
    # What is no ASCII, or no letter, is refused by the server before it comes to us.
    target = quote(as_bytes(path), safe=string.punctuation).encode()
    return Asked(draw(st.sampled_from(METHODS)), target, headers, body)


CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")


@st.composite
def odd_headers(draw: st.DrawFn) -> tuple[bytes, bytes]:
    names = (
        *("accept", "accept-language", "accept-encoding", "authorization", "content-length", "content-encoding"),
        *(
            "cookie",
            "expect",
            "forwarded",
            "host",
            "if-modified-since",
            "if-none-match",
            "origin",
            "range",
            "sec-fetch-site",
        ),
        *("transfer-encoding", "upgrade", "user-agent", "x-forwarded-for", "x-forwarded-host", "x-gradio-user"),
    )
    known = ["text/html", "http://127.0.0.1:7860", "null", "same-origin", "bytes=0-1,5-9", "bytes=9-1", "-1", "chunked"]
    name = draw(st.sampled_from(names))
    value = CONTROLS.sub(b" ", as_bytes(draw(st.sampled_from(known) | texts)))
    return name.encode(), value[: 20 if name == "content-length" else 8_000]


@st.composite
def bodies(draw: st.DrawFn, ids: Sequence[str]) -> tuple[bytes, Sequence[bytes]]:
    fields = draw(st.dictionaries(st.sampled_from(FORM_FIELDS), st.sampled_from(ids) | texts, max_size=6))
    match draw(st.integers(0, 4)):
        case 0:
            pairs = [as_bytes(f"{name}={value}") for name, value in fields.items()]
            return b"application/x-www-form-urlencoded", [b"&".join(pairs)]
        case 1:
            parts = [f'--x\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n' for name in fields]
            return b"multipart/form-data; boundary=x", [as_bytes(part) for part in parts]
        case 2:
            return b"application/json", [json.dumps(draw(values)).encode()]
        case 3:
            return as_bytes(draw(texts))[:200], draw(st.lists(st.binary(max_size=200), max_size=4))
        case _:
            return b"", []


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
