"""Folding: everything of one visit or look at once, and once only; and what is found afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from storage.errors import StoreError
from storage.records import Folding, Kind, Newsroom, Outcome, Page, Release, State
from storage.store import Store
from tests.storage.samples import DAY, NOON, ROOM, candidate, change, fold, look, release, revision, visit

if TYPE_CHECKING:
    from pathlib import Path


def keys(releases: list[Release]) -> list[str]:
    return [one.key for one in releases]


def test_a_fold_writes_all_and_marks_it(store: Store) -> None:
    seq = store.add_visit(visit())
    room = replace(ROOM, last_seq=seq, last_outcome=Outcome.OK)
    told = (change("b"), change("a"))
    store.fold(
        seq,
        Folding(
            room,
            releases=(release("a"),),
            addresses=(("harbour.example/a", "a"), ("harbour.example/old-a", "a")),
            revisions=(revision("a", seq),),
            candidates=(candidate("a"),),
            changes=told,
        ),
    )
    assert store.unfolded() == []
    assert store.newsroom(ROOM.id) == room
    assert store.releases_at(ROOM.id, ["harbour.example/old-a", "elsewhere"]) == {"harbour.example/old-a": release("a")}
    assert store.revisions(ROOM.id, "a") == [revision("a", seq)]
    assert store.candidates() == [candidate("a")]
    assert store.changes() == list(told)


@pytest.mark.parametrize("kind", ["visit", "look"])
def test_nothing_is_folded_twice(store: Store, path: Path, kind: str) -> None:
    store.put_newsroom(ROOM)
    seq = store.add_visit(visit()) if kind == "visit" else store.add_look(look())
    store.fold(seq, Folding(ROOM))
    with pytest.raises(StoreError, match=f"{kind} {seq} was folded already") as raised:
        store.fold(seq, Folding(ROOM, releases=(release("a"),)))
    assert str(path) in str(raised.value)
    assert store.top(ROOM.id) == []


def test_what_is_not_there_cannot_be_folded(store: Store) -> None:
    with pytest.raises(StoreError, match="no visit or look 7"):
        store.fold(7, Folding(ROOM))
    assert store.newsrooms() == []


def test_a_fold_of_another_newsroom_is_refused(store: Store) -> None:
    seq = store.add_visit(visit())
    quarry = Newsroom("quarry", "https://quarry.example/news")
    with pytest.raises(StoreError, match="is of newsroom 'harbour', not of 'quarry'"):
        store.fold(seq, Folding(quarry))
    with pytest.raises(StoreError, match="holds records of"):
        store.fold(seq, Folding(quarry, releases=(release("a"),)))
    assert [waiting for waiting, _ in store.unfolded()] == [seq]


def test_a_fold_that_fails_leaves_everything_as_it_was(store: Store) -> None:
    seq = store.add_visit(visit())
    before = store.newsroom(ROOM.id)
    with pytest.raises(StoreError):
        store.fold(seq, Folding(replace(ROOM, last_seq=seq), releases=(release("a"),), candidates=(candidate("gone"),)))
    assert store.newsroom(ROOM.id) == before
    assert store.top(ROOM.id) == []
    assert [waiting for waiting, _ in store.unfolded()] == [seq]


def test_a_visit_makes_its_newsroom_known_and_changes_no_known_one(store: Store) -> None:
    store.add_visit(visit())
    assert store.newsrooms() == [Newsroom(ROOM.id, "https://harbour.example/news")]
    store.put_newsroom(replace(ROOM, fails=3))
    store.add_visit(visit(url="https://harbour.example/other"))
    assert store.newsrooms() == [replace(ROOM, fails=3)]


def test_a_look_for_an_unknown_newsroom_is_refused(store: Store, path: Path) -> None:
    with pytest.raises(StoreError, match="visit it first") as raised:
        store.add_look(look())
    assert str(path) in str(raised.value)


def test_the_same_change_again_is_told_once(store: Store) -> None:
    fold(store, changes=(change("a", detail={"pages": (1, 2)}),))
    fold(store, changes=(change("a", detail={"pages": [1, 2]}), change("b")))
    assert [one.key for one in store.changes()] == ["a", "b"]


def test_two_changes_of_one_id_are_a_fault_of_the_fold(store: Store) -> None:
    fold(store, changes=(change("a"),))
    with store.transaction():
        store._db.write("UPDATE changes SET title = 'Another'")
    with pytest.raises(StoreError, match="two different changes"):
        fold(store, changes=(change("b"), change("a")))
    assert [one.key for one in store.changes()] == ["a"]


@pytest.mark.parametrize("field", ["rank", "state", "title_key", "date", "title", "last_seen", "seen_seq", "summary"])
def test_a_release_is_replaced_whole(store: Store, field: str) -> None:
    other = release("a", 9, state=State.WITHDRAWN, title_key="x", date=None, title="X", seen_seq=4, summary="S")
    changed = replace(release("a"), **{field: getattr(replace(other, last_seen=NOON + timedelta(1)), field)})
    fold(store, releases=(release("a"), release("b")))
    fold(store, releases=(changed,))
    assert store.releases_named(ROOM.id, ["a", "b", "c"]) == {"a": changed, "b": release("b")}
    assert store.problems() == []


def test_the_last_of_two_for_one_key_wins(store: Store) -> None:
    fold(store, releases=(release("a"), release("a", title="Second")))
    fold(store, releases=(release("a", title="Third", rank=2), release("a", title="Fourth")))
    assert [(one.title, one.rank) for one in store.top(ROOM.id)] == [("Fourth", 1)]


def test_a_dropped_release_leaves_with_all_that_was_its_own(store: Store) -> None:
    fold(
        store,
        releases=(release("a"), release("b")),
        addresses=(("at-a", "a"), ("at-b", "b")),
        revisions=(revision("a"), revision("b")),
        candidates=(candidate("a"), candidate("b")),
        changes=(change("a"),),
    )
    fold(store, dropped=("a", "never there"), addresses=(("at-a", "b"),))
    assert keys(store.top(ROOM.id)) == ["b"]
    assert {address: one.key for address, one in store.releases_at(ROOM.id, ["at-a", "at-b"]).items()} == {
        "at-a": "b",
        "at-b": "b",
    }
    assert store.revisions(ROOM.id, "a") == []
    assert [one.key for one in store.candidates()] == ["b"]
    assert [one.key for one in store.changes()] == ["a"]  # what was told was told


def test_the_top_holds_releases_of_any_state_highest_first(store: Store) -> None:
    states = {"a": State.LISTED, "b": State.HELD, "c": State.WITHDRAWN, "d": State.UNLISTED, "e": State.LISTED}
    fold(store, releases=tuple(release(key, rank, state=state) for rank, (key, state) in enumerate(states.items(), -1)))
    assert keys(store.top(ROOM.id)) == ["e", "d", "c", "b", "a"]
    assert keys(store.top(ROOM.id, above=1)) == ["e", "d", "c"]
    assert keys(store.top(ROOM.id, limit=1)) == ["e"]
    assert store.top("quarry") == []


def test_three_at_most_are_given_of_one_title(store: Store) -> None:
    fold(
        store,
        releases=(
            release("a", 3, title_key="briefing"),
            release("b", 2, title_key="briefing", state=State.WITHDRAWN),
            release("c", 1, title_key="briefing", date=date(2026, 1, 2)),
            release("d", 0, title_key="briefing", date=None),
            release("e", 0, title_key="other"),
        ),
    )
    assert keys(store.titled(ROOM.id, ["briefing"])) == ["a", "b", "c"]
    assert keys(store.titled(ROOM.id, ["other", "briefing", "other"])) == ["e", "a", "b", "c"]
    assert store.titled("quarry", ["briefing"]) == []


@pytest.mark.parametrize("newsroom", [None, ROOM.id])
def test_releases_come_newest_first_however_many(store: Store, newsroom: str | None) -> None:
    many = [release(f"k{n:04}", n % 7, date=None if n % 50 == 0 else DAY - timedelta(n % 90)) for n in range(1203)]
    fold(store, releases=tuple(many))
    expected = sorted(many, key=lambda one: (one.date or date.min, one.rank, one.key), reverse=True)
    assert [one for one, _ in store.releases(newsroom)] == expected
    assert list(store.releases("quarry")) == []


def test_a_release_is_listed_where_the_last_believed_window_shows_it(store: Store) -> None:
    seq = fold(store, releases=(release("a", 2, seen_seq=1), release("b", 1, seen_seq=2)))
    store.put_newsroom(replace(ROOM, last_seq=seq + 1))
    assert [(one.key, listed) for one, listed in store.releases()] == [("a", False), ("b", True)]


def test_releases_of_several_newsrooms_stand_in_one_order(store: Store) -> None:
    for newsroom, day in (("harbour", DAY), ("quarry", DAY + timedelta(1))):
        seq = store.add_visit(visit(newsroom))
        given = replace(release("a", date=day), newsroom=newsroom)
        store.fold(seq, Folding(Newsroom(newsroom, "https://x.example/", last_seq=1), releases=(given,)))
    assert [(one.newsroom, listed) for one, listed in store.releases()] == [("quarry", True), ("harbour", True)]
    assert [one.newsroom for one, _ in store.releases("harbour")] == ["harbour"]


def test_the_store_may_be_written_while_its_releases_are_walked(store: Store) -> None:
    fold(store, releases=tuple(release(str(n), n) for n in range(1200)))
    seen = []
    for one, _ in store.releases(ROOM.id):
        seen.append(one.key)
        if one.rank % 100 == 0:
            fold(store, releases=(replace(one, title="Walked over"),))
    assert seen == [str(n) for n in reversed(range(1200))]


def test_candidates_are_found_by_newsroom_by_key_and_by_being_open(store: Store) -> None:
    settled = candidate("b", closed_seq=9, closed_reason="still there")
    fold(
        store, releases=(release("a"), release("b"), release("c")), candidates=(candidate("c"), settled, candidate("a"))
    )
    assert [one.key for one in store.candidates()] == ["a", "c"]
    assert [one.key for one in store.candidates(ROOM.id, open_only=False)] == ["a", "b", "c"]
    assert [one.key for one in store.candidates(ROOM.id, keys=["c", "b", "c", "z"])] == ["c"]
    assert store.candidates(keys=["b"], open_only=False) == [settled]
    assert store.candidates(ROOM.id, keys=[]) == []
    assert store.candidates("quarry") == []
    fold(store, candidates=(candidate("b"),))
    assert [one.key for one in store.candidates()] == ["a", "b", "c"]


def test_changes_are_found_by_newsroom_kind_and_time(store: Store) -> None:
    later = NOON + timedelta(hours=1)
    fold(store, changes=(change("a"), change("b", Kind.EDITED), change("c", seen_at=later), change("d", seen_at=later)))
    assert [one.key for one in store.changes()] == ["a", "b", "c", "d"]
    assert [one.key for one in store.changes(kind=Kind.EDITED)] == ["b"]
    assert [one.key for one in store.changes(newsroom=ROOM.id, since=later)] == ["c", "d"]
    assert [one.key for one in store.changes(limit=2)] == ["c", "d"]
    assert store.changes(newsroom="quarry") == []
    assert store.changes(limit=0) == []


def test_pruning_keeps_windows_what_waits_and_what_is_recent(store: Store) -> None:
    store.put_newsroom(ROOM)
    body, other = Page("u", "text/html", b"kept"), Page("u", "text/html", b"lost")
    old, recent = NOON - timedelta(90), NOON
    quiet, failed = {"outcome": Outcome.NOT_MODIFIED}, {"outcome": Outcome.FAILED}
    window = store.add_visit(visit(finished_at=old, window=(), pages=(body,), outcome=Outcome.OK))
    numbers = {
        "waiting": store.add_visit(visit(finished_at=old, **quiet)),
        "recent": store.add_visit(visit(finished_at=recent, **quiet, pages=(body,))),
        "lost visit": store.add_visit(visit(finished_at=old, **failed, pages=(other, body))),
        "lost look": store.add_look(look(at=old)),
        "recent look": store.add_look(look(at=recent)),
    }
    for name, seq in numbers.items():
        if name != "waiting":
            store.fold(seq, Folding(ROOM))
    with store.transaction():
        store._db.write("INSERT INTO windows (seq, listings) VALUES (?, '[]')", [window])
    store.fold(window, Folding(ROOM))
    store.prune_visits(NOON - timedelta(30))
    assert [seq for seq in (window, *numbers.values()) if store.visit(seq)] == [
        window,
        numbers["waiting"],
        numbers["recent"],
    ]
    assert store._db.number("SELECT count(*) FROM looks") == 1
    assert store._db.number("SELECT count(*) FROM pages") == 1
    assert store.problems() == []


def test_a_pruned_number_is_never_given_again(path: Path) -> None:
    with Store.open(path) as store:
        seq = store.add_visit(visit(outcome=Outcome.FAILED))
        store.fold(seq, Folding(ROOM))
        store.prune_visits(NOON + timedelta(1))
        assert store.visit(seq) is None
    with Store.open(path) as store:
        assert store.add_visit(visit()) > seq
