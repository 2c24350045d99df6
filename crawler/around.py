"""Dates that stand beside the entries of a list: before or after each, or in a heading above several of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler import dates, months
from crawler.datefind import is_other
from crawler.nodes import BLOCKS, UNREAD
from crawler.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from selectolax.lexbor import LexborNode

_HEADS = "h1, h2, h3, h4, h5, h6, dt, th, caption, [role=heading], [class*=heading i]"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt", "th", "caption", "summary"})
_MOST_NODES = 20_000  # between the entries of a list
_LONGEST = 120  # characters of a line that a date is looked for in
_BESIDE = 16  # letters that may stand beside a date on its line: "Wednesday, ", "Published: "
_BESIDE_IN_HEADING = 40  # likewise in a heading: "Orders pronounced on "
_MOST_SIBLINGS = 30
_MOST_IN_A_ROW = 3  # lines with a date between two entries: so many are of entries of another list
_YEAR = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})(?!\d)")
_BESIDE_YEAR = 24  # letters beside a year or a month that head a group: "Press releases of March 2024"


@dataclass(frozen=True, slots=True)
class Around:
    """What is told beside an entry: the text of a date, and the year and month of the group it stands in."""

    text: str = ""
    year: int | None = None
    month: int | None = None


@dataclass(frozen=True, slots=True)
class _Note:
    """A line between the entries: how many of these stand above it, its text, and its block; None for one above all.

    `beside` counts the letters beside its date.
    """

    gap: int
    text: str
    heading: bool
    block: LexborNode | None
    beside: int = 0


def around(nodes: Sequence[LexborNode], language: str) -> list[Around]:
    """What is told beside each entry of a list, whose nodes are in page order."""
    if not nodes:
        return []
    above = [_above(node) for node in nodes]
    top = _shared(nodes, above)
    if top is None:
        return [Around()] * len(nodes)
    notes = [*_over(top), *_between(top, nodes)] if len(nodes) > 1 else list(_over(nodes[0]))
    dated = [one for note in notes if (one := _dated(note, language)) is not None]
    own = _of_each(dated, above) or _of_groups(_heads(_unclaimed(dated, above)), above)
    grouped = _of_groups(_unclaimed([note for note in notes if _period(note.text, language)], above), above)
    found = []
    for at in range(len(nodes)):
        year, month = (_period(grouped[at].text, language) if at in grouped else None) or (None, None)
        found.append(Around(own[at].text if at in own else "", year, month))
    return found


def _above(node: LexborNode) -> tuple[int, ...]:
    """The ids of a node and of what it stands in, from within."""
    found = []
    step: LexborNode | None = node
    while step is not None:
        found.append(step.mem_id)
        step = step.parent
    return tuple(found)


def _shared(nodes: Sequence[LexborNode], above: Sequence[tuple[int, ...]]) -> LexborNode | None:
    """The innermost element that all entries stand in."""
    common = set(above[0][1:]).intersection(*(path[1:] for path in above[1:]))
    step = nodes[0].parent
    while step is not None and step.mem_id not in common:
        step = step.parent
    return step


def _over(top: LexborNode) -> Iterator[_Note]:
    """The heading of the page, and the nearest one above a list."""
    nearest: LexborNode | None = None
    step: LexborNode | None = top
    while step is not None and step.tag not in {None, "body", "html"} and nearest is None:
        sibling = step.prev
        for _ in range(_MOST_SIBLINGS):
            if sibling is None or nearest is not None:
                break
            if sibling.tag not in {"-text", "-comment"}:
                nearest = next(reversed(sibling.css(_HEADS)), None)
            sibling = sibling.prev
        step = step.parent
    for node in (_first_heading(top), nearest):
        text = clean(node.text(separator=" ")[: 2 * _LONGEST]) if node is not None else ""
        if text and len(text) <= _LONGEST:
            yield _Note(0, text, True, None)


def _first_heading(top: LexborNode) -> LexborNode | None:
    root = top
    while root.parent is not None and root.tag != "body":
        root = root.parent
    found = root.css("h1")
    return found[0] if len(found) == 1 else None


def _between(top: LexborNode, nodes: Sequence[LexborNode]) -> Iterator[_Note]:
    """The short lines of a list that stand in none of its entries."""
    gap = 0
    line: list[str] = []
    current = top
    for node, block in _outside(top, {node.mem_id for node in nodes}):
        tag = node.tag or "-"
        entry = tag != "-text" and block is None
        if line and (entry or tag in BLOCKS or tag == "br" or (block is not None and block.mem_id != current.mem_id)):
            yield from _note(gap, line, current)
            line = []
        current = block or current
        if entry:
            gap += 1
        elif tag == "-text":
            line.append(node.text_content or "")
        elif tag == "time" and (stamp := node.attributes.get("datetime")):
            yield _Note(gap, clean(stamp), False, current)
    if line:
        yield from _note(gap, line, current)


def _outside(top: LexborNode, entries: set[int]) -> Iterator[tuple[LexborNode, LexborNode | None]]:
    """What stands in an element, in page order, with the block around it; of an entry only itself, with None."""
    waiting: list[tuple[LexborNode, LexborNode]] = []  # what comes after the elements that are open
    node, block = top.first_child, top
    for _ in range(_MOST_NODES):
        while node is None and waiting:
            following, block = waiting.pop()
            node = following.next
        if node is None:
            return
        if node.mem_id in entries:
            yield node, None
            node = node.next
            continue
        yield node, block
        inner = None if node.tag in UNREAD else node.first_child
        if inner is None:
            node = node.next
            continue
        waiting.append((node, block))
        block = node if node.tag in BLOCKS else block
        node = inner


def _note(gap: int, line: list[str], block: LexborNode) -> Iterator[_Note]:
    text = clean("".join(line))
    if text and len(text) <= _LONGEST:
        named = f"{block.attributes.get('class')}".lower()
        yield _Note(gap, text, block.tag in _HEADINGS or "head" in named or "date" in named, block)


def _dated(note: _Note, language: str) -> _Note | None:
    """A line that tells a day and hardly anything else, and not that of an update."""
    span = dates.span(note.text, language=language)
    if span is None or is_other(note.text[: span[0]]):
        return None
    beside = sum(map(str.isalpha, note.text[: span[0]] + note.text[span[1] :]))
    return replace(note, beside=beside) if beside <= (_BESIDE_IN_HEADING if note.heading else _BESIDE) else None


def _of_each(dated: list[_Note], above: Sequence[tuple[int, ...]]) -> dict[int, _Note]:
    """Dates of which each belongs to one entry, which stands right before or right after it."""
    last = len(above)
    gaps: dict[int, list[_Note]] = {}
    for note in dated:
        if note.block is not None:  # what heads the whole list is no entry's own
            gaps.setdefault(note.gap, []).append(note)
    if last < 2 or any(gap not in gaps for gap in range(1, last)):
        return {}
    nearer = [
        _depth(_path(gaps[gap][0]), above[gap - 1]) - _depth(_path(gaps[gap][-1]), above[gap]) for gap in range(1, last)
    ]
    if all(step > 0 for step in nearer):
        after = True
    elif all(step < 0 for step in nearer):
        after = False
    elif any(nearer) or (0 in gaps) == (last in gaps):
        return {}
    else:
        after = last in gaps
    if after:
        return {gap - 1: gaps[gap][0] for gap in gaps if gap > 0}
    return {gap: gaps[gap][-1] for gap in gaps if gap < last}


def _path(note: _Note) -> tuple[int, ...]:
    return _above(note.block) if note.block is not None else ()


def _depth(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    """How deep the innermost element lies that both stand in."""
    shared = 0
    for mine, theirs in zip(reversed(a), reversed(b), strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared


def _unclaimed(notes: list[_Note], above: Sequence[tuple[int, ...]]) -> list[_Note]:
    """Without what stands in the entries of another list, which tells nothing of the next ones of this list."""
    run = Counter((note.gap, note.block.tag) for note in notes if note.block is not None and not note.heading)
    crowded = {place for place, count in run.items() if count >= _MOST_IN_A_ROW}
    links: dict[int, tuple[int, int]] = {}
    return [
        note
        for note in notes
        if note.block is None
        or not (
            (not note.heading and (note.gap, note.block.tag) in crowded)
            or _in_other_list(note, note.block, above, links)
        )
    ]


def _in_other_list(
    note: _Note, block: LexborNode, above: Sequence[tuple[int, ...]], links: dict[int, tuple[int, int]]
) -> bool:
    """Whether what parts a note from the nearest entry holds links beside it: in a heading, or several.

    `links` keeps what was counted before: a page may hold thousands of notes in one element.
    """
    path = _path(note)
    nearest = max(above[max(0, note.gap - 1) : note.gap + 1], key=lambda one: _depth(path, one))
    inside = set(nearest)
    branch = block
    while branch.parent is not None and branch.parent.mem_id not in inside:
        branch = branch.parent
    (own, own_headed), (all_of_it, headed) = _linked(block, links), _linked(branch, links)
    return headed > own_headed or all_of_it - own > (1 if note.heading or not own else 0)


def _linked(node: LexborNode, links: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many links an element holds, and how many of these stand right in headings."""
    if node.mem_id not in links:
        found = node.css("a[href]")
        links[node.mem_id] = len(found), sum(a.parent is not None and a.parent.tag in _HEADINGS for a in found)
    return links[node.mem_id]


def _heads(dated: list[_Note]) -> list[_Note]:
    """The dates that head groups: what heads nothing but the whole list must be all of a heading."""
    if len({note.text for note in dated}) > 1:
        return dated
    return [note for note in dated if note.heading and note.beside <= _BESIDE]


def _of_groups(notes: list[_Note], above: Sequence[tuple[int, ...]]) -> dict[int, _Note]:
    """Headings for the entries below them, up to the next one and as far as the box reaches that it heads."""
    found: dict[int, _Note] = {}
    for note, following in zip(notes, [*notes[1:], None], strict=False):
        end = following.gap if following is not None else len(above)
        if note.gap >= end:
            continue
        inside = set(above[note.gap])
        box = next((one for one in _path(note) if one in inside), None)
        for at in range(note.gap, end):
            if box is not None and box not in above[at]:
                break
            found[at] = note
    return found


def _period(text: str, language: str) -> tuple[int, int | None] | None:
    """The year, and the month if there is one, that a line names and hardly anything else."""
    match = _YEAR.search(text)
    if match is None or sum(map(str.isalpha, text)) > _BESIDE_YEAR:
        return None
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    month = months.month_in(rest, language)
    if any(map(str.isdigit, rest)) and month is None:
        return None
    return int(match["year"]), month
