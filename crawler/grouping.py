"""Which elements of a page repeat as the entries of a list would, the most promising first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from crawler.outline import Element, Outline

FEWEST, MOST = 2, 5_000  # entries of a listing
FULL = 10  # entries from which a list counts as a whole one
_NEVER = frozenset({"html", "head", "body", "option", "select", "label", "input", "img", "th", "form", "meta", "link"})
_SEPARATORS = frozenset({"br", "hr"})  # between entries, not of one
_LEAST_CHARS = 4  # of text in an element that may be, or hold the start of, an entry
_MOST_OF_ALL = 0.6  # of the text of four entries or more in one of them: that one is something else
_LONGEST = 8_000  # characters of an entry, on average


@dataclass(frozen=True, slots=True)
class Group:
    """Elements that may be the entries of a list, by their numbers in page order.

    `runs_on`: each entry goes on from its element to the next one. `extents` are where each begins and ends.
    """

    members: tuple[int, ...]
    extents: tuple[tuple[int, int], ...]
    runs_on: bool = False


@dataclass(slots=True)
class _Groups:
    """The groups found so far, none twice."""

    page: Outline
    found: dict[tuple[int, ...], Group] = field(default_factory=dict)

    def add(self, members: list[int]) -> None:
        """Takes a group in, as the outermost elements that hold one of its members each."""
        tops = tuple(_climbed(self.page, _disjoint(self.page, members)))
        if FEWEST <= len(tops) <= MOST and tops not in self.found:
            self.found[tops] = Group(tops, tuple((at, self.page.ends[at]) for at in tops))


def groups(page: Outline) -> list[tuple[float, Group]]:
    """The groups of a page with how much their members look like entries at first sight, the most promising first."""
    found = _Groups(page)
    alike: dict[Hashable, list[int]] = defaultdict(list)
    paths: dict[int, int] = {-1: 0}
    numbers: dict[tuple[int, str], int] = {}
    for element in page.elements:
        above = paths[element.parent]
        paths[element.at] = numbers.setdefault((above, element.kind), len(numbers) + 1)
        if element.tag in _NEVER or element.tag in _SEPARATORS or page.inside("chars", element.at) < _LEAST_CHARS:
            continue
        for key in _keys(page, element, above, paths[element.at]):
            alike[key].append(element.at)
    for members in alike.values():
        if FEWEST <= len(members) <= 4 * MOST:
            found.add(members)
    whole = list(found.found.values())
    for group in whole:
        part = _telling_part(page, group)
        if part is not None:
            found.add(part)
    flat = [run for group in found.found.values() if (run := _running(page, group)) is not None]
    flat.extend(_parted(page))
    ranked = [(promise(page, group), group) for group in (*found.found.values(), *flat)]
    ranked.sort(key=lambda r: (-r[0], r[1].members[0]))
    return [(worth, group) for worth, group in ranked if worth > 0]


def _keys(page: Outline, element: Element, above: int, path: int) -> Iterator[Hashable]:
    """What makes elements alike: the path to them, the parent they share, how they and their parent are called."""
    yield "path", path
    yield "siblings", element.parent, element.tag
    yield "cousins", above, element.tag
    if element.parent >= 0:
        yield "near", page.elements[element.parent].kind, element.kind
    if element.classes:
        yield "kind", element.kind


def _disjoint(page: Outline, members: list[int]) -> list[int]:
    """The members that stand in no other."""
    kept: list[int] = []
    for at in members:
        if not kept or page.ends[kept[-1]] <= at:
            kept.append(at)
    return kept


def _climbed(page: Outline, members: list[int]) -> list[int]:
    """The highest elements that hold one member each."""
    while len(members) >= FEWEST:
        above = [page.elements[at].parent for at in members]
        if min(above) < 0 or len(set(above)) < len(above) or page.elements[above[0]].tag in _NEVER:
            break
        outer = _disjoint(page, above)
        if len(outer) < len(above):
            break
        members = above
    return members


def _telling_part(page: Outline, group: Group) -> list[int] | None:
    """The members with a link, or with a date, where most but not all have one: the others are heads, notes, gaps."""
    for what in ("dates", "links"):
        part = [at for at in group.members if page.inside(what, at) or (what == "links" and page.elements[at].href)]
        if 0.3 * len(group.members) <= len(part) < len(group.members) and len(part) >= FEWEST:
            return part
    return None


def _running(page: Outline, group: Group) -> Group | None:
    """The same members, each running on to the next, where they share a parent and something stands between them."""
    parents = {page.elements[at].parent for at in group.members}
    if len(parents) > max(1, len(group.members) // 3) or min(parents) < 0:
        return None
    extents = []
    for at, following in zip(group.members, (*group.members[1:], None), strict=True):
        parent = page.elements[at].parent
        end = page.ends[parent]
        if following is not None and page.elements[following].parent == parent:
            end = following
        extents.append((at, end))
    gaps = sum(
        page.between("chars", page.ends[at], end) > _LEAST_CHARS
        for at, (_, end) in zip(group.members, extents, strict=True)
    )
    return Group(group.members, tuple(extents), runs_on=True) if gaps >= 0.6 * len(group.members) else None


def _parted(page: Outline) -> Iterator[Group]:
    """What line breaks or rules part: an entry before each, and one after the last."""
    marks: dict[tuple[int, str], list[int]] = defaultdict(list)
    for element in page.elements:
        if element.tag in _SEPARATORS and element.parent >= 0:
            marks[element.parent, element.tag].append(element.at)
    for (parent, _), members in marks.items():
        if FEWEST <= len(members) + 1 <= MOST:
            pieces = pairwise([parent, *members, page.ends[parent]])
            said = tuple(piece for piece in pieces if page.between("chars", *piece) > _LEAST_CHARS)
            if len(said) >= FEWEST:
                yield Group(tuple(members), said, runs_on=True)


def promise(page: Outline, group: Group) -> float:
    """How much the members look like entries at first sight: links of their own, dates, headings, text."""
    count = len(group.extents)
    chars = measured(page, group, "chars")
    total = sum(chars)
    if total < 10 * count or total > _LONGEST * count or (count > 3 and max(chars) > _MOST_OF_ALL * total):
        return 0.0
    dated = sum(map(bool, measured(page, group, "dates"))) / count
    headed = sum(map(bool, measured(page, group, "headings"))) / count
    linked = len(set(filter(None, leads(page, group)))) / count
    place = page.elements[group.members[0]].place
    size = min(1.0, log(1 + count) / log(1 + FULL))
    share = total / max(1, page.inside("chars", 0))
    return place * size * (0.1 + 0.25 * linked + 0.45 * dated + 0.1 * headed) * float(min(1.0, share) ** 0.3)


def measured(page: Outline, group: Group, what: str) -> list[int]:
    """How much of `what` (chars, dates, links, headings) each entry holds."""
    if group.runs_on:
        return [page.between(what, *extent) for extent in group.extents]
    return [page.inside(what, at) for at in group.members]


def leads(page: Outline, group: Group) -> list[str | None]:
    """Where the first link of each entry leads, as written."""
    return [page.elements[start].around or page.first_link(start, end) for start, end in group.extents]
