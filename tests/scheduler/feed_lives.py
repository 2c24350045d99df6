"""Newsroom lives watched through two sources: the list of `lives`, and a feed beside it with a window of its own.

The feed lags, leaves some releases out and has others to itself, stands in the order of dates, spells addresses its own
way, words summaries its own way, is out of order now and then, and answers that it is unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.beside import doubt
from crawler.urls import canonical
from scheduler.feeds import WAITED_FOR
from storage.records import Change, Entry, FeedAnswer, Kind, Listing, Outcome, Seek, Verdict, Visit
from tests.scheduler.lives import SETTLES_WITHIN, SITE, Doc, Life, Style, told_older

FEED_URL = f"{SITE}/feed"
PROXY = "https://feeds.example.net/~r/news/"
WORDED = "In short: "  # how the feed begins its summaries


@dataclass(frozen=True)
class FeedStyle:
    """How the feed of one newsroom is."""

    size: int
    lag: timedelta
    leaves_out: float  # a share of what the list shows
    extra: float  # a share of releases that the list never shows
    spelling: str  # what it adds to addresses; PROXY: its own redirects
    fails: float
    unchanged: float  # how often it says so where it could


class FeedLife(Life):
    """One newsroom's life under watch through its list and its feed."""

    def __init__(self, seed: int) -> None:
        self.states: list[tuple[datetime, tuple[tuple[int, Entry], ...]]] = []
        self.aside: set[int] = set()  # releases that only the feed shows
        self.left_out: set[int] = set()
        self.feed_now: tuple[tuple[int, Entry], ...] | None = None  # as read at this visit
        self.feed_last: tuple[tuple[int, Entry], ...] | None = None  # as last believed before it
        self.feed_seen: list[tuple[datetime, frozenset[int]]] = []
        self.left_at: dict[int, datetime] = {}  # when the feed was first seen without a release of its own
        self.failing_since: datetime | None = None
        super().__init__(seed)
        rng = self.rng
        self.feed = FeedStyle(
            size=rng.choice([4, 8, 10, 20]),
            lag=timedelta(hours=rng.choice([0, 0, 1, 5, 20])),
            leaves_out=rng.choice([0.0, 0.0, 0.2]),
            extra=rng.choice([0.0, 0.1, 0.3]),
            spelling=rng.choice(["", "?utm_source=rss", "?source=feed", PROXY]),
            fails=rng.choice([0.0, 0.0, 0.15]),
            unchanged=rng.choice([0.0, 0.7]),
        )
        if self.feed.spelling == PROXY:  # a release is told by its title alone, which must be its own
            self.style = replace(self.style, dated=1.0)
            for doc in self.docs:
                self.name(doc)
        self.sort_out(self.docs)
        self.states.append((self.now, self.feed_state()))

    def _style(self) -> Style:
        style = super()._style()
        return replace(style, linked=True, visit_every=min(style.visit_every, 12))

    # --- the world -----------------------------------------------------------------------------------------------

    def sort_out(self, docs: list[Doc]) -> None:
        for doc in docs:
            draw = self.rng.random()
            if draw < self.feed.leaves_out:
                self.left_out.add(doc.number)
            elif draw > 1 - self.feed.extra:
                self.aside.add(doc.number)
            if doc.number in self.aside | self.left_out:  # two of one title and day are one, where each shows one
                doc.title = doc.title.replace("Daily briefing", f"Daily briefing ({doc.number})")

    def publish(self, *, back_days: int = 0, on_top: bool = False) -> Doc:
        doc = super().publish(back_days=back_days, on_top=on_top)
        if hasattr(self, "feed"):
            self.name(doc)
            self.sort_out([doc])
        return doc

    def name(self, doc: Doc) -> None:
        """Gives a release a title of its own, and a day, where the feed's address does not tell which one it is."""
        if self.feed.spelling == PROXY:
            doc.title = f"{doc.title} ({doc.number})" if doc.title == "Daily briefing" else doc.title
            doc.day = doc.day or doc.created.date()

    def act_on(self, act: str, doc: Doc) -> None:
        title = doc.title
        super().act_on(act, doc)
        if self.feed.spelling == PROXY:
            doc.title = title

    def ordered(self) -> list[Doc]:
        return [d for d in super().ordered() if d.number not in self.aside]

    def feed_state(self) -> tuple[tuple[int, Entry], ...]:
        """What the feed would show now, were it not for its cache."""
        docs = [d for d in self.docs if d.listed and d.number not in self.left_out]
        docs.sort(key=lambda d: (d.day or d.created.date(), d.number), reverse=True)
        return tuple((d.number, self.feed_entry(d, i)) for i, d in enumerate(docs[: self.feed.size]))

    def feed_entry(self, doc: Doc, position: int) -> Entry:
        proxied = self.feed.spelling == PROXY
        url = f"{PROXY}{doc.number}" if proxied else doc.url + self.feed.spelling
        return Entry(doc.title, url, doc.day or doc.created.date(), None, WORDED + doc.summary, None, position)

    # --- the watch -----------------------------------------------------------------------------------------------

    def tick(self, *, busy: bool) -> None:
        self.states.append((self.now, self.feed_state()))
        super().tick(busy=busy)

    def read(self, history_seeks: tuple[Seek, ...]) -> Visit:
        return self.beside(super().read(history_seeks))

    def beside(self, visit: Visit) -> Visit:
        """The visit with what it has of the feed."""
        if visit.outcome is not Outcome.OK:
            return visit
        at = self.now - self.feed.lag
        _, state = next(((t, s) for t, s in reversed(self.states) if t <= at), self.states[0])
        newsroom = self.shelf.newsroom("n")
        history = newsroom.history if newsroom else None
        listing = Listing(FEED_URL, tuple(e for _, e in state))
        trouble = doubt(listing, visit.window, history, visit.url)
        if not self.quiet and self.rng.random() < self.feed.fails:
            trouble = "HTTP 503"
        if trouble:
            self.failing_since = self.failing_since or self.now
            self.feed_now = None
            return replace(visit, feed_answer=FeedAnswer(FEED_URL, trouble))
        self.failing_since = None
        self.feed_now = state
        if state == self.feed_last and self.rng.random() < self.feed.unchanged:
            return replace(visit, feed_answer=FeedAnswer(FEED_URL, unchanged=True))
        return replace(visit, feed=listing, feed_answer=FeedAnswer(FEED_URL))

    def answer(self, url: str, title: str) -> tuple[Verdict, str | None, int]:
        doc = self.proxied(url)
        verdict, final, status = super().answer(doc.url if doc else url.partition("?")[0], title)
        return verdict, final, status

    def proxied(self, url: str | None) -> Doc | None:
        number = url.removeprefix(PROXY) if url and url.startswith(PROXY) else ""
        return next((d for d in self.docs if str(d.number) == number), None)

    # --- the judgement -------------------------------------------------------------------------------------------

    def doc_at(self, url: str | None, title: str | None) -> Doc | None:
        return self.proxied(url) or super().doc_at(url and url.partition("?")[0], title)

    def judge(self, change: Change) -> None:
        if not self.proxied(change.url):
            told = {name: one.partition("?")[0] for name, one in change.detail.items() if name == "from"}
            url = change.url and change.url.partition("?")[0]
            change = replace(change, url=url, detail={**change.detail, **told})
        doc = self.doc_at(change.url, change.title)
        if change.kind is Kind.RESTORED and doc is not None and doc.number in dict(self.feed_last or ()):
            self.found.add((change.kind, doc.number, doc.told.count(change.kind)))
            doc.told.append(change.kind)  # the feed shows it, however late that is, and its page is there
            return
        super().judge(change)

    def serves(self, doc: Doc, url: str | None) -> bool:
        return super().serves(doc, doc.url if self.proxied(url) else (url or "").partition("?")[0])

    def may_show(self, doc: Doc) -> bool:
        """Whether the feed shows a release, or may for all that the watch can know."""
        if self.feed_now is not None:
            return doc.number in {n for n, _ in self.feed_now}
        waits = self.failing_since is not None and self.now - self.failing_since < WAITED_FOR
        return waits and doc.number in {n for n, _ in self.feed_last or ()}

    def note(self, kind: Kind, doc: Doc, turn: int | None = None) -> None:
        if kind in {Kind.WITHDRAWN, Kind.UNLISTED} and self.may_show(doc) and doc.told[-1:] != [kind]:
            return
        super().note(kind, doc, turn)

    def note_window(self, visit: Visit, *, first: bool) -> None:
        super().note_window(visit, first=first)
        for doc in self.docs:
            if self.may_show(doc):
                doc.missed_at = None
        if self.feed_now is None:
            return
        self.note_feed({n for n, _ in self.feed_last} if self.feed_last is not None else None)
        self.feed_last = self.feed_now
        self.feed_seen.append((self.now, frozenset(n for n, _ in self.feed_now)))

    def note_feed(self, before: set[int] | None) -> None:
        """Notes what the feed makes decidable."""
        now = dict(self.feed_now or ())
        by_number = {d.number: d for d in self.docs}
        ever = {n for _, window in self.windows for n in window} | {n for _, w in self.feed_seen for n in w}
        last = dict(self.feed_last or ())
        listed = set(self.windows[-1][1])
        for n, entry in now.items():
            doc = by_number[n]
            raised = n in listed and (doc.bumped or n in self.was_pinned)  # the list may tell it, as backdated
            if before is None and not doc.told and doc.created <= self.start and not raised:
                doc.told.append(Kind.BASELINE)
            if n in self.aside:
                self.note_aside(doc, entry, again=n in last)
        if before is None:
            return
        order = list(now)
        shared = [i for i, n in enumerate(order) if n in before]
        for i, n in enumerate(order):
            doc = by_number[n]
            if shared and i < shared[-1] and n not in ever and not doc.told and doc.created > self.start:
                self.note(Kind.NEW, doc, 0)
        stood = list(last)
        for n in stood:
            doc = by_number[n]
            if n in now or n in listed or doc.told[-1:] in ([Kind.WITHDRAWN], [Kind.UNLISTED]) or doc.listed:
                continue
            seen_at = self.feed_seen[-1][0]
            below = [
                m
                for m in stood[stood.index(n) + 1 :]
                if m in now
                and told_older(now[m], last[n])
                and told_older(now[m], doc.last_shown)
                and not by_number[m].strayed(seen_at)
            ]
            if below and not doc.online:
                self.note(Kind.WITHDRAWN, doc)
            elif below and n in self.aside:
                self.left_at.setdefault(n, self.now)
        for n, at in list(self.left_at.items()):
            if n in now or not shared:
                del self.left_at[n]
            elif self.now - at >= SETTLES_WITHIN and by_number[n].online and not by_number[n].listed:
                self.note(Kind.UNLISTED, by_number[n])

    def note_aside(self, doc: Doc, entry: Entry, *, again: bool) -> None:
        """Notes what the feed shows of a release that is its own: an edit, that it is back."""
        last = doc.last_shown
        if last is not None and (last.title, last.summary) != (entry.title, entry.summary):
            doc.edits += 1
            self.note(Kind.EDITED, doc, doc.edits)
        if again and doc.told[-1:] in ([Kind.WITHDRAWN], [Kind.UNLISTED]):
            self.note(Kind.RESTORED, doc)
        doc.last_shown, doc.shown_under, doc.moving = entry, doc.url, False

    def judge_question(self, candidate: object) -> None:
        """The list alone is no evidence here: what is asked rests on either source."""

    def judge_edit(self, change: Change, doc: Doc) -> None:
        fields = {
            name: {when: str(value).removeprefix(WORDED) for when, value in values.items()}
            for name, values in change.detail["fields"].items()
        }
        if any(
            str(values["before"]).startswith(WORDED) != str(values["after"]).startswith(WORDED)
            for name, values in change.detail["fields"].items()
            if name == "summary"
        ):
            self.fault("the two sources are compared", change)
        last = doc.last_shown
        if last is not None and last.summary:
            doc.last_shown = replace(last, summary=last.summary.removeprefix(WORDED))
        super().judge_edit(replace(change, detail={**change.detail, "fields": fields}), doc)
        doc.last_shown = last

    def check_missed(self) -> None:
        super().check_missed()
        told = [c.key for c in self.changes if c.kind is Kind.NEW]
        if len(told) != len(set(told)):
            self.faults.append("told as new twice")
        keys = {canonical(r.url): r.key for r in self.shelf.releases.values()}
        doubles = [d.url for d in self.docs if len({keys[a] for a in self.spellings(d) if a in keys}) > 1]
        if doubles:
            self.faults.append(f"kept twice: {doubles}")

    def spellings(self, doc: Doc) -> set[str]:
        """The addresses of a release by which the watch can know that they are one's."""
        return {canonical(doc.url), canonical(doc.url + self.feed.spelling.removeprefix(PROXY))}


def feed_live(seed: int, days: int = 12) -> FeedLife:
    """The life of a seed, lived to its end."""
    life = FeedLife(seed)
    life.live(days)
    return life
