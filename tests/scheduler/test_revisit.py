"""When a newsroom is visited next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.config import NewsroomConfig
from scheduler.revisit import (
    LONGEST_ASKED,
    LONGEST_BACK_OFF,
    SHORTEST,
    WANTED_AFTER,
    Pace,
    full_read_due,
    is_due,
    next_visit,
    pace_of,
)
from storage.records import Newsroom

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WELL = Newsroom("ministry", "https://ministry.test/news", baseline_at=NOW, last_ok_at=NOW, last_visit_at=NOW)
HALF_HOURLY = Pace(30 * MINUTE)

waits = st.timedeltas(timedelta(milliseconds=10), timedelta(days=40))
paces = st.builds(lambda every, low, high: Pace(every, min(low, high), max(low, high)), waits, waits, waits)
instants = st.datetimes(datetime(2001, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis sets the zone


class TestThePace:
    def test_is_the_fixed_interval_else_the_budgets(self) -> None:
        watched = NewsroomConfig("ministry", WELL.url)
        assert pace_of(watched, 48).wait == 30 * MINUTE
        assert pace_of(replace(watched, every_s=10), 48).wait == timedelta(seconds=10)

    def test_stays_within_the_newsrooms_limits(self) -> None:
        watched = NewsroomConfig("ministry", WELL.url, min_wait_s=7200, max_wait_s=9000)
        assert pace_of(watched, 48).wait == 2 * HOUR
        assert pace_of(watched, 1).wait == timedelta(seconds=9000)

    def test_is_never_shorter_than_a_second(self) -> None:
        assert pace_of(NewsroomConfig("ministry", WELL.url), 10**9).wait == SHORTEST


class TestTheNextVisit:
    def test_comes_at_the_newsrooms_own_beat(self) -> None:
        first = next_visit(WELL, HALF_HOURLY, NOW)
        assert NOW + HALF_HOURLY.wait / 4 <= first < NOW + HALF_HOURLY.wait * 1.25
        second = next_visit(WELL, HALF_HOURLY, first + timedelta(seconds=3))
        assert second - first == HALF_HOURLY.wait
        assert next_visit(WELL, HALF_HOURLY, second + 2 * MINUTE) - second == HALF_HOURLY.wait

    def test_is_spread_over_newsrooms_that_were_visited_together(self) -> None:
        coming = sorted(next_visit(replace(WELL, id=f"newsroom-{n}"), HALF_HOURLY, NOW) for n in range(300))
        by_minute = [sum(NOW + n * MINUTE <= at < NOW + (n + 1) * MINUTE for at in coming) for n in range(38)]
        assert max(by_minute) < 30

    @pytest.mark.parametrize(
        ("fails", "minutes"), [(1, 5), (2, 10), (3, 20), (6, 160), (7, 320), (8, 360), (60, 360), (10**9, 360)]
    )
    def test_backs_off_after_failures(self, fails: int, minutes: int) -> None:
        assert next_visit(replace(WELL, fails=fails), HALF_HOURLY, NOW) == NOW + minutes * MINUTE

    def test_is_no_more_frequent_after_failures_than_while_all_is_well(self) -> None:
        assert next_visit(replace(WELL, fails=60), Pace(2 * DAY), NOW) == NOW + 2 * DAY

    def test_keeps_its_limits_after_failures(self) -> None:
        assert next_visit(replace(WELL, fails=1), Pace(HOUR, min_wait=20 * MINUTE), NOW) == NOW + 20 * MINUTE
        assert next_visit(replace(WELL, fails=60), Pace(HOUR, max_wait=2 * HOUR), NOW) == NOW + 2 * HOUR

    def test_waits_as_long_as_the_server_asked(self) -> None:
        asked = replace(WELL, fails=1, retry_at=NOW + 3 * HOUR)
        assert next_visit(asked, HALF_HOURLY, NOW) == NOW + 3 * HOUR
        assert next_visit(replace(asked, retry_at=NOW + MINUTE), HALF_HOURLY, NOW) == NOW + 5 * MINUTE

    def test_does_not_wait_for_years_because_a_server_asked(self) -> None:
        asked = replace(WELL, fails=1, retry_at=NOW + 9999 * DAY)
        assert next_visit(asked, HALF_HOURLY, NOW) == NOW + LONGEST_ASKED

    @settings(deadline=None)
    @given(paces, instants, st.integers(0, 100), st.text(max_size=9))
    def test_always_comes_and_is_due_then_and_not_before(
        self, pace: Pace, now: datetime, fails: int, name: str
    ) -> None:
        coming = next_visit(replace(WELL, id=name, fails=fails), pace, now)
        planned = replace(WELL, id=name, fails=fails, last_visit_at=now, next_visit_at=coming)
        assert now < coming <= now + max(pace.max_wait, SHORTEST, LONGEST_BACK_OFF)
        assert not is_due(planned, pace, now)
        assert is_due(planned, pace, coming)

    def test_comes_with_the_calendars_end_where_the_clock_stands_there_and_is_due_once_it_is_set_right(self) -> None:
        end = datetime.max.replace(tzinfo=UTC)
        for fails in (0, 3):
            coming = next_visit(replace(WELL, fails=fails), HALF_HOURLY, end - SHORTEST)
            assert coming == end
            assert is_due(replace(WELL, fails=fails, next_visit_at=coming), HALF_HOURLY, NOW)


class TestWhatIsDue:
    def test_a_newsroom_that_was_never_visited(self) -> None:
        assert is_due(Newsroom("ministry", WELL.url), HALF_HOURLY, NOW)

    def test_one_that_was_planned_before_the_clock_was_set_back(self) -> None:
        assert is_due(replace(WELL, next_visit_at=NOW + 300 * DAY), HALF_HOURLY, NOW)
        assert is_due(replace(WELL, fails=1, next_visit_at=NOW + 300 * DAY), HALF_HOURLY, NOW)
        assert is_due(replace(WELL, fails=1, retry_at=NOW + 3 * HOUR, next_visit_at=NOW + 8 * DAY), HALF_HOURLY, NOW)

    def test_one_whose_pace_was_quickened_since(self) -> None:
        assert not is_due(replace(WELL, next_visit_at=NOW + 23 * HOUR), Pace(DAY), NOW)
        assert is_due(replace(WELL, next_visit_at=NOW + 23 * HOUR), Pace(15 * MINUTE), NOW)

    def test_not_one_that_backs_off_or_was_asked_to_wait(self) -> None:
        assert not is_due(replace(WELL, fails=9, next_visit_at=NOW + 5 * HOUR), Pace(MINUTE), NOW)
        asked = replace(WELL, fails=1, retry_at=NOW + 2 * DAY, next_visit_at=NOW + 2 * DAY)
        assert not is_due(asked, Pace(MINUTE), NOW)

    def test_one_that_is_wanted_to_settle_candidates_but_not_at_once_again(self) -> None:
        planned = replace(WELL, next_visit_at=NOW + 20 * MINUTE)
        assert not is_due(planned, HALF_HOURLY, NOW + WANTED_AFTER)
        assert not is_due(planned, HALF_HOURLY, NOW + WANTED_AFTER / 2, wanted=True)
        assert is_due(planned, HALF_HOURLY, NOW + WANTED_AFTER, wanted=True)
        assert is_due(planned, HALF_HOURLY, NOW - HOUR, wanted=True)  # a clock that was set back
        assert is_due(replace(planned, last_visit_at=None), HALF_HOURLY, NOW, wanted=True)

    def test_not_one_that_is_wanted_while_it_fails(self) -> None:
        failing = replace(WELL, fails=1, next_visit_at=NOW + 5 * MINUTE)
        assert not is_due(failing, HALF_HOURLY, NOW + WANTED_AFTER, wanted=True)


def test_a_full_read_is_owed_once_a_day() -> None:
    assert full_read_due(WELL, NOW)
    read = replace(WELL, full_at=NOW)
    assert not full_read_due(read, NOW + DAY - MINUTE)
    assert full_read_due(read, NOW + DAY)
    assert full_read_due(read, NOW - MINUTE)  # a clock that was set back
