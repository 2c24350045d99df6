"""The long-lived crawl: visits and looks go in as orders and come out answered, all in the loop of the process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.crawler import Crawler as ScrapyCrawler

from crawler.addresses import ip_refused
from crawler.download import Lookup, Wire, look_up
from crawler.follow import Follow, Hop
from crawler.spider import CrawlStopped, Errand, NewsroomSpider, settings
from crawler.web import Answer, Fetch, FetchError
from storage.records import Look, LookOrder, Order, Visit

__all__ = ["Crawl", "CrawlSettings", "CrawlStopped"]

# Scrapy's download slots let a whole queue through at once where there is no delay at all
_LEAST_DELAY_S = 0.001

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
VisitFunction = Callable[[Order, Fetch, Clock], Awaitable[Visit]]
LookFunction = Callable[[LookOrder, Fetch, Clock], Awaitable[Look]]


@dataclass(frozen=True, slots=True)
class CrawlSettings:
    """How the crawl behaves towards others.

    `delay_s` lies between two requests to one host, `timeout_s` bounds a whole download, `max_bytes` a body before and
    after decompression, `concurrency` the hosts asked at once: so many that those which never answer delay no other.
    """

    contact: str | None
    delay_s: float = 1.0
    allow_private_addresses: bool = False
    timeout_s: float = 30
    max_bytes: int = 10_000_000
    concurrency: int = 1000


def user_agent(contact: str | None) -> str:
    """Who we say we are: the version, and how to reach whoever runs this."""
    try:
        name = f"presswatch/{version('presswatch')}"
    except PackageNotFoundError:
        name = "presswatch"
    reachable = "".join(
        char for char in contact or "" if char.isascii() and char.isprintable() and char not in "()\\"
    ).strip()
    return f"{name} (+{reachable})" if reachable else name


class Crawl:
    """One Scrapy crawl that lives as long as the process; it can be started again after it was stopped or died.

    What robots.txt files said is remembered from one start to the next. `visit_with`, `look_with`, `lookup` and
    `refused` stand in for `crawler.visit.visit`, `crawler.look.look`, the system's resolver and the judgement of IP
    addresses.
    """

    def __init__(
        self,
        crawl_settings: CrawlSettings,
        clock: Clock,
        *,
        visit_with: VisitFunction | None = None,
        look_with: LookFunction | None = None,
        lookup: Lookup = look_up,
        refused: Callable[[str], bool] = ip_refused,
    ) -> None:
        self._clock = clock
        self._visit_with = visit_with
        self._look_with = look_with
        allow_private = crawl_settings.allow_private_addresses
        self._wire = Wire(
            user_agent=user_agent(crawl_settings.contact),
            delay_s=max(crawl_settings.delay_s, _LEAST_DELAY_S),
            timeout_s=crawl_settings.timeout_s,
            max_bytes=crawl_settings.max_bytes,
            concurrency=crawl_settings.concurrency,
            lookup=lookup,
            refused=(lambda _ip: False) if allow_private else refused,
        )
        self._fetch = Follow(self._get, clock, allow_private=allow_private)
        self._life: _Life | None = None

    @property
    def alive(self) -> bool:
        """Whether orders are taken: false before the start, from the stop on, and after the crawl died by itself."""
        return self._life is not None and not self._life.ending

    async def start(self) -> None:
        """Starts the crawl; returns once it takes orders. Raises what kept it from starting."""
        if self.alive:
            return
        await self.stop(1)  # what a crawl that died left behind
        logging.getLogger("scrapy").setLevel(logging.WARNING)
        life = self._life = _Life(self._wire, self._fetch)
        try:
            await life.begin()
        except BaseException:
            await self.stop(1)
            raise

    async def visit(self, order: Order) -> Visit:
        """Reads a newsroom. Raises CrawlStopped where the crawl ends first; the world's faults are in the Visit."""
        if self._visit_with is None:
            from crawler.visit import visit  # noqa: PLC0415 -- the readers are loaded with the first order

            self._visit_with = visit
        make = self._visit_with
        return await self._errand(lambda fetch: make(order, fetch, self._clock))

    async def look(self, order: LookOrder) -> Look:
        """Looks at a release's own page. Raises CrawlStopped where the crawl ends first; as `visit` otherwise."""
        if self._look_with is None:
            from crawler.look import look  # noqa: PLC0415 -- as above

            self._look_with = look
        make = self._look_with
        return await self._errand(lambda fetch: make(order, fetch, self._clock))

    async def stop(self, within_s: float = 5) -> None:
        """Stops taking orders, gives those under way half of the time, breaks off the rest: they raise CrawlStopped.

        Returns within `within_s` seconds, whatever hangs. Does nothing where nothing was started.
        """
        life = self._life
        if life is not None:
            await life.end(within_s)
            if self._life is life:  # no other start came between
                self._life = None

    async def _errand(self, make: Callable[[Fetch], Awaitable[_T]]) -> _T:
        if self._life is None or self._life.ending:
            raise CrawlStopped("the crawl is not running")
        return await self._life.errand(make)

    async def _get(self, hop: Hop) -> Answer:
        spider = None if self._life is None else self._life.spider
        if spider is None:
            raise FetchError("the crawl has ended")
        return await spider.download(hop)


class _Life:
    """From one start of the crawl to its end."""

    def __init__(self, wire: Wire, fetch: Fetch) -> None:
        self._fetch = fetch
        self._wire = wire
        self._runner = AsyncCrawlerRunner(settings(wire))
        self._crawler: ScrapyCrawler = self._runner.create_crawler(NewsroomSpider)
        self._errands: asyncio.Queue[Errand] = asyncio.Queue()
        self._results: set[asyncio.Future[Any]] = set()
        self._ready = asyncio.Event()
        self._crawl: asyncio.Task[None] | None = None
        self.ending = False

    async def begin(self) -> None:
        """Returns once orders are taken."""
        crawl = self._crawl = self._runner.crawl(
            self._crawler, errands=self._errands, ready=self._ready, fetch=self._fetch, wire=self._wire
        )
        ready = asyncio.ensure_future(self._ready.wait())
        await asyncio.wait({crawl, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            self.ending = True
            ready.cancel()
            await crawl
            raise CrawlStopped("the crawl ended as it began")
        crawl.add_done_callback(self._ended)

    def _ended(self, crawl: asyncio.Task[None]) -> None:
        if not self.ending:
            self.ending = True
            _log.error("the crawl ended by itself", exc_info=None if crawl.cancelled() else crawl.exception())
        self._disappoint()

    def _disappoint(self) -> None:
        for result in self._results:
            if not result.done():
                result.set_exception(CrawlStopped("the crawl has ended"))

    async def errand(self, make: Callable[[Fetch], Awaitable[_T]]) -> _T:
        """What the visit or look gives."""
        result: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._results.add(result)
        try:
            self._errands.put_nowait(Errand(make, result))
            return await result
        finally:
            self._results.discard(result)

    @property
    def spider(self) -> NewsroomSpider | None:
        """The spider, while its engine is there to download."""
        spider = self._crawler.spider
        return spider if isinstance(spider, NewsroomSpider) and self._crawler.engine.spider is spider else None

    async def end(self, within_s: float) -> None:
        """Ends within the bound, gently where that is possible."""
        self.ending = True
        loop = asyncio.get_running_loop()
        gentle, last = loop.time() + within_s * 0.5, loop.time() + within_s * 0.9
        await _wait(self._results, gentle)
        spider = self._crawler.spider
        if isinstance(spider, NewsroomSpider):
            under_way = set(spider.under_way)
            for task in under_way:
                task.cancel()
            await _wait({*under_way, asyncio.ensure_future(spider.handler.close())}, last)
        if self._crawl is None:
            return
        stopping = asyncio.ensure_future(self._crawler.stop_async())  # a crawl that was cancelled left its engine on
        await _wait({stopping, self._crawl}, last)
        if not (stopping.done() and self._crawl.done()):
            _log.warning("the crawl did not end within %g s and was cut off", within_s)
            stopping.cancel()
            self._crawl.cancel()
        await asyncio.wait({stopping, self._crawl}, timeout=within_s * 0.1)
        self._disappoint()


async def _wait(awaited: set[asyncio.Future[Any]] | set[asyncio.Task[Any]], until: float) -> None:
    if awaited:
        await asyncio.wait(awaited, timeout=max(until - asyncio.get_running_loop().time(), 0))
