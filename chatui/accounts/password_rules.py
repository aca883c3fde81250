"""Which passwords are good enough, and the one form in which a password is read.

Long ones are welcome and nothing is prescribed about their letters: only what everybody guesses first is refused.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final

from chatui.domain.errors import PasswordRefused

SHORTEST: Final = 8
LONGEST_BYTES: Final = 1_024
PRODUCT: Final = "samovar"


class PasswordFlaw(StrEnum):
    """What is wrong with a password."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    NAME = "name"


# Words that lists of leaked passwords begin with, alone or with a few figures or marks around them.
_COMMON_WORDS: Final = frozenset(
    """
    abc abcd access account admin administrator alexander amanda america andrea andrew angel anthony apple
    arsenal asdf asdfgh asdfghjkl ashley austin babygirl bailey banana baseball basketball batman blink buster
    butterfly changeit changeme charlie cheese chelsea chocolate computer cookie daniel default demo diamond
    donald dragon elephant facebook family flower football forever freedom friends fuckyou gemini george ginger
    google guest hannah harley hello hellokitty hockey hunter iloveyou internet jasmine jennifer jessica jordan
    joshua justin killer letmein liverpool login london lovely loveme maggie manager master matrix matthew
    maverick mercedes merlin michael michelle mickey monkey monster mustang mypassword naruto newpassword nicole
    nothing ollama oracle orange parola pass passphrase passw passwd password passwort pepper pokemon princess
    private purple qazwsx qazwsxedc qwert qwerty qwertyuiop qwertz ranger robert root samsung secret service
    shadow sophie spiderman starwars steelers student summer sunshine superman superuser sysadmin system temp
    temporary tennis test tester testing thomas thunder tigger trustno unknown user username victoria welcome
    whatever william windows winter yankees yellow zaqwsx zxcvbn zxcvbnm
    пароль любовь привет йцукен 密码 密碼 パスワード
    """.split()  # noqa: SIM905 - forty lines of quotes read worse
)
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "йцукенгшщзхъфывапролджэячсмитьбю",
)
_DISGUISES: Final = str.maketrans("@$013457!|", "asoieastil")
_LONGEST_UNIT: Final = 4
_EXTRA: Final = 5  # a year and a mark


def read_password(password: str) -> bytes:
    """Give a password in the form that is hashed, whatever way a keyboard composed its letters.

    Raises PasswordRefused beyond `LONGEST_BYTES` of UTF-8, which are more than anybody types.
    """
    if len(password) > LONGEST_BYTES or len(_encoded(password)) > LONGEST_BYTES:
        raise PasswordRefused(PasswordFlaw.TOO_LONG)
    return _encoded(unicodedata.normalize("NFKC", password))


def check_password(password: str, name: str) -> None:
    """Return when a person called `name` may have this password; raises PasswordRefused."""
    read_password(password)
    plain = unicodedata.normalize("NFKC", password).casefold()
    if len(unicodedata.normalize("NFKC", password)) < SHORTEST:
        raise PasswordRefused(PasswordFlaw.TOO_SHORT)
    if _is_common(plain):
        raise PasswordRefused(PasswordFlaw.COMMON)
    if any(_is_mostly(plain, word) for word in _names(name)):
        raise PasswordRefused(PasswordFlaw.NAME)


def _is_common(plain: str) -> bool:
    if _is_repetition(plain) or any(plain in row or plain in row[::-1] for row in _ROWS):
        return True
    return any(core in _COMMON_WORDS for core in _cores(plain))


def _is_repetition(plain: str) -> bool:
    """Whether a password is a few characters over and over."""
    longest = min(_LONGEST_UNIT, len(plain) // 2)
    return any((plain[:unit] * len(plain))[: len(plain)] == plain for unit in range(1, longest + 1))


def _cores(plain: str) -> set[str]:
    """The words that may hide in a password: without figures and marks around it, and with disguises taken off."""
    stripped = _without_marks(plain)
    return {plain, stripped, _without_marks(plain.translate(_DISGUISES)), stripped.translate(_DISGUISES)}


def _without_marks(text: str) -> str:
    letters = [index for index, character in enumerate(text) if character.isalpha()]
    return text[letters[0] : letters[-1] + 1] if letters else ""


def _names(name: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return {PRODUCT, folded, folded.replace(" ", ""), *folded.split()}


def _is_mostly(plain: str, word: str) -> bool:
    """Whether a password is a word, perhaps twice, with at most a few more characters."""
    return len(word) > 1 and word in plain and len(plain.replace(word, "")) <= _EXTRA


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
