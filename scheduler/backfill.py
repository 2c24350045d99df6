"""Reads a newsroom's archive back through its pager: stretch after stretch, each kept and folded before the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from crawler.archive import Join
from scheduler.stretches import Progress, after, begun, cut_at_loop, joined, next_order, resumed
from storage.records import Outcome

if TYPE_CHECKING:
    from scheduler.watch import Watch
    from storage.records import Newsroom, Visit

ASK_TWICE = 2  # visits in a row that bring nothing, after which a backfill is broken off


class NoBackfill(Exception):  # noqa: N818 - named for what is the case
    """An archive that cannot be read back now; the reason."""


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """How far a backfill has come.

    `pages` and `requests` are those of this command, `added` the releases it found; `total_pages`, `entries` and
    `oldest` (the day of the oldest entry) those of the backfill, which may have begun earlier. `over`: nothing is left
    to read, because the list ended (`complete`) or for the reason `stopped`; else `stopped` is what broke it off, and
    nothing where enough was read.
    """

    newsroom: str
    pages: int = 0
    requests: int = 0
    added: int = 0
    total_pages: int = 0
    entries: int = 0
    oldest: date | None = None
    over: bool = False
    complete: bool = False
    stopped: str = ""

    @property
    def broken_off(self) -> bool:
        """Whether something kept it from reading on."""
        return bool(self.stopped) and not self.over


Told = Callable[[BackfillReport], Awaitable[bool]]
"""Is told of each stretch, and answers whether to go on."""


async def read_back(watch: Watch, name: str, pages: int | None, told: Told) -> BackfillReport:
    """Reads the archive of a newsroom from where it was left, to its end or for so many pages.

    The list itself is visited first, so that what is new is told as news. NoBackfill where the archive cannot be read;
    NotWatched, CrawlStopped and StoreError as a visit.
    """
    if name in watch.reading_back:
        raise NoBackfill(f"the archive of {name} is being read already")
    watch.reading_back.add(name)
    try:
        _, visit = await watch.visit(name)
        if visit.outcome not in {Outcome.OK, Outcome.NOT_MODIFIED}:
            raise NoBackfill(f"{name} cannot be read: {visit.reason}")
        return await _Backfill(watch, name, visit.requests).go(pages, told)
    finally:
        watch.reading_back.discard(name)


class _Backfill:
    """One command's part of a backfill."""

    def __init__(self, watch: Watch, name: str, requests: int) -> None:
        self._watch, self._name, self._requests = watch, name, requests
        self._store = watch.store
        self._pages = 0
        self._known = self._store.release_count(name)

    async def go(self, pages: int | None, told: Told) -> BackfillReport:
        newsroom = self._newsroom()
        progress = resumed(self._store.stretches(self._name), newsroom.url) or self._begin(newsroom)
        began_anew = False
        while not progress.over and (pages is None or self._pages < pages):
            visit = await self._stretch(progress, None if pages is None else pages - self._pages)
            apart = joined(progress, visit) is Join.APART
            if apart and not began_anew:
                progress, began_anew = self._begin(self._newsroom()), True
                continue
            if apart:
                raise NoBackfill(f"the list of {self._name} changes while it is being read: try again later")
            visit = cut_at_loop(progress, visit)
            self._watch.keeper.keep(visit)
            self._pages += max(0, len(visit.window) - 1)
            progress = after(progress, visit)
            if not await told(self._report(progress)) or progress.failed >= ASK_TWICE or visit.retry_after_s:
                break
        return self._report(progress)

    def _newsroom(self) -> Newsroom:
        """The newsroom, as long as its archive can be read."""
        newsroom = self._store.newsroom(self._name)
        if newsroom is None or newsroom.baseline_at is None or not newsroom.last_seq:
            raise NoBackfill(f"{self._name} was never read and believed: see `presswatch status`")
        if newsroom.history is not None and newsroom.history.oldest_first:
            raise NoBackfill(
                f"{self._name} prints its list oldest first, so every visit reads all of it: raise max_pages for more"
            )
        return newsroom

    def _begin(self, newsroom: Newsroom) -> Progress:
        last = self._store.visit(newsroom.last_seq)
        if last is None or not last.window:
            raise NoBackfill(f"what was last read of {self._name} is not in the record: run `presswatch check` first")
        return begun(self._watch.clock(), last.window)

    async def _stretch(self, progress: Progress, pages: int | None) -> Visit:
        watched = self._watch.configured(self._name)
        newsroom = self._newsroom()
        if watched.url != newsroom.url:
            raise NoBackfill(f"{self._name} was given another address meanwhile: run it again")
        visit = await self._watch.read(next_order(watched, newsroom, progress, pages))
        self._requests += visit.requests
        return visit

    def _report(self, progress: Progress) -> BackfillReport:
        return BackfillReport(
            newsroom=self._name,
            pages=self._pages,
            requests=self._requests,
            added=max(0, self._store.release_count(self._name) - self._known),
            total_pages=progress.pages,
            entries=progress.entries,
            oldest=progress.oldest,
            over=progress.over,
            complete=progress.complete,
            stopped=progress.stopped,
        )
