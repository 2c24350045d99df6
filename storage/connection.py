"""One SQLite file, opened for writing or for reading only, with explicit transactions.

The connection never opens a transaction by itself (`isolation_level=None`): a write outside `transaction()` is refused.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from contextlib import contextmanager, nullcontext
from stat import S_ISREG
from typing import TYPE_CHECKING, TypeVar

from sqlite_utils import Database

from storage import schema
from storage.encoding import bound
from storage.errors import NewerStore, ReadOnlyStore, StoreError, damaged, fault_of, foreign, told, unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import TracebackType

    from storage.rows import Row

R = TypeVar("R")
T = TypeVar("T")

_AMONG = (1, 4, 16, 64, 256)  # texts asked for at a time, by `rows_among`
_HEADER_BYTES = 100  # sqlite.org/fileformat.html, section 1.3


class Connection:
    """A thin shell over one database: statements in, rows out, every SQLite error as a `StoreError`.

    It belongs to the thread that opened it.
    """

    def __init__(self, path: Path, db: Database, *, writes: bool) -> None:
        self.path = path
        self.writes = writes
        self._db = db
        self._conn: sqlite3.Connection = db.conn
        self._inside = False

    @classmethod
    def open(cls, path: Path, wait_s: float) -> Connection:
        """Opens `path` for writing, after a look at it that writes nothing; creates or migrates it."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(path, error.strerror or str(error)) from error
        if _is_there(path):
            # SQLite opens a file that it may not write for reading, and says so only at the first change
            if not _allowed(path, os.W_OK):
                raise unwritable(path, "Permission denied")
            cls._inspected(path, wait_s)[0].close()
        with told(path):
            db = _connected(path, "rwc", wait_s)
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute("PRAGMA journal_size_limit = 67108864")  # a WAL grown by a long read shrinks again to 64 MiB
                opened = cls(path, db, writes=True)
                with opened.transaction():
                    _judge(path, db)
                    opened.decoded(schema.migrate, [db])  # an older row that cannot be read is told as any other
            except BaseException:
                db.close()
                raise
        return opened

    @classmethod
    def read(cls, path: Path, wait_s: float) -> Connection:
        """Opens `path` for reading only; it must be there and of this presswatch's version."""
        if not _is_there(path):
            raise StoreError(f"{path} is not there yet: presswatch check (or presswatch run) makes it")
        opened, found = cls._inspected(path, wait_s)
        if found < schema.VERSION:
            opened.close()
            raise StoreError(
                f"{path} is of version {found}, this presswatch reads version {schema.VERSION}: "
                "presswatch check (or presswatch run) brings it up to date"
            )
        return opened

    @classmethod
    def _inspected(cls, path: Path, wait_s: float) -> tuple[Connection, int]:
        with told(path):
            db = _connected(path, "ro", wait_s)
            try:
                found = _judge(path, db)
            except BaseException:
                db.close()
                raise
        return cls(path, db, writes=False), found

    def close(self) -> None:
        """Closes the file; what was not committed is lost."""
        self._db.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing of the block; nests, an inner block that fails alone takes back only its own.

        A writer takes the write lock at once (BEGIN IMMEDIATE), so that what it reads inside still holds when it
        writes; a reader sees one unchanging state. Never `await` inside it: other tasks would write into it.
        """
        return self._part() if self._inside else _Block(self._begin, self._end)

    def snapshot(self) -> AbstractContextManager[None]:
        """One unchanging state for a block that only reads; the one writer sees that anyway."""
        return nullcontext() if self.writes else self.transaction()

    def _begin(self) -> None:
        with told(self.path):
            self._conn.execute("BEGIN IMMEDIATE" if self.writes else "BEGIN")
        self._inside = True

    def _end(self, *, failed: bool) -> None:
        with told(self.path):
            try:
                if not failed:
                    self._require_alive()
                    self._conn.execute("COMMIT")
            finally:
                self._inside = False
                self._db.rollback()  # what was not committed, where there is anything

    @contextmanager
    def _part(self) -> Iterator[None]:
        self._require_alive()
        with told(self.path), self._db.atomic():
            yield

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows of a query."""
        try:
            return self._execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise fault_of(self.path, error) from error

    def row(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        """The first row of a query, or None."""
        try:
            found: Row | None = self._execute(sql, parameters).fetchone()
        except sqlite3.Error as error:
            raise fault_of(self.path, error) from error
        return found

    def rows_among(self, sql: str, first: object, wanted: Iterable[str]) -> list[Row]:
        """All rows of a query that ends in `IN`, for each of the texts wanted; `first` is its first parameter.

        They are asked for in a few fixed numbers at a time, so that SQLite compiles few statements.
        """
        texts = list(dict.fromkeys(bound(wanted)))
        found: list[Row] = []
        at = 0
        while at < len(texts):
            size = next((size for size in _AMONG if len(texts) - at <= size), _AMONG[-1])
            some = texts[at : at + size]
            some += some[-1:] * (size - len(some))
            found += self.rows(f"{sql} ({', '.join('?' * size)})", [first, *some])
            at += size
        return found

    def number(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """The one number that a query gives."""
        found = self.row(sql, parameters)
        if found is None or found[0] is None:
            return 0
        return int(found[0])

    def records(self, decode: Callable[[Row], T], sql: str, parameters: Sequence[object] = ()) -> list[T]:
        """The rows of a query as records; a row that cannot be one is a `CorruptStore`."""
        return self.decoded(decode, self.rows(sql, parameters))

    def decoded(self, decode: Callable[[R], T], found: Iterable[R]) -> list[T]:
        """What `decode` makes of what was found; what it cannot read is a `CorruptStore`."""
        try:
            return [decode(row) for row in found]
        except (ValueError, TypeError, KeyError, zlib.error) as error:
            raise damaged(self.path, f"a row cannot be read: {error}") from error

    def write(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Executes one writing statement inside the open transaction: how many rows it touched."""
        self._require_transaction()
        try:
            return self._execute(sql, parameters).rowcount
        except sqlite3.Error as error:
            raise fault_of(self.path, error) from error

    def add(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Executes one inserting statement inside the open transaction: the number of the row it added."""
        self._require_transaction()
        try:
            return self._execute(sql, parameters).lastrowid or 0
        except sqlite3.Error as error:
            raise fault_of(self.path, error) from error

    def write_all(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Executes one writing statement for each row, inside the open transaction."""
        self._require_transaction()
        ready = [bound(row) for row in rows]
        if not ready:
            return
        try:
            self._conn.executemany(sql, ready)
        except sqlite3.Error as error:
            raise fault_of(self.path, error) from error

    def _execute(self, sql: str, parameters: Sequence[object]) -> sqlite3.Cursor:
        try:
            return self._conn.execute(sql, parameters)
        except UnicodeEncodeError:  # half a surrogate pair; nothing was executed
            return self._conn.execute(sql, bound(parameters))

    def _require_transaction(self) -> None:
        """Refuses a write that would be committed alone."""
        if not self.writes:
            raise ReadOnlyStore(f"{self.path} was opened for reading only: write to it through Store.open")
        if not self._inside:
            raise RuntimeError("written outside transaction()")
        self._require_alive()

    def _require_alive(self) -> None:
        """Refuses to go on after SQLite itself took the transaction back, as it may on a full disk."""
        if not self._conn.in_transaction:
            raise StoreError(f"{self.path}: this transaction was taken back after an error: nothing of it is written")


class _Block:
    """An outermost transaction; a class, because a visit opens several and generators cost more than what they do."""

    __slots__ = ("_begin", "_end")

    def __init__(self, begin: Callable[[], None], end: Callable[..., None]) -> None:
        self._begin, self._end = begin, end

    def __enter__(self) -> None:
        self._begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(failed=error is not None)


def _is_there(path: Path) -> bool:
    """Whether there is a file with something in it; `StoreError` where it may not be read or is no file.

    The file itself is not opened: to close it again would drop the locks that other connections of this process hold on
    it (sqlite.org/howtocorrupt.html, section 2.2).
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}): give this user leave to read it") from error
    if not S_ISREG(found.st_mode):
        raise foreign(path, "is a directory, or no file at all")
    if not _allowed(path, os.R_OK):
        raise StoreError(f"{path} cannot be read (Permission denied): give this user leave to read and write it")
    if 0 < found.st_size < _HEADER_BYTES:  # which SQLite would take for an empty database
        raise foreign(path, "is no SQLite database")
    return found.st_size > 0


def _allowed(path: Path, leave: int) -> bool:
    return os.access(path, leave, effective_ids=os.access in os.supports_effective_ids)


def _connected(path: Path, mode: str, wait_s: float) -> Database:
    """A connection in SQLite's URI `mode` (ro, rwc) that waits `wait_s` for a lock and begins nothing by itself."""
    conn = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=wait_s,
        isolation_level=None,
        cached_statements=256,
    )
    db = Database(conn, execute_plugins=False)  # plugins of sqlite-utils are other people's code
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA cache_size = -16384")  # 16 MiB: the upper levels of every index of a million releases
    return db


def _judge(path: Path, db: Database) -> int:
    """The version of an open database; one of a newer presswatch or of another program is refused."""
    found = schema.version(db)
    if found == 0 and not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return 0
    if db.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
        raise foreign(path, "is the database of another program")
    if found > schema.VERSION:
        raise NewerStore(
            f"{path} was written by a newer presswatch (version {found}, this one knows {schema.VERSION}): "
            "upgrade presswatch, or name another data_dir"
        )
    return found
