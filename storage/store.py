"""The store: frozen records in, frozen records out, over one SQLite file.

What it keeps is split by table: `visits` (newsrooms, visits, looks, pages), `releases` (releases to changes),
`issues` (digests).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from storage import issues, releases, search, visits
from storage.connection import Connection
from storage.problems import problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from types import TracebackType

    from storage.records import (
        Candidate,
        Change,
        Folding,
        Issue,
        Kind,
        Look,
        Newsroom,
        Release,
        Revision,
        Visit,
    )

WAIT_S = 10.0
"""How long another program's lock is waited for: far longer than any write of presswatch takes."""


class Store:
    """Everything presswatch remembers; a context manager that closes its file.

    One writer and any number of readers work beside each other, none waits for another. A store belongs to the thread
    that opened it. Every fault of the file is a `StoreError` that names it and the way out, and then nothing was
    written. Instants come back in UTC; a naive datetime is a ValueError.
    """

    def __init__(self, db: Connection) -> None:
        self._db = db

    @classmethod
    def open(cls, path: Path | str, *, wait_s: float = WAIT_S) -> Store:
        """Opens the store for writing; makes the file and its folder where they are missing, migrates an older one."""
        return cls(Connection.open(Path(path), wait_s))

    @classmethod
    def read(cls, path: Path | str, *, wait_s: float = WAIT_S) -> Store:
        """Opens the store for reading only; a missing file is an error that says what makes it."""
        return cls(Connection.read(Path(path), wait_s))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing of the block; nests. For a reader one unchanging state. Never `await` inside."""
        return self._db.transaction()

    # Newsrooms, visits and looks

    def newsroom(self, id: str) -> Newsroom | None:  # noqa: A002  the record's own word
        """What is remembered of one newsroom, or None."""
        return visits.newsroom(self._db, id)

    def newsrooms(self) -> list[Newsroom]:
        """What is remembered of every newsroom, by id."""
        return visits.newsrooms(self._db)

    def put_newsroom(self, newsroom: Newsroom) -> None:
        """Adds a newsroom or replaces that of the same id."""
        with self.transaction():
            visits.put_newsroom(self._db, newsroom)

    def add_visit(self, visit: Visit) -> int:
        """Adds a visit with its window and pages: its number in the one rising sequence of visits and looks.

        A newsroom not met before is remembered by its id and the visit's URL.
        """
        with self.transaction():
            return visits.add_visit(self._db, visit)

    def add_look(self, look: Look) -> int:
        """Adds a look: its number in the sequence. A look for an unknown newsroom is a StoreError."""
        with self.transaction():
            return visits.add_look(self._db, look)

    def visit(self, seq: int) -> Visit | None:
        """The visit of this number with its window and pages, or None."""
        with self._db.snapshot():
            return visits.visit(self._db, seq)

    def stretches(self, newsroom: str) -> Iterator[Visit]:
        """The visits of the newsroom's latest backfill, in sequence, without pages; read as the iterator is used."""
        return visits.stretches(self._db, newsroom)

    def unfolded(self, newsroom: str | None = None) -> list[tuple[int, Visit | Look]]:
        """What waits to be folded, in sequence, of one newsroom or of all; visits with their windows, without pages."""
        with self._db.snapshot():
            return visits.unfolded(self._db, newsroom)

    def waiting(self) -> set[str]:
        """The newsrooms of which something waits to be folded."""
        return visits.waiting(self._db)

    def fold(self, seq: int, folding: Folding) -> None:
        """Writes all that folding the visit or look `seq` gave, and marks it folded, in one transaction.

        Folding it a second time, or with another newsroom's records, is a StoreError.
        """
        with self.transaction():
            releases.fold(self._db, seq, folding)

    def prune_visits(self, before: datetime) -> None:
        """Deletes what `before` was folded: visits without a window or feed, looks, and pages that no visit shows."""
        with self.transaction():
            visits.prune(self._db, before)

    # Releases

    def releases_at(self, newsroom: str, addresses: Iterable[str]) -> dict[str, Release]:
        """The releases known at these canonical addresses, now or formerly, by address; unknown ones are left out."""
        return releases.at(self._db, newsroom, addresses)

    def releases_named(self, newsroom: str, keys: Iterable[str]) -> dict[str, Release]:
        """The releases of these keys, by key; unknown ones are left out."""
        return releases.named(self._db, newsroom, keys)

    def top(self, newsroom: str, *, above: int | None = None, limit: int = 2000) -> list[Release]:
        """The releases, of any state, of rank `above` or higher, highest rank first, at most `limit`."""
        return releases.top(self._db, newsroom, above, limit)

    def release_count(self, newsroom: str) -> int:
        """How many releases of a newsroom are known, of any state."""
        return releases.count(self._db, newsroom)

    def lowest_rank(self, newsroom: str) -> int | None:
        """The rank of the newsroom's lowest release that was seen in its place, None where there is none."""
        return releases.lowest_rank(self._db, newsroom)

    def held(self, newsroom: str) -> list[Release]:
        """The releases that were seen and are not told yet, by key."""
        return releases.held(self._db, newsroom)

    def titled(self, newsroom: str, titles: Iterable[str]) -> list[Release]:
        """The releases, of any state, that carry one of these folded titles; three of each at most."""
        return releases.titled(self._db, newsroom, titles)

    def releases(self, newsroom: str | None = None) -> Iterator[tuple[Release, bool]]:
        """All releases by date, then rank, newest first, undated last; each with whether the last window shows it.

        Read in batches as the iterator is used, each as the store then is; in a reader's transaction all of one state.
        """
        return releases.newest_first(self._db, newsroom)

    def search(self, phrases: Iterable[str], newsroom: str | None = None) -> Iterator[tuple[Release, bool]]:
        """The releases that hold every phrase in title, summary or caption, ordered and marked as by `releases`.

        A phrase is a word or several in a row, the last of which may go on; case and accents do not matter.
        """
        return search.search(self._db, phrases, newsroom)

    def revisions(self, newsroom: str, key: str) -> list[Revision]:
        """The revisions of one release, oldest first."""
        return releases.revisions(self._db, newsroom, key)

    def candidates(
        self, newsroom: str | None = None, *, keys: Iterable[str] | None = None, open_only: bool = True
    ) -> list[Candidate]:
        """Candidates by newsroom and key; `newsroom` and `keys` narrow them, `open_only=False` adds settled ones."""
        return releases.candidates(self._db, newsroom, keys, open_only=open_only)

    def changes(
        self,
        *,
        newsroom: str | None = None,
        kind: Kind | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> list[Change]:
        """Changes as they were told, oldest first: those seen at `since` or later; with a limit the latest so many."""
        return releases.changes(self._db, newsroom, kind, since, limit)

    # Digests

    def digests(self) -> list[str]:
        """The names of all digests ever registered, in alphabetical order."""
        return issues.digests(self._db)

    def register_digest(self, name: str) -> None:
        """Adds a digest that starts after the latest change; one that is there already stays as it is."""
        with self.transaction():
            issues.register(self._db, name)

    def unreported(self, name: str) -> tuple[int, tuple[Change, ...]]:
        """The number of the latest change, and all changes after the digest's cursor in order."""
        with self._db.snapshot():
            return issues.unreported(self._db, name)

    def add_issue(self, issue: Issue, *, up_to: int, sha256: str) -> None:
        """Adds a digest's next issue and moves its cursor to change number `up_to`, in one transaction.

        `sha256` is that of the issue's JSON file. An issue that does not follow the last one, or that carries a change
        twice or from beyond the cursor, is a StoreError.
        """
        with self.transaction():
            issues.add(self._db, issue, up_to, sha256)

    def skip_changes(self, name: str, *, up_to: int) -> None:
        """Moves a digest's cursor to change number `up_to` without an issue, for a digest that skips empty ones."""
        with self.transaction():
            issues.skip(self._db, name, up_to)

    def last_issue(self, name: str) -> Issue | None:
        """The latest issue of a digest, or None."""
        with self._db.snapshot():
            return issues.last(self._db, name)

    def issues(self, name: str, *, latest: int | None = None) -> list[tuple[Issue, str]]:
        """The issues of a digest, each with the hash of its JSON file, oldest first: all, or the latest so many."""
        with self._db.snapshot():
            return issues.of_digest(self._db, name, latest)

    def bare_issues(self, name: str) -> list[tuple[Issue, str]]:
        """As `issues`, but without the changes they carry, which are the most of them."""
        return issues.bare(self._db, name)

    def unwritten(self) -> list[tuple[Issue, str]]:
        """The issues not marked as written, each with the hash of its JSON file, by digest and number."""
        with self._db.snapshot():
            return issues.unwritten(self._db)

    def mark_written(self, digest: str, number: int) -> None:
        """Marks an issue's files as written; marking it again changes nothing."""
        with self.transaction():
            issues.mark_written(self._db, digest, number)

    # The whole

    def problems(self) -> list[str]:
        """Every fault of the database that can be found, each as a sentence; empty when it is intact."""
        return problems(self._db)
