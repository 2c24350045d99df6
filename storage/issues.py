"""Digests, what each has carried, and its issues: the outbox between the changes and the files.

Every function takes the open database first; those that write are called inside its transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.errors import StoreError
from storage.rows import CHANGES, ISSUES, change_row

if TYPE_CHECKING:
    from storage.connection import Connection
    from storage.records import Change, Issue


def register(db: Connection, name: str) -> None:
    """Adds a digest that starts after the latest change; one that is there already stays as it is."""
    db.write(
        "INSERT INTO digests (name, cursor) VALUES (?, (SELECT coalesce(max(number), 0) FROM changes)) "
        "ON CONFLICT (name) DO NOTHING",
        [name],
    )


def digests(db: Connection) -> list[str]:
    """The names of all digests ever registered, in alphabetical order."""
    return [name for (name,) in db.rows("SELECT name FROM digests ORDER BY name")]


def unreported(db: Connection, name: str) -> tuple[int, tuple[Change, ...]]:
    """The number of the latest change, and the changes after the digest's cursor in order."""
    cursor = _cursor(db, name)
    found = db.records(
        lambda row: (int(row[0]), CHANGES.read(row[1:])),
        CHANGES.select("WHERE number > ? ORDER BY number", "number"),
        [cursor],
    )
    return (found[-1][0] if found else cursor), tuple(change for _, change in found)


def add(db: Connection, issue: Issue, up_to: int, sha256: str) -> None:
    """Adds the next issue of a digest and moves the digest's cursor to the change number `up_to`.

    Refused: an issue that does not follow the last one (number, name, previous_sha256), a cursor that would go back or
    beyond the latest change, a change that was carried before or that the cursor leaves for a later issue.
    """
    cursor = _move(db, issue.digest, up_to)
    _require_next(db, issue)
    db.write(ISSUES.insert("sha256"), (sha256, *ISSUES.row(issue)))
    db.write_all(
        "INSERT INTO issue_changes (digest, number, position, change) VALUES (?, ?, ?, ?)",
        (
            (issue.digest, issue.number, position, _number(db, issue, change, cursor, up_to))
            for position, change in enumerate(issue.changes)
        ),
    )


def skip(db: Connection, name: str, up_to: int) -> None:
    """Moves a digest's cursor without an issue: for one that carries none of those changes and skips empty issues."""
    _move(db, name, up_to)


def last(db: Connection, name: str) -> Issue | None:
    """The latest issue of a digest, or None."""
    found = _read(db, "WHERE digest = ? ORDER BY number DESC LIMIT 1", [name])
    return found[0][0] if found else None


def of_digest(db: Connection, name: str, latest: int | None) -> list[tuple[Issue, str]]:
    """The issues of a digest with the hash of each one's JSON file, oldest first: all, or the latest so many."""
    return _read(db, "WHERE digest = ? ORDER BY number DESC LIMIT ?", [name, -1 if latest is None else latest])[::-1]


def bare(db: Connection, name: str) -> list[tuple[Issue, str]]:
    """The issues of a digest without their changes, with the hash of each one's JSON file, oldest first."""
    return db.records(
        lambda row: (ISSUES.read(row[1:], changes=()), str(row[0])),
        ISSUES.select("WHERE digest = ? ORDER BY number", "sha256"),
        [name],
    )


def unwritten(db: Connection) -> list[tuple[Issue, str]]:
    """The issues whose files are not known to be written, by digest and number."""
    return _read(db, "WHERE written = 0 ORDER BY digest, number", [])


def mark_written(db: Connection, digest: str, number: int) -> None:
    """Marks an issue's files as written; marking it again changes nothing."""
    if not db.write("UPDATE issues SET written = 1 WHERE digest = ? AND number = ?", [digest, number]):
        raise StoreError(f"{db.path} has no issue {number} of digest {digest!r} to mark as written")


def _cursor(db: Connection, name: str) -> int:
    found = db.row("SELECT cursor FROM digests WHERE name = ?", [name])
    if found is None:
        raise StoreError(f"{db.path} does not know digest {name!r}: register it first")
    return int(found[0])


def _move(db: Connection, name: str, up_to: int) -> int:
    """Moves a digest's cursor: where it stood. One that would go back or beyond the latest change is refused."""
    cursor = _cursor(db, name)
    latest = db.number("SELECT max(number) FROM changes")
    if not cursor <= up_to <= latest:
        raise StoreError(f"{db.path}: digest {name!r} stands at change {cursor} of {latest}, it cannot go to {up_to}")
    db.write("UPDATE digests SET cursor = ? WHERE name = ?", [up_to, name])
    return cursor


def _require_next(db: Connection, issue: Issue) -> None:
    before = db.row("SELECT number, sha256 FROM issues WHERE digest = ? ORDER BY number DESC LIMIT 1", [issue.digest])
    if before is not None and issue.number <= before[0]:
        raise StoreError(f"{_place(db, issue)} does not follow issue {before[0]}")
    if issue.previous_sha256 != (before and before[1]):
        raise StoreError(f"{_place(db, issue)} does not continue the chain: the issue before it has another hash")
    if db.row("SELECT 1 FROM issues WHERE digest = ? AND name = ?", [issue.digest, issue.name]) is not None:
        raise StoreError(f"{_place(db, issue)} would use the name {issue.name} a second time")


def _number(db: Connection, issue: Issue, change: Change, cursor: int, up_to: int) -> int:
    """The number of a change that this issue may carry."""
    id_ = change_row(change)[0]
    number = db.number("SELECT number FROM changes WHERE id = ?", [id_])
    if not cursor < number <= up_to:
        raise StoreError(f"{_place(db, issue)} cannot carry change {id_}: it is not among {cursor + 1} to {up_to}")
    return number


def _place(db: Connection, issue: Issue) -> str:
    return f"{db.path}: issue {issue.number} of digest {issue.digest!r}"


def _read(db: Connection, rest: str, parameters: list[object]) -> list[tuple[Issue, str]]:
    found = db.rows(ISSUES.select(rest, "digest", "number", "sha256"), parameters)
    carried = [_carried(db, row[0], row[1]) for row in found]
    return db.decoded(
        lambda pair: (ISSUES.read(pair[0][3:], changes=pair[1]), str(pair[0][2])), zip(found, carried, strict=True)
    )


def _carried(db: Connection, digest: str, number: int) -> tuple[Change, ...]:
    sql = CHANGES.select(
        "JOIN issue_changes ON issue_changes.change = changes.number "
        "WHERE issue_changes.digest = ? AND issue_changes.number = ? ORDER BY position"
    )
    return tuple(db.records(CHANGES.read, sql, [digest, number]))
