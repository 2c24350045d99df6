"""The order of the known list: ranks that follow each window, absent releases staying with their neighbours."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from scheduler.identify import Shown
from scheduler.known import Known
from storage.records import State


def steady_keys(shown: Sequence[Shown], known: Known, alias: Mapping[str, str]) -> set[str]:
    """The keys of the known entries that kept their order; the others were moved, so that their place tells nothing.

    `alias` names the absent release that an unknown entry may turn out to be: it stands for it.
    """
    gone = {State.WITHDRAWN, State.UNLISTED}  # what comes back may have been put in anywhere
    places = {key: i for i, key in enumerate(known.section) if known.releases[key].state not in gone}
    here = [alias.get(s.key, s.key) for s in shown if not s.pinned and not s.displaced]
    return {known.section[i] for i in longest_rising([places[key] for key in here if key in places])}


def ranks_of(
    shown: Sequence[Shown],
    known: Known,
    steady: Collection[str],
    alias: Mapping[str, str],
    hidden: Collection[str] = (),
) -> dict[str, int]:
    """The ranks that change so that the known list reads in the window's order; the absent stay where they are.

    What was moved or is unknown is put in where the window has it, as near to its former place, or its date, as that
    lets. An entry with an alias takes its rank. A pinned one keeps the rank it had, if any, unless it stood first, and
    may have been pinned already, or the list began anew; the `hidden` releases, which another recipe no longer sees,
    lose theirs.
    """
    body = [alias.get(s.key, s.key) for s in shown if not s.pinned]
    anchored: set[str] = set() if known.newsroom.baseline_at is None else set(steady)
    moving = set(body) - anchored
    merged = [key for key in known.section if key not in moving and key not in hidden] if anchored else []
    floor = min((known.releases[key].rank for key in merged), default=known.top_rank + 1)
    days = {alias.get(s.key, s.key): s.day for s in shown}
    at = 0
    for key in body:
        if key in anchored:
            at = merged.index(key) + 1
        else:
            while at < len(merged) and merged[at] not in days and _stays_above(known, merged[at], key, days[key]):
                at += 1
            merged.insert(at, key)
            at += 1
    ranks, below = {}, floor - 1
    for key in reversed(merged):
        release = known.releases.get(key)
        own = release.rank if release and key not in moving else below + 1
        below = max(own, below + 1)
        if release is None or release.rank != below:
            ranks[key] = below
    for key, other in alias.items():
        ranks[key] = ranks.get(other, known.releases[other].rank)
    first = known.section[:1]  # pinned now, it may have been so when it stood first, where no date told
    astray = [s.key for s in shown if s.pinned and (not anchored or s.key in first)]
    return ranks | dict.fromkeys(hidden, 0) | dict.fromkeys(astray, 0)


def _stays_above(known: Known, absent: str, key: str, day: date | None) -> bool:
    """Whether an absent release stays above an entry that is put in among its neighbours: by rank, else by date."""
    release = known.releases.get(key)
    other = known.releases[absent]
    if release is not None and release.rank and release.state in {State.HELD, State.LISTED}:
        return other.rank > release.rank
    return bool(day and other.date and other.date > day)


def longest_rising(values: Sequence[int]) -> list[int]:
    """The values of the longest strictly rising subsequence (patience sorting, O(n log n))."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for i, value in enumerate(values):
        at = bisect_left(tails, value)
        previous.append(ends[at - 1] if at else None)
        tails[at : at + 1] = [value]
        ends[at : at + 1] = [i]
    chain: list[int] = []
    end: int | None = ends[-1] if ends else None
    while end is not None:
        chain.append(values[end])
        end = previous[end]
    return chain[::-1]
