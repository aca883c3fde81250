"""The words of the failure inbox, in English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_failures": "Failures",
    "failures_text": (
        "Attempts that failed and that nobody has seen to, by their cause. What people asked is not shown here."
    ),
    "failures_none": "Nothing failed that has not been seen to.",
    "failures_export": "Export CSV",
    "failures_replayed": "Asked again. The answer appears in the person's conversation.",
    "failures_resolved": "Seen to.",
    "failures_resolve_all": "All seen to",
    "failures_resolve": "Seen to",
    "failures_replay": "Ask again",
    "failures_model": "Model",
    "failures_same_model": "the same model",
    "failures_somebody": "somebody",
    "failures_count": "Attempts: {attempts}, of questions: {jobs}, the last {at}",
    "failures_line": "{backend}, attempts: {attempts}, {at}",
    "failures_memory": "{free} was free",
    "failures_load": "load {load}",
    "failures_said": "What the server said",
    "failures_more": "{count} more are in the export.",
    "failures_advice_memory_known": (
        "{model} needs {needed}, {free} is free: choose a smaller quantisation, a shorter context or fewer workers."
    ),
    "failures_advice_memory": (
        "{model} did not fit: choose a smaller quantisation, a shorter context or fewer workers, or unload "
        "what nobody uses."
    ),
    "failures_advice_model_load": (
        "{backend} could not start {model}. Load it by itself in Models; if that fails, pull it again: its "
        "file may be damaged."
    ),
    "failures_advice_busy": (
        "{backend} took no more. Fewer workers keep the rest waiting here, where their place is kept."
    ),
    "failures_advice_unreachable": (
        "See that {backend} runs, and that it is reached from this machine at the address in the settings."
    ),
    "failures_advice_interrupted": (
        "{backend} broke off in mid-answer. Its own log says why; when it happens under load, use fewer workers."
    ),
    "failures_advice_truncated": (
        "{backend} ended without saying that the answer is whole. A proxy between may cut long answers."
    ),
    "failures_advice_invalid_reply": (
        "What {backend} sent is not its protocol. Look for a proxy between, and update the server."
    ),
    "failures_advice_deadline_load": "{model} took too long to load. Keep it warm, or put its file on a faster disk.",
    "failures_advice_deadline": "{model} was too slow on {backend}. Use fewer workers or a smaller model.",
    "failures_advice_capability": "{model} cannot do what was asked. Ask a model that can.",
    "failures_advice_not_found": "{backend} does not have {model}. Pull it in Models, or ask another.",
    "failures_advice_too_long": (
        "The conversation is longer than the context of {model}. Give it a longer context, or ask a model that has one."
    ),
    "failures_advice_ask_refused": (
        "{backend} refused what was asked. What it said is below; other options may be taken."
    ),
    "failures_advice_misconfigured": (
        "What answers at the address of {backend} is no model server. Correct the address in the settings."
    ),
    "failures_advice_crash": (
        "The app stopped twice while this was answered, so it is not tried again by itself. Ask it once more "
        "when all is quiet."
    ),
    "failures_advice_unknown": (
        "{backend} reported an error that the app does not know. What it said stands beside each attempt."
    ),
}
