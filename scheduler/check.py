"""What the commands do to a store: a check, a digest, a verification; by the daemon where one is running."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.crawl import Crawl
from scheduler.config import Config, ConfigError
from scheduler.control import NoDaemon, ask
from scheduler.digests import finish_unwritten, verify_digests, write_digest
from scheduler.lock import Busy, hold, holder
from scheduler.watch import CheckReport, Watch, crawl_settings, definition_of
from storage.records import Change, Kind, Visit
from storage.store import Store

WAIT_S = 20.0  # for another command that is at work in the data directory


def now() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


def check(
    config: Config,
    ids: tuple[str, ...] = (),
    progress: Callable[[Visit], None] = lambda _: None,
    *,
    clock: Callable[[], datetime] = now,
) -> CheckReport:
    """Visits the newsrooms of `ids` (all where it is empty) now, whatever the back-off, looks where looks are due, and detects.

    A daemon that is running is asked to do it. Busy where another command holds the data directory for long.
    """
    asked = _ask(config, {"check": list(ids)}, lambda message: progress(_visit(config, message["visit"])))
    if asked is not None:
        return CheckReport(
            tuple(_visit(config, told) for told in asked["visits"]), tuple(_change(told) for told in asked["changes"])
        )

    async def go(store: Store) -> CheckReport:
        async with crawling(config, clock) as crawl:
            return await Watch(config, store, crawl, clock).check(ids, lambda _, visit: progress(visit))

    with writing(config) as store:
        return asyncio.run(go(store))


def write_digests(
    config: Config, name: str | None = None, *, clock: Callable[[], datetime] = now
) -> list[Path]:
    """Writes the digest of that name, else all of them; the files, of each digest the one to read first first."""
    asked = _ask(config, {"digest": name}, lambda _: None)
    if asked is not None:
        return [Path(path) for path in asked["paths"]]
    with writing(config) as store:
        return write_due(Watch(config, store, Crawl(crawl_settings(config), clock), clock), name)


def write_due(watch: Watch, name: str | None) -> list[Path]:
    """Writes one digest of a watch or all, after what an earlier crash left unwritten."""
    config, written = watch.config, list[Path]()
    watch.fold()
    finish_unwritten(watch.store, config.data_dir)
    for digest in config.digests:
        if name in {None, digest.name}:
            definition = definition_of(digest)
            last = watch.store.last_issue(digest.name)
            standing = watch.standing(definition, last.end if last else None)
            written += write_digest(watch.store, definition, config.data_dir, watch.clock(), standing) or ()
    return written


def verify(config: Config) -> list[str]:
    """One sentence for each thing in database and digests that is not intact; changes nothing."""
    with Store.read(config.database) as store:
        return store.problems() + verify_digests(store, config.data_dir)


@contextmanager
def writing(config: Config) -> Iterator[Store]:
    """The store, opened to write, with the data directory held; waits for another command for a while."""
    until = time.monotonic() + WAIT_S
    while True:
        try:
            with hold(config.data_dir), Store.open(config.database) as store:
                yield store
            return
        except Busy:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@asynccontextmanager
async def crawling(config: Config, clock: Callable[[], datetime]) -> AsyncIterator[Crawl]:
    """A crawl that lasts as long as the block."""
    crawl = Crawl(crawl_settings(config), clock)
    await crawl.start()
    try:
        yield crawl
    finally:
        await crawl.stop()


# --- a daemon that is running ------------------------------------------------------------------------------------------


def _ask(config: Config, request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any] | None:
    """What the daemon answers; None where none is running."""
    if holder(config.data_dir) is None:
        return None
    try:
        return ask(config.data_dir, {**request, "config": str(config.path)}, progress)
    except NoDaemon:
        return None
    except RuntimeError as error:
        raise ConfigError([f"the daemon says: {error}"]) from error


def told_report(report: CheckReport) -> dict[str, Any]:
    """A report as told to a command: visits by the number under which the store keeps them, with the check's requests."""
    return {
        "visits": [told_visit(seq, visit) for seq, visit in zip(report.seqs, report.visits, strict=True)],
        "changes": [_told_change(change) for change in report.changes],
    }


def told_visit(seq: int, visit: Visit) -> dict[str, Any]:
    """A visit as told to a command."""
    return {"seq": seq, "requests": visit.requests}


def _told_change(change: Change) -> dict[str, Any]:
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
        raise NoDaemon(f"visit {told['seq']} is not in the store")
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
