"""The parts joined, on local newsrooms in memory."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.crawl import CrawlStopped
from scheduler.detect import Log, detect
from scheduler.folder import Rules
from scheduler.keep import Keeper
from scheduler.watch import CheckReport, NotWatched, Watch
from storage.errors import FullStore, StoreError
from storage.records import Change, Kind, Look, Newsroom, Outcome, Verdict, Visit
from storage.store import Store
from tests.scheduler.rooms import NOW, Clock, Rooms, config_of, until, watched


@dataclass
class Desk:
    """A watch over newsrooms in memory, and what it told."""

    folder: Path
    store: Store
    clock: Clock = field(default_factory=Clock)
    heard: list[tuple[str, object, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rooms = Rooms(self.clock)
        self.rooms.alive = True

    def watch(self, *names: str, **values: object) -> Watch:
        newsrooms = [watched(self.rooms, name) for name in names]
        return Watch(config_of(self.folder, *newsrooms, **values), self.store, self.rooms, self.clock, self.hear)

    def hear(self, name: str, seen: Visit | Look | None, changes: Sequence[Change]) -> None:
        self.heard.append((name, seen, [change.kind.value for change in changes]))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Store.open(tmp_path / "data" / "presswatch.db", wait_s=0.05) as store:
        yield Desk(tmp_path, store)


async def checked(watch: Watch, *names: str) -> CheckReport:
    return await watch.check(names, lambda _seq, _visit: None)


def kinds(report: CheckReport) -> list[Kind]:
    return [change.kind for change in report.changes]


class Full:
    """A disk that is full for a while: writes of the named kinds fail."""

    def __init__(self, store: Store, *names: str) -> None:
        self.store, self.names = store, names

    def __enter__(self) -> Full:
        def full(*_: object, **__: object) -> int:
            raise FullStore("the disk is full: free some space")

        for name in self.names:
            setattr(self.store, name, full)
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.names:
            delattr(self.store, name)


class TestACheck:
    async def test_visits_all_newsrooms_and_tells_of_each(self, desk: Desk) -> None:
        told: list[str] = []
        report = await desk.watch("a", "b").check((), lambda _, visit: told.append(visit.newsroom))
        assert [(v.newsroom, v.outcome) for v in report.visits] == [("a", Outcome.OK), ("b", Outcome.OK)]
        assert kinds(report) == [Kind.BASELINE, Kind.BASELINE]
        assert sorted(told) == ["a", "b"]
        assert report.seqs == (1, 2)

    async def test_of_one_leaves_the_others_alone(self, desk: Desk) -> None:
        watch = desk.watch("a", "b")
        desk.store.add_visit(Visit("b", "http://b.test/", NOW, NOW, Outcome.FAILED, "HTTP 500"))
        report = await checked(watch, "a")
        assert [change.newsroom for change in report.changes] == ["a"]
        assert desk.rooms.visits == ["a"]
        assert [seen.newsroom for _, seen in desk.store.unfolded()] == ["b"]

    async def test_looks_and_visits_until_all_is_settled_and_counts_the_requests(self, desk: Desk) -> None:
        watch = desk.watch("a")
        await checked(watch)
        gone = desk.rooms.rooms["a"].shown(0)[4]
        desk.rooms.rooms["a"].withdraw(gone.slug)
        report = await checked(watch)
        assert [(c.kind, c.url) for c in report.changes] == [(Kind.WITHDRAWN, f"http://a.test{gone.path}")]
        assert len(desk.rooms.looks) == 2
        assert report.visits[0].requests == 1 + 2 * 3

    async def test_tells_what_an_earlier_one_left_unfolded(self, desk: Desk) -> None:
        watch = desk.watch("a")
        with Full(desk.store, "fold"), pytest.raises(FullStore):
            await checked(watch)
        again = desk.watch("a")
        assert kinds(await checked(again)) == [Kind.BASELINE]
        assert [name for name, seen, _ in desk.heard if seen is None] == ["a"]

    async def test_of_no_newsrooms_is_empty(self, desk: Desk) -> None:
        assert await checked(desk.watch()) == CheckReport((), ())

    async def test_of_one_that_is_not_watched(self, desk: Desk) -> None:
        with pytest.raises(NotWatched, match='"z"'):
            await checked(desk.watch("a"), "z")


class TestNeverTwoVisitsAtOnce:
    async def test_who_asks_during_a_visit_shares_the_next_one(self, desk: Desk) -> None:
        watch = desk.watch("a")
        gate = desk.rooms.gates["a"] = asyncio.Event()
        first = asyncio.ensure_future(watch.visit("a"))
        await until(lambda: desk.rooms.visits)
        checks = [asyncio.ensure_future(checked(watch, "a")) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert watch.visiting("a")
        gate.set()
        reports = await asyncio.gather(*checks)
        assert (await first)[0] == 1
        assert [report.seqs for report in reports] == [(2,)] * 3
        assert (desk.rooms.visits, desk.rooms.most_at_once) == (["a", "a"], 1)
        assert not watch.visiting("a")

    async def test_a_check_tells_the_changes_that_another_ones_visit_finds_meanwhile(self, desk: Desk) -> None:
        watch = desk.watch("a")
        desk.rooms.gates["a"] = asyncio.Event()
        first = asyncio.ensure_future(watch.visit("a"))
        await until(lambda: desk.rooms.visits)
        asked = asyncio.ensure_future(checked(watch, "a"))
        await asyncio.sleep(0)
        desk.rooms.gates["a"].set()
        await first
        assert kinds(await asked) == [Kind.BASELINE]

    async def test_two_looks_at_one_release_are_one(self, desk: Desk) -> None:
        watch = desk.watch("a", confirm_after_s=3600.0)
        await checked(watch)
        desk.rooms.rooms["a"].withdraw(desk.rooms.rooms["a"].shown(0)[4].slug)
        await watch.visit("a")
        (order,) = watch.looks_due(["a"])
        looks = [asyncio.ensure_future(watch.look(order)) for _ in range(2)]
        await asyncio.sleep(0)
        assert watch.looking(order)
        assert len({id(look) for look in await asyncio.gather(*looks)}) == 1
        assert desk.store.candidates("a")[0].looks == 1

    async def test_an_asker_that_gives_up_spoils_nothing_for_the_others(self, desk: Desk) -> None:
        watch = desk.watch("a")
        desk.rooms.gates["a"] = asyncio.Event()
        asking = [asyncio.ensure_future(watch.visit("a")) for _ in range(2)]
        await until(lambda: desk.rooms.visits)
        asking[0].cancel()
        desk.rooms.gates["a"].set()
        assert (await asking[1])[1].outcome is Outcome.OK
        assert asking[0].cancelled()


class TestTheConfigurationChangesUnderWay:
    async def test_a_newsroom_removed_while_its_visit_is_under_way_leaves_no_trace(self, desk: Desk) -> None:
        watch = desk.watch("a", "b")
        await checked(watch)
        desk.rooms.rooms["a"].publish()
        desk.rooms.gates["a"] = asyncio.Event()
        visit = asyncio.ensure_future(watch.visit("a"))
        await until(lambda: desk.rooms.visits.count("a") == 2)
        watch.follow(config_of(desk.folder, watched(desk.rooms, "b")), desk.rooms)
        desk.rooms.gates["a"].set()
        with pytest.raises(NotWatched):
            await visit
        assert [change.kind for change in desk.store.changes(newsroom="a")] == [Kind.BASELINE]
        assert watch.looks_due(["a"]) == []

    async def test_what_a_removed_newsroom_has_waiting_is_folded_when_it_returns(self, desk: Desk) -> None:
        watch = desk.watch("a", "b")
        with Full(desk.store, "fold"), pytest.raises(FullStore):
            await checked(watch, "a")
        watch.follow(config_of(desk.folder, watched(desk.rooms, "b")), desk.rooms)
        watch.keeper.catch_up()
        assert not watch.keeper.behind
        assert desk.store.changes() == []
        assert kinds(await checked(desk.watch("a", "b"))) == [Kind.BASELINE, Kind.BASELINE]

    async def test_a_visit_that_could_not_be_stored_of_a_newsroom_since_removed(self, desk: Desk) -> None:
        watch = desk.watch("a", "b")
        with Full(desk.store, "add_visit"), pytest.raises(FullStore):
            await checked(watch, "a")
        watch.follow(config_of(desk.folder, watched(desk.rooms, "b")), desk.rooms)
        assert kinds(await checked(watch, "b")) == [Kind.BASELINE]
        assert desk.store.changes(newsroom="a") == []

    async def test_a_crawl_that_is_replaced_is_asked_again(self, desk: Desk) -> None:
        watch = desk.watch("a")
        desk.rooms.gates["a"] = asyncio.Event()
        visit = asyncio.ensure_future(watch.visit("a"))
        await until(lambda: desk.rooms.visits)
        fresh = Rooms(desk.clock, rooms=desk.rooms.rooms, alive=True)
        watch.follow(watch.config, fresh)
        desk.rooms.die()
        assert (await visit)[1].outcome is Outcome.OK
        assert fresh.visits == ["a"]

    async def test_a_crawl_that_ends_ends_the_visit(self, desk: Desk) -> None:
        desk.rooms.alive = False
        with pytest.raises(CrawlStopped):
            await desk.watch("a").visit("a")
        nothing = Watch(config_of(desk.folder, watched(desk.rooms, "a")), desk.store, None, desk.clock)
        with pytest.raises(CrawlStopped):
            await nothing.visit("a")


class TestAFullDisk:
    @pytest.mark.parametrize("at", ["add_visit", "fold"])
    async def test_what_came_back_is_kept_once_there_is_room_and_nothing_is_asked_before(
        self, desk: Desk, at: str
    ) -> None:
        watch = desk.watch("a", "b")
        with Full(desk.store, at):
            with pytest.raises(FullStore):
                await watch.visit("a")
            with pytest.raises(FullStore):
                await watch.visit("b")
            assert desk.rooms.visits == ["a"]
        assert watch.keeper.behind
        watch.keeper.catch_up()
        assert not bool(watch.keeper.behind)
        assert [change.kind for change in desk.store.changes()] == [Kind.BASELINE]
        await watch.visit("b")
        assert desk.rooms.visits == ["a", "b"]

    async def test_looks_wait_likewise(self, desk: Desk) -> None:
        watch = desk.watch("a")
        await checked(watch)
        desk.rooms.rooms["a"].withdraw(desk.rooms.rooms["a"].shown(0)[4].slug)
        await watch.visit("a")
        (order,) = watch.looks_due(["a"])
        with Full(desk.store, "add_look"):
            for _ in range(2):
                with pytest.raises(FullStore):
                    await watch.look(order)
        assert len(desk.rooms.looks) == 1
        watch.keeper.catch_up()
        assert desk.store.candidates("a")[0].looks == 1

    async def test_a_database_that_another_program_keeps_locked(self, desk: Desk) -> None:
        watch = desk.watch("a")
        other = sqlite3.connect(desk.folder / "data" / "presswatch.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="kept locked"):
            await watch.visit("a")
        other.execute("ROLLBACK")
        other.close()
        watch.keeper.catch_up()
        assert [change.kind for change in desk.store.changes()] == [Kind.BASELINE]


class TestFaultsOfOurOwn:
    async def test_a_visit_that_raises_is_a_failed_one_that_backs_off(
        self, desk: Desk, caplog: pytest.LogCaptureFixture
    ) -> None:
        watch = desk.watch("a")
        desk.rooms.faults["a"] = ZeroDivisionError("division by zero")
        report = await checked(watch)
        assert (report.visits[0].outcome, kinds(report)) == (Outcome.FAILED, [])
        assert report.visits[0].reason == "presswatch failed: ZeroDivisionError: division by zero"
        newsroom = desk.store.newsroom("a")
        assert newsroom is not None
        assert (newsroom.fails, newsroom.next_visit_at) == (1, NOW + timedelta(minutes=5))
        assert "Traceback" in caplog.text

    async def test_a_look_that_raises_has_no_answer(self, desk: Desk) -> None:
        watch = desk.watch("a")
        await checked(watch)
        desk.rooms.rooms["a"].withdraw(desk.rooms.rooms["a"].shown(0)[4].slug)
        desk.rooms.faults["look a"] = ZeroDivisionError()
        assert kinds(await checked(watch)) == []
        (candidate,) = desk.store.candidates("a")
        assert (candidate.looks, candidate.unanswered) == (1, 1)

    @pytest.mark.parametrize("kind", ["visit", "look"])
    async def test_what_cannot_be_stored_is_stored_as_failed(self, desk: Desk, kind: str) -> None:
        watch = desk.watch("a")
        await checked(watch)
        naive = NOW.replace(tzinfo=None)
        if kind == "visit":
            watch.keeper.keep(Visit("a", "http://a.test/", naive, naive, Outcome.OK))
            newsroom = desk.store.newsroom("a")
            assert newsroom is not None
            assert (newsroom.fails, newsroom.last_reason[:30]) == (1, "presswatch failed: ValueError:")
        else:
            watch.keeper.keep(Look("a", "key", "http://a.test/1", naive, Verdict.GONE))
        assert not watch.keeper.behind

    async def test_what_cannot_be_folded_costs_its_own_newsroom_and_waits_until_the_fault_is_mended(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        watch = desk.watch("a", "b")

        def poisoned(
            log: Log, rules_of: Callable[[str], Rules], name: str, **named: Callable[[Newsroom, datetime], Newsroom]
        ) -> list[Change]:
            if name == "a" and log.unfolded(name):
                raise KeyError("a page of a")
            return detect(log, rules_of, name, **named)

        with monkeypatch.context() as patch:
            patch.setattr("scheduler.keep.detect", poisoned)
            report = await checked(watch)
            assert [change.newsroom for change in report.changes] == ["b"]
            newsroom = desk.store.newsroom("a")
            assert newsroom is not None
            assert newsroom.last_reason == "presswatch failed: KeyError: 'a page of a'"
            assert newsroom.next_visit_at == NOW + timedelta(minutes=5)
            assert "Traceback" in caplog.text
        assert [change.newsroom for change in (await checked(desk.watch("a", "b"))).changes] == ["a"]
        newsroom = desk.store.newsroom("a")
        assert newsroom is not None
        assert (newsroom.fails, newsroom.last_reason) == (0, "")


def test_a_keeper_leaves_alone_what_it_does_not_know(desk: Desk) -> None:
    keeper = Keeper(desk.store, desk.watch("a"), desk.clock, desk.hear)
    keeper.fold(["a", "z"])
    assert (desk.heard, keeper.behind) == ([], False)


async def test_the_filters_apply_to_what_is_folded_and_not_to_what_tells_that_the_window_meets(desk: Desk) -> None:
    newsroom = replace(watched(desk.rooms, "a"), include=("nothing-is-called-so",))
    watch = Watch(config_of(desk.folder, newsroom), desk.store, desk.rooms, desk.clock)
    await checked(watch)
    desk.rooms.rooms["a"].publish("Nothing is called so, and yet it is", slug="nothing-is-called-so")
    desk.rooms.rooms["a"].publish()
    report = await checked(watch)
    assert [(c.kind, c.url) for c in report.changes] == [(Kind.NEW, "http://a.test/news/nothing-is-called-so")]
    assert desk.rooms.visits == ["a", "a"]
