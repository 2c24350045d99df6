"""The shells of `check`, `backfill`, `digest`, `verify` and `demo`: what they ask for, and how they tell of it."""

from __future__ import annotations

import json
from contextlib import redirect_stderr
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from scheduler.backfill import BackfillReport, NoBackfill
from scheduler.cli import main
from scheduler.digestfiles import DigestError
from storage.records import Candidate, Cause, Change, Entry, Folding, Kind, Listing, Newsroom, Outcome, Visit
from tests.scheduler.cli_stage import CONFIG, NOW, URL, Stage, Terminal, change, release

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scheduler.config import Config

WINDOW = (Listing(URL, (Entry("One", f"{URL}/1"), Entry("Two", None))),)
OK = Visit("ministry", URL, NOW, NOW, Outcome.OK, requests=2, window=WINDOW)
SAME = Visit("court", "https://court.test/", NOW, NOW, Outcome.NOT_MODIFIED, requests=1)


@dataclass(frozen=True)
class Report:
    visits: Sequence[Visit] = ()
    changes: Sequence[Change] = ()


@dataclass
class Product:
    """Answers as it is told to, and remembers what it was asked."""

    report: Report = field(default_factory=Report)
    written: Sequence[Path] = ()
    problems: Sequence[str] = ()
    backfills: Sequence[BackfillReport] = ()
    fault: Exception | None = None
    asked: list[object] = field(default_factory=list)

    def check(self, config: Config, ids: tuple[str, ...], progress: Callable[[Visit], None]) -> Report:
        self.asked.append((config.path.name, ids))
        for visit in self.report.visits:
            progress(visit)
        return self.report

    def write_digests(self, config: Config, name: str | None) -> Sequence[Path]:
        self.asked.append((config.path.name, name))
        if self.fault:
            raise self.fault
        return self.written

    def backfill(
        self, config: Config, name: str, pages: int | None, progress: Callable[[BackfillReport], None]
    ) -> BackfillReport:
        self.asked.append((config.path.name, name, pages))
        if self.fault:
            raise self.fault
        for report in self.backfills:
            progress(report)
        return self.backfills[-1]

    def verify(self, config: Config) -> Sequence[str]:
        self.asked.append(config.path.name)
        return self.problems


def interrupted(*_: object) -> BackfillReport:
    raise KeyboardInterrupt


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.configure(CONFIG)
    return stage


def driving(stage: Stage, product: Product) -> Stage:
    return replace(stage, shell=replace(stage.shell, checking=lambda: product))


class TestCheck:
    def test_prints_a_line_a_visit_then_the_changes_what_matters_most_last(self, stage: Stage) -> None:
        product = Product(Report((OK, SAME), (change(Kind.WITHDRAWN), change(Kind.BASELINE, None), change(Kind.NEW))))
        assert driving(stage, product).done("check").splitlines() == [
            "ok           ministry  2 entries  2 requests",
            "not_modified court  1 request",
            "",
            "baseline      ministry  2026-11-20 07:00 UTC",
            "new           ministry  2026-11-20 07:00 UTC",
            "    Release 1",
            f"    {URL}/1",
            "withdrawn     ministry  2026-11-20 07:00 UTC",
            "    Release 1",
            f"    {URL}/1",
            "3 changes in 2 newsrooms.",
        ]
        assert product.asked == [("presswatch.toml", ())]

    @pytest.mark.parametrize(
        ("waiting", "said"),
        [
            ((), None),
            ((timedelta(hours=2),), "1 release seems gone and is looked at again in 2 h."),
            ((None,), "1 release seems gone and is looked for in the list by the next visit."),
            ((timedelta(hours=5), timedelta(hours=3), None), "3 releases seem gone and are looked at again in 3 h."),
        ],
    )
    def test_tells_what_seems_gone_and_is_no_change_yet(
        self, stage: Stage, waiting: tuple[timedelta | None, ...], said: str | None
    ) -> None:
        candidates = [
            Candidate("ministry", str(n), Cause.ABSENT, 1, NOW, next_look_at=NOW + wait if wait else None)
            for n, wait in enumerate(waiting, start=1)
        ]
        candidates.append(Candidate("ministry", "9", Cause.BACK, 1, NOW, next_look_at=NOW))  # told as withdrawn before
        with stage.store() as store:
            for visit, mine in ((OK, candidates), (SAME, [Candidate("court", "1", Cause.GONE, 1, NOW)])):
                seq = store.add_visit(visit)
                known = [release(int(c.key), key=c.key, newsroom=c.newsroom, seen_seq=seq) for c in mine]
                newsroom = Newsroom(visit.newsroom, visit.url)
                store.fold(seq, Folding(newsroom, releases=tuple(known), candidates=tuple(mine)))
        told = driving(stage, Product(Report((OK,)))).done("check").splitlines()
        assert told[2:] == ["No changes in 1 newsroom.", *([said] if said else [])]
        shape = json.loads(driving(stage, Product(Report((OK,)))).done("check", "--json"))
        assert list(shape) == ["visits", "changes"]

    def test_a_baseline_says_how_much_is_known_now(self, stage: Stage) -> None:
        for known, said in ((1, "    1 release is known now"), (15, "    15 releases are known now")):
            product = Product(Report((OK,), (change(Kind.BASELINE, None, releases=known),)))
            assert said in driving(stage, product).done("check").splitlines()

    def test_shows_a_bar_where_somebody_watches(self, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
        watched = driving(stage, Product(Report((OK, SAME))))
        with redirect_stderr(Terminal()) as terminal:
            main(["--config", str(stage.config), "check"], obj=watched.shell, standalone_mode=False)
        assert "Reading newsrooms" in terminal.getvalue()
        assert "No changes in 2 newsrooms." in capsys.readouterr().out

    def test_as_json(self, stage: Stage) -> None:
        found = change(Kind.NEW)
        product = Product(Report((OK,), (found,)))
        shape = json.loads(driving(stage, product).done("check", "ministry", "ministry", "--json"))
        assert shape["visits"] == [
            {"newsroom": "ministry", "outcome": "ok", "reason": "", "entries": 2, "requests": 2}
        ]  # fmt: skip
        assert [told["id"] for told in shape["changes"]] == [found.id]
        assert product.asked == [("presswatch.toml", ("ministry",))]

    @pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.SUSPECT])
    def test_fails_where_a_newsroom_could_not_be_read(self, stage: Stage, outcome: Outcome) -> None:
        failed = replace(SAME, outcome=outcome, reason="answered\x1b[2J 503")
        result = driving(stage, Product(Report((OK, failed)))).run("check")
        assert result.exit_code == 1
        assert f"{outcome:<13}court  1 request  answered[2J 503" in result.stdout

    @pytest.mark.parametrize(
        ("outcomes", "changes", "said"),
        [
            (("ok", "not_modified"), 0, "No changes in 2 newsrooms."),
            (("ok", "failed"), 0, "No changes found; 1 of 2 newsrooms could not be read."),
            (("failed", "suspect", "failed"), 0, "No changes found; none of 3 newsrooms could be read."),
            (("suspect",), 0, "No changes found; the newsroom could not be read."),
            (("failed",), 1, "1 change found; the newsroom could not be read."),
        ],
    )
    def test_never_calls_unchanged_what_was_not_read(
        self, stage: Stage, outcomes: tuple[str, ...], changes: int, said: str
    ) -> None:
        visits = tuple(replace(SAME, newsroom=f"n{n}", outcome=Outcome(one)) for n, one in enumerate(outcomes))
        told = driving(stage, Product(Report(visits, (change(Kind.BROKEN, None),) * changes))).run("check")
        assert told.stdout.splitlines()[-1] == said

    def test_refuses_what_is_not_watched(self, stage: Stage) -> None:
        product = Product()
        result = driving(stage, product).run("check", "curt")
        assert result.exit_code == 2
        assert 'There is no newsroom "curt". Did you mean "court"? Known: court, ministry.' in result.stderr
        assert product.asked == []

    def test_refuses_release_pages(self, stage: Stage) -> None:
        result = driving(stage, Product()).run("check", "--releases")
        assert result.exit_code == 2
        assert "--releases is not supported yet" in result.stderr

    def test_tells_on_stderr_what_is_hardly_meant(self, stage: Stage) -> None:
        stage.configure("")
        result = driving(stage, Product()).run("check")
        assert result.exit_code == 0
        assert "No newsroom is watched yet" in result.stderr
        assert "contact is not yours yet" in result.stderr
        assert driving(stage, Product()).done("check", "--json") == '{\n  "visits": [],\n  "changes": []\n}\n'

    def test_a_long_list_of_known_newsrooms_is_cut(self, stage: Stage) -> None:
        stage.configure("".join(f'[[newsroom]]\nid = "n{n}"\nurl = "https://n{n}.test"\n' for n in range(30)))
        assert "and 10 more." in driving(stage, Product()).run("check", "x").stderr


class TestBackfill:
    SOME = BackfillReport("ministry", pages=1, requests=3, added=1, total_pages=1, entries=5)
    ALL = BackfillReport(
        "ministry", pages=12, requests=15, added=115, total_pages=20, entries=120, oldest=date(1999, 5, 1), over=True,
        complete=True,
    )  # fmt: skip

    def test_tells_what_was_read_and_how_far(self, stage: Stage) -> None:
        product = Product(backfills=(self.SOME, self.ALL))
        said = driving(stage, product).done("backfill", "ministry", "--pages", "20")
        assert said == (
            "12 pages read (20 pages in all, back to 1999-05-01), 15 requests: 115 releases added to the record.\n"
            "The archive is read to its end.\n"
        )
        assert product.asked == [("presswatch.toml", "ministry", 20)]

    @pytest.mark.parametrize(
        ("values", "said", "code"),
        [
            ({}, "There is more: the same command goes on from there.", 0),
            ({"over": True, "stopped": "page 9 repeats page 1"}, "The archive ends here: page 9 repeats page 1.", 0),
            ({"stopped": "page 9: HTTP 502"}, "Broken off: page 9: HTTP 502. The same command goes on from there.", 1),
        ],
    )
    def test_tells_why_it_ended(self, stage: Stage, values: dict[str, Any], said: str, code: int) -> None:
        result = driving(stage, Product(backfills=(replace(self.SOME, **values),))).run("backfill", "ministry")
        assert (result.stdout.splitlines()[1], result.exit_code) == (said, code)

    def test_prints_json(self, stage: Stage) -> None:
        found = json.loads(driving(stage, Product(backfills=(self.ALL,))).done("backfill", "ministry", "--json"))
        assert found == {
            "newsroom": "ministry", "pages": 12, "requests": 15, "added": 115, "total_pages": 20, "entries": 120,
            "oldest": "1999-05-01", "over": True, "complete": True, "stopped": "",
        }  # fmt: skip

    def test_shows_a_bar_to_who_watches(self, stage: Stage) -> None:
        product = Product(backfills=(self.SOME, self.ALL))
        with redirect_stderr(Terminal()) as terminal:
            shell = driving(stage, product).shell
            main(["--config", str(stage.config), "backfill", "ministry"], obj=shell, standalone_mode=False)
        assert "Reading ministry" in terminal.getvalue()

    def test_says_that_it_goes_on_after_an_interruption(self, stage: Stage) -> None:
        product = Product(backfills=(self.SOME,))
        product.backfill = interrupted  # type: ignore[assignment,method-assign] # Ctrl-C
        result = driving(stage, product).run("backfill", "ministry")
        assert (result.exit_code, result.stderr) == (130, "Stopped. The same command goes on from there.\n")

    def test_what_cannot_be_read_back_and_who_is_not_watched(self, stage: Stage) -> None:
        result = driving(stage, Product(fault=NoBackfill("no archive"))).run("backfill", "ministry")
        assert (result.exit_code, result.stderr) == (1, "Error: no archive\n")
        assert driving(stage, Product()).run("backfill", "minstry").exit_code == 2
        assert driving(stage, Product()).run("backfill", "ministry", "--pages", "0").exit_code == 2


class TestDigest:
    def test_names_the_files(self, stage: Stage) -> None:
        product = Product(written=[Path("/d/1.html"), Path("/d/1.json")])
        assert driving(stage, product).done("digest", "weekly") == "/d/1.html\n/d/1.json\n"
        driving(stage, product).done("digest")
        assert product.asked == [("presswatch.toml", "weekly"), ("presswatch.toml", None)]

    def test_says_when_there_was_nothing_to_write(self, stage: Stage) -> None:
        assert driving(stage, Product()).done("digest").startswith("Nothing to report")

    def test_refuses_what_is_no_digest(self, stage: Stage) -> None:
        result = driving(stage, Product()).run("digest", "dayly")
        assert result.exit_code == 2
        assert 'There is no digest "dayly". Did you mean "daily"? Known: daily, weekly.' in result.stderr

    def test_fails_with_the_reason(self, stage: Stage) -> None:
        result = driving(stage, Product(fault=DigestError("the file is another's"))).run("digest")
        assert (result.exit_code, result.stderr) == (1, "Error: the file is another's\n")


class TestVerify:
    def test_before_anything_was_read(self, stage: Stage) -> None:
        product = Product()
        assert "Nothing has been read yet" in driving(stage, product).done("verify")
        assert driving(stage, product).done("verify", "--json") == "[]\n"
        assert product.asked == []

    def test_all_is_well(self, stage: Stage) -> None:
        with stage.store():
            pass
        assert driving(stage, Product()).done("verify") == "Intact: the database, the digests and their chain.\n"
        assert driving(stage, Product()).done("verify", "--json") == "[]\n"

    def test_tells_each_problem_and_fails(self, stage: Stage) -> None:
        with stage.store():
            pass
        broken = driving(stage, Product(problems=["a is torn", "b is\x1b[1m gone"]))
        result = broken.run("verify")
        assert (result.exit_code, result.stdout) == (1, "a is torn\nb is[1m gone\n")
        result = broken.run("verify", "--json")
        assert result.exit_code == 1
        assert json.loads(result.stdout) == ["a is torn", "b is\x1b[1m gone"]


class TestDemo:
    def test_its_help_tells_the_story(self) -> None:
        told = " ".join(CliRunner().invoke(main, ["demo", "--help"]).output.split())
        assert "publishes, edits, withdraws, moves and breaks down" in told

    def test_leaves_a_folder_alone_that_is_not_its_own(self, tmp_path: Path) -> None:
        (tmp_path / "mine").touch()
        result = CliRunner().invoke(main, ["demo", str(tmp_path)])
        assert result.exit_code == 1
        assert str(tmp_path) in result.stderr
        assert (tmp_path / "mine").exists()
