"""How the address of a link stands to that of the page it is on: a later page of its list, an earlier one, or none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from crawler.urls import canonical, split

if TYPE_CHECKING:
    from collections.abc import Iterator


class Way(StrEnum):
    """Where an address leads, seen from the page of a list."""

    ON = "on"  # to a page of this list with a higher number
    BACK = "back"  # to one with a lower number, or to its first
    HERE = "here"  # to this very page
    BESIDE = "beside"  # to this list, whichever page: nothing but its query differs, and no number tells
    ELSEWHERE = "elsewhere"  # to anything else


@dataclass(frozen=True, slots=True)
class Step:
    """The way to an address, and by how much its number is higher: pages, or entries where the list counts those."""

    way: Way
    ahead: int = 0


_WORDS = (
    r"page|paged|pages|pageno|pagenum|pagenumber|pageindex|page[_-]?(?:no|num|number|index|nr)|currentpage|pg|pag|pagen"
    r"|pagina|página|pàgina|seite|seiten|strona|stránka|stranka|stranica|sida|side|sivu|oldal|lapa|puslapis|sayfa"
    r"|halaman|trang|laman|p|pn|offset|start|startat|startrow|startindex|start[_-](?:row|at|index|from|num)"
    r"|limitstart|b[_-]?start|begin|from|first|firstresult|skip|cur|ccm_paging_p|страница|ページ"
)
# The parts of a parameter's name tell: `tx_news[currentPage]`, `PAGEN_1`, `b_start:int`, `smdpage1570`.
_NAME = re.compile(rf"(?:^|.*[\[\]_.:@-])(?:\w*page|{_WORDS})(?:_?\d+)?(?:[\]:.].*)?", re.IGNORECASE)
_NOT_NAME = re.compile(
    r".*(?:size|limit|per_?page|pages_?per|page_?id|page_?name|page_?type|subpage|homepage|landing).*|.*(?:from|start|begin)_?date.*",
    re.IGNORECASE,
)
_CALENDAR = re.compile(
    r"(?:.*[\[\]_.:-])?(?:year|month|day|week|date|jahr|monat|tag|woche|datum|annee|année|mois|jour|semaine|año|ano|anio|mes"
    r"|día|dia|fecha|data|anno|mese|giorno|jaar|maand|rok|miesiac|god|år|yr|mo|ym|yyyy|mm)(?:[\]_.:-].*|\d*)",
    re.IGNORECASE,
)
# Parameters whose number names a thing, or says how much of it is shown.
_THING = re.compile(
    r"(?:.*[a-z_.-])?(?:id|cat|tag|type|topic|section|lang|sort|order|limit|size|per|view|tab|author|user|item|article|post"
    r"|news|ver|version|v)\d*",
    re.IGNORECASE,
)
_PATH = re.compile(rf"/(?:(?:{_WORDS})[-_=/:.]?|\((?:offset|page)\)/)(\d{{1,6}})(?=/|$|\.\w{{1,5}}$)", re.IGNORECASE)
_LAST = re.compile(rf"(?:/|[-_.,](?:{_WORDS})?[-_=]?|(?<=/index)|(?<=/page)|(?<=/list))(\d{{1,5}})$", re.IGNORECASE)
_SUFFIX = re.compile(r"\.(?:html?|php\d?|aspx?|jsp|shtml|cfm|do)$", re.IGNORECASE)
_FIRST = re.compile(r"/(?:index|default|page|list)$", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_LONGEST_NAME = 100  # characters of a parameter's, from its end: matching takes time in their square
_YEARS = range(1900, 2101)


def step(here: str, there: str) -> Step:
    """The step from the page at `here` to the address `there` of the same site; hosts are not compared."""
    one, other = canonical(here), canonical(there)
    if one == other:
        return Step(Way.HERE)
    mine, theirs = split(one), split(other)
    if mine is None or theirs is None:
        return Step(Way.ELSEWHERE)
    path = _step_of_paths(unquote(mine.path), unquote(theirs.path))
    query = _step_of_queries(dict(_pairs(mine.query)), dict(_pairs(theirs.query)))
    if path.way is Way.HERE:
        return query if mine.query != theirs.query else Step(Way.HERE)
    if path.way is Way.ELSEWHERE and _is_under(unquote(mine.path), unquote(theirs.path)):
        return Step(Way.BESIDE) if query.way is Way.ON else path
    return path


def is_numbered(url: str) -> bool:
    """Whether an address carries the number of a page in so many words, whatever it is a page of."""
    parts = split(canonical(url))
    if parts is None:
        return False
    named = any(_is_page(name) and _NUMBER.search(value) for name, value in _pairs(parts.query))
    return named or _PATH.search(unquote(parts.path)) is not None


def ends_numbered(url: str) -> bool:
    """Whether an address carries a number that may be a page's: in so many words, or at its path's end, no date."""
    parts = split(canonical(url))
    return parts is not None and (is_numbered(url) or any(_numbered(unquote(parts.path))))


def is_namesake(here: str, there: str) -> bool:
    """Whether what the page at `here` is called, the last part of its path, is part of the path of `there`."""
    mine, theirs = split(canonical(here)), split(canonical(there))
    if mine is None or theirs is None:
        return False
    name = _bare(mine.path).rpartition("/")[2]
    return bool(name) and name in {_SUFFIX.sub("", part) for part in theirs.path.split("/")}


def alike(one: str, other: str) -> bool:
    """Whether two addresses differ, and in nothing but numbers: as the pages of one list do."""
    return canonical(one) != canonical(other) and _skeleton(one) == _skeleton(other)


@lru_cache(maxsize=2048)
def _skeleton(url: str) -> str:
    return _NUMBER.sub("0", canonical(url))


def _step_of_paths(here: str, there: str) -> Step:
    if here == there:
        return Step(Way.HERE)
    bare = _bare(here)
    of_here = dict(_numbered(here))
    for stem, number in _numbered(there):
        if stem == bare:
            return Step(Way.ON, _ahead(None, number)) if number else Step(Way.HERE)
        if stem in of_here:
            return _compared(of_here[stem], number)
    if (inner := _inner_step(here, there)) is not None:
        return inner
    return Step(Way.BACK) if _bare(there) in of_here else Step(Way.ELSEWHERE)


def _inner_step(here: str, there: str) -> Step | None:
    """The step between two paths that differ in one number by one, wherever it stands; none where it is a date's."""
    if _NUMBER.sub("0", here) != _NUMBER.sub("0", there):
        return None
    pairs = [
        (int(mine[0]), int(theirs[0]), mine.start())
        for mine, theirs in zip(_NUMBER.finditer(here), _NUMBER.finditer(there), strict=True)
        if mine[0] != theirs[0]
    ]
    if len(pairs) != 1 or abs(pairs[0][0] - pairs[0][1]) != 1:
        return None
    before, after, at = pairs[0]
    return None if before in _YEARS or _is_date(here[:at].rstrip("/")) else _compared(before, after)


def _numbered(path: str) -> Iterator[tuple[str, int]]:
    """What a path may be a page of, with the page's number: each reading of it."""
    if match := _PATH.search(path):
        yield _bare(path[: match.start()] + path[match.end() :]), int(match[1])
    stem = _SUFFIX.sub("", path.rstrip("/"))
    match = _LAST.search(stem)
    if match and not _is_year(match[1]) and not (match[0][0] == "/" and _is_date(stem[: match.start()])):
        yield _bare(stem[: match.start()]), int(match[1])


def _bare(path: str) -> str:
    return _FIRST.sub("", _SUFFIX.sub("", path.rstrip("/"))).rstrip("/")


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and int(digits) in _YEARS


def _is_date(path: str) -> bool:
    """Whether what stands before a path's last number ends with a year, or a year and a month."""
    segments = path.split("/")[-2:]
    return any(_is_year(segment) for segment in segments if segment.isdecimal())


def _step_of_queries(here: dict[str, str], there: dict[str, str]) -> Step:
    """Numbers of pages decide; a day or month of a calendar, or the number of anything else, is another list."""
    found: list[Step] = []
    for name, value in there.items():
        before = here.get(name)
        if value == before:
            continue
        if _CALENDAR.fullmatch(name):
            return Step(Way.ELSEWHERE)
        found.append(_step_of_values(name, before, value))
    ways = {one.way for one in found}
    if Way.ELSEWHERE in ways and Way.ON not in ways:
        return Step(Way.ELSEWHERE)
    if Way.ON in ways:
        return min((one for one in found if one.way is Way.ON), key=lambda one: one.ahead)
    left = [name for name in here if name not in there and _is_page(name) and _NUMBER.search(here[name])]
    if Way.BACK in ways or left:
        return Step(Way.BACK)
    return Step(Way.BESIDE if ways - {Way.HERE} else Way.HERE)


def _step_of_values(name: str, before: str | None, value: str) -> Step:
    numbers = [int(number) for number in _NUMBER.findall(value[:200]) if len(number) < 10]
    if before is None:
        if _is_page(name) and numbers:
            return Step(Way.ON, _ahead(None, numbers[-1])) if numbers[-1] else Step(Way.HERE)
        return Step(Way.ELSEWHERE if _names_a_thing(name, value) else Way.BESIDE)
    old = [int(number) for number in _NUMBER.findall(before[:200]) if len(number) < 10]
    if _is_page(name) and numbers and not old:
        return Step(Way.ON, _ahead(None, numbers[-1]))
    if numbers and len(old) == len(numbers) and old[:-1] == numbers[:-1] and (_is_page(name) or len(numbers) > 1):
        return _compared(old[-1], numbers[-1])
    if _names_a_thing(name, value) or not (value.isdecimal() and before.isdecimal()):
        return Step(Way.ELSEWHERE if value.isdecimal() else Way.BESIDE)
    return Step(Way.BESIDE if numbers > old else Way.BACK)


def _names_a_thing(name: str, value: str) -> bool:
    """Whether a parameter's number is that of a thing or a year, rather than of a page by a name unheard of."""
    return value.isdecimal() and (_is_year(value) or _THING.fullmatch(name) is not None or len(value) > 5)


def _compared(before: int, after: int) -> Step:
    if before == after:
        return Step(Way.HERE)
    return Step(Way.ON, after - before) if after > before else Step(Way.BACK)


def _ahead(before: int | None, after: int) -> int:
    """How far a number leads from a page that names none: from the first, be it called 0 or 1."""
    return after - (before if before is not None else int(after > 1))


def _is_page(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and _NOT_NAME.fullmatch(name) is None


def _is_under(here: str, there: str) -> bool:
    """Whether a path stands below another, or beside it in a folder; beside it at the root is another section."""
    folder = here.rpartition("/")[0]
    return there.startswith(f"{folder}/" if folder else f"{here}/")


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name:
            yield unquote(name)[-_LONGEST_NAME:], unquote(value)
