"""What every page of the admin's says, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "shell_pages": "Pages for admins",
    "shell_saved": "Saved. It holds from now on.",
    "shell_from_default": "the app's own value",
    "shell_from_environment": "from the environment",
    "shell_from_flag": "from a flag",
    "shell_from_stored": "set here",
    "shell_yes": "yes",
    "shell_no": "no",
    "shell_raw": "What was said",
    "shell_nothing": "Nothing here yet.",
    "shell_offline": "The line to the server has been gone since {at}. The page goes on by itself once it is back.",
    "tab_overview": "Overview",
}
