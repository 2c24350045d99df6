"""The feed beside a list: a window of its own, compared by the window rule with what it last showed.

A release is missing only if it is missing from each of the two that must show it, and whatever only one of them shows
is told once. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import zip_longest

from crawler.text import fold_title
from scheduler.alike import alike, bare_addresses, may_be
from scheduler.compare import feed_reader_of
from scheduler.diff import Difference, diff, in_place
from scheduler.folder import Folder
from scheduler.identify import Shown, Window, addresses_of, same_page
from scheduler.known import Known
from storage.records import FEED_READER, Cause, Feed, FeedAnswer, History, Listing, Newsroom, Release, State, Visit

WAITED_FOR = timedelta(hours=6)  # a feed that cannot be read for longer no longer speaks for what it last showed


@dataclass(frozen=True, slots=True)
class Beside:
    """What the feed tells at one visit; nothing where none is watched.

    `here` are the keys of the releases that it shows, `before` of those it last showed. `read`: it was read, or is
    unchanged; `waits`: it was not, but may still show what it last showed. `difference` is what it shows against what
    it last showed, None where it was not read anew.
    """

    read: bool = False
    waits: bool = False
    here: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    difference: Difference | None = None

    def may_show(self, key: str) -> bool:
        """Whether the feed shows a release, or may, for all that is known of it."""
        return key in self.here or (self.waits and key in self.before)

    def misses(self, key: str) -> bool:
        """Whether the feed was read, goes on from what it last showed, and does not show a release."""
        met = self.difference is None or self.difference.met
        return self.read and met and key not in self.here


def known_to_list(known: Known, listings: Sequence[Listing]) -> tuple[Known, dict[str, str]]:
    """What is known as the list is to be compared with it; and old keys by the address of those known otherwise.

    What the feed alone showed so far is known under the list's address, too. What the feed showed when it was first
    read was never told as new; what is not older than anything listed is unknown to the list, which may be late.
    """
    alias = feed_only_alike(listings, known)
    untold = {key for key, release in known.releases.items() if _may_be_news(release, known.newsroom)}
    addresses = {a: k for a, k in {**known.addresses, **alias}.items() if k not in untold}
    kept = {key: release for key, release in known.releases.items() if key not in untold}
    renamed = {a: k for a, k in {**known.addresses, **alias}.items() if k in untold and a != k}
    return replace(known, addresses=addresses, releases=kept), renamed


def _may_be_news(release: Release, newsroom: Newsroom) -> bool:
    """Whether the feed showed a release when it was first read, and the list, read before, may only be late with it."""
    began = newsroom.feed.began_at if newsroom.feed else None
    newest = newsroom.history.newest if newsroom.history else None
    untold = release.feed_only and release.state is State.LISTED and release.first_seen == began
    dated = release.date is not None and newest is not None and release.date >= newest
    return untold and dated and began != newsroom.baseline_at


def feed_only_alike(listings: Sequence[Listing], known: Known) -> dict[str, str]:
    """The keys of releases that only the feed showed so far, by the unknown address at which the list shows them."""
    if not any(release.feed_only for release in known.releases.values()):
        return {}
    return alike(listings, known, lambda release, _: release.feed_only)


def note_feed(folder: Folder, visit: Visit, window: Window | None) -> Beside:
    """Notes what the feed of a believed visit shows beside the list: releases, their edits, what it remembers.

    `window` is the list's, None where that is unchanged.
    """
    newsroom, answer = folder.newsroom, visit.feed_answer
    feed, history = newsroom.feed, newsroom.history or History()
    if answer is None or feed is None or feed.url != answer.url:
        _begin(folder)
        history = replace(history, feed=None)
        feed = None if answer is None else Feed(answer.url)
    if feed is None or answer is None or newsroom.history is None:
        folder.newsroom = replace(newsroom, feed=None, history=newsroom.history and history)
        return Beside()
    before = history.feed
    folder.newsroom = replace(newsroom, feed=_remembered(feed, answer, visit, folder.seq), history=history)
    keys = _keys_of(before, folder.known.addresses)
    if answer.trouble or (visit.feed is None and not answer.unchanged):
        return Beside(waits=visit.finished_at - (feed.trouble_since or visit.finished_at) < WAITED_FOR, before=keys)
    if visit.feed is None:
        return Beside(read=before is not None, here=keys, before=keys)
    known = _known_to_feed(folder, feed, before, visit.feed)
    difference = diff(known, (visit.feed,), visit.finished_at, feed_reader_of(visit), folder.rules.zone)
    _note_shown(folder, difference, visit, window, first=before is None)
    remembered = replace(history, feed=_history(before, difference, visit, known))
    folder.newsroom = replace(folder.newsroom, history=remembered)
    return Beside(True, False, frozenset(s.key for s in difference.window.shown), keys, difference)


def missing_from_feed(folder: Folder, beside: Beside) -> list[Release]:
    """The releases that the feed must show and does not, and that the list does not show either."""
    if beside.difference is None:
        return []
    absent = [folder.releases[r.key] for r in beside.difference.absent if r.key in folder.releases]
    return [release for release in absent if not listed_now(release, folder)]


def back_in_feed(folder: Folder, beside: Beside) -> list[Release]:
    """The releases told as gone that the feed shows again, and the list does not.

    Of those that the list once showed, only what their own pages decide: a feed out of a cache is as late as it is.
    Else the feed alone tells, twice in a row, for a cache now and then serves an old one.
    """
    if beside.difference is None:
        return []
    back = [folder.releases[r.key] for r in beside.difference.back if r.key in folder.releases]
    return [
        release
        for release in back
        if not listed_now(release, folder)
        and (release.state is State.WITHDRAWN or (release.feed_only and release.key in beside.before))
        and release.state in {State.WITHDRAWN, State.UNLISTED}
    ]


def twins_in_feed(folder: Folder, beside: Beside) -> list[tuple[str, Shown]]:
    """The keys of releases that neither shows any more, with the feed's unknown entry that carries title and date.

    Where the list told no date the title alone makes it worth a look, as where neither did.
    """
    if beside.difference is None:
        return []
    twins = [(r.key, s) for r, s in beside.difference.twins]
    for s in beside.difference.new:
        title = fold_title(s.entry.title)
        mates = [r for r in folder.releases.values() if r.title_key == title and r.key != s.key]
        if len(mates) == 1 and mates[0].date is None and mates[0].linked and mates[0].state is not State.HELD:
            twins.append((mates[0].key, s))
    gone = {key for key, _ in twins if key in folder.releases and key not in beside.here}
    return [(key, s) for key, s in twins if key in gone and not listed_now(folder.releases[key], folder)]


def listed_now(release: Release, folder: Folder) -> bool:
    """Whether the list as last read shows a release."""
    return not release.feed_only and release.seen_seq == folder.newsroom.last_seq


def _begin(folder: Folder) -> None:
    """Forgets a feed that is no longer watched: what only it could tell is no longer asked."""
    for candidate in folder.open_candidates():
        if candidate.cause is Cause.ABSENT and folder.releases[candidate.key].feed_only:
            folder.close(candidate, "its feed is no longer watched")


def _remembered(feed: Feed, answer: FeedAnswer, visit: Visit, seq: int) -> Feed:
    """What is remembered of the feed after a visit."""
    at, wait_s = visit.finished_at, answer.retry_after_s
    if answer.trouble:
        return replace(
            feed,
            trouble=answer.trouble,
            trouble_since=feed.trouble_since or at,
            retry_at=at + timedelta(seconds=wait_s) if wait_s else None,
        )
    feed = replace(feed, read_at=at, validators=answer.validators, trouble="", trouble_since=None, retry_at=None)
    if visit.feed is None:
        return feed
    return replace(
        feed,
        began_at=feed.began_at or at,
        last_seq=seq,
        body_sha256=answer.body_sha256,
        reader_version=visit.reader_version,
    )


def _keys_of(before: History | None, addresses: Mapping[str, str]) -> frozenset[str]:
    shown = (*before.addresses, *before.pinned) if before else ()
    return frozenset(addresses[a] for a in shown if a in addresses)


def _known_to_feed(folder: Folder, feed: Feed, before: History | None, listing: Listing) -> Known:
    """What is known as the feed is to be compared with it: ranks are places in its last window, and nowhere else.

    An unknown address that carries the title and day of a release that the list shows is that release's; so is one of
    another kind, and when the feed is first read any, wherever that release stands now.
    """
    addresses = {**folder.known.addresses, **dict(folder.addresses)}
    stood = _stood(folder, before, addresses) if before else {}
    places = [addresses.get(a, a) for a in (before.addresses if before else ()) if a in addresses or a in stood]
    ranks = {key: rank for rank, key in enumerate(reversed(dict.fromkeys(places)), 1)}
    kept = {**stood, **folder.releases}
    pinned = [key for a in (before.pinned if before else ()) if (key := addresses.get(a)) in folder.releases]
    for address, bare in bare_addresses(listing).items():
        if bare in addresses:
            addresses.setdefault(address, addresses[bare])
    here = {addresses[a] for _, filed in addresses_of((listing,)) for a in filed if a in addresses}
    titles = {fold_title(entry.title) for entry in listing.entries}
    releases = {
        key: replace(release, rank=ranks.get(key, 0), seen_seq=release.feed_seq)
        for key, release in kept.items()
        if key in ranks or key in here or key in pinned or release.title_key in titles
    }
    ranks = {key: rank for key, rank in ranks.items() if key in releases}
    known = Known(
        newsroom=Newsroom(
            folder.newsroom.id,
            feed.url,
            history=before,
            baseline_at=feed.began_at if before else None,
            last_ok_at=feed.read_at,
        ),
        releases=releases,
        addresses=addresses,
        section=tuple(sorted(ranks, key=lambda key: -ranks[key])),
        unplaced=tuple(key for key in pinned if key not in ranks),
        top_rank=len(ranks),
        candidates=folder.candidates,
    )
    same = alike(
        (listing,), known, lambda r, apart: before is None or apart or listed_now(folder.releases[r.key], folder)
    )
    return replace(known, addresses={**addresses, **same})


def _stood(folder: Folder, before: History, addresses: Mapping[str, str]) -> dict[str, Release]:
    """What stood in the feed's last window and is not kept, by its address: only its place and its day are known."""
    days = dict(zip_longest(before.addresses, before.days, fillvalue=""))
    unkept = {address: day for address, day in days.items() if address not in addresses}
    return {
        address: Release(
            newsroom=folder.newsroom.id, key=address, url=address, title="", title_key="",
            date=date.fromisoformat(day) if day else None, published_at=None, kind=None, summary=None, caption=None,
            state=State.LISTED, rank=0, first_seen=folder.at, last_seen=folder.at, seen_seq=0, reader=FEED_READER,
        )
        for address, day in unkept.items()
    }  # fmt: skip


def _note_shown(folder: Folder, difference: Difference, visit: Visit, window: Window | None, *, first: bool) -> None:
    """Notes what the feed shows: known releases, their edits, and those that are new.

    What is unknown and no news is kept where the feed is first read; later it is left to the list, which may yet show
    it as new. Left to the list is also what may be one of its own.
    """
    reader, bare = feed_reader_of(visit), bare_addresses(visit.feed) if visit.feed else {}
    for s in difference.window.shown:
        if s.key in folder.releases:
            folder.show_in_feed(s, reader)
    for edit in difference.edited:
        folder.edited(edit.release, edit.fields)
    unwatched = {fold_title(s.entry.title) for s in window.shown if s.key not in folder.releases} if window else set()
    here = {s.key for s in difference.window.shown}
    others = [r for r in folder.releases.values() if not r.feed_only and r.key not in here]
    state, unknown = (State.LISTED, difference.history) if first else (State.HELD, difference.new)
    for s in unknown:
        doubtful = fold_title(s.entry.title) in unwatched or any(may_be(r, s.entry) for r in others)
        if not doubtful and folder.rules.watch(s.entry.title, s.url):
            folder.add(s, reader, state, backdated=s.key in difference.backdated)
            if s.address in bare:
                folder.addresses.append((bare[s.address], s.key))


def _history(before: History | None, difference: Difference, visit: Visit, known: Known) -> History:
    """The feed's last window as remembered: what it shows now, in its place or pinned."""
    old, shown = before or History(), difference.window.shown
    listed = {
        (s.key if same_page(s.key, s.address) else s.address): str(s.day or "")
        for s in shown
        if not s.pinned or in_place(s, known)
    }
    days = [s.day for s in shown if s.day and (s.day - visit.finished_at.date()).days <= 1]
    return History(
        addresses=tuple(listed),
        titles=tuple(dict.fromkeys(fold_title(s.entry.title) for s in shown)),
        newest=max([*days, *([old.newest] if old.newest else [])], default=None),
        pinned=tuple(s.address for s in shown if s.pinned),
        oldest_first=difference.window.oldest_first,
        days=tuple(listed.values()),
    )
