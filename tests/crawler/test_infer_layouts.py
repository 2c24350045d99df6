"""What `infer` finds on a newsroom's page today still reads the page after a hundred publications, in every layout."""

from __future__ import annotations

import pytest

from crawler import infer, read_listing
from crawler.dates import day_of
from storage.records import Recipe
from tests.crawler.layouts import LAYOUTS, URL, News, releases

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
