"""Hashing passwords: argon2id, off the event loop, at the same pace whether there is such a name or not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from chatui.accounts.password_rules import LONGEST_BYTES, read_password
from chatui.domain.errors import PasswordRefused, TooManyTries

T = TypeVar("T")

log = logging.getLogger(__name__)
THREADS: Final = 2
MOST_WAITING: Final = 64
_COME_BACK: Final = timedelta(seconds=2)


class Hasher(Protocol):
    """A slow hash with its parameters."""

    def hash(self, password: bytes) -> str:
        """Hash a password with a salt of its own. Blocks."""
        ...

    def verify(self, kept: str, password: bytes) -> bool:
        """Tell whether a password is the one that was hashed. Blocks for as long whatever the answer."""
        ...

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than a new one would be."""
        ...


class Argon2Hasher:
    """argon2id as OWASP advises: 19 MiB, two passes, one lane; some 20 ms."""

    def __init__(self, memory_kib: int = 19 * 1024, passes: int = 2) -> None:
        self._argon2 = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)

    def hash(self, password: bytes) -> str:
        """See `Hasher`."""
        return self._argon2.hash(password)

    def verify(self, kept: str, password: bytes) -> bool:
        """See `Hasher`. A hash that cannot be read fits nothing."""
        try:
            return self._argon2.verify(kept, password)
        except InvalidHashError:
            log.error("an account has a password hash that cannot be read")  # noqa: TRY400 - the trace tells no more
            return False
        except Argon2Error:
            return False

    def is_outdated(self, kept: str) -> bool:
        """See `Hasher`."""
        return self._argon2.check_needs_rehash(kept)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right; `new_hash` is to be kept when the old one's parameters are outdated."""

    right: bool
    new_hash: str | None = None


class Passwords:
    """Hashes in at most two threads: what many people ask at once must not take the machine from the model."""

    def __init__(self, hasher: Hasher | None = None, most_waiting: int = MOST_WAITING) -> None:
        self._hasher = hasher or Argon2Hasher()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._most_waiting = most_waiting
        self._waiting = 0
        self._nobodys_hash: str | None = None

    async def hash(self, password: str) -> str:
        """Hash a password that was checked; raises TooManyTries when too many wait for theirs."""
        read = read_password(password)
        return await self._off_the_loop(lambda: self._hasher.hash(read))

    async def verify(self, password: str, kept: str | None) -> Verdict:
        """Compare a password with a kept hash, or for as long with nothing where there is none.

        Raises TooManyTries when too many wait for theirs.
        """
        try:
            read = read_password(password)
        except PasswordRefused:
            read, kept = password[:LONGEST_BYTES].encode("utf-8", "replace"), None
        compared_with = kept or await self._hash_of_nobody()
        return await self._off_the_loop(lambda: self._compare(read, compared_with, kept))

    async def prepare(self) -> None:
        """Make what unknown names are compared with, so that the first of them takes no longer than others."""
        await self._hash_of_nobody()

    def close(self) -> None:
        """End the threads; blocks until the hash of the moment is done."""
        self._threads.shutdown()

    def _compare(self, password: bytes, compared_with: str, kept: str | None) -> Verdict:
        right = self._hasher.verify(compared_with, password) and kept is not None
        outdated = right and self._hasher.is_outdated(compared_with)
        return Verdict(right, self._hasher.hash(password) if outdated else None)

    async def _hash_of_nobody(self) -> str:
        if self._nobodys_hash is None:
            self._nobodys_hash = await self._off_the_loop(lambda: self._hasher.hash(b""))
        return self._nobodys_hash

    async def _off_the_loop(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._most_waiting:
            raise TooManyTries(_COME_BACK)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
