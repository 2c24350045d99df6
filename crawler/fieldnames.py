"""Names the fields of a list that was found: which part of each entry is its title, its date and so on.

A title is named where another part of the entries reads more like headlines than what the reader would take; any other
selector is taken only where it gives what the reader finds without it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crawler.nodes import text_of
from crawler.outline import stable
from crawler.scoring import alike
from crawler.titles import link_selectors, majority, title_selector
from crawler.trial import PROOF
from crawler.urls import same_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

    from crawler.grouping import Group
    from crawler.outline import Outline
    from crawler.trial import Trial
    from storage.records import Listing, Recipe

_SHORT = 0.4  # how much less better links must fall short than those the reader takes
_PROVEN = 50  # entries that tell whether a selector is worth trying on all of them
_UNTITLED = frozenset({"p", "div", "span", "li", "td", "dd", "section"})
_YEARLY = re.compile(r"(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}|\bago\b")


def named(recipe: Recipe, listing: Listing, group: Group, page: Outline, trial: Trial) -> tuple[Recipe, Listing]:
    """The recipe with what fields it can name, and what it then yields."""
    recipe, listing = _linked(recipe, listing, group, page, trial)
    recipe, listing = _titled(recipe, listing, group, page, trial)
    nodes = [page.nodes[at] for at in group.members[:5]]
    first = listing.entries if len(listing.entries) < _PROVEN else trial.apply(recipe, _PROVEN).entries
    for name in ("title", "date", "kind", "summary", "caption"):
        if getattr(recipe, name) is not None:
            continue
        values = [getattr(entry, name) for entry in listing.entries[:5]]
        for selector in _candidates(nodes, name, values):
            tried = _with(recipe, name, selector)
            if trial.overdrawn:
                return recipe, listing
            if trial.apply(tried, _PROVEN).entries != first:
                continue
            if len(listing.entries) < _PROVEN or trial.apply(tried, PROOF).entries == listing.entries:
                recipe = tried
                break
    return recipe, listing


def _titled(recipe: Recipe, listing: Listing, group: Group, page: Outline, trial: Trial) -> tuple[Recipe, Listing]:
    """The recipe with a title of its own, where that reads better and costs no entry its link."""
    taken = [entry.title for entry in listing.entries]
    language = trial.page.language
    chosen = title_selector(page, group, taken, language) or majority(page, group, taken, language)
    if chosen is None:
        return recipe, listing
    selector, leads = chosen
    tried = replace(recipe, title=selector)
    found = trial.apply(tried, PROOF)
    if leads and _links(found) >= _links(listing):
        return tried, found
    urls = [entry.url for entry in listing.entries]
    if [entry.url for entry in found.entries] == urls:
        return tried, found
    for link in link_selectors(page, group):
        kept = replace(tried, link=link)
        again = trial.apply(kept, PROOF)
        if [entry.url for entry in again.entries] == urls:
            return kept, again
    return recipe, listing


def _linked(recipe: Recipe, listing: Listing, group: Group, page: Outline, trial: Trial) -> tuple[Recipe, Listing]:
    """The recipe with a link of its own, where some link of each entry leads to its like more than what is read."""
    if recipe.link is not None:
        return recipe, listing
    best, worth = (recipe, listing), 1 - _SHORT * (1 - _aptness(listing))
    for selector in link_selectors(page, group):
        tried = replace(recipe, link=selector)
        found = trial.apply(tried, PROOF)
        if _aptness(found) > worth:
            best, worth = (tried, found), _aptness(found)
    return best


def _aptness(listing: Listing) -> float:
    """How far the entries have links of their own, each like the others and on the newsroom's site, 0 to 1."""
    urls = {entry.url for entry in listing.entries if entry.url}
    own = sum(same_site(url, listing.url) for url in urls)
    return (len(urls) + alike(urls) * len(urls) + own) / (3 * max(1, len(listing.entries)))


def _links(listing: Listing) -> int:
    return len({entry.url for entry in listing.entries if entry.url})


def _with(recipe: Recipe, name: str, selector: str) -> Recipe:
    changed: dict[str, Any] = {name: selector}
    return replace(recipe, **changed)


def _candidates(nodes: list[LexborNode], name: str, values: list[object]) -> list[str]:
    """Up to four selectors of elements that hold a field's value, the most frequent first."""
    found: Counter[str] = Counter()
    for node in nodes:
        for element in node.css("*"):
            if element.mem_id == node.mem_id:
                continue
            if name == "title" and element.tag in _UNTITLED and not element.attributes.get("class"):
                continue  # a paragraph that happens to be all of a first sentence is not where titles stand
            text = text_of(element)
            if text and (text in values or (name == "date" and _is_date_of(element, text))):
                found.update(_selectors(element))
    return [selector for selector, _ in found.most_common(4)]


def _is_date_of(element: LexborNode, text: str) -> bool:
    return element.tag == "time" or (len(text) <= 60 and bool(_YEARLY.search(text)))


def _selectors(element: LexborNode) -> Iterator[str]:
    tag = element.tag or ""
    classes = stable((element.attributes.get("class") or "").split())
    parent = element.parent
    if classes:
        yield f"{tag}.{classes[0]}"
    elif parent is not None and tag == "a" and re.fullmatch(r"h\d", parent.tag or ""):
        yield f"{parent.tag} a"
    else:
        yield tag
