"""Reads a stretch of a newsroom's archive: page after page through the pager, until it ends or enough is read.

What is published meanwhile pushes the list down, and then some entries are read twice, which is harmless. What is taken
down pulls it up, and then entries may slip past between two pages: the stretch is read again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

from crawler.chronology import day_of, in_order
from crawler.reasons import count, http_reason
from crawler.sheets import Sheet, Unread, inferred, page_of, sheet_of
from crawler.signs import facts, obstacle
from crawler.text import fold_title
from crawler.urls import canonical
from crawler.web import Answer, FetchError
from crawler.window import repeats
from storage.records import Entry, Listing, Outcome, Stretch

if TYPE_CHECKING:
    from storage.records import Order, Recipe

READINGS = 3  # of a stretch whose list is pulled up while it is being read
MOST_EMPTY = 3  # pages in a row without an entry that are passed: a month in which nothing was published, say
_NO_PAGE = (http_reason(HTTPStatus.NOT_FOUND), http_reason(HTTPStatus.GONE))  # the list ends before
MOST_BYTES = 20_000_000  # of the pages of one stretch: what is read is in memory until it is kept

Ask = Callable[[str], Awaitable[Answer]]
"""Asks an address; FetchError where no answer comes."""


class Join(StrEnum):
    """How a page goes on from what its address showed when it was read before."""

    STANDS = "stands"  # as it was
    PUSHED = "pushed"  # newer entries push it down
    PULLED = "pulled"  # the list moved up: entries may have slipped past
    APART = "apart"  # nothing is shared, and it is not because newer entries push it down


@dataclass(slots=True)
class Extent:
    """How far a stretch was read, with which recipe, and why no further.

    `over`: nothing follows, or nothing that can be read; `complete`: the list ends there; `stopped`: why it is over, or
    what broke it off, and nothing where more follows.
    """

    recipe: Recipe | None
    sheets: list[Sheet] = field(default_factory=list)
    stopped: str = ""
    over: bool = False
    complete: bool = False
    wait_s: float | None = None


async def read_stretch(order: Order, stretch: Stretch, ask: Ask, clock: Callable[[], datetime]) -> Extent:
    """Reads a stretch, at most the order's `max_pages`; Unread or FetchError where its first page fails."""
    for _ in range(READINGS):
        reading = _Reading(order, stretch, ask, clock, Extent(order.recipe))
        await reading.read()
        extent = reading.extent
        if len(extent.sheets) == 1:
            return extent
        again = await reading.sheet(stretch.start)
        if join(extent.sheets[0].listing, again.listing) in {Join.STANDS, Join.PUSHED}:
            return extent
    raise Unread(Outcome.FAILED, "the list changed while it was being read")


@dataclass(slots=True)
class _Reading:
    """One reading of a stretch; `seen` are the addresses of its pages."""

    order: Order
    stretch: Stretch
    ask: Ask
    clock: Callable[[], datetime]
    extent: Extent
    seen: set[str] = field(default_factory=set)
    empty: int = 0

    async def read(self) -> None:
        """Reads page after page."""
        url: str | None = self.stretch.start
        while url is not None:
            url = await self._next(url)

    async def sheet(self, url: str) -> Sheet:
        """The page at an address as the recipe reads it; Unread or FetchError with the reason where it does not."""
        page = page_of(await self.ask(url), self.order.recipe, self.clock())
        if self.extent.recipe is None:
            self.extent.recipe = inferred(page, self.order.timezone, self.clock())
        sheet = sheet_of(page, self.extent.recipe, self.order.timezone, self.clock())
        stands_in = None if sheet.listing.entries else obstacle(facts(page))
        if stands_in:
            raise Unread(Outcome.SUSPECT, f"the page {stands_in}")
        return sheet

    async def _next(self, url: str) -> str | None:
        """Reads the page at `url`; the address of the one to read then, None where that was the last."""
        extent = self.extent
        number = self.stretch.number + len(extent.sheets) + 1
        sheet = await self._following(url, number)
        if sheet is None:
            return None
        if self._leads_back(sheet, url):
            extent.over, extent.stopped = True, f"page {number} repeats what stands before it"
            return None
        extent.sheets.append(sheet)
        self.seen |= {canonical(url), canonical(sheet.page.url)}
        self.empty = 0 if sheet.listing.entries else self.empty + 1
        following = sheet.listing.next
        if following is None:
            extent.over, extent.complete = True, bool(sheet.listing.entries)
            extent.stopped = "" if extent.complete else f"page {number} has no entries"
        elif canonical(following) in self.seen:
            extent.over, extent.stopped = True, f"the link to the next page on page {number} leads back"
        elif self.empty >= MOST_EMPTY:
            extent.over = True
            extent.stopped = f"{count(self.empty, 'page', 'pages')} in a row have no entries, the last is page {number}"
        elif len(extent.sheets) < self.order.max_pages and sum(len(s.page.body) for s in extent.sheets) < MOST_BYTES:
            return following
        return None

    async def _following(self, url: str, number: int) -> Sheet | None:
        """The page at an address; None where it cannot be had, with the reason noted, unless it is the first."""
        try:
            return await self.sheet(url)
        except (FetchError, Unread) as error:
            if not self.extent.sheets:
                raise
            reason, self.extent.wait_s = str(error), error.wait_s if isinstance(error, Unread) else error.retry_after_s
        self.extent.stopped = f"page {number}: {reason}"
        self.extent.over = reason in _NO_PAGE
        return None

    def _leads_back(self, sheet: Sheet, url: str) -> bool:
        address = canonical(sheet.page.url)
        if not self.extent.sheets or not sheet.listing.entries:
            return bool(self.extent.sheets) and address != canonical(url) and address in self.seen
        return address in self.seen or repeats(sheet.listing, [read.listing for read in self.extent.sheets])


def join(before: Listing, again: Listing) -> Join:
    """How a page goes on from what it showed when it was read before."""
    old, new = ([mark_of(entry) for entry in listing.entries] for listing in (before, again))
    places = {mark: i for i, mark in enumerate(new)}
    shared = [(i, places[mark]) for i, mark in enumerate(old) if mark in places]
    if shared:
        was, now = shared[-1]  # the lowest: what is pinned stands at the top of every page
        return Join.STANDS if was == now else Join.PUSHED if was < now else Join.PULLED
    if not old and not new:
        return Join.STANDS
    days = [_newest(listing.entries) for listing in (before, again)]
    if days[0] is None or days[1] is None:
        return Join.APART
    return Join.PUSHED if days[1] > days[0] else Join.APART


def _newest(entries: Sequence[Entry]) -> date | None:
    return max((day for i in in_order(entries) if (day := day_of(entries[i]))), default=None)


def mark_of(entry: Entry) -> str:
    """What tells an entry from others of its list: its address, or its day and title where it has none of its own."""
    return canonical(entry.url) if entry.url else f"#{day_of(entry) or ''} {fold_title(entry.title)}"
