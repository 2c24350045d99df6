"""What is due, asked every second and therefore of memory: only where something waits is the store read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.revisit import is_due

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.config import NewsroomConfig
    from scheduler.watch import Watch
    from storage.records import LookOrder, Newsroom


class Agenda:
    """The newsrooms as they were when last folded, and those of which a candidate waits to be settled."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.newsrooms = {newsroom.id: _slim(newsroom) for newsroom in watch.store.newsrooms()}
        self._waiting = {candidate.newsroom for candidate in watch.store.candidates()}

    def note(self, name: str) -> None:
        """Takes in what became of a newsroom's record."""
        newsroom = self._watch.store.newsroom(name)
        if newsroom is not None:
            self.newsrooms[name] = _slim(newsroom)
        if self._watch.store.candidates(name):
            self._waiting.add(name)
        else:
            self._waiting.discard(name)

    def visits(self, at: datetime) -> list[str]:
        """The newsrooms whose visit is due and not under way, in the order of the configuration."""
        watched = self._watch.config.newsrooms
        return [one.id for one in watched if not self._watch.visiting(one.id) and self._due(one, at)]

    def looks(self) -> list[LookOrder]:
        """The looks that are due now and not under way."""
        orders = self._watch.looks_due(sorted(self._waiting)) if self._waiting else []
        return [order for order in orders if not self._watch.looking(order)]

    def catching_up(self, at: datetime) -> bool:
        """Whether visits are due or under way."""
        watched = self._watch.config.newsrooms
        return any(self._watch.visiting(one.id) or self._due(one, at) for one in watched)

    def _due(self, watched: NewsroomConfig, at: datetime) -> bool:
        newsroom, pace = self.newsrooms.get(watched.id), self._watch.pace(watched.id)
        if newsroom is None or newsroom.url != watched.url or is_due(newsroom, pace, at):
            return True
        wanted = watched.id in self._waiting and self._watch.wanted(watched.id)[0]
        return wanted and is_due(newsroom, pace, at, wanted=True)


def _slim(newsroom: Newsroom) -> Newsroom:
    """Without its history: tens of kilobytes for each of thousands, and no word of it tells what is due."""
    return replace(newsroom, history=None)
