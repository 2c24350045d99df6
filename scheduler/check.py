"""What the commands do to a store: a check, a digest, a verification; by the daemon where one is running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.asking import ask_backfill, ask_check, ask_digests
from scheduler.backfill import BackfillReport, read_back
from scheduler.config import Config, DigestConfig
from scheduler.lock import hold
from scheduler.watch import CheckReport, Watch
from storage.records import Standing, Trouble, Visit
from storage.store import Store

if TYPE_CHECKING:
    from crawler.crawl import Crawl, CrawlSettings
    from scheduler.digests import DigestDefinition

WAIT_S = 20.0  # for another command that is at work in the data directory
TIMEOUT_S = 30.0  # for one request, to its last byte

Clock = Callable[[], datetime]


def now() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


def check(
    config: Config,
    ids: tuple[str, ...] = (),
    progress: Callable[[Visit], None] = lambda _: None,
    *,
    clock: Clock = now,
    timeout_s: float = TIMEOUT_S,
) -> CheckReport:
    """Visits the newsrooms of `ids` (all where it is empty) now, looks where looks are due, and detects.

    A daemon that is running is asked to do it; Refused with its words where it cannot. Busy where another command holds
    the data directory for long; CrawlStopped where the network part ended early; StoreError.
    """
    asked = ask_check(config, ids, progress)
    if asked is not None:
        return asked

    async def go(store: Store) -> CheckReport:
        async with crawling(config, clock, timeout_s) as crawl:
            return await Watch(config, store, crawl, clock).check(ids, lambda _, visit: progress(visit))

    with writing(config) as store:
        return asyncio.run(go(store))


def backfill(
    config: Config,
    name: str,
    pages: int | None = None,
    progress: Callable[[BackfillReport], None] = lambda _: None,
    *,
    clock: Clock = now,
    timeout_s: float = TIMEOUT_S,
) -> BackfillReport:
    """Reads a newsroom's archive back, to its end or for so many pages, from where an earlier one was left.

    A daemon that is running is asked to do it. NoBackfill, or Refused with the daemon's words, where the archive cannot
    be read; else as `check`.
    """
    asked = ask_backfill(config, name, pages, progress)
    if asked is not None:
        return asked

    async def told(report: BackfillReport) -> bool:
        progress(report)
        return True

    async def go(store: Store) -> BackfillReport:
        async with crawling(config, clock, timeout_s) as crawl:
            return await read_back(Watch(config, store, crawl, clock), name, pages, told)

    with writing(config) as store:
        return asyncio.run(go(store))


def write_digests(config: Config, name: str | None = None, *, clock: Clock = now) -> list[Path]:
    """Writes the digest of that name, else all of them; the files, of each digest the one to read first first.

    A daemon that is running is asked to do it. DigestError where a file cannot be written; else as `check`.
    """
    asked = ask_digests(config, name)
    if asked is not None:
        return asked
    with writing(config) as store:
        return write_issues(Watch(config, store, None, clock), name)


def write_issues(watch: Watch, name: str | None) -> list[Path]:
    """Writes one digest of a watch or all, with what a crash left unwritten or what was deleted since; the files.

    DigestError once all were tried.
    """
    from scheduler.digestfiles import DigestError  # noqa: PLC0415 - brings the templates
    from scheduler.digests import (  # noqa: PLC0415 - likewise
        finish_unwritten,
        period_start,
        restore_missing,
        write_digest,
    )

    config, written = watch.config, list[Path]()
    faults: list[DigestError] = []
    watch.keeper.fold(watch.watched)
    for digest in config.digests:
        if name not in {None, digest.name}:
            continue
        definition = definition_of(digest)
        since = period_start(watch.store, digest.name, watch.clock())
        standing = standing_of(watch, definition, since)
        try:
            written += write_digest(watch.store, definition, config.data_dir, watch.clock(), standing) or ()
        except DigestError as error:  # one folder that cannot be written must not keep the other digests from theirs
            faults.append(error)
    finish_unwritten(watch.store, config.data_dir, name)
    for known in watch.store.digests() if name is None else [name]:
        try:
            written += restore_missing(watch.store, config.data_dir, known)
        except DigestError as error:
            faults.append(error)
    if faults:
        raise faults[0]
    return written


def verify(config: Config) -> list[str]:
    """One sentence for each thing in database and digests that is not intact; changes nothing."""
    from scheduler.digestfaults import verify_digests  # noqa: PLC0415 - brings the templates

    with Store.read(config.database) as store:
        return store.problems() + verify_digests(store, config.data_dir)


@contextmanager
def writing(config: Config) -> Iterator[Store]:
    """The store, opened to write, with the data directory held; waits for another command a while, then raises Busy."""
    with hold(config.data_dir, wait_s=WAIT_S), Store.open(config.database) as store:
        yield store


@asynccontextmanager
async def crawling(config: Config, clock: Clock, timeout_s: float = TIMEOUT_S) -> AsyncIterator[Crawl]:
    """A crawl that lasts as long as the block."""
    from crawler.crawl import Crawl  # noqa: PLC0415 - heavy: commands that do not fetch come by here, too

    crawl = Crawl(crawl_settings(config, timeout_s), clock)
    await crawl.start()
    try:
        yield crawl
    finally:
        await crawl.stop()


def crawl_settings(config: Config, timeout_s: float = TIMEOUT_S) -> CrawlSettings:
    """What the configuration says of how the crawl behaves."""
    from crawler.crawl import CrawlSettings  # noqa: PLC0415 - as above

    return CrawlSettings(
        contact=config.contact or None,
        delay_s=config.delay_s,
        allow_private_addresses=config.allow_private_addresses,
        timeout_s=timeout_s,
    )


# --- digests ---------------------------------------------------------------------------------------------------------


def definition_of(digest: DigestConfig) -> DigestDefinition:
    """What the configuration says of what a digest carries."""
    from scheduler.digests import DigestDefinition  # noqa: PLC0415 - brings the templates

    return DigestDefinition(
        name=digest.name,
        formats=digest.formats,
        newsrooms=digest.newsrooms,
        kinds=digest.kinds,
        match=digest.match,
        skip_empty=digest.skip_empty,
        timezone=digest.timezone,
    )


def standing_of(watch: Watch, definition: DigestDefinition, since: datetime | None) -> Standing:
    """How the newsrooms that a digest covers stand; read: believed since then, as far as the clock can be trusted.

    In trouble is whoever was not believed at its last visit, be it the first such visit.
    """
    now = watch.clock()
    known = {newsroom.id: newsroom for newsroom in watch.store.newsrooms()}
    names = [name for name in watch.watched if definition.covers(name)]
    stand = [known[name] for name in names if name in known and known[name].url == watch.watched[name].url]
    times = [n.last_ok_at for n in stand if n.last_ok_at is not None and n.last_ok_at <= now]
    return Standing(
        newsrooms=len(names),
        read=sum(since is None or at >= since for at in times),
        last_read=max(times, default=None),
        troubles=tuple(
            Trouble(n.id, n.unhealthy_since, n.last_reason, n.last_ok_at)
            for n in stand
            if n.unhealthy_since is not None
        ),
    )
