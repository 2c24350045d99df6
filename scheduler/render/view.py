"""What an issue shows, before it becomes HTML, Markdown or Atom: so that all of them say the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from scheduler.render.cards import Card, card, trouble_card
from scheduler.render.headline import NEWSROOM_KINDS, headline
from scheduler.render.safe import shown
from scheduler.render.times import long_stamp, stamp, utc, zone_label
from storage.records import Change, Issue, Kind


@dataclass(frozen=True, slots=True)
class Room:
    """What one newsroom adds to a group."""

    newsroom: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The changes of one kind, by newsroom; `lead` tells in a sentence what the kind means.

    `count` counts all of them, also where a limit kept some out of `rooms`.
    """

    slug: str
    label: str
    lead: str
    count: int
    rooms: tuple[Room, ...]


@dataclass(frozen=True, slots=True)
class View:
    """An issue as its reader meets it: the line at the top, groups in the order of what matters, then the newsrooms."""

    digest: str
    number: int
    when: str
    when_at: str
    since: str
    since_at: str
    zone: str
    headline: str
    groups: tuple[Group, ...]
    notes_label: str
    notes: tuple[Card, ...]

    @property
    def long(self) -> bool:
        """Too many changes for a browser to lay out at once."""
        return sum(group.count for group in self.groups) > 500


GROUPS = (
    (Kind.WITHDRAWN, "Withdrawn", "Taken down by the publisher: no longer listed, and gone from their own addresses."),
    (Kind.UNLISTED, "Unlisted", "Gone from where the listing must show them, while their pages are still online."),
    (Kind.EDITED, "Edited", "What was taken out is struck through, what was put in is underlined."),
    (Kind.NEW, "New", ""),
    (Kind.MOVED, "Moved", "The same releases at new addresses."),
    (Kind.RESTORED, "Restored", "Back after they had been withdrawn or unlisted."),
)
"""Groups of releases in the order of what matters: what a publisher hides comes before what it shows."""

_TROUBLED = frozenset({Kind.BROKEN, Kind.GAP, Kind.SILENT})


def view(issue: Issue, limit: int | None = None) -> View:
    """Everything a rendering shows of an issue, as harmless text; with a limit only the first so many releases."""
    name = issue.timezone
    groups = []
    told = 0
    for kind, label, lead in GROUPS:
        changes = _of(kind, issue.changes)
        left = None if limit is None else max(limit - told, 0)
        groups.append(_group(kind, label, lead, issue, changes, left))
        told += len(changes)
    return View(
        digest=shown(issue.digest),
        number=issue.number,
        when=long_stamp(issue.end, name),
        when_at=utc(issue.end),
        since=stamp(issue.start, name, issue.end),
        since_at=utc(issue.start),
        zone=zone_label(name, issue.end),
        headline=headline(issue),
        groups=tuple(group for group in groups if group.count),
        notes_label=_notes_label(issue),
        notes=_notes(issue),
    )


def _group(kind: Kind, label: str, lead: str, issue: Issue, changes: list[Change], limit: int | None) -> Group:
    rooms: dict[str, list[Card]] = {}
    for change in changes[:limit]:
        rooms.setdefault(change.newsroom, []).append(card(change, issue))
    return Group(
        slug=kind.value,
        label=label,
        lead=lead,
        count=len(changes),
        rooms=tuple(Room(shown(newsroom), tuple(cards)) for newsroom, cards in rooms.items()),
    )


def _notes(issue: Issue) -> tuple[Card, ...]:
    """Newsrooms by what befell them; one that is told broken here is not told a second time as in trouble."""
    by_kind = {kind: _of(kind, issue.changes) for kind in NEWSROOM_KINDS}
    broken = {change.newsroom for change in by_kind[Kind.BROKEN]}
    troubles = sorted(issue.standing.troubles, key=attrgetter("newsroom"))
    standing = [trouble_card(trouble, issue) for trouble in troubles if trouble.newsroom not in broken]
    told = {kind: [card(change, issue) for change in changes] for kind, changes in by_kind.items()}
    rest = [note for kind in NEWSROOM_KINDS if kind is not Kind.BROKEN for note in told[kind]]
    return (*told[Kind.BROKEN], *standing, *rest)


def _of(kind: Kind, changes: Iterable[Change]) -> list[Change]:
    return sorted((change for change in changes if change.kind is kind), key=attrgetter("newsroom"))


def _notes_label(issue: Issue) -> str:
    troubled = issue.standing.troubles or any(change.kind in _TROUBLED for change in issue.changes)
    return "Newsrooms in trouble" if troubled else "Newsrooms"
