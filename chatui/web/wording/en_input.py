"""The words for what stands around the box, in English."""

from __future__ import annotations

from typing import Final

INPUT: Final[dict[str, str]] = {
    # How it answers.
    "manner": "How it answers",
    "manner_own": "How it answers: your own way",
    "manner_system": "System prompt",
    "manner_temperature": "Temperature",
    "manner_top_p": "Top P",
    "manner_max_tokens": "Longest answer, tokens",
    "manner_seed": "Seed",
    "manner_stop": "Stop at",
    "manner_stop_hint": "One text a line",
    "manner_think": "Thinking",
    "manner_default": "Model's own",
    "manner_note": "Holds for this conversation, from the next answer on. What is empty the model does in its own way.",
    "manner_reset": "All as the model does it",
    "manner_apply": "Use",
    "thinking_off": "Off",
    "thinking_on": "On",
    "thinking_low": "A little",
    "thinking_medium": "Medium",
    "thinking_high": "Much",
    "preset": "Preset",
    "preset_pick": "Pick a preset",
    "preset_none": "No presets yet",
    "preset_save": "Save as a preset",
    "preset_name": "Name of the preset",
    "preset_delete": "Delete it",
    # Diagrams.
    "diagram": "Diagram",
    "diagram_source": "Source",
    "diagram_show": "Diagram",
    "diagram_failed": "This cannot be drawn as a diagram; here is its source.",
    # Several models at once.
    "compare": "Side by side",
    "compare_menu": "Other models that answer, too",
    "compare_title": "Have other models answer the next question, too; each waits in line by itself",
    "compare_with": "and {models}",
    "columns": "Answers side by side",
    "column_stop": "Stop {model}",
    "column_choose": "Go on with this one",
    "column_choose_name": "Go on with {model}",
    "column_chosen": "The chat goes on with this",
    "column_chosen_name": "The chat goes on with {model}",
    # The context.
    "context_name": "How full the context is",
    "context_full": "context {percent} %",
    "context_title": "About {used} of {room} tokens; {rest} more are kept free for the answer",
    "context_left_out": "Older messages left out: {count}",
    "context_over": "Too long for this model",
}
