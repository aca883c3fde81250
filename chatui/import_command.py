"""Importing conversations for somebody at the console, also while the app runs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from chatui.account_commands import acting_as, doing
from chatui.accounts.accounts import Accounts
from chatui.accounts.desk import Desk
from chatui.command_line import command_parser, settings_of
from chatui.configuration import file_limits
from chatui.conversations.files.reader import FileReader
from chatui.conversations.files.service import FileGround
from chatui.conversations.importing.imports import Imports
from chatui.operations.settings.in_force import SettingsInForce
from chatui.settings import SettingsError
from chatui.web.import_page import sentences_of
from chatui.web.pages import Say
from chatui.web.wording import wording_for

_TEXT = "Import conversations from an export of ChatGPT, Open WebUI or Samovar."


def import_conversations(arguments: Sequence[str]) -> str:
    """Run `import --for NAME FILE`."""
    parser = command_parser("import", _TEXT)
    parser.add_argument("--for", dest="name", required=True, metavar="NAME", help="Whose they are to be.")
    parser.add_argument("--language", choices=["en", "zh"], default="en", help="Of the notes for what is left out.")
    parser.add_argument("file", type=Path, metavar="FILE", help="The export: a JSON file, or the archive it came in.")
    return doing(_import)(parser.parse_args(arguments))


async def _import(accounts: Accounts, given: Namespace) -> str:
    by = await acting_as(accounts, given.name)
    desk = accounts.desk
    try:
        file = given.file.open("rb")
    except OSError as error:
        raise SettingsError(f"{given.file} cannot be read.") from error
    with file:
        imports = Imports(desk.store, desk.clocks, await _ground(desk, given))
        report = await imports.run(by, file, wording_for(given.language).marks)
    return sentences_of(Say("en"), wording_for("en"), report)


async def _ground(desk: Desk, given: Namespace) -> FileGround:
    """What is taken of files, as the settings have it."""
    in_force = SettingsInForce(settings_of(given), desk.store)
    await in_force.refresh()
    return FileGround(FileReader(), lambda: file_limits(in_force.now))
