"""Reads the feed that is watched beside a newsroom's list, and tells whether it can be believed to be that list's.

Whatever becomes of it, the visit to the list stands.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.reasons import count
from crawler.sheets import Unread, page_of, sheet_of
from crawler.text import fold_title
from crawler.urls import canonical, same_site
from crawler.web import FetchError
from storage.records import FEED, FeedAnswer, History, Recipe, Validators

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from crawler.web import Answer
    from storage.records import Feed, Listing, Order

    AskFor = Callable[[str, Mapping[str, str] | None], Awaitable[Answer]]

_RECIPE = Recipe(FEED)


async def read_beside(
    order: Order, feed: Feed, listings: Sequence[Listing], ask: AskFor, clock: Callable[[], datetime]
) -> tuple[Listing | None, FeedAnswer]:
    """What the order's feed shows, None where that is what it last showed or cannot be had; and how that went.

    `listings` are those of the list as this visit read it, empty where it is unchanged. Never raises.
    """
    told = FeedAnswer(feed.url)
    now = clock()
    if feed.retry_at is not None and now < feed.retry_at:
        wait_s = (feed.retry_at - now).total_seconds()
        return None, replace(told, trouble="its server asked to wait", retry_after_s=wait_s)
    headers = conditions(feed.validators)
    try:
        answer = await ask(feed.url, headers)
        if answer.status == HTTPStatus.NOT_MODIFIED and headers:
            return None, replace(told, unchanged=True, validators=renewed(answer, feed.validators))
        body_sha256 = sha256(answer.body).hexdigest()
        if answer.status == HTTPStatus.OK and body_sha256 == feed.body_sha256:
            return None, replace(told, unchanged=True, validators=validators_of(answer))
        listing = sheet_of(page_of(answer, _RECIPE, clock()), _RECIPE, order.timezone, clock()).listing
    except Unread as error:
        return None, replace(told, trouble=error.reason, retry_after_s=error.wait_s)
    except FetchError as error:
        return None, replace(told, trouble=error.reason, retry_after_s=error.retry_after_s)
    if trouble := doubt(listing, listings, order.history, order.url):
        return None, replace(told, trouble=trouble)
    return listing, replace(told, validators=validators_of(answer), body_sha256=body_sha256)


def doubt(feed: Listing, listings: Sequence[Listing], history: History | None, url: str) -> str:
    """Why a feed is not believed to be that of the newsroom at `url`; nothing where it is.

    It has to show something that the list shows or the record holds, and must not list mostly another site's releases.
    """
    if not feed.entries:
        return "it has no entries"
    known = history or History()
    before = known.feed or History()
    entries = [entry for listing in listings for entry in listing.entries]
    addresses = {*known.addresses, *before.addresses, *(canonical(entry.url) for entry in entries if entry.url)}
    titles = {*known.titles, *before.titles, *(fold_title(entry.title) for entry in entries)}
    times = Counter(fold_title(entry.title) for entry in feed.entries)
    strange = [
        entry
        for entry in feed.entries
        if not (entry.url and canonical(entry.url) in addresses)
        and not (times[fold_title(entry.title)] == 1 and fold_title(entry.title) in titles)
    ]
    if len(strange) == len(feed.entries):
        there = count(len(strange), "entry is", "entries are")
        return f"none of its {there} in the list or in the record"
    hosts = {urlsplit(address).hostname for address in addresses}
    elsewhere = [
        entry.url
        for entry in strange
        if entry.url and urlsplit(canonical(entry.url)).hostname not in hosts and not same_site(entry.url, url)
    ]
    if 2 * len(elsewhere) > len(feed.entries):
        return f"it lists another site, {urlsplit(elsewhere[0]).hostname}"
    return ""


def conditions(validators: Validators | None) -> dict[str, str]:
    """The headers that ask for an answer only if it changed."""
    if validators is None:
        return {}
    told = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in told.items() if value}


def validators_of(answer: Answer) -> Validators:
    """What the server gave to ask again cheaply."""
    return Validators(answer.headers.get("etag"), answer.headers.get("last-modified"))


def renewed(answer: Answer, old: Validators | None) -> Validators:
    """The validators to go on with after an answer that says that nothing changed."""
    new, kept = validators_of(answer), old or Validators()
    return Validators(new.etag or kept.etag, new.last_modified or kept.last_modified)
