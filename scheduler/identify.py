"""Which release each entry of a window shows, and which entries stand out of their place."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from crawler.chronology import ascending, day_of, pinned
from crawler.text import LIKE_TITLE, SAME_TITLE, fold_title, similar
from crawler.urls import canonical
from scheduler.known import Known
from storage.records import Entry, Listing, Release, State

_CUT = re.compile(r"[\s\[(]*(?:…|\.\.\.)[\s\])]*$|\s*(?:…|\.\.\.)?\s*\[[^\[\]]{0,40}(?:…|\.\.\.)[^\[\]]{0,3}\]\s*$")
COMPARED = 20  # entries that share a link: the first so many are compared with those that follow
PLAINLY = 4  # rising dates that tell that a list has turned: fewer may be those of pinned entries


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of the window with the release it shows: its key, its address, and whether the link is its own.

    `pinned`: it stands out of order at the top. `displaced`: it did at the last visit, so its place tells nothing yet.
    """

    entry: Entry
    key: str
    address: str
    linked: bool
    url: str
    pinned: bool = False
    displaced: bool = False

    @property
    def day(self) -> date | None:
        """The day the listing prints."""
        return day_of(self.entry)


@dataclass(frozen=True, slots=True)
class Window:
    """A visit's entries from the newest end of the list, each release once; and whether the page prints them so."""

    shown: tuple[Shown, ...]
    oldest_first: bool = False


def identify(listings: Sequence[Listing], known: Known) -> Window:
    """Which release each entry of a visit's listings shows; a list printed oldest first is turned round."""
    order, shared = _addressed(listings)
    if turned := oldest_first([e for _, e in order], known):
        order.reverse()
    shown: dict[str, Shown] = {}
    variants = _variants([(a, e) for a, e in order if a not in shared], known)
    for address, entry in order:
        alone = address not in shared
        key, filed, linked = _file(entry, address, known, alone=alone)
        key = variants.get(address, key) if alone else key
        if key not in shown:
            shown[key] = Shown(entry, key, filed, linked=linked, url=entry.url or listings[0].url)
    paired = _pair_renamed(list(shown.values()), known)
    fixed: frozenset[int] = frozenset() if turned else _pinned(paired, known)
    before = known.newsroom.history.pinned if known.newsroom.history else ()
    for i, s in enumerate(paired):
        if i in fixed or was_pinned(s, before):
            paired[i] = replace(s, pinned=i in fixed, displaced=was_pinned(s, before))
    return Window(tuple(paired), turned)


def _addressed(listings: Sequence[Listing]) -> tuple[list[tuple[str, Entry]], frozenset[str]]:
    """The entries in page order with their canonical addresses, each once, and the addresses that are no entry's own.

    An entry without a link stands at the listing's address.
    """
    own = {canonical(listing.url) for listing in listings}
    groups: dict[str, list[Entry]] = {}
    seen: set[tuple[str, str, date | None]] = set()
    order: list[tuple[str, Entry]] = []
    for listing in listings:
        for entry in listing.entries:
            address = canonical(entry.url or listings[0].url)
            mark = (address, fold_title(entry.title), day_of(entry))
            mates = groups.setdefault(address, [])
            alike = address not in own and any(same_entry(mate, entry) for mate in mates[:COMPARED])
            if mark not in seen and not alike:
                seen.add(mark)
                mates.append(entry)
                order.append((address, entry))
    return order, frozenset(own | {address for address, mates in groups.items() if len(mates) > 1})


def oldest_first(entries: Sequence[Entry], known: Known) -> bool:
    """Whether a list is printed oldest first; it is as it was unless its dates plainly say otherwise."""
    history = known.newsroom.history
    if history is None:
        return ascending(entries)
    days = [day for entry in entries if (day := day_of(entry))]
    if not history.oldest_first:
        return len(set(days)) >= PLAINLY and ascending(entries)
    return sum(a > b for a, b in pairwise(days)) <= sum(a < b for a, b in pairwise(days))


def _pinned(shown: Sequence[Shown], known: Known) -> frozenset[int]:
    """Indices of the entries out of order at the top: by date, as at the last visit, or jumped above others."""
    dated = pinned([s.entry for s in shown])
    before = known.newsroom.history.pinned if known.newsroom.history else ()
    ranks = _ranks(shown, known)
    for i, s in enumerate(shown):
        own = ranks[i]
        below = zip(shown[i + 1 :], ranks[i + 1 :], strict=True)  # where two are dated, their dates tell
        jumped = own and any(rank and rank > own for other, rank in below if not (s.day and other.day))
        if not (i in dated or s.address in before or jumped):
            return frozenset(range(i))
    return dated


def _ranks(shown: Sequence[Shown], known: Known) -> list[int | None]:
    """The ranks of the entries, None where one is unknown or was never seen in its place."""
    return [release.rank or None if (release := known.releases.get(s.key)) else None for s in shown]


def was_pinned(shown: Shown, before: Collection[str]) -> bool:
    """Whether an entry stood out of order at the last visit: `before` are the addresses that did."""
    return shown.address in before


def same_entry(a: Entry, b: Entry) -> bool:
    """Whether two entries with one address show one release (repeated in the list) rather than share a link."""
    one, other = day_of(a), day_of(b)
    if one and other and one != other:
        return False
    if numbers(a.title) == numbers(b.title) and similar(a.title, b.title) >= SAME_TITLE:
        return True
    return (is_cut(a.title) or is_cut(b.title)) and one_starts_the_other(stem(a.title), stem(b.title))


def numbers(title: str) -> list[str]:
    """The numbers in a title: titles that differ in them alone ("Case 25", "Case 26") tell different releases."""
    return re.findall(r"\d+", title)


def hashed(address: str, entry: Entry) -> str:
    """The key of an entry without a link of its own: its address with a hash of its date and title."""
    return _hashed(address, fold_title(entry.title), day_of(entry))


def hashes(address: str, entry: Entry) -> list[str]:
    """Every key an entry without a link of its own may have: a date told as a distance may have been a day off."""
    day, title = day_of(entry), fold_title(entry.title)
    near = [day + timedelta(days=n) for n in (-1, 1)] if day and date.min < day < date.max else []
    return [_hashed(address, title, other) for other in (day, *near)]


@lru_cache(maxsize=8192)
def _hashed(address: str, title: str, day: date | None) -> str:
    return f"{address}#{hashlib.sha256(chr(10).join([str(day or ''), title]).encode()).hexdigest()[:12]}"


def addresses_of(listings: Sequence[Listing]) -> list[tuple[Entry, list[str]]]:
    """The entries of a visit's listings in page order, each with every address under which it may be filed."""
    order, shared = _addressed(listings)
    return [(e, [a, *(hashes(a, e) if a in shared else [hashed(a, e)])]) for a, e in order]


def _variants(order: Sequence[tuple[str, Entry]], known: Known) -> dict[str, str]:
    """The releases that unknown addresses show, by address: the same page under another query (a token, a `ref`).

    The title must be the only one of its kind, here and among what is known, and the dates must not differ.
    """
    titles = Counter(fold_title(entry.title) for _, entry in order)
    mates: dict[str, list[Release]] = {}
    for release in known.releases.values():
        mates.setdefault(release.title_key, []).append(release)
    here = {address for address, _ in order}
    pages = Counter(canonical(release.url).partition("?")[0] for release in known.releases.values() if release.linked)
    variants = {}
    for address, entry in order:
        title = fold_title(entry.title)
        fits = mates.get(title, [])
        if address in known.addresses or not entry.url or titles[title] > 1 or len(fits) != 1:
            continue
        if pages[address.partition("?")[0]] != 1:
            continue  # there the query tells releases apart
        old, (release,) = canonical(fits[0].url), fits
        other_day = same_day(release, entry) is False
        if release.linked and (old == address or old not in here) and not other_day and same_page(old, address):
            variants[address] = release.key
    return variants


def same_day(release: Release, entry: Entry) -> bool | None:
    """Whether two dates may be one, of which one told as a distance may be a day off; None where one is missing."""
    day = day_of(entry)
    if release.date is None or day is None:
        return None
    return abs(release.date - day) <= timedelta(days=int(release.relative or entry.relative))


def same_page(address: str, other: str) -> bool:
    """Whether two canonical addresses differ in nothing but their query."""
    return address.partition("?")[0] == other.partition("?")[0]


def _file(entry: Entry, address: str, known: Known, *, alone: bool) -> tuple[str, str, bool]:
    """(key, address it is filed under, whether the link is its own)."""
    own_hash = hashed(address, entry)
    for other in [own_hash] if alone else hashes(address, entry):
        release = known.releases.get(known.addresses.get(other, ""))
        if release is not None and (other == own_hash or release.relative or entry.relative):
            return release.key, own_hash, False
    key = known.addresses.get(address)
    if alone:
        return key or address, address, True
    release = known.releases.get(key) if key else None
    if release and (release.title_key == fold_title(entry.title) or similar(release.title, entry.title) >= SAME_TITLE):
        return release.key, address, True
    return own_hash, own_hash, False


def _pair_renamed(shown: list[Shown], known: Known) -> list[Shown]:
    """Gives an unknown entry without a link of its own the key of the absent one it edits: in its place, and alike."""
    present = {s.key for s in shown}
    absent = (known.releases[k] for k in known.section if k not in present)
    orphans = [r for r in absent if not r.linked and r.state in {State.HELD, State.LISTED}]
    if not orphans:
        return shown
    ranks = _ranks(shown, known)
    paired = []
    for i, s in enumerate(shown):
        if orphans and not s.linked and s.key not in known.releases:
            above = next((r for r in reversed(ranks[:i]) if r is not None), None)
            below = next((r for r in ranks[i + 1 :] if r is not None), None)
            fits = [r for r in orphans if _renamed(r, s, above, below)]
            if len(fits) == 1:
                orphans.remove(fits[0])
                paired.append(replace(s, key=fits[0].key))
                continue
        paired.append(s)
    return paired


def _renamed(release: Release, s: Shown, above: int | None, below: int | None) -> bool:
    """Whether `s`, between the ranks of its known neighbours, may be `release` with another title or date."""
    if release.key.rpartition("#")[0] != s.address.rpartition("#")[0]:
        return False
    if (above is not None and release.rank > above) or (below is not None and release.rank < below):
        return False
    edited_in_place = above is not None and below is not None and release.date is not None and release.date == s.day
    if not edited_in_place and numbers(release.title) != numbers(s.entry.title):
        return False
    return similar(release.title, s.entry.title) >= (LIKE_TITLE if release.date == s.day else SAME_TITLE)


def is_cut(text: str) -> bool:
    """Whether a listed text was cut short by the page, "[Read more…]" included."""
    return ("…" in text or "..." in text) and _CUT.search(text) is not None


def stem(text: str) -> str:
    """A text without the mark of its cut."""
    return _CUT.sub("", text)


def one_starts_the_other(a: str, b: str) -> bool:
    """Whether one of two texts begins with the other."""
    return a.startswith(b) or b.startswith(a)
