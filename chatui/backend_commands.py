"""What can be done about model servers at the console, also while the app runs: it takes them up within a second."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Final

from chatui.account_commands import acting_as_console, doing
from chatui.accounts.accounts import Accounts
from chatui.backends.base import Deadlines
from chatui.backends.registry import BackendStatus, Registry
from chatui.backends.ssrf import Reach
from chatui.command_line import Verb, run_verb, settings_of
from chatui.configuration import registry_for
from chatui.domain.access import Action
from chatui.domain.errors import BackendMisconfigured, Refused
from chatui.operations.backend_list import PREFIX, Kept, State, address_of, kept_backends
from chatui.operations.settings.in_force import SettingsInForce
from chatui.operations.settings.service import SettingsService
from chatui.settings import OneLineParser, Settings, SettingsError
from chatui.web.pages import Say, fault_said

Work = Callable[[SettingsService, Registry, Accounts, Namespace], Awaitable[str]]


def backend(arguments: Sequence[str]) -> str:
    """Run `backend VERB`."""
    return run_verb("backend", "Add, test and remove model servers.", _VERBS, arguments)


def _over_backends(work: Work) -> Callable[[Namespace], str]:
    async def run(accounts: Accounts, given: Namespace) -> str:
        start = settings_of(given)
        in_force = SettingsInForce(start, accounts.desk.store)
        await in_force.refresh()
        async with aclosing(_registry(start, in_force)) as registry:
            return await work(SettingsService(accounts.desk, in_force), registry, accounts, given)

    return doing(run)


def _registry(start: Settings, in_force: SettingsInForce) -> Registry:
    return registry_for(start, in_force.options_for, Deadlines())


async def _list(service: SettingsService, registry: Registry, _: Accounts, __: Namespace) -> str:
    lines = []
    for name, one in kept_backends(service.in_force.stored).items():
        seen = "" if one.state == State.REMOVED or not one.url else _sentence(await _seen(registry, one.url))
        lines.append(f"{name}\t{one.state}\t{seen}")
    return "\n".join(lines)


async def _add(service: SettingsService, registry: Registry, accounts: Accounts, given: Namespace) -> str:
    by = await acting_as_console(accounts)
    address = address_of(given.url)
    seen = await registry.probe(address, Reach())
    known = kept_backends(service.in_force.stored).get(seen.name)
    if known is not None and known.state != State.REMOVED:
        raise SettingsError(f"There is a backend {seen.name} already.")
    kind = address.kind or seen.kind
    kept = Kept(seen.url, kind and kind.value, anywhere=True)
    await service.store(by, {f"{PREFIX}{seen.name}": asdict(kept)}, Action.MANAGE_BACKENDS)
    return f"Added. {_sentence(seen)}"


async def _test(_: SettingsService, registry: Registry, __: Accounts, given: Namespace) -> str:
    seen = await _seen(registry, given.url)
    if not seen.ok:
        raise SettingsError(_sentence(seen))
    return _sentence(seen)


async def _remove(service: SettingsService, _: Registry, accounts: Accounts, given: Namespace) -> str:
    by = await acting_as_console(accounts)
    known = kept_backends(service.in_force.stored).get(given.name)
    if known is None or known.state == State.REMOVED:
        raise SettingsError(f"No backend {given.name!r} was added. See: python app.py backend list")
    # Without a word about it, one that the app is started with would come back.
    kept = None if known.added else asdict(replace(known, state=State.REMOVED))
    await service.store(by, {f"{PREFIX}{given.name}": kept}, Action.MANAGE_BACKENDS)
    return f"{given.name} is removed"


async def _seen(registry: Registry, url: str) -> BackendStatus:
    try:
        return await registry.probe(address_of(url), Reach())
    except Refused as refusal:
        return BackendStatus(url, None, url, error=str(refusal), fault=BackendMisconfigured.code)


def _sentence(seen: BackendStatus) -> str:
    say = Say("en")
    if not seen.ok:
        return say("backends_silent", name=seen.name, fault=fault_said(say, seen.fault)) + f" ({seen.error})"
    kind = say(f"backends_kind_{seen.kind}")
    if not seen.models:
        return say("backends_empty", name=seen.name, kind=kind)
    models = ", ".join(model.name for model in seen.models)
    return say("backends_answers", name=seen.name, kind=kind, count=len(seen.models), models=models)


def _nothing(_: OneLineParser) -> None:
    """Take no arguments."""


def _url(parser: OneLineParser) -> None:
    parser.add_argument("url", metavar="URL", help="Where it is: URL, ollama=URL or openai=URL.")


def _name(parser: OneLineParser) -> None:
    parser.add_argument("name", metavar="NAME", help="Its name, as `backend list` shows it.")


_VERBS: Final = MappingProxyType(
    {
        "add": Verb("Add a model server, also one that does not answer yet.", _url, _over_backends(_add)),
        "list": Verb("List what was added or changed: name, state, what answers.", _nothing, _over_backends(_list)),
        "test": Verb("Tell what answers at an address.", _url, _over_backends(_test)),
        "remove": Verb("Remove one that was added.", _name, _over_backends(_remove)),
    }
)
