"""When digests are to be written: on their schedule, and once for all the times that were missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from scheduler.config import DigestConfig
from storage.store import Store

SEVEN = time(7, 0)
LATE = timedelta(minutes=1)  # a digest that is written so long after its time was missed: the machine slept, or was off
CATCH_UP = timedelta(minutes=5)  # how long a missed digest waits for the visits that were missed with it


def first_after(digest: DigestConfig, since: datetime) -> datetime | None:
    """The first instant after `since` at which a digest is to be written, in UTC; None where there is none left."""
    try:
        return _first_after(digest, since)
    except OverflowError:  # a clock that stands at the end of the calendar
        return None


def _first_after(digest: DigestConfig, since: datetime) -> datetime | None:
    if digest.every_s is not None:
        return since + timedelta(seconds=digest.every_s)
    if digest.cron:
        return _next(CronTrigger.from_crontab(digest.cron, timezone=digest.timezone), since)
    at = digest.at or SEVEN
    daily = CronTrigger(hour=at.hour, minute=at.minute, timezone=digest.timezone)
    due = _next(daily, since)
    if due is not None and due.astimezone(ZoneInfo(digest.timezone)).fold:
        return _next(daily, due)  # an hour that the end of summer time repeats: its first pass was the day's
    return due


def _next(trigger: CronTrigger, since: datetime) -> datetime | None:
    # in UTC: of two local instants in the repeated hour Python does not know the later one
    due: datetime | None = trigger.get_next_fire_time(None, since.astimezone(UTC) + timedelta(microseconds=1))
    return None if due is None else due.astimezone(UTC)


class Timetable:
    """Until when each digest was looked after; the store knows it of digests that have issues."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._until: dict[str, datetime] = {}
        self._noticed: dict[str, datetime] = {}

    def due(self, digest: DigestConfig, at: datetime, catching_up: Callable[[], bool]) -> bool:
        """Whether a digest is to be written at `at`; a missed one first waits a while for visits that are behind."""
        due = first_after(digest, self._looked_after(digest, at))
        if due is None or due > at:
            return False
        waited = at - self._noticed.setdefault(digest.name, at)
        return at - due < LATE or not timedelta(0) <= waited < CATCH_UP or not catching_up()

    def done(self, digest: DigestConfig, at: datetime) -> None:
        """Notes that a digest was written, or had nothing to tell."""
        self._until[digest.name] = at
        self._noticed.pop(digest.name, None)

    def failed(self, digest: DigestConfig) -> None:
        """Notes that writing a digest failed: the store tells whether its issue was made."""
        self._until.pop(digest.name, None)

    def _looked_after(self, digest: DigestConfig, at: datetime) -> datetime:
        """The digest's last issue, else the first change that waits for it, else now; never later than now."""
        if digest.name not in self._until:
            last = self._store.last_issue(digest.name)
            waiting = () if last else self._store.unreported(digest.name)[1]
            self._until[digest.name] = last.end if last else min((c.seen_at for c in waiting), default=at)
        self._until[digest.name] = min(self._until[digest.name], at)  # a clock that was set back
        return self._until[digest.name]
