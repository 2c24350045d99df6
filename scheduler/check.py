"""What the commands do to a store: a check, a digest, a verification; by the daemon where one is running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scheduler.config import Config, DigestConfig
from scheduler.control import Message, NoDaemon, ask
from scheduler.lock import hold, holder
from scheduler.watch import CheckReport, Watch
from storage.records import Change, Kind, Newsroom, Standing, Trouble, Visit
from storage.store import Store

if TYPE_CHECKING:
    from crawler.crawl import Crawl, CrawlSettings
    from scheduler.digests import DigestDefinition

WAIT_S = 20.0  # for another command that is at work in the data directory
TIMEOUT_S = 30.0  # for one request, to its last byte
IN_TROUBLE_AFTER = 3  # visits in a row that were not believed

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
    """Visits the newsrooms of `ids` (all where it is empty) now, whatever the back-off, looks where looks are due, detects.

    A daemon that is running is asked to do it; Refused with its words where it cannot. Busy where another command holds
    the data directory for long; CrawlStopped where the network part ended early; StoreError.
    """
    asked = _ask(config, {"check": list(ids)}, lambda message: progress(_visit(config, message["visit"])))
    if asked is not None:
        visits = tuple(_visit(config, told) for told in asked["visits"])
        return CheckReport(visits, tuple(_change(told) for told in asked["changes"]))

    async def go(store: Store) -> CheckReport:
        async with crawling(config, clock, timeout_s) as crawl:
            return await Watch(config, store, crawl, clock).check(ids, lambda _, visit: progress(visit))

    with writing(config) as store:
        return asyncio.run(go(store))


def write_digests(config: Config, name: str | None = None, *, clock: Clock = now) -> list[Path]:
    """Writes the digest of that name, else all of them; the files, of each digest the one to read first first.

    A daemon that is running is asked to do it. DigestError where a file cannot be written; else as `check`.
    """
    asked = _ask(config, {"digest": name}, lambda _: None)
    if asked is not None:
        return [Path(path) for path in asked["paths"]]
    with writing(config) as store:
        return write_issues(Watch(config, store, None, clock), name)


def write_issues(watch: Watch, name: str | None) -> list[Path]:
    """Writes one digest of a watch or all, after what an earlier crash left unwritten."""
    from scheduler.digests import finish_unwritten, write_digest  # noqa: PLC0415 - brings the templates

    config, written = watch.config, list[Path]()
    watch.keeper.fold(watch.watched)
    finish_unwritten(watch.store, config.data_dir)
    for digest in config.digests:
        if name in {None, digest.name}:
            definition = definition_of(digest)
            last = watch.store.last_issue(digest.name)
            standing = standing_of(watch, definition, last.end if last else None)
            written += write_digest(watch.store, definition, config.data_dir, watch.clock(), standing) or ()
    return written


def verify(config: Config) -> list[str]:
    """One sentence for each thing in database and digests that is not intact; changes nothing."""
    from scheduler.digests import verify_digests  # noqa: PLC0415 - brings the templates

    with Store.read(config.database) as store:
        return store.problems() + verify_digests(store, config.data_dir)


@contextmanager
def writing(config: Config) -> Iterator[Store]:
    """The store, opened to write, with the data directory held; waits for another command for a while, then raises Busy."""
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
    """How the newsrooms that a digest covers stand; read: believed since the digest's last issue."""
    known = {newsroom.id: newsroom for newsroom in watch.store.newsrooms()}
    names = [name for name in watch.watched if definition.covers(name)]
    stand = [known[name] for name in names if name in known and known[name].url == watch.watched[name].url]
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


# --- a daemon that is running ----------------------------------------------------------------------------------------


def _ask(config: Config, request: Message, progress: Callable[[Message], None]) -> Message | None:
    """What the daemon answers; None where none is running, or it goes away before it is done."""
    if holder(config.data_dir) is None:
        return None
    try:
        return ask(config.data_dir, request, progress)
    except NoDaemon:
        return None


def told_report(report: CheckReport) -> Message:
    """A report as told to a command: visits by the number under which the store keeps them, with the check's requests."""
    return {
        "visits": [told_visit(seq, visit) for seq, visit in zip(report.seqs, report.visits, strict=True)],
        "changes": [_told_change(change) for change in report.changes],
    }


def told_visit(seq: int, visit: Visit) -> Message:
    """A visit as told to a command."""
    return {"seq": seq, "requests": visit.requests}


def _told_change(change: Change) -> Message:
    return {
        "newsroom": change.newsroom,
        "kind": change.kind.value,
        "url": change.url,
        "title": change.title,
        "seen_at": change.seen_at.isoformat(),
        "detail": dict(change.detail),
        "key": change.key,
    }


def _visit(config: Config, told: dict[str, Any]) -> Visit:
    with Store.read(config.database) as store:
        visit = store.visit(told["seq"])
    if visit is None:
        raise NoDaemon(f"visit {told['seq']} is not in {config.database}")
    return replace(visit, requests=told["requests"])


def _change(told: dict[str, Any]) -> Change:
    return Change(
        told["newsroom"],
        Kind(told["kind"]),
        told["url"],
        told["title"],
        datetime.fromisoformat(told["seen_at"]),
        told["detail"],
        told["key"],
    )
