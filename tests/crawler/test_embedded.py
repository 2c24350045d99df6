"""Entries that a page holds as JSON in a script."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crawler import NoListing, infer, read_listing
from crawler.why import sources
from storage.records import Recipe

URL = "https://press.example.org/news/"
NEWS = [
    {"headline": f"The pilots of pier {n} publish figures", "url": f"/n/{n}", "datePublished": f"2024-05-{n:02d}"}
    for n in range(19, 9, -1)
]


def page(value: Any, attributes: str = 'id="data" type="application/json"', before: str = "") -> str:  # noqa: ANN401 - JSON
    said = value if isinstance(value, str) else json.dumps(value)
    return f'<html lang="en"><body><div id="root"></div><script {attributes}>{before}{said}</script></body></html>'


def titles(recipe: Recipe, html: str) -> list[str]:
    return [entry.title for entry in read_listing(recipe, html, URL).entries]


@pytest.mark.parametrize(
    ("html", "entry", "data"),
    [
        (page({"props": {"menu": [{"title": "Home", "url": "/"}], "news": NEWS}}), "script#data", "props.news"),
        (page(NEWS), "script#data", ""),
        (page([{"list": NEWS}]), "script#data", "*.list"),
        (page({"list": NEWS}, "", "window.__STATE__ = "), "script:not([src]):not([type])", "list"),
        (
            page({"@graph": [{"itemListElement": [{"item": one} for one in NEWS]}]}, 'type="application/ld+json"'),
            'script[type="application/ld+json"]', "@graph.*.itemListElement",
        ),
        (page({"edges": [{"node": one} for one in NEWS]}), "script#data", "edges"),
    ],
)  # fmt: skip
def test_a_list_in_a_script_is_found(html: str, entry: str, data: str) -> None:
    recipe = infer(html, URL)
    assert (recipe.entry, recipe.data) == (entry, data)
    first = read_listing(recipe, html, URL).entries[0]
    assert (first.title, first.url, first.date) == (
        NEWS[0]["headline"], "https://press.example.org/n/19", date(2024, 5, 19),
    )  # fmt: skip
    assert "10 entries of one kind in a script." in recipe.reasons


def test_a_list_that_people_see_is_preferred() -> None:
    rows = "".join(f'<li><a href="{n["url"]}">{n["headline"]}</a> <i>{n["datePublished"]}</i></li>' for n in NEWS)
    html = page({"news": NEWS}).replace('<div id="root">', f'<div id="root"><ul>{rows}</ul>')
    assert infer(html, URL).data is None


def test_its_fields_may_be_named_by_their_keys() -> None:
    html = page({"all": [{"t": {"text": "One title of it"}, "to": "/a", "on": "2024-05-04T10:00:00Z", "title": "no"}]})
    recipe = Recipe("script#data", title="t.text", link="to", date="on", data="all")
    (entry,) = read_listing(recipe, html, URL).entries
    assert (entry.title, entry.url, entry.date) == (
        "One title of it", "https://press.example.org/a", datetime(2024, 5, 4, 10, tzinfo=UTC),
    )  # fmt: skip


def test_values_may_be_wrapped_and_marked_up() -> None:
    told = {"title": {"rendered": "Fish &amp; <i>nets</i> are counted"}, "link": "/a", "excerpt": "<p>In short</p>"}
    (entry,) = read_listing(Recipe("script#data", data=""), page([told]), URL).entries
    assert (entry.title, entry.summary) == ("Fish & nets are counted", "In short")


@pytest.mark.parametrize(
    "value",
    [
        "{",
        "[1, 2",
        "nothing",
        "[" * 100_000,
        '{"a": NaN, "list": 3}',
        {"list": {"a": 1}},
        {"list": [1, None, [], {}]},
        7,
    ],
)
def test_odd_data_has_no_entries(value: Any) -> None:  # noqa: ANN401 - JSON
    assert titles(Recipe("script#data", data="list"), page(value)) == []
    with pytest.raises(NoListing):
        infer(page(value), URL)


def test_the_pager_is_the_page_s_and_nothing_is_explained() -> None:
    html = page(NEWS).replace("<script", '<a rel="next" href="?page=2">Next</a><script')
    recipe = Recipe("script#data", data="")
    listing = read_listing(recipe, html, URL)
    assert listing.next == f"{URL}?page=2"
    assert sources(recipe, html, URL, listing, now=datetime(2026, 1, 1, tzinfo=UTC)) == tuple({} for _ in NEWS)
