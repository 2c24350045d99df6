"""Folds what a backfill read into releases: history, never news. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Protocol

from crawler.chronology import in_order
from crawler.text import fold_title
from scheduler.compare import reader_of
from scheduler.feeds import feed_only_alike
from scheduler.fold import REMEMBERED
from scheduler.folder import Folder, Rules
from scheduler.identify import Shown, addresses_of, identify, same_page
from scheduler.known import FIRST_RANK, Known
from storage.records import Folding, History, Listing, Newsroom, Outcome, State

if TYPE_CHECKING:
    from storage.records import Release, Visit


class ArchiveView(Protocol):
    """What folding a part of the archive reads of the store."""

    def newsroom(self, newsroom: str, /) -> Newsroom | None:
        """What is remembered of a newsroom."""

    def releases_at(self, newsroom: str, addresses: Iterable[str], /) -> dict[str, Release]:
        """The releases known at these canonical addresses."""

    def titled(self, newsroom: str, titles: Iterable[str], /) -> list[Release]:
        """The releases that carry one of these folded titles; a few of each suffice."""

    def lowest_rank(self, newsroom: str, /) -> int | None:
        """The rank of the lowest release that was seen in its place; None where there is none."""


def known_for_stretch(view: ArchiveView, visit: Visit) -> tuple[Known, int]:
    """What is known of what a part of the archive shows, and the rank above what it adds."""
    newsroom = view.newsroom(visit.newsroom) or Newsroom(visit.newsroom, visit.url)
    listings = _listings(visit)
    shown = addresses_of(listings)
    found = view.releases_at(newsroom.id, sorted({address for _, addresses in shown for address in addresses}))
    unknown = (fold_title(entry.title) for entry, addresses in shown if found.keys().isdisjoint(addresses))
    alike = view.titled(newsroom.id, unknown)
    releases = {release.key: release for release in (*alike, *found.values())}
    known = Known(newsroom, releases, {address: release.key for address, release in found.items()})
    return known, view.lowest_rank(newsroom.id) or FIRST_RANK


def fold_stretch(known: Known, lowest: int, seq: int, visit: Visit, rules: Rules) -> Folding:
    """Folds a part of the archive: what is not known becomes a listed release below all others; nothing is a change.

    What is known stays as it is. So does what stands within the watch's own window, or is newer than all it saw: that
    is for the watch to find, for it may be news. A part of another list than the one that is watched, or of one that
    was never believed, gives nothing.
    """
    newsroom = known.newsroom
    known = replace(known, addresses={**known.addresses, **feed_only_alike(_listings(visit), known)})
    folder = Folder(known, seq, visit.finished_at, rules)
    if visit.outcome is not Outcome.OK or newsroom.baseline_at is None or newsroom.url != visit.url:
        return folder.folding()
    window = identify(_listings(visit), known)
    shown = window.shown[::-1] if window.oldest_first else window.shown
    newest = newsroom.history.newest if newsroom.history else None
    below = shown[_reach(shown, known) :]
    for s in below:
        unseen = newest is None or s.day is None or s.day <= newest
        if s.key not in known.releases and unseen and rules.watch(s.entry.title, s.url):
            lowest = max(1, lowest - 1)
            folder.add(s, reader_of(visit), State.LISTED, backdated=False)
            folder.releases[s.key] = replace(folder.releases[s.key], rank=lowest, seen_seq=0)
    folder.newsroom = replace(newsroom, history=_remembering(newsroom.history, below))
    return folder.folding()


def _listings(visit: Visit) -> Sequence[Listing]:
    """The window as the watch would have read it: what has no link of its own stands at the newsroom's address."""
    return (Listing(visit.url, ()), *visit.window)


def _remembering(history: History | None, below: Sequence[Shown]) -> History | None:
    """The history with what stands below all it holds, so that a visit knows it should the top of the list be gone."""
    if history is None or len(history.addresses) >= REMEMBERED:
        return history
    listed = dict(zip_longest(history.addresses, history.days, fillvalue=""))
    for s in below:
        if not s.pinned:
            listed.setdefault(s.key if same_page(s.key, s.address) else s.address, str(s.day or ""))
    titles = dict.fromkeys([*history.titles, *(fold_title(s.entry.title) for s in below)])
    return replace(
        history,
        addresses=tuple(listed)[:REMEMBERED],
        titles=tuple(titles)[:REMEMBERED],
        days=tuple(listed.values())[:REMEMBERED],
    )


def _reach(shown: Sequence[Shown], known: Known) -> int:
    """The place below the lowest entry of the watch's last window that keeps the list's order by date."""
    ordered = in_order([s.entry for s in shown])
    return max(
        (
            i + 1
            for i, s in enumerate(shown)
            if (release := known.releases.get(s.key)) is not None
            and release.seen_seq == known.newsroom.last_seq
            and (s.day is None or i in ordered)
        ),
        default=0,
    )
