-- Schema version 1 as it was released, with one record of each kind. Never edit it.
BEGIN TRANSACTION;
CREATE TABLE addresses (
    newsroom TEXT NOT NULL REFERENCES newsrooms (id),
    address TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (newsroom, address),
    FOREIGN KEY (newsroom, key) REFERENCES releases (newsroom, key) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO "addresses" VALUES('harbour','harbour.example/news/a','a');
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
INSERT INTO "candidates" VALUES('harbour','a','absent',1,'2026-11-20T12:00:00.000000Z',0,0,NULL,NULL,NULL,NULL,0,NULL,NULL,0,NULL,NULL);
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
INSERT INTO "changes" VALUES(1,'2192f1736486fd03','harbour','new','https://harbour.example/news/a','Quay a reopens','2026-11-20T12:00:00.000000Z','{}','a');
CREATE TABLE digests (
    name TEXT NOT NULL PRIMARY KEY,
    cursor INTEGER NOT NULL
) STRICT;
INSERT INTO "digests" VALUES('daily',1);
CREATE TABLE issue_changes (
    digest TEXT NOT NULL REFERENCES digests (name),
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    change INTEGER NOT NULL REFERENCES changes (number),
    PRIMARY KEY (digest, number, position),
    UNIQUE (digest, change),
    FOREIGN KEY (digest, number) REFERENCES issues (digest, number)
) STRICT, WITHOUT ROWID;
INSERT INTO "issue_changes" VALUES('daily',1,0,1);
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
INSERT INTO "issues" VALUES('daily',1,'20261120T000001Z','2026-11-20T12:00:00.000000Z','2026-11-20T13:00:00.000000Z',NULL,'sha-1','{"newsrooms":1,"read":1,"last_read":"2026-11-20T12:00:00.000000Z","troubles":[]}','["html","json"]','UTC',0);
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
INSERT INTO "looks" VALUES(2,'harbour','a','https://harbour.example/news/a','2026-11-20T12:00:00.000000Z','gone','',NULL,NULL,NULL,NULL,0,NULL);
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
INSERT INTO "newsrooms" VALUES('harbour','https://harbour.example/news','{"entry":"li","title":null,"reasons":["a list"]}',NULL,0,NULL,NULL,NULL,NULL,1,NULL,NULL,NULL,NULL,'',0,NULL,0,NULL,NULL);
CREATE TABLE pages (
    sha256 TEXT NOT NULL PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;
INSERT INTO "pages" VALUES('b7d082ee12e91b756ea22e8513b8594eebcf5d39fab813da3cb55794dc888ad7',X'7801B3C928C9CDB1030007A30230');
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
INSERT INTO "releases" VALUES(1,'harbour','a','https://harbour.example/news/a','Quay a reopens','quay a reopens','2026-11-20',NULL,NULL,NULL,NULL,'listed',1,'2026-11-20T12:00:00.000000Z','2026-11-20T12:00:00.000000Z',1,'1/abc',1,0,0,1);
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
INSERT INTO "revisions" VALUES(1,'harbour','a',1,'2026-11-20T12:00:00.000000Z','listing','https://harbour.example/news/a','Quay a reopens','2026-11-20',NULL,NULL,NULL,NULL);
CREATE TABLE sequence (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    newsroom TEXT NOT NULL REFERENCES newsrooms (id),
    record TEXT NOT NULL CHECK (record IN ('visit', 'look')),
    folded INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "sequence" VALUES(1,'harbour','visit',1);
INSERT INTO "sequence" VALUES(2,'harbour','look',0);
CREATE TABLE visit_pages (
    seq INTEGER NOT NULL REFERENCES visits (seq) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    url TEXT NOT NULL,
    content_type TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES pages (sha256),
    PRIMARY KEY (seq, position)
) STRICT, WITHOUT ROWID;
INSERT INTO "visit_pages" VALUES(1,0,'https://harbour.example/news','text/html','b7d082ee12e91b756ea22e8513b8594eebcf5d39fab813da3cb55794dc888ad7');
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
INSERT INTO "visits" VALUES(1,'harbour','https://harbour.example/news','2026-11-20T12:00:00.000000Z','2026-11-20T12:00:00.000000Z','ok','',0,1,0,'','[]',NULL,0,NULL,NULL,NULL);
CREATE TABLE windows (
    seq INTEGER PRIMARY KEY REFERENCES visits (seq) ON DELETE CASCADE,
    listings TEXT NOT NULL
) STRICT;
INSERT INTO "windows" VALUES(1,'[{"url":"https://harbour.example/news","next":null,"entries":[{"title":"Quay a reopens","url":"https://harbour.example/news/a","date":"2026-11-20","position":0}]}]');
CREATE INDEX sequence_unfolded ON sequence (newsroom) WHERE folded = 0;
CREATE INDEX visits_newsroom ON visits (newsroom);
CREATE INDEX visit_pages_sha256 ON visit_pages (sha256);
CREATE INDEX looks_newsroom ON looks (newsroom);
CREATE INDEX releases_top ON releases (newsroom, rank DESC, key);
CREATE INDEX releases_held ON releases (newsroom, key) WHERE state = 'held';
CREATE INDEX releases_titled ON releases (newsroom, title_key, rank DESC, key);
CREATE INDEX releases_newest ON releases (coalesce(date, ''), rank, newsroom, key);
CREATE INDEX releases_newest_of ON releases (newsroom, coalesce(date, ''), rank, key);
CREATE INDEX addresses_key ON addresses (newsroom, key);
CREATE INDEX revisions_key ON revisions (newsroom, key);
CREATE INDEX candidates_open ON candidates (newsroom, key) WHERE closed_seq IS NULL;
CREATE INDEX changes_newsroom ON changes (newsroom);
CREATE INDEX changes_seen_at ON changes (seen_at);
CREATE INDEX issues_unwritten ON issues (digest, number) WHERE written = 0;
CREATE INDEX issue_changes_change ON issue_changes (change);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('sequence',2);
COMMIT;
PRAGMA application_id = 1347896136;
PRAGMA user_version = 1;
