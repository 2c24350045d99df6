"""Finds dates in text, before anything is known of where and when the text was printed."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crawler import eras, months
from crawler.ago import distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST = 200  # characters: a longer text is prose, not a date
YEAR_FIRST = frozenset({"ja", "ko", "zh", "hu", "lt", "fa", "mn", "eu"})
_HAN_SCRIPT = frozenset({"ja", "ko", "zh"})

_CLOCK = re.compile(
    r"[ ,;|@–-]*(?:at|um|à|a las|alle|kl\.?|о|в|o)?[ ]?"
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
    r"(?<![\d/.-])(?P<year>(?:19|20)\d{2}|25\d{2}|1[34]\d{2})[ ]?[-/.][ ]?(?P<month>\d{1,2})"
    r"[ ]?[-/.][ ]?(?P<day>\d{1,2})(?!\d|-\d)"
)
# A day in a box of its own beside year and month: "05 2024-03", "2024.03 05".
_DAY_BESIDE = re.compile(
    r"(?P<day>\d{1,2})[ ,/|]+(?P<year>20\d{2})[-./](?P<month>\d{1,2})"
    r"|(?P<year2>20\d{2})[-./](?P<month2>\d{1,2})[ ,/|]+(?P<day2>\d{1,2})"
)
_HAN = re.compile(
    r"(?:(?P<era>令和|平成|昭和|民國|民国|中華民國)\s?(?P<of_era>\d{1,3}|元)|(?<!\d)(?P<year>\d{3,4}))\s?[年년]\s?"
    r"(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일号號]?"
)
_HAN_YEARLESS = re.compile(r"(?<!\d)(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일号號]")
_VIETNAMESE = re.compile(
    r"(?:ngày )?(?P<day>\d{1,2})\s?(?:tháng|thg)\.?\s?(?P<month>\d{1,2})(?:,| năm|,? năm)?\s?(?P<year>\d{4})",
    re.IGNORECASE,
)
_MONTH_DAY_NUMBERS = re.compile(r"[\[(]?(?P<month>\d{2})[-/](?P<day>\d{2})[\])]?")  # "03-05", in East Asia
NUMERIC = re.compile(
    r"(?<![\d/.-])(?<!\d )(?P<first>\d{1,2})[ ]?(?P<mark>[/.-])[ ]?(?P<second>\d{1,2})[ ]?(?P=mark)[ ]?"
    r"(?P<year>\d{4}|\d{2})(?![\d/-]|\.\d)"
)
# Vowels and other marks that belong to a letter before them, and are no letters to regular expressions.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0951-\u0963\u0980-\u0983"
    "\u09bc-\u09cd\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
_LETTER = rf"(?:[^\W\d_]|[{_MARKS}])"
_WORD = (  # a word that may be a month, some of which are two
    rf"(?:[\u0e01-\u0e4e]{{1,3}}\.[\u0e01-\u0e4e]\.|(?:تشرين|كانون) {_LETTER}{{3,8}}"
    rf"|tháng (?:mười (?:một|hai)|{_LETTER}{{2,6}})|{_LETTER}{{2,16}})"
)
_ORDINAL = r"(?:st|nd|rd|th|er|ère|re|[.ºª°]|η|ης|ος|-?го|-?е|-?ші|-én|-án|e|:?a)?"
_DIGIT, _NUMBER, _FOUR_DIGITS = re.compile(r"\d"), re.compile(r"\d+"), re.compile(r"\d{4}")


def _patterns(letter: str, word: str) -> tuple[re.Pattern[str], ...]:
    """Dates whose month is a word: year first, day first, month first."""
    return (
        re.compile(
            r"(?<!\d)(?P<year>\d{4})[.,]?(?:[ -]?(?:m|gada|aasta|ko|г|р|ж)\.?)?[ -]"
            rf"(?:(?P<month>{word})\.?[ -](?P<day>\d{{1,2}})(?!\d)"
            rf"|(?P<day2>\d{{1,2}})\.?[ -](?P<month2>{word})(?!{letter}))",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?<![\d:.,])(?P<day>\d{{1,2}}){_ORDINAL}[ /-]?(?:(?:of|de|den|di)[ ]|d[’'])?"
            rf"(?P<month>{word})(?!{letter})[.,׳]?(?:[ ]?/[ ]?{letter}{{3,10}})?"
            r"(?:[ /-]?(?:(?:de|del|do|di|of|năm)[ ])?(?P<year>\d{4})(?!\d)|(?:-|/| ?['’])(?P<short>\d{2})(?![\d:.]))?",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?<!{letter})(?P<month>{word})\.?[ -]?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
            r"(?:[ ]?[–-][ ]?\d{1,2}(?!\d))?(?![\d:])"
            r"(?:,?[ -]?(?P<year>\d{4})(?!\d))?",
            re.IGNORECASE,
        ),
    )


_WORDED, _WORDED_ASCII = _patterns(_LETTER, _WORD), _patterns("[A-Za-z]", "[A-Za-z]{3,15}")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_BESIDE_YEARLESS = 14  # letters beside a date without a year ("Posted on Monday"): more make it a sentence about a day
_MOST_LETTERS = 40  # of a date without a year: a month, or two, of 16 letters at most, and what ties the day to it
_BEFORE_SHORT_YEAR = ("-", "/", "'", "’")  # what stands before a year of two digits
_SHORT = 40  # characters: "3 hours ago" in a longer text is part of a story
# Words before a date of something else than the publication: an update, an event, a deadline.
_OTHER = re.compile(
    r"(?:updated|modified|revised|actualis|aktualisiert|mis à jour|actualizad|aggiornat|bijgewerkt|обновлен"
    r"|deadline|due|expir|clos(?:es|ing)|effective|event|starts|begins|ends|until|argued|frist|bis zum|jusqu|hasta"
    r"|scad|hearing|oral argument|meeting|webinar|sitzung|audience)"
    r"\w*\W*(?:(?:date|time|info|on|at|le|am|el|il|au|by)\W*)?$"
)
# ... and before that of the publication, where both are told.
_PUBLISHED = re.compile(
    r"(?:publi|posted|released|issued|veröffentlicht|erschienen|pubblicat|geplaatst|опубликован|decided"
    r"|filed|発表|公開|掲載|发布|發布|게시|등록)\w*\W*(?:(?:date|on|at|le|am|el|il)\W*)?$"
)


class Found(NamedTuple):  # made for every date of every page, and made faster than a frozen dataclass
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
    """The first date in a cleaned line; that of the publication first, that of an update or one without a year last."""
    line = digits(line)
    if _DIGIT.search(line) is None:
        return _distance(line, language)
    numbers = [match.span() for match in _NUMBER.finditer(line)]
    if _EPOCH.fullmatch(line):
        stamp = datetime.fromtimestamp(int(line[:10]), UTC)
        return Found((0, len(line)), stamp.year, stamp.month, stamp.day, (stamp.hour, stamp.minute, stamp.second), "Z")
    if (whole := (_DAY_BESIDE if len(numbers) > 1 else _COMPACT).fullmatch(line)) is not None:
        return _day(whole)
    if (whole := _ISO.fullmatch(line)) is not None and (found := _iso(whole, language)) is not None:
        return found
    dates = [found for found in _dates(line, language, numbers) if found is not None]
    if len(dates) == 1:
        return dates[0]
    if dates:
        return min(dates, key=lambda f: (_rank(line[: f.span[0]]), f.year is None, f.span[0], -f.span[1]))
    return _distance(line, language)


def digits(text: str) -> str:
    """A text with the digits of all scripts as 0 to 9, each in its place."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and c > "\xff" and c.isdecimal() else c for c in text)


def is_other(before: str) -> bool:
    """Whether what stands before a date says that it is that of an update, an event or a deadline."""
    return before != "" and _OTHER.search(before[-40:].lower()) is not None


def _rank(before: str) -> int:
    if is_other(before):
        return 1
    return -1 if _PUBLISHED.search(before[-40:].lower()) else 0


def _dates(line: str, language: str, numbers: list[tuple[int, int]]) -> Iterator[Found | None]:
    """Every date in a line; `numbers` tells where its numbers start and end: nearly all dates begin at one."""
    if len(numbers) > 2:
        for match in _at(_ISO, line, numbers):
            yield _iso(match, language)
        for match in _at(_YEAR_FIRST, line, numbers):
            yield _with_clock(_day(match, language), line)
    if not line.isascii():
        yield from _east_asian(line, language)
    if len(numbers) > 2:
        for match in _at(NUMERIC, line, numbers):
            yield _with_clock(_numeric(match, language), line)
    for match in _in_words(line, numbers):
        yield _with_clock(_worded(match, line, language), line)
    if len(numbers) == 2 and language.partition("-")[0] in _HAN_SCRIPT:
        whole = _MONTH_DAY_NUMBERS.fullmatch(line)
        if whole is not None:
            yield _checked(Found(whole.span(), None, int(whole["month"]), int(whole["day"])))


def _at(pattern: re.Pattern[str], line: str, places: Iterable[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """What `finditer` gives for a pattern that matches at no other places: trying only these is many times faster."""
    end = 0
    for start, _ in places:
        if start >= end and (match := pattern.match(line, start)) is not None:
            end = match.end()
            yield match


def _in_words(line: str, numbers: list[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """Where a line may hold a date whose month is a word."""
    ascii_only = line.isascii()
    year_first, day_first, month_first = _WORDED_ASCII if ascii_only else _WORDED
    if _FOUR_DIGITS.search(line):
        if len(numbers) > 1:
            yield from _at(year_first, line, numbers)
    elif _letters(line) > _BESIDE_YEARLESS + _MOST_LETTERS and not any(
        end - start == 2 and line[start - 1 : start] in _BEFORE_SHORT_YEAR for start, end in numbers
    ):
        return  # a day without a year, beside which more is said than any may have
    days = [(start, end) for start, end in numbers if end - start < 3]
    yield from _at(day_first, line, days)
    if ascii_only:
        yield from _at(month_first, line, [_word_before(line, start) for start, _ in days])
    elif any(start and (line[start - 1] in " .-" or line[start - 1] > "9") for start, _ in days):
        yield from month_first.finditer(line)  # such a month may be two words


def _word_before(line: str, start: int) -> tuple[int, int]:
    """From and to where the word stands that may be the month of a day."""
    end = first = len(line[:start].rstrip(" .-"))
    while first and line[first - 1].isalpha():
        first -= 1
    return first, end


def _east_asian(line: str, language: str) -> Iterator[Found | None]:
    if "月" in line or "월" in line:
        yield from _han(line, language)
    small = line.lower()
    if "tháng" in small or "thg" in small:
        for match in _VIETNAMESE.finditer(line):
            yield _with_clock(_day(match), line)


def _han(line: str, language: str) -> Iterator[Found | None]:
    for match in _HAN.finditer(line):
        year = eras.year(match["era"], match["of_era"]) if match["era"] else int(match["year"])
        if not match["era"] and year < 1000:
            year += eras.ROC if language.startswith(("zh-tw", "zh-hant")) else 10_000
        yield _with_clock(_checked(Found(match.span(), year, int(match["month"]), int(match["day"]))), line)
    for match in _HAN_YEARLESS.finditer(line):
        if _letters(line) - _letters(match[0]) <= _BESIDE_YEARLESS // 2:
            yield _with_clock(_checked(Found(match.span(), None, int(match["month"]), int(match["day"]))), line)


def _worded(match: re.Match[str], line: str, language: str) -> Found | None:
    """A date whose month is a word; without a year only where hardly anything else is said."""
    groups = match.groupdict()
    word, day = groups["month"] or groups["month2"], int(groups["day"] or groups["day2"])
    year = int(groups["year"]) if groups["year"] else None
    if year is None and groups.get("short"):
        year = 2000 + int(groups["short"])
    if year is not None and (persian := months.persian_month(word)):
        return _with_span(eras.persian(year, persian, day), match)
    month = months.month(word, language)
    if not month or (year is None and _letters(line) - _letters(match[0]) > _BESIDE_YEARLESS):
        return None
    if year is not None and year > eras.BUDDHIST_FROM and ("\u0e00" < word[0] < "\u0e7f" or language[:2] == "th"):
        year -= eras.BUDDHIST
    return _checked(Found(match.span(), year, month, day))


def _iso(match: re.Match[str], language: str) -> Found | None:
    return _day(match, language, clock=_read_clock(match) if match["hour"] else None, zone=match["zone"] or "")


def _day(
    match: re.Match[str], language: str = "", clock: tuple[int, int, int] | None = None, zone: str = ""
) -> Found | None:
    groups = match.groupdict()
    year, month, day = (int(groups[name] or groups[f"{name}2"]) for name in ("year", "month", "day"))
    if year < 1500:
        return _with_span(eras.persian(year, month, day), match) if language[:2] == "fa" else None
    if language[:2] == "th" and year > eras.BUDDHIST_FROM:
        year -= eras.BUDDHIST
    return _checked(Found(match.span(), year, month, day, clock, zone))


def _checked(found: Found) -> Found | None:
    return found if 1 <= found.month <= 12 and 1 <= found.day <= 31 else None


def _with_span(day: tuple[int, int, int] | None, match: re.Match[str]) -> Found | None:
    return Found(match.span(), *day) if day else None


def _numeric(match: re.Match[str], language: str) -> Found | None:
    first, second, digits = int(match["first"]), int(match["second"]), match["year"]
    year = int(digits) if len(digits) == 4 else 2000 + int(digits)
    if language[:2] == "th" and year > eras.BUDDHIST_FROM:
        year -= eras.BUDDHIST
    if len(digits) == 2:
        if language.partition("-")[0] in YEAR_FIRST:
            return _checked(Found(match.span(), 2000 + first, second, int(digits)))
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
    return found._replace(span=(found.span[0], match.end()), clock=clock, zone=(match["zone"] or "").strip("("))


def _read_clock(match: re.Match[str]) -> tuple[int, int, int] | None:
    groups = match.groupdict()
    hour, half = int(groups["hour"]), (groups.get("half") or "")[:1].lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    clock = (hour, int(groups["minute"] or 0), int(groups["second"] or 0))
    return clock if hour < 24 and clock[1] < 60 and clock[2] < 60 else None


def _distance(line: str, language: str) -> Found | None:
    found = distance(line, language) if len(line) <= _SHORT else None
    return Found(found[0], back=found[1]) if found else None


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
