"""The formats of feeds, each adapted to one shape: RSS and Atom through feedparser, JSON Feed, news sitemaps."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SYNDICATED = frozenset({"rss", "feed", "rdf"})
SITEMAPS = frozenset({"urlset", "sitemapindex"})

_PROLOG = 65_536  # characters in which a document shows what it is
_JUNK = 4_096  # characters that a broken server may print before the document
_MOST_ENTRIES = 2_000  # the topmost: no newsroom lists more in one feed, and each takes time
_MOST_CHARACTERS = 4_000_000  # the parsers need a second for so many
_MOST_TAGS, _MOST_TAGS_OF_ONE = 50_000, 10_000  # of a feed, and of one entry, where some take quadratic time
_ELEMENT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_DOCTYPE_END = re.compile(r"\]\s*>")
_ENTRY_END = re.compile(r"</(?:[A-Za-z_][\w.-]*:)?(?:item|entry|url)\s*>")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML allows none of them
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\\?/')


class FeedError(ValueError):
    """What should be a feed is none, or holds nothing that can be read; `reason` is a clause that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Told:
    """What a feed says of one release, as it says it.

    `title` and `summary` may be markup unless `literal`; `link` may be relative; `stamp` is any spelling of a date.
    """

    title: str = ""
    link: str = ""
    stamp: str = ""
    summary: str = ""
    categories: tuple[str, ...] = ()
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as told, its entries in its own order; `next` leads to older ones, `home` to the page it is a feed of."""

    title: str = ""
    language: str = ""
    home: str = ""
    next: str = ""
    entries: tuple[Told, ...] = ()


def root(text: str) -> tuple[str, int]:
    """The name of a document's first element, in small letters and without its prefix, and where it begins.

    Declarations, comments and whatever a broken server prints before them are passed over. ("", 0) without one.
    """
    name, at = _first_element(text, 0)
    if name not in SYNDICATED | SITEMAPS:
        declared = text.find("<?xml", 1, _JUNK)
        if declared > 0:
            again = _first_element(text, declared)
            return again if again[0] in SYNDICATED | SITEMAPS else (name, at)
    return name, at


def _first_element(text: str, at: int) -> tuple[str, int]:
    while 0 <= (at := text.find("<", at)) <= _PROLOG:
        if text.startswith("<?", at):
            end = text.find("?>", at)
        elif text.startswith("<!--", at):
            end = text.find("-->", at)
        elif text.startswith("<!", at):
            end, subset = text.find(">", at), text.find("[", at)
            if 0 <= subset < end:  # a document type with declarations of its own
                closed = _DOCTYPE_END.search(text, subset, subset + _PROLOG)
                end = closed.end() - 1 if closed else -1
        elif match := _ELEMENT.match(text, at):
            return match[1].lower(), at
        else:
            end = at + 1
        if end < 0:
            break
        at = end
    return "", 0


def is_json_feed(text: str) -> bool:
    """Whether a text begins as a JSON Feed does."""
    return text.lstrip()[:1] == "{" and _JSON_FEED.search(text[:_PROLOG]) is not None


def told_by(text: str, url: str) -> Feed:
    """What the feed at `url` tells; FeedError where it is none."""
    text = text.lstrip("\ufeff \t\r\n")
    if not text:
        raise FeedError("it is empty")
    if is_json_feed(text):
        return _json_feed(text)
    name, at = root(text)
    if name in SYNDICATED:
        return _syndicated(name, _bounded(text[at:]), url)
    if name == "urlset":
        return _news_sitemap(_bounded(text[at:]))
    raise FeedError(_what(name, text))


def _what(name: str, text: str) -> str:
    if name == "sitemapindex":
        return "it is an index of sitemaps, not a feed"
    if name == "opml":
        return "it is a list of feeds (OPML), not a feed"
    if name == "html" or re.search(
        r"<(?:!doctype html|html|head|body|title|meta|script|div|h1|p|a)\b", text[:_PROLOG], re.IGNORECASE
    ):
        return "it is an HTML page, not a feed"
    if text[0] in "{[":
        return "it is JSON, but no JSON Feed"
    return f"it is XML (<{name}>), but no feed" if name else "it is no feed"


def _bounded(text: str) -> str:
    """As much of a document as is read: whole entries, the topmost ones; also of one that was cut off on its way."""
    end = tags = 0
    for number, match in enumerate(_ENTRY_END.finditer(text)):
        inside = text.count("<", end, match.end())
        tags += inside
        full = number == _MOST_ENTRIES or match.end() > _MOST_CHARACTERS or tags > _MOST_TAGS
        if full or inside > _MOST_TAGS_OF_ONE:
            return _closed(text, end)
        end = match.end()
    return text if _is_whole(text) and text.count("<", end) <= _MOST_TAGS_OF_ONE else _closed(text, end)


def _closed(text: str, end: int) -> str:
    """A document up to `end`, with the end tags that it lacks then: else it would be parsed twice, as a broken one."""
    if not end:
        return text[:_PROLOG]
    name = re.split(r"[\s/>]", text[1:100], maxsplit=1)[0]
    return f"{text[:end]}{'</channel>' if name == 'rss' else ''}</{name}>"


def _is_whole(text: str) -> bool:
    """Whether the document's end is there, with what servers write behind it."""
    return re.search(r"</(?:[A-Za-z_][\w.-]*:)?(?:rss|feed|rdf|urlset)\s*>", text[-2_048:], re.IGNORECASE) is not None


# RSS and Atom


def _syndicated(name: str, text: str, url: str) -> Feed:
    import feedparser  # noqa: PLC0415 - takes 44 ms, and most of what is watched is no feed

    # Without a document type there are no entities to expand, and as a stream it is never taken for an address.
    document = '<?xml version="1.0" encoding="utf-8"?>' + _CONTROLS.sub("", text)
    try:
        read: dict[str, Any] = feedparser.parse(
            io.BytesIO(document.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
            sanitize_html=False,  # all markup is taken out here: only text is kept
            resolve_relative_uris=False,
        )
    except Exception as error:  # a hostile feed may trip any parser
        raise FeedError(f"it cannot be parsed ({type(error).__name__})") from error
    head = read["feed"]
    return Feed(
        title=_text(head, "title"),
        language=_text(head, "language"),
        home=_text(head, "link"),
        next=_linked(head, ("next", "prev-archive")),
        entries=tuple(_syndicated_entry(entry, name) for entry in read["entries"][:_MOST_ENTRIES]),
    )


def _syndicated_entry(entry: dict[str, Any], name: str) -> Told:
    terms = (_text(tag, "label") or _text(tag, "term") for tag in _parts(entry, "tags"))
    content = next((_text(one, "value") for one in _parts(entry, "content")), "")
    detail = entry.get("title_detail")
    return Told(
        title=_text(entry, "title"),
        link=_text(entry, "feedburner_origlink")
        or _text(entry, "link")
        or _linked(entry, ("alternate",))
        or _linked(entry, ("enclosure",), "application/pdf"),
        stamp=_text(entry, "published") or _text(entry, "created") or _text(dict(entry), "updated"),  # no fallback
        summary=_text(entry, "summary") or content,
        categories=tuple(term for term in terms if term),
        literal=name == "feed" and isinstance(detail, dict) and detail.get("type") == "text/plain",
    )


def _linked(entry: dict[str, Any], rels: Iterable[str], kind: str = "") -> str:
    found = (link for link in _parts(entry, "links") if _text(link, "rel") in rels and kind in _text(link, "type"))
    return next((_text(link, "href") for link in found), "")


def _parts(entry: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The parts of an entry by that name: an element that a feed calls so may have taken their place."""
    value = entry.get(key)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _text(found: dict[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


# JSON Feed (jsonfeed.org, versions 1 and 1.1)


def _json_feed(text: str) -> Feed:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FeedError("it is a JSON Feed that cannot be parsed: it breaks off, or is not JSON") from error
    listed = found.get("items") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise FeedError('it is a JSON Feed without "items"')
    return Feed(
        title=_text(found, "title"),
        language=_text(found, "language"),
        home=_text(found, "home_page_url"),
        next=_text(found, "next_url"),
        entries=tuple(_json_entry(one) for one in listed[:_MOST_ENTRIES] if isinstance(one, dict)),
    )


def _json_entry(found: dict[str, Any]) -> Told:
    tags = found.get("tags")
    return Told(
        title=_text(found, "title"),
        link=_text(found, "url") or _text(found, "external_url"),
        stamp=_text(found, "date_published") or _text(found, "date_modified"),
        summary=_text(found, "summary") or _text(found, "content_text") or _text(found, "content_html"),
        categories=tuple(str(tag) for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
    )


# Sitemaps


def _news_sitemap(text: str) -> Feed:
    """The addresses that have a title; a sitemap has no order of its own, so they are put newest first."""
    parser: ET.XMLPullParser[Any] = ET.XMLPullParser(["end"])  # reads one that was cut off, too
    entries: list[Told] = []
    try:
        parser.feed(_CONTROLS.sub("", text))
        ended: Iterator[tuple[str, ET.Element]] = parser.read_events()  # type: ignore[assignment] # as asked for above
        for _, element in ended:
            if _local(element) == "url":
                entries += _located(element)
                element.clear()
    except (ET.ParseError, RecursionError) as error:
        raise FeedError(f"it is a sitemap that cannot be parsed ({error})") from error
    if not entries:
        raise FeedError("it is a sitemap without titles, not one of news")
    return Feed(entries=tuple(sorted(entries, key=lambda told: told.stamp, reverse=True)))


def _located(place: ET.Element) -> Iterator[Told]:
    parts = {_local(part): part for part in place.iter()}
    values = {name: (part.text or "").strip() for name, part in parts.items()}
    if values.get("title"):
        yield Told(title=values["title"], link=values.get("loc", ""), stamp=values.get("publication_date", ""))


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]
