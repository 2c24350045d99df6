from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

import pytest

from crawler.look import impossible, look
from crawler.verdict import find
from crawler.web import Answer, Ask, Fetch, FetchError, Forbidden
from storage.records import Look, LookOrder, Verdict

NOW = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)
SITE = "https://news.example.org"
URL = f"{SITE}/news/officials-must-free-the-teachers"
TITLE = "Officials must free the teachers they hold"
LISTED = (f"{SITE}/news/still-here", "Another release that is still listed")
SECOND = (f"{SITE}/news/here-too", "A second release that is still listed")
FILLER = (
    "Around the release there stands a menu, a search box, a footer with an imprint and a line about donations. " * 4
)

World = Mapping[str, Answer | FetchError]


def html(title: str = "", body: str = "", *, head: str = "", status: int = 200, at: str = URL) -> Answer:
    shown = f"<body>{body}<footer>{FILLER}</footer></body>"
    text = f"<!doctype html><html><head><title>{title}</title>{head}</head>{shown}</html>"
    return Answer(at, status, {"content-type": "text/html; charset=utf-8"}, text.encode())


def status(code: int, **headers: str) -> Answer:
    return Answer(URL, code, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


def release(title: str, at: str = URL) -> Answer:
    return html(f"{title} | Example Newsroom", f"<h1>{title}</h1><p>They were arrested in May.</p>", at=at)


def world(answers: World, *, otherwise: Answer | FetchError | None = None) -> tuple[Fetch, list[Ask]]:
    """A fetch over a dict; what is not in it answers `otherwise`, by default 404."""
    asked: list[Ask] = []

    async def fetch(ask: Ask) -> Answer:
        asked.append(ask)
        answer = answers.get(ask.url, otherwise or Answer(ask.url, 404, {}, b""))
        if isinstance(answer, FetchError):
            raise answer
        return answer

    return fetch, asked


def order(*controls: tuple[str, str], url: str = URL, title: str = TITLE) -> LookOrder:
    return LookOrder("example", url, url, title, controls)


async def looked(
    answer: Answer | FetchError,
    *controls: tuple[str, str],
    others: World | None = None,
    otherwise: Answer | None = None,
) -> Look:
    fetch, asked = world({URL: answer, LISTED[0]: release(LISTED[1], LISTED[0]), **(others or {})}, otherwise=otherwise)
    found = await look(order(*controls), fetch, lambda: NOW)
    assert found.requests == len(asked)
    assert not any(ask.same_site for ask in asked)
    assert (found.newsroom, found.key, found.url, found.at) == ("example", URL, URL, NOW)
    return found


# --- what one answer tells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [404, 410, 451])
async def test_a_missing_page_is_gone(code: int) -> None:
    found = await looked(status(code), LISTED)
    assert (found.verdict, found.status, found.control) == (Verdict.GONE, code, True)
    assert found.reason.startswith(f"HTTP {code} ")


@pytest.mark.parametrize("code", [204, 304, 400, 401, 403, 429, 500, 503, 599])
async def test_any_other_status_is_no_answer(code: int) -> None:
    found = await looked(status(code, retry_after="90"), LISTED)
    assert (found.verdict, found.control, found.requests, found.retry_after_s) == (Verdict.NO_ANSWER, None, 1, 90.0)


@pytest.mark.parametrize("error", [FetchError("timed out", 30.0), Forbidden("robots.txt forbids it", 30.0)])
async def test_an_error_is_no_answer_with_its_reason(error: FetchError) -> None:
    found = await looked(error, LISTED)
    assert (found.verdict, found.reason, found.retry_after_s) == (Verdict.NO_ANSWER, error.reason, 30.0)
    assert (found.status, found.final_url) == (None, None)


@pytest.mark.parametrize(
    "answer",
    [
        html(f"{TITLE} | Example Newsroom"),
        html(f"Example Newsroom – {TITLE}"),
        html("Example", f"<h1>{TITLE.upper()}!</h1>"),
        html("Example", f"<h1><a href='/'>{TITLE}</a></h1>"),
        html("Example", f"<h2>{TITLE}</h2>"),
        html("Example", f"<h2><a href='{URL}?utm_source=x'>{TITLE}</a></h2>"),
        html("Example", head=f"<meta property='og:title' content='{TITLE}'>"),
        html("Example", head=f'<script type="application/ld+json">{{"@graph": [{{"headline": "{TITLE}"}}]}}</script>'),
        html("Example", f"<p>Today: {TITLE} <a href='/about'>in the north</a>, we say.</p>"),
        html("Example", f"<p>{TITLE.replace('teachers', '<a href=/teachers>teachers</a>')}.</p>"),
        html("Example", "<h1>Officials must free the teachers they hold now</h1>"),
    ],
)
def test_a_page_that_carries_the_title_is_there(answer: Answer) -> None:
    assert find(answer, URL, TITLE).verdict is Verdict.THERE


def test_a_title_cut_by_the_listing_is_found_whole() -> None:
    whole = html("Example", "<p>Officials must free the teachers they hold in the northern province.</p>")
    assert find(whole, URL, "Officials must free the teachers they hold in the nor…").verdict is Verdict.THERE


def test_a_teaser_on_another_page_is_not_the_release() -> None:
    front = html("Example", f"<h1>Newsroom</h1><h2><a href='{URL}'>{TITLE}</a></h2>", at=f"{SITE}/news")
    found = find(front, URL, TITLE)
    assert found.verdict is Verdict.GONE
    assert found.reason == f"it leads to {SITE}/news, which does not carry its title"
    card = html("Example", f"<h1>Newsroom</h1><a href='{URL}'><h2>{TITLE}</h2><p>Today.</p></a>", at=f"{SITE}/news")
    assert find(card, URL, TITLE).verdict is Verdict.GONE


def test_a_short_title_in_a_text_is_no_proof() -> None:
    assert find(html("Example", "<p>A statement was made.</p>"), URL, "A statement").verdict is Verdict.NO_ANSWER


def test_a_title_in_a_script_without_blanks_is_found_in_the_text() -> None:
    title = "当局必须释放被关押的教师们"
    assert find(html("例", f"<p>今天{title}。</p>"), URL, title).verdict is Verdict.THERE
    edited = html("例", "<p>当局必须立即释放被关押的教师。</p>")
    assert find(edited, URL, title).verdict is Verdict.NO_ANSWER
    assert find(html("例", "<p>天气预报和体育新闻</p>"), URL, title).verdict is Verdict.GONE


@pytest.mark.parametrize(
    "heading",
    [
        "Officials must release the five teachers they detain",  # much like it
        "Now: the teachers they hold, and officials who must answer",  # most of its words
    ],
)
def test_an_edited_headline_is_no_answer(heading: str) -> None:
    found = find(html("Example", f"<h1>{heading}</h1>"), URL, TITLE)
    assert found.verdict is Verdict.NO_ANSWER
    assert "title" in found.reason


def test_an_edited_headline_at_a_new_address_is_no_answer() -> None:
    answer = html("Example", "<h1>Officials must release the teachers they hold</h1>", at=f"{SITE}/news/other")
    assert find(answer, URL, "Officials must free the teachers they keep").verdict is Verdict.NO_ANSWER


def test_a_redirect_to_another_spelling_is_no_redirect() -> None:
    answer = html(
        "Example", "<h1>Now: the teachers they hold, and officials who must answer</h1>", at=URL + "/?utm_x=1"
    )
    assert find(answer, URL, TITLE).verdict is Verdict.NO_ANSWER


@pytest.mark.parametrize(
    "answer",
    [
        html("Page not found", f"<p>Were you looking for {TITLE}?</p>"),
        html("Example", "<h1>Seite nicht gefunden</h1>"),
        html("Example", "<h1>Our shop</h1><p>Mugs and shirts.</p>"),
    ],
)
def test_a_page_that_is_plainly_another_is_gone(answer: Answer) -> None:
    assert find(answer, URL, TITLE).verdict is Verdict.GONE


@pytest.mark.parametrize(
    ("title", "body", "at"),
    [
        ("Just a moment...", "<script>_cf_chl_opt</script><p>Confirm you are human</p>", URL),
        ("Log in", "<form><input type=password></form>", f"{SITE}/login?to=x"),
        ("Cookie consent", "<p>We use cookies</p>", f"{SITE}/consent"),
        ("Newsroom", "<div id=root></div><script></script>", URL),
        ("Newsroom", "<p>Hello there</p>", URL),
    ],
)
def test_a_page_that_stands_in_is_no_answer(title: str, body: str, at: str) -> None:
    text = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    answer = Answer(at, 200, {"content-type": "text/html"}, text.encode())
    assert find(answer, URL, TITLE).verdict is Verdict.NO_ANSWER


@pytest.mark.parametrize(
    ("url", "content_type", "body", "verdict"),
    [
        (f"{SITE}/report.pdf", "application/pdf", b"%PDF-1.7", Verdict.THERE),
        (f"{SITE}/report.pdf", "application/octet-stream", b"%PDF-1.7", Verdict.THERE),
        (f"{SITE}/media/17", "application/pdf", b"%PDF-1.7", Verdict.THERE),
        (f"{SITE}/notes.csv", "text/csv", b"a;b", Verdict.THERE),
        (f"{SITE}/news/17", "application/json", b"{}", Verdict.NO_ANSWER),
        (f"{SITE}/news/17", "application/octet-stream", b"\x00\x01", Verdict.NO_ANSWER),
        (f"{SITE}/report.pdf", "text/html", b"<html><title>Page not found</title>", Verdict.GONE),
        (f"{SITE}/report.pdf", "text/html", b"  ", Verdict.NO_ANSWER),
    ],
)
def test_documents_are_there_when_they_are_documents(
    url: str, content_type: str, body: bytes, verdict: Verdict
) -> None:
    assert find(Answer(url, 200, {"content-type": content_type}, body), url, TITLE).verdict is verdict


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/news/renamed", f"{SITE}/news/renamed"),
        ("https://other.example/x", "https://other.example/x"),
        ("javascript:alert(1)", None),
        ("", None),
        ("https://[", None),
    ],
)
async def test_the_canonical_address_is_told_as_an_absolute_one(href: str, expected: str | None) -> None:
    answer = html(TITLE, head=f"<link rel='canonical' href='{href}'>", at=f"{SITE}/news/final")
    found = await looked(answer, LISTED)
    assert (found.canonical_url, found.final_url) == (expected, f"{SITE}/news/final")


def test_markup_that_no_browser_shows_is_no_answer() -> None:
    answer = Answer(URL, 200, {"content-type": "text/html"}, b"<html><body>" + b"<div>" * 50_000)
    assert find(answer, URL, TITLE).verdict is Verdict.NO_ANSWER


def test_broken_json_ld_says_nothing() -> None:
    scripts = "".join(
        f'<script type="application/ld+json">{text}</script>' for text in ("{", "[" * 9, "7", '{"headline": 7}')
    )
    assert find(html("Example", "<h1>Our shop</h1>", head=scripts), URL, TITLE).verdict is Verdict.GONE


# --- the control -----------------------------------------------------------------------------------------------------


async def test_a_verdict_holds_where_a_listed_release_answers_and_nothing_answers_nowhere() -> None:
    there = await looked(release(TITLE), LISTED)
    assert (there.verdict, there.control, there.requests) == (Verdict.THERE, True, 3)


async def test_without_a_release_to_compare_with_nothing_is_asked() -> None:
    found = await looked(status(404))
    assert (found.verdict, found.control, found.requests) == (Verdict.GONE, None, 1)
    assert "no release that is still listed" in found.reason
    assert (await looked(status(404), (URL + "/", TITLE))).control is None


async def test_the_second_control_counts_where_the_first_fails() -> None:
    others = {LISTED[0]: status(500), SECOND[0]: release(SECOND[1], SECOND[0])}
    found = await looked(status(404), LISTED, SECOND, others=others)
    assert (found.control, found.requests) == (True, 4)


async def test_a_wall_before_all_releases_fails_the_control() -> None:
    others = {LISTED[0]: status(404), SECOND[0]: status(503, retry_after="60")}
    third = (f"{SITE}/news/third", "A third one")
    found = await looked(status(404), LISTED, SECOND, third, others=others)
    assert (found.verdict, found.control, found.requests, found.retry_after_s) == (Verdict.GONE, False, 3, 60.0)
    assert f"{LISTED[0]}, which is still listed, does not answer with its title (HTTP 404 Not Found)" in found.reason


async def test_a_server_that_shows_the_title_anywhere_fails_the_control() -> None:
    found = await looked(release(TITLE), LISTED, otherwise=release(TITLE))
    assert (found.verdict, found.control) == (Verdict.THERE, False)
    assert "an address that cannot exist answers the same" in found.reason


async def test_a_soft_404_is_supported_by_an_address_that_cannot_exist() -> None:
    soft = html("Page not found")
    found = await looked(soft, LISTED, otherwise=soft)
    assert (found.verdict, found.control) == (Verdict.GONE, True)
    assert found.reason == "the page says that it was not found; an address that cannot exist answers alike"


async def test_a_page_that_trips_the_parser_is_no_answer() -> None:
    found = await looked(Answer(URL, 200, {}, cast("bytes", "no bytes")), LISTED)
    assert (found.verdict, found.reason) == (Verdict.NO_ANSWER, "the page could not be read: TypeError")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://e.org/news/some-slug", r"https://e\.org/news/[0-9a-f]{24}"),
        ("https://e.org/news/some-slug/", r"https://e\.org/news/[0-9a-f]{24}/"),
        ("https://e.org/news/slug.html?x=1#top", r"https://e\.org/news/[0-9a-f]{24}\.html\?x=1"),
        ("https://e.org/news/1234", r"https://e\.org/news/9\d{8}"),
        ("https://e.org/show.php?id=12&lang=en", r"https://e\.org/show\.php\?id=9\d{8}&lang=en"),
        ("https://e.org/?lang=en&p=12", r"https://e\.org/\?lang=en&p=9\d{8}"),
        ("https://e.org/view.aspx?lang=en&item=12", r"https://e\.org/view\.aspx\?lang=en&item=9\d{8}"),
        ("https://e.org/view.aspx?what=slug", r"https://e\.org/view\.aspx\?what=[0-9a-f]{24}"),
        ("https://e.org", r"https://e\.org/[0-9a-f]{24}"),
    ],
)
def test_an_address_that_cannot_exist_is_like_the_one_it_stands_for(url: str, expected: str) -> None:
    assert re.fullmatch(expected, impossible(url))
    assert impossible(url) == impossible(url)
