"""Every setting that an admin may change while the app runs: one table, read by the page, the console and the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from chatui.accounts.service import SIGN_UP_SETTING
from chatui.domain.messages import ModelName
from chatui.operations.settings.kinds import Choice, Kind, Number, Stay, Switch, Whole

_PREFIX: Final = "setting."
_MODEL_PREFIX: Final = "model."


class Section(StrEnum):
    """Where a setting stands on the page."""

    QUEUE = "queue"
    ANSWERS = "answers"
    DEADLINES = "deadlines"
    PEOPLE = "people"
    UPKEEP = "upkeep"


class Part(StrEnum):
    """The part that is told of a change; every other reads the value when it needs it."""

    LIMITS = "limits"
    QUEUE = "queue"
    RETRIES = "retries"
    DEADLINES = "deadlines"
    EMBEDDED = "embedded"
    SCHEDULES = "schedules"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Definition:
    """A setting: its name as in `Settings`, where it stands, what it may be, in which unit, and who is told."""

    name: str
    section: Section
    kind: Kind
    unit: str = ""
    told: tuple[Part, ...] = ()

    @property
    def key(self) -> str:
        """Under which it is stored."""
        return SIGN_UP_SETTING if self.name == "sign_up" else f"{_PREFIX}{self.name}"


@dataclass(frozen=True, slots=True)
class ModelDefinition:
    """A runner option that may differ by model. Ollama alone takes them; a model is loaded again with the new ones."""

    name: str
    kind: Kind
    unit: str = ""

    def key(self, model: ModelName) -> str:
        """Under which it is stored for a model."""
        return f"{_MODEL_PREFIX}{self.name}:{model}"


DEFINITIONS: Final = (
    Definition("workers", Section.QUEUE, Whole(1, 256, "auto"), "", (Part.LIMITS, Part.EMBEDDED)),
    Definition("max_workers", Section.QUEUE, Whole(1, 256, "auto"), "", (Part.LIMITS, Part.EMBEDDED)),
    Definition("running_per_person", Section.QUEUE, Whole(0, 256), "", (Part.QUEUE,)),
    Definition("queued_per_person", Section.QUEUE, Whole(0, 100_000), "", (Part.QUEUE,)),
    Definition("queue_total", Section.QUEUE, Whole(1, 100_000), "", (Part.QUEUE,)),
    Definition("retries", Section.QUEUE, Whole(0, 10), "", (Part.RETRIES,)),
    Definition("message_characters", Section.ANSWERS, Whole(100, 1_000_000), "characters"),
    Definition("answer_tokens", Section.ANSWERS, Whole(16, 131_072), "tokens"),
    Definition("context_tokens", Section.ANSWERS, Whole(512, 1_048_576), "tokens", (Part.LIMITS, Part.EMBEDDED)),
    Definition("file_megabytes", Section.ANSWERS, Whole(0, 64), "megabytes"),
    Definition("files_per_message", Section.ANSWERS, Whole(1, 50)),
    Definition("files_person_megabytes", Section.ANSWERS, Whole(0, 1_000_000), "megabytes"),
    Definition("temporary_minutes", Section.ANSWERS, Number(1, 1_440), "minutes"),
    Definition("connect_seconds", Section.DEADLINES, Number(0.1, 300), "seconds", (Part.DEADLINES,)),
    Definition("load_seconds", Section.DEADLINES, Number(1, 86_400), "seconds", (Part.DEADLINES,)),
    Definition("first_token_seconds", Section.DEADLINES, Number(1, 86_400), "seconds", (Part.DEADLINES,)),
    Definition("progress_seconds", Section.DEADLINES, Number(1, 3_600), "seconds", (Part.DEADLINES,)),
    Definition("total_seconds", Section.DEADLINES, Number(1, 86_400), "seconds", (Part.DEADLINES,)),
    Definition("drain_seconds", Section.DEADLINES, Number(0, 3_600), "seconds"),
    Definition("sign_up", Section.PEOPLE, Choice(("closed", "approval", "open"))),
    Definition("share", Section.PEOPLE, Switch()),
    Definition("session_idle_hours", Section.PEOPLE, Number(0.1, 8_760), "hours"),
    Definition("session_days", Section.PEOPLE, Number(0.1, 365), "days"),
    Definition("failure_days", Section.UPKEEP, Whole(1, 3_650), "days"),
    Definition("backup_hours", Section.UPKEEP, Number(0, 8_760), "hours", (Part.SCHEDULES,)),
    Definition("log_level", Section.UPKEEP, Choice(("debug", "info", "warning", "error")), "", (Part.LOG,)),
)

MODEL_DEFINITIONS: Final = (
    ModelDefinition("num_ctx", Whole(512, 1_048_576), "tokens"),
    ModelDefinition("num_gpu", Whole(0, 1_000), "layers"),
    ModelDefinition("num_batch", Whole(1, 65_536), "tokens"),
    ModelDefinition("keep_alive", Stay()),
)

BY_NAME: Final[Mapping[str, Definition]] = MappingProxyType({one.name: one for one in DEFINITIONS})
BY_KEY: Final[Mapping[str, Definition]] = MappingProxyType({one.key: one for one in DEFINITIONS})
OPTION_BY_NAME: Final[Mapping[str, ModelDefinition]] = MappingProxyType({one.name: one for one in MODEL_DEFINITIONS})


def option_of(key: str) -> tuple[ModelDefinition, ModelName] | None:
    """Tell which runner option of which model is stored under a key; None for any other key."""
    name, colon, model = key.removeprefix(_MODEL_PREFIX).partition(":")
    if not key.startswith(_MODEL_PREFIX) or not colon or name not in OPTION_BY_NAME:
        return None
    return OPTION_BY_NAME[name], ModelName(model)
