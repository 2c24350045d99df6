"""How far a backfill has come, told by the visits it made, and where it goes on. Pure.

A stretch begins with the last page of the one before, so that it shows whether the list moved in between: where it was
pulled up, entries may have slipped past, and the former stretch is read once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from crawler.archive import Join, join, mark_of
from crawler.chronology import day_of
from crawler.urls import canonical
from storage.records import Entry, Listing, Newsroom, Order, Outcome, Stretch, Visit

if TYPE_CHECKING:
    from scheduler.config import NewsroomConfig

STRETCH_PAGES = 10  # new ones: what a kill costs at most, and how often the list is seen to stand still


@dataclass(frozen=True, slots=True)
class Trace:
    """What is remembered of a page that was read: its address, the same for comparison, and a hash of its entries.

    The hash is empty where it has none.
    """

    url: str
    address: str
    mark: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill has come; named by when it began.

    `traces` are the pages read, first of all the one that the watch read last; `starts` the places where its stretches
    began; `last` the listing at its deepest place. `next_number` and `next_url` are where it goes on. `failed` counts
    the visits in a row that brought nothing. `over`: nothing is left to read, for the reason `stopped` or because the
    list ended. `again`: the place that was gone back to last; `since`: the place from which on nothing pushed the list
    down, so that no page may show what another did. `entries` and `oldest` are of the pages behind the first.
    """

    began_at: datetime
    next_url: str
    next_number: int = 0
    traces: tuple[Trace, ...] = ()
    starts: tuple[int, ...] = ()
    last: Listing | None = None
    failed: int = 0
    over: bool = False
    complete: bool = False
    stopped: str = ""
    again: int = -1
    since: int = 0
    entries: int = 0
    requests: int = 0
    oldest: date | None = None

    @property
    def pages(self) -> int:
        """The pages behind the one at which it began."""
        return max(0, len(self.traces) - 1)


def begun(at: datetime, window: Sequence[Listing]) -> Progress:
    """A backfill that begins at `at`, where the watch's own window ends."""
    return Progress(at, window[-1].url, last=window[-1])


def resumed(visits: Iterable[Visit], url: str) -> Progress | None:
    """The backfill of the list at `url` that made these visits, in sequence; None for none, or one that is over."""
    progress: Progress | None = None
    for visit in visits:
        if visit.stretch is None or visit.url != url:
            return None
        progress = progress or Progress(visit.stretch.began_at, visit.stretch.start)
        progress = after(progress, visit)
    return None if progress is None or progress.over else progress


def next_order(watched: NewsroomConfig, newsroom: Newsroom, progress: Progress, pages: int | None) -> Order:
    """The order for the next stretch, of at most so many new pages."""
    new = STRETCH_PAGES if pages is None else min(pages, STRETCH_PAGES)
    return Order(
        newsroom=watched.id,
        url=watched.url,
        recipe=watched.recipe or newsroom.recipe,
        timezone=watched.timezone,
        max_pages=1 + new,
        stretch=Stretch(progress.began_at, progress.next_url, progress.next_number),
    )


def cut_at_loop(progress: Progress, visit: Visit) -> Visit:
    """The visit up to the first page that shows what one of an earlier stretch showed, or stands at its address."""
    if visit.stretch is None:
        return visit
    number = visit.stretch.number
    read = list(enumerate(progress.traces[: number + 1]))
    addresses = {trace.address: i for i, trace in read}
    pushed = joined(progress, visit) is Join.PUSHED
    marks = {} if pushed else {trace.mark: i for i, trace in read[progress.since :] if trace.mark}
    for i, listing in enumerate(visit.window[1:], start=1):
        trace = _trace(listing)
        earlier = marks.get(trace.mark, addresses.get(trace.address))
        if earlier is not None:
            return replace(
                visit,
                window=visit.window[:i],
                pages=visit.pages[:i],
                complete=False,
                stopped=f"page {number + i + 1} repeats page {earlier + 1}",
                stretch=replace(visit.stretch, over=True),
            )
    return visit


def after(progress: Progress, visit: Visit) -> Progress:
    """How far the backfill has come with one more of its visits."""
    progress = replace(progress, requests=progress.requests + visit.requests)
    if visit.stretch is None or visit.outcome is not Outcome.OK:
        failed = progress.failed + 1
        back = progress.starts[-failed] if failed <= len(progress.starts) else 0
        url = progress.traces[back].url if progress.traces else progress.next_url
        return replace(progress, failed=failed, stopped=visit.reason, next_number=back, next_url=url)
    number = visit.stretch.number
    traces = (*progress.traces[:number], *map(_trace, visit.window))
    starts = (*(start for start in progress.starts if start < number), number)
    moved = joined(progress, visit)
    back = starts[-2] if moved is Join.PULLED and len(starts) > 1 and starts[-2] > progress.again else len(traces) - 1
    fresh = visit.window[1:] if len(traces) > len(progress.traces) else ()
    days = [day for entry in _entries(fresh) if (day := day_of(entry)) and not entry.relative]
    return replace(
        progress,
        traces=traces,
        starts=starts,
        last=visit.window[-1],
        next_number=back,
        next_url=traces[back].url,
        since=number if moved is Join.PUSHED else progress.since,
        again=back if back < len(traces) - 1 else progress.again,
        failed=0 if len(visit.window) > 1 or visit.stretch.over else progress.failed + 1,
        over=visit.stretch.over and back == len(traces) - 1,
        complete=visit.complete,
        stopped=visit.stopped,
        entries=progress.entries + sum(len(listing.entries) for listing in fresh),
        oldest=min([*days, *([progress.oldest] if progress.oldest else [])], default=None),
    )


def joined(progress: Progress, visit: Visit) -> Join:
    """How a visit's first page goes on from the last one read before; STANDS where it is not to be compared."""
    if progress.last is None or not visit.window or visit.stretch is None or visit.stretch.number != progress.pages:
        return Join.STANDS
    return join(progress.last, visit.window[0])


def _entries(listings: Iterable[Listing]) -> Iterable[Entry]:
    return (entry for listing in listings for entry in listing.entries)


def _trace(listing: Listing) -> Trace:
    marks = "\n".join(map(mark_of, listing.entries))
    mark = hashlib.sha256(marks.encode("utf-8", "surrogatepass")).hexdigest()[:16] if listing.entries else ""
    return Trace(listing.url, canonical(listing.url), mark)
