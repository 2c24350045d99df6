"""A visit to a newsroom whose feed is watched beside its list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.listing import READER_VERSION
from crawler.web import Answer, FetchError
from storage.records import Feed, Outcome, Validators
from tests.crawler.test_visit import (
    LIST,
    NOW,
    SITE,
    Answers,
    Served,
    bare,
    history,
    sheet,
    shown,
    url_of,
    visited,
)
from tests.crawler.test_visit_feed import rss

FEED = Feed(f"{SITE}/feed")
PAGE = sheet(("c", 10), ("b", 9), ("a", 8))


def both(feed: Served, page: Served = PAGE) -> Answers:
    return {LIST: page, FEED.url: feed}


async def test_the_feed_is_read_after_the_list() -> None:
    seen, world = await visited(both(bare(rss("d", "c", "b"), etag='"f1"')), history=history("b"), feed=FEED)
    assert (seen.outcome, seen.reason, shown(seen)) == (Outcome.OK, "", ["c", "b", "a"])
    assert world.urls == ["/news", "/feed"]
    assert [entry.url for entry in seen.feed.entries] == [url_of("d"), url_of("c"), url_of("b")] if seen.feed else False
    told = seen.feed_answer
    assert told is not None
    assert (told.url, told.trouble, told.unchanged, told.validators) == (FEED.url, "", False, Validators('"f1"'))


async def test_no_feed_is_read_where_none_is_watched_or_the_list_is_not_believed() -> None:
    seen, world = await visited(PAGE, history=history("b"))
    assert (seen.feed, seen.feed_answer, world.urls) == (None, None, ["/news"])
    seen, world = await visited(both(bare(rss("c")), bare("", status=503)), history=history("b"), feed=FEED)
    assert (seen.outcome, seen.feed_answer, world.urls) == (Outcome.FAILED, None, ["/news"])


async def test_an_unchanged_list_does_not_keep_from_asking_the_feed() -> None:
    first, _ = await visited(PAGE, history=history("b"))
    seen, world = await visited(
        both(bare(rss("d", "c"))), history=history("c", "b"), feed=FEED,
        read_alike=True, body_sha256=first.body_sha256,
    )  # fmt: skip
    assert (seen.outcome, seen.window, world.urls) == (Outcome.NOT_MODIFIED, (), ["/news", "/feed"])
    assert seen.feed is not None


async def test_it_is_asked_conditionally_of_its_own() -> None:
    feed = replace(FEED, validators=Validators('"f1"', None))
    seen, world = await visited(both(Answer("", 304, {"last-modified": "x"}, b"")), history=history("b"), feed=feed)
    assert world.asked[1].headers == {"If-None-Match": '"f1"'}
    assert seen.feed is None
    assert seen.feed_answer is not None
    assert (seen.feed_answer.unchanged, seen.feed_answer.validators) == (True, Validators('"f1"', "x"))


async def test_the_same_bytes_are_no_news() -> None:
    first, _ = await visited(both(bare(rss("c", "b"))), history=history("b"), feed=FEED)
    assert first.feed_answer is not None
    again = replace(FEED, body_sha256=first.feed_answer.body_sha256, reader_version=READER_VERSION)
    seen, _ = await visited(both(bare(rss("c", "b"))), history=history("b"), feed=again)
    assert (seen.feed, seen.feed_answer and seen.feed_answer.unchanged) == (None, True)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (bare("", status=404), "HTTP 404 Not Found"),
        (Answer("", 304, {}, b""), "HTTP 304 Not Modified"),
        (FetchError("no full answer within 30 s"), "no full answer within 30 s"),
        (bare("<!doctype html><html><body>Sorry</body></html>"), "it is an HTML page, not a feed"),
        (bare(rss()), "it has no entries"),
        (bare(rss("x", "y", "z")), "none of its 3 entries are in the list or in the record"),
        (bare(rss("x")), "none of its 1 entry is in the list or in the record"),
        (
            bare(rss("c", "x", "y", "z").replace(f"{SITE}/news/x", "https://casino.test/x").replace(
                f"{SITE}/news/y", "https://casino.test/y").replace(f"{SITE}/news/z", "https://casino.test/z")),
            "it lists another site, casino.test",
        ),
    ],
)  # fmt: skip
async def test_what_cannot_be_believed_of_it_leaves_the_visit_as_it_is(answer: Served, trouble: str) -> None:
    seen, _ = await visited(both(answer), history=history("b"), feed=FEED)
    assert (seen.outcome, seen.feed, shown(seen)) == (Outcome.OK, None, ["c", "b", "a"])
    assert seen.feed_answer is not None
    assert (seen.feed_answer.trouble, seen.reason) == (trouble, f"feed not read: {trouble}")


async def test_a_feed_of_redirects_is_known_by_its_titles() -> None:
    proxied = rss("d", "c", "b").replace(f"{SITE}/news/", "https://feeds.test/~r/")
    seen, _ = await visited(both(bare(proxied)), history=history("b"), feed=FEED)
    assert seen.feed is not None


async def test_a_server_that_asked_to_wait_is_not_asked_before() -> None:
    seen, _ = await visited(both(bare("", status=429, retry_after="600")), history=history("b"), feed=FEED)
    assert seen.feed_answer is not None
    assert seen.feed_answer.retry_after_s == 600
    waiting = replace(FEED, retry_at=NOW + timedelta(minutes=10))
    seen, world = await visited(both(bare(rss("c"))), history=history("b"), feed=waiting)
    assert world.urls == ["/news"]
    assert seen.feed_answer is not None
    assert (seen.feed_answer.trouble, seen.feed_answer.retry_after_s) == ("its server asked to wait", 596)


async def test_the_first_visit_reads_both() -> None:
    seen, _ = await visited(both(bare(rss("c", "b"))), history=None, feed=FEED)
    assert (seen.outcome, seen.feed is not None) == (Outcome.OK, True)
