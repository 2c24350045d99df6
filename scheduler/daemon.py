"""The daemon: APScheduler decides when to look at what is due; one long-lived crawl reads; one store is written."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from crawler.crawl import Crawl, CrawlStopped
from scheduler.agenda import Agenda
from scheduler.asking import backfill_asked, check_asked, names_in
from scheduler.check import Clock, crawl_settings, now, write_issues
from scheduler.config import Config, ConfigError, content_hash, load
from scheduler.control import Message, NoDaemon, Refused, Tell, answering
from scheduler.digestfiles import DigestError
from scheduler.digests import finish_unwritten
from scheduler.lock import LOCK, hold
from scheduler.logs import Complaints, log_to_stderr, look_line, visit_line
from scheduler.timetable import Timetable
from scheduler.watch import NotWatched, Reads, Watch
from storage.errors import StoreError
from storage.records import Change, Look, Visit
from storage.store import Store

STOP_WITHIN_S = 3.0
STORE_WAIT_S = 2.0  # a database that another program keeps locked must not keep the daemon from ending
REST_BEATS = 10  # after a trouble of our own: a disk that is full stays so for a while
KEPT = timedelta(days=90)  # visits that showed nothing new
GRACE_S = 3600  # a busy loop delays a job, it does not skip it

_log = logging.getLogger("presswatch")


class Crawls(Reads, Protocol):
    """A crawl and its life."""

    @property
    def alive(self) -> bool:
        """Whether it takes orders."""

    async def start(self) -> None:
        """Starts it, or brings it back after it died."""

    async def stop(self, within_s: float) -> None:
        """Stops it within so many seconds."""


def run(config_path: Path) -> int:
    """Watches by the configuration at that path until SIGTERM or Ctrl-C; the exit code.

    Busy where another process works in the data directory; ConfigError, StoreError or OSError where it cannot begin.
    """
    log_to_stderr()
    config = load(config_path, recipes=True)
    for warning in config.warnings:
        _log.warning("%s", warning)
    with hold(config.data_dir, daemon=True), Store.open(config.database, wait_s=STORE_WAIT_S) as store:
        return asyncio.run(Daemon(config, store, now).run(_settle_memory))


def _settle_memory() -> None:
    """Lets the collector pass over what lives as long as the process: about a third less CPU for each page."""
    import crawler.look  # noqa: PLC0415 - loaded with the first order otherwise, after the freeze
    import crawler.visit  # noqa: F401, PLC0415 - likewise

    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # a parsed page makes thousands of objects that need no collector to die


def _crawl_for(config: Config, clock: Clock) -> Crawls:
    return Crawl(crawl_settings(config), clock)


class Daemon:
    """One life of the daemon; `clock` gives the time of every decision, `beat_s` how often it looks at it.

    `crawl_for` makes the crawl for a configuration.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock,
        *,
        crawl_for: Callable[[Config, Clock], Crawls] = _crawl_for,
        beat_s: float = 1.0,
    ) -> None:
        self.clock, self.store, self.beat_s, self._crawl_for = clock, store, beat_s, crawl_for
        self.crawl = crawl_for(config, clock)
        self.watch = Watch(config, store, self.crawl, clock, self._heard)
        self.scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_S}
        )
        self.timetable = Timetable(store)
        self.agenda = Agenda(self.watch)
        self.stopped = asyncio.Event()
        self.exit_code = 0
        self._files = _identities(config, ())
        self._errands: set[asyncio.Task[None]] = set()
        self._reloading = asyncio.Lock()
        self._refused: str | None = None
        self._rest_until = self._digests_rest_until = 0.0
        self._complaints = Complaints(_log, lambda: asyncio.get_running_loop().time())

    async def run(self, started: Callable[[], object] = lambda: None) -> int:
        """Runs until stopped, calling `started` once it answers; the exit code. Nothing of what was stored is lost."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.stopped.set)
        config = self.watch.config
        await self.crawl.start()
        self.watch.keeper.fold(self.watch.watched)
        for job, beats in ((self.tick, 1), (self.reload, 2), (self.digests, 5), (self.prune, 86400)):
            every = IntervalTrigger(seconds=beats * self.beat_s, timezone=UTC)
            self.scheduler.add_job(self._guarded(job), every, next_run_time=datetime.now(UTC))
        async with answering(config.data_dir, self.answer):
            try:
                self.scheduler.start()
                _log.info(
                    "watching %d newsrooms by %s, keeping %s", len(self.watch.watched), config.path, config.database
                )
                started()
                await self.stopped.wait()
            finally:
                self.stopped.set()
                await self._end()
        return self.exit_code

    async def _end(self) -> None:
        """Ends within seconds: no new work, the crawl stopped, what came back in time stored and folded."""
        _log.info("stopping")
        self.scheduler.pause()
        await self.crawl.stop(STOP_WITHIN_S)
        if self._errands:
            await asyncio.wait(self._errands, timeout=0.5)
        for task in self._errands:
            task.cancel()
        self.scheduler.shutdown(wait=False)
        try:
            self.watch.keeper.catch_up()
        except StoreError as error:
            _log.error("%s", error)
        _log.info("stopped")

    # --- jobs --------------------------------------------------------------------------------------------------------

    def _guarded(self, job: Callable[[], Awaitable[None]]) -> Callable[[], Coroutine[Any, Any, None]]:
        """The job, its errors told: none of them ends the daemon."""

        async def go() -> None:
            try:
                await job()
            except CrawlStopped:
                pass
            except Exception as error:  # noqa: BLE001 - whatever it is, the next time may do better
                self._trouble(error)

        return go

    def _trouble(self, error: Exception) -> None:
        self._complaints.tell(error)
        self._rest_until = self._rested()

    def _rested(self) -> float:
        """When a rest that begins now is over, by the loop's clock."""
        return asyncio.get_running_loop().time() + REST_BEATS * self.beat_s

    async def tick(self) -> None:
        """Starts the visits and looks that are due; brings back a crawl that died."""
        if _identities(self.watch.config, self._files) != self._files:
            _log.error("%s was removed or replaced: ending, nothing more could be kept", self.watch.config.data_dir)
            self.exit_code = 1
            self.stopped.set()
        if self.stopped.is_set() or asyncio.get_running_loop().time() < self._rest_until:
            return
        if not self.crawl.alive:
            _log.warning("the crawl ended: starting it again")
            self._rest_until = self._rested()  # if it goes on dying, it does so slowly
            await self.crawl.start()
        self.watch.keeper.catch_up()
        for name in self.agenda.visits(self.clock()):
            self._begin(self.watch.visit(name))
        for order in self.agenda.looks():
            self._begin(self.watch.look(order))

    def _begin(self, work: Awaitable[object]) -> None:
        async def go() -> None:
            try:
                await work
            except (CrawlStopped, NotWatched):
                pass  # nothing was learnt
            except Exception as error:  # noqa: BLE001 - as for the jobs
                self._trouble(error)

        task = asyncio.get_running_loop().create_task(go())
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def _heard(self, name: str, seen: Visit | Look | None, changes: Sequence[Change]) -> None:
        if isinstance(seen, Visit):
            _log.info("%s", visit_line(seen, changes))
        elif seen is not None:
            _log.info("%s", look_line(seen, changes))
        self.agenda.note(name)

    async def digests(self) -> None:
        """Writes the digests whose time has come, and what an earlier trouble left unwritten."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._digests_rest_until:
            return
        for digest in self.watch.config.digests:
            at = self.clock()
            try:
                finish_unwritten(self.store, self.watch.config.data_dir, digest.name)
                if self.timetable.due(digest, at, lambda: self.agenda.catching_up(self.clock())):
                    for path in write_issues(self.watch, digest.name)[:1]:
                        _log.info("digest %s: %s", digest.name, path)
                    self.timetable.done(digest, at)
            except (DigestError, StoreError) as error:
                self.timetable.failed(digest)
                self._complaints.tell(error)
                self._digests_rest_until = self._rested()

    async def reload(self) -> None:
        """Picks up an edited configuration; a broken one is told once, and the last good one kept."""
        async with self._reloading:
            config = self.watch.config
            seen = content_hash(config.path)
            if self.stopped.is_set() or seen in {config.sha256, self._refused}:
                return
            self._refused = None
            try:
                fresh = _fresh(config)
            except ConfigError as error:
                self._refused = seen
                for problem in error.problems:
                    _log.error("%s", problem)
                _log.error("going on with the last good configuration")
                return
            await self._follow(fresh)
            _log.info("read %s again: watching %d newsrooms", fresh.path, len(fresh.newsrooms))

    async def _follow(self, fresh: Config) -> None:
        old = self.crawl
        if crawl_settings(fresh) != crawl_settings(self.watch.config):
            new = self._crawl_for(fresh, self.clock)
            await new.start()
            self.crawl = new
        self.watch.follow(fresh, self.crawl)
        if self.crawl is not old:
            await old.stop(STOP_WITHIN_S)

    async def prune(self) -> None:
        """Lets go of old visits that showed nothing."""
        self.store.prune_visits(self.clock() - KEPT)

    # --- requests of commands ----------------------------------------------------------------------------------------

    async def answer(self, request: Message, tell: Tell) -> Message:
        """Does what a command asks for; what cannot be done is Refused with the reason."""
        if self.stopped.is_set():
            raise NoDaemon("it is stopping")
        await self.reload()
        try:
            if "check" in request:
                return await check_asked(self.watch, names_in(request), tell)
            if "backfill" in request:
                return await backfill_asked(self.watch, request, tell)
            if "digest" in request:
                return self._digest(request["digest"])
        except CrawlStopped as error:
            if self.stopped.is_set():
                raise NoDaemon("it is stopping") from error
            raise Refused("the crawl ended before that was done: try again") from error
        except (StoreError, DigestError, NotWatched) as error:
            raise Refused(str(error)) from error
        raise Refused(f"unknown request {sorted(request)}")

    def _digest(self, name: str | None) -> Message:
        if name is not None and name not in {digest.name for digest in self.watch.config.digests}:
            raise Refused(f'there is no digest "{name}" in the configuration')
        paths = write_issues(self.watch, name)
        for digest in self.watch.config.digests:
            if name in {None, digest.name}:
                self.timetable.done(digest, self.clock())
        return {"paths": [str(path) for path in paths]}


def _fresh(config: Config) -> Config:
    """The configuration as its file is now; ConfigError where it cannot be followed."""
    fresh = load(config.path, recipes=True)
    if fresh.data_dir != config.data_dir:
        raise ConfigError([f"{config.path}: data_dir changed: stop the daemon and start it again for that"])
    return fresh


def _identities(config: Config, before: tuple[Any, ...]) -> tuple[Any, ...]:
    """What lock file and database are on the disk, None where they are gone; as `before` where that cannot be told."""
    try:
        return tuple(_identity(path) for path in (config.data_dir / LOCK, config.database))
    except OSError:
        return before


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino
