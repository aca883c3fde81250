"""What can be done about accounts at the console, also while the app runs: whoever has the files is an admin."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from types import MappingProxyType
from typing import Final

from chatui.accounts.accounts import Accounts, open_accounts
from chatui.accounts.changes import CONSOLE
from chatui.accounts.people import Person
from chatui.command_line import Verb, data_of, run_verb
from chatui.domain.errors import Refused
from chatui.domain.people import AccountRole, Principal, User
from chatui.settings import OneLineParser, SettingsError
from chatui.web.wording import wording_for
from storage.beside import opened

Work = Callable[[Accounts, Namespace], Awaitable[str]]


def admin(arguments: Sequence[str]) -> str:
    """Run `admin VERB`."""
    return run_verb("admin", "Make an admin.", _ADMIN, arguments)


def account(arguments: Sequence[str]) -> str:
    """Run `account VERB`."""
    return run_verb("account", "Make and care for accounts.", _ACCOUNT, arguments)


async def _create_admin(accounts: Accounts, given: Namespace) -> str:
    made = await accounts.service.create_admin(given.name, _password())
    return f"{made.name} is an admin now"


async def _create(accounts: Accounts, given: Namespace) -> str:
    made = await accounts.service.create_account(given.name, _password(), AccountRole(given.role))
    return f"{made.name} has an account now"


async def _list(accounts: Accounts, _: Namespace) -> str:
    people = await accounts.admin.people(await acting_as_console(accounts))
    return "\n".join(f"{person.name}\t{person.role}\t{person.state}" for person in people)


async def _invite(accounts: Accounts, given: Namespace) -> str:
    link = await accounts.admin.invite(await acting_as_console(accounts), AccountRole(given.role))
    return f"/invitation?code={link.token}\nOne person can use it, until {link.expires_at:%Y-%m-%d %H:%M} UTC"


async def _reset(accounts: Accounts, given: Namespace) -> str:
    by = await acting_as_console(accounts)
    link = await accounts.admin.reset_password(by, (await _named(accounts, by, given.name)).id)
    return f"/reset?code={link.token}\nIt works once, until {link.expires_at:%Y-%m-%d %H:%M} UTC"


async def _set_role(accounts: Accounts, given: Namespace) -> str:
    by = await acting_as_console(accounts)
    await accounts.admin.set_role(by, (await _named(accounts, by, given.name)).id, AccountRole(given.role))
    return f"{given.name} is {given.role} now"


async def _disable(accounts: Accounts, given: Namespace) -> str:
    by = await acting_as_console(accounts)
    await accounts.admin.disable(by, (await _named(accounts, by, given.name)).id)
    return f"{given.name} is kept out now"


async def _enable(accounts: Accounts, given: Namespace) -> str:
    by = await acting_as_console(accounts)
    await accounts.admin.enable(by, (await _named(accounts, by, given.name)).id)
    return f"{given.name} is let in again"


async def _delete(accounts: Accounts, given: Namespace) -> str:
    by = await acting_as_console(accounts)
    await accounts.admin.delete(by, (await _named(accounts, by, given.name)).id)
    return f"{given.name} and all that belonged to them is deleted"


async def acting_as(accounts: Accounts, name: str) -> Principal:
    """Act for somebody, from the console; raises SettingsError for a name that nobody has."""
    found = await _named(accounts, await acting_as_console(accounts), name)
    return Principal(User(found.id, found.name, found.role, found.group), CONSOLE.address)


async def acting_as_console(accounts: Accounts) -> Principal:
    """Act as the admin who has been there longest, from the console; raises SettingsError when there is none."""
    user = await accounts.service.first_admin()
    if user is None:
        raise SettingsError("There is no admin yet. Make one: python app.py admin create --name NAME --password-stdin")
    return Principal(user, CONSOLE.address)


async def _named(accounts: Accounts, by: Principal, name: str) -> Person:
    for person in await accounts.admin.people(by):
        if person.name == name:
            return person
    raise SettingsError(f"There is no account {name!r}.")


def _password() -> str:
    """Read a password from the standard input: on the command line every process of the machine could see it."""
    return sys.stdin.readline().rstrip("\r\n")


def doing(work: Work) -> Callable[[Namespace], str]:
    """Make what a verb runs: the work over the accounts in the data directory, whatever is refused told in a line."""

    async def over_accounts(given: Namespace) -> str:
        async with opened(data_of(given)) as store:
            accounts = await open_accounts(store, store.clocks, store.erase_deleted)
            try:
                return await work(accounts, given)
            finally:
                await accounts.close()

    def run(given: Namespace) -> str:
        try:
            return asyncio.run(over_accounts(given))
        except Refused as refusal:
            raise SettingsError(wording_for("en").refused(refusal)) from refusal

    return run


def name_argument(parser: OneLineParser) -> None:
    """Take the name of the person."""
    parser.add_argument("--name", required=True, metavar="NAME", help="Name of the person.")


def _name_and_password(parser: OneLineParser) -> None:
    name_argument(parser)
    parser.add_argument(
        "--password-stdin", required=True, action="store_true", help="Read the password from the standard input."
    )


def _role(parser: OneLineParser) -> None:
    parser.add_argument("--role", default=AccountRole.MEMBER, choices=list(AccountRole), help="What they may do.")


def _name_and_role(parser: OneLineParser) -> None:
    name_argument(parser)
    _role(parser)


def _all_of_it(parser: OneLineParser) -> None:
    _name_and_password(parser)
    _role(parser)


def _nothing(_: OneLineParser) -> None:
    """Take no arguments."""


_ADMIN: Final = MappingProxyType(
    {"create": Verb("Make an account that runs the app.", _name_and_password, doing(_create_admin))}
)
_ACCOUNT: Final = MappingProxyType(
    {
        "create": Verb("Make an account.", _all_of_it, doing(_create)),
        "list": Verb("List everybody: name, role, state.", _nothing, doing(_list)),
        "invite": Verb("Make a link with which one person makes an account.", _role, doing(_invite)),
        "reset": Verb("Void a password, and make the link for another one.", name_argument, doing(_reset)),
        "role": Verb("Give somebody a role.", _name_and_role, doing(_set_role)),
        "disable": Verb("Keep somebody out.", name_argument, doing(_disable)),
        "enable": Verb("Let somebody in again.", name_argument, doing(_enable)),
        "delete": Verb("Delete an account and all that belongs to it.", name_argument, doing(_delete)),
    }
)
