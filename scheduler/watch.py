"""The parts joined: orders go out to the crawl, visits and looks come back into the store, and are folded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.crawl import Crawl, CrawlSettings
from crawler.listing import READER_VERSION
from scheduler.config import Config, DigestConfig
from scheduler.detect import detect
from scheduler.digests import DigestDefinition
from scheduler.fold import Rules, wanted
from scheduler.orders import look_order, order_for
from scheduler.revisit import Pace, next_visit
from storage.records import Candidate, Change, Look, LookOrder, Newsroom, Seek, Standing, Trouble, Visit
from storage.store import Store

DAY = timedelta(days=1)
ROUNDS = 8  # of looks and visits that one check makes at most to settle what it found
IN_TROUBLE_AFTER = 3  # visits in a row that were not believed


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What one check did: a visit for each newsroom, with all requests that it took, and the changes in order.

    `seqs` are the numbers under which the store keeps the visits.
    """

    visits: tuple[Visit, ...]
    changes: tuple[Change, ...]
    seqs: tuple[int, ...] = ()


class Watch:
    """A configuration at work on a store, through a crawl."""

    def __init__(self, config: Config, store: Store, crawl: Crawl, clock: Callable[[], datetime]) -> None:
        self.config, self.store, self.crawl, self.clock = config, store, crawl, clock
        for digest in config.digests:
            store.register_digest(digest.name)

    # --- one visit, one look, one folding ------------------------------------------------------------------------

    async def visit(self, name: str) -> tuple[int, Visit]:
        """Visits a newsroom and stores the visit; its number and itself."""
        watched = self.config.newsroom(name)
        if watched is None:
            raise LookupError(name)
        full, seeks = self.wanted(name)
        newsroom = self.store.newsroom(name)
        order = order_for(watched, newsroom, self.clock(), READER_VERSION, seeks=seeks, full=full)
        visit = replace(await self.crawl.visit(order), sought=tuple(seek.address for seek in seeks))
        return self.store.add_visit(visit), visit

    async def look(self, order: LookOrder) -> Look:
        """Looks at a release's own page and stores the look."""
        look = await self.crawl.look(order)
        self.store.add_look(look)
        return look

    def fold(self) -> list[Change]:
        """Folds what was stored and not folded yet; the changes found."""
        return detect(self.store, self.rules, planned=self.planned)

    # --- what is to be done --------------------------------------------------------------------------------------

    def rules(self, name: str) -> Rules:
        """How a newsroom's visits and looks are folded."""
        confirm_after = timedelta(seconds=self.config.confirm_after_s)
        watched = self.config.newsroom(name)
        if watched is None:
            return Rules(confirm_after)
        return Rules(confirm_after, watched.timezone, watched.include, watched.exclude)

    def pace(self, name: str) -> Pace:
        """How often a newsroom is visited."""
        every = DAY / self.config.requests_per_day
        watched = self.config.newsroom(name)
        if watched is None:
            return Pace(every)
        pace = Pace(timedelta(seconds=watched.every_s) if watched.every_s else every)
        if watched.min_wait_s is not None:
            pace = replace(pace, min_wait=timedelta(seconds=watched.min_wait_s))
        if watched.max_wait_s is not None:
            pace = replace(pace, max_wait=timedelta(seconds=watched.max_wait_s))
        return pace

    def planned(self, newsroom: Newsroom, now: datetime) -> Newsroom:
        """The newsroom with its next visit."""
        return replace(newsroom, next_visit_at=next_visit(newsroom, self.pace(newsroom.id), now))

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
        for name in names:
            candidates = self.store.candidates(name)
            due = [c for c in candidates if c.next_look_at is not None and c.next_look_at <= now]
            if due:
                orders += self._look_orders(name, due, {c.key for c in candidates})
        return orders

    def _look_orders(self, name: str, due: list[Candidate], lost: set[str]) -> list[LookOrder]:
        newsroom = self.store.newsroom(name)
        if newsroom is None:
            return []
        releases = self.store.releases_named(name, [c.key for c in due])
        listed = self.store.top(name, limit=100)
        return [look_order(c, releases[c.key], newsroom, listed, lost) for c in due if c.key in releases]

    # --- a check -------------------------------------------------------------------------------------------------

    async def check(self, names: tuple[str, ...], progress: Callable[[int, Visit], None]) -> CheckReport:
        """Visits the newsrooms now (all where none is named), and goes on as long as there are looks or visits due."""
        names = names or tuple(newsroom.id for newsroom in self.config.newsrooms)
        visits: dict[str, Visit] = {}
        seqs: dict[str, int] = {}
        changes = self.fold()

        async def go(name: str) -> None:
            seq, visit = await self.visit(name)
            first = visits.get(name)
            if first is None:
                visits[name], seqs[name] = visit, seq
                progress(seq, visit)
            else:
                visits[name] = replace(first, requests=first.requests + visit.requests)

        async def ask(order: LookOrder) -> None:
            look = await self.look(order)
            first = visits[look.newsroom]
            visits[look.newsroom] = replace(first, requests=first.requests + look.requests)

        await _all(go(name) for name in names)
        changes += self.fold()
        for _ in range(ROUNDS):
            orders = self.looks_due(names)
            await _all(ask(order) for order in orders)
            changes += self.fold()
            again = [] if orders else [name for name in names if self._visit_again(name)]
            if not orders and not again:
                break
            await _all(go(name) for name in again)
            changes += self.fold()
        return CheckReport(tuple(visits[n] for n in names), tuple(changes), tuple(seqs[n] for n in names))

    def _visit_again(self, name: str) -> bool:
        newsroom = self.store.newsroom(name)
        return newsroom is not None and not newsroom.fails and self.wanted(name)[0]

    # --- digests -------------------------------------------------------------------------------------------------

    def standing(self, definition: DigestDefinition, since: datetime | None) -> Standing:
        """How the newsrooms that a digest covers stand; read: believed since the digest's last issue."""
        known = {newsroom.id: newsroom for newsroom in self.store.newsrooms()}
        names = [newsroom.id for newsroom in self.config.newsrooms if definition.covers(newsroom.id)]
        stand = [known[name] for name in names if name in known]
        read = [n for n in stand if n.last_ok_at is not None and (since is None or n.last_ok_at >= since)]
        return Standing(
            newsrooms=len(names),
            read=len(read),
            last_read=max((n.last_ok_at for n in stand if n.last_ok_at is not None), default=None),
            troubles=tuple(
                Trouble(n.id, n.unhealthy_since, n.last_reason) for n in stand if in_trouble(n) and n.unhealthy_since
            ),
        )


def in_trouble(newsroom: Newsroom) -> bool:
    """Whether a newsroom is not being read: broken, failing for a while, or never read at all."""
    if newsroom.unhealthy_since is None:
        return False
    return newsroom.broken or newsroom.fails >= IN_TROUBLE_AFTER or newsroom.baseline_at is None


def definition_of(digest: DigestConfig) -> DigestDefinition:
    """What the configuration says of what a digest carries."""
    return DigestDefinition(
        name=digest.name,
        formats=digest.formats,
        newsrooms=digest.newsrooms,
        kinds=digest.kinds,
        match=digest.match,
        skip_empty=digest.skip_empty,
        timezone=digest.timezone,
    )


def crawl_settings(config: Config) -> CrawlSettings:
    """What the configuration says of how the crawl behaves."""
    return CrawlSettings(
        contact=config.contact or None,
        delay_s=config.delay_s,
        allow_private_addresses=config.allow_private_addresses,
    )


async def _all(steps: Iterable[object]) -> None:
    """Runs all to their end; then raises what the first of them raised."""
    results = await asyncio.gather(*steps, return_exceptions=True)  # type: ignore[call-overload]  # coroutines of any kind
    for result in results:
        if isinstance(result, BaseException):
            raise result
