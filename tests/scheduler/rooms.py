"""A crawl without a network: it reads local newsrooms in memory, by the code of every visit, and misbehaves as told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

from crawler.crawl import CrawlStopped
from crawler.look import look
from crawler.recipes import AMNESTY_CA
from crawler.visit import visit
from crawler.web import Answer, Ask, FetchError
from scheduler.config import Config, NewsroomConfig
from scheduler.demo.answers import Asked, answer
from scheduler.demo.newsroom import LocalNewsroom
from storage.records import Look, LookOrder, Order, Visit

NOW = datetime(2024, 5, 17, 9, 0, tzinfo=UTC)


BEAT_S = 0.005


async def until(condition: Callable[[], object]) -> None:
    """Lets the loop go on until something is so."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for is told by no event
            await asyncio.sleep(BEAT_S)


@dataclass
class Clock:
    """A clock that is moved by hand."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Rooms:
    """The newsrooms `a.test`, `b.test`, … and the crawl that reads them.

    What is in `gates` keeps visits to that newsroom waiting, what is in `faults` is raised by them.
    """

    clock: Callable[[], datetime]
    rooms: dict[str, LocalNewsroom] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    faults: dict[str, Exception] = field(default_factory=dict)
    visits: list[str] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    at_once: dict[str, int] = field(default_factory=dict)
    most_at_once: int = 0
    starts: int = 0
    alive: bool = False

    def __post_init__(self) -> None:
        self._stopping = asyncio.Event()

    def open(self, name: str) -> LocalNewsroom:
        self.rooms[name] = LocalNewsroom(seed=len(self.rooms))
        return self.rooms[name]

    async def start(self) -> None:
        self.alive = True
        self.starts += 1
        self._stopping = asyncio.Event()

    async def stop(self, within_s: float = 5) -> None:
        assert within_s <= 5
        self.die()

    def die(self) -> None:
        self.alive = False
        self._stopping.set()

    async def visit(self, order: Order) -> Visit:
        self.visits.append(order.newsroom)
        now = self.at_once[order.newsroom] = self.at_once.get(order.newsroom, 0) + 1
        self.most_at_once = max(self.most_at_once, now)
        try:
            await self._pass(order.newsroom)
            return await visit(order, self._fetch, self.clock)
        finally:
            self.at_once[order.newsroom] -= 1

    async def look(self, order: LookOrder) -> Look:
        self.looks.append(order.url)
        await self._pass(f"look {order.newsroom}")
        return await look(order, self._fetch, self.clock)

    async def _pass(self, name: str) -> None:
        if not self.alive:
            raise CrawlStopped("the crawl is not running")
        if name in self.faults:
            raise self.faults[name]
        if name in self.gates:
            waits = [asyncio.ensure_future(event.wait()) for event in (self.gates[name], self._stopping)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            if self._stopping.is_set():
                raise CrawlStopped("the crawl was stopped")

    async def _fetch(self, ask: Ask) -> Answer:
        url, hops = ask.url, 0
        while hops < 5:
            parts = urlsplit(url)
            room = self.rooms[(parts.hostname or "").removesuffix(".test")]
            asked = Asked(
                path=parts.path or "/",
                base=f"http://{parts.netloc}",
                query=dict(parse_qsl(parts.query)),
                if_none_match=ask.headers.get("If-None-Match"),
                if_modified_since=ask.headers.get("If-Modified-Since"),
            )
            reply = answer(room, asked)
            headers = {name.lower(): value for name, value in reply.headers.items()}
            if reply.hangs:
                raise FetchError("no full answer within 30 s")
            if not 300 <= reply.status < 304:
                return Answer(url, reply.status, headers, reply.body)
            url, hops = urljoin(url, headers["location"]), hops + 1
        raise FetchError("more than 5 redirects")


def watched(rooms: Rooms, name: str, **values: object) -> NewsroomConfig:
    """The configuration of a local newsroom, opened where it is not there yet."""
    room = rooms.rooms.get(name) or rooms.open(name)
    plain: dict[str, object] = {"recipe": AMNESTY_CA, "every_s": 900.0}
    return NewsroomConfig(name, f"http://{name}.test{room.listing_path}", **{**plain, **values})  # type: ignore[arg-type] # what a test is about


def config_of(folder: Path, *newsrooms: NewsroomConfig, **values: object) -> Config:
    """A configuration that keeps its data in a folder."""
    plain: dict[str, object] = {"confirm_after_s": 0.0, "delay_s": 0.0, "newsrooms": newsrooms}
    return Config(folder / "presswatch.toml", folder / "data", **{**plain, **values})  # type: ignore[arg-type] # likewise
