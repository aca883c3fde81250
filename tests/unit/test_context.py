from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.conversations.context import QuestionTooLong, answer_room, estimate_tokens, fit, weigh
from chatui.conversations.titles import title_from
from chatui.domain.messages import ChatMessage, Role

TURNS = st.lists(st.text(min_size=1, max_size=300), min_size=0, max_size=12)


def conversation(texts: list[str], question: str) -> list[ChatMessage]:
    roles = [Role.USER, Role.ASSISTANT]
    turns = [ChatMessage(roles[index % 2], text) for index, text in enumerate(texts[: len(texts) // 2 * 2])]
    return [*turns, ChatMessage(Role.USER, question)]


def test_everything_fits_in_a_large_context() -> None:
    messages = conversation(["hello", "hi"], "how are you?")
    fitted = fit(messages, 4096, 1024)
    assert fitted.messages == tuple(messages)
    assert fitted.left_out == 0


def test_the_system_prompt_and_the_newest_messages_stay() -> None:
    system = ChatMessage(Role.SYSTEM, "be brief")
    messages = [system, *conversation(["old " * 300, "older answer " * 100, "new", "newer answer"], "and now?")]
    fitted = fit(messages, 400, 100)
    assert fitted.messages[0] == system
    assert [message.content for message in fitted.messages[1:]] == ["new", "newer answer", "and now?"]
    assert fitted.left_out == 2


@given(TURNS, st.text(min_size=1, max_size=200), st.integers(200, 3000), st.integers(16, 4096))
def test_what_is_kept_fits_and_is_the_end_of_the_conversation(
    texts: list[str], question: str, context: int, answer: int
) -> None:
    messages = conversation(texts, question)
    room = context - answer_room(context, answer)
    if cost(messages[-1]) > room:
        with pytest.raises(QuestionTooLong):
            fit(messages, context, answer)
        return
    fitted = fit(messages, context, answer)
    assert fitted.prompt_tokens + answer_room(context, answer) <= context
    assert list(fitted.messages) == messages[fitted.left_out :]
    assert fitted.messages[0].role is Role.USER


def cost(message: ChatMessage) -> int:
    return fit([message], 1_000_000, 16).prompt_tokens


def test_a_question_that_cannot_fit_is_refused() -> None:
    with pytest.raises(QuestionTooLong):
        fit([ChatMessage(Role.USER, "word " * 5000)], 4096, 1024)


@given(st.text())
def test_an_estimate_is_positive_and_grows_with_the_text(text: str) -> None:
    assert 0 < estimate_tokens(text) <= estimate_tokens(text + "more")


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How do I sum by month?", "How do I sum by month?"),
        ("# Heading\n\ntext", "Heading"),
        ("\n\n  - an item", "an item"),
        ("`code` and **bold**", "code and bold"),
        ("```", "```"),
        ("如何按月汇总", "如何按月汇总"),
        ("\u202eturn around\u202c", "turn around"),
    ],
)
def test_titles(question: str, title: str) -> None:
    assert title_from(question) == title


@given(st.text(min_size=1).filter(str.strip))
def test_a_title_is_short_and_one_line(question: str) -> None:
    title = title_from(question)
    assert title
    assert len(title) <= 61
    assert "\n" not in title


def test_what_is_weighed_is_what_fits() -> None:
    *turns, question = [ChatMessage(Role.SYSTEM, "be brief"), *conversation(["tea " * 40] * 10, "and now?")]
    weight = weigh(turns, 400, 100)
    fitted = fit([*turns, question], 400, 100)
    used, left_out, fits = weight.system + estimate_tokens(question.content) + 8, 0, True
    for exchange in weight.exchanges:
        fits = fits and used + exchange.tokens <= weight.room
        used, left_out = (used + exchange.tokens, left_out) if fits else (used, left_out + exchange.messages)
    assert (used, left_out) == (fitted.prompt_tokens, fitted.left_out)
    assert left_out > 0
