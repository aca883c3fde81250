"""How long one person's search takes among a million messages of two hundred people; part of `benchmarks.storage`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from pathlib import Path
from uuid import UUID

from benchmarks.report import table, tell
from storage.database import Database, now_utc
from storage.directory import DataDirectory
from storage.engines import sqlite_module
from storage.search import search_messages
from storage.search_index import follow_tables
from storage.upgrade import upgrade

MESSAGES = 1_000_000
PEOPLE = 200
QUERIES_A_KIND = 60
PAGE = 20
A_CONVERSATION = 12
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=3 * 365)
COMMON = "the of and to in is you that it for on are with as this be at have from or by not what all can your if how"
SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]


class Falling:
    """Draws from `items` as people use words: the second half as often as the first, the third a third."""

    def __init__(self, rng: random.Random, items: Sequence[str]) -> None:
        self.items = items
        self._rng = rng
        self._weights = list(accumulate(1 / rank for rank in range(1, len(items) + 1)))

    def draw(self, count: int) -> list[str]:
        """Draw so many."""
        return self._rng.choices(self.items, cum_weights=self._weights, k=count)

    def among(self, first: int, last: int) -> str:
        """Draw one from the `first` to the `last` in the order of use."""
        return self._rng.choice(self.items[first:last])


@dataclass(frozen=True)
class Corpus:
    """What people say, and who says it: ids in hex."""

    english: Falling
    chinese: Falling
    texts: Sequence[str]
    people: Falling


def make_corpus(rng: random.Random) -> Corpus:
    """Make thirty thousand English words, ten thousand Chinese ones, and texts of them, a fifth Chinese."""
    made = dict.fromkeys("".join(rng.choices(SYLLABLES, k=rng.choice((2, 3, 3, 4)))) for _ in range(30_000))
    english = Falling(rng, [*dict.fromkeys(COMMON.split()), *made])
    characters = Falling(rng, [chr(0x4E00 + number) for number in rng.sample(range(0x5000), 3_000)])
    chinese = Falling(rng, ["".join(characters.draw(rng.choice((1, 2, 2, 2, 3)))) for _ in range(10_000)])
    texts = [_text(rng, chinese, "") if rng.random() < 0.2 else _text(rng, english, " ") for _ in range(20_000)]
    return Corpus(english, chinese, texts, Falling(rng, [UUID(int=rng.getrandbits(128)).hex for _ in range(PEOPLE)]))


def _text(rng: random.Random, words: Falling, between: str) -> str:
    return between.join(words.draw(min(800, 2 + int(rng.lognormvariate(3.2, 0.9)))))


def fill(directory: Path, corpus: Corpus, rng: random.Random, messages: int) -> None:
    """Make a database of so many messages, in the order of their time; the index follows as it does in the app."""
    data = DataDirectory(directory)
    data.prepare()
    upgrade(data, now_utc)
    with closing(sqlite_module().connect(data.database, isolation_level=None)) as driver:
        driver.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN")
        follow_tables(driver)
        people = [(person, str(number), str(BEGIN)) for number, person in enumerate(corpus.people.items)]
        driver.executemany("INSERT INTO account (id, name, role, created_at) VALUES (?, ?, 'member', ?)", people)
        said = list(_said(corpus, rng, messages))
        driver.executemany(
            "INSERT INTO conversation (id, account_id, title, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
            ((conversation, person, text[:60], at, at) for first, conversation, person, text, at in said if first),
        )
        driver.executemany(
            "INSERT INTO message (id, conversation_id, role, state, left_out, attempt, created_at, content, thinking)"
            " VALUES (?, ?, 'user', 'complete', 0, 0, ?, ?, '')",
            ((UUID(int=rng.getrandbits(128)).hex, where, at, text) for _, where, _, text, at in said),
        )
        driver.execute("COMMIT")


def _said(corpus: Corpus, rng: random.Random, messages: int) -> Iterator[tuple[bool, str, str, str, str]]:
    """Tell of each message whether it begins a conversation, which, whose, its text and its moment."""
    open_conversations: dict[str, str] = {}
    for number, person in enumerate(corpus.people.draw(messages)):
        first = person not in open_conversations or rng.random() < 1 / A_CONVERSATION
        if first:
            open_conversations[person] = UUID(int=rng.getrandbits(128)).hex
        at = str((BEGIN + SPAN * (number / messages)).replace(tzinfo=None))
        yield first, open_conversations[person], person, rng.choice(corpus.texts), at


def queries(corpus: Corpus) -> dict[str, list[str]]:
    """What is typed: whole words, words that are begun, several, and Chinese ones."""
    english, chinese = corpus.english, corpus.chinese
    kinds: dict[str, Callable[[], str]] = {
        "a rare word": lambda: english.among(3_000, 30_000) + " ",
        "a common word": lambda: english.among(0, 30) + " ",
        "both": lambda: f"{english.among(0, 30)} {english.among(30, 3_000)} ",
        "two letters": lambda: english.among(0, 300)[:2],
        "a word begun": lambda: english.among(30, 3_000)[:4],
        "a Chinese word": lambda: chinese.among(0, 3_000),
        "a Chinese character": lambda: chinese.among(0, 300)[:1],
        "two Chinese words": lambda: chinese.among(0, 300) + chinese.among(0, 300),
    }
    return {name: [typed() for _ in range(QUERIES_A_KIND)] for name, typed in kinds.items()}


async def search_times(directory: Path, corpus: Corpus) -> dict[str, list[float]]:
    """Ask each query for somebody, the talkative more often, one after the other; the seconds of each, by kind."""
    database = await Database.open(directory)
    try:
        return {
            kind: [await _time(database, corpus, typed) for typed in asked] for kind, asked in queries(corpus).items()
        }
    finally:
        await database.close()


async def _time(database: Database, corpus: Corpus, typed: str) -> float:
    (person,) = corpus.people.draw(1)
    start = time.perf_counter()
    await database.read(partial(search_messages, account_id=UUID(person), typed=typed, limit=PAGE))
    return time.perf_counter() - start


def quantile_ms(seconds: Sequence[float], quantile: float) -> float:
    """How long all but the slowest took."""
    return sorted(seconds)[int(len(seconds) * quantile)] * 1000


async def measure_search(directory: Path, messages: int = MESSAGES) -> dict[str, float]:
    """Build the messages in `directory`, search them, print a table, and give the figures for JSON."""
    rng = random.Random(7)
    corpus = make_corpus(rng)
    start = time.perf_counter()
    fill(directory, corpus, rng, messages)
    built = time.perf_counter() - start
    times = await search_times(directory, corpus)
    size = (directory / "samovar.db").stat().st_size
    title = f"{messages:,} messages of {PEOPLE} people, {size / 2**20:,.0f} MB, built in {built:.0f} s; pages of {PAGE}"
    tell(_table(title, times))
    return {"search_1m_p95_ms": round(quantile_ms([each for kind in times.values() for each in kind], 0.95), 2)}


def _table(title: str, times: Mapping[str, Sequence[float]]) -> str:
    rows = {kind: [f"{quantile_ms(seconds, q):.1f}" for q in (0.5, 0.95, 0.999)] for kind, seconds in times.items()}
    return table(title, ("p50 ms", "p95 ms", "max ms"), rows)
