"""When digests are due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.config import DigestConfig
from scheduler.timetable import CATCH_UP, LATE, Timetable, first_after
from storage.records import Change, Folding, Issue, Kind, Newsroom, Outcome, Standing, Visit
from storage.store import Store

MORNING = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
DAILY = DigestConfig("daily", at=time(7, 0))
DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)


def never() -> bool:
    return False


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "presswatch.db") as store:
        store.register_digest("daily")
        yield store


def tell_change(store: Store, at: datetime) -> None:
    seq = store.add_visit(Visit("ministry", "https://ministry.test/", at, at, Outcome.OK))
    told = Change("ministry", Kind.BASELINE, None, None, at, {"releases": 15})
    store.fold(seq, Folding(Newsroom("ministry", "https://ministry.test/"), changes=(told,)))


def add_issue(store: Store, end: datetime) -> None:
    standing = Standing(newsrooms=1, read=1, last_read=None)
    issue = Issue("daily", 1, f"{end:%Y%m%dT%H%M%SZ}", end - DAY, end, None, (), standing, ("html",))
    store.add_issue(issue, up_to=store.unreported("daily")[0], sha256="0" * 64)


class TestASchedule:
    def test_a_time_of_day_in_its_zone(self) -> None:
        assert first_after(DAILY, MORNING) == MORNING + DAY
        assert first_after(DAILY, MORNING - SECOND) == MORNING
        assert first_after(replace(DAILY, timezone="Europe/Berlin"), MORNING) == MORNING + DAY - timedelta(hours=1)
        assert first_after(DigestConfig("daily"), MORNING) == MORNING + DAY

    def test_an_interval_counts_from_the_last_issue(self) -> None:
        often = DigestConfig("often", every_s=21600.0)
        assert first_after(often, MORNING) == MORNING + timedelta(hours=6)
        assert first_after(replace(often, every_s=0.5), MORNING) == MORNING + timedelta(seconds=0.5)

    def test_the_end_of_the_calendar_has_no_time_after_it(self) -> None:
        end = datetime.max.replace(tzinfo=UTC)
        assert first_after(DigestConfig("often", every_s=60.0), end) is None
        assert first_after(DAILY, end) is None

    def test_a_cron_schedule(self) -> None:
        weekly = DigestConfig("weekly", cron="0 7 * * mon")
        assert first_after(weekly, MORNING) == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

    @pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
    def test_once_a_day_where_the_clock_is_changed(self, day: datetime) -> None:
        nightly = DigestConfig("nightly", at=time(2, 30), timezone="Europe/Berlin")
        at, written = day - DAY, []
        while (due := first_after(nightly, at)) is not None and due < day + 2 * DAY:
            written.append(due)
            at = due
        days = [due.astimezone(ZoneInfo("Europe/Berlin")).day for due in written]
        assert days == [day.day - 1, day.day, day.day + 1]


class TestWhatIsDue:
    def test_a_digest_without_issue_and_without_change_begins_now(self, store: Store) -> None:
        table = Timetable(store)
        assert not table.due(DAILY, MORNING - MINUTE, never)
        assert table.due(DAILY, MORNING, never)

    def test_one_without_issue_covers_the_first_change_that_waits_for_it(self, store: Store) -> None:
        tell_change(store, MORNING - 2 * MINUTE)
        assert Timetable(store).due(DAILY, MORNING + timedelta(hours=5), never)
        assert not Timetable(store).due(DAILY, MORNING - MINUTE, never)

    def test_one_with_issues_goes_on_from_the_last(self, store: Store) -> None:
        tell_change(store, MORNING - 9 * DAY)
        add_issue(store, MORNING)
        assert not Timetable(store).due(DAILY, MORNING + timedelta(hours=23), never)
        assert Timetable(store).due(DAILY, MORNING + DAY, never)

    def test_many_missed_times_are_made_up_for_once(self, store: Store) -> None:
        add_issue(store, MORNING - 9 * DAY)
        table = Timetable(store)
        late = MORNING + timedelta(hours=3)
        assert table.due(DAILY, late, never)
        table.done(DAILY, late)  # nothing to tell: no issue was made
        assert not table.due(DAILY, late + MINUTE, never)
        assert table.due(DAILY, MORNING + DAY, never)

    def test_a_missed_one_waits_for_the_visits_that_were_missed_with_it_but_not_for_ever(self, store: Store) -> None:
        add_issue(store, MORNING - DAY)
        table, late = Timetable(store), MORNING + timedelta(hours=3)
        assert not table.due(DAILY, late, lambda: True)
        assert not table.due(DAILY, late + CATCH_UP / 2, lambda: True)
        assert table.due(DAILY, late + CATCH_UP / 2, never)
        assert table.due(DAILY, late + CATCH_UP, lambda: True)
        assert table.due(DAILY, late - MINUTE, lambda: True)  # a clock that was set back

    def test_one_that_is_on_time_waits_for_nothing(self, store: Store) -> None:
        add_issue(store, MORNING - DAY)
        assert Timetable(store).due(DAILY, MORNING + LATE / 2, lambda: True)

    def test_a_clock_that_was_set_back_does_not_silence_it(self, store: Store) -> None:
        add_issue(store, MORNING + 300 * DAY)
        table = Timetable(store)
        assert not table.due(DAILY, MORNING - MINUTE, never)
        assert table.due(DAILY, MORNING, never)
