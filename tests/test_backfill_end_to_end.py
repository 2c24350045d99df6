"""`presswatch backfill` over a real network: by the command, with SIGKILL, beside a watch that goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.recipes import AMNESTY_CA, AMNESTY_USA
from scheduler.cli import main
from scheduler.demo.layouts import DRUPAL, WORDPRESS, Layout
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.server import serving
from storage.records import Kind, State
from storage.store import Store

RECIPES = {DRUPAL.style: AMNESTY_CA, WORDPRESS.style: AMNESTY_USA}
ROOT = Path(__file__).parents[1]


def configured(folder: Path, url: str, layout: Layout, *, named: bool, delay: str = "0s") -> Path:
    recipe = RECIPES[layout.style]
    selectors = "".join(
        f"{name} = {json.dumps(value)}\n"
        for name in ("entry", "title", "date", "date_format", "kind", "summary", "caption", "next")
        if (value := getattr(recipe, name)) is not None
    )
    path = folder / "presswatch.toml"
    path.write_text(
        f'contact = "desk@paper.test"\nallow_private_addresses = true\ndelay = "{delay}"\n'
        f'[[newsroom]]\nid = "room"\nurl = "{url}"\n' + (f"[newsroom.recipe]\n{selectors}" if named else ""),
        encoding="utf-8",
    )
    return path


def read_back(path: Path, *more: str) -> dict[str, object]:
    result = CliRunner().invoke(main, ["--config", str(path), "backfill", "room", "--json", *more])
    assert (result.exit_code, result.stderr) == (0, "")
    found: dict[str, object] = json.loads(result.stdout)
    return found


def record(folder: Path) -> list[str]:
    with Store.read(folder / "data" / "presswatch.db") as store:
        assert [change.kind for change in store.changes()] == [Kind.BASELINE]
        assert store.problems() == []
        assert {release.state for release, _ in store.releases()} == {State.LISTED}
        return [release.url for release in store.top("room", limit=10_000)]


@pytest.mark.parametrize("named", [True, False], ids=["recipe", "inferred"])
@pytest.mark.parametrize("layout", [DRUPAL, WORDPRESS], ids=["drupal", "wordpress"])
def test_an_archive_is_read_to_its_end(tmp_path: Path, layout: Layout, *, named: bool) -> None:
    room = LocalNewsroom(layout, releases=7 * layout.per_page)
    with serving(room) as base:
        path = configured(tmp_path, base + room.listing_path, layout, named=named)
        first = read_back(path, "--pages", "2")
        assert (first["pages"], first["over"]) == (2, False)
        second = read_back(path)
        assert (second["complete"], second["total_pages"]) == (True, 6)
        truth = [entry.url for page in range(room.pages()) for entry in room.listing_entries(page, base)]
    assert record(tmp_path) == truth


def test_killed_anywhere_nothing_is_lost_and_nothing_twice(tmp_path: Path) -> None:
    room = LocalNewsroom(releases=200, per_page=5)
    with serving(room) as base:
        path = configured(tmp_path, base + room.listing_path, DRUPAL, named=True, delay="0.01s")
        for patience_s in (0.02, 0.05, 0.2):
            before = len(room.requests)
            command = [
                sys.executable,
                "-c",
                "from scheduler.cli import main; main()",
                "--config",
                str(path),
                "backfill",
                "room",
            ]
            life = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603 - presswatch itself
            until = time.monotonic() + 20
            while len(room.requests) < before + 8 and life.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(patience_s)
            life.send_signal(signal.SIGKILL)
            assert life.wait() == -signal.SIGKILL
            assert len(room.requests) >= before + 8
        assert read_back(path)["complete"] is True
        truth = [entry.url for page in range(room.pages()) for entry in room.listing_entries(page, base)]
    assert record(tmp_path) == truth
