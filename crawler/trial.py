"""Recipes being tried on one page, with a bound on what that may cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.listing import read_opened

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.listing import Opened
    from storage.records import Listing, Recipe

PROOF = 200  # entries, the topmost, by which the fields of a list are named: more would tell the same
_MOST_READ = 8_000  # entries that are read of proposals before no further one is tried; then as many to name fields


@dataclass(slots=True)
class Trial:
    """A page on which recipes are tried, and how many entries were read for it."""

    page: Opened
    timezone: str | None
    now: datetime | None
    spent: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether so much was read that no further proposal should be tried."""
        return self.spent > _MOST_READ

    @property
    def overdrawn(self) -> bool:
        """Whether so much was read that not even a field should be named."""
        return self.spent > 2 * _MOST_READ

    def apply(self, recipe: Recipe, most: int) -> Listing:
        """What a recipe yields here, of its `most` topmost entries."""
        listing = read_opened(recipe, self.page, timezone=self.timezone, now=self.now, most=most, paged=False)
        self.spent += len(listing.entries)
        return listing
