"""Digests: the outbox of each becomes numbered issues, and issues become files.

An issue is stored, with the hash of its JSON, before its first file is written, and marked when the last one stands.
What a crash or a full disk leaves undone is rendered again from the record, byte for byte the same.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.digestfiles import (
    FEED,
    INDEX,
    DigestError,
    endings,
    feed_of,
    folder_of,
    index_of,
    is_missing,
    make,
    rendered,
    sha256_of,
    sync,
    write,
    write_issue,
)
from scheduler.render.html import FILE_FORMATS
from scheduler.render.times import zone
from storage.records import Change, Issue, Kind, Standing

if TYPE_CHECKING:
    from storage.store import Store

FORMATS = ("html", "md")
"""The formats that can be chosen; JSON is always written, because it carries the chain."""

SET_BACK = timedelta(days=1)
"""A last issue that ends further in the future than this was made while the clock was wrong."""

_STEM = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"\w[\w.-]{0,99}")
_BLIND = frozenset({Kind.BROKEN, Kind.GAP, Kind.RECOVERED})


@dataclass(frozen=True, slots=True)
class DigestDefinition:
    """What a digest carries and how: `newsrooms` are globs, `match` words; an empty filter lets everything pass.

    `timezone` is the one its times are shown in. ValueError for a name that is no plain file name, an unknown format or
    time zone.
    """

    name: str
    formats: tuple[str, ...] = FORMATS
    newsrooms: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    match: tuple[str, ...] = ()
    skip_empty: bool = False
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} cannot name a digest: use letters, digits, dots, dashes and underscores")
        unknown = sorted(set(self.formats) - {*FORMATS, "json"})
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a format of digests; there are {', '.join(FORMATS)} and json")
        zone(self.timezone)

    def covers(self, newsroom: str) -> bool:
        """Whether a newsroom's changes may be in it."""
        return not self.newsrooms or any(fnmatchcase(newsroom, glob) for glob in self.newsrooms)

    def carries(self, change: Change) -> bool:
        """Whether the change passes all filters.

        Words are looked for, in whatever case, in the newsroom, the address and the title, former ones too. What tells
        that something could not be read passes them: the words may stand in what was missed.
        """
        if not self.covers(change.newsroom):
            return False
        if self.kinds and change.kind not in self.kinds:
            return False
        if not self.match or change.kind in _BLIND:
            return True
        text = "\n".join(_words(change)).casefold()
        return any(word.casefold() in text for word in self.match)


def _words(change: Change) -> Iterable[str]:
    yield change.newsroom
    yield change.url or ""
    yield change.title or ""
    yield str(change.detail.get("from") or "")
    title = change.detail.get("fields", {}).get("title", {})
    yield str(title.get("before") or "")


def write_digest(
    store: Store, definition: DigestDefinition, data_dir: Path, now: datetime, standing: Standing
) -> tuple[Path, ...] | None:
    """Writes the issue of everything not yet reported and returns its files, the one to read first first.

    None where there is nothing to tell and the digest skips empty issues. An earlier issue that is not wholly written
    is finished first. DigestError where a file cannot be written: the next call finishes it. Names rise, whatever the
    clock does: once it was far ahead, they go on from there, while the periods are those of the clock as it is now.
    """
    finish_unwritten(store, data_dir, definition.name)
    with store.transaction():
        store.register_digest(definition.name)
        up_to, changes = store.unreported(definition.name)
        carried = tuple(change for change in changes if definition.carries(change))
        if not carried and definition.skip_empty:
            store.skip_changes(definition.name, up_to=up_to)
            return None
        issue = _next_issue(store, definition, carried, data_dir, now, standing)
        store.add_issue(issue, up_to=up_to, sha256=sha256_of(rendered(issue, "json")))
    finish_unwritten(store, data_dir, definition.name)
    return tuple(folder_of(data_dir, issue.digest) / f"{issue.name}.{ending}" for ending in endings(issue))


def period_start(store: Store, digest: str, now: datetime) -> datetime | None:
    """Where the period of a digest's next issue begins: at the end of the last one; None before the first.

    Where the clock was set back since, it is the latest instant before `now` that its issues know of.
    """
    last = store.last_issue(digest)
    if last is None or last.end <= now:
        return last.end if last else None
    told = (instant for issue, _ in store.bare_issues(digest) for instant in (issue.end, issue.standing.last_read))
    return max((instant for instant in told if instant is not None and instant <= now), default=None)


def finish_unwritten(store: Store, data_dir: Path, digest: str | None = None) -> tuple[Path, ...]:
    """Writes the files of issues that are stored and not marked as written, of one digest or all; returns those files.

    DigestError where a file cannot be written, or where an issue no longer renders to the JSON its hash was taken of.
    """
    written: list[Path] = []
    unwritten = [(issue, digest_sha) for issue, digest_sha in store.unwritten() if digest in {None, issue.digest}]
    for name in sorted({issue.digest for issue, _ in unwritten}):
        mine = [(issue, sha) for issue, sha in unwritten if issue.digest == name]
        folder = folder_of(data_dir, name)
        make(folder)
        for issue, sha in mine:
            written += write_issue(folder, issue, sha)
        issues = store.issues(name)
        write(folder / INDEX, index_of(issues))
        write(folder / FEED, feed_of(issues))
        sync(folder)
        for issue, _ in mine:
            store.mark_written(name, issue.number)
    return tuple(written)


def restore_missing(store: Store, data_dir: Path, digest: str) -> tuple[Path, ...]:
    """Writes those files of a digest again that stood and are gone, the same as they were; returns them.

    DigestError as for `finish_unwritten`, whose issues are left to it.
    """
    folder = folder_of(data_dir, digest)
    pending = {issue.number for issue, _ in store.unwritten() if issue.digest == digest}
    bare = [issue for issue, _ in store.bare_issues(digest)]  # all are looked for each time: few are to be rendered
    shared = [name for name in (INDEX, FEED) if bare and not pending and is_missing(folder / name)]
    missing = {
        issue.number: [path for ending in endings(issue) if is_missing(path := folder / f"{issue.name}.{ending}")]
        for issue in bare
        if issue.number not in pending
    }
    lost = [path for paths in missing.values() for path in paths] + [folder / name for name in shared]
    if not lost:
        return ()
    make(folder)
    issues = store.issues(digest)
    for issue, sha in issues:
        if paths := missing.get(issue.number):
            write_issue(folder, issue, sha, paths)
    for name in shared:
        write(folder / name, index_of(issues) if name == INDEX else feed_of(issues))
    sync(folder)
    return tuple(lost)


def _next_issue(
    store: Store,
    definition: DigestDefinition,
    changes: tuple[Change, ...],
    data_dir: Path,
    now: datetime,
    standing: Standing,
) -> Issue:
    last = next(iter(store.issues(definition.name, latest=1)), None)
    folder = folder_of(data_dir, definition.name)
    end = now.astimezone(UTC).replace(microsecond=0)
    if end.year == MAXYEAR:
        raise DigestError(f"the clock says {end:%Y-%m-%d}: set it right; the issue is written next time")
    named = end if last is None else max(end, _after(last[0].name, last[0].end))
    while any((folder / f"{_stem(named)}.{ending}").exists() for ending in FILE_FORMATS):
        named += timedelta(seconds=1)
    if named - end <= SET_BACK:
        end = named
        start = last[0].end if last else None
    else:  # only the name has to go on from what the clock once said
        start = period_start(store, definition.name, end)
    first = min((change.seen_at for change in changes), default=end)
    start = start or min(first.astimezone(UTC), end)
    return Issue(
        digest=definition.name,
        number=last[0].number + 1 if last else 1,
        name=_stem(named),
        start=start.replace(microsecond=0),
        end=end,
        previous_sha256=last[1] if last else None,
        changes=changes,
        standing=standing,
        formats=tuple(ending for ending in FORMATS if ending in definition.formats),
        timezone=definition.timezone,
    )


def _stem(end: datetime) -> str:
    return end.strftime(_STEM)


def _after(name: str, end: datetime) -> datetime:
    """The instant that names the issue after this one at the earliest."""
    with contextlib.suppress(ValueError):
        end = datetime.strptime(name, _STEM).replace(tzinfo=UTC)
    return end + timedelta(seconds=1)
