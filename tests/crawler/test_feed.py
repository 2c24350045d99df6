"""Reading feeds: RSS, Atom, JSON Feed, news sitemaps, and what only claims to be one."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import NoListing, infer, read_listing
from crawler.feed import FeedError, is_feed, open_feed, read_feed
from crawler.listing import RecipeError
from storage.records import Entry, Recipe

URL = "https://harbour.test/news/feed"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CET = timezone(timedelta(hours=1))
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def rss(*entries: str, head: str = "") -> str:
    body = "".join(f"<item>{entry}</item>" for entry in entries)
    return (
        f'<?xml version="1.0"?><rss version="2.0" {SPACES}><channel><title>Harbour</title>{head}{body}</channel></rss>'
    )


def atom(*entries: str, head: str = "") -> str:
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour</title>{head}{body}</feed>'


def read(body: bytes | str, **manner: object) -> tuple[Entry, ...]:
    return read_feed(body, URL, now=NOW, **manner).entries  # type: ignore[arg-type] # whatever a test is about


def only(body: bytes | str, **manner: object) -> Entry:
    (entry,) = read(body, **manner)
    return entry


# --- the formats -----------------------------------------------------------------------------------------------------


def test_rss_2() -> None:
    feed = rss(
        "<title>Crane &amp; quay reopen</title><link>/news/crane</link>"
        "<pubDate>Fri, 20 Nov 2026 08:30:00 +0100</pubDate><category>Press release</category>"
        "<description>&lt;p&gt;The &lt;b&gt;crane&lt;/b&gt; works again.&lt;/p&gt;&lt;p&gt;So does the quay.&lt;/p&gt;"
        "</description>",
        "<title>Older</title><guid>https://harbour.test/news/older</guid>",
    )
    first, second = read(feed)
    assert first == Entry(
        "Crane & quay reopen",
        "https://harbour.test/news/crane",
        datetime(2026, 11, 20, 8, 30, tzinfo=CET),
        kind="Press release",
        summary="The crane works again. So does the quay.",
    )
    assert (second.url, second.date, second.position) == ("https://harbour.test/news/older", None, 1)


@pytest.mark.parametrize("version", ["0.91", "0.92", "1.0"])
def test_older_rss(version: str) -> None:
    entry = "<title>Tide tables are out</title><link>https://harbour.test/tides</link>"
    if version == "1.0":
        feed = (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
            f'{SPACES}><channel rdf:about="x"><title>H</title></channel><item rdf:about="y">{entry}'
            "<dc:date>2026-11-20T08:30:00+01:00</dc:date></item></rdf:RDF>"
        )
    else:
        feed = f'<rss version="{version}"><channel><title>H</title><item>{entry}</item></channel></rss>'
    found = only(feed)
    assert (found.title, found.url) == ("Tide tables are out", "https://harbour.test/tides")
    assert found.date == (datetime(2026, 11, 20, 8, 30, tzinfo=CET) if version == "1.0" else None)


def test_atom() -> None:
    feed = atom(
        '<title type="html">Dredging &amp;amp; dumping</title><link rel="enclosure" href="sound.mp3"/>'
        '<link rel="alternate" type="text/html" href="dredging"/><updated>2026-11-20T10:00:00Z</updated>'
        '<published>2026-11-19T10:00:00Z</published><summary type="html">&lt;p&gt;Sand.&lt;/p&gt;</summary>',
        '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Silt <em>too</em></div></title>'
        '<link href="silt"/><updated>2026-11-18T00:00:00Z</updated>'
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p><p>Two.</p></div></content>',
        head='<link rel="next" href="?page=2"/>',
    )
    listing = read_feed(feed, URL, now=NOW)
    first, second = listing.entries
    assert (first.title, first.url) == ("Dredging & dumping", "https://harbour.test/news/dredging")
    assert (first.date, first.summary) == (datetime(2026, 11, 19, 10, 0, tzinfo=UTC), "Sand.")
    assert (second.title, second.date, second.summary) == ("Silt too", date(2026, 11, 18), "One. Two.")
    assert listing.next == "https://harbour.test/news/feed?page=2"


def test_json_feed() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour",
        "next_url": "/older.json",
        "items": [
            {"url": "/a", "title": "A", "date_published": "2026-11-20T08:30:00+01:00", "tags": ["Notice"]},
            {"external_url": "https://port.test/b", "content_html": "<p>Boats only. No ships.</p>", "tags": 7},
            "not an entry",
            {"title": None, "url": 3},
        ],
    }
    listing = read_feed(json.dumps(feed), URL, now=NOW)
    assert listing.entries == (
        Entry("A", "https://harbour.test/a", datetime(2026, 11, 20, 8, 30, tzinfo=CET), kind="Notice"),
        Entry("Boats only.", "https://port.test/b", summary="Boats only. No ships.", position=1),
    )
    assert listing.next == "https://harbour.test/older.json"


def news(*places: tuple[str, str, str]) -> str:
    body = "".join(
        f"<url><loc>{loc}</loc><n:news><n:publication><n:name>H</n:name></n:publication>"
        f"<n:publication_date>{day}</n:publication_date><n:title>{title}</n:title></n:news></url>"
        for loc, day, title in places
    )
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{body}</urlset>'
    )


def test_a_sitemap_of_news_is_read_newest_first_even_when_it_was_cut_off() -> None:
    whole = news(
        ("https://harbour.test/1", "2026-11-18", "One"),
        ("https://harbour.test/2", "2026-11-20", "Two"),
        ("https://harbour.test/3", "2026-11-19", "Three"),
    )
    assert [entry.title for entry in read(whole)] == ["Two", "Three", "One"]
    assert [entry.title for entry in read(whole[:-150])] == ["Two", "One"]


# --- the fields ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("Profit &lt; 5, loss &gt; 6", "Profit < 5, loss > 6"),
        ("Bread &amp;amp; salt &amp;#8211; again", "Bread & salt – again"),
        ("The &lt;i&gt;Aurora&lt;/i&gt; sails", "The Aurora sails"),
        ("<![CDATA[In <b>bold</b> &amp; plain]]>", "In bold & plain"),
        ("If x&lt;y and y&lt;z", "If x<y and y<z"),
        ("  Two\n  lines  ", "Two lines"),
        ("Bad\x08 \x1b[31mcolours", "Bad [31mcolours"),
    ],
)
def test_a_title_is_text(title: str, read_as: str) -> None:
    assert only(rss(f"<title>{title}</title>")).title == read_as


def test_a_title_that_is_declared_text_keeps_its_signs() -> None:
    assert only(atom('<title type="text">Use &lt;b&gt; for bold</title>')).title == "Use <b> for bold"


@pytest.mark.parametrize(
    ("stamp", "read_as"),
    [
        ("Fri, 20 Nov 2026 08:30:00 GMT", datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 00:00:00 +0100", date(2026, 11, 20)),
        ("2026-11-20", date(2026, 11, 20)),
        ("20 Nov 2026", date(2026, 11, 20)),
        ("2026-11-20T08:30:00", date(2026, 11, 20)),
        ("1970-01-01T00:00:00Z", None),
        ("Thu, 01 Jan 1970 01:00:00 +0100", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_date_is_an_instant_a_day_or_nothing(stamp: str, read_as: date | datetime | None) -> None:
    found = only(rss(f"<title>T</title><pubDate>{stamp}</pubDate>")).date
    assert found == read_as
    assert type(found) is type(read_as)


def test_a_stamp_without_offset_is_in_the_newsroom_s_zone() -> None:
    feed = rss("<title>T</title><pubDate>2026-11-20T08:30:00</pubDate>")
    assert only(feed, timezone="Europe/Berlin").date == datetime(2026, 11, 20, 8, 30, tzinfo=CET)


@pytest.mark.parametrize(
    ("links", "leads"),
    [
        ("<link>https://p.test/x</link><feedburner:origLink>/own</feedburner:origLink>", "https://harbour.test/own"),
        ('<guid isPermaLink="false">https://harbour.test/id</guid>', None),
        ("<link>https://harbour.test/</link>", None),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>mailto:desk@harbour.test</link>", None),
        ('<enclosure url="/paper.pdf" type="application/pdf"/>', "https://harbour.test/paper.pdf"),
        ('<enclosure url="/sound.mp3" type="audio/mpeg"/>', None),
    ],
)
def test_a_link_leads_to_the_release_or_nowhere(links: str, leads: str | None) -> None:
    assert only(rss(f"<title>T</title>{links}")).url == leads


@pytest.mark.parametrize(
    ("categories", "kind"),
    [
        (["Statement"], "Statement"),
        (["Statement", "statement"], "statement"),
        (["Harbour", "Fish"], None),
        (["Uncategorized"], None),
        (["Uncategorized", "Statement"], "Statement"),
        (["a much longer name than any kind of release would have"], None),
        ([], None),
    ],
)
def test_the_kind_is_the_one_category(categories: list[str], kind: str | None) -> None:
    tags = "".join(f"<category>{name}</category>" for name in categories)
    assert only(rss(f"<title>T</title>{tags}")).kind == kind


@pytest.mark.parametrize(
    ("summary", "read_as"),
    [
        ("Plain and short [...]", "Plain and short…"),
        ("&lt;p&gt;Long [&amp;hellip;]&lt;/p&gt;", "Long…"),
        ("&lt;p&gt;Long.&lt;/p&gt;&lt;a href='/x'&gt;Read more&lt;/a&gt;", "Long."),
        (
            "&lt;p&gt;Long.&lt;/p&gt;&lt;p&gt;The post &lt;a href='/n'&gt;Locks close&lt;/a&gt; is ours.&lt;/p&gt;",
            "Long.",
        ),
        ("&lt;p&gt;The post &lt;a href='/n'&gt;Locks close&lt;/a&gt; is ours.&lt;/p&gt;", None),
        ("&lt;p&gt;When &lt;a href='/m'&gt;Locks close&lt;/a&gt; we wait.&lt;/p&gt;", "When Locks close we wait."),
        ("&lt;script&gt;alert(1)&lt;/script&gt;&lt;p&gt;Safe.&lt;/p&gt;", "Safe."),
        ("Locks close", None),
        ("Locks close on Monday.", "Locks close on Monday."),
        ("", None),
    ],
)
def test_a_summary_is_what_is_told_beside_the_title(summary: str, read_as: str | None) -> None:
    assert (
        only(rss(f"<title>Locks close</title><link>/n</link><description>{summary}</description>")).summary == read_as
    )


def test_content_stands_in_for_a_summary() -> None:
    feed = rss("<title>T</title><content:encoded><![CDATA[<p>All of it.</p>]]></content:encoded>")
    assert only(feed).summary == "All of it."


def test_what_has_neither_title_nor_summary_is_no_entry() -> None:
    found = read(rss("<link>/a</link>", "<title> </title>", "<title>T</title>"))
    assert [(entry.title, entry.position) for entry in found] == [("T", 0)]


def test_long_values_are_cut() -> None:
    entry = only(rss(f"<title>{'word ' * 2000}</title><description>{'word ' * 9000}</description>"))
    assert len(entry.title) <= 1000
    assert len(entry.summary or "") <= 5000


# --- what may lie ----------------------------------------------------------------------------------------------------


def test_entities_are_not_expanded_and_files_are_not_read() -> None:
    bomb = (
        '<!DOCTYPE rss [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
        "<rss><channel><item><title>X &b; &f; Y</title></item></channel></rss>"
    )
    assert only(bomb).title == "X &b; &f; Y"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (rss("<title>Fähre</title>").replace('"1.0"', '"1.0" encoding="iso-8859-1"', 1).encode("utf-8"), None),
        (rss("<title>Fähre</title>").replace('"1.0"', '"1.0" encoding="iso-8859-1"', 1).encode("latin-1"), None),
        (rss("<title>Fähre</title>").encode("utf-16"), None),
        (rss("<title>Fähre</title>").encode("utf-8"), "iso-8859-1"),
        (b"\xef\xbb\xbf" + rss("<title>Fähre</title>").encode("utf-8"), "us-ascii"),
    ],
)  # fmt: skip
def test_an_encoding_that_lies_is_seen_through(body: bytes, encoding: str | None) -> None:
    assert only(body, encoding=encoding).title == "Fähre"


@pytest.mark.parametrize(
    "body",
    [
        rss("<title>One & two &nbsp; <br> three</title>"),
        rss("<title>One &amp; two three</title>")[:-20],
        "<br /><b>Warning</b>: line 3\n" + rss("<title>One &amp; two three</title>"),
        "\n\n<!-- made by hand -->\n" + rss("<title>One &amp; two three</title>"),
    ],
    ids=["not well-formed", "cut off", "behind a warning", "behind blanks"],
)
def test_a_broken_feed_gives_what_is_readable(body: str) -> None:
    assert is_feed(body)
    assert only(body).title == "One & two three"


def test_elements_with_names_of_the_parser_s_own_do_no_harm() -> None:
    own = "".join(f"<{name}>x</{name}>" for name in ("links", "tags", "title_detail", "content", "entries", "feed"))
    found = read(rss(f"<title>One</title><link>/one</link>{own}", head=own))
    assert [(entry.title, entry.url) for entry in found] == [("One", "https://harbour.test/one")]


def test_the_entry_that_was_cut_off_is_left_out() -> None:
    feed = rss("<title>Whole</title>", "<title>Cut</title><description>It ends in the</description>")
    assert [entry.title for entry in read(feed[: feed.index("in the")])] == ["Whole"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("<!doctype html><html><body><p>Just a moment</p></body></html>", "it is an HTML page, not a feed"),
        ("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "it is an HTML page, not a feed"),
        ('{"posts": []}', "it is JSON, but no JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "it is a JSON Feed that cannot be parsed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": 1}', 'it is a JSON Feed without "items"'),
        ("<opml><body/></opml>", "it is a list of feeds"),
        ("<sitemapindex/>", "it is an index of sitemaps, not a feed"),
        ("<urlset><url><loc>https://harbour.test/</loc></url></urlset>", "it is a sitemap without titles"),
        ("<urlset><url></loc></urlset>", "it is a sitemap that cannot be parsed"),
        ("<soap:Envelope/>", "it is XML (<envelope>), but no feed"),
        ("<!-- never closed", "it is no feed"),
        ("<!DOCTYPE x [ <!ENTITY", "it is no feed"),
        (b"%PDF-1.7", "it is no feed"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: bytes | str, reason: str) -> None:
    with pytest.raises(FeedError) as error:
        read_feed(body, URL)
    assert error.value.reason.startswith(reason)
    with pytest.raises(NoListing):
        infer(body, URL)


PIECES = (
    "<rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<rdf:RDF>", "<urlset>", "<channel>", "<item>", "</item>",
    "<entry>", "</entry>", "<url>", "<title>", "</title>", "<link>", "<link href='http://[' rel='next'/>", "<links>",
    "<category/>", "<pubDate>20 Nov 2026", "</pubDate>", "<content type='xhtml'>", "<![CDATA[", "]]>", "<!--", "<",
    "&", "&#xd800;", "\x00", "\ud800", "words", "xml:base='http://['>", '{"version":"https://jsonfeed.org/version/1"',
    ',"items":[{"url":1,"tags":[null]}', "]}", "</rss>", "<?xml version='1.0' encoding='utf-16'?>",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_whatever_comes_is_read_or_refused(body: str | bytes) -> None:
    with suppress(FeedError):
        assert all(entry.title for entry in read(body))


HOSTILE = {
    "deep": "<rss><channel><item><title>" + "<div>" * 400_000,
    "deep and whole": rss(f"<description>{'<div>' * 200_000}{'</div>' * 200_000}</description>"),
    "links": "<rss><channel>" + "<link>x</link>" * 200_000,
    "attributes": "<rss><channel>&x;<item " + " ".join(f"a{i}='b'" for i in range(200_000)) + ">",
    "comments": "<rss><channel>&x;" + "<!--" * 500_000,
    "many": "<rss><channel>" + "<item><title>T</title></item>" * 100_000 + "</channel></rss>",
    "tags": "<rss><channel>" + ("<item>" + "<category>x</category>" * 900 + "</item>") * 100 + "</channel></rss>",
    "long": rss(*["<title>T</title><description>" + "word " * 800 + "</description>"] * 1200),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_feed_costs_little(name: str) -> None:
    began = time.process_time()
    read(HOSTILE[name])
    assert time.process_time() - began < 3


def test_of_an_endless_feed_the_topmost_entries_are_read() -> None:
    assert len(read(HOSTILE["many"])) == 2000


# --- through a recipe ------------------------------------------------------------------------------------------------


def test_a_feed_is_read_through_its_recipe() -> None:
    feed = rss("<title>T</title><link>/t</link>").encode()
    recipe = infer(feed, URL)
    assert recipe.is_feed
    assert recipe.reasons == ("It is a feed, with 1 entries.",)
    assert read_listing(recipe, feed, URL, now=NOW) == read_feed(feed, URL, now=NOW)


def test_what_is_no_feed_has_no_entries_for_the_recipe_of_one() -> None:
    assert read_listing(Recipe("feed"), "<html><body>Hello</body></html>", URL).entries == ()


def test_a_feed_has_nothing_to_select() -> None:
    with pytest.raises(RecipeError, match="title selector has nothing to select in a feed"):
        read_listing(Recipe("feed", title="h2"), rss(), URL)


def test_an_empty_feed_is_no_newsroom_yet() -> None:
    with pytest.raises(NoListing, match="without entries"):
        infer(rss(), URL)


def test_a_feed_tells_of_itself() -> None:
    feed = open_feed(rss(head="<link>https://harbour.test/news</link><language>en</language>"), URL)
    assert (feed.title, feed.home, feed.language) == ("Harbour", "https://harbour.test/news", "en")
