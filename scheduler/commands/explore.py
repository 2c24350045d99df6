"""Explores an address that is to be watched: which lists are there, and which feed is that list's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.addresses import WAY_OUT
from crawler.discover import Offer, Overlap, feeds_of, overlap, usual_places
from crawler.feed import FeedError, is_feed, open_feed, read_feed
from crawler.inference import NoListing, infer_all
from crawler.listing import open_page, read_listing
from crawler.nodes import address as absolute
from crawler.nodes import brief
from crawler.text import clean
from crawler.web import Ask, FetchError, Forbidden
from scheduler.commands.fetching import unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.web import Answer, Fetch
    from storage.records import Listing, Recipe

_MOST_OFFERED = 4  # feeds that a page names which are tried: each is a request
_MOST_GUESSED = 3  # usual places that are tried where none of those is its own
_LONGEST_TITLE = 200  # characters


class Unreadable(Exception):  # noqa: N818 - an answer about an address, not an error of ours
    """Nothing at an address can be watched: why, and the addresses of feeds that could be watched instead.

    `reached`: something answered there. `refused`: it may not be asked, by the configuration or by robots.txt.
    """

    def __init__(
        self, reason: str, instead: Sequence[str] = (), *, reached: bool = True, refused: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.instead, self.reached, self.refused = reason, tuple(instead), reached, refused


@dataclass(frozen=True, slots=True)
class Proposal:
    """One list that was found, as its recipe reads it."""

    recipe: Recipe
    listing: Listing


@dataclass(frozen=True, slots=True)
class Tried:
    """A feed that was tried: how many entries it has and what they share with the list; why not, where it was none."""

    offer: Offer
    entries: int = 0
    shared: Overlap | None = None
    reason: str = ""

    @property
    def proven(self) -> bool:
        """Whether it is the list's own."""
        return self.shared is not None and self.shared.proven


@dataclass(frozen=True, slots=True)
class Finding:
    """What an address holds: where it led, its title, its lists, best first, and the feeds tried.

    `home` is the page that a feed says it is a feed of, empty where it does not say, and of a page.
    """

    address: str
    url: str
    title: str
    home: str
    proposals: tuple[Proposal, ...]
    feeds: tuple[Tried, ...] = ()

    @property
    def feed(self) -> Tried | None:
        """The feed that is proven to be the chosen list's own."""
        return next((tried for tried in self.feeds if tried.proven), None)


def found_in(answer: Answer, address: str, now: datetime, *, timezone: str | None = None) -> Finding:
    """The lists in an answer, without asking for anything else; Unreadable where there is none."""
    if reason := unreadable(answer):
        raise Unreadable(reason)
    try:
        manner = {"encoding": answer.encoding, "timezone": timezone}
        recipes = infer_all(answer.body, answer.url, **manner, now=now)
        proposals = tuple(
            Proposal(recipe, read_listing(recipe, answer.body, answer.url, **manner, now=now)) for recipe in recipes
        )
        return Finding(address, answer.url, *_title_and_home(answer), proposals)
    except NoListing as error:
        raise Unreadable(error.reason) from error
    except Exception as error:  # a hostile page may trip any parser; it must cost its own address only
        raise Unreadable(f"it could not be read ({type(error).__name__}: {error})"[:200]) from error


async def explore(address: str, fetch: Fetch, now: datetime, *, pick: int = 1) -> Finding:
    """What the address holds, and whether the page of its list number `pick`, counted from 1, has a feed of its own.

    Unreadable where nothing can be watched, with the feeds that the page offers where these can be.
    """
    try:
        answer = await fetch(Ask(address))
    except FetchError as error:
        refused = isinstance(error, Forbidden) or error.reason.endswith(WAY_OUT)
        raise Unreadable(error.reason, reached=False, refused=refused) from error
    try:
        finding = found_in(answer, address, now)
    except Unreadable as error:
        readable = await _readable_feeds(answer, fetch, now) if answer.status == 200 else []
        raise Unreadable(error.reason, readable) from error
    if is_feed(answer.body) or pick > len(finding.proposals):
        return finding
    return replace(finding, feeds=await _tried(answer, finding.proposals[pick - 1].listing, fetch, now))


async def _tried(answer: Answer, page: Listing, fetch: Fetch, now: datetime) -> tuple[Tried, ...]:
    """The feeds that the page offers, then the usual places, until one is proven; of the latter only what is a feed."""
    tried: list[Tried] = []
    offered = feeds_of(answer.body, answer.url, encoding=answer.encoding)[:_MOST_OFFERED]
    for offer in (*offered, *usual_places(answer.url)[:_MOST_GUESSED]):
        if any(one.offer.url == offer.url for one in tried):
            continue
        one = await _try(offer, page, fetch, now)
        if one.entries or offer in offered:
            tried.append(one)
        if one.proven:
            break
    return tuple(tried)


async def _try(offer: Offer, page: Listing | None, fetch: Fetch, now: datetime) -> Tried:
    try:
        answer = await fetch(Ask(offer.url))
        if answer.status != 200:
            return Tried(offer, reason=f"the server answered with status {answer.status}")
        feed = read_feed(answer.body, answer.url, encoding=answer.encoding, now=now)
    except (FetchError, FeedError) as error:
        return Tried(offer, reason=error.reason)
    if not feed.entries:
        return Tried(offer, reason="it has no entries")
    return Tried(offer, len(feed.entries), overlap(feed, page) if page else None)


async def _readable_feeds(answer: Answer, fetch: Fetch, now: datetime) -> list[str]:
    offers = feeds_of(answer.body, answer.url, encoding=answer.encoding)[:_MOST_OFFERED]
    return [offer.url for offer in offers if (await _try(offer, None, fetch, now)).entries]


def _title_and_home(answer: Answer) -> tuple[str, str]:
    """What a page or feed is called (a page by its heading, else its title), and which page a feed is of."""
    if is_feed(answer.body):
        feed = open_feed(answer.body, answer.url, encoding=answer.encoding)
        return clean(feed.title)[:_LONGEST_TITLE], absolute(feed.home, answer.url) or ""
    page = open_page(answer.body, answer.url, answer.encoding)
    nodes = [node for selector in ("h1", "title") for node in page.tree.css(selector)[:1]] if page else []
    return next((text for node in nodes if (text := clean(brief(node, _LONGEST_TITLE)))), ""), ""
