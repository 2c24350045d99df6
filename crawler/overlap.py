"""Where a window meets what is known: whether the unknown entries below its last known one can be history."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from crawler.chronology import day_of, in_order
from storage.records import Entry, History


def next_missing(history: History, address: str, shown: Collection[str]) -> tuple[bool, str]:
    """Whether a known release that stood below `address` is not shown, and the day of the first such one.

    The day is empty where it has none.
    """
    if address not in history.addresses:
        return False, ""
    days = dict(zip(history.addresses, history.days, strict=False))
    below = history.addresses[history.addresses.index(address) + 1 :]
    for other in below:
        if other not in shown and other not in history.pinned:
            return True, days.get(other, "")
    return False, ""


def may_be_history(entry: Entry, missing: tuple[bool, str], *, known_above: int = 1) -> bool:
    """Whether an unknown entry below the last known one was pulled in, rather than put above what is missing.

    A release that stays first in the list without being out of order, by a date in the future say, has news below it.
    Where dates do not tell, one known entry above (`known_above`) may be such a release, several are the list itself.
    """
    is_missing, day = missing
    if not is_missing:
        return True
    own = day_of(entry)
    return known_above > 1 if own is None or not day else own.isoformat() <= day


def reaches(entries: Sequence[Entry], addresses: Sequence[str], met: Sequence[int], history: History) -> bool:
    """Whether a window reaches back to what is known; `met` indexes its known entries that keep their place."""
    if not met:
        return False
    dated = sum(entry.date is not None for entry in entries)
    if 2 * len(in_order(entries)) < dated:
        return True  # in no order by date: what is unknown may stand anywhere
    last = met[-1]
    missing = next_missing(history, addresses[last], set(addresses))
    return all(may_be_history(entry, missing, known_above=len(met)) for entry in entries[last + 1 :])
