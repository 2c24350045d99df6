"""Finds the recipe of a listing in unknown markup: propose, apply, score. Off the hot path."""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Any

from selectolax.lexbor import LexborHTMLParser

from crawler.dates import day_of
from crawler.feed import FeedError, is_feed, read_feed
from crawler.listing import Opened, open_page, read_opened
from crawler.markup import decode
from crawler.nodes import text_of
from crawler.reading import path
from crawler.signs import facts, obstacle
from crawler.text import fold_title
from crawler.urls import shape
from storage.records import FEED, Entry, Listing, Page, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bs4 import BeautifulSoup, Tag
    from selectolax.lexbor import LexborNode

_APPLIED = 24  # proposals that are tried, the most promising first
BELIEVED = 0.42  # the score from which a proposal is believed
_MOST_LISTS = 6  # of one page that are told
_FEWEST, _MOST = 2, 500  # entries of a listing
_MOST_READ = 8_000  # entries that are read of proposals before no further one is tried; then as many to name fields
_MOST_SOUGHT = 500_000  # tags that are searched for the selectors of proposals
_PROVEN = 50  # entries that tell whether a selector is worth trying on all of them
_MOST_TAGS, _MOST_CHARACTERS = 40_000, 2_000_000  # of a page that is explored: its list starts before
_FULL = 10  # entries from which a list counts as a whole one
_LONGEST = 6_000  # characters of what may be an entry at first sight
_TELLING = 25  # characters of a title that is a headline, on average, where no date speaks for the list

_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|footer|breadcrumbs?|sidebar|cookies?|share|social|pager|pagination"
    r"|related|lang|languages?|search|filters?|facets?|tabs?|toolbar|skip|login|banner|carousel"
    r"|slick-dots|popular|trending)(?:$|[\s_-])",
    re.IGNORECASE,
)
_VOLATILE = re.compile(
    r"odd|even|first|last|active|current|sticky|has-.*|(?:category|tag)-.*|.*\d{3,}.*"
    r"|(?:post|node|item|row|page|entry|card|block|format|status|views-row)-\d.*|views-row-.*",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[A-Za-z_][\w-]*")
_DIGITS = re.compile(r"\d+")
_NEVER = frozenset({"html", "body", "head", "option", "select", "label", "input", "img", "br", "th", "form"})
_UNTITLED = frozenset({"p", "div", "span", "li", "td", "dd", "section"})
_YEARLY = re.compile(r"(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}|\bago\b")


class NoListing(Exception):  # noqa: N818 (it is an answer about a page; the name is part of the crawler's contract)
    """The page holds no list of releases that could be found; `reason` is a clause that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A selector of entries, and how much its surroundings speak for it, 0 to 1."""

    entry: str
    place: float


def infer(
    html: bytes | str,
    url: str,
    *,
    encoding: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
) -> Recipe:
    """The recipe of the list on the page at `url`, with its confidence (0 to 1) and the reasons for it.

    Arguments are as for `read_listing`. Raises NoListing, and nothing else, where no list is found: an empty or
    tangled page, one that only scripts fill, a challenge, a login. A feed needs no selectors (`Recipe.is_feed`).
    """
    text = decode(html, encoding)
    if is_feed(text):
        return _fed(text, url)
    trial, ranked = _ranked(text, url, timezone, now)
    return _reasoned(ranked[0], trial)


def infer_all(
    html: bytes | str,
    url: str,
    *,
    encoding: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
) -> list[Recipe]:
    """The recipes of the lists on the page at `url`, best first: that of `infer`, then those it was preferred to.

    Of lists that show mostly the same entries only the best counts; a confidence below `BELIEVED` would not be believed
    alone. Arguments and errors are those of `infer`.
    """
    text = decode(html, encoding)
    if is_feed(text):
        return [_fed(text, url)]
    trial, ranked = _ranked(text, url, timezone, now)
    return [_reasoned(one, trial) for one in _distinct(ranked, trial)]


_Scored = tuple[float, Recipe, Listing]


def _ranked(text: str, url: str, timezone: str | None, now: datetime | None) -> tuple[_Trial, list[_Scored]]:
    """All recipes tried, best first; NoListing where none is believed."""
    if "<" not in text:
        raise NoListing("it holds no markup")
    page = open_page(_start(text), url)
    if page is None:
        raise NoListing("the markup is tangled: it nests deeper, or holds more, than any browser shows")
    trial = _Trial(page, timezone, now)
    scored: list[_Scored] = []
    for proposal in _propose(_soup(_start(text)), page.tree):
        if trial.spent > _MOST_READ:
            break
        recipe = Recipe(proposal.entry)
        listing = trial.apply(recipe)
        scored.append((_score(listing, proposal.place), recipe, listing))
    ranked = sorted(scored, key=lambda s: -s[0])
    if not ranked or ranked[0][0] < BELIEVED:
        raise NoListing(_why_not(text, url))
    return trial, ranked


def _reasoned(found: _Scored, trial: _Trial) -> Recipe:
    score, recipe, listing = found
    named = _named(recipe, listing, trial)
    return replace(named, confidence=round(min(1.0, score), 2), reasons=_reasons(listing))


def _distinct(ranked: list[_Scored], trial: _Trial) -> list[_Scored]:
    """The best recipe of each list: not parts of its entries, nor what is around them, nor the same told twice."""
    kept: list[_Scored] = []
    shown: set[str] = set()
    ids: set[int] = set()
    around: set[int] = set()
    for found in ranked:
        own = {entry.url or fold_title(entry.title) for entry in found[2].entries}
        paths = {node.mem_id: path(node) for node in trial.page.tree.css(found[1].entry)[:_MOST]}
        within = sum(node in around or not ids.isdisjoint(steps) for node, steps in paths.items())
        if found[0] > 0 and 2 * len(own & shown) < len(own) and 2 * within < len(paths) and len(kept) < _MOST_LISTS:
            kept.append(found)
            shown |= own
            ids |= paths.keys()
            around.update(*paths.values())
    return kept


def _fed(text: str, url: str) -> Recipe:
    """The recipe of a feed."""
    try:
        count = len(read_feed(text, url).entries)
    except FeedError as error:
        raise NoListing(error.reason) from error
    if not count:
        raise NoListing("it is a feed without entries")
    return Recipe(FEED, confidence=1.0, reasons=(f"It is a feed, with {count} entries.",))


@dataclass(slots=True)
class _Trial:
    """Recipes being tried on one page, and how many entries were read for it."""

    page: Opened
    timezone: str | None
    now: datetime | None
    spent: int = 0

    def apply(self, recipe: Recipe, most: int = _MOST + 1) -> Listing:
        listing = read_opened(recipe, self.page, timezone=self.timezone, now=self.now, most=most, paged=False)
        self.spent += len(listing.entries)
        return listing


def _start(text: str) -> str:
    """As much of a page as is explored."""
    if text.count("<") <= _MOST_TAGS:
        return text[:_MOST_CHARACTERS]
    at = -1
    for _ in range(_MOST_TAGS):
        at = text.find("<", at + 1)
    return text[: min(at, _MOST_CHARACTERS)]


def _soup(text: str) -> BeautifulSoup:
    # Imported late: it takes 60 ms, and whoever imports the crawler may never infer anything.
    from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning  # noqa: PLC0415 (see above)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # XHTML is often served as HTML
        return BeautifulSoup(text, "lxml")


# Propose: elements that repeat, by the path to them and by the parent they share


def _propose(soup: BeautifulSoup, tree: LexborHTMLParser) -> list[_Proposal]:
    groups: dict[tuple[object, ...], list[Tag]] = defaultdict(list)
    paths: dict[int, tuple[str, ...]] = {}
    places: dict[int, float] = {}
    promise: dict[int, int] = {}
    for tag in soup.find_all(["script", "style", "noscript", "template", "svg"]):
        tag.decompose()
    tags = soup.find_all(True)
    for tag in tags:
        parent = tag.parent
        above = paths.get(id(parent), ())
        paths[id(tag)] = (*above[-6:], _kind_of(tag))
        places[id(tag)] = min(places.get(id(parent), 1.0), _place(tag))
    for tag in tags:
        if tag.name in _NEVER:
            continue
        groups[paths[id(tag)]].append(tag)
        groups[id(tag.parent), tag.name].append(tag)
    sizes = _sizes(soup)
    ranked: list[tuple[float, int, list[Tag]]] = []
    for group in groups.values():
        if _FEWEST <= len(group) <= _MOST:
            total = sum(_look_up(promise, tag, sizes) for tag in group)
            ranked.append((total * places[id(group[0])], len(ranked), group))
    ranked.sort(key=lambda r: (-r[0], r[1]))
    proposals: dict[str, _Proposal] = {}
    tried = min(3 * _APPLIED, max(_APPLIED, _MOST_SOUGHT // len(tags))) if tags else 0
    for weight, _, group in ranked[:tried]:
        selector = _selector(group, tree) if weight else None
        if selector is not None and len(proposals) < _APPLIED:
            proposals.setdefault(selector, _Proposal(selector, places[id(group[0])]))
    return list(proposals.values())


def _classes(tag: Tag) -> list[str]:
    classes = tag.get_attribute_list("class")
    return [c for c in classes if c and _PLAIN.fullmatch(c) and not _VOLATILE.fullmatch(c)]


def _kind_of(tag: Tag) -> str:
    return ".".join([tag.name, *sorted({_DIGITS.sub("", c) for c in _classes(tag)})])


def _place(tag: Tag) -> float:
    """How likely a list of releases stands inside an element: hardly in menus, footers and the like."""
    if tag.name in {"html", "body"}:
        return 1.0
    if tag.name in {"nav", "footer", "aside"} or tag.get("role") in {"navigation", "contentinfo", "search"}:
        return 0.3
    named = f"{' '.join(map(str, tag.get_attribute_list('class')))} {tag.get('id') or ''}"
    return 0.6 if _ASIDE.search(named) else 1.0


def _sizes(soup: BeautifulSoup) -> dict[int, int]:
    """The characters of text in each element, that of its parts included, and one for each piece."""
    sizes: dict[int, int] = defaultdict(int)
    for text in soup.find_all(string=True):
        sizes[id(text.parent)] += len(text.strip()) + 1
    for tag in reversed(soup.find_all(True)):
        sizes[id(tag.parent)] += sizes[id(tag)]
    return sizes


def _look_up(promise: dict[int, int], tag: Tag, sizes: dict[int, int]) -> int:
    if id(tag) not in promise:
        promise[id(tag)] = _promise(tag) if 10 <= sizes[id(tag)] <= 2 * _LONGEST else 0
    return promise[id(tag)]


def _promise(tag: Tag) -> int:
    """How much an element looks like an entry at first sight: a link, text, something like a date, a heading."""
    text = tag.get_text(" ", strip=True)
    if not 10 <= len(text) <= _LONGEST:
        return 0
    link = tag.name == "a" or tag.find("a") is not None or tag.find_parent("a") is not None
    heading = tag.find(["h1", "h2", "h3", "h4", "h5"]) is not None
    return (1 if link else 0) + (3 if _YEARLY.search(text) else 0) + (1 if heading else 0)


def _selector(group: list[Tag], tree: LexborHTMLParser) -> str | None:
    """The shortest selector that finds the group and hardly more, from its own classes and those above it."""
    step: list[Tag] = group
    selector = beneath = ""
    for _ in range(5):
        shared = set.intersection(*(set(_classes(tag)) for tag in step))
        own = ".".join([step[0].name, *(c for c in _classes(step[0]) if c in shared)])
        # One parser puts a tbody between a table and its rows, the other does not.
        selector = f"{own}{' ' if beneath in {'tr', 'tbody'} else ' > '}{selector}" if selector else own
        beneath = step[0].name
        found = len(tree.css(selector))
        if len(group) <= found <= 1.1 * len(group):
            return selector
        above = {id(tag.parent): tag.parent for tag in step if tag.parent is not None}
        step = list(above.values())
        if not step or len({tag.name for tag in step}) > 1 or step[0].name in {"html", "[document]"}:
            return None
        if len(step) == 1 and (name := step[0].get("id")) and _PLAIN.fullmatch(str(name)):
            scoped = f"{step[0].name}#{name} {selector}"
            if len(tree.css(scoped)) == len(group):
                return scoped
    return None


# Score: what comes out


def _score(listing: Listing, place: float) -> float:
    """How much a listing looks like one of releases, 0 to 1."""
    entries = listing.entries
    count = len(entries)
    if not _FEWEST <= count <= _MOST:
        return 0.0
    urls = {entry.url for entry in entries if entry.url}
    titles = {fold_title(entry.title) for entry in entries}
    dated = sum(entry.date is not None for entry in entries) / count
    headlines = sum(len(t) >= 15 or len(t.split()) >= 3 for t in titles) / count
    length = sum(len(entry.title) for entry in entries) / count
    if dated < 0.5 and (count < 3 or length < _TELLING):
        return 0.0
    told = sum(bool(entry.summary) + bool(entry.kind) for entry in entries) / count
    size = min(1.0, log(1 + count) / log(1 + _FULL))
    parts = (
        (0.28, len(urls) / count), (0.32, dated), (0.22, headlines), (0.1, _alike(urls)), (0.04, _descending(entries)),
        (0.04, min(1.0, told)),
    )  # fmt: skip
    return place * size * sum(weight * part for weight, part in parts)


def _alike(urls: set[str]) -> float:
    shapes = Counter(shape(url).rsplit("/", 1)[0] for url in urls)
    return max(shapes.values(), default=0) / max(1, len(urls))


def _descending(entries: tuple[Entry, ...]) -> float:
    """The share of neighbours that stand newest first."""
    days = [day_of(entry.date) for entry in entries if entry.date is not None]
    if len(days) < 2:
        return 0.0
    return sum(a >= b for a, b in pairwise(days)) / (len(days) - 1)


def _reasons(listing: Listing) -> tuple[str, ...]:
    entries = listing.entries
    count = len(entries)
    linked = len({entry.url for entry in entries if entry.url})
    dated = sum(entry.date is not None for entry in entries)
    told = sum(bool(entry.summary) for entry in entries)
    found = [f"{count} entries of one kind of element", f"{linked} of {count} have a link of their own"]
    found.append(f"{dated} of {count} have a date" if dated else "no entry has a date")
    if dated > 1 and _descending(entries) == 1:
        found.append("the dates run from new to old")
    if told:
        found.append(f"{told} of {count} have a summary")
    return tuple(f"{reason}." for reason in found)


# Name the fields: a selector is taken where the listing it gives is the one that was found without


def _named(recipe: Recipe, listing: Listing, trial: _Trial) -> Recipe:
    nodes = trial.page.tree.css(recipe.entry)[:5]
    first = trial.apply(recipe, _PROVEN).entries
    for name in ("title", "date", "kind", "summary", "caption"):
        values = [getattr(entry, name) for entry in listing.entries[:5]]
        for selector in _candidates(nodes, name, values):
            named = _with(recipe, name, selector)
            if trial.spent > 2 * _MOST_READ:
                return recipe
            if trial.apply(named, _PROVEN).entries == first and trial.apply(named).entries == listing.entries:
                recipe = named
                break
    return recipe


def _with(recipe: Recipe, name: str, selector: str) -> Recipe:
    changed: dict[str, Any] = {name: selector}
    return replace(recipe, **changed)


def _candidates(nodes: list[LexborNode], name: str, values: list[object]) -> list[str]:
    """Up to four selectors of elements that hold a field's value, the most frequent first."""
    found: Counter[str] = Counter()
    for node in nodes:
        for element in node.css("*"):
            if element.mem_id == node.mem_id:
                continue
            if name == "title" and element.tag in _UNTITLED and not element.attributes.get("class"):
                continue  # a paragraph that happens to be all of a first sentence is not where titles stand
            text = text_of(element)
            if text and (text in values or (name == "date" and _is_date_of(element, text))):
                found.update(_selectors(element))
    return [selector for selector, _ in found.most_common(4)]


def _is_date_of(element: LexborNode, text: str) -> bool:
    return element.tag == "time" or (len(text) <= 60 and bool(_YEARLY.search(text)))


def _selectors(element: LexborNode) -> Iterator[str]:
    tag = element.tag or ""
    classes = [
        c for c in (element.attributes.get("class") or "").split() if _PLAIN.fullmatch(c) and not _VOLATILE.fullmatch(c)
    ]
    parent = element.parent
    if classes:
        yield f"{tag}.{classes[0]}"
    elif parent is not None and tag == "a" and re.fullmatch(r"h\d", parent.tag or ""):
        yield f"{parent.tag} a"
    else:
        yield tag


def _why_not(text: str, url: str) -> str:
    page = Page(url, "text/html; charset=utf-8", text.encode("utf-8", "replace"))
    shown = facts(page)
    standing = obstacle(shown)
    if standing is not None:
        return f"the page {standing.value}"
    if shown.password and shown.thin:
        return "the page asks to log in"
    if shown.words < 30 and shown.scripts:
        return "the page shows nothing before its scripts run"
    return "no list of releases found on it"
