"""Finds the feeds of a newsroom, and tells whether one is really this newsroom's, by what both show. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.chronology import day_of, pinned
from crawler.listing import open_page
from crawler.nodes import brief
from crawler.text import LIKE_TITLE, clean, cut, fold_title, similar
from crawler.urls import canonical, same_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from selectolax.lexbor import LexborNode

    from crawler.listing import Opened
    from storage.records import Entry, Listing

_TYPES = re.compile(
    r"(?:application/(?:(?:rss|atom|rdf)\+xml|feed\+json|json)|text/(?:rss|atom)(?:\+xml)?)\s*(?:;|$)", re.IGNORECASE
)
_LIKE_A_FEED = re.compile(
    r"(?:^|[/._=-])rss\d*(?:$|[/._?&=-])|(?:^|[/.=])(?:feeds?|atom|rdf)(?:$|[/.?&])",
    re.IGNORECASE,
)
_NOT_ITS_LIST = re.compile(
    r"(?:^|[\W_])(?:comments?|kommentare?|commentaires?|comentarios?|commenti|replies|podcasts?|oembed|wp-json)(?:$|[\W_])",
    re.IGNORECASE,
)
# Where systems keep them: below a section (WordPress, Hugo and other makers of static sites), then for the whole site.
_BELOW = ("feed/", "rss.xml", "index.xml", "rss")
_AT_ROOT = ("/feed/", "/rss.xml", "/feed.xml", "/news-sitemap.xml")
_MOST_LINKS = 2_000  # links of a page that are looked at
_MOST_OFFERS = 20
_LABEL = 40  # characters: a longer text is a headline
_LONGEST_NAME = 200

# A feed is this newsroom's when, over the time that both cover, each shows at least so much of what the other shows.
# Below it, of ten entries, two may be missing: one that is kept at the top of the page alone, and one that a cache
# of the feed (usually an hour old) lacks. A site's whole feed holds mostly what the page does not, one of a subsection
# lacks most of what it does: both fall far below.
PROVEN_SHARE = 0.8
# Two releases may be in both by chance: a site's latest news is often its newest release as well.
FEWEST_SHARED = 3


class Way(StrEnum):
    """How the address of a feed was found."""

    DECLARED = "declared"  # link rel=alternate in the page's head
    LINKED = "linked"  # a link or icon on the page
    GUESSED = "guessed"  # a place where many sites have one


@dataclass(frozen=True, slots=True)
class Offer:
    """The address of what may be a feed, its name where it is given, and how it was found."""

    url: str
    title: str
    way: Way


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a feed and a page show of each other over the time that both cover.

    `shared` counts the entries in both, `by_address` those known by it, not by title; `of_page` and `of_feed` are the
    shares of the page's entries that are in the feed, and of the feed's that are on the page.
    """

    shared: int
    of_page: float
    of_feed: float
    by_address: int = 0

    @property
    def proven(self) -> bool:
        """Whether the feed is that of the page's list."""
        return self.shared >= FEWEST_SHARED and min(self.of_page, self.of_feed) >= PROVEN_SHARE


def feeds_of(html: bytes | str, url: str, *, encoding: str | None = None) -> tuple[Offer, ...]:
    """The feeds that the page at `url` offers, those likelier to be its list's first; not those of comments.

    Likelier are those it declares, then those it links to; among these, those that stand below the page's own address.
    """
    page = open_page(html, url, encoding)
    if page is None:
        return ()
    found: dict[str, Offer] = {}
    for offer in (*_declared(page), *_linked(page)):
        if not _NOT_ITS_LIST.search(f"{offer.url} {offer.title}"):
            found.setdefault(canonical(offer.url), offer)
    found.pop(canonical(url), None)
    order = list(Way)
    ranked = sorted(found.values(), key=lambda o: (order.index(o.way), -_nearness(o.url, url)))
    return tuple(ranked[:_MOST_OFFERS])


def usual_places(url: str) -> tuple[Offer, ...]:
    """Addresses at which a newsroom at `url` may have a feed, the likeliest first."""
    parts = urlsplit(url)
    base = f"{parts.scheme}://{parts.netloc}"
    folder, _, last = parts.path.rpartition("/")
    own = (folder if "." in last else parts.path.rstrip("/")) + "/"
    below = [base + own + name for name in _BELOW] if own != "/" else []
    places = dict.fromkeys([*below[:2], base + _AT_ROOT[0], *below[2:], *(base + name for name in _AT_ROOT[1:])])
    return tuple(Offer(place, "", Way.GUESSED) for place in places)


def _declared(page: Opened) -> Iterator[Offer]:
    for node in page.tree.css("link[rel~=alternate i][href]")[:_MOST_LINKS]:
        target = page.place.link(node.attributes.get("href"))
        if target is not None and _TYPES.match((node.attributes.get("type") or "").strip()):
            yield Offer(target, clean(node.attributes.get("title") or ""), Way.DECLARED)


def _linked(page: Opened) -> Iterator[Offer]:
    """Links and icons that look like a feed's, by their type or address; not headlines about feeds."""
    for node in page.tree.css("a[href]")[:_MOST_LINKS]:
        target = page.place.link(node.attributes.get("href"))
        if target is None:
            continue
        parts = urlsplit(target)
        telling = f"{parts.path}?{parts.query}" if same_site(target, page.url) else parts.netloc
        typed = _TYPES.match((node.attributes.get("type") or "").strip()) is not None
        if not typed and not _LIKE_A_FEED.search(telling):
            continue
        text = clean(brief(node, 2 * _LABEL))
        if typed or len(text) <= _LABEL:
            yield Offer(target, _name(node, text), Way.LINKED)


def _name(node: LexborNode, text: str) -> str:
    """What a link or icon calls its feed: its title, else its text, else the words of its picture."""
    picture = node.css_first("img[alt]")
    names = (node.attributes.get("title"), text, picture.attributes.get("alt") if picture else None)
    return cut(next((name for name in (clean(one or "") for one in names) if name), ""), _LONGEST_NAME)


def _nearness(feed: str, url: str) -> int:
    """How many leading parts of their paths two addresses share."""
    mine, theirs = (urlsplit(one).path.strip("/").split("/") for one in (feed, url))
    return next((i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs)))


def overlap(feed: Listing, page: Listing, *, same: Callable[[Entry, Entry], bool] | None = None) -> Overlap:
    """How far a feed and a page show the same releases, by canonical address, else by a title that both have once.

    `same` tells whether two entries at one address are one release; without it their titles must be alike by half.

    Compared is the time that both cover: neither has to show what is older than the other's last entry. Lists without
    dates are compared from the top, as far as the shorter one reaches.
    """
    pairs = _pairs(feed.entries, page.entries, same or _same)
    in_feed, on_page = {i for i, _ in pairs}, {j for _, j in pairs}
    due_feed, due_page = _due(feed.entries, page.entries), _due(page.entries, feed.entries)
    return Overlap(
        shared=len(pairs),
        of_page=_share(due_page, on_page),
        of_feed=_share(due_feed, in_feed),
        by_address=sum(_at_one_address(feed.entries[i], page.entries[j]) for i, j in pairs),
    )


def _share(due: set[int], shared: set[int]) -> float:
    return len(due & shared) / len(due) if due else 0.0


def _due(entries: Sequence[Entry], other: Sequence[Entry]) -> set[int]:
    """Indices of the entries that the other list must show: all that are newer than its last one."""
    oldest = _oldest(other)
    days = [day_of(entry) for entry in entries]
    if oldest is None or sum(day is not None for day in days) * 2 < len(days):
        return set(range(min(len(entries), len(other))))
    kept = pinned(entries)
    due = {i for i, day in enumerate(days) if day is not None and day > oldest and i not in kept}
    if not due:  # all of one day
        due = {i for i, day in enumerate(days) if day == oldest}
    return due


def _oldest(entries: Sequence[Entry]) -> date | None:
    """The day of the last entry in order; None where fewer than half have a date."""
    kept = pinned(entries)
    days = [day for i, entry in enumerate(entries) if (day := day_of(entry)) is not None and i not in kept]
    return min(days) if 2 * len(days) > len(entries) else None


def _pairs(feed: Sequence[Entry], page: Sequence[Entry], same: Callable[[Entry, Entry], bool]) -> list[tuple[int, int]]:
    """Which entry of the feed is which one of the page, each at most once."""
    at: dict[str, int] = {}
    for j, entry in enumerate(page):
        if entry.url:
            at.setdefault(canonical(entry.url), j)
    own, titled = _unique_titles(feed), _unique_titles(page)
    pairs: dict[int, int] = {}  # of the page, of the feed
    for i, entry in enumerate(feed):
        found = at.get(canonical(entry.url)) if entry.url else None
        if found is None or not same(entry, page[found]):
            title = fold_title(entry.title)
            found = titled.get(title) if own.get(title) == i else None
            if found is not None and not _about_the_same_day(entry, page[found]):
                found = None
        if found is not None:
            pairs.setdefault(found, i)
    return [(i, j) for j, i in pairs.items()]


def _at_one_address(a: Entry, b: Entry) -> bool:
    return a.url is not None and b.url is not None and canonical(a.url) == canonical(b.url)


def _about_the_same_day(a: Entry, b: Entry) -> bool:
    """Whether the dates of two entries allow for one release: they may be told in different zones."""
    one, other = day_of(a), day_of(b)
    return one is None or other is None or abs((one - other).days) <= 1


def _unique_titles(entries: Sequence[Entry]) -> dict[str, int]:
    folded = [fold_title(entry.title) for entry in entries]
    times = Counter(folded)
    return {title: i for i, title in enumerate(folded) if title and times[title] == 1}


def _same(a: Entry, b: Entry) -> bool:
    """Whether two entries at one address are the same release, not a comment on it: that has a fragment, or a title."""
    one, other = fold_title(a.title), fold_title(b.title)
    if one == other:
        return True
    anchored = bool(urlsplit(a.url or "").fragment)
    return not anchored and (similar(a.title, b.title) >= LIKE_TITLE or one.startswith(other) or other.startswith(one))
