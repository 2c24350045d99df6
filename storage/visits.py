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
    from datetime import datetime

    from storage.connection import Connection
    from storage.records import Look, Page, Visit
    from storage.rows import Row

_WITH_WINDOW = "LEFT JOIN windows ON windows.seq = visits.seq WHERE visits.seq"


def newsroom(db: Connection, name: str) -> Newsroom | None:
    """The newsroom of this id, or None."""
    found = db.records(NEWSROOMS.read, NEWSROOMS.select("WHERE id = ?"), [name])
    return found[0] if found else None


def newsrooms(db: Connection) -> list[Newsroom]:
    """All newsrooms by id."""
    return db.records(NEWSROOMS.read, NEWSROOMS.select("ORDER BY id"))


def put_newsroom(db: Connection, put: Newsroom) -> None:
    """Adds a newsroom or replaces that of the same id."""
    db.write(NEWSROOMS.upsert("id"), NEWSROOMS.row(put))


def add_visit(db: Connection, visit: Visit) -> int:
    """Adds a visit with its window and pages: its number. A newsroom not met before is remembered by id and URL."""
    if db.row("SELECT 1 FROM newsrooms WHERE id = ?", [visit.newsroom]) is None:
        put_newsroom(db, Newsroom(visit.newsroom, visit.url))
    seq = _next(db, visit.newsroom, "visit")
    db.write(VISITS.insert("seq"), (seq, *VISITS.row(visit)))
    if visit.window:
        db.write(insert("windows", ("seq", "listings")), [seq, encoding.window(visit.window)])
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
    found = db.records(
        lambda row: _visit(row, tuple(pages)), VISITS.select(f"{_WITH_WINDOW} = ?", "visits.seq", "listings"), [seq]
    )
    return found[0] if found else None


def unfolded(db: Connection, newsroom: str | None) -> list[tuple[int, Visit | Look]]:
    """What was not folded yet, in sequence, of one newsroom or all; visits with their windows, without pages."""
    waiting = "IN (SELECT seq FROM sequence WHERE folded = 0)"
    parameters: list[object] = []
    if newsroom is not None:
        waiting = "IN (SELECT seq FROM sequence WHERE folded = 0 AND newsroom = ?)"
        parameters.append(newsroom)
    visits = db.records(
        lambda row: (int(row[0]), _visit(row)),
        VISITS.select(f"{_WITH_WINDOW} {waiting}", "visits.seq", "listings"),
        parameters,
    )
    looks = db.records(
        lambda row: (int(row[0]), LOOKS.read(row[1:])), LOOKS.select(f"WHERE seq {waiting}", "seq"), parameters
    )
    both: list[tuple[int, Visit | Look]] = [*visits, *looks]
    return sorted(both, key=lambda numbered: numbered[0])


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
    """Deletes folded visits without a window and folded looks that ended before, and pages that no visit shows."""
    db.write(
        "DELETE FROM sequence WHERE folded = 1 AND seq IN ("
        "SELECT seq FROM visits WHERE finished_at < ? AND seq NOT IN (SELECT seq FROM windows) "
        "UNION ALL SELECT seq FROM looks WHERE at < ?)",
        [encoding.instant(before)] * 2,
    )
    db.write("DELETE FROM pages WHERE NOT EXISTS (SELECT 1 FROM visit_pages WHERE visit_pages.sha256 = pages.sha256)")


def _next(db: Connection, newsroom: str, record: str) -> int:
    return db.add(insert("sequence", ("newsroom", "record")), [newsroom, record])


def _visit(row: Row, pages: tuple[Page, ...] = ()) -> Visit:
    return VISITS.read(row[2:], window=encoding.read_window(row[1] or "[]"), pages=pages)


def _page(row: Row) -> Page:
    return PAGES.read(row[1:], body=zlib.decompress(row[0]))
