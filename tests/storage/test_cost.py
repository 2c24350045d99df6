"""What a visit costs does not grow with the releases stored: every statement on its way finds its rows by an index."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.records import Folding, Outcome
from tests.storage.samples import NOON, ROOM, candidate, fold, look, release, visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.store import Store

HARMLESS = ("CONSTANT ROW", "_newest", "_unwritten")  # no table; walked from its end; holds what waits and no more
WINDOW = [f"k{n}" for n in range(20)]


def unchanged_window(store: Store) -> None:
    seq = store._db.number("SELECT max(seq) FROM sequence WHERE folded = 0")
    later = [release(key, rank, last_seen=NOON + timedelta(1), seen_seq=seq) for rank, key in enumerate(WINDOW)]
    addresses = tuple((key, key) for key in WINDOW)
    store.fold(seq, Folding(ROOM, releases=tuple(later), addresses=addresses, candidates=(candidate("k1"),)))


STEPS: dict[str, Callable[[Store], object]] = {
    "add_visit": lambda store: store.add_visit(visit(outcome=Outcome.NOT_MODIFIED)),
    "add_look": lambda store: store.add_look(look()),
    "releases_at": lambda store: store.releases_at(ROOM.id, WINDOW),
    "releases_named": lambda store: store.releases_named(ROOM.id, WINDOW),
    "top": lambda store: store.top(ROOM.id, above=5, limit=10),
    "titled": lambda store: store.titled(ROOM.id, [f"quay {key} reopens" for key in WINDOW]),
    "lowest_rank": lambda store: store.lowest_rank(ROOM.id),
    "stretches": lambda store: list(store.stretches(ROOM.id)),
    "held": lambda store: store.held(ROOM.id),
    "fold": unchanged_window,
    "unfolded": lambda store: store.unfolded(ROOM.id),
    "candidates": lambda store: store.candidates(ROOM.id),
    "candidates by key": lambda store: store.candidates(ROOM.id, keys=WINDOW, open_only=False),
    "revisions": lambda store: store.revisions(ROOM.id, "k1"),
    "a first batch of releases": lambda store: next(store.releases()),
    "a first batch of a newsroom's releases": lambda store: next(store.releases(ROOM.id)),
    "unreported": lambda store: store.unreported("daily"),
    "unwritten": lambda store: store.unwritten(),
}


@pytest.mark.parametrize("step", STEPS)
def test_every_statement_of_a_visit_uses_an_index(store: Store, step: str) -> None:
    store.register_digest("daily")
    fold(store, releases=tuple(release(key, rank) for rank, key in enumerate(WINDOW)))
    store.add_visit(visit())
    conn, told = store._db._db.conn, list[str]()
    conn.set_trace_callback(told.append)
    STEPS[step](store)
    conn.set_trace_callback(None)
    statements = [one for one in told if one.split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}]
    assert statements
    for statement in statements:
        plan = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {statement}")]
        scans = [line for line in plan if line.startswith("SCAN") and not any(word in line for word in HARMLESS)]
        assert scans == [], statement
        sorts = [line for line in plan if "TEMP B-TREE" in line]
        assert sorts == [], statement


def test_a_release_seen_again_touches_no_index(store: Store) -> None:
    fold(store, releases=(release("a"),))
    told: list[str] = []
    store._db._db.conn.set_trace_callback(told.append)
    fold(store, releases=(release("a", seen_seq=2, summary="Another"),))
    store._db._db.conn.set_trace_callback(None)
    (update,) = {statement for statement in told if re.match(r"(?:INSERT|UPDATE|DELETE).* releases ", statement)}
    assert update.startswith("UPDATE releases")
    assert not any(f" {name} = " in update.split("WHERE")[0] for name in ("rank", "state", "title_key", "date", "key"))
