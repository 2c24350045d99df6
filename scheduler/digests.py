"""Digests: the outbox of each becomes numbered issues, and issues become files.

An issue is stored, with the hash of its JSON, before its first file is written, and marked when the last one stands.
What a crash or a full disk leaves undone is rendered again from the record, byte for byte the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.render import render_atom, render_html, render_index, render_json, render_markdown
from scheduler.render.html import FILE_FORMATS, LAYOUT
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
_INDEX, _FEED = "index.html", "feed.xml"
_LAYOUT = re.compile(rb'presswatch layout (\w+)|<generator version="(\w+)">presswatch</generator>')


class DigestError(Exception):
    """A digest that could not be written, with the file and the way out; nothing is lost."""


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
        store.add_issue(issue, up_to=up_to, sha256=_sha256(_rendered(issue, "json")))
    finish_unwritten(store, data_dir, definition.name)
    return tuple(_folder(data_dir, issue.digest) / f"{issue.name}.{ending}" for ending in _endings(issue))


def period_start(store: Store, digest: str, now: datetime) -> datetime | None:
    """Where the period of a digest's next issue begins: at the end of the last one; None before the first.

    Where the clock was set back since, it is the latest instant before `now` that its issues know of.
    """
    last = store.last_issue(digest)
    if last is None or last.end <= now:
        return last.end if last else None
    told = (instant for issue, _ in store.issues(digest) for instant in (issue.end, issue.standing.last_read))
    return max((instant for instant in told if instant is not None and instant <= now), default=None)


def finish_unwritten(store: Store, data_dir: Path, digest: str | None = None) -> tuple[Path, ...]:
    """Writes the files of issues that are stored and not marked as written, of one digest or all; returns those files.

    DigestError where a file cannot be written, or where an issue no longer renders to the JSON its hash was taken of.
    """
    written: list[Path] = []
    unwritten = [(issue, digest_sha) for issue, digest_sha in store.unwritten() if digest in {None, issue.digest}]
    for name in sorted({issue.digest for issue, _ in unwritten}):
        mine = [(issue, sha) for issue, sha in unwritten if issue.digest == name]
        folder = _folder(data_dir, name)
        _make(folder)
        for issue, sha in mine:
            written += _write_issue(folder, issue, sha)
        issues = store.issues(name)
        _write(folder / _INDEX, _index(issues))
        _write(folder / _FEED, _feed(issues))
        _sync(folder)
        for issue, _ in mine:
            store.mark_written(name, issue.number)
    return tuple(written)


def restore_missing(store: Store, data_dir: Path, digest: str) -> tuple[Path, ...]:
    """Writes those files of a digest again that stood and are gone, the same as they were; returns them.

    DigestError as for `finish_unwritten`, whose issues are left to it.
    """
    folder = _folder(data_dir, digest)
    pending = {issue.number for issue, _ in store.unwritten() if issue.digest == digest}
    issues = store.issues(digest)
    lost: list[Path] = []
    for issue, sha in issues:
        paths = [folder / f"{issue.name}.{ending}" for ending in _endings(issue)]
        missing = [path for path in paths if issue.number not in pending and _missing(path)]
        if missing:
            _make(folder)
            _write_issue(folder, issue, sha, missing)
            lost += missing
    for name, render in ((_INDEX, _index), (_FEED, _feed)):
        if issues and not pending and _missing(folder / name):
            _make(folder)
            _write(folder / name, render(issues))
            lost.append(folder / name)
    if lost:
        _sync(folder)
    return tuple(lost)


def _missing(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:  # something else is wrong, which writing would not mend
        return False
    return False


def _next_issue(
    store: Store,
    definition: DigestDefinition,
    changes: tuple[Change, ...],
    data_dir: Path,
    now: datetime,
    standing: Standing,
) -> Issue:
    last = next(reversed(store.issues(definition.name)), None)
    folder = _folder(data_dir, definition.name)
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


def _folder(data_dir: Path, digest: str) -> Path:
    return data_dir / "digests" / digest


def _endings(issue: Issue) -> tuple[str, ...]:
    return tuple(ending for ending in FILE_FORMATS if ending in {*issue.formats, "json"})


def _rendered(issue: Issue, ending: str) -> bytes:
    render = {"html": render_html, "md": render_markdown, "json": render_json}[ending]
    return render(issue).encode()


def _index(issues: Sequence[tuple[Issue, str]]) -> bytes:
    return render_index([issue for issue, _ in issues]).encode()


def _feed(issues: Sequence[tuple[Issue, str]]) -> bytes:
    return render_atom(issues).encode()


def _sha256(content: bytes) -> str:
    return sha256(content).hexdigest()


def _write_issue(folder: Path, issue: Issue, sha: str, only: Sequence[Path] | None = None) -> list[Path]:
    """The files of one issue, JSON first: the record stands before what is made for reading."""
    record = _rendered(issue, "json")
    if _sha256(record) != sha:
        path = folder / f"{issue.name}.json"
        raise DigestError(
            f"{path} cannot be written: its record in the database no longer has the hash it was stored with; "
            "presswatch verify tells what else is wrong"
        )
    paths = [folder / f"{issue.name}.{ending}" for ending in reversed(_endings(issue))]
    for path in paths if only is None else only:
        _write(path, record if path.suffix == ".json" else _rendered(issue, path.suffix[1:]))
    return list(reversed(paths))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sync(folder.parent)
    except OSError as error:
        raise DigestError(
            f"cannot make the folder {folder}: {error.strerror}; the issue is kept and written next time"
        ) from error


def _write(path: Path, content: bytes) -> None:
    """Replaces a file as a whole: a reader, or a crash, meets the old bytes or the new ones."""
    beside = path.with_name(f".{path.name}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise DigestError(f"cannot write {path}: {error.strerror}; the issue is kept and written next time") from error


def _sync(folder: Path) -> None:
    """Makes the renames in a folder last through a loss of power."""
    try:
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        raise DigestError(f"cannot sync the folder {folder}: {error.strerror}") from error


def verify_digests(store: Store, data_dir: Path) -> list[str]:
    """Every fault of the digest files, each as a sentence that names the file; empty when all is as it was written.

    The JSON must have the hash that the database keeps, and name the hash of the issue before it. HTML, Markdown, index
    and feed must be as rendered, unless an earlier presswatch laid them out. An issue not wholly written is
    one fault.
    """
    root = data_dir / "digests"
    known = store.digests()
    pending = {(issue.digest, issue.number) for issue, _ in store.unwritten()}
    faults = [
        f"{path}: belongs to no digest that the database knows" for path in _inside(root) if path.name not in known
    ]
    for name in known:
        issues = store.issues(name)
        faults += _verify_files(root / name, issues, {number for digest, number in pending if digest == name})
    return faults


def _verify_files(folder: Path, issues: Sequence[tuple[Issue, str]], pending: set[int]) -> Iterator[str]:
    previous: str | None = None
    expected: set[str] = set()
    for issue, sha in issues:
        expected |= {f"{issue.name}.{ending}" for ending in _endings(issue)}
        record = folder / f"{issue.name}.json"
        if issue.previous_sha256 != previous:
            yield f"{record}: the database's chain is broken: it does not name the hash of the issue before it"
        previous = sha
        if issue.number in pending:
            yield f"{record}: not wholly written; presswatch digest {issue.digest} finishes it"
            continue
        if _sha256(_rendered(issue, "json")) != sha:
            yield f"{record}: what the database holds of issue {issue.number} no longer has the hash it was stored with"
        yield from _verify_record(record, issue, sha)
        for ending in issue.formats:
            yield from _verify_rendered(folder / f"{issue.name}.{ending}", _rendered(issue, ending))
    if issues:
        expected |= {_INDEX, _FEED}
    if issues and not pending:
        yield from _verify_rendered(folder / _INDEX, _index(issues))
        yield from _verify_rendered(folder / _FEED, _feed(issues))
    if not pending:
        yield from (f"{path}: belongs to no issue" for path in _inside(folder) if path.name not in expected)


def _verify_record(path: Path, issue: Issue, sha: str) -> Iterator[str]:
    content, fault = _read(path)
    if content is None:
        yield fault
    elif _sha256(content) != sha:
        yield f"{path}: altered: its SHA-256 is {_sha256(content)}, the database has {sha}"
        with contextlib.suppress(ValueError, AttributeError, RecursionError):
            if json.loads(content).get("previous_sha256") != issue.previous_sha256:
                yield f"{path}: the chain is broken: its previous_sha256 is not that of the issue before it"


def _verify_rendered(path: Path, content: bytes) -> Iterator[str]:
    found, fault = _read(path)
    if found is None:
        yield fault
    elif found != content and _layout(found) == LAYOUT:
        yield f"{path}: altered: it is not what its issue renders to"


def _layout(content: bytes) -> str:
    """The layout that a file says it has; the current one where it says nothing."""
    found = _LAYOUT.search(content)
    return (found[1] or found[2]).decode() if found else LAYOUT


def _read(path: Path) -> tuple[bytes | None, str]:
    try:
        return path.read_bytes(), ""
    except FileNotFoundError:
        return None, f"{path}: missing"
    except OSError as error:
        return None, f"{path}: cannot be read: {error.strerror}"


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
