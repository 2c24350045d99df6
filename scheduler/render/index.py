"""The page that lists all issues of a digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from scheduler.render.headline import headline
from scheduler.render.html import FILE_FORMATS, templates
from scheduler.render.safe import shown
from scheduler.render.times import long_stamp, month, utc, zone_label
from storage.records import Issue

OPEN_MONTHS = 2
"""Months that are unfolded when the page opens."""


@dataclass(frozen=True, slots=True)
class Row:
    """One issue in the list: `name` is its file stem, `main` the ending of the file to read first."""

    name: str
    number: int
    when: str
    when_at: str
    zone: str
    headline: str
    quiet: bool
    main: str
    others: tuple[str, ...]
    month: str


def render_index(issues: Sequence[Issue]) -> str:
    """All issues of one digest, newest first and by month, as a whole HTML document; `issues` come oldest first."""
    rows = [_row(issue) for issue in reversed(issues)]
    months = [(name, list(of_month)) for name, of_month in groupby(rows, key=lambda row: row.month)]
    digest = shown(issues[-1].digest) if issues else ""
    template = templates().get_template("index.html.j2")
    return template.render(digest=digest, months=months, count=len(rows), open_months=OPEN_MONTHS)


def main_format(issue: Issue) -> str:
    """The ending of the file to read first."""
    return next(ending for ending in FILE_FORMATS if ending in {*issue.formats, "json"})


def _row(issue: Issue) -> Row:
    main = main_format(issue)
    return Row(
        name=issue.name,
        number=issue.number,
        when=long_stamp(issue.end, issue.timezone),
        when_at=utc(issue.end),
        zone=zone_label(issue.timezone, issue.end),
        headline=headline(issue),
        quiet=not issue.changes,
        main=main,
        others=tuple(ending for ending in FILE_FORMATS if ending in {*issue.formats, "json"} and ending != main),
        month=month(issue.end, issue.timezone),
    )
