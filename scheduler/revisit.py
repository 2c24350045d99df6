"""When to visit a newsroom next: at its own beat, with back-off after failures. Pure: no clock, no store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.config import NewsroomConfig
    from storage.records import Newsroom

DAY = timedelta(days=1)
SHORTEST = timedelta(seconds=1)
FIRST_BACK_OFF = timedelta(minutes=5)
LONGEST_BACK_OFF = timedelta(hours=6)
LONGEST_ASKED = timedelta(days=7)  # a server that asks to wait for longer is not obeyed: it would blind the monitor
WANTED_AFTER = timedelta(minutes=1)  # between two visits of which the second is wanted to settle candidates
FULL_READ_EVERY = DAY

_FIRST_BEAT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a newsroom is to be visited: `every` so often, within its own bounds."""

    every: timedelta
    min_wait: timedelta = SHORTEST
    max_wait: timedelta = timedelta(days=3650)

    @property
    def wait(self) -> timedelta:
        """From one visit to the next while all is well."""
        return max(min(max(self.every, self.min_wait), self.max_wait), SHORTEST)


def pace_of(watched: NewsroomConfig, requests_per_day: int) -> Pace:
    """The pace that the configuration gives a newsroom: its fixed interval, else what the daily budget allows."""
    pace = Pace(DAY / requests_per_day if watched.every_s is None else timedelta(seconds=watched.every_s))
    return Pace(
        pace.every,
        pace.min_wait if watched.min_wait_s is None else timedelta(seconds=watched.min_wait_s),
        pace.max_wait if watched.max_wait_s is None else timedelta(seconds=watched.max_wait_s),
    )


def next_visit(newsroom: Newsroom, pace: Pace, now: datetime) -> datetime:
    """The instant of the next visit, always after `now`.

    While all is well a newsroom is visited on its own beat: the instants a wait apart, shifted by its id, so that a
    fleet that started or slept together does not go on visiting together. The first beat is between a quarter and five
    quarters of the wait away. After a failure the wait doubles from five minutes to six hours (or to the pace's own
    wait where that is longer), and is never shorter than what the server asked for, up to a week. It is the calendar's
    last instant where a clock stands so wrong that there is none after it.
    """
    try:
        return _next_visit(newsroom, pace, now)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _next_visit(newsroom: Newsroom, pace: Pace, now: datetime) -> datetime:
    if newsroom.fails:
        back_off = min(FIRST_BACK_OFF * (1 << min(newsroom.fails - 1, 10)), _longest_back_off(pace), pace.max_wait)
        due = now + max(back_off, pace.min_wait, SHORTEST)
        return max(due, min(newsroom.retry_at, now + LONGEST_ASKED)) if newsroom.retry_at else due
    wait = pace.wait
    earliest = now + wait / 4
    beat = _FIRST_BEAT + wait * _share(newsroom.id)
    return min(earliest + (beat - earliest) % wait, now + max(pace.max_wait, SHORTEST))


def is_due(newsroom: Newsroom, pace: Pace, now: datetime, *, wanted: bool = False) -> bool:
    """Whether a newsroom is to be visited now: its time has come, or a visit is `wanted` to settle its candidates.

    A planned visit that lies further off than any wait of this pace counts as due: the clock was set back, or the pace
    was changed since.
    """
    planned = newsroom.next_visit_at
    if planned is None or planned <= now:
        return True
    if wanted and not newsroom.fails:
        last = newsroom.last_visit_at
        return last is None or not timedelta(0) <= now - last < WANTED_AFTER
    farthest = pace.wait * 1.25
    if newsroom.fails:
        farthest = max(_longest_back_off(pace), pace.min_wait, LONGEST_ASKED if newsroom.retry_at else SHORTEST)
    return planned - now > farthest


def full_read_due(newsroom: Newsroom, now: datetime) -> bool:
    """Whether a full read is owed, once a day: a server whose "not modified" is wrong must not blind the monitor."""
    return newsroom.full_at is None or not timedelta(0) <= now - newsroom.full_at < FULL_READ_EVERY


def _longest_back_off(pace: Pace) -> timedelta:
    return max(LONGEST_BACK_OFF, pace.wait)


def _share(newsroom_id: str) -> float:
    """A number from 0 to below 1, the same for the same id, and even over many."""
    return int.from_bytes(hashlib.sha256(newsroom_id.encode()).digest()[:4]) / 2**32
