"""Finds the next page of a listing: by the recipe, else by what its links say, where they stand and where they lead."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from crawler.pagerlinks import CLIMB, MOST_LINKS, links_of
from crawler.pagerwords import Says
from crawler.paging import Way, alike, ends_numbered, is_namesake, is_numbered
from crawler.text import clean
from crawler.urls import canonical, same_site, shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from crawler.nodes import Place
    from crawler.pagerlinks import Link

_MOST_NODES = 400  # of a pager: what has more is not one
_YEARS = range(1900, 2101)  # numbers that name a year rather than a page

_Numbers = tuple[set[int], set[int], set[int]]
_CURRENT = re.compile(
    r"(?:^|[\s_-])(?:current|active|selected|aktiv|actif|activo|actual|curr|cur)(?:$|[\s_-])", re.IGNORECASE
)


def find_next(
    tree: LexborHTMLParser, named: tuple[str, str] | None, place: Place, url: str, entries: Set[str]
) -> str | None:
    """The next page's address: on the same site, neither this page nor one before it, and of the same list.

    `named` is the recipe's selector with its attribute; where it finds none, only `rel=next` does. `entries` are the
    addresses that the page's own entries lead to: none is a page of the list, unless its link plainly says so.
    """
    if named and (found := _named(tree, named, place, url)):
        return found
    links = [link for link in links_of(tree, place, url) if link.related or not named]
    if not links:
        return None
    own = frozenset(canonical(entry) for entry in entries)
    judge = _Judge(links, place, url, own)
    fits = [link for link in links if _is_no_entry(link, own) and judge.fits(link)]
    if not fits:
        return None
    near = _Nearness(tree, place, own) if len({canonical(link.url) for link in fits}) > 1 else None
    return min(fits, key=lambda link: _order(link, near)).url


def _named(tree: LexborHTMLParser, named: tuple[str, str], place: Place, url: str) -> str | None:
    css, attribute = named
    for node in tree.css(css):
        link = node if node.attributes.get(attribute) else node.css_first(f"[{attribute}]")
        found = place.link(link.attributes.get(attribute)) if link else None
        if found is not None and same_site(found, url):
            return found
    return None


# --- which of them lead on -------------------------------------------------------------------------------------------


def _is_no_entry(link: Link, entries: Set[str]) -> bool:
    """Whether a link is none of the entries; a recipe may take the pager for one."""
    plain = link.step.way is Way.ON and (link.related or link.says is Says.NEXT)
    return plain or canonical(link.url) not in entries


class _Judge:
    """Which of a page's links lead to the next page of its list; lives for one page."""

    def __init__(self, links: Sequence[Link], place: Place, url: str, entries: Set[str]) -> None:
        self._links, self._place, self._url, self._entries = links, place, url, entries
        self._shapes: frozenset[str] | None = None
        self._read: dict[int, _Numbers] = {}

    def fits(self, link: Link) -> bool:
        """Whether a link leads to the next page of this list."""
        if link.says is Says.NUMBER:
            return self._follows(link)
        if link.step.way is Way.ON:
            told = link.related or link.says in {Says.NEXT, Says.SIGN, Says.MORE}
            return told or link.step.ahead == 1
        if link.says is Says.MORE:
            return False
        if link.step.way is Way.BESIDE:
            return link.related or link.says is Says.NEXT or link.in_pager
        told = link.says in {Says.NEXT, Says.SIGN} and (link.in_pager or link.related)
        return (told or (link.related and self._is_told(link))) and self._is_of_this_list(link)

    def _is_told(self, link: Link) -> bool:
        """Whether another link says in words that the way on is the one that `rel` names."""
        address = canonical(link.url)
        return any(mate.says in {Says.NEXT, Says.SIGN} and canonical(mate.url) == address for mate in self._links)

    def _is_of_this_list(self, link: Link) -> bool:
        """Whether a link that leads elsewhere leads to another page of this list all the same."""
        numbers = (mate for mate in self._links if mate.number is not None)
        if any(canonical(link.url) == canonical(mate.url) or alike(link.url, mate.url) for mate in numbers):
            return True
        if self._shapes is None:
            self._shapes = frozenset(shape(entry) for entry in self._entries)
        if shape(link.url) in self._shapes:
            return False
        if link.related and link.says is Says.NEXT:
            return ends_numbered(link.url)
        return is_numbered(link.url) and is_namesake(self._url, link.url)

    def _follows(self, link: Link) -> bool:
        """Whether the number of a link is the one after that of this page."""
        if link.number is None or link.number in _YEARS or link.number < 2:
            return False
        if link.step.way is not Way.ON:
            mates = [mate for mate in self._links if _is_mate(mate, link)]
            told = any(mate.number is None for mate in mates)
            if not (link.in_pager or told) or (link.step.way is Way.ELSEWHERE and not mates):
                return False
        return link.number - 1 in self._current(link)

    def _current(self, link: Link) -> Set[int]:
        """The numbers beside a link that may be this page's: marked as such, else those that lead nowhere or here."""
        held = link.node.parent
        for _ in range(CLIMB - 1):
            if held is None or held.tag in {"body", "html"}:
                break
            if held.mem_id not in self._read:
                self._read[held.mem_id] = _numbers(held, self._place)
            marked, still, others = self._read[held.mem_id]
            if marked or still:
                return marked or still
            if len(others) > 1 and link.number == min(others) == 2 and link.step.way is Way.ON:
                return {1}  # the first page is not told at all
            held = held.parent
        return set()


def _is_mate(mate: Link, link: Link) -> bool:
    """Whether a link is another page's number, or says in words that it leads where the number does."""
    if mate.number is not None:
        return mate.number != link.number and alike(mate.url, link.url)
    return mate.says in {Says.NEXT, Says.SIGN} and canonical(mate.url) == canonical(link.url)


def _numbers(pager: LexborNode, place: Place) -> _Numbers:
    """The numbers in a pager: those marked as current, the others that lead nowhere, those that lead elsewhere."""
    marked, still, others = set[int](), set[int](), set[int]()
    for count, node in enumerate(pager.traverse(include_text=True)):
        if count > _MOST_NODES:
            return set(), set(), set()
        if node.tag != "-text":
            continue
        words = clean((node.text_content or "")[:200]).split()
        for word in words if len(words) < 8 else ():
            bare = word.strip("[](){}|,;:·•.–-")
            if not bare.isdecimal() or len(bare) > 5 or int(bare) in _YEARS:
                continue
            leads, current = _standing(node, pager, place)
            (marked if current else others if leads else still).add(int(bare))
    return marked, still - others, others


def _standing(text: LexborNode, pager: LexborNode, place: Place) -> tuple[bool, bool]:
    """Whether a number leads to another page, and whether it is marked as that of this one."""
    leads = current = False
    held = text.parent
    while held is not None and held.mem_id != pager.mem_id:
        attributes = held.attributes
        leads = leads or (held.tag == "a" and place.link(attributes.get("href")) is not None)
        named = _CURRENT.search((attributes.get("class") or "")[:300]) is not None
        current = current or named or attributes.get("aria-current") not in {None, "", "false"}
        held = held.parent
    return leads, current


# --- which of them is the best ---------------------------------------------------------------------------------------


class _Nearness:
    """How near links stand to the entries of the list: the level of the innermost element around both."""

    def __init__(self, tree: LexborHTMLParser, place: Place, entries: Set[str]) -> None:
        self._around: Counter[int] = Counter()
        seen = set[str]()
        for node in islice(tree.css("a[href]"), MOST_LINKS) if entries else ():
            leads = place.link(node.attributes.get("href"))
            address = canonical(leads) if leads else ""
            if address in entries and address not in seen:
                seen.add(address)
                self._around.update(held.mem_id for held in _above(node))
        self._most = len(seen) / 2

    def __call__(self, node: LexborNode) -> int:
        levels = [held.mem_id for held in _above(node)]
        around = (len(levels) - i for i, level in enumerate(levels) if self._around[level] > self._most)
        return next(around, 0)


def _above(node: LexborNode) -> Iterator[LexborNode]:
    held = node.parent
    while held is not None:
        yield held
        held = held.parent


def _order(link: Link, near: _Nearness | None) -> tuple[int, int, int, int]:
    """The page's own word first, then the pager of the list before others, the next number before later ones."""
    in_head = link.node.tag == "link" and link.step.way is Way.ON
    nearness = 0 if near is None or link.node.tag == "link" else near(link.node)
    ahead = link.step.ahead if link.step.way is Way.ON else 1_000_000 + 10 * (not link.related)
    return (
        (0 if in_head else 1),
        -nearness,
        ahead,
        link.says + (link.says is Says.SIGN and "»" in (link.node.text() or "")),
    )
