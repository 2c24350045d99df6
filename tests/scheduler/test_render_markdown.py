"""Issues as Markdown: what it says, and that what a page says stays text."""

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from scheduler.render import render_markdown
from scheduler.render.markdown import escaped
from scheduler.render.safe import safe_link, shown
from storage.records import Change, Issue, Kind
from tests.scheduler.digests.example import FULL, QUIET, at, issue, told
from tests.scheduler.digests.hostile import FRAGMENTS, TEXTS, URLS

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(text: str) -> list[Token]:
    """All tokens, inline ones in place."""
    return [inner for token in MARKDOWN.parse(text) for inner in (token, *(token.children or ()))]


def shape(rendered: Issue) -> list[str]:
    """The constructs of an issue in order, without its text."""
    return [token.type for token in tokens(render_markdown(rendered)) if not token.type.startswith("text")]


def words(text: str) -> str:
    """Every text of an inline construct, joined."""
    return "".join(token.content if token.type.startswith("text") else " " for token in tokens(text))


def new(title: str, url: str | None = "https://a.example/x", **detail: object) -> Change:
    return Change("room", Kind.NEW, url, title, at(20, 5), detail)


def test_issue_says_what_the_html_says() -> None:
    text = render_markdown(FULL)
    assert text.startswith("# daily · Friday 20 November 2026, 07:00\n\n**3 new, 1 withdrawn, 1 unlisted")
    assert "enters its ~~second~~ **third** week; ~~27~~ **41** prisoners" in text
    assert "Date: ~~17 November 2026~~ **19 November 2026**" in text
    assert "**(listed late)**" in text
    assert "- **in trouble** · **harbour-authority** · not read since 18 Nov, 13:55" in text
    assert "Times are in Europe/Berlin (UTC+01:00)." in text


def test_issue_without_changes_says_what_was_read() -> None:
    assert "**0 changes; 40 of 40 newsrooms read, last at 06:58; none in trouble**" in render_markdown(QUIET)
    assert "It is the first issue of this digest." in render_markdown(issue(previous_sha256=None))


@pytest.mark.parametrize("fragment", [*FRAGMENTS, "1.", "x\n# y", "a **b** c", "&copy;", "http://x.example/"])
def test_escaped_text_is_text_wherever_it_stands(fragment: str) -> None:
    text = shown(fragment)
    for before in ("", "- ", "> ", "**bold** ", "| "):
        found = tokens(before + escaped(text))
        kinds = {token.type for token in found} - {"strong_open", "strong_close"}
        lists = {"bullet_list_open", "list_item_open", "list_item_close", "bullet_list_close"}
        quotes = {"blockquote_open", "blockquote_close"}
        assert kinds <= {"inline", "text", "text_special", "paragraph_open", "paragraph_close"} | lists | quotes
        assert sum(token.type == "list_item_open" for token in found) == (before == "- ")
        assert words(before + escaped(text)).strip().endswith(text.strip())


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_nothing_a_page_says_becomes_markdown(title: str, other: str) -> None:
    hostile = issue((new(f"{title}x", summary=f"{other}x", kind=f"{title}x"),), digest=f"{other}x")
    harmless = issue((new("x", summary="x", kind="x"),), digest="x")
    assert shape(hostile) == shape(harmless)
    assert shown(f"{title}x") in words(render_markdown(hostile))
    render_markdown(hostile).encode()


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_nothing_an_edit_says_becomes_markdown(before: str, after: str) -> None:
    fields = {"summary": {"before": f"{before}x", "after": f"{after}y"}}
    change = told("coastwatch", Kind.EDITED, "x", "The title", at(20, 5), fields=fields)
    found = [
        kind for kind in shape(issue((change,))) if kind not in {"s_open", "s_close", "strong_open", "strong_close"}
    ]
    harmless = told(
        "coastwatch", Kind.EDITED, "x", "The title", at(20, 5), fields={"summary": {"before": "x", "after": "y"}}
    )
    marks = {"s_open", "s_close", "strong_open", "strong_close"}
    assert found == [kind for kind in shape(issue((harmless,))) if kind not in marks]


@settings(max_examples=200, deadline=None)
@given(URLS)
def test_only_addresses_of_the_web_are_linked(url: str) -> None:
    links = [token for token in tokens(render_markdown(issue((new("A title", url),)))) if token.type == "link_open"]
    assert len(links) == (1 if safe_link(url) else 0)
    assert all(str(link.attrs["href"]).startswith(("http://", "https://", "HTTP")) for link in links)


@pytest.mark.parametrize(
    "url", ["https://a.example/x_(y)", "https://a.example/?a=1&copy;=2&b=*x*", "https://a.example/[1]"]
)
def test_link_leads_where_the_address_says(url: str) -> None:
    (link,) = [token for token in tokens(render_markdown(issue((new("A", url),)))) if token.type == "link_open"]
    encoded = {"(": "%28", ")": "%29", "[": "%5B", "]": "%5D", "*": "%2A", "_": "%5F"}
    assert link.attrs["href"] == "".join(encoded.get(sign, sign) for sign in url)


def test_address_that_is_not_linked_is_shown_as_code() -> None:
    assert "Address: `javascript:alert(%60x%60)`" in render_markdown(issue((new("A", "javascript:alert(`x`)"),)))
