"""Releases, their addresses, revisions, candidates and changes, and the fold that writes them.

Every function takes the open database first; those that write are called inside its transaction. Lookups go through an
index, one step each, so that their cost does not grow with the number of releases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import encoding, visits
from storage.errors import StoreError
from storage.rows import CANDIDATES, CHANGES, RELEASES, REVISIONS, Row, change_row, insert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from storage.connection import Connection
    from storage.records import Candidate, Change, Folding, Kind, Release, Revision

_BATCH = 500  # releases read at a time when all are walked: some hundred kilobytes

_INDEXED = ("newsroom", "key", "title_key", "date", "state", "rank")  # the columns that stand in an index
_INDEXED_AT = tuple(RELEASES.columns.index(name) for name in _INDEXED)
_OTHERS_AT = tuple(place for place in range(len(RELEASES.columns)) if place not in _INDEXED_AT)
_SELECT_INDEXED = f"SELECT {', '.join(_INDEXED)} FROM releases WHERE newsroom = ? AND key IN"  # noqa: S608  own names
_UPDATE_OTHERS = (
    f"UPDATE releases SET {', '.join(f'{RELEASES.columns[place]} = ?' for place in _OTHERS_AT)} "  # noqa: S608  own names
    "WHERE newsroom = ? AND key = ?"
)
_SEEN_AGAIN = "UPDATE releases SET last_seen = ?, seen_seq = ? WHERE newsroom = ? AND key = ?"
_ADDRESS = (
    "INSERT INTO addresses (newsroom, address, key) VALUES (?, ?, ?) "
    "ON CONFLICT (newsroom, address) DO UPDATE SET key = excluded.key WHERE key <> excluded.key"
)
_BY_KEY = RELEASES.select("WHERE newsroom = ? AND key IN")
_KEYS = "SELECT address, key FROM addresses WHERE newsroom = ? AND address IN"
_TOP = RELEASES.select("WHERE newsroom = ? AND rank >= ? ORDER BY rank DESC, key LIMIT ?")
_HELD = RELEASES.select("WHERE newsroom = ? AND state = 'held' ORDER BY key")
_TITLED = RELEASES.select("WHERE newsroom = ? AND title_key = ? ORDER BY rank DESC, key LIMIT 3")
_LOWEST_RANK = -(2**63)  # SQLite's smallest integer


def at(db: Connection, newsroom: str, addresses: Iterable[str]) -> dict[str, Release]:
    """The releases known at these canonical addresses, now or formerly, by address as asked."""
    asked = list(dict.fromkeys(addresses))
    keys: dict[object, str] = dict(db.rows_among(_KEYS, newsroom, asked))
    releases = named(db, newsroom, keys.values())
    found = ((address, keys.get(encoding.bindable(address))) for address in asked)
    return {address: releases[key] for address, key in found if key in releases}


def named(db: Connection, newsroom: str, keys: Iterable[str]) -> dict[str, Release]:
    """The releases of these keys, by key as asked."""
    asked = list(dict.fromkeys(keys))
    read = db.decoded(RELEASES.read, db.rows_among(_BY_KEY, newsroom, asked))
    releases: dict[object, Release] = {release.key: release for release in read}
    return {key: release for key in asked if (release := releases.get(encoding.bindable(key)))}


def top(db: Connection, newsroom: str, above: int | None, limit: int) -> list[Release]:
    """The releases, of any state, of rank `above` or higher, highest first, at most `limit`."""
    return db.records(RELEASES.read, _TOP, [newsroom, _LOWEST_RANK if above is None else above, limit])


def count(db: Connection, newsroom: str) -> int:
    """How many releases of a newsroom are known."""
    found = db.row("SELECT count(*) FROM releases WHERE newsroom = ?", [newsroom])
    return int(found[0]) if found else 0


def lowest_rank(db: Connection, newsroom: str) -> int | None:
    """The rank of the newsroom's lowest release that has one; None where none has."""
    found = db.row("SELECT rank FROM releases WHERE newsroom = ? AND rank > 0 ORDER BY rank LIMIT 1", [newsroom])
    return None if found is None else int(found[0])


def held(db: Connection, newsroom: str) -> list[Release]:
    """The releases seen and not told yet, by key."""
    return db.records(RELEASES.read, _HELD, [newsroom])


def titled(db: Connection, newsroom: str, titles: Iterable[str]) -> list[Release]:
    """The releases, of any state, that carry one of these folded titles, in the order asked; of each at most three.

    More than one already says that the title is not unique ("Daily briefing" may stand for thousands).
    """
    return [
        release for title in dict.fromkeys(titles) for release in db.records(RELEASES.read, _TITLED, [newsroom, title])
    ]


def newest_first(db: Connection, newsroom: str | None) -> Iterator[tuple[Release, bool]]:
    """All releases by date, then rank, the latest first and the undated last; and whether each is in the last window.

    Read in batches, each as the store then is: the caller may write between two of them.
    """
    place: tuple[object, ...] | None = None
    while True:
        found = _newest_after(db, newsroom, place)
        yield from found
        if len(found) < _BATCH:
            return
        last = found[-1][0]
        place = (encoding.day(last.date) if last.date else "", last.rank, last.newsroom, last.key)


def _newest_after(db: Connection, newsroom: str | None, place: tuple[object, ...] | None) -> list[tuple[Release, bool]]:
    order = ["coalesce(date, '')", "rank", "newsroom", "key"]
    where, parameters = [], list[object]()
    if newsroom is not None:
        order.remove("newsroom")
        where.append("newsroom = ?")
        parameters.append(newsroom)
    if place is not None:
        where.append(f"({', '.join(order)}) < ({', '.join('?' * len(order))})")
        parameters += place if newsroom is None else (*place[:2], place[3])
    condition = f"WHERE {' AND '.join(where)}" if where else ""
    descending = ", ".join(f"{name} DESC" for name in order)
    listed = (
        "EXISTS (SELECT 1 FROM newsrooms WHERE id = newsroom AND (last_seq = seen_seq "
        "OR (feed_seq > 0 AND feed_seq = json_extract(feed, '$.last_seq'))))"
    )
    return db.records(
        lambda row: (RELEASES.read(row[1:]), bool(row[0])),
        RELEASES.select(f"{condition} ORDER BY {descending} LIMIT {_BATCH}", listed),
        parameters,
    )


def revisions(db: Connection, newsroom: str, key: str) -> list[Revision]:
    """The revisions of one release, oldest first."""
    return db.records(REVISIONS.read, REVISIONS.select("WHERE newsroom = ? AND key = ? ORDER BY id"), [newsroom, key])


def candidates(db: Connection, newsroom: str | None, keys: Iterable[str] | None, *, open_only: bool) -> list[Candidate]:
    """Candidates by newsroom and key: all, or those of one newsroom, of these keys, not yet settled."""
    where, parameters = ["closed_seq IS NULL"] if open_only else [], list[object]()
    if newsroom is not None:
        where.append("newsroom = ?")
        parameters.append(newsroom)
    if keys is None:
        condition = f"WHERE {' AND '.join(where)} " if where else ""
        return db.records(CANDIDATES.read, CANDIDATES.select(f"{condition}ORDER BY newsroom, key"), parameters)
    names = [newsroom] if newsroom is not None else [name for (name,) in db.rows("SELECT id FROM newsrooms")]
    also = " AND closed_seq IS NULL" if open_only else ""
    sql = CANDIDATES.select(f"WHERE newsroom = ?{also} AND key IN")
    wanted = list(keys)
    found = [one for name in names for one in db.decoded(CANDIDATES.read, db.rows_among(sql, name, wanted))]
    return sorted(found, key=lambda one: (one.newsroom, one.key))


def changes(
    db: Connection, newsroom: str | None, kind: Kind | None, since: datetime | None, limit: int | None
) -> list[Change]:
    """Changes as they were told, oldest first; with a limit the latest so many."""
    asked = {
        "newsroom = ?": newsroom,
        "kind = ?": kind,
        "seen_at >= ?": encoding.instant_or_none(since),
    }
    given = {condition: value for condition, value in asked.items() if value is not None}
    condition = f"WHERE {' AND '.join(given)} " if given else ""
    sql = CHANGES.select(f"{condition}ORDER BY number DESC LIMIT ?")
    return db.records(CHANGES.read, sql, [*given.values(), -1 if limit is None else limit])[::-1]


def fold(db: Connection, seq: int, folding: Folding) -> None:
    """Writes all that folding the visit or look `seq` gave and marks it folded, in the caller's transaction."""
    newsroom = folding.newsroom.id
    _require_own(db, folding)
    visits.mark_folded(db, seq, newsroom)
    visits.put_newsroom(db, folding.newsroom)
    # the rest of a dropped release (addresses, revisions, candidates) goes with it: ON DELETE CASCADE
    db.write_all("DELETE FROM releases WHERE newsroom = ? AND key = ?", ([newsroom, key] for key in folding.dropped))
    _put_releases(db, newsroom, folding.releases)
    seen_at = encoding.instant_or_none(folding.seen_at)
    db.write_all(_SEEN_AGAIN, ([seen_at, seq, newsroom, key] for key in folding.seen))
    db.write_all(_ADDRESS, ([newsroom, address, key] for address, key in folding.addresses))
    db.write_all(REVISIONS.insert(), map(REVISIONS.row, folding.revisions))
    db.write_all(CANDIDATES.upsert("newsroom", "key"), map(CANDIDATES.row, folding.candidates))
    for change in folding.changes:
        _add_change(db, change_row(change))


def _require_own(db: Connection, folding: Folding) -> None:
    """Refuses a folding that holds another newsroom's records."""
    parts = (folding.releases, folding.revisions, folding.candidates, folding.changes)
    strangers = {record.newsroom for part in parts for record in part} - {folding.newsroom.id}
    if strangers:
        raise StoreError(f"{db.path}: a folding of {folding.newsroom.id!r} holds records of {sorted(strangers)}")


def _put_releases(db: Connection, newsroom: str, releases: Iterable[Release]) -> None:
    """Adds or replaces releases, the last of a key wins; one whose indexed columns stand touches no index."""
    last = {release.key: release for release in releases}
    standing = set(db.rows_among(_SELECT_INDEXED, newsroom, last))
    whole: list[Row] = []
    others: list[Row] = []
    for release in last.values():
        row = RELEASES.row(release)
        indexed = tuple(encoding.bound(row[place] for place in _INDEXED_AT))
        if indexed in standing:
            others.append((*(row[place] for place in _OTHERS_AT), *indexed[:2]))
        else:
            whole.append(row)
    db.write_all(RELEASES.upsert("newsroom", "key"), whole)
    db.write_all(_UPDATE_OTHERS, others)


def _add_change(db: Connection, row: Row) -> None:
    """Adds a change; one that was told already, to the letter, is left as it stands."""
    told = db.row(CHANGES.select("WHERE id = ?"), row[:1])
    if told is None:
        db.write(insert("changes", ("id", *CHANGES.columns)), row)
    elif CHANGES.read(told) != CHANGES.read(row[1:]):
        raise StoreError(f"{db.path}: two different changes carry the id {row[0]}; nothing of this fold is kept")
