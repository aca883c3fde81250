"""Everything that can go wrong, as one tree.

    SamovarError
    ├── Refused                  nothing was accepted and nothing was kept
    │   ├── InvalidInput         the ask itself is not right
    │   │   ├── EmptyMessage
    │   │   ├── MessageTooLong
    │   │   ├── NameRefused      no name for a person or a group
    │   │   ├── PasswordRefused  too short, too long, or too easy to guess
    │   │   ├── PromptRefused    no name, no text, too long, or one too many
    │   │   ├── ImportRefused    no file with conversations, too large, or another is under way
    │   │   ├── AddressRefused   a backend's URL that leads where it must not
    │   │   └── FileRefused      a file that cannot stand beside a question
    │   ├── NotFound             there is no such thing, or it is somebody else's
    │   ├── Forbidden            it is there, and not for this role
    │   ├── SignInFailed         the name or the password is wrong
    │   ├── TooManyTries         too many failed ones; it says when the next may come
    │   ├── AccountNotActive     the password is right, but the account waits for approval or is disabled
    │   ├── LinkInvalid          a link or a code that was used, is too old, or never was
    │   ├── NameTaken            somebody has that name already
    │   ├── SignUpClosed         accounts are made by invitation alone
    │   ├── LastAdmin            nobody would be left to run the app
    │   ├── GroupInUse           the group still has members
    │   ├── ModelInUse           answers of it are under way, or another model is about to be loaded there
    │   ├── ModelForbidden       the person's group may not use the model
    │   ├── ModelBlind           there are pictures beside the question, and the model sees none
    │   ├── QuotaSpent           the tokens of the day are used up
    │   ├── AnswerUnderWay       the conversation has an answer on its way
    │   ├── NothingToContinue    the answer is whole, empty, or followed by another question
    │   ├── NotWaiting           its turn has come already
    │   ├── QueueFull            too many wait, or the wait would be too long
    │   ├── NoModel              no backend has a model to answer with
    │   ├── Draining             the app is about to stop
    │   └── StorageUnavailable   the database cannot be written now
    └── BackendError             an attempt failed; `retryable` says whether another may help
        ├── ModelLoadFailed      transient
        ├── OutOfMemory          transient, once other models are unloaded
        ├── BackendBusy          transient, the server says for how long
        ├── BackendUnreachable   transient
        ├── ReplyInterrupted     the line was closed in mid-answer
        ├── ReplyTruncated       the stream ended and never said that it was whole
        ├── ReplyInvalid         bytes that are not the protocol's
        ├── DeadlineExceeded     a stage took longer than it may
        ├── CapabilityMissing    permanent: the model or the server cannot do this
        ├── ModelNotFound        permanent: the model must be pulled first
        ├── PromptTooLong        permanent: the prompt must be trimmed
        ├── AskRefused           permanent: the server does not understand or take what was asked
        ├── BackendMisconfigured permanent: not the server that was expected
        └── BackendFailed        anything else, the text kept as it came

`str(error)` is for logs and records; words for people are made from the class and its fields in `chatui.web.wording`.
"""

from __future__ import annotations

from chatui.domain.errors.refusals import (
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
from chatui.domain.errors.root import SamovarError
from chatui.domain.errors.upstream import (
    AskRefused,
    BackendBusy,
    BackendError,
    BackendFailed,
    BackendMisconfigured,
    BackendUnreachable,
    CapabilityMissing,
    DeadlineExceeded,
    ModelLoadFailed,
    ModelNotFound,
    OutOfMemory,
    PromptTooLong,
    ReplyInterrupted,
    ReplyInvalid,
    ReplyTruncated,
)

__all__ = [
    "AccountNotActive",
    "AddressRefused",
    "AnswerUnderWay",
    "AskRefused",
    "BackendBusy",
    "BackendError",
    "BackendFailed",
    "BackendMisconfigured",
    "BackendUnreachable",
    "CapabilityMissing",
    "DeadlineExceeded",
    "Draining",
    "EmptyMessage",
    "FileRefused",
    "Forbidden",
    "GroupInUse",
    "ImportRefused",
    "InvalidInput",
    "LastAdmin",
    "LinkInvalid",
    "MessageTooLong",
    "ModelBlind",
    "ModelForbidden",
    "ModelInUse",
    "ModelLoadFailed",
    "ModelNotFound",
    "NameRefused",
    "NameTaken",
    "NoModel",
    "NotFound",
    "NotWaiting",
    "NothingToContinue",
    "OutOfMemory",
    "PasswordRefused",
    "PromptRefused",
    "PromptTooLong",
    "QueueFull",
    "QuotaSpent",
    "Refused",
    "ReplyInterrupted",
    "ReplyInvalid",
    "ReplyTruncated",
    "SamovarError",
    "SignInFailed",
    "SignUpClosed",
    "StorageUnavailable",
    "TooManyTries",
]
