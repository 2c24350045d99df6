"""One entry while it is being read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler import dates
from crawler.nodes import Line, Place, Sheet, bare_text
from crawler.sentences import is_code, is_read_more

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from crawler.habits import Habits

# The longest value of each field, in characters: what is longer is cut, for a page may say anything.
LONGEST = {"title": 1000, "kind": 100, "summary": 5000, "caption": 2000}
HEADINGS = "h1, h2, h3, h4, h5, h6, [role=heading]"
PROSE = 80  # characters: a line that long tells a story
BESIDE_IN_HEADING = (
    8  # characters: "Monday, " may stand before a date that is all of a heading, "Minutes of" makes a title
)
MOST_MATCHES = 60  # elements of one sort in an entry that are looked at: more are no entry's

_SPOKEN = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Dated:
    """The date of an entry before it is understood: the text that is shown, and the stamp in an attribute."""

    text: str = ""
    stamp: str = ""


@dataclass(slots=True)
class Reading:
    """An entry's node, its page, what of it is spoken for (by `mem_id`), and its title's node where one was found."""

    node: LexborNode
    place: Place
    used: set[int] = field(default_factory=set)
    title_node: LexborNode | None = None
    habits: Habits | None = None
    _sheet: Sheet | None = None
    _markup: str | None = None
    _free: tuple[int, list[Line]] | None = None
    _links: list[LexborNode] | None = None
    _texts: dict[int, str] = field(default_factory=dict)

    @property
    def sheet(self) -> Sheet:
        """Everything the entry says, read once."""
        if self._sheet is None:
            self._sheet = Sheet(self.node, hides=self.named(" hidden", "display"))
        return self._sheet

    @property
    def size(self) -> int:
        """The number of nodes that were read of it."""
        return 0 if self._sheet is None else self._sheet.size

    def text(self, node: LexborNode) -> str:
        """The text of a node of this entry."""
        own = node.mem_id
        text = self._texts.get(own)
        if text is None:
            text = bare_text(node)
            text = self._texts[own] = self.sheet.text(node) if text is None else text
        return text

    def lines(self, inside: LexborNode) -> list[Line]:
        """The lines of a node of this entry, without what is spoken for."""
        return self.sheet.lines(self.used, inside.mem_id)

    def named(self, *words: str) -> bool:
        """Whether the entry's markup holds one of the words: if not, no selector by that name need be tried."""
        if self._markup is None:  # bytes are put in small letters many times faster; the words found so are ASCII
            self._markup = (self.node.html or "").encode("utf-8", "replace").lower().decode("latin-1")
        for word in words:  # noqa: SIM110 (a generator costs more than the look-up, several times an entry)
            if word in self._markup:
                return True
        return False

    def others(self, selector: str) -> list[LexborNode]:
        """The nodes inside the entry that match, in page order, without the entry itself."""
        own = self.node.mem_id
        return [node for node in self.node.css(selector)[:MOST_MATCHES] if node.mem_id != own]

    def headings(self) -> list[LexborNode]:
        """The entry's headings."""
        return self.others(HEADINGS) if self.named("<h", "heading") else []

    def links(self) -> list[LexborNode]:
        """The entry's links."""
        if self._links is None:
            self._links = self.others("a[href]") if self.named("<a") else []
        return self._links

    def free_lines(self) -> list[Line]:
        """The lines that nothing has been read from yet, without those that only say a date or "read more"."""
        if self._free is None or self._free[0] != len(self.used):
            self._free = (len(self.used), [line for line in self.sheet.shown(self.used) if self._tells(line)])
        return self._free[1]

    def first_free_line(self) -> Line | None:
        """The first of the free lines: the others cost more."""
        if self._free is not None and self._free[0] == len(self.used):
            return next(iter(self._free[1]), None)
        return next((line for line in self.sheet.shown(self.used) if self._tells(line)), None)

    def _tells(self, line: Line) -> bool:
        text = line.text
        return _SPOKEN.search(text) is not None and not is_read_more(text) and not is_date(text, self.place.language)

    def is_used(self, node: LexborNode) -> bool:
        """Whether a node is spoken for, or stands in one that is."""
        return not self.used.isdisjoint(path(node, self.node))

    def is_weak(self, text: str) -> bool:
        """Whether a text says little of this entry alone: a number, "read more", or words that many entries share."""
        return is_code(text) or is_read_more(text) or (self.habits is not None and text in self.habits.common)

    def leads(self, a: LexborNode) -> str | None:
        """Where a link of the entry leads."""
        return self.place.link(a.attributes.get("href"))

    def link_in(self, node: LexborNode) -> str | None:
        """The first link of its own inside a node, or of the link that the node stands in."""
        if node.tag == "a" and (url := self.leads(node)) is not None:
            return url
        for a in node.css("a[href]")[:MOST_MATCHES]:
            if (url := self.leads(a)) is not None:
                return url
        return self.link_around(node)

    def link_around(self, node: LexborNode) -> str | None:
        """The link that a node stands in, which may be around the whole entry."""
        parent = node.parent
        while parent is not None and parent.tag not in {None, "body", "html"}:
            if parent.tag == "a":
                return self.leads(parent)
            parent = parent.parent
        return None


def path(node: LexborNode, top: LexborNode | None = None) -> set[int]:
    """The ids of a node and of what it stands in, up to `top`."""
    end = top.mem_id if top is not None else None
    found = set()
    step: LexborNode | None = node
    while step is not None and step.mem_id != end:
        found.add(step.mem_id)
        step = step.parent
    return found


def is_date(text: str, language: str = "", *, beside: int = 24) -> bool:
    """Whether a line is nearly nothing but a date: at most a few words (`beside` characters) stand beside it."""
    if len(text) > 80 or (found := dates.span(text, language=language)) is None:
        return False
    return len(text) - (found[1] - found[0]) <= beside
