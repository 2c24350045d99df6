"""What goes in comes out again, field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from storage.records import (
    Candidate,
    Change,
    Entry,
    Folding,
    History,
    Kind,
    Listing,
    Look,
    Newsroom,
    Outcome,
    Page,
    Recipe,
    Release,
    Revision,
    Standing,
    Stretch,
    Trouble,
    Visit,
)
from storage.rows import Table
from storage.store import Store
from tests.storage import samples
from tests.storage.samples import NOON, ROOM, change, fold, issue, look, release, revision, visit

if TYPE_CHECKING:
    from pathlib import Path

fresh = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TORONTO = timezone(timedelta(hours=-5))


@fresh
@given(samples.newsrooms)
def test_a_newsroom(store: Store, newsroom: Newsroom) -> None:
    store.put_newsroom(newsroom)
    assert store.newsroom(newsroom.id) == newsroom
    assert newsroom in store.newsrooms()


@fresh
@given(samples.visits)
def test_a_visit(store: Store, drawn: Visit) -> None:
    seq = store.add_visit(drawn)
    kept = store.visit(seq)
    assert kept == drawn
    assert repr(kept) == repr(drawn)  # equal instants in other offsets are equal to ==, and not to a reader
    assert store.unfolded()[-1] == (seq, replace(drawn, pages=()))


@fresh
@given(samples.looks)
def test_a_look(store: Store, drawn: Look) -> None:
    store.put_newsroom(ROOM)
    seq = store.add_look(drawn)
    assert store.unfolded()[-1] == (seq, drawn)


@fresh
@given(samples.releases)
def test_a_release(store: Store, drawn: Release) -> None:
    fold(store, releases=(drawn,), addresses=(("address", drawn.key),))
    assert store.releases_named(ROOM.id, [drawn.key]) == {drawn.key: drawn}
    assert store.releases_at(ROOM.id, ["address"]) == {"address": drawn}


@fresh
@given(samples.revisions)
def test_a_revision(store: Store, drawn: Revision) -> None:
    drawn = replace(drawn, newsroom=ROOM.id)
    fold(store, releases=(release(drawn.key),), revisions=(drawn,))
    assert store.revisions(ROOM.id, drawn.key)[-1] == drawn


@fresh
@given(samples.candidates)
def test_a_candidate(store: Store, drawn: Candidate) -> None:
    fold(store, releases=(release(drawn.key),), candidates=(drawn,))
    assert store.candidates(ROOM.id, keys=[drawn.key], open_only=False) == [drawn]


@fresh
@given(samples.changes)
def test_a_change_keeps_its_id(store: Store, drawn: Change) -> None:
    fold(store, changes=(drawn,))
    kept = next(one for one in store.changes() if one.id == drawn.id)
    assert kept == drawn


@fresh
@given(samples.standings)
def test_an_issue(path: Path, standing: Standing) -> None:
    path.unlink(missing_ok=True)
    with Store.open(path) as store:
        store.register_digest("daily")
        fold(store, changes=(change("b"), change("a")))
        kept = issue(changes=(change("a"), change("b")), standing=standing)
        store.add_issue(kept, up_to=2, sha256="sha-1")
        assert store.last_issue("daily") == kept
        assert store.issues("daily") == [(kept, "sha-1")]


def test_a_standing_with_troubles(store: Store) -> None:
    store.register_digest("daily")
    kept = issue(standing=Standing(3, 0, None, (Trouble("harbour", NOON, "HTTP 503"),)))
    store.add_issue(kept, up_to=0, sha256="sha-1")
    assert store.last_issue("daily") == kept


@pytest.mark.parametrize(
    "recipe",
    [
        None,
        Recipe("li"),
        Recipe("li", "h2 a", confidence=0.0, reasons=("a list",)),
        Recipe("h3", runs_on=True, data=""),
    ],
)
@pytest.mark.parametrize(
    "history", [None, History(), History(("a", "b"), ("A",), frozenset("xy"), NOON.date(), (2, 3))]
)
def test_none_differs_from_empty(store: Store, recipe: Recipe | None, history: History | None) -> None:
    store.put_newsroom(replace(ROOM, recipe=recipe, history=history))
    assert store.newsroom(ROOM.id) == replace(ROOM, recipe=recipe, history=history)


@pytest.mark.parametrize(
    "stamp",
    [None, date(2026, 2, 28), datetime(2026, 2, 28, tzinfo=UTC), datetime(2026, 2, 28, 23, 5, 1, 7, tzinfo=TORONTO)],
)
def test_an_entrys_date_keeps_its_kind_and_its_offset(store: Store, stamp: date | datetime | None) -> None:
    entry = Entry("Quay 4 reopens", None, stamp, relative=True, position=3)
    seq = store.add_visit(visit(window=(Listing("https://harbour.example/news", (entry,)),)))
    kept = store.visit(seq)
    assert kept is not None
    assert repr(kept.window[0].entries) == repr((entry,))


def test_instants_of_other_offsets_come_back_in_utc(store: Store) -> None:
    here = NOON.astimezone(ZoneInfo("Europe/Berlin"))
    seq = store.add_visit(visit(started_at=here, finished_at=here))
    kept = store.visit(seq)
    assert kept is not None
    assert kept.started_at == NOON
    assert kept.started_at.tzinfo is UTC


def test_a_change_told_in_another_offset_has_the_id_of_its_instant_in_utc(store: Store) -> None:
    fold(store, changes=(change("a", seen_at=NOON.astimezone(TORONTO)),))
    assert [one.id for one in store.changes()] == [change("a").id]
    assert store.problems() == []


def test_instants_sort_as_text(store: Store) -> None:
    moments = [NOON, NOON + timedelta(microseconds=1), NOON + timedelta(seconds=1), NOON.replace(year=987)]
    for moment in moments:
        fold(store, changes=(change("a", seen_at=moment),))
    assert [one.seen_at for one in store.changes(since=NOON)] == moments[:3]
    assert [one.seen_at for one in store.changes(since=NOON + timedelta(microseconds=1))] == moments[1:3]


@pytest.mark.parametrize(
    ("outside", "nearest"),
    [
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), datetime(1, 1, 1, tzinfo=UTC)),
        (datetime(9999, 12, 31, 23, tzinfo=TORONTO), datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_an_instant_off_the_calendar_becomes_its_nearest(store: Store, outside: datetime, nearest: datetime) -> None:
    fold(store, releases=(release("a", published_at=outside),))
    assert store.releases_named(ROOM.id, ["a"])["a"].published_at == nearest


def test_a_naive_instant_is_refused_and_nothing_is_written(store: Store) -> None:
    with pytest.raises(ValueError, match="without offset"):
        store.add_visit(visit(finished_at=NOON.replace(tzinfo=None)))
    assert store.newsrooms() == []


def test_a_naive_stamp_is_refused(store: Store) -> None:
    entry = Entry("Quay 4 reopens", None, NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="without offset"):
        store.add_visit(visit(window=(Listing("https://harbour.example/news", (entry,)),)))


def test_a_releases_day_is_a_day_even_when_given_an_instant(store: Store) -> None:
    fold(store, releases=(release("a", date=datetime(2026, 2, 28, 23, tzinfo=TORONTO)),))
    assert store.releases_named(ROOM.id, ["a"])["a"].date == date(2026, 2, 28)


def test_half_a_surrogate_pair_becomes_the_replacement_character(store: Store) -> None:
    fold(
        store,
        releases=(release("a", title="Quay \ud83d reopens"),),
        changes=(change("a", title="\ud83d\ude00 \udc00"),),
    )
    fold(store, releases=(release("a", title="Quay \ud83d reopens"),))
    assert store.releases_named(ROOM.id, ["a"])["a"].title == "Quay � reopens"
    assert [one.title for one in store.changes()] == ["😀 �"]
    assert store.problems() == []


@pytest.mark.parametrize("text", ["", "a\x00b", "\u202eevil", "<script>", "'; DROP TABLE releases; --", "x" * 100_000])
def test_any_text_is_kept_as_it_is(store: Store, text: str) -> None:
    fold(store, releases=(release(f"k{text}", title=text),), changes=(change("a", title=text, detail={text: [text]}),))
    assert store.releases_named(ROOM.id, [f"k{text}"])[f"k{text}"].title == text
    assert store.changes()[0].detail == {text: [text]}
    assert store.problems() == []


def test_whole_seconds_are_a_duration(store: Store) -> None:
    seq = store.add_visit(visit(outcome=Outcome.FAILED, retry_after_s=120))
    kept = store.visit(seq)
    assert kept is not None
    assert kept.retry_after_s == 120.0


def test_the_same_body_is_kept_once(store: Store, path: Path) -> None:
    bodies = [b"first", b"second", b"first"]
    pages = tuple(Page(f"https://harbour.example/news?page={n}", "text/html", body) for n, body in enumerate(bodies))
    first, second = store.add_visit(visit(pages=pages)), store.add_visit(visit(pages=pages[::-1]))
    assert [kept.pages for kept in map(store.visit, (first, second)) if kept] == [pages, pages[::-1]]
    assert store._db.number("SELECT count(*) FROM pages") == 2


def test_a_record_with_a_field_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(TypeError, match="no way to keep"):
        Table("foldings", Folding)


def test_a_detail_keeps_the_order_of_its_fields(store: Store) -> None:
    detail = {"fields": {"title": {"before": "A", "after": "B"}, "date": {"before": None, "after": "2026-02-28"}}}
    fold(store, changes=(change("a", Kind.EDITED, detail=detail),))
    assert list(store.changes()[0].detail["fields"]) == ["title", "date"]


def test_revisions_come_oldest_first(store: Store) -> None:
    texts = [revision("a", title=title) for title in ("One", "Two", "Three")]
    fold(store, releases=(release("a"),), revisions=tuple(texts))
    assert store.revisions(ROOM.id, "a") == texts
    assert store.revisions(ROOM.id, "b") == []


def test_a_look_comes_back_after_a_visit_in_one_sequence(store: Store) -> None:
    numbers = [
        store.add_visit(visit()),
        store.add_look(look()),
        store.add_visit(visit("quarry")),
        store.add_look(look()),
    ]
    assert numbers == sorted(set(numbers))
    assert [seq for seq, _ in store.unfolded()] == numbers
    assert [seq for seq, _ in store.unfolded("quarry")] == [numbers[2]]


def test_the_stretches_of_the_latest_backfill_in_order(store: Store) -> None:
    first, second = (
        Stretch(NOON, "https://harbour.example/news"),
        Stretch(NOON + timedelta(days=1), "https://harbour.example/"),
    )
    drawn = [visit(stretch=first), visit(), visit(stretch=second), visit(stretch=replace(second, number=9, over=True))]
    for one in drawn:
        store.add_visit(one)
    store.add_visit(visit("quay", stretch=first))
    assert list(store.stretches(ROOM.id)) == drawn[2:]
    assert list(store.stretches("nobody")) == []


def test_the_lowest_rank_and_how_many(store: Store) -> None:
    assert (store.lowest_rank(ROOM.id), store.release_count(ROOM.id)) == (None, 0)
    fold(store, releases=(release("a", rank=4), release("b", rank=3), release("c", rank=0)))
    assert (store.lowest_rank(ROOM.id), store.release_count(ROOM.id)) == (3, 3)
