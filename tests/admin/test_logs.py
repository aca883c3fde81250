"""The log: one object a line with the request's id, and nothing in it that is nobody's business."""

from __future__ import annotations

import json
import logging

import pytest

from chatui.logs import JsonLines, note_request
from chatui.operations.log_ring import KEPT, LogRing, described
from chatui.web.request_ids import HEADER, request_id
from tests.support.app import tab
from tests.support.house import Guest, House
from tests.support.ollama_server import OllamaServer


def record(
    message: str, *values: object, level: int = logging.WARNING, fault: Exception | None = None
) -> logging.LogRecord:
    told = (type(fault), fault, fault.__traceback__) if fault else None
    made = logging.LogRecord("chatui.test", level, __file__, 1, message, values, told)
    note_request(made)
    return made


def test_a_line_is_one_object_with_the_id_of_its_request() -> None:
    noted = request_id.set("abc-12345678")
    try:
        line = JsonLines().format(record("two\nlines of %s", "text"))
    finally:
        request_id.reset(noted)
    told = json.loads(line)
    assert "\n" not in line
    assert (told["level"], told["message"], told["request_id"]) == ("warning", "two lines of text", "abc-12345678")


def test_of_an_exception_its_kind_and_place_are_told_and_not_its_text() -> None:
    with pytest.raises(ValueError, match="invalid literal") as raised:
        int("what somebody asked")
    line = JsonLines().format(record("it failed", fault=raised.value))
    assert "what somebody asked" not in line
    assert json.loads(line)["trace"][-1] == "ValueError"


SECRETS = ["token=abcdefgh12345", "password: hunter2hunter2", "Bearer abcdefghijkl", "code=xyzxyzxyz"]


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_secret_is_left_out(secret: str) -> None:
    assert secret.rsplit("=", maxsplit=1)[-1].rsplit(maxsplit=1)[-1] not in described(record(f"sent {secret} there"))


def test_the_last_lines_are_kept_the_newest_first() -> None:
    ring = LogRing()
    for number in range(KEPT + 5):
        ring.emit(record("line %d", number, level=logging.INFO if number % 2 else logging.ERROR))
    assert len(ring.lines) == KEPT
    assert [line.message for line in ring.newest("error", 2)] == ["line 1004", "line 1002"]
    assert ring.newest()[0].message == "line 1004"


async def test_every_answer_carries_an_id_also_that_of_a_proxy(home: House, ana: Guest) -> None:
    async with ana.client() as http:
        first, second = await http.get("/session"), await http.get("/nothing")
        assert first.headers[HEADER] != second.headers[HEADER]
        assert (await http.get("/session", headers={HEADER: "from-a-proxy-1"})).headers[HEADER] == "from-a-proxy-1"
        for wrong in ("short", "with space in it", "x" * 65, "<script>alert</script>"):
            assert (await http.get("/session", headers={HEADER: wrong})).headers[HEADER] != wrong


async def test_the_log_holds_nothing_of_what_was_asked(home: House, eve: Guest, ollama: OllamaServer) -> None:
    ollama.fail_loads(1)
    async with tab(eve) as client:
        await client.ask("a secret question tokens=3")
        await client.answer()
    told = json.dumps([[line.message, *line.trace] for line in home.core.log.lines])
    assert "secret question" not in told
