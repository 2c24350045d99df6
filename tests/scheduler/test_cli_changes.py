"""`presswatch changes`, `presswatch releases` and `presswatch search`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import main
from storage.records import Kind, Newsroom, State
from tests.scheduler.cli_stage import CONFIG, NOW, URL, Stage, change, release

MINISTRY = Newsroom("ministry", URL)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.configure(CONFIG)
    return stage


@pytest.mark.parametrize("command", ["changes", "releases"])
class TestBoth:
    def test_before_anything_was_read(self, stage: Stage, command: str) -> None:
        assert "Nothing has been read yet" in stage.done(command)
        assert stage.done(command, "--json") == "[]\n"

    def test_with_nothing_to_show(self, stage: Stage, command: str) -> None:
        stage.believe(MINISTRY)
        assert stage.done(command) == f"No {command}.\n"
        assert stage.done(command, "--json") == "[]\n"

    def test_refuse_a_newsroom_that_is_not_known(self, stage: Stage, command: str) -> None:
        result = stage.run(command, "--newsroom", "ministri")
        assert result.exit_code == 2
        assert 'There is no newsroom "ministri". Did you mean "ministry"? Known: court, ministry.' in result.stderr

    def test_know_a_newsroom_that_left_the_file(self, stage: Stage, command: str) -> None:
        stage.believe(MINISTRY)
        stage.configure("")
        assert stage.done(command, "--newsroom", "ministry", "--json") == "[]\n"

    def test_refuse_any_newsroom_where_there_is_none(self, stage: Stage, command: str) -> None:
        stage.configure("")
        assert 'There is no newsroom "x": none is configured.' in stage.run(command, "--newsroom", "x").stderr


class TestChanges:
    def test_as_json(self, stage: Stage) -> None:
        edited = change(Kind.EDITED, fields={"headline": {"before": "A", "after": "Release 1"}})
        baseline = change(Kind.BASELINE, None, NOW - timedelta(days=1), releases=3)
        stage.believe(MINISTRY, changes=(baseline, edited))
        assert json.loads(stage.done("changes", "--json")) == [
            {
                "id": baseline.id,
                "newsroom": "ministry",
                "kind": "baseline",
                "url": None,
                "title": None,
                "seen_at": "2026-11-19T07:00:00+00:00",
                "detail": {"releases": 3},
            },
            {
                "id": edited.id,
                "newsroom": "ministry",
                "kind": "edited",
                "url": f"{URL}/1",
                "title": "Release 1",
                "seen_at": "2026-11-20T07:00:00+00:00",
                "detail": {"fields": {"headline": {"before": "A", "after": "Release 1"}}},
            },
        ]

    def test_as_a_person_reads_them(self, stage: Stage) -> None:
        stage.believe(
            MINISTRY,
            changes=(
                change(Kind.NEW, backdated=True),
                change(Kind.EDITED, fields={"summary": {"before": None, "after": "word " * 100}}),
                change(Kind.MOVED, "Release 1", NOW, **{"from": f"{URL}/0"}),
                change(Kind.GAP, None, reason="the pager ended"),
            ),
        )
        assert stage.done("changes").splitlines() == [
            "new           ministry  2026-11-20 07:00 UTC",
            "    Release 1",
            f"    {URL}/1",
            "    listed late: a release dated later is already listed",
            "edited        ministry  2026-11-20 07:00 UTC",
            "    Release 1",
            f"    {URL}/1",
            f"    summary: nothing → “{'word ' * 47}wor…",
            "moved         ministry  2026-11-20 07:00 UTC",
            "    Release 1",
            f"    {URL}/1",
            f"    was {URL}/0",
            "gap           ministry  2026-11-20 07:00 UTC",
            "    the pager ended",
        ]

    def test_in_colour_on_a_terminal_that_wants_it(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        stage.believe(MINISTRY, changes=(change(Kind.WITHDRAWN),))
        arguments = ["--config", str(stage.config), "changes"]
        monkeypatch.delenv("NO_COLOR", raising=False)
        assert "\x1b[31mwithdrawn" in CliRunner().invoke(main, arguments, color=True).stdout
        assert "\x1b" not in CliRunner().invoke(main, arguments).stdout
        monkeypatch.setenv("NO_COLOR", "1")
        assert "\x1b" not in CliRunner().invoke(main, arguments, color=True).stdout

    def test_of_one_kind_or_newsroom(self, stage: Stage) -> None:
        stage.believe(MINISTRY, changes=(change(Kind.NEW), change(Kind.WITHDRAWN)))
        shown = json.loads(stage.done("changes", "--kind", "withdrawn", "--json"))
        assert [shape["kind"] for shape in shown] == ["withdrawn"]
        assert stage.done("changes", "--newsroom", "court") == "No changes.\n"

    @pytest.mark.parametrize(
        ("since", "count"),
        [
            ("2026-11-20", 1),
            ("2026-11-18", 2),
            ("2026-11-18T09:00:00+02:00", 2),
            ("2026-11-18T07:00:01Z", 1),
            ("2026-11-18T07:00", 2),
            ("2d", 2),
            ("47h", 1),
        ],
    )
    def test_since_a_day_an_instant_or_a_while(self, stage: Stage, since: str, count: int) -> None:
        at = datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
        stage.believe(MINISTRY, changes=(change(Kind.NEW, at=at), change(Kind.WITHDRAWN)))
        assert len(json.loads(stage.done("changes", "--since", since, "--json"))) == count

    @pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "", "99999d", "d"])
    def test_since_nonsense(self, stage: Stage, since: str) -> None:
        result = stage.run("changes", "--since", since)
        assert result.exit_code == 2
        assert "is no time; write for example 2026-11-20" in result.stderr

    def test_what_a_newsroom_says_is_text(self, stage: Stage) -> None:
        nasty = "A\x1b]0;owned\x07[bold]B[/bold]\u202egnp\n\x9b2JC\x00"
        stage.believe(MINISTRY, changes=(change(Kind.NEW, nasty, reason=nasty),))
        for said in (stage.done("changes"), stage.done("changes", "--json")):
            assert all(character.isprintable() or character == "\n" for character in said)
        assert "    A]0;owned[bold]B[/bold]gnp 2JC\n" in stage.done("changes")
        assert json.loads(stage.done("changes", "--json"))[0]["title"] == nasty


class TestReleases:
    def test_as_json_newest_first(self, stage: Stage) -> None:
        first = release(
            2,
            kind="Statement",
            summary="S",
            caption="C",
            published_at=datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
            revisions=2,
        )
        second = release(1, date=None)
        stage.believe(MINISTRY, second, first)
        assert json.loads(stage.done("releases", "--json")) == [
            {
                "newsroom": "ministry",
                "url": f"{URL}/2",
                "title": "Release 2",
                "date": "2026-11-02",
                "published_at": "2026-11-02T09:30:00+00:00",
                "kind": "Statement",
                "summary": "S",
                "caption": "C",
                "state": "listed",
                "first_seen": "2026-11-17T07:00:00+00:00",
                "last_seen": "2026-11-20T07:00:00+00:00",
                "revisions": 2,
            },
            {
                "newsroom": "ministry",
                "url": f"{URL}/1",
                "title": "Release 1",
                "date": None,
                "published_at": None,
                "kind": None,
                "summary": None,
                "caption": None,
                "state": "listed",
                "first_seen": "2026-11-17T07:00:00+00:00",
                "last_seen": "2026-11-20T07:00:00+00:00",
                "revisions": 1,
            },
        ]

    def test_tell_where_each_stands(self, stage: Stage) -> None:
        stage.believe(MINISTRY, release(1))
        gone = [release(n, state=state, seen_seq=1) for n, state in ((3, State.WITHDRAWN), (4, State.UNLISTED))]
        stage.believe(MINISTRY, release(2), release(5, state=State.HELD), *gone)
        states = {shape["title"][-1]: shape["state"] for shape in json.loads(stage.done("releases", "--json"))}
        assert states == {"1": "rolled_off", "2": "listed", "3": "withdrawn", "4": "unlisted", "5": "held"}

    def test_as_a_person_reads_them(self, stage: Stage) -> None:
        stage.believe(MINISTRY, release(2, revisions=3, title="[b]Two\x1b[0m"), release(1, date=None))
        assert stage.done("releases").splitlines() == [
            "2026-11-02  listed  ministry  3 revisions",
            "    [b]Two[0m",
            f"    {URL}/2",
            "undated     listed  ministry",
            "    Release 1",
            f"    {URL}/1",
        ]

    def test_of_one_newsroom(self, stage: Stage) -> None:
        stage.believe(MINISTRY, release(1))
        assert len(json.loads(stage.done("releases", "--newsroom", "ministry", "--json"))) == 1
        assert stage.done("releases", "--newsroom", "court") == "No releases.\n"


class TestSearch:
    def test_finds_what_holds_all_words_newest_first(self, stage: Stage) -> None:
        bridge = release(2, title="Bridge to open", summary="The harbour rejoices")
        stage.believe(MINISTRY, release(1, title="Harbour closes"), bridge, release(3, title="Bridge paid for"))
        found = stage.done("search", "harbour")
        assert [line.strip() for line in found.splitlines()][1::3] == ["Bridge to open", "Harbour closes"]
        (row,) = json.loads(stage.done("search", "harbour", "bridge", "--newsroom", "ministry", "--json"))
        assert (row["title"], row["state"]) == ("Bridge to open", "listed")

    def test_where_there_is_nothing(self, stage: Stage) -> None:
        assert "Nothing has been read yet" in stage.done("search", "harbour")
        assert stage.done("search", "harbour", "--json") == "[]\n"
        stage.believe(MINISTRY)
        assert stage.done("search", "harbour") == "No release holds all of these words.\n"

    def test_refuses_what_is_no_word(self, stage: Stage) -> None:
        for words in ((), ("--", "-"), ("",)):
            assert stage.run("search", *words).exit_code == 2
        assert stage.run("search", "x", "--newsroom", "ministri").exit_code == 2
