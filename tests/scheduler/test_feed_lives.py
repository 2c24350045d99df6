"""The proof of two sources: lives watched through a list and a feed, without a false change and without a double.

`python -m tests.scheduler.test_feed_lives FIRST COUNT` lives more of them and prints how much of what happened was
decidable.
"""

from __future__ import annotations

import sys

from tests.scheduler.feed_lives import feed_live
from tests.scheduler.test_lives import many_lives, shares

LIVES = 200


def test_no_life_sees_a_false_change_and_what_either_source_decides_is_told_once() -> None:
    faults, facts, decidable = many_lives(0, LIVES, feed_live)
    print(f"{LIVES} lives; decidable of all that happened: {shares(facts, decidable)}")
    assert faults == []
    assert all(decidable[kind] for kind in facts)


if __name__ == "__main__":
    start, number = (int(word) for word in sys.argv[1:3])
    found, happened, could = many_lives(start, number, feed_live)
    print(f"{number} lives; decidable of all that happened: {shares(happened, could)}")
    print(f"{len(found)} faults")
    print(*found, sep="\n")
    sys.exit(bool(found))
