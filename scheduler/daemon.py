"""The daemon: APScheduler decides when visits, detection and digests come; one long-lived crawl reads; one store is written."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from crawler.crawl import Crawl, CrawlStopped
from scheduler.check import now, told_report, told_visit, write_due
from scheduler.config import Config, ConfigError, DigestConfig, content_hash, load
from scheduler.control import Message, answering
from scheduler.digests import DigestError
from scheduler.lock import hold
from scheduler.revisit import is_due
from scheduler.watch import Watch, crawl_settings
from storage.errors import StoreError
from storage.records import LookOrder, Visit
from storage.store import Store

TICK_S = 1
RELOAD_EVERY_S = 2
DIGESTS_EVERY_S = 5
STOP_WITHIN_S = 5.0
KEPT = timedelta(days=90)  # visits that showed nothing new
GRACE_S = 3600  # a busy loop delays a job, it does not skip it

_log = logging.getLogger("presswatch")


def run(config_path: Path) -> int:
    """Watches by the configuration at that path until SIGTERM or Ctrl-C; the exit code. Busy where another daemon is at work."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    config = load(config_path)
    with hold(config.data_dir), Store.open(config.database) as store:
        return asyncio.run(Daemon(config, store, now).run())


class Daemon:
    """One life of the daemon; `clock` gives the time of every decision."""

    def __init__(self, config: Config, store: Store, clock: Callable[[], datetime]) -> None:
        self.clock, self.store = clock, store
        self.crawl = Crawl(crawl_settings(config), clock)
        self.watch = Watch(config, store, self.crawl, clock)
        self.scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_S}
        )
        self.newsrooms = {newsroom.id: newsroom for newsroom in store.newsrooms()}
        self.under_way: dict[str, asyncio.Task[Any]] = {}
        self.looking: dict[tuple[str, str], asyncio.Task[Any]] = {}
        self.refused: str | None = None
        self.digests_since: dict[str, datetime] = {}
        self.stopped = asyncio.Event()

    async def run(self) -> int:
        """Runs until stopped; what was under way is cut off, and nothing of what was stored is lost."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.stopped.set)
        config = self.watch.config
        await self.crawl.start()
        self.detect()
        for job, seconds in (
            (self.tick, TICK_S),
            (self.reload, RELOAD_EVERY_S),
            (self.digests, DIGESTS_EVERY_S),
            (self.prune, 86400),
        ):
            self.scheduler.add_job(job, IntervalTrigger(seconds=seconds, timezone=UTC), next_run_time=datetime.now(UTC))
        self.scheduler.start()
        _log.info("watching %d newsrooms by %s, keeping %s", len(config.newsrooms), config.path, config.database)
        try:
            async with answering(config.data_dir, self.answer):
                await self.stopped.wait()
        finally:
            await self.stop()
        return 0

    async def stop(self) -> None:
        """Ends within seconds: no new work, the crawl stopped, what came back in time folded."""
        _log.info("stopping")
        self.scheduler.pause()
        await self.crawl.stop(STOP_WITHIN_S)
        waiting = [*self.under_way.values(), *self.looking.values()]
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=1)
        self.scheduler.shutdown(wait=False)
        self.detect()
        _log.info("stopped")

    # --- jobs ----------------------------------------------------------------------------------------------------

    async def tick(self) -> None:
        """Starts the visits and looks that are due; brings back a crawl that died."""
        if not self.crawl.alive:
            await self.crawl.start()
        at = self.clock()
        open_candidates = {candidate.newsroom for candidate in self.store.candidates()}
        for watched in self.watch.config.newsrooms:
            name = watched.id
            if name not in self.under_way and self._due(name, watched.url, at, candidates=name in open_candidates):
                self.under_way[name] = self._start(self._visit(name), lambda name=name: self.under_way.pop(name, None))
        watching = {newsroom.id for newsroom in self.watch.config.newsrooms}
        for order in self.watch.looks_due(open_candidates & watching):
            mark = order.newsroom, order.key
            if mark not in self.looking:
                self.looking[mark] = self._start(
                    self._look_at(order), lambda mark=mark: self.looking.pop(mark, None)
                )

    def _due(self, name: str, url: str, at: datetime, *, candidates: bool) -> bool:
        newsroom = self.newsrooms.get(name)
        if newsroom is None or newsroom.url != url:
            return newsroom is None or newsroom.last_visit_at is None or is_due(newsroom, self.watch.pace(name), at)
        if is_due(newsroom, self.watch.pace(name), at):
            return True
        return candidates and not newsroom.fails and self.watch.wanted(name)[0]

    def _start(self, work: Awaitable[None], done: Callable[[], object]) -> asyncio.Task[None]:
        async def go() -> None:
            try:
                await work
            except CrawlStopped:
                pass
            except StoreError as error:
                _log.error("%s", error)
            except Exception:
                _log.exception("unexpected")
            finally:
                done()

        return asyncio.get_running_loop().create_task(go())

    async def _visit(self, name: str) -> None:
        _, visit = await self.watch.visit(name)
        self._tell(visit)
        self.detect()

    async def _look_at(self, order: LookOrder) -> None:
        look = await self.watch.look(order)
        _log.info("%s look %s %s %s", look.newsroom, look.verdict, look.url, look.reason)
        self.detect()

    def _tell(self, visit: Visit) -> None:
        entries = sum(len(listing.entries) for listing in visit.window)
        _log.info(
            "%s %s%s%s in %.1f s", visit.newsroom, visit.outcome, f" {entries} entries" if entries else "",
            f": {visit.reason}" if visit.reason else "", (visit.finished_at - visit.started_at).total_seconds(),
        )  # fmt: skip

    def detect(self) -> None:
        """Folds what was stored."""
        for change in self.watch.fold():
            _log.info("%s %s: %s", change.newsroom, change.kind, change.title or dict(change.detail))
        self._refresh()

    def _refresh(self) -> None:
        self.newsrooms = {newsroom.id: newsroom for newsroom in self.store.newsrooms()}

    async def digests(self) -> None:
        """Writes the digests whose time has come; one whose times were missed is written once."""
        at = self.clock()
        for digest in self.watch.config.digests:
            since = self._reported_until(digest, at)
            due = trigger_of(digest).get_next_fire_time(None, since + timedelta(microseconds=1))
            if due is not None and since < due <= at:
                self.digests_since[digest.name] = at
                try:
                    for path in write_due(self.watch, digest.name)[:1]:
                        _log.info("digest %s: %s", digest.name, path)
                except (DigestError, StoreError) as error:
                    _log.error("%s", error)

    def _reported_until(self, digest: DigestConfig, at: datetime) -> datetime:
        """When the digest was last looked after: its last issue, else the first baseline of the watch, else now."""
        if digest.name not in self.digests_since:
            last = self.store.last_issue(digest.name)
            first = min((n.baseline_at for n in self.newsrooms.values() if n.baseline_at), default=at)
            self.digests_since[digest.name] = last.end if last else first
        if self.digests_since[digest.name] > at:  # a clock that was set back
            self.digests_since[digest.name] = at
        return self.digests_since[digest.name]

    async def reload(self) -> None:
        """Picks up an edited configuration; a broken one is told once, and the last good one kept."""
        config = self.watch.config
        seen = content_hash(config.path)
        if seen in {config.sha256, self.refused}:
            return
        try:
            fresh = load(config.path)
            if fresh.data_dir != config.data_dir:
                raise ConfigError([f"{config.path}: data_dir changed: stop the daemon and start it again for that"])
        except ConfigError as error:
            self.refused = seen
            for problem in error.problems:
                _log.error("%s", problem)
            _log.error("going on with the last good configuration")
            return
        self.refused = None
        if crawl_settings(fresh) != crawl_settings(config):
            await self.crawl.stop(STOP_WITHIN_S)
            self.crawl = Crawl(crawl_settings(fresh), self.clock)
            await self.crawl.start()
        self.watch = Watch(fresh, self.store, self.crawl, self.clock)
        _log.info("read %s again: watching %d newsrooms", fresh.path, len(fresh.newsrooms))

    async def prune(self) -> None:
        """Lets go of old visits that showed nothing."""
        self.store.prune_visits(self.clock() - KEPT)

    # --- requests of commands ------------------------------------------------------------------------------------

    async def answer(self, request: Message, tell: Callable[[Message], Awaitable[None]]) -> Message:
        """Does what `presswatch check` or `presswatch digest` asks for."""
        await self.reload()
        if "check" in request:
            return await self._check(tuple(request["check"]), tell)
        if "digest" in request:
            return {"paths": [str(path) for path in write_due(self.watch, request["digest"])]}
        raise ValueError(f"unknown request {sorted(request)}")

    async def _check(self, names: tuple[str, ...], tell: Callable[[Message], Awaitable[None]]) -> Message:
        for name in names:
            if self.watch.config.newsroom(name) is None:
                raise ValueError(f'there is no newsroom "{name}"')
        telling: set[asyncio.Task[None]] = set()

        def progress(seq: int, visit: Visit) -> None:
            self._tell(visit)
            task = asyncio.ensure_future(tell({"visit": told_visit(seq, visit)}))
            telling.add(task)
            task.add_done_callback(telling.discard)

        report = await self.watch.check(names, progress)
        self._refresh()
        await asyncio.gather(*telling)
        return told_report(report)


def trigger_of(digest: DigestConfig) -> BaseTrigger:
    """When a digest is written."""
    if digest.cron:
        return CronTrigger.from_crontab(digest.cron, timezone=digest.timezone)
    if digest.every_s:
        return IntervalTrigger(seconds=int(digest.every_s), timezone=digest.timezone)
    at = digest.at
    return CronTrigger(hour=at.hour if at else 7, minute=at.minute if at else 0, timezone=digest.timezone)
