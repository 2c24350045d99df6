"""Dates as newsrooms print them: ISO, numeric and worded ones by own patterns, other languages by dateparser, once each.

A date that can be read in two ways is no date: nothing here guesses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from datetime import timezone as offset_zone
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler import months
from crawler.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 200  # characters: a longer text is prose, not a date
_FIRST_YEAR, _LAST_YEAR = 1970, 2100

_CLOCK = re.compile(
    r"[ ,;|@–-]*(?:at|um|à|a las|alle|kl\.?)?[ ]?(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?)?"
    r"(?![\d:])[ ]?(?P<half>[ap]\.?[ ]?m\b\.?)?[ ]?(?P<zone>Z\b|[+-]\d{2}:?\d{2}\b|\(?[A-Z]{2,5}\b)?",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"(?<![\d-])(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?[ ]?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?(?![\d-])"
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_YEAR_FIRST = re.compile(
    r"(?<![\d/.-])(?P<year>(?:19|20)\d{2})[-/.][ ]?(?P<month>\d{1,2})[-/.][ ]?(?P<day>\d{1,2})(?!\d|-\d)"
)
_HAN = re.compile(r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일号]?")
_NUMERIC = re.compile(
    r"(?<![\d/.-])(?P<first>\d{1,2})(?P<mark>[/.-])[ ]?(?P<second>\d{1,2})(?P=mark)[ ]?(?P<year>\d{4}|\d{2})(?![\d/-]|\.\d)"
)
_WORD = r"[^\W\d_]{3,15}"
_DAY_MONTH = re.compile(
    rf"(?<![\d:.,])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º|°|ª)?[ /-]?(?:(?:of|de|den|di)[ ]|d[’'])?(?P<month>{_WORD})\b[.,]?"
    rf"(?:[ /-]?(?:(?:de|del|do|di)[ ])?(?P<year>\d{{4}})(?!\d))?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b(?P<month>{_WORD})\.?[ -]?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:[ ]?[–-][ ]?\d{{1,2}}(?!\d))?(?![\d:])"
    r"(?:,?[ -]?(?P<year>\d{4})(?!\d))?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_FOREIGN = re.compile(r"(?=.*\b(?:19|20)\d\d\b)(?=.*\b\d{1,2}\b)(?=.*[^\W\d_]{3})[^:;!?()]{8,40}")
# What dateparser is asked to try where the language is not known: common languages of newsrooms that months.py does not cover.
_FALLBACKS = ["ar", "bg", "et", "he", "hr", "hu", "id", "lt", "lv", "sk", "sl", "sr", "th", "vi"]
_YEAR_DIRECTIVE = re.compile(r"%[YyGcxDF]")
_MONTH_FIRST = frozenset({"en-us", "en-ph"})
_DAY_FIRST_ENGLISH = frozenset({"gb", "uk", "ie", "au", "nz", "za", "in", "sg", "hk", "ke", "ng", "mt"})
_YEAR_FIRST_LANGUAGES = frozenset({"ja", "ko", "zh", "hu", "lt", "fa"})
_BESIDE_YEARLESS = 14  # letters beside a date without a year ("Posted on Monday"): more make it a sentence about a day
_SHORT = 40  # characters: "yesterday" in a longer text is part of a story
# Time zone names that mean one offset wherever they are used, in hours; any other leaves only the day.
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "MDT": -6, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}  # fmt: skip
_EDIT = re.compile(r"(?:updated|modified|revised|actualis|aktualisiert|mis à jour|actualizad|aggiornat)\W*(?:on|at|le|am|el)?\W*$", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Printed:
    """What a text says of a day: a date, an aware datetime where it gives an instant, or None; `relative` for distances."""

    value: date | datetime | None = None
    relative: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A date in a text, before zone and clock are brought in: a day (`year` may be missing), or a distance back from now."""

    span: tuple[int, int]
    year: int | None = None
    month: int = 0
    day: int = 0
    clock: tuple[int, int, int] | None = None
    zone: str = ""
    back: timedelta | None = None
    two_ways: tuple[int, int] | None = None  # day and month, or month and day: nothing on the spot says which


def parse(
    text: str,
    *,
    date_format: str | None = None,
    language: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
    day_first: bool | None = None,
) -> Printed:
    """The first date in a text that is not that of an update.

    `date_format` is tried first (strptime). `language` is a code such as `en` or `pt-BR`; `day_first` is what other dates of the
    same page show (see `day_first`), and decides before the language does. A missing year and a distance ("2 hours ago") need
    `now`, an aware instant. A stamp without offset is in `timezone` (IANA name); without one only its day counts.
    """
    place = zone(timezone)
    line = clean(text[: 2 * _LONGEST])
    if date_format and (formatted := _formatted(line, date_format, place, now)) is not None:
        return Printed(formatted)
    if len(line) > _LONGEST:
        return Printed()
    found = _find(line, (language or "").lower())
    if found is None:
        return Printed()
    return _settle(found, place, now, day_first, (language or "").lower())


def span(text: str, *, language: str | None = None) -> tuple[int, int] | None:
    """Where in a cleaned text its date stands, readable or not (it may have two readings); None without one."""
    if len(text) > _LONGEST:
        return None
    found = _find(text, (language or "").lower())
    return found.span if found else None


def day_first(texts: Iterable[str]) -> bool | None:
    """What the numeric dates of one page show together: a value above 12 gives the order away; None if none does, or they disagree."""
    shown = set()
    for text in texts:
        match = _NUMERIC.search(text[:_LONGEST])
        if match is not None:
            first, second = int(match["first"]), int(match["second"])
            if first > 12 >= second:
                shown.add(True)
            elif second > 12 >= first:
                shown.add(False)
    return shown.pop() if len(shown) == 1 else None


def _settle(
    found: _Found, zone: ZoneInfo | None, now: datetime | None, day_first: bool | None, language: str
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
    """A day with its clock as an aware datetime in a fixed offset; the day alone where the clock or the offset says nothing."""
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
    """Whether a language writes the day before the month; None where its countries differ, or it writes the year first."""
    if language in _MONTH_FIRST:
        return False
    base, _, region = language.partition("-")
    if not base or base in _YEAR_FIRST_LANGUAGES or (base == "en" and region not in _DAY_FIRST_ENGLISH):
        return None
    return True


@lru_cache(maxsize=8192)
def _find(line: str, language: str) -> _Found | None:
    if not any(c.isdigit() for c in line):
        return _distance(line)
    if _EPOCH.fullmatch(line):
        stamp = datetime.fromtimestamp(int(line[:10]), UTC)
        return _Found((0, len(line)), stamp.year, stamp.month, stamp.day, (stamp.hour, stamp.minute, stamp.second), "Z")
    if (compact := _COMPACT.fullmatch(line)) is not None:
        return _day(compact)
    dates = [found for found in _dates(line, language) if found is not None]
    if dates:
        return min(dates, key=lambda f: (bool(_EDIT.search(line[: f.span[0]])), f.year is None, f.span[0]))
    return _distance(line) or _foreign(line, language)


def _dates(line: str, language: str) -> Iterable[_Found | None]:
    for match in _ISO.finditer(line):
        yield _day(match, clock=_read_clock(match) if match["hour"] else None, zone=match["zone"] or "")
    for match in (*_YEAR_FIRST.finditer(line), *_HAN.finditer(line)):
        yield _with_clock(_day(match), line)
    for match in _NUMERIC.finditer(line):
        yield _with_clock(_numeric(match, language), line)
    for match in (*_DAY_MONTH.finditer(line), *_MONTH_DAY.finditer(line)):
        number = months.month(match["month"], language)
        if number and (match["year"] or _letters(line) - _letters(match[0]) <= _BESIDE_YEARLESS):
            year = int(match["year"]) if match["year"] else None
            yield _with_clock(_Found(match.span(), year, number, int(match["day"])), line)


def _day(match: re.Match[str], clock: tuple[int, int, int] | None = None, zone: str = "") -> _Found | None:
    found = _Found(match.span(), int(match["year"]), int(match["month"]), int(match["day"]), clock, zone)
    return found if 1 <= found.month <= 12 and 1 <= found.day <= 31 else None


def _numeric(match: re.Match[str], language: str) -> _Found | None:
    first, second, digits = int(match["first"]), int(match["second"]), match["year"]
    year = int(digits) if len(digits) == 4 else 2000 + int(digits)
    if len(digits) == 2:
        if language.partition("-")[0] in _YEAR_FIRST_LANGUAGES:
            return _Found(match.span(), 2000 + first, second, int(digits))
        if not language and first > 12 and int(digits) <= 31:
            return None  # 24/03/04 may be a day of 2004 or of 2024
        if match["mark"] == "-" or len(match[0]) < len("3/4/24"):
            return None
        if match["mark"] == "." and len(match[0]) < len("03.04.24"):
            return None
    if first > 31 or second > 31 or (first > 12 and second > 12) or not first or not second:
        return None
    if second > 12:
        return _Found(match.span(), year, first, second)
    if first > 12 or match["mark"] == "." or first == second:
        return _Found(match.span(), year, second, first)
    return _Found(match.span(), year, two_ways=(first, second))


def _with_clock(found: _Found | None, line: str) -> _Found | None:
    if found is None or (match := _CLOCK.match(line, found.span[1])) is None or not (match["minute"] or match["half"]):
        return found
    clock = _read_clock(match)
    if clock is None:
        return found
    return replace(found, span=(found.span[0], match.end()), clock=clock, zone=(match["zone"] or "").strip("("))


def _read_clock(match: re.Match[str]) -> tuple[int, int, int] | None:
    groups = match.groupdict()
    hour, half = int(groups["hour"]), (groups.get("half") or "")[:1].lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    clock = (hour, int(groups["minute"] or 0), int(groups["second"] or 0))
    return clock if hour < 24 and clock[1] < 60 and clock[2] < 60 else None


def _distance(line: str) -> _Found | None:
    found = months.distance(line) if len(line) <= _SHORT else None
    return _Found(found[0], back=found[1]) if found else None


def _foreign(line: str, language: str) -> _Found | None:
    """A date in a language that months.py does not know; dateparser is slow, so only what looks like nothing but a date is asked."""
    base = language.partition("-")[0]
    if base == "en" or (not base and months.is_shared(line)) or not _FOREIGN.fullmatch(line) or len(line.split()) > 6:
        return None
    # Imported late: it takes 60 ms, and most newsrooms never need it.
    import dateparser  # noqa: PLC0415 (see above)

    settings = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month", "year"]}
    try:
        stamp = dateparser.parse(line, languages=[base] if base else _FALLBACKS, settings=settings)
    except (ValueError, OverflowError, TypeError):  # it knows no such language, or trips over digits
        return None
    return _Found((0, len(line)), stamp.year, stamp.month, stamp.day) if stamp else None


def _formatted(line: str, date_format: str, zone: ZoneInfo | None, now: datetime | None) -> date | datetime | None:
    yearless = not _YEAR_DIRECTIVE.search(date_format)
    try:
        # A leap year, so that 29 February can be read before its year is known.
        stamp = datetime.strptime(
            f"2000 {line}" if yearless else line, f"%Y {date_format}" if yearless else date_format
        )  # noqa: DTZ007 (the zone is settled below)
    except (ValueError, re.error):
        return None
    day = _past(stamp.month, stamp.day, zone, now) if yearless else stamp.date()
    if day is None or not any((stamp.hour, stamp.minute, stamp.second)):
        return day
    offset = (stamp if stamp.tzinfo else stamp.replace(tzinfo=zone)).utcoffset()
    return day if offset is None else datetime.combine(day, stamp.time(), tzinfo=_fixed(offset))


@lru_cache(maxsize=512)
def zone(name: str | None) -> ZoneInfo | None:
    """The time zone of an IANA name; None for none, and for a name that is no zone's."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # not a zone: as good as not known
        return None


def _letters(text: str) -> int:
    return sum(c.isalpha() for c in text)
