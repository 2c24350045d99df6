"""What the listings of one visit show together, against what is known: the pure half of paging back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from crawler.chronology import ascending, day_of, in_order, pinned
from crawler.overlap import reaches
from crawler.text import fold_title
from crawler.urls import canonical
from storage.records import Entry, History, Listing, Seek

_HASHED = re.compile(r"#[0-9a-f]{12}$")  # how the key of a release without a link of its own ends


def joined(listings: Iterable[Listing]) -> tuple[Entry, ...]:
    """The entries of several listings in page order, an entry repeated with its title at the same address once."""
    shown: dict[tuple[str, str, object], Entry] = {}
    for listing in listings:
        for entry in listing.entries:
            mark = (canonical(entry.url), entry.title, None) if entry.url else ("", entry.title, day_of(entry))
            shown.setdefault(mark, entry)
    return tuple(shown.values())


def known(entries: Sequence[Entry], listings: Iterable[Listing], history: History) -> tuple[bool, ...]:
    """For each entry whether it is known: by its address, or, where it has none of its own, by its title.

    The same page under another query (a token, a `ref`) is known if its title is; on a page whose query tells releases
    apart nothing is.
    """
    own = {canonical(listing.url) for listing in listings}
    addresses = [canonical(entry.url) if entry.url else "" for entry in entries]
    times = Counter(addresses)
    known_addresses, known_titles = frozenset(history.addresses), frozenset(history.titles)
    pages = Counter(address.partition("?")[0] for address in known_addresses)
    return tuple(
        address in known_addresses
        or (
            (not address or times[address] > 1 or address in own or pages[address.partition("?")[0]] == 1)
            and bool(entry.title)
            and fold_title(entry.title) in known_titles
        )
        for entry, address in zip(entries, addresses, strict=True)
    )


def meets(listings: Sequence[Listing], history: History | None) -> bool:
    """Whether a window reaches what is known: one known entry that is not pinned; a baseline always does.

    Where no release is known yet it suffices that the list is read back past the day of the newest known one.
    """
    if history is None:
        return True
    entries = joined(listings)
    if history.oldest_first or ascending(entries):
        entries = entries[::-1]
    fixed = pinned(entries)
    moved = {i for i, entry in enumerate(entries) if entry.url and canonical(entry.url) in history.pinned}
    met = [i for i, is_known in enumerate(known(entries, listings, history)) if is_known and i not in fixed | moved]
    if met:
        return reaches(entries, [canonical(entry.url) if entry.url else "" for entry in entries], met, history)
    if history.addresses or history.titles:
        return False
    return history.newest is None or _passed(joined(listings), history.newest)


def still_sought(listings: Sequence[Listing], seeks: Iterable[Seek]) -> tuple[Seek, ...]:
    """The seeks not settled by these listings: neither found, nor their day passed by an older entry in date order.

    The day counts as passed one page later: an old release that was moved up may stand at the end of a page. A release
    without a link of its own (its address carries a hash) is found by its title.
    """
    seeks = tuple(seeks)
    if not seeks:
        return ()
    entries, before = joined(listings), joined(listings[:-1])
    addresses = {canonical(entry.url) for entry in entries if entry.url}
    titles = (
        {fold_title(entry.title) for entry in entries} if any(_HASHED.search(seek.address) for seek in seeks) else set()
    )
    return tuple(
        seek
        for seek in seeks
        if not (fold_title(seek.title) in titles if _HASHED.search(seek.address) else seek.address in addresses)
        and not _passed(before, seek.day)
    )


def same_list(one: Listing, other: Listing) -> bool:
    """Whether two readings of a page show the same entries in the same order."""
    return [_mark(entry) for entry in one.entries] == [_mark(entry) for entry in other.entries]


def repeats(listing: Listing, listings: Iterable[Listing]) -> bool:
    """Whether a listing shows nothing that the earlier ones did not."""
    seen = {_mark(entry) for earlier in listings for entry in earlier.entries}
    return all(_mark(entry) in seen for entry in listing.entries)


def _passed(entries: Sequence[Entry], sought: date | None) -> bool:
    """Whether the entries in date order reach back before a day."""
    return sought is not None and any((day := day_of(entries[i])) and day < sought for i in in_order(entries))


def _mark(entry: Entry) -> str:
    return canonical(entry.url) if entry.url else f"\n{fold_title(entry.title)}"
