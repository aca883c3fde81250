"""The words of the system page, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_system": "System",
    "system_database": "Database",
    "system_file": "File",
    "system_log_file": "Log of the writes",
    "system_unused": "Free in the file",
    "system_backup": "Last backup",
    "system_no_backup": "none yet",
    "system_rows": "What is in it",
    "system_table": "Table",
    "system_count": "Rows",
    "system_check": "Check the database",
    "system_check_text": "Reads the whole file; the app goes on meanwhile.",
    "system_whole": "The database is whole.",
    "system_damaged": "The database is damaged. Stop the app and restore the last backup: app.py restore FILE.",
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
