"""Newsroom lives: a newsroom whose truth is known, watched by the real fold, and what it tells held against the truth.

A life is a random sequence of what newsrooms do (publish, edit, withdraw, unlist, move, pin, reorder, bursts,
outages, short pages, restoring), drawn from a seed. The listing is made from the truth without HTML; paging back,
judging by the window rule, looks and their waits are the product's own.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile

from crawler.chronology import day_of, pinned
from crawler.health import judge
from crawler.text import fold_title
from crawler.urls import canonical
from crawler.window import joined, meets, still_sought
from scheduler.detect import known_for_look, known_for_visit
from scheduler.fold import fold_look, fold_visit, wanted
from scheduler.folder import Rules
from storage.records import (
    Candidate,
    Cause,
    Change,
    Entry,
    Folding,
    Kind,
    Listing,
    Look,
    Newsroom,
    Outcome,
    Page,
    Recipe,
    Release,
    Seek,
    State,
    Verdict,
    Visit,
)

SITE = "https://news.example.org"
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
TICK = timedelta(minutes=30)
RECIPE = Recipe(entry="li")
SETTLES_WITHIN = timedelta(hours=12)  # looks that are not always answered, and a visit that reads back


class Shelf:
    """The store's view and folding on dictionaries, so that thousands of lives are quick."""

    def __init__(self) -> None:
        self.newsrooms: dict[str, Newsroom] = {}
        self.releases: dict[str, Release] = {}
        self.addresses: dict[str, str] = {}
        self.candidate_of: dict[str, Candidate] = {}

    def newsroom(self, newsroom: str, /) -> Newsroom | None:
        return self.newsrooms.get(newsroom)

    def releases_at(self, newsroom: str, addresses: Iterable[str], /) -> dict[str, Release]:
        return {a: self.releases[self.addresses[a]] for a in addresses if a in self.addresses}

    def releases_named(self, newsroom: str, keys: Iterable[str], /) -> dict[str, Release]:
        return {k: self.releases[k] for k in keys if k in self.releases}

    def held(self, newsroom: str, /) -> list[Release]:
        return [r for r in self.releases.values() if r.state is State.HELD]

    def top(self, newsroom: str, /, *, above: int | None = None, limit: int = 2000) -> list[Release]:
        return sorted((r for r in self.releases.values() if above is None or r.rank >= above), key=lambda r: -r.rank)[
            :limit
        ]

    def titled(self, newsroom: str, titles: Iterable[str], /) -> list[Release]:
        asked = set(titles)
        return [r for r in self.releases.values() if r.title_key in asked]

    def candidates(
        self, newsroom: str, /, *, keys: Iterable[str] | None = None, open_only: bool = True
    ) -> list[Candidate]:
        chosen = (
            self.candidate_of.values()
            if keys is None
            else [self.candidate_of[k] for k in keys if k in self.candidate_of]
        )
        return [c for c in chosen if not open_only or c.closed_seq is None]

    def fold(self, folding: Folding) -> None:
        self.newsrooms[folding.newsroom.id] = folding.newsroom
        for key in folding.dropped:
            del self.releases[key]
            self.candidate_of.pop(key, None)
            self.addresses = {a: k for a, k in self.addresses.items() if k != key}
        self.releases |= {r.key: r for r in folding.releases}
        for key in folding.seen:
            assert folding.seen_at is not None
            seen = replace(self.releases[key], last_seen=folding.seen_at, seen_seq=folding.newsroom.last_seq)
            self.releases[key] = seen
        self.addresses |= dict(folding.addresses)
        self.candidate_of |= {c.key: c for c in folding.candidates}


@dataclass
class Doc:
    """A release as its publisher knows it."""

    number: int
    slug: str
    title: str
    day: date | None
    summary: str
    created: datetime
    listed: bool = True
    online: bool = True
    pinned: bool = False
    linked: bool = True
    redirects: dict[str, str] = field(default_factory=dict)
    edits: int = 0  # edits that a window showed
    moves: int = 0  # moves that a window showed
    late: bool = False  # dated before others that stand below it
    bumped: bool = False  # moved up: its place says nothing of what it once stood below
    moved_at: datetime | None = None
    back_at: datetime | None = None
    missed_at: datetime | None = None
    glitched_at: datetime | None = None
    asked_at: datetime | None = None
    moving: bool = False  # moved, and not seen at its new address yet
    last_shown: Entry | None = None
    shown_under: str | None = None
    told: list[Kind] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{SITE}/news/{self.slug}"

    def strayed(self, since: datetime) -> bool:
        """Whether it was moved up, or since an instant to another address or back in, so that it proves no absence."""
        later = (self.moved_at, self.back_at)
        return self.bumped or self.pinned or self.moving or any(at is not None and at > since for at in later)

    def astray(self, now: datetime) -> bool:
        """Whether its place in the list tells nothing of what stood above it, or its last move may be unsettled."""
        moved = self.moving or (self.moved_at is not None and now - self.moved_at < timedelta(days=3))
        return self.bumped or self.pinned or moved


@dataclass(frozen=True)
class Style:
    """How one newsroom is: its page, its pager, its dates, its links, its pace."""

    per_page: int
    pager: bool
    dated: float
    linked: bool
    oldest_first: bool
    visit_every: int
    max_pages: int
    no_answer: float
    redirecting: bool
    grouped: bool  # one long page in no order: what is new may stand anywhere
    noisy: (
        bool  # the page cuts or leaves out summaries now and then, tells young dates as a distance, repeats its first
    )


class Life:
    """One newsroom's life under watch; `faults` holds every false, doubled or missed change in words."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.style = self._style()
        self.now = START
        self.docs: list[Doc] = []  # in list order, newest first
        self.count = 0
        self.shelf = Shelf()
        self.seq = 0
        self.rules = Rules(confirm_after=timedelta(hours=1))
        self.faults: list[str] = []
        self.changes: list[Change] = []
        self.short = False
        self.outage_until: datetime | None = None
        self.windows: list[tuple[datetime, tuple[int, ...]]] = []
        self.facts: Counter[Kind] = Counter()  # what happened, seen or not
        self.decidable: dict[tuple[Kind, int, int], str] = {}
        self.found: set[tuple[Kind, int, int]] = set()
        self.next_visit = START
        self.quiet = False
        self.was_pinned: set[int] = set()
        self.pinned_when_seen: set[int] = set()  # out of order at the top when last seen, or there ever since
        self.in_place: set[int] = set()  # seen where the order of the list puts them
        self.mood = "plain"
        self.gap_at: datetime | None = None
        self.turned = False  # the dates told only later which way the list is printed
        for _ in range(self.rng.randint(15 if self.style.oldest_first else 3, 30)):
            self.now += timedelta(hours=self.rng.choice([3, 9, 20, 30, 50]))
            self.publish()
        for doc in [self.publish() for _ in range(2)]:
            doc.title = "Daily briefing" if doc.linked else doc.title  # that it recurs can be known
        self.start = self.now
        self.next_visit = self.now

    def _style(self) -> Style:
        rng = self.rng
        pager, dated, per_page = rng.random() < 0.7, rng.choice([1.0, 1.0, 1.0, 0.7, 0.0]), rng.choice([4, 5, 6, 8, 12])
        grouped = rng.random() < 0.08
        if grouped:
            pager, dated, per_page = False, 1.0, 400
        return Style(
            per_page=per_page,
            pager=pager,
            dated=dated,
            linked=rng.random() < 0.9,
            oldest_first=not (pager or grouped) and dated == 1.0 and per_page >= 8 and rng.random() < 0.5,
            visit_every=rng.choice([2, 6, 12, 24]),
            max_pages=rng.choice([3, 6, 10]),
            no_answer=rng.choice([0.0, 0.0, 0.2]),
            redirecting=rng.random() < 0.6,
            grouped=grouped,
            noisy=rng.random() < 0.4,
        )

    # --- the world -----------------------------------------------------------------------------------------------

    def publish(self, *, back_days: int = 0, on_top: bool = False) -> Doc:
        self.count += 1
        topic = self.rng.choice(["courts", "asylum", "water", "press", "prisons", "Daily briefing"])
        title = (
            topic
            if topic == "Daily briefing" and self.style.linked
            else f"Report {self.count} on {topic} and what follows"
        )
        day = (self.now - timedelta(days=back_days)).date() if self.rng.random() < self.style.dated else None
        doc = Doc(
            self.count, f"{self.count}-{fold_title(topic).replace(' ', '-')}", title, day,
            f"Summary of {self.count} as first published.", self.now, linked=self.style.linked,
        )  # fmt: skip
        at = self.rng.randint(0, len(self.docs)) if self.style.grouped else 0
        doc.late = on_top
        if back_days and day and not (self.style.grouped or on_top):
            at = next((i for i, d in enumerate(self.docs) if d.day and d.day <= day), len(self.docs))
        self.docs.insert(at, doc)
        self.facts[Kind.NEW] += bool(self.shelf.newsrooms)
        return doc

    def page_size(self) -> int:
        return max(3, self.style.per_page // 2) if self.short and not self.style.grouped else self.style.per_page

    def ordered(self) -> list[Doc]:
        listed = [d for d in self.docs if d.listed]
        return [d for d in listed if d.pinned] + [d for d in listed if not d.pinned]

    def entry(self, doc: Doc, position: int) -> Entry:
        summary: str | None = doc.summary
        day, relative = doc.day, False
        if self.mood == "cut":
            summary = doc.summary[:14] + "…"
        elif self.mood == "bare":
            summary = None
        elif self.mood == "distance" and day == doc.created.date() and self.now - doc.created < timedelta(hours=20):
            day, relative = self.now.date(), True
        return Entry(doc.title, doc.url if doc.linked else None, day, None, summary, None, position, relative)

    def listing(self, page: int) -> Listing:
        size = self.page_size()
        docs = self.ordered()
        part = docs[page * size : (page + 1) * size]
        if self.style.oldest_first:
            part = part[::-1]
        elif self.mood == "featured" and page == 0:
            part = part[:1] + part
        more = self.style.pager and len(docs) > (page + 1) * size
        return Listing(
            url=f"{SITE}/news" + (f"?page={page}" if page else ""),
            entries=tuple(self.entry(d, i) for i, d in enumerate(part)),
            next=f"{SITE}/news?page={page + 1}" if more else None,
        )

    def act(self) -> None:
        """One thing that newsrooms do."""
        rng = self.rng
        unpinned = [d for d in self.docs[: self.style.per_page * 2] if d.listed and not d.pinned and not d.moving]
        act = rng.choices(
            ["publish", "backdate", "late", "burst", "edit", "withdraw", "unlist", "move", "pin", "unpin", "reorder",
             "bump", "outage", "short", "restore", "many"],
            [30, 2, 1, 3, 10, 8, 6, 8, 2, 3, 2, 1, 3, 3, 6, 1],
        )[0]  # fmt: skip
        if act == "publish":
            self.publish()
        elif act == "backdate":
            self.publish(back_days=rng.randint(1, 20))
        elif act == "late" and not self.style.oldest_first:
            self.publish(back_days=rng.randint(1, 6), on_top=True)
        elif act == "burst":
            for _ in range(rng.randint(3, min(self.style.per_page, 12) * 3)):
                self.publish()
        elif act == "outage":
            self.outage_until = self.now + timedelta(hours=rng.choice([1, 5, 30]))
        elif act == "short":
            self.short = not self.short
        elif act == "unpin":
            for d in self.docs:
                d.pinned = False
        elif act == "restore":
            self.restore()
        elif act == "many" and self.style.linked:
            for d in rng.sample(unpinned, min(len(unpinned), 5)):
                self.withdraw(d)
        elif unpinned and act != "many":
            self.act_on(act, rng.choice(unpinned))

    def act_on(self, act: str, doc: Doc) -> None:
        rng = self.rng
        if act == "edit" and doc.linked and not doc.moving:
            self.facts[Kind.EDITED] += 1
            if rng.random() < 0.5:
                doc.title = f"{doc.title.removesuffix(' (updated)')}, corrected {rng.randint(1, 99)}"
            else:
                doc.summary = f"Summary of {doc.number}, edited at {self.now:%d %H:%M}."
        elif act == "withdraw" and doc.linked:
            self.withdraw(doc)
        elif act == "unlist":
            doc.listed = False
            self.facts[Kind.UNLISTED] += 1
        elif act == "move" and doc.linked and doc.last_shown and doc.last_shown.title == doc.title:
            again = doc.moved_at is not None and self.now - doc.moved_at < timedelta(days=2)
            if again or doc.title.startswith("Daily briefing"):
                return  # too soon to be followed, or not a title of its own: only luck could tell
            doc.moved_at = self.now
            old, doc.moving = doc.slug, True
            doc.slug = f"{doc.number}-moved-{rng.randint(100, 999)}"
            if self.style.redirecting or self.style.noisy or not doc.day:
                doc.redirects = {slug: doc.slug for slug in [*doc.redirects, old] if slug != doc.slug}
            else:
                doc.redirects = {}
            self.facts[Kind.MOVED] += 1
        elif (
            act == "pin"
            and doc.day
            and not (self.style.oldest_first or self.style.grouped)
            and not any(d.pinned for d in self.docs)
        ):
            doc.pinned = True
        elif act == "reorder":
            at = self.docs.index(doc)
            alike = at + 1 < len(self.docs) and self.docs[at + 1].day == doc.day
            if alike and (doc.day or self.style.pager):
                self.docs[at : at + 2] = [self.docs[at + 1], doc]
                self.docs[at].bumped = doc.bumped = True
        elif act == "bump" and self.style.pager:
            self.docs.remove(doc)
            self.docs.insert(0, doc)
            doc.bumped = True

    def withdraw(self, doc: Doc) -> None:
        doc.listed = doc.online = False
        self.facts[Kind.WITHDRAWN] += 1

    def restore(self) -> None:
        lost = [d for d in self.docs if not d.listed and d.told and d.told[-1] in {Kind.WITHDRAWN, Kind.UNLISTED}]
        if lost:
            doc = self.rng.choice(lost)
            doc.listed = doc.online = True
            doc.back_at = self.now
            self.facts[Kind.RESTORED] += 1
            if doc.moving and doc.shown_under:
                doc.slug, doc.moving = doc.shown_under.rpartition("/")[2], False

    # --- the watch -----------------------------------------------------------------------------------------------

    def read(self, history_seeks: tuple[Seek, ...]) -> Visit:
        """A visit to the truth: pages back as the crawler does."""
        newsroom = self.shelf.newsroom("n")
        history = newsroom.history if newsroom and newsroom.baseline_at else None
        listings = [self.listing(0)]
        stopped = ""
        while True:
            met = meets(listings, history)
            if met and (history is None or not still_sought(listings, history_seeks)):
                break
            if listings[-1].next is None:
                break
            if len(listings) >= self.style.max_pages:
                stopped = "the page limit was reached"
                break
            listings.append(self.listing(len(listings)))
        health = judge(listings, history, Page(f"{SITE}/news", "text/html", b"<title>News</title>"))
        if not health.ok:
            return Visit("n", f"{SITE}/news", self.now, self.now, Outcome.SUSPECT, reason=health.reason)
        return Visit(
            newsroom="n", url=f"{SITE}/news", started_at=self.now, finished_at=self.now, outcome=Outcome.OK,
            window=tuple(listings), met=met, complete=listings[-1].next is None, stopped=stopped,
            sought=tuple(s.address for s in history_seeks), recipe=RECIPE, reader_version=1,
        )  # fmt: skip

    def visit(self) -> None:
        self.seq += 1
        moods = ["plain", "cut", "bare", "plain" if self.style.oldest_first else "distance", "featured"]
        self.mood = self.rng.choice(moods) if self.style.noisy and not self.quiet else "plain"
        open_candidates = self.shelf.candidates("n")
        _, seeks = wanted(open_candidates, self.shelf.releases, self.now, self.rules)
        if self.outage_until and self.now < self.outage_until:
            outcome = self.rng.choice([Outcome.FAILED, Outcome.SUSPECT])
            visit = Visit("n", f"{SITE}/news", self.now, self.now, outcome, reason="outage")
        else:
            visit = self.read(seeks)
        known = known_for_visit(self.shelf, visit)
        folding = fold_visit(known, self.seq, visit, self.rules)
        old, new = known.newsroom.history, folding.newsroom.history
        self.turned = self.turned or bool(old and new and old.oldest_first != new.oldest_first)
        if visit.outcome is Outcome.OK:
            self.note_window(visit, first=known.newsroom.baseline_at is None)
        self.take(folding)

    def look(self, candidate: Candidate) -> None:
        self.seq += 1
        release = self.shelf.releases[candidate.key]
        verdict, final, status = self.answer(release.url, release.title)
        look = Look(
            "n", release.key, release.url, self.now, verdict, reason=str(status), status=status, final_url=final,
            control=None if verdict is Verdict.NO_ANSWER else True,
        )  # fmt: skip
        folding = fold_look(known_for_look(self.shelf, look), self.seq, look, self.rules)
        self.take(folding)

    def answer(self, url: str, title: str) -> tuple[Verdict, str | None, int]:
        out = self.outage_until is not None and self.now < self.outage_until
        if out or (not self.quiet and self.rng.random() < self.style.no_answer):
            return Verdict.NO_ANSWER, None, 503
        slug = url.rpartition("/")[2]
        for doc in self.docs:
            if doc.online and doc.slug == slug:
                rested = doc.glitched_at is None or self.now - doc.glitched_at > timedelta(hours=8)
                if not self.quiet and rested and self.rng.random() < 0.05:
                    doc.glitched_at = self.now
                    return Verdict.GONE, url, 404
                return Verdict.THERE, url, 200
            if doc.online and doc.redirects.get(slug):
                return Verdict.THERE if fold_title(title) == fold_title(doc.title) else Verdict.GONE, doc.url, 200
        return Verdict.GONE, url, 404

    def live(self, days: int = 12) -> None:
        """The whole life, and a quiet end in which all that is decidable must come out."""
        until = self.now + timedelta(days=days)
        while self.now < until:
            self.tick(busy=True)
        self.quiet, self.short, self.outage_until = True, False, None
        until = self.now + timedelta(days=4)
        while self.now < until:
            self.tick(busy=False)
        self.check_missed()

    def tick(self, *, busy: bool) -> None:
        self.now += TICK
        if busy and self.rng.random() < 0.09:
            self.act()
        visits_wanted, _ = wanted(self.shelf.candidates("n"), self.shelf.releases, self.now, self.rules)
        if self.now >= self.next_visit or (visits_wanted and self.seq):
            self.visit()
            self.next_visit = self.now + timedelta(hours=self.style.visit_every)
        for candidate in self.shelf.candidates("n"):
            fresh = self.shelf.candidate_of.get(candidate.key)
            if fresh and fresh.closed_seq is None and fresh.next_look_at and fresh.next_look_at <= self.now:
                self.look(fresh)

    # --- the judgement -------------------------------------------------------------------------------------------

    def doc_at(self, url: str | None, title: str | None) -> Doc | None:
        for doc in self.docs:
            if url and doc.linked and canonical(doc.url) == canonical(url):
                return doc
        for doc in self.docs:
            if (
                doc.linked
                and url
                and url.rpartition("/")[2] in {*doc.redirects, (doc.shown_under or "").rpartition("/")[2]}
            ):
                return doc
        mates = [d for d in self.docs if not d.linked and d.title == title]
        return mates[0] if mates else None

    def note_window(self, visit: Visit, *, first: bool) -> None:
        entries = joined(visit.window)
        if self.style.oldest_first:
            entries = entries[::-1]
        fixed = pinned(entries)
        docs = [self.doc_of(e) for e in entries]
        numbers = tuple(d.number for i, d in enumerate(docs) if i not in fixed)
        previous = [w for _, w in self.windows]
        if not first:
            self.note_decidable(numbers, {d.number: e for d, e in zip(docs, entries, strict=True)}, previous)
        for entry, doc in zip(entries, docs, strict=True):
            if first and Kind.BASELINE not in doc.told:
                doc.told.append(Kind.BASELINE)
            self.note_shown(entry, doc)
            if doc.moving:
                doc.moved_at = self.now
            doc.last_shown, doc.shown_under, doc.moving = entry, doc.url, False
        self.windows.append((self.now, tuple(d.number for d in docs)))
        self.was_pinned = {d.number for i, d in enumerate(docs) if i in fixed or d.pinned}
        self.in_place |= {d.number for d in docs} - self.was_pinned
        top = takewhile(lambda d: d.pinned or d.bumped or d.number in self.was_pinned | self.pinned_when_seen, docs)
        self.pinned_when_seen = (self.pinned_when_seen - {d.number for d in docs}) | {d.number for d in top}

    def doc_of(self, entry: Entry) -> Doc:
        return next(
            d for d in self.docs if d.listed and d.title == entry.title and (not d.linked or d.url == entry.url)
        )

    def note_shown(self, entry: Entry, doc: Doc) -> None:
        """Notes what a release that is shown again makes decidable: an edit, a move, that it is back."""
        last = doc.last_shown
        if last is None or not doc.linked:
            return
        whole = all(e.summary and not e.summary.endswith("…") for e in (last, entry))
        doc.edits += (whole and entry.summary != last.summary) or entry.title != last.title
        if (whole and entry.summary != last.summary) or entry.title != last.title:
            self.note(Kind.EDITED, doc, doc.edits)
        if doc.told[-1:] in ([Kind.WITHDRAWN], [Kind.UNLISTED]):
            self.note(Kind.RESTORED, doc)
        elif doc.shown_under != doc.url and doc.number in self.windows[-1][1]:
            doc.moves += 1
            self.note(Kind.MOVED, doc, doc.moves)

    def note(self, kind: Kind, doc: Doc, turn: int | None = None) -> None:
        """Notes that a fact of a release that was told is decidable from now on."""
        if kind is Kind.NEW or Kind.NEW in doc.told or Kind.BASELINE in doc.told:
            turn = doc.told.count(Kind.RESTORED) if turn is None else turn
            self.decidable.setdefault((kind, doc.number, turn), f"{self.now:%d %H:%M}")

    def note_decidable(self, body: tuple[int, ...], shown: dict[int, Entry], previous: list[tuple[int, ...]]) -> None:
        """Notes what the absences and the unknown of a window make decidable.

        An entry that was pinned at the last visit, or moved up, back or to another address since, tells nothing.
        """
        by_number = {d.number: d for d in self.docs}
        ever = {n for w in previous for n in w}
        for doc in self.docs:
            if doc.number in shown or doc.listed or not previous or doc.number not in ever:
                continue
            seen_at, stood = next((at, w) for at, w in reversed(self.windows) if doc.number in w)
            below = set(stood[stood.index(doc.number) + 1 :]) - self.was_pinned
            proof = [
                by_number[n]
                for n in body
                if n in below and not by_number[n].strayed(seen_at) and told_older(shown[n], doc.last_shown)
            ]
            if doc.number in self.pinned_when_seen or doc.bumped:  # only dates tell its place, where they are in order
                proof = [d for d in proof if d.day and doc.day and not d.late]
            if doc.told[-1:] in ([Kind.WITHDRAWN], [Kind.UNLISTED]):
                continue
            if self.gap_at is not None and self.gap_at > seen_at:
                continue  # the windows since do not tell what stood below it
            if self.style.grouped:
                continue  # in no order, what stood below tells nothing
            if proof and doc.linked and not doc.online:
                self.note(Kind.WITHDRAWN, doc)
            enough = 1 if doc.number in self.in_place else 2  # a single older one may have been moved there
            if doc.day and doc.online and sum(d.day is not None for d in proof) >= enough:
                doc.missed_at = doc.missed_at or self.now
                if self.now - doc.missed_at >= SETTLES_WITHIN:  # it takes a later visit that reads as far
                    self.note(Kind.UNLISTED, doc)
            else:
                doc.missed_at = None
        steady = {n for n in self.in_place if not by_number[n].astray(self.now)}
        lowest = max((i for i, n in enumerate(body) if n in steady), default=None)
        latest = max((d.day for d in self.docs if d.number in ever and d.day), default=None)
        for i, n in enumerate(body):
            doc = by_number[n]
            unseen = n not in ever and Kind.BASELINE not in doc.told and doc.created > self.start
            recent = doc.day is not None and doc.day > self.windows[-1][0].date() and doc.day == doc.created.date()
            above = [day for m in body[: i + 1] if (day := by_number[m].day)]
            if lowest is None and (set(body) & ever or (latest and any(day < latest for day in above))):
                continue  # only what was moved is known here, or it continues nothing that is known
            # in the place of one that went it reads as that one edited
            twin = not doc.linked and any(d.day == doc.day and not d.listed for d in self.docs)
            if (
                unseen
                and not twin
                and (lowest is None or i < lowest or (self.style.grouped and recent and not self.style.noisy))
            ):
                self.note(Kind.NEW, doc, 0)

    def take(self, folding: Folding) -> None:
        for candidate in folding.candidates:
            if candidate.opened_seq == self.seq and candidate.cause is Cause.ABSENT and candidate.looks == 0:
                self.judge_question(candidate)
        self.shelf.fold(folding)
        for change in folding.changes:
            self.changes.append(change)
            if change.kind is Kind.GAP:
                self.gap_at = self.now
                self.judge_gap(change)
            if change.kind not in {Kind.BASELINE, Kind.BROKEN, Kind.RECOVERED, Kind.GAP}:
                self.judge(change)

    def fault(self, what: str, change: Change) -> None:
        self.faults.append(
            f"{self.now:%d %H:%M} false {change.kind}: {what}: {change.url} {change.title!r} {dict(change.detail)}"
        )

    def judge(self, change: Change) -> None:
        """Holds one told change against the truth."""
        doc = self.doc_at(change.url, change.title)
        if doc is None:
            self.fault("no such release", change)
            return
        told = change.kind
        turns = {Kind.NEW: 0, Kind.EDITED: doc.edits, Kind.MOVED: doc.moves}
        self.found.add((told, doc.number, turns.get(told, doc.told.count(Kind.RESTORED))))
        gone = doc.told[-1:] in ([Kind.WITHDRAWN], [Kind.UNLISTED])
        if told is Kind.NEW:
            if Kind.NEW in doc.told or Kind.BASELINE in doc.told:
                self.fault("known already", change)
            blind = (
                doc.day is None and self.gap_at and self.now - self.gap_at < timedelta(days=1)
            )  # nothing tells an undated one apart from the others
            if doc.created <= self.start and not (change.detail.get("backdated") or doc.bumped or blind):
                self.fault("older than the watch", change)
        elif told is Kind.WITHDRAWN and (self.serves(doc, change.url) or gone):
            self.fault("told already" if gone else "it is online", change)
        elif told is Kind.UNLISTED and (doc.listed or not doc.online or gone):
            self.fault(f"listed {doc.listed} online {doc.online} told {gone}", change)
        elif told is Kind.RESTORED and not (gone and doc.online and (doc.listed or doc.number in self.windows[-1][1])):
            self.fault("it is not back", change)
        elif told is Kind.MOVED and (
            (change.url or "").rpartition("/")[2] not in {doc.slug, *doc.redirects} or change.detail["from"] == doc.url
        ):
            self.fault("it did not move there", change)
        elif told is Kind.EDITED:
            self.judge_edit(change, doc)
        if told is Kind.UNLISTED:
            self.note(told, doc)
        if told not in {Kind.EDITED, Kind.MOVED}:
            doc.told.append(told)

    def serves(self, doc: Doc, url: str | None) -> bool:
        """Whether a release can be reached at the address it was known by, or the last window shows where it is."""
        slug = (url or "").rpartition("/")[2]
        in_sight = doc.number in self.windows[-1][1] and not doc.moving
        return doc.online and (doc.slug == slug or slug in doc.redirects or in_sight)

    def judge_gap(self, change: Change) -> None:
        """A gap is false where the window meets the one before it and nothing published since is out of sight."""
        if self.style.grouped or self.style.noisy or self.style.dated < 1:
            return  # without any order, a release that went may hide others or not
        before, now = [window for _, window in self.windows[-2:]]
        by_number = {d.number: d for d in self.docs}
        steady = [n for n in before if not by_number[n].astray(self.now) and n in now]
        unseen = any(
            d.listed and d.created > self.start and d.number not in now and Kind.NEW not in d.told for d in self.docs
        )
        if steady and steady[-1] == before[-1] and not unseen:
            self.fault("the windows meet", change)

    def judge_question(self, candidate: Candidate) -> None:
        """Holds the making of a candidate against the truth: something older must be shown, and one asks once a day."""
        release = self.shelf.releases[candidate.key]
        doc = self.doc_at(release.url, release.title)
        if doc is None or doc.moving or not doc.linked:
            return
        shown = [d for d in self.docs if d.number in self.windows[-1][1]]
        if doc.day and not self.style.noisy and not any(older(d, doc) for d in shown if d is not doc):
            self.faults.append(f"{self.now:%d %H:%M} asked without evidence: {release.url}")
        if (
            doc.asked_at
            and self.now - doc.asked_at < timedelta(hours=20)
            and doc.number not in self.shown_since(doc.asked_at)
        ):
            self.faults.append(f"{self.now:%d %H:%M} asked again too soon: {release.url}")
        doc.asked_at = self.now

    def shown_since(self, when: datetime) -> set[int]:
        """The releases that a window has shown since."""
        return {n for at, window in self.windows if at >= when for n in window}

    def judge_edit(self, change: Change, doc: Doc) -> None:
        for name, values in change.detail["fields"].items():
            told = str(values["after"])
            truths = [str(getattr(x, "day" if name == "date" else name, None)) for x in (doc, doc.last_shown)]
            fits = any(truth.startswith(told[:-1]) if told.endswith("…") else told == truth for truth in truths)
            before = str(values["before"])
            cut = before.endswith("…") or told.endswith("…")
            same = before[:12] == told[:12] and before[:-1].startswith(told[:-1]) if cut else before == told
            if not fits or same:
                self.fault(f"{name} is {truths}", change)

    def check_missed(self) -> None:
        """Holds the end of a life against what was decidable, unless the newsroom is not believed any more."""
        if self.shelf.newsrooms["n"].fails or self.turned:
            return
        by_number = {d.number: d for d in self.docs}
        for (kind, number, turn), since in self.decidable.items():
            doc = by_number[number]
            lasts = {
                Kind.WITHDRAWN: not (doc.online or doc.listed),
                Kind.UNLISTED: doc.online and not doc.listed,
                Kind.MOVED: doc.online and doc.listed and doc.moves == turn and not doc.moving,
                Kind.RESTORED: doc.online and doc.listed,
            }
            if lasts.get(kind, True) and (kind, number, turn) not in self.found:
                self.faults.append(f"missed {kind} of {number} {doc.url} {doc.title!r} decidable since {since}")
        for doc in self.docs:
            release = next(
                (r for r in self.shelf.releases.values() if doc.linked and canonical(r.url) == canonical(doc.url)), None
            )
            shown = release is not None and release.seen_seq == self.shelf.newsrooms["n"].last_seq
            if release and shown and (release.title, release.summary) != (doc.title, doc.summary):
                self.faults.append(f"missed edit of {doc.url}: {release.title!r} is {doc.title!r}")
        if held := self.shelf.held("n"):
            self.faults.append(f"still held: {[r.url for r in held]}")


def older(x: Doc, r: Doc) -> bool:
    return x.day is None or r.day is None or x.day < r.day


def told_older(x: Entry, r: Entry | None) -> bool:
    """Whether the told dates, where there are two, say so; one told as a distance may be a day off."""
    day, other = day_of(x), day_of(r) if r else None
    return day is None or other is None or (other - day).days > int(x.relative or bool(r and r.relative))


def live(seed: int, days: int = 12, *, confirm_after_h: float = 1) -> Life:
    """The life of a seed, lived to its end."""
    life = Life(seed)
    life.rules = Rules(confirm_after=timedelta(hours=confirm_after_h))
    life.live(days)
    return life
