"""The measurement of how many answers at once are best, at the console: by the app that runs, or here."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from uuid import UUID

from chatui.account_commands import acting_as_console
from chatui.accounts.accounts import Accounts, open_accounts
from chatui.command_line import command_parser, data_of, settings_of
from chatui.core import start_core
from chatui.domain.errors import Refused
from chatui.operations.settings.in_force import SettingsInForce
from chatui.operations.settings.service import SettingsService
from chatui.operations.tuning.desk import AUTO, TuningDesk, TuningRefused
from chatui.operations.tuning.states import OPEN, State
from chatui.settings import SettingsError
from chatui.web.admin.setting_fields import flaw_sentence
from chatui.web.pages import Say, as_bytes
from chatui.web.wording import wording_for
from storage.beside import opened
from storage.errors import AlreadyRunning
from storage.tables import TuningRun

_LOOK_EVERY_S = 0.5


def tune(arguments: Sequence[str]) -> str:
    """Measure, and give what was found; raises SettingsError for a wrong argument, and where nothing was found."""
    parser = command_parser("tune", "Find the best number of workers, by real answers while nobody waits.")
    parser.add_argument("--model", default="", metavar="NAME", help="The model; without it the one that is usual.")
    parser.add_argument("--maximum", default=AUTO, metavar="N", help="The most workers to try; auto by itself.")
    parser.add_argument("--apply", action="store_true", help="Also set the number that is recommended.")
    given = parser.parse_args(arguments)
    try:
        return asyncio.run(_tune(given))
    except Refused as refusal:
        raise SettingsError(wording_for("en").refused(refusal)) from refusal
    except KeyboardInterrupt:
        raise SettingsError("The measurement was stopped.") from None


async def _tune(given: Namespace) -> str:
    async with AsyncExitStack() as stack:
        accounts, in_force = await stack.enter_async_context(_app(given))
        desk, by = TuningDesk(SettingsService(accounts.desk, in_force)), await acting_as_console(accounts)
        try:
            run_id = await desk.ask(by, given.model, given.maximum)
        except TuningRefused as refused:
            raise SettingsError(_sentence(refused, given)) from refused
        run = await _over(desk, accounts, run_id)
        lines = _lines(run)
        if given.apply:
            lines.append(f"workers is {await desk.apply(by, run_id)} now")
        return "\n".join(lines)


@asynccontextmanager
async def _app(given: Namespace) -> AsyncIterator[tuple[Accounts, SettingsInForce]]:
    """The app that runs over the data directory; where none does its parts are started here, without pages."""
    async with AsyncExitStack() as stack:
        try:
            core = await start_core(settings_of(given), stack)
        except AlreadyRunning:
            store = await stack.enter_async_context(opened(data_of(given)))
            accounts = await open_accounts(store, store.clocks, store.erase_deleted)
            stack.push_async_callback(accounts.close)
            in_force = SettingsInForce(settings_of(given), store)
            await in_force.refresh()
            yield accounts, in_force
            return
        for part in (core.scheduler.run(), core.tunings.run()):
            stack.push_async_callback(_ended, asyncio.create_task(part))
        yield core.accounts, core.settings.in_force


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def _over(desk: TuningDesk, accounts: Accounts, run_id: UUID) -> TuningRun:
    """Wait until a measurement is over; who gives up waiting has it stopped."""
    by = await acting_as_console(accounts)
    try:
        while (run := await desk.run(by, run_id)).state in OPEN:  # noqa: ASYNC110 - another process may measure
            await asyncio.sleep(_LOOK_EVERY_S)
    except asyncio.CancelledError:
        with suppress(Refused):
            await asyncio.shield(desk.stop(by))
        raise
    return run


def _lines(run: TuningRun) -> list[str]:
    """Tell what was measured, a line for each number of workers; raises SettingsError where nothing is recommended."""
    say = Say("en")
    reason = say(f"tuning_end_{run.reason}")
    if run.state != State.FOUND or run.knee is None:
        raise SettingsError(f"{reason} {run.detail}".strip())
    lines = [_line(point, run.knee) for point in run.points]
    return [*lines, f"{run.model} on {run.backend}: {say('tuning_recommended', workers=run.knee)} {reason}"]


def _line(point: dict[str, float | None], knee: int) -> str:
    used = "" if point["used_bytes"] is None else as_bytes(point["used_bytes"])
    figures = (
        f"{point['workers']}",
        f"{point['tokens_per_second']:.1f} tokens/s",
        f"{point['first_token']:.2f} s",
        used,
    )
    return "\t".join((*figures, "recommended" if point["workers"] == knee else "")).rstrip("\t")


def _sentence(refused: TuningRefused, given: Namespace) -> str:
    if refused.maximum is not None:
        return f"--maximum {given.maximum!r}: {flaw_sentence(Say('en'), refused.maximum)}"
    return "--model: give the name of a model."
