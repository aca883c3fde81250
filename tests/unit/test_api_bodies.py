"""The body of a request to the APIs, as it comes or does not."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.types import Message

from chatui.web.api.fields import BadAsk
from chatui.web.api.keyed import body_of


def request_of(*messages: Message) -> Request:
    coming = iter(messages)

    async def receive() -> Message:
        return next(coming)

    return Request({"type": "http", "method": "POST", "path": "/api/chat", "headers": []}, receive)


async def test_a_body_is_read_whole() -> None:
    first = {"type": "http.request", "body": b'{"model": ', "more_body": True}
    second = {"type": "http.request", "body": b'"m:1b"}', "more_body": False}
    assert (await body_of(request_of(first, second))).needed("model") == "m:1b"


async def test_who_leaves_before_the_body_has_come_is_no_fault_of_the_app() -> None:
    half = {"type": "http.request", "body": b'{"model": ', "more_body": True}
    with pytest.raises(BadAsk):
        await body_of(request_of(half, {"type": "http.disconnect"}))
