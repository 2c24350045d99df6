"""Every folder of `listings/`: a page, what is known of it, and the entries that a person reads on it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler import infer, read_listing
from crawler.recipes import AMNESTY_CA, AMNESTY_USA
from storage.records import Listing, Recipe

LISTINGS = Path(__file__).parent / "listings"
CASES = sorted(folder.name for folder in LISTINGS.iterdir())
INFERRED = [name for name in CASES if json.loads((LISTINGS / name / "meta.json").read_text("utf-8")).get("infer")]


class Case:
    """One folder."""

    def __init__(self, name: str) -> None:
        folder = LISTINGS / name
        self.html = (folder / "listing.html").read_bytes()
        meta: dict[str, Any] = json.loads((folder / "meta.json").read_text("utf-8"))
        self.url: str = meta["url"]
        self.recipe = Recipe(**meta["recipe"])
        self.next: str | None = meta["next"]
        now = meta.get("now")
        self.known: dict[str, Any] = {
            "encoding": meta.get("encoding"),
            "timezone": meta.get("timezone"),
            "now": datetime.fromisoformat(now) if now else None,
        }
        self.entries: list[dict[str, Any]] = json.loads((folder / "entries.json").read_text("utf-8"))

    def read(self, recipe: Recipe) -> Listing:
        return read_listing(recipe, self.html, self.url, **self.known)


def plain(listing: Listing) -> list[dict[str, Any]]:
    return [
        {
            "title": entry.title,
            "url": entry.url,
            "date": entry.date.isoformat() if entry.date else None,
            "kind": entry.kind,
            "summary": entry.summary,
            "caption": entry.caption,
            **({"relative": True} if entry.relative else {}),
        }
        for entry in listing.entries
    ]


@pytest.mark.parametrize("name", CASES)
def test_its_recipe_reads_every_field_of_every_entry(name: str) -> None:
    case = Case(name)
    listing = case.read(case.recipe)
    assert plain(listing) == case.entries
    assert [entry.position for entry in listing.entries] == list(range(len(case.entries)))
    assert listing.next == case.next
    assert listing.url == case.url


@pytest.mark.parametrize("name", INFERRED)
def test_it_is_read_as_well_without_a_recipe(name: str) -> None:
    case = Case(name)
    recipe = infer(case.html, case.url, **case.known)
    listing = case.read(recipe)
    assert plain(listing) == case.entries
    assert listing.next == case.next
    assert recipe.confidence is not None
    assert 0.5 < recipe.confidence <= 1
    assert recipe.reasons


@pytest.mark.parametrize("name", INFERRED)
def test_what_is_inferred_names_more_than_the_entry(name: str) -> None:
    case = Case(name)
    recipe = infer(case.html, case.url, **case.known)
    assert recipe.title or recipe.date


@pytest.mark.parametrize("name", CASES)
def test_the_entry_selector_alone_reads_the_same_titles_links_and_dates(name: str) -> None:
    case = Case(name)
    bare = plain(case.read(Recipe(case.recipe.entry)))
    for field in ("title", "url", "date"):
        assert [entry[field] for entry in bare] == [entry[field] for entry in case.entries]


def test_the_two_first_newsrooms_have_their_recipes() -> None:
    assert Case("amnesty-ca").recipe == Case("amnesty-ca-bare").recipe == AMNESTY_CA
    assert Case("amnestyusa").recipe == AMNESTY_USA
    assert [len(Case(name).entries) for name in ("amnesty-ca", "amnesty-ca-bare", "amnestyusa")] == [15, 15, 12]
