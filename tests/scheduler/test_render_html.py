"""Issues as HTML: what it says, that it is sound, and that what a page says stays text."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from scheduler.render import render_html, render_index
from scheduler.render.safe import MAX_SHOWN, safe_link, shown
from storage.records import Change, Issue, Kind, Standing, Trouble
from tests.scheduler.digests.example import CHANGES, FULL, QUIET, STANDING, at, issue, told
from tests.scheduler.digests.hostile import TEXTS, URLS

VOID = {"meta", "link"}
ATTRIBUTES = {
    "aria-label", "aria-labelledby", "charset", "class", "content", "datetime", "href", "http-equiv", "id", "lang",
    "name", "open", "rel", "title", "type",
}  # fmt: skip


class Reader(HTMLParser):
    """Reads a document strictly: every element must be closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        assert set(names) <= ATTRIBUTES
        self.shape.append((tag, tuple(names)))
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if "href" in values else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def new(title: str | None, url: str | None = "https://a.example/x", **detail: object) -> Change:
    return Change("room", Kind.NEW, url, title, at(20, 5), detail)


@pytest.mark.parametrize("text", [render_html(FULL), render_html(QUIET), render_index([QUIET, FULL])])
def test_document_is_sound_and_self_contained(text: str) -> None:
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    read = Reader(text)
    tags = [tag for tag, _ in read.shape]
    assert {"title", "main", "header", "h1"} <= set(tags)
    assert not {"script", "img", "iframe", "object", "base", "form", "svg"} & set(tags)
    assert len(read.ids) == len(set(read.ids))
    own = {change.url for change in CHANGES}
    for link in read.links:
        assert link in own or link.removeprefix("#") in read.ids or "/" not in link
    style = text[text.index("<style>") : text.index("</style>")]
    assert not any(word in style for word in ("url(", "@import", "http", "expression"))


def test_line_at_the_top_says_it_all() -> None:
    assert (
        "3 new, 1 withdrawn, 1 unlisted, 2 edited, 1 moved, 1 restored in 5 newsrooms · "
        "1 gap, 1 recovered, 1 baseline · 39 of 40 newsrooms read, last at 06:52 · 1 in trouble"
    ) in Reader(render_html(FULL)).text


@pytest.mark.parametrize(
    ("standing", "line"),
    [
        (STANDING, "0 changes; 39 of 40 newsrooms read, last at 06:52; 1 in trouble"),
        (Standing(1, 1, at(20, 5)), "0 changes; 1 of 1 newsroom read, last at 06:00; none in trouble"),
        (Standing(2, 0, at(18, 5)), "0 changes; 0 of 2 newsrooms read, last on 18 November at 06:00; none in trouble"),
        (
            Standing(2, 0, at(18, 5).replace(year=2025)),
            "0 changes; 0 of 2 newsrooms read, last on 18 November 2025 at 06:00; none in trouble",
        ),
        (Standing(2, 0, None), "0 changes; 0 of 2 newsrooms read, never yet; none in trouble"),
        (Standing(0, 0, None), "0 changes; 0 of 0 newsrooms read; none in trouble"),
    ],
)
def test_issue_without_changes_says_what_was_read(standing: Standing, line: str) -> None:
    read = Reader(render_html(issue(standing=standing)))
    assert f"{line} No release changed in this period." in read.text


def test_groups_stand_in_the_order_of_what_matters_and_newsrooms_in_theirs() -> None:
    ids = [name for name in Reader(render_html(FULL)).ids if not name.startswith("c-") and not name.endswith("-label")]
    assert ids == ["withdrawn", "unlisted", "edited", "new", "moved", "restored", "newsrooms"]
    text = render_html(FULL)
    assert text.index("<h3><bdi>grid-operator") < text.index("<h3><bdi>northern-rights")


def test_withdrawal_tells_how_it_was_established() -> None:
    text = Reader(render_html(issue(CHANGES[:1]))).text
    assert (
        "withdrawn · dated 12 November 2026 · first seen 12 Nov, 09:10 · last seen 19 Nov, 22:15 · "
        "established 20 Nov, 06:46#"
    ) in text
    assert "Looked at: 404 Not Found on 20 Nov, 05:41; 404 Not Found on 20 Nov, 06:46" in text
    assert "https://www.transport.gov.example/news/2026/11/harbour-tunnel-safety-audit" in text


@pytest.mark.parametrize(
    ("looks", "line"),
    [
        (
            [{"at": "2026-11-20T04:41:00+00:00", "status": 410, "reason": "soft"}],
            "Looked at: 410 (soft) on 20 Nov, 05:41",
        ),
        ([{"status": 404}, {"reason": "gone"}, {}], "Looked at: 404; gone; no answer"),
        ([{"status": 400 + n} for n in range(9)], "Looked at: 400; 408"),
        (1, "Looked at once"),
        (1200, "Looked at 1,200 times"),
    ],
)
def test_looks_are_told_as_far_as_they_are_known(looks: object, line: str) -> None:
    change = told("coastwatch", Kind.WITHDRAWN, "x", "Gone", at(20, 5), looks=looks)
    assert line in Reader(render_html(issue((change,)))).text


@pytest.mark.parametrize(
    "detail", [{}, {"looks": "x"}, {"looks": 0}, {"date": "soon", "first_seen": "then", "looks": ["x"]}]
)
def test_details_that_are_missing_or_odd_are_left_out(detail: dict[str, object]) -> None:
    change = told("coastwatch", Kind.WITHDRAWN, "x", "Gone", at(20, 5), **detail)
    text = Reader(render_html(issue((change,)))).text
    assert "Looked at" not in text
    assert "first seen" not in text


def test_edit_shows_the_words_that_changed() -> None:
    text = render_html(FULL)
    assert '<ins><span class="unseen">added: </span>third</ins> week;' in text
    assert '<del><span class="unseen">removed: </span>the prison’s doctor has left</del>' in text
    assert '<del><span class="unseen">removed: </span>17 November 2026</del>' in text
    read = Reader(text).text
    assert "Kind (there was none) added: Outlook" in read
    assert "Caption (there is none now) removed: Photo: Ada Holm" in read


@pytest.mark.parametrize(
    "fields", [None, "x", {"body": "x"}, {"body": {"before": "one", "after": "two"}}, {"title": {}}]
)
def test_edit_of_whatever_fields_is_shown(fields: object) -> None:
    change = told("coastwatch", Kind.EDITED, "x", "The title", at(20, 5), fields=fields)
    text = Reader(render_html(issue((change,)))).text
    assert "The title" in text
    assert ("Body removed: one added: two" in text) == (fields == {"body": {"before": "one", "after": "two"}})


def test_newsrooms_in_trouble_are_told_once() -> None:
    broken = told(
        "coastwatch", Kind.BROKEN, None, None, at(20, 2), reason="challenge page", since="2026-11-19T01:00:00Z"
    )
    standing = Standing(40, 38, at(20, 5), (Trouble("coastwatch", at(19, 1), "challenge page"), *STANDING.troubles))
    text = Reader(render_html(issue((broken,), standing=standing))).text
    assert "1 broken · 38 of 40 newsrooms read, last at 06:00 · 2 in trouble" in text
    assert "coastwatch broken · in trouble since 19 Nov, 02:00 · told 20 Nov, 03:00 challenge page" in text
    assert "harbour-authority in trouble · not read since 18 Nov, 13:55 503 Service Unavailable" in text
    assert text.count("challenge page") == 1


def test_a_newsroom_that_was_never_read_is_told_as_that() -> None:
    standing = Standing(1, 0, None, (Trouble("coastwatch", at(19, 1), "connection refused"),))
    text = Reader(render_html(issue((), standing=standing))).text
    assert "0 changes; 0 of 1 newsroom read, never yet; 1 in trouble" in text
    assert "coastwatch in trouble · never read · tried since 19 Nov, 02:00 connection refused" in text


def test_newsroom_changes_are_told_in_words() -> None:
    changes = (
        told("grid-operator", Kind.BASELINE, None, None, at(19, 8), releases=1),
        told("coastwatch", Kind.LAYOUT_CHANGED, None, None, at(19, 8)),
        told("coastwatch", Kind.SILENT, None, None, at(19, 8), reason="no release for 40 days"),
        told("coastwatch", Kind.BASELINE, None, None, at(19, 8)),
    )
    text = Reader(render_html(issue(changes, standing=Standing(2, 2, at(20, 5))))).text
    assert "1 silent, 1 layout changed, 2 baselines · 2 of 2 newsrooms read" in text
    assert "grid-operator baseline · 1 release known now" in text
    assert "its recipe was relearned" in text
    assert "silent · seen 19 Nov, 09:00 no release for 40 days" in text


def test_times_name_their_zone() -> None:
    assert "All times are in Europe/Berlin (UTC+01:00)." in Reader(render_html(FULL)).text
    assert "All times are in UTC." in Reader(render_html(issue(timezone="UTC"))).text


def test_issue_links_its_other_files_and_the_chain() -> None:
    read = Reader(render_html(FULL))
    assert {"index.html", "feed.xml", "20261120T060000Z.md", "20261120T060000Z.json"} <= set(read.links)
    assert "5f0c2a91" * 8 in read.text
    assert "The first issue of this digest." in Reader(render_html(issue(previous_sha256=None))).text


def test_index_lists_all_issues_newest_first() -> None:
    old = issue(number=1, name="20260301T060000Z", end=at(1, 6).replace(month=3), formats=())
    read = Reader(render_index([old, QUIET, FULL]))
    files = [link for link in read.links if link[0] == "2" and not link.endswith(".md")]
    assert files == [
        "20261120T060000Z.html", "20261120T060000Z.json", "20261119T060000Z.html", "20261119T060000Z.json",
        "20260301T060000Z.json",
    ]  # fmt: skip
    assert "3 issues, newest first" in read.text
    assert "November 2026 2" in read.text
    assert "March 2026 1" in read.text
    assert "0 changes; 40 of 40 newsrooms read, last at 06:58; none in trouble" in read.text


def test_long_issue_is_laid_out_as_it_is_scrolled() -> None:
    long = issue(tuple(new(f"Release {n}", f"https://a.example/{n}") for n in range(501)))
    assert '<body class="long">' in render_html(long)
    assert "501 new" in render_html(long)
    assert '<body class="long">' not in render_html(FULL)


def shape(rendered: Issue) -> list[tuple[str, tuple[str, ...]]]:
    return Reader(render_html(rendered)).shape


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_nothing_a_page_says_becomes_markup(title: str, other: str) -> None:
    hostile = issue((new(f"x{title}", summary=f"x{other}", kind=f"x{title}"),), digest=f"x{other}")
    harmless = issue((new("x", summary="x", kind="x"),), digest="x")
    assert shape(hostile) == shape(harmless)
    assert shown(f"x{title}") in Reader(render_html(hostile)).text
    assert not any(mark in render_html(hostile) for mark in "\x00\x1b\x9b\u202e\u2066\ufffe")
    render_html(hostile).encode()


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_nothing_an_edit_says_becomes_markup(before: str, after: str) -> None:
    fields = {"summary": {"before": before, "after": after}, before: {"before": after, "after": None}}
    change = told("coastwatch", Kind.EDITED, "x", after, at(20, 5), fields=fields)
    broken = told("coastwatch", Kind.BROKEN, None, None, at(20, 2), reason=before, since=after)
    read = Reader(render_html(issue((change, broken))))
    assert {tag for tag, _ in read.shape} <= {tag for tag, _ in shape(FULL)}


@settings(max_examples=200, deadline=None)
@given(URLS)
def test_only_addresses_of_the_web_are_linked(url: str) -> None:
    read = Reader(render_html(issue((new("A title", url),))))
    foreign = [link for link in read.links if link[0] != "#" and "/" in link]
    assert foreign == ([url] if safe_link(url) else [])
    assert all(link.startswith(("http://", "https://")) for link in foreign)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x?y=1&z=2#top", True),
        ("http://a.example", True),
        ("HTTPS://a.example/", True),
        ("https://münchen.example/straße", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://bank.example@evil.example/", False),
        ("https://a.example/x y", False),
        ("https://a.example/\u202e", False),
        ("//a.example", False),
        ("", False),
        (None, False),
    ],
)
def test_safe_link(url: str | None, safe: bool) -> None:
    assert safe_link(url) == (url if safe else None)


def test_address_that_is_not_linked_is_shown() -> None:
    read = Reader(render_html(issue((new("A title", "javascript:alert(1)"),))))
    assert "javascript:alert(1)" in read.text


def test_empty_title_is_told_as_such() -> None:
    assert "(without a title)" in Reader(render_html(issue((new("\u202e"),)))).text


def test_endless_text_is_cut() -> None:
    assert len(shown("word " * 100_000)) <= MAX_SHOWN
    assert shown("x" * 100_000).endswith("…")
    assert shown(" " * 50_000) == ""


def test_half_of_a_surrogate_pair_is_not_shown() -> None:
    assert shown("a\ud800b\ufffe") == "ab"
