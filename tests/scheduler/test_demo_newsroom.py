import asyncio
import gc
import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import aiohttp
import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.listing import read_listing
from crawler.recipes import AMNESTY_CA, AMNESTY_USA
from scheduler.config import Config, load
from scheduler.demo.answers import Asked, Reply, answer
from scheduler.demo.invention import Draft, Gone, Inventor, slugify
from scheduler.demo.layouts import DRUPAL, WORDPRESS, CaptionPlace, Layout, Style, clean, first_sentence, printed
from scheduler.demo.misbehaviour import Fault, Validation, Where
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.server import serve, serving
from scheduler.demo.story import MARKER, StoryError, prepare, run
from storage.records import Change, Entry, Kind, Outcome, Visit

BASE = "http://newsroom.example"
NOW = datetime(2024, 5, 17, tzinfo=UTC)
BARE = replace(DRUPAL, headings=False)
LAYOUTS = [
    pytest.param(DRUPAL, id="drupal"),
    pytest.param(replace(DRUPAL, caption_place=CaptionPlace.FIELD), id="drupal-caption-field"),
    pytest.param(replace(DRUPAL, caption_place=CaptionPlace.BODY), id="drupal-caption-body"),
    pytest.param(BARE, id="drupal-bare"),
    pytest.param(WORDPRESS, id="wordpress"),
]


@dataclass(frozen=True)
class Got:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def get(url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Got:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), headers=dict(headers or {}))
        response = connection.getresponse()
        return Got(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def ask(newsroom: LocalNewsroom, path: str | None = None, **kwargs: object) -> Reply:
    return answer(newsroom, Asked(path or newsroom.listing_path, BASE, **kwargs))  # type: ignore[arg-type]  # test shorthand


def text_of(reply: Reply) -> str:
    return reply.body.decode()


def entries_of(html: str | bytes, base: str) -> list[tuple[str, str]]:
    """Title and address of every entry, read without presswatch."""
    tree = LexborHTMLParser(html)
    found = []
    for row in tree.css("div.views-row, div.ts-grid-col-3-outline > div.card-md"):
        titles = row.css("h2 a, h3.utility-md") or row.css(".field-name-body p")
        link = row.css("a[rel=tag], a")[-1].attributes["href"] or ""
        title = clean(titles[0].text())
        found.append((title if row.css("h2, h3.utility-md") else first_sentence(title), urljoin(base, link)))
    return found


def expected_of(newsroom: LocalNewsroom, number: int = 0, base: str = BASE) -> list[tuple[str, str]]:
    return [(entry.title, str(entry.url)) for entry in newsroom.listing_entries(number, base)]


def until(true: Callable[[], bool]) -> None:
    """Waits a few milliseconds at a time, at most five seconds in all."""
    deadline = time.monotonic() + 5
    while not true() and time.monotonic() < deadline:
        threading.Event().wait(0.005)
    assert true()


def titles(newsroom: LocalNewsroom, number: int = 0) -> list[str]:
    return [entry.title for entry in newsroom.listing_entries(number)]


class TestPages:
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_every_page_shows_the_truth_and_leads_to_the_next(self, layout: Layout) -> None:
        newsroom = LocalNewsroom(layout, releases=40, seed=3)
        path, query, seen = newsroom.listing_path, dict[str, str](), []
        for number in range(newsroom.pages()):
            page = text_of(ask(newsroom, path, query=query))
            assert entries_of(page, BASE) == expected_of(newsroom, number)
            seen += expected_of(newsroom, number)
            links = LexborHTMLParser(page).css("ul.pager li.pager-next a, div.next a.next")
            assert len(links) == (0 if number == newsroom.pages() - 1 else 1)
            if links:
                parts = urlsplit(urljoin(BASE, str(links[0].attributes["href"])))
                path, query = parts.path, dict(re.findall(r"(\w+)=(\w+)", parts.query))
        assert len(set(seen)) == 40

    def test_drupal_counts_pages_from_nought_and_wordpress_from_one_and_keeps_the_filter(self) -> None:
        assert "?page=1" in text_of(ask(LocalNewsroom(DRUPAL)))
        page = text_of(ask(LocalNewsroom(WORDPRESS), query={"country": "veldania,kestria"}))
        assert 'href="http://newsroom.example/news/page/2/?country=veldania%2Ckestria"' in page

    def test_first_pages_hold_fifteen_rows_and_twelve_cards(self) -> None:
        assert len(LocalNewsroom(DRUPAL).listing_entries()) == 15
        assert len(LocalNewsroom(WORDPRESS).listing_entries()) == 12

    def test_the_date_is_printed_with_a_padded_day(self) -> None:
        assert printed(date(2018, 5, 6)) == "May 06, 2018"
        newsroom = LocalNewsroom(DRUPAL)
        newsroom.publish("Lamps out", day=date(2025, 5, 6), caption="Photo by nobody")
        rows = LexborHTMLParser(text_of(ask(newsroom))).css("div.views-row")
        submitted = rows[0].css("div.submitted")[0]
        assert clean(submitted.text()) == "May 06, 2025 Photo by nobody"

    def test_a_card_tells_kind_title_summary_date_and_caption_in_the_order_of_the_real_one(self) -> None:
        newsroom = LocalNewsroom(WORDPRESS, releases=0)
        newsroom.publish("Lamps out", kind="Update", caption="First line\nsecond line", summary="word " * 80)
        (card,) = LexborHTMLParser(text_of(ask(newsroom))).css("div.ts-grid-col-3-outline > div.card-md")
        assert [clean(part.text()) for part in card.css("figcaption, p, h3")] == [
            "First line second line",
            "Update",
            "Lamps out",
            " ".join(["word"] * 70) + "…",
            printed(newsroom.today),
        ]
        assert newsroom.listing_entries()[0] == Entry(
            title="Lamps out",
            url="/updates/lamps-out/",
            date=newsroom.today,
            kind="Update",
            summary=" ".join(["word"] * 70) + "…",
            caption="First line second line",
        )

    def test_a_bare_row_is_named_by_its_first_sentence_and_linked_by_read_more(self) -> None:
        newsroom = LocalNewsroom(BARE, releases=0)
        newsroom.publish("Never shown here", summary="“Stop now!” they said. More follows.", slug="bare")
        assert newsroom.listing_entries()[0].title == "“Stop now!”"
        page = text_of(ask(newsroom))
        assert "Never shown here" not in page
        assert 'href="/news/bare" rel="tag">Read more' in page

    def test_an_undated_release_prints_no_date(self) -> None:
        for layout in (DRUPAL, WORDPRESS):
            newsroom = LocalNewsroom(layout, releases=0)
            newsroom.publish("Undated", dated=False, caption="A caption")
            assert newsroom.listing_entries()[0].date is None
            assert printed(newsroom.today) not in text_of(ask(newsroom))
            assert "A caption" in text_of(ask(newsroom))

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_what_a_release_says_is_text(self, layout: Layout) -> None:
        newsroom = LocalNewsroom(layout, releases=0)
        evil = "<script>alert(1)</script> & “{{ 7*7 }}”"
        release = newsroom.publish(evil, summary=f"{evil}.", caption=evil)
        for page in (text_of(ask(newsroom)), text_of(ask(newsroom, release.path))):
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “{{ 7*7 }}”" in page
        assert "</script> &" not in text_of(ask(newsroom, release.path))

    def test_pages_can_be_filled_to_a_real_size_without_another_entry(self) -> None:
        for layout in (DRUPAL, WORDPRESS):
            newsroom = LocalNewsroom(replace(layout, size=57_000))
            page = ask(newsroom).body
            assert 55_000 < len(page) <= 57_200
            assert entries_of(page, BASE) == expected_of(newsroom)
        assert len(ask(LocalNewsroom(replace(DRUPAL, size=100))).body) > 100

    @pytest.mark.parametrize("layout", [DRUPAL, WORDPRESS])
    def test_a_release_page_names_title_date_and_canonical_address(self, layout: Layout) -> None:
        newsroom = LocalNewsroom(layout, releases=3)
        at = datetime(2024, 5, 17, 9, 30, tzinfo=timezone(timedelta(hours=-4)))
        release = newsroom.publish("A “quoted” title", at=at)
        tree = LexborHTMLParser(text_of(ask(newsroom, release.path)))
        assert tree.css("meta[property='og:title']")[0].attributes["content"] == "A “quoted” title"
        assert tree.css("link[rel=canonical]")[0].attributes["href"] == BASE + release.path
        assert '"datePublished": "2024-05-17T09:30:00-04:00"' in tree.css("script[type*=ld]")[0].text()
        assert release.day == date(2024, 5, 17)

    def test_the_feed_carries_the_latest_listed_releases(self) -> None:
        newsroom = LocalNewsroom(DRUPAL)
        hidden = newsroom.shown(0)[1]
        newsroom.unlist(hidden.slug)
        reply = ask(newsroom, newsroom.layout.feed)
        assert reply.headers["Content-Type"].startswith("application/rss+xml")
        assert text_of(reply).count("<item>") == 9
        assert "Thu, 16 May 2024 12:00:00 -0500" in text_of(reply)
        assert hidden.path not in text_of(reply)

    def test_beyond_the_end_drupal_shows_an_empty_page_and_wordpress_none(self) -> None:
        drupal = ask(LocalNewsroom(DRUPAL), query={"page": "99"})
        assert (drupal.status, entries_of(drupal.body, BASE)) == (200, [])
        assert ask(LocalNewsroom(WORDPRESS), "/news/page/99/").status == 404

    def test_odd_page_numbers_are_the_first_page_or_missing(self) -> None:
        newsroom = LocalNewsroom(DRUPAL)
        assert entries_of(ask(newsroom, query={"page": "x"}).body, BASE) == expected_of(newsroom)
        assert ask(LocalNewsroom(WORDPRESS), "/news/page/0/").status == 404


class TestOperations:
    def test_the_same_seed_gives_the_same_newsroom(self) -> None:
        assert LocalNewsroom(seed=4).releases() == LocalNewsroom(seed=4).releases()
        assert LocalNewsroom(seed=4).releases() != LocalNewsroom(seed=5).releases()

    def test_invented_titles_and_first_sentences_never_repeat(self) -> None:
        inventor = Inventor(0, "Lantern")
        drafts = [inventor.draft() for _ in range(1500)]
        assert len({draft.title for draft in drafts}) == 1500
        assert len({first_sentence(draft.paragraphs[0]) for draft in drafts}) == 1500

    def test_releases_stand_newest_first_from_yesterday_down(self) -> None:
        newsroom = LocalNewsroom(releases=100)
        days = [release.day for release in newsroom.releases()]
        assert days == sorted(days, reverse=True)
        assert days[0] == newsroom.today - timedelta(days=1)

    def test_drafts_can_be_given_oldest_first(self) -> None:
        drafts = [Draft("Old", "Update", ("Old text.",)), Draft("Young", "Update", ("Young text.",))]
        assert titles(LocalNewsroom(releases=drafts)) == ["Young", "Old"]

    def test_publishing_puts_a_release_on_top_and_pushes_one_off_the_page(self) -> None:
        newsroom = LocalNewsroom()
        before = titles(newsroom)
        newsroom.publish("Hello")
        assert titles(newsroom) == ["Hello", *before[:-1]]
        newsroom.advance(2)
        assert newsroom.publish("Later").day == newsroom.today

    def test_a_backdated_release_stands_among_its_days(self) -> None:
        newsroom = LocalNewsroom()
        neighbour = newsroom.shown(0)[5]
        release = newsroom.publish("Late to the list", day=neighbour.day)
        place = newsroom.shown(0).index(release)
        assert 0 < place <= 5
        assert newsroom.publish("Ancient", day=date(1999, 1, 1)) == newsroom.releases()[-1]

    def test_a_naive_instant_is_refused(self) -> None:
        with pytest.raises(ValueError, match="offset"):
            LocalNewsroom().publish(at=datetime(2024, 1, 1))  # noqa: DTZ001  # the point of the test

    def test_equal_titles_get_addresses_of_their_own(self) -> None:
        newsroom = LocalNewsroom(releases=0)
        paths = {newsroom.publish("Daily briefing").path for _ in range(3)}
        assert paths == {"/news/daily-briefing", "/news/daily-briefing-2", "/news/daily-briefing-3"}
        assert slugify("Łódź’s été: 5 % more!") == "odzs-ete-5-more"
        assert slugify("日本") == "release"

    def test_a_burst_comes_all_at_once_with_the_last_on_top(self) -> None:
        newsroom = LocalNewsroom(WORDPRESS)
        burst = newsroom.burst(12)
        assert list(newsroom.shown(0)) == burst[::-1]

    def test_an_edit_shows_on_the_list_and_on_the_page_at_the_same_address(self) -> None:
        newsroom = LocalNewsroom(WORDPRESS)
        release = newsroom.shown(0)[2]
        day = release.day - timedelta(days=1)
        newsroom.edit(release.slug, title="Anew", summary="One.\n\nTwo.", kind="Notice", day=day, caption="By hand")
        assert newsroom.listing_entries()[2] == Entry("Anew", release.path, day, "Notice", "One. Two.", "By hand", 2)
        assert "Anew" in text_of(ask(newsroom, release.path))

    @pytest.mark.parametrize(
        ("how", "status"),
        [(Gone.NOT_FOUND, 404), (Gone.GONE, 410), (Gone.LEGAL, 451), (Gone.SOFT, 200), (Gone.HOME, 302)],
    )
    def test_a_withdrawn_release_leaves_the_list_and_its_page_is_gone(self, how: Gone, status: int) -> None:
        newsroom = LocalNewsroom()
        release = newsroom.shown(0)[4]
        newsroom.withdraw(release.slug, how.value)
        reply = ask(newsroom, release.path)
        assert reply.status == status
        assert release.title not in text_of(reply)
        assert release.title not in titles(newsroom)
        if how is Gone.HOME:
            assert reply.headers["Location"] == BASE + "/"
            assert ask(newsroom, "/").status == 200

    def test_a_page_can_go_while_the_list_still_shows_it(self) -> None:
        newsroom = LocalNewsroom()
        release = newsroom.shown(0)[4]
        newsroom.withdraw(release.slug, listed=True)
        assert release.title in titles(newsroom)
        assert ask(newsroom, release.path).status == 404

    def test_an_unlisted_release_keeps_its_page_and_a_restored_one_its_place(self) -> None:
        newsroom = LocalNewsroom()
        before = newsroom.shown(0)
        newsroom.unlist(before[4].slug)
        newsroom.withdraw(before[6].slug)
        assert ask(newsroom, before[4].path).status == 200
        assert before[4] not in newsroom.shown(0)
        newsroom.restore(before[4].slug)
        newsroom.restore(before[6].slug)
        assert newsroom.shown(0) == before
        assert ask(newsroom, before[6].path).status == 200

    def test_a_moved_release_redirects_or_names_its_new_address_or_is_dead_at_the_old(self) -> None:
        newsroom = LocalNewsroom()
        first, second, third = newsroom.shown(0)[:3]
        newsroom.move(first.slug, "new-one")
        newsroom.move(second.slug, "new-two", redirect=False, canonical=True)
        newsroom.move(third.slug, "new-three", redirect=False, path="/archive/new-three")
        assert [release.path for release in newsroom.shown(0)[:3]] == [
            "/news/new-one",
            "/news/new-two",
            "/archive/new-three",
        ]
        assert (ask(newsroom, first.path).status, ask(newsroom, first.path).headers["Location"]) == (
            301,
            BASE + "/news/new-one",
        )
        assert f'rel="canonical" href="{BASE}/news/new-two"' in text_of(ask(newsroom, second.path))
        assert ask(newsroom, third.path).status == 404
        assert ask(newsroom, "/archive/new-three").status == 200

    def test_a_twice_moved_release_redirects_from_both_and_can_come_home(self) -> None:
        newsroom = LocalNewsroom()
        release = newsroom.shown(0)[0]
        newsroom.pin(release.slug)
        newsroom.move(release.slug, "second")
        newsroom.move("second", "third")
        assert ask(newsroom, release.path).headers["Location"] == BASE + "/news/third"
        assert ask(newsroom, "/news/second").headers["Location"] == BASE + "/news/third"
        newsroom.move("third", release.slug)
        assert ask(newsroom, release.path).status == 200
        with pytest.raises(ValueError, match="taken"):
            newsroom.move(release.slug, newsroom.shown(0)[1].slug)

    def test_a_pinned_release_stands_first_and_goes_back(self) -> None:
        newsroom = LocalNewsroom()
        before = newsroom.shown(0)
        newsroom.pin(before[9].slug)
        assert newsroom.shown(0) == (before[9], *before[:9], *before[10:])
        newsroom.pin(before[9].slug, copy=True)
        assert newsroom.shown(0) == (before[9], *before[:-1])
        newsroom.unpin(before[9].slug)
        assert newsroom.shown(0) == before

    def test_the_list_can_be_reordered(self) -> None:
        newsroom = LocalNewsroom()
        before = newsroom.shown(0)
        newsroom.reorder([before[3].slug, before[1].slug])
        assert newsroom.shown(0)[:3] == (before[3], before[1], before[0])
        newsroom.reorder()
        assert sorted(release.slug for release in newsroom.shown(0)) == sorted(release.slug for release in before)
        assert newsroom.shown(0) != before

    def test_operations_on_a_release_that_is_not_there_are_refused(self) -> None:
        newsroom = LocalNewsroom()
        for operation in (newsroom.withdraw, newsroom.unlist, newsroom.restore, newsroom.edit, newsroom.pin):
            with pytest.raises(KeyError):
                operation("nobody")
        with pytest.raises(KeyError):
            newsroom.reorder(["nobody"])
        with pytest.raises(KeyError):
            newsroom.move("nobody", "somebody")
        assert newsroom.release(newsroom.shown(0)[0].slug) == newsroom.shown(0)[0]

    def test_pages_can_grow_shorter(self) -> None:
        newsroom = LocalNewsroom(releases=30)
        newsroom.resize(10)
        assert (len(newsroom.listing_entries()), newsroom.pages()) == (10, 3)

    def test_a_redesign_keeps_the_listing_address_and_moves_releases_only_when_told(self) -> None:
        newsroom = LocalNewsroom(DRUPAL)
        paths = [release.path for release in newsroom.releases()]
        newsroom.redesign(WORDPRESS)
        page = ask(newsroom, DRUPAL.listing)
        assert entries_of(page.body, BASE) == expected_of(newsroom)
        assert [release.path for release in newsroom.releases()] == paths
        assert newsroom.publisher == DRUPAL.publisher
        newsroom.redesign(WORDPRESS, addresses=True)
        assert not set(paths) & {release.path for release in newsroom.releases()}
        assert ask(newsroom, paths[0]).status == 301
        assert ask(newsroom, newsroom.releases()[0].path).status == 200
        newsroom.redesign(DRUPAL, addresses=True, redirect=False)
        assert ask(newsroom, paths[0]).status == 200
        newsroom.redesign(WORDPRESS, addresses=True, redirect=False)
        assert ask(newsroom, paths[0]).status == 404

    def test_unknown_addresses_answer_as_told(self) -> None:
        newsroom = LocalNewsroom()
        assert ask(newsroom, "/news/never").status == 404
        newsroom.unknown = Gone.SOFT
        assert ask(newsroom, "/news/never").status == 200
        newsroom.unknown = Gone.HOME
        assert ask(newsroom, "/news/never").status == 302

    def test_a_release_answers_with_and_without_its_last_slash(self) -> None:
        newsroom = LocalNewsroom(WORDPRESS)
        path = newsroom.shown(0)[0].path
        assert ask(newsroom, path.rstrip("/")).headers["Location"] == BASE + path


class TestFaults:
    @pytest.mark.parametrize("fault", list(Fault))
    def test_a_fault_hides_every_entry_or_breaks_the_page(self, fault: Fault) -> None:
        newsroom = LocalNewsroom()
        newsroom.fail(fault)
        reply = ask(newsroom)
        shown = entries_of(reply.body, BASE) if reply.headers.get("Content-Type", "").startswith("text/html") else []
        assert shown != expected_of(newsroom) or reply.breaks
        assert reply.hangs == (fault is Fault.HANG)
        newsroom.heal()
        assert entries_of(ask(newsroom).body, BASE) == expected_of(newsroom)

    def test_the_empty_list_keeps_its_template(self) -> None:
        newsroom = LocalNewsroom()
        newsroom.fail("empty")
        page = text_of(ask(newsroom))
        assert 'class="view-content"' in page
        assert entries_of(page, BASE) == []
        assert newsroom.shown(0)[0].title not in text_of(ask(newsroom, newsroom.shown(0)[0].path))

    def test_a_fault_can_strike_only_the_list_or_only_the_releases(self) -> None:
        newsroom = LocalNewsroom()
        release = newsroom.shown(0)[0].path
        newsroom.fail("500", Where.LISTING)
        assert (ask(newsroom).status, ask(newsroom, release).status) == (500, 200)
        newsroom.fail("500", "releases")
        assert (ask(newsroom).status, ask(newsroom, release).status) == (200, 500)

    def test_status_and_retry_after_can_be_chosen(self) -> None:
        newsroom = LocalNewsroom()
        newsroom.fail("maintenance", status=503, retry_after="120")
        reply = ask(newsroom)
        assert (reply.status, reply.headers["Retry-After"]) == (503, "120")
        assert "under maintenance" in text_of(reply)

    def test_robots_stand_even_while_the_site_fails(self) -> None:
        newsroom = LocalNewsroom()
        newsroom.fail("500")
        assert text_of(ask(newsroom, "/robots.txt")).startswith("User-agent: *")
        newsroom.robots, newsroom.robots_status = "no", 503
        assert ask(newsroom, "/robots.txt").status == 503
        newsroom.robots = None
        assert ask(newsroom, "/robots.txt").status == 404

    def test_a_restless_newsroom_never_serves_the_same_bytes_twice(self) -> None:
        for layout in (DRUPAL, WORDPRESS):
            newsroom = LocalNewsroom(layout)
            for restless in (False, True):
                newsroom.restless = restless
                for path in (newsroom.listing_path, newsroom.shown(0)[0].path):
                    bodies = {answer(newsroom, Asked(path, BASE, token=f"{number}")).body for number in range(3)}
                    assert len(bodies) == (3 if restless else 1)


class TestValidators:
    def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is(self) -> None:
        newsroom = LocalNewsroom()
        first = ask(newsroom)
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        again = ask(newsroom, if_none_match=etag, if_modified_since=modified)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
        assert ask(newsroom, if_none_match=f'"other", W/{etag}').status == 304
        assert ask(newsroom, if_modified_since=modified).status == 304
        newsroom.publish()
        assert ask(newsroom, if_none_match=etag, if_modified_since=modified).status == 200
        assert ask(newsroom, if_modified_since=modified).status == 200

    @pytest.mark.parametrize(
        ("mode", "served"),
        [
            (Validation.NONE, set()),
            (Validation.ETAG, {"ETag"}),
            (Validation.LAST_MODIFIED, {"Last-Modified"}),
            (Validation.BOTH, {"ETag", "Last-Modified"}),
            (Validation.STUCK, {"ETag", "Last-Modified"}),
        ],
    )
    def test_each_mode_serves_its_own_and_heeds_only_those(self, mode: Validation, served: set[str]) -> None:
        newsroom = LocalNewsroom()
        newsroom.validators = Validation.BOTH
        both = ask(newsroom).headers
        newsroom.validators = mode
        assert {"ETag", "Last-Modified"} & set(ask(newsroom).headers) == served
        assert (ask(newsroom, if_none_match=both["ETag"]).status == 304) == ("ETag" in served)
        assert (ask(newsroom, if_modified_since=both["Last-Modified"]).status == 304) == ("Last-Modified" in served)

    def test_a_stuck_server_says_not_modified_whatever_has_changed(self) -> None:
        newsroom = LocalNewsroom()
        newsroom.validators = Validation.STUCK
        etag = ask(newsroom).headers["ETag"]
        newsroom.burst(20)
        assert ask(newsroom, if_none_match=etag).status == 304
        assert ask(newsroom).status == 200

    def test_a_fault_is_never_hidden_behind_the_validators_of_the_right_page(self) -> None:
        newsroom = LocalNewsroom()
        good = ask(newsroom).headers
        newsroom.fail("challenge")
        asked = {"if_none_match": good["ETag"], "if_modified_since": good["Last-Modified"]}
        wall = ask(newsroom, **asked)
        assert wall.status == 200
        assert wall.headers["ETag"] != good["ETag"]
        newsroom.validators = Validation.LAST_MODIFIED
        assert ask(newsroom, **asked).status == 200


@pytest.fixture
def canada() -> Iterator[tuple[LocalNewsroom, str]]:
    newsroom = LocalNewsroom(DRUPAL)
    with serving(newsroom) as base:
        yield newsroom, base


class TestServer:
    def test_pages_come_as_the_truth_says_and_changes_show_at_once(self, canada: tuple[LocalNewsroom, str]) -> None:
        newsroom, base = canada
        got = get(base + newsroom.listing_path)
        assert got.headers["content-type"] == "text/html; charset=utf-8"
        assert entries_of(got.body, base) == expected_of(newsroom, base=base)
        newsroom.publish("Fresh")
        assert entries_of(get(base + newsroom.listing_path).body, base)[0][0] == "Fresh"
        assert entries_of(get(base + newsroom.listing_path + "?page=1").body, base) == expected_of(newsroom, 1, base)
        assert get(base + newsroom.shown(0)[0].path).status == 200

    def test_requests_are_noted_with_their_conditions(self, canada: tuple[LocalNewsroom, str]) -> None:
        newsroom, base = canada
        etag = get(base + newsroom.listing_path).headers["etag"]
        conditions = {"If-None-Match": etag, "If-Modified-Since": "Sat, 01 Jan 2022 00:00:00 GMT", "User-Agent": "me"}
        assert get(base + newsroom.listing_path + "?page=0", conditions).status == 304
        assert get(base + newsroom.listing_path, method="POST").status == 405
        assert get(base + newsroom.listing_path, method="HEAD").body == b""
        noted = [(r.method, r.path, r.status) for r in newsroom.requests]
        path = newsroom.listing_path
        assert noted == [
            ("GET", path, 200),
            ("GET", path + "?page=0", 304),
            ("POST", path, 405),
            ("HEAD", path, 200),
        ]
        asked = newsroom.requests[1]
        assert (asked.if_none_match, asked.if_modified_since, asked.user_agent) == (
            etag,
            conditions["If-Modified-Since"],
            "me",
        )

    def test_several_newsrooms_share_a_port_by_prefix(self) -> None:
        rooms = {"/ca": LocalNewsroom(DRUPAL, seed=1), "/us/east": LocalNewsroom(WORDPRESS, seed=2)}
        rooms["/ca"].robots = "User-agent: *\nCrawl-delay: 3\n"
        with serving(rooms) as base:
            for prefix, newsroom in rooms.items():
                got = get(base + prefix + newsroom.listing_path)
                assert entries_of(got.body, base) == expected_of(newsroom, base=base + prefix)
                assert get(base + prefix + newsroom.shown(0)[0].path).status == 200
                assert get(base + prefix).status == 200
            assert b"Crawl-delay: 3" in get(base + "/robots.txt").body
            assert get(base + "/elsewhere").status == 404

    def test_a_truncated_page_ends_before_its_length(self, canada: tuple[LocalNewsroom, str]) -> None:
        newsroom, base = canada
        newsroom.fail("truncated")
        with pytest.raises(http.client.IncompleteRead):
            get(base + newsroom.listing_path)
        assert get(base + newsroom.listing_path, method="HEAD").status == 200
        newsroom.heal()
        assert get(base + newsroom.listing_path).status == 200

    def test_closing_never_waits_for_a_request_that_hangs(self) -> None:
        newsroom = LocalNewsroom()
        newsroom.fail("hang")
        outcome: list[str] = []

        def hang(base: str) -> None:
            try:
                outcome.append(str(get(base + newsroom.listing_path).status))
            except (http.client.HTTPException, OSError):
                outcome.append("dropped")

        with serving(newsroom) as base:
            client = threading.Thread(target=hang, args=(base,))
            client.start()
            until(lambda: bool(newsroom.requests))
            started = time.monotonic()
        assert time.monotonic() - started < 2
        client.join(5)
        assert outcome == ["dropped"]
        assert newsroom.requests[0].status is None

    def test_nothing_is_left_behind_after_closing(self) -> None:
        before = set(threading.enumerate())
        for _ in range(3):
            with serving(LocalNewsroom()) as base:
                get(base + "/")
        assert set(threading.enumerate()) == before
        with pytest.raises(ConnectionRefusedError):
            get(base + "/")
        gc.collect()  # an unclosed socket would warn here, and warnings are errors

    def test_a_taken_port_is_told_to_the_caller(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with (
                pytest.raises(OSError, match="in use"),
                serving(LocalNewsroom(), port=taken.getsockname()[1]),
            ):
                pytest.fail("served on a taken port")

    async def test_it_serves_within_a_running_loop(self) -> None:
        newsroom = LocalNewsroom(WORDPRESS)
        async with serve(newsroom) as base, aiohttp.ClientSession() as session:
            async with session.get(base + newsroom.listing_path) as response:
                assert entries_of(await response.read(), base) == expected_of(newsroom, base=base)
            newsroom.fail("hang", "releases")
            waiting = asyncio.create_task(session.get(base + newsroom.shown(0)[0].path).__aenter__())
            await asyncio.to_thread(until, lambda: len(newsroom.requests) == 2)
        with pytest.raises(aiohttp.ClientError):
            await waiting

    def test_an_error_inside_closes_the_server_and_goes_on(self) -> None:
        with pytest.raises(ZeroDivisionError), serving(LocalNewsroom()):
            _ = 1 // 0


def test_today_is_a_day_of_its_own_unless_told() -> None:
    assert LocalNewsroom(today=datetime(2030, 1, 2, tzinfo=UTC).date()).releases()[0].day == date(2030, 1, 1)


@dataclass(frozen=True)
class WatcherReport:
    visits: list[Visit] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


class Watcher:
    """A stand-in for presswatch that reads the whole list each time: right here, and on little else."""

    def __init__(self, *, believes: bool = False, misses: Kind | None = None, slow: bool = False) -> None:
        self.believes, self.misses, self.slow = believes, misses, slow
        self.known: dict[str, dict[str, str]] = {}
        self.gone: set[str] = set()
        self.changes: list[Change] = []
        self.held: list[Change] = []
        self.checks = 0

    def check(self, config: Config) -> WatcherReport:
        self.checks += 1
        report = WatcherReport()
        for newsroom in config.newsrooms:
            got = get(newsroom.url)
            shown = self.whole_list(newsroom.url) if got.status == 200 else {}
            outcome = Outcome.OK if shown else Outcome.SUSPECT
            believed = outcome if not self.believes else Outcome.OK
            report.visits.append(Visit(newsroom.id, newsroom.url, NOW, NOW, believed, f"status {got.status}"))
            if shown:
                report.changes.extend(self.compare(newsroom.id, shown))
        found = [change for change in report.changes if change.kind is not self.misses]
        if self.slow:  # one check late
            found, self.held = self.held, found
        self.changes += found
        return replace(report, changes=found)

    @staticmethod
    def whole_list(url: str) -> dict[str, str]:
        shown: dict[str, str] = {}
        next_url: str | None = url
        while next_url:
            body = get(next_url).body
            shown |= {address: title for title, address in entries_of(body, next_url)}
            links = LexborHTMLParser(body).css("ul.pager li.pager-next a, div.next a.next")
            next_url = urljoin(next_url, str(links[0].attributes["href"])) if links else None
        return shown

    def compare(self, newsroom: str, shown: dict[str, str]) -> Iterator[Change]:
        known = self.known.setdefault(newsroom, {})
        if not known:
            known |= shown
            yield Change(newsroom, Kind.BASELINE, None, None, NOW)
            return
        moved = {}
        for address in sorted(set(known) - set(shown) - self.gone):
            answered = get(address)
            if answered.status == 301:
                moved[answered.headers["location"]] = address
                continue
            self.gone.add(address)
            kind = Kind.UNLISTED if answered.status == 200 else Kind.WITHDRAWN
            yield Change(newsroom, kind, address, known[address], NOW)
        for address, title in shown.items():
            if address in moved:
                known.pop(moved[address])
                yield Change(newsroom, Kind.MOVED, address, title, NOW, {"from": moved[address]})
            elif address not in known:
                yield Change(newsroom, Kind.NEW, address, title, NOW)
            elif address in self.gone:
                self.gone.remove(address)
                yield Change(newsroom, Kind.RESTORED, address, title, NOW)
            elif known[address] != title:
                fields = {"title": {"before": known[address], "after": title}}
                yield Change(newsroom, Kind.EDITED, address, title, NOW, {"fields": fields})
            known[address] = title

    def write_digests(self, config: Config, name: str | None = None) -> list[Path]:
        folder = config.data_dir / "digests" / str(name)
        folder.mkdir(parents=True)
        (folder / "one.html").write_text("<p>a digest</p>")
        carried = [{"id": change.id} for change in self.changes]
        (folder / "one.json").write_text(json.dumps({"changes": carried}))
        return [folder / "one.md", folder / "one.html"]


class TestStory:
    def test_the_whole_story_is_told_and_every_step_is_noticed(self, tmp_path: Path) -> None:
        told: list[str] = []
        html = run(tmp_path / "demo", told.append, product=Watcher())
        assert html == tmp_path / "demo" / "data" / "digests" / "demo" / "one.html"
        assert told[-1] == f"The digest: {html}"
        assert not [line for line in told if "WRONG" in line]
        for kind in ("new", "edited", "withdrawn", "moved", "unlisted", "restored", "baseline"):
            assert [line for line in told if line.startswith(f"    presswatch: {kind}")], kind
        assert sum("presswatch: no change" in line for line in told) == 4
        assert "    presswatch: lantern-canada not believed (suspect: status 500)" in told

    def test_the_configuration_is_one_that_presswatch_accepts(self, tmp_path: Path) -> None:
        run(tmp_path, lambda _: None, product=Watcher())
        config = load(tmp_path / "presswatch.toml")
        assert [newsroom.id for newsroom in config.newsrooms] == ["lantern-canada", "lantern-usa"]
        assert [newsroom.recipe for newsroom in config.newsrooms] == [AMNESTY_CA, AMNESTY_USA]
        assert (config.allow_private_addresses, config.confirm_after_s, config.delay_s) == (True, 0, 0)
        assert [digest.name for digest in config.digests] == ["demo"]

    @pytest.mark.parametrize("kind", [Kind.WITHDRAWN, Kind.EDITED, Kind.MOVED, Kind.NEW, Kind.UNLISTED, Kind.RESTORED])
    def test_a_missed_change_is_named_and_the_demo_fails(self, tmp_path: Path, kind: Kind) -> None:
        told: list[str] = []
        with pytest.raises(StoryError, match="differ from what was done"):
            run(tmp_path, told.append, product=Watcher(misses=kind))
        assert [line for line in told if line.startswith(f"    WRONG, missed: {kind} http://127.0.0.1:")]

    def test_an_outage_that_is_believed_fails_the_demo(self, tmp_path: Path) -> None:
        told: list[str] = []
        with pytest.raises(StoryError, match="6 of the things noticed"):
            run(tmp_path, told.append, product=Watcher(believes=True))
        assert "    WRONG, a visit to lantern-usa was believed" in told

    def test_a_right_visit_that_is_doubted_and_a_change_nobody_made_fail_the_demo(self, tmp_path: Path) -> None:
        class Alarmist(Watcher):
            def check(self, config: Config) -> WatcherReport:
                report = super().check(config)
                false = Change("lantern-usa", Kind.WITHDRAWN, "http://x.example/a", "A", NOW, {"n": self.checks})
                doubted = [replace(visit, outcome=Outcome.FAILED) for visit in report.visits]
                return WatcherReport(doubted, [*report.changes, false])

        told: list[str] = []
        with pytest.raises(StoryError):
            run(tmp_path, told.append, product=Alarmist())
        assert "    WRONG, not done: withdrawn http://x.example/a" in told
        assert "    WRONG, a visit to lantern-canada was not believed" in told
        assert [line for line in told if "WRONG, the digest carries" in line]

    def test_a_change_that_takes_a_second_check_is_waited_for(self, tmp_path: Path) -> None:
        watcher = Watcher(slow=True)
        run(tmp_path, lambda _: None, product=watcher)
        assert watcher.checks == 8 * 2 + 1 * 2 + 4

    def test_a_digest_without_html_fails_the_demo(self, tmp_path: Path) -> None:
        class Mute(Watcher):
            def write_digests(self, config: Config, name: str | None = None) -> list[Path]:
                return super().write_digests(config, name)[:1]

        with pytest.raises(StoryError, match="no HTML digest"):
            run(tmp_path, lambda _: None, product=Mute())

    def test_the_browser_is_opened_only_when_asked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[str] = []
        monkeypatch.setattr("webbrowser.open", opened.append)
        run(tmp_path, lambda _: None, product=Watcher())
        assert opened == []
        html = run(tmp_path, lambda _: None, product=Watcher(), open_browser=True)
        assert opened == [html.as_uri()]

    def test_an_earlier_demo_is_replaced_and_what_others_put_there_stays(self, tmp_path: Path) -> None:
        prepare(tmp_path)
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "presswatch.db").write_text("old")
        (tmp_path / "notes.txt").write_text("mine")
        prepare(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == [MARKER, "notes.txt"]

    def test_a_folder_that_no_demo_made_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "presswatch.toml").write_text("mine")
        with pytest.raises(StoryError, match="no demo made"):
            prepare(tmp_path)
        assert (tmp_path / "presswatch.toml").read_text() == "mine"
        with pytest.raises(StoryError, match="not a folder"):
            prepare(tmp_path / "presswatch.toml")
        (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
        with pytest.raises(StoryError, match="not a folder"):
            prepare(tmp_path / "link")

    def test_a_linked_data_folder_is_unlinked_and_not_emptied(self, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "keep").write_text("kept")
        prepare(tmp_path / "demo")
        (tmp_path / "demo" / "data").symlink_to(elsewhere, target_is_directory=True)
        prepare(tmp_path / "demo")
        assert (elsewhere / "keep").exists()
        assert not (tmp_path / "demo" / "data").exists()


class TestRecipes:
    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_the_recipe_of_each_layout_reads_every_entry_of_every_page(self, layout: Layout, seed: int) -> None:
        newsroom = LocalNewsroom(layout, seed=seed)
        recipe = AMNESTY_CA if layout.style is Style.DRUPAL else AMNESTY_USA
        url: str | None = BASE + newsroom.listing_path
        for number in range(newsroom.pages()):
            parts = urlsplit(str(url))
            reply = ask(newsroom, parts.path, query=dict(parse_qsl(parts.query)))
            listing = read_listing(recipe, reply.body, str(url))
            truth = newsroom.listing_entries(number, BASE)
            assert listing.entries == truth
            url = listing.next
        assert url is None
