"""Edits: like compared with like, the values a listing shows against those known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from crawler.chronology import day_of
from crawler.text import fold_title
from scheduler.identify import Shown, is_cut, one_starts_the_other, stem
from scheduler.known import Known
from storage.records import FEED_READER, Entry, Release, Visit

AT_ONCE = 4, 2 / 3  # so many releases, and such a share, with the same field edited are the page's doing


@dataclass(frozen=True, slots=True)
class Edit:
    """A release whose listed values differ from those known: field name to (before, after)."""

    release: Release
    fields: Mapping[str, tuple[str, str]]


def reader_of(visit: Visit) -> str:
    """Names the reader and the recipe that read a visit: values are compared only where it is equal."""
    return f"{visit.reader_version}:{visit.recipe.version if visit.recipe else ''}"


def feed_reader_of(visit: Visit) -> str:
    """Names what read the feed beside the list: never what read the list, so that the two are never compared."""
    return f"{FEED_READER}{visit.reader_version}"


def edits_of(shown: Iterable[Shown], known: Known, reader: str) -> list[Edit]:
    """The edits of the known releases a window shows; what another reader or recipe read is compared as read again."""
    edits, compared = [], 0
    for s in shown:
        release = known.releases.get(s.key)
        if release is None:
            continue
        compared += 1
        if release.reader != reader:
            reread = known.reread.get(s.address) if known.reread else None
            fields = edited_fields(_as_read(release, reread), s.entry) if reread else {}
        else:
            fields = edited_fields(release, s.entry)
        if fields:
            edits.append(Edit(release, fields))
    return _by_publishers(edits, compared)


def _by_publishers(edits: list[Edit], compared: int) -> list[Edit]:
    """The edits without the fields that differ in most releases at once: there the page is made otherwise.

    A counter of readers in each summary, a badge, a by-line that moved into it, dates in another time zone.
    """
    times = Counter(name for edit in edits for name in edit.fields)
    most, share = AT_ONCE
    made = {name for name, number in times.items() if number >= most and number >= share * compared}
    told = [Edit(e.release, {name: values for name, values in e.fields.items() if name not in made}) for e in edits]
    return [edit for edit in told if edit.fields]


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


def value_edited(before: str | None, after: str | None) -> bool:
    """Whether a listed text was edited: absent is no value, and a text cut by the page never edits a whole one."""
    if before is None or after is None or before == after:
        return False
    if is_cut(after):
        return is_cut(before) and not one_starts_the_other(stem(before), stem(after))
    return not (is_cut(before) and after.startswith(stem(before)))


def date_edited(release: Release, entry: Entry) -> bool:
    """Whether the listed date was edited: the same precision on both sides, and never a distance ("2 hours ago")."""
    day = day_of(entry)
    if release.relative or entry.relative or day is None or release.date is None:
        return False
    stamp = instant_of(entry.date)
    if stamp and release.published_at:
        return stamp != release.published_at
    return day != release.date


def same_values(release: Release, entry: Entry) -> bool:
    """Whether an entry shows a release to the letter as it is known."""
    texts = entry.title == release.title and entry.summary == release.summary
    others = (entry.kind, entry.caption, entry.relative) == (release.kind, release.caption, release.relative)
    return texts and others and (day_of(entry), instant_of(entry.date)) == (release.date, release.published_at)


def valued(release: Release, entry: Entry, **changed: object) -> Release:
    """The release with the entry's values, keeping what the entry leaves out, cuts or tells only as a distance.

    `changed` are other fields to set.
    """
    values: dict[str, Any] = {}
    for name in ("title", "kind", "summary", "caption"):
        before, after = getattr(release, name), getattr(entry, name)
        values[name] = before if not after or (before and is_cut(after) and not is_cut(before)) else after
    day, stamp, relative = day_of(entry), instant_of(entry.date), entry.relative
    if day is None or (relative and release.date and not release.relative):
        day, stamp, relative = release.date, release.published_at, release.relative
    elif stamp is None and day == release.date:
        stamp = release.published_at
    values |= {"title_key": fold_title(values["title"]), "date": day, "published_at": stamp, "relative": relative}
    return replace(release, **(values | changed))


def instant_of(value: date | datetime | None) -> datetime | None:
    """The instant of a listed date in UTC, None where only the day is given."""
    return value.astimezone(UTC) if isinstance(value, datetime) else None
