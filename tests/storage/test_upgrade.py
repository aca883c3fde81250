"""The schema is brought up to date in one piece, or the database is left alone."""

from __future__ import annotations

import asyncio
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from storage.accounts import ensure_account
from storage.conversations import create_conversation
from storage.database import Database
from storage.directory import DataDirectory
from storage.engines import sqlite_module, upgrade_engine
from storage.errors import SchemaTooNew, UpgradeFailed
from storage.messages import add_message
from storage.tables import Message, Table
from storage.upgrade import VERSIONS, newest_revision, upgrade
from tests.storage.conftest import NOON

# Rebuilds the table that others point at, as any change of a column does on SQLite.
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "{newest}"


def upgrade():
    with op.batch_alter_table("conversation") as batch:
        batch.add_column(sa.Column("colour", sa.String(), nullable=False, server_default="brass"))
        batch.alter_column("title", existing_type=sa.String(), type_=sa.Text())
    {also}
"""


def later_versions(folder: Path, also: str = "") -> Path:
    versions = folder / "versions"
    shutil.copytree(VERSIONS, versions, ignore=shutil.ignore_patterns("__pycache__"))
    (versions / "0099_next.py").write_text(NEXT.format(newest=newest_revision(), also=also))
    return versions


def noon() -> datetime:
    return NOON


def asked(directory: Path, query: str) -> list[Any]:
    with closing(sqlite_module().connect(directory / "samovar.db")) as driver:
        rows: list[Any] = driver.execute(query).fetchall()
        return rows


@pytest_asyncio.fixture
async def filled(directory: Path) -> Path:
    """A database of this version with a message in it, closed."""
    database = await Database.open(directory)
    account = await database.write(lambda session: ensure_account(session, "ada", "admin", NOON))
    conversation = await database.write(lambda session: create_conversation(session, account.id, "Tea", NOON))
    message = Message(conversation_id=conversation.id, role="user", content="How many?", created_at=NOON)
    await database.write(lambda session: add_message(session, message))
    await database.close()
    return directory


def is_a_model(name: str | None, _kind: str, _parents: object) -> bool:
    """The tables of the full-text index are SQLite's own."""
    return not (name or "").startswith("searchindex")


def test_models_and_migrations_agree(directory: Path) -> None:
    data = DataDirectory(directory)
    data.prepare()
    upgrade(data, noon)
    engine = upgrade_engine(data.database)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": is_a_model}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Table.metadata)
    engine.dispose()
    assert differences == []


def test_revisions_carry_the_number_of_their_file() -> None:
    for file in VERSIONS.glob("[0-9]*.py"):
        assert f'revision = "{file.name[:4]}"' in file.read_text()


def test_an_upgrade_keeps_the_rows_and_a_backup(filled: Path, tmp_path: Path) -> None:
    upgrade(DataDirectory(filled), noon, later_versions(tmp_path))
    assert asked(filled, "SELECT title, colour FROM conversation") == [("Tea", "brass")]
    assert asked(filled, "SELECT content FROM message") == [("How many?",)]
    assert asked(filled, "SELECT version_num FROM alembic_version") == [("0099",)]
    (backup,) = (filled / "backups").iterdir()
    assert backup.name == "samovar-20261123T120000.000000Z-upgrade.db"
    with closing(sqlite_module().connect(backup)) as driver:
        assert driver.execute("SELECT version_num FROM alembic_version").fetchone() == (newest_revision(),)
        assert driver.execute("SELECT content FROM message").fetchall() == [("How many?",)]


def test_a_new_database_has_nothing_to_back_up(directory: Path) -> None:
    data = DataDirectory(directory)
    data.prepare()
    upgrade(data, noon)
    assert list(data.backups.iterdir()) == []


def days() -> Iterator[datetime]:
    for day in range(100):
        yield NOON + timedelta(days=day)


def test_five_backups_are_kept(filled: Path, tmp_path: Path) -> None:
    versions = later_versions(tmp_path, also='raise RuntimeError("half way")')
    each_day = days()
    for _ in range(7):
        with pytest.raises(UpgradeFailed):
            upgrade(DataDirectory(filled), lambda: next(each_day), versions)
    kept = sorted(file.name[:16] for file in (filled / "backups").iterdir())
    assert kept == [f"samovar-202611{day}" for day in (25, 26, 27, 28, 29)]


@pytest.mark.parametrize(
    ("also", "why"),
    [
        ('raise RuntimeError("half way")', "half way"),
        ('op.execute("INSERT INTO nowhere VALUES (1)")', "no such table: nowhere"),
        ('op.execute("DELETE FROM account")', "a row in conversation that points at nothing"),
    ],
)
def test_a_failed_upgrade_changes_nothing(filled: Path, tmp_path: Path, also: str, why: str) -> None:
    before = asked(filled, "SELECT sql FROM sqlite_master")
    with pytest.raises(UpgradeFailed, match=why) as failure:
        upgrade(DataDirectory(filled), noon, later_versions(tmp_path, also))
    assert failure.value.backup_path is not None
    assert failure.value.backup_path.exists()
    assert asked(filled, "SELECT sql FROM sqlite_master") == before
    assert asked(filled, "SELECT name FROM account") == [("ada",)]


async def deaths_in(directory: Path, versions: Path, stride: int) -> int:
    arguments = ("-m", "tests.storage.programs", "upgrade_and_die", str(directory), str(versions), str(stride))
    program = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE)
    output, _ = await program.communicate()
    assert program.returncode == 0
    return int(output)


# Every statement takes a while; one in six is the same promise sampled.
STRIDES = [pytest.param(6, id="sampled"), pytest.param(1, id="every", marks=pytest.mark.long)]


@pytest.mark.parametrize("stride", STRIDES)
async def test_an_upgrade_killed_at_any_statement_runs_again(filled: Path, tmp_path: Path, stride: int) -> None:
    assert await deaths_in(filled, later_versions(tmp_path), stride) >= 12 // stride
    assert asked(filled, "SELECT title, colour FROM conversation") == [("Tea", "brass")]
    assert asked(filled, "SELECT content FROM message") == [("How many?",)]
    assert asked(filled, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("stride", STRIDES)
async def test_a_first_start_killed_at_any_statement_runs_again(directory: Path, stride: int) -> None:
    DataDirectory(directory).prepare()
    assert await deaths_in(directory, VERSIONS, stride) >= 24 // stride
    database = await Database.open(directory)
    await database.probe()
    await database.close()


async def test_a_newer_schema_is_refused_and_left_alone(filled: Path, tmp_path: Path) -> None:
    upgrade(DataDirectory(filled), noon, later_versions(tmp_path))
    with pytest.raises(SchemaTooNew) as refusal:
        await Database.open(filled)
    assert (refusal.value.found, refusal.value.known) == ("0099", newest_revision())
    assert asked(filled, "SELECT colour FROM conversation") == [("brass",)]


async def test_two_new_databases_of_one_process_are_made_at_the_same_time(tmp_path: Path) -> None:
    opened = await asyncio.gather(*(Database.open(tmp_path / name) for name in ("one", "two", "three")))
    for database in opened:
        assert await database.read(lambda session: session.get(Message, uuid4())) is None
        await database.close()
