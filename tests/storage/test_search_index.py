"""The full-text index holds what is in the tables: after an upgrade, and after whatever is done to them."""

from __future__ import annotations

import asyncio
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.database import Database
from storage.directory import DataDirectory
from storage.engines import sqlite_module
from storage.search import search_messages
from storage.search_index import follow_tables, scoped_words
from storage.upgrade import VERSIONS, newest_revision, upgrade
from tests.storage.conftest import NOON

ADA, BOB, TEA, KETTLES = "a" * 32, "b" * 32, "c" * 32, "d" * 32
BEFORE_SEARCH = f"""
INSERT INTO account (id, name, role, created_at, state) VALUES
    ('{ADA}', 'ada', 'admin', '2026-11-01 12:00:00', 'active'),
    ('{BOB}', 'bob', 'member', '2026-11-01 12:00:00', 'active');
INSERT INTO conversation (id, account_id, title, created_at, updated_at) VALUES
    ('{TEA}', '{ADA}', 'About leaves', '2026-11-01 12:00:00.000000', '2026-11-01 12:00:00.000000'),
    ('{KETTLES}', '{BOB}', 'Kettles', '2026-11-01 12:00:00.000000', '2026-11-01 12:00:00.000000');
INSERT INTO message (id, conversation_id, role, state, left_out, attempt, created_at, content, thinking) VALUES
    ('{"1" * 32}', '{TEA}', 'user', 'complete', 0, 0, '2026-11-02 12:00:00.000000', 'Which leaves are oolong?', ''),
    ('{"2" * 32}', '{TEA}', 'assistant', 'streaming', 0, 1, '2026-11-02 12:00:01.000000', 'Half of oolong', ''),
    ('{"3" * 32}', '{KETTLES}', 'user', 'complete', 0, 0, '2026-11-01 12:00:00.000000', 'oolong 喝茶', '');
"""
EXPECTED = {("About leaves", ADA), ("Which leaves are oolong?", ADA), ("Kettles", BOB), ("oolong 喝茶", BOB)}
REBUILD = """
import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "{newest}"


def upgrade():
    for table in ("account", "conversation", "message"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("colour", sa.String(), nullable=False, server_default="brass"))
            batch.alter_column("created_at", existing_type=sa.DateTime(), type_=sa.Text())
"""


def upgraded(directory: Path, versions: Path = VERSIONS) -> DataDirectory:
    data = DataDirectory(directory)
    data.prepare()
    upgrade(data, lambda: NOON, versions)
    return data


def before_search(tmp_path: Path) -> DataDirectory:
    """A database of the last revision without search, with something in it."""
    versions = tmp_path / "before"
    versions.mkdir()
    for file in VERSIONS.glob("000[123]_*.py"):
        shutil.copy(file, versions)
    data = upgraded(tmp_path / "data", versions)
    with closing(sqlite_module().connect(data.database)) as driver:
        driver.executescript(BEFORE_SEARCH)
    return data


def words_of(*texts: tuple[str, str]) -> set[str]:
    """The words of texts and their accounts, as the index keeps them."""
    return {word for text, account in texts for word in scoped_words(account[:12], text.encode()).split()}


def words_kept(driver: Any) -> set[str]:
    driver.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, searchindex, row)")
    return {term for (term,) in driver.execute("SELECT term FROM vocabulary")}


def words_in_file(data: DataDirectory) -> set[str]:
    with closing(sqlite_module().connect(data.database)) as driver:
        return words_kept(driver)


def test_an_upgrade_indexes_what_is_there(tmp_path: Path) -> None:
    before_search(tmp_path)
    assert words_in_file(upgraded(tmp_path / "data")) == words_of(*EXPECTED)


async def test_what_was_there_is_found_newest_first(tmp_path: Path) -> None:
    database = await Database.open(before_search(tmp_path).database.parent)
    hits = await database.read(lambda session: search_messages(session, UUID(ADA), "leaves", 9))
    assert ["".join(hit.excerpt) for hit in hits] == ["Which leaves are oolong?", "About leaves"]
    await database.close()


@pytest.mark.parametrize("stride", [6, pytest.param(1, marks=pytest.mark.broad)])
async def test_that_upgrade_killed_at_any_statement_runs_again(tmp_path: Path, stride: int) -> None:
    data = before_search(tmp_path)
    arguments = ("-m", "tests.storage.programs", "upgrade_and_die", str(data.database.parent), str(VERSIONS))
    program = await asyncio.create_subprocess_exec(sys.executable, *arguments, str(stride), stdout=PIPE)
    output, _ = await program.communicate()
    assert program.returncode == 0
    assert int(output) >= 6 // stride
    assert words_in_file(data) == words_of(*EXPECTED)


def test_tables_that_a_later_upgrade_rebuilds_are_followed_still(tmp_path: Path) -> None:
    data, versions = before_search(tmp_path), tmp_path / "later"
    shutil.copytree(VERSIONS, versions, ignore=shutil.ignore_patterns("__pycache__"))
    (versions / "0099_rebuild.py").write_text(REBUILD.format(newest=newest_revision()))
    upgraded(tmp_path / "data", versions)
    with connected(data.database) as driver:
        driver.execute(f"UPDATE conversation SET title = 'Pots' WHERE id = '{KETTLES}'")
        driver.execute(f"DELETE FROM conversation WHERE id = '{TEA}'")
        assert words_kept(driver) == words_of(("Pots", BOB), ("oolong 喝茶", BOB))


@contextmanager
def connected(file: Path | str) -> Iterator[Any]:
    """A connection that does what the writer's does."""
    with closing(sqlite_module().connect(file, isolation_level=None)) as driver:
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute("PRAGMA secure_delete = ON")
        follow_tables(driver)
        yield driver


STATES = ("waiting", "streaming", "complete", "stopped", "interrupted", "failed", "limited")
texts = st.lists(st.sampled_from(["tea", "teapot", "Samovar", "喝茶", "茶时间", "?"]), max_size=3).map(" ".join)
changes = st.one_of(
    st.tuples(st.just("add"), st.integers(0, 3), texts, st.sampled_from(STATES)),
    st.tuples(st.just("change"), st.integers(0, 9), texts, st.sampled_from(STATES)),
    st.tuples(st.just("rename"), st.integers(0, 3), texts),
    st.tuples(st.just("delete"), st.sampled_from(["message", "conversation"]), st.integers(0, 9)),
    st.tuples(st.sampled_from(["keep", "undo"])),
)
"""What is done: to a message or a conversation, by its number; then all since the last is kept or undone."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two people with two conversations each, in a database to be copied."""
    with connected(upgraded(tmp_path_factory.mktemp("empty")).database) as driver:
        yield driver


def apply(driver: Any, change: tuple[Any, ...], moment: str) -> None:
    match change:
        case "add", conversation, text, state:
            driver.execute(
                "INSERT INTO message"
                " (id, conversation_id, role, state, left_out, attempt, created_at, content, thinking)"
                " SELECT (SELECT count(*) FROM message), id, 'user', ?, 0, 0, ?, ?, '' FROM conversation"
                " WHERE id = ? ON CONFLICT DO NOTHING",
                (state, moment, text, str(conversation)),
            )
        case "change", message, text, state:
            driver.execute("UPDATE message SET content = ?, state = ? WHERE id = ?", (text, state, str(message)))
        case "rename", conversation, text:
            driver.execute("UPDATE conversation SET title = ? WHERE id = ?", (text, str(conversation)))
        case "delete", table, number:
            driver.execute(f"DELETE FROM {table} WHERE id = ?", (str(number),))
        case (end,):
            driver.execute("COMMIT" if end == "keep" else "ROLLBACK")
            driver.execute("BEGIN")


def words_expected(driver: Any) -> set[str]:
    messages = driver.execute(
        "SELECT content, account_id FROM message JOIN conversation ON conversation.id = conversation_id"
        " WHERE state NOT IN ('waiting', 'streaming')"
    )
    titles = driver.execute("SELECT title, account_id FROM conversation")
    return words_of(*messages.fetchall(), *titles.fetchall())


@given(st.lists(changes, max_size=30))
def test_the_index_follows_whatever_is_done(empty: Any, done: list[tuple[Any, ...]]) -> None:
    with closing(sqlite_module().connect(":memory:", isolation_level=None)) as driver:
        empty.backup(driver)
        driver.execute("PRAGMA foreign_keys = ON")
        follow_tables(driver)
        people = [(account * 32, account) for account in "ab"]
        driver.executemany("INSERT INTO account (id, name, role, created_at) VALUES (?, ?, 'member', '')", people)
        driver.executemany(
            "INSERT INTO conversation (id, account_id, title, created_at, updated_at) VALUES (?, ?, 'new', ?, '')",
            [(str(number), "ab"[number % 2] * 32, "2026-11-23 12:00:00") for number in range(4)],
        )
        driver.execute("BEGIN")
        for number, change in enumerate(done):
            apply(driver, change, f"2026-11-{1 + number % 5:02} 12:00:00")
        assert words_kept(driver) == words_expected(driver)
        driver.execute("COMMIT")
        assert driver.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (entries,) = driver.execute("SELECT count(*) FROM searchentry").fetchone()
        assert entries == entries_expected(driver)


def entries_expected(driver: Any) -> int:
    count = (
        "SELECT (SELECT count(*) FROM conversation) + (SELECT count(*) FROM message"
        " WHERE state NOT IN ('waiting', 'streaming') AND content <> '')"
    )
    (expected,) = driver.execute(count).fetchone()
    return int(expected)
