"""Every schema that was ever released is brought to today's."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from storage import schema
from storage.errors import StoreError
from storage.store import Store
from tests.storage.released import SCHEMAS, frozen
from tests.storage.samples import NOON, ROOM

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RELEASED = {
    1: "1e89105960bc6d574dc25e0a8318cc95860097098a4540b392b6d9c77cb012d9",
}
"""The versions that were handed out, with the hashes of what is kept of them; one beyond them may be open."""

VERSIONS = list(RELEASED)


def layout(conn: sqlite3.Connection) -> dict[tuple[str, str], object]:
    """What matters of a schema: columns in order, indexes, references; not the wording of the statements."""
    tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found: dict[tuple[str, str], object] = {}
    for table in tables:
        found[table, "columns"] = conn.execute("SELECT * FROM pragma_table_info(?)", [table]).fetchall()
        found[table, "references"] = sorted(row[2:] for row in conn.execute(f"PRAGMA foreign_key_list('{table}')"))
        found[table, "kind"] = conn.execute(
            "SELECT wr, strict FROM pragma_table_list WHERE name = ?", [table]
        ).fetchone()
    for name, sql in conn.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')"):
        found[name, "sql"] = sql and re.sub(r"\s+", " ", sql)
    found["user_version", ""] = conn.execute("PRAGMA user_version").fetchone()
    found["application_id", ""] = conn.execute("PRAGMA application_id").fetchone()
    return found


def test_every_released_version_is_kept_as_it_was() -> None:
    kept = {int(file.stem.removeprefix("version_")): file for file in SCHEMAS.glob("version_*.sql")}
    assert {version: sha256(file.read_bytes()).hexdigest() for version, file in kept.items()} == RELEASED
    assert schema.VERSION - len(RELEASED) in {0, 1}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_earlier_schema_becomes_todays(tmp_path: Path, version: int) -> None:
    old, new = frozen(tmp_path / "old.db", version), tmp_path / "new.db"
    Store.open(old).close()
    Store.open(new).close()
    with closing(sqlite3.connect(old)) as migrated, closing(sqlite3.connect(new)) as fresh:
        assert layout(migrated) == layout(fresh)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_an_earlier_version_kept_is_still_there(tmp_path: Path, version: int) -> None:
    with Store.open(frozen(tmp_path / "old.db", version)) as store:
        assert store.problems() == []
        ((release, listed),) = store.releases()
        assert (release.title, release.first_seen, listed) == ("Quay a reopens", NOON, True)
        assert [change.key for change in store.changes()] == ["a"]
        assert [revision.title for revision in store.revisions(ROOM.id, "a")] == ["Quay a reopens"]
        assert [candidate.key for candidate in store.candidates()] == ["a"]
        assert store.releases_at(ROOM.id, ["harbour.example/news/a"]) == {"harbour.example/news/a": release}
        assert [len(store.issues(name)) for name in store.digests()] == [1]
        kept = store.visit(1)
        assert kept is not None
        assert [page.body for page in kept.pages] == [b"<html>"]
        assert [entry.title for listing in kept.window for entry in listing.entries] == ["Quay a reopens"]
        assert [seq for seq, _ in store.unfolded()] == [2]


def adds_a_column(db: Database) -> None:
    db.execute("ALTER TABLE digests ADD COLUMN note TEXT")


def fails_halfway(db: Database) -> None:
    db.execute("ALTER TABLE digests ADD COLUMN remark TEXT")
    db.execute("ALTER TABLE nowhere ADD COLUMN note TEXT")


def migrated(path: Path, *steps: Callable[[Database], None]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        db = Database(conn)
        with db.atomic():
            schema.migrate(db, (*schema.STEPS, *steps))


def test_a_further_step_is_taken_once(path: Path) -> None:
    Store.open(path).close()
    migrated(path, adds_a_column)
    migrated(path, adds_a_column)
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA user_version").fetchone() == (schema.VERSION + 1,)
        assert conn.execute("SELECT note FROM digests").fetchall() == []


def test_a_step_that_fails_takes_everything_back(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as conn:
        before = layout(conn)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrated(path, adds_a_column, fails_halfway)
    with closing(sqlite3.connect(path)) as conn:
        assert layout(conn) == before


def test_a_reader_asks_a_writer_to_migrate(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(path).close()
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    with pytest.raises(StoreError, match="brings it up to date") as raised:
        Store.read(path)
    assert str(path) in str(raised.value)
