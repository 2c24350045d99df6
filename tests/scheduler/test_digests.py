"""Digests: each change in exactly one issue, whatever happens between the outbox and the files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest

from scheduler.digestfaults import verify_digests
from scheduler.digestfiles import DigestError
from scheduler.digests import DigestDefinition, finish_unwritten, period_start, restore_missing, write_digest
from scheduler.render.html import LAYOUT
from storage.records import Change, Folding, Kind, Newsroom, Outcome, Standing, Visit
from storage.store import Store
from tests.scheduler.digests.example import CHANGES, STANDING, at, told

NOW = datetime(2026, 11, 20, 7, 0, 0, 250_000, tzinfo=UTC)
DAILY = DigestDefinition("daily", timezone="Europe/Berlin")
FILES = ["20261120T070000Z.html", "20261120T070000Z.json", "20261120T070000Z.md", "feed.xml", "index.html"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "presswatch.db") as opened:
        opened.register_digest("daily")
        yield opened


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


def tell(store: Store, *changes: Change) -> None:
    """Stores changes the way detection does."""
    for change in changes:
        newsroom = store.newsroom(change.newsroom) or Newsroom(change.newsroom, f"https://{change.newsroom}.example/")
        store.put_newsroom(newsroom)
        visit = Visit(newsroom.id, newsroom.url, change.seen_at, change.seen_at, Outcome.FAILED, "told in a test")
        store.fold(store.add_visit(visit), Folding(newsroom, changes=(change,)))


def write(store: Store, data: Path, definition: DigestDefinition = DAILY, now: datetime = NOW) -> list[str]:
    return [path.name for path in write_digest(store, definition, data, now, STANDING) or ()]


def carried(data: Path, digest: str = "daily") -> list[list[str]]:
    """The ids in each issue's JSON, oldest first."""
    paths = sorted((data / "digests" / digest).glob("*.json"))
    return [[change["id"] for change in json.loads(path.read_bytes())["changes"]] for path in paths]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def release(title: str, newsroom: str = "coastwatch", kind: Kind = Kind.NEW, **detail: object) -> Change:
    return told(newsroom, kind, title.lower().replace(" ", "-"), title, at(20, 5), **detail)


def test_issue_is_written_with_index_and_feed(store: Store, data: Path) -> None:
    tell(store, *CHANGES)
    assert write(store, data) == ["20261120T070000Z.html", "20261120T070000Z.md", "20261120T070000Z.json"]
    assert sorted(contents(data / "digests" / "daily")) == FILES
    record = json.loads((data / "digests/daily/20261120T070000Z.json").read_bytes())
    assert record["previous_sha256"] is None
    assert (record["from"], record["to"]) == ("2026-11-19T08:00:00+00:00", "2026-11-20T07:00:00+00:00")
    assert [change["id"] for change in record["changes"]] == [change.id for change in CHANGES]
    assert "Europe/Berlin" in (data / "digests/daily/20261120T070000Z.html").read_text()
    assert store.unwritten() == []
    assert verify_digests(store, data) == []


def test_each_change_is_in_exactly_one_issue_of_each_digest(store: Store, data: Path) -> None:
    store.register_digest("weekly")
    tell(store, release("One"), release("Two"))
    write(store, data)
    tell(store, release("Three"))
    write(store, data, now=NOW + timedelta(days=1))
    write(store, data, DigestDefinition("weekly"), now=NOW + timedelta(days=2))
    ids = [release(title).id for title in ("One", "Two", "Three")]
    assert carried(data) == [ids[:2], ids[2:]]
    assert carried(data, "weekly") == [ids]
    assert verify_digests(store, data) == []


def test_issues_are_chained_by_the_hash_of_the_json_before(store: Store, data: Path) -> None:
    for day in range(3):
        write(store, data, now=NOW + timedelta(days=day))
    first, second, third = sorted((data / "digests/daily").glob("*.json"))
    for before, after in ((first, second), (second, third)):
        record = json.loads(after.read_bytes())
        assert record["previous_sha256"] == sha256(before.read_bytes()).hexdigest()
        assert record["from"] == json.loads(before.read_bytes())["to"]


@pytest.mark.parametrize("back", [timedelta(0), timedelta(hours=3)])
def test_name_is_never_used_twice_even_when_the_clock_stands_or_goes_back(
    store: Store, data: Path, back: timedelta
) -> None:
    names = [write(store, data)[0], write(store, data, now=NOW - back)[0], write(store, data, now=NOW - back)[0]]
    assert names == ["20261120T070000Z.html", "20261120T070001Z.html", "20261120T070002Z.html"]
    assert verify_digests(store, data) == []


def test_file_of_another_database_is_not_replaced(store: Store, data: Path) -> None:
    stray = data / "digests/daily/20261120T070000Z.json"
    stray.parent.mkdir(parents=True)
    stray.write_text("kept")
    assert write(store, data)[0] == "20261120T070001Z.html"
    assert stray.read_text() == "kept"
    assert verify_digests(store, data) == [f"{stray}: belongs to no issue"]


def test_issue_without_changes_is_written_unless_skipped(store: Store, data: Path) -> None:
    assert write(store, data)
    page = (data / "digests/daily/20261120T070000Z.html").read_text()
    assert "0 changes; 39 of 40 newsrooms read, last at 06:52; 1 in trouble" in page
    assert write_digest(store, DigestDefinition("brief", skip_empty=True), data, NOW, STANDING) is None
    assert not (data / "digests/brief").exists()


def test_skipped_changes_are_in_no_later_issue(store: Store, data: Path) -> None:
    tell(store, release("Fishing quotas"))
    assert write(store, data, DigestDefinition("daily", match=("tanker",), skip_empty=True)) == []
    tell(store, release("Tanker aground"))
    write(store, data, DigestDefinition("daily", skip_empty=True))
    assert carried(data) == [[release("Tanker aground").id]]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["Oil spill", "Court rules", "Old Tanker news", None, None]),
        ({"newsrooms": ("north*", "helvia-police")}, ["Court rules", None]),
        ({"newsrooms": ("north",)}, []),
        ({"kinds": (Kind.NEW,)}, ["Oil spill", "Court rules"]),
        ({"kinds": (Kind.EDITED,), "match": ("oil",)}, []),
        ({"match": ("COURT", "nothing")}, ["Court rules", None]),
        ({"match": ("rights",)}, ["Court rules", None]),
        ({"match": ("coastwatch.example/news/oil",)}, ["Oil spill", None]),
        ({"match": ("hearsay",)}, ["Old Tanker news", None]),
        ({"match": ("tanker",), "newsrooms": ("coastwatch",)}, ["Old Tanker news"]),
    ],
)
def test_filters(store: Store, data: Path, filters: dict[str, Any], expected: list[str | None]) -> None:
    retitled = {"title": {"before": "Hearsay of a tanker", "after": "Old Tanker news"}}
    tell(
        store,
        release("Oil spill"),
        release("Court rules", "northern-rights"),
        release("Old Tanker news", kind=Kind.EDITED, fields=retitled),
        told("helvia-police", Kind.GAP, None, None, at(20, 5), reason="too many"),
        told("grid-operator", Kind.BASELINE, None, None, at(20, 5), releases=3),
    )
    write(store, data, DigestDefinition("daily", **filters))
    record = json.loads((data / "digests/daily/20261120T070000Z.json").read_bytes())
    assert [change["title"] for change in record["changes"]] == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../up"}, {"name": ""}, {"name": ".hidden"}, {"name": "a/b"}, {"name": "a\nb"},
        {"name": "x", "formats": ("pdf",)}, {"name": "x", "timezone": "Mars/Base"},
        {"name": "x", "timezone": "../etc"}, {"name": "x", "timezone": ""},
    ],
)  # fmt: skip
def test_definition_that_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"cannot name|not a format|no time zone"):
        DigestDefinition(**wrong)


@pytest.mark.parametrize("formats", [(), ("md",), ("json", "html")])
def test_json_is_always_written(store: Store, data: Path, formats: tuple[str, ...]) -> None:
    names = write(store, data, DigestDefinition("daily", formats=formats))
    endings = [ending for ending in ("html", "md") if ending in formats]
    assert names == [f"20261120T070000Z.{ending}" for ending in (*endings, "json")]
    assert verify_digests(store, data) == []


class Killed(BaseException):
    """What a test throws where a kill would strike."""


class Dying:
    """A store whose process dies when one of its methods is called."""

    def __init__(self, store: Store, last: str) -> None:
        self.store = store
        self.last = last

    def __getattr__(self, name: str) -> object:
        if name == self.last:
            raise Killed
        return getattr(self.store, name)


@pytest.mark.parametrize("last", ["unwritten", "transaction", "unreported", "issues", "add_issue", "mark_written"])
def test_death_at_any_step_loses_and_repeats_nothing(store: Store, data: Path, last: str) -> None:
    tell(store, release("One"), release("Two"))
    with pytest.raises(Killed):
        write_digest(cast("Store", Dying(store, last)), DAILY, data, NOW, STANDING)
    finish_unwritten(store, data)
    if not store.issues("daily"):
        write(store, data)
    assert carried(data) == [[release("One").id, release("Two").id]]
    assert verify_digests(store, data) == []


@pytest.mark.parametrize("stuck", FILES)
def test_file_that_cannot_be_written_is_named_and_written_later(store: Store, data: Path, stuck: str) -> None:
    tell(store, *CHANGES)
    whole = data / "whole"
    folder = data / "digests/daily"
    in_the_way = folder / f".{stuck}.tmp"
    in_the_way.mkdir(parents=True)
    with pytest.raises(DigestError, match=rf"cannot write .*{stuck}: .*the issue is kept"):
        write_digest(store, DAILY, data, NOW, STANDING)
    assert not (folder / stuck).exists()
    assert "not wholly written; presswatch digest daily finishes it" in verify_digests(store, data)[0]
    with pytest.raises(DigestError):
        write_digest(store, DAILY, data, NOW + timedelta(days=1), STANDING)
    assert len(store.issues("daily")) == 1
    in_the_way.rmdir()
    written = finish_unwritten(store, data)
    assert [path.name for path in written] == [FILES[0], FILES[2], FILES[1]]
    assert verify_digests(store, data) == []
    with Store.open(data / "other.db") as other:
        other.register_digest("daily")
        tell(other, *CHANGES)
        write(other, whole)
    assert contents(folder) == contents(whole / "digests/daily")


def test_folder_that_cannot_be_made_is_named(store: Store, data: Path) -> None:
    (data / "digests").write_text("a file in the way")
    with pytest.raises(DigestError, match=r"cannot make the folder .*daily"):
        write(store, data)
    assert verify_digests(store, data) != []
    (data / "digests").unlink()
    assert write(store, data, now=NOW + timedelta(days=1))
    assert len(carried(data)) == 2
    assert verify_digests(store, data) == []


def test_issue_whose_record_changed_is_not_passed_off_as_the_one_stored(store: Store, data: Path) -> None:
    with pytest.raises(Killed):
        write_digest(cast("Store", Dying(store, "mark_written")), DAILY, data, NOW, STANDING)
    ((issue, _),) = store.unwritten()

    class Forged(Dying):
        def unwritten(self) -> list[tuple[object, str]]:
            return [(issue, "0" * 64)]

    with pytest.raises(DigestError, match="no longer has the hash"):
        finish_unwritten(cast("Store", Forged(store, "")), data)


def test_finishing_with_nothing_to_finish_does_nothing(store: Store, data: Path) -> None:
    assert finish_unwritten(store, data) == ()
    assert verify_digests(store, data) == []


@pytest.mark.parametrize("name", FILES)
def test_verify_names_a_file_that_is_missing_or_altered(store: Store, data: Path, name: str) -> None:
    tell(store, *CHANGES)
    write(store, data)
    path = data / "digests/daily" / name
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"Cape Merrow", b"Cape Nowhere").replace(b"39 of 40", b"40 of 40"))
    (fault,) = verify_digests(store, data)
    assert fault.startswith(f"{path}: altered")
    path.unlink()
    assert verify_digests(store, data) == [f"{path}: missing"]
    path.mkdir()
    assert [fault.split(": ")[:2] for fault in verify_digests(store, data)] == [[str(path), "cannot be read"]]


def test_verify_names_a_broken_chain(store: Store, data: Path) -> None:
    write(store, data)
    write(store, data)
    path = data / "digests/daily/20261120T070001Z.json"
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps(record | {"previous_sha256": "0" * 64}))
    assert [fault.partition(": ")[2][:16] for fault in verify_digests(store, data)] == [
        "altered: its SHA", "the chain is bro",
    ]  # fmt: skip
    path.write_text("[]")
    assert len(verify_digests(store, data)) == 1


def test_verify_names_a_record_that_changed_in_the_database(store: Store, data: Path) -> None:
    write(store, data)
    write(store, data)
    (first, first_sha), (second, second_sha) = store.issues("daily")

    class Forged(Dying):
        def issues(self, name: str) -> list[tuple[object, str]]:
            return [(first, "0" * 64), (second, second_sha)] if name == "daily" else []

    faults = verify_digests(cast("Store", Forged(store, "")), data)
    assert any("no longer has the hash it was stored with" in fault for fault in faults)
    assert any("the database's chain is broken" in fault for fault in faults)
    assert first_sha != "0" * 64


def test_verify_names_what_belongs_to_no_digest(store: Store, data: Path) -> None:
    write(store, data)
    (data / "digests/daily/notes.txt").write_text("mine")
    (data / "digests/forgotten").mkdir()
    assert verify_digests(store, data) == [
        f"{data / 'digests/forgotten'}: belongs to no digest that the database knows",
        f"{data / 'digests/daily/notes.txt'}: belongs to no issue",
    ]


def test_file_that_an_earlier_layout_rendered_is_not_called_altered(store: Store, data: Path) -> None:
    write(store, data)
    for name in FILES:
        path = data / "digests/daily" / name
        if path.suffix != ".json":
            older = path.read_text().replace(f"presswatch layout {LAYOUT}", "presswatch layout 0")
            older = older.replace(f'"{LAYOUT}">', '"0">')
            path.write_text(older.replace("39 of 40", "39 out of 40"))
    assert verify_digests(store, data) == []


def test_standing_is_kept_with_the_issue(store: Store, data: Path) -> None:
    with pytest.raises(Killed):
        write_digest(cast("Store", Dying(store, "mark_written")), DAILY, data, NOW, Standing(7, 6, at(20, 6)))
    (data / "digests/daily/20261120T070000Z.md").unlink()
    finish_unwritten(store, data)
    assert "6 of 7 newsrooms read, last at 07:00" in (data / "digests/daily/20261120T070000Z.md").read_text()


@pytest.mark.parametrize("names", [[name] for name in FILES] + [FILES])
def test_files_that_were_deleted_are_written_again_the_same(store: Store, data: Path, names: list[str]) -> None:
    folder = data / "digests/daily"
    tell(store, *CHANGES)
    write(store, data)
    write(store, data, now=NOW + timedelta(days=1))
    before = contents(folder)
    assert restore_missing(store, data, "daily") == ()
    for name in names:
        (folder / name).unlink()
    assert verify_digests(store, data) != []
    assert sorted(restore_missing(store, data, "daily")) == sorted(folder / name for name in names)
    assert contents(folder) == before
    assert verify_digests(store, data) == []


def test_a_folder_that_was_deleted_is_written_again_but_nothing_is_written_over(store: Store, data: Path) -> None:
    folder = data / "digests/daily"
    write(store, data)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert len(restore_missing(store, data, "daily")) == len(FILES)
    (folder / FILES[0]).write_text("altered")
    assert restore_missing(store, data, "daily") == ()
    assert verify_digests(store, data)[0].endswith("altered: it is not what its issue renders to")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("a file in the way")
    assert restore_missing(store, data, "daily") == ()
    assert restore_missing(store, data, "unknown") == ()


class TestAClockThatWasWrong:
    AHEAD = datetime(2099, 1, 1, tzinfo=UTC)

    def test_leaves_names_that_rise_and_periods_that_are_right(self, store: Store, data: Path) -> None:
        for now in (NOW, self.AHEAD, NOW + timedelta(days=1), NOW + timedelta(days=2)):
            standing = Standing(1, 1, min(now, NOW + timedelta(days=2)))
            write_digest(store, DAILY, data, now, standing)
        issues = [issue for issue, _ in store.issues("daily")]
        assert [issue.name for issue in issues] == [
            "20261120T070000Z", "20990101T000000Z", "20990101T000001Z", "20990101T000002Z",
        ]  # fmt: skip
        second = timedelta(microseconds=NOW.microsecond)
        assert issues[2].end == NOW + timedelta(days=1) - second
        assert issues[2].start == NOW - second
        assert (issues[3].start, issues[3].end) == (issues[2].end, NOW + timedelta(days=2) - second)
        assert verify_digests(store, data) == []

    def test_the_period_begins_with_the_last_instant_that_was_told_and_has_passed(
        self, store: Store, data: Path
    ) -> None:
        assert period_start(store, "daily", NOW) is None
        write_digest(store, DAILY, data, self.AHEAD, Standing(1, 1, NOW - timedelta(hours=1)))
        assert period_start(store, "daily", NOW) == NOW - timedelta(hours=1)
        assert period_start(store, "daily", NOW - timedelta(days=1)) is None
        write_digest(store, DAILY, data, NOW, Standing(1, 1, NOW))
        assert period_start(store, "daily", NOW) == NOW.replace(microsecond=0)

    def test_at_the_end_of_the_calendar_no_issue_is_written(self, store: Store, data: Path) -> None:
        with pytest.raises(DigestError, match="the clock says 9999-12-31: set it right"):
            write(store, data, now=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
        assert store.issues("daily") == []
        assert write(store, data)[0] == FILES[0]
