"""Why something was not accepted, in English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from chatui.accounts.names import LONGEST_NAME
from chatui.accounts.password_rules import LONGEST_BYTES, SHORTEST, PasswordFlaw
from chatui.backends.ssrf import AddressFlaw
from chatui.conversations.context import QuestionTooLong
from chatui.conversations.files.kinds import FileFlaw
from chatui.domain.access import Action
from chatui.domain.errors import (
    AccountNotActive,
    AddressRefused,
    AnswerUnderWay,
    Draining,
    EmptyMessage,
    FileRefused,
    Forbidden,
    GroupInUse,
    ImportRefused,
    InvalidInput,
    LastAdmin,
    LinkInvalid,
    MessageTooLong,
    ModelBlind,
    ModelForbidden,
    ModelInUse,
    NameRefused,
    NameTaken,
    NoModel,
    NotFound,
    NothingToContinue,
    NotWaiting,
    PasswordRefused,
    PromptRefused,
    QueueFull,
    QuotaSpent,
    Refused,
    SignInFailed,
    SignUpClosed,
    StorageUnavailable,
    TooManyTries,
)
from chatui.domain.people import AccountState
from chatui.web.wording.en_import import IMPORT_FLAWS
from chatui.web.wording.en_prompts import PROMPT_FLAWS

_SENTENCES: Final[Mapping[type[Refused], str]] = MappingProxyType(
    {
        EmptyMessage: "Write a message first.",
        AnswerUnderWay: "An answer is on its way in this conversation. Wait for it or stop it.",
        NothingToContinue: "This answer cannot be continued: it is whole, or another question followed it.",
        NotWaiting: "Its turn has come: it is being answered already.",
        Draining: "The app is about to restart. Your text is kept here; send it again in a moment.",
        StorageUnavailable: "Nothing can be saved at the moment, so nothing was sent. Your text is kept here.",
        ModelInUse: "The model is in use, or its server is about to load another one. Try again in a moment.",
        NotFound: "This is not there any more.",
        InvalidInput: "These figures do not fit together. Change them and try again.",
        Forbidden: "This account may not do that. An admin can.",
        SignInFailed: "The name or the password is wrong.",
        LinkInvalid: "This link does not work any more. Ask for a new one.",
        NameTaken: "Somebody has this name already. Choose another one.",
        NameRefused: f"A name has 1 to {LONGEST_NAME} characters, all of which can be seen.",
        SignUpClosed: "Accounts are made by invitation at the moment. Ask an admin for one.",
        LastAdmin: "Nobody could run the app after that. Make somebody else an admin first.",
        GroupInUse: "The group has members. Put them into other groups first.",
    }
)

_FLAWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **PROMPT_FLAWS,
        **IMPORT_FLAWS,
        PasswordFlaw.TOO_SHORT: f"A password needs at least {SHORTEST} characters. Several words are best.",
        PasswordFlaw.TOO_LONG: f"A password has at most {LONGEST_BYTES:,} bytes.",
        PasswordFlaw.COMMON: "This password is among the first that are guessed. Several words are best.",
        PasswordFlaw.NAME: "This password is too close to the name. Several words are best.",
        AddressFlaw.UNREADABLE: "This is not the address of a model server. One looks like http://host:11434.",
        AddressFlaw.ODD_HOST: "The address is written in an unusual way. Write the host by name or in plain digits.",
        AddressFlaw.UNKNOWN_HOST: "No machine has this name.",
        AddressFlaw.FORBIDDEN: "No model server can be at this address.",
        AddressFlaw.KNOWN: "This server is there already.",
        AddressFlaw.NOT_ALLOWED: "Addresses in this network are not allowed by the settings.",
    }
)

_FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        FileFlaw.EMPTY: "{name} is empty.",
        FileFlaw.BINARY: "{name} cannot be read: text in UTF-8, PDF, PNG, JPEG, WebP and GIF can.",
        FileFlaw.CODING: "The letters of {name} cannot be told for certain. Save it as UTF-8, and add it again.",
        FileFlaw.DAMAGED: "{name} is damaged and cannot be read.",
        FileFlaw.ENCRYPTED: "{name} is locked with a password. Save it without one first.",
        FileFlaw.NO_TEXT: "{name} has no text in it, only pictures of pages. Add the pages as pictures instead.",
        FileFlaw.LONG: "{name} has more text than any model reads at once. Add a part of it.",
        FileFlaw.PAGES: "{name} has too many pages. Add a part of it.",
        FileFlaw.PIXELS: "{name} has too many pixels. Make it smaller first.",
        FileFlaw.HEAVY: "{name} takes too long or too much memory to read. Save it anew, or add a part of it.",
        FileFlaw.LARGE: "{name} is too large: a file may have {most} MB.",
        FileFlaw.MANY: "{name} is one too many: {most} files fit beside a question.",
        FileFlaw.FULL: "{name} does not fit: your files may take {most} MB. Delete conversations with files first.",
        FileFlaw.BUSY: "{name} could not be read now: too many files come at once. Add it again in a moment.",
    }
)

_ACCOUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        AccountState.PENDING: "The account waits for an admin's approval.",
        AccountState.DISABLED: "The account is closed. Ask an admin to open it.",
    }
)


def refused(refusal: Refused) -> str:  # noqa: C901, PLR0911, PLR0912 - one sentence a class
    """Say why, and what can be done."""
    match refusal:
        case MessageTooLong(length=length, limit=limit):
            return f"This message has {length:,} characters; {limit:,} fit. Shorten it or split it."
        case QuestionTooLong(tokens=tokens, context=context):
            return (
                f"This message needs about {tokens:,} tokens; the model reads {context:,} with its answer. "
                "Shorten it or choose a model with a larger context."
            )
        case QueueFull():
            return _full(refusal)
        case NoModel(wanted=None):
            return "No model is there to answer yet. Your text stays here until one is."
        case NoModel(wanted=wanted):
            return f"No server has the model {wanted} any more. Choose another one."
        case ModelForbidden(model=model):
            return f"The model {model} is not among those of this account's group. Choose another one."
        case QuotaSpent(limit=limit, retry_after=after):
            return f"The {limit:,} tokens of the day are used up. There are new ones {_when(after)}."
        case TooManyTries(retry_after=after):
            return f"Too many tries failed. The next one can be made {_when(after)}."
        case AccountNotActive(state=state) if state in _ACCOUNTS:
            return _ACCOUNTS[state]
        case PasswordRefused() | AddressRefused() | PromptRefused() | ImportRefused() if refusal.flaw in _FLAWS:
            return _FLAWS[refusal.flaw]
        case FileRefused(flaw=flaw, name=name, most=most) if flaw in _FILES:
            return _FILES[flaw].format(name=name, most=most)
        case ModelBlind(model=model):
            return f"{model} does not see pictures. Choose a model that does, or remove the pictures."
        case Forbidden(args=(Action.ASK,)):
            return "This account can read what was shared with it, and asks nothing."
        case _:
            return _SENTENCES.get(type(refusal), "This could not be done.")


def _full(refusal: QueueFull) -> str:
    when = _when(refusal.retry_after)
    match refusal.scope:
        case "person" if refusal.limit == 0:
            return "This account may not have messages waiting. Send one when nobody else asks."
        case "person":
            waiting = "One of your messages is" if refusal.limit == 1 else f"{refusal.limit} of your messages are"
            return f"{waiting} waiting already. The next can be sent {when}."
        case "key":
            return f"This key may have {refusal.limit} requests at once. Send the next when one is over."
        case "wait":
            return f"The wait would be too long at the moment. Try again {when}."
        case _:
            return f"The queue is full: {refusal.limit} messages are waiting. Try again {when}."


def _when(after: timedelta) -> str:
    minutes = -(-int(after.total_seconds()) // 60)
    if minutes <= 1:
        return "in less than a minute"
    return f"in about {minutes} minutes" if minutes < 120 else f"in about {round(minutes / 60)} hours"
