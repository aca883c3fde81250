"""The words around importing conversations, in English."""

from __future__ import annotations

from typing import Final

from chatui.conversations.importing.flaws import ImportFlaw
from chatui.conversations.importing.origin import Mark, Marks

IMPORT: Final[dict[str, str]] = {
    "import_title": "Import conversations",
    "import_link": "Import conversations",
    "import_text": (
        "From ChatGPT (the archive that it sends, or its conversations.json), from Open WebUI "
        "(Export chats), or from a Samovar (the JSON of one conversation, or all of your data). "
        "Titles, dates and branches come along, from a Samovar the files, too; from the others a short note does "
        "of pictures, files and tools. "
        "What is there already is not imported again."
    ),
    "import_file": "File, up to {size}",
    "import_choose": "Choose a file",
    "import_none": "None chosen yet",
    "import_start": "Import",
    "import_last": "Last import",
    "import_back": "Your account",
    "import_stage_waiting": "Waiting for another import to end",
    "import_stage_checking": "Reading the file",
    "import_stage_keeping": "Importing: {done} of {total}",
    "import_added": "Conversations imported: {count}.",
    "import_there": "There already: {count}.",
    "import_files": "Files: {count}.",
    "import_files_left_out": "Files left out: {count}.",
    "import_left_out": "Left out: {count} ({reasons}).",
    "import_and": ", ",
    "import_reason_empty": "without messages: {count}",
    "import_reason_damaged": "damaged: {count}",
    "import_reason_unknown": "of no known kind: {count}",
    "import_reason_too_long": "too long: {count}",
    "did_data_imported": "imported conversations",
}

IMPORT_FLAWS: Final[dict[str, str]] = {
    ImportFlaw.NO_FILE: "Choose a file first.",
    ImportFlaw.UNREADABLE: (
        "This file cannot be read: it is no JSON and no archive with conversations, or it is "
        "damaged. Nothing was imported."
    ),
    ImportFlaw.NOTHING: (
        "No conversations were found in this file. It has to be an export of ChatGPT, Open WebUI or Samovar."
    ),
    ImportFlaw.TOO_LARGE: "This file is too large. Of an archive take out conversations.json, and import that alone.",
    ImportFlaw.UNDER_WAY: "An import is under way already. Start the next one when it is over.",
    ImportFlaw.FULL: "There are so many conversations already that no more are imported. Delete some first.",
}

MARKS: Final[Marks] = {
    Mark.IMAGE: "[Picture, not imported]",
    Mark.AUDIO: "[Sound, not imported]",
    Mark.FILE: "[File, not imported]",
    Mark.TOOL: "[A tool was used here; what it did is not imported]",
    Mark.OTHER: "[A part of a kind that is not imported]",
    Mark.CUT: "[The rest of this long message is not imported]",
}
