"""What can be done about keys at the console, also while the app runs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from chatui.account_commands import acting_as, doing, name_argument
from chatui.accounts.accounts import Accounts
from chatui.accounts.keys import KeyCard, KeyWish
from chatui.command_line import Verb, run_verb
from chatui.domain.jobs import Priority
from chatui.domain.people import KeyScope
from chatui.settings import OneLineParser, SettingsError


def key(arguments: Sequence[str]) -> str:
    """Run `key VERB`."""
    return run_verb("key", "Make and revoke the keys with which programs act for people.", _KEY, arguments)


async def _create(accounts: Accounts, given: Namespace) -> str:
    by = await acting_as(accounts, given.name)
    wish = KeyWish(
        name=given.label,
        scopes=frozenset(map(KeyScope, given.scope or [KeyScope.ASK, KeyScope.QUEUE])),
        life=None if given.days is None else timedelta(days=given.days),
        priority=None if given.priority is None else Priority[given.priority.upper()],
        most=given.most,
    )
    return (await accounts.keys.create(by, wish)).token


async def _list(accounts: Accounts, given: Namespace) -> str:
    cards = await accounts.keys.list(await acting_as(accounts, given.name))
    return "\n".join(map(_line, cards))


async def _revoke(accounts: Accounts, given: Namespace) -> str:
    by = await acting_as(accounts, given.name)
    found = [card for card in await accounts.keys.list(by) if card.prefix == given.key]
    if not found:
        raise SettingsError(f"{given.name} has no key that begins with {given.key!r}.")
    for card in found:
        await accounts.keys.revoke(by, card.id)
    return f"{given.key} works no more"


def _line(card: KeyCard) -> str:
    until = "for ever" if card.expires_at is None else f"until {card.expires_at:%Y-%m-%d}"
    used = "never used" if card.used_at is None else f"used {card.used_at:%Y-%m-%d %H:%M}"
    return "\t".join((card.prefix, card.name, ",".join(sorted(card.scopes)), until, used))


def _wish(parser: OneLineParser) -> None:
    name_argument(parser)
    parser.add_argument("--label", required=True, metavar="TEXT", help="What the key is for.")
    parser.add_argument(
        "--scope", action="append", choices=list(KeyScope), help="What it may do, repeatable; ask and queue by itself."
    )
    parser.add_argument("--days", type=float, metavar="N", help="Days that it works; for ever by itself.")
    parser.add_argument("--priority", choices=["normal", "low"], help="Lower class of its jobs.")
    parser.add_argument("--most", type=int, metavar="N", help="Most jobs of it that may wait and run at once.")


def _which(parser: OneLineParser) -> None:
    name_argument(parser)
    parser.add_argument("--key", required=True, metavar="PREFIX", help="How it begins, as `key list` shows it.")


_KEY: Final = MappingProxyType(
    {
        "create": Verb("Make a key; it is shown this once.", _wish, doing(_create)),
        "list": Verb(
            "List somebody's keys: beginning, label, scopes, until when, last use.", name_argument, doing(_list)
        ),
        "revoke": Verb("Let a key work no more.", _which, doing(_revoke)),
    }
)
