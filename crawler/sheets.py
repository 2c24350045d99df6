"""From an answer to what it lists: one page of a list as served, and as a recipe reads it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from crawler.feed import FeedError, is_feed, open_feed
from crawler.listing import RecipeError, read_listing
from crawler.reasons import http_reason
from crawler.signs import declared, decoded, facts, kind_of_body, obstacle
from crawler.web import retry_after_s
from storage.records import Outcome, Page

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.web import Answer
    from storage.records import Listing, Recipe

_HTML = frozenset({"text/html", "application/xhtml+xml"})


class Unread(Exception):  # noqa: N818 - not an error of ours but how a visit ends
    """Ends a visit that is not believed: with this outcome and reason, and the wait in seconds that was asked for."""

    def __init__(self, outcome: Outcome, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.outcome, self.reason, self.wait_s = outcome, reason, wait_s


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of the list as served and as read."""

    page: Page
    listing: Listing


def page_of(answer: Answer, recipe: Recipe | None, now: datetime) -> Page:
    """The answer as a page or feed for the recipe to read; Unread where it is none. Without one it may be either."""
    page = Page(answer.url, answer.headers.get("content-type", ""), answer.body)
    if answer.status != HTTPStatus.OK:
        reason = http_reason(answer.status)
        stands_in = obstacle(facts(page)) if answer.body else None
        raise Unread(
            Outcome.FAILED,
            f"{reason}; the page {stands_in}" if stands_in else reason,
            retry_after_s(answer.headers, now),
        )
    if not answer.body.strip():
        raise Unread(Outcome.FAILED, "the page is empty")
    if (recipe is None or recipe.is_feed) and is_feed(answer.body):
        return page
    if recipe is not None and recipe.is_feed:
        raise Unread(Outcome.SUSPECT, _no_feed(page) or "it is no feed")
    kind = kind_of_body(answer.body)
    if kind not in {None, "text/html", "application/xml"}:
        raise Unread(Outcome.FAILED, f"wrong content type {_told(answer.content_type, kind)}")
    if kind != "text/html" and answer.content_type not in _HTML:
        raise Unread(
            Outcome.FAILED,
            f"wrong content type{f' {answer.content_type}' if answer.content_type else ': none, and no HTML'}",
        )
    if kind is None and "<" not in decoded(page):
        raise Unread(Outcome.SUSPECT, f"not HTML, though served as {answer.content_type}")
    return page


def inferred(page: Page, timezone: str | None, now: datetime) -> Recipe:
    """The recipe that the page suggests; Unread where it shows no listing."""
    from crawler.inference import NoListing, infer  # noqa: PLC0415 - what explores markup is loaded where it is needed

    try:
        return infer(page.body, page.url, encoding=declared(page), timezone=timezone, now=now)
    except NoListing as error:
        stands_in = obstacle(facts(page))
        reason = f"{error.reason}; the page {stands_in}" if stands_in else error.reason
        raise Unread(Outcome.SUSPECT, reason) from error
    except Exception as error:  # a hostile page may trip any parser; it must cost its own newsroom only
        raise Unread(Outcome.FAILED, f"the page could not be read: {_error(error)}") from error


def sheet_of(page: Page, recipe: Recipe, timezone: str | None, now: datetime) -> Sheet:
    """The page as the recipe reads it; Unread where it cannot."""
    try:
        listing = read_listing(recipe, page.body, page.url, encoding=declared(page), timezone=timezone, now=now)
    except RecipeError as error:
        raise Unread(Outcome.FAILED, str(error)) from error
    except Exception as error:  # a hostile page may trip any parser; it must cost its own newsroom only
        raise Unread(Outcome.FAILED, f"the page could not be read: {_error(error)}") from error
    if recipe.is_feed and not listing.entries and (reason := _no_feed(page)):
        raise Unread(Outcome.SUSPECT, reason)
    return Sheet(page, listing)


def _no_feed(page: Page) -> str:
    """Why a page is no feed; nothing where it is one."""
    try:
        open_feed(page.body, page.url, encoding=declared(page))
    except FeedError as error:
        stands_in = obstacle(facts(page))
        return f"{error.reason}; the page {stands_in}" if stands_in else error.reason
    return ""


def _told(declared_type: str, found: str | None) -> str:
    return (
        declared_type
        if declared_type == found or declared_type not in _HTML
        else f"{found}, though served as {declared_type}"
    )


def _error(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
