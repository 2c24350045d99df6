"""The order of the known list: ranks that follow each window, absent releases staying with their neighbours."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from scheduler.identify import Shown
from scheduler.known import Known


def steady_keys(shown: Sequence[Shown], known: Known, alias: Mapping[str, str]) -> set[str]:
    """The keys of the known entries that kept their order; the others were moved, so that their place tells nothing.

    `alias` names the absent release that an unknown entry may turn out to be: it stands for it.
    """
    places = {key: i for i, key in enumerate(known.section)}
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

    An entry with an alias takes its rank. `hidden` releases, which another recipe no longer sees, sink below the rest.
    """
    body = [alias.get(s.key, s.key) for s in shown if not s.pinned]
    anchored: set[str] = set() if known.newsroom.baseline_at is None else set(steady)
    moving = set(body) - anchored
    merged = [key for key in known.section if key not in moving and key not in hidden] if anchored else []
    floor = min((known.releases[key].rank for key in merged), default=known.top_rank + 1)
    upper: str | None = None
    for key in body:
        if key not in anchored:
            merged.insert(merged.index(upper) + 1 if upper else 0, key)
        upper = key
    merged += [s.key for s in shown if s.pinned and s.key not in known.releases]
    ranks, below = {}, floor - 1
    for key in reversed(merged):
        release = known.releases.get(key)
        own = release.rank if release and key not in moving else below + 1
        below = max(own, below + 1)
        if release is None or release.rank != below:
            ranks[key] = below
    for key, other in alias.items():
        ranks[key] = ranks.get(other, known.releases[other].rank)
    return ranks | dict.fromkeys(hidden, floor - 1)


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
