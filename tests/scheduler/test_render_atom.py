"""The Atom feed of a digest."""

from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from scheduler.render import render_atom
from scheduler.render.atom import MAX_ISSUES, MAX_TOLD
from storage.records import Change, Issue, Kind
from tests.scheduler.digests.example import END, FULL, QUIET, STANDING, at, issue, told
from tests.scheduler.digests.hostile import TEXTS
from tests.scheduler.test_render_html import Reader

ATOM = "{http://www.w3.org/2005/Atom}"
BOTH = [(QUIET, "a1" * 32), (FULL, "b2" * 32)]


def parsed(issues: list[tuple[Issue, str]]) -> ET.Element:
    return ET.fromstring(render_atom(issues))  # noqa: S314 - it reads what was rendered just now


def text(element: ET.Element, path: str) -> str:
    return element.findtext("/".join(ATOM + part for part in path.split("/"))) or ""


def test_feed_has_what_the_standard_asks_for() -> None:
    feed = parsed(BOTH)
    assert feed.tag == f"{ATOM}feed"
    assert text(feed, "title") == "presswatch: daily"
    assert text(feed, "author/name") == "presswatch"
    assert datetime.fromisoformat(text(feed, "updated")) == FULL.end
    for entry in feed.findall(f"{ATOM}entry"):
        assert text(entry, "id").startswith("urn:sha256:")
        assert text(entry, "title")
        assert datetime.fromisoformat(text(entry, "updated")).tzinfo is not None
        (content,) = entry.findall(f"{ATOM}content")
        assert content.get("type") == "html"
    links = [(link.get("rel"), link.get("href")) for link in feed.iter(f"{ATOM}link")]
    assert links == [
        ("self", "feed.xml"), ("alternate", "index.html"), ("alternate", "20261120T060000Z.html"),
        ("alternate", "20261119T060000Z.html"),
    ]  # fmt: skip


def test_ids_are_stable_and_differ() -> None:
    one, more = parsed(BOTH[:1]), parsed(BOTH)
    assert text(one, "id") == text(more, "id")
    ids = [text(entry, "id") for entry in more.findall(f"{ATOM}entry")]
    assert ids == ["urn:sha256:" + "b2" * 32, "urn:sha256:" + "a1" * 32]
    other = parsed([(replace(QUIET, digest="weekly"), "a1" * 32)])
    assert text(other, "id") != text(one, "id")


def test_content_tells_the_changes() -> None:
    content = text(parsed(BOTH), "entry/content")
    read = Reader(content)
    assert "3 new, 1 withdrawn" in read.text
    assert "enters its second third week" in read.text
    assert "https://www.coastwatch.example/news/oil-sheen" in read.links
    assert "harbour-authority: in trouble" in read.text


def test_feed_is_bounded() -> None:
    issues = [
        (replace(QUIET, number=n, name=f"n{n}", end=END + timedelta(days=n)), f"{n:064}") for n in range(MAX_ISSUES + 5)
    ]
    entries = parsed(issues).findall(f"{ATOM}entry")
    assert len(entries) == MAX_ISSUES
    assert text(entries[0], "id") == f"urn:sha256:{MAX_ISSUES + 4:064}"


def test_entry_is_bounded() -> None:
    changes = tuple(
        Change("room", kind, f"https://a.example/{n}", f"Release {n}", at(20, 5))
        for kind in (Kind.WITHDRAWN, Kind.NEW, Kind.MOVED)
        for n in range(MAX_TOLD - 10)
    )
    gaps = tuple(Change(f"room{n}", Kind.GAP, None, None, at(20, 5)) for n in range(MAX_TOLD + 1))
    content = text(parsed([(issue((*changes, *gaps)), "c3" * 32)]), "entry/content")
    assert "170 more changes are in the issue itself." in content
    assert "2 more newsrooms are in the issue itself." in content
    assert "Withdrawn (90)" in content
    assert "New (90)" in content
    assert "Moved" not in content


def test_entry_links_the_file_to_read_first() -> None:
    (entry,) = parsed([(issue(formats=("md",)), "c3" * 32)]).findall(f"{ATOM}entry")
    (link,) = entry.findall(f"{ATOM}link")
    assert (link.get("href"), link.get("type")) == ("20261120T060000Z.md", "text/markdown")


def test_feed_needs_an_issue() -> None:
    with pytest.raises(ValueError, match="needs an issue"):
        render_atom([])


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_feed_stays_well_formed_whatever_a_page_says(title: str, other: str) -> None:
    change = told("coastwatch", Kind.NEW, "x", f"x{title}", at(20, 5), summary=f"x{other}")
    hostile = text(parsed([(issue((change,), digest=f"x{other}", standing=STANDING), "d4" * 32)]), "entry/content")
    harmless = told("coastwatch", Kind.NEW, "x", "x", at(20, 5), summary="x")
    plain = text(parsed([(issue((harmless,), standing=STANDING), "d4" * 32)]), "entry/content")
    assert Reader(hostile).shape == Reader(plain).shape
