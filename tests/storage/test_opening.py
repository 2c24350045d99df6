"""Opening: a clear error that names the file and the way out, and nothing written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from storage import schema
from storage.errors import CorruptStore, FullStore, LockedStore, NewerStore, ReadOnlyStore, StoreError, told
from storage.records import Page
from storage.store import Store
from tests.storage.samples import ROOM, change, fold, release, visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Opening = Callable[[Path], Store]

NOBODY = 65534


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.endswith(("-shm", "-wal"))}


def filled(path: Path) -> Path:
    with Store.open(path) as store:
        fold(store, releases=(release("a"),), changes=(change("a"),))
    return path


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user whom file permissions hold back; root is not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that another user can reach, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture(params=[Store.open, Store.read], ids=["open", "read"])
def opening(request: pytest.FixtureRequest) -> Opening:
    opened: Opening = request.param
    return opened


def test_opening_makes_the_file_and_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "some" / "where" / "presswatch.db"
    with Store.open(path) as store:
        assert store.newsrooms() == []
    assert path.is_file()


def test_a_path_may_be_text_and_hold_what_a_uri_does_not(tmp_path: Path) -> None:
    path = tmp_path / "50% ?#&.db"
    with Store.open(str(path)) as store:
        store.put_newsroom(ROOM)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["50% ?#&.db"]
    with Store.read(str(path)) as store:
        assert store.newsrooms() == [ROOM]


def test_opening_sets_what_the_store_relies_on(path: Path) -> None:
    filled(path)
    with Store.open(path) as store:
        pragmas = {name: store._db.number(f"PRAGMA {name}") for name in ("synchronous", "foreign_keys", "busy_timeout")}
        assert store._db.rows("PRAGMA journal_mode") == [("wal",)]
    assert pragmas == {"synchronous": 1, "foreign_keys": 1, "busy_timeout": 10_000}


def test_every_table_is_strict(store: Store) -> None:
    tables = store._db.rows("SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%'")
    assert len(tables) > 10
    assert [name for name, strict in tables if not strict and not name.startswith("release_words")] == []  # SQLite's


def test_an_empty_file_is_a_new_store(path: Path) -> None:
    path.touch()
    with Store.open(path) as store:
        assert store.problems() == []


@pytest.mark.parametrize("empty", [False, True])
def test_reading_what_is_not_there_says_what_makes_it(path: Path, empty: bool) -> None:
    if empty:
        path.touch()
    before = contents(path.parent)
    with pytest.raises(StoreError, match="presswatch check") as raised:
        Store.read(path)
    assert str(path) in str(raised.value)
    assert contents(path.parent) == before


def test_a_database_without_tables_is_new_to_a_writer_and_not_there_to_a_reader(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
    with pytest.raises(StoreError, match="presswatch check"):
        Store.read(path)
    with Store.open(path) as store:
        assert store.problems() == []


def test_a_newer_version_is_refused(path: Path, opening: Opening) -> None:
    with closing(sqlite3.connect(filled(path))) as conn:
        conn.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    before = contents(path.parent)
    with pytest.raises(NewerStore, match="upgrade presswatch") as raised:
        opening(path)
    assert str(path) in str(raised.value)
    assert contents(path.parent) == before


@pytest.mark.parametrize("content", [b"x", b"<!doctype html><title>not found</title>", b"SQLite format 2\x00" * 100])
def test_a_file_that_is_no_database_is_refused(path: Path, opening: Opening, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(CorruptStore, match=r"is no SQLite database.*data_dir") as raised:
        opening(path)
    assert str(path) in str(raised.value)
    assert contents(path.parent) == {path.name: content}


def test_a_database_of_another_program_is_refused(path: Path, opening: Opening) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE bookmarks (url TEXT)")
    before = contents(path.parent)
    with pytest.raises(CorruptStore, match="another program"):
        opening(path)
    assert contents(path.parent) == before


@pytest.mark.parametrize("damage", ["header only", "first page"])
def test_a_corrupt_file_is_refused(path: Path, opening: Opening, damage: str) -> None:
    whole = filled(path).read_bytes()
    path.write_bytes(
        whole[:16] + b"\xff" * 300 if damage == "header only" else whole[:100] + b"\xff" * (len(whole) - 100)
    )
    before = contents(path.parent)
    with pytest.raises(CorruptStore) as raised:
        opening(path)
    assert str(path) in str(raised.value)
    assert contents(path.parent) == before


def test_damage_found_later_is_told_with_the_way_out(path: Path) -> None:
    whole = filled(path).read_bytes()
    with closing(sqlite3.connect(path)) as conn:
        (root,) = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'releases'").fetchone()
    path.write_bytes(whole[: (root - 1) * 4096] + b"\xff" * 4096 + whole[root * 4096 :])
    with Store.open(path) as store:
        with pytest.raises(CorruptStore, match=r"\.recover") as raised:
            list(store.releases())
        assert str(path) in str(raised.value)
        assert any("damaged" in problem for problem in store.problems())


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE newsrooms SET last_seq = 1, recipe = '{'",
        "UPDATE newsrooms SET last_outcome = 'splendid'",
        "UPDATE newsrooms SET last_ok_at = 'yesterday'",
        """UPDATE newsrooms SET recipe = '{"selector": 1}'""",
    ],
)
def test_a_row_that_is_no_record_is_corruption(path: Path, damage: str) -> None:
    with closing(sqlite3.connect(filled(path))) as conn, conn:
        conn.execute(damage)
    with Store.read(path) as store, pytest.raises(CorruptStore, match="cannot be read"):
        store.newsrooms()


def test_a_page_that_does_not_unpack_is_corruption(path: Path) -> None:
    with Store.open(path) as store:
        seq = store.add_visit(visit(pages=(Page("https://harbour.example/news", "text/html", b"<html>"),)))
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE pages SET body = x'00'")
    with Store.read(path) as store, pytest.raises(CorruptStore):
        store.visit(seq)


@pytest.mark.parametrize("closed_to_writing", ["file", "folder"])
def test_without_leave_to_write_a_writer_is_refused(shared: Path, closed_to_writing: str) -> None:
    path = filled(shared / "presswatch.db")
    path.chmod(0o444 if closed_to_writing == "file" else 0o666)
    shared.chmod(0o777 if closed_to_writing == "file" else 0o555)
    before = contents(shared)
    with unprivileged(), pytest.raises(ReadOnlyStore, match="leave to write") as raised:
        Store.open(path)
    assert str(path) in str(raised.value)
    assert contents(shared) == before


def test_a_folder_that_cannot_be_made_is_told(shared: Path) -> None:
    shared.chmod(0o555)
    with unprivileged(), pytest.raises(ReadOnlyStore, match="leave to write"):
        Store.open(shared / "data" / "presswatch.db")
    assert list(shared.iterdir()) == []


def test_a_file_that_may_not_be_read_is_told(shared: Path, opening: Opening) -> None:
    path = filled(shared / "presswatch.db")
    path.chmod(0)
    with unprivileged(), pytest.raises(StoreError, match="Permission denied") as raised:
        opening(path)
    assert str(path) in str(raised.value)


def test_a_folder_that_may_not_be_entered_is_told(shared: Path, opening: Opening) -> None:
    filled(shared / "presswatch.db")
    shared.chmod(0)
    with unprivileged(), pytest.raises(StoreError, match="Permission denied"):
        opening(shared / "presswatch.db")


def test_a_failing_disk_is_told(path: Path) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_READ
    with pytest.raises(StoreError, match="look at its disk") as raised, told(path):
        raise error
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY])
def test_a_full_disk_is_named_whatever_sqlite_calls_it(path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=4096))
    with pytest.raises(FullStore, match=r"presswatch\.db cannot grow .*: free some space"), told(path):
        raise error


def test_a_folder_in_the_files_place_is_told(path: Path, opening: Opening) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="directory"):
        opening(path)


def test_a_full_disk_writes_nothing_of_the_step(path: Path) -> None:
    with Store.open(path) as store:
        store.put_newsroom(ROOM)
        store._db.number(f"PRAGMA max_page_count = {store._db.number('PRAGMA page_count') + 2}")
        page = Page("https://harbour.example/news", "application/octet-stream", os.urandom(100_000))

        def two_visits() -> None:
            with store.transaction():
                store.add_visit(visit("quarry"))
                store.add_visit(visit(pages=(page,)))

        with pytest.raises(FullStore, match="free some space") as raised:
            two_visits()
        assert str(path) in str(raised.value)
        assert store.unfolded() == []
        assert store.newsrooms() == [ROOM]
        store._db.number("PRAGMA max_page_count = 1000000")
        store.add_visit(visit(pages=(page,)))
        assert store.problems() == []


def test_after_a_lost_transaction_nothing_more_is_written_in_it(store: Store) -> None:
    def write_on() -> None:
        with store.transaction():
            store.put_newsroom(ROOM)
            store._db._db.rollback()  # what SQLite does by itself on some errors
            store.add_visit(visit("quarry"))

    with pytest.raises(StoreError, match="taken back"):
        write_on()
    assert store.newsrooms() == []
    with pytest.raises(StoreError, match="taken back"), store.transaction():
        store._db._db.rollback()
    with store.transaction():
        store.put_newsroom(ROOM)
    assert store.newsrooms() == [ROOM]


def test_a_locked_database_is_told(path: Path) -> None:
    filled(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, Store.open(path, wait_s=0) as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockedStore, match="second presswatch") as raised:
            store.put_newsroom(ROOM)
        assert str(path) in str(raised.value)
        with pytest.raises(LockedStore):
            Store.open(path, wait_s=0)
        other.execute("ROLLBACK")
        store.put_newsroom(ROOM)


def test_any_other_refusal_names_the_file(store: Store, path: Path) -> None:
    with pytest.raises(StoreError, match="presswatch verify") as raised:
        fold(store, addresses=(("somewhere", "no such release"),))
    assert str(path) in str(raised.value)
    assert store.newsroom(ROOM.id) is not None  # the visit stands, its fold does not
    assert len(store.unfolded()) == 1


def test_a_write_outside_a_transaction_is_a_fault_of_the_program(store: Store) -> None:
    with pytest.raises(RuntimeError, match="outside"):
        store._db.write("DELETE FROM changes")


def test_a_closed_store_is_a_fault_of_the_program(path: Path) -> None:
    store = Store.open(path)
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.newsrooms()
