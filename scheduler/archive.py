"""Folds what a backfill read into releases: history, never news. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from crawler.chronology import in_order
from crawler.text import fold_title
from scheduler.compare import reader_of
from scheduler.folder import Folder, Rules
from scheduler.identify import Shown, addresses_of, identify
from scheduler.known import Known
from storage.records import Folding, Listing, Newsroom, Outcome, State

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
        """The rank of the lowest release; None where there is none."""


def known_for_stretch(view: ArchiveView, visit: Visit) -> tuple[Known, int]:
    """What is known of what a part of the archive shows, and the lowest rank of all."""
    newsroom = view.newsroom(visit.newsroom) or Newsroom(visit.newsroom, visit.url)
    listings = _listings(visit)
    shown = addresses_of(listings)
    found = view.releases_at(newsroom.id, sorted({address for _, addresses in shown for address in addresses}))
    unknown = (fold_title(entry.title) for entry, addresses in shown if found.keys().isdisjoint(addresses))
    alike = view.titled(newsroom.id, unknown)
    releases = {release.key: release for release in (*alike, *found.values())}
    known = Known(newsroom, releases, {address: release.key for address, release in found.items()})
    return known, view.lowest_rank(newsroom.id) or 0


def fold_stretch(known: Known, lowest: int, seq: int, visit: Visit, rules: Rules) -> Folding:
    """Folds a part of the archive: what is not known becomes a listed release below all others; nothing is a change.

    What is known stays as it is. So does what stands within the watch's own window, or is newer than all it saw: that
    is for the watch to find, for it may be news. A part of another list than the one that is watched, or of one that
    was never believed, gives nothing.
    """
    newsroom = known.newsroom
    folder = Folder(known, seq, visit.finished_at, rules)
    if visit.outcome is not Outcome.OK or newsroom.baseline_at is None or newsroom.url != visit.url:
        return folder.folding()
    window = identify(_listings(visit), known)
    shown = window.shown[::-1] if window.oldest_first else window.shown
    newest = newsroom.history.newest if newsroom.history else None
    lowest = min(lowest, 0)  # which is no place: it is kept by what was only seen pinned
    for s in shown[_reach(shown, known) :]:
        unseen = newest is None or s.day is None or s.day <= newest
        if s.key not in known.releases and unseen and rules.watch(s.entry.title, s.url):
            lowest -= 1
            folder.add(s, reader_of(visit), State.LISTED, backdated=False)
            folder.releases[s.key] = replace(folder.releases[s.key], rank=lowest)
    return folder.folding()


def _listings(visit: Visit) -> Sequence[Listing]:
    """The window as the watch would have read it: what has no link of its own stands at the newsroom's address."""
    return (Listing(visit.url, ()), *visit.window)


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
