"""Reads one newsroom once: asks, reads, pages back until the window meets what is known, and judges what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from crawler.beside import conditions, read_beside, renewed, validators_of
from crawler.chronology import ascending
from crawler.health import ends, judge, judge_whole
from crawler.listing import READER_VERSION
from crawler.reasons import count, http_reason
from crawler.sheets import Sheet, Unread, inferred, page_of, sheet_of
from crawler.signs import facts, obstacle
from crawler.urls import canonical
from crawler.web import Answer, Ask, Fetch, FetchError, Forbidden
from crawler.window import meets, repeats, same_list, still_sought
from storage.records import Listing, Order, Outcome, Page, Recipe, Stretch, Validators, Visit

READINGS = 3  # of a list that changes while it is being read: the first, and twice again
PATIENCE = (
    3  # visits in a row that were not believed, from which a fault behind the first page no longer fails the visit
)


@dataclass(slots=True)
class _Reach:
    """How far one reading of the list came."""

    sheets: list[Sheet]
    recipe: Recipe
    validators: Validators
    complete: bool = False
    stopped: str = ""
    wait_s: float | None = None
    met: dict[int, bool] = field(default_factory=dict)  # by the number of its pages

    @property
    def listings(self) -> list[Listing]:
        return [sheet.listing for sheet in self.sheets]


@dataclass(slots=True)
class _Asking:
    """The order's fetch, counted."""

    fetch: Fetch
    requests: int = 0

    async def __call__(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        self.requests += 1
        return await self.fetch(Ask(url, headers or {}))


async def visit(order: Order, fetch: Fetch, clock: Callable[[], datetime]) -> Visit:
    """Makes one visit; whatever the world does ends in a Visit with its outcome and reason, never in an exception."""
    reading = _Reading(order, _Asking(fetch), clock, clock())
    try:
        return await reading.read()
    except Unread as end:
        return reading.seen(end.outcome, end.reason, retry_after_s=end.wait_s)
    except FetchError as error:
        return reading.seen(Outcome.FAILED, error.reason, retry_after_s=error.retry_after_s)


@dataclass(slots=True)
class _Reading:
    order: Order
    ask: _Asking
    clock: Callable[[], datetime]
    started_at: datetime

    def seen(self, outcome: Outcome, reason: str = "", **found: Any) -> Visit:  # noqa: ANN401 - fields of a Visit
        """The visit as it ends now."""
        return Visit(
            newsroom=self.order.newsroom,
            url=self.order.url,
            started_at=self.started_at,
            finished_at=self.clock(),
            outcome=outcome,
            reason=reason,
            requests=self.ask.requests,
            sought=tuple(seek.address for seek in self.order.seeks),
            reader_version=READER_VERSION,
            **{"stretch": self.order.stretch, **found},
        )

    async def read(self) -> Visit:
        """Reads the list as far as the order wants; Unread or FetchError where that is not to be believed."""
        order = self.order
        if order.stretch is not None:
            return await self._read_stretch(order.stretch)
        headers = _conditions(order)
        answer = await self.ask(order.url, headers)
        unchanged = self._unchanged(answer, asked=bool(headers))
        if unchanged is not None:
            return await self._beside(
                self.seen(
                    Outcome.NOT_MODIFIED, recipe=order.recipe, validators=unchanged, body_sha256=order.body_sha256
                )
            )
        page = self._page(answer)
        recipe = order.recipe or inferred(page, order.timezone, self.clock())
        reach = await self._read_stable(page, recipe, validators_of(answer))
        return await self._beside(self._judged(reach))

    async def _beside(self, seen: Visit) -> Visit:
        """The visit with what the feed beside the list shows, where one is watched; its faults are no fault of it."""
        if self.order.feed is None:
            return seen
        feed, answer = await read_beside(self.order, self.order.feed, seen.window, self.ask, self.clock)
        return replace(
            seen,
            feed=feed,
            feed_answer=answer,
            reason=f"feed not read: {answer.trouble}" if answer.trouble else seen.reason,
            requests=self.ask.requests,
            finished_at=self.clock(),
        )

    async def _read_stretch(self, stretch: Stretch) -> Visit:
        from crawler.archive import read_stretch  # noqa: PLC0415 - few visits are a backfill's

        extent = await read_stretch(self.order, stretch, self.ask, self.clock)
        return self.seen(
            Outcome.OK,
            window=tuple(sheet.listing for sheet in extent.sheets),
            pages=tuple(sheet.page for sheet in extent.sheets),
            complete=extent.complete,
            stopped=extent.stopped,
            stretch=replace(stretch, over=extent.over),
            recipe=extent.recipe,
            retry_after_s=extent.wait_s,
        )

    # --- the first page ----------------------------------------------------------------------------------------------

    def _unchanged(self, answer: Answer, *, asked: bool) -> Validators | None:
        """The validators to go on with where the page is the one last believed."""
        if answer.status == HTTPStatus.NOT_MODIFIED:
            if not asked:
                raise Unread(Outcome.FAILED, "HTTP 304 Not Modified, though nothing was asked conditionally")
            return renewed(answer, self.order.validators)
        same = _may_skip(self.order) and sha256(answer.body).hexdigest() == self.order.body_sha256
        return validators_of(answer) if same and answer.status == HTTPStatus.OK else None

    def _page(self, answer: Answer) -> Page:
        return page_of(answer, self.order.recipe, self.clock())

    def _sheet(self, page: Page, recipe: Recipe) -> Sheet:
        return sheet_of(page, recipe, self.order.timezone, self.clock())

    # --- the pages behind it -----------------------------------------------------------------------------------------

    async def _read_stable(self, page: Page, recipe: Recipe, validators: Validators) -> _Reach:
        """Reads back; where that took more than one page, until the first one is the same before and after."""
        for _ in range(READINGS):
            reach = _Reach([self._sheet(page, recipe)], recipe, validators)
            await self._read_back(reach)
            if len(reach.sheets) == 1:
                return reach
            answer = await self.ask(self.order.url)
            page, validators = self._page(answer), validators_of(answer)
            first = reach.sheets[0]
            if page.body == first.page.body or same_list(self._sheet(page, recipe).listing, first.listing):
                return reach
        reason = "the list changed while it was being read"
        if self.order.fails < PATIENCE:
            raise Unread(Outcome.FAILED, reason)
        return _Reach(reach.sheets[:1], recipe, reach.validators, stopped=reason)

    async def _read_back(self, reach: _Reach) -> None:
        order = self.order
        read = {canonical(order.url), canonical(reach.sheets[0].page.url)}
        oldest_first = order.history is not None and order.history.oldest_first
        to_the_end = oldest_first or ascending(reach.listings[0].entries)
        while True:
            following = reach.listings[-1].next
            ends = following is None or canonical(following) in read
            if not to_the_end and self._satisfied(reach):
                reach.complete = ends
                return
            if following is None:
                reach.complete, reach.stopped = True, "no link to an older page was found"
                return
            if ends:
                reach.complete, reach.stopped = True, "the link to the next page leads back"
                return
            number = len(reach.sheets) + 1
            if number > order.max_pages:
                reach.stopped = f"the limit of {count(order.max_pages, 'page', 'pages')} was reached"
                return
            read.add(canonical(following))
            sheet = await self._following(following, number, reach)
            if sheet is None:
                return
            if canonical(sheet.page.url) in read - {canonical(following)} or repeats(sheet.listing, reach.listings):
                reach.complete, reach.stopped = number > 2, f"page {number} repeats what stands before it"
                return
            read.add(canonical(sheet.page.url))
            reach.sheets.append(sheet)

    async def _following(self, url: str, number: int, reach: _Reach) -> Sheet | None:
        """Page `number` of the list; None where the list or the reading ends before it, with the reason in `reach`."""
        try:
            answer = await self.ask(url)
            if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
                reach.complete, reach.stopped = True, f"page {number}: {http_reason(answer.status)}"
                return None
            page = self._page(answer)
        except Forbidden as error:
            reach.stopped = f"page {number}: {error.reason}"
            return None
        except FetchError as error:
            self._bear(f"page {number}: {error.reason}", error.retry_after_s, reach)
            return None
        except Unread as error:
            self._bear(f"page {number}: {error.reason}", error.wait_s, reach)
            return None
        sheet = self._sheet(page, reach.recipe)
        if sheet.listing.entries:
            return sheet
        stands_in = obstacle(facts(page))
        if stands_in:
            self._bear(f"page {number}: the page {stands_in}", None, reach)
        else:
            reach.complete, reach.stopped = True, f"page {number} has no entries"
        return None

    def _bear(self, reason: str, wait_s: float | None, reach: _Reach) -> None:
        """A page behind the first failed: so does the visit, unless that would blind the monitor for good."""
        if self.order.fails < PATIENCE:
            raise Unread(Outcome.FAILED, reason, wait_s)
        reach.stopped, reach.wait_s = reason, wait_s

    def _satisfied(self, reach: _Reach) -> bool:
        return self._met(reach) and not still_sought(reach.listings, self.order.seeks)

    def _met(self, reach: _Reach) -> bool:
        pages = len(reach.sheets)
        if pages not in reach.met:
            reach.met[pages] = meets(reach.listings, self.order.history)
        return reach.met[pages]

    # --- what it comes to --------------------------------------------------------------------------------------------

    def _judged(self, reach: _Reach) -> Visit:
        pages = tuple(sheet.page for sheet in reach.sheets)
        alike = self.order.read_alike and reach.recipe == self.order.recipe
        health = judge(reach.listings, self.order.history, pages[0], read_alike=alike)
        if health.ok:
            health = judge_whole(pages, self.order.history, lasting=self.order.fails >= PATIENCE)
        if not health.ok:
            raise Unread(Outcome.SUSPECT, health.reason, reach.wait_s)
        met = self._met(reach)
        return self.seen(
            Outcome.OK,
            window=tuple(reach.listings),
            met=met,
            complete=reach.complete,
            closed=ends(pages[0].body),
            stopped="" if met and not still_sought(reach.listings, self.order.seeks) else reach.stopped,
            recipe=reach.recipe,
            validators=reach.validators,
            body_sha256=pages[0].sha256,
            pages=pages,
            retry_after_s=reach.wait_s,
        )


def _may_skip(order: Order) -> bool:
    """Whether an unchanged page may go unread: it was believed as this recipe reads it, and nothing is sought."""
    return order.history is not None and order.read_alike and not order.seeks


def _conditions(order: Order) -> dict[str, str]:
    return {} if order.history is None or order.seeks else conditions(order.validators)
