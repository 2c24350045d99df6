"""Finds the recipe of a listing in unknown markup: group what repeats, name it, apply it, score what comes out.

Off the hot path. `grouping` says which elements repeat as entries would, `naming` how to find them again, the reader
applies each proposed recipe, `scoring` judges what it yields, and `fieldnames` names the fields of the best.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from crawler.embedded import data_lists
from crawler.featured import with_featured
from crawler.feed import FeedError, is_feed, read_feed
from crawler.fieldnames import named
from crawler.grouping import Group, groups
from crawler.listing import Opened, open_page
from crawler.markup import decode
from crawler.naming import selector_of
from crawler.outline import UNSEEN, outline
from crawler.scoring import reasons, signs, signs_of_data, trust
from crawler.signs import facts, obstacle
from crawler.text import fold_title
from crawler.trial import PROOF, Trial
from storage.records import FEED, Listing, Page, Recipe

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.outline import Outline

_APPLIED = 16  # proposals that are tried, the most promising first
_MOST_SOUGHT = 240_000  # elements that are searched for the selectors of proposals
_TRIED = 60  # entries by which a proposal is judged
_GOOD, _DIM = 0.8, 0.3  # beside a proposal so good none is tried that promises so much less than the most promising
_FLAT = 0.95  # what entries that no element holds are worth beside those that one does
BELIEVED = 0.35  # how far a list must be trusted to be believed
_SHOWN = 0.25  # how much less a list that people see need be trusted than one in a script
_MOST_LISTS = 6  # of one page that are told
_MOST_TAGS, _MOST_CHARACTERS = 40_000, 2_000_000  # of a page that is explored: its list starts before


class NoListing(Exception):  # noqa: N818 (it is an answer about a page; the name is part of the crawler's contract)
    """The page holds no list of releases that could be found; `reason` is a clause that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def infer(
    html: bytes | str,
    url: str,
    *,
    encoding: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
) -> Recipe:
    """The recipe of the list on the page at `url`, with its confidence (0 to 1) and the reasons for it.

    Arguments are as for `read_listing`. Raises NoListing, and nothing else, where no list is found: an empty or
    tangled page, one that only scripts fill, a challenge, a login. A feed needs no selectors (`Recipe.is_feed`).
    """
    text = decode(html, encoding)
    if is_feed(text):
        return _fed(text, url)
    search = _Search.of(text, url, timezone, now)
    return search.reasoned(search.ranked[0])


def infer_all(
    html: bytes | str,
    url: str,
    *,
    encoding: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
) -> list[Recipe]:
    """The recipes of the lists on the page at `url`, best first: that of `infer`, then those it was preferred to.

    Of lists that show mostly the same entries only the best counts; a confidence below `BELIEVED` would not be believed
    alone. Arguments and errors are those of `infer`.
    """
    text = decode(html, encoding)
    if is_feed(text):
        return [_fed(text, url)]
    search = _Search.of(text, url, timezone, now, thorough=True)
    return [search.reasoned(one) for one in search.distinct()]


@dataclass(frozen=True, slots=True)
class _Proposed:
    """A recipe that was tried, how far what it yielded may be believed, and what that was."""

    trust: float
    recipe: Recipe
    listing: Listing
    group: Group


@dataclass(frozen=True, slots=True)
class _Search:
    """A page that was searched for lists: all proposals tried, the best first."""

    page: Outline
    trial: Trial
    ranked: tuple[_Proposed, ...]

    @classmethod
    def of(cls, text: str, url: str, timezone: str | None, now: datetime | None, *, thorough: bool = False) -> _Search:
        """Searches a page, for more than its best list if `thorough`; NoListing where no list is believed."""
        if "<" not in text:
            raise NoListing("it holds no markup")
        opened = open_page(_start(text), url)
        if opened is None:
            raise NoListing("the markup is tangled: it nests deeper, or holds more, than any browser shows")
        told = _told_in_scripts(opened, Trial(opened, timezone, now))
        opened.tree.strip_tags(UNSEEN)
        trial = Trial(opened, timezone, now)
        page = outline(opened.tree, opened.language)
        ranked = sorted(_proposed(page, trial, thorough=thorough), key=lambda p: -p.trust)
        if told is not None and (not ranked or ranked[0].trust < told.trust - _SHOWN):
            ranked.insert(0, told)
        if not ranked or ranked[0].trust < BELIEVED:
            raise NoListing(_why_not(text, url))
        return cls(page, trial, tuple(ranked))

    def reasoned(self, found: _Proposed) -> Recipe:
        """The recipe with its fields named, its confidence and the reasons for it."""
        listing = found.listing
        if found.recipe.data is not None:
            return replace(found.recipe, confidence=round(found.trust, 2), reasons=reasons(listing, "in a script"))
        if len(listing.entries) >= _TRIED:
            listing = self.trial.apply(found.recipe, PROOF)
        recipe, listing = named(found.recipe, listing, found.group, self.page, self.trial)
        recipe, listing = with_featured(recipe, listing, found.group, self.page, self.trial)
        return replace(recipe, confidence=round(min(1.0, found.trust), 2), reasons=reasons(listing))

    def distinct(self) -> list[_Proposed]:
        """The best proposal for each list: no part of its entries, nor what is around them, nor the same told twice."""
        kept: list[_Proposed] = []
        shown: set[str] = set()
        for found in self.ranked:
            own = {entry.url or fold_title(entry.title) for entry in found.listing.entries}
            apart = not any(_overlap(found.group, other.group) for other in kept)
            if apart and 2 * len(own & shown) < len(own) and len(kept) < _MOST_LISTS:
                kept.append(found)
                shown |= own
        return kept


def _proposed(page: Outline, trial: Trial, *, thorough: bool) -> list[_Proposed]:
    """The most promising groups as recipes, each applied once."""
    found: list[_Proposed] = []
    tried: set[tuple[str, bool]] = set()
    ranked = groups(page)[: min(_APPLIED, _MOST_SOUGHT // max(1, len(page.elements)))]
    best = 0.0
    for promised, group in ranked:
        if trial.exhausted or (not thorough and best > _GOOD and promised < _DIM * ranked[0][0]):
            break
        selector = selector_of(page, trial.page.tree, group.members)
        if selector is None or (selector, group.runs_on) in tried:
            continue
        tried.add((selector, group.runs_on))
        recipe = Recipe(selector, runs_on=group.runs_on)
        listing = trial.apply(recipe, _TRIED)
        shown = signs(listing, group, page, trial.page.language, _TRIED)
        if shown is not None:
            worth = trust(shown, listing) * (_FLAT if group.runs_on else 1.0)
            found.append(_Proposed(worth, recipe, listing, group))
            best = max(best, found[-1].trust)
    return found


def _told_in_scripts(page: Opened, trial: Trial) -> _Proposed | None:
    """The best list that the page holds as JSON."""
    best: _Proposed | None = None
    for selector, path in islice(data_lists(page.tree), _APPLIED):
        recipe = Recipe(selector, data=path)
        listing = trial.apply(recipe, PROOF)
        shown = signs_of_data(listing, page.language)
        if shown is not None and (best is None or trust(shown, listing) > best.trust):
            best = _Proposed(trust(shown, listing), recipe, listing, Group((), ()))
    return best


def _overlap(a: Group, b: Group) -> bool:
    """Whether most of one group's entries stand in the other's, or hold them."""
    within = sum(any(start < y and x < end for x, y in b.extents) for start, end in a.extents)
    return 2 * within >= len(a.extents) > 0


def _fed(text: str, url: str) -> Recipe:
    """The recipe of a feed."""
    try:
        count = len(read_feed(text, url).entries)
    except FeedError as error:
        raise NoListing(error.reason) from error
    if not count:
        raise NoListing("it is a feed without entries")
    return Recipe(FEED, confidence=1.0, reasons=(f"It is a feed, with {count} entries.",))


def _start(text: str) -> str:
    """As much of a page as is explored."""
    if text.count("<") <= _MOST_TAGS:
        return text[:_MOST_CHARACTERS]
    at = -1
    for _ in range(_MOST_TAGS):
        at = text.find("<", at + 1)
    return text[: min(at, _MOST_CHARACTERS)]


def _why_not(text: str, url: str) -> str:
    page = Page(url, "text/html; charset=utf-8", text.encode("utf-8", "replace"))
    shown = facts(page)
    standing = obstacle(shown)
    if standing is not None:
        return f"the page {standing.value}"
    if shown.password and shown.thin:
        return "the page asks to log in"
    if shown.words < 30 and shown.scripts:
        return "the page shows nothing before its scripts run"
    return "no list of releases found on it"
