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
    "shell_and": ", ",
    "shell_seconds": "{seconds} s",
    "shell_minutes": "{minutes} min {seconds} s",
    "shell_hours": "{hours} h {minutes} min",
    "shell_rate": "{count}/s",
    "shell_raw": "What was said",
    "shell_fault_unchecked": "It has not been looked at yet.",
    "shell_fault_unreachable": "Nobody answers there: the server is off, still starting, or not reachable from here.",
    "shell_fault_deadline": "It takes too long to answer: it is busy, or the network is slow.",
    "shell_fault_misconfigured": "What answers there is no model server.",
    "shell_fault_not_found": "It does not have what was asked for.",
    "shell_fault_busy": "It is busy at the moment.",
    "shell_fault_interrupted": "It closed the line in the middle of its answer.",
    "shell_fault_truncated": "It closed the line in the middle of its answer.",
    "shell_fault_invalid_reply": "What it answers cannot be understood.",
    "shell_fault_memory": "It has too little memory for this.",
    "shell_fault_model_load": "It could not load the model.",
    "shell_fault_capability": "It cannot do this.",
    "shell_fault_removed": "The server was removed.",
    "shell_fault_unknown": "It reports an error.",
    "shell_nothing": "Nothing here yet.",
    "shell_offline": "The line to the server has been gone since {at}. The page goes on by itself once it is back.",
    "tab_overview": "Overview",
}
