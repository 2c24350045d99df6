"""Reads a feed into a listing: RSS, Atom, JSON Feed, or a sitemap of news. Pure; the parser is loaded when needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from crawler import dates
from crawler.feedformats import SITEMAPS, SYNDICATED, Feed, FeedError, Told, is_json_feed, root, told_by
from crawler.markup import decode, is_tangled
from crawler.nodes import Place, Sheet, text_of
from crawler.reading import LONGEST
from crawler.sentences import first_sentence, is_read_more
from crawler.text import clean, cut, fold_title
from storage.records import Entry, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from selectolax.lexbor import LexborNode

__all__ = ["FeedError", "is_feed", "open_feed", "read_feed"]

_START = 65_536  # bytes in which a document shows what it is
_LONGEST_MARKUP = 60_000  # characters of one summary that are looked at
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|br|center|cite|code|dd|div|dl|dt|em|figcaption|figure|font|h[1-6]|hr|i|iframe|img|ins"
    r"|li|mark|ol|p|pre|q|s|section|small|span|strike|strong|su[bp]|table|tbody|t[dhr]|time|tt|u|ul|video)(?:\s[^<>]*)?/?>"
    r"|&(?:\#\d{2,7}|\#[xX][0-9A-Fa-f]{2,6}|[A-Za-z][A-Za-z0-9]{1,30});"
)
_ELLIPSIS = re.compile(r"\s*[\[(]\s*(?:…|\.\.\.)\s*[\])]$")
_EPOCH = date(1970, 1, 1)  # what a system without a date prints
_LONGEST_KIND, _KIND_WORDS = 40, 5
_NO_KIND = frozenset({"uncategorized", "uncategorised", "unkategorisiert", "non classé", "sin categoría", "general"})
_MOST_LINKS = 100  # of a summary that are looked at


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the dates of one feed are read."""

    language: str
    timezone: str | None
    now: datetime | None
    day_first: bool | None


def is_feed(body: bytes | str) -> bool:
    """Whether a body begins as RSS, Atom, JSON Feed or a sitemap does, whatever type it was served as."""
    text = body[:_START] if isinstance(body, str) else decode(body[:_START])
    text = text.lstrip("\ufeff \t\r\n")
    return is_json_feed(text) or root(text)[0] in SYNDICATED | SITEMAPS


def open_feed(body: bytes | str, url: str, *, encoding: str | None = None) -> Feed:
    """The feed at `url` as it tells itself; FeedError where it is none. `encoding` is the charset that was declared."""
    return told_by(decode(body, encoding), url)


def read_feed(
    body: bytes | str,
    url: str,
    *,
    encoding: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
) -> Listing:
    """The listing of the feed at `url`, in the feed's order, as `read_listing` gives that of a page.

    A release's link is the one to its page, past what counts its readers. Its date is that of its publication, else of
    its last update; its kind the one category it has; its title, where it has none, the first sentence of its summary.
    What has neither is no entry. FeedError, and nothing else, where the body is no feed.
    """
    feed = open_feed(body, url, encoding=encoding)
    place = Place.of(url)
    stamps = [told.stamp for told in feed.entries]
    manner = _Manner(clean(feed.language).lower()[:20], timezone, now, dates.day_first(dates.orders(stamps)))
    entries: list[Entry] = []
    for told in feed.entries:
        entry = _entry(told, place, manner, len(entries))
        if entry is not None:
            entries.append(entry)
    following = place.link(feed.next)
    return Listing(url, tuple(entries), following)


def _entry(told: Told, place: Place, manner: _Manner, position: int) -> Entry | None:
    title = clean(told.title) if told.literal else " ".join(_lines(told.title))
    url = place.link(told.link)
    lines = _lines(told.summary, lambda a: place.link(a.attributes.get("href")) == url and text_of(a) == title)
    if lines and fold_title(lines[-1]) == fold_title(title):
        lines.pop()
    summary = _ELLIPSIS.sub("…", " ".join(line for line in lines if not is_read_more(line)))
    title = title or first_sentence(summary)
    if not title:
        return None
    printed = dates.parse(
        told.stamp, language=manner.language, timezone=manner.timezone, now=manner.now, day_first=manner.day_first
    )
    value = None if printed.value is None or _is_unset(printed.value) else printed.value
    return Entry(
        title=cut(title, LONGEST["title"]),
        url=url,
        date=value,
        kind=_kind(told.categories, title),
        summary=cut(summary, LONGEST["summary"]) or None,
        position=position,
        relative=printed.relative and value is not None,
    )


def _is_unset(value: date | datetime) -> bool:
    return (value.astimezone(UTC).date() if isinstance(value, datetime) else value) == _EPOCH


def _kind(categories: tuple[str, ...], title: str) -> str | None:
    """The one category that an entry has; several are topics, and do not tell which of them is the kind."""
    shown = {fold_title(name): name for name in (" ".join(_lines(one)) for one in categories)}
    names = [name for folded, name in shown.items() if folded and folded not in _NO_KIND]
    if len(names) != 1 or len(names[0]) > _LONGEST_KIND or len(names[0].split()) > _KIND_WORDS or names[0] == title:
        return None
    return names[0]


def _lines(text: str, is_own: Callable[[LexborNode], bool] | None = None) -> list[str]:
    """The lines that a browser would show of a text that may be markup.

    Not those around a link that `is_own`, by which a release links to itself: "The post … appeared first on …".
    """
    text = text[:_LONGEST_MARKUP]
    if _MARKUP.search(text) is None:
        return [line for line in [clean(text)] if line]
    if is_tangled(text):
        return []
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - most titles are plain

    body = LexborHTMLParser(f"<body><div>{text}</div>").body
    if body is None:
        return []
    links = body.css("p > a[href]")[:_MOST_LINKS] if is_own else []
    around = {a.parent.mem_id for a in links if is_own and is_own(a) and a.parent is not None}
    return [line.text for line in Sheet(body).lines(around)]
