"""`presswatch repair`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.web import Answer
from scheduler.commands.shell import Shell
from scheduler.config import load
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.server import serving
from scheduler.recovery import recovery
from storage.records import Entry, Listing, Newsroom, Recipe, Release, State
from tests.scheduler.cli_stage import CONFIG, NOW, URL, Stage, release

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from scheduler.config import Config

OLD = '[newsroom.recipe]\nentry = "div.old"   # as of May\ntitle = "h4"\n'
WRITTEN = CONFIG.replace(f'url = "{URL}"\n', f'url = "{URL}"\n{OLD}')


def shown(*numbers: int, where: str = "/news/", what: str = "new") -> str:
    rows = "".join(
        f"""<li class="{what}"><h2><a href="{where}{n}">The ministry releases matter number {n}</a></h2>
        <time datetime="2026-11-{n:02}">{n} November 2026</time></li>"""
        for n in numbers
    )
    return f"<ul>{rows}</ul>"


def serving_page(body: str) -> Callable[[Config, str, Callable[[], datetime]], Answer]:
    def fetch(_config: Config, url: str, _clock: Callable[[], datetime]) -> Answer:
        html = f"<html lang='en'><body>{body}</body></html>"
        return Answer(url, 200, {"content-type": "text/html; charset=utf-8"}, html.encode())

    return fetch


def known(*numbers: int) -> list[Release]:
    return [
        release(
            n, title=f"The ministry releases matter number {n}", title_key=f"the ministry releases matter number {n}"
        )
        for n in numbers
    ]


def staged(folder: Path, body: str, *numbers: int, config: str = WRITTEN, recipe: Recipe | None = None) -> Stage:
    stage = Stage(folder, Shell(clock=lambda: NOW, fetch=serving_page(body), holder=lambda _: None))
    stage.configure(config)
    if numbers:
        stage.believe(Newsroom("ministry", URL, recipe=recipe), *known(*numbers))
    return stage


class TestARedesign:
    def test_is_told_as_a_patch(self, tmp_path: Path) -> None:
        stage = staged(tmp_path, shown(*range(19, 9, -1)), *range(1, 19))
        result = stage.run("repair", "ministry")
        assert result.exit_code == 0
        assert '-entry = "div.old"   # as of May\n' in result.stdout
        assert '+entry = "li.new"   # as of May\n' in result.stdout
        assert "ministry: the recipe in use: 0 of its 0 entries are known releases" in result.stderr
        assert (
            "ministry: the new recipe: 9 of its 10 entries are known releases (9 by address, 0 by title"
            in result.stderr
        )
        assert "it shows 100% of the known ones that must be there" in result.stderr
        assert "presswatch repair ministry --yes does it" in result.stderr
        assert stage.config.read_text(encoding="utf-8") == WRITTEN
        path = str(stage.config)
        assert result.stdout.startswith(f"--- {path}\n+++ {path}\n@@ ")

    def test_is_written_with_yes(self, tmp_path: Path) -> None:
        stage = staged(tmp_path, shown(*range(19, 9, -1)), *range(1, 19))
        result = stage.run("repair", "ministry", "--yes")
        assert "a running daemon reads it by itself" in result.stderr
        recipe = load(stage.config).newsrooms[0].recipe
        assert recipe is not None
        assert recipe.entry == "li.new"
        assert "# as of May" in stage.config.read_text(encoding="utf-8")

    def test_with_new_addresses_is_proven_by_titles_and_dates(self, tmp_path: Path) -> None:
        stage = staged(tmp_path, shown(*range(18, 8, -1), where="/en/releases/"), *range(1, 19))
        shape = json.loads(stage.done("repair", "ministry", "--json"))
        assert (shape["by_address"], shape["by_title"], shape["share"]) == (0, 10, 1.0)
        assert (shape["applied"], "+entry" in shape["patch"]) == (False, True)

    def test_with_new_addresses_names_the_way_out(self, tmp_path: Path) -> None:
        body = shown(*range(18, 8, -1), where="/en/releases/")
        result = staged(tmp_path, body, *range(1, 19)).run("repair", "ministry")
        assert "+entry" in result.stdout
        assert "another address than before" in result.stderr
        assert "change `url` of ministry" in result.stderr

    def test_of_which_the_titles_alone_went_astray_is_told_as_a_patch(self, tmp_path: Path) -> None:
        config = WRITTEN.replace("div.old", "li.new").replace('title = "h4"', 'title = "time"')
        stage = staged(tmp_path, shown(*range(18, 8, -1)), *range(1, 19), config=config)
        result = stage.run("repair", "ministry")
        assert result.exit_code == 0
        assert "the recipe in use: 0 of its 10 entries are known releases" in result.stderr
        assert "10 stand at known addresses, but under other titles" in result.stderr
        assert "the new recipe: 10 of its 10 entries are known releases (10 by address" in result.stderr
        assert '-title = "time"\n' in result.stdout
        assert "There is nothing to repair" not in result.stderr

    def test_gives_a_newsroom_without_a_recipe_one(self, tmp_path: Path) -> None:
        stage = staged(
            tmp_path, shown(*range(18, 8, -1)), *range(1, 19), config=CONFIG, recipe=Recipe("div.old", confidence=0.9)
        )
        stage.run("repair", "ministry", "--yes")
        first, second = load(stage.config).newsrooms
        assert first.recipe is not None
        assert second.recipe is None

    def test_takes_the_list_that_finds_most_again(self, tmp_path: Path) -> None:
        body = shown(*range(28, 18, -1), where="/blog/", what="blog") + shown(*range(18, 8, -1)).replace("time", "em")
        stage = staged(tmp_path, body, *range(1, 19))
        assert json.loads(stage.done("repair", "ministry", "--json"))["recipe"]["entry"].startswith("li.new")


class TestNothing:
    def test_is_repaired_where_the_recipe_works(self, tmp_path: Path) -> None:
        stage = staged(tmp_path, shown(*range(18, 8, -1)), *range(1, 19), config=WRITTEN.replace("div.old", "li.new"))
        result = stage.run("repair", "ministry")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "There is nothing to repair." in result.stderr

    def test_can_be_repaired_where_all_addresses_changed(self, tmp_path: Path) -> None:
        config = WRITTEN.replace("div.old", "li.new").replace('title = "h4"', 'title = "h2"')
        stage = staged(tmp_path, shown(*range(18, 8, -1), where="/en/"), *range(1, 19), config=config)
        result = stage.run("repair", "ministry")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "There is nothing to repair" not in result.stderr
        assert "10 by title and date" in result.stderr
        assert "every known release found on it has another address" in result.stderr
        assert "change `url` of ministry" in result.stderr

    def test_is_proposed_where_too_little_is_found_again(self, tmp_path: Path) -> None:
        stage = staged(tmp_path, shown(*range(18, 8, -1), where="/blog/").replace("matter", "song"), *range(1, 19))
        result = stage.run("repair", "ministry", "--yes")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "no recipe finds enough of what is known; nothing is proposed" in result.stderr
        assert "0 of its 10 entries are known releases" in result.stderr
        assert "--why" in result.stderr
        assert stage.config.read_text(encoding="utf-8") == WRITTEN

    def test_can_be_proven_before_the_first_visit(self, tmp_path: Path) -> None:
        stage = staged(tmp_path, shown(*range(18, 8, -1)))
        result = stage.run("repair", "ministry")
        assert result.exit_code == 1
        assert "there is nothing to prove a recipe by" in result.stderr
        with stage.store() as store:
            store.put_newsroom(Newsroom("ministry", URL))
        assert "No release is known of it yet" in stage.run("repair", "ministry").stderr

    def test_is_found_on_a_page_without_a_list(self, tmp_path: Path) -> None:
        stage = staged(tmp_path, "<p>Hello.</p>", *range(1, 19))
        result = stage.run("repair", "ministry")
        assert result.exit_code == 1
        assert f"Error: {URL}: " in result.stderr

    def test_is_written_where_the_file_was_changed_meanwhile(self, tmp_path: Path) -> None:
        stage = staged(tmp_path, shown(*range(18, 8, -1)), *range(1, 19))
        fetch = stage.shell.fetch

        def rename(config: Config, url: str, clock: Callable[[], datetime]) -> Answer:
            stage.configure(WRITTEN.replace('"ministry"', '"renamed"'))
            return fetch(config, url, clock)

        stage = replace(stage, shell=replace(stage.shell, fetch=rename))
        result = stage.run("repair", "ministry", "--yes")
        assert (result.exit_code, result.stdout) == (1, "")
        assert 'no newsroom "ministry" in it any more' in result.stderr


def test_a_newsroom_must_be_known(tmp_path: Path) -> None:
    result = staged(tmp_path, "").run("repair", "minister")
    assert result.exit_code == 2
    assert 'Did you mean "ministry"?' in result.stderr


class TestRecovery:
    def test_asks_for_four_in_five_of_what_must_be_there(self) -> None:
        def of(*numbers: int) -> bool:
            entries = tuple(Entry(f"x{n}", f"{URL}/{n}", date(2026, 11, n)) for n in numbers)
            plain = [replace(one, title=f"x{one.rank}") for one in known(*range(20, 0, -1))]
            return recovery(plain, Listing(URL, entries)).enough

        assert of(*range(20, 9, -1))
        assert of(20, 19, 18, 17, 15, 14, 13, 12, 10, 9)
        assert not of(20, 18, 16, 14, 12)
        assert not of(20, 19)
        assert not of()

    @pytest.mark.parametrize(
        ("before", "after", "found"),
        [
            ("Ferry fares fall in May", "Ferry fares fall in May", True),
            ("Ferry fares fall in May", "FERRY FARES fall in May!", True),
            ("Ferry fares will fall for all in May", "Ferry fares will fall for everyone in May", True),
            ("Ferry fares fall for all in the …", "Ferry fares fall for all in the month of May and in June", True),
            ("Ferry fares fall in May", "Ferry", False),
            ("Ferry fares fall in May", "No. 24-118", False),
            ("Ferry fares fall in May", "Ferry terminal shut in May", False),
        ],
    )
    def test_asks_for_the_title_beside_the_address(self, before: str, after: str, found: bool) -> None:
        one = replace(known(1)[0], title=before)
        shape = recovery([one], Listing(URL, (Entry(after, one.url, one.date),)))
        assert (shape.by_address, shape.retitled, shape.enough) == (int(found), int(not found), found)
        assert not shape.readdressed

    def test_does_not_count_what_is_gone(self) -> None:
        entries = tuple(Entry(f"x{n}", f"{URL}/{n}", date(2026, 11, n)) for n in (20, 19, 18, 10))
        gone = [
            replace(one, state=State.WITHDRAWN) if one.rank in range(11, 18) else one
            for one in known(*range(20, 9, -1))
        ]
        plain = [replace(one, title=f"x{one.rank}") for one in gone]
        assert recovery(plain, Listing(URL, entries)).enough

    def test_of_few_known_releases_all_must_be_found(self) -> None:
        entries = (Entry("x2", f"{URL}/2", date(2026, 11, 2)), Entry("x1", f"{URL}/1", date(2026, 11, 1)))
        plain = [replace(one, title=f"x{one.rank}") for one in known(2, 1)]
        assert recovery(plain, Listing(URL, entries)).enough
        assert not recovery(plain, Listing(URL, entries[1:])).enough
        assert not recovery([], Listing(URL, entries)).enough


class TestOnThisMachine:
    def test_a_newsroom_is_repaired_and_goes_on_without_a_false_change(self, tmp_path: Path) -> None:
        stage = Stage(tmp_path)
        room = LocalNewsroom(seed=5)
        with serving(room) as base:
            head = 'contact = "desk@paper.test"\nallow_private_addresses = true\ndelay = "0s"\nconfirm_after = "0s"\n'
            stage.configure(f'{head}[[newsroom]]\nid = "room"\nurl = "{base}{room.listing_path}"\n')
            stage.done("check")
            broken = stage.config.read_text(encoding="utf-8") + '[newsroom.recipe]\nentry = "div.gone"\n'
            stage.configure(broken)
            assert stage.run("check").exit_code == 1
            assert stage.run("repair", "room", "--yes").exit_code == 0
            assert json.loads(stage.done("check", "--json"))["changes"] == []
