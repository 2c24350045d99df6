"""The files of a digest: what its issues render to, replaced as a whole, so that they last through a crash."""

from __future__ import annotations

import contextlib
import os
from hashlib import sha256
from typing import TYPE_CHECKING

from scheduler.render import render_atom, render_html, render_index, render_json, render_markdown
from scheduler.render.html import FILE_FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storage.records import Issue

INDEX, FEED = "index.html", "feed.xml"


class DigestError(Exception):
    """A digest that could not be written, with the file and the way out; nothing is lost."""


def folder_of(data_dir: Path, digest: str) -> Path:
    """Where a digest's files lie."""
    return data_dir / "digests" / digest


def endings(issue: Issue) -> tuple[str, ...]:
    """The endings of an issue's files, the one to read first first."""
    return tuple(ending for ending in FILE_FORMATS if ending in {*issue.formats, "json"})


def rendered(issue: Issue, ending: str) -> bytes:
    """The bytes of an issue's file of that ending."""
    render = {"html": render_html, "md": render_markdown, "json": render_json}[ending]
    return render(issue).encode()


def index_of(issues: Sequence[tuple[Issue, str]]) -> bytes:
    """The page that lists a digest's issues, which come oldest first."""
    return render_index([issue for issue, _ in issues]).encode()


def feed_of(issues: Sequence[tuple[Issue, str]]) -> bytes:
    """The Atom feed of a digest's issues, which come oldest first, each with the hash of its JSON."""
    return render_atom(issues).encode()


def sha256_of(content: bytes) -> str:
    """Hex digest of a file's content."""
    return sha256(content).hexdigest()


def write_issue(folder: Path, issue: Issue, sha: str, only: Sequence[Path] | None = None) -> list[Path]:
    """Writes the files of one issue, or `only` some; JSON first: the record stands before what is made for reading.

    DigestError where one cannot be written, or the issue no longer renders to the JSON of the hash `sha`.
    """
    record = rendered(issue, "json")
    if sha256_of(record) != sha:
        path = folder / f"{issue.name}.json"
        raise DigestError(
            f"{path} cannot be written: its record in the database no longer has the hash it was stored with; "
            "presswatch verify tells what else is wrong"
        )
    paths = [folder / f"{issue.name}.{ending}" for ending in reversed(endings(issue))]
    for path in paths if only is None else only:
        write(path, record if path.suffix == ".json" else rendered(issue, path.suffix[1:]))
    return list(reversed(paths))


def make(folder: Path) -> None:
    """Makes a digest's folder, so that it lasts; DigestError where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sync(folder.parent)
    except OSError as error:
        raise DigestError(
            f"cannot make the folder {folder}: {error.strerror}; the issue is kept and written next time"
        ) from error


def write(path: Path, content: bytes) -> None:
    """Replaces a file as a whole: a reader, or a crash, meets the old bytes or the new ones. DigestError as `make`."""
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


def sync(folder: Path) -> None:
    """Makes the renames in a folder last through a loss of power. DigestError as `make`."""
    try:
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        raise DigestError(f"cannot sync the folder {folder}: {error.strerror}") from error


def is_missing(path: Path) -> bool:
    """Whether there is no such file, as far as can be told."""
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:  # something else is wrong, which writing would not mend
        return False
    return False
