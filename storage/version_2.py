"""The step from version 1, which was released, to version 2.

Version 2 is open until it is released: whatever else it needs is added here, in place. From then on this module stays
as it is, and a change is a further step (CONTRIBUTING.md says what freezes it).
"""

from __future__ import annotations

import json
import zlib
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

_TABLES = """
-- Apart from newsrooms, so that a visit that changes nothing does not write its tens of kilobytes anew.
CREATE TABLE histories (
    newsroom TEXT NOT NULL PRIMARY KEY REFERENCES newsrooms (id),
    history TEXT NOT NULL
) STRICT;
INSERT INTO histories (newsroom, history) SELECT id, history FROM newsrooms WHERE history IS NOT NULL;
ALTER TABLE newsrooms DROP COLUMN history;

ALTER TABLE visits ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visits ADD COLUMN stretch TEXT;
CREATE INDEX visits_stretches ON visits (newsroom, seq) WHERE stretch IS NOT NULL;

-- A feed that is watched beside a list, and what a visit saw of it; apart from visits as windows are.
ALTER TABLE newsrooms ADD COLUMN feed TEXT;
ALTER TABLE visits ADD COLUMN feed_answer TEXT;
ALTER TABLE releases ADD COLUMN feed_seq INTEGER NOT NULL DEFAULT 0;
CREATE TABLE feeds (
    seq INTEGER PRIMARY KEY REFERENCES visits (seq) ON DELETE CASCADE,
    listing TEXT NOT NULL
) STRICT;

-- The words of releases, kept by the three triggers: only what a reader sees of a release changes them.
CREATE VIRTUAL TABLE release_words USING fts5 (
    title, summary, caption, content = 'releases', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO release_words (release_words) VALUES ('rebuild');
CREATE TRIGGER releases_added AFTER INSERT ON releases BEGIN
    INSERT INTO release_words (rowid, title, summary, caption) VALUES (new.id, new.title, new.summary, new.caption);
END;
CREATE TRIGGER releases_edited AFTER UPDATE OF title, summary, caption ON releases
WHEN new.title <> old.title OR new.summary IS NOT old.summary OR new.caption IS NOT old.caption BEGIN
    INSERT INTO release_words (release_words, rowid, title, summary, caption)
    VALUES ('delete', old.id, old.title, old.summary, old.caption);
    INSERT INTO release_words (rowid, title, summary, caption) VALUES (new.id, new.title, new.summary, new.caption);
END;
CREATE TRIGGER releases_dropped AFTER DELETE ON releases BEGIN
    INSERT INTO release_words (release_words, rowid, title, summary, caption)
    VALUES ('delete', old.id, old.title, old.summary, old.caption);
END;
"""

_CLOSED = """
UPDATE visits SET closed = 1 WHERE seq IN (
    SELECT seq FROM visit_pages JOIN pages USING (sha256) WHERE position = 0 AND ends_as_document(body)
)
"""

_ABOVE_THE_ARCHIVE = 2**40
"""Room below the ranks of version 1, which began at 1: an archive that is read back is put in below them."""

_RANKS = f"UPDATE releases SET rank = CASE WHEN rank > 0 THEN rank + {_ABOVE_THE_ARCHIVE} ELSE 0 END"  # noqa: S608  a number of our own

# Version 1 put what was only ever pinned below all that was known then; version 2 gives it no place at all. Such are,
# of the pinned ones, those below all others of the last window, and, of those that it does not show in the body, those
# older than the list was ever read back to (`covered`, which did in version 1 what the missing rank does now).
_PINNED = "SELECT key FROM addresses WHERE newsroom = :newsroom AND address IN (SELECT value FROM json_each(:pinned))"
_BODY = f"""
SELECT others.key, others.rank FROM releases AS others
JOIN newsrooms ON newsrooms.id = others.newsroom AND newsrooms.last_seq = others.seen_seq
WHERE others.newsroom = :newsroom AND others.key NOT IN ({_PINNED})
"""  # noqa: S608  texts of this module only
_PINNED_ALONE = f"""
UPDATE releases SET rank = 0 WHERE newsroom = :newsroom AND rank > 0 AND key IN ({_PINNED})
AND rank < (SELECT min(rank) FROM ({_BODY}) WHERE rank > 0)
"""  # noqa: S608  likewise
_OLDER_THAN_READ = f"""
UPDATE releases SET rank = 0 WHERE newsroom = :newsroom AND rank > 0 AND date < :covered AND relative = 0
AND key NOT IN (SELECT key FROM ({_BODY}))
"""  # noqa: S608  likewise
_UNPLACED = """
SELECT address FROM addresses JOIN releases USING (newsroom, key) WHERE newsroom = :newsroom AND rank <= 0
UNION SELECT key FROM releases WHERE newsroom = :newsroom AND rank <= 0
"""
_TAIL = 2048  # bytes at the end of a page among which version 1 looked for its last tag


def to_version_2(db: Database) -> None:
    """Takes a database of version 1 to version 2, in the caller's transaction; nothing that was kept is lost.

    ValueError, KeyError or TypeError for a history that cannot be read.
    """
    db.executescript(_TABLES)
    with _asked_of_pages(db):
        db.execute(_CLOSED)
    for newsroom, history in db.execute("SELECT newsroom, history FROM histories").fetchall():
        _place(db, newsroom, dict(json.loads(history)))
    # the indexes that ranks stand in are cheaper built anew than changed at every release
    indexes = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'releases' AND sql LIKE '% rank%'"
    ).fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    db.execute(_RANKS)
    for _, sql in indexes:
        db.execute(sql)


def _place(db: Database, newsroom: str, history: dict[str, Any]) -> None:
    """Takes the rank from the releases that were never seen in their place, and their addresses from the history."""
    asked = {
        "newsroom": newsroom,
        "pinned": json.dumps(history.get("pinned", [])),
        "covered": history.pop("covered", None),  # without one nothing is older
    }
    db.execute(_PINNED_ALONE, asked)
    db.execute(_OLDER_THAN_READ, asked)
    unplaced = {address for (address,) in db.execute(_UNPLACED, asked)}
    days = _texts(history.get("days", []))
    listed = [(a, d) for a, d in zip_longest(_texts(history["addresses"]), days, fillvalue="") if a not in unplaced]
    history |= {"addresses": [address for address, _ in listed], "days": [day for _, day in listed]}
    told = json.dumps(history, ensure_ascii=False, separators=(",", ":"))
    db.execute("UPDATE histories SET history = ? WHERE newsroom = ?", [told, newsroom])


def _texts(kept: str | list[str]) -> list[str]:
    """Texts as version 1 kept them: the lines of one, or a list."""
    return kept.split("\n") if isinstance(kept, str) else kept


@contextmanager
def _asked_of_pages(db: Database) -> Iterator[None]:
    """Lets SQL ask whether a packed page ends as a document does, for as long as the block lasts."""

    def ended(body: bytes) -> bool:
        try:
            return b"</html" in zlib.decompress(body)[-_TAIL:].lower()
        except zlib.error:  # `verify` tells of it; here it is only not whole
            return False

    db.conn.create_function("ends_as_document", 1, ended, deterministic=True)
    yield
    db.conn.create_function("ends_as_document", 1, None)
