"""What travels out: orders to read newsrooms, and orders to look at the pages of candidates. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.urls import shape
from scheduler.revisit import full_read_due
from storage.records import Candidate, Feed, LookOrder, Newsroom, Order, Release, Seek, State

if TYPE_CHECKING:
    from scheduler.config import NewsroomConfig

CONTROLS = 3  # releases still listed that a look may be checked against


def order_for(
    watched: NewsroomConfig,
    newsroom: Newsroom | None,
    now: datetime,
    reader_version: int,
    *,
    seeks: Sequence[Seek],
    full: bool,
) -> Order:
    """The order for one visit; conditional unless a full read is wanted, owed, or needed because the reading changed.

    A newsroom at another address than the remembered one starts again. The filters stay at home, for the folding:
    entries that they hide still tell whether the window meets what is known, and none of them is news once shown.
    """
    if newsroom is None or newsroom.url != watched.url:
        return Order(
            watched.id,
            watched.url,
            watched.recipe,
            watched.timezone,
            max_pages=watched.max_pages,
            feed=Feed(watched.feed) if watched.feed else None,
        )
    recipe = watched.recipe or newsroom.recipe
    read_with = newsroom.recipe_version, newsroom.reader_version
    read_alike = recipe is not None and read_with == (recipe.version, reader_version)
    conditional = read_alike and not full and not full_read_due(newsroom, now)
    return Order(
        newsroom=watched.id,
        url=watched.url,
        recipe=recipe,
        timezone=watched.timezone,
        validators=newsroom.validators if conditional else None,
        body_sha256=newsroom.body_sha256 if conditional else None,
        read_alike=read_alike,
        history=newsroom.history if newsroom.baseline_at else None,
        max_pages=watched.max_pages,
        seeks=tuple(seeks),
        fails=newsroom.fails,
        feed=_feed_for(watched, newsroom, reader_version, unasked=full or full_read_due(newsroom, now)),
    )


def _feed_for(watched: NewsroomConfig, newsroom: Newsroom, reader_version: int, *, unasked: bool) -> Feed | None:
    """The feed as remembered, or another one that is watched now; to be read whole where that is wanted or needed."""
    if watched.feed is None:
        return None
    feed = newsroom.feed if newsroom.feed and newsroom.feed.url == watched.feed else Feed(watched.feed)
    if unasked or feed.reader_version != reader_version:
        feed = replace(feed, validators=None, body_sha256=None)
    return feed


def look_order(
    candidate: Candidate, release: Release, newsroom: Newsroom, listed: Iterable[Release], lost: set[str]
) -> LookOrder:
    """The order for one look, with controls: releases of the last window that are no candidates, best first.

    Best are those whose address looks like the candidate's. `listed` are releases from the top of the list, highest
    first; `lost` the keys of the open candidates.
    """
    own = shape(release.url)
    fit = [
        r
        for r in listed
        if r.state is State.LISTED and r.linked and r.key not in lost and r.seen_seq == newsroom.last_seq
    ]
    fit.sort(key=lambda r: shape(r.url) != own)
    return LookOrder(
        newsroom=candidate.newsroom,
        key=candidate.key,
        url=release.url,
        title=release.title,
        controls=tuple((r.url, r.title) for r in fit[:CONTROLS]),
    )
