"""Explains a listing: which element of its entry each value stands in, and whether the recipe's selector names it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler import dates
from crawler.listing import open_page
from crawler.nodes import address, text_of
from crawler.reading import path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from selectolax.lexbor import LexborNode

    from crawler.listing import Opened
    from storage.records import Entry, Listing, Recipe

_FIELDS = ("title", "link", "date", "kind", "summary", "caption")
_STAMPS = ("datetime", "content", "data-date", "data-time", "title")
_ATTRIBUTE = re.compile(r"@[A-Za-z_][\w:.-]*\s*$")
_TELLING = 60  # characters at the start of a long value by which its element is known
_MOST_ELEMENTS = 200  # of an entry that are looked at
_MOST_STEPS = 3  # of a path that are told, the innermost


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands in its entry: `where` is a path of elements, empty for outside of it or not one place.

    `by_recipe`: a selector of the recipe names it; else it was found without one.
    """

    where: str
    by_recipe: bool


def sources(
    recipe: Recipe, html: bytes | str, url: str, listing: Listing, *, encoding: str | None = None, now: datetime
) -> tuple[Mapping[str, Source], ...]:
    """For each entry of a listing that the recipe read from a page, the source of each field it has.

    The fields are called as in a recipe. Of a feed, or of data in a script, which have no elements to name, there is
    nothing to tell.
    """
    page = None if recipe.is_feed or recipe.data is not None else open_page(html, url, encoding)
    if page is None:
        return tuple({} for _ in listing.entries)
    nodes = _entries(page, recipe)
    found = []
    for entry in listing.entries:
        node = next((one for one in nodes if _shows(one, entry, page)), None)
        found.append({} if node is None else dict(_explained(recipe, entry, node, page, now)))
    return tuple(found)


def _entries(page: Opened, recipe: Recipe) -> Iterator[LexborNode]:
    """The outermost matches, in page order."""
    seen: set[int] = set()
    for node in page.tree.css(recipe.entry):
        if seen.isdisjoint(path(node) - {node.mem_id}):
            seen.add(node.mem_id)
            yield node


def _shows(node: LexborNode, entry: Entry, page: Opened) -> bool:
    if entry.url is not None and any(_leads(a, page) == entry.url for a in _links(node)):
        return True
    return _start(entry.title) in text_of(node)


def _explained(
    recipe: Recipe, entry: Entry, node: LexborNode, page: Opened, now: datetime
) -> Iterator[tuple[str, Source]]:
    inside = [node, *(one for one in node.css("*")[:_MOST_ELEMENTS] if one.mem_id != node.mem_id)]
    texts = [(one, text_of(one)) for one in inside]
    for field in _FIELDS:
        value = entry.url if field == "link" else getattr(entry, field)
        if value is None:
            continue
        element, attribute = _element(field, entry, node, page, now, texts)
        if element is None:
            yield field, Source("", by_recipe=False)
            continue
        selector = getattr(recipe, field) or (
            recipe.title if field == "link" else None
        )  # a link defaults to the title's
        named = [] if selector is None else _matches(node, selector)
        own = any(one.mem_id in path(element) or element.mem_id in path(one) for one in named)
        yield field, Source(_told(element, node) + attribute, by_recipe=own)


def _matches(node: LexborNode, selector: str) -> list[LexborNode]:
    css = _ATTRIBUTE.sub("", selector).strip()
    return node.css(css) if css else [node]


def _element(
    field: str, entry: Entry, node: LexborNode, page: Opened, now: datetime, texts: list[tuple[LexborNode, str]]
) -> tuple[LexborNode | None, str]:
    """The smallest element that holds a field, and its attribute where it stands in one."""
    if field == "link":
        return next(((a, "@href") for a in _links(node) if _leads(a, page) == entry.url), (None, ""))
    if field == "date" and entry.date is not None:
        day = dates.day_of(entry.date)
        for one, _ in texts:
            for name in _STAMPS:
                if (stamp := one.attributes.get(name)) and _says(stamp, day, page, now):
                    return one, f"@{name}"
        return _smallest([(one, text) for one, text in texts if _says(text, day, page, now)]), ""
    value = _start(str(getattr(entry, field)))
    return _smallest([(one, text) for one, text in texts if value in text]), ""


def _smallest(held: list[tuple[LexborNode, str]]) -> LexborNode | None:
    """The element with the shortest text, of equal ones the innermost."""
    return min(reversed(held), key=lambda one: len(one[1]), default=(None, ""))[0]


def _says(text: str, day: object, page: Opened, now: datetime) -> bool:
    value = dates.parse(text, language=page.language, now=now).value
    return value is not None and dates.day_of(value) == day


def _links(node: LexborNode) -> Iterator[LexborNode]:
    """The links in an entry, and the one around it."""
    if node.tag == "a":
        yield node
    yield from node.css("a[href]")
    above = node.parent
    while above is not None and above.tag not in {None, "body", "html"}:
        if above.tag == "a":
            yield above
        above = above.parent


def _leads(a: LexborNode, page: Opened) -> str | None:
    return address(a.attributes.get("href"), page.place.base)


def _start(value: str) -> str:
    return value.removesuffix("…")[:_TELLING]


def _told(element: LexborNode, node: LexborNode) -> str:
    """The path to an element from its entry: each step its tag and first class."""
    steps: list[str] = []
    step: LexborNode | None = element
    while step is not None and step.mem_id != node.mem_id and step.tag not in {None, "body", "html"}:
        classes = (step.attributes.get("class") or "").split()
        steps.append(f"{step.tag}.{classes[0]}" if classes else str(step.tag))
        step = step.parent
    if step is None or step.mem_id != node.mem_id:
        return f"the {element.tag} around it"
    return " > ".join(reversed(steps[:_MOST_STEPS])) or "the entry itself"
