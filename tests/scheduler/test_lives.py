"""The proof of the window rule: newsroom lives without a false or a missed change, and no clause to spare.

`python -m tests.scheduler.test_lives FIRST COUNT` lives more of them and prints how much of what happened was
decidable.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest

import scheduler.compare
import scheduler.diff
import scheduler.fold
import scheduler.folder
import scheduler.identify
from crawler.chronology import day_of
from storage.records import Kind
from tests.scheduler.lives import live

LIVES = 250
CHUNK = 25
PATIENCE = 150  # lives within which a missing clause must show


def lived(first: int, count: int) -> tuple[list[str], Counter[Kind], Counter[Kind]]:
    """The faults of so many lives, what happened in them, and how much of it was decidable."""
    faults: list[str] = []
    facts: Counter[Kind] = Counter()
    decidable: Counter[Kind] = Counter()
    for seed in range(first, first + count):
        life = live(seed)
        faults += [f"life {seed} {life.style}: {fault}" for fault in life.faults]
        facts += life.facts
        decidable.update(kind for kind, _, _ in life.decidable)
    return faults, facts, decidable


def many_lives(first: int, count: int) -> tuple[list[str], Counter[Kind], Counter[Kind]]:
    """The same over two processes."""
    faults: list[str] = []
    facts: Counter[Kind] = Counter()
    decidable: Counter[Kind] = Counter()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        chunks = [
            pool.submit(lived, start, min(CHUNK, first + count - start)) for start in range(first, first + count, CHUNK)
        ]
        for chunk in chunks:
            more = chunk.result()
            faults += more[0]
            facts += more[1]
            decidable += more[2]
    return faults, facts, decidable


def shares(facts: Counter[Kind], decidable: Counter[Kind]) -> str:
    """Decidable over total, by kind."""
    return ", ".join(f"{kind} {decidable[kind]}/{facts[kind]}" for kind in sorted(facts))


def test_no_life_sees_a_false_change_and_all_that_is_decidable_is_told_once() -> None:
    faults, facts, decidable = many_lives(0, LIVES)
    print(f"{LIVES} lives; decidable of all that happened: {shares(facts, decidable)}")
    assert faults == []
    assert all(decidable[kind] for kind in facts)


def test_a_life_is_told_the_same_twice() -> None:
    assert [change.id for change in live(7).changes] == [change.id for change in live(7).changes]


# The other clauses take more lives to be missed than a suite has time for: test_window_rule.py needs them.
CLAUSES: dict[str, Callable[..., object]] = {
    "diff.above_oldest_shared": lambda *_: True,
    "diff.recent_below": lambda *_: False,
    "diff.strictly_older": lambda *_: True,
    "compare.value_edited": lambda before, after: before != after,
    "compare.date_edited": lambda release, entry: bool(release.date and entry.date and release.date != day_of(entry)),
    "identify._pinned": lambda *_: frozenset(),
    "identify.oldest_first": lambda *_: False,
    "diff.steady_keys": lambda shown, known, _: {s.key for s in shown if s.key in known.section},
    "diff._settled": lambda *_: False,
    "diff._twins": lambda *_: [],
    "identify.same_entry": lambda *_: False,
    "fold.place_passed": lambda *_: True,
    "folder.Folder.may_be": lambda *_: False,
    "folder.Folder.listed_target": lambda *_: None,
    "folder.Folder.twin": lambda *_: None,
}


def missed(clause: str) -> bool:
    """Whether a life goes wrong without a clause. Runs in a process of its own, which coverage does not slow down."""
    module, *path, name = clause.split(".")
    owner: object = getattr(scheduler, module)
    for part in path:
        owner = getattr(owner, part)
    kept = getattr(owner, name)
    setattr(owner, name, CLAUSES[clause])
    try:
        return any(live(seed).faults for seed in range(PATIENCE))
    finally:
        setattr(owner, name, kept)


@pytest.fixture(scope="module")
def without() -> Iterator[dict[str, Future[bool]]]:
    """For each clause whether it is missed, worked out side by side."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield {clause: pool.submit(missed, clause) for clause in CLAUSES}


@pytest.mark.parametrize("clause", CLAUSES)
def test_no_clause_can_be_taken_out(clause: str, without: dict[str, Future[bool]]) -> None:
    assert without[clause].result(), f"{PATIENCE} lives do not need {clause}"


def test_one_look_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    weigh = scheduler.folder.Folder.weigh

    def hasty(folder: scheduler.folder.Folder, release: object, candidate: object, look: object) -> None:
        weigh(folder, release, candidate, look)  # type: ignore[arg-type]  # handed on as they came
        weigh(folder, release, folder.candidates[look.key], look)  # type: ignore[attr-defined,arg-type]  # likewise

    monkeypatch.setattr(scheduler.folder.Folder, "weigh", hasty)
    assert any(live(seed, confirm_after_h=0).faults for seed in range(PATIENCE))


if __name__ == "__main__":
    start, number = (int(word) for word in sys.argv[1:3])
    found, happened, could = many_lives(start, number)
    print(f"{number} lives; decidable of all that happened: {shares(happened, could)}")
    print(f"{len(found)} faults")
    print(*found, sep="\n")
    sys.exit(bool(found))
