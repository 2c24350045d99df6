"""Ids of newsrooms that are added, and lists of addresses."""

from __future__ import annotations

import pytest

from scheduler.addresslist import ListError, completed, listed_in
from scheduler.configschema import SAFE_NAME
from scheduler.naming import newsroom_id, slug


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://www.ministry.example/category/country/north-island", "ministry-north-island"),
        ("https://www.ministry.example/news/", "ministry-news"),
        ("https://ministry.example", "ministry"),
        ("https://press.ministry.example/en/releases.html", "press-ministry-releases"),
        ("https://www.council.gov.example/DE/presse/meldungen.aspx?nn=1", "council-meldungen"),
        ("https://ministry.example/taxonomy/term/7200/all", "ministry-term"),
        ("https://ministry.example/news/feed/", "ministry-news"),
        ("https://ministry.example/communiqu%C3%A9s", "ministry-communiques"),
        ("https://ministry.example/новости", "ministry"),
        ("http://127.0.0.1:8000/news", "127-0-0-1-news"),
        ("http://localhost/news", "localhost-news"),
        ("https://новости.example/", "example"),
        ("https://новости.рф/", "newsroom"),
    ],
)
def test_an_id_is_the_site_and_the_last_telling_step(url: str, named: str) -> None:
    assert newsroom_id(url, set()) == named
    assert SAFE_NAME.fullmatch(named)


def test_a_taken_id_is_told_apart_by_host_then_title_then_number() -> None:
    taken: list[str] = []
    for expected in ("a-news", "a-example-news", "a-what-the-council-says", "a-news-what-the-council-says", "a-news-2"):
        taken.append(newsroom_id("https://a.example/news", taken, title="What the council says today"))
        assert taken[-1] == expected
    assert newsroom_id("https://a.example/news", taken, title="What the council says today") == "a-news-3"


def test_a_long_name_is_cut_between_words() -> None:
    assert slug("The " * 30) == "the-the-the-the-the-the-the-the-the-the"
    assert len(slug("x" * 200)) == 40
    assert SAFE_NAME.fullmatch(
        newsroom_id(f"https://{'long-' * 12}name.example/{'word-' * 40}", set(), title="t " * 99)
    )


OPML = b"""<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY x "y">]>
<opml version="2.0"><body><outline text="News">
<outline text="A" type="rss" xmlUrl="https://a.test/feed" htmlUrl="https://a.test/"/>
<outline text="B" htmlUrl="https://b.test/news"/><outline text="C" xmlurl="feed://c.test/rss"/>
<outline xmlUrl="feed:https://d.test/rss"/><outline xmlUrl="https://a.test/feed"/></outline></body></opml>"""


def test_a_list_has_one_address_a_line() -> None:
    body = b"\xef\xbb\xbf# mine\nhttps://a.test/news\n\n  b.test/x#y  # the second\r\nhttps://a.test/news\n"
    assert [one.address for one in listed_in(body)] == ["https://a.test/news", "b.test/x#y"]


def test_a_list_tells_where_each_address_stands() -> None:
    assert [one.place for one in listed_in(b"\n# mine\nhttps://a.test/\n\nnonsense\n")] == ["line 3", "line 5"]
    assert [one.place for one in listed_in(OPML)] == ["outline 2", "outline 3", "outline 4", "outline 5"]


def test_an_opml_list_gives_its_feeds() -> None:
    assert [one.address for one in listed_in(OPML)] == [
        "https://a.test/feed", "https://b.test/news", "http://c.test/rss", "https://d.test/rss"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no address in it"),
        (b"# nothing\n", "no address in it"),
        (b"<opml><body/></opml>", "no address in it"),
        (b"<opml><body>", "the OPML is broken"),
        (b"<html><body>https://a.test/</body></html>", "no OPML"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(ListError, match=reason):
        listed_in(body)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("example.org/news", "https://example.org/news"),
        (" www.example.org ", "https://www.example.org"),
        ("example.org:8080/a?b", "https://example.org:8080/a?b"),
        ("http://example.org", "http://example.org"),
        ("ministry", "ministry"),
        ("mailto:a@b.test", "mailto:a@b.test"),
    ],
)
def test_an_address_may_leave_its_scheme_out(written: str, meant: str) -> None:
    assert completed(written) == meant
