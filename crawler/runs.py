"""Flat markup: entries that no element holds, each of which begins at an element and goes on to the next one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from selectolax.lexbor import LexborHTMLParser, LexborNode

_SEPARATORS = frozenset({"br", "hr"})  # what parts entries and belongs to none of them
_MOST = 200  # nodes that one entry goes on for: a list ends before


@contextmanager
def gathered(tree: LexborHTMLParser, heads: Sequence[LexborNode]) -> Iterator[list[LexborNode]]:
    """One node for each entry that begins at a head: the head and all that stands beside it up to the next one.

    Heads that are line breaks or rules part entries: what stands before the first is one, too. The last entry goes on
    as long as the longest before it, and only over elements of the kinds that these hold. The page is as before
    when the context ends.
    """
    own = {head.mem_id for head in heads}
    above = _above(heads)
    taken: set[int] = set()
    runs = []
    for head in heads:
        if head.tag in _SEPARATORS and (head.parent is None or head.parent.mem_id not in taken):
            taken.add(head.parent.mem_id if head.parent is not None else 0)
            runs.append(_before(head, own | above))
        runs.append(_from(head, own | above))
    _end(runs)
    wrappers = [wrapper for run in runs if (wrapper := _wrapped(tree, run)) is not None]
    try:
        yield wrappers
    finally:
        for wrapper in wrappers:
            wrapper.unwrap()


def _above(heads: Sequence[LexborNode]) -> set[int]:
    """What the heads stand in: no entry goes on over another's."""
    above: set[int] = set()
    for head in heads:
        step = head.parent
        while step is not None and step.mem_id not in above:
            above.add(step.mem_id)
            step = step.parent
    return above


def _from(head: LexborNode, barred: set[int]) -> list[LexborNode]:
    run = [] if head.tag in _SEPARATORS else [head]
    step = head.next
    while step is not None and step.mem_id not in barred and len(run) < _MOST:
        run.append(step)
        step = step.next
    return run


def _before(head: LexborNode, barred: set[int]) -> list[LexborNode]:
    run: list[LexborNode] = []
    step = head.prev
    while step is not None and step.mem_id not in barred and len(run) < _MOST:
        run.append(step)
        step = step.prev
    return run[::-1]


def _end(runs: list[list[LexborNode]]) -> None:
    """Cuts the last entry where the list seems to end."""
    if len(runs) < 2:
        return
    tags = {node.tag for run in runs[:-1] for node in run}
    longest = max(map(len, runs[:-1]))
    kept = []
    for node in runs[-1][:longest]:
        if node.tag not in tags:
            break
        kept.append(node)
    runs[-1] = kept


def _wrapped(tree: LexborHTMLParser, run: list[LexborNode]) -> LexborNode | None:
    if not run:
        return None
    run[0].insert_before(tree.create_node("div"))
    wrapper = run[0].prev
    if wrapper is None:
        return None
    for node in run:
        wrapper.insert_child(node, move=True)
    return wrapper
