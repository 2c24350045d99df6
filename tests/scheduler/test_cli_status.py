"""`presswatch status`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler.commands.printing import length
from storage.records import FEED, Candidate, Cause, Feed, Folding, Newsroom, Outcome, Recipe, Visit
from tests.scheduler.cli_stage import CONFIG, NOW, URL, Stage, release

AGO = NOW - timedelta(minutes=12)
MINISTRY = Newsroom(
    "ministry",
    URL,
    baseline_at=AGO,
    last_ok_at=AGO,
    last_visit_at=AGO,
    last_outcome=Outcome.OK,
    next_visit_at=NOW + timedelta(minutes=18),
)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.configure(CONFIG)
    return stage


def test_before_anything_was_read(stage: Stage) -> None:
    said = stage.done("status")
    assert [row.split()[:2] for row in said.splitlines()[1:3]] == [["ministry", "unread"], ["court", "unread"]]
    assert "Nothing has been read yet: run `presswatch check`" in said
    assert "No daemon is running: start it with `presswatch run`." in said
    assert [newsroom["health"] for newsroom in json.loads(stage.done("status", "--json"))] == ["unread", "unread"]
    assert not (stage.folder / "data").exists()


def test_shows_each_newsroom_of_the_file_and_no_other(stage: Stage) -> None:
    with stage.store() as store:
        store.put_newsroom(MINISTRY)
        store.put_newsroom(Newsroom("left", "https://left.test/"))
    said = stage.done("status")
    assert said.splitlines()[0].split("  ")[0] == "Newsroom"
    assert [part.strip() for part in said.splitlines()[1].split("  ") if part.strip()] == [
        "ministry", "ok", "12 min ago", "in 18 min", "30 min", "0",
    ]  # fmt: skip
    assert [part.strip() for part in said.splitlines()[2].split("  ") if part.strip()] == [
        "court", "unread", "never", "due", "15 min", "0",
    ]  # fmt: skip
    assert "left" not in said


def test_as_json(stage: Stage) -> None:
    with stage.store() as store:
        store.put_newsroom(MINISTRY)
    first, second = json.loads(stage.done("status", "--json"))
    assert first == {
        "newsroom": "ministry",
        "url": URL,
        "health": "ok",
        "problem": None,
        "unhealthy_since": None,
        "fails": 0,
        "baseline_at": "2026-11-20T06:48:00+00:00",
        "last_ok_at": "2026-11-20T06:48:00+00:00",
        "last_visit_at": "2026-11-20T06:48:00+00:00",
        "last_outcome": "ok",
        "next_visit_at": "2026-11-20T07:18:00+00:00",
        "every_s": 1800,
        "candidates": 0,
        "in_doubt": [],
        "feed": None,
    }
    assert (second["health"], second["last_outcome"], second["every_s"]) == ("unread", None, 900)


def test_tells_what_is_wrong_without_letting_it_speak_to_the_terminal(stage: Stage) -> None:
    trouble = replace(MINISTRY, fails=2, unhealthy_since=AGO, last_reason="answered \x1b[2J[red]503[/red]\u202e")
    with stage.store() as store:
        store.put_newsroom(trouble)
        store.put_newsroom(replace(MINISTRY, id="court", url="https://court.test/", broken=True, fails=9))
    said = stage.done("status")
    assert "ministry: trouble since 2026-11-20 06:48 UTC: answered [2J[red]503[/red]\n" in said
    assert "court: broken: not read\n" in said
    assert [newsroom["health"] for newsroom in json.loads(stage.done("status", "--json"))] == ["trouble", "broken"]


def test_counts_open_candidates(stage: Stage) -> None:
    with stage.store() as store:
        seq = store.add_visit(Visit("ministry", URL, NOW, NOW, Outcome.OK))
        kept = [release(number, key=key) for number, key in enumerate("abc", start=1)]
        opened = [Candidate("ministry", key, Cause.ABSENT, seq, NOW) for key in ("a", "b")]
        closed = Candidate("ministry", "c", Cause.ABSENT, seq, NOW, closed_seq=seq, closed_reason="there")
        store.fold(seq, Folding(MINISTRY, releases=tuple(kept), candidates=(*opened, closed)))
    told = json.loads(stage.done("status", "--json"))[0]
    assert told["candidates"] == 2
    assert told["in_doubt"] == [
        {"url": f"{URL}/{n}", "title": f"Release {n}", "since": "2026-11-20T07:00:00+00:00", "cause": "absent"}
        for n in (1, 2)
    ]
    said = stage.done("status", "ministry")
    assert "court" not in said
    assert f"in doubt since 2026-11-20 07:00 UTC: Release 1\n    {URL}/1\n" in said
    assert "in doubt" not in stage.done("status")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"last_outcome": Outcome.SUSPECT}, True),
        ({"last_outcome": Outcome.FAILED}, False),
        ({"last_outcome": Outcome.SUSPECT, "baseline_at": None}, False),
        ({"last_outcome": Outcome.SUSPECT, "recipe": Recipe(FEED)}, False),
        ({"last_outcome": Outcome.SUSPECT, "fails": 0, "unhealthy_since": None}, False),
    ],
)
def test_names_the_way_out_where_a_page_is_not_believed_any_more(
    stage: Stage, values: dict[str, Any], named: bool
) -> None:
    trouble = replace(MINISTRY, fails=1, unhealthy_since=AGO, last_reason="0 entries where 12 are usual")
    with stage.store() as store:
        store.put_newsroom(replace(trouble, **values))
    assert ("if its page was redesigned: presswatch repair ministry" in stage.done("status")) == named


def test_tells_of_a_feed_beside_the_list_that_is_not_read(stage: Stage) -> None:
    url = "https://ministry.test/feed"
    stage.configure(CONFIG.replace(f'url = "{URL}"', f'url = "{URL}"\nfeed = "{url}"'))
    for read_at, told in ((AGO, "not read since 2026-11-20 06:48 UTC"), (None, "never read")):
        with stage.store() as store:
            feed = Feed(url, read_at=read_at, trouble="HTTP 500", trouble_since=NOW)
            store.put_newsroom(replace(MINISTRY, feed=feed))
        assert f"ministry: feed {told}: HTTP 500\n" in stage.done("status")


def test_refuses_a_newsroom_that_is_not_watched(stage: Stage) -> None:
    result = stage.run("status", "curt")
    assert (result.exit_code, 'Did you mean "court"?' in result.stderr) == (2, True)


def test_a_newsroom_whose_address_changed_is_unread(stage: Stage) -> None:
    with stage.store() as store:
        store.put_newsroom(replace(MINISTRY, url="https://ministry.test/old"))
    assert json.loads(stage.done("status", "--json"))[0]["health"] == "unread"


def test_the_budget_stays_within_the_limits_of_a_newsroom(stage: Stage) -> None:
    limited = CONFIG.replace('every = "15m"', 'max_wait = "10m"')
    stage.configure(limited.replace(f'"{URL}"', f'"{URL}"\nmin_wait = "2h"'))
    with stage.store() as store:
        store.put_newsroom(MINISTRY)
    assert [newsroom["every_s"] for newsroom in json.loads(stage.done("status", "--json"))] == [7200, 600]


def test_names_the_running_daemon(stage: Stage) -> None:
    asked: list[Path] = []

    def holder(data_dir: Path) -> int:
        asked.append(data_dir)
        return 4711

    beside = replace(stage, shell=replace(stage.shell, holder=holder))
    assert "The daemon is running (pid 4711)." in beside.done("status")
    assert asked == [stage.folder / "data"]


def test_passes_on_what_is_hardly_meant(stage: Stage) -> None:
    stage.configure("")
    said = stage.done("status")
    assert "No newsroom is watched yet: add a [[newsroom]] with an id and a url to " in said
    assert "Note: contact is not yours yet" in said


def test_works_beside_a_writer(stage: Stage) -> None:
    with stage.store() as store:
        store.put_newsroom(MINISTRY)
        with store.transaction():
            store.put_newsroom(replace(MINISTRY, fails=1))
            assert json.loads(stage.done("status", "--json"))[0]["health"] == "ok"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (40, "40 s"), (99, "99 s"), (100, "2 min"), (5400, "90 min"), (7200, "2 h"), (172800, "2 days")],
)
def test_lengths_of_time(seconds: int, said: str) -> None:
    assert length(timedelta(seconds=seconds)) == said
