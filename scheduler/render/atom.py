"""The Atom feed of a digest (RFC 4287): one entry an issue."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from scheduler.render.headline import headline
from scheduler.render.html import LAYOUT, templates
from scheduler.render.index import main_format
from scheduler.render.safe import shown
from scheduler.render.times import long_stamp, utc
from scheduler.render.view import view
from storage.records import Issue

MAX_ISSUES = 100
"""Issues in the feed: three months of a daily digest; a reader keeps what it has fetched."""

MAX_TOLD = 100
"""Changes told in one entry; the issue itself has them all."""

_ATOM = "http://www.w3.org/2005/Atom"
_TYPES = {"html": "text/html", "md": "text/markdown", "json": "application/json"}


def render_atom(issues: Sequence[tuple[Issue, str]]) -> str:
    """The feed over a digest's issues, each with the SHA-256 of its JSON, oldest first; ValueError without any.

    Ids are hashes of content, so they stay the same wherever the folder is served; links are relative to it.
    """
    if not issues:
        raise ValueError("a feed needs an issue")
    (_, first_sha), (latest, _) = issues[0], issues[-1]
    name = shown(latest.digest)
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(feed, "id", _urn(f"{latest.digest}\n{first_sha}"))
    _add(feed, "title", f"presswatch: {name}")
    _add(feed, "updated", utc(latest.end))
    _add(_add(feed, "author"), "name", "presswatch")
    _add(feed, "generator", "presswatch", version=LAYOUT)
    _add(feed, "link", rel="self", type="application/atom+xml", href="feed.xml")
    _add(feed, "link", rel="alternate", type="text/html", href="index.html")
    for issue, sha256 in reversed(issues[-MAX_ISSUES:]):
        _entry(feed, issue, sha256)
    ET.indent(feed)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, "unicode")}\n'


def _entry(feed: ET.Element, issue: Issue, sha256: str) -> None:
    entry = _add(feed, "entry")
    main = main_format(issue)
    _add(entry, "id", f"urn:sha256:{sha256}")
    _add(entry, "title", f"{long_stamp(issue.end, issue.timezone)}: {headline(issue)}")
    _add(entry, "updated", utc(issue.end))
    _add(entry, "published", utc(issue.end))
    _add(entry, "link", rel="alternate", type=_TYPES[main], href=f"{issue.name}.{main}")
    content = templates().get_template("feed_entry.html.j2").render(view=view(issue, MAX_TOLD), limit=MAX_TOLD)
    _add(entry, "content", content, type="html")


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _urn(text: str) -> str:
    return f"urn:sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
