"""What the app starts with: flags, then the environment (`SAMOVAR_...`), then the defaults below.

The only reader of both. Every field is a flag, a variable and a row of the README's table.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AliasChoices, Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_ALIAS_NOTE = (
    "OLLAMA_MAX_WORKERS is taken as SAMOVAR_WORKERS. Ollama does not know it: "
    "its own setting for answers at the same time is OLLAMA_NUM_PARALLEL."
)
Workers = Annotated[int, Field(ge=1, le=256)]
SignUp = Literal["closed", "approval", "open"]


class SettingsError(Exception):
    """A flag or a variable that cannot be used; the message is one sentence."""


class Settings(BaseSettings):
    """Start values of the app, frozen."""

    model_config = SettingsConfigDict(env_prefix="SAMOVAR_", frozen=True, extra="ignore", populate_by_name=True)

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for every network of this machine.")
    port: int = Field(7860, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    trusted_host: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Name that people reach the app by, repeatable. Addresses and this machine's name need none."
    )
    proxy: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Address of a reverse proxy in front, repeatable: it is believed for whom it asks."
    )
    share: bool = Field(
        False,  # noqa: FBT003 - the default of a flag
        description="Also serve through a public link of Gradio's, for a week. Needs an admin, and no open sign-up.",
    )
    sign_up: SignUp = Field(
        "closed",
        description="How one gets an account without an invitation, until an admin chooses: closed, approval, open.",
    )
    session_idle_hours: float = Field(12, gt=0, le=8_760, description="Hours after which an unused sign-in is over.")
    session_days: float = Field(7, gt=0, le=365, description="Days after which a sign-in is over in any case.")
    data: Path = Field(Path("data"), description="Directory of the database and its backups.")
    backend: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Model server to use, repeatable. The kind is found out, or given: ollama=URL, openai=URL.",
    )
    backend_zone: Annotated[tuple[Literal["lan", "loopback"], ...], NoDecode] = Field(
        (),
        description="Network beside the public one in which admins may add model servers, repeatable: lan, loopback.",
    )
    ollama_host: str | None = Field(
        None,
        validation_alias=AliasChoices("ollama_host", "OLLAMA_HOST"),
        description="Where Ollama listens, in Ollama's own forms. Used when no backend is given.",
    )
    workers: Workers | Literal["auto"] = Field(
        "auto",
        validation_alias=AliasChoices("workers", "SAMOVAR_WORKERS", "OLLAMA_MAX_WORKERS"),
        description="Answers written at the same time on each backend; auto finds the best number by itself.",
    )
    max_workers: Workers | Literal["auto"] = Field(
        "auto",
        description="The most that the app may choose when workers is auto; auto looks at the machine's memory.",
    )
    running_per_person: int = Field(
        3, ge=0, le=256, description="Answers at the same time for one person while others wait; a group may differ."
    )
    queued_per_person: int = Field(
        10, ge=0, le=100_000, description="Questions of one person that may wait; a group may differ."
    )
    queue_total: int = Field(200, ge=1, le=100_000, description="Questions that may wait in all.")
    message_characters: int = Field(32_000, ge=100, le=1_000_000, description="Longest message, in characters.")
    answer_tokens: int = Field(2048, ge=16, le=131_072, description="Longest answer, in tokens.")
    file_megabytes: int = Field(
        10, ge=0, le=64, description="Largest file that can be put beside a question, in MB; 0 takes none."
    )
    files_per_message: int = Field(10, ge=1, le=50, description="Files that can be put beside one question.")
    files_person_megabytes: int = Field(
        200, ge=0, le=1_000_000, description="What the files of one person may take in all, in MB."
    )
    temporary_minutes: float = Field(
        30, ge=1, le=1_440, description="Minutes after which a temporary chat is forgotten that no page shows."
    )
    context_tokens: int = Field(
        4096,
        ge=512,
        le=1_048_576,
        description="Context that a model is loaded with, in tokens, at most what it was trained for.",
    )
    embedded_threads: int = Field(0, ge=0, le=256, description="Threads of the built-in model; 0 takes every core.")
    connect_seconds: float = Field(5, gt=0, le=300, description="Longest wait for a connection to a model server.")
    load_seconds: float = Field(
        600, ge=1, le=86_400, description="Longest load of a model, and longest wait for a server to accept a question."
    )
    first_token_seconds: float = Field(300, ge=1, le=86_400, description="Longest wait for the first token after that.")
    progress_seconds: float = Field(60, ge=1, le=3_600, description="Longest silence in mid-answer.")
    total_seconds: float = Field(1_800, ge=1, le=86_400, description="Longest time that one answer may be written for.")
    retries: int = Field(3, ge=0, le=10, description="Tries that follow a failed one, as long as nothing was shown.")
    drain_seconds: float = Field(
        25, ge=0, le=3_600, description="Time that answers get to end when the app is stopped."
    )
    failure_days: int = Field(30, ge=1, le=3_650, description="Days for which failed attempts stay on record.")
    backup_hours: float = Field(24, ge=0, le=8_760, description="Hours between two backups; 0 makes none.")
    metrics_token: SecretStr | None = Field(
        None, description="What a program must bring to read /metrics from another machine; this one needs none."
    )
    log_level: str = Field("warning", description="Least severe message on the console: debug, info, warning, error.")

    log_format: Literal["text", "json"] = Field(
        "text", description="How messages are written on the console: text, or json, one object a line."
    )

    _flags: frozenset[str] = PrivateAttr(frozenset())

    @classmethod
    def told(cls, flags: Mapping[str, object]) -> Settings:
        """Read the environment, and over it the flags that were given."""
        read = cls(**dict[str, Any](flags))
        read._flags = frozenset(flags)
        return read

    def source_of(self, name: str) -> Literal["flag", "environment", "default"]:
        """Tell where the value of a setting comes from."""
        if name in self._flags:
            return "flag"
        return "environment" if name in self.model_fields_set else "default"

    @field_validator("backend", "backend_zone", "trusted_host", "proxy", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part for part in value.replace(",", " ").split() if part) if isinstance(value, str) else value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            raise ValueError("choose debug, info, warning or error")
        return value.lower()


def load_settings(arguments: Sequence[str]) -> Settings:
    """Read flags and environment; raises `SettingsError` with one sentence about the first thing that is wrong."""
    flags = vars(_parser().parse_args(arguments))
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings.told(given)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def notes() -> list[str]:
    """What a person should know about the variables that were read."""
    if "OLLAMA_MAX_WORKERS" in os.environ and "SAMOVAR_WORKERS" not in os.environ:
        return [_ALIAS_NOTE]
    return []


class OneLineParser(argparse.ArgumentParser):
    """Tells a wrong flag in one line instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Raise `SettingsError` with the line."""
        raise SettingsError(f"{message}. See --help.")


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="python app.py",
        description="A chat for a team that shares one model server.",
        epilog="Other commands: account, admin, backend, backup, key, restore, settings, tune, warm-up; with --help.",
    )
    for name, field in Settings.model_fields.items():
        text = f"{field.description} Default: {_shown(field.default)}."
        parser.add_argument(f"--{name.replace('_', '-')}", help=text.replace("%", "%%"), **_form(field.default))
    return parser


def _form(default: object) -> dict[str, Any]:
    """How a flag is given, by its default: one that is off is given alone, one of several can be repeated."""
    if default is False:
        return {"action": "store_true", "default": None}
    return {"metavar": "VALUE", "action": "append" if default == () else "store"}


def _shown(default: object) -> str:
    return "none" if default in (None, ()) else "off" if default is False else str(default)


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]).lower().removeprefix("samovar_").replace("_", "-")
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"--{name} {first['input']!r}: {message[0].lower()}{message[1:]}."
