"""What a server says of a failure is kept without what somebody had asked it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.domain.asks import CompletionRequest, EmbedRequest, LoadRequest, texts_of
from chatui.domain.echoes import without_echo
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role

SECRET = "My card number is 4711 0815, why was it refused? Best regards, Ida"
LOAD = "llama runner process has terminated: exit status 2"


@pytest.mark.parametrize(
    ("said", "asked", "kept"),
    [
        (f"cannot parse: {SECRET!r}", SECRET, "cannot parse: '[…]'"),
        (f'bad request: {{"content": {json.dumps(SECRET)}}}', SECRET, 'bad request: {"content": "[…]"}'),
        ("at 'number is 4711 0815, why'", SECRET, "at '[…]'"),
        ("invalid: " + json.dumps("第一行是密码。\n别告诉别人"), "第一行是密码。\n别告诉别人", 'invalid: "[…]"'),
        ("invalid: 行是密码", "第一行是密码。别告诉别人", "invalid: […]"),
        ('near "Line two\\nline THREE"', "line one\nline two\nline three", 'near "[…]"'),
        ("no such word: hunter2", "Hunter2", "no such word: […]"),
        (LOAD, SECRET, LOAD),
        (LOAD, "", LOAD),
        ("", SECRET, ""),
    ],
)
def test_an_echo_is_left_out_and_the_rest_stays(said: str, asked: str, kept: str) -> None:
    assert without_echo(said, [asked]) == kept


def test_what_speaks_of_memory_is_still_understood() -> None:
    said = "model requires more system memory (9.1 GiB) than is available (6.3 GiB)"
    assert without_echo(said, ["Which model is the best?"]) == said


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_three_words_of_a_text_are_left(before: str, asked: str, behind: str) -> None:
    left = without_echo(f"{before} {asked} {behind}", [asked])
    words = asked.split()
    for at in range(len(words) - 2):
        run = " ".join(words[at : at + 3])
        if all(word.isascii() and word.isalpha() for word in words[at : at + 3]):
            assert run not in left


def test_everything_that_a_model_reads_counts() -> None:
    model = ModelName("m")
    chat = ChatRequest(model, (ChatMessage(Role.SYSTEM, "a"), ChatMessage(Role.USER, "b", thinking="c")), 1)
    assert list(texts_of(chat)) == ["a", "", "b", "c"]
    assert list(texts_of(CompletionRequest(model, "a", 1, suffix="b", system="c"))) == ["a", "b", "c"]
    assert list(texts_of(EmbedRequest(model, ("a", "b")))) == ["a", "b"]
    assert list(texts_of(LoadRequest(model))) == []
