"""Applies a recipe to a listing page: the hot path."""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from crawler import dates
from crawler.clock import Clock, gather
from crawler.dateline import find_caption, find_date, opening_date, read_dated
from crawler.embedded import as_markup
from crawler.entry import find_kind, find_link, find_summary, skip_read_more
from crawler.habits import Habits
from crawler.markup import decode, is_tangled
from crawler.nodes import Place
from crawler.pager import find_next
from crawler.reading import LONGEST, Dated, Reading
from crawler.runs import gathered
from crawler.sentences import is_read_more
from crawler.text import clean, cut
from crawler.titleline import find_title, of_cell, undated, whole
from storage.records import Entry, Listing, Recipe

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# Rises whenever the same page and recipe may give other entries than before: values read by different versions are
# not compared.
READER_VERSION = 2

_ATTRIBUTE = re.compile(r"(?P<css>.*?)@(?P<attribute>[A-Za-z_][\w:.-]*)\s*", re.DOTALL)
_FIELDS = ("title", "link", "date", "kind", "summary", "caption", "next")
_MOST_ENTRIES = 2_000  # of a page, the topmost: no newsroom lists more on one, and each takes time
_MOST_NODES = 80_000  # of all entries, elements and texts: forty each, if there are so many


class RecipeError(ValueError):
    """A recipe holds something that is no CSS selector; the message names it."""


@dataclass(frozen=True, slots=True)
class _Selector:
    """`css@attribute`; an empty `css` is the entry itself."""

    css: str
    attribute: str | None

    def nodes(self, node: LexborNode) -> list[LexborNode]:
        return node.css(self.css) if self.css else [node]


@dataclass(frozen=True, slots=True)
class _Draft:
    """An entry whose date waits for those of the whole page."""

    title: str
    url: str | None
    dated: Dated
    kind: str | None
    summary: str | None
    caption: str | None


def read_listing(
    recipe: Recipe,
    html: bytes | str,
    url: str,
    *,
    encoding: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
) -> Listing:
    """The listing that a recipe finds on the page at `url`; what the recipe leaves out is read from each entry itself.

    `encoding` is the charset that the server declared, `timezone` the newsroom's (IANA), `now` an aware instant,
    without which a date without a year and a distance ("2 hours ago") stay unread. A match of `entry` inside another
    match is part of it. Raises RecipeError, and nothing else: markup that no browser would show, nested thousands
    deep, has no entries, and neither has what should be a feed (`Recipe.is_feed`) and is none.
    """
    _compiled(recipe)  # a recipe that cannot be applied is told whatever the page is
    if recipe.is_feed:
        return _fed(html, url, encoding=encoding, timezone=timezone, now=now)
    opened = open_page(html, url, encoding)
    return Listing(url, ()) if opened is None else read_opened(recipe, opened, timezone=timezone, now=now)


def _fed(html: bytes | str, url: str, **manner: Any) -> Listing:  # noqa: ANN401 - those of `read_feed`
    from crawler.feed import FeedError, read_feed  # noqa: PLC0415 - most newsrooms are pages

    try:
        return read_feed(html, url, **manner)
    except FeedError:
        return Listing(url, ())


@dataclass(frozen=True, slots=True)
class Opened:
    """A parsed page, its place and its language, to which any number of recipes may be applied."""

    tree: LexborHTMLParser
    place: Place
    url: str
    language: str

    def text(self) -> str:
        """All that the page says, scripts and all."""
        return self.tree.body.text(separator=" ") if self.tree.body is not None else ""


def open_page(html: bytes | str, url: str, encoding: str | None = None) -> Opened | None:
    """Parses the page at `url`; None for markup that no browser would show."""
    text = decode(html, encoding)
    if is_tangled(text):
        return None
    tree = LexborHTMLParser(text)
    root = tree.css_first("html")
    language = clean((root.attributes.get("lang") or root.attributes.get("xml:lang") or "") if root else "").lower()
    base = tree.css_first("base[href]")
    place = Place.of(url, base.attributes.get("href") if base else None, language.replace("_", "-")[:20])
    return Opened(tree, place, url, language)


def read_opened(
    recipe: Recipe,
    page: Opened,
    *,
    timezone: str | None = None,
    now: datetime | None = None,
    most: int = _MOST_ENTRIES,
    paged: bool = True,
) -> Listing:
    """The listing that a recipe finds on a parsed page, as `read_listing` does, of its `most` topmost entries.

    Unless `paged`, the next page is not looked for.
    """
    if recipe.data is not None:
        return _embedded(recipe, page, timezone=timezone, now=now, most=most, paged=paged)
    selectors = _compiled(recipe)
    nodes = _outermost(page.tree.css(selectors["entry"].css))[:most]
    with gathered(page.tree, nodes) if recipe.runs_on else nullcontext(nodes) as found:
        habits = Habits(found, page.place.language)
        read = _drafts([Reading(node, page.place, habits=habits) for node in found], selectors)
        drafts = [draft for _, draft in read]
        told = gather([(draft.dated, draft.url) for draft in drafts], [node for node, _ in read], page.place.language)
    clock = Clock(recipe.date_format, page.language, page.place.host, timezone, now)
    entries = tuple(
        Entry(
            draft.title, draft.url, printed.value, draft.kind, draft.summary, draft.caption, position, printed.relative
        )
        for position, (draft, printed) in enumerate(zip(drafts, clock.read(told, page.text), strict=True))
    )
    if not paged:
        return Listing(page.url, entries)
    pager = selectors.get("next")
    named = (pager.css, pager.attribute or "href") if pager else None
    own = {entry.url for entry in entries if entry.url}
    return Listing(page.url, entries, find_next(page.tree, named, page.place, page.url, own))


def _embedded(recipe: Recipe, page: Opened, *, paged: bool, **manner: Any) -> Listing:  # noqa: ANN401 - as above
    """The listing of the objects in a page's scripts, read from markup that says the same."""
    tree = LexborHTMLParser(f"<body>{as_markup(recipe, page.tree)}")
    plain = Recipe("article", "h2", "a", "time", recipe.date_format, ".kind", "p")
    listing = read_opened(plain, replace(page, tree=tree), paged=False, **manner)
    own = {entry.url for entry in listing.entries if entry.url}
    pager = _compiled(recipe).get("next")
    named = (pager.css, pager.attribute or "href") if pager else None
    return replace(listing, next=find_next(page.tree, named, page.place, page.url, own) if paged else None)


@lru_cache(maxsize=256)
def _compiled(recipe: Recipe) -> dict[str, _Selector]:
    """The recipe's selectors by field, each tried on an empty page."""
    trial = LexborHTMLParser("<p>")
    selectors = {}
    if recipe.is_feed and (named := next((name for name in _FIELDS if getattr(recipe, name) is not None), None)):
        raise RecipeError(f"the recipe's {named} selector has nothing to select in a feed; leave it out")
    for name in ("entry", *_FIELDS) if recipe.data is None else ("entry", "next"):
        written = getattr(recipe, name)
        if written is None:
            continue
        match = _ATTRIBUTE.fullmatch(written)
        selector = (
            _Selector(match["css"].strip(), match["attribute"].lower()) if match else _Selector(written.strip(), None)
        )
        if not selector.css and (selector.attribute is None or name in {"entry", "next"}):
            raise RecipeError(f"the recipe's {name} selector {written!r} names no element")
        try:
            trial.css(selector.css or "p")
        except (SelectolaxError, UnicodeEncodeError, ValueError):
            raise RecipeError(f"the recipe's {name} selector {written!r} is not a CSS selector") from None
        selectors[name] = selector
    return selectors


def _outermost(nodes: list[LexborNode]) -> list[LexborNode]:
    """The matches that stand in no other match, in page order."""
    if len(nodes) < 2:
        return nodes
    inside: set[int] = set()  # matches, and what stands in them on the way to a match
    outside: set[int] = set()
    kept = []
    for node in nodes:
        path = []
        step = node.parent
        while step is not None and step.mem_id not in inside and step.mem_id not in outside:
            path.append(step.mem_id)
            step = step.parent
        if step is not None and step.mem_id in inside:
            inside.update(path)
        else:
            outside.update(path)
            kept.append(node)
        inside.add(node.mem_id)
    return kept


def _drafts(readings: list[Reading], selectors: dict[str, _Selector]) -> list[tuple[LexborNode, _Draft]]:
    """What each entry says, and its node, as far down the page as anybody's list goes on."""
    read, size = [], 0
    for one in readings:
        draft = _read(one, selectors)
        if draft is not None:
            read.append((one.node, draft))
        size += one.size
        if size > _MOST_NODES:
            break
    return read


def _read(reading: Reading, selectors: dict[str, _Selector]) -> _Draft | None:
    """One entry: each field by its selector, else from itself; None for what is none: a table's head, an empty row."""
    node = reading.node
    if node.tag == "tr" and node.css_first("td") is None:
        return None
    dated, date_node = _date(reading, selectors.get("date"))
    if date_node is not None:
        reading.used.add(date_node.mem_id)
    title, reading.title_node = _text(reading, selectors.get("title"), LONGEST["title"])
    caption, caption_node = _text(reading, selectors.get("caption"), LONGEST["caption"])
    if caption_node is not None:
        reading.used.add(caption_node.mem_id)
    caption = caption or find_caption(reading, date_node)
    if not title:
        found, reading.title_node = find_title(reading, _story(reading, selectors.get("summary")))
        title = cut(clean(found), LONGEST["title"])
    else:
        title = _titled(reading, title, selectors["title"])
    if not title:
        return None
    title = undated(cut(whole(reading, title), LONGEST["title"]), reading.place.language, dated.text)
    if reading.title_node is not None:
        reading.used.add(reading.title_node.mem_id)
    url = _link(reading, selectors.get("link")) or find_link(reading, title)
    kind, kind_node = _text(reading, selectors.get("kind"), LONGEST["kind"])
    if kind_node is not None:
        reading.used.add(kind_node.mem_id)
    kind = kind or find_kind(reading, title)
    summary = _summary(reading, selectors.get("summary")) or find_summary(reading, title)
    return _Draft(title, url, dated, kind, summary, caption)


def _titled(reading: Reading, title: str, selector: _Selector) -> str:
    """What a selector of titles found, without what a list puts beside them."""
    node = reading.title_node
    if node is not None and node.tag in {"td", "th"} and selector.attribute is None:
        title = of_cell(reading, node) or title
    return undated(cut(whole(reading, title), LONGEST["title"]), reading.place.language)


def _text(reading: Reading, selector: _Selector | None, limit: int) -> tuple[str | None, LexborNode | None]:
    """The first text that a selector finds, and its node."""
    for node in selector.nodes(reading.node) if selector else ():
        text = _value(reading, node, selector)
        if text:
            return cut(text, limit), node
    return None, None


def _value(reading: Reading, node: LexborNode, selector: _Selector | None) -> str:
    if selector is not None and selector.attribute is not None:
        return clean(node.attributes.get(selector.attribute) or "")
    return reading.text(node)


def _date(reading: Reading, selector: _Selector | None) -> tuple[Dated, LexborNode | None]:
    """What the selector finds: the first match that holds a date, else the first at all; else what the entry shows."""
    first: tuple[Dated, LexborNode] | None = None
    for node in selector.nodes(reading.node) if selector else ():
        if selector is not None and selector.attribute is None:
            own = read_dated(node, reading) or opening_date(node, reading)
            if own is not None:
                return own, node
        text = _value(reading, node, selector)
        if dates.span(text, language=reading.place.language):
            return Dated(text), node
        first = first or (Dated(text), node)
    if first is not None and first[0].text:
        return first
    return find_date(reading)


def _link(reading: Reading, selector: _Selector | None) -> str | None:
    for node in selector.nodes(reading.node) if selector else ():
        name = selector.attribute if selector and selector.attribute else "href"
        url = reading.place.link(node.attributes.get(name))
        if url is None and selector is not None and selector.attribute is None:
            url = reading.link_in(node)
        if url is not None:
            return url
    return None


def _summary(reading: Reading, selector: _Selector | None) -> str | None:
    """The texts of all matches, outermost, without title, date, caption and "read more"."""
    if selector is None:
        return None
    skip_read_more(reading)
    nodes = _outermost(selector.nodes(reading.node))
    texts = [_value(reading, node, selector) if selector.attribute else _told(reading, node) for node in nodes]
    return cut(" ".join(filter(None, texts)), LONGEST["summary"]) or None


def _story(reading: Reading, selector: _Selector | None) -> list[str]:
    """The lines in which the recipe says the story is told: the first sentence is sought there first."""
    nodes = _outermost(selector.nodes(reading.node)) if selector and selector.attribute is None else []
    return [line.text for node in nodes for line in reading.lines(node)]


def _told(reading: Reading, node: LexborNode) -> str:
    return " ".join(line.text for line in reading.lines(node) if not is_read_more(line.text))
