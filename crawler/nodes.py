"""Text and links of parsed markup: what a browser would show as lines, and where its links lead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from crawler.text import clean
from crawler.urls import canonical, split

if TYPE_CHECKING:
    from collections.abc import Set

    from selectolax.lexbor import LexborNode

# Elements whose text nobody reads on the page.
_UNREAD = frozenset({
    "script", "style", "template", "noscript", "svg", "button", "select", "textarea", "iframe", "object", "head",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr",
    "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "ul",
})  # fmt: skip
_MOST_NODES, _MOST_LINES = 5_000, 1_000  # of one entry: what is longer is not an entry, and is read so far
_SPACE = re.compile(r"[\t\n\r\f\0]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a browser shows it, cleaned; the block it stands in; the ids of the nodes around all of it."""

    text: str
    block: str
    around: frozenset[int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: where its relative links start, its own comparison key, that of its site, its language."""

    base: str
    key: str
    root: str
    language: str = ""

    @classmethod
    def of(cls, url: str, base: str | None = None, language: str = "") -> Place:
        """The place of the page at `url`, whose `<base href>` is `base`."""
        parts = split(url)
        start = address(base, url) if base else None
        return cls(start or url, canonical(url), canonical(f"https://{parts.netloc}") if parts else "", language)

    def link(self, href: str | None) -> str | None:
        """Where a link leads, absolute; None for no web address, for the page itself and for the root of its site."""
        found = address(href, self.base)
        return None if found is None or canonical(found) in {self.key, self.root} else found


@lru_cache(maxsize=8192)
def address(href: str | None, base: str) -> str | None:
    """The absolute http(s) address that `href` means on a page at `base`, spelled as listed; None where it is none."""
    if not href:
        return None
    href = _SPACE.sub("", href).strip()
    if not href or href.startswith("#"):
        return None
    try:
        found = urljoin(base, href)
    except ValueError:
        return None
    return found.replace(" ", "%20") if len(found) <= 4000 and split(found) is not None else None


def bare_text(node: LexborNode) -> str | None:
    """The text of a node that holds nothing else; None for any other."""
    only = node.first_child
    if only is None:
        return ""
    if only.tag != "-text" or only.next is not None:
        return None
    return clean(only.text_content or "")


def text_of(node: LexborNode) -> str:
    """The text of a node on one line, blocks and line breaks parted by blanks."""
    text = bare_text(node)
    return Sheet(node, alone=True).text(node) if text is None else text


def brief(node: LexborNode, limit: int) -> str:
    """The text of a node, its pieces parted by blanks, so far as `limit` characters reach."""
    pieces: list[str] = []
    length = 0
    for inner in node.traverse(include_text=True):
        if inner.tag == "-text":
            pieces.append((inner.text_content or "")[:limit])
            length += len(pieces[-1]) + 1
        if length > limit:
            break
    return " ".join(pieces)


class _Row:
    """One line with the nodes around its pieces of text."""

    __slots__ = ("block", "everything", "line", "pieces", "shared")

    def __init__(self, block: str) -> None:
        self.block = block
        self.pieces: list[tuple[str, frozenset[int]]] = []
        self.shared: frozenset[int] = frozenset()
        self.everything: frozenset[int] = frozenset()
        self.line: Line | None = None

    def add(self, text: str, around: frozenset[int]) -> None:
        if not text.isspace():
            self.shared = self.shared & around if self.everything else around
            self.everything |= around
        self.pieces.append((text, around))

    def without(self, skip: Set[int], inside: int | None) -> Line | None:
        """What is left of the line."""
        if skip or inside is not None:
            kept = [t for t, around in self.pieces if around.isdisjoint(skip) and (inside is None or inside in around)]
        else:
            kept = [t for t, _ in self.pieces]
        text = clean("".join(kept))
        return Line(text, self.block, self.shared) if text else None


class Sheet:
    """A node read once: its lines, from which any part of it is told; nodes are named by their `mem_id`.

    `hides` is False where it is known that no element is hidden, which saves looking. Text right in an inline `root` is
    a line only where it stands `alone`: an entry is more than a run of text.
    """

    __slots__ = ("_rows",)

    def __init__(self, root: LexborNode, *, hides: bool = True, alone: bool = False) -> None:  # noqa: C901 (one loop, the hottest there is)
        self._rows: list[_Row] = []
        start = root.parent
        # Per element: the nodes around it, its block and that block's own id. What has no place here is not read.
        places: dict[int, tuple[frozenset[int], str, int]] = {start.mem_id if start else 0: (frozenset(), "", 0)}
        row, last = _Row(""), -1 if alone else 0
        for count, node in enumerate(root.traverse(include_text=True)):
            if count > _MOST_NODES or len(self._rows) > _MOST_LINES:
                break
            parent = node.parent
            place = places.get(parent.mem_id if parent else 0)
            if place is None:
                continue
            tag = node.tag or "-"
            around, block, own = place
            if tag == "-text":
                text = node.text_content or ""
                if own == last:
                    row.add(text, around)
                elif not text.isspace():
                    row, last = _Row(block), own
                    self._rows.append(row)
                    row.add(text, around)
                continue
            if tag in _UNREAD or tag[0] == "-":
                continue
            if hides and _hidden(node.attributes):
                continue
            mine = node.mem_id
            if tag == "br" or tag in _BLOCKS:
                last = 0  # whatever follows is on another line
                if tag != "br":
                    block, own = tag, mine
            places[mine] = (around | {mine}, block, own)
        for row in self._rows:
            row.line = row.without(frozenset(), None)

    def lines(self, skip: Set[int] = frozenset(), inside: int | None = None) -> list[Line]:
        """The lines in reading order, without the nodes in `skip`, only what is `inside` one node if given."""
        found: list[Line] = []
        for row in self._rows:
            if inside is not None and inside not in row.everything:
                continue
            line = row.line
            if not row.everything.isdisjoint(skip):
                line = row.without(skip, inside) if row.shared.isdisjoint(skip) else None
            elif inside is not None and inside not in row.shared:
                line = row.without(skip, inside)
            if line is not None:
                found.append(line)
        return found

    def text(self, node: LexborNode) -> str:
        """The text of one node of this sheet, on one line."""
        return " ".join(line.text for line in self.lines(inside=node.mem_id))


def _hidden(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    return "hidden" in attributes or (style is not None and "display:none" in style.replace(" ", "").lower())
