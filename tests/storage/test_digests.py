"""Digests: each change in exactly one issue of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.encoding import read_standing, standing
from storage.errors import StoreError
from storage.records import Change, Standing, Trouble
from tests.storage.samples import NOON, change, fold, issue

if TYPE_CHECKING:
    from pathlib import Path

    from storage.records import Issue
    from storage.store import Store

A, B, C = change("a"), change("b"), change("c")


def test_a_digest_starts_after_what_was_told_before_it(store: Store) -> None:
    fold(store, changes=(A,))
    store.register_digest("daily")
    fold(store, changes=(B,))
    store.register_digest("daily")
    store.register_digest("weekly")
    assert store.unreported("daily") == (2, (B,))
    assert store.unreported("weekly") == (2, ())
    assert store.digests() == ["daily", "weekly"]


def test_an_issue_moves_its_own_digest_only(store: Store) -> None:
    for name in ("daily", "weekly"):
        store.register_digest(name)
    fold(store, changes=(A, B))
    first = issue(changes=(B,))
    store.add_issue(first, up_to=2, sha256="sha-1")
    assert store.unreported("daily") == (2, ())
    assert store.unreported("weekly") == (2, (A, B))
    fold(store, changes=(C,))
    second = issue(2, (C,))
    store.add_issue(second, up_to=3, sha256="sha-2")
    assert store.issues("daily") == [(first, "sha-1"), (second, "sha-2")]
    assert store.issues("daily", latest=1) == [(second, "sha-2")]
    assert store.bare_issues("daily") == [(replace(first, changes=()), "sha-1"), (replace(second, changes=()), "sha-2")]
    assert store.last_issue("daily") == second
    assert store.last_issue("weekly") is None
    assert store.problems() == []


def test_a_trouble_that_an_earlier_presswatch_kept_was_not_read_since_it_began() -> None:
    told = Standing(1, 0, None, (Trouble("a", NOON, "HTTP 500", last_read=NOON - timedelta(days=1)),))
    assert read_standing(standing(told)) == told
    earlier = standing(told).replace('"last_read":"2', '"then":"2')
    assert read_standing(earlier).troubles == (Trouble("a", NOON, "HTTP 500", last_read=NOON),)


def test_issues_wait_until_they_are_written(store: Store) -> None:
    for name in ("weekly", "daily"):
        store.register_digest(name)
        store.add_issue(issue(digest=name), up_to=0, sha256="sha-1")
    store.add_issue(issue(2), up_to=0, sha256="sha-2")
    assert [(one.digest, one.number, sha256) for one, sha256 in store.unwritten()] == [
        ("daily", 1, "sha-1"),
        ("daily", 2, "sha-2"),
        ("weekly", 1, "sha-1"),
    ]
    store.mark_written("daily", 1)
    store.mark_written("daily", 1)
    store.mark_written("weekly", 1)
    assert [(one.digest, one.number) for one, _ in store.unwritten()] == [("daily", 2)]


def test_only_an_issue_can_be_marked_as_written(store: Store, path: Path) -> None:
    with pytest.raises(StoreError, match="no issue 3") as raised:
        store.mark_written("daily", 3)
    assert str(path) in str(raised.value)


def test_a_digest_that_skips_empty_issues_moves_on(store: Store) -> None:
    store.register_digest("daily")
    fold(store, changes=(A, B))
    store.skip_changes("daily", up_to=1)
    assert store.unreported("daily") == (2, (B,))
    with pytest.raises(StoreError, match="cannot go to 0"):
        store.skip_changes("daily", up_to=0)


def test_a_digest_that_is_not_registered_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="register it first"):
        store.unreported("daily")
    with pytest.raises(StoreError, match="register it first"):
        store.add_issue(issue(), up_to=0, sha256="sha-1")
    assert store.issues("daily") == []


@pytest.mark.parametrize(
    ("refused", "up_to", "why"),
    [
        (issue(1, (C,)), 3, "does not follow"),
        (issue(2, (C,), previous_sha256="sha-0"), 3, "chain"),
        (issue(2, (C,), previous_sha256=None), 3, "chain"),
        (issue(2, (C,), name=issue(1).name), 3, "second time"),
        (issue(2, (A,)), 3, "cannot carry"),
        (issue(2, (C,)), 2, "cannot carry"),
        (issue(2, (change("never told"),)), 3, "cannot carry"),
        (issue(2, (C, C)), 3, "refused"),
        (issue(2), 4, "cannot go to 4"),
        (issue(2), 1, "cannot go to 1"),
    ],
)
def test_an_issue_that_breaks_the_chain_is_refused(store: Store, refused: Issue, up_to: int, why: str) -> None:
    store.register_digest("daily")
    fold(store, changes=(A, B))
    store.add_issue(issue(changes=(A, B)), up_to=2, sha256="sha-1")
    fold(store, changes=(C,))
    with pytest.raises(StoreError, match=why):
        store.add_issue(refused, up_to=up_to, sha256="sha-2")
    assert store.unreported("daily") == (3, (C,))
    assert len(store.issues("daily")) == 1


def test_an_issue_of_ten_thousand_changes_keeps_their_order(store: Store) -> None:
    store.register_digest("daily")
    many = tuple(Change("harbour", A.kind, None, str(n), NOON) for n in range(10_000))
    fold(store, changes=many)
    store.add_issue(issue(changes=many[::-1]), up_to=10_000, sha256="sha-1")
    assert [kept.changes for kept, _ in store.unwritten()] == [many[::-1]]
