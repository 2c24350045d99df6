"""Records for the tests, plain and drawn at random."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

from storage.records import (
    Candidate,
    Cause,
    Change,
    Entry,
    Feed,
    FeedAnswer,
    Folding,
    History,
    Issue,
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
    State,
    Trouble,
    Validators,
    Verdict,
    Visit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance

    from storage.store import Store

R = TypeVar("R", bound="DataclassInstance")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 20)
ROOM = Newsroom("harbour", "https://harbour.example/news")

texts = st.text(max_size=12)  # hypothesis draws no half surrogate pairs by itself
instants = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0))
days = st.dates()
numbers = st.integers(-(2**63), 2**63 - 1)
offsets = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
    lambda delta: timezone(timedelta(minutes=delta // timedelta(minutes=1)))
)
_by_type: dict[Any, Any] = {
    str: texts,
    int: numbers,
    float: st.floats(0, 1e9),
    datetime: instants,
    date: days,
    date | datetime | None: st.none()
    | days
    | st.datetimes(timezones=offsets).map(lambda moment: moment.replace(fold=0)),
    date | None: st.none() | days,
    Page: st.builds(Page, **{field.name: ... for field in fields(Page)} | {"body": st.binary(max_size=40)}),
}
for _type, _strategy in _by_type.items():
    if isinstance(_type, type):
        st.register_type_strategy(_type, _strategy)


def every(record: type[R], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[R]:
    """Records with every field drawn, those that have a default too."""
    inferred: dict[str, Any] = {field.name: ... for field in fields(record)}
    return st.builds(record, **{**inferred, **given})


for _record in (Recipe, Validators, Trouble, Feed, FeedAnswer):
    st.register_type_strategy(_record, every(_record))

entries = every(Entry, date=_by_type[date | datetime | None])
listings = every(Listing, entries=st.lists(entries, max_size=3).map(tuple))
histories_of_feeds = every(History, newest=_by_type[date | None], feed=st.none())
histories = every(History, newest=_by_type[date | None], feed=st.none() | histories_of_feeds)
newsrooms = every(Newsroom, history=st.none() | histories)
visits = every(
    Visit,
    window=st.lists(listings, max_size=2).map(tuple),
    pages=st.lists(_by_type[Page], max_size=3).map(tuple),
    feed=st.none() | listings,
)
looks = every(Look, newsroom=st.just(ROOM.id))
releases = every(Release, newsroom=st.just(ROOM.id), date=_by_type[date | None])
revisions = every(Revision, date=_by_type[date | None])
candidates = every(Candidate, newsroom=st.just(ROOM.id))
details = st.dictionaries(texts, st.none() | texts | st.booleans() | st.integers(-9, 9) | st.lists(texts, max_size=2))
changes = every(Change, newsroom=st.just(ROOM.id), detail=details)
standings = every(Standing)


def _with(fields: dict[str, Any], given: Mapping[str, object]) -> dict[str, Any]:
    return {**fields, **given}


def visit(newsroom: str = ROOM.id, **given: object) -> Visit:
    fields: dict[str, Any] = {
        "newsroom": newsroom,
        "url": f"https://{newsroom}.example/news",
        "started_at": NOON,
        "finished_at": NOON,
        "outcome": Outcome.OK,
    }
    return Visit(**_with(fields, given))


def look(key: str = "a", **given: object) -> Look:
    fields: dict[str, Any] = {
        "newsroom": ROOM.id,
        "key": key,
        "url": f"https://harbour.example/news/{key}",
        "at": NOON,
        "verdict": Verdict.GONE,
    }
    return Look(**_with(fields, given))


def release(key: str, rank: int = 1, **given: object) -> Release:
    fields: dict[str, Any] = {
        "newsroom": ROOM.id,
        "key": key,
        "url": f"https://harbour.example/news/{key}",
        "title": f"Quay {key} reopens",
        "title_key": f"quay {key} reopens",
        "date": DAY,
        "published_at": None,
        "kind": None,
        "summary": None,
        "caption": None,
        "state": State.LISTED,
        "rank": rank,
        "first_seen": NOON,
        "last_seen": NOON,
        "seen_seq": 1,
        "reader": "1/abc",
    }
    return Release(**_with(fields, given))


def revision(key: str, seq: int = 1, **given: object) -> Revision:
    fields: dict[str, Any] = {
        "newsroom": ROOM.id,
        "key": key,
        "seq": seq,
        "seen_at": NOON,
        "source": "listing",
        "url": f"https://harbour.example/news/{key}",
        "title": f"Quay {key} reopens",
        "date": DAY,
        "published_at": None,
        "kind": None,
        "summary": None,
        "caption": None,
    }
    return Revision(**_with(fields, given))


def candidate(key: str, **given: object) -> Candidate:
    fields: dict[str, Any] = {
        "newsroom": ROOM.id,
        "key": key,
        "cause": Cause.ABSENT,
        "opened_seq": 1,
        "opened_at": NOON,
    }
    return Candidate(**_with(fields, given))


def change(key: str, kind: Kind = Kind.NEW, **given: object) -> Change:
    fields: dict[str, Any] = {
        "newsroom": ROOM.id,
        "kind": kind,
        "url": f"https://harbour.example/news/{key}",
        "title": f"Quay {key} reopens",
        "seen_at": NOON,
        "key": key,
    }
    return Change(**_with(fields, given))


def issue(number: int = 1, changes: tuple[Change, ...] = (), **given: object) -> Issue:
    fields: dict[str, Any] = {
        "digest": "daily",
        "number": number,
        "name": f"20261120T{number:06}Z",
        "start": NOON,
        "end": NOON + timedelta(hours=number),
        "previous_sha256": f"sha-{number - 1}" if number > 1 else None,
        "changes": changes,
        "standing": Standing(1, 1, NOON),
        "formats": ("html", "json"),
    }
    return Issue(**_with(fields, given))


def fold(store: Store, **given: object) -> int:
    """Adds a visit and folds it with these parts of a folding: its number."""
    seq = store.add_visit(visit())
    fields: dict[str, Any] = {"newsroom": Newsroom(ROOM.id, ROOM.url, last_seq=seq)}
    store.fold(seq, Folding(**_with(fields, given)))
    return seq
