"""Shows what would be tracked at an address: the first entries, where each field comes from, other lists, feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.commands.printing import console, cut, line, text
from scheduler.commands.shapes import day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.commands.explore import Finding, Tried
    from storage.records import Listing, Recipe

FIELDS = {"title": "title", "link": "url", "date": "date", "kind": "kind", "summary": "summary", "caption": "caption"}
"""The fields of a recipe, and what they are called in an entry."""

_SHOWN = 5  # entries
_LONGEST_TITLE = 70


def print_finding(finding: Finding, pick: int, name: str) -> None:
    """What would be tracked as `name`: list number `pick`, counted from 1."""
    from crawler.inference import BELIEVED  # noqa: PLC0415 - brings what explores markup

    recipe, listing = finding.proposals[pick - 1].recipe, finding.proposals[pick - 1].listing
    line((text(finding.address), "strong"), (f"  as {name}", None))
    if finding.url != finding.address:
        line((f"led to {text(finding.url)}", "quiet"), indent=2)
    _print_entries(listing)
    for said in _told(recipe, listing):
        line((said, None), indent=2)
    for reason in recipe.reasons:
        line((text(reason), "quiet"), indent=4)
    for tried in finding.feeds:
        line((f"Feed {text(tried.offer.url)}: ", None), (verdict(tried), "good" if tried.proven else "quiet"), indent=2)
    for number, other in enumerate(finding.proposals, start=1):
        if number != pick and (other.recipe.confidence or 0) >= BELIEVED:
            entries = other.listing.entries
            line(
                (f"Another list, --pick {number}: ", None),
                (f"{len(entries)} entries, confidence {other.recipe.confidence or 0:.0%}; ", None),
                (f"“{cut(entries[0].title, _LONGEST_TITLE)}”", "quiet"),
                indent=2,
            )


def _print_entries(listing: Listing) -> None:
    from rich.table import Table  # noqa: PLC0415 - JSON needs none

    table = Table(box=None, padding=(0, 2), header_style="bold")
    for head in ("date", "title", "link"):
        table.add_column(head, overflow="fold", no_wrap=head == "date")
    for entry in listing.entries[:_SHOWN]:
        table.add_row(
            day(entry.date) or "undated", cut(entry.title, _LONGEST_TITLE), text(entry.url) if entry.url else "none"
        )
    console().print(table)
    rest = len(listing.entries) - _SHOWN
    if rest > 0:
        line((f"and {rest} more", "quiet"), indent=2)


def _told(recipe: Recipe, listing: Listing) -> Iterator[str]:
    count = len(listing.entries)
    what = "feed" if recipe.is_feed else f"entries {text(recipe.entry)}"
    yield f"Read as: {what}, confidence {recipe.confidence or 0:.0%}"
    for field, name in FIELDS.items():
        found = sum(getattr(entry, name) is not None for entry in listing.entries)
        if found:
            yield f"  {field:<8} {found} of {count}, {source(recipe, field)}"
    yield f"  {'next':<8} {text(listing.next) if listing.next else 'no next page'}"


def source(recipe: Recipe, field: str) -> str:
    """Where a field comes from: its selector, or the entry itself."""
    if recipe.is_feed:
        return "from the feed"
    selector = getattr(recipe, field)
    if selector:
        return f"from {text(selector)}"
    return "from the title's link, else the entry's" if field == "link" and recipe.title else "found in the entry"


def verdict(tried: Tried) -> str:
    """Whether a feed is the list's own, and why."""
    shared = tried.shared
    if shared is None:
        return text(tried.reason) or "not compared"
    shares = (
        f"over the time that both cover it has {shared.of_page:.0%} of the list's entries,"
        f" and the list {shared.of_feed:.0%} of its own; {shared.shared} are in both"
    )
    if shared.proven:
        return f"this list's own ({shares})"
    if not shared.shared:
        return "another list: nothing in it is on the page"
    return f"not proven to be this list's ({shares})"
