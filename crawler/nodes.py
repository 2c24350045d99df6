"""Text and links of parsed markup: what a browser would show as lines, and where its links lead."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from crawler.text import clean
from crawler.urls import canonical, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from selectolax.lexbor import LexborNode

# Elements whose text nobody reads on the page.
UNREAD = frozenset({
    "script", "style", "template", "noscript", "svg", "button", "select", "textarea", "iframe", "object", "head",
})  # fmt: skip
BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr",
    "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "ul",
})  # fmt: skip
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_MOST_NODES, _MOST_LINES = 5_000, 1_000  # of one entry: what is longer is not an entry, and is read so far
_LONGEST_ADDRESS = 4_000  # characters
# A path, with its query and its fragment, that only needs its site before it; a whole address that needs nothing.
_PATH = r"(?:/(?![./])[A-Za-z0-9._~%@!$&'()*+,=-]*+)"
_BEHIND = r"(?:\?[A-Za-z0-9._~%@!$&'()*+,=:;/?-]++)?+(?:#[A-Za-z0-9._~%@!$&'()*+,=:;/?-]++)?+"
_PLAIN = re.compile(rf"{_PATH}++{_BEHIND}")
_WHOLE = re.compile(rf"https?://[A-Za-z0-9][A-Za-z0-9.-]*+(?::[1-9][0-9]{{0,3}}(?![0-9]))?{_PATH}*+{_BEHIND}")
_SPACE = re.compile(r"[\t\n\r\f\0]+")


class Line:
    """One line as a browser shows it, cleaned, and the block it stands in."""

    __slots__ = ("_first", "_last", "_spans", "block", "text")

    def __init__(self, text: str, block: str, first: int, last: int, spans: dict[int, tuple[int, int]]) -> None:
        self.text = text
        self.block = block
        self._first = first
        self._last = last
        self._spans = spans

    def is_in(self, node: LexborNode) -> bool:
        """Whether a node of the same sheet is around all of the line."""
        start, end = self._spans.get(node.mem_id, (0, 0))
        return start <= self._first and self._last < end


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

    @property
    def host(self) -> str:
        """The host that links of the page start from."""
        parts = split(self.base)
        return (parts.hostname or "") if parts else ""

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
    if (site := _site(base)) is not None and _PLAIN.fullmatch(href):
        return site + href if len(site) + len(href) <= _LONGEST_ADDRESS else None
    if _WHOLE.fullmatch(href):
        return href if len(href) <= _LONGEST_ADDRESS else None
    try:
        found = urljoin(base, href)
    except ValueError:
        return None
    return found.replace(" ", "%20") if len(found) <= _LONGEST_ADDRESS and split(found) is not None else None


@lru_cache(maxsize=512)
def _site(url: str) -> str | None:
    parts = split(url)
    return None if parts is None or " " in parts.netloc else f"{parts.scheme}://{parts.netloc}"


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
    """A line that is being read: its first and its last piece of text that is not blank."""

    __slots__ = ("block", "first", "last", "line")

    def __init__(self, block: str, at: int) -> None:
        self.block = block
        self.first = self.last = at
        self.line: Line | None = None


class Sheet:
    """A node read once: its lines, from which any part of it is told; nodes are named by their `mem_id`.

    `hides` is False where it is known that no element is hidden, which saves looking. Text right in an inline `root` is
    a line only where it stands `alone`: an entry is more than a run of text. `size` is the number of nodes that were
    read.
    """

    __slots__ = ("_ends", "_pieces", "_rows", "_spans", "size")

    def __init__(self, root: LexborNode, *, hides: bool = True, alone: bool = False) -> None:
        self._rows: list[_Row] = []
        self._pieces: list[str] = []
        self._spans: dict[int, tuple[int, int]] = {}  # per element: the pieces in it, from and to
        self.size = self._fill(root, hides=hides, last=-1 if alone else 0)
        for row in self._rows:
            row.line = self._line(row, self._pieces[row.first : row.last + 1])
        self._ends = [row.last for row in self._rows]  # in order, as the rows are

    def _fill(self, root: LexborNode, *, hides: bool, last: int) -> int:  # noqa: C901, PLR0912 (one hot loop)
        """Reads what there is, so many nodes; `last` is the block of the line that is open, 0 where none is."""
        rows, pieces, spans = self._rows, self._pieces, self._spans
        row, block, own = _Row("", 0), "", 0
        above: list[tuple[LexborNode, int, int, str, int]] = []  # open: its id, first piece, block around, its id
        node: LexborNode | None = root
        count = 0
        while node is not None and count <= _MOST_NODES and len(rows) <= _MOST_LINES:
            count += 1
            tag = node.tag or "-"
            if tag == "-text":
                text = node.text_content or ""
                if not text.isspace():
                    if own != last:
                        row, last = _Row(block, len(pieces)), own
                        rows.append(row)
                    row.last = len(pieces)
                    pieces.append(text)
                elif own == last:  # blanks part words, and make no line
                    pieces.append(text)
            elif (
                (
                    tag in UNREAD and not (tag == "button" and block in _HEADINGS)
                )  # a heading that folds what is below it
                or tag[0] == "-"
                or (hides and _hidden(node.attributes))
            ):
                if node.first_child is not None:
                    count += sum(1 for _ in node.traverse(include_text=True)) - 1
            else:
                parts = tag in BLOCKS
                if parts or tag == "br":
                    last = 0  # whatever follows is on another line
                inner = node.first_child
                if inner is not None:
                    mine = node.mem_id
                    above.append((node, mine, len(pieces), block, own))
                    if parts:
                        block, own = tag, mine
                    node = inner
                    continue
            following = node.next if above else None
            while following is None and above:
                node, mine, start, block, own = above.pop()
                spans[mine] = (start, len(pieces))
                following = node.next if above else None
            node = following
        for _, mine, start, _, _ in above:
            spans[mine] = (start, len(pieces))
        return count

    def _line(self, row: _Row, pieces: list[str]) -> Line | None:
        text = clean("".join(pieces))
        return Line(text, row.block, row.first, row.last, self._spans) if text else None

    def lines(self, skip: Set[int] = frozenset(), inside: int | None = None) -> list[Line]:
        """The lines in reading order, without the nodes in `skip`, only what is `inside` one node if given."""
        return list(self.shown(skip, inside))

    def shown(self, skip: Set[int] = frozenset(), inside: int | None = None) -> Iterator[Line]:
        """What `lines` gives, one after the other: who needs the first only need not wait for all."""
        spans = self._spans
        start, end = (0, len(self._pieces)) if inside is None else spans.get(inside, (0, 0))
        gone = [spans[one] for one in skip if one in spans] if skip else []
        for row in islice(self._rows, bisect_left(self._ends, start), None):
            if row.first >= end:
                return
            line = row.line
            if start > row.first or row.last >= end:
                line = self._rest(row, start, end, gone)
            else:
                for first, last in gone:
                    if first <= row.last and row.first < last:
                        line = self._rest(row, start, end, gone)
                        break
            if line is not None:
                yield line

    def _rest(self, row: _Row, start: int, end: int, gone: list[tuple[int, int]]) -> Line | None:
        """What is left of a row between two pieces, without those that are gone."""
        touched = start > row.first or row.last >= end
        for first, last in gone:
            if first <= row.first and row.last < last:
                return None
            if not touched and first <= row.last and row.first < last:
                touched = not all(piece.isspace() for piece in self._pieces[max(first, row.first) : last])
        if not touched:
            return row.line
        kept = range(max(start, row.first), min(end, row.last + 1))
        return self._line(row, [self._pieces[at] for at in kept if not any(a <= at < b for a, b in gone)])

    def pieces(self) -> Iterator[str]:
        """The texts between any two tags, cleaned."""
        return (clean(piece) for piece in self._pieces)

    def text(self, node: LexborNode) -> str:
        """The text of one node of this sheet, on one line."""
        return " ".join(line.text for line in self.lines(inside=node.mem_id))


def _hidden(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    return "hidden" in attributes or (style is not None and "display:none" in style.replace(" ", "").lower())
