"""Asking for many releases at once gives what asking for each would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage import encoding
from storage.records import History
from tests.storage.samples import ROOM, candidate, fold, release

if TYPE_CHECKING:
    from storage.store import Store

KEYS = [f"k{n}" for n in range(300)]


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 17, 64, 65, 257, 300])
def test_so_many_releases_are_found_in_the_order_asked(store: Store, count: int) -> None:
    fold(
        store,
        releases=tuple(release(key, rank) for rank, key in enumerate(KEYS)),
        addresses=tuple((f"at {key}", key) for key in KEYS),
    )
    asked = KEYS[:count][::-1]
    assert list(store.releases_named(ROOM.id, [*asked, "none", *asked])) == asked
    addresses = [f"at {key}" for key in asked]
    found = store.releases_at(ROOM.id, [*addresses, "nowhere"])
    assert list(found) == addresses
    assert [one.key for one in found.values()] == asked


def test_a_key_with_half_a_character_is_found_as_asked(store: Store) -> None:
    fold(store, releases=(release("k\ufffd", 1),), addresses=(("a\ufffd", "k\ufffd"),))
    assert list(store.releases_named(ROOM.id, ["k\ud800"])) == ["k\ud800"]
    assert list(store.releases_at(ROOM.id, ["a\ud800"])) == ["a\ud800"]


def test_candidates_of_many_keys_are_found_in_one_newsroom_and_in_all(store: Store) -> None:
    fold(store, releases=tuple(release(key, rank) for rank, key in enumerate(KEYS[:6])))
    fold(store, candidates=(candidate("k3"), candidate("k1"), candidate("k5", closed_seq=1)))
    for newsroom in (ROOM.id, None):
        assert [one.key for one in store.candidates(newsroom, keys=KEYS)] == ["k1", "k3"]
        assert [one.key for one in store.candidates(newsroom, keys=KEYS, open_only=False)] == ["k1", "k3", "k5"]
        assert store.candidates(newsroom, keys=()) == []


@pytest.mark.parametrize(
    "values", [(), ("",), ("", ""), ("a",), ("a", "b"), ("a\nb",), ("a\nb", "c"), ("\n",), ("a", "")]
)
def test_a_history_comes_back_whatever_its_texts_hold(values: tuple[str, ...]) -> None:
    history = History(addresses=values, titles=values)
    assert encoding.read_history(encoding.history(history)) == history


def test_a_history_kept_as_lists_is_read() -> None:
    text = (
        '{"addresses":["a","b"],"titles":[],"shapes":["s"],"newest":"2026-11-20","counts":[1],"pinned":[],'
        '"oldest_first":false}'
    )
    assert encoding.read_history(text).addresses == ("a", "b")
