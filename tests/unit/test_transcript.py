"""From what happened to what is shown."""

# ruff: noqa: RUF001 - typographic dashes are meant

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chatui.conversations.timeline import steps_of, steps_so_far
from chatui.domain.errors import ModelLoadFailed
from chatui.domain.events import JobFinished
from chatui.domain.jobs import JobId, JobState, Stage, Turn
from chatui.domain.messages import ChatMessage, ChatRequest, ModelName, Role, UserId
from chatui.scheduler.decision import Place, Waits
from chatui.scheduler.job import Job, Submission
from chatui.scheduler.loader import Loading
from chatui.web.markdown import Markdown
from chatui.web.transcript import Standing, show_course, show_line, show_message
from chatui.web.wording.en import English
from storage.tables import Message, MessageState

WORDS = English()
MARKDOWN = Markdown()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Course:
    """A job whose clock the test sets."""

    def __init__(self, *, restored: bool = False) -> None:
        self.now = 0.0
        request = ChatRequest(ModelName("model:1b"), (ChatMessage(Role.USER, "hello"),), 16)
        submission = Submission(JobId(uuid4()), UserId(uuid4()), request, 3)
        self.job = Job(submission, 1, lambda: self.now, restored=restored)

    def after(self, seconds: float) -> Job:
        self.now += seconds
        return self.job

    def line(self, standing: Standing | None = None) -> dict[str, Any]:
        line = show_line(self.job, standing or Standing(), WORDS, self.now)
        assert line is not None
        return line

    def place(self, answers: int = 1, waits: Waits = Waits.TURN) -> Standing:
        return Standing(Place(self.job.id, 2, 50.0, 43.0, 68.0, answers, 1, waits))


def test_the_line_goes_through_every_stage() -> None:
    course = Course()
    assert course.line()["text"] == "Waiting"
    queued = course.line(course.place())
    assert queued == {
        "stage": "queued",
        "text": "2nd in line · 40–70 s · one answer, then a model swap",
        "position": 2,
        "turn": "turn",
    }
    course.after(4).start_attempt("here")
    assert course.line() == {"stage": "reading", "text": "Reading", "position": None, "turn": None}
    course.after(1).think("hm")
    assert course.line()["stage"] == "thinking"
    course.after(2).write("text")
    course.now += 3
    assert course.line()["text"] == "Writing · 2 tokens · 3 s"
    course.job.finish(JobFinished(course.now, JobState.DONE))
    assert show_line(course.job, Standing(), WORDS, course.now) is None


def test_while_its_model_is_loaded_the_line_says_so_and_it_still_waits() -> None:
    course = Course()
    course.after(1).enter(Stage.LOADING)
    course.now += 3
    line = course.line(Standing(course.place(answers=0).place, loading=Loading(3.0, 9.0)))
    assert line["text"].startswith("Loading model:1b · 3 s of about 9 s")
    assert line["turn"] == "turn"


@pytest.mark.parametrize(
    ("turn", "waits", "text"),
    [
        (Turn.GIVING_WAY, Waits.TURN, "Letting others pass · 2nd in line"),
        (Turn.GIVING_WAY, Waits.PAUSED, "2nd in line · 40–70 s · the queue is paused"),
        (Turn.IDLE, Waits.IDLE, "Runs when nobody else waits"),
        (Turn.IDLE, Waits.PAUSED, "Runs when nobody else waits · the queue is paused"),
        (Turn.IDLE, Waits.TURN, "2nd in line"),
    ],
)
def test_the_line_says_what_its_person_chose(turn: Turn, waits: Waits, text: str) -> None:
    course = Course()
    course.job.choose_turn(turn)
    line = course.line(course.place(waits=waits))
    assert line["text"].startswith(text)
    assert line["turn"] == turn


def test_a_job_that_waited_over_a_restart_says_so() -> None:
    course = Course(restored=True)
    assert course.line(course.place())["text"].startswith("Waiting again after a restart, still 2nd in line")


def test_a_retry_says_the_cause_and_when() -> None:
    course = Course()
    course.after(1).start_attempt("here")
    course.after(1).schedule_retry(ModelLoadFailed("exit status 1"), timedelta(seconds=4), 3)
    line = course.line()
    assert (line["stage"], line["turn"]) == ("retry", "turn")
    assert line["text"] == "The model could not be loaded. Trying again in 4 s (1 of 3)."


def whole_course() -> Course:
    course = Course()
    course.after(4).enter(Stage.LOADING)
    course.after(8).schedule_retry(ModelLoadFailed(), timedelta(seconds=1), 3)
    course.after(1.5).start_attempt("here")
    course.job.enter(Stage.READING)
    course.after(0.4).think("hm")
    course.after(0.01).write("text")
    course.now += 12
    return course


def test_a_course_is_told_by_its_stages() -> None:
    course = whole_course()
    steps = steps_of(course.job, course.now)
    assert steps == [
        {"stage": "queued", "ms": 4000},
        {"stage": "loading", "ms": 8000},
        {"stage": "retry", "number": 1, "of": 3, "code": "model_load", "ms": 1500},
        {"stage": "reading", "ms": 400},
        {"stage": "writing", "ms": 12000},
    ]
    course.job.finish(JobFinished(course.now, JobState.DONE))
    assert steps_of(course.job, course.now + 99) == steps


def test_the_step_that_lasts_has_no_end_yet() -> None:
    course = whole_course()
    shown = show_course(course.job, WORDS, course.now)
    assert shown["elapsed_ms"] == 12_000
    assert shown["steps"][2] == {
        "stage": "retry",
        "name": "Trying again, 1 of 3",
        "took": "1.5 s",
        "cause": "The model could not be loaded",
    }
    assert shown["steps"][-1] == {"stage": "writing", "name": "Writing", "took": None, "cause": None}


def test_two_steps_of_one_stage_are_one() -> None:
    course = Course()
    course.after(1).start_attempt("here")
    course.after(0.2).enter(Stage.READING)
    assert [step["stage"] for step in steps_so_far(course.job)] == ["queued", "reading"]
    assert steps_of(course.job, course.now + 1)[-1] == {"stage": "reading", "ms": 1200}


def answer(**fields: Any) -> Message:
    return Message(conversation_id=uuid4(), role=Role.ASSISTANT, created_at=NOON, model="model:1b", **fields)


def test_a_finished_answer_is_shown_with_its_facts_and_its_course() -> None:
    shown = show_message(
        answer(content="**tea**", output_tokens=40, first_token_ms=1000, duration_ms=3000, timeline=[queued(4000)]),
        MARKDOWN,
        WORDS,
    )
    assert shown["html"].strip() == "<p><strong>tea</strong></p>"
    assert shown["facts"] == "model:1b · 40 tokens · 20/s"
    assert shown["timeline"] == [{"stage": "queued", "name": "Waiting", "took": "4.0 s", "cause": None}]
    assert not shown["again"]


def queued(ms: int) -> dict[str, Any]:
    return {"stage": "queued", "ms": ms}


def test_an_answer_from_before_there_were_timelines_has_none() -> None:
    assert show_message(answer(content="tea"), MARKDOWN, WORDS)["timeline"] == []


def test_an_answer_under_way_has_no_text_yet() -> None:
    shown = show_message(answer(content="half", state=MessageState.STREAMING), MARKDOWN, WORDS)
    assert (shown["html"].strip(), shown["text"], shown["facts"]) == ("", "", "")


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.STOPPED, MessageState.INTERRUPTED])
def test_what_is_not_whole_can_be_asked_again(state: MessageState) -> None:
    shown = show_message(answer(content="half", state=state, error_code="unreachable"), MARKDOWN, WORDS)
    assert shown["again"]
    assert shown["notice"]


def test_a_question_is_shown_as_it_was_typed() -> None:
    question = Message(conversation_id=uuid4(), role=Role.USER, content="<b>tea</b> & *cake*", created_at=NOON)
    shown = show_message(question, MARKDOWN, WORDS)
    assert "&lt;b&gt;tea&lt;/b&gt; &amp; *cake*" in shown["html"]
    assert (shown["text"], shown["facts"], shown["notice"]) == ("<b>tea</b> & *cake*", "", None)
