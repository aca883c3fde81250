"""From the settings to what each part is built with."""

from __future__ import annotations

from datetime import timedelta

from chatui.accounts.rules import AccountRules, SessionRules, SignUpMode
from chatui.backends.addresses import parse_backend
from chatui.backends.base import Deadlines, ModelOptions
from chatui.backends.embedded import embedded_available, embedded_config
from chatui.backends.embedded_process import EmbeddedConfig
from chatui.backends.factory import BackendFactory
from chatui.backends.registry import Registry
from chatui.domain.messages import ModelName
from chatui.operations.ceiling import Ceilings
from chatui.operations.fleet import Fleet
from chatui.operations.host import memory
from chatui.scheduler.policy import Auto, Fixed, Limit, PolicyConfig
from chatui.scheduler.scheduler import Scheduler
from chatui.settings import Settings, SettingsError

EMBEDDED_SLOTS = 4


def registry_for(settings: Settings) -> Registry:
    """The backends that are named, or found at the start; raises `SettingsError` for a wrong address."""

    def options_for(_model: ModelName) -> ModelOptions:
        return ModelOptions(num_ctx=settings.context_tokens)

    try:
        addresses = [parse_backend(text) for text in settings.backend]
    except ValueError as error:
        raise SettingsError(f"--backend: {error}") from error
    factory = BackendFactory(_deadlines(settings), options_for, embedded=_embedded(settings))
    return Registry(factory, addresses, ollama_host=settings.ollama_host)


async def start_registry(registry: Registry) -> None:
    """Find out what answers; raises `SettingsError` for an OLLAMA_HOST that is none."""
    try:
        await registry.start()
    except ValueError as error:
        raise SettingsError(f"OLLAMA_HOST: {error}") from error


def _deadlines(settings: Settings) -> Deadlines:
    return Deadlines(
        connect=timedelta(seconds=settings.connect_seconds),
        load=timedelta(seconds=settings.load_seconds),
        first_token=timedelta(seconds=settings.first_token_seconds),
        progress=timedelta(seconds=settings.progress_seconds),
        total=timedelta(seconds=settings.total_seconds),
    )


def _embedded(settings: Settings) -> EmbeddedConfig | None:
    """The built-in model, with a slot for every worker that there may be."""
    if not embedded_available():
        return None
    slots = EMBEDDED_SLOTS if settings.workers == "auto" else settings.workers
    return embedded_config(slots=slots, num_ctx=settings.context_tokens, threads=settings.embedded_threads or None)


def policy_config(settings: Settings) -> PolicyConfig:
    """How many may wait and run."""
    return PolicyConfig(
        limit=_limit(settings),
        running_per_user=settings.running_per_person,
        queued_per_user=settings.queued_per_person,
        queued_in_all=settings.queue_total,
    )


def _limit(settings: Settings) -> Limit:
    return Auto(1) if settings.workers == "auto" else Fixed(settings.workers)


def keep_ceilings(settings: Settings, fleet: Fleet, scheduler: Scheduler) -> None:
    """Give each backend the most workers that is set, or that its machine is thought to bear, at each change."""
    ceilings = Ceilings(memory, settings.context_tokens, EMBEDDED_SLOTS)

    def apply() -> None:
        for name, advised in ceilings.advise(fleet.statuses()).items():
            maximum = advised if settings.max_workers == "auto" else settings.max_workers
            scheduler.set_limit(name, Auto(maximum))

    apply()
    fleet.subscribe(apply)


def account_rules(settings: Settings) -> AccountRules:
    """How one gets an account, and how long a sign-in lasts."""
    sessions = SessionRules(
        idle=timedelta(hours=settings.session_idle_hours), absolute=timedelta(days=settings.session_days)
    )
    return AccountRules(sign_up=SignUpMode(settings.sign_up), sessions=sessions)
