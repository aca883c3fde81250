"""A database from before there were accounts keeps everything, and lets nobody in."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from storage.directory import DataDirectory
from storage.engines import sqlite_module
from storage.upgrade import VERSIONS, upgrade
from tests.support.accounts import HOME, NOON, PASSWORD, open_office

LOCAL, TEA, QUESTION = "0" * 31 + "1", "0" * 31 + "2", "0" * 31 + "3"
ROWS = f"""
INSERT INTO account VALUES ('{LOCAL}', 'local', 'admin', '2026-11-01 12:00:00');
INSERT INTO conversation VALUES
    ('{TEA}', '{LOCAL}', 'Tea', NULL, NULL, '2026-11-01 12:00:00', '2026-11-01 12:00:00');
INSERT INTO message (id, conversation_id, role, state, left_out, attempt, created_at, content, thinking) VALUES
    ('{QUESTION}', '{TEA}', 'user', 'complete', 0, 0, '2026-11-01 12:00:00', 'How many cups?', '');
"""


def before_accounts(tmp_path: Path) -> Path:
    """A database of revision 0002 with the local person's conversation in it."""
    versions = tmp_path / "versions"
    versions.mkdir()
    for file in ("0001_first.py", "0002_turns.py"):
        shutil.copy(VERSIONS / file, versions / file)
    data = DataDirectory(tmp_path / "data")
    data.prepare()
    upgrade(data, lambda: NOON, versions)
    with closing(sqlite_module().connect(data.database)) as driver:
        driver.execute("PRAGMA foreign_keys = ON")
        driver.executescript(ROWS)
    return tmp_path / "data"


def asked(directory: Path, query: str) -> Sequence[Any]:
    with closing(sqlite_module().connect(directory / "samovar.db")) as driver:
        rows: Sequence[Any] = driver.execute(query).fetchall()
        return rows


async def test_what_was_there_stays_and_goes_to_the_first_admin(tmp_path: Path) -> None:
    directory = before_accounts(tmp_path)
    async with open_office(directory) as office:
        code = await office.accounts.service.first_admin_code()
        assert code is not None
        ada = await office.principal(await office.accounts.service.claim_first_admin(code, "Ada", PASSWORD, HOME))
        document = "".join([piece async for piece in office.accounts.own.export(ada)])
        assert "How many cups?" in document
    assert asked(directory, "SELECT name, role, state, group_id FROM account") == [("Ada", "admin", "active", None)]
    assert asked(directory, "SELECT content FROM message") == [("How many cups?",)]


async def test_the_rebuilt_table_is_still_what_others_point_at(tmp_path: Path) -> None:
    directory = before_accounts(tmp_path)
    async with open_office(directory):
        pass
    assert asked(directory, "PRAGMA foreign_key_check") == []
    for table in ("conversation", "job", "accountsession", "tokenusage"):
        keys = asked(directory, f"PRAGMA foreign_key_list({table})")
        assert [(key[2], key[6]) for key in keys if key[3] == "account_id"] == [("account", "CASCADE")]
    with closing(sqlite_module().connect(directory / "samovar.db")) as driver:
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute("DELETE FROM account")
        assert driver.execute("SELECT count(*) FROM message").fetchone() == (0,)
