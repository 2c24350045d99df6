"""The JSON shapes of what the commands print."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scheduler.commands.explore import Finding, Proposal, Tried
    from storage.records import Entry, Recipe, Release, Visit

Shape = dict[str, Any]


def instant(value: datetime | None) -> str | None:
    """ISO 8601 with offset."""
    return None if value is None else value.isoformat()


def visit_shape(visit: Visit) -> Shape:
    """One visit of a check: `entries` counts those of its window."""
    return {
        "newsroom": visit.newsroom,
        "outcome": visit.outcome.value,
        "reason": visit.reason,
        "entries": sum(len(listing.entries) for listing in visit.window),
        "requests": visit.requests,
    }


def release_shape(release: Release, *, in_window: bool) -> Shape:
    """One release; its state is `rolled_off` where it is listed, but not in its newsroom's last window.

    `sources` are there where a feed beside the list ever showed it: that, and the list where it did as well.
    """
    return {
        "newsroom": release.newsroom,
        "url": release.url,
        "title": release.title,
        "date": None if release.date is None else release.date.isoformat(),
        "published_at": instant(release.published_at),
        "kind": release.kind,
        "summary": release.summary,
        "caption": release.caption,
        "state": standing(release, in_window=in_window),
        "first_seen": instant(release.first_seen),
        "last_seen": instant(release.last_seen),
        "revisions": release.revisions,
        **({"sources": ["feed"] if release.feed_only else ["listing", "feed"]} if release.feed_seq else {}),
    }


def standing(release: Release, *, in_window: bool) -> str:
    """`held`, `listed`, `rolled_off`, `withdrawn` or `unlisted`."""
    if release.state == "listed" and not in_window:
        return "rolled_off"
    return release.state.value


def entry_shape(entry: Entry) -> Shape:
    """One entry: `date` is the day it prints, or that of its stamp in the stamp's own offset."""
    return {
        "url": entry.url,
        "title": entry.title,
        "date": day(entry.date),
        "published_at": instant(entry.date) if isinstance(entry.date, datetime) else None,
        "kind": entry.kind,
        "summary": entry.summary,
        "caption": entry.caption,
    }


def day(value: date | datetime | None) -> str | None:
    """YYYY-MM-DD."""
    if value is None:
        return None
    return (value.date() if isinstance(value, datetime) else value).isoformat()


def recipe_shape(recipe: Recipe) -> Shape:
    """The selectors, and why they were chosen where the recipe was inferred."""
    names = (
        "entry", "title", "link", "date", "date_format", "kind", "summary", "caption", "next", "runs_on", "data",
        "confidence",
    )  # fmt: skip
    return {**{name: getattr(recipe, name) for name in names}, "reasons": list(recipe.reasons)}


def finding_shape(finding: Finding, pick: int) -> Shape:
    """What an address holds: the list that is picked (counted from 1), the feeds that were tried, the other lists."""
    chosen = finding.proposals[pick - 1]
    others = enumerate(finding.proposals, start=1)
    return {
        "recipe": recipe_shape(chosen.recipe),
        "entries": [entry_shape(entry) for entry in chosen.listing.entries],
        "next": chosen.listing.next,
        "feeds": [feed_shape(tried) for tried in finding.feeds],
        "alternatives": [{"pick": number, **proposal_shape(one)} for number, one in others if number != pick],
    }


def proposal_shape(proposal: Proposal) -> Shape:
    """One list in short."""
    entries = proposal.listing.entries
    return {
        "recipe": recipe_shape(proposal.recipe),
        "entries": len(entries),
        "first": entries[0].title if entries else None,
    }


def feed_shape(tried: Tried) -> Shape:
    """A feed that was tried; shares are None where it could not be compared."""
    shared = tried.shared
    return {
        "url": tried.offer.url,
        "title": tried.offer.title,
        "way": tried.offer.way.value,
        "entries": tried.entries,
        "shared": shared.shared if shared else None,
        "of_page": round(shared.of_page, 3) if shared else None,
        "of_feed": round(shared.of_feed, 3) if shared else None,
        "proven": tried.proven,
        "reason": tried.reason,
    }
