"""Keeps what came back: stores visits and looks, folds them, and tells whoever listens what changed."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from scheduler.detect import detect
from scheduler.folder import Rules
from storage.errors import StoreError
from storage.records import Change, Look, Newsroom, Outcome, Verdict, Visit
from storage.store import Store

_log = logging.getLogger("presswatch")

Clock = Callable[[], datetime]
Heard = Callable[[str, Visit | Look | None, Sequence[Change]], None]


class Plans(Protocol):
    """What the configuration says of the newsrooms that are watched."""

    def watches(self, name: str) -> bool:
        """Whether a newsroom is watched."""

    def rules(self, name: str) -> Rules:
        """How its visits and looks are folded."""

    def planned(self, newsroom: Newsroom, now: datetime) -> Newsroom:
        """The newsroom with its next visit."""


class Keeper:
    """Stores and folds, one visit or look after the other.

    What could not be stored, on a full disk for example, waits in memory and is stored first the next time. `heard` is
    told of each visit and look once it is folded, with its changes, and (without either) of a newsroom whose record
    changed otherwise.
    """

    def __init__(self, store: Store, plans: Plans, clock: Clock, heard: Heard) -> None:
        self._store, self._plans, self._clock, self._heard = store, plans, clock, heard
        self._unstored: deque[Visit | Look] = deque()
        self._unfolded: set[str] = set()
        self._listeners: list[tuple[frozenset[str], list[Change]]] = []

    @property
    def behind(self) -> bool:
        """Whether something that came back is not stored or not folded."""
        return bool(self._unstored or self._unfolded)

    def keep(self, seen: Visit | Look) -> int:
        """Stores a visit or look and folds it; its number. StoreError where that has to wait."""
        self._unstored.append(seen)
        return self.catch_up()

    def catch_up(self) -> int:
        """Stores and folds what waits, in order; the number of the last one stored. StoreError as for `keep`."""
        seq = 0
        while self._unstored:
            seen = self._unstored[0]
            seq = self._add(seen)
            self._unstored.popleft()
            watched = self._plans.watches(seen.newsroom)
            self._heard(seen.newsroom, seen, self._fold_one(seen.newsroom) if watched else ())
        if self._unfolded:
            self.fold(sorted(self._unfolded))
        return seq

    def fold(self, names: Iterable[str]) -> None:
        """Folds what these newsrooms have stored and not folded yet.

        What one that left the configuration has waiting waits until it returns with its filters.
        """
        waiting = self._store.waiting()
        for name in names:
            if name in waiting and self._plans.watches(name) and (found := self._fold_one(name)):
                self._heard(name, None, found)
            self._unfolded.discard(name)

    @contextmanager
    def collecting(self, names: Iterable[str]) -> Iterator[list[Change]]:
        """The changes of these newsrooms that are found while it lasts, whoever asked for the visit or look."""
        mine: tuple[frozenset[str], list[Change]] = (frozenset(names), [])
        self._listeners.append(mine)
        try:
            yield mine[1]
        finally:
            self._listeners = [other for other in self._listeners if other is not mine]

    def _add(self, seen: Visit | Look) -> int:
        try:
            return self._store.add_visit(seen) if isinstance(seen, Visit) else self._store.add_look(seen)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - what cannot be stored must not hold up what comes after it
            _log.exception("presswatch failed")
            at, reason = self._clock(), fault(error)
            if isinstance(seen, Look):
                return self._store.add_look(Look(seen.newsroom, seen.key, seen.url, at, Verdict.NO_ANSWER, reason))
            return self._store.add_visit(Visit(seen.newsroom, seen.url, at, at, Outcome.FAILED, reason))

    def _fold_one(self, name: str) -> list[Change]:
        self._unfolded.add(name)
        found: list[Change] = []
        try:
            found = detect(self._store, self._plans.rules, name, planned=self._plans.planned)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - it costs its own newsroom only, which is folded once it is mended
            _log.exception("presswatch failed")
            self._put_in_trouble(name, fault(error))
        self._unfolded.discard(name)
        for names, collected in self._listeners:
            if name in names:
                collected.extend(found)
        return found

    def _put_in_trouble(self, name: str, reason: str) -> None:
        newsroom = self._store.newsroom(name)
        if newsroom is None:
            return
        at = self._clock()
        newsroom = replace(
            newsroom,
            fails=newsroom.fails + 1,
            unhealthy_since=newsroom.unhealthy_since or at,
            last_visit_at=at,
            last_outcome=Outcome.FAILED,
            last_reason=reason,
        )
        self._store.put_newsroom(self._plans.planned(newsroom, at))


def fault(error: Exception) -> str:
    """A fault of our own, as the reason of a visit or look that failed by it."""
    return f"presswatch failed: {type(error).__name__}: {error}"[:200]
