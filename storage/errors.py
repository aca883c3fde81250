"""Everything that can go wrong with what is kept, as one tree.

    StorageError                  the root; itself only for what is in no table
    ├── Conflict                  the rows contradict a rule of the schema: unique, foreign key, not null
    ├── DiskFull                  nothing more can be written until space is free again
    ├── DiskFailed                the disk refused a read or a write
    ├── ReadOnly                  the file or its directory cannot be written
    ├── DatabaseLocked            another program held the database for longer than we wait
    ├── DatabaseDamaged           the file is not a whole database
    ├── DatabaseClosed            asked after `close()`
    ├── ReadTooLong               the read held its snapshot for longer than a read may
    ├── SchemaTooNew              the file was written by a later version
    ├── DataDirectoryUnusable     the directory cannot be made or used
    ├── AlreadyRunning            another instance uses the directory
    └── UpgradeFailed             the schema stays as it was; a backup is kept

No error of the driver, of SQLAlchemy or of Alembic gets past this package.
"""

from __future__ import annotations

from pathlib import Path


class StorageError(Exception):
    """The root of the tree. `str(error)` is one sentence."""


class Conflict(StorageError):
    """The rows contradict a rule of the schema; nothing of this write was kept."""


class DiskFull(StorageError):
    """The disk has no room; nothing of this write was kept, and writing works again once there is room."""


class DiskFailed(StorageError):
    """The disk refused a read or a write; nothing of this write was kept."""


class ReadOnly(StorageError):
    """The database cannot be written; nothing of this write was kept."""


class DatabaseLocked(StorageError):
    """Another program held the database for longer than we wait; nothing of this write was kept."""


class DatabaseDamaged(StorageError):
    """The file is not a whole database."""


class DatabaseClosed(StorageError):
    """The database was closed before it was asked."""


class ReadTooLong(StorageError):
    """The read was ended: while it holds its snapshot, the log of the writes cannot shrink."""


class SchemaTooNew(StorageError):
    """The file has revision `found`, written by a later version; this one knows up to `known`."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(f"The database has schema {found}, this version knows up to {known}: install a newer version.")
        self.found = found
        self.known = known


class DataDirectoryUnusable(StorageError):
    """The directory at `path` cannot be made or used; `why` is the system's word."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The data directory {path} cannot be used: {why}.")
        self.path = path
        self.why = why


class AlreadyRunning(StorageError):
    """Another instance uses the directory at `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"Another instance already uses the data directory {path}.")
        self.path = path


class UpgradeFailed(StorageError):
    """The schema could not be upgraded and stays as it was. `backup_path` is None when there was nothing to back up."""

    def __init__(self, backup_path: Path | None, why: str) -> None:
        kept = f"; the backup before it is {backup_path}" if backup_path else ""
        super().__init__(f"The database could not be upgraded: {why}{kept}.")
        self.backup_path = backup_path
        self.why = why
