"""The words of the page of the database, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_database": "Database",
    "database_health": "Health",
    "database_file": "File",
    "database_log_file": "Log of the writes",
    "database_unused": "Free in the file",
    "database_schema": "Schema",
    "database_rows": "What is in it",
    "database_table": "Table",
    "database_count": "Rows",
    "database_check": "Check the database",
    "database_check_text": "Reads the whole file; the app goes on meanwhile.",
    "database_whole": "The database is whole.",
    "database_is_damaged": "The database is damaged. Restore the newest backup below, and start the app anew.",
    "database_backups": "Backups",
    "database_text": (
        "The newest five are kept beside the database. Each holds everything, also everybody’s conversations: "
        "keep safe what you download."
    ),
    "database_next": "The next one is made at {at}.",
    "database_no_next": "None is made by the clock.",
    "database_change": "Change how often",
    "database_make": "Back up now",
    "database_done_made": "The backup is made.",
    "database_done_given_up": "Nothing will be restored.",
    "database_when": "When",
    "database_why": "Why",
    "database_why_clock": "by the clock",
    "database_why_hand": "by hand",
    "database_why_console": "at the console",
    "database_why_upgrade": "before an upgrade",
    "database_why_replaced": "what a restore replaced",
    "database_why_unknown": "by an earlier version",
    "database_size": "Size",
    "database_too_new": "{revision}, from a newer version",
    "database_unreadable": "cannot be read",
    "database_acts": "What can be done",
    "database_take": "Download",
    "database_restore": "Restore",
    "database_sure": (
        "At the next start of the app everything becomes as it was on {at}: conversations, people, passwords, keys and "
        "settings. Everybody signs in anew. What is there now is kept until three more restores, and can be restored "
        "in the same way."
    ),
    "database_restore_yes": "Restore at the next start",
    "database_prepared": (
        "{name} was checked and takes the place of the database when the app is started the next time. Until then all "
        "goes on as before, and what is added until then is not in it."
    ),
    "database_give_up": "Do not restore it",
    "database_restored": "This start restored {name}. What was there before is kept as {replaced}.",
    "database_none": "There is no backup yet.",
    "database_age_now": "just now",
    "database_age_minutes": "{count} min ago",
    "database_age_hours": "{count} h ago",
    "database_age_days": "{count} days ago",
    "database_flaw_damaged": "This file is damaged, so nothing was changed. Choose another backup.",
    "database_flaw_newer": (
        "This backup is from a newer version of the app, so nothing was changed. Update the app first."
    ),
    "database_flaw_full": "The disk is full, so nothing was changed. Make room and try again.",
    "database_flaw_read_only": "The data directory cannot be written, so nothing was changed.",
    "database_flaw_slow": "The database is too large to be checked while people use it.",
    "database_flaw_other": "This could not be done, and nothing was changed.",
    "did_backup_made": "made a backup",
    "did_backup_taken": "downloaded a backup",
    "did_restore_prepared": "chose a backup to restore at the next start",
    "did_restore_given_up": "took a restore back",
    "did_restored": "the database was restored from a backup",
}
