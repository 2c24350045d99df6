"""The newest releases of a list that stand above it in another layout: found by where their links lead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.headlines import headline
from crawler.naming import selector_of
from crawler.nodes import address
from crawler.scoring import folder
from crawler.trial import PROOF
from crawler.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Collection

    from crawler.grouping import Group
    from crawler.outline import Outline
    from crawler.trial import Trial
    from storage.records import Listing, Recipe

_MOST_FEATURED = 4  # entries that a newsroom sets apart
_NEAR = 4  # elements above the list in which what belongs to it stands
_MANY = 0.8  # the share of a list's links that lead under one folder, for others of that folder to be of the list


def with_featured(
    recipe: Recipe, listing: Listing, group: Group, page: Outline, trial: Trial
) -> tuple[Recipe, Listing]:
    """The recipe and what it yields, with the entries that stand above the list in another layout, if there are any.

    They lead to addresses of the list's own shape that it does not show, and read like its entries: with a headline,
    and with a date where these have one.
    """
    tops = [] if recipe.runs_on else _tops(listing, group, page, trial)
    if not tops:
        return recipe, listing
    selector = selector_of(page, trial.page.tree, tuple(tops))
    if selector is None or not ({".", "#"} & set(selector)):
        return recipe, listing  # nothing but its place would name it
    tried = replace(recipe, entry=f"{selector}, {recipe.entry}")
    found = trial.apply(tried, PROOF)
    added = found.entries[: len(tops)]
    dated = 2 * sum(entry.date is not None for entry in listing.entries) > len(listing.entries)
    same = [entry.url for entry in found.entries[len(tops) :]] == [entry.url for entry in listing.entries]
    if same and all(
        entry.url and (entry.date or not dated) and headline(entry.title, trial.page.language) == 1.0 for entry in added
    ):
        return tried, found
    return recipe, listing


def _tops(listing: Listing, group: Group, page: Outline, trial: Trial) -> list[int]:
    """The highest elements above the list that hold one link each to what the list might have listed."""
    known = {canonical(entry.url) for entry in listing.entries if entry.url}
    folders = [folder(entry.url) for entry in listing.entries if entry.url]
    usual = max(set(folders), key=folders.count, default="")
    if not usual or folders.count(usual) < _MANY * len(folders):
        return []
    first = group.members[0]
    box = first
    for _ in range(_NEAR):
        if page.elements[box].parent >= 0 and page.elements[box].tag not in {"body", "main"}:
            box = page.elements[box].parent
    tops: dict[str, int] = {}
    for element in page.elements[box:first]:
        url = address(element.href, trial.page.place.base) if element.href else None
        key = canonical(url) if url else ""
        if url and key not in known and key not in tops and folder(url) == usual and element.place == 1.0:
            tops[key] = element.at
    if len(tops) > _MOST_FEATURED:
        return []
    climbed = [_climbed(at, tops.values(), first, page) for at in tops.values()]
    return sorted(set(climbed)) if len(set(climbed)) == len(climbed) else []


def _climbed(at: int, links: Collection[int], first: int, page: Outline) -> int:
    """The highest element that holds one of the featured links, and none of the list's entries."""
    while (above := page.elements[at].parent) >= 0:
        if page.holds(above, first) or sum(page.holds(above, link) for link in links) > 1:
            break
        at = above
    return at
