"""What a local newsroom answers to one request: its pages, its faults, its validators. The server is a thin shell."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from scheduler.demo import layouts
from scheduler.demo.invention import Gone, LocalRelease
from scheduler.demo.misbehaviour import Fault, Validation, Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.demo.newsroom import LocalNewsroom

_FIRST_CHANGE = datetime(2022, 1, 1, tzinfo=UTC)  # each change is a minute later: Last-Modified tells seconds only
_HTML = "text/html; charset=utf-8"
_WALLS = {Fault.CHALLENGE, Fault.CONSENT, Fault.MAINTENANCE, Fault.JS_SHELL}
_FEED_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One request within a newsroom: `path` without its prefix, `base` its absolute root without a last slash.

    `token` is what a restless newsroom's page carries this time.
    """

    path: str
    base: str
    query: Mapping[str, str] = field(default_factory=dict)
    if_none_match: str | None = None
    if_modified_since: str | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer: `hangs` means none ever comes, `breaks` that the connection ends after half of the body."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    breaks: bool = False


def answer(newsroom: LocalNewsroom, asked: Asked) -> Reply:
    """What the newsroom answers now."""
    with newsroom.lock:
        if asked.path == "/robots.txt":
            return _robots(newsroom)
        number = layouts.page_number(newsroom.layout, newsroom.listing_path, asked.path, asked.query)
        where = Where.RELEASES if number is None else Where.LISTING
        failing = newsroom.failing
        if failing is None or failing.where not in {Where.ALL, where}:
            return _validated(newsroom, asked, _right(newsroom, asked, number))
        reply = _validated(newsroom, asked, _faulty(newsroom, asked, failing.fault, number), own=False)
        headers = dict(reply.headers) | ({"Retry-After": failing.retry_after} if failing.retry_after else {})
        return replace(reply, status=failing.status or reply.status, headers=headers)


def _robots(newsroom: LocalNewsroom) -> Reply:
    if newsroom.robots is None:
        return Reply(404)
    return Reply(newsroom.robots_status, newsroom.robots.encode(), {"Content-Type": "text/plain; charset=utf-8"})


def _right(newsroom: LocalNewsroom, asked: Asked, number: int | None) -> Reply:
    if number is not None:
        return _listing(newsroom, asked, number)
    if asked.path in {"", "/"}:
        return _message(newsroom, asked, 200, newsroom.publisher, "Welcome. Our newsroom has the latest.")
    if asked.path == newsroom.layout.feed:
        latest = newsroom.releases()[:_FEED_LENGTH]
        text = layouts.feed(
            newsroom.publisher, [r for r in latest if r.listed], base=asked.base, listing=newsroom.listing_path
        )
        return Reply(200, text.encode(), {"Content-Type": "application/rss+xml; charset=utf-8"})
    return _release(newsroom, asked)


def _listing(newsroom: LocalNewsroom, asked: Asked, number: int) -> Reply:
    beyond = number >= newsroom.pages()
    if beyond and newsroom.layout.style is layouts.Style.WORDPRESS:
        return _missing(newsroom, asked, Gone.NOT_FOUND)
    return _html(200, _listing_text(newsroom, asked, number, newsroom.shown(number), newsroom.pages()))


def _listing_text(
    newsroom: LocalNewsroom, asked: Asked, number: int, releases: tuple[LocalRelease, ...], pages: int
) -> str:
    def make() -> str:
        return layouts.listing_page(
            newsroom.layout, newsroom.publisher, releases,
            base=asked.base, listing=newsroom.listing_path, number=number, pages=pages, query=asked.query, token=token,
        )  # fmt: skip

    token = _token(newsroom, asked)
    if newsroom.restless:
        return make()
    name = (newsroom.layout, newsroom.publisher, asked.base, asked.path, *asked.query.items(), len(releases), pages)
    return newsroom.kept(name, make)


def _release(newsroom: LocalNewsroom, asked: Asked) -> Reply:
    release = newsroom.at(asked.path)
    if release is None:
        left = newsroom.former(asked.path)
        if left is None:
            return _missing(newsroom, asked, newsroom.unknown)
        former, release = left
        if former.redirect:
            return _redirect(asked.base + release.path)
        if not former.canonical:
            return _missing(newsroom, asked, newsroom.unknown)
    elif asked.path != release.path:
        return _redirect(asked.base + release.path)
    if release.gone is not None:
        return _missing(newsroom, asked, release.gone)
    canonical = asked.base + release.path
    text = layouts.release_page(
        newsroom.layout, newsroom.publisher, release,
        base=asked.base, canonical=canonical, token=_token(newsroom, asked),
    )  # fmt: skip
    return _html(200, text)


def _missing(newsroom: LocalNewsroom, asked: Asked, how: Gone) -> Reply:
    if how is Gone.HOME:
        return _redirect(asked.base + "/", status=302)
    status = 200 if how is Gone.SOFT else int(how.value)
    words = "The address you asked for could not be found. It may have moved."
    return _message(newsroom, asked, status, "Page not found", words)


def _faulty(newsroom: LocalNewsroom, asked: Asked, fault: Fault, number: int | None) -> Reply:
    if fault is Fault.HANG:
        return Reply(0, hangs=True)
    if fault is Fault.ERROR:
        return _html(500, layouts.wall_page("error", newsroom.publisher))
    if fault in _WALLS:
        return _html(200, layouts.wall_page(fault.value, newsroom.publisher))
    if fault is Fault.REDIRECT_OFFSITE:
        return _redirect("http://offsite.invalid/newsroom", status=302)
    if fault is Fault.WRONG_TYPE:
        return Reply(200, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 8, {"Content-Type": "application/pdf"})
    if fault is Fault.EMPTY:
        if number is None:
            return _message(newsroom, asked, 200, newsroom.publisher, "")
        return _html(200, _listing_text(newsroom, asked, number, (), 1))
    whole = _right(newsroom, asked, number)
    if fault is Fault.TRUNCATED:
        return replace(whole, breaks=True)
    return replace(whole, body=whole.body[: len(whole.body) // 2])


def _validated(newsroom: LocalNewsroom, asked: Asked, reply: Reply, *, own: bool = True) -> Reply:
    """The reply with validators, or 304; what is not the newsroom's own page has its own ETag and no Last-Modified."""
    mode = newsroom.validators
    if not own and mode in {Validation.BOTH, Validation.LAST_MODIFIED}:
        mode = Validation.ETAG if mode is Validation.BOTH else Validation.NONE
    if reply.status != 200 or mode is Validation.NONE:
        return reply
    etag = '"' + hashlib.sha256(reply.body).hexdigest()[:20] + '"'
    modified = format_datetime(_FIRST_CHANGE + timedelta(minutes=newsroom.version), usegmt=True)
    served = {}
    if mode is not Validation.LAST_MODIFIED:
        served["ETag"] = etag
    if mode is not Validation.ETAG:
        served["Last-Modified"] = modified
    if _unchanged(asked, mode, etag, modified):
        return Reply(304, headers=served)
    return replace(reply, headers=dict(reply.headers) | served)


def _unchanged(asked: Asked, mode: Validation, etag: str, modified: str) -> bool:
    if mode is Validation.STUCK:
        return asked.if_none_match is not None or asked.if_modified_since is not None
    # RFC 9110: If-None-Match wins where both are sent.
    if asked.if_none_match is not None and mode is not Validation.LAST_MODIFIED:
        tags = [tag.strip().removeprefix("W/") for tag in asked.if_none_match.split(",")]
        return etag in tags or "*" in tags
    return mode is not Validation.ETAG and asked.if_modified_since == modified


def _token(newsroom: LocalNewsroom, asked: Asked) -> str:
    return asked.token if newsroom.restless else "kT4wq0"


def _redirect(location: str, status: int = 301) -> Reply:
    return Reply(status, headers={"Location": location})


def _message(newsroom: LocalNewsroom, asked: Asked, status: int, heading: str, words: str) -> Reply:
    text = layouts.message_page(newsroom.layout, newsroom.publisher, base=asked.base, heading=heading, words=words)
    return _html(status, text)


def _html(status: int, text: str) -> Reply:
    return Reply(status, text.encode(), {"Content-Type": _HTML})
