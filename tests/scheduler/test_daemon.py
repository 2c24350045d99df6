"""The daemon: in process on newsrooms in memory with a clock that is moved, and as a process of its own."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from time import monotonic, sleep

import pytest
from click.testing import CliRunner, Result

from crawler.crawl import CrawlStopped
from scheduler import check, daemon
from scheduler.backfill import BackfillReport
from scheduler.cli import main
from scheduler.config import Config, DigestConfig, load
from scheduler.control import SOCKET, NoDaemon, Refused, ask
from scheduler.daemon import Daemon
from scheduler.demo.layouts import DRUPAL, WORDPRESS
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.server import serving
from scheduler.lock import LOCK, daemon_pid, hold
from storage.errors import FullStore
from storage.records import Kind, Order, Outcome, Visit
from storage.store import Store
from tests.scheduler.rooms import BEAT_S, Clock, Rooms, config_of, until, watched

DAILY = DigestConfig("daily", at=time(7, 0))

TOML = """\
contact = "desk@paper.test"
confirm_after = "0s"
delay = "0s"
allow_private_addresses = true
{extra}
{newsrooms}
[[digest]]
name = "daily"
at = "07:00"
"""
NEWSROOM = '[[newsroom]]\nid = "{name}"\nurl = "http://{name}.test/category/country/veldania"\nevery = "15m"\n'


async def beats(living: Daemon, number: int) -> None:
    """Lets the daemon look at its clock so many times."""
    ticks, right = 0, living.watch.keeper.catch_up

    def counted() -> int:
        nonlocal ticks
        ticks += 1
        return right()

    living.watch.keeper.catch_up = counted  # type: ignore[method-assign] # counts the looks at the clock
    await until(lambda: ticks >= number)
    living.watch.keeper.catch_up = right  # type: ignore[method-assign] # as it was


@dataclass
class House:
    """Newsrooms in memory, a clock that is moved, and a daemon over them."""

    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.rooms = Rooms(self.clock)
        self.crawls: list[Rooms] = []

    def config(self, *names: str, **values: object) -> Config:
        return config_of(self.folder, *(watched(self.rooms, name) for name in names), **values)

    def configure(self, *names: str, extra: str = "") -> Config:
        """The same from a file, which the daemon reads again when it is edited."""
        for name in names:
            watched(self.rooms, name)
        text = TOML.format(extra=extra, newsrooms="".join(NEWSROOM.format(name=name) for name in names))
        (self.folder / "presswatch.toml").write_text(text)
        return load(self.folder / "presswatch.toml")

    def crawl_for(self, config: Config, _clock: object) -> Rooms:
        crawl = self.rooms if not self.crawls else Rooms(self.clock, rooms=self.rooms.rooms)
        self.crawls.append(crawl)
        assert config.data_dir == self.folder / "data"
        return crawl

    @asynccontextmanager
    async def living(self, config: Config) -> AsyncIterator[Daemon]:
        (self.folder / "data").mkdir(exist_ok=True)
        with Store.open(config.database, wait_s=0.05) as store:
            alive = Daemon(config, store, self.clock, crawl_for=self.crawl_for, beat_s=BEAT_S)
            started = asyncio.Event()
            life = asyncio.ensure_future(alive.run(started.set))
            await asyncio.wait({life, asyncio.ensure_future(started.wait())}, return_when=asyncio.FIRST_COMPLETED)
            try:
                yield alive
            finally:
                alive.stopped.set()
                async with asyncio.timeout(5):
                    self.exit_code = await life

    def changes(self, alive: Daemon, newsroom: str | None = None) -> list[Kind]:
        return [change.kind for change in alive.store.changes(newsroom=newsroom)]

    def issues(self) -> list[Path]:
        return sorted((self.folder / "data" / "digests" / "daily").glob("2*.json"))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


class TestVisits:
    async def test_come_when_they_are_due(self, house: House) -> None:
        async with house.living(house.config("a", "b")) as alive:
            await until(lambda: len(house.changes(alive)) == 2)
            await beats(alive, 3)
            assert sorted(house.rooms.visits) == ["a", "b"]
            house.rooms.rooms["a"].publish()
            for number in range(1, 4):
                house.clock.move(minutes=20)
                await until(lambda number=number: len(house.rooms.visits) == 2 + 2 * number)  # type: ignore[misc] # mypy loses the type of a default
            assert house.changes(alive, "a") == [Kind.BASELINE, Kind.NEW]
        assert house.exit_code == 0

    async def test_what_they_find_is_looked_at_and_settled(self, house: House) -> None:
        async with house.living(house.config("a", confirm_after_s=3600.0)) as alive:
            await until(lambda: house.changes(alive))
            house.rooms.rooms["a"].withdraw(house.rooms.rooms["a"].shown(0)[4].slug)
            house.clock.move(minutes=20)
            await until(lambda: len(house.rooms.looks) == 1)
            await beats(alive, 3)
            assert house.changes(alive) == [Kind.BASELINE]
            house.clock.move(hours=1)
            await until(lambda: house.changes(alive) == [Kind.BASELINE, Kind.WITHDRAWN])
            assert len(house.rooms.looks) == 2

    async def test_one_that_hangs_delays_no_other(self, house: House) -> None:
        house.rooms.gates["a"] = asyncio.Event()
        async with house.living(house.config("a", "b", "c")) as alive:
            await until(lambda: len(house.changes(alive)) == 2)
            house.clock.move(minutes=20)
            await until(lambda: len(house.rooms.visits) == 5)
            assert house.rooms.visits.count("a") == 1

    async def test_a_release_missing_from_the_list_but_online_is_read_back_for(self, house: House) -> None:
        async with house.living(house.config("a")) as alive:
            await until(lambda: house.changes(alive))
            house.rooms.rooms["a"].unlist(house.rooms.rooms["a"].shown(0)[4].slug)
            house.clock.move(minutes=20)
            await until(lambda: len(house.rooms.looks) == 2)
            await beats(alive, 3)
            assert house.changes(alive) == [Kind.BASELINE]
            house.clock.move(minutes=1)
            await until(lambda: house.changes(alive) == [Kind.BASELINE, Kind.UNLISTED])

    async def test_a_newsroom_at_a_new_address_is_visited_at_once(self, house: House) -> None:
        async with house.living(house.configure("a")) as alive:
            await until(lambda: house.changes(alive))
            text = (house.folder / "presswatch.toml").read_text()
            house.clock.move(seconds=1)
            (house.folder / "presswatch.toml").write_text(text.replace('veldania"', 'veldania?page=0"'))
            await until(lambda: house.changes(alive) == [Kind.BASELINE, Kind.BASELINE])

    async def test_each_is_one_line_of_the_log(self, house: House, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "presswatch")
        async with house.living(house.config("a")) as alive:
            await until(lambda: house.changes(alive))
        told = [record.message for record in caplog.records if record.message.startswith("a ")]
        assert told == ["a ok, 15 entries, 1 request, 0.0 s: 1 baseline"]


class TestDigests:
    async def test_are_written_on_schedule_and_missed_ones_once(self, house: House) -> None:
        async with house.living(house.config("a", digests=(DAILY,))) as alive:
            await until(lambda: house.changes(alive))
            await beats(alive, 8)
            assert house.issues() == []
            house.clock.move(hours=22)
            await until(lambda: len(house.issues()) == 1)
            assert [change["kind"] for change in json.loads(house.issues()[0].read_text())["changes"]] == ["baseline"]
            house.rooms.rooms["a"].publish()
            house.clock.move(days=3)
            await until(lambda: len(house.issues()) == 2)
            await beats(alive, 12)
            assert len(house.issues()) == 2
            # it waited for the visit that was missed, too
            assert [change["kind"] for change in json.loads(house.issues()[1].read_text())["changes"]] == ["new"]

    async def test_missed_while_the_daemon_was_off_are_written_once(self, house: House) -> None:
        config = house.config("a", digests=(DAILY,))
        async with house.living(config) as alive:
            await until(lambda: house.changes(alive))
        house.clock.move(days=2)
        async with house.living(config) as alive:
            await until(lambda: len(house.issues()) == 1)
            await beats(alive, 12)
        assert len(house.issues()) == 1

    async def test_at_an_interval(self, house: House) -> None:
        async with house.living(house.config("a", digests=(DigestConfig("daily", every_s=21600.0),))) as alive:
            await until(lambda: house.changes(alive))
            house.clock.move(hours=6, minutes=1)
            await until(lambda: len(house.issues()) == 1)
            house.clock.move(hours=6, minutes=1)
            await until(lambda: len(house.issues()) == 2)

    async def test_that_cannot_be_written_come_once_they_can_and_hold_up_no_other(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        config = house.config("a", digests=(DAILY, DigestConfig("second", at=time(7, 0))))
        async with house.living(config) as alive:
            await until(lambda: house.changes(alive))
            folder = house.folder / "data" / "digests"
            folder.mkdir()
            (folder / "daily").touch()
            house.clock.move(hours=22)
            await until(lambda: list((folder / "second").glob("2*.html")))
            assert any("daily" in record.message for record in caplog.records if record.levelname == "ERROR")
            (folder / "daily").unlink()
            await until(lambda: len(house.issues()) == 1)
            await beats(alive, 12)
            assert len(house.issues()) == 1
        assert check.verify(config) == []

    async def test_that_a_crash_left_without_files_are_finished_at_once(self, house: House) -> None:
        config = house.config("a", digests=(DAILY,))
        async with house.living(config) as alive:
            await until(lambda: house.changes(alive))
            house.clock.move(hours=22)
            await until(lambda: len(house.issues()) == 1)
        shutil.rmtree(house.folder / "data" / "digests")
        with Store.open(config.database) as store, store.transaction():
            store._db.write("UPDATE issues SET written = 0")
        async with house.living(config):
            await until(lambda: len(house.issues()) == 1)


class TestTheConfiguration:
    async def test_is_picked_up_when_it_is_edited(self, house: House) -> None:
        async with house.living(house.configure("a")) as alive:
            await until(lambda: house.changes(alive, "a"))
            house.configure("a", "b")
            await until(lambda: house.changes(alive, "b"))
            house.configure("b")
            await until(lambda: not alive.watch.watches("a"))
            house.clock.move(hours=2)
            await until(lambda: len(house.rooms.visits) == 3)
            assert house.rooms.visits == ["a", "b", "b"]

    async def test_that_is_broken_is_told_once_and_the_last_good_one_kept(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with house.living(house.configure("a")) as alive:
            await until(lambda: house.changes(alive, "a"))
            (house.folder / "presswatch.toml").write_text("nonsense = 1\n")
            await until(lambda: "last good configuration" in caplog.text)
            house.clock.move(minutes=20)
            await until(lambda: house.rooms.visits == ["a", "a"])
            await beats(alive, 6)
            assert caplog.text.count("last good configuration") == 1
            (house.folder / "presswatch.toml").unlink()
            await until(lambda: "there is no such file" in caplog.text)
            house.configure("a", "b")
            await until(lambda: house.changes(alive, "b"))

    async def test_cannot_move_the_data(self, house: House, caplog: pytest.LogCaptureFixture) -> None:
        async with house.living(house.configure("a")) as alive:
            house.configure("a", "b", extra='data_dir = "elsewhere"')
            await until(lambda: "data_dir changed" in caplog.text)
            assert not alive.watch.watches("b")
        assert not (house.folder / "elsewhere").exists()

    async def test_a_change_of_how_to_ask_gets_another_crawl_and_interrupts_nobody(self, house: House) -> None:
        house.rooms.gates["a"] = asyncio.Event()
        async with house.living(house.configure("a")) as alive:
            await until(lambda: house.rooms.visits == ["a"])
            text = (house.folder / "presswatch.toml").read_text()
            (house.folder / "presswatch.toml").write_text(text.replace("desk@", "editor@"))
            await until(lambda: len(house.crawls) == 2 and house.changes(alive))
            assert house.crawls[1].visits == ["a"]
            assert not house.rooms.alive
            await until(lambda: alive.crawl is house.crawls[1])

    async def test_without_newsrooms_there_is_nothing_to_do(self, house: House) -> None:
        async with house.living(house.configure()) as alive:
            await beats(alive, 4)
            house.configure("a")
            await until(lambda: house.changes(alive, "a"))


class TestTrouble:
    async def test_a_crawl_that_dies_is_brought_back(self, house: House) -> None:
        async with house.living(house.config("a")) as alive:
            await until(lambda: house.changes(alive))
            house.rooms.die()
            await until(lambda: house.rooms.starts == 2)
            house.clock.move(minutes=20)
            await until(lambda: len(house.rooms.visits) == 2)

    async def test_a_crawl_that_cannot_be_brought_back_is_told_and_tried_again(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with house.living(house.config("a")) as alive:
            await until(lambda: house.changes(alive))
            right, tries = house.rooms.start, 0

            async def unable() -> None:
                nonlocal tries
                tries += 1
                if tries < 3:
                    raise RuntimeError("no network at all")
                await right()

            house.rooms.start = unable  # type: ignore[method-assign] # stands in for a while
            house.rooms.die()
            await until(lambda: house.rooms.alive)
        assert caplog.text.count("RuntimeError: no network at all\n") == 2  # the line, and the end of its traceback

    async def test_a_full_disk_ends_nothing_and_asks_nobody_in_vain(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        stored: list[None] = []

        def full(visit: Visit) -> int:
            stored.append(None)
            raise FullStore("the disk is full")

        async with house.living(house.config("a", "b")) as alive:
            await until(lambda: len(house.changes(alive)) == 2)
            right = alive.store.add_visit
            alive.store.add_visit = full  # type: ignore[method-assign] # a disk that is full for a while
            house.rooms.rooms["a"].publish()
            house.clock.move(minutes=20)
            await until(lambda: "the disk is full" in caplog.text)
            house.clock.move(minutes=20)
            asked, tries = len(house.rooms.visits), stored.count(None)
            await until(lambda: stored.count(None) >= tries + 3)
            assert len(house.rooms.visits) == asked <= 4
            assert caplog.text.count("the disk is full") == 1
            alive.store.add_visit = right  # type: ignore[method-assign] # room again
            await until(lambda: house.changes(alive, "a") == [Kind.BASELINE, Kind.NEW])
            await until(lambda: set(house.rooms.visits[asked:]) == {"a", "b"})
        assert house.exit_code == 0

    async def test_a_disk_that_is_still_full_at_the_end_does_not_keep_it_from_ending(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        def full(visit: Visit) -> int:
            raise FullStore("the disk is full")

        async with house.living(house.config("a")) as alive:
            alive.store.add_visit = full  # type: ignore[method-assign] # a disk that is full
            await until(lambda: "the disk is full" in caplog.text)
        assert house.exit_code == 0

    async def test_a_data_directory_that_is_removed_ends_it(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with house.living(house.config("a")) as alive:
            await until(lambda: house.changes(alive))
            shutil.rmtree(house.folder / "data")
            await until(lambda: "was removed or replaced" in caplog.text)
            await until(alive.stopped.is_set)
        assert house.exit_code == 1

    async def test_a_database_that_is_replaced_ends_it(self, house: House) -> None:
        async with house.living(house.config("a")) as alive:
            await until(lambda: house.changes(alive))
            database = alive.watch.config.database
            shutil.copy(database, house.folder / "copy")
            (house.folder / "copy").replace(database)
            await until(alive.stopped.is_set)
        assert house.exit_code == 1

    async def test_an_order_that_raises_backs_off(self, house: House) -> None:
        house.rooms.faults["a"] = ZeroDivisionError()
        async with house.living(house.config("a", "b")) as alive:
            await until(lambda: house.changes(alive, "b"))
            await beats(alive, 10)
            assert house.rooms.visits.count("a") == 1
            assert alive.agenda.newsrooms["a"].fails == 1

    async def test_old_visits_that_showed_nothing_are_let_go(self, house: House) -> None:
        async with house.living(house.config("a")) as alive:
            await until(lambda: house.changes(alive))
            house.clock.move(minutes=20)
            await until(lambda: len(house.rooms.visits) == 2)
            await until(lambda: alive.store.visit(2))
            house.clock.move(days=120)
            await alive.prune()
            assert alive.store.visit(1) is not None
            assert alive.store.visit(2) is None


class TestRequestsOfCommands:
    async def ask(self, house: House, **request: object) -> dict[str, object]:
        return await asyncio.to_thread(ask, house.folder / "data", request, lambda _: None)

    async def test_a_check_is_made_by_the_daemon_with_progress(self, house: House) -> None:
        config, told = house.configure("a", "b"), list[Visit]()
        with hold(config.data_dir, daemon=True):
            async with house.living(config) as alive:
                await until(lambda: len(house.changes(alive)) == 2)
                house.rooms.rooms["a"].publish()
                report = await asyncio.to_thread(check.check, config, ("a",), told.append)
        assert [(v.newsroom, v.outcome, len(v.window[0].entries)) for v in report.visits] == [("a", Outcome.OK, 15)]
        assert [change.kind for change in report.changes] == [Kind.NEW]
        assert [visit.newsroom for visit in told] == ["a"]

    async def test_a_check_beside_a_visit_of_the_same_newsroom_waits_for_it(self, house: House) -> None:
        house.rooms.gates["a"] = asyncio.Event()
        async with house.living(house.configure("a")) as alive:
            await until(lambda: house.rooms.visits == ["a"])
            asked = [asyncio.ensure_future(self.ask(house, check=["a", "a"])) for _ in range(2)]
            await until(lambda: "a" in alive.watch._queued)
            house.rooms.gates["a"].set()
            first, second = await asyncio.gather(*asked)
        assert first["visits"] == second["visits"]
        assert (house.rooms.visits, house.rooms.most_at_once) == (["a", "a"], 1)

    async def test_a_digest_is_written_by_the_daemon(self, house: House) -> None:
        config = house.configure("a")
        with hold(config.data_dir, daemon=True):
            async with house.living(config) as alive:
                await until(lambda: house.changes(alive))
                written = await asyncio.to_thread(check.write_digests, config, "daily")
                assert [path.suffix for path in written] == [".html", ".md", ".json"]
                assert len(await asyncio.to_thread(check.write_digests, config)) == 3

    async def test_an_archive_is_read_back_by_the_daemon_with_progress(self, house: House) -> None:
        house.rooms.rooms["a"] = LocalNewsroom(releases=90, per_page=5)
        config, told = house.configure("a"), list[BackfillReport]()
        with hold(config.data_dir, daemon=True):
            async with house.living(config) as alive:
                await until(lambda: house.changes(alive))
                report = await asyncio.to_thread(check.backfill, config, "a", None, told.append)
                assert alive.store.release_count("a") == 90
        assert report == told[-1]
        assert (report.complete, report.total_pages, report.oldest) == (True, 17, told[-1].oldest)
        assert told[0].pages == 10

    async def test_a_backfill_whose_asker_goes_away_is_left_off(self, house: House) -> None:
        house.rooms.rooms["a"] = LocalNewsroom(releases=400, per_page=5)
        async with house.living(house.configure("a")) as alive:
            await until(lambda: house.changes(alive))
            house.rooms.gates["a"] = asyncio.Event()
            reader, writer = await asyncio.open_unix_connection(house.folder / "data" / SOCKET)
            del reader
            writer.write(json.dumps({"backfill": "a", "pages": None}).encode() + b"\n")
            await writer.drain()
            await until(lambda: alive.watch.reading_back)
            writer.close()
            await writer.wait_closed()
            house.rooms.gates["a"].set()
            await until(lambda: not alive.watch.reading_back)
            assert alive.store.release_count("a") < 400

    async def test_an_edit_is_picked_up_before_what_was_asked_for(self, house: House) -> None:
        async with house.living(house.configure("a")) as alive:
            alive.scheduler.pause()
            house.configure("a", "b")
            report = await self.ask(house, check=["b"])
            assert report["visits"]

    @pytest.mark.parametrize(
        ("request_", "said"),
        [
            ({"check": ["nobody"]}, 'there is no newsroom "nobody"'),
            ({"check": "a"}, "in a list"),
            ({"backfill": "nobody"}, 'there is no newsroom "nobody"'),
            ({"backfill": ["a"]}, "names a newsroom"),
            ({"backfill": "a", "pages": 0}, "how many pages"),
            ({"digest": "weekly"}, 'there is no digest "weekly"'),
            ({"dance": 1}, "unknown request"),
        ],
    )
    async def test_what_cannot_be_done_is_refused(self, house: House, request_: dict[str, object], said: str) -> None:
        async with house.living(house.configure("a")):
            with pytest.raises(Refused, match=said):
                await self.ask(house, **request_)

    async def test_trouble_with_the_store_or_the_crawl_is_told(self, house: House) -> None:
        async with house.living(house.configure("a")) as alive:
            await until(lambda: house.changes(alive))
            house.rooms.faults["a"] = CrawlStopped("the crawl has ended")
            with pytest.raises(Refused, match="try again"):
                await self.ask(house, check=[])
            house.rooms.faults.clear()

            def full(visit: Visit) -> int:
                raise FullStore("the disk is full")

            alive.store.add_visit = full  # type: ignore[method-assign] # a disk that is full
            with pytest.raises(Refused, match="the disk is full"):
                await self.ask(house, check=[])

    async def test_a_check_during_which_the_daemon_stops_is_nobodys(self, house: House) -> None:
        async with house.living(house.configure("a")) as alive:
            await until(lambda: house.changes(alive))
            house.rooms.gates["a"] = asyncio.Event()
            asked = asyncio.ensure_future(self.ask(house, check=[]))
            await until(lambda: len(house.rooms.visits) == 2)
            alive.stopped.set()
            with pytest.raises(NoDaemon):
                await asked

    async def test_a_check_asked_while_the_daemon_stops_is_nobodys(self, house: House) -> None:
        async with house.living(house.configure("a")) as alive:
            await until(lambda: house.changes(alive))
            alive.scheduler.pause()
            right, stopping = house.rooms.stop, asyncio.Event()

            async def slowly(within_s: float = 5) -> None:
                await stopping.wait()
                await right(within_s)

            house.rooms.stop = slowly  # type: ignore[method-assign] # takes its time
            alive.stopped.set()
            with pytest.raises(NoDaemon):
                await self.ask(house, check=[])
            stopping.set()


# --- as a process ----------------------------------------------------------------------------------------------------


def write_config(folder: Path, bases: dict[str, str]) -> Path:
    rooms = "".join(f'[[newsroom]]\nid = "{name}"\nurl = "{url}"\n' for name, url in bases.items())
    path = folder / "presswatch.toml"
    path.write_text(TOML.format(extra="", newsrooms=rooms))
    return path


def presswatch(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(path), *arguments])


def wait_for(condition: Callable[[], object]) -> None:
    """Waits until something is so in another thread or process."""
    last = monotonic() + 30
    while not condition():
        assert monotonic() < last
        sleep(0.01)


class Process:
    """`presswatch run`, from when it answers."""

    def __init__(self, path: Path) -> None:
        self.log = path.parent / "log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - starts this project's own code
                [sys.executable, "-c", "from scheduler.cli import main; main()", "--config", str(path), "run"],
                stdout=log,
                stderr=log,
            )
        data_dir = path.parent / "data"
        wait_for(
            lambda: (
                self.process.poll() is not None or (daemon_pid(data_dir) == self.process.pid and self.answers(data_dir))
            )
        )
        assert self.process.poll() is None, self.log.read_text()

    @staticmethod
    def answers(data_dir: Path) -> bool:
        try:
            ask(data_dir, {"check": ["nobody"]}, lambda _: None)
        except Refused:
            return True
        except NoDaemon:
            return False
        raise AssertionError

    def end(self, how: signal.Signals) -> tuple[int, float]:
        """Its exit code, and the seconds it took."""
        began = monotonic()
        self.process.send_signal(how)
        return self.process.wait(10), monotonic() - began

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


class TestTheProcess:
    def test_lives_beside_the_commands_is_alone_and_ends_on_a_signal(self, tmp_path: Path) -> None:
        canada, usa = LocalNewsroom(DRUPAL), LocalNewsroom(WORDPRESS)
        with serving(canada) as first, serving(usa) as second:
            path = write_config(tmp_path, {"ca": first + canada.listing_path, "usa": second + usa.listing_path})
            with Process(path) as running:
                refused = presswatch(path, "run")
                assert refused.exit_code == 1
                assert f"in use by the presswatch daemon, process {running.process.pid}: stop that" in refused.stderr
                new = canada.publish()
                found = json.loads(presswatch(path, "check", "ca", "--json").stdout)
                assert found["visits"][0]["newsroom"] == "ca"
                assert {(c["kind"], c["url"]) for c in found["changes"]} <= {
                    ("new", first + new.path), ("baseline", None),
                }  # fmt: skip
                assert f"The daemon is running (pid {running.process.pid})." in presswatch(path, "status").stdout
                written = presswatch(path, "digest").stdout.splitlines()
                assert [Path(line).suffix for line in written] == [".html", ".md", ".json"]
                assert presswatch(path, "verify").exit_code == 0
                running.process.kill()
                running.process.wait()
            assert (tmp_path / "data" / SOCKET).exists()
            assert "No daemon is running" in presswatch(path, "status").stdout
            assert presswatch(path, "check").exit_code == 0  # by itself, beside what the killed one left
            with Process(path) as running:
                usa.fail("hang")
                asked = threading.Thread(target=presswatch, args=(path, "check", "usa"))
                asked.start()
                wait_for(lambda: usa.requests and usa.requests[-1].status is None)
                code, took = running.end(signal.SIGTERM)
                usa.heal()
                asked.join()
            assert (code, took < 5) == (0, True)
            assert not (tmp_path / "data" / SOCKET).exists()
            assert (tmp_path / "data" / LOCK).read_text() == ""
            with Process(path) as running:
                code, took = running.end(signal.SIGINT)
            assert (code, took < 5) == (0, True)
        log = (tmp_path / "log").read_text()
        assert "Traceback" not in log
        assert re.search(r" INFO ca ok, 15 entries, \d requests?, \d+\.\d s: 1 baseline\n", log)

    def test_settles_its_memory_and_starts_with_a_long_path(self, tmp_path: Path) -> None:
        folder = tmp_path / ("deep" * 20) / ("deeper" * 15)
        folder.mkdir(parents=True)
        path = write_config(folder, {})
        before = gc.get_threshold()

        def end_it() -> None:
            wait_for(lambda: Process.answers(folder / "data"))
            os.kill(os.getpid(), signal.SIGTERM)

        ending = threading.Thread(target=end_it)
        ending.start()
        try:
            assert daemon.run(path) == 0
            assert gc.get_threshold() == (50_000, 20, 20)
            assert gc.get_freeze_count() > 0
        finally:
            ending.join()
            gc.unfreeze()
            gc.set_threshold(*before)

    @pytest.mark.parametrize("name", ["data", "data/presswatch.db"])
    def test_data_that_cannot_be_written_is_an_error_that_names_it(self, tmp_path: Path, name: str) -> None:
        path = write_config(tmp_path, {})
        if name == "data":
            (tmp_path / "data").touch()
        else:
            (tmp_path / name).mkdir(parents=True)
        for command in ("run", "check", "digest"):
            result = presswatch(path, command)
            assert result.exit_code == (2 if name == "data" else 1)  # a folder that cannot be one is a bad setting
            assert str(tmp_path / name) in result.stderr
            assert not isinstance(result.exception, OSError)


def test_an_order_of_the_crawl_is_what_the_protocols_say() -> None:
    """The stand-in for the crawl takes what the crawl takes."""
    assert Rooms.visit.__annotations__["order"] == Order.__name__
