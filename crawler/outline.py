"""A page as `infer` sees it: every element once, in page order, with what stands in it counted."""

from __future__ import annotations

import re
import warnings
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from crawler.dates import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import Tag
    from bs4.element import NavigableString
    from selectolax.lexbor import LexborHTMLParser, LexborNode

UNSEEN = ["script", "style", "template", "noscript", "svg"]  # what is taken out of a page before it is explored

_PLAIN = re.compile(r"[A-Za-z_][\w-]*")
# Names that differ from release to release, from visit to visit or from build to build.
_VOLATILE = re.compile(
    r"(?:.*[_-])?(?:odd|even|alt|first|last|active|current|selected|collapsed|expanded|show|hide|hidden|sticky)|has-.*"
    r"|(?:category|tag|author)-.*|.*\d{3,}.*|(?:post|node|item|row|page|entry|card|block|format|status|views-row)-\d.*"
    r"|views-row-.*|wow|animated|css-\w+|sc-\w+|jss\d+|_\w+"  # what follows are the names of builds
    r"|.+_(?-i:(?=\w*\d|\w+[A-Z])[A-Za-z0-9-]{5,})|(?=\w*\d)(?=\w*[a-z])\w{6,}\d\w*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|footer|breadcrumbs?|sidebar|cookies?|share|social|pager"
    r"|pagination|related|lang|languages?|search|filters?|facets?|tabs?|toolbar|skip|login|banner|carousel"
    r"|slick-dots|popular|trending)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ROLES = frozenset({"navigation", "contentinfo", "search", "complementary", "banner"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LEADS = re.compile(r"\s*(?!#|javascript:|mailto:|tel:|data:)\S", re.IGNORECASE)
# What a date looks like before anyone asks which it is: a day near a year, a numeric date, a distance.
_DATELIKE = re.compile(
    r"\d{1,2}\D{1,14}(?:19|20)\d\d|(?:19|20)\d\d\D{1,4}\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2}|\bago\b", re.IGNORECASE
)
_YEARLESS = re.compile(r"(?=.*\d)(?=.*[^\W\d_]{3}).{5,16}")
_LONGEST_DATED = 400  # characters of text in which a date is looked for: that of an entry opens or closes it
_STAMPED = ("datetime", "data-date", "data-time", "data-timestamp", "data-published")


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the page: its number in page order, its parent's, the number after the last one inside it.

    `kind` is its tag with the classes that the template gave it; `place` how likely a list of releases stands in it.
    """

    at: int
    parent: int
    tag: str
    classes: tuple[str, ...]
    name: str | None
    kind: str
    place: float
    href: str | None  # where it leads, if it is a link that leads anywhere
    around: str | None  # the same of the nearest link that it is, or stands in


@dataclass(slots=True)
class Outline:
    """All elements of a page, and what stands in them and between them: characters, dates, links, headings."""

    elements: list[Element]
    ends: list[int]
    nodes: list[LexborNode]
    numbers: dict[int, int]  # an element's number by the `mem_id` of its node
    found: dict[str, frozenset[int]]  # what selectors find, for whoever asks twice
    _links: list[int]
    _inside: dict[str, list[int]]  # what stands before each element, by the element it stands in
    _along: dict[str, list[int]]  # the same, by the element that began last

    def inside(self, what: str, at: int) -> int:
        """How much of `what` (chars, dates, links, headings) stands in an element."""
        total = self._inside[what]
        return total[self.ends[at]] - total[at]

    def between(self, what: str, start: int, end: int) -> int:
        """How much of `what` stands from one element's start to another's, text between them included."""
        total = self._along[what]
        return total[end] - total[start]

    def first_link(self, start: int, end: int) -> str | None:
        """Where the first link from one element to another leads, as written."""
        place = bisect_left(self._links, start)
        return self.elements[self._links[place]].href if place < len(self._links) and self._links[place] < end else None

    def links(self, start: int, end: int, chars: int) -> Iterator[str]:
        """Where the links of so many characters from one element to another lead, as written."""
        for at in self._links[bisect_left(self._links, start) : bisect_left(self._links, end)]:
            if self.inside("chars", at) >= chars:
                yield self.elements[at].href or ""

    def holds(self, outer: int, inner: int) -> bool:
        """Whether one element is another, or stands in it."""
        return outer <= inner < self.ends[outer]


def outline(tree: LexborHTMLParser, language: str) -> Outline:
    """Explores a page that the reader's parser has parsed; the tree must be without what is UNSEEN."""
    elements: list[Element] = []
    numbers: dict[int, int] = {}
    inside, along = _Marks(), _Marks()
    for part in _parts(tree.html or ""):
        above = numbers.get(id(part.parent), -1)
        if isinstance(part, str):
            _mark_text(part, above, len(elements) - 1, inside, along, language)
            continue
        numbers[id(part)] = len(elements)
        element = _element(len(elements), part, elements[above] if above >= 0 else None)
        elements.append(element)
        for marks in (inside, along):
            _mark(element, part, marks)
    nodes = tree.css("*")
    alike = next(
        (i for i, (e, n) in enumerate(zip(elements, nodes, strict=False)) if e.tag != (n.tag or "").lower()),
        min(len(elements), len(nodes)),
    )  # a text that only one of the two parsers takes for markup parts them: what they agree on stands before it
    elements, nodes = elements[:alike], nodes[:alike]
    return Outline(
        elements,
        _ends(elements),
        nodes,
        {node.mem_id: at for at, node in enumerate(nodes)},
        {},
        [element.at for element in elements if element.href is not None],
        inside.totals(alike),
        along.totals(alike),
    )


class _Marks:
    """What was counted at each element."""

    def __init__(self) -> None:
        self.counts: dict[str, dict[int, int]] = {name: {} for name in ("chars", "dates", "links", "headings")}

    def totals(self, length: int) -> dict[str, list[int]]:
        """How much stands before each element."""
        return {name: [0, *accumulate(marks.get(at, 0) for at in range(length))] for name, marks in self.counts.items()}


def _parts(text: str) -> Iterator[Tag | NavigableString]:
    """The elements of a page and its visible texts, in page order."""
    # Imported late: it takes 60 ms, and whoever imports the crawler may never infer anything.
    from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning  # noqa: PLC0415 (see above)
    from bs4.element import NavigableString  # noqa: PLC0415 (see above)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # XHTML is often served as HTML
        # The reader's parser wrote the text, so it is whole, and this one takes every tag as it stands.
        soup = BeautifulSoup(text, "html.parser")
    for part in soup.descendants:
        if type(part) is NavigableString or isinstance(part, Tag):  # not a comment
            yield part


def _ends(elements: list[Element]) -> list[int]:
    ends = [element.at + 1 for element in elements]
    for element in reversed(elements):
        if element.parent >= 0:
            ends[element.parent] = max(ends[element.parent], ends[element.at])
    return ends


def _element(at: int, tag: Tag, above: Element | None) -> Element:
    names = [str(c) for c in tag.get_attribute_list("class") if c]
    name = str(tag.get("id") or "")
    classes = tuple(stable(names))
    kind = ".".join([tag.name, *sorted({_DIGITS.sub("", c) for c in classes})])
    href = tag.get("href") if tag.name == "a" else None
    leads = str(href) if href is not None and _LEADS.match(str(href)) else None
    named = name if _PLAIN.fullmatch(name) and not _VOLATILE.fullmatch(name) else None
    place = _place(tag, f"{' '.join(names)} {name}")
    if above is None:
        return Element(at, -1, tag.name, classes, named, kind, place, leads, leads)
    return Element(at, above.at, tag.name, classes, named, kind, min(place, above.place), leads, leads or above.around)


def stable(classes: Iterable[str]) -> list[str]:
    """Of an element's classes those that its template gave it, not its turn, its subject or a build."""
    return [c for c in classes if _PLAIN.fullmatch(c) and not _VOLATILE.fullmatch(c)]


def _place(tag: Tag, names: str) -> float:
    """How likely a list of releases stands inside an element: hardly in menus, footers and the like."""
    if tag.name in {"html", "body", "main"}:
        return 1.0
    if tag.name in {"nav", "footer", "aside"} or tag.get("role") in _ROLES:
        return 0.3
    return 0.6 if _ASIDE.search(names) else 1.0


def _mark(element: Element, tag: Tag, marks: _Marks) -> None:
    """Counts what an element itself is."""
    if element.href is not None:
        marks.counts["links"][element.at] = 1
    if tag.name in HEADINGS:
        marks.counts["headings"][element.at] = 1
    if tag.name == "time" or any(tag.get(name) for name in _STAMPED):
        marks.counts["dates"][element.at] = 1


def _mark_text(text: str, at: int, last: int, inside: _Marks, along: _Marks, language: str) -> None:
    """Counts a text at the element it stands in, and at the one that began last."""
    shown = text.strip()
    if not shown or at < 0:
        return
    dated = _is_dated(shown, language)
    for place, marks in ((at, inside), (last, along)):
        marks.counts["chars"][place] = marks.counts["chars"].get(place, 0) + len(shown) + 1
        if dated:
            marks.counts["dates"][place] = 1


def _is_dated(text: str, language: str) -> bool:
    if len(text) <= 16 and _YEARLESS.fullmatch(text):
        return span(" ".join(text.split()), language=language) is not None
    return bool(_DATELIKE.search(text[:_LONGEST_DATED]))
