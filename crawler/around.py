"""Dates that stand beside the entries of a list: before or after each, or in a heading above several of them."""

from __future__ import annotations

import re
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
    """A line between the entries: how many of these stand above it, its text, its block and what that stands in."""

    gap: int
    text: str
    heading: bool
    above: tuple[int, ...]  # ids from the block itself outwards
    beside: int = 0  # letters beside its date


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
    own = _of_each(dated, above) or _of_groups(_heads(dated), above)
    periods = {note: period for note in notes if (period := _period(note.text, language))}
    grouped = _of_groups(list(periods), above)
    found = []
    for at in range(len(nodes)):
        year, month = periods[grouped[at]] if at in grouped else (None, None)
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
            yield _Note(0, text, True, ())


def _first_heading(top: LexborNode) -> LexborNode | None:
    root = top
    while root.parent is not None and root.tag != "body":
        root = root.parent
    found = root.css("h1")
    return found[0] if len(found) == 1 else None


def _between(top: LexborNode, nodes: Sequence[LexborNode]) -> Iterator[_Note]:
    """The short lines of a list that stand in none of its entries."""
    entries = {node.mem_id for node in nodes}
    inside: set[int] = set()
    blocks: dict[int, LexborNode] = {top.mem_id: top}
    line: list[str] = []
    current, gap = top, 0
    for count, node in enumerate(top.traverse(include_text=True)):
        parent = node.parent
        if count > _MOST_NODES or parent is None:
            continue
        tag, mine = node.tag or "-", node.mem_id
        if parent.mem_id in inside:
            inside.add(mine)
            continue
        block = blocks.get(parent.mem_id, top)
        new = mine in entries or tag in BLOCKS or tag == "br" or block.mem_id != current.mem_id
        if new and line:
            yield from _note(gap, line, current)
            line = []
        current = block
        if mine in entries:
            gap += 1
            inside.add(mine)
        elif tag in UNREAD:
            inside.add(mine)
        elif tag == "-text":
            line.append(node.text_content or "")
        else:
            if tag == "time" and (stamp := node.attributes.get("datetime")):
                yield _Note(gap, clean(stamp), False, _above(block))
            blocks[mine] = node if tag in BLOCKS else block
    if line:
        yield from _note(gap, line, current)


def _note(gap: int, line: list[str], block: LexborNode) -> Iterator[_Note]:
    text = clean("".join(line))
    if text and len(text) <= _LONGEST:
        named = f"{block.attributes.get('class')}".lower()
        yield _Note(gap, text, block.tag in _HEADINGS or "head" in named or "date" in named, _above(block))


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
        if note.above:  # what heads the whole list is no entry's own
            gaps.setdefault(note.gap, []).append(note)
    if last < 2 or any(gap not in gaps for gap in range(1, last)):
        return {}
    nearer = [
        _depth(gaps[gap][0].above, above[gap - 1]) - _depth(gaps[gap][-1].above, above[gap]) for gap in range(1, last)
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


def _depth(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    """How deep the innermost element lies that both stand in."""
    shared = 0
    for mine, theirs in zip(reversed(a), reversed(b), strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared


def _heads(dated: list[_Note]) -> list[_Note]:
    """The dates that head groups: what heads nothing but the whole list must be all of a heading."""
    if len({note.text for note in dated}) > 1:
        return dated
    return [note for note in dated if note.heading and note.beside <= _BESIDE]


def _of_groups(notes: list[_Note], above: Sequence[tuple[int, ...]]) -> dict[int, _Note]:
    """Headings for the entries below them, up to the next one and as far as the box reaches that it heads."""
    found: dict[int, _Note] = {}
    for note in notes:
        if note.gap >= len(above):
            continue
        box = next((one for one in note.above if one in above[note.gap]), None)
        for at in range(note.gap, len(above)):
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
