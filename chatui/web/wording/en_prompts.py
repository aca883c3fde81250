"""The words around the library of prompts, in English."""

from __future__ import annotations

from typing import Final

from chatui.conversations.prompt import LONGEST_NAME as LONGEST_PROMPT_NAME
from chatui.conversations.prompt import LONGEST_TEXT as LONGEST_PROMPT
from chatui.conversations.prompt import MOST_OWN, MOST_SHARED, PromptFlaw

PROMPT_FLAWS: Final[dict[str, str]] = {
    PromptFlaw.NO_NAME: "Give the prompt a name.",
    PromptFlaw.NAME_TOO_LONG: f"The name of a prompt has at most {LONGEST_PROMPT_NAME} characters.",
    PromptFlaw.NAME_TAKEN: "There is a prompt with this name already. Choose another one.",
    PromptFlaw.NO_TEXT: "Write the text of the prompt.",
    PromptFlaw.TEXT_TOO_LONG: f"The text of a prompt has at most {LONGEST_PROMPT:,} characters.",
    PromptFlaw.TOO_MANY: f"There are {MOST_OWN} prompts already. Delete one first.",
    PromptFlaw.TOO_MANY_SHARED: f"The team has {MOST_SHARED} prompts already. Delete one first.",
    PromptFlaw.UNREADABLE: "The file is no list of prompts: each needs a name and a text.",
}

PROMPTS: Final[dict[str, str]] = {
    # The library.
    "prompts": "Prompts",
    "prompts_own": "Your own",
    "prompts_team": "The team’s",
    "prompts_none": "No prompts yet. What you ask again and again can be kept here under a name.",
    "prompts_search": "Find a prompt",
    "prompts_search_none": "No prompt with “{text}” in it.",
    "prompts_hint": "In the box, / at the start of a line opens them, too.",
    "prompt_new": "New prompt",
    "prompt_change": "Change the prompt",
    "prompt_use": "Use the prompt {name}",
    "prompt_edit": "Change {name}",
    "prompt_delete": "Delete {name}",
    "prompt_deleted": "The prompt “{name}” is deleted.",
    "prompt_by": "from {author}",
    "prompt_name": "Name",
    "prompt_text": "Text",
    "prompt_text_hint": "{one} is asked for when the prompt is used; so is {other}, with an answer to begin with.",
    "prompt_example": "topic",
    "prompt_example_begun": "language:English",
    "prompt_share": "Show it to the whole team",
    # What has to be filled in.
    "fill_insert": "Put it into the box",
    # The menu behind the slash.
    "slash_menu": "Prompts and commands",
    "slash_count": "{count} to choose from",
    "slash_library": "All prompts, new prompt",
    "slash_export": "Export this conversation",
    "slash_model": "Choose the model",
}
