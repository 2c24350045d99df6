from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.chronology import ascending, day_of, in_order, pinned
from storage.records import Entry


def entries(*days: int | None) -> list[Entry]:
    """One entry for each day of May 2026, None for an undated one."""
    return [Entry(f"Release {i}", None, date(2026, 5, day) if day else None, position=i) for i, day in enumerate(days)]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((), set()),
        ((9, 8, 7), set()),
        ((8, 8, 8), set()),
        ((3, 9, 8, 7), {0}),
        ((3, 4, 9, 8, 7), {0, 1}),
        ((9, 3, 8, 7), set()),  # back-dated within the list, not pinned
        ((None, 3, 9, 8), {1}),  # the undated one above it is no evidence
        ((None, 9, 8), set()),
        ((None, None), set()),
        ((2, 9), {0}),  # as long either way: the newest stays
        ((5, 7, 4, 3), {0}),
        ((3, 2, 9, 8), {0, 1}),
        ((1, 2, 3), set()),  # printed oldest first
        ((9, 8, 10, 7), set()),
    ],
)
def test_what_is_pinned_stands_out_of_date_order_at_the_top(days: tuple[int | None, ...], expected: set[int]) -> None:
    assert pinned(entries(*days)) == expected


def test_an_undated_entry_between_pinned_ones_is_not_pinned() -> None:
    assert pinned(entries(2, None, 3, 9, 8, 7)) == {0, 2}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((1, 2, 3), True),
        ((1, 1, 2, 3, 3), True),
        ((1, None, 2, 3), True),
        ((1, 2), False),
        ((1, 1, 2, 2), False),
        ((1, 3, 2, 4), False),
        ((3, 2, 1), False),
        ((), False),
    ],
)
def test_a_list_printed_oldest_first_needs_three_rising_dates(days: tuple[int | None, ...], *, expected: bool) -> None:
    assert ascending(entries(*days)) is expected


def test_a_back_dated_entry_is_not_in_order() -> None:
    assert in_order(entries(9, 1, 8, None, 7)) == {0, 2, 4}


def test_the_day_of_a_stamp_is_that_of_its_own_offset() -> None:
    stamp = datetime(2026, 5, 2, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert day_of(Entry("Late", None, stamp)) == date(2026, 5, 2)
    assert day_of(Entry("Undated", None)) is None


@given(st.lists(st.one_of(st.none(), st.integers(1, 9)), max_size=12))
def test_what_is_in_order_is_the_longest_falling_chain(days: list[int | None]) -> None:
    chain = sorted(in_order(entries(*days)))
    kept = [day for i in chain if (day := days[i]) is not None]
    assert len(kept) == len(chain)
    assert kept == sorted(kept, reverse=True)
    longest = [0] * (len(days) + 1)
    for i in reversed(range(len(days))):
        here = days[i]
        if here is not None:
            longest[i] = 1 + max(
                (longest[j] for j in range(i + 1, len(days)) if (below := days[j]) is not None and below <= here),
                default=0,
            )
    assert len(kept) == max(longest)


@given(st.lists(st.integers(1, 9), max_size=12))
def test_pinned_entries_are_the_top_of_the_list(days: list[int]) -> None:
    fixed = pinned(entries(*days))
    assert fixed == set(range(len(fixed)))
