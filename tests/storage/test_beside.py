"""A reader beside a writer, and transactions within a writer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storage.errors import ReadOnlyStore
from storage.records import Newsroom
from storage.store import Store
from tests.storage.samples import ROOM, fold, release, visit

if TYPE_CHECKING:
    from pathlib import Path


def test_a_reader_sees_what_is_committed_and_waits_for_nobody(store: Store, path: Path) -> None:
    with Store.read(path, wait_s=0) as reader:
        with store.transaction():
            store.put_newsroom(ROOM)
            assert reader.newsrooms() == []
        assert reader.newsrooms() == [ROOM]


def test_a_reader_holds_up_no_writer(store: Store, path: Path) -> None:
    fold(store, releases=tuple(release(str(n), n) for n in range(600)))
    with Store.read(path, wait_s=0) as reader:
        walked = reader.releases()
        first = next(walked)
        fold(store, dropped=("0",))
        store.prune_visits(visit().started_at)
        assert first[0].key == "599"
        assert len(list(walked)) == 598


def test_a_readers_transaction_sees_one_state(store: Store, path: Path) -> None:
    store.put_newsroom(ROOM)
    with Store.read(path) as reader:
        with reader.transaction():
            assert reader.newsrooms() == [ROOM]
            store.put_newsroom(Newsroom("quarry", "https://quarry.example/news"))
            assert reader.newsrooms() == [ROOM]
        assert len(reader.newsrooms()) == 2


def test_a_reader_writes_nothing(path: Path) -> None:
    Store.open(path).close()
    before = path.read_bytes()
    with Store.read(path) as reader:
        with pytest.raises(ReadOnlyStore, match=r"Store\.open") as raised:
            reader.put_newsroom(ROOM)
        assert str(path) in str(raised.value)
        with pytest.raises(sqlite3.OperationalError), closing(reader._db._db.conn.cursor()) as cursor:
            cursor.execute("DELETE FROM newsrooms")
    assert path.read_bytes() == before


def test_a_read_that_must_survive_a_write_is_locked_from_its_start(store: Store, path: Path) -> None:
    with store.transaction(), closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        assert store.newsrooms() == []
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


def test_an_inner_block_that_fails_takes_back_only_its_own(store: Store) -> None:
    def inner() -> None:
        with store.transaction():
            store.put_newsroom(Newsroom("quarry", "https://quarry.example/news"))
            raise ValueError("changed my mind")

    with store.transaction():
        store.put_newsroom(ROOM)
        with pytest.raises(ValueError, match="changed my mind"):
            inner()
    assert store.newsrooms() == [ROOM]


def test_an_outer_block_that_fails_takes_back_everything(store: Store) -> None:
    def both() -> None:
        with store.transaction():
            store.put_newsroom(ROOM)
            fold(store, releases=(release("a"),))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        both()
    assert store.newsrooms() == []
    assert store.unfolded() == []


def test_nothing_is_left_open_after_a_call(store: Store, path: Path) -> None:
    fold(store, releases=(release("a"),))
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")


def test_a_closed_store_leaves_one_file(path: Path) -> None:
    with Store.open(path) as store:
        fold(store, releases=(release("a"),))
    assert [file.name for file in path.parent.iterdir()] == [path.name]
