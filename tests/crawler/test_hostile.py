"""Pages made to hold their reader up: none may, and none may raise."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from crawler.inference import NoListing, infer
from crawler.listing import read_listing
from crawler.markup import is_tangled
from crawler.verdict import find
from crawler.web import Answer
from storage.records import Recipe, Verdict

SIZE = 400_000
LONGEST_S = 15  # not a speed: what is quadratic takes minutes, and whoever measures coverage is slow
URL = "http://news.example/list"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
TITLE = "Ministry counts lamps on the northern quays"
HEAD = "<!doctype html><html lang=en><head><title>News</title></head><body><h1>News</h1><ul>"
GOOD = "".join(
    f'<li><h2><a href="/news/{i}">Ministry publishes report number {i} on fishing</a></h2>'
    f'<time datetime="2026-11-{19 - i:02d}">November {19 - i}, 2026</time><p>Some teaser about it.</p></li>'
    for i in range(10)
)


def fill(text: str) -> str:
    return text * (SIZE // len(text))


PAGES: dict[str, str] = {
    "attributes": "<div " + " ".join(f"a{i:06d}" for i in range(SIZE // 8)) + ">",
    "attributes behind quoted brackets": "<div " + " ".join(f'a{i:06d}="><b"' for i in range(SIZE // 14)) + ">",
    "stray closing tags": "<b>" + "<q>" * 150 + fill("</b>"),
    "unclosed formatting": "".join(f"<b a{i}>" for i in range(5000)) + fill("<p>x"),
    "deep": fill("<div>"),
    "deep entry": fill("<li>" + "<div>" * 900 + "<i>x</i>" * 15_000 + "</div>" * 900 + "</li>"),
    "nested headings": "<h1>" + "<div><h1>" * 400 + fill("<a href=/x>y</a>"),
    "nested lists": fill("<ul><li>" * 400 + "</ul>" * 400),
    "nested spans": fill("<li>" + "<span>" * 900 + "1 May 2026" + "</span>" * 900),
    "misnested links": fill("<a><p>"),
    "a table of links": "<table>" + fill("<tr><td>1 May 2026<td><a href=/x/1>A title here of</a>"),
    "links": fill("<a href=/x/1>Some title of a thing here</a>"),
    "links with the title": fill(f"<a href=/x/1>{TITLE}</a> "),
    "many entries": fill("<li><h2><a href=/x/1>Some title of a thing</a></h2><p>3 May 2026</p></li>"),
    "an entry of many lines": "<li><h2><a href=/x/1>A title of this</a></h2>" + fill("<p>Some text of a line</p>"),
    "an entry of many headings": "<li>" + fill("<h2><a href=/x/1>1 May 2020</a></h2><p>ab</p>"),
    "fat entries": fill("<li>" + '<a class="date title" href=/x/1>A</a><h3 class="tag caption">1 May</h3><img>' * 60),
    "entries of many pieces": fill("<li>" + "<i>x</i><b class=tag>y</b> " * 1500),
    "headings": "".join(f"<h2>Word other {i}</h2>" for i in range(40_000)),
    "a title of many parts": "<title>" + "a - " * (SIZE // 4),
    "line breaks": fill("<li>" + "a<br>" * 500),
    "numbers in a pager": "<div class=pager>" + "".join(f'<a href=/p/{i} title="next">{i}</a>' for i in range(25_000)),
    "brackets": "<" * SIZE,
}  # fmt: skip


def reading(html: bytes) -> None:
    read_listing(Recipe("li"), html, URL, now=NOW)


def inferring(html: bytes) -> None:
    with suppress(NoListing):
        infer(html, URL, now=NOW)


def finding(html: bytes) -> None:
    found = find(Answer(URL, 200, {"content-type": "text/html"}, html), URL, TITLE)
    assert found.verdict in Verdict


@pytest.mark.parametrize("task", [reading, inferring, finding])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_holds_its_reader_up(name: str, task: Callable[[bytes], None]) -> None:
    html = (HEAD + GOOD + PAGES[name]).encode()
    began = time.process_time()
    task(html)
    assert time.process_time() - began < LONGEST_S


@pytest.mark.parametrize(
    "name", ["attributes", "attributes behind quoted brackets", "stray closing tags", "deep entry"]
)
def test_what_is_refused_is_empty_and_says_why(name: str) -> None:
    html = HEAD + GOOD + PAGES[name]
    assert read_listing(Recipe("li"), html, URL).entries == ()
    with pytest.raises(NoListing, match="tangled"):
        infer(html, URL)
    found = find(Answer(URL, 200, {"content-type": "text/html"}, html.encode()), URL, TITLE)
    assert (found.verdict, "tangled" in found.reason) == (Verdict.NO_ANSWER, True)


def test_a_list_of_thousands_is_read_from_its_top() -> None:
    html = HEAD + "".join(f"<li><a href=/x/{i}>Release number {i} of many</a></li>" for i in range(3000))
    entries = read_listing(Recipe("li"), html, URL).entries
    assert len(entries) == 2000
    assert entries[-1].url == "http://news.example/x/1999"


def test_real_markup_of_old_days_is_not_refused() -> None:
    row = '<TR><TD><font face="arial" size=-1><A HREF=/o/{0}.pdf>{0}</a><TD><font face="arial" size=-1>2015-08-10'
    assert not is_tangled("<table>" + "".join(row.format(i) for i in range(300)))
    script = "for(var d=0;d<e;++d){" + ";".join(f"a{i} = {i}" for i in range(3000)) + "}"
    assert not is_tangled(f"<script>{script}</script><p>x</p>")


def test_a_list_of_thousands_of_large_entries_is_read_from_its_top() -> None:
    cells = "".join(f"<td><a href=/x/{{0}}/{i}>Case {{0}}-{i} of it</a></td>" for i in range(30))
    rows = "".join(f"<tr>{cells.format(i)}</tr>" for i in range(1500))
    entries = read_listing(Recipe("tr"), f"<table>{rows}</table>", URL).entries
    assert 500 < len(entries) < 1000
    assert [entry.title.partition("-")[0] for entry in entries] == [f"Case {i}" for i in range(len(entries))]
