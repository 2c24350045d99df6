"""The proof of the window rule: newsroom lives without a false or a missed change, and no clause to spare.

`python -m tests.scheduler.test_lives FIRST COUNT` lives more of them and prints how much of what happened was
decidable.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

import scheduler.compare
import scheduler.diff
import scheduler.fold
import scheduler.folder
import scheduler.identify
import scheduler.ranks
import scheduler.settle
from scheduler.identify import hashed
from storage.records import Kind
from tests.scheduler import test_window_rule as small
from tests.scheduler.lives import Life, live

LIVES = 1000
CHUNK = 25
PATIENCE = 2000  # lives among which one is sought that needs a clause
HASTE = 150  # lives within which a look too few shows


def lived(first: int, count: int, live: Callable[[int], Life] = live) -> tuple[list[str], Counter[Kind], Counter[Kind]]:
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


def many_lives(
    first: int, count: int, live: Callable[[int], Life] = live
) -> tuple[list[str], Counter[Kind], Counter[Kind]]:
    """The same over two processes."""
    faults: list[str] = []
    facts: Counter[Kind] = Counter()
    decidable: Counter[Kind] = Counter()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        chunks = [
            pool.submit(lived, start, min(CHUNK, first + count - start), live)
            for start in range(first, first + count, CHUNK)
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


# What stands in for a clause that is taken out, and the proof that it is needed: a life that goes wrong without it, or
# a small scenario that does. A life may cease to prove it when the lives are changed: `--without CLAUSE` seeks another.
CLAUSES: dict[str, tuple[Callable[..., object], int | Callable[[], None]]] = {
    "diff.above_oldest_shared": (lambda *_: True, 3),
    "diff.recent_below": (lambda *_: False, 30),
    "diff.next_missing": (
        lambda *_: (False, ""),
        small.TestWhatIsNew().test_news_below_a_first_entry_that_stays_is_new_though_the_limit_ends_the_window,
    ),
    "diff.continues": (lambda *_: True, 580),
    "diff.stood_below": (lambda *_: True, 305),
    "diff.strictly_older": (lambda *_: True, 2),
    "diff.in_place": (
        lambda s, known: s.key in known.releases,
        small.TestWhatIsNew().test_what_the_list_was_never_read_back_to_is_history,
    ),
    "diff.steady_keys": (lambda shown, known, _: {s.key for s in shown if s.key in known.section}, 231),
    "diff._settled": (lambda *_: False, 11),
    "diff._twins": (lambda *_: [], 0),
    "diff._surrounded": (lambda *_: False, 16),
    "fold.place_passed": (lambda *_: True, 10),
    "fold.in_place": (lambda *_: True, small.TestWhatIsNew().test_what_the_list_was_never_read_back_to_is_history),
    "identify._pinned": (lambda *_: frozenset(), 103),
    "identify.was_pinned": (lambda *_: False, small.TestWhatIsNew().test_undated_news_below_what_was_pinned_is_new),
    "identify.oldest_first": (lambda *_: False, 6),
    "identify.same_entry": (lambda *_: False, small.TestWhatIsNew().test_an_entry_repeated_with_its_title_cut_is_one),
    "identify.hashes": (lambda address, entry: [hashed(address, entry)], 325),
    "ranks._stays_above": (lambda *_: False, 980),
    "compare.value_edited": (lambda before, after: before != after, 1),
    "compare.date_edited": (lambda release, entry: bool(release.date and entry.date and release.date != entry.date), 2),
    "compare._by_publishers": (
        lambda edits, _: edits,
        small.TestWhatIsEdited().test_what_differs_in_most_releases_at_once_is_the_pages_doing,
    ),
    "compare.is_cut": (lambda _: False, 1),
    "settle.may_be": (lambda *_: False, 1),
    "settle.listed_target": (lambda *_: None, 0),
    "settle.twin_of": (lambda *_: None, 4),
}


def take_out(clause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts what stands in for it in a clause's place."""
    module, *path, name = clause.split(".")
    owner: object = getattr(scheduler, module)
    for part in path:
        owner = getattr(owner, part)
    monkeypatch.setattr(owner, name, CLAUSES[clause][0])


@pytest.mark.parametrize("clause", CLAUSES)
def test_no_clause_can_be_taken_out(clause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = CLAUSES[clause][1]
    if isinstance(proof, int):
        assert not live(proof).faults
        take_out(clause, monkeypatch)
        assert live(proof).faults
    else:
        proof()
        take_out(clause, monkeypatch)
        with pytest.raises(AssertionError):
            proof()


def test_one_look_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    weigh = scheduler.settle.weigh

    def hasty(folder: scheduler.folder.Folder, release: object, candidate: object, look: object) -> None:
        weigh(folder, release, candidate, look)  # type: ignore[arg-type]  # handed on as they came
        weigh(folder, release, folder.candidates[look.key], look)  # type: ignore[attr-defined,arg-type]  # likewise

    monkeypatch.setattr(scheduler.settle, "weigh", hasty)
    assert any(live(seed, confirm_after_h=0).faults for seed in range(HASTE))


def main(words: Sequence[str]) -> int:
    """Lives the lives asked for and prints their faults, or seeks one that goes wrong without a clause."""
    if words[0] == "--without":
        with pytest.MonkeyPatch.context() as monkeypatch:
            take_out(words[1], monkeypatch)
            print(next((seed for seed in range(PATIENCE) if live(seed).faults), "no life needs it"))
        return 0
    start, number = (int(word) for word in words)
    found, happened, could = many_lives(start, number)
    print(f"{number} lives; decidable of all that happened: {shares(happened, could)}")
    print(f"{len(found)} faults")
    print(*found, sep="\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
