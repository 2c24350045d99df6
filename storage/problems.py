"""Whether the database holds together: what SQLite can check, and what only presswatch knows."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

from storage.errors import StoreError
from storage.rows import CHANGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storage.connection import Connection

_BATCH = 500  # rows held in memory at a time


def problems(db: Connection) -> list[str]:
    """Every fault that can be found, each as a sentence; empty when the database is intact."""
    checks: tuple[Callable[[Connection], Iterator[str]], ...] = (
        _structure,
        _references,
        _changes,
        _pages,
        _sequence,
        _issues,
    )
    found: list[str] = []
    for check in checks:
        try:
            found += check(db)
        except StoreError as error:  # one check that fails on the damage must not hide what the others find
            found.append(f"{error}.")
    return found


def _structure(db: Connection) -> Iterator[str]:
    for (fault,) in db.rows("PRAGMA integrity_check"):
        if fault != "ok":
            yield f"SQLite finds the file damaged: {fault}."


def _references(db: Connection) -> Iterator[str]:
    for table, rowid, parent, _ in db.rows("PRAGMA foreign_key_check"):
        where = "a row" if rowid is None else f"row {rowid}"
        yield f"In {table}, {where} refers to a row of {parent} that is not there."


def _changes(db: Connection) -> Iterator[str]:
    number = 0
    sql = CHANGES.select(f"WHERE number > ? ORDER BY number LIMIT {_BATCH}", "number", "id")
    while found := db.rows(sql, [number]):
        for row in found:
            number, told = row[:2]
            try:
                derived = CHANGES.read(row[2:]).id
            except (ValueError, TypeError) as error:
                yield f"Change {number} (id {told}) cannot be read: {error}."
                continue
            if derived != told:
                yield f"Change {number} of newsroom {row[2]!r} does not match its id {told}."


def _pages(db: Connection) -> Iterator[str]:
    last = ""
    while found := db.rows("SELECT sha256, body FROM pages WHERE sha256 > ? ORDER BY sha256 LIMIT ?", [last, _BATCH]):
        last = found[-1][0]
        for sha256, body in found:
            try:
                intact = hashlib.sha256(zlib.decompress(body)).hexdigest() == sha256
            except zlib.error:
                intact = False
            if not intact:
                yield f"The kept page {sha256} does not match its hash."


def _sequence(db: Connection) -> Iterator[str]:
    missing = (
        "SELECT seq, record FROM sequence WHERE "
        "seq NOT IN (SELECT seq FROM visits UNION ALL SELECT seq FROM looks) ORDER BY seq"
    )
    for seq, record in db.rows(missing):
        yield f"The {record} {seq} is counted, but not kept."
    ahead = "SELECT id, last_seq FROM newsrooms WHERE last_seq > (SELECT coalesce(max(seq), 0) FROM sqlite_sequence)"
    for newsroom, last_seq in db.rows(ahead):
        yield f"Newsroom {newsroom!r} names visit {last_seq} as its last, which never came."


def _issues(db: Connection) -> Iterator[str]:
    late = "SELECT digest, number, change FROM issue_changes JOIN digests ON name = digest WHERE change > cursor"
    for digest, number, change in db.rows(late):
        yield f"Issue {number} of digest {digest!r} carries change {change}, which its cursor has not reached."
    ahead = "SELECT name, cursor FROM digests WHERE cursor > (SELECT coalesce(max(number), 0) FROM changes)"
    for digest, cursor in db.rows(ahead):
        yield f"The cursor of digest {digest!r} stands at {cursor}, beyond the latest change."
    previous: tuple[str | None, str | None] = (None, None)
    chain = "SELECT digest, number, previous_sha256, sha256 FROM issues ORDER BY digest, number"
    for digest, number, named, sha256 in db.rows(chain):
        if named != (previous[1] if previous[0] == digest else None):
            yield f"Issue {number} of digest {digest!r} does not name the hash of the issue before it."
        previous = (digest, sha256)
