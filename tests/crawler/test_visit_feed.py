"""A visit to a newsroom whose address is that of a feed."""

from __future__ import annotations

import pytest

from storage.records import Outcome, Recipe
from tests.crawler.test_visit import RECIPE, SITE, bare, history, title_of, url_of, visited

FEED = Recipe("feed")


def rss(*names: str, day: int = 10) -> str:
    entries = "".join(
        f"<item><title>{title_of(name)}</title><link>{url_of(name)}</link>"
        f"<pubDate>{day - number} May 2026 08:00:00 GMT</pubDate></item>"
        for number, name in enumerate(names)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>{entries}</channel></rss>"


@pytest.mark.parametrize("content_type", ["application/rss+xml", "text/xml; charset=utf-8", "text/html", ""])
async def test_a_feed_is_read_whatever_type_it_is_served_as(content_type: str) -> None:
    seen, _ = await visited(bare(rss("a", "b", "c"), content_type=content_type), recipe=FEED, history=history("b"))
    assert (seen.outcome, seen.reason) == (Outcome.OK, "")
    assert [entry.url for entry in seen.window[0].entries] == [url_of("a"), url_of("b"), url_of("c")]


async def test_a_feed_without_a_recipe_is_recognised() -> None:
    seen, _ = await visited(bare(rss("a", "b"), content_type="application/rss+xml"), recipe=None, history=None)
    assert (seen.outcome, seen.recipe and seen.recipe.is_feed) == (Outcome.OK, True)


async def test_an_unchanged_feed_is_not_read() -> None:
    body = rss("a", "b")
    first, _ = await visited(bare(body), recipe=FEED, history=history("a"))
    again, _ = await visited(
        bare(body), recipe=FEED, history=history("a"), read_alike=True, body_sha256=first.body_sha256
    )
    assert again.outcome is Outcome.NOT_MODIFIED


async def test_a_feed_is_paged_back_where_it_links_to_older_ones() -> None:
    def atom(*names: str, following: str = "") -> str:
        pager = f"<link rel='next' href='{following}'/>" if following else ""
        entries = "".join(
            f"<entry><title>{title_of(name)}</title><link href='{url_of(name)}'/></entry>" for name in names
        )
        return f"<feed xmlns='http://www.w3.org/2005/Atom'>{pager}{entries}</feed>"

    older = f"{SITE}/news?page=2"
    seen, world = await visited(
        {f"{SITE}/news": bare(atom("e", "d", following=older)), older: bare(atom("c", "b", "a"))},
        recipe=FEED,
        history=history("b", newest=None),
    )
    assert (seen.outcome, len(seen.window), seen.met) == (Outcome.OK, 2, True)
    assert older.removeprefix(SITE) in world.urls


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<!doctype html><html><body><h1>Maintenance</h1></body></html>", "it is an HTML page, not a feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [', "it is a JSON Feed that cannot be parsed"),
        (
            "<title>Just a moment...</title><script>_cf_chl_opt</script>",
            "it is an HTML page, not a feed; the page asks for proof",
        ),
    ],
)
async def test_what_stands_in_for_a_feed_is_suspect(body: str, reason: str) -> None:
    seen, _ = await visited(bare(body), recipe=FEED, history=history("a"))
    assert seen.outcome is Outcome.SUSPECT
    assert seen.reason.startswith(reason)


async def test_an_empty_feed_where_entries_are_usual_is_suspect() -> None:
    seen, _ = await visited(bare(rss()), recipe=FEED, history=history("a"))
    assert (seen.outcome, seen.reason) == (Outcome.SUSPECT, "0 entries where 3 are usual")


async def test_a_feed_where_a_page_should_be_fails() -> None:
    seen, _ = await visited(bare(rss("a"), content_type="application/rss+xml"), recipe=RECIPE, history=history("a"))
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, "wrong content type application/rss+xml")
