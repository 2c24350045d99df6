"""`presswatch add`."""

from __future__ import annotations

import json
import tomllib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from crawler.addresses import WAY_OUT
from crawler.crawl import CrawlStopped
from crawler.web import Answer, Ask, FetchError, Forbidden
from scheduler.commands.shell import Shell
from scheduler.config import load
from scheduler.demo import layouts
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.server import serving
from storage.records import Newsroom
from tests.scheduler.cli_stage import CONFIG, NOW, Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from click.testing import Result

    from crawler.web import Fetch
    from scheduler.config import Config

SITE = "https://council.test"
NEWS = f"{SITE}/news"
COMMENTED = f"# My newsrooms, in my own words.\n{CONFIG}\n# The end.\n"


def rows(numbers: range, what: str = "question", where: str = "/news/") -> str:
    return "".join(
        f"""<li class="row-{what}"><h2><a href="{where}{number}">The council answers {what} {number}</a></h2>
        <time datetime="2026-11-{number:02}">{number} November 2026</time><p>It says a bit about {number}.</p></li>"""
        for number in numbers
    )


def page(body: str, head: str = "") -> str:
    return f"<html lang='en'><head><title>Council</title>{head}</head><body><h1>News</h1><ul>{body}</ul></body></html>"


def rss(numbers: range, what: str = "question", home: str = NEWS) -> str:
    entries = "".join(
        f"<item><title>The council answers {what} {n}</title><link>{SITE}/news/{n}</link>"
        f"<pubDate>{n} Nov 2026 09:00 GMT</pubDate></item>"
        for n in numbers
    )
    return f"<rss version='2.0'><channel><title>Council</title><link>{home}</link>{entries}</channel></rss>"


DECLARED = '<link rel="alternate" type="application/rss+xml" href="/feed.xml" title="All news">'


@dataclass
class Web:
    """What is on the web, by address; everything else answers 404."""

    pages: Mapping[str, str | Answer | Exception]
    asked: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def browse(self, _config: Config, _clock: object) -> AsyncIterator[Fetch]:
        yield self.fetch

    async def fetch(self, ask: Ask) -> Answer:
        self.asked.append(ask.url)
        served = self.pages.get(ask.url, Answer(ask.url, 404, {"content-type": "text/html"}, b""))
        if isinstance(served, Exception):
            raise served
        if isinstance(served, str):
            return Answer(ask.url, 200, {"content-type": "text/html; charset=utf-8"}, served.encode())
        return served


LIST = page(rows(range(15, 5, -1)))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.configure(COMMENTED)
    return stage


def on(stage: Stage, pages: Mapping[str, str | Answer | Exception], *, asks: bool = False) -> tuple[Stage, Web]:
    web = Web(pages)
    shell = Shell(clock=lambda: NOW, browse=web.browse, asks=lambda: asks, holder=lambda _: None)
    return replace(stage, shell=shell), web


def newsrooms(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(stage.config.read_text(encoding="utf-8"))["newsroom"]
    return found[2:]


def shapes(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


class TestAPage:
    def test_is_shown_and_added_with_all_comments_kept(self, stage: Stage) -> None:
        stage, _ = on(stage, {NEWS: LIST})
        said = stage.done("add", NEWS, "--yes")
        assert f"{NEWS}  as council-news\n" in said
        assert "2026-11-15" in said
        assert "The council answers question 15" in said
        assert "title    10 of 10, from h2" in said
        assert "and 5 more" in said
        assert "presswatch check council-news" in said
        assert newsrooms(stage) == [{"id": "council-news", "url": NEWS}]
        text = stage.config.read_text(encoding="utf-8")
        for line in COMMENTED.splitlines():
            assert line in text
        assert load(stage.config).newsroom("council-news") is not None

    def test_is_added_after_a_yes_and_not_after_a_no(self, stage: Stage) -> None:
        stage, _ = on(stage, {NEWS: LIST}, asks=True)
        result = stage.run("add", NEWS, stdin=b"n\n")
        assert (result.exit_code, newsrooms(stage)) == (0, [])
        assert "Nothing was written." in result.stdout
        result = stage.run("add", NEWS, stdin=b"y\n")
        assert "Watch it as council-news? It is added to" in result.stdout
        assert len(newsrooms(stage)) == 1

    def test_may_be_written_without_its_scheme(self, stage: Stage) -> None:
        stage, web = on(stage, {NEWS: LIST})
        stage.done("add", "council.test/news", "--yes")
        assert web.asked[0] == NEWS
        assert newsrooms(stage)[0]["url"] == NEWS

    def test_takes_the_id_that_is_given(self, stage: Stage) -> None:
        stage, _ = on(stage, {NEWS: LIST})
        stage.done("add", NEWS, "--yes", "--id", "town")
        assert newsrooms(stage)[0]["id"] == "town"

    def test_resumes_under_the_id_that_it_once_had(self, stage: Stage) -> None:
        with stage.store() as store:
            store.put_newsroom(Newsroom("once", NEWS))
            store.put_newsroom(Newsroom("council-news", "https://elsewhere.test/"))
        stage, _ = on(stage, {NEWS: LIST, f"{SITE}/x/news": LIST})
        stage.done("add", NEWS, f"{SITE}/x/news", "--yes")
        assert [one["id"] for one in newsrooms(stage)] == ["once", "council-test-news"]

    def test_that_leads_elsewhere_says_so(self, stage: Stage) -> None:
        moved = Answer(f"{SITE}/en/news/", 200, {"content-type": "text/html"}, LIST.encode())
        stage, _ = on(stage, {NEWS: moved})
        assert f"  led to {SITE}/en/news/\n" in stage.done("add", NEWS, "--yes")
        assert newsrooms(stage)[0]["url"] == NEWS

    def test_prints_what_it_says_as_text(self, stage: Stage) -> None:
        stage, _ = on(stage, {NEWS: LIST.replace("question 15", "[red]\x1b[2J\u202e15")})
        for said in (stage.done("add", NEWS, "--json"), stage.done("add", NEWS, "--yes")):
            assert all(character.isprintable() or character == "\n" for character in said)
            assert "[red]" in said


class TestOtherLists:
    PAGE = page(rows(range(15, 5, -1)) + f"</ul><ul id='other'>{rows(range(9, 1, -1), 'letter', '/letters/')}")

    def test_are_told_and_may_be_picked(self, stage: Stage) -> None:
        stage, _ = on(stage, {NEWS: self.PAGE})
        said = stage.done("add", NEWS, "--yes", "--pick", "2")
        assert "“The council answers question 15”" in said
        (added,) = newsrooms(stage)
        assert "letter" in str(added["recipe"]["entry"])

    def test_that_are_not_there_cannot_be_picked(self, stage: Stage) -> None:
        stage, web = on(stage, {NEWS: LIST})
        result = stage.run("add", NEWS, "--yes", "--pick", "3")
        assert (result.exit_code, newsrooms(stage)) == (1, [])
        assert result.stderr.splitlines() == [
            f"{NEWS}: --pick 3: only one list was found",
            f"  leave --pick out, or see what else the page holds: presswatch preview --why {NEWS}",
        ]
        assert web.asked == [NEWS]


class TestAFeed:
    def test_of_the_page_is_found_and_proven(self, stage: Stage) -> None:
        stage, web = on(
            stage, {NEWS: page(rows(range(15, 5, -1)), DECLARED), f"{SITE}/feed.xml": rss(range(15, 0, -1))}
        )
        (shape,) = shapes(stage.run("add", NEWS, "--json"))
        (feed,) = shape["feeds"]
        assert (feed["url"], feed["way"], feed["proven"]) == (f"{SITE}/feed.xml", "declared", True)
        assert (feed["shared"], feed["of_page"], feed["of_feed"]) == (10, 1.0, 1.0)
        assert web.asked == [NEWS, f"{SITE}/feed.xml"]
        assert "feed.xml: this list's own" in stage.done("add", NEWS, "--yes")

    @pytest.mark.parametrize("words", [[], ["--feed"]])
    def test_is_watched_beside_the_list_only_where_that_is_asked_for(self, stage: Stage, words: list[str]) -> None:
        stage, _ = on(stage, {NEWS: page(rows(range(15, 5, -1)), DECLARED), f"{SITE}/feed.xml": rss(range(15, 0, -1))})
        stage.done("add", NEWS, "--yes", *words)
        assert newsrooms(stage)[0].get("feed") == (f"{SITE}/feed.xml" if words else None)

    def test_of_something_else_is_told_as_that(self, stage: Stage) -> None:
        stage, _ = on(
            stage,
            {
                NEWS: page(rows(range(15, 5, -1)), DECLARED + DECLARED.replace("feed", "gone")),
                f"{SITE}/feed.xml": rss(range(15, 5, -1), "letter").replace("/news/", "/letters/"),
            },
        )
        (shape,) = shapes(stage.run("add", NEWS, "--json"))
        assert [(feed["proven"], feed["reason"]) for feed in shape["feeds"]] == [
            (False, ""),
            (False, "the server answered with status 404"),
        ]
        said = stage.done("add", NEWS, "--yes")
        assert "feed.xml: another list: nothing in it is on the page" in said
        assert "gone.xml: the server answered with status 404" in said

    def test_in_a_usual_place_is_found_though_nothing_names_it(self, stage: Stage) -> None:
        stage, web = on(stage, {NEWS: LIST, f"{NEWS}/feed/": rss(range(15, 0, -1))})
        (shape,) = shapes(stage.run("add", NEWS, "--json"))
        assert [(feed["way"], feed["proven"]) for feed in shape["feeds"]] == [("guessed", True)]
        assert len(web.asked) == 2

    def test_is_not_sought_for_ever(self, stage: Stage) -> None:
        many = "".join(DECLARED.replace("feed.xml", f"feed{n}.xml") for n in range(30))
        stage, web = on(stage, {NEWS: page(rows(range(15, 5, -1)), many)})
        stage.done("add", NEWS, "--yes")
        assert len(web.asked) == 8

    def test_that_may_not_be_asked_for_does_no_harm(self, stage: Stage) -> None:
        forbidden = Forbidden("robots.txt forbids it")
        stage, _ = on(stage, {NEWS: page(rows(range(15, 5, -1)), DECLARED), f"{SITE}/feed.xml": forbidden})
        assert "feed.xml: robots.txt forbids it" in stage.done("add", NEWS, "--yes")
        assert len(newsrooms(stage)) == 1

    def test_may_be_watched_itself_and_is_named_after_its_page(self, stage: Stage) -> None:
        stage, web = on(stage, {f"{SITE}/feed.xml": rss(range(15, 0, -1))})
        said = stage.done("add", f"{SITE}/feed.xml", "--yes")
        assert "Read as: feed, confidence 100%" in said
        assert "date     15 of 15, from the feed" in said
        assert newsrooms(stage) == [{"id": "council-news", "url": f"{SITE}/feed.xml"}]
        assert web.asked == [f"{SITE}/feed.xml"]


class TestSeveral:
    def test_come_from_arguments_and_a_file(self, stage: Stage) -> None:
        (stage.folder / "list.txt").write_text(f"# more\n{SITE}/b\n{NEWS}\n", encoding="utf-8")
        stage, _ = on(stage, {NEWS: LIST, f"{SITE}/b": LIST}, asks=True)
        result = stage.run("add", NEWS, "--from", str(stage.folder / "list.txt"), stdin=b"y\n")
        assert "Watch these 2 newsrooms?" in result.stdout
        assert [one["id"] for one in newsrooms(stage)] == ["council-news", "council-b"]

    def test_come_from_opml(self, stage: Stage) -> None:
        opml = f"<opml><body><outline xmlUrl='{SITE}/feed.xml'/><outline xmlUrl='{SITE}/b.xml'/></body></opml>"
        stage, _ = on(stage, {f"{SITE}/feed.xml": rss(range(9, 1, -1)), f"{SITE}/b.xml": rss(range(9, 1, -1))})
        result = stage.run("add", "--from", "-", "--yes", stdin=opml.encode())
        assert [one["id"] for one in newsrooms(stage)] == ["council-news", "council-test-news"]
        assert result.exit_code == 0

    def test_that_fail_do_not_keep_the_others_out(self, stage: Stage) -> None:
        hello = "<html><body>Hello</body></html>"
        stage, _ = on(stage, {NEWS: LIST, f"{SITE}/b": FetchError("timed out"), f"{SITE}/c": hello})
        result = stage.run("add", f"{SITE}/b", NEWS, f"{SITE}/c", "--yes")
        assert result.exit_code == 1
        assert f"{SITE}/b: timed out\n" in result.stderr
        assert f"{SITE}/c: " in result.stderr
        assert [one["id"] for one in newsrooms(stage)] == ["council-news"]

    def test_a_line_that_is_no_address_is_told_with_its_place_and_keeps_none_out(self, stage: Stage) -> None:
        (stage.folder / "list.txt").write_text(f"# mine\nnonsense\n{NEWS}\n\nftp://x.test/\n", encoding="utf-8")
        stage, web = on(stage, {NEWS: LIST})
        result = stage.run("add", "--from", str(stage.folder / "list.txt"), "--yes")
        assert (result.exit_code, [one["id"] for one in newsrooms(stage)]) == (1, ["council-news"])
        first, second = result.stderr.splitlines()
        assert first.startswith("list.txt, line 2: 'nonsense' is no web address; write for example")
        assert second.startswith("list.txt, line 5: 'ftp://x.test/' is no web address")
        assert not any(asked.startswith(("nonsense", "ftp")) for asked in web.asked)

    def test_a_line_that_is_no_address_is_told_in_json(self, stage: Stage) -> None:
        stage, _ = on(stage, {NEWS: LIST})
        result = stage.run("add", "--from", "-", "--json", stdin=f"{NEWS}\nhttps://me:secret@a.test/\n".encode())
        good, bad = shapes(result)
        assert (result.exit_code, good["outcome"], bad["outcome"]) == (1, "found", "failed")
        assert bad["reason"].startswith("standard input, line 2: carries a user name or password")

    def test_that_lead_to_one_place_are_one(self, stage: Stage) -> None:
        led = Answer(NEWS, 200, {"content-type": "text/html"}, LIST.encode())
        stage, _ = on(stage, {f"{SITE}/latest": led, NEWS: LIST})
        said = stage.done("add", f"{SITE}/latest", NEWS, "--yes")
        assert f"{NEWS}  is already watched as council" in said
        assert len(newsrooms(stage)) == 1


class TestWhatIsWatchedAlready:
    def test_is_named_without_being_asked_for(self, stage: Stage) -> None:
        stage, web = on(stage, {})
        said = stage.done("add", "http://www.ministry.test/news/?utm_source=x", "--yes")
        assert said == "http://www.ministry.test/news/?utm_source=x  is already watched as ministry\n"
        assert (web.asked, newsrooms(stage)) == ([], [])

    def test_is_told_in_json(self, stage: Stage) -> None:
        stage, _ = on(stage, {})
        (shape,) = shapes(stage.run("add", "https://court.test", "--json"))
        assert (shape["outcome"], shape["newsroom"]) == ("watched", "court")


class TestAListAndItsFeed:
    FEED = f"{SITE}/feed.xml"
    PAGES: ClassVar = {NEWS: page(rows(range(15, 5, -1)), DECLARED), FEED: rss(range(15, 0, -1))}

    @pytest.mark.parametrize("asked", [(NEWS, FEED), (FEED, NEWS)])
    def test_are_one_newsroom(self, stage: Stage, asked: tuple[str, ...]) -> None:
        stage, _ = on(stage, self.PAGES)
        said = stage.done("add", *asked, "--yes")
        assert f"{self.FEED}  is the same newsroom as council-news; it is the feed of council-news: each change" in said
        assert f"to watch it all the same: presswatch add {self.FEED} --yes" in said
        assert f'to watch both as one: feed = "{self.FEED}" in the [[newsroom]] of council-news' in said
        assert [one["url"] for one in newsrooms(stage)] == [NEWS]

    def test_of_a_page_that_is_watched_is_not_watched_beside_it(self, stage: Stage) -> None:
        stage, _ = on(stage, self.PAGES, asks=True)
        stage.done("add", NEWS, "--yes")
        assert "is the same newsroom as council-news" in stage.done("add", self.FEED)
        (shape,) = shapes(stage.run("add", self.FEED, "--json"))
        assert (shape["outcome"], shape["newsroom"]) == ("watched", "council-news")
        assert shape["reason"] == "it is the feed of council-news: each change would be told twice"

    def test_a_page_is_not_watched_beside_its_feed_unless_that_is_asked_for_by_itself(self, stage: Stage) -> None:
        stage, _ = on(stage, self.PAGES, asks=True)
        stage.done("add", self.FEED, "--yes")
        assert "its own feed is that of council-news: each change" in stage.done("add", NEWS)
        assert len(newsrooms(stage)) == 1
        stage.done("add", NEWS, "--yes")
        assert [one["url"] for one in newsrooms(stage)] == [self.FEED, NEWS]

    def test_a_feed_that_is_read_beside_its_list_is_watched_already(self, stage: Stage) -> None:
        stage, _ = on(stage, self.PAGES)
        stage.done("add", NEWS, "--yes", "--feed")
        assert stage.done("add", self.FEED, "--yes") == f"{self.FEED}  is already watched as council-news\n"

    def test_another_list_of_the_site_is_another_newsroom(self, stage: Stage) -> None:
        other = rss(range(15, 5, -1), "letter").replace("/news/", "/letters/")
        stage, _ = on(stage, {**self.PAGES, self.FEED: other})
        stage.done("add", NEWS, self.FEED, "--yes")
        assert len(newsrooms(stage)) == 2


class TestJson:
    def test_shows_and_writes_only_with_yes(self, stage: Stage) -> None:
        stage, _ = on(stage, {NEWS: LIST})
        (shape,) = shapes(stage.run("add", NEWS, "--json"))
        assert (shape["outcome"], shape["newsroom"], newsrooms(stage)) == ("found", "council-news", [])
        assert shape["recipe"]["confidence"] > 0.5
        assert shape["entries"][0]["title"] == "The council answers question 15"
        (shape,) = shapes(stage.run("add", NEWS, "--json", "--yes"))
        assert (shape["outcome"], len(newsrooms(stage))) == ("added", 1)

    def test_tells_what_failed(self, stage: Stage) -> None:
        stage, _ = on(stage, {NEWS: FetchError("timed out")})
        result = stage.run("add", NEWS, "--json", "--yes")
        (shape,) = shapes(result)
        assert (result.exit_code, result.stderr) == (1, "")
        assert (shape["outcome"], shape["reason"], shape["newsroom"]) == ("failed", "timed out", None)


class TestWhatCannotBeRead:
    @pytest.mark.parametrize(
        ("served", "reason"),
        [
            (Answer(NEWS, 503, {}, b""), "the server answered with status 503"),
            (Answer(NEWS, 200, {"content-type": "application/pdf"}, b"%PDF"), "is no HTML and no feed, but app"),
            ("<rss><channel></channel></rss>", "it is a feed without entries"),
        ],
    )  # fmt: skip
    def test_tells_why_and_the_way_out(self, stage: Stage, served: str | Answer, reason: str) -> None:
        stage, _ = on(stage, {NEWS: served})
        result = stage.run("add", NEWS, "--yes")
        assert result.exit_code == 1
        assert f"{NEWS}: {reason}" in result.stderr
        assert f"presswatch preview {NEWS}" in result.stderr

    @pytest.mark.parametrize(
        ("fault", "hint"),
        [
            (FetchError("the name council.test cannot be resolved"), "  check the address for a slip"),
            (FetchError("cannot connect to council.test: Connection refused"), "  check the address for a slip"),
            (FetchError(f"refused: council.test is not a public address{WAY_OUT}"), None),
            (Forbidden("robots.txt forbids it"), None),
        ],
    )
    def test_the_way_out_fits_what_happened(self, stage: Stage, fault: FetchError, hint: str | None) -> None:
        stage, _ = on(stage, {NEWS: fault})
        told, *hints = stage.run("add", NEWS, "--yes").stderr.splitlines()
        assert told == f"{NEWS}: {fault.reason}"
        assert len(hints) == (hint is not None)
        assert not hint or hints[0].startswith(hint)

    def test_names_the_feed_of_a_page_that_only_scripts_fill(self, stage: Stage) -> None:
        shell = f"<html><head>{DECLARED}</head><body><div id='root'></div><script src='/app.js'></script></body></html>"
        stage, _ = on(stage, {NEWS: shell, f"{SITE}/feed.xml": rss(range(9, 1, -1))})
        result = stage.run("add", NEWS, "--yes")
        assert f"it offers a feed that can be read: presswatch add {SITE}/feed.xml" in result.stderr

    def test_a_crawl_that_stops_is_told(self, stage: Stage) -> None:
        stage, _ = on(stage, {NEWS: CrawlStopped("the crawl was stopped")})
        result = stage.run("add", NEWS, "--yes")
        assert (result.exit_code, result.stderr) == (1, "Error: the crawl was stopped; try again\n")

    def test_a_file_that_cannot_be_edited_is_left_alone(self, stage: Stage) -> None:
        text = 'newsroom = [{id = "a", url = "https://a.test/"}]\n'
        stage.configure(text)
        stage, _ = on(stage, {NEWS: LIST})
        result = stage.run("add", NEWS, "--yes")
        assert (result.exit_code, stage.config.read_text(encoding="utf-8")) == (1, text)
        assert "Nothing was written: newsroom is written as one list" in result.stderr


class TestBadUse:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ([], "Name an address"),
            (["ministry"], "ministry: 'ministry' is no web address"),
            (["ftp://a.test/"], "is no web address"),
            (["https://me:secret@a.test/"], "carries a user name or password"),
            ([NEWS, f"{SITE}/b", "--id", "x"], "--id and --pick go with one address"),
            ([NEWS, "--id", "Not A Name"], "cannot name a file"),
            ([NEWS, "--id", "court"], '--id "court" is taken'),
            ([NEWS, "--pick", "0"], "--pick"),
            (["--from", "missing.txt"], "No such file"),
            ([NEWS], "There is no terminal to ask on"),
        ],
    )
    def test_is_told_before_anything_is_asked_for(self, stage: Stage, arguments: list[str], told: str) -> None:
        stage, web = on(stage, {})
        result = stage.run("add", *arguments)
        assert (result.exit_code, web.asked) == (2, [])
        assert told in result.stderr

    def test_an_empty_list_is_told(self, stage: Stage) -> None:
        stage, _ = on(stage, {})
        result = stage.run("add", "--from", "-", stdin=b"\n")
        assert result.exit_code == 2
        assert "there is no address in it" in result.stderr

    def test_needs_a_configuration(self, stage: Stage) -> None:
        stage.config.unlink()
        stage, _ = on(stage, {})
        result = stage.run("add", NEWS, "--yes")
        assert result.exit_code == 2
        assert "write one with" in result.stderr


class TestOnThisMachine:
    def test_a_newsroom_is_found_added_and_read(self, tmp_path: Path) -> None:
        stage = Stage(tmp_path)
        stage.configure('contact = "desk@paper.test"\nallow_private_addresses = true\ndelay = "0s"\n')
        room = LocalNewsroom(layouts.WORDPRESS, seed=3)
        with serving(room) as base:
            (shape,) = shapes(stage.run("add", base + room.listing_path, "--json", "--yes"))
            assert (shape["outcome"], len(shape["entries"])) == ("added", 12)
            assert [feed["proven"] for feed in shape["feeds"]] == [True]
            assert "12 entries" in stage.done("preview", shape["newsroom"])
        asked = [logged.path for logged in room.requests]
        assert asked.count(room.listing_path) == 2
        assert room.layout.feed in asked
