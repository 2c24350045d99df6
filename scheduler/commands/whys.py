"""Tells why a listing is as it is: where each value of each entry comes from, and which other lists were not taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scheduler.commands.printing import cut, line, text
from scheduler.commands.shapes import recipe_shape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from crawler.why import Source
    from storage.records import Listing, Recipe


@dataclass(frozen=True, slots=True)
class Other:
    """A list that was not taken: its recipe, how many entries it has, the title of the first, and why not."""

    recipe: Recipe
    entries: int
    first: str
    reason: str


@dataclass(frozen=True, slots=True)
class Why:
    """For each entry the source of each field, and the other lists of the page."""

    sources: tuple[Mapping[str, Source], ...]
    others: tuple[Other, ...]


def explained(recipe: Recipe, listing: Listing, body: bytes, encoding: str | None, now: datetime) -> Why:
    """Why a page gives this listing."""
    from crawler.inference import NoListing, infer_all  # noqa: PLC0415 - brings what explores markup
    from crawler.listing import read_listing  # noqa: PLC0415 - likewise
    from crawler.why import sources  # noqa: PLC0415 - likewise

    try:
        found = infer_all(body, listing.url, encoding=encoding, now=now)
    except NoListing:
        found = []
    shown = {(entry.url, entry.title) for entry in listing.entries}
    others = []
    for one in found:
        entries = read_listing(one, body, listing.url, encoding=encoding, now=now).entries
        if entries and 2 * len(shown & {(entry.url, entry.title) for entry in entries}) < len(entries):
            others.append(Other(one, len(entries), entries[0].title, _rejected(one, recipe)))
    return Why(sources(recipe, body, listing.url, listing, encoding=encoding, now=now), tuple(others))


def _rejected(other: Recipe, recipe: Recipe) -> str:
    from crawler.inference import BELIEVED  # noqa: PLC0415 - as above

    confidence = other.confidence or 0.0
    if recipe.confidence is None:
        reason = "the recipe that is given names another list"
    elif confidence < BELIEVED:
        reason = f"too little like a list of releases: none is believed below {BELIEVED:.0%}"
    else:
        reason = f"less like a list of releases than the one taken ({recipe.confidence:.0%})"
    return f"confidence {confidence:.0%}, {reason}"


def told_source(source: Source) -> str:
    """Where a value comes from, in words."""
    where = text(source.where) or "no single element"
    return f"{where}, named by the recipe" if source.by_recipe else f"{where}, found in the entry"


def print_others(why: Why, recipe: Recipe) -> None:
    """The lists that were not taken, and why not."""
    if recipe.is_feed:
        line(("It is a feed: its own format says where everything is, and it is one list.", None))
    elif not why.others:
        line(("No other list was found on the page.", None))
    for other in why.others:
        line((f"\nNot taken: {text(other.recipe.entry)}", "strong"), (f"  {other.entries} entries", "quiet"))
        line((f"“{cut(other.first, 100)}”", None), indent=4)
        line((other.reason, None), indent=4)
        for reason in other.recipe.reasons:
            line((text(reason), "quiet"), indent=4)


def why_shape(why: Why) -> dict[str, Any]:
    """As JSON."""
    return {
        "entries": [
            {field: {"where": source.where, "by_recipe": source.by_recipe} for field, source in sources.items()}
            for sources in why.sources
        ],
        "others": [
            {
                "recipe": recipe_shape(other.recipe),
                "entries": other.entries,
                "first": other.first,
                "reason": other.reason,
            }
            for other in why.others
        ],
    }
