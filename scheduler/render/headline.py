"""The line at the top that says it all."""

from __future__ import annotations

from collections import Counter

from scheduler.render.times import last_read
from storage.records import Issue, Kind

RELEASE_KINDS = (Kind.NEW, Kind.WITHDRAWN, Kind.UNLISTED, Kind.EDITED, Kind.MOVED, Kind.RESTORED)
NEWSROOM_KINDS = (Kind.BROKEN, Kind.GAP, Kind.SILENT, Kind.LAYOUT_CHANGED, Kind.RECOVERED, Kind.BASELINE)


def headline(issue: Issue) -> str:
    """`3 new, 1 withdrawn in 2 newsrooms · 39 of 40 newsrooms read, last at 06:52 · 1 in trouble`.

    Without changes: `0 changes; 39 of 40 newsrooms read, last at 06:52; 1 in trouble`.
    """
    told = [part for part in (_releases(issue), _newsrooms(issue)) if part]
    troubles = len(issue.standing.troubles)
    state = [_standing(issue), f"{troubles:,} in trouble" if troubles else "none in trouble"]
    return " · ".join([*told, *state]) if told else "; ".join(["0 changes", *state])


def _releases(issue: Issue) -> str:
    told = [change for change in issue.changes if change.kind in RELEASE_KINDS]
    counts = Counter(change.kind for change in told)
    rooms = len({change.newsroom for change in told})
    parts = ", ".join(f"{counts[kind]:,} {kind.value}" for kind in RELEASE_KINDS if counts[kind])
    return f"{parts} in {rooms:,} newsroom{'s' if rooms > 1 else ''}" if parts else ""


def _newsrooms(issue: Issue) -> str:
    counts = Counter(change.kind for change in issue.changes)
    return ", ".join(f"{counts[kind]:,} {_word(kind, counts[kind])}" for kind in NEWSROOM_KINDS if counts[kind])


def _word(kind: Kind, count: int) -> str:
    if kind in {Kind.GAP, Kind.BASELINE}:
        return kind.value if count == 1 else f"{kind.value}s"
    return "layout changed" if kind is Kind.LAYOUT_CHANGED else kind.value


def _standing(issue: Issue) -> str:
    standing = issue.standing
    read = f"{standing.read:,} of {standing.newsrooms:,} newsroom{'' if standing.newsrooms == 1 else 's'} read"
    if standing.last_read is None:
        return f"{read}, never yet" if standing.newsrooms else read
    return f"{read}, last {last_read(standing.last_read, issue.timezone, issue.end)}"
