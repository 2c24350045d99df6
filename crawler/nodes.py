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
    from collections.abc import Container

    from selectolax.lexbor import LexborNode

# Elements whose text nobody reads on the page.
_UNREAD = frozenset({
    "script", "style", "template", "noscript", "svg", "button", "select", "textarea", "iframe", "object", "head",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li", "main", "nav",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_MOST_NODES = 20_000  # of one entry: what is longer is not an entry, and is read so far
_SPACE = re.compile(r"[\t\n\r\f\0]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a browser shows it: cleaned text, the block it stands in, and the ids of the nodes around all of it."""

    text: str
    block: str
    around: frozenset[int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: the address that its relative links start from, its own comparison key, its site's, its language."""

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
    """The absolute http(s) address that `href` means on a page at `base`, spelled as listed; None where it is not one."""
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


def text_of(node: LexborNode, skip: Container[int] = frozenset()) -> str:
    """The text of a node on one line, blocks and line breaks parted by blanks, without the nodes named in `skip`."""
    only = node.first_child
    if only is not None and only.next is None and only.tag == "-text":
        return clean(only.text_content or "")
    return " ".join(line.text for line in lines(node, skip))


def lines(root: LexborNode, skip: Container[int] = frozenset()) -> list[Line]:
    """The lines of a node in reading order, without the nodes named in `skip` (by `mem_id`); empty ones are left out."""
    sheet = _Sheet()
    left = _MOST_NODES
    stack: list[tuple[LexborNode | None, frozenset[int], str]] = [(root, frozenset(), root.tag or "")]
    while stack and left:
        node, around, block = stack.pop()
        if node is None:
            sheet.end()
            continue
        tag = node.tag or "-"
        if tag == "-text":
            sheet.write(node.text_content or "", block, around)
            continue
        left -= 1
        if tag == "br" or tag in _BLOCKS:
            sheet.end()
        if tag[0] == "-" or tag in _UNREAD or node.mem_id in skip or _hidden(node):
            continue
        around = around | {node.mem_id}
        if tag in _BLOCKS:
            block = tag
            stack.append((None, around, block))
        stack.extend((child, around, block) for child in reversed(list(node.iter(include_text=True))))
    sheet.end()
    return sheet.lines


class _Sheet:
    """Collects text into lines."""

    __slots__ = ("_around", "_block", "_pieces", "lines")

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._pieces: list[str] = []
        self._around: frozenset[int] | None = None
        self._block = ""

    def write(self, text: str, block: str, around: frozenset[int]) -> None:
        self._pieces.append(text)
        if not text.isspace():
            if self._around is None:
                self._around, self._block = around, block
            else:
                self._around &= around

    def end(self) -> None:
        if self._around is not None and (text := clean("".join(self._pieces))):
            self.lines.append(Line(text, self._block, self._around))
        self._pieces.clear()
        self._around = None


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    style = attributes.get("style")
    return "hidden" in attributes or (style is not None and "display:none" in style.replace(" ", "").lower())
