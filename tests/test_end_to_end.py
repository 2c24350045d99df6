"""The whole of presswatch on local newsrooms: real pages over a real network, a real file, the real `check`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import tomlkit
from click.testing import CliRunner

from crawler.recipes import AMNESTY_CA, AMNESTY_USA
from scheduler import check
from scheduler.cli import main
from scheduler.config import Config, load
from scheduler.demo.invention import Gone
from scheduler.demo.layouts import DRUPAL, WORDPRESS, Layout
from scheduler.demo.misbehaviour import Fault, Validation, Where
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.server import serving
from scheduler.watch import CheckReport
from storage.records import Change, Kind, Outcome, Recipe
from storage.store import Store

NOW = datetime(2024, 5, 17, 9, 0, tzinfo=UTC)  # the local newsrooms' today
RECIPES = {DRUPAL.style: AMNESTY_CA, WORDPRESS.style: AMNESTY_USA}
SELECTORS = ("entry", "title", "link", "date", "date_format", "kind", "summary", "caption", "next")
BELIEVED = {Outcome.OK, Outcome.NOT_MODIFIED}

Told = tuple[Kind, str | None]
both_layouts = pytest.mark.parametrize("layout", [DRUPAL, WORDPRESS], ids=["drupal", "wordpress"])
both_waits = pytest.mark.parametrize("confirm_after", ["0s", "1h"])


@dataclass
class Desk:
    """One configuration file with its data, and a clock that is moved."""

    folder: Path
    confirm_after: str = "0s"
    at: datetime = NOW
    newsrooms: dict[str, tuple[str, Recipe | None]] = field(default_factory=dict)
    timeout_s: float = 10

    @property
    def path(self) -> Path:
        return self.folder / "presswatch.toml"

    def watch(self, name: str, url: str, recipe: Recipe | None, **keys: object) -> None:
        self.newsrooms[name] = url, recipe
        document = tomlkit.parse(self.path.read_text()) if self.path.exists() else tomlkit.document()
        document.update({"contact": "desk@paper.test", "delay": "0s", "confirm_after": self.confirm_after})
        document["allow_private_addresses"] = True
        table: dict[str, object] = {"id": name, "url": url, **keys}
        if recipe is not None:
            table["recipe"] = {part: value for part in SELECTORS if (value := getattr(recipe, part)) is not None}
        document.setdefault("newsroom", tomlkit.aot()).append(tomlkit.item(table))
        self.path.write_text(tomlkit.dumps(document))

    @property
    def config(self) -> Config:
        return load(self.path)

    def check(self, *names: str) -> CheckReport:
        report = check.check(self.config, names, clock=lambda: self.at, timeout_s=self.timeout_s)
        self.at += timedelta(minutes=1)
        return report

    def settled(self) -> list[Change]:
        """The changes of one check, or where the looks lie apart of the next one too."""
        found = list(self.check().changes)
        if self.confirm_after != "0s":
            self.at += timedelta(hours=1)
            found += self.check().changes
        return found

    def preview(self, name: str) -> dict[str, object]:
        result = CliRunner().invoke(main, ["--config", str(self.path), "preview", name, "--json"])
        assert (result.exit_code, result.stderr) == (0, "")
        shape: dict[str, object] = json.loads(result.stdout)
        return shape


@dataclass
class Press:
    """A local newsroom that is served and watched."""

    desk: Desk
    room: LocalNewsroom
    base: str

    def told(self, changes: list[Change]) -> list[Told]:
        """Kinds and addresses, these within the newsroom."""
        return sorted((c.kind, c.url.removeprefix(self.base) if c.url else None) for c in changes)

    def settled(self) -> list[Told]:
        return self.told(self.desk.settled())

    def quiet(self) -> None:
        """A later check finds no change."""
        self.desk.at += timedelta(hours=2)
        assert self.told(list(self.desk.check().changes)) == []


Open = Callable[..., Press]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens newsrooms that are watched from one file; with their baseline unless told not to."""
    with ExitStack() as stack:
        desk = Desk(tmp_path)

        def open_(
            layout: Layout = DRUPAL,
            confirm_after: str = "0s",
            *,
            name: str = "room",
            baseline: bool = True,
            recipe: Recipe | None = None,
            inferred: bool = False,
            **values: object,
        ) -> Press:
            desk.confirm_after = confirm_after
            room = LocalNewsroom(layout, **values)  # type: ignore[arg-type] # whatever a test is about
            base = stack.enter_context(serving(room))
            written = None if inferred else recipe or RECIPES[layout.style]
            desk.watch(name, base + room.listing_path, written)
            if baseline:
                report = desk.check(name)
                assert [(v.outcome, len(v.window[0].entries)) for v in report.visits] == [
                    (Outcome.OK, len(room.shown(0)))
                ]
                assert [(c.kind, c.url) for c in report.changes] == [(Kind.BASELINE, None)]
            return Press(desk, room, base)

        yield open_


class TestPreview:
    @pytest.mark.parametrize("inferred", [False, True], ids=["recipe", "inferred"])
    @pytest.mark.parametrize(
        ("layout", "entries"),
        [(DRUPAL, 15), (replace(DRUPAL, headings=False), 15), (WORDPRESS, 12)],
        ids=["drupal", "headless", "wordpress"],
    )
    def test_gives_every_entry_right(self, opened: Open, layout: Layout, entries: int, *, inferred: bool) -> None:
        press = opened(layout, baseline=False)
        shape = press.desk.preview("room" if not inferred else press.base + press.room.listing_path)
        truth = press.room.listing_entries(0, press.base)
        found = shape["entries"]
        assert isinstance(found, list)
        assert len(found) == entries
        parts = ["url", "title", "date"]
        if not inferred:  # what an inferred recipe makes of the rest is the corpus's to judge
            parts += ["kind", "summary"] + (["caption"] if layout is WORDPRESS else [])
        for shown, true in zip(found, truth, strict=True):
            assert {part: shown[part] for part in parts} == {
                part: str(true.date) if part == "date" else getattr(true, part) for part in parts
            }
        assert shape["next"]
        assert not (press.desk.folder / "data").exists()


@both_layouts
@both_waits
class TestEachIsReportedAsSuchAndNothingElseIs:
    def test_nothing(self, opened: Open, layout: Layout, confirm_after: str) -> None:
        press = opened(layout, confirm_after)
        assert [v.outcome for v in press.desk.check().visits] == [Outcome.NOT_MODIFIED]
        press.quiet()

    def test_one_published(self, opened: Open, layout: Layout, confirm_after: str) -> None:
        press = opened(layout, confirm_after)
        assert press.settled() == []
        new = press.room.publish()
        assert press.settled() == [(Kind.NEW, new.path)]
        press.quiet()

    def test_one_edited(self, opened: Open, layout: Layout, confirm_after: str) -> None:
        press = opened(layout, confirm_after)
        before = press.room.shown(0)[3]
        press.room.edit(before.slug, title=f"{before.title}, inquiry finds")
        (change,) = press.desk.settled()
        assert press.told([change]) == [(Kind.EDITED, before.path)]
        assert change.detail["fields"] == {"title": {"before": before.title, "after": f"{before.title}, inquiry finds"}}
        press.quiet()

    @pytest.mark.parametrize("how", list(Gone), ids=lambda how: how.value)
    def test_one_withdrawn_and_restored(self, opened: Open, layout: Layout, confirm_after: str, how: Gone) -> None:
        press = opened(layout, confirm_after)
        press.room.unknown = how if how in {Gone.SOFT, Gone.HOME} else Gone.NOT_FOUND
        gone = press.room.shown(0)[4]
        press.room.withdraw(gone.slug, how)
        assert press.settled() == [(Kind.WITHDRAWN, gone.path)]
        if how is Gone.NOT_FOUND:
            press.quiet()
        press.room.restore(gone.slug)
        assert press.settled() == [(Kind.RESTORED, gone.path)]

    def test_one_unlisted_and_restored(self, opened: Open, layout: Layout, confirm_after: str) -> None:
        press = opened(layout, confirm_after)
        away = press.room.shown(0)[4]
        press.room.unlist(away.slug)
        assert press.settled() == [(Kind.UNLISTED, away.path)]
        press.quiet()
        press.room.restore(away.slug)
        assert press.settled() == [(Kind.RESTORED, away.path)]

    @pytest.mark.parametrize("redirect", [True, False], ids=["redirect", "dead"])
    def test_one_moved(self, opened: Open, layout: Layout, confirm_after: str, *, redirect: bool) -> None:
        press = opened(layout, confirm_after)
        old = press.room.shown(0)[2]
        moved = press.room.move(old.slug, f"{old.slug[:60]}-statement", redirect=redirect)
        (change,) = press.desk.settled()
        assert press.told([change]) == [(Kind.MOVED, moved.path)]
        assert change.detail["from"] == press.base + old.path
        press.quiet()

    def test_twelve_at_once(self, opened: Open, layout: Layout, confirm_after: str) -> None:
        press = opened(layout, confirm_after)
        burst = press.room.burst(12)
        assert press.settled() == sorted((Kind.NEW, release.path) for release in burst)
        press.quiet()

    def test_a_roll_off(self, opened: Open, layout: Layout, confirm_after: str) -> None:
        press = opened(layout, confirm_after)
        leaving = press.room.shown(0)[-3:]
        burst = press.room.burst(3)
        assert not set(leaving) & set(press.room.shown(0))
        assert press.settled() == sorted((Kind.NEW, release.path) for release in burst)
        press.quiet()

    def test_one_pinned_and_unpinned(self, opened: Open, layout: Layout, confirm_after: str) -> None:
        press = opened(layout, confirm_after)
        pinned = press.room.shown(0)[6]
        press.room.pin(pinned.slug)
        assert press.settled() == []
        new = press.room.publish()
        assert press.settled() == [(Kind.NEW, new.path)]
        press.room.unpin(pinned.slug)
        assert press.settled() == []
        press.quiet()

    def test_everything_at_once(self, opened: Open, layout: Layout, confirm_after: str) -> None:
        press = opened(layout, confirm_after)
        edited, moving, gone = (press.room.shown(0)[place] for place in (1, 3, 5))
        press.room.edit(edited.slug, title=f"{edited.title}, minister says")
        moved = press.room.move(moving.slug, f"{moving.slug[:60]}-again")
        press.room.withdraw(gone.slug)
        new = press.room.publish()
        assert press.settled() == sorted([
            (Kind.NEW, new.path), (Kind.EDITED, edited.path), (Kind.MOVED, moved.path), (Kind.WITHDRAWN, gone.path),
        ])  # fmt: skip
        press.quiet()


@both_layouts
class TestAFaultChangesNoRelease:
    @pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.CUT], ids=lambda f: f.value)
    def test_of_the_newsroom(self, opened: Open, layout: Layout, fault: Fault) -> None:
        press = opened(layout)
        new, gone = press.room.publish(), press.room.shown(0)[4]
        press.room.withdraw(gone.slug)
        press.room.fail(fault)
        press.desk.timeout_s = 0.3 if fault is Fault.HANG else 10
        report = press.desk.check()
        (visit,) = report.visits
        assert visit.outcome in {Outcome.FAILED, Outcome.SUSPECT}
        assert visit.reason
        assert report.changes == ()
        press.desk.timeout_s = 10
        press.room.heal()
        assert press.settled() == sorted([(Kind.NEW, new.path), (Kind.WITHDRAWN, gone.path)])

    @pytest.mark.parametrize("fault", [Fault.ERROR, Fault.CHALLENGE, Fault.MAINTENANCE], ids=lambda f: f.value)
    def test_of_the_releases_pages(self, opened: Open, layout: Layout, fault: Fault) -> None:
        press = opened(layout)
        away = press.room.shown(0)[4]
        press.room.unlist(away.slug)
        press.room.fail(fault, Where.RELEASES)
        assert press.settled() == []
        press.room.heal()
        press.desk.at += timedelta(hours=1)
        assert press.settled() == [(Kind.UNLISTED, away.path)]

    def test_of_a_baseline_leaves_none(self, opened: Open, layout: Layout) -> None:
        press = opened(layout, baseline=False)
        press.room.fail(Fault.CHALLENGE)
        report = press.desk.check()
        assert [v.outcome for v in report.visits] == [Outcome.SUSPECT]
        assert report.changes == ()
        press.room.heal()
        assert press.settled() == [(Kind.BASELINE, None)]

    def test_that_lasts_is_told_once_and_so_is_its_end(self, opened: Open, layout: Layout) -> None:
        press = opened(layout)
        press.room.fail(Fault.ERROR)
        told: list[Told] = []
        for _ in range(5):
            told += press.told(list(press.desk.check().changes))
            press.desk.at += timedelta(hours=3)
        assert told == [(Kind.BROKEN, None)]
        press.room.heal()
        assert press.settled() == [(Kind.RECOVERED, None)]
        press.quiet()


class TestTheServer:
    @both_layouts
    def test_that_cuts_a_page_in_half_edits_nothing(self, opened: Open, layout: Layout) -> None:
        press = opened(layout)
        press.room.fail(Fault.CUT)
        report = press.desk.check()
        assert [(v.outcome, v.reason) for v in report.visits] == [
            (Outcome.SUSPECT, "the page breaks off in the middle")
        ]
        assert report.changes == ()
        press.room.heal()
        press.quiet()

    @both_layouts
    def test_whose_304_is_wrong_is_read_whole_after_a_day(self, opened: Open, layout: Layout) -> None:
        press = opened(layout, baseline=False)
        press.room.validators = Validation.STUCK
        assert press.settled() == [(Kind.BASELINE, None)]
        new = press.room.publish()
        press.desk.at += timedelta(hours=12)
        assert [v.outcome for v in press.desk.check().visits] == [Outcome.NOT_MODIFIED]
        press.desk.at += timedelta(hours=12)
        assert press.settled() == [(Kind.NEW, new.path)]

    @pytest.mark.parametrize("mode", list(Validation), ids=lambda mode: mode.value)
    def test_unchanged_costs_one_request_whatever_validators_it_has(self, opened: Open, mode: Validation) -> None:
        press = opened(baseline=False)
        press.room.validators = mode
        press.desk.check()
        (visit,) = press.desk.check().visits
        assert (visit.outcome, visit.requests) == (Outcome.NOT_MODIFIED, 1)

    def test_that_changes_a_token_on_each_page_is_unchanged_all_the_same(self, opened: Open) -> None:
        press = opened()
        press.room.restless = True
        press.room.validators = Validation.NONE
        press.quiet()

    def test_whose_robots_txt_forbids_paging_leaves_a_gap(self, opened: Open) -> None:
        press = opened()
        press.room.robots = "User-agent: *\nDisallow: /*?page=\n"
        burst = press.room.burst(20)
        changes = press.desk.settled()
        (gap,) = [change for change in changes if change.kind is Kind.GAP]
        assert "robots.txt forbids" in gap.detail["reason"]
        shown = {(Kind.NEW, release.path) for release in press.room.shown(0)}
        assert set(press.told(changes)) == {*shown, (Kind.GAP, None)}
        assert len(burst) > len(shown)
        press.quiet()

    def test_whose_robots_txt_is_broken_is_not_asked(self, opened: Open) -> None:
        press = opened(baseline=False)
        press.room.robots_status = 503
        report = press.desk.check()
        assert [(v.outcome, v.reason) for v in report.visits] == [
            (Outcome.FAILED, "robots.txt answers 503 since 2024-05-17 09:00 UTC")
        ]
        assert [request.path for request in press.room.requests] == ["/robots.txt"]
        press.room.robots_status = 200
        assert press.settled() == [(Kind.BASELINE, None)]

    def test_that_asks_to_wait_is_not_visited_earlier(self, opened: Open) -> None:
        press = opened()
        press.room.fail(Fault.ERROR, status=503, retry_after="7200")
        began = press.desk.at
        press.desk.check()
        with Store.read(press.desk.config.database) as store:
            newsroom = store.newsroom("room")
        assert newsroom is not None
        assert newsroom.next_visit_at == began + timedelta(hours=2)


class TestSeveralNewsrooms:
    def test_are_read_at_once_and_a_hanging_one_delays_no_other(self, opened: Open) -> None:
        presses = [opened((DRUPAL, WORDPRESS)[n % 2], name=f"room-{n}", seed=n) for n in range(5)]
        desk = presses[0].desk
        presses[1].room.fail(Fault.HANG)
        presses[2].room.fail(Fault.ERROR)
        new = presses[3].room.publish()
        desk.timeout_s = 0.5
        report = desk.check()
        assert [(v.newsroom, v.outcome in BELIEVED) for v in report.visits] == [
            ("room-0", True), ("room-1", False), ("room-2", False), ("room-3", True), ("room-4", True),
        ]  # fmt: skip
        assert [(c.newsroom, c.kind, c.url) for c in report.changes] == [
            ("room-3", Kind.NEW, presses[3].base + new.path)
        ]

    def test_without_recipe_each_gets_one(self, opened: Open) -> None:
        presses = [opened(layout, name=layout.style.value, inferred=True) for layout in (DRUPAL, WORDPRESS)]
        news = [press.room.publish() for press in presses]
        gone = [press.room.shown(0)[4] for press in presses]
        for press, release in zip(presses, gone, strict=True):
            press.room.withdraw(release.slug)
        told = {(change.kind, change.url) for change in presses[0].desk.settled()}
        assert told == {
            (kind, press.base + release.path)
            for kind, releases in ((Kind.NEW, news), (Kind.WITHDRAWN, gone))
            for press, release in zip(presses, releases, strict=True)
        }


class Board:
    """A bare page of notices without links, as told."""

    def __init__(self) -> None:
        self.notices = [(f"Notice {n} of the harbour board", f"May {n:02}, 2024") for n in range(12, 0, -1)]

    def page(self) -> bytes:
        rows = "".join(
            f"<li class=notice><h3>{title}</h3><span class=day>{day}</span><p>All of it is said here: {title}.</p></li>"
            for title, day in self.notices
        )
        return f"<!doctype html><title>Harbour board</title><h1>Notices</h1><ul>{rows}</ul>".encode()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, board: Board, *args: object) -> None:
        self.board = board
        super().__init__(*args)  # type: ignore[arg-type] # handed on

    def do_GET(self) -> None:
        found = self.path == "/notices"
        body = self.board.page() if found else b"no"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def board(tmp_path: Path) -> Iterator[tuple[Board, Desk, str]]:
    notices = Board()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, notices))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/notices"
    yield notices, Desk(tmp_path), url
    server.shutdown()
    server.server_close()


class TestEntriesWithoutLinks:
    @both_waits
    def test_are_new_edited_and_unlisted_but_never_withdrawn(
        self, board: tuple[Board, Desk, str], confirm_after: str
    ) -> None:
        notices, desk, url = board
        desk.confirm_after = confirm_after
        desk.watch("board", url, Recipe("li.notice", title="h3", date="span.day", date_format="%B %d, %Y"))
        assert [change.kind for change in desk.settled()] == [Kind.BASELINE]
        notices.notices.insert(0, ("Lock gates close for repairs", "May 16, 2024"))
        assert [(c.kind, c.title, c.url) for c in desk.settled()] == [(Kind.NEW, "Lock gates close for repairs", url)]
        taken = notices.notices.pop(5)
        assert [(c.kind, c.title) for c in desk.settled()] == [(Kind.UNLISTED, taken[0])]
        notices.notices.insert(5, taken)
        assert [(c.kind, c.title) for c in desk.settled()] == [(Kind.RESTORED, taken[0])]
        notices.notices[2] = (f"{notices.notices[2][0]} (corrected)", notices.notices[2][1])
        assert [(c.kind, c.title) for c in desk.settled()] == [(Kind.EDITED, notices.notices[2][0])]
        assert desk.settled() == []


def test_the_story_ends_in_a_digest_and_all_is_intact(opened: Open) -> None:
    press = opened()
    new = press.room.publish()
    press.settled()
    run = partial(CliRunner().invoke, main)
    written = run(["--config", str(press.desk.path), "digest"])
    (record,) = [Path(line) for line in written.stdout.splitlines() if line.endswith(".json")]
    carried = json.loads(record.read_text())["changes"]
    assert [(c["kind"], c["url"]) for c in carried] == [("baseline", None), ("new", press.base + new.path)]
    assert run(["--config", str(press.desk.path), "verify"]).exit_code == 0
    again = run(["--config", str(press.desk.path), "digest"])
    (empty,) = [Path(line) for line in again.stdout.splitlines() if line.endswith(".json")]
    assert json.loads(empty.read_text())["changes"] == []
