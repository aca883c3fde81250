"""Passwords: which are good enough, and how they are kept."""

# ruff: noqa: RUF001 - letters that look like others are what is tried

from __future__ import annotations

import asyncio
import threading
import unicodedata

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from chatui.accounts.names import clean_name, fold
from chatui.accounts.password_rules import PasswordFlaw, check_password, read_password
from chatui.accounts.passwords import Argon2Hasher, Passwords, Verdict
from chatui.domain.errors import NameRefused, PasswordRefused, TooManyTries
from tests.support.accounts import PASSWORD, CountingHasher

COMMON = [
    "password", "Password1", "P@ssw0rd", "passw0rd!", "12345678", "123456789", "1234567890", "87654321", "qwertyuiop",
    "qwerty123", "1q2w3e4r", "1qaz2wsx", "asdfghjkl", "zxcvbnm1", "abcdefgh", "iloveyou", "iloveyou2", "letmein1",
    "welcome1", "Welcome2026", "admin123", "administrator", "sunshine", "princess1", "football1", "baseball",
    "trustno1", "dragon12", "monkey123", "master12", "superman", "starwars", "whatever", "computer", "changeme",
    "changeme!", "11111111", "aaaaaaaa", "00000000", "abababab", "abcabcabc", "12121212", "testtest", "ollama123",
    "ｐａｓｓｗｏｒｄ", "!!password!!", "пароль123", "qazwsxedc",
]  # fmt: skip
GOOD = [
    PASSWORD,
    "correct horse battery staple",
    "Tr0mbone-kettle",
    "8 cups of tea",
    "密码不是茶壶里的风",
    "x9$Lq2!v",
    "p" + "q" * 63 + "z",
]


@pytest.mark.parametrize("password", COMMON)
def test_what_everybody_guesses_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused) as refusal:
        check_password(password, "Ada")
    assert refusal.value.flaw == PasswordFlaw.COMMON


@pytest.mark.parametrize("password", GOOD)
def test_anything_else_is_taken(password: str) -> None:
    check_password(password, "Ada")


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("Ada Lovelace", "Ada Lovelace"), ("adalovelace", "Ada Lovelace"), ("Lovelace1815", "Ada Lovelace"),
        ("samovar1", "Ada"), ("SamovarSamovar", "Ada"), ("samovar2026!", "Ada"), ("lovelace-lovelace", "lovelace"),
    ],
)  # fmt: skip
def test_names_are_no_passwords(password: str, name: str) -> None:
    with pytest.raises(PasswordRefused) as refusal:
        check_password(password, name)
    assert refusal.value.flaw == PasswordFlaw.NAME


@pytest.mark.parametrize("password", ["", "a", "short 1", "\u0301" * 7, "茶" * 7])
def test_short_ones_are_refused(password: str) -> None:
    with pytest.raises(PasswordRefused) as refusal:
        check_password(password, "Ada")
    assert refusal.value.flaw == PasswordFlaw.TOO_SHORT


def test_long_ones_are_welcome_up_to_a_kilobyte() -> None:
    sentence = "The kettle sings at noon. " * 40
    check_password(sentence[:1_024], "Ada")
    for password in (sentence[:1_025], "茶壶" * 171):
        with pytest.raises(PasswordRefused) as refusal:
            check_password(password, "Ada")
        assert refusal.value.flaw == PasswordFlaw.TOO_LONG


@given(st.text(max_size=80))
def test_a_password_is_the_same_however_it_was_composed(password: str) -> None:
    assert read_password(unicodedata.normalize("NFD", password)) == read_password(password)


@given(st.text(st.characters(), max_size=1_100), st.text(max_size=70))
def test_any_text_is_taken_or_refused(password: str, name: str) -> None:
    try:
        check_password(password, name)
    except PasswordRefused:
        return
    assert len(read_password(password)) >= 8


@given(st.text(st.characters(), max_size=300))
def test_a_name_is_refused_or_stays_as_it_is(text: str) -> None:
    try:
        name = clean_name(text)
    except NameRefused:
        return
    assert clean_name(name) == name
    assert 0 < len(name) <= 64
    assert name.isprintable() or "\u200c" in name or "\u200d" in name
    assert fold(name) == fold(text)


@given(st.text(st.characters(), max_size=300))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "name",
    ["", " ", "a" * 65, "a\u202eb", "a\u0000b", "\ud800", "a\u200bb", "\ufeffada", "a\u2066b", "\ue000", "a\ufffdb"],
)
def test_names_that_nobody_can_read_are_refused(name: str) -> None:
    with pytest.raises(NameRefused):
        clean_name(name)


def test_names_are_the_same_in_any_case_width_and_spacing() -> None:
    assert clean_name("  Ada \n Lovelace ") == "Ada Lovelace"
    assert fold("ADA  lovelace") == fold("Ａｄａ Lovelace") == fold("ada lovelace\n")
    assert fold("Straße") == fold("STRASSE")


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest_asyncio.fixture
async def passwords(hasher: CountingHasher) -> Passwords:
    return Passwords(hasher)


async def test_the_hash_is_argon2id_at_the_figures_of_owasp() -> None:
    passwords = Passwords()
    kept = await passwords.hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert kept != await passwords.hash(PASSWORD)
    assert await passwords.verify(PASSWORD, kept) == Verdict(right=True)
    assert await passwords.verify(PASSWORD + "!", kept) == Verdict(right=False)
    passwords.close()


async def test_nobody_is_compared_with_for_as_long_as_somebody(passwords: Passwords, hasher: CountingHasher) -> None:
    kept = await passwords.hash(PASSWORD)
    await passwords.prepare()
    for password, known in ((PASSWORD, None), ("wrong", kept), (PASSWORD, kept), ("x" * 2_000, kept), ("\ud800", None)):
        hasher.asked.clear()
        verdict = await passwords.verify(password, known)
        assert verdict.right == (password == PASSWORD and known is not None)
        assert hasher.asked == {"verify": 1}


async def test_a_hash_of_other_parameters_is_made_anew(passwords: Passwords) -> None:
    kept = CountingHasher(memory_kib=32).hash(PASSWORD.encode())
    assert (await passwords.verify("wrong one", kept)).new_hash is None
    verdict = await passwords.verify(PASSWORD, kept)
    assert verdict.right
    assert verdict.new_hash is not None
    assert await passwords.verify(PASSWORD, verdict.new_hash) == Verdict(right=True)


@pytest.mark.parametrize("kept", ["nonsense", "$argon2id$v=19$m=64,t=1,p=1$short", "$2b$12$abcdefghijklmnopqrstuv"])
async def test_a_hash_that_cannot_be_read_fits_nothing(passwords: Passwords, kept: str) -> None:
    assert await passwords.verify(PASSWORD, kept) == Verdict(right=False)


class HeldHasher(Argon2Hasher):
    """Holds every hash until it is let go, and knows how many ran at once."""

    def __init__(self) -> None:
        super().__init__(memory_kib=64, passes=1)
        self.go_on = threading.Event()
        self.running = self.most = 0
        self._lock = threading.Lock()

    def hash(self, password: bytes) -> str:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        assert self.go_on.wait(timeout=60)
        with self._lock:
            self.running -= 1
        return super().hash(password)


async def test_two_hash_at_once_some_wait_and_the_rest_come_back_later() -> None:
    hasher = HeldHasher()
    passwords = Passwords(hasher, most_waiting=8)
    hashing = [asyncio.create_task(passwords.hash(PASSWORD)) for _ in range(8)]
    await asyncio.sleep(0)  # the tasks hand in their passwords
    with pytest.raises(TooManyTries):
        await passwords.hash(PASSWORD)
    hasher.go_on.set()
    assert len(set(await asyncio.gather(*hashing))) == 8
    assert hasher.most <= 2
    assert await passwords.hash(PASSWORD)
    passwords.close()
