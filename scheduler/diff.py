"""The window rule: what one believed visit shows against what is known.

A listing is a window on a longer list, so an absence means something only where a strictly older entry is still shown, and an
unknown entry is news only where it stands above what is known. Everything here is pure; each clause of the rule is a function of
its own.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from crawler.chronology import ascending, day_of, in_order, pinned
from crawler.text import fold_title, similar
from crawler.urls import canonical
from storage.records import Candidate, Cause, Entry, History, Listing, Newsroom, Release, State, Visit

SAME_TITLE = 0.8  # token F1 from which two titles of one address tell one release
ASK_AGAIN_AFTER = timedelta(days=1)  # a candidate that was dismissed
PLAINLY = 4  # rising dates that tell that a list has turned: fewer may be those of pinned entries
LIKE_TITLE = 0.5  # token F1 from which a title may be another one edited


@dataclass(frozen=True, slots=True)
class Known:
    """What the record holds that one visit or look touches.

    `releases` by key; `addresses` from canonical address to key; `section`: keys of the releases, of whatever state, from the top of
    the list down to the lowest shown one, highest first; `top_rank`: the highest rank of the newsroom; `candidates` by key, closed
    ones included; `reread`: the last believed window as today's reader and recipe read it, by address.
    """

    newsroom: Newsroom
    releases: Mapping[str, Release] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    section: tuple[str, ...] = ()
    top_rank: int = 0
    candidates: Mapping[str, Candidate] = field(default_factory=dict)
    reread: Mapping[str, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of the window with the release it shows: its key, the address it is filed under, and whether that link is its own.

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
class Edit:
    """A release whose listed values differ from those known: field name to (before, after)."""

    release: Release
    fields: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Window:
    """A visit's entries from the newest end of the list, each release once, and whether the page prints them the other way."""

    shown: tuple[Shown, ...]
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """What the window shows against what is known, top first.

    `new` and `history` are unknown entries; `back` are releases told as withdrawn or unlisted and shown again; `absent` should be
    shown and are not; `twins` pairs an absent release with the unknown entry that carries its title and date; `ranks` holds the
    places that changed; `met` is False where the window shares no entry with what is known.
    """

    window: Window
    met: bool
    new: tuple[Shown, ...] = ()
    backdated: frozenset[str] = frozenset()
    history: tuple[Shown, ...] = ()
    edited: tuple[Edit, ...] = ()
    back: tuple[Release, ...] = ()
    absent: tuple[Release, ...] = ()
    twins: tuple[tuple[Release, Shown], ...] = ()
    ranks: Mapping[str, int] = field(default_factory=dict)


def diff(known: Known, visit: Visit, zone: str | None) -> Difference:
    """Applies the window rule to a believed visit; `zone` is the newsroom's time zone (UTC when None)."""
    window = identify(visit.window, known)
    shown = window.shown
    body = [s for s in shown if not s.pinned]
    ranks = _ranks(shown, known)
    if known.newsroom.baseline_at is None or known.newsroom.last_ok_at is None:
        unknown = tuple(s for s in shown if s.key not in known.releases)
        return Difference(window, met=True, history=unknown, ranks=ranks)
    before = known.newsroom.history or History()
    seen_before = set(before.addresses)
    shared = [
        i for i, s in enumerate(body) if not s.displaced and (s.key in known.releases or s.address in seen_before)
    ]
    met = bool(shared)
    last_ok_day = known.newsroom.last_ok_at.astimezone(ZoneInfo(zone) if zone else UTC).date()
    lowest = shared[-1] if shared else len(body)
    if flipped := window.oldest_first != before.oldest_first:
        lowest = -1  # the list turned out to be printed the other way round: only dates tell what is new
    position = {s.key: i for i, s in enumerate(body)}
    new, history = [], []
    for s in shown:
        if s.key in known.releases:
            continue
        i = position.get(s.key, -1)
        if met:
            is_new = above_oldest_shared(i, lowest) or recent_below(body, i, lowest, last_ok_day)
        else:
            is_new = continues(body[: i + 1] or [s], before)
        (new if is_new and s.address not in seen_before else history).append(s)
    absent = _absent(shown, known, visit.finished_at) if met and not flipped else []
    return Difference(
        window=window,
        met=met,
        new=tuple(new),
        backdated=frozenset(s.key for s in new if _backdated(s, shown, known, last_ok_day)),
        history=tuple(history),
        edited=tuple(_edits(shown, known, visit)),
        back=tuple(r for s in shown if (r := known.releases.get(s.key)) and r.state in {State.WITHDRAWN, State.UNLISTED}),
        absent=tuple(absent),
        twins=tuple(_twins(shown, known)),
        ranks=ranks,
    )


# --- which release an entry shows ------------------------------------------------------------------------------------


def identify(listings: Sequence[Listing], known: Known) -> Window:
    """Which release each entry of a visit's listings shows; a list printed oldest first is turned round."""
    groups: dict[str, list[Entry]] = {}
    order: list[tuple[str, Entry]] = []
    for listing in listings:
        for entry in listing.entries:
            address = canonical(entry.url or listings[0].url)
            mates = groups.setdefault(address, [])
            if any(same_entry(mate, entry) for mate in mates):
                continue
            mates.append(entry)
            order.append((address, entry))
    if turned := oldest_first([e for _, e in order], known):
        order.reverse()
    own_addresses = {canonical(listing.url) for listing in listings}
    shown: dict[str, Shown] = {}
    for address, entry in order:
        alone = len(groups[address]) == 1 and address not in own_addresses
        key, filed, linked = _file(entry, address, known, alone=alone)
        if key not in shown:
            shown[key] = Shown(entry, key, filed, linked=linked, url=entry.url or listings[0].url)
    paired = _pair_renamed(tuple(shown.values()), known)
    fixed: frozenset[int] = frozenset() if turned else _pinned(paired, known)
    before = known.newsroom.history.pinned if known.newsroom.history else ()
    placed = (replace(s, pinned=i in fixed, displaced=was_pinned(s, before)) for i, s in enumerate(paired))
    return Window(tuple(placed), turned)


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
    """Indices of the entries out of order at the top: by their dates, as at the last visit, or jumped above what stood above them."""
    dated = pinned([s.entry for s in shown])
    before = known.newsroom.history.pinned if known.newsroom.history else ()
    ranks = [known.releases[s.key].rank if s.key in known.releases else None for s in shown]
    for i, s in enumerate(shown):
        own = ranks[i]
        jumped = s.day is None and own is not None and any(r is not None and r > own for r in ranks[i + 1 :])
        if not (i in dated or s.address in before or jumped):
            return frozenset(range(i))
    return dated


def same_entry(a: Entry, b: Entry) -> bool:
    """Whether two entries with one address show one release (a featured entry repeated in the list), rather than share a link."""
    one, other = day_of(a), day_of(b)
    if one and other and one != other:
        return False
    if numbers(a.title) == numbers(b.title) and similar(a.title, b.title) >= SAME_TITLE:
        return True
    return (is_cut(a.title) or is_cut(b.title)) and _one_starts_the_other(_stem(a.title), _stem(b.title))


def numbers(title: str) -> list[str]:
    """The numbers in a title: titles that differ in them alone ("Case 25", "Case 26") tell different releases."""
    return re.findall(r"\d+", title)


def hashed(address: str, entry: Entry, *, day: date | None = None) -> str:
    """The key of an entry without a link of its own: its address with a hash of its date (or of `day`) and title."""
    digest = hashlib.sha256(f"{day or day_of(entry) or ''}\n{fold_title(entry.title)}".encode()).hexdigest()[:12]
    return f"{address}#{digest}"


def hashes(address: str, entry: Entry) -> list[str]:
    """Every key an entry without a link of its own may have: a date told as a distance may have been a day off."""
    day = day_of(entry)
    near = [day + timedelta(days=n) for n in (-1, 1)] if day else []
    return [hashed(address, entry), *(hashed(address, entry, day=other) for other in near)]


def addresses_of(listings: Sequence[Listing]) -> set[str]:
    """Every address under which an entry of a visit's listings may be filed."""
    found: set[str] = set()
    for listing in listings:
        for entry in listing.entries:
            address = canonical(entry.url or listings[0].url)
            found |= {address, *hashes(address, entry)}
    return found


def _file(entry: Entry, address: str, known: Known, *, alone: bool) -> tuple[str, str, bool]:
    """(key, address it is filed under, whether the link is its own)."""
    own_hash = hashed(address, entry)
    for other in hashes(address, entry):
        key = known.addresses.get(other)
        release = known.releases.get(key) if key else None
        if release is not None and (other == own_hash or release.relative or entry.relative):
            return release.key, own_hash, False
    key = known.addresses.get(address)
    if alone:
        return key or address, address, True
    release = known.releases.get(key) if key else None
    if release and (release.title_key == fold_title(entry.title) or similar(release.title, entry.title) >= SAME_TITLE):
        return release.key, address, True
    return own_hash, own_hash, False


def _pair_renamed(shown: Sequence[Shown], known: Known) -> tuple[Shown, ...]:
    """Gives an unknown entry without a link of its own the key of the absent one that it is an edit of: in its place, and alike."""
    present = {s.key for s in shown}
    absent = (known.releases[k] for k in known.section if k not in present)
    orphans = [r for r in absent if not r.linked and r.state in {State.HELD, State.LISTED}]
    ranks = [known.releases[s.key].rank if s.key in known.releases else None for s in shown]
    paired = []
    for i, s in enumerate(shown):
        if orphans and not s.linked and ranks[i] is None:
            above = next((r for r in reversed(ranks[:i]) if r is not None), None)
            below = next((r for r in ranks[i + 1 :] if r is not None), None)
            fits = [r for r in orphans if _renamed(r, s, above, below)]
            if len(fits) == 1:
                orphans.remove(fits[0])
                paired.append(replace(s, key=fits[0].key))
                continue
        paired.append(s)
    return tuple(paired)


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


def was_pinned(shown: Shown, before: Collection[str]) -> bool:
    """Whether an entry stood out of order at the last visit: `before` are the addresses that did."""
    return shown.address in before


# --- the clauses -----------------------------------------------------------------------------------------------------


def above_oldest_shared(index: int, lowest: int) -> bool:
    """An unknown entry above the oldest shared one is new; below it, it is history that was pulled in."""
    return index < lowest


def continues(down_to: Sequence[Shown], before: History) -> bool:
    """An entry of a window that meets nothing known is new unless it, or one above it, is dated before the newest known."""
    newest = before.newest
    return newest is None or all(s.day is None or s.day >= newest for s in down_to)


def recent_below(body: Sequence[Shown], index: int, lowest: int, last_ok_day: date) -> bool:
    """An unknown entry below the oldest shared one is new all the same if it is dated on or after the last believed visit's day.

    Except where its date continues the falling order of the list: then it stood there, out of sight, at that visit.
    """
    day = body[index].day
    if day is None or body[index].entry.relative or day < last_ok_day:
        return False
    above = body[lowest].day if lowest >= 0 else None
    return above is None or day > above


def is_evidence(shown: Shown, place: Release, release: Release) -> bool:
    """Whether an entry that is still shown tells that `release` should be: it stood below it and is strictly older.

    `place` is the shown entry's release as it stood before this visit.
    """
    return stood_below(place, release) and strictly_older(shown, place, release)


def stood_below(place: Release, release: Release) -> bool:
    """Whether `place` stood below `release` in the list."""
    return place.rank < release.rank


def strictly_older(shown: Shown, place: Release, release: Release) -> bool:
    """Whether the shown entry is older than `release`, by the day where both are dated; true where one is not."""
    if release.date is None or shown.day is None:
        return True
    if shown.day == release.date and place.published_at and release.published_at:
        return place.published_at < release.published_at
    return shown.day < release.date


def value_edited(before: str | None, after: str | None) -> bool:
    """Whether a listed text was edited: absent is no value, and a text that ends in an ellipsis never edits a whole one."""
    if before is None or after is None or before == after:
        return False
    if is_cut(after):
        return is_cut(before) and not _one_starts_the_other(_stem(before), _stem(after))
    return not (is_cut(before) and after.startswith(_stem(before)))


def date_edited(release: Release, entry: Entry) -> bool:
    """Whether the listed date was edited: the same precision on both sides, and never a distance ("2 hours ago")."""
    day = day_of(entry)
    if release.relative or entry.relative or day is None or release.date is None:
        return False
    stamp = instant_of(entry.date)
    if stamp and release.published_at:
        return stamp != release.published_at
    return day != release.date


def place_passed(difference: Difference, known: Known, visit: Visit, release: Release) -> bool:
    """Whether the window was read to beyond the place where `release` belongs: what keeps the list's order stands below it.

    By dates, one entry on the last page read is not enough, unless the list ends there: an old release that was moved up may end
    a page. An undated release needs a window that was read back as far as it goes, with nothing unknown below its place.
    """
    last = {canonical(e.url) for e in visit.window[-1].entries if e.url} if len(visit.window) > 1 else set()
    body = [s for s in difference.window.shown if not s.pinned and not s.displaced]
    if release.date is not None:
        falling = [body[i] for i in sorted(in_order([s.entry for s in body]))]
        places = [(s, known.releases.get(s.key)) for s in falling]
        below = [
            s for s, at in places if s.day and s.day < release.date and (at is None or stood_below(at, release))
        ]
        return len(below) > 1 or any(visit.complete or s.address not in last for s in below)
    ranks = [known.releases[s.key].rank if s.key in known.releases else None for s in body]
    place = next((i for i, rank in enumerate(ranks) if rank is not None and rank < release.rank), len(ranks))
    rest = [-rank for rank in ranks[place:] if rank is not None]
    whole = visit.complete or bool(last)
    return whole and place < len(ranks) and None not in ranks[place:] and rest == sorted(rest)


def _absent(shown: Sequence[Shown], known: Known, now: datetime) -> list[Release]:
    steady = _steady(shown, known)
    places = [(s, known.releases[s.key]) for s in shown if s.key in steady]
    present = {s.key for s in shown}
    absent = []
    for key in known.section:
        release = known.releases[key]
        if key in present or release.state is not State.LISTED or _settled(release, known, now):
            continue
        if any(is_evidence(s, place, release) for s, place in places):
            absent.append(release)
    return absent


def _settled(release: Release, known: Known, now: datetime) -> bool:
    """An absence that was dismissed stays so for a day, or until the release is listed again, as one that moved is."""
    candidate = known.candidates.get(release.key)
    if candidate is None or candidate.closed_seq is None or candidate.moved_to or candidate.cause is not Cause.ABSENT:
        return False
    return candidate.closed_seq > release.seen_seq and now - candidate.opened_at < ASK_AGAIN_AFTER


def _twins(shown: Sequence[Shown], known: Known) -> list[tuple[Release, Shown]]:
    """Absent releases whose title and date one unknown entry carries, where no other release has that title ("Daily briefing").

    Where neither is dated, the title alone makes it worth a look at the old address.
    """
    present = {s.key for s in shown}
    here = Counter(fold_title(s.entry.title) for s in shown)
    there: dict[str, list[Release]] = {}
    for release in known.releases.values():
        there.setdefault(release.title_key, []).append(release)
    twins = []
    for s in shown:
        title = fold_title(s.entry.title)
        mates = there.get(title, [])
        if s.key in known.releases or not s.linked or here[title] > 1 or len(mates) != 1:
            continue
        mate = mates[0]
        if _same_day(mate, s) and mate.key not in present and mate.linked and mate.state is not State.HELD:
            twins.append((mate, s))
    return twins


def _same_day(release: Release, s: Shown) -> bool:
    """Whether two dates may be one: a date told as a distance may be a day off."""
    if release.date is None or s.day is None:
        return release.date is s.day
    return abs(release.date - s.day) <= timedelta(days=int(release.relative or s.entry.relative))


def _backdated(s: Shown, shown: Sequence[Shown], known: Known, last_ok_day: date) -> bool:
    if s.day is None:
        return False
    at = shown.index(s)
    newer_below = any(other.day and other.day > s.day for other in shown[at + 1 :] if not other.pinned)
    known_newer_above = any(other.day and other.day > s.day and other.key in known.releases for other in shown[:at])
    return newer_below or (known_newer_above and s.day < last_ok_day)


# --- edits: like with like -------------------------------------------------------------------------------------------


def reader_of(visit: Visit) -> str:
    """Names the reader and the recipe that read a visit: values are compared only where it is equal."""
    return f"{visit.reader_version}:{visit.recipe.version if visit.recipe else ''}"


def _edits(shown: Iterable[Shown], known: Known, visit: Visit) -> list[Edit]:
    edits = []
    for s in shown:
        release = known.releases.get(s.key)
        if release is None:
            continue
        if release.reader != reader_of(visit):
            reread = known.reread.get(s.address)
            fields = edited_fields(_as_read(release, reread), s.entry) if reread else {}
        else:
            fields = edited_fields(release, s.entry)
        if fields:
            edits.append(Edit(release, fields))
    return edits


def _as_read(release: Release, entry: Entry) -> Release:
    """The release with the values of the entry and nothing else."""
    return replace(
        release,
        title=entry.title,
        kind=entry.kind,
        summary=entry.summary,
        caption=entry.caption,
        date=day_of(entry),
        published_at=instant_of(entry.date),
        relative=entry.relative,
    )


def edited_fields(release: Release, entry: Entry) -> dict[str, tuple[str, str]]:
    """The fields of a release that the entry shows edited, each with what it was and what it is."""
    fields = {}
    for name in ("title", "kind", "summary", "caption"):
        before, after = getattr(release, name), getattr(entry, name)
        if value_edited(before, after):
            fields[name] = (before, after)
    if date_edited(release, entry) and release.date and entry.date:
        stamps = release.published_at, instant_of(entry.date)
        both = stamps if all(stamps) and release.date == day_of(entry) else (release.date, day_of(entry))
        fields["date"] = (str(both[0]), str(both[1]))
    return fields


def valued(release: Release, entry: Entry) -> Release:
    """The release with the entry's values, keeping what the entry leaves out, cuts or tells only as a distance."""
    texts = {}
    for name in ("title", "kind", "summary", "caption"):
        before, after = getattr(release, name), getattr(entry, name)
        texts[name] = before if not after or (before and is_cut(after) and not is_cut(before)) else after
    day, stamp, relative = day_of(entry), instant_of(entry.date), entry.relative
    if day is None or (relative and release.date and not release.relative):
        day, stamp, relative = release.date, release.published_at, release.relative
    elif stamp is None and day == release.date:
        stamp = release.published_at
    return replace(
        release, **texts, title_key=fold_title(texts["title"]), date=day, published_at=stamp, relative=relative
    )


def instant_of(value: date | datetime | None) -> datetime | None:
    """The instant of a listed date in UTC, None where only the day is given."""
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def is_cut(text: str) -> bool:
    """Whether a listed text was cut short by the page."""
    return text.rstrip(" ]").endswith(("…", "..."))


def _stem(text: str) -> str:
    return text.rstrip(" ]").removesuffix("...").rstrip("….[ ") if is_cut(text) else text


def _one_starts_the_other(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a)


# --- the order of the list -------------------------------------------------------------------------------------------


def _steady(shown: Sequence[Shown], known: Known) -> set[str]:
    """The keys of the known entries that kept their order; the others were moved, so that their place tells nothing."""
    places = {key: i for i, key in enumerate(known.section)}
    kept = longest_rising([places[s.key] for s in shown if s.key in places and not s.pinned and not s.displaced])
    return {known.section[i] for i in kept}


def _ranks(shown: Sequence[Shown], known: Known) -> dict[str, int]:
    """The ranks that change so that the known list reads in the window's order, absent releases staying with their neighbours."""
    body = [s for s in shown if not s.pinned]
    anchored = set() if known.newsroom.baseline_at is None else _steady(shown, known)
    moving = {s.key for s in body} - anchored
    merged = [key for key in known.section if key not in moving] if anchored else []
    floor = min((known.releases[key].rank for key in merged), default=known.top_rank + 1)
    upper: str | None = None
    for s in body:
        if s.key not in anchored:
            merged.insert(merged.index(upper) + 1 if upper else 0, s.key)
        upper = s.key
    merged += [s.key for s in shown if s.pinned and s.key not in known.releases]
    ranks, below = {}, floor - 1
    for key in reversed(merged):
        release = known.releases.get(key)
        own = release.rank if release and key not in moving else below + 1
        below = max(own, below + 1)
        if release is None or release.rank != below:
            ranks[key] = below
    return ranks


def longest_rising(values: Sequence[int]) -> list[int]:
    """The values of the longest strictly rising subsequence (patience sorting, O(n log n))."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for i, value in enumerate(values):
        at = bisect_left(tails, value)
        previous.append(ends[at - 1] if at else None)
        tails[at : at + 1] = [value]
        ends[at : at + 1] = [i]
    chain: list[int] = []
    end: int | None = ends[-1] if ends else None
    while end is not None:
        chain.append(values[end])
        end = previous[end]
    return chain[::-1]
