"""What the commands do to a store where no daemon is running."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.recipes import AMNESTY_CA
from scheduler import check
from scheduler.check import crawl_settings, definition_of, standing_of, write_digests, write_issues
from scheduler.cli import main
from scheduler.config import DigestConfig
from scheduler.digestfiles import DigestError
from scheduler.lock import hold
from scheduler.watch import Watch
from storage.records import Kind, Newsroom, Order, Standing, Trouble
from storage.store import Store
from tests.scheduler.rooms import NOW, Clock, Rooms, config_of, watched

PROJECT = Path(__file__).parents[2]
URL = "http://a.test/category/country/veldania"
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data" / "presswatch.db") as store:
        yield store


def watch(folder: Path, store: Store, *digests: DigestConfig, names: str = "ab") -> Watch:
    rooms = Rooms(Clock(), alive=True)
    newsrooms = [watched(rooms, name) for name in names]
    return Watch(config_of(folder, *newsrooms, digests=digests), store, rooms, rooms.clock)


class TestDigests:
    def test_one_that_cannot_be_written_keeps_no_other_from_being_written(self, tmp_path: Path, store: Store) -> None:
        joined = watch(tmp_path, store, DigestConfig("first"), DigestConfig("second"))
        folder = tmp_path / "data" / "digests"
        folder.mkdir()
        (folder / "first").touch()
        with pytest.raises(DigestError, match="first"):
            write_issues(joined, None)
        assert len(list((folder / "second").glob("2*.html"))) == 1
        assert write_issues(joined, "second")[0].parent == folder / "second"
        (folder / "first").unlink()
        write_issues(joined, "second")
        assert not (folder / "first").exists()
        write_issues(joined, None)
        assert len(list((folder / "first").glob("2*.html"))) == 2  # the one that could not be written, and the next

    def test_files_that_were_deleted_are_written_again(self, tmp_path: Path, store: Store) -> None:
        joined = watch(tmp_path, store, DigestConfig("daily"), DigestConfig("brief", skip_empty=True))
        (page, *_) = write_issues(joined, "daily")
        before = page.read_bytes()
        page.unlink()
        assert page not in write_issues(joined, "brief")
        assert page in write_issues(joined, None)
        assert page.read_bytes() == before

    async def test_carry_what_was_stored_and_not_folded_yet(self, tmp_path: Path, store: Store) -> None:
        joined = watch(tmp_path, store, DigestConfig("daily"), names="a")
        assert joined.crawl is not None
        store.add_visit(await joined.crawl.visit(Order("a", URL, AMNESTY_CA)))
        write_issues(joined, None)
        (issue,) = [issue for issue, _ in store.issues("daily")]
        assert [change.kind for change in issue.changes] == [Kind.BASELINE]
        assert store.unfolded() == []
        newsroom = store.newsroom("a")
        assert newsroom is not None
        assert newsroom.history is not None
        assert newsroom.history.closed

    def test_filters_and_form_are_the_configurations(self) -> None:
        digest = DigestConfig("weekly", formats=("md",), newsrooms=("a*",), kinds=(Kind.NEW,), match=("strike",))
        definition = definition_of(replace(digest, skip_empty=True, timezone="Europe/Berlin"))
        assert (definition.name, definition.formats, definition.newsrooms) == ("weekly", ("md",), ("a*",))
        assert (definition.kinds, definition.match, definition.skip_empty) == ((Kind.NEW,), ("strike",), True)
        assert definition.timezone == "Europe/Berlin"


class TestTheStanding:
    def test_counts_what_is_watched_and_covered_and_was_read_since(self, tmp_path: Path, store: Store) -> None:
        joined = watch(tmp_path, store, names="abcde")
        well = Newsroom("a", URL, baseline_at=NOW - 9 * DAY, last_ok_at=NOW)
        url = {name: URL.replace("//a", f"//{name}") for name in "abcde"}
        store.put_newsroom(well)
        store.put_newsroom(replace(well, id="b", url=url["b"], last_ok_at=NOW - 2 * DAY))
        broken = replace(well, last_ok_at=NOW - 3 * DAY, unhealthy_since=NOW - 2 * DAY, last_reason="HTTP 500")
        store.put_newsroom(replace(broken, id="c", url=url["c"], broken=True))
        store.put_newsroom(replace(well, id="d", url="http://d.test/old"))  # its address was changed since
        store.put_newsroom(replace(well, id="left", url="http://left.test/"))
        every = definition_of(DigestConfig("daily"))
        trouble = (Trouble("c", NOW - 2 * DAY, "HTTP 500", last_read=NOW - 3 * DAY),)
        assert standing_of(joined, every, NOW - DAY) == Standing(5, 1, NOW, trouble)
        assert standing_of(joined, every, None) == Standing(5, 3, NOW, trouble)
        some = definition_of(DigestConfig("daily", newsrooms=("[ab]",)))
        assert standing_of(joined, some, NOW - DAY) == Standing(2, 1, NOW, ())
        assert standing_of(joined, definition_of(DigestConfig("x", newsrooms=("e",))), None) == Standing(1, 0, None, ())

    def test_is_right_again_after_a_clock_that_was_years_ahead(self, tmp_path: Path, store: Store) -> None:
        joined = watch(tmp_path, store, DigestConfig("daily"), names="ab")
        clock = joined.clock
        assert isinstance(clock, Clock)
        store.put_newsroom(Newsroom("a", URL, baseline_at=NOW, last_ok_at=NOW))
        ahead = NOW + 30_000 * DAY
        store.put_newsroom(Newsroom("b", URL.replace("//a", "//b"), baseline_at=NOW, last_ok_at=ahead))
        for at, read, last in ((ahead, 2, ahead), (NOW + DAY, 1, NOW), (NOW + 2 * DAY, 0, NOW)):
            clock.at = at
            write_issues(joined, "daily")
            issue = store.last_issue("daily")
            assert issue is not None
            assert (issue.standing.read, issue.standing.last_read) == (read, last)

    def test_trouble_begins_with_the_first_visit_that_is_not_believed(self, tmp_path: Path, store: Store) -> None:
        joined = watch(tmp_path, store, names="abc")
        once = Newsroom("a", URL, baseline_at=NOW - DAY, last_ok_at=NOW - timedelta(minutes=1), unhealthy_since=NOW)
        store.put_newsroom(replace(once, fails=1, last_reason="an empty list"))
        never = Newsroom("b", URL.replace("//a", "//b"), unhealthy_since=NOW, fails=1, last_reason="refused")
        store.put_newsroom(never)
        standing = standing_of(joined, definition_of(DigestConfig("daily")), NOW - DAY)
        assert standing.troubles == (
            Trouble("a", NOW, "an empty list", last_read=NOW - timedelta(minutes=1)),
            Trouble("b", NOW, "refused", last_read=None),
        )
        assert (standing.newsrooms, standing.read) == (3, 1)


class TestBesideAnotherCommand:
    def test_waits_and_then_says_who_is_in_the_way(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(check, "WAIT_S", 0.05)
        path = tmp_path / "presswatch.toml"
        path.write_text("")
        with hold(tmp_path / "data"):
            for command in ("check", "digest"):
                result = CliRunner().invoke(main, ["--config", str(path), command])
                assert result.exit_code == 1
                assert "is in use by another presswatch, process" in result.stderr

    def test_without_newsrooms_there_is_nothing_to_do(self, tmp_path: Path) -> None:
        config = config_of(tmp_path)
        assert check.check(config).visits == ()
        assert write_digests(config) == []
        assert check.verify(config) == []


def test_the_crawl_behaves_as_the_configuration_says(tmp_path: Path) -> None:
    config = config_of(tmp_path, contact="desk@paper.test", delay_s=3.0, allow_private_addresses=True)
    settings = crawl_settings(config, 4)
    assert (settings.contact, settings.delay_s, settings.timeout_s) == ("desk@paper.test", 3.0, 4)
    assert settings.allow_private_addresses
    assert crawl_settings(config_of(tmp_path)).contact is None


@pytest.mark.parametrize("command", ["digest", "verify"])
def test_commands_that_do_not_fetch_load_no_crawl(tmp_path: Path, command: str) -> None:
    (tmp_path / "presswatch.toml").write_text("")
    with Store.open(tmp_path / "data" / "presswatch.db"):
        pass
    code = (
        "import sys; from scheduler.cli import main\n"
        "try: main()\n"
        "finally: print('loaded:', [m for m in ('scrapy', 'aiohttp', 'apscheduler') if m in sys.modules])"
    )
    said = subprocess.run(  # noqa: S603 - starts this project's own code
        [sys.executable, "-c", code, command], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert said.stdout.splitlines()[-1] == "loaded: []"
