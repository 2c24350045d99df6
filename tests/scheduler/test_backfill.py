"""The archive read back, on local newsrooms in memory: whatever the list does meanwhile, and wherever it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.crawl import CrawlStopped
from crawler.text import clean
from crawler.web import Answer, Ask, Forbidden
from scheduler.archive import fold_stretch, known_for_stretch
from scheduler.backfill import BackfillReport, NoBackfill, read_back
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.detect import detect
from scheduler.folder import Rules
from scheduler.watch import Watch
from storage.records import Kind, Outcome, Release, State, Stretch, Visit
from storage.store import Store
from tests.scheduler.rooms import Clock, Rooms, config_of, watched

PAGE = 5


@dataclass
class Archive(Rooms):
    """A newsroom with an archive; `before` is called with the number of each request and may change the world.

    What it returns, if anything, is answered instead.
    """

    before: Callable[[int, Ask], Answer | None] = lambda *_: None
    asked: list[str] = field(default_factory=list)

    async def _fetch(self, ask: Ask) -> Answer:
        self.asked.append(ask.url)
        instead = self.before(len(self.asked), ask)
        return instead if instead is not None else await super()._fetch(ask)


@dataclass
class Desk:
    folder: Path
    store: Store
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.rooms = Archive(self.clock)
        self.rooms.alive = True
        self.fill(100)

    @property
    def room(self) -> LocalNewsroom:
        return self.rooms.rooms["a"]

    def fill(self, releases: int, **values: object) -> None:
        self.rooms.rooms["a"] = LocalNewsroom(releases=releases, per_page=PAGE, **values)  # type: ignore[arg-type] # as it takes them

    def watch(self, **values: object) -> Watch:
        config = config_of(self.folder, watched(self.rooms, "a", **{"max_pages": 3, **values}))
        return Watch(config, self.store, self.rooms, self.clock)

    async def read(self, pages: int | None = None, stop_after: int = 10**9, **values: object) -> BackfillReport:
        told: list[BackfillReport] = []

        async def tell(report: BackfillReport) -> bool:
            told.append(report)
            return len(told) < stop_after

        return await read_back(self.watch(**values), "a", pages, tell)

    def releases(self) -> list[Release]:
        return [release for release, _ in self.store.releases("a")]

    def titles(self) -> list[str]:
        """Of the record, in the order of its ranks, highest first."""
        return [release.title for release in self.store.top("a", limit=100_000)]

    def published(self) -> list[str]:
        return [clean(release.title) for page in range(self.room.pages()) for release in self.room.shown(page)]

    def kinds(self) -> list[Kind]:
        return [change.kind for change in self.store.changes()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Store.open(tmp_path / "data" / "presswatch.db", wait_s=0.05) as store:
        yield Desk(tmp_path, store)


class TestToItsEnd:
    async def test_everything_is_history_in_the_order_of_the_list(self, desk: Desk) -> None:
        report = await desk.read()
        assert desk.titles() == desk.published()
        assert len(desk.titles()) == 100
        assert {release.state for release in desk.releases()} == {State.LISTED}
        assert desk.kinds() == [Kind.BASELINE]
        assert (report.over, report.complete, report.stopped, report.broken_off) == (True, True, "", False)
        assert (report.pages, report.total_pages, report.added, report.entries) == (19, 19, 95, 95)
        assert report.oldest == min(release.date for release in desk.releases() if release.date)

    async def test_a_record_that_is_complete_stays_as_it_is(self, desk: Desk) -> None:
        await desk.read()
        before = desk.releases()
        report = await desk.read()
        assert (report.added, report.total_pages) == (0, 19)
        assert [
            replace(r, last_seen=b.last_seen, seen_seq=b.seen_seq) for r, b in zip(desk.releases(), before, strict=True)
        ] == before
        assert desk.kinds() == [Kind.BASELINE]

    async def test_the_watch_goes_on_as_before(self, desk: Desk) -> None:
        await desk.read()
        desk.room.publish("Bridge opens")
        old = desk.releases()[50]
        desk.room.withdraw(old.url.rpartition("/")[2])
        await desk.watch().check(("a",), lambda *_: None)
        assert desk.kinds() == [Kind.BASELINE, Kind.NEW]

    async def test_a_whole_window_taken_down_is_told_because_what_stood_below_is_known(self, desk: Desk) -> None:
        await desk.read()
        for release in desk.room.shown(0):
            desk.room.withdraw(release.slug)
        await desk.watch().check(("a",), lambda *_: None)
        desk.clock.move(hours=2)
        await desk.watch().check(("a",), lambda *_: None)
        assert desk.kinds() == [Kind.BASELINE, *[Kind.WITHDRAWN] * PAGE]

    async def test_an_old_release_shown_below_the_list_asks_for_none_of_those_between(self, desk: Desk) -> None:
        await desk.read()
        url, old = desk.watch().watched["a"].url, desk.room.shown(15)[2]
        page, deep = [(await desk.rooms._fetch(Ask(at))).body.decode() for at in (url, f"{url}?page=15")]
        start = '<div class="views-row'
        row = next(start + part for part in deep.split(start)[1:] if old.slug in part)
        end = page.rindex("</div>", 0, page.index('<ul class="pager'))
        desk.rooms.before = lambda _, ask: answered(url, page[:end] + row + page[end:]) if ask.url == url else None
        await desk.watch().check(("a",), lambda *_: None)
        assert desk.store.candidates("a", open_only=False) == []
        assert desk.kinds() == [Kind.BASELINE]

    async def test_what_was_back_dated_into_the_depths_is_news_once_those_are_known(self, desk: Desk) -> None:
        await desk.read()
        desk.clock.move(days=1)
        day = desk.releases()[2].date
        assert day is not None
        desk.room.publish("Long forgotten", day=day)
        await desk.watch().check(("a",), lambda *_: None)
        assert desk.kinds() == [Kind.BASELINE, Kind.NEW]

    async def test_a_list_of_one_page_is_over_at_once(self, desk: Desk) -> None:
        desk.fill(3)
        report = await desk.read()
        assert (report.over, report.complete, report.pages, report.added) == (True, True, 0, 0)

    async def test_filters_hide_here_what_they_hide_there(self, desk: Desk) -> None:
        hidden = desk.published()[30]
        await desk.read(exclude=(hidden,))
        assert set(desk.published()) - set(desk.titles()) == {hidden}


class TestStopped:
    async def test_after_so_many_pages_it_goes_on_there(self, desk: Desk) -> None:
        first = await desk.read(pages=4)
        assert (first.pages, first.over, first.stopped, first.broken_off) == (4, False, "", False)
        assert len(desk.titles()) == 5 * PAGE
        asked = len(desk.rooms.asked)
        second = await desk.read(pages=2)
        assert (second.pages, second.total_pages, second.added) == (2, 6, 10)
        assert (
            len(desk.rooms.asked) - asked == 1 + 1 + 2 + 1
        )  # the list, the last page read, two more, and again the first of these
        await desk.read()
        assert desk.titles() == desk.published()

    @pytest.mark.parametrize("at", range(2, 24))
    async def test_at_any_request_nothing_is_lost_and_nothing_twice(self, desk: Desk, at: int) -> None:
        def killed(number: int, ask: Ask) -> None:
            del ask
            if number == at:
                raise asyncio.CancelledError

        desk.rooms.before = killed
        with pytest.raises(asyncio.CancelledError):
            await desk.read()
        desk.rooms.before = lambda *_: None
        report = await desk.read()
        assert report.complete
        assert desk.titles() == desk.published()
        assert desk.kinds() == [Kind.BASELINE]

    async def test_between_keeping_and_folding_it_is_folded_by_the_next(self, desk: Desk) -> None:
        await desk.read(pages=4)
        right = desk.store.fold

        def killed(*_: object) -> None:
            raise asyncio.CancelledError

        desk.store.fold = killed  # type: ignore[assignment,method-assign] # the process ends here
        with pytest.raises(asyncio.CancelledError):
            await desk.read()
        desk.store.fold = right  # type: ignore[method-assign] # as it was
        await desk.read()
        assert desk.titles() == desk.published()

    async def test_when_nobody_listens_any_more(self, desk: Desk) -> None:
        report = await desk.read(stop_after=1)
        assert (report.pages, report.over) == (10, False)

    async def test_when_the_crawl_ends(self, desk: Desk) -> None:
        await desk.read(pages=1)
        desk.rooms.faults["a"] = CrawlStopped("the crawl has ended")
        with pytest.raises(CrawlStopped):
            await desk.read()
        assert not desk.watch().reading_back


class TestAListThatMoves:
    async def test_what_is_published_meanwhile_is_left_to_the_watch(self, desk: Desk) -> None:
        def publish(number: int, ask: Ask) -> None:
            del ask
            if number in {2, 3, 5, 9, 15}:
                desk.room.publish(f"Flash {number}")

        desk.rooms.before = publish
        await desk.read()
        assert not any(title.startswith("Flash") for title in desk.titles())
        await desk.watch().check(("a",), lambda *_: None)
        assert sorted(change.title or "" for change in desk.store.changes(kind=Kind.NEW)) == [
            "Flash 15", "Flash 2", "Flash 3", "Flash 5", "Flash 9",
        ]  # fmt: skip
        assert sorted(desk.titles()) == sorted(desk.published())

    async def test_a_burst_that_pushes_a_page_away_is_left_to_the_watch(self, desk: Desk) -> None:
        def burst(number: int, ask: Ask) -> None:
            del ask
            if number == 2:
                desk.room.burst(2 * PAGE)

        desk.rooms.before = burst
        await desk.read()
        await desk.watch(max_pages=10).check(("a",), lambda *_: None)
        assert len(desk.store.changes(kind=Kind.NEW)) == 2 * PAGE
        assert sorted(desk.titles()) == sorted(desk.published())

    @pytest.mark.parametrize("at", [4, 8, 12, 13, 14, 18, 23])
    async def test_what_is_taken_down_lets_nothing_slip_past(self, desk: Desk, at: int) -> None:
        taken = [release.slug for release in desk.room.shown(0)[1:3]]

        def unlist(number: int, ask: Ask) -> None:
            del ask
            if number == at:
                for slug in taken:
                    desk.room.unlist(slug)

        desk.rooms.before = unlist
        await desk.read()
        assert set(desk.published()) <= set(desk.titles())
        assert len(desk.titles()) == 100

    async def test_what_was_taken_down_while_it_was_left_lets_nothing_slip_past(self, desk: Desk) -> None:
        await desk.read(pages=4)
        for release in desk.room.shown(0)[1:4]:
            desk.room.unlist(release.slug)
        assert (await desk.read()).complete
        assert set(desk.published()) <= set(desk.titles())

    async def test_one_that_moved_far_while_it_was_left_is_read_from_where_it_stands(self, desk: Desk) -> None:
        await desk.read(pages=6)
        desk.room.advance(1)
        desk.room.burst(8 * PAGE)
        await desk.read()
        assert set(desk.published()[8 * PAGE :]) <= set(desk.titles())

    async def test_one_whose_pages_grew_is_read_anew(self, desk: Desk) -> None:
        await desk.read(pages=6)
        desk.room.resize(3 * PAGE)
        report = await desk.read()
        assert report.complete
        assert set(desk.published()) == set(desk.titles())

    async def test_one_that_never_stands_still_is_broken_off(self, desk: Desk) -> None:
        await desk.read(pages=6)
        first = len(desk.rooms.asked) + 1
        desk.rooms.before = lambda number, ask: None if number == first else things(ask, f"{number} of")
        report = await desk.read()
        assert (report.broken_off, report.stopped) == (True, "the list changed while it was being read")

    async def test_one_that_is_another_each_time_is_given_up(self, desk: Desk) -> None:
        await desk.read(pages=6)
        first = len(desk.rooms.asked) + 1
        desk.rooms.before = lambda number, ask: None if number == first else things(ask, ask.url.rpartition("=")[2])
        with pytest.raises(NoBackfill, match="changes while it is being read"):
            await desk.read()


def things(ask: Ask, name: str) -> Answer:
    """A page of four undated entries that nobody saw before, and a link to the next one."""
    number = int(ask.url.rpartition("=")[2]) if "page=" in ask.url else 0
    rows = "".join(
        f"<div class='views-row'><h2><a href='/x/{name}-{i}'>Thing {name} {i}</a></h2></div>" for i in "abcd"
    )
    return answered(ask.url, f"{rows}<a rel=next href='?page={number + 1}'>next</a>")


def answered(url: str, markup: str, status: int = 200, **headers: str) -> Answer:
    return Answer(url, status, {"content-type": "text/html", **headers}, f"<html><body>{markup}</body></html>".encode())


def on(page: str, answer: Callable[[Ask], Answer]) -> Callable[[int, Ask], Answer | None]:
    """Answers one page of the list so."""
    return lambda _, ask: answer(ask) if ask.url.endswith(page) else None


class TestTrouble:
    async def test_a_page_that_fails_breaks_it_off_and_it_goes_on_there(self, desk: Desk) -> None:
        desk.rooms.before = on("page=7", lambda ask: answered(ask.url, "sorry", 502))
        report = await desk.read()
        assert (report.over, report.broken_off, report.pages) == (False, True, 6)
        assert "page 8: HTTP 502" in report.stopped
        desk.rooms.before = lambda *_: None
        assert (await desk.read()).complete
        assert desk.titles() == desk.published()

    async def test_a_page_that_fails_once_does_not(self, desk: Desk) -> None:
        failed: list[str] = []

        def once(_: int, ask: Ask) -> Answer | None:
            if ask.url.endswith("page=7") and not failed:
                failed.append(ask.url)
                return answered(ask.url, "sorry", 502)
            return None

        desk.rooms.before = once
        assert (await desk.read()).complete

    async def test_a_server_that_asks_to_wait_is_left_alone(self, desk: Desk) -> None:
        desk.rooms.before = on("page=3", lambda ask: answered(ask.url, "", 429, **{"retry-after": "600"}))
        report = await desk.read()
        assert report.broken_off
        assert sum(url.endswith("page=3") for url in desk.rooms.asked) == 1

    async def test_a_first_page_that_is_gone_is_gone_back_from(self, desk: Desk) -> None:
        await desk.read(pages=12)
        gone = on("page=12", lambda ask: answered(ask.url, "no", 404))
        desk.rooms.before = gone
        await desk.read()
        desk.rooms.before = lambda *_: None
        assert (await desk.read()).complete
        assert desk.titles() == desk.published()

    async def test_what_robots_txt_forbids_is_not_read(self, desk: Desk) -> None:
        def forbid(_: int, ask: Ask) -> Answer | None:
            if ask.url.endswith("page=2"):
                raise Forbidden("robots.txt does not let us ask")
            return None

        desk.rooms.before = forbid
        report = await desk.read()
        assert report.stopped == "page 3: robots.txt does not let us ask"

    async def test_a_last_page_that_links_to_itself(self, desk: Desk) -> None:
        entry = "<div class='views-row'><h2><a href='/x/1'>The very last one</a></h2></div>"
        more = "<a rel=next href='?page=4'>next</a>"
        desk.rooms.before = on("page=4", lambda ask: answered(ask.url, entry + more))
        report = await desk.read()
        assert (report.over, report.pages) == (True, 4)
        assert "The very last one" in desk.titles()

    async def test_the_same_page_under_another_number(self, desk: Desk) -> None:
        def page(ask: Ask) -> Answer:
            number = int(ask.url.rpartition("=")[2])
            entry = "<div class='views-row'><h2><a href='/x/1'>The very last one</a></h2></div>"
            return answered(ask.url, f"{entry}<a rel=next href='?page={number + 1}'>next</a>")

        desk.rooms.before = lambda _, ask: (
            page(ask) if "page=" in ask.url and int(ask.url.rpartition("=")[2]) > 3 else None
        )
        report = await desk.read()
        assert (report.over, report.complete, report.pages) == (True, False, 4)
        assert report.stopped == "page 6 repeats what stands before it"

    async def test_a_list_that_begins_again_after_its_end(self, desk: Desk) -> None:
        def circle(_: int, ask: Ask) -> Answer:
            number = int(ask.url.rpartition("=")[2]) if "page=" in ask.url else 0
            return things(ask, str(number % 25))

        desk.rooms.before = circle
        report = await desk.read()
        assert (report.over, report.pages) == (True, 24)
        assert report.stopped == "page 26 repeats page 1"
        assert len(desk.titles()) == 100

    async def test_an_endless_row_of_empty_pages(self, desk: Desk) -> None:
        def empty(_: int, ask: Ask) -> Answer | None:
            number = int(ask.url.rpartition("=")[2]) if "page=" in ask.url else 0
            if number < 3:
                return None
            return answered(ask.url, f"<p>Nothing</p><a rel=next href='?page={number + 1}'>next</a>")

        desk.rooms.before = empty
        report = await desk.read()
        assert (report.over, report.complete) == (True, False)
        assert report.stopped == "3 pages in a row have no entries, the last is page 6"

    async def test_a_page_that_the_recipe_does_not_read_is_passed(self, desk: Desk) -> None:
        more = "<a rel=next href='?page=6'>next</a>"
        desk.rooms.before = on("page=5", lambda ask: answered(ask.url, f"<p>Summer break</p>{more}"))
        report = await desk.read()
        assert report.complete
        assert len(desk.titles()) == 95

    async def test_a_challenge_is_no_empty_page(self, desk: Desk) -> None:
        wall = "<title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x.js'></script>"
        desk.rooms.before = on("page=5", lambda ask: answered(ask.url, wall))
        report = await desk.read()
        assert report.broken_off
        assert "page 6: the page" in report.stopped


class TestWhatCannotBeReadBack:
    async def test_a_newsroom_that_cannot_be_read(self, desk: Desk) -> None:
        desk.rooms.before = lambda _, ask: answered(ask.url, "no", 500)
        with pytest.raises(NoBackfill, match="a cannot be read: HTTP 500"):
            await desk.read()

    async def test_a_list_printed_oldest_first(self, desk: Desk) -> None:
        desk.room.reorder([release.slug for release in reversed(desk.room.releases())])
        desk.fill(4)
        desk.room.reorder([release.slug for release in sorted(desk.room.releases(), key=lambda r: r.day)])
        with pytest.raises(NoBackfill, match="oldest first"):
            await desk.read()

    async def test_two_at_once(self, desk: Desk) -> None:
        watch = desk.watch()

        async def tell(_: BackfillReport) -> bool:
            with pytest.raises(NoBackfill, match="already"):
                await read_back(watch, "a", None, tell)
            return False

        await read_back(watch, "a", None, tell)

    async def test_one_given_another_address_begins_anew(self, desk: Desk) -> None:
        await desk.read(pages=2)
        watch = desk.watch()
        other = replace(watch.watched["a"], url=watch.watched["a"].url + "?all=1")
        watch.follow(replace(watch.config, newsrooms=(other,)), desk.rooms)

        async def tell(_: BackfillReport) -> bool:
            return False

        report = await read_back(watch, "a", 2, tell)
        assert report.total_pages == 2


class TestFolding:
    async def test_the_kept_visits_folded_again_give_the_same(self, desk: Desk, tmp_path: Path) -> None:
        await desk.read()
        visits = [(seq, desk.store.visit(seq)) for seq in range(1, 10) if desk.store.visit(seq)]
        with Store.open(tmp_path / "again" / "presswatch.db") as again:
            for _, visit in visits:
                assert visit is not None
                again.add_visit(visit)
            detect(again, lambda _: Rules(timedelta(0)))
            assert [release for release, _ in again.releases()] == desk.releases()

    async def test_a_part_of_another_list_gives_nothing(self, desk: Desk) -> None:
        await desk.read(pages=1)
        visit = next(desk.store.stretches("a"))
        for other in (
            replace(visit, url="https://elsewhere.test/"),
            replace(visit, outcome=Outcome.FAILED, window=()),
        ):
            known, lowest = known_for_stretch(desk.store, other)
            folding = fold_stretch(known, lowest, 9, other, Rules())
            assert (folding.releases, folding.newsroom) == ((), known.newsroom)

    def test_a_newsroom_that_is_not_known_gives_nothing(self, desk: Desk) -> None:
        at = desk.clock()
        visit = Visit("b", "http://b.test/", at, at, Outcome.OK, stretch=Stretch(at, "http://b.test/"))
        assert fold_stretch(*known_for_stretch(desk.store, visit), 1, visit, Rules()).releases == ()
