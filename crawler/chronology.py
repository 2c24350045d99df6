"""The order of a list by its dates: which entries stand out of order at the top, and which way the list is printed.

Dates are compared by the day that the page prints; entries without a date neither help nor hinder.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from storage.records import Entry

DISTINCT_DATES = 3  # fewer rising dates at the top of a list may as well be pinned entries


def day_of(entry: Entry) -> date | None:
    """The day that the listing prints for an entry, in the stamp's own offset."""
    return entry.date.date() if isinstance(entry.date, datetime) else entry.date


def pinned(entries: Sequence[Entry]) -> frozenset[int]:
    """Indices of the entries out of date order at the top: the dated ones above the first entry that is in order.

    Undated entries are never pinned, and nothing is in a list printed oldest first, or in none by date at all.
    """
    ordered = in_order(entries)
    dated = sum(entry.date is not None for entry in entries)
    if ascending(entries) or 2 * len(ordered) < dated:
        return frozenset()
    first = min(ordered, default=0)
    return frozenset(i for i in range(first) if entries[i].date is not None)


def in_order(entries: Sequence[Entry]) -> frozenset[int]:
    """Indices of the dated entries that stand in order, newest first: the longest non-increasing subsequence of dates.

    Of several as long, the one that keeps the newest entries. O(n log n).
    """
    return _in_order(tuple(day_of(entry) for entry in entries))


@lru_cache(maxsize=256)  # a visit asks of the same few lists again and again
def _in_order(days: tuple[date | None, ...]) -> frozenset[int]:
    dated = [(i, day) for i, day in enumerate(days) if day is not None]
    chain: list[int] = []
    last = date.max
    after = -1
    for level in _levels([day for _, day in dated]):
        fits = [at for at in level if at > after and dated[at][1] <= last]
        after = max(fits, key=lambda at: (dated[at][1], -at))
        last = dated[after][1]
        chain.append(dated[after][0])
    return frozenset(chain)


def ascending(entries: Sequence[Entry]) -> bool:
    """Whether a list is printed oldest first: most entries dated, with three dates at least, none before one above."""
    days = [day for entry in entries if (day := day_of(entry)) is not None]
    return len(set(days)) >= DISTINCT_DATES and 4 * len(days) >= 3 * len(entries) and days == sorted(days)


def _levels(days: Sequence[date]) -> list[list[int]]:
    """Positions by the length of the longest non-increasing subsequence that starts there, longest first (patience)."""
    tails: list[date] = []  # tails[n]: the oldest day that starts such a subsequence of length n + 1
    levels: list[list[int]] = []
    for at in range(len(days) - 1, -1, -1):
        length = bisect_right(tails, days[at])
        tails[length : length + 1] = [days[at]]
        if length == len(levels):
            levels.append([])
        levels[length].append(at)
    levels.reverse()
    return levels
