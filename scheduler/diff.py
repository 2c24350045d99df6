"""The window rule: what one believed visit shows against what is known.

A listing is a window on a longer list, so an absence means something only where a strictly older entry is still
shown, and an unknown entry is news only where it stands above what is known. Pure; each clause of the rule is a
function of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from crawler.chronology import in_order
from crawler.overlap import may_be_history, next_missing
from crawler.text import fold_title
from crawler.urls import canonical
from scheduler.compare import Edit, edits_of
from scheduler.identify import Shown, Window, identify, same_day
from scheduler.known import Known, address_of
from scheduler.ranks import ranks_of, steady_keys
from storage.records import Cause, History, Listing, Release, State, Visit

ENOUGH = 2  # releases in order below an undated release's place
ASK_AGAIN_AFTER = timedelta(days=1)  # a candidate that was dismissed


@dataclass(frozen=True, slots=True)
class Difference:
    """What the window shows against what is known, top first.

    `new` and `history` are unknown entries; `back` are releases told as withdrawn or unlisted and shown again;
    `absent` should be shown and are not; `twins` pairs an absent release with the unknown entry that carries its
    title and date; `ranks` holds the places that changed; `met` is False where the window shares no entry with what
    is known.
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


def diff(known: Known, listings: Sequence[Listing], at: datetime, reader: str, zone: str | None) -> Difference:
    """Applies the window rule to the believed listings of a window, read at an instant by this reader and recipe.

    `zone` is the newsroom's time zone (UTC when None).
    """
    window = identify(listings, known)
    shown = window.shown
    body = [s for s in shown if not s.pinned]
    twins = _twins(shown, known)
    alias: dict[str, str] = {}
    if steady := steady_keys(shown, known, alias):  # a dated twin, among what is known, may stand where it stood
        alias = {s.key: release.key for release, s in twins if release.date is not None}
        steady = steady_keys(shown, known, alias)
        alias = {key: other for key, other in alias.items() if other in steady}
    hidden = _hidden(shown, known)
    ranks = ranks_of(shown, known, steady, alias, hidden)
    if known.newsroom.baseline_at is None or known.newsroom.last_ok_at is None:
        unknown = tuple(s for s in shown if s.key not in known.releases)
        return Difference(window, met=True, history=unknown, ranks=ranks)
    before = known.newsroom.history or History()
    seen_before = set(before.addresses)
    shared = [i for i, s in enumerate(body) if not s.displaced and (in_place(s, known) or s.address in seen_before)]
    met = bool(shared)
    last_ok_day = known.newsroom.last_ok_at.astimezone(ZoneInfo(zone) if zone else UTC).date()
    lowest = shared[-1] if shared else len(body)
    missing = next_missing(before, body[lowest].address, {s.address for s in shown}) if shared else (False, "")
    if flipped := window.oldest_first != before.oldest_first:
        lowest = -1  # the list turned out to be printed the other way round: only dates tell what is new
    position = {s.key: i for i, s in enumerate(body)}
    new: list[Shown] = []
    history: list[Shown] = []
    for s in shown:
        if s.key in known.releases:
            continue
        i = position.get(s.key, -1)
        if met:
            is_new = above_oldest_shared(i, lowest) or recent_below(body, i, lowest, last_ok_day, missing)
        else:
            is_new = continues([t for t in body[: i + 1] if not t.displaced] or [s], before)
        (new if is_new and s.address not in seen_before else history).append(s)
    absent = _absent(shown, known, steady, at) if met and not flipped else []
    if known.reread is not None:  # another recipe sees other entries: what it saw last time already is no news
        absent = [r for r in absent if r.key not in hidden]
        history += [s for s in new if s.address in known.reread]
        new = [s for s in new if s.address not in known.reread]
    return Difference(
        window=window,
        met=met,
        new=tuple(new),
        backdated=frozenset(s.key for s in new if _backdated(s, shown, known, last_ok_day)),
        history=tuple(history),
        edited=tuple(edits_of(shown, known, reader)),
        back=tuple(
            r for s in shown if (r := known.releases.get(s.key)) and r.state in {State.WITHDRAWN, State.UNLISTED}
        ),
        absent=tuple(absent),
        twins=tuple(twins),
        ranks=ranks,
    )


def above_oldest_shared(index: int, lowest: int) -> bool:
    """An unknown entry above the oldest shared one is new; below it, it is history that was pulled in."""
    return index < lowest


def continues(down_to: Sequence[Shown], before: History) -> bool:
    """An entry of a window that meets nothing known is new unless it or one above is dated before the newest."""
    newest = before.newest
    return newest is None or all(s.day is None or s.day >= newest for s in down_to)


def recent_below(body: Sequence[Shown], index: int, lowest: int, last_ok_day: date, missing: tuple[bool, str]) -> bool:
    """An unknown entry below the oldest shared one is new if it is dated on or after the last believed visit's day.

    Except where its date continues the falling order of the list: then it stood there, out of sight, at that visit. It
    cannot have, if it is newer than a known release that stood there and is `missing`.
    """
    day = body[index].day
    if day is None or body[index].entry.relative or day < last_ok_day:
        return False
    above = body[lowest].day if lowest >= 0 else None
    return above is None or day > above or not may_be_history(body[index].entry, missing)


def is_evidence(shown: Shown, place: Release, release: Release) -> bool:
    """Whether an entry that is still shown tells that `release` should be: it stood below it and is strictly older.

    `place` is the shown entry's release as it stood before this visit.
    """
    return stood_below(place, release) and strictly_older(shown, release, place.published_at)


def in_place(s: Shown, known: Known) -> bool:
    """Whether an entry's release was ever seen where the list's order puts it, not only pinned."""
    return s.key in known.releases and known.releases[s.key].rank > 0


def stood_below(place: Release, release: Release) -> bool:
    """Whether `place` stood below `release` in the list; of one never seen in its place only its date tells."""
    return place.rank < release.rank or (not release.rank and bool(place.date and release.date))


def strictly_older(shown: Shown, release: Release, published_at: datetime | None = None) -> bool:
    """Whether the shown entry is older than `release`, by the day where both are dated; true where one is not.

    A day told as a distance ("yesterday") may be one off.
    """
    if release.date is None or shown.day is None:
        return True
    if shown.day == release.date and published_at and release.published_at:
        return published_at < release.published_at
    return (release.date - shown.day).days > int(release.relative or shown.entry.relative)


def _hidden(shown: Sequence[Shown], known: Known) -> set[str]:
    """The keys of absent releases that the recipe, changed since, would not have seen on the last window either."""
    if known.reread is None:
        return set()
    present = {s.key for s in shown}
    absent = (known.releases[key] for key in known.section if key not in present)
    return {r.key for r in absent if address_of(r) not in known.reread}


def place_passed(difference: Difference, known: Known, visit: Visit, release: Release) -> bool:
    """Whether the window was read to beyond where `release` belongs: what keeps the list's order stands below it.

    Either what stood around it stands there again, or the dates in order pass its own. By dates, one entry is not
    enough where it stands first, or ends a page that is not the last: an old release may have been moved there.
    """
    body = [s for s in difference.window.shown if not s.pinned and not s.displaced]
    last = {canonical(e.url) for e in visit.window[-1].entries if e.url} if len(visit.window) > 1 else set()
    if (visit.complete or last) and _surrounded(release, body, known):
        return True
    if release.date is None:
        return False
    ordered = in_order([s.entry for s in body])
    below = [i for i in sorted(ordered) if _older(body[i], known, release)]
    if len(below) == 1 and below[0] > 0 and release.rank:
        return visit.complete or body[below[0]].address not in last
    return len(below) > 1


def _older(s: Shown, known: Known, release: Release) -> bool:
    """Whether an entry is dated before a release, and was not seen above it."""
    place = known.releases.get(s.key)
    return bool(s.day and strictly_older(s, release) and (place is None or stood_below(place, release)))


def _surrounded(release: Release, body: Sequence[Shown], known: Known) -> bool:
    """Whether the list around an absent release's place reads as it did when the release was last shown.

    Below its place stand releases known then, `ENOUGH` of them, in their order and with none between them that was
    not: a single one may have been moved there. Above it stands another one known then, or none ever did and the
    first one below is the next. Of a dated release one below must be older.
    """
    if release.feed_seq > release.seen_seq:
        return False  # the feed showed it later than the list, and how the list read then is not known
    then = {r.key: r.rank for r in known.releases.values() if r.first_seen <= release.last_seen}
    ranks = [then.get(s.key) for s in body]
    while ranks and ranks[-1] is None:
        ranks.pop()
    place = next((i for i, rank in enumerate(ranks) if rank is not None and rank < release.rank), len(ranks))
    below = [(s, rank) for s, rank in zip(body[place:], ranks[place:], strict=False) if rank is not None]
    falling = all(upper > lower for (_, upper), (_, lower) in pairwise(below))
    if not falling or not len(ranks) - place == len(below) >= ENOUGH:
        return False
    if release.date and not any(_older(s, known, release) for s, _ in below):
        return False
    listed = [k for k in known.section if k in then and known.releases[k].state is State.LISTED]
    first_two = listed[:2] == [release.key, below[0][0].key]
    return first_two or any(rank is not None for rank in ranks[:place])


def _absent(shown: Sequence[Shown], known: Known, steady: Collection[str], now: datetime) -> list[Release]:
    places = [(s, known.releases[s.key]) for s in shown if s.key in steady]
    present = {s.key for s in shown}
    absent = []
    for key in [*known.section, *known.unplaced]:
        release = known.releases[key]
        if key in present or release.state is not State.LISTED or not release.seen_seq or _settled(release, known, now):
            continue  # what only an archive showed never was in a window: nothing tells that it should be in this one
        if any(is_evidence(s, place, release) for s, place in places):
            absent.append(release)
    return absent


def _settled(release: Release, known: Known, now: datetime) -> bool:
    """An absence that was dismissed stays so for a day, or until the release is listed again, as one that moved is."""
    candidate = known.candidates.get(release.key)
    if candidate is None or candidate.closed_seq is None or candidate.moved_to or candidate.cause is not Cause.ABSENT:
        return False
    seen_seq = max(release.seen_seq, release.feed_seq)
    return candidate.closed_seq > seen_seq and now - candidate.opened_at < ASK_AGAIN_AFTER


def _twins(shown: Sequence[Shown], known: Known) -> list[tuple[Release, Shown]]:
    """Absent releases whose title and date one unknown entry carries, where nothing else has that title.

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
        dated_alike = same_day(mate, s.entry) if mate.date or s.day else True
        if dated_alike and mate.key not in present and mate.linked and mate.state is not State.HELD:
            twins.append((mate, s))
    return twins


def _backdated(s: Shown, shown: Sequence[Shown], known: Known, last_ok_day: date) -> bool:
    if s.day is None:
        return False
    at = shown.index(s)
    newer_below = any(other.day and other.day > s.day for other in shown[at + 1 :] if not other.pinned)
    known_newer_above = any(other.day and other.day > s.day and other.key in known.releases for other in shown[:at])
    return newer_below or (known_newer_above and s.day < last_ok_day)
