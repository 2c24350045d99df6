"""What a printed date means: which day or instant, given the page's language, the newsroom's zone and the present.

A date that can be read in two ways is no date: nothing here guesses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from datetime import timezone as offset_zone
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.datefind import LONGEST, NUMERIC, YEAR_FIRST, Found, find
from crawler.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FIRST_YEAR, _LAST_YEAR = 1970, 2100

_YEAR_DIRECTIVE = re.compile(r"%[YyGcxDF]")
_MONTH_FIRST = frozenset({"en-us", "en-ph", "es-us"})
_DAY_FIRST_ENGLISH = frozenset({"gb", "uk", "ie", "au", "nz", "za", "in", "sg", "hk", "ke", "ng", "mt"})
_AMERICAN = frozenset({"gov", "mil", "edu", "us", "ph"})  # top-level domains where the month comes first
# Countries where both orders are in use, or the year comes first, and domains that are sold to the whole world.
_NO_ORDER = """
ca jp kr cn tw hk hu lt mn ir af bt kp se
ac ai am as bz cc cd co dj fm gg gl im io is la li ly me ms mu nu pw re sc sh so st tk to tv vc vg ws
"""
# Time zone names that mean one offset wherever they are used, in hours; any other leaves only the day.
_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "MDT": -6, "PST": -8, "PDT": -7,
    "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Printed:
    """What a text says: a date, an aware datetime where it gives an instant, or None; `relative` for distances."""

    value: date | datetime | None = None
    relative: bool = False


def parse(
    text: str,
    *,
    date_format: str | None = None,
    language: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
    day_first: bool | None = None,
    year: int | None = None,
) -> Printed:
    """The first date in a text that is not that of an update.

    `date_format` is tried first (strptime). `language` is a code such as `en` or `pt-BR`; `day_first` is what other
    dates of the same page show (see `day_first`), and decides before the language does. A missing year is `year`, else
    it needs `now`, an aware instant, as does a distance ("2 hours ago"). A stamp without offset is in `timezone` (IANA
    name); without one only its day counts.
    """
    place = zone(timezone)
    line = clean(text[: 2 * LONGEST])
    if date_format and (formatted := _formatted(line, date_format, place, now)) is not None:
        return Printed(formatted)
    if len(line) > LONGEST:
        return Printed()
    found = find(line, (language or "").lower())
    if found is None:
        return Printed()
    if found.year is None and found.back is None:
        found = found._replace(year=year)
    return _settle(found, place, now, day_first, (language or "").lower())


def span(text: str, *, language: str | None = None) -> tuple[int, int] | None:
    """Where in a cleaned text its date stands, readable or not (it may have two readings); None without one."""
    if len(text) > LONGEST:
        return None
    found = find(text, (language or "").lower())
    return found.span if found else None


def readings(text: str, language: str) -> tuple[date, date] | None:
    """Both readings of a date such as 03/04/2024, that with the day first first; None where there are not two."""
    found = find(text, language.lower()) if len(text) <= LONGEST else None
    if found is None or found.two_ways is None or found.year is None:
        return None
    first, second = found.two_ways
    try:
        return date(found.year, second, first), date(found.year, first, second)
    except ValueError:
        return None


def is_whole(text: str, language: str) -> bool:
    """Whether a text tells a day that can be read in one way, year and all."""
    found = find(text, language.lower()) if len(text) <= LONGEST else None
    return found is not None and found.year is not None and found.two_ways is None


def is_yearless(text: str, language: str) -> bool:
    """Whether a text tells a day, but not of which year."""
    found = find(text, language.lower()) if len(text) <= LONGEST else None
    return found is not None and found.year is None and found.back is None


def orders(texts: Iterable[str]) -> list[bool]:
    """Whether the day comes first, for each numeric date that tells: one with a value above 12."""
    shown = []
    for text in texts:
        for match in NUMERIC.finditer(text):
            first, second = int(match["first"]), int(match["second"])
            if len(match["year"]) == 4 or int(match["year"]) > 31:  # else the year may come first
                shown += [True] if first > 12 >= second else [False] if second > 12 >= first else []
    return shown


def day_first(shown: Sequence[bool]) -> bool | None:
    """What `orders` shows as good as unanimously: one of twenty may be a slip."""
    share = sum(shown) / len(shown) if shown else 0.5
    return share > 0.5 if not 0.05 < share < 0.95 else None


def region_day_first(language: str, host: str) -> bool | None:
    """Whether the day comes first where a page is at home, by its language and its host; None if that is not clear."""
    told = {order for order in (_order(language.lower()), _order_of_host(host)) if order is not None}
    return told.pop() if len(told) == 1 else None


def _order_of_host(host: str) -> bool | None:
    country = host.rpartition(".")[2].lower()
    if country in _AMERICAN:
        return False
    return True if len(country) == 2 and country.isalpha() and country not in _NO_ORDER.split() else None


def _settle(
    found: Found, zone: ZoneInfo | None, now: datetime | None, day_first: bool | None, language: str
) -> Printed:
    """What a found date means here and now; nothing where that cannot be known."""
    if found.back is not None:
        back = now.astimezone(zone or UTC) - found.back if now else None
        return Printed(back.date() if back else None, relative=True)
    month, day = found.month, found.day
    if found.two_ways is not None:
        order = day_first if day_first is not None else _order(language)
        if order is None:
            return Printed()
        day, month = found.two_ways if order else found.two_ways[::-1]
    try:
        value = date(found.year, month, day) if found.year else _past(month, day, zone, now)
    except ValueError:
        return Printed()
    if value is None or not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        return Printed()
    return Printed(_instant(value, found.clock, found.zone, zone))


def _instant(day: date, clock: tuple[int, int, int] | None, named: str, zone: ZoneInfo | None) -> date | datetime:
    """A day with its clock, in a fixed offset; the day alone where the clock or the offset says nothing."""
    if clock is None or not any(clock):
        return day
    try:
        stamp = datetime.combine(day, time(*clock), tzinfo=zone)
    except ValueError:
        return day
    offset = _offset(named) if named else stamp.utcoffset()
    return day if offset is None else stamp.replace(tzinfo=_fixed(offset))


def day_of(value: date | datetime) -> date:
    """The day of a date, or of a stamp in its own offset."""
    return value.date() if isinstance(value, datetime) else value


def fixed(stamp: datetime) -> datetime:
    """The same instant with its offset as a plain number: it compares and travels without a table of zones."""
    return stamp.replace(tzinfo=_fixed(stamp.utcoffset() or timedelta()))


def _fixed(offset: timedelta) -> offset_zone:
    return UTC if not offset else offset_zone(offset)


def _offset(named: str) -> timedelta | None:
    digits = named.replace(":", "")
    if digits[0] not in "+-":
        hours = _ZONES.get(named.upper())
        return None if hours is None else timedelta(hours=hours)
    distance = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    if distance >= timedelta(days=1):
        return None
    return -distance if digits[0] == "-" else distance


def _past(month: int, day: int, zone: ZoneInfo | None, now: datetime | None) -> date | None:
    """The latest such day that is not in the future.

    Where the zone is not known and it is that day already somewhere on earth, but not in UTC, nothing says which year.
    """
    if now is None:
        return None
    today = now.astimezone(zone or UTC).date()
    for year in range(today.year, today.year - 8, -1):  # eight years hold a 29 February
        try:
            value = date(year, month, day)
        except ValueError:
            continue
        if value <= today:
            return value
        if zone is None and value <= (now.astimezone(UTC) + timedelta(hours=14)).date():
            return None
    return None


def _order(language: str) -> bool | None:
    """Whether a language writes the day before the month; None where its countries differ, or the year comes first."""
    if language in _MONTH_FIRST:
        return False
    base, _, region = language.partition("-")
    if not base or base in YEAR_FIRST or (base == "en" and region not in _DAY_FIRST_ENGLISH):
        return None
    return True


def _formatted(line: str, date_format: str, zone: ZoneInfo | None, now: datetime | None) -> date | datetime | None:
    stamp = _strptime(line, date_format)
    if stamp is None:
        return None
    day = stamp.date() if _YEAR_DIRECTIVE.search(date_format) else _past(stamp.month, stamp.day, zone, now)
    if day is None or not any((stamp.hour, stamp.minute, stamp.second)):
        return day
    offset = (stamp if stamp.tzinfo else stamp.replace(tzinfo=zone)).utcoffset()
    return day if offset is None else datetime.combine(day, stamp.time(), tzinfo=_fixed(offset))


@lru_cache(maxsize=8192)
def _strptime(line: str, date_format: str) -> datetime | None:
    try:
        if _YEAR_DIRECTIVE.search(date_format):
            return datetime.strptime(line, date_format)  # noqa: DTZ007 (the zone is settled by the caller)
        # A leap year, so that 29 February can be read before its year is known.
        return datetime.strptime(f"2000 {line}", f"%Y {date_format}")  # noqa: DTZ007 (likewise)
    except (ValueError, re.error):
        return None


@lru_cache(maxsize=512)
def zone(name: str | None) -> ZoneInfo | None:
    """The time zone of an IANA name; None for none, and for a name that is no zone's."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # not a zone: as good as not known
        return None
