"""Reads the dates of one page together: what one of them leaves open, the others, the addresses or the region tell."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler import dates
from crawler.around import Around, around
from crawler.reading import Dated
from crawler.urls import split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from selectolax.lexbor import LexborNode

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}
# A date in the path of an address: /2024/03/05/, /2024-03-05-, /2024/mar/05/, /2024/0305/, /2024-03/05/.
_IN_PATH = re.compile(
    r"(?<![\d])(?P<year>(?:19|20)\d{2})[/_.-]?(?P<month>0?[1-9]|1[0-2]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
    r"[/_.-](?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<![\d])(?P<year2>(?:19|20)\d{2})[/_-](?P<month2>0[1-9]|1[0-2])(?P<day2>0[1-9]|[12]\d|3[01])(?!\d)",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_ANY_YEAR = re.compile(r"(?:19|20)\d\d")
_PERIOD = re.compile(r"/(?P<year>(?:19|20)\d{2})(?:[/_-]?(?P<month>0[1-9]|1[0-2]))?(?=/)")
_COMPACT_SHARE = 0.6  # of the addresses: eight digits in a few may be anything
_SORTED = 4  # different dates that do not stand in order by chance
_IN_ORDER, _PLAINLY = 0.85, 0.2  # the share of neighbours in order that tells, and how much more that is than otherwise
_NEAR = timedelta(days=3)  # between a printed day and that of its stamp or address
_HALF_A_YEAR = timedelta(days=180)
_OUT_OF_ORDER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told of the date of one entry."""

    dated: Dated
    around: Around
    url: str | None


def gather(shown: Sequence[tuple[Dated, str | None]], nodes: Sequence[LexborNode], language: str) -> list[Told]:
    """What is told of each entry's date: beside the entries, too, where most of them show none, or none of a year.

    `shown`: what each entry itself tells, and its address.
    """
    bare = sum(dates.span(dated.text or dated.stamp, language=language) is None for dated, _ in shown)
    beside = [Around()] * len(shown)
    if 2 * bare > len(shown):
        beside = around(nodes, language)
    elif any(dates.is_yearless(dated.text, language) for dated, _ in shown):
        beside = [replace(one, text="") for one in around(nodes, language)]
    return [Told(dated, one, url) for (dated, url), one in zip(shown, beside, strict=True)]


@dataclass(frozen=True, slots=True)
class Clock:
    """How dates are read on one page: the recipe's format, its language and host, the newsroom's zone, the present."""

    date_format: str | None
    language: str
    host: str
    timezone: str | None
    now: datetime | None

    def read(self, told: Sequence[Told], page: Callable[[], str]) -> list[dates.Printed]:
        """The date of each entry; `page` is the text of the whole page, in which further dates may stand."""
        if all(dates.is_whole(one.dated.text, self.language) for one in told):  # nothing is left to tell
            return [self._one(one, None, None) for one in told]
        whole = all(dates.is_whole(one.dated.text or one.dated.stamp, self.language) for one in told)
        paths = [None] * len(told) if whole else _paths([one.url for one in told])
        order = self._order(told, paths, page)
        read = [self._one(one, path, order) for one, path in zip(told, paths, strict=True)]
        open_ones = {at for at, one in enumerate(told) if paths[at] is None and self._is_open(one)}
        return _in_falling_years(read, open_ones) if open_ones else read

    def _one(self, told: Told, path: date | None, order: bool | None) -> dates.Printed:
        """The day that the page prints, else that of the stamp, else that of the address.

        A stamp that falls on the printed day is the date itself.
        """
        text = told.dated.text or told.around.text
        stamped = self._parse(told.dated.stamp, None, order, None)
        near = path if stamped.value is None else dates.day_of(stamped.value)
        printed = self._printed(text, told, near, order)
        if printed.value is None or (printed.relative and stamped.value is not None):
            printed = stamped if stamped.value is not None else printed
            return dates.Printed(path) if printed.value is None and path is not None else printed
        stamp = stamped.value
        if not isinstance(stamp, datetime) or isinstance(printed.value, datetime):
            return printed
        for instant in (stamp, _local(stamp, self.timezone)):
            if instant is not None and instant.date() == printed.value:
                return dates.Printed(instant)
        return printed

    def _printed(self, text: str, told: Told, near: date | None, order: bool | None) -> dates.Printed:
        """What a text says; a year that it leaves out is that of the stamp or address near it, or of its heading."""
        years: tuple[int | None, ...] = (None,)
        if dates.is_yearless(text, self.language):
            years = (near.year + 1, near.year, near.year - 1) if near is not None else (_year(told), None)
        printed = dates.Printed()
        for year in years:
            printed = self._parse(text, self.date_format, order, year)
            if year is None or printed.value is None:
                continue
            day = dates.day_of(printed.value)
            if day <= near + _NEAR if near is not None else self._fits(day, told.around):
                break
        return printed

    def _fits(self, day: date, around: Around) -> bool:
        """Whether a day may be of the year, and the month, that its heading or its address names, and not to come."""
        if around.month is not None:
            return day.month == around.month
        return around.year is not None or self.now is None or day <= self.now.date() + timedelta(days=1)

    def _parse(self, text: str, date_format: str | None, order: bool | None, year: int | None) -> dates.Printed:
        if not text:
            return dates.Printed()
        # What the page leaves open, its language must not settle after all.
        language = "" if order is None and dates.readings(text, self.language) else self.language
        return dates.parse(
            text, date_format=date_format, language=language, timezone=self.timezone, now=self.now,
            day_first=order, year=year,
        )  # fmt: skip

    def _order(self, told: Sequence[Told], paths: Sequence[date | None], page: Callable[[], str]) -> bool | None:
        """Whether 03/04/2024 is in April here: None where it cannot be told, and where nothing asks."""
        texts = [one.dated.text or one.around.text for one in told]
        open_ones = [(at, both) for at, text in enumerate(texts) if (both := dates.readings(text, self.language))]
        if not open_ones:
            return None
        shown = dates.orders([*texts, *(one.dated.stamp for one in told)])
        if shown:
            return dates.day_first(shown)
        beside = {choice for at, both in open_ones if (choice := self._beside(both, told[at], paths[at])) is not None}
        if len(beside) == 1:
            return beside.pop()
        readings = [both for _, both in open_ones]
        if (found := self._told_by_order(readings)) is not None:
            return found
        elsewhere = dates.orders([page()])
        if elsewhere:
            return dates.day_first(elsewhere)
        region = dates.region_day_first(self.language, self.host)
        return None if region is None or _speaks_against(readings, day_first=region) else region

    def _beside(self, both: tuple[date, date], told: Told, path: date | None) -> bool | None:
        """Which reading the entry's own stamp or address bears out; the day-first one is first."""
        stamp = self._parse(told.dated.stamp, None, None, None).value
        for day in (dates.day_of(stamp) if stamp is not None else None, path):
            if day is not None and (choice := _only(abs(reading - day) <= _NEAR for reading in both)) is not None:
                return choice
        year, month = _period(told.url)
        return _only((r.year, r.month) == (year, month) for r in both) if month else None

    def _told_by_order(self, both: list[tuple[date, date]]) -> bool | None:
        """The reading by which as good as all dates stand in order, or by which none of them is to come."""
        if len(set(both)) >= _SORTED:
            day, month = _orderly(both, 0), _orderly(both, 1)
            if max(day, month) >= _IN_ORDER and abs(day - month) >= _PLAINLY:
                return day > month
        if self.now is None:
            return None
        tomorrow = self.now.date() + timedelta(days=1)
        return _only(all(pair[way] <= tomorrow for pair in both) for way in (0, 1))

    def _is_open(self, told: Told) -> bool:
        """Whether nothing beside a day without a year tells which year it is of."""
        text = told.dated.text or told.around.text
        return not told.dated.stamp and _year(told) is None and dates.is_yearless(text, self.language)


def _in_falling_years(read: list[dates.Printed], open_ones: set[int]) -> list[dates.Printed]:
    """Puts the days printed without a year in order: a list that fell through a year goes on before it."""
    found = list(read)
    newest = before = None
    back = 0
    for at, one in enumerate(read):
        if one.value is None:
            continue
        day = dates.day_of(one.value)
        if at in open_ones:
            day = _years_back(day, back)
            if before and newest and day > before + _OUT_OF_ORDER and newest - before >= _HALF_A_YEAR:
                back += 1
                newest = day = _years_back(day, 1)
            found[at] = dates.Printed(day) if back else one
        newest, before = newest or day, day
    return found


def _orderly(both: list[tuple[date, date]], way: int) -> float:
    """The share of neighbours that stand newest first by one of two readings; all, if they stand oldest first."""
    steps = [(a[way], b[way]) for a, b in pairwise(both)]
    return 1.0 if all(a <= b for a, b in steps) else sum(a >= b for a, b in steps) / len(steps)


def _speaks_against(both: list[tuple[date, date]], *, day_first: bool) -> bool:
    """Whether the dates of a list stand better in order by the other reading."""
    if len(set(both)) < _SORTED:
        return False
    ways = _orderly(both, 0), _orderly(both, 1)
    return ways[day_first] > ways[not day_first]


def _only(readings: Iterable[bool]) -> bool | None:
    """True where the first of two holds alone, False where the second does."""
    first, second = readings
    return None if first == second else first


def _year(told: Told) -> int | None:
    """The year that a heading or the address gives to a day without one."""
    return told.around.year or _period(told.url)[0]


def _years_back(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _paths(urls: Sequence[str | None]) -> list[date | None]:
    """The whole dates in the paths of addresses."""
    found = [_in_path(url, _IN_PATH) for url in urls]
    compact = [_in_path(url, _COMPACT) for url in urls]
    if sum(day is not None for day in compact) < _COMPACT_SHARE * max(1, sum(url is not None for url in urls)):
        return found
    return [a or b for a, b in zip(found, compact, strict=True)]


def _in_path(url: str | None, pattern: re.Pattern[str]) -> date | None:
    parts = split(url) if url and _ANY_YEAR.search(url) else None
    match = pattern.search(parts.path) if parts else None
    if match is None:
        return None
    groups = match.groupdict()
    year, month, day = (groups[name] or groups[f"{name}2"] for name in ("year", "month", "day"))
    try:
        return date(int(year), _MONTH.get(month[:3].lower()) or int(month), int(day))
    except ValueError:
        return None


def _period(url: str | None) -> tuple[int | None, int | None]:
    """The year, and the month if there is one, in the path of an address."""
    parts = split(url) if url and _ANY_YEAR.search(url) else None
    match = _PERIOD.search(parts.path) if parts else None
    if match is None:
        return None, None
    return int(match["year"]), int(match["month"]) if match["month"] else None


def _local(stamp: datetime, timezone: str | None) -> datetime | None:
    zone = dates.zone(timezone)
    return None if zone is None else dates.fixed(stamp.astimezone(zone))
