"""Releases by their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.records import Folding, Newsroom
from tests.storage.samples import NOON, ROOM, fold, release, visit

if TYPE_CHECKING:
    from storage.records import Release
    from storage.store import Store

DAY = NOON.date()


def told(key: str, title: str, days: int = 0, **values: str) -> Release:
    return replace(release(key, title=title, date=DAY - timedelta(days=days)), **values)  # type: ignore[arg-type] # texts


def found(store: Store, *phrases: str, newsroom: str | None = None) -> list[str]:
    return [one.key for one, _ in store.search(phrases, newsroom)]


@pytest.fixture
def filled(store: Store) -> Store:
    fold(
        store,
        releases=(
            told("a", "Harbour tunnel opens in May", 3),
            told("b", "Tunnel under the harbour floods", 1, summary="Pumps and sandbags: a “state of alarm”"),
            told("c", "Grève générale à Genève", 2, caption="A ferry at the quay"),
            told("d", "港湾トンネルが開通", 5),
            release("e", title="Undated tunnel", date=None),
        ),
    )
    return store


@pytest.mark.parametrize(
    ("phrases", "keys"),
    [
        (["tunnel"], ["b", "a", "e"]),
        (["TUNNEL", "harbour"], ["b", "a"]),
        (["harbour tunnel"], ["a"]),
        (["tun"], ["b", "a", "e"]),
        (["unnel"], []),
        (["greve generale"], ["c"]),
        (["GENÈVE"], ["c"]),
        (["pumps"], ["b"]),
        (["ferry quay"], []),
        (["ferry", "quay"], ["c"]),
        (["トンネル"], ["d"]),
        (["トンネル", "harbour"], []),
        (["tunnel", "-"], ["b", "a", "e"]),
        (["—"], []),
        ([], []),
    ],
)
def test_every_phrase_must_be_there(filled: Store, phrases: list[str], keys: list[str]) -> None:
    assert found(filled, *phrases) == keys


@pytest.mark.parametrize(
    "typed",
    [
        '"',
        'tunnel"',
        'a" OR "b',
        "title:tunnel",
        "tunnel*",
        "NOT tunnel",
        "tunnel AND",
        "(tunnel",
        "x\0y",
        "\ud800t",
        "^t",
    ],
)
def test_what_is_typed_is_text(filled: Store, typed: str) -> None:
    assert set(found(filled, typed)) <= {"a", "b", "c", "e"}
    assert found(filled, "title:tunnel") == []


def test_an_edit_a_drop_and_another_newsroom(filled: Store) -> None:
    fold(filled, releases=(told("a", "Bridge opens in May", 3),), dropped=("b",))
    assert found(filled, "tunnel") == ["e"]
    assert found(filled, "bridge") == ["a"]
    other = Newsroom("quay", "https://quay.example/news")
    seq = filled.add_visit(visit(other.id))
    filled.fold(seq, Folding(other, releases=(replace(told("q", "Bridge closes", 9), newsroom=other.id),)))
    assert found(filled, "bridge") == ["a", "q"]
    assert found(filled, "bridge", newsroom=ROOM.id) == ["a"]
    assert filled.problems() == []


def test_thousands_are_read_in_batches(store: Store) -> None:
    fold(store, releases=tuple(told(f"k{n}", f"Notice {n} of the quay", n) for n in range(1200)))
    assert found(store, "quay") == [f"k{n}" for n in range(1200)]
