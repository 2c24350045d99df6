from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler import NoListing, infer, infer_all, read_listing
from crawler.listing import RecipeError
from storage.records import Recipe

CHALLENGE = (
    "<title>Just a moment...</title><h1>Checking your browser</h1>"
    "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/x'></script>"
)
URL = "https://press.example.org/news/"
ROWS = "".join(
    f'<li class="n"><a href="/news/{n}-boats">{n} boats were counted off the mole</a> <i>{n} May 2021</i></li>'
    for n in range(20, 10, -1)
)
MENU = "<nav><ul>" + "".join(f'<li><a href="/m{n}">Menu point number {n}</a></li>' for n in range(30)) + "</ul></nav>"


def test_the_list_is_found_beside_the_menus() -> None:
    footer = f"<footer>{MENU}</footer><aside><ul>{MENU}</ul></aside>"
    html = f"<html><body>{MENU}<ul class='list'>{ROWS}</ul>{footer}</body></html>"
    recipe = infer(html, URL)
    listing = read_listing(recipe, html, URL)
    assert [entry.url for entry in listing.entries] == [f"{URL}{n}-boats" for n in range(20, 10, -1)]
    assert recipe.confidence is not None
    assert recipe.confidence > 0.8
    assert "10 of 10 have a date." in recipe.reasons
    assert "the dates run from new to old." in recipe.reasons


def test_a_list_without_dates_is_believed_less() -> None:
    html = f"<html><body><ul class='list'>{ROWS.replace(' May 2021', ' boats')}</ul></body></html>"
    recipe = infer(html, URL)
    assert recipe.confidence is not None
    assert recipe.confidence < 0.8
    assert "no entry has a date." in recipe.reasons


def test_classes_that_differ_from_row_to_row_do_not_part_a_list() -> None:
    rows = "".join(
        f'<article class="post-{n} type-post category-c{n} entry"><h2><a href="/p{n}">Boats counted on day {n}</a></h2>'
        f"<time datetime='2021-05-{n}'>{n} May 2021</time></article>"
        for n in range(20, 10, -1)
    )
    recipe = infer(f"<html><body><main id='main'>{rows}</main></body></html>", URL)
    assert recipe.title in {"h2", "h2 a"}
    assert recipe.date == "time"
    assert len(read_listing(recipe, f"<main id='main'>{rows}</main>", URL).entries) == 10


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", "no markup"),
        ("just words", "no markup"),
        ("<html><body></body></html>", "no list"),
        (f"<html><body>{MENU}</body></html>", "no list"),
        ("<?xml version='1.0'?><rss><channel></channel></rss>", "feed"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'></feed>", "feed"),
        ("<div>" * 50_000, "nests deeper"),
        ("<body><div id='root'></div><script src='/app.js'></script></body>", "script|JavaScript"),
        (CHALLENGE, "robot"),
        ("<title>Log in</title><form><input name=u><input type=password></form>", "log in"),
    ],
)
def test_a_page_without_a_list_is_told_apart(html: str, reason: str) -> None:
    with pytest.raises(NoListing, match=reason) as caught:
        infer(html, URL)
    assert caught.value.reason == str(caught.value)


HOSTILE = st.one_of(
    st.binary(max_size=3000),
    st.text(max_size=2000),
    st.lists(
        st.sampled_from([
            "<div>", "</div>", "<div class=e>", "<a href=/x>", "<a href='http://[/'>", "</a>", "<table>",
            "<tr>", "<td>", "</table>", "<p>", "<h2>", "</h2>", "<time datetime=2024-03-04>", "4 May 2021",
            "03/04/2024", "words", "<svg>", "<template>", "<!--", "-->", "<script>", "</script>",
            "<base href='x:y'>", "<li class='\x00 e'>", "&#x0;", "\ud800", "<frameset>", "<select>", "<math>",
            "<b>", "<i>", "</b>", "<br>", "<html lang='\ufffd'>", "<plaintext>",
        ]),
        max_size=120,
    ).map("".join),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE, st.sampled_from([None, "utf-8", "utf-16", "shift_jis", "hex", "\x00"]))
def test_no_page_breaks_the_reader(html: bytes | str, encoding: str | None) -> None:
    read_listing(Recipe("div", title="h2", date="time@datetime"), html, URL, encoding=encoding)
    try:
        recipe = infer(html, URL, encoding=encoding)
    except NoListing:
        return
    assert read_listing(recipe, html, URL, encoding=encoding).entries


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30))
def test_no_selector_breaks_the_reader(selector: str) -> None:
    for recipe in (Recipe(selector), Recipe("div", title=selector, date=selector), Recipe("div", next=selector)):
        try:
            read_listing(recipe, "<div><p class=a>x<a href=/b>y</a></p></div>", URL)
        except RecipeError as error:
            assert "recipe's" in str(error)  # noqa: PT017 (most selectors raise nothing)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 3000))
def test_a_page_cut_anywhere_is_read(length: int) -> None:
    html = f"<html><body>{MENU}<ul class='list'>{ROWS}</ul></body></html>".encode()[: length * 2]
    read_listing(Recipe("li.n"), html, URL)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000,
        "<div><span>" * 25_000 + "</span></div>" * 25_000,
        "<table><tr><td>" * 17_000,
        "<a href=/x>" * 50_000,
        "<p>" + "".join(f"<font a{i}>" for i in range(5000)) + "</p><p>x" * 5000,
        "<ul><li>" * 25_000,
        "<div class=e><a href=/x>word word word</a> 4 May 2021</div>" * 3000,
        "<div class=e>" + "<b>x</b> " * 50_000 + "</div>",
        "<div class=e>" + "<a href=/x>word</a> " * 5_000 + "</div>",
        "<div class=e><h2>" + "a\u0301\u0323" * 50_000 + "</h2></div>",
        "<" * 100_000,
        "<!--" * 50_000,
        "&" * 100_000,
    ],
    ids=lambda html: html[:16],
)
def test_no_page_takes_long(html: str) -> None:
    start = time.process_time()
    read_listing(Recipe("div"), html, URL)
    with suppress(NoListing):
        infer(html, URL)
    assert time.process_time() - start < 20


def test_all_lists_of_a_page_are_told_best_first() -> None:
    news = "".join(
        f"<li class='release'><h2><a href='/news/{n}'>The council answers question number {n}</a></h2>"
        f"<time>{n} May 2026</time></li>"
        for n in range(20, 10, -1)
    )
    side = "".join(f"<p class='top'><a href='/blog/{n}'>What many people read on day {n}</a></p>" for n in range(5))
    html = f"<html><body><ul>{news}</ul><aside>{side}</aside></body></html>"
    recipes = infer_all(html, URL)
    assert recipes[0] == infer(html, URL)
    assert [read_listing(recipe, html, URL).entries[0].title for recipe in recipes] == [
        "The council answers question number 20",
        "What many people read on day 0",
    ]
    assert [recipe.confidence or 0 for recipe in recipes] == sorted((r.confidence or 0 for r in recipes), reverse=True)
    assert all(recipe.reasons for recipe in recipes)


def test_links_around_a_list_get_none_of_its_dates() -> None:
    def links(*names: str) -> str:
        return "<ul>" + "".join(f"<li><a href='/{name}/'>{name.title()} office</a></li>" for name in names) + "</ul>"

    news = "".join(
        f"<div class='teaser'><h2><a href='/news/{n}'>The council answers question number {n}</a></h2>"
        f"<p class='meta'>{n} May 2026</p></div>"
        for n in range(20, 10, -1)
    )
    html = (
        f"<body><nav>{links('press', 'first', 'other')}</nav><main>{news}</main>{links('mayor', 'port', 'tax')}</body>"
    )
    first, *others = infer_all(html, URL)
    assert len(read_listing(first, html, URL).entries) == 10
    assert others
    for recipe in others:
        assert [entry.date for entry in read_listing(recipe, html, URL).entries if entry.date] == []
        assert "no entry has a date." in recipe.reasons


def test_days_without_a_year_on_the_line_of_the_title_are_found() -> None:
    months = "".join(
        f"<h2>{month} 2021</h2><ul>"
        + "".join(
            f"<li>{day} {month} – <a href='/n/{month}{day}'>De {day}e haven krijgt een sluis</a></li>" for day in days
        )
        + "</ul>"
        for month, days in (("november", (17, 12, 3)), ("oktober", (29, 20, 14)))
    )
    html = f"<html lang='nl'><body><h1>Persberichten</h1>{months}</body></html>"
    recipe = infer(html, URL)
    listing = read_listing(recipe, html, URL)
    assert [str(entry.date) for entry in listing.entries] == [
        "2021-11-17", "2021-11-12", "2021-11-03", "2021-10-29", "2021-10-20", "2021-10-14",
    ]  # fmt: skip
    assert all(entry.title.startswith("De ") for entry in listing.entries)
    assert "6 of 6 have a date." in recipe.reasons


def test_a_page_without_a_list_has_none_at_all() -> None:
    with pytest.raises(NoListing):
        infer_all("<html><body><p>Hello.</p></body></html>", URL)


def test_a_feed_has_one_list() -> None:
    feed = "<rss><channel><item><title>T</title></item></channel></rss>"
    assert infer_all(feed, URL) == [infer(feed, URL)]
