"""What a visit costs where little and where much is stored: the very same visits, in turns, on two stores.

python benchmarks/visit_cost.py                 1,000 releases against 1,000,000
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.newsroom_server import LAYOUTS, Pages
from benchmarks.whole import machine
from crawler.listing import READER_VERSION
from crawler.text import fold_title
from crawler.visit import visit
from crawler.web import Answer, Ask
from scheduler.config import NewsroomConfig
from scheduler.detect import detect
from scheduler.folder import Rules
from scheduler.orders import order_for
from storage.records import Outcome, Recipe, Release, Revision, State
from storage.rows import RELEASES, REVISIONS
from storage.store import Store

BEGAN = datetime(2024, 5, 17, 6, tzinfo=UTC)
BATCH = 20_000
SHARE = 25  # releases of each newsroom where few are stored of many newsrooms
UNCHANGED, CHANGED = "unchanged, 304", "changed, one new release"
PLACE = "newsroom.test"
URL = f"http://{PLACE}{LAYOUTS[0].listing}"
RECIPE = Recipe(
    entry="div.views-row", title="h2 a", date="div.submitted", date_format="%B %d, %Y", summary=".field-name-body",
    next="ul.pager li.pager-next a",
)  # fmt: skip
SUMMARY = (
    "The report names the officials who signed the orders, and asks the ministry to answer within thirty days. " * 2
)


@dataclass(slots=True)
class Clock:
    """A clock that is moved by hand."""

    at: datetime = BEGAN

    def __call__(self) -> datetime:
        """The time."""
        return self.at


@dataclass(slots=True)
class Served:
    """The newsroom without a network: what is asked is answered at once."""

    pages: Pages = field(default_factory=lambda: Pages(LAYOUTS[0], 0))
    version: int = 0

    async def fetch(self, ask: Ask) -> Answer:
        """The listing, or 304."""
        tag = f'"{self.version}"'
        if ask.headers.get("If-None-Match") == tag:
            return Answer(ask.url, 304, {"etag": tag}, b"")
        body = self.pages.page(self.version, PLACE)
        return Answer(ask.url, 200, {"etag": tag, "content-type": "text/html; charset=utf-8"}, body)


@dataclass(slots=True)
class Stored:
    """A store under measurement, and the seconds of processor time of its visits by kind.

    `whole` counts from the order to the changes, `kept` only what happens in the store and in detection.
    """

    store: Store
    newsrooms: int
    releases: int
    whole: dict[str, list[float]] = field(default_factory=dict)
    kept: dict[str, list[float]] = field(default_factory=dict)

    def visit(self, kind: str, number: int, served: Served, clock: Clock, loop: asyncio.Runner) -> None:
        """One visit of a newsroom."""
        name = f"newsroom-{number:04}"
        began = time.process_time()
        watched = NewsroomConfig(name, URL, recipe=RECIPE)
        order = order_for(watched, self.store.newsroom(name), clock(), READER_VERSION, seeks=(), full=False)
        seen = loop.run(visit(order, served.fetch, clock))
        read = time.process_time()
        self.store.add_visit(seen)
        detect(self.store, lambda _: Rules())
        ended = time.process_time()
        if seen.outcome is not (Outcome.NOT_MODIFIED if kind == UNCHANGED else Outcome.OK):
            raise RuntimeError(f"the visit ended {seen.outcome}: {seen.reason}")
        self.whole.setdefault(kind, []).append(ended - began)
        self.kept.setdefault(kind, []).append(ended - read)


def history(newsroom: str, count: int) -> Iterator[Release]:
    """Releases from below the first page down into the past, two a day."""
    for number in range(count):
        title = f"Release {number} of {newsroom}: courts asked to hear the families of the printers"
        key = f"https://{PLACE}/news/archive-{number}"
        yield Release(
            newsroom=newsroom, key=key, url=key, title=title, title_key=fold_title(title),
            date=date(2020, 1, 1) - timedelta(days=number // 2), published_at=None, kind=None, summary=SUMMARY,
            caption=None, state=State.LISTED, rank=-1 - number, first_seen=BEGAN, last_seen=BEGAN, seen_seq=0,
            reader="1:",
        )  # fmt: skip


def fill(database: Path, newsroom: str, count: int) -> None:
    """Puts so many releases below those that a newsroom has, each with its address and a revision, by SQL."""
    conn = sqlite3.connect(database)
    conn.execute("PRAGMA synchronous = OFF")
    releases = history(newsroom, count)
    addresses = "INSERT INTO addresses (newsroom, address, key) VALUES (?, ?, ?)"
    while some := list(islice(releases, BATCH)):
        with conn:
            conn.executemany(RELEASES.insert(), map(RELEASES.row, some))
            conn.executemany(addresses, [(newsroom, release.key, release.key) for release in some])
            conn.executemany(REVISIONS.insert(), (REVISIONS.row(_revision(release)) for release in some))
    conn.close()


def _revision(release: Release) -> Revision:
    return Revision(
        release.newsroom, release.key, 1, release.first_seen, "listing", release.url, release.title, release.date,
        None, None, release.summary, None,
    )  # fmt: skip


@contextmanager
def stored(folder: Path, newsrooms: int, releases: int, served: Served, loop: asyncio.Runner) -> Iterator[Stored]:
    """A store of so many releases of so many newsrooms, after the baseline of each."""
    database, clock = folder / f"{newsrooms}-{releases}.db", Clock()
    with Store.open(database) as store:
        under = Stored(store, newsrooms, releases)
        for number in range(newsrooms):
            under.visit("baseline", number, served, clock, loop)
    for number in range(newsrooms):
        fill(database, f"newsroom-{number:04}", releases // newsrooms - LAYOUTS[0].per_page)
    with Store.open(database) as store:
        under.store = store
        yield under
    for file in folder.glob(f"{database.name}*"):
        file.unlink()


def visits(stores: list[Stored], count: int, served: Served, loop: asyncio.Runner) -> None:
    """So many unchanged and changed visits of each store, in turns; of many newsrooms, each to the next one."""
    clock = Clock()
    states: dict[tuple[int, int], int] = {}
    for turn in range(count):
        clock.at += timedelta(minutes=4)  # no daily full read comes due
        for place, under in enumerate(stores):
            number = turn % under.newsrooms
            served.version = states.get((place, number), 0)
            under.visit(UNCHANGED, number, served, clock, loop)
            served.version = states[place, number] = served.version + 1
            served.pages.page(served.version, PLACE)  # made now, not while the visit is timed
            under.visit(CHANGED, number, served, clock, loop)


def compare(folder: Path, few: int, many: int, count: int) -> list[str]:
    """The lines to print: the same visits with few releases stored and with many, of one newsroom and of a thousand."""
    lines = [f"{'median ms of processor time':<46} {'the whole visit':>22}   {'storing and detecting':>22}"]
    pages = Pages(LAYOUTS[0], 0)
    for newsrooms in dict.fromkeys((1, max(1, many // few))):
        with (
            asyncio.Runner() as loop,
            stored(folder, max(1, few // SHARE) if newsrooms > 1 else 1, few, Served(pages), loop) as small,
            stored(folder, newsrooms, many, Served(pages), loop) as large,
        ):
            visits([small, large], count, Served(pages), loop)
            told = [
                f"{s.releases:,} releases of {s.newsrooms:,} newsroom{'s' * (s.newsrooms > 1)}" for s in (small, large)
            ]
            lines += [", then ".join(told), *(_line(kind, small, large) for kind in (UNCHANGED, CHANGED))]
    return lines


def _line(kind: str, small: Stored, large: Stored) -> str:
    whole, kept = (
        [median(times[kind]) * 1000 for times in pair]
        for pair in ((small.whole, large.whole), (small.kept, large.kept))
    )
    told = [f"{before:6.2f} {after:6.2f} = {after / before:4.2f} x" for before, after in (whole, kept)]
    return f"  {kind:<44} {told[0]:>22}   {told[1]:>22}"


def main(arguments: list[str] | None = None) -> int:
    """Prints the comparison."""
    parser = argparse.ArgumentParser(description="What a visit costs where little and where much is stored.")
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--visits", type=int, default=300, help="of each kind and store")
    asked = parser.parse_args(arguments)
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="presswatch-visits-") as folder:
        print("\n".join(compare(Path(folder), asked.few, asked.many, asked.visits)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
