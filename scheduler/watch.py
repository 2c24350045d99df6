"""The parts joined: orders go out to the crawl, visits and looks come back into the store, and are folded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from scheduler.fold import wanted
from scheduler.folder import Rules
from scheduler.keep import Clock, Heard, Keeper, fault
from scheduler.orders import look_order, order_for
from scheduler.revisit import Pace, next_visit, pace_of
from storage.records import Candidate, Change, Look, LookOrder, Newsroom, Order, Outcome, Seek, Verdict, Visit

if TYPE_CHECKING:
    from scheduler.config import Config, NewsroomConfig
    from storage.store import Store

ROUNDS = 8  # of looks and visits that one check makes at most to settle what it found

_T = TypeVar("_T")
_log = logging.getLogger("presswatch")


class Reads(Protocol):
    """What reads newsrooms: the crawl."""

    async def visit(self, order: Order) -> Visit:
        """Reads a newsroom."""

    async def look(self, order: LookOrder) -> Look:
        """Looks at a release's own page."""


class NotWatched(Exception):  # noqa: N818 - named for what is the case
    """A newsroom that is not, or no longer, in the configuration."""

    def __init__(self, name: str) -> None:
        super().__init__(f'there is no newsroom "{name}" in the configuration')


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What one check did: a visit for each newsroom, with all requests that it took, and the changes in order.

    The visits have no pages: those of a thousand would fill the memory. `seqs` are the numbers under which the store
    keeps the visits.
    """

    visits: tuple[Visit, ...]
    changes: tuple[Change, ...]
    seqs: tuple[int, ...] = ()


class Watch:
    """A configuration at work on a store, through a crawl (None where nothing is to be fetched).

    No newsroom is visited twice at once, and no release looked at twice at once, whoever asks. While something that
    came back cannot be stored, nothing more is asked. `heard` is what the Keeper tells; `reading_back` names the
    newsrooms whose archives are being read.
    """

    def __init__(
        self, config: Config, store: Store, crawl: Reads | None, clock: Clock, heard: Heard = lambda *_: None
    ) -> None:
        self.store, self.clock = store, clock
        self.keeper = Keeper(store, self, clock, heard)
        self._visits: dict[str, asyncio.Task[tuple[int, Visit]]] = {}
        self._queued: dict[str, asyncio.Task[tuple[int, Visit]]] = {}
        self._looks: dict[tuple[str, str], asyncio.Task[Look]] = {}
        self.reading_back: set[str] = set()
        self.follow(config, crawl)

    def follow(self, config: Config, crawl: Reads | None) -> None:
        """Goes on by another configuration, through another crawl; what is under way is finished."""
        for digest in config.digests:
            self.store.register_digest(digest.name)
        self.config, self.crawl = config, crawl
        self.watched = {newsroom.id: newsroom for newsroom in config.newsrooms}
        self.paces = {n.id: pace_of(n, config.requests_per_day) for n in config.newsrooms}

    # --- one visit, one look -----------------------------------------------------------------------------------------

    def visiting(self, name: str) -> bool:
        """Whether a visit is under way, or about to be."""
        return name in self._visits or name in self._queued

    def looking(self, order: LookOrder) -> bool:
        """Whether a look at this release is under way."""
        return (order.newsroom, order.key) in self._looks

    async def visit(self, name: str) -> tuple[int, Visit]:
        """Visits a newsroom, stores the visit and folds it; its number and itself.

        Where a visit is under way this waits for its end, for it may have read before what the asker wants to see; all
        who ask meanwhile share the next one. NotWatched where the newsroom is not, or no longer, in the configuration;
        CrawlStopped where the crawl ended first; StoreError where it could not be kept.
        """
        if name not in self._queued:
            self._queued[name] = _begun(self._take_turn(name, self._visits.get(name)))
        return await asyncio.shield(self._queued[name])

    async def _take_turn(self, name: str, before: asyncio.Task[Any] | None) -> tuple[int, Visit]:
        if before is not None:
            await asyncio.wait({before})
        self._visits[name] = self._queued.pop(name)
        try:
            return await self._visit(name)
        finally:
            del self._visits[name]

    async def _visit(self, name: str) -> tuple[int, Visit]:
        from crawler.listing import READER_VERSION  # noqa: PLC0415 - reads pages: a digest starts without it

        self.keeper.catch_up()
        watched, began = self.configured(name), self.clock()
        full, seeks = self.wanted(name)
        order = order_for(watched, self.store.newsroom(name), began, READER_VERSION, seeks=seeks, full=full)
        visit = await self.read(order)
        return self.keeper.keep(visit), visit

    async def read(self, order: Order) -> Visit:
        """What comes back for an order, not kept yet; a fault of our own fails it. Raises as `visit`."""
        began = self.clock()

        def failed(reason: str) -> Visit:
            at = self.clock()
            return Visit(order.newsroom, order.url, began, at, Outcome.FAILED, reason, stretch=order.stretch)

        visit = await self._sent(lambda crawl: crawl.visit(order), failed)
        self.configured(order.newsroom)  # it may have left the configuration meanwhile, and its filters with it
        return visit

    async def look(self, order: LookOrder) -> Look:
        """Looks at a release's own page, stores the look and folds it; one under way is shared. Raises as `visit`."""
        mark = order.newsroom, order.key
        if mark not in self._looks:
            task = self._looks[mark] = _begun(self._look(order))
            task.add_done_callback(lambda _: self._looks.pop(mark))
        return await asyncio.shield(self._looks[mark])

    async def _look(self, order: LookOrder) -> Look:
        self.keeper.catch_up()

        def failed(reason: str) -> Look:
            return Look(order.newsroom, order.key, order.url, self.clock(), Verdict.NO_ANSWER, reason)

        look = await self._sent(lambda crawl: crawl.look(order), failed)
        self.configured(order.newsroom)
        self.keeper.keep(look)
        return look

    async def _sent(self, send: Callable[[Reads], Awaitable[_T]], failed: Callable[[str], _T]) -> _T:
        """What the crawl brings back; a fault of our own fails the visit, else it would be made again at once."""
        from crawler.crawl import CrawlStopped  # noqa: PLC0415 - heavy, and loaded by whoever made the crawl

        crawl = self.crawl
        while crawl is not None:
            try:
                return await send(crawl)
            except CrawlStopped:
                if self.crawl is crawl:
                    raise
                crawl = self.crawl  # it was replaced meanwhile
            except Exception as error:  # noqa: BLE001 - whatever it is, it costs this newsroom only
                _log.exception("presswatch failed")
                return failed(fault(error))
        raise CrawlStopped("there is no crawl")

    # --- what the configuration says of newsrooms --------------------------------------------------------------------

    def configured(self, name: str) -> NewsroomConfig:
        """What the configuration says of a newsroom; NotWatched where it says nothing."""
        watched = self.watched.get(name)
        if watched is None:
            raise NotWatched(name)
        return watched

    def watches(self, name: str) -> bool:
        """Whether a newsroom is watched."""
        return name in self.watched

    def rules(self, name: str) -> Rules:
        """How a newsroom's visits and looks are folded; NotWatched where it is not in the configuration."""
        watched = self.configured(name)
        confirm_after = timedelta(seconds=self.config.confirm_after_s)
        return Rules(confirm_after, watched.timezone, watched.include, watched.exclude)

    def pace(self, name: str) -> Pace:
        """How often a newsroom is visited."""
        return self.paces[name]

    def planned(self, newsroom: Newsroom, now: datetime) -> Newsroom:
        """The newsroom with its next visit."""
        return replace(newsroom, next_visit_at=next_visit(newsroom, self.pace(newsroom.id), now))

    # --- what is to be done ------------------------------------------------------------------------------------------

    def wanted(self, name: str) -> tuple[bool, tuple[Seek, ...]]:
        """Whether candidates want a full visit now, and the releases it should read back for."""
        candidates = self.store.candidates(name)
        if not candidates:
            return False, ()
        releases = self.store.releases_named(name, [c.key for c in candidates])
        return wanted(candidates, releases, self.clock(), self.rules(name))

    def looks_due(self, names: Iterable[str]) -> list[LookOrder]:
        """The looks that are due now, for the candidates of these newsrooms."""
        now, orders = self.clock(), []
        for name, candidates in self._open(names).items():
            due = [c for c in candidates if c.next_look_at is not None and c.next_look_at <= now]
            if due:
                orders += self._look_orders(name, due, {c.key for c in candidates})
        return orders

    def _open(self, names: Iterable[str]) -> dict[str, list[Candidate]]:
        """The open candidates of those of these newsrooms that are watched and have some, in the order of the names."""
        found: dict[str, list[Candidate]] = {}
        for candidate in self.store.candidates():
            found.setdefault(candidate.newsroom, []).append(candidate)
        return {name: found[name] for name in names if name in found and self.watches(name)}

    def _look_orders(self, name: str, due: list[Candidate], lost: set[str]) -> list[LookOrder]:
        newsroom = self.store.newsroom(name)
        if newsroom is None:
            return []
        releases = self.store.releases_named(name, [c.key for c in due])
        listed = self.store.top(name, limit=100)
        return [look_order(c, releases[c.key], newsroom, listed, lost) for c in due if c.key in releases]

    # --- a check -----------------------------------------------------------------------------------------------------

    async def check(self, names: tuple[str, ...], progress: Callable[[int, Visit], None]) -> CheckReport:
        """Visits the newsrooms now (all where none is named), and goes on as long as there are looks or visits due.

        `progress` hears of the first visit of each. Raises what a visit or look raised, once all are done.
        """
        names = names or tuple(self.watched)
        visits: dict[str, Visit] = {}
        seqs: dict[str, int] = {}

        async def go(name: str) -> None:
            seq, visit = await self.visit(name)
            if name in visits:
                count(name, visit.requests)
            else:
                visits[name], seqs[name] = replace(visit, pages=()) if visit.pages else visit, seq
                progress(seq, visit)

        async def ask(order: LookOrder) -> None:
            count(order.newsroom, (await self.look(order)).requests)

        def count(name: str, requests: int) -> None:
            visits[name] = replace(visits[name], requests=visits[name].requests + requests)

        with self.keeper.collecting(names) as changes:
            self.keeper.fold(names)
            await _all(go(name) for name in names)
            for _ in range(ROUNDS):
                orders = self.looks_due(names)
                await _all(ask(order) for order in orders)
                again = [] if orders else [name for name in self._open(names) if self._visit_again(name)]
                if not orders and not again:
                    break
                await _all(go(name) for name in again)
        return CheckReport(tuple(visits[n] for n in names), tuple(changes), tuple(seqs[n] for n in names))

    def _visit_again(self, name: str) -> bool:
        newsroom = self.store.newsroom(name)
        return newsroom is not None and not newsroom.fails and self.wanted(name)[0]


def _begun(work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
    """A task whose failure nobody needs to hear of: who waits for it may have gone."""
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


async def _all(steps: Iterable[Awaitable[object]]) -> None:
    """Takes all steps side by side to their end; then raises what the first of them raised."""
    for result in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
