"""How much what a proposed recipe yields looks like a newsroom's list of releases."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from crawler.dates import day_of
from crawler.grouping import FEWEST, FULL, MOST, measured
from crawler.headlines import headline
from crawler.nodes import address
from crawler.text import fold_title
from crawler.trial import PROOF
from crawler.urls import canonical, shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.grouping import Group
    from crawler.outline import Outline
    from storage.records import Entry, Listing


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a list, each from 0 to 1.

    `size`: as many entries as a whole page of them; `dated`, `linked`, `titled`: the share of entries with a date, a
    link, a title that no other has; `headlines`: how much the titles read like some; `text`, `dates`: the share of the
    page's text and dates that stands in the entries; `order`: how many more neighbours than by chance stand newest
    first; `place`: no menu, no margin; `alike`: links under one folder; `told`: entries with a summary; `single`: the
    group was read whole, its headlines are all told, and no entry holds two.
    """

    size: float
    dated: float
    linked: float
    titled: float
    headlines: float
    text: float
    dates: float
    order: float
    place: float
    alike: float
    told: float
    single: float


_HEADLINE = 15  # characters of a link that is a headline
_TELLING = 25  # characters of a title that is a headline, on average, where no date speaks for the list

# What each sign counts for. Found by comparing, page by page, what the best proposal shows with what the others show
# (benchmarks/listing.py), and rounded: the order of proposals hardly depends on the last digit.
WEIGHTS = Signs(
    size=1.2, dated=1.8, linked=2.2, titled=0.5, headlines=0.8, text=0.2, dates=0.5, order=1.2, place=0.5, alike=1.2,
    told=0.1, single=1.2,
)  # fmt: skip


def score(shown: Signs) -> float:
    """How much the signs speak for a list of releases, 0 to 1, compared with others of the page."""
    weights = astuple(WEIGHTS)
    return float(sum(w * s for w, s in zip(weights, astuple(shown), strict=True)) / sum(weights))


def trust(shown: Signs, listing: Listing) -> float:
    """How far a list may be believed in, 0 to 1: one without dates only where it is no menu and tells something."""
    undated = 1 - min(1.0, 2 * shown.dated)
    length = sum(len(entry.title) for entry in listing.entries) / len(listing.entries)
    telling = max(min(1.0, length / _TELLING), shown.told)
    return score(shown) * (1 - undated * (1 - shown.place * telling))


def signs(listing: Listing, group: Group, page: Outline, language: str, most: int) -> Signs | None:
    """The signs of a listing that was read from a group's `most` topmost elements; None for what is no list."""
    found = signs_of_data(listing, language)
    if found is None:
        return None
    chars, dates, headings = (measured(page, group, what) for what in ("chars", "dates", "headings"))
    whole = min(1.0, len(listing.entries) / min(len(dates), most))  # what of the group was read as entries at all
    told = _told(listing, group, page)
    shown = min(1.0, sum(dates) / max(1, page.inside("dates", 0)))
    return replace(
        found,
        linked=told * found.linked,
        text=whole * min(1.0, sum(chars) / max(1, page.inside("chars", 0))),
        dates=whole * (shown if sum(dates) else found.dated / 2),  # those of headings stand between the entries
        place=page.elements[group.members[0]].place,
        single=whole * told * sum(d <= 2 and h <= 2 for d, h in zip(dates, headings, strict=True)) / len(dates),
    )


def _told(listing: Listing, group: Group, page: Outline) -> float:
    """The share of the group's headlines that lead where the entries lead, and are some entry's."""
    urls = {entry.url for entry in listing.entries if entry.url}
    folders = Counter(map(folder, urls))
    if not folders:
        return 1.0
    usual = max(folders, key=lambda one: folders[one])
    known = {canonical(url) for url in urls}
    hrefs = {href for start, end in group.extents[: len(listing.entries)] for href in page.links(start, end, _HEADLINE)}
    inside = {address(href, listing.url) or "" for href in hrefs}
    alike = {canonical(url) for url in inside if url and folder(url) == usual}
    return len(alike & known) / len(alike) if alike else 1.0


def signs_of_data(listing: Listing, language: str) -> Signs | None:
    """The signs of a listing by its entries alone, as if it were all of its page; None for what is no list."""
    entries = listing.entries
    count = len(entries)
    if not FEWEST <= count <= MOST:
        return None
    urls = {entry.url for entry in entries if entry.url}
    return Signs(
        size=min(1.0, log(1 + count) / log(1 + FULL)),
        dated=sum(entry.date is not None for entry in entries) / count,
        linked=len(urls) / count,
        titled=len({fold_title(entry.title) for entry in entries}) / count,
        headlines=sum(headline(entry.title, language) for entry in entries) / count,
        text=1.0,
        dates=1.0,
        order=max(0.0, 2 * descending(entries) - 1),  # half of all neighbours stand so by chance
        place=1.0,
        alike=alike(urls),
        told=sum(entry.summary is not None for entry in entries) / count,
        single=1.0,
    )


def descending(entries: Sequence[Entry]) -> float:
    """The share of neighbours that stand newest first."""
    days = [day_of(entry.date) for entry in entries if entry.date is not None]
    if len(days) < 2:
        return 0.0
    return sum(a >= b for a, b in pairwise(days)) / (len(days) - 1)


def alike(urls: set[str]) -> float:
    """The share of addresses that lead under one folder."""
    shapes = Counter(map(folder, urls))
    return max(shapes.values(), default=0) / max(1, len(urls))


@lru_cache(maxsize=8192)
def folder(url: str) -> str:
    """What an address leads under: its shape without the last step."""
    return shape(url).rsplit("/", 1)[0]


def reasons(listing: Listing, where: str = "of element") -> tuple[str, ...]:
    """What speaks for a listing of so many entries or more, in sentences; `where` completes "one kind"."""
    entries = listing.entries
    count = len(entries)
    linked = len({entry.url for entry in entries if entry.url})
    dated = sum(entry.date is not None for entry in entries)
    told = sum(bool(entry.summary) for entry in entries)
    least = "at least " if count == PROOF else ""
    found = [f"{least}{count} entries of one kind {where}", f"{linked} of {count} have a link of their own"]
    found.append(f"{dated} of {count} have a date" if dated else "no entry has a date")
    if dated > 1 and descending(entries) == 1:
        found.append("the dates run from new to old")
    if told:
        found.append(f"{told} of {count} have a summary")
    return tuple(f"{reason}." for reason in found)
