"""`presswatch preview`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from crawler.web import Answer
from scheduler.cli import main
from scheduler.commands.shell import Shell
from storage.records import Newsroom, Recipe
from tests.scheduler.cli_stage import CONFIG, NOW, URL, Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from click.testing import Result

    from scheduler.config import Config

ROWS = "".join(
    f"""<li class="row"><h2><a href="/news/{number}">The ministry answers question {number}</a></h2>
    <span class="when">{number} November 2026</span> <em>Notice</em>
    <p class="text">It has looked into matter {number}, and tells at some length what it found there.</p></li>"""
    for number in range(9, 1, -1)
)
PAGE = f'<html><body><h1>News</h1><ul class="list">{ROWS}</ul><a class="next" href="?page=2">Next</a></body></html>'
RECIPE = """
[[newsroom]]
id = "written"
url = "https://written.test/news"
exclude = ["question 9"]
[newsroom.recipe]
entry = "li.row"
title = "h2 a"
date = ".when"
kind = "em"
summary = ".text"
next = "a.next"
"""


def no_network(_config: Config, url: str, _clock: Callable[[], datetime]) -> Answer:
    raise click.ClickException(f"{url} was asked")


def serving(body: str, at: str | None = None) -> Callable[[Config, str, Callable[[], datetime]], Answer]:
    def fetch(_config: Config, url: str, _clock: Callable[[], datetime]) -> Answer:
        return Answer(at or url, 200, {"content-type": "text/html; charset=utf-8"}, body.encode())

    return fetch


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path, Shell(clock=lambda: NOW, fetch=no_network))
    stage.configure(CONFIG + RECIPE)
    (tmp_path / "saved.html").write_text(PAGE, encoding="utf-8")
    return stage


def live(stage: Stage, body: str, at: str | None = None) -> Stage:
    return replace(stage, shell=replace(stage.shell, fetch=serving(body, at)))


def saved(stage: Stage, *arguments: str) -> Result:
    return stage.run("preview", "--html", str(stage.folder / "saved.html"), *arguments)


class TestASavedPage:
    def test_is_read_with_the_recipe_of_a_newsroom_and_its_filters(self, stage: Stage) -> None:
        result = saved(stage, "written", "--json")
        assert result.exit_code == 0
        shape = json.loads(result.stdout)
        assert (shape["newsroom"], shape["url"]) == ("written", "https://written.test/news")
        assert shape["recipe"]["entry"] == "li.row"
        assert shape["next"] == "https://written.test/news?page=2"
        assert len(shape["entries"]) == 7
        assert shape["entries"][0] == {
            "url": "https://written.test/news/8",
            "title": "The ministry answers question 8",
            "date": "2026-11-08",
            "published_at": None,
            "kind": "Notice",
            "summary": "It has looked into matter 8, and tells at some length what it found there.",
            "caption": None,
        }

    def test_is_read_at_the_address_that_is_given(self, stage: Stage) -> None:
        shape = json.loads(saved(stage, "written", "--url", "https://mirror.test/a/", "--json").stdout)
        assert (shape["newsroom"], shape["url"]) == ("written", "https://mirror.test/a/")
        assert shape["entries"][0]["url"] == "https://mirror.test/news/8"

    def test_is_read_without_any_configuration(self, stage: Stage) -> None:
        stage.config.unlink()
        for arguments in (["--url", URL], [URL]):
            shape = json.loads(saved(stage, *arguments, "--json").stdout)
            assert (shape["newsroom"], shape["url"], len(shape["entries"])) == (None, URL, 8)
            assert shape["entries"][0]["date"] == "2026-11-09"
            assert shape["recipe"]["confidence"] is not None

    def test_may_come_from_standard_input(self, stage: Stage) -> None:
        result = stage.run("preview", "--html", "-", "--url", URL, "--json", stdin=PAGE.encode())
        assert len(json.loads(result.stdout)["entries"]) == 8

    def test_is_shown_to_a_person(self, stage: Stage) -> None:
        said = saved(stage, "written").stdout
        assert "  entry       li.row\n" in said
        assert "  1 2026-11-08  Notice\n    The ministry answers question 8\n    https://written.test/news/8\n" in said
        assert "7 entries, 7 with a date, 7 with a link.\nNext page: https://written.test/news?page=2\n" in said

    def test_that_was_inferred_says_so(self, stage: Stage) -> None:
        said = saved(stage, "--url", URL).stdout
        assert "Recipe, inferred now (confidence " in said

    def test_what_it_says_is_text(self, stage: Stage) -> None:
        nasty = PAGE.replace("answers question 8", "[red]\x1b[2J\u202e8")
        (stage.folder / "saved.html").write_text(nasty, encoding="utf-8")
        for said in (saved(stage, "written").stdout, saved(stage, "written", "--json").stdout):
            assert all(character.isprintable() or character == "\n" for character in said)
            assert "[red]" in said

    def test_without_a_listing_fails_with_the_reason(self, stage: Stage) -> None:
        (stage.folder / "saved.html").write_text("<html><body><p>Hello.</p></body></html>", encoding="utf-8")
        result = saved(stage, "--url", URL, "--json")
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"{URL}: no listing found: " in result.stderr

    def test_that_the_recipe_does_not_fit_fails(self, stage: Stage) -> None:
        stage.configure(CONFIG + RECIPE.replace("li.row", "li.other"))
        result = saved(stage, "written")
        assert result.exit_code == 1
        assert "nothing on the page fits 'li.other'" in result.stderr


class TestALivePage:
    def test_of_a_newsroom_with_the_recipe_inferred_before(self, stage: Stage) -> None:
        with stage.store() as store:
            store.put_newsroom(Newsroom("ministry", URL, recipe=Recipe("li.row", title="p.text", confidence=0.5)))
        shape = json.loads(live(stage, PAGE).done("preview", "ministry", "--json"))
        assert shape["recipe"]["title"] == "p.text"
        assert shape["recipe"]["confidence"] == 0.5

    def test_is_told_with_the_reasons_of_now_not_of_when_its_recipe_was_inferred(self, stage: Stage) -> None:
        reasons = ("8 of 8 have a date.", "The dates run from new to old.")
        with stage.store() as store:
            recipe = Recipe("li.row", title="h2 a", confidence=0.98, reasons=reasons)
            store.put_newsroom(Newsroom("ministry", URL, recipe=recipe))
        undated = live(stage, PAGE.replace(" November 2026", ""))
        said = undated.done("preview", "ministry")
        assert "Recipe, inferred before (confidence then 98%); what it reads now:\n" in said
        assert "no entry has a date." in said
        assert "8 of 8 have a date." not in said
        assert "no entry has a date." in json.loads(undated.done("preview", "ministry", "--json"))["recipe"]["reasons"]
        empty = live(stage, "<html><body></body></html>").run("preview", "ministry")
        assert "It finds no entry now." in empty.stdout

    @pytest.mark.parametrize(
        ("recipe", "body", "reason"),
        [
            (
                Recipe("feed", confidence=1.0),
                "<rss version='2.0'><channel><item><title>A</title><link>https://a.test/1</link></item></channel></rss>",
                "It is a feed, with 1 entry.",
            ),
            (
                Recipe("#list", data="rows", confidence=0.7),
                """<script id="list" type="application/json">{"rows": [
                {"title": "The quay is closed", "url": "/1"}, {"title": "The lock is open", "url": "/2"}]}</script>""",
                "2 entries of one kind in a script.",
            ),
        ],
    )
    def test_is_told_with_the_reasons_of_now_for_what_is_no_markup(
        self, stage: Stage, recipe: Recipe, body: str, reason: str
    ) -> None:
        with stage.store() as store:
            store.put_newsroom(Newsroom("ministry", URL, recipe=recipe))
        assert reason in live(stage, body).done("preview", "ministry")

    def test_of_a_newsroom_whose_address_changed_since_is_inferred_anew(self, stage: Stage) -> None:
        with stage.store() as store:
            store.put_newsroom(Newsroom("ministry", "https://old.test/", recipe=Recipe("li.row", title="p.text")))
        shape = json.loads(live(stage, PAGE).done("preview", "ministry", "--json"))
        assert shape["recipe"]["title"] != "p.text"

    def test_of_a_url_is_always_inferred(self, stage: Stage) -> None:
        shape = json.loads(live(stage, PAGE).done("preview", "https://written.test/news", "--json"))
        assert shape["newsroom"] is None
        assert shape["recipe"]["confidence"] is not None
        assert len(shape["entries"]) == 8

    def test_is_told_at_the_address_that_it_led_to(self, stage: Stage) -> None:
        shape = json.loads(live(stage, PAGE, "https://moved.test/en/").done("preview", URL, "--json"))
        assert shape["url"] == "https://moved.test/en/"
        assert shape["entries"][0]["url"] == "https://moved.test/news/9"

    def test_of_a_url_works_before_there_is_a_configuration(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(stage.folder)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(stage.folder / "none"))
        monkeypatch.delenv("PRESSWATCH_CONFIG", raising=False)
        stage.config.unlink()
        result = CliRunner().invoke(main, ["preview", URL, "--json"], obj=live(stage, PAGE).shell)
        assert len(json.loads(result.stdout)["entries"]) == 8
        assert stage.run("preview", URL).exit_code == 2, "a file that was named must be there"

    def test_that_cannot_be_had_fails(self, stage: Stage) -> None:
        result = stage.run("preview", "ministry")
        assert (result.exit_code, result.stderr) == (1, f"Error: {URL} was asked\n")


class TestWhy:
    OTHER = "".join(f"<p class='s'><a href='/x/{n}'>What people like to read on day {n}</a></p>" for n in range(4))

    def test_tells_where_each_value_comes_from(self, stage: Stage) -> None:
        said = saved(stage, "written", "--why").stdout
        assert "      title    h2 > a, named by the recipe\n" in said
        assert "      link     h2 > a@href, named by the recipe\n" in said
        assert "      date     span.when, named by the recipe\n" in said
        assert "No other list was found on the page.\n" in said

    def test_tells_what_was_found_without_the_recipe(self, stage: Stage) -> None:
        stage.configure(CONFIG + RECIPE.replace('date = ".when"\n', ""))
        assert "      date     span.when, found in the entry\n" in saved(stage, "written", "--why").stdout

    def test_tells_which_lists_were_not_taken_and_why(self, stage: Stage) -> None:
        (stage.folder / "saved.html").write_text(PAGE.replace("</body>", f"{self.OTHER}</body>"), encoding="utf-8")
        said = saved(stage, "--url", URL, "--why").stdout
        assert "\nNot taken: " in said
        assert "  4 entries\n    “What people like to read on day 0”\n    confidence " in said
        assert "like a list of releases" in said

    def test_tells_what_would_be_inferred_instead_of_the_recipe(self, stage: Stage) -> None:
        (stage.folder / "saved.html").write_text(PAGE.replace("</body>", f"{self.OTHER}</body>"), encoding="utf-8")
        stage.configure(CONFIG + '[[newsroom]]\nid = "w"\nurl = "https://w.test/"\n[newsroom.recipe]\nentry = "p.s"\n')
        shape = json.loads(saved(stage, "w", "--why", "--json").stdout)
        (other,) = shape["why"]["others"]
        assert (other["recipe"]["entry"], other["entries"]) == ("li.row", 8)
        assert other["reason"].endswith("the recipe that is given names another list")
        assert shape["why"]["entries"][0]["title"] == {"where": "a", "by_recipe": False}

    def test_of_a_feed_there_is_nothing_to_tell(self, stage: Stage) -> None:
        feed = "<rss><channel><item><title>One matter</title><link>/1</link></item></channel></rss>"
        (stage.folder / "saved.html").write_text(feed, encoding="utf-8")
        said = saved(stage, "--url", URL, "--why").stdout
        assert "It is a feed: its own format says where everything is" in said
        assert "entry       feed\n" in said

    def test_is_not_told_unasked(self, stage: Stage) -> None:
        assert "why" not in json.loads(saved(stage, "written", "--json").stdout)


class TestBadUse:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ([], "Name a newsroom's ID or a URL"),
            (["--url", URL], "--url goes with --html"),
            (["ftp://a.test/"], "is no web address"),
            (["minister"], 'There is no newsroom "minister". Did you mean "ministry"?'),
            (["--html", "missing.html", "--url", URL], "No such file"),
        ],
    )
    def test_is_told(self, stage: Stage, arguments: list[str], told: str) -> None:
        result = stage.run("preview", *arguments)
        assert result.exit_code == 2
        assert told in result.stderr

    def test_a_saved_page_needs_an_address(self, stage: Stage) -> None:
        result = saved(stage)
        assert result.exit_code == 2
        assert "--html needs --url URL too" in result.stderr
        assert "is no web address" in saved(stage, "--url", "a.test").stderr
