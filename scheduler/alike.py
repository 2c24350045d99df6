"""Which release of the one source is which of the other: a feed may have addresses of its own for a list's. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from crawler.chronology import day_of
from crawler.text import LIKE_TITLE, fold_title, similar
from crawler.urls import canonical, shape
from scheduler.identify import addresses_of, numbers
from scheduler.known import Known
from storage.records import Entry, Listing, Release

ENOUGH_TO_TELL = 3  # addresses, of which all carry something that is therefore no part of them
A_DAY = timedelta(days=1)


def bare_addresses(listing: Listing) -> dict[str, str]:
    """The canonical addresses of a feed's entries without what all of them carry, which tells none from another.

    By the address as it is; empty where they have nothing in common, or are too few to tell.
    """
    addresses = [canonical(entry.url) for entry in listing.entries if entry.url]
    queries = [frozenset(address.partition("?")[2].split("&")) - {""} for address in addresses]
    common = frozenset.intersection(*queries) if len(set(addresses)) >= ENOUGH_TO_TELL else frozenset[str]()
    if not common:
        return {}
    bare = {}
    for address, query in zip(addresses, queries, strict=True):
        own = "&".join(sorted(query - common))
        bare[address] = address.partition("?")[0] + (f"?{own}" if own else "")
    return bare


def alike(listings: Sequence[Listing], known: Known, counts: Callable[[Release, bool], bool]) -> dict[str, str]:
    """The keys of known releases by the unknown address at which an entry shows them, told by title and day.

    Not of one that the same listings show at an address that is known, nor twice of one. `counts` says of a release
    and whether its address cannot be one that it moved from (it is of another kind than the entry's, a feed's own
    redirects, say, or its page alone under another query) whether it may be one.
    """
    order = addresses_of(listings)
    titles = Counter(fold_title(entry.title) for entry, _ in order)
    taken = {known.addresses[a] for _, filed in order for a in filed if a in known.addresses}
    mates: dict[str, list[Release]] = {}
    pages: Counter[str] = Counter()
    for release in known.releases.values():
        mates.setdefault(release.title_key, []).append(release)
        pages[_page(release.url)] += 1
    found = {}
    for entry, filed in order:
        title = fold_title(entry.title)
        if title not in mates or any(a in known.addresses for a in filed):
            continue
        own = titles[title] == 1 and len(mates[title]) == 1
        own_page = pages[_page(entry.url or "")] == 1
        fits = [r for r in mates[title] if r.key not in taken and counts(r, _unmoved(r, entry, own_page=own_page))]
        if (mate := _mate(entry, fits, own_title=own, own_page=own_page)) is not None:
            taken.add(mate.key)
            found[filed[0] if entry.url else filed[1]] = mate.key
    return found


def _mate(entry: Entry, fits: Sequence[Release], *, own_title: bool, own_page: bool) -> Release | None:
    """The release of these, which carry the title of an entry at another address, that the entry shows.

    At addresses of another kind the day has to be the same; or, where the title is theirs alone, about the same, for
    it may be told in two zones, or by one of the two only. The same holds for one page under another query, where it
    is the page of no other release. At addresses of one kind the day and the title alone tell.
    """
    day = day_of(entry)
    for release in fits:
        apart = other_kind(release, entry)
        if release.date is not None and release.date == day and (apart or own_title):
            return release
        near = release.date is None or day is None or abs(release.date - day) <= A_DAY
        if near and ((own_title and apart) or (own_page and _page(release.url) == _page(entry.url or ""))):
            return release
    return None


def _unmoved(release: Release, entry: Entry, *, own_page: bool) -> bool:
    """Whether an entry's other address tells of no move: it is of another kind, or a release's own page."""
    return other_kind(release, entry) or (own_page and _page(release.url) == _page(entry.url or ""))


def other_kind(release: Release, entry: Entry) -> bool:
    """Whether the addresses of a release and of an entry are of different kinds, whatever their queries."""
    if not entry.url or not release.linked:
        return True
    return shape(entry.url).partition("?")[0] != shape(release.url).partition("?")[0]


def _page(url: str) -> str:
    """An address without its query."""
    return canonical(url).partition("?")[0]


def may_be(release: Release, entry: Entry) -> bool:
    """Whether an entry at an address of another kind may be a release of the list, which will tell it in its time."""
    if not other_kind(release, entry):
        return False
    day = day_of(entry)
    if release.date is None or day is None:
        return release.title_key == fold_title(entry.title)
    if abs(release.date - day) > A_DAY or numbers(release.title) != numbers(entry.title):
        return False
    return similar(release.title, entry.title) >= LIKE_TITLE
