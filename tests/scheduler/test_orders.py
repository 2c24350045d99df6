"""What travels out to read a newsroom, or to look at a release."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scheduler.config import NewsroomConfig
from scheduler.orders import look_order, order_for
from storage.records import (
    Candidate,
    Cause,
    Feed,
    History,
    LookOrder,
    Newsroom,
    Order,
    Recipe,
    Release,
    Seek,
    State,
    Validators,
)
from tests.scheduler.cli_stage import release

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
URL = "https://ministry.test/news"
RECIPE = Recipe("li.release", title="a")
WATCHED = NewsroomConfig("ministry", URL, "Europe/Berlin", max_pages=4, recipe=RECIPE, include=("/news/",))
KNOWN = Newsroom(
    "ministry",
    URL,
    recipe_version=RECIPE.version,
    reader_version=3,
    validators=Validators(etag='"a"'),
    body_sha256="ab" * 32,
    history=History(addresses=("ministry.test/news/1",)),
    baseline_at=NOW - timedelta(days=9),
    full_at=NOW - timedelta(hours=2),
    last_seq=7,
)

FEED = Feed(
    "https://ministry.test/feed", last_seq=7, validators=Validators(etag='"f"'), body_sha256="cd" * 32, reader_version=3
)


def order(watched: NewsroomConfig = WATCHED, known: Newsroom | None = KNOWN, *, full: bool = False) -> Order:
    return order_for(watched, known, NOW, 3, seeks=(), full=full)


class TestAnOrderForAVisit:
    def test_carries_what_the_newsroom_is_read_with_and_judged_by(self) -> None:
        assert order() == Order(
            "ministry",
            URL,
            RECIPE,
            "Europe/Berlin",
            validators=KNOWN.validators,
            body_sha256=KNOWN.body_sha256,
            read_alike=True,
            history=KNOWN.history,
            max_pages=4,
        )

    @pytest.mark.parametrize("known", [None, replace(KNOWN, url="https://ministry.test/old")])
    def test_begins_anew_at_an_unknown_address(self, known: Newsroom | None) -> None:
        assert order(known=known) == Order("ministry", URL, RECIPE, "Europe/Berlin", max_pages=4)

    def test_carries_what_is_remembered_of_the_feed_beside_it(self) -> None:
        watched = replace(WATCHED, feed=FEED.url)
        assert order(watched).feed == Feed(FEED.url)
        assert order(watched, None).feed == Feed(FEED.url)
        assert order(watched, replace(KNOWN, feed=FEED)).feed == FEED
        assert order(known=replace(KNOWN, feed=FEED)).feed is None
        other = replace(FEED, url="https://ministry.test/other")
        assert order(watched, replace(KNOWN, feed=other)).feed == Feed(FEED.url)

    @pytest.mark.parametrize(
        "changes", [{"full_at": NOW - timedelta(days=1)}, {"feed": replace(FEED, reader_version=2)}]
    )
    def test_asks_the_feed_unconditionally_where_the_list_would_be(self, changes: dict[str, Any]) -> None:
        known = replace(KNOWN, **{"feed": FEED, **changes})
        feed = order(replace(WATCHED, feed=FEED.url), known).feed
        assert feed is not None
        assert (feed.validators, feed.body_sha256, feed.last_seq) == (None, None, 7)

    def test_asks_unconditionally_where_that_is_wanted_or_owed(self) -> None:
        for whole in (order(full=True), order(known=replace(KNOWN, full_at=NOW - timedelta(days=1)))):
            assert (whole.validators, whole.body_sha256, whole.history) == (None, None, KNOWN.history)

    @pytest.mark.parametrize(
        "known", [replace(KNOWN, reader_version=2), replace(KNOWN, recipe_version="other"), replace(KNOWN, fails=2)]
    )
    def test_asks_unconditionally_where_the_page_would_be_read_otherwise_than_before(self, known: Newsroom) -> None:
        assert (order(known=known).validators is None) is (known.fails == 0)
        assert order(known=known).fails == known.fails

    def test_uses_the_inferred_recipe_where_none_is_written(self) -> None:
        inferred = replace(RECIPE, entry="div.row", confidence=0.9)
        known = replace(KNOWN, recipe=inferred, recipe_version=inferred.version)
        unwritten = replace(WATCHED, recipe=None)
        assert order(unwritten, known).recipe == inferred
        assert order(unwritten, known).validators == KNOWN.validators
        assert order(unwritten, replace(known, recipe=None)).recipe is None
        assert order(WATCHED, known).recipe == RECIPE

    def test_has_no_history_before_a_baseline(self) -> None:
        assert order(known=replace(KNOWN, baseline_at=None)).history is None

    def test_carries_what_is_to_be_read_back_for(self) -> None:
        seek = Seek("ministry.test/news/1", date(2026, 11, 1))
        assert order_for(WATCHED, KNOWN, NOW, 3, seeks=[seek], full=True).seeks == (seek,)


class TestAnOrderForALook:
    def test_names_controls_that_stand_in_the_last_window_like_ones_first(self) -> None:
        lost = replace(release(5), seen_seq=6)
        candidate = Candidate("ministry", lost.key, Cause.ABSENT, 7, NOW)
        page = replace(release(1, seen_seq=7), url="https://ministry.test/about/us/page")
        listed: list[Release] = [
            page,
            release(2, seen_seq=7),
            release(3, seen_seq=6),
            release(4, seen_seq=7, linked=False),
            lost,
            release(6, seen_seq=7, state=State.HELD),
            release(7, seen_seq=7),
            release(8, seen_seq=7),
            release(9, seen_seq=7),
        ]
        open_keys = {lost.key, release(8).key}
        assert look_order(candidate, lost, KNOWN, listed, open_keys) == LookOrder(
            "ministry",
            lost.key,
            lost.url,
            lost.title,
            controls=tuple((r.url, r.title) for r in (release(2), release(7), release(9))),
        )
        assert look_order(candidate, lost, KNOWN, [page], open_keys).controls == ((page.url, page.title),)
