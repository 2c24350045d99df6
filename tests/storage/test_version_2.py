"""From version 1, which was released, to version 2."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from storage.errors import CorruptStore
from storage.records import History, Recipe, State
from storage.rows import insert
from storage.store import Store
from tests.storage.released import empty, lived

if TYPE_CHECKING:
    from pathlib import Path

ROOM = "harbour"
FLOOR = 2**40
AT = "2026-11-20T12:00:00.000000Z"
HISTORY = {"addresses": "", "titles": "", "shapes": [], "newest": None, "counts": [3], "pinned": [], "days": []}


def write(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute(sql, values)


def add(path: Path, table: str, **values: object) -> None:
    write(path, insert(table, tuple(values)), *values.values())


def old(path: Path, **history: object) -> Path:
    """A version 1 with a newsroom whose last window, of visit 7, left this history."""
    url, told = f"https://{ROOM}.example/news", json.dumps(HISTORY | history)
    add(
        empty(path), "newsrooms", id=ROOM, url=url, reader_version=1, history=told, baseline_at=AT, last_seq=7,
        last_ok_at=AT, last_reason="", fails=0, broken=0,
    )  # fmt: skip
    add(path, "sequence", seq=7, newsroom=ROOM, record="visit", folded=1)
    add(
        path, "visits", seq=7, newsroom=ROOM, url=url, started_at=AT, finished_at=AT, outcome="ok", reason="",
        requests=1, met=1, complete=0, stopped="", sought="[]", reader_version=1,
    )  # fmt: skip
    return path


def known(path: Path, *releases: tuple[str, int, str | None, int], relative: int = 0) -> None:
    """Releases by key, rank, date and the visit that last showed them, each at the address of its key."""
    for key, rank, day, seq in releases:
        add(
            path, "releases", newsroom=ROOM, key=key, url=key, title=f"Quay {key}", title_key=f"quay {key}", date=day,
            state="listed", rank=rank, first_seen=AT, last_seen=AT, seen_seq=seq, reader="1:", linked=1,
            relative=relative, backdated=0, revisions=1,
        )  # fmt: skip
        add(path, "addresses", newsroom=ROOM, address=key, key=key)


def ranks(path: Path) -> dict[str, int]:
    with Store.open(path) as store:
        assert store.problems() == []
        return {release.key: release.rank for release in store.top(ROOM)}


def history(path: Path) -> History:
    with Store.open(path) as store:
        newsroom = store.newsroom(ROOM)
        assert newsroom is not None
        assert newsroom.history is not None
        return newsroom.history


class TestRanks:
    def test_they_leave_room_for_an_archive_and_keep_their_order(self, path: Path) -> None:
        known(old(path), ("c", 3, "2026-11-20", 7), ("b", 2, "2026-11-19", 7), ("a", 1, "2026-11-18", 3))
        assert ranks(path) == {"c": FLOOR + 3, "b": FLOOR + 2, "a": FLOOR + 1}

    def test_what_sank_below_the_list_has_no_place(self, path: Path) -> None:
        known(old(path), ("b", 1, None, 7), ("a", 0, None, 2), ("z", -3, None, 2))
        assert ranks(path) == {"b": FLOOR + 1, "a": 0, "z": 0}

    def test_what_was_only_pinned_has_no_place(self, path: Path) -> None:
        listed = {"addresses": "c\nb\np", "days": "\n\n", "pinned": ["p"]}
        known(old(path, **listed), ("c", 3, None, 7), ("b", 2, None, 7), ("p", 1, None, 7))
        assert ranks(path) == {"c": FLOOR + 3, "b": FLOOR + 2, "p": 0}
        assert (history(path).addresses, history(path).days) == (("c", "b"), ("", ""))

    def test_what_is_pinned_now_and_stood_among_others_before_keeps_its_place(self, path: Path) -> None:
        known(old(path, pinned=["p"]), ("c", 3, None, 7), ("p", 2, None, 7), ("b", 1, None, 7))
        assert ranks(path) == {"c": FLOOR + 3, "p": FLOOR + 2, "b": FLOOR + 1}

    def test_where_everything_is_pinned_all_keep_their_places(self, path: Path) -> None:
        known(old(path, pinned=["c", "p"]), ("c", 3, None, 7), ("p", 2, None, 7))
        assert ranks(path) == {"c": FLOOR + 3, "p": FLOOR + 2}

    def test_what_is_older_than_the_list_was_read_back_to_was_only_pinned_once(self, path: Path) -> None:
        listed = {"addresses": ["c", "p", "q"], "days": ["2026-11-20"], "covered": "2026-11-10"}
        known(
            old(path, **listed),
            ("c", 4, "2026-11-20", 7), ("b", 3, "2026-11-10", 2), ("p", 2, "2024-02-01", 2), ("q", 1, None, 2),
        )  # fmt: skip
        assert ranks(path) == {"c": FLOOR + 4, "b": FLOOR + 3, "p": 0, "q": FLOOR + 1}
        assert (history(path).addresses, history(path).days) == (("c", "q"), ("2026-11-20", ""))

    def test_what_the_last_window_shows_in_the_list_keeps_its_place_however_old(self, path: Path) -> None:
        known(old(path, covered="2026-11-10"), ("c", 2, "2026-11-20", 7), ("b", 1, "2024-02-01", 7))
        assert ranks(path) == {"c": FLOOR + 2, "b": FLOOR + 1}

    def test_a_date_told_as_a_distance_says_nothing(self, path: Path) -> None:
        known(old(path, covered="2026-11-10"), ("c", 2, "2024-11-20", 2), relative=1)
        assert ranks(path) == {"c": FLOOR + 2}


class TestHistory:
    def test_it_is_kept_but_for_what_version_2_does_not_know(self, path: Path) -> None:
        old(path, covered="0001-01-01", remarks=["none"], addresses="a\nb", newest="2026-11-20", closed=True)
        found = history(path)
        assert (found.addresses, found.counts, str(found.newest), found.closed) == (
            ("a", "b"),
            (3,),
            "2026-11-20",
            True,
        )

    def test_a_newsroom_without_one_has_none(self, path: Path) -> None:
        old(path)
        write(path, "UPDATE newsrooms SET history = NULL WHERE id = ?", ROOM)
        with Store.open(path) as store:
            (newsroom,) = store.newsrooms()
            assert newsroom.history is None

    @pytest.mark.parametrize("told", ["{", "[]", "{}", "3"])
    def test_one_that_cannot_be_read_names_the_file_and_leaves_it_as_it_is(self, path: Path, told: str) -> None:
        old(path)
        write(path, "UPDATE newsrooms SET history = ?", told)
        with pytest.raises(CorruptStore, match=r"presswatch\.db is damaged"):
            Store.open(path)
        with closing(sqlite3.connect(path)) as conn:
            assert conn.execute("PRAGMA user_version").fetchone() == (1,)
            assert conn.execute("SELECT history FROM newsrooms").fetchone() == (told,)


@pytest.mark.parametrize(
    ("body", "closed"),
    [
        (zlib.compress(b"<html><p>News</p></HTML>\n<!-- cached -->"), True),
        (zlib.compress(b"<html></html>" + b" " * 3000), False),
        (zlib.compress(b"<html><p>Ne"), False),
        (b"no zlib", False),
    ],
)
def test_a_visit_tells_whether_its_first_page_ended(path: Path, body: bytes, closed: bool) -> None:
    old(path)
    name = sha256(body).hexdigest()
    add(path, "pages", sha256=name, body=body)
    add(path, "visit_pages", seq=7, position=0, url="https://a.example/", content_type="text/html", sha256=name)
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT closed, stretch FROM visits").fetchall() == [(int(closed), None)]


def test_the_words_of_its_releases_are_found_and_go_on_being_kept(path: Path) -> None:
    known(old(path), ("b", 2, None, 7), ("a", 1, None, 7))
    with Store.open(path) as store:
        assert [release.key for release, _ in store.search(["quay"])] == ["b", "a"]
        assert store.problems() == []
    write(path, "UPDATE releases SET title = 'Pier' WHERE key = ?", "a")
    with Store.read(path) as store:
        assert [release.key for release, _ in store.search(["quay"])] == ["b"]


def test_nothing_else_is_changed(path: Path) -> None:
    def rows() -> dict[str, list[Any]]:
        with closing(sqlite3.connect(path)) as conn:
            return {
                table: conn.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608  the file's own names
                for table, columns in kept.items()
            }

    kept: dict[str, str] = {}
    lived(path)
    with closing(sqlite3.connect(path)) as conn:
        for (table,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [name for _, name, *_ in conn.execute(f"PRAGMA table_info({table})")]
            changed = {("newsrooms", "history"), ("releases", "rank")}
            kept[table] = ", ".join(f'"{name}"' for name in columns if (table, name) not in changed)
    before = rows()
    Store.open(path).close()
    assert rows() == before
    assert all(before.values())


def test_a_kill_in_the_middle_leaves_version_1(path: Path) -> None:
    lived(path)
    with closing(sqlite3.connect(path)) as conn:
        before = list(conn.iterdump())
    killed = """
import os, signal, sys
from storage import schema
from storage.store import Store
def last(db):
    schema.STEPS[1](db)
    os.kill(os.getpid(), signal.SIGKILL)
schema.migrate.__defaults__ = ((schema.STEPS[0], last),)
Store.open(sys.argv[1])
"""
    ended = subprocess.run([sys.executable, "-c", killed, str(path)], check=False)  # noqa: S603  our own words
    assert ended.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA user_version").fetchone() == (1,)
        assert list(conn.iterdump()) == before
    with Store.open(path) as store:
        assert store.problems() == []
        assert {release.state for release, _ in store.releases()} == {State.LISTED, State.WITHDRAWN}


def test_what_an_object_tells_beyond_its_fields_is_not_read(path: Path) -> None:
    recipe = '{"entry":"li","mood":"good"}'
    listings = '[{"url":"https://a.example/","next":null,"entries":[{"title":"Quay","mood":"bad","position":0}]}]'
    write(old(path), "UPDATE newsrooms SET recipe = ?, validators = ?", recipe, '{"etag":"x","age":3}')
    write(path, "UPDATE visits SET recipe = ?", recipe)
    add(path, "windows", seq=7, listings=listings)
    with Store.open(path) as store:
        (newsroom,) = store.newsrooms()
        assert newsroom.recipe == Recipe("li")
        assert newsroom.validators is not None
        assert newsroom.validators.etag == "x"
        kept = store.visit(7)
        assert kept is not None
        assert kept.recipe == Recipe("li")
        assert [entry.title for listing in kept.window for entry in listing.entries] == ["Quay"]
