"""A record that presswatch 0.1.0 kept, gone on with: nothing is lost, nothing is told that did not happen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest

from scheduler.backfill import read_back
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.digestfaults import verify_digests
from scheduler.digests import DigestDefinition, restore_missing, write_digest
from scheduler.watch import Watch
from storage.records import Change, Kind, Outcome, Standing, State
from storage.store import Store
from tests.scheduler.rooms import Clock, Rooms, config_of, watched
from tests.storage.released import lived

PLACES = ("Harbour", "Quarry", "Airport", "Library", "Market", "Station", "Museum", "Bridge")
EVENTS = ("closes for repairs", "opens to visitors", "names its director")
TITLES = [f"{place} {event}" for event, place in product(EVENTS, PLACES)]
LAST = date(2024, 5, 16)
TODAY = date(2024, 5, 17)


def as_left() -> LocalNewsroom:
    """The newsroom at the last visit of 0.1.0, which is stored and not folded yet.

    Twenty releases, the oldest of which was pinned before the first visit; then four more, of which one was edited, one
    withdrawn, one moved, and one gone at its first look; and one that only the last visit shows.
    """
    room = LocalNewsroom(releases=0, per_page=5)
    for number in range(24):
        publish(room, number, LAST - timedelta(days=3 * (19 - number)) if number < 20 else TODAY)
    room.pin("n0")
    room.edit("n22", title="Museum names its first director")
    room.withdraw("n21")
    room.move("n20", "m20")
    room.withdraw("n23")
    room.publish("Lighthouse is lit again", summary="It is.", kind="Notice", caption="", day=TODAY, slug="n24")
    return room


def publish(room: LocalNewsroom, number: int, day: date) -> None:
    title = TITLES[number]
    says = f"What the {title.split()[0].lower()} says of it."
    room.publish(title, summary=says, kind="Notice", caption="", day=day, slug=f"n{number}")


@dataclass
class Desk:
    folder: Path
    store: Store
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.clock.move(hours=8)
        self.rooms = Rooms(self.clock)
        self.rooms.alive = True
        self.room = self.rooms.rooms["a"] = as_left()
        self.watch = Watch(
            config_of(self.folder, watched(self.rooms, "a", max_pages=3)), self.store, self.rooms, self.clock
        )

    async def check(self) -> list[tuple[Kind, str | None]]:
        report = await self.watch.check(("a",), lambda *_: None)
        assert [visit.outcome for visit in report.visits] in ([Outcome.OK], [Outcome.NOT_MODIFIED])
        self.clock.move(hours=2)
        return told(report.changes)

    def titles(self) -> list[str]:
        """Of what is listed and has a place, in the order of the ranks."""
        return [r.title for r in self.store.top("a") if r.rank and r.state is State.LISTED]


def told(changes: tuple[Change, ...]) -> list[tuple[Kind, str | None]]:
    return [(change.kind, change.title) for change in changes]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "data").mkdir()
    with Store.open(lived(tmp_path / "data" / "presswatch.db")) as store:
        yield Desk(tmp_path, store)


async def test_what_waited_is_folded_and_nothing_else_is_told(desk: Desk) -> None:
    assert await desk.check() == [
        (Kind.NEW, "Lighthouse is lit again"),
        (Kind.WITHDRAWN, "Bridge names its director"),
    ]
    assert await desk.check() == []
    assert desk.store.problems() == []


async def test_the_first_page_is_read_anew_though_it_is_as_it_was(desk: Desk) -> None:
    """For another reader may read it otherwise, and only values read by one are compared."""
    report = await desk.watch.check(("a",), lambda *_: None)
    assert [visit.outcome for visit in report.visits] == [Outcome.OK]
    assert not [change for change in report.changes if change.kind is Kind.EDITED]


async def test_its_digests_verify_byte_for_byte_and_the_next_one_carries_what_came_since(desk: Desk) -> None:
    data = desk.folder / "data"
    assert len(restore_missing(desk.store, data, "daily")) == 8  # each of both in three formats, the index, the feed
    assert verify_digests(desk.store, data) == []
    await desk.check()
    write_digest(desk.store, DigestDefinition("daily"), data, desk.clock(), Standing(1, 1, desk.clock()))
    assert verify_digests(desk.store, data) == []
    assert [told(issue.changes) for issue, _ in desk.store.issues("daily")][2:] == [
        [(Kind.NEW, "Lighthouse is lit again"), (Kind.WITHDRAWN, "Bridge names its director")]
    ]
    assert desk.store.unreported("daily")[1] == ()


def test_its_releases_are_found_by_their_words(desk: Desk) -> None:
    assert [release.title for release, _ in desk.store.search(["names", "director"], "a")] == [
        "Bridge names its director",
        "Museum names its first director",
        "Station names its director",
        "Market names its director",
        "Library names its director",
        "Airport names its director",
        "Quarry names its director",
        "Harbour names its director",
    ]


async def test_its_archive_is_put_in_below_all_it_had_seen(desk: Desk) -> None:
    await desk.check()

    async def tell(_: object) -> bool:
        return True

    report = await read_back(desk.watch, "a", None, tell)
    assert (report.added, report.complete) == (14, True)
    assert desk.titles() == [
        "Lighthouse is lit again", "Museum names its first director", "Market names its director",
        *TITLES[19:0:-1],
    ]  # fmt: skip
    assert all(release.rank >= 0 for release in desk.store.top("a"))
    desk.room.resize(8)
    assert await desk.check() == []
    desk.room.publish("Ferry sails again", day=TODAY + timedelta(days=1))
    desk.room.withdraw("n19")
    assert await desk.check() == [(Kind.NEW, "Ferry sails again"), (Kind.WITHDRAWN, TITLES[19])]


async def test_what_was_pinned_and_is_shown_in_its_place_later_pulls_in_history_not_news(desk: Desk) -> None:
    await desk.check()
    desk.room.unpin("n0")
    assert await desk.check() == []
    desk.room.resize(30)
    assert await desk.check() == []
    assert desk.titles()[-2:] == [TITLES[1], TITLES[0]]


async def test_what_is_pinned_and_taken_down_is_told(desk: Desk) -> None:
    await desk.check()
    desk.room.resize(10)
    desk.room.pin("n17")
    assert await desk.check() == []
    desk.room.withdraw("n17")
    assert await desk.check() == [(Kind.WITHDRAWN, TITLES[17])]
