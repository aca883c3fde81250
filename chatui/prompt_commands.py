"""What can be done about the team's prompts at the console, also while the app runs."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from chatui.account_commands import acting_as_console, doing
from chatui.accounts.accounts import Accounts
from chatui.command_line import Verb, run_verb
from chatui.conversations.prompt import Prompt, PromptDraft, PromptFlaw, draft_from
from chatui.conversations.prompts import PromptLibrary
from chatui.domain.errors import PromptRefused
from chatui.domain.people import Principal
from chatui.settings import OneLineParser, SettingsError

Work = Callable[[PromptLibrary, Principal, Namespace], Awaitable[str]]
_LONGEST_LINE: Final = 60


def prompt(arguments: Sequence[str]) -> str:
    """Run `prompt VERB`."""
    return run_verb("prompt", "Care for the prompts that the whole team sees.", _VERBS, arguments)


def _over_library(work: Work) -> Callable[[Namespace], str]:
    async def run(accounts: Accounts, given: Namespace) -> str:
        desk = accounts.desk
        return await work(PromptLibrary(desk.store, desk.clocks), await acting_as_console(accounts), given)

    return doing(run)


async def _list(library: PromptLibrary, by: Principal, _: Namespace) -> str:
    return "\n".join(
        f"{one.name}\t{one.author or 'team'}\t{_beginning(one.text)}" for one in await _shared(library, by)
    )


async def _add(library: PromptLibrary, by: Principal, given: Namespace) -> str:
    text = sys.stdin.read() if given.file is None else _read(given.file)
    draft = draft_from(given.name, text, shared=True)
    return f"{draft.name} is {await _keep(library, by, draft)}"


async def _remove(library: PromptLibrary, by: Principal, given: Namespace) -> str:
    for one in await _shared(library, by):
        if one.name == given.name:
            await library.remove(by, one.id)
            return f"{one.name} is removed"
    raise SettingsError(f"The team has no prompt {given.name!r}. See: python app.py prompt list")


async def _import(library: PromptLibrary, by: Principal, given: Namespace) -> str:
    drafts = _drafts_from(_read(given.file))
    done = [await _keep(library, by, draft) for draft in drafts]
    return f"Prompts added: {done.count('added')}, changed: {done.count('changed')}"


async def _keep(library: PromptLibrary, by: Principal, draft: PromptDraft) -> str:
    """Add a prompt, or put it in the place of the one of the team's that has its name."""
    for one in await _shared(library, by):
        if one.name == draft.name and one.author is None:
            await library.change(by, one.id, draft)
            return "changed"
    await library.add_for_team(by, draft)
    return "added"


async def _shared(library: PromptLibrary, by: Principal) -> list[Prompt]:
    return [one for one in await library.of(by.user) if one.shared]


def _drafts_from(text: str) -> list[PromptDraft]:
    """Read a JSON list of objects with a `name` and a `text`; all of them are checked before any is kept."""
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PromptRefused(PromptFlaw.UNREADABLE) from error
    if not isinstance(told, list) or not all(_is_wording(one) for one in told):
        raise PromptRefused(PromptFlaw.UNREADABLE)
    return [draft_from(one["name"], one["text"], shared=True) for one in told]


def _is_wording(told: Any) -> bool:
    return isinstance(told, dict) and isinstance(told.get("name"), str) and isinstance(told.get("text"), str)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read as text.") from error


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE].rstrip()}…"


def _name(parser: OneLineParser) -> None:
    parser.add_argument("--name", required=True, metavar="NAME", help="Name of the prompt.")


def _name_and_file(parser: OneLineParser) -> None:
    _name(parser)
    parser.add_argument("--file", type=Path, metavar="FILE", help="Where its text is; else it is read from the input.")


def _file(parser: OneLineParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help='A JSON list: [{"name": "...", "text": "..."}, ...]')


def _nothing(_: OneLineParser) -> None:
    """Take no arguments."""


_VERBS: Final = MappingProxyType(
    {
        "add": Verb("Show the team a prompt, or change the one of that name.", _name_and_file, _over_library(_add)),
        "list": Verb("List what the team sees: name, author, beginning.", _nothing, _over_library(_list)),
        "remove": Verb("Remove a prompt of the team's.", _name, _over_library(_remove)),
        "import": Verb("Add or change many at once, from a JSON file.", _file, _over_library(_import)),
    }
)
