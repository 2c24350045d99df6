"""One spider for all newsrooms, and the settings of the one long-lived crawl it lives in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.logformatter import LogFormatter

from crawler.download import Courier, PoliteHandler, Wire
from crawler.web import Answer, Fetch, FetchError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from scrapy.http import Response

    from crawler.follow import Hop


class CrawlStopped(Exception):  # noqa: N818 -- the end of a crawl is no fault of anyone
    """The crawl ended before the visit or look did: nothing was learnt about the newsroom, ask again later."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A visit or look to be made, and the future that its result is left in."""

    make: Callable[[Fetch], Awaitable[Any]]
    result: asyncio.Future[Any]


class NoScheduler(BaseScheduler):
    """Nothing goes through Scrapy's queue: the daemon decides what is due, the download slots when a host is asked."""

    def has_pending_requests(self) -> bool:
        """Never."""
        return False

    def enqueue_request(self, request: Request) -> bool:  # noqa: ARG002 -- the interface's parameter
        """Takes none."""
        return False

    def next_request(self) -> Request | None:
        """Has none."""
        return None


class QuietLog(LogFormatter):
    """Says nothing of single requests: the daemon says one line a visit."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> None:  # type: ignore[override]  # None means no line
        """No line."""


class NewsroomSpider(Spider):
    """Takes errands from a queue for as long as the crawl lives, and makes them side by side.

    `ready` is set once it takes them; `fetch` is a Fetch over `download`.
    """

    name = "newsrooms"

    def __init__(self, errands: asyncio.Queue[Errand], ready: asyncio.Event, fetch: Fetch, wire: Wire) -> None:
        super().__init__()
        self.errands = errands
        self.ready = ready
        self.fetch = fetch
        self.handler = PoliteHandler(wire)
        self.under_way: set[asyncio.Task[Any]] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Never ends by itself and yields no request: the visits download what they need."""
        no_requests: tuple[Request, ...] = ()
        self.ready.set()
        while True:
            self._begin(await self.errands.get())
            for request in no_requests:
                yield request

    def _begin(self, errand: Errand) -> None:
        if errand.result.done():
            return
        task = asyncio.ensure_future(errand.make(self.fetch))
        self.under_way.add(task)
        errand.result.add_done_callback(lambda _result: task.cancel())
        task.add_done_callback(lambda _task: self._end(task, errand.result))

    def _end(self, task: asyncio.Task[Any], result: asyncio.Future[Any]) -> None:
        self.under_way.discard(task)
        if result.done():
            if not task.cancelled():
                task.exception()  # seen: nobody waits for it
        elif task.cancelled():
            result.set_exception(CrawlStopped("the crawl was stopped"))
        elif (error := task.exception()) is not None:
            result.set_exception(error)
        else:
            result.set_result(task.result())

    async def download(self, hop: Hop) -> Answer:
        """Makes one request through Scrapy's downloader, when its host's turn has come; raises FetchError."""
        courier = Courier(hop)
        try:
            request = Request(hop.url, meta={"courier": courier})
        except ValueError as error:
            raise FetchError("refused: not a valid address") from error
        host = urlsplit(request.url).hostname or ""
        request.meta["download_slot"] = host  # as Scrapy would find out itself, by parsing the address once more
        self.handler.set_delay(host, hop.delay_s)
        try:
            await self.crawler.engine.download_async(request)
        finally:
            courier.wanted = False
        if courier.answer is None:
            raise AssertionError
        return courier.answer


def settings(wire: Wire) -> dict[str, Any]:
    """Scrapy's settings for the crawl; what Scrapy would do beside making requests in turn is switched off."""
    return {
        "TWISTED_REACTOR_ENABLED": False,  # docs/decisions/0002-scrapy-in-one-loop.md
        "DOWNLOAD_HANDLERS": {
            "http": PoliteHandler, "https": PoliteHandler, "file": None, "ftp": None, "s3": None, "data": None,
        },
        "SCHEDULER": NoScheduler,
        "USER_AGENT": wire.user_agent,
        # one request at a time per host; how many hosts at once is the handler's to bound, waiting must take no permit
        "CONCURRENT_REQUESTS": 0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": wire.delay_s,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "CONCURRENT_ITEMS": 2,
        # the handler bounds time, size and certificates itself; these hold for any other that is ever set
        "DOWNLOAD_TIMEOUT": wire.timeout_s,
        "DOWNLOAD_MAXSIZE": wire.max_bytes,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        # redirects, robots.txt, retries, cookies and content codings are ours (crawler.follow, crawler.download)
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "COOKIES_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "RETRY_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,  # it would serve Python to anyone on this machine
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "LOG_FORMATTER": QuietLog,
        "LOG_ENABLED": False,
    }  # fmt: skip
