"""Finding a newsroom's feeds, and telling whether one is its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from crawler.discover import Offer, Way, feeds_of, overlap, usual_places
from storage.records import Entry, Listing

URL = "https://harbour.test/news/"
TODAY = date(2026, 11, 20)


def page(body: str = "", head: str = "") -> str:
    return f"<html><head>{head}</head><body>{body}</body></html>"


def offered(html: str, url: str = URL) -> list[str]:
    return [offer.url for offer in feeds_of(html, url)]


def declared(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


# --- what a page offers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    ["application/rss+xml", "application/atom+xml", "application/feed+json", "Application/RSS+XML; charset=utf-8"],
)
def test_a_declared_feed_is_offered(kind: str) -> None:
    found = feeds_of(page(head=declared("feed/", kind, "Harbour news")), URL)
    assert found == (Offer("https://harbour.test/news/feed/", "Harbour news", Way.DECLARED),)


@pytest.mark.parametrize(
    "head",
    [
        declared("/comments/feed/", title="Harbour » Comments Feed"),
        declared("/news/crane/feed/", title="Harbour » Crane Kommentare"),
        declared("/wp-json/oembed/1.0/embed?url=x", "application/json+oembed"),
        declared("/wp-json/wp/v2/categories/3", "application/json"),
        '<link rel="alternate" hreflang="de" href="/de/news/">',
        '<link rel="stylesheet" type="application/rss+xml" href="/feed">',
        declared("mailto:desk@harbour.test"),
        declared(URL),
    ],
)
def test_what_is_not_a_feed_of_releases_is_not_offered(head: str) -> None:
    assert offered(page(head=head)) == []


def test_the_nearest_declared_feed_comes_first() -> None:
    head = declared("/feed/", title="Harbour") + declared("/news/feed/", title="Harbour » News")
    assert offered(page(head=head)) == ["https://harbour.test/news/feed/", "https://harbour.test/feed/"]


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/taxonomy/term/12/all/feed" title="Subscribe to Harbour"><img src="feed.png" alt="XML feed"></a>',
        '<a class="icon" href="/rss.xml"></a>',
        '<a href="/news?format=feed">RSS</a>',
        '<a href="https://feeds.syndicate.test/harbour">Subscribe</a>',
        '<a type="application/rss+xml" href="/x/17">All of our news in the order in which it happens</a>',
    ],
)
def test_a_feed_icon_or_link_is_offered(link: str) -> None:
    (found,) = feeds_of(page(link), URL)
    assert found.way is Way.LINKED


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/news/feed-the-gulls-no-more">Feed the gulls no more, says the harbour master to visitors</a>',
        '<a href="/news/feed/the-gulls">Why visitors must not give bread to the gulls on the quay</a>',
        '<a href="/about">RSS</a>',
        '<a href="https://elsewhere.test/rss.xml">RSS</a>',
    ],
)
def test_a_release_about_feeds_is_not_offered(link: str) -> None:
    assert offered(page(link)) == []


def test_a_feed_is_offered_once_and_as_declared() -> None:
    found = feeds_of(page('<a href="/feed">RSS</a>', declared("/feed/")), URL)
    assert [offer.way for offer in found] == [Way.DECLARED]


def test_markup_that_no_browser_shows_offers_nothing() -> None:
    assert feeds_of("<div>" * 200_000, URL) == ()


@pytest.mark.parametrize(
    ("url", "first"),
    [
        (URL, "https://harbour.test/news/feed/"),
        ("https://harbour.test/news", "https://harbour.test/news/feed/"),
        ("https://harbour.test/en/news.html", "https://harbour.test/en/feed/"),
        ("https://harbour.test/news/?page=2", "https://harbour.test/news/feed/"),
        ("https://harbour.test", "https://harbour.test/feed/"),
    ],
)
def test_the_usual_places_begin_below_the_page(url: str, first: str) -> None:
    places = [offer.url for offer in usual_places(url)]
    assert places[0] == first
    assert "https://harbour.test/rss.xml" in places
    assert len(set(places)) == len(places)


# --- whose it is -----------------------------------------------------------------------------------------------------


def entry(number: int, **values: object) -> Entry:
    """The higher its number, the older; one a day."""
    plain = Entry(
        f"The harbour reports matter {number}", f"{URL}matter-{number}", TODAY - timedelta(days=number), position=number
    )
    return replace(plain, **values)  # type: ignore[arg-type] # whatever a test is about


def listing(entries: Iterable[Entry]) -> Listing:
    return Listing(URL, tuple(entries))


def entries(*numbers: int, **values: object) -> Listing:
    return listing(entry(number, **values) for number in numbers)


def test_a_feed_of_the_same_list_is_proven_however_long_either_is() -> None:
    for feed, shown in ((10, 10), (10, 30), (30, 10), (3, 20)):
        found = overlap(entries(*range(feed)), entries(*range(shown)))
        assert (found.shared, found.of_page, found.of_feed) == (min(feed, shown), 1.0, 1.0)
        assert found.proven


def test_a_feed_that_lags_or_lacks_what_is_pinned_is_proven() -> None:
    pinned = entry(300, title="Opening hours of the harbour office")
    page_of = listing([pinned, *(entry(n) for n in range(12))])
    assert overlap(entries(*range(1, 11)), page_of).proven


def test_the_site_s_whole_feed_is_not() -> None:
    whole = listing(
        entry(n // 4, title=f"Site news {n}", url=f"https://harbour.test/blog/{n}") if n % 4 else entry(n // 4)
        for n in range(20)
    )
    found = overlap(whole, entries(*range(20)))
    assert found.of_page == 1.0
    assert found.of_feed < 0.5
    assert not found.proven


def test_the_feed_of_one_section_of_the_list_is_not() -> None:
    found = overlap(entries(*range(0, 30, 3)), entries(*range(20)))
    assert found.of_feed == 1.0
    assert found.of_page < 0.5
    assert not found.proven


def test_the_feed_of_comments_is_not() -> None:
    said = listing(
        entry(n, title=f"Comment on The harbour reports matter {n} by a gull", url=f"{URL}matter-{n}#comment-7")
        for n in range(10)
    )
    assert overlap(said, entries(*range(10))).shared == 0
    by_name = listing(entry(n, title="By: a gull", url=f"{URL}matter-{n}") for n in range(10))
    assert overlap(by_name, entries(*range(10))).shared == 0


def test_the_site_s_latest_alone_proves_nothing() -> None:
    assert not overlap(entries(0, 1), entries(0, 1)).proven


def test_nothing_shared_or_nothing_there_is_no_proof() -> None:
    assert not overlap(entries(*range(10)), listing([])).proven
    assert not overlap(listing([]), entries(*range(10))).proven


def test_addresses_are_compared_as_canonical() -> None:
    tracked = listing(entry(n, url=f"http://www.harbour.test/news/matter-{n}/?utm_source=rss") for n in range(10))
    assert overlap(tracked, entries(*range(10))).proven


def test_titles_stand_in_for_addresses_where_they_are_unique_and_of_one_day() -> None:
    proxied = listing(entry(n, url=f"https://proxy.test/r/{n}") for n in range(10))
    assert overlap(proxied, entries(*range(10))).proven
    alike = listing(entry(n, url=f"https://proxy.test/r/{n}", title="Daily briefing") for n in range(10))
    assert overlap(alike, entries(*range(10), title="Daily briefing")).shared == 0
    other_days = listing(entry(n, url=f"https://p.test/{n}", date=TODAY - timedelta(days=n + 40)) for n in range(10))
    assert overlap(other_days, entries(*range(10))).shared == 0


def test_lists_without_dates_are_compared_from_the_top() -> None:
    assert overlap(entries(*range(10), date=None), entries(*range(30), date=None)).proven
    assert overlap(entries(*range(10)), entries(*range(30), date=None)).proven
    assert not overlap(entries(*range(5, 15), date=None), entries(*range(10), date=None)).proven


def test_lists_of_one_day_are_compared_all_the_same() -> None:
    assert overlap(entries(*range(8), date=TODAY), entries(*range(10), date=TODAY)).proven
