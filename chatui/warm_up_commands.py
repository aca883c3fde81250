"""What can be done about warm-ups at the console, also while the app runs: it looks at the plans every minute."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from chatui.account_commands import acting_as_console, doing
from chatui.accounts.accounts import Accounts
from chatui.command_line import Verb, run_verb
from chatui.operations.schedules import local_zone
from chatui.operations.warm_up.plans import Plan, WarmUpPlans
from chatui.operations.warm_up.window import WindowRefused
from chatui.settings import OneLineParser, SettingsError

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FLAWS: Final = MappingProxyType(
    {
        "model": "--model: give the name of a model.",
        "days": "--days: give days such as mon-fri or sat,sun.",
        "begins": "--from: give a time such as 08:00.",
        "ends": "--until: give a time such as 18:00.",
        "zone": "--zone: give a time zone such as Europe/Berlin.",
    }
)


def warm_up(arguments: Sequence[str]) -> str:
    """Run `warm-up VERB`."""
    return run_verb("warm-up", "Plan when models are to be in memory.", _WARM_UP, arguments)


async def _add(accounts: Accounts, given: Namespace) -> str:
    hours = {"days": _days(given.days), "begins": given.begins, "ends": given.ends, "zone": given.zone}
    try:
        plan = await WarmUpPlans(accounts.desk).add(await acting_as_console(accounts), given.model, hours)
    except WindowRefused as refusal:
        raise SettingsError(_FLAWS[next(iter(refusal.flaws))]) from refusal
    return _line(plan)


async def _list(accounts: Accounts, _: Namespace) -> str:
    return "\n".join(map(_line, await WarmUpPlans(accounts.desk).plans(await acting_as_console(accounts))))


async def _remove(accounts: Accounts, given: Namespace) -> str:
    by, plans = await acting_as_console(accounts), WarmUpPlans(accounts.desk)
    found = [plan for plan in await plans.plans(by) if str(plan.id).startswith(given.id)]
    if len(found) != 1:
        raise SettingsError(f"There is no plan {given.id!r}, or more than one that begins so.")
    await plans.remove(by, found[0].id)
    return f"{found[0].model} is not warmed up by that plan any more"


def _days(text: str) -> str:
    """Read days such as `mon-fri` or `sat,sun`; nothing for what is none."""
    found: list[int] = []
    for part in text.lower().split(","):
        first, _, last = part.strip().partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            return ""
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        found += range(begin, end + 1) if begin <= end else [*range(begin, 7), *range(end + 1)]
    return "".join(map(str, found))


def _line(plan: Plan) -> str:
    window = plan.window
    days = ",".join(_DAYS[day] for day in sorted(window.days))
    hours = f"{window.begins:%H:%M}-{window.ends:%H:%M}"
    due = f"next {plan.due_at.astimezone(window.zone):%Y-%m-%d %H:%M}"
    return "\t".join((str(plan.id)[:8], plan.model, days, hours, window.zone.key, due))


def _hours(parser: OneLineParser) -> None:
    parser.add_argument("--model", required=True, metavar="NAME", help="The model, as its server names it.")
    parser.add_argument("--from", required=True, dest="begins", metavar="HH:MM", help="When it is to be in memory.")
    parser.add_argument("--until", required=True, dest="ends", metavar="HH:MM", help="Until when it is kept there.")
    parser.add_argument("--days", default="mon-fri", metavar="DAYS", help="mon-fri by itself; mon,wed or sat-sun.")
    parser.add_argument("--zone", default=local_zone(), metavar="ZONE", help="Such as Europe/Berlin; this machine's.")


def _which(parser: OneLineParser) -> None:
    parser.add_argument("--id", required=True, metavar="ID", help="How the plan's id begins, as `warm-up list` shows.")


def _nothing(_: OneLineParser) -> None:
    """Take no arguments."""


_WARM_UP: Final = MappingProxyType(
    {
        "add": Verb("Have a model in memory at certain hours.", _hours, doing(_add)),
        "list": Verb("List the plans: id, model, days, hours, time zone, next time.", _nothing, doing(_list)),
        "remove": Verb("Delete a plan.", _which, doing(_remove)),
    }
)
