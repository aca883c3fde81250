"""The words of the system page, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_system": "System",
    "system_machine": "Machine",
    "system_memory_free": "Memory free",
    "system_disk_free": "Disk free",
    "system_of": "of {total}",
    "system_app_memory": "The app takes",
    "system_load": "Load, last minute",
    "system_versions": "Versions",
    "system_log": "Log",
    "system_log_none": "Nothing of that kind was written since the start.",
    "system_level": "From",
    "system_level_info": "everything",
    "system_level_warning": "warnings",
    "system_level_error": "errors",
    "system_show": "Show",
    "system_when": "When",
    "system_what": "What",
    "system_where": "Part",
    "system_diagnostics": "Diagnostics",
    "system_diagnostics_text": (
        "A file for somebody who helps: versions, settings, figures, failures and the log. No passwords, "
        "keys, names or conversations are in it."
    ),
    "system_download": "Download",
}
