"""The store against a model of plain dicts, over random lives with reopenings and transactions taken back."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from storage.errors import StoreError
from storage.records import (
    Candidate,
    Change,
    Folding,
    Issue,
    Kind,
    Look,
    Newsroom,
    Outcome,
    Page,
    Release,
    Revision,
    State,
    Visit,
)
from storage.store import Store
from tests.storage.samples import DAY, NOON, candidate, change, issue, look, release, revision, visit

ROOMS = ("harbour", "quarry")
rooms = st.sampled_from(ROOMS)
keys = st.sampled_from("abcdef")
addresses = st.tuples(st.sampled_from([f"at-{n}" for n in range(8)]), keys)
drawn_releases = st.builds(
    lambda key, rank, title, day, state: release(key, rank, title_key=title, date=day, state=state),
    keys,
    st.integers(-3, 3),
    st.sampled_from(["briefing", "storm"]),
    st.sampled_from([None, DAY, DAY + timedelta(1)]),
    st.sampled_from(State),
)


@dataclass
class Model:
    """What the store should hold."""

    rooms: dict[str, Newsroom] = field(default_factory=dict)
    came: dict[int, Visit | Look] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)
    releases: dict[tuple[str, str], Release] = field(default_factory=dict)
    addresses: dict[tuple[str, str], str] = field(default_factory=dict)
    revisions: list[Revision] = field(default_factory=list)
    candidates: dict[tuple[str, str], Candidate] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    cursors: dict[str, int] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    written: set[tuple[str, int]] = field(default_factory=set)

    def fold(self, seq: int, folding: Folding) -> None:
        room = folding.newsroom.id
        self.waiting.remove(seq)
        self.rooms[room] = folding.newsroom
        for key in folding.dropped:
            self.releases.pop((room, key), None)
            self.candidates.pop((room, key), None)
            self.addresses = {at: own for at, own in self.addresses.items() if (at[0], own) != (room, key)}
            self.revisions = [one for one in self.revisions if (one.newsroom, one.key) != (room, key)]
        self.releases.update({(room, one.key): one for one in folding.releases})
        self.addresses.update({(room, address): key for address, key in folding.addresses})
        self.revisions += folding.revisions
        self.candidates.update({(room, one.key): one for one in folding.candidates})
        for one in folding.changes:
            if one not in self.changes:
                self.changes.append(one)


class Lives(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "presswatch.db"
        self.store = Store.open(self.path)
        self.model = Model()
        self.last_seq = 0

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store.open(self.path)

    @rule(room=rooms, outcome=st.sampled_from(Outcome), bodies=st.lists(st.binary(max_size=2), max_size=2))
    def visit(self, room: str, outcome: Outcome, bodies: list[bytes]) -> None:
        pages = tuple(Page("https://x.example/", "text/html", body) for body in bodies)
        self._came(visit(room, outcome=outcome, pages=pages))

    @precondition(lambda self: self.model.rooms)
    @rule(data=st.data(), key=keys)
    def look(self, data: st.DataObject, key: str) -> None:
        self._came(look(key, newsroom=data.draw(st.sampled_from(sorted(self.model.rooms)))))

    def _came(self, record: Visit | Look) -> None:
        seq = self.store.add_visit(record) if isinstance(record, Visit) else self.store.add_look(record)
        assert seq > self.last_seq
        self.last_seq = seq
        self.model.came[seq] = record
        self.model.waiting.add(seq)
        if isinstance(record, Visit):
            self.model.rooms.setdefault(record.newsroom, Newsroom(record.newsroom, record.url))

    @precondition(lambda self: self.model.waiting)
    @rule(
        data=st.data(),
        releases=st.lists(drawn_releases, max_size=4, unique_by=lambda one: one.key),
        dropped=st.lists(keys, max_size=1),
        told=st.lists(st.tuples(keys, st.sampled_from(Kind)), max_size=3),
        fate=st.sampled_from(["commit", "commit", "commit", "roll back", "fail"]),
    )
    def fold(
        self, data: st.DataObject, releases: list[Release], dropped: list[str], told: list[tuple[str, Kind]], fate: str
    ) -> None:
        seq = data.draw(st.sampled_from(sorted(self.model.waiting)))
        room = self.model.came[seq].newsroom
        kept = {key for of, key in self.model.releases if of == room} - set(dropped) | {one.key for one in releases}
        known = st.lists(st.sampled_from(sorted(kept)), max_size=2, unique=True) if kept else st.just([])
        folding = Folding(
            replace(self.model.rooms[room], last_seq=seq, fails=len(releases)),
            releases=tuple(replace(one, newsroom=room, seen_seq=seq) for one in releases),
            dropped=tuple(dropped),
            addresses=tuple(pair for pair in data.draw(st.lists(addresses, max_size=3)) if pair[1] in kept),
            revisions=tuple(replace(revision(key, seq), newsroom=room) for key in data.draw(known)),
            candidates=tuple(
                replace(candidate(key), newsroom=room, closed_seq=data.draw(st.sampled_from([None, seq])))
                for key in data.draw(known)
            ),
            changes=tuple(replace(change(key, kind), newsroom=room) for key, kind in told),
        )
        if fate == "fail":
            folding = replace(folding, candidates=(replace(candidate("no release"), newsroom=room),))
            with pytest.raises(StoreError):
                self.store.fold(seq, folding)
        elif fate == "roll back":
            with pytest.raises(InterruptedError):
                self._interrupted(seq, folding)
        else:
            self.store.fold(seq, folding)
            self.model.fold(seq, folding)

    def _interrupted(self, seq: int, folding: Folding) -> None:
        with self.store.transaction():
            self.store.fold(seq, folding)
            self.store.add_visit(visit("quarry"))
            self.store.register_digest("never")
            raise InterruptedError

    @rule(seq=st.integers(1, 30))
    def fold_what_does_not_wait(self, seq: int) -> None:
        if seq in self.model.waiting:
            return
        room = self.model.came[seq].newsroom if seq in self.model.came else "harbour"
        with pytest.raises(StoreError):
            self.store.fold(seq, Folding(Newsroom(room, "https://x.example/")))

    @rule(name=st.sampled_from(["daily", "weekly"]))
    def register(self, name: str) -> None:
        self.store.register_digest(name)
        self.model.cursors.setdefault(name, len(self.model.changes))

    @precondition(lambda self: self.model.cursors)
    @rule(data=st.data(), skip=st.booleans())
    def report(self, data: st.DataObject, skip: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.model.cursors)))
        up_to, unreported = self.store.unreported(name)
        assert up_to == len(self.model.changes)
        assert list(unreported) == self.model.changes[self.model.cursors[name] :]
        if skip:
            self.store.skip_changes(name, up_to=up_to)
        else:
            number = 1 + sum(one.digest == name for one in self.model.issues)
            made = issue(number, tuple(data.draw(st.permutations(unreported))), digest=name)
            self.store.add_issue(made, up_to=up_to, sha256=f"sha-{number}")
            self.model.issues.append(made)
        self.model.cursors[name] = up_to

    @precondition(lambda self: self.model.issues)
    @rule(data=st.data())
    def mark_written(self, data: st.DataObject) -> None:
        made = data.draw(st.sampled_from(self.model.issues))
        self.store.mark_written(made.digest, made.number)
        self.model.written.add((made.digest, made.number))

    @rule()
    def prune(self) -> None:
        self.store.prune_visits(NOON + timedelta(days=1))
        self.model.came = {seq: one for seq, one in self.model.came.items() if seq in self.model.waiting}

    @invariant()
    def newsrooms_and_visits_agree(self) -> None:
        model = self.model
        assert self.store.newsrooms() == [model.rooms[room] for room in sorted(model.rooms)]
        bare = {seq: replace(one, pages=()) if isinstance(one, Visit) else one for seq, one in model.came.items()}
        assert self.store.unfolded() == [(seq, bare[seq]) for seq in sorted(model.waiting)]
        for seq, record in model.came.items():
            assert self.store.visit(seq) == (record if isinstance(record, Visit) else None)

    @invariant()
    def releases_agree(self) -> None:
        model = self.model
        newest = sorted(
            model.releases.values(),
            key=lambda one: (str(one.date or ""), one.rank, one.newsroom, one.key),
            reverse=True,
        )
        assert list(self.store.releases()) == [
            (one, one.seen_seq == model.rooms[one.newsroom].last_seq) for one in newest
        ]
        for room in ROOMS:
            mine = {key: one for (of, key), one in model.releases.items() if of == room}
            assert self.store.releases_named(room, "abcdef") == mine
            at = {address: mine[key] for (of, address), key in model.addresses.items() if of == room}
            assert self.store.releases_at(room, [f"at-{n}" for n in range(8)]) == at
            top = [one for one in mine.values() if one.rank >= 0]
            assert self.store.top(room, above=0) == sorted(top, key=lambda one: (-one.rank, one.key))
            titled = [one for one in mine.values() if one.title_key == "storm"]
            assert self.store.titled(room, ["storm"]) == sorted(titled, key=lambda one: (-one.rank, one.key))[:3]
            assert self.store.held(room) == sorted(
                (one for one in mine.values() if one.state is State.HELD), key=lambda one: one.key
            )
            for key in "abcdef":
                expected = [one for one in model.revisions if (one.newsroom, one.key) == (room, key)]
                assert self.store.revisions(room, key) == expected
        waiting = [one for _, one in sorted(model.candidates.items())]
        assert self.store.candidates(open_only=False) == waiting
        assert self.store.candidates() == [one for one in waiting if one.closed_seq is None]

    @invariant()
    def changes_and_digests_agree(self) -> None:
        model = self.model
        assert self.store.changes() == model.changes
        assert self.store.digests() == sorted(model.cursors)
        for name in model.cursors:
            mine = [one for one in model.issues if one.digest == name]
            assert [one for one, _ in self.store.issues(name)] == mine
            assert self.store.last_issue(name) == (mine[-1] if mine else None)
        unwritten = [one for one in model.issues if (one.digest, one.number) not in model.written]
        assert [one for one, _ in self.store.unwritten()] == sorted(unwritten, key=lambda one: (one.digest, one.number))

    @invariant()
    def nothing_is_amiss(self) -> None:
        assert self.store.problems() == []


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
