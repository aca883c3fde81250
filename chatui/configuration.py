"""From the settings to what each part is built with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from chatui.accounts.rules import AccountRules, SessionRules, SignUpMode
from chatui.backends.addresses import parse_backend
from chatui.backends.base import Deadlines, ModelOptions
from chatui.backends.embedded import embedded_available, embedded_config
from chatui.backends.embedded_process import EmbeddedConfig
from chatui.backends.factory import BackendFactory
from chatui.backends.registry import Registry
from chatui.backends.ssrf import Reach
from chatui.backends.zones import Zone
from chatui.conversations.files.service import FileLimits
from chatui.domain.messages import ModelName
from chatui.scheduler.decision import Caps
from chatui.scheduler.policy import Auto, Fixed, Limit, PolicyConfig
from chatui.settings import Settings, SettingsError

EMBEDDED_SLOTS = 4


def registry_for(
    settings: Settings, options_for: Callable[[ModelName], ModelOptions], deadlines: Deadlines
) -> Registry:
    """The backends that are named, or found at the start; raises `SettingsError` for a wrong address."""
    try:
        addresses = [parse_backend(text) for text in settings.backend]
    except ValueError as error:
        raise SettingsError(f"--backend: {error}") from error
    zones = frozenset({Zone.PUBLIC, *map(Zone, settings.backend_zone)})
    factory = BackendFactory(deadlines, options_for, embedded=embedded_for(settings), added=Reach(zones))
    return Registry(factory, addresses, ollama_host=settings.ollama_host)


async def start_registry(registry: Registry) -> None:
    """Find out what answers; raises `SettingsError` for an OLLAMA_HOST that is none."""
    try:
        await registry.start()
    except ValueError as error:
        raise SettingsError(f"OLLAMA_HOST: {error}") from error


def deadlines_of(settings: Settings) -> Deadlines:
    """How long the stages of an attempt may take."""
    return Deadlines(
        connect=timedelta(seconds=settings.connect_seconds),
        load=timedelta(seconds=settings.load_seconds),
        first_token=timedelta(seconds=settings.first_token_seconds),
        progress=timedelta(seconds=settings.progress_seconds),
        total=timedelta(seconds=settings.total_seconds),
    )


def file_limits(settings: Settings) -> FileLimits:
    """What files may stand beside questions."""
    return FileLimits(settings.file_megabytes, settings.files_per_message, settings.files_person_megabytes)


def embedded_for(settings: Settings) -> EmbeddedConfig | None:
    """The built-in model, with a slot for every worker that there may be; None where there is none."""
    if not embedded_available():
        return None
    slots = slots_for(settings)
    return embedded_config(slots=slots, num_ctx=settings.context_tokens, threads=settings.embedded_threads or None)


def slots_for(settings: Settings) -> int:
    """Tell how many contexts the built-in model needs."""
    if settings.workers != "auto":
        return settings.workers
    return EMBEDDED_SLOTS if settings.max_workers == "auto" else max(EMBEDDED_SLOTS, settings.max_workers)


def policy_config(settings: Settings) -> PolicyConfig:
    """How many may wait and run."""
    return PolicyConfig(
        limit=limit_of(settings),
        running_per_user=settings.running_per_person,
        queued_per_user=settings.queued_per_person,
        queued_in_all=settings.queue_total,
    )


def caps_of(settings: Settings) -> Caps:
    """How many of one person, and in all."""
    return Caps(settings.running_per_person, settings.queued_per_person, settings.queue_total)


def limit_of(settings: Settings) -> Limit:
    """How many run at once on a backend of which nothing is known yet."""
    return Auto(1) if settings.workers == "auto" else Fixed(settings.workers)


def account_rules(start: Settings, now: Callable[[], Settings]) -> AccountRules:
    """How one gets an account, and how long a sign-in lasts."""
    return AccountRules(SignUpMode(start.sign_up), sessions_in_force=lambda: session_rules(now()))


def session_rules(settings: Settings) -> SessionRules:
    """How long a sign-in lasts."""
    return SessionRules(
        idle=timedelta(hours=settings.session_idle_hours), absolute=timedelta(days=settings.session_days)
    )
