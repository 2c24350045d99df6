"""The daemon: APScheduler decides when visits, looks and digests come; one long-lived crawl reads; one store is written."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from crawler.crawl import Crawl, CrawlStopped
from scheduler.check import Clock, crawl_settings, now, told_report, told_visit, write_issues
from scheduler.config import Config, ConfigError, DigestConfig, NewsroomConfig, content_hash, load
from scheduler.control import Message, NoDaemon, Refused, Tell, answering
from scheduler.digests import DigestError, finish_unwritten
from scheduler.lock import LOCK, hold
from scheduler.logs import complain_on, one_line_each
from scheduler.revisit import is_due
from scheduler.timetable import first_after
from scheduler.watch import NotWatched, Reads, Watch
from storage.errors import StoreError
from storage.records import Change, Look, Visit
from storage.store import Store

STOP_WITHIN_S = 3.0
STORE_WAIT_S = 2.0  # a database that another program keeps locked must not keep the daemon from ending
REST_S = 10.0  # after the store or a digest failed: a disk that is full stays so for a while
LATE = timedelta(minutes=1)  # a digest that is written so long after its time was missed: the machine slept, or was off
CATCH_UP = timedelta(minutes=5)  # how long a missed digest waits for the visits that were missed with it
KEPT = timedelta(days=90)  # visits that showed nothing new
GRACE_S = 3600  # a busy loop delays a job, it does not skip it

_log = logging.getLogger("presswatch")
_PYTHON = (Exception,)


class Crawls(Reads, Protocol):
    """The crawl, with its life."""

    @property
    def alive(self) -> bool:
        """Whether it takes orders."""

    async def start(self) -> None:
        """Starts it, or brings it back after it died."""

    async def stop(self, within_s: float) -> None:
        """Stops it within so many seconds."""
