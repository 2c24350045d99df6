"""Which of the addresses that `presswatch add` explored are watched already, and what the others would be called."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING

from scheduler.commands.shell import reading
from scheduler.naming import newsroom_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.commands.asked import Row
    from scheduler.commands.explore import Finding
    from scheduler.config import Config


@dataclass(slots=True)
class Watched:
    """The newsrooms that are watched, by canonical address, those that were once, and the names that are taken.

    `by_feed`: those whose list has a proven feed, by its address.
    """

    by_address: dict[str, str] = field(default_factory=dict)
    by_feed: dict[str, str] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def find(self, *addresses: str) -> str | None:
        """The newsroom that is watched at one of them."""
        return _find(self.by_address, addresses)

    def of_feed(self, *addresses: str) -> str | None:
        """The newsroom whose proven feed stands at one of them."""
        return _find(self.by_feed, addresses)

    def put(self, name: str, *addresses: str) -> None:
        """One more newsroom, at these addresses."""
        from crawler.urls import canonical  # noqa: PLC0415 - most commands compare no addresses

        self.names.add(name)
        for one in addresses:
            self.by_address.setdefault(canonical(one), name)


def _find(names: dict[str, str], addresses: Iterable[str]) -> str | None:
    from crawler.urls import canonical  # noqa: PLC0415 - likewise

    return next((names[key] for one in addresses if (key := canonical(one)) in names), None)


def watched(config: Config) -> Watched:
    """The newsrooms of the configuration, and those that only the record knows as former ones."""
    from crawler.urls import canonical  # noqa: PLC0415 - most commands compare no addresses

    known = Watched()
    for newsroom in config.newsrooms:
        known.put(newsroom.id, newsroom.url, *filter(None, [newsroom.feed]))
    with reading(config) as store:
        for recorded in [] if store is None else store.newsrooms():
            if recorded.id not in known.names:  # its record resumes when it comes back, and is no other's
                known.former[canonical(recorded.url)] = recorded.id
    known.names.update(known.former.values())
    return known


def name_all(rows: Iterable[Row], config: Config, name: str | None, pick: int, *, twice: bool) -> None:
    """Gives what was found its names; what leads to the same place as another is watched as that.

    So is a list beside its own feed, unless `twice`. Pages come before feeds, for the proof is found from the page.
    """
    from crawler.urls import canonical  # noqa: PLC0415 - most commands compare no addresses

    known = watched(config)
    configured = replace(known, by_address=dict(known.by_address))
    found = [(row, row.finding, _is_feed(row.finding, pick)) for row in rows if row.finding is not None]
    for row, finding, is_feed in sorted(found, key=itemgetter(2)):
        if there := known.find(row.address, finding.url):
            row.outcome, row.name = "watched", there
            continue
        there, reason = _of_feed(row, finding, known, configured) if is_feed else _of_page(finding, known)
        if there is not None and not twice:
            row.outcome, row.name, row.reason = "watched", there, f"{reason}: each change would be told twice"
            both = f'to watch both as one: feed = "{row.address}" in the [[newsroom]] of {there}'
            alone = f"to watch it all the same: presswatch add {row.address} --yes"
            row.hints = (both, alone) if is_feed else (alone,)
            continue
        url = finding.home or row.address if is_feed else row.address
        former = known.former.get(canonical(row.address))
        row.name = name or former or newsroom_id(url, known.names, title=finding.title)
        known.put(row.name, row.address, finding.url)
        if finding.feed is not None:
            known.by_feed.setdefault(canonical(finding.feed.offer.url), row.name)


def _is_feed(finding: Finding, pick: int) -> bool:
    return finding.proposals[pick - 1].recipe.is_feed


def _of_feed(row: Row, finding: Finding, known: Watched, configured: Watched) -> tuple[str | None, str]:
    """The newsroom whose feed this is, and how that is told.

    Of pages explored just now the proof is known; of those watched before, the feed's own word is taken.
    """
    there = known.of_feed(row.address, finding.url)
    if there is None and finding.home:
        there = configured.find(finding.home)
    return there, f"it is the feed of {there}"


def _of_page(finding: Finding, known: Watched) -> tuple[str | None, str]:
    """The newsroom that this list's own feed is watched as, or is the feed of, and how that is told."""
    feed = finding.feed.offer.url if finding.feed else None
    there = (known.find(feed) or known.of_feed(feed)) if feed else None
    return there, f"its own feed is that of {there}"
