"""What `infer` finds on a newsroom's page today still reads the page after a hundred publications, in every layout."""

from __future__ import annotations

import pytest

from crawler import infer, read_listing
from crawler.dates import day_of
from storage.records import Recipe
from tests.crawler.layouts import LAYOUTS, URL, News, page, releases

WINDOW = 12  # entries that a page shows
STATES = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 100)  # publications after which the page is read
ALL = releases(WINDOW + max(STATES))


def window(published: int) -> list[News]:
    """What the page shows after so many publications, newest first."""
    return ALL[published : published + WINDOW][::-1]


def shown(name: str, recipe: Recipe, published: int) -> list[tuple[str, str | None, str | None]]:
    listing = read_listing(recipe, LAYOUTS[name](window(published)), URL)
    return [(e.title, e.url, str(day_of(e.date)) if e.date else None) for e in listing.entries]


def expected(name: str, published: int) -> list[tuple[str, str | None, str | None]]:
    site = "https://press.harbour.example"
    return [
        (
            f"{n.title} & more" if name == "escaped" else n.title,
            None if name == "unlinked" else site + n.path + (".pdf" if name == "pdf_table" else ""),
            str(n.day),
        )
        for n in window(published)
    ]


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_read_today_and_after_a_hundred_publications(name: str) -> None:
    recipe = infer(LAYOUTS[name](window(0)), URL)
    for published in STATES:
        assert shown(name, recipe, published) == expected(name, published), (published, recipe)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_recipe_names_nothing_that_a_build_or_a_release_made_up(name: str) -> None:
    recipe = infer(LAYOUTS[name](window(0)), URL)
    said = " ".join(filter(None, (recipe.entry, recipe.title, recipe.link, recipe.date)))
    for volatile in ("css-", "post-", "odd", "even", "category-", "nth-of-type"):
        assert volatile not in said


def rows(link: str) -> str:
    """A table whose rows hold a file by its number, and the title with a link of another sort behind it."""
    return page(
        "<table>"
        + "".join(
            f'<tr><td>{n.printed}</td><td>B{n.number} [<a class="file" href="{n.path}.pdf">PDF</a>]</td>'
            f'<td><span class="says">{n.title}</span> <a href="{link}{n.number}">Details</a></td></tr>'
            for n in window(0)
        )
        + "</table>"
    )


@pytest.mark.parametrize("link", ["https://docket.elsewhere.example/search?case=", "/cases/"])
def test_what_follows_every_title_is_none_of_it(link: str) -> None:
    html = rows(link)
    entries = read_listing(infer(html, URL), html, URL).entries
    assert [entry.title for entry in entries] == [n.title for n in window(0)]
    assert all(entry.url and entry.url.endswith(".pdf") for entry in entries)


def apart(*above: str) -> list[str]:
    """The titles that are found where this stands above a list."""
    inner = "".join(f'<li class="it"><a href="{n.path}">{n.title}</a> <em>{n.printed}</em></li>' for n in window(0)[5:])
    html = page(f'<section class="room">{"".join(above)}<ul class="list">{inner}</ul></section>')
    return [entry.title for entry in read_listing(infer(html, URL), html, URL).entries][: len(above)]


def test_several_may_be_set_apart() -> None:
    two = window(0)[:2]
    heroes = [f'<div class="hero"><h2><a href="{n.path}">{n.title}</a></h2><i>{n.printed}</i></div>' for n in two]
    assert apart(*heroes) == [n.title for n in two]


@pytest.mark.parametrize(
    "above",
    [
        '<div class="hero"><h2><a href="{0.path}">{0.title}</a></h2></div>',  # no date
        '<div class="hero"><h2><a href="/about/us">{0.title}</a></h2><i>{0.printed}</i></div>',  # leads elsewhere
        '<div class="hero"><a href="{0.path}">Top</a> <i>{0.printed}</i></div>',  # no headline
        '<div class="related"><h2><a href="{0.path}">{0.title}</a></h2><i>{0.printed}</i></div>',  # in the margin
    ],
)
def test_what_is_not_like_the_list_is_not_of_it(above: str) -> None:
    assert apart(above.format(window(0)[0])) == [window(0)[5].title]


def test_a_page_of_many_hundred_releases_is_read_whole() -> None:
    many = releases(700)[::-1]
    html = LAYOUTS["escaped"](many)
    recipe = infer(html, URL)
    assert len(read_listing(recipe, html, URL).entries) == 700
    assert "at least 200 entries of one kind of element." in recipe.reasons
