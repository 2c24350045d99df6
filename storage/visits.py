"""Newsrooms, and visits and looks as they came in: one rising sequence over both, each folded once.

Every function takes the open database first; those that write are called inside its transaction.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from storage import encoding
from storage.errors import StoreError
from storage.records import Newsroom
from storage.rows import LOOKS, NEWSROOMS, PAGES, VISITS, insert

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from storage.connection import Connection
    from storage.records import Look, Page, Visit
    from storage.rows import Row

_NEWSROOMS = NEWSROOMS.select("LEFT JOIN histories ON histories.newsroom = newsrooms.id ORDER BY id", "history")
_NEWSROOM = NEWSROOMS.select("LEFT JOIN histories ON histories.newsroom = newsrooms.id WHERE id = ?", "history")
_HISTORY = (
    "INSERT INTO histories (newsroom, history) VALUES (?, ?) "
    "ON CONFLICT (newsroom) DO UPDATE SET history = excluded.history WHERE history <> excluded.history"
)
_VISIT = VISITS.select(
    "LEFT JOIN windows ON windows.seq = visits.seq LEFT JOIN feeds ON feeds.seq = visits.seq WHERE visits.seq = ?",
    "listings",
    "listing",
)
_LOOK = LOOKS.select("WHERE seq = ?")


def newsroom(db: Connection, name: str) -> Newsroom | None:
    """The newsroom of this id, or None."""
    found = db.records(_newsroom, _NEWSROOM, [name])
    return found[0] if found else None


def newsrooms(db: Connection) -> list[Newsroom]:
    """All newsrooms by id."""
    return db.records(_newsroom, _NEWSROOMS)


def put_newsroom(db: Connection, put: Newsroom) -> None:
    """Adds a newsroom or replaces that of the same id."""
    db.write(NEWSROOMS.upsert("id"), NEWSROOMS.row(put))
    if put.history is None:
        db.write("DELETE FROM histories WHERE newsroom = ?", [put.id])
    else:
        db.write(_HISTORY, [put.id, encoding.history(put.history)])


def add_visit(db: Connection, visit: Visit) -> int:
    """Adds a visit with its window and pages: its number. A newsroom not met before is remembered by id and URL."""
    if db.row("SELECT 1 FROM newsrooms WHERE id = ?", [visit.newsroom]) is None:
        put_newsroom(db, Newsroom(visit.newsroom, visit.url))
    seq = _next(db, visit.newsroom, "visit")
    db.write(VISITS.insert("seq"), (seq, *VISITS.row(visit)))
    if visit.window:
        db.write(insert("windows", ("seq", "listings")), [seq, encoding.window(visit.window)])
    if visit.feed is not None:
        db.write(insert("feeds", ("seq", "listing")), [seq, encoding.window((visit.feed,))])
    for position, page in enumerate(visit.pages):
        sha256 = page.sha256
        if db.row("SELECT 1 FROM pages WHERE sha256 = ?", [sha256]) is None:
            # level 1: a listing shrinks to a fifth within a millisecond, higher levels gain little
            db.write(insert("pages", ("sha256", "body")), [sha256, zlib.compress(page.body, 1)])
        db.write(PAGES.insert("seq", "position", "sha256"), (seq, position, sha256, *PAGES.row(page)))
    return seq


def add_look(db: Connection, look: Look) -> int:
    """Adds a look: its number. A look at a newsroom that the store does not know is refused."""
    if db.row("SELECT 1 FROM newsrooms WHERE id = ?", [look.newsroom]) is None:
        raise StoreError(f"{db.path} has no newsroom {look.newsroom!r} to look for: visit it first")
    seq = _next(db, look.newsroom, "look")
    db.write(LOOKS.insert("seq"), (seq, *LOOKS.row(look)))
    return seq


def visit(db: Connection, seq: int) -> Visit | None:
    """The visit of this number with its window and pages, or None."""
    pages = db.records(
        _page, PAGES.select("JOIN pages USING (sha256) WHERE visit_pages.seq = ? ORDER BY position", "body"), [seq]
    )
    found = db.records(lambda row: _visit(row, tuple(pages)), _VISIT, [seq])
    return found[0] if found else None


def stretches(db: Connection, newsroom: str) -> Iterator[Visit]:
    """The visits of the newsroom's latest backfill in sequence, without pages; read one by one as asked for."""
    sql = "SELECT seq, stretch FROM visits WHERE newsroom = ? AND stretch IS NOT NULL ORDER BY seq"
    rows = db.rows(sql, [newsroom])
    read = [(seq, encoding.read_stretch(told).began_at) for seq, told in rows]
    for seq, began_at in read:
        if began_at == read[-1][1]:
            yield from db.records(_visit, _VISIT, [seq])


def unfolded(db: Connection, newsroom: str | None) -> list[tuple[int, Visit | Look]]:
    """What was not folded yet, in sequence, of one newsroom or all; visits with their windows, without pages."""
    of = "" if newsroom is None else " AND newsroom = ?"
    waiting = db.rows(
        f"SELECT seq, record FROM sequence WHERE folded = 0{of} ORDER BY seq",  # noqa: S608  texts of this module only
        [] if newsroom is None else [newsroom],
    )
    return [(seq, seen) for seq, record in waiting for seen in _seen(db, seq, record)]


def waiting(db: Connection) -> set[str]:
    """The newsrooms of which something was not folded yet."""
    return {name for (name,) in db.rows("SELECT DISTINCT newsroom FROM sequence WHERE folded = 0")}


def mark_folded(db: Connection, seq: int, newsroom: str) -> None:
    """Marks a visit or look of this newsroom as folded; one that is not waiting is refused."""
    if db.write("UPDATE sequence SET folded = 1 WHERE seq = ? AND newsroom = ? AND folded = 0", [seq, newsroom]):
        return
    found = db.row("SELECT newsroom, record FROM sequence WHERE seq = ?", [seq])
    if found is None:
        raise StoreError(f"{db.path} has no visit or look {seq} to fold")
    if found[0] != newsroom:
        raise StoreError(f"{db.path}: {found[1]} {seq} is of newsroom {found[0]!r}, not of {newsroom!r}")
    raise StoreError(f"{db.path}: {found[1]} {seq} was folded already; the store keeps what that gave")


def prune(db: Connection, before: datetime) -> None:
    """Deletes what `before` was folded: visits without a window or feed, looks, and pages that no visit shows."""
    db.write(
        "DELETE FROM sequence WHERE folded = 1 AND seq IN ("
        "SELECT seq FROM visits WHERE finished_at < ? AND seq NOT IN (SELECT seq FROM windows) "
        "AND seq NOT IN (SELECT seq FROM feeds) "
        "UNION ALL SELECT seq FROM looks WHERE at < ?)",
        [encoding.instant(before)] * 2,
    )
    db.write("DELETE FROM pages WHERE NOT EXISTS (SELECT 1 FROM visit_pages WHERE visit_pages.sha256 = pages.sha256)")


def _next(db: Connection, newsroom: str, record: str) -> int:
    return db.add(insert("sequence", ("newsroom", "record")), [newsroom, record])


def _seen(db: Connection, seq: int, record: str) -> Sequence[Visit | Look]:
    return db.records(_visit, _VISIT, [seq]) if record == "visit" else db.records(LOOKS.read, _LOOK, [seq])


def _newsroom(row: Row) -> Newsroom:
    return NEWSROOMS.read(row[1:], history=None if row[0] is None else encoding.read_history(row[0]))


def _visit(row: Row, pages: tuple[Page, ...] = ()) -> Visit:
    window, feed = (encoding.read_window(kept) if kept else () for kept in row[:2])
    return VISITS.read(row[2:], window=window, pages=pages, feed=feed[0] if feed else None)


def _page(row: Row) -> Page:
    return PAGES.read(row[1:], body=zlib.decompress(row[0]))
