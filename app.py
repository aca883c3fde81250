"""Start Samovar: `python app.py --help` lists the flags, and what else it can do."""

from __future__ import annotations

import asyncio
import sys

from chatui.application import serve
from chatui.commands import COMMANDS, run_command
from chatui.logs import set_up_logging
from chatui.settings import SettingsError, load_settings, notes
from chatui.web.listener import AddressUnusable
from storage.errors import StorageError


def main() -> None:
    """Serve, or run a command; whatever is wrong is one line and exit status 1."""
    try:
        if sys.argv[1:2] and sys.argv[1] in COMMANDS:
            print(run_command(sys.argv[1:]))  # noqa: T201 - what a person at the console waits for
            return
        settings = load_settings(sys.argv[1:])
        for note in notes():
            print(note)  # noqa: T201 - for the person at the console
        set_up_logging(settings.log_level, settings.log_format)
        asyncio.run(serve(settings))
    except (SettingsError, AddressUnusable, StorageError) as error:
        sys.exit(f"samovar: {error}")


if __name__ == "__main__":
    main()
