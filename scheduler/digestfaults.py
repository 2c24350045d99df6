"""Whether the digests on the disk are as they were written, and their chain of hashes unbroken."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING

from scheduler.digestfiles import FEED, INDEX, endings, feed_of, index_of, rendered, sha256_of
from scheduler.render.html import LAYOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from storage.records import Issue
    from storage.store import Store

_LAYOUT = re.compile(rb'presswatch layout (\w+)|<generator version="(\w+)">presswatch</generator>')


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
        expected |= {f"{issue.name}.{ending}" for ending in endings(issue)}
        record = folder / f"{issue.name}.json"
        if issue.previous_sha256 != previous:
            yield f"{record}: the database's chain is broken: it does not name the hash of the issue before it"
        previous = sha
        if issue.number in pending:
            yield f"{record}: not wholly written; presswatch digest {issue.digest} finishes it"
            continue
        if sha256_of(rendered(issue, "json")) != sha:
            yield f"{record}: what the database holds of issue {issue.number} no longer has the hash it was stored with"
        yield from _verify_record(record, issue, sha)
        for ending in issue.formats:
            yield from _verify_rendered(folder / f"{issue.name}.{ending}", rendered(issue, ending))
    if issues:
        expected |= {INDEX, FEED}
    if issues and not pending:
        yield from _verify_rendered(folder / INDEX, index_of(issues))
        yield from _verify_rendered(folder / FEED, feed_of(issues))
    if not pending:
        yield from (f"{path}: belongs to no issue" for path in _inside(folder) if path.name not in expected)


def _verify_record(path: Path, issue: Issue, sha: str) -> Iterator[str]:
    content, fault = _read(path)
    if content is None:
        yield fault
    elif sha256_of(content) != sha:
        yield f"{path}: altered: its SHA-256 is {sha256_of(content)}, the database has {sha}"
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
