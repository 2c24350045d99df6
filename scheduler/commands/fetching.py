"""Fetches pages now, by the rules of every visit: robots.txt, refused addresses, delays, size and time limits."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from crawler.web import Answer, Ask, Fetch
    from scheduler.commands.shell import Clock
    from scheduler.config import Config
    from storage.records import Order, Visit

_T = TypeVar("_T")
_HTML = frozenset({"", "text/html", "application/xhtml+xml"})


def fetched(config: Config, url: str, clock: Clock) -> Answer:
    """The page or feed at `url`; ClickException with the reason where there is none."""
    from crawler.crawl import CrawlStopped  # noqa: PLC0415 - heavy
    from crawler.web import FetchError  # noqa: PLC0415 - only what fetches needs the network

    if sys.stderr.isatty():
        click.echo(f"Reading {url} …", err=True)
    try:
        answer = run_alone(_once(config, url, clock))
    except FetchError as error:
        raise click.ClickException(f"{url}: {error.reason}") from error
    except CrawlStopped as error:
        raise click.ClickException(f"{url}: {error}; try again") from error
    if reason := unreadable(answer):
        raise click.ClickException(f"{url}: {reason}")
    return answer


def run_alone(work: Coroutine[Any, Any, _T]) -> _T:
    """What the work comes to, in an event loop of its own."""
    import asyncio  # noqa: PLC0415 - as heavy as all else that a command loads, and most fetch nothing

    return asyncio.run(work)


def unreadable(answer: Answer) -> str:
    """Why an answer is neither a page nor a feed; empty where it is one."""
    from crawler.feed import is_feed  # noqa: PLC0415 - brings what reads text

    if answer.status != 200:
        return f"the server answered with status {answer.status}"
    if answer.content_type not in _HTML and not is_feed(answer.body):
        return f"is no HTML and no feed, but {answer.content_type}"
    return ""


async def _once(config: Config, url: str, clock: Clock) -> Answer:
    from crawler.web import Ask  # noqa: PLC0415 - only what fetches needs the network

    async with browsing(config, clock) as fetch:
        return await fetch(Ask(url))


@asynccontextmanager
async def browsing(config: Config, clock: Clock) -> AsyncIterator[Fetch]:
    """One crawl to ask many things of, so that delays and robots.txt are remembered from each to the next.

    FetchError and CrawlStopped come out of what it fetches.
    """
    from crawler.crawl import Crawl, CrawlSettings  # noqa: PLC0415 - heavy
    from storage.records import Order, Outcome, Visit  # noqa: PLC0415 - beside their only use

    asks: dict[str, Ask] = {}
    answers: dict[str, Answer] = {}
    numbers = count(1)

    async def ask(order: Order, through: Fetch, at: Clock) -> Visit:
        """A visit that only fetches: what is shown is read and shown whatever a judge would say of it."""
        began = at()
        answers[order.newsroom] = await through(asks.pop(order.newsroom))
        return Visit(order.newsroom, order.url, began, at(), Outcome.OK)

    async def fetch(what: Ask) -> Answer:
        name = str(next(numbers))
        asks[name] = what
        await crawl.visit(Order(name, what.url, recipe=None))
        return answers.pop(name)

    settings = CrawlSettings(config.contact, config.delay_s, config.allow_private_addresses)
    crawl = Crawl(settings, clock, visit_with=ask)
    await crawl.start()
    try:
        yield fetch
    finally:
        await crawl.stop()
