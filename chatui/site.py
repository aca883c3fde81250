"""The web side over the parts: pages, endpoints, and the server that serves them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from types import ModuleType
from typing import Any

from fastapi import APIRouter
from pydantic import SecretStr
from starlette.types import ASGIApp

from chatui.configuration import slots_for
from chatui.core import Core
from chatui.domain.jobs import JobId
from chatui.domain.messages import ModelName, UserId
from chatui.domain.people import User
from chatui.gateway.models import Models
from chatui.operations.ceiling import Ceilings
from chatui.operations.failure_inbox import FailureInbox
from chatui.operations.host import Host, memory
from chatui.operations.model_desk import ModelDesk
from chatui.operations.tuning.desk import TuningDesk
from chatui.operations.usage_book import UsageBook
from chatui.operations.warm_up.plans import WarmUpPlans
from chatui.settings import Settings
from chatui.web.account_page import account_routes
from chatui.web.admin.backends import backends_routes
from chatui.web.admin.database import DatabasePage, database_routes
from chatui.web.admin.failures import Replay, failures_routes
from chatui.web.admin.models import models_routes
from chatui.web.admin.overview import live_page, overview_routes
from chatui.web.admin.settings import settings_routes
from chatui.web.admin.system import SystemPage, system_routes
from chatui.web.admin.tuning import tuning_routes
from chatui.web.admin.usage import usage_routes
from chatui.web.admin.warmup import warm_up_routes
from chatui.web.admin.watch import AdminWatch
from chatui.web.api.routes import api_routes
from chatui.web.commands.governing import Governing
from chatui.web.commands.showing import Showing
from chatui.web.commands.tuning import Tuning
from chatui.web.diagrams import diagram_routes
from chatui.web.door import door_routes
from chatui.web.export_routes import export_routes
from chatui.web.file_routes import file_routes
from chatui.web.groups_page import groups_routes
from chatui.web.hosts import TrustedHosts, hosts_for
from chatui.web.hub import Hub
from chatui.web.import_page import import_routes
from chatui.web.live import LiveLine
from chatui.web.markdown import Markdown
from chatui.web.metrics import Figures, Readers, metrics_routes
from chatui.web.ops import health_routes
from chatui.web.pages import Pages
from chatui.web.people_page import people_routes
from chatui.web.queue_admin import QueueAdmin, queue_routes
from chatui.web.share import BeingShared, GradioTunnel, LinkState, Shared, ShareLink
from chatui.web.wiring import live_line
from chatui.web.wording import wording_for
from storage import accounts, failures
from storage.database import Database

FAILURES_SHOWN = 100
_clock = time.monotonic


@dataclass(frozen=True, slots=True)
class Site:
    """The web side: what tabs watch and say, by which names it is reached, what is served, and what serves it."""

    hub: Hub
    watch: AdminWatch
    tuning: Tuning
    line: LiveLine
    hosts: TrustedHosts
    share: ShareLink
    app: ASGIApp
    server: Any  # a `chatui.web.server.Server`, whose module imports Gradio


def put_up(settings: Settings, core: Core, web: ModuleType) -> Site:
    """Build the web side over the parts; `web` is `chatui.web.server`."""
    markdown = Markdown()
    hub = Hub(core.services.rooms, core.services.shelf, core.scheduler, markdown, _clock)
    core.standing.post_all = hub.post_all
    watch = AdminWatch(
        hub, core.scheduler, core.fleet, core.recorder, core.accounts.allowances, lambda: _names(core.database), _clock
    )
    tuning = Tuning(hub, _tuning_desk(core), core.tunings)
    governing, in_force = Governing(watch, core.scheduler, core.control, _inbox(core)), core.settings.in_force

    def longest() -> int:
        return in_force.now.message_characters

    showing = Showing(hub, core.services, markdown)
    line = live_line(hub, core.services, governing, tuning, showing, core.standing.frames, longest)
    core.accounts.listeners.subscribe(hub.heard)
    hosts = hosts_for(settings.host, settings.trusted_host)
    routes = _routes(settings, core, hub, markdown, _replay(core, showing))
    app = web.build_app(line, routes, hosts, core.accounts.service)
    share = _share(core, hosts)
    return Site(hub, watch, tuning, line, hosts, share, app, web.Server(app, in_force.now.log_level, settings.proxy))


def _share(core: Core, hosts: TrustedHosts) -> ShareLink:
    """The link to the internet: opened and closed as it is set, told to every tab and at the console."""
    in_force = core.settings.in_force

    def told(link: LinkState) -> None:
        core.standing.link_changed(link)
        words = wording_for("en")
        match link:
            case Shared(url, until):
                print(words.shared(url, until), flush=True)  # noqa: T201 - for the person at the console
            case BeingShared():
                pass
            case _:
                print(words.not_shared(*astuple(link)), flush=True)  # noqa: T201 - the same

    link = ShareLink(
        core.accounts.service, hosts, GradioTunnel(), core.database.clocks.now, lambda: in_force.now.share, told
    )

    def changed(before: Settings, _: object) -> None:
        if (before.share, before.sign_up) != (in_force.now.share, in_force.now.sign_up):
            link.look()

    in_force.subscribe(changed)
    return link


def _routes(settings: Settings, core: Core, hub: Hub, markdown: Markdown, replay: Replay) -> Sequence[APIRouter]:
    """Every route but the page's own, which belongs to Gradio."""
    pages = Pages()
    return [
        health_routes(core.database, core.fleet),
        metrics_routes(Figures(core.totals, core.scheduler, core.fleet), Readers(_secret(settings.metrics_token))),
        door_routes(core.accounts.service, pages),
        account_routes(core.accounts.own, core.accounts.keys, pages),
        import_routes(core.services.imports, core.services.preferences, pages),
        diagram_routes(),
        export_routes(core.services.rooms, core.services.preferences, markdown),
        file_routes(core.services.rooms, hub),
        overview_routes(pages),
        failures_routes(
            _inbox(core),
            replay,
            lambda: [model.name for model in core.fleet.models()],
            pages,
        ),
        *_care_routes(core, pages),
        database_routes(DatabasePage(core.database, core.backups, pages)),
        system_routes(_system(settings, core, pages)),
        people_routes(core.accounts, pages),
        groups_routes(core.accounts, lambda: {info.name for info in core.fleet.all_models()}, pages),
        backends_routes(core.backends, pages),
        settings_routes(core.settings, core.fleet, core.accounts, lambda: core.standing.link, pages),
        queue_routes(_queue_admin(core, replay), live_page(pages, "queue")),
        *api_routes(
            core.gateway,
            Models(core.fleet, core.accounts.allowances),
            core.accounts.keys,
            _clock,
            core.database.clocks.now,
        ),
    ]


def _system(settings: Settings, core: Core, pages: Pages) -> SystemPage:
    shown = {name: None if isinstance(value, SecretStr) else value for name, value in settings}
    machine = Host(core.database.directory.path).figures
    return SystemPage(core.database, core.fleet, core.recorder, core.log, machine, shown, pages)


def _secret(kept: SecretStr | None) -> str | None:
    return kept.get_secret_value() if kept else None


def _inbox(core: Core) -> FailureInbox:
    def size_of(model: ModelName) -> int | None:
        info = core.fleet.about(model)
        return info.size_bytes if info else None

    return FailureInbox(core.database, size_of, core.database.clocks.now)


def _care_routes(core: Core, pages: Pages) -> Sequence[APIRouter]:
    """The admin's pages about the models, and what is cared for by the clock."""
    plans = WarmUpPlans(core.accounts.desk, core.fleet.loadable)
    desk = ModelDesk(core.accounts.desk, core.fleet, core.pulls, core.scheduler, core.warm_ups)
    in_force = core.settings.in_force

    def ceilings() -> Ceilings:
        return Ceilings(memory, in_force.now.context_tokens, slots_for(in_force.now))

    return [
        models_routes(desk, core.accounts.groups, ceilings, core.warm_ups, pages),
        warm_up_routes(plans, core.warm_ups, core.fleet, pages),
        tuning_routes(_tuning_desk(core), core.tunings, core.fleet, pages),
        usage_routes(UsageBook(core.accounts.desk), core.database.clocks.now, pages),
    ]


def _tuning_desk(core: Core) -> TuningDesk:
    return TuningDesk(core.settings, lambda: [model.name for model in core.fleet.models()])


def _replay(core: Core, showing: Showing) -> Replay:
    """What answers a failed job once more, and shows it at once where its conversation is open: it may be quick."""

    async def replay(by: User, job: JobId, model: ModelName | None) -> None:
        asked = await core.services.rooms.kept.conversations.replay(by, job, model)
        await showing.show_to_all(asked.conversation)

    return replay


def _queue_admin(core: Core, replay: Replay) -> QueueAdmin:
    return QueueAdmin(
        core.scheduler,
        core.control,
        lambda: _names(core.database),
        lambda: core.database.read(lambda session: failures.recent_failures(session, FAILURES_SHOWN)),
        replay,
        _clock,
    )


async def _names(database: Database) -> dict[UserId, str]:
    people = await database.read(accounts.list_accounts)
    return {UserId(account.id): account.name for account in people}
