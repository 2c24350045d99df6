"""Fetches one page now, by the rules of every visit: robots.txt, refused addresses, size and time limits."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from crawler.web import Answer, Fetch
    from scheduler.commands.shell import Clock
    from scheduler.config import Config
    from storage.records import Order, Visit


def fetched(config: Config, url: str, clock: Clock) -> Answer:
    """The page at `url`; ClickException with the reason where there is none."""
    from crawler.crawl import CrawlStopped  # noqa: PLC0415 - heavy
    from crawler.web import FetchError  # noqa: PLC0415 - only what fetches needs the network

    if sys.stderr.isatty():
        click.echo(f"Reading {url} …", err=True)
    try:
        answer = asyncio.run(_once(config, url, clock))
    except FetchError as error:
        raise click.ClickException(f"{url}: {error.reason}") from error
    except CrawlStopped as error:
        raise click.ClickException(f"{url}: {error}; try again") from error
    if answer.status != 200:
        raise click.ClickException(f"{url}: the server answered with status {answer.status}")
    if answer.content_type not in {"", "text/html", "application/xhtml+xml"}:
        raise click.ClickException(f"{url}: is no HTML, but {answer.content_type}")
    return answer


async def _once(config: Config, url: str, clock: Clock) -> Answer:
    from crawler.crawl import Crawl, CrawlSettings  # noqa: PLC0415 - heavy
    from crawler.web import Ask  # noqa: PLC0415 - only what fetches needs the network
    from storage.records import Order, Outcome, Visit  # noqa: PLC0415 - beside their only use

    answers: list[Answer] = []

    async def ask(order: Order, fetch: Fetch, at: Clock) -> Visit:
        """A visit that only fetches: what is previewed is read and shown whatever a judge would say of it."""
        began = at()
        answers.append(await fetch(Ask(order.url)))
        return Visit(order.newsroom, order.url, began, at(), Outcome.OK)

    settings = CrawlSettings(config.contact, config.delay_s, config.allow_private_addresses)
    crawl = Crawl(settings, clock, visit_with=ask)
    await crawl.start()
    try:
        await crawl.visit(Order("preview", url, recipe=None))
    finally:
        await crawl.stop()
    return answers[0]
