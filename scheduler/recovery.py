"""Proves a recipe by what is known: how many of a newsroom's releases it finds again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.discover import overlap
from crawler.text import SAME_TITLE, fold_title, similar
from crawler.urls import canonical
from scheduler.identify import is_cut, one_starts_the_other, stem
from storage.records import Entry, Listing, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.records import Release

# Of what the record and the page both cover, a recipe must find so much again. What it does not find would become a
# candidate at the next visit: at most one in five may, for some are withdrawn meanwhile or lost in a redesign.
ENOUGH = 0.8
FEWEST = 3  # releases found again, or all that are known where they are fewer: one or two stand anywhere on a site


@dataclass(frozen=True, slots=True)
class Recovery:
    """How a listing fits what is known: its `entries`, and those that are known releases.

    They are known by address and title or, where the address changed, by title and date. `share` is that of the known
    releases which the listing must show (those newer than its last entry) that it does. `known`: how many there are at
    all. `retitled` entries stand at known addresses under quite other titles, and are not found.
    """

    entries: int
    known: int
    by_address: int
    by_title: int
    share: float
    retitled: int = 0

    @property
    def found(self) -> int:
        """Those found again in either way."""
        return self.by_address + self.by_title

    @property
    def enough(self) -> bool:
        """Whether the recipe may be believed."""
        return self.found >= min(FEWEST, self.known) > 0 and self.share >= ENOUGH

    @property
    def readdressed(self) -> bool:
        """Whether all that is found stands at other addresses than before."""
        return self.by_title > 0 and self.by_address == 0 and self.retitled == 0

    def told(self) -> str:
        """In words, without a stop."""
        there = "known ones that must be there"
        others = f"; {self.retitled} stand at known addresses, but under other titles" if self.retitled else ""
        return (
            f"{self.found} of its {self.entries} entries are known releases ({self.by_address} by address,"
            f" {self.by_title} by title and date); it shows {self.share:.0%} of the {there}{others}"
        )


def recovery(known: Iterable[Release], listing: Listing) -> Recovery:
    """How far a listing shows the known releases of its newsroom, given in the order of the list, newest first."""
    listed = [release for release in known if release.state in {State.LISTED, State.HELD}]
    window = tuple(
        Entry(one.title, one.url if one.linked else None, one.date, position=place) for place, one in enumerate(listed)
    )
    both = overlap(Listing(listing.url, window), listing, same=_agree)
    at = {canonical(one.url) for one in window if one.url}
    here = {canonical(one.url) for one in listing.entries if one.url}
    return Recovery(
        entries=len(listing.entries),
        known=len(listed),
        by_address=both.by_address,
        by_title=both.shared - both.by_address,
        share=both.of_feed,
        retitled=max(0, len(at & here) - both.by_address),
    )


def _agree(known: Entry, shown: Entry) -> bool:
    """Whether two entries at one address have one title, as good as to the letter; either may be cut short."""
    a, b = fold_title(known.title), fold_title(shown.title)
    cut = is_cut(known.title) or is_cut(shown.title)
    return (
        a == b
        or similar(known.title, shown.title) >= SAME_TITLE
        or (cut and one_starts_the_other(fold_title(stem(known.title)), fold_title(stem(shown.title))))
    )
