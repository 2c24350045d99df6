"""Where each value of an entry comes from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.listing import read_listing
from crawler.why import Source, sources
from storage.records import Recipe

URL = "https://harbour.test/news"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def explained(recipe: Recipe, html: str) -> list[dict[str, Source]]:
    listing = read_listing(recipe, html, URL, now=NOW)
    assert listing.entries
    return [dict(one) for one in sources(recipe, html, URL, listing, now=NOW)]


def page(*entries: str) -> str:
    return f"<html lang='en'><body>{''.join(entries)}</body></html>"


ROW = """<li class="row"><h3><a href="/news/1">The lock gates are painted</a></h3>
<time class="when" datetime="2026-11-20">today</time><p class="told">They are green now, and were grey.</p></li>"""


def test_a_value_is_named_by_the_recipe_or_found() -> None:
    (found,) = explained(Recipe("li.row", title="h3", summary=".told"), page(ROW))
    assert found == {
        "title": Source("h3 > a", by_recipe=True),
        "link": Source("h3 > a@href", by_recipe=True),
        "date": Source("time.when@datetime", by_recipe=False),
        "summary": Source("p.told", by_recipe=True),
    }


def test_an_attribute_that_the_recipe_names_is_named() -> None:
    (found,) = explained(Recipe("li.row", date="time@datetime"), page(ROW))
    assert found["date"] == Source("time.when@datetime", by_recipe=True)


@pytest.mark.parametrize("around", ["<a class='card' href='/news/1'>{}</a>", "<div>{}</div>"])
def test_the_link_may_be_around_the_entry(around: str) -> None:
    row = ROW.replace('<a href="/news/1">', "").replace("</a>", "").replace("li", "div")
    (found,) = explained(Recipe("div.row"), page(around.format(row)))
    assert found.get("link") == (Source("the a around it@href", by_recipe=False) if "card" in around else None)


def test_an_entry_may_be_its_link() -> None:
    (found,) = explained(
        Recipe("a.card", link="@href"), page('<a class="card" href="/news/1"><h3>The lock gates are painted</h3></a>')
    )
    assert found["link"] == Source("the entry itself@href", by_recipe=True)


def test_each_entry_has_its_own_and_nested_matches_are_none() -> None:
    rows = [ROW.replace("/1", f"/{n}").replace("green", f"green {n}") for n in range(3)]
    rows[1] = rows[1].replace("<p", "<ul><li class='row'><p>Inside</p></li></ul><p")
    found = explained(Recipe("li.row"), page(*rows))
    assert [one["link"].where for one in found] == ["h3 > a@href"] * 3


def test_what_stands_nowhere_has_no_place() -> None:
    text = "First of all, the lock is closed. Then <b>it</b> opens."
    (found,) = explained(Recipe("div"), page(f"<div><p>{text}</p><p>November 20, 2026</p></div>"))
    assert found["date"] == Source("p", by_recipe=False)
    assert set(found) == {"title", "date", "summary"}


def test_of_a_feed_and_of_tangled_markup_nothing_is_told() -> None:
    feed = "<rss><channel><item><title>One</title></item></channel></rss>"
    assert explained(Recipe("feed"), feed) == [{}]
    listing = read_listing(Recipe("li.row"), page(ROW), URL, now=NOW)
    assert sources(Recipe("li.row"), "<div>" * 100_000, URL, listing, now=NOW) == ({},)
    assert sources(Recipe("li.row"), page(), URL, listing, now=NOW) == ({},)
