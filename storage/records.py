"""The frozen records that travel between the crawler, the store and the scheduler.

Every instant is an aware datetime in UTC unless it says otherwise; every address is an absolute URL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any


class Outcome(StrEnum):
    """How one visit ended."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    SUSPECT = "suspect"
    FAILED = "failed"


class Verdict(StrEnum):
    """What one look found at a release's own address."""

    THERE = "there"
    GONE = "gone"
    NO_ANSWER = "no_answer"


class State(StrEnum):
    """Where a release stands.

    `held`: seen, but not told as new while it may be a candidate at another address. `listed`: known and not
    known to be gone, whether it is in the latest window or has rolled off the end of the list.
    """

    HELD = "held"
    LISTED = "listed"
    WITHDRAWN = "withdrawn"
    UNLISTED = "unlisted"


class Kind(StrEnum):
    """The kinds of change."""

    NEW = "new"
    EDITED = "edited"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    UNLISTED = "unlisted"
    RESTORED = "restored"
    BASELINE = "baseline"
    LAYOUT_CHANGED = "layout_changed"
    BROKEN = "broken"
    RECOVERED = "recovered"
    GAP = "gap"
    SILENT = "silent"


class Cause(StrEnum):
    """Why a release became a candidate."""

    ABSENT = "absent"  # a strictly older entry that stood below it is still shown
    TWIN = "twin"  # an unknown entry carries its title and date at another address
    GONE = "gone"  # a look found its page gone
    BACK = "back"  # told as withdrawn, and listed again


FEED = "feed"
"""The `entry` of the recipe of a feed, which has no selectors: its format says where everything is."""

FEED_READER = f"{FEED}:"
"""How the `reader` of a release begins whose values are those of a feed beside the list."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The selectors that turn a listing page into entries; `FEED` alone as `entry` where the source is a feed.

    CSS; `sel@attr` reads an attribute, `@attr` the entry's own. What is None is read from the entry itself. `runs_on`:
    no element holds an entry: each begins at a match of `entry` and goes on to the next one. `data`: the entries are
    JSON in the script that `entry` finds; it is the path to their list, keys joined by dots, "*" for each element of a
    list on the way, and the other fields are keys of an entry's object.
    `confidence` (0 to 1) and `reasons` say why an inferred recipe was chosen.
    """

    entry: str
    title: str | None = None
    link: str | None = None
    date: str | None = None
    date_format: str | None = None
    kind: str | None = None
    summary: str | None = None
    caption: str | None = None
    next: str | None = None
    runs_on: bool = False
    data: str | None = None
    confidence: float | None = None
    reasons: tuple[str, ...] = ()

    @property
    def is_feed(self) -> bool:
        """Whether the source is a feed, not a page."""
        return self.entry.strip() == FEED

    @property
    def version(self) -> str:
        """Names the selectors: equal selectors, equal version."""
        return _version(
            self.entry, self.title, self.link, self.date, self.date_format,
            self.kind, self.summary, self.caption, self.next, *(["runs_on"] if self.runs_on else []),
            *(["data", self.data] if self.data is not None else []),
        )  # fmt: skip


@lru_cache(maxsize=4096)
def _version(*selectors: str | None) -> str:
    return hashlib.sha256(json.dumps(selectors).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Entry:
    """A release as one listing shows it.

    `url` is None where the entry has no link of its own. `date` is a day, or an aware datetime in the stamp's own
    offset where the page gives an instant, or None. `relative` marks a date told as a distance ("2 hours ago").
    `position` counts from 0 at the top of its listing.
    """

    title: str
    url: str | None
    date: date | datetime | None = None
    kind: str | None = None
    summary: str | None = None
    caption: str | None = None
    position: int = 0
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """One parsed page: its entries in page order, and the address of the next page where there is one."""

    url: str
    entries: tuple[Entry, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask again cheaply."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page as served: body bytes and content type, kept so that it can be read again."""

    url: str
    content_type: str
    body: bytes

    @property
    def sha256(self) -> str:
        """Hex digest of the body."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class History:
    """What a newsroom's record holds that is needed to judge a visit to it.

    `addresses`: canonical addresses of the releases that stand at the top of the list, latest window first, without
    those never seen in their place. `titles`: their folded titles. `shapes`: their URL shapes. `newest`: the latest
    day among their dates. `counts`: entries on the first page of the last believed visits, oldest first. `pinned`:
    addresses that stood out of order at the top of the last window. `oldest_first`: the last window was printed so.
    `days`: the dates of `addresses` as YYYY-MM-DD, empty where there is none. `closed`: the last believed
    first page ended as a document does. `feed`: the same of the feed that is watched beside the list, whose
    `addresses` are those of its last believed window alone; None before there was one.
    """

    addresses: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    shapes: frozenset[str] = frozenset()
    newest: date | None = None
    counts: tuple[int, ...] = ()
    pinned: tuple[str, ...] = ()
    oldest_first: bool = False
    days: tuple[str, ...] = ()
    closed: bool = False
    feed: History | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that is watched beside a newsroom's list, and what is remembered of it; it travels out with the order.

    `began_at`: when it was first believed. `read_at`: when it was last believed, changed or not; `last_seq` is the last
    visit that read it anew. `validators` and `body_sha256` are those of that reading, by the reader of
    `reader_version`. `trouble`: why it could not be read or believed at the last visit, and since when,
    `trouble_since`. `retry_at`: its server asked not to be asked before.
    """

    url: str
    began_at: datetime | None = None
    read_at: datetime | None = None
    last_seq: int = 0
    validators: Validators | None = None
    body_sha256: str | None = None
    reader_version: int = 0
    trouble: str = ""
    trouble_since: datetime | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """How a visit fared with the feed that is watched beside the list.

    `trouble`: why it could not be read or believed, empty where it was; `unchanged`: it is as it was last believed.
    """

    url: str
    trouble: str = ""
    unchanged: bool = False
    validators: Validators | None = None
    body_sha256: str | None = None
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Seek:
    """A release to read back for: until it is found, by address or (without a link) by title, or its day is passed."""

    address: str
    day: date | None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a newsroom's archive, read by one visit of a backfill: page after page, from the address `start`.

    A backfill is named by when it began, `began_at`. `number` counts its pages before `start`. `over`: there is nothing
    to read after this part, or nothing that can be.
    """

    began_at: datetime
    start: str
    number: int = 0
    over: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What travels out to read one newsroom once.

    `body_sha256` is that of the last believed first page; it and `validators` are None when a full read is due.
    `read_alike`: recipe and reader are those of the last believed visit. `history` is None before the baseline.
    `fails` counts the visits in a row that were not believed. With a `stretch` it is not the newest part of the list
    that is read, but that part of its archive. `feed` is read as well.
    """

    newsroom: str
    url: str
    recipe: Recipe | None
    timezone: str | None = None
    validators: Validators | None = None
    body_sha256: str | None = None
    read_alike: bool = False
    history: History | None = None
    max_pages: int = 10
    seeks: tuple[Seek, ...] = ()
    fails: int = 0
    stretch: Stretch | None = None
    feed: Feed | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One attempt to read a newsroom.

    `window` holds the listings read, first page first; it is empty unless the outcome is `ok`. `met`: the window
    reaches entries already known (always true for a baseline). `stopped`: why paging ended before it met or found
    what it sought. `complete`: the window reaches the end of the list. `pages` are the window's pages as served, in
    the same order. `closed`: the first of them ends as a document does. `sought`: the addresses the order asked to
    read back for. `recipe` is the one that read the window. `retry_after_s`: the server asked to wait so
    long. `stretch`: it read that part of the archive. `feed`: what the feed beside the list shows where it was read
    anew and believed; `feed_answer`: how that went, None where no feed is watched or none was reached.
    """

    newsroom: str
    url: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    reason: str = ""
    requests: int = 0
    window: tuple[Listing, ...] = ()
    met: bool = True
    complete: bool = False
    closed: bool = False
    stopped: str = ""
    sought: tuple[str, ...] = ()
    recipe: Recipe | None = None
    reader_version: int = 0
    validators: Validators | None = None
    body_sha256: str | None = None
    pages: tuple[Page, ...] = ()
    retry_after_s: float | None = None
    stretch: Stretch | None = None
    feed: Listing | None = None
    feed_answer: FeedAnswer | None = None


@dataclass(frozen=True, slots=True)
class LookOrder:
    """What travels out to look at one release's own page, with a release that is still listed as control."""

    newsroom: str
    key: str
    url: str
    title: str
    controls: tuple[tuple[str, str], ...] = ()  # (url, title) of releases still listed, best first


@dataclass(frozen=True, slots=True)
class Look:
    """One attempt to read a release's own page.

    `final_url`: where redirects led. `canonical_url`: what the page names as its canonical address. `control`: a
    release that is still listed answered with its title and an address that cannot exist did not; None where it was
    not asked.
    """

    newsroom: str
    key: str
    url: str
    at: datetime
    verdict: Verdict
    reason: str = ""
    status: int | None = None
    final_url: str | None = None
    canonical_url: str | None = None
    control: bool | None = None
    requests: int = 0
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A publisher's document as last listed.

    `key` names it within its newsroom for good: the canonical address it was first seen at, with a hash where that is
    not its own. `url` is the address as last listed, or the listing's where it has no link (`linked` is False).
    `rank` orders a newsroom's releases as their list does: higher stands above; it is 0 where the release was never
    seen in its place, only pinned or in the feed. `seen_seq` is the visit whose list last showed it, 0 where none did
    but a backfill's; `feed_seq` the one whose feed did, 0 where none. `reader` names the reader and recipe versions its
    values were read with; they are the list's where that ever showed it. `relative`: its date was told as a distance;
    `backdated`: it was first seen below newer ones. `title_key` is its folded title, by which twins are found.
    """

    newsroom: str
    key: str
    url: str
    title: str
    title_key: str
    date: date | None
    published_at: datetime | None
    kind: str | None
    summary: str | None
    caption: str | None
    state: State
    rank: int
    first_seen: datetime
    last_seen: datetime
    seen_seq: int
    reader: str
    linked: bool = True
    relative: bool = False
    backdated: bool = False
    revisions: int = 1
    feed_seq: int = 0

    @property
    def feed_only(self) -> bool:
        """Whether only the feed beside the list ever showed it, so that its values are the feed's."""
        return self.reader.startswith(FEED_READER)


@dataclass(frozen=True, slots=True)
class Revision:
    """One immutable content of a release, from one source (`listing` or `feed`), as read by the visit `seq`."""

    newsroom: str
    key: str
    seq: int
    seen_at: datetime
    source: str
    url: str
    title: str
    date: date | None
    published_at: datetime | None
    kind: str | None
    summary: str | None
    caption: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release that should be listed and is not, or whose page seems gone; open until settled.

    `verdict` is what the last answered look found, `verdict_at` when the run of agreeing looks began, `moved_to` the
    key of the listed release it led to, `found` the reason of the last look. `confirmed`: two agreeing looks stood
    far enough apart. `seek`: the next visit reads back for it. `looks` counts all looks, `unanswered` those in a row
    without an answer. `closed_seq` is the visit or look that settled it.
    """

    newsroom: str
    key: str
    cause: Cause
    opened_seq: int
    opened_at: datetime
    looks: int = 0
    unanswered: int = 0
    verdict: Verdict | None = None
    verdict_at: datetime | None = None
    moved_to: str | None = None
    found: str | None = None
    confirmed: bool = False
    confirmed_seq: int | None = None
    next_look_at: datetime | None = None
    seek: bool = False
    closed_seq: int | None = None
    closed_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One reportable fact. `url` and `title` are None for a change of a newsroom."""

    newsroom: str
    kind: Kind
    url: str | None
    title: str | None
    seen_at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None

    @property
    def id(self) -> str:
        """Derived from the content: the same fact has the same id."""
        content = [
            self.newsroom, self.kind.value, self.key, self.url, self.title, self.seen_at.isoformat(), self.detail,
        ]  # fmt: skip
        told = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Newsroom:
    """What is remembered of one watched source between visits.

    `recipe` is the inferred one (None while the configuration gives one). `last_seq` is the last believed full visit,
    `last_ok_at` the last believed visit of either outcome, `full_at` the last full read. `unhealthy_since` is None
    while healthy. `feed` is what is remembered of the feed that is watched beside the list.
    """

    id: str
    url: str
    recipe: Recipe | None = None
    recipe_version: str | None = None
    reader_version: int = 0
    validators: Validators | None = None
    body_sha256: str | None = None
    history: History | None = None
    baseline_at: datetime | None = None
    last_seq: int = 0
    last_ok_at: datetime | None = None
    full_at: datetime | None = None
    last_visit_at: datetime | None = None
    last_outcome: Outcome | None = None
    last_reason: str = ""
    fails: int = 0
    unhealthy_since: datetime | None = None
    broken: bool = False
    retry_at: datetime | None = None
    next_visit_at: datetime | None = None
    feed: Feed | None = None


@dataclass(frozen=True, slots=True)
class Folding:
    """What folding one visit or look writes, in one transaction with the mark that it was folded.

    `releases` and `candidates` replace those of the same key; `seen` names those that the visit that ended at
    `seen_at` showed as they were, so that nothing but when they were seen changes; `dropped` names releases that
    turned out to be another one and leave with their revisions, addresses and candidates; `addresses` are (canonical
    address, key) pairs.
    """

    newsroom: Newsroom
    releases: tuple[Release, ...] = ()
    seen: tuple[str, ...] = ()
    seen_at: datetime | None = None
    dropped: tuple[str, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    revisions: tuple[Revision, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a digest: the changes it carries, in order, and the state of the newsrooms when it was made.

    `start` and `end` bound the period it reports. `name` is the file stem, `20261120T070000Z`. `previous_sha256` is
    the hash of the previous issue's JSON file, None for the first. `standing` is what was read by the end, for the
    line at the top; `timezone` is the one its times are shown in.
    """

    digest: str
    number: int
    name: str
    start: datetime
    end: datetime
    previous_sha256: str | None
    changes: tuple[Change, ...]
    standing: Standing
    formats: tuple[str, ...]
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A newsroom that is not being read: since which visit, why, and when it was last read; None if it never was."""

    newsroom: str
    since: datetime
    reason: str
    last_read: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the watched newsrooms stood when an issue was made: how many, how many were read in its period, when last."""

    newsrooms: int
    read: int
    last_read: datetime | None
    troubles: tuple[Trouble, ...] = ()
