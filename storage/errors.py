"""What can go wrong with the store, each error naming the file and the way out.

StoreError
├── NewerStore      written by a newer presswatch
├── CorruptStore    damaged, or no database of presswatch
├── ReadOnlyStore   the file or its folder cannot be written
├── FullStore       the disk is full
└── LockedStore     another program kept it locked for too long
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class StoreError(Exception):
    """The store could not do what was asked; nothing of it was written."""


class NewerStore(StoreError):  # noqa: N818  the base says that it is an error
    """The database was written by a newer presswatch."""


class CorruptStore(StoreError):  # noqa: N818  the base says that it is an error
    """The database is damaged, or is none of presswatch's."""


class ReadOnlyStore(StoreError):  # noqa: N818  the base says that it is an error
    """The database, or the folder it lies in, cannot be written."""


class FullStore(StoreError):  # noqa: N818  the base says that it is an error
    """The disk has no room left for the database."""


class LockedStore(StoreError):  # noqa: N818  the base says that it is an error
    """Another program kept the database locked for longer than the wait."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turns SQLite's errors inside the block into a `StoreError` that names `path` and the way out.

    Programming errors (a closed connection, a wrong number of values) pass as they are.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise fault_of(path, error) from error


def fault_of(path: Path, error: sqlite3.Error) -> StoreError | sqlite3.ProgrammingError:
    """What to raise for an error of SQLite: as `told` does."""
    return error if isinstance(error, sqlite3.ProgrammingError) else _translated(path, error)


def damaged(path: Path, what: str) -> CorruptStore:
    """The error for a database whose content cannot be relied on; `what` is the fault that was found."""
    return CorruptStore(
        f"{path} is damaged ({what}): stop presswatch, move the file aside with its -wal and -shm files and put a copy "
        f"back, or save what can be read with: sqlite3 {path} .recover | sqlite3 recovered.db"
    )


def foreign(path: Path, what: str) -> CorruptStore:
    """The error for a file that is something else than a presswatch database; `what` says what it is."""
    return CorruptStore(f"{path} {what}: move that file away, or name another data_dir")


def unwritable(path: Path, what: str) -> ReadOnlyStore:
    """The error for a file or folder without leave to write; `what` is the system's own word."""
    return ReadOnlyStore(
        f"{path} cannot be written ({what}): give this user leave to write the file and the folder it lies in "
        "(SQLite needs both, even to read), or name another data_dir"
    )


_DISK = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR})
_LEAST_BYTES = 64 * 1024  # of room: a shared-memory file has 32 KiB, a page of the journal 4


def _full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _LEAST_BYTES
    except OSError:
        return False


def _translated(path: Path, error: sqlite3.Error) -> StoreError:
    """SQLite's error in the words of the store, by its primary result code (sqlite.org/rescode.html)."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _DISK and _full(path):  # even a reader needs room, for the file that it shares with the writer
        code = sqlite3.SQLITE_FULL
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT}:
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_NOTADB:
        return foreign(path, "is no SQLite database")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return unwritable(path, str(error))
    if code == sqlite3.SQLITE_FULL:
        return FullStore(f"{path} cannot grow ({error}): free some space on its disk, then try again")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return LockedStore(
            f"{path} is kept locked ({error}): close the other program that writes to it "
            "(a second presswatch, a database browser), then try again"
        )
    if code == sqlite3.SQLITE_IOERR:
        return StoreError(f"{path} could not be read or written ({error}): look at its disk, then try again")
    return StoreError(f"{path} refused ({error}): presswatch verify tells whether it is intact")
