"""Finds dates in text, before anything is known of where and when the text was printed.

ISO, numeric and worded dates are found by own patterns; other languages by dateparser, once for each text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from crawler import months

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 200  # characters: a longer text is prose, not a date
_CLOCK = re.compile(
    r"[ ,;|@–-]*(?:at|um|à|a las|alle|kl\.?)?[ ]?"
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?)?"
    r"(?![\d:])[ ]?(?P<half>[ap]\.?[ ]?m\b\.?)?[ ]?(?P<zone>[+-]\d{2}:?\d{2}\b|(?-i:Z\b|\(?[A-Z]{2,5}\b))?",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"(?<![\d-])(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"[ ]?(?P<zone>Z\b|[+-]\d{2}:?\d{2}|[A-Z]{2,5}\b)?)?(?![\d-])"
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_YEAR_FIRST = re.compile(
    r"(?<![\d/.-])(?P<year>(?:19|20)\d{2})[-/.][ ]?(?P<month>\d{1,2})[-/.][ ]?(?P<day>\d{1,2})(?!\d|-\d)"
)
_HAN = re.compile(r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일号]?")
NUMERIC = re.compile(
    r"(?<![\d/.-])(?P<first>\d{1,2})(?P<mark>[/.-])[ ]?(?P<second>\d{1,2})(?P=mark)[ ]?"
    r"(?P<year>\d{4}|\d{2})(?![\d/-]|\.\d)"
)
_WORD = r"[^\W\d_]{3,15}"
_DAY_MONTH = re.compile(
    rf"(?<![\d:.,])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º|°|ª)?[ /-]?"
    rf"(?:(?:of|de|den|di)[ ]|d[’'])?(?P<month>{_WORD})\b[.,]?"
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
# What dateparser is asked to try where the language is not known: common languages of newsrooms that months.py does
# not cover.
_FALLBACKS = ["ar", "bg", "et", "he", "hr", "hu", "id", "lt", "lv", "sk", "sl", "sr", "th", "vi"]
YEAR_FIRST = frozenset({"ja", "ko", "zh", "hu", "lt", "fa"})
_BESIDE_YEARLESS = 14  # letters beside a date without a year ("Posted on Monday"): more make it a sentence about a day
_SHORT = 40  # characters: "yesterday" in a longer text is part of a story
_EDIT = re.compile(
    r"(?:updated|modified|revised|actualis|aktualisiert|mis à jour|actualizad|aggiornat)\w*\W*(?:on|at|le|am|el)?\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A date in a text: a day (`year` may be missing) with its clock and named zone, or a distance back from now."""

    span: tuple[int, int]
    year: int | None = None
    month: int = 0
    day: int = 0
    clock: tuple[int, int, int] | None = None
    zone: str = ""
    back: timedelta | None = None
    two_ways: tuple[int, int] | None = None  # day and month, or month and day: nothing on the spot says which


@lru_cache(maxsize=8192)
def find(line: str, language: str) -> Found | None:
    """The first date in a cleaned line; that of an update, or one without a year, only where there is no other."""
    if not any(c.isdigit() for c in line):
        return _distance(line)
    if _EPOCH.fullmatch(line):
        stamp = datetime.fromtimestamp(int(line[:10]), UTC)
        return Found((0, len(line)), stamp.year, stamp.month, stamp.day, (stamp.hour, stamp.minute, stamp.second), "Z")
    if (compact := _COMPACT.fullmatch(line)) is not None:
        return _day(compact)
    dates = [found for found in _dates(line, language) if found is not None]
    if dates:
        return min(dates, key=lambda f: (bool(_EDIT.search(line[: f.span[0]])), f.year is None, f.span[0]))
    return _distance(line) or _foreign(line, language)


def _dates(line: str, language: str) -> Iterator[Found | None]:
    for match in _ISO.finditer(line):
        yield _day(match, clock=_read_clock(match) if match["hour"] else None, zone=match["zone"] or "")
    for match in (*_YEAR_FIRST.finditer(line), *_HAN.finditer(line)):
        yield _with_clock(_day(match), line)
    for match in NUMERIC.finditer(line):
        yield _with_clock(_numeric(match, language), line)
    for match in (*_DAY_MONTH.finditer(line), *_MONTH_DAY.finditer(line)):
        number = months.month(match["month"], language)
        if number and (match["year"] or _letters(line) - _letters(match[0]) <= _BESIDE_YEARLESS):
            year = int(match["year"]) if match["year"] else None
            yield _with_clock(Found(match.span(), year, number, int(match["day"])), line)


def _day(match: re.Match[str], clock: tuple[int, int, int] | None = None, zone: str = "") -> Found | None:
    found = Found(match.span(), int(match["year"]), int(match["month"]), int(match["day"]), clock, zone)
    return found if 1 <= found.month <= 12 and 1 <= found.day <= 31 else None


def _numeric(match: re.Match[str], language: str) -> Found | None:
    first, second, digits = int(match["first"]), int(match["second"]), match["year"]
    year = int(digits) if len(digits) == 4 else 2000 + int(digits)
    if len(digits) == 2:
        if language.partition("-")[0] in YEAR_FIRST:
            return Found(match.span(), 2000 + first, second, int(digits))
        if not language and first > 12 and int(digits) <= 31:
            return None  # 24/03/04 may be a day of 2004 or of 2024
        if match["mark"] == "-" or len(match[0]) < len("3/4/24"):
            return None
        if match["mark"] == "." and len(match[0]) < len("03.04.24"):
            return None
    if first > 31 or second > 31 or (first > 12 and second > 12) or not first or not second:
        return None
    if second > 12:
        return Found(match.span(), year, first, second)
    if first > 12 or match["mark"] == "." or first == second:
        return Found(match.span(), year, second, first)
    return Found(match.span(), year, two_ways=(first, second))


def _with_clock(found: Found | None, line: str) -> Found | None:
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


def _distance(line: str) -> Found | None:
    found = months.distance(line) if len(line) <= _SHORT else None
    return Found(found[0], back=found[1]) if found else None


def _foreign(line: str, language: str) -> Found | None:
    """A date in a language that months.py does not know: dateparser is slow, and asked last."""
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
    return Found((0, len(line)), stamp.year, stamp.month, stamp.day) if stamp else None


def _letters(text: str) -> int:
    return sum(c.isalpha() for c in text)
