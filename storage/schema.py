"""The tables, and the steps that bring an older database to them.

PRAGMA user_version counts the steps a database has been through; PRAGMA application_id marks it as presswatch's. A
released step is never edited: a change of the schema is a further step, and tests/storage/schemas keeps every version
as it was. Every database takes all steps, a new one too.
Text order of an instant is its order in time: all are UTC and of one width (`storage.encoding.instant`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.version_2 import to_version_2

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlite_utils import Database

APPLICATION_ID = 0x50574348
"""The letters PWCH: names the file format to `file(1)` and to `Store.open`."""

_VERSION_1 = """
CREATE TABLE newsrooms (
    id TEXT NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    recipe TEXT,
    recipe_version TEXT,
    reader_version INTEGER NOT NULL,
    validators TEXT,
    body_sha256 TEXT,
    history TEXT,
    baseline_at TEXT,
    last_seq INTEGER NOT NULL,
    last_ok_at TEXT,
    full_at TEXT,
    last_visit_at TEXT,
    last_outcome TEXT,
    last_reason TEXT NOT NULL,
    fails INTEGER NOT NULL,
    unhealthy_since TEXT,
    broken INTEGER NOT NULL,
    retry_at TEXT,
    next_visit_at TEXT
) STRICT;

-- One rising number over visits and looks; AUTOINCREMENT, so that a pruned one's number is never given again.
CREATE TABLE sequence (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    newsroom TEXT NOT NULL REFERENCES newsrooms (id),
    record TEXT NOT NULL CHECK (record IN ('visit', 'look')),
    folded INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sequence_unfolded ON sequence (newsroom) WHERE folded = 0;

CREATE TABLE visits (
    seq INTEGER PRIMARY KEY REFERENCES sequence (seq) ON DELETE CASCADE,
    newsroom TEXT NOT NULL REFERENCES newsrooms (id),
    url TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    requests INTEGER NOT NULL,
    met INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    stopped TEXT NOT NULL,
    sought TEXT NOT NULL,
    recipe TEXT,
    reader_version INTEGER NOT NULL,
    validators TEXT,
    body_sha256 TEXT,
    retry_after_s REAL
) STRICT;
CREATE INDEX visits_newsroom ON visits (newsroom);

-- Apart from visits, so that walking the many small visits does not read the few large windows.
CREATE TABLE windows (
    seq INTEGER PRIMARY KEY REFERENCES visits (seq) ON DELETE CASCADE,
    listings TEXT NOT NULL
) STRICT;

CREATE TABLE pages (
    sha256 TEXT NOT NULL PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE visit_pages (
    seq INTEGER NOT NULL REFERENCES visits (seq) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    url TEXT NOT NULL,
    content_type TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES pages (sha256),
    PRIMARY KEY (seq, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_pages_sha256 ON visit_pages (sha256);

CREATE TABLE looks (
    seq INTEGER PRIMARY KEY REFERENCES sequence (seq) ON DELETE CASCADE,
    newsroom TEXT NOT NULL REFERENCES newsrooms (id),
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    status INTEGER,
    final_url TEXT,
    canonical_url TEXT,
    control INTEGER,
    requests INTEGER NOT NULL,
    retry_after_s REAL
) STRICT;
CREATE INDEX looks_newsroom ON looks (newsroom);

CREATE TABLE releases (
    id INTEGER PRIMARY KEY,
    newsroom TEXT NOT NULL REFERENCES newsrooms (id),
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    date TEXT,
    published_at TEXT,
    kind TEXT,
    summary TEXT,
    caption TEXT,
    state TEXT NOT NULL,
    rank INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    seen_seq INTEGER NOT NULL,
    reader TEXT NOT NULL,
    linked INTEGER NOT NULL,
    relative INTEGER NOT NULL,
    backdated INTEGER NOT NULL,
    revisions INTEGER NOT NULL,
    UNIQUE (newsroom, key)
) STRICT;
CREATE INDEX releases_top ON releases (newsroom, rank DESC, key);
CREATE INDEX releases_held ON releases (newsroom, key) WHERE state = 'held';
CREATE INDEX releases_titled ON releases (newsroom, title_key, rank DESC, key);
CREATE INDEX releases_newest ON releases (coalesce(date, ''), rank, newsroom, key);
CREATE INDEX releases_newest_of ON releases (newsroom, coalesce(date, ''), rank, key);

CREATE TABLE addresses (
    newsroom TEXT NOT NULL REFERENCES newsrooms (id),
    address TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (newsroom, address),
    FOREIGN KEY (newsroom, key) REFERENCES releases (newsroom, key) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_key ON addresses (newsroom, key);

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    newsroom TEXT NOT NULL REFERENCES newsrooms (id),
    key TEXT NOT NULL,
    seq INTEGER NOT NULL,
    seen_at TEXT NOT NULL,
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    date TEXT,
    published_at TEXT,
    kind TEXT,
    summary TEXT,
    caption TEXT,
    FOREIGN KEY (newsroom, key) REFERENCES releases (newsroom, key) ON DELETE CASCADE
) STRICT;
CREATE INDEX revisions_key ON revisions (newsroom, key);

CREATE TABLE candidates (
    newsroom TEXT NOT NULL REFERENCES newsrooms (id),
    key TEXT NOT NULL,
    cause TEXT NOT NULL,
    opened_seq INTEGER NOT NULL,
    opened_at TEXT NOT NULL,
    looks INTEGER NOT NULL,
    unanswered INTEGER NOT NULL,
    verdict TEXT,
    verdict_at TEXT,
    moved_to TEXT,
    found TEXT,
    confirmed INTEGER NOT NULL,
    confirmed_seq INTEGER,
    next_look_at TEXT,
    seek INTEGER NOT NULL,
    closed_seq INTEGER,
    closed_reason TEXT,
    PRIMARY KEY (newsroom, key),
    FOREIGN KEY (newsroom, key) REFERENCES releases (newsroom, key) ON DELETE CASCADE
) STRICT;
CREATE INDEX candidates_open ON candidates (newsroom, key) WHERE closed_seq IS NULL;

-- The number is the order in which changes were told; changes are never deleted.
CREATE TABLE changes (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    newsroom TEXT NOT NULL REFERENCES newsrooms (id),
    kind TEXT NOT NULL,
    url TEXT,
    title TEXT,
    seen_at TEXT NOT NULL,
    detail TEXT NOT NULL,
    key TEXT
) STRICT;
CREATE INDEX changes_newsroom ON changes (newsroom);
CREATE INDEX changes_seen_at ON changes (seen_at);

-- The cursor is the number of the last change that an issue of the digest has dealt with.
CREATE TABLE digests (
    name TEXT NOT NULL PRIMARY KEY,
    cursor INTEGER NOT NULL
) STRICT;

CREATE TABLE issues (
    digest TEXT NOT NULL REFERENCES digests (name),
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    start TEXT NOT NULL,
    "end" TEXT NOT NULL,
    previous_sha256 TEXT,
    sha256 TEXT NOT NULL,
    standing TEXT NOT NULL,
    formats TEXT NOT NULL,
    timezone TEXT NOT NULL DEFAULT 'UTC',
    written INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (digest, number),
    UNIQUE (digest, name)
) STRICT;
CREATE INDEX issues_unwritten ON issues (digest, number) WHERE written = 0;

CREATE TABLE issue_changes (
    digest TEXT NOT NULL REFERENCES digests (name),
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    change INTEGER NOT NULL REFERENCES changes (number),
    PRIMARY KEY (digest, number, position),
    UNIQUE (digest, change),
    FOREIGN KEY (digest, number) REFERENCES issues (digest, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_changes_change ON issue_changes (change);
"""


def _version_1(db: Database) -> None:
    db.executescript(_VERSION_1)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


STEPS: tuple[Callable[[Database], None], ...] = (_version_1, to_version_2)
"""Step n brings a database of version n to version n + 1; each runs inside the caller's transaction."""

VERSION = len(STEPS)
"""The version that this presswatch reads and writes."""


def version(db: Database) -> int:
    """The version of an open database; 0 for one without tables."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: Database, steps: Sequence[Callable[[Database], None]] = STEPS) -> None:
    """Takes the steps that `db` has not been through yet; all or none, in the caller's transaction."""
    for number in range(version(db), len(steps)):
        steps[number](db)
        db.execute(f"PRAGMA user_version = {number + 1}")
