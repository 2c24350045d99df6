"""When to visit a newsroom next: a fixed interval, with back-off after failures. Pure: no clock, no store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.records import Newsroom

SHORTEST = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(hours=6)
FIRST_BACK_OFF = timedelta(minutes=5)
FULL_READ_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a newsroom is to be visited: the wait between two visits, and its bounds."""

    every: timedelta
    min_wait: timedelta = SHORTEST
    max_wait: timedelta = timedelta(days=7)


def next_visit(newsroom: Newsroom, pace: Pace, now: datetime) -> datetime:
    """The instant of the next visit, always after `now`.

    After a failure the wait doubles from five minutes to six hours, never shorter than what the server asked for. Waits are spread
    by up to a tenth, by the newsroom's id, so that a fleet that started together does not go on visiting together.
    """
    if newsroom.fails:
        wait = min(FIRST_BACK_OFF * 2 ** min(newsroom.fails - 1, 10), LONGEST_BACK_OFF)
        due = now + wait
        return max(due, newsroom.retry_at) if newsroom.retry_at else due
    wait = min(max(pace.every, pace.min_wait), pace.max_wait)
    spread = int(hashlib.sha256(newsroom.id.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    if newsroom.baseline_at is not None and newsroom.baseline_at == newsroom.last_ok_at:
        wait = wait * (0.9 + 0.1 * spread)
    return now + max(wait, SHORTEST)


def is_due(newsroom: Newsroom, pace: Pace, now: datetime) -> bool:
    """Whether a newsroom is to be visited now; a planned visit that lies further off than any wait (a clock set back) counts as due."""
    if newsroom.next_visit_at is None or newsroom.next_visit_at <= now:
        return True
    longest = max(pace.every, pace.min_wait, LONGEST_BACK_OFF)
    asked = newsroom.retry_at is not None and newsroom.retry_at > now
    return not asked and newsroom.next_visit_at - now > longest + SHORTEST


def full_read_due(newsroom: Newsroom, now: datetime) -> bool:
    """Whether a full read is owed: a server whose "not modified" is wrong must not blind the monitor for longer than a day."""
    return newsroom.full_at is None or not timedelta(0) <= now - newsroom.full_at < FULL_READ_EVERY
