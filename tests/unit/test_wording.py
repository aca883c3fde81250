"""Everything that can happen has words, in every language, and they are the ones that were agreed."""

# ruff: noqa: RUF001 - typographic dashes and Chinese punctuation are meant

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.accounts.password_rules import PasswordFlaw
from chatui.backends.ssrf import AddressFlaw
from chatui.conversations.context import QuestionTooLong
from chatui.conversations.files.kinds import FileFlaw
from chatui.conversations.importing.flaws import ImportFlaw
from chatui.conversations.prompt import PromptFlaw
from chatui.domain.access import Action
from chatui.domain.errors import (
    AccountNotActive,
    AddressRefused,
    BackendError,
    FileRefused,
    Forbidden,
    ImportRefused,
    MessageTooLong,
    ModelBlind,
    ModelForbidden,
    NoModel,
    PasswordRefused,
    PromptRefused,
    QueueFull,
    QuotaSpent,
    Refused,
    SamovarError,
    TooManyTries,
)
from chatui.domain.jobs import JobId, Stage, StopReason
from chatui.domain.people import AccountState
from chatui.scheduler.decision import Place, Waits
from chatui.web.wording import Wording, wording_for
from chatui.web.wording.en import English
from chatui.web.wording.figures import rounded
from chatui.web.wording.zh import Chinese

Kind = TypeVar("Kind", bound=SamovarError)
LANGUAGES = [English(), Chinese()]
STEPS = ("queued", "restored", *Stage)
in_every_language = pytest.mark.parametrize("words", LANGUAGES, ids=lambda words: type(words).__name__)


def place(
    position: int = 2,
    interval: tuple[float, float] | None = None,
    answers: int = 0,
    swaps: int = 0,
    waits: Waits = Waits.TURN,
    until: float | None = None,
) -> Place:
    low, high = interval or (None, None)
    return Place(JobId(uuid4()), position, None, low, high, answers, swaps, waits, until)


def classes(root: type[Kind]) -> Iterator[type[Kind]]:
    for found in root.__subclasses__():
        yield found
        yield from classes(found)


@in_every_language
@pytest.mark.parametrize("code", sorted({error.code for error in classes(BackendError)} | {"crash"}))
def test_every_error_has_words_of_its_own(words: Wording, code: str) -> None:
    cause, nobody_knows = words.cause(code), words.cause("never heard of")
    assert cause
    assert (cause == nobody_knows) == (code == "unknown")
    assert cause in words.retrying(code, 2, 3, 4.0)


def refusals() -> list[Refused]:
    """One of each, and of those that tell more than one thing each of these."""
    hour = timedelta(hours=1)
    told: dict[type[Refused], list[Refused]] = {
        MessageTooLong: [MessageTooLong(40_000, 32_000)],
        QuestionTooLong: [QuestionTooLong(5_000, 4_096)],
        PasswordRefused: [PasswordRefused(flaw) for flaw in PasswordFlaw],
        PromptRefused: [PromptRefused(flaw) for flaw in PromptFlaw],
        ImportRefused: [ImportRefused(flaw) for flaw in ImportFlaw],
        AddressRefused: [AddressRefused(flaw, "detail") for flaw in AddressFlaw],
        FileRefused: [FileRefused(flaw, "tea.pdf", 10) for flaw in FileFlaw],
        ModelBlind: [ModelBlind("qwen3:8b")],
        Forbidden: [Forbidden(Action.MANAGE_GROUPS), Forbidden(Action.ASK)],
        AccountNotActive: [AccountNotActive(state) for state in (AccountState.PENDING, AccountState.DISABLED)],
        TooManyTries: [TooManyTries(hour)],
        ModelForbidden: [ModelForbidden("qwen3:8b")],
        QuotaSpent: [QuotaSpent(100_000, hour)],
        QueueFull: [QueueFull(scope, limit, hour) for scope in ("person", "key", "wait", "total") for limit in (10, 0)],
        NoModel: [NoModel(), NoModel("qwen3:8b")],
    }
    return [one for kind in classes(Refused) for one in (told[kind] if kind in told else [kind()])]


@in_every_language
def test_every_refusal_has_words_of_its_own(words: Wording) -> None:
    nobody_knows = words.refused(Refused())
    said = {repr(refusal): words.refused(refusal) for refusal in refusals()}
    assert nobody_knows not in said.values()
    assert all(sentence.endswith((".", "。")) for sentence in said.values())
    whose_limit = [said.pop(repr(QueueFull(scope, 0, timedelta(hours=1)))) for scope in ("wait", "total")]
    assert all(whose_limit)
    assert len(set(said.values())) == len(said)


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (20, "in less than a minute", "一分钟内"),
        (61, "in about 2 minutes", "约 2 分钟后"),
        (9 * 3600, "in about 9 hours", "约 9 小时后"),
    ],
)
def test_when_to_come_back_is_said_in_round_figures(seconds: int, english: str, chinese: str) -> None:
    refusal = QuotaSpent(1000, timedelta(seconds=seconds))
    assert English().refused(refusal) == f"The 1,000 tokens of the day are used up. There are new ones {english}."
    assert Chinese().refused(refusal) == f"今天的 1,000 个词元已用完，{chinese}会有新的额度。"


@in_every_language
@pytest.mark.parametrize("waits", Waits)
def test_every_reason_to_wait_has_words_of_its_own(words: Wording, waits: Waits) -> None:
    lines = {each: words.queued(place(answers=1, waits=each), 0.0) for each in Waits}
    assert lines[waits]
    assert len(set(lines.values())) == len(Waits)


@in_every_language
def test_every_reason_of_a_stop_has_words_of_its_own(words: Wording) -> None:
    said = {words.notice("stopped", code, None) for code in (None, *StopReason)}
    assert len(said) == len(StopReason) + 1


@in_every_language
def test_every_step_of_a_timeline_has_words_of_its_own(words: Wording) -> None:
    names = [words.step(stage, 0, 0) for stage in STEPS] + [words.step("retry", 2, 3)]
    assert len(set(names)) == len(names)
    assert "2" in names[-1]
    assert "3" in names[-1]


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (place(2, (43.0, 68.0), 1, 1), "2nd in line · 40–70 s · one answer, then a model swap"),
        (place(1, (4.2, 8.6), 1), "Next in line · 4–9 s · after one answer"),
        (place(3, None, 2), "3rd in line · after 2 answers"),
        (place(4, (130.0, 250.0), 5, 2), "4th in line · 2–5 min · 5 answers and 2 model swaps"),
        (place(11, (0.0, 0.3)), "11th in line · 0–1 s"),
        (place(2, (20.0, 30.0), waits=Waits.PAUSED), "2nd in line · 20–30 s · the queue is paused"),
        (place(1, waits=Waits.RETRY, until=12.0), "Next in line · trying again in 12 s"),
        (place(9, waits=Waits.IDLE), "Runs when nobody else waits"),
    ],
)
def test_the_line_says_place_interval_and_reason(where: Place, line: str) -> None:
    assert English().queued(where, 0.0) == line


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (place(2, (43.0, 68.0), 1, 1), "排在第 2 位 · 40–70 秒 · 前面有 1 个回答，然后 1 次模型切换"),
        (place(1, None, 0, 1), "下一个就是您 · 先要 1 次模型切换"),
        (place(9, waits=Waits.IDLE), "没有其他人排队时运行"),
    ],
)
def test_the_line_says_the_same_in_chinese(where: Place, line: str) -> None:
    assert Chinese().queued(where, 0.0) == line


def test_after_a_restart_and_while_others_pass_the_line_says_so() -> None:
    where = place(2, (5.0, 9.0), 1)
    assert English().queued_again(where, 0.0) == (
        "Waiting again after a restart, still 2nd in line · 5–9 s · after one answer"
    )
    assert English().giving_way(where, 0.0) == "Letting others pass · 2nd in line · 5–9 s · after one answer"
    paused = place(3, waits=Waits.PAUSED)
    assert English().idle(paused, 0.0) == "Runs when nobody else waits · the queue is paused"
    assert Chinese().idle(paused, 0.0) == "没有其他人排队时运行 · 队列已暂停"


@given(st.floats(0, 5000), st.floats(0, 5000))
def test_a_rounded_interval_holds_the_exact_one(one: float, other: float) -> None:
    low, high = sorted((one, other))
    shown_low, shown_high, in_minutes = rounded(low, high)
    unit = 60 if in_minutes else 1
    assert shown_low * unit <= max(low, 60.0 if in_minutes else 0.0)
    assert shown_high * unit >= high
    assert shown_high >= 1


def test_tags_of_the_browser_find_their_language() -> None:
    assert isinstance(wording_for("zh-Hant-TW"), Chinese)
    assert isinstance(wording_for("pt-BR"), English)


@in_every_language
def test_what_a_server_said_cannot_turn_our_words_around(words: Wording) -> None:
    said = words.notice("failed", "unknown", "\u202eegassem\u202c \x00 of\u200b the server.")
    assert said is not None
    assert "egassem  of the server" in said
    assert said.isprintable()
