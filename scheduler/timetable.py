"""When a digest is to be written."""

from __future__ import annotations

from datetime import datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from scheduler.config import DigestConfig


def first_after(digest: DigestConfig, since: datetime) -> datetime | None:
    """The first instant after `since` at which the digest is to be written; None where there is none any more."""
    if digest.every_s is not None:
        return since + timedelta(seconds=digest.every_s)
    if digest.cron:
        trigger = CronTrigger.from_crontab(digest.cron, timezone=digest.timezone)
    else:
        at = digest.at
        trigger = CronTrigger(hour=at.hour if at else 7, minute=at.minute if at else 0, timezone=digest.timezone)
    due: datetime | None = trigger.get_next_fire_time(None, since + timedelta(microseconds=1))
    return due
