"""The random life of a local newsroom, with what presswatch has to tell of it, and the comparison with what it told."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scheduler.demo.invention import Gone, LocalRelease
from scheduler.demo.layouts import clean
from scheduler.demo.newsroom import LocalNewsroom

PER_PAGE = 30  # so many that releases of other days always stand below whatever happens at the top
REACH = 6  # places from the top where something happens: what leaves there is decidable
DEPARTURES = 2  # a round; more at once than three would wait for a later visit, as a migration
STEP = timedelta(hours=20)  # from round to round: some visits are conditional, some a full daily read
SUBJECTS = ("statement", "call", "report", "letter", "answer")

Fact = tuple[str, ...]
"""A change as far as the truth knows it: its kind, its address, and what else identifies it."""


@dataclass(slots=True)
class Life:
    """A newsroom that lives, the clock it lives by, and the facts that must be told, each once."""

    newsroom: LocalNewsroom
    base: str
    name: str
    random: Random
    at: datetime
    truth: list[Fact] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    gone: dict[str, str] = field(default_factory=dict)
    moves: int = 0
    published: int = 0

    @classmethod
    def born(cls, newsroom: LocalNewsroom, base: str, name: str, seed: int) -> Life:
        """A life whose first visit is the baseline."""
        at = datetime(newsroom.today.year, newsroom.today.month, newsroom.today.day, 6, tzinfo=UTC)
        return cls(newsroom, base, name, Random(seed), at, truth=[("baseline", name)])

    def round(self, *, departure: bool) -> None:
        """Time passes and the newsroom does some of what newsrooms do; with `departure` at least one release leaves."""
        self.at += STEP
        self.newsroom.today = self.at.date()
        self.touched = set()
        for _ in range(self.random.randint(0, 2)):
            self.publish()
        leaving = [self.withdraw, self.move, self.unlist]
        for _ in range(self.random.randint(1 if departure else 0, DEPARTURES)):
            self.random.choice(leaving)()
        for _ in range(self.random.randint(0, 2)):
            self.edit()
        if self.random.random() < 0.4:
            self.restore()
        if departure or self.random.random() < 0.5:
            self.publish()

    def between(self) -> None:
        """What may happen between a kill and the restart: whatever was seen before it, it stays one new release."""
        self.at += timedelta(minutes=3)
        if self.random.random() < 0.25:
            self.publish()

    def publish(self) -> None:
        """A release on top of the list."""
        self.published += 1
        # a slug of its own: at an address that another release has left, nobody could tell a new one from an edit
        release = self.newsroom.publish(slug=f"{self.published}-{self.random.choice(SUBJECTS)}")
        self.touched.add(release.slug)
        self.truth.append(("new", self.base + release.path))

    def edit(self) -> None:
        """Another headline."""
        release = self._standing()
        after = f"{release.title.partition(' (corrected')[0]} (corrected {len(self.truth)})"
        self.newsroom.edit(release.slug, title=after)
        self.truth.append(("edited", self.base + release.path, clean(release.title), clean(after)))

    def withdraw(self) -> None:
        """Gone from the list and from its address."""
        release = self._standing()
        self.newsroom.withdraw(release.slug, self.random.choice([Gone.NOT_FOUND, Gone.GONE]))
        self.gone[release.slug] = "withdrawn"
        self.truth.append(("withdrawn", self.base + release.path))

    def unlist(self) -> None:
        """Gone from the list only."""
        release = self._standing()
        self.newsroom.unlist(release.slug)
        self.gone[release.slug] = "unlisted"
        self.truth.append(("unlisted", self.base + release.path))

    def restore(self) -> None:
        """Back at its old place, where that is still far above the end of the page."""
        top = [release.slug for release in self.newsroom.releases()[: PER_PAGE // 2]]
        back = [slug for slug in self.gone if slug in top and slug not in self.touched]
        if not back:
            return
        slug = self.random.choice(back)
        release = self.newsroom.restore(slug)
        self.touched.add(slug)
        self.truth.append(("restored", self.base + release.path, self.gone.pop(slug)))

    def move(self) -> None:
        """Another address; the old one redirects there, or is dead."""
        release = self._standing()
        self.moves += 1
        slug = f"{release.slug[:60]}-moved-{self.moves}"
        moved = self.newsroom.move(release.slug, slug, redirect=self.random.random() < 0.5)
        self.touched.add(slug)
        self.truth.append(("moved", self.base + moved.path, self.base + release.path))

    def _standing(self) -> LocalRelease:
        """One of the topmost releases to which nothing has happened in this round."""
        fit = [
            release
            for release in self.newsroom.shown(0)[: REACH + len(self.touched)]
            if release.slug not in self.touched
        ]
        release = self.random.choice(fit[:REACH])
        self.touched.add(release.slug)
        return release


@dataclass(frozen=True, slots=True)
class Tally:
    """How the issues of a digest differ from the truth: facts that are missing, told twice, or not so."""

    missing: tuple[Fact, ...] = ()
    doubled: tuple[Fact, ...] = ()
    false: tuple[Fact, ...] = ()

    @property
    def faults(self) -> int:
        """How many they are."""
        return len(self.missing) + len(self.doubled) + len(self.false)


def tally(truth: list[Fact], told: list[Fact]) -> Tally:
    """Compares as multisets: a fact that is true once and told twice is doubled once."""
    true, said = Counter(truth), Counter(told)
    more = said - true
    return Tally(
        missing=tuple((true - said).elements()),
        doubled=tuple(fact for fact in more.elements() if fact in true),
        false=tuple(fact for fact in more.elements() if fact not in true),
    )


def fact(change: dict[str, Any]) -> Fact:
    """A change of a digest's JSON as a fact; an edit of another field than the title is none that the truth knows."""
    kind, detail = change["kind"], change["detail"]
    if change["url"] is None:
        return (kind, change["newsroom"])
    if kind == "edited" and set(detail["fields"]) == {"title"}:
        title = detail["fields"]["title"]
        return (kind, change["url"], title["before"], title["after"])
    if kind == "edited":
        return (kind, change["url"], *sorted(detail["fields"]))
    more = {"moved": "from", "restored": "after"}.get(kind)
    return (kind, change["url"], detail[more]) if more else (kind, change["url"])


def told_by(folder: Path) -> tuple[list[Fact], list[str]]:
    """All facts that the issues in a digest's folder tell, oldest first, and what is wrong with their chain.

    Reads the JSON files alone, in the order of their names.
    """
    facts: list[Fact] = []
    faults: list[str] = []
    ids: set[str] = set()
    previous: str | None = None
    for path in sorted(folder.glob("*.json")):
        content = path.read_bytes()
        issue = json.loads(content)
        if issue["previous_sha256"] != previous:
            faults.append(f"{path.name} does not name the hash of the issue before it")
        previous = hashlib.sha256(content).hexdigest()
        for change in issue["changes"]:
            if change["id"] in ids:
                faults.append(f"{path.name} carries change {change['id']} again")
            ids.add(change["id"])
            facts.append(fact(change))
    return facts, faults
