"""What happens in the demo: each step is done to the newsrooms, and says what must be noticed of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from storage.records import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.demo.invention import LocalRelease
    from scheduler.demo.newsroom import LocalNewsroom

CANADA = "lantern-canada"
USA = "lantern-usa"
_NONE: frozenset[str] = frozenset()
_BOTH = frozenset({CANADA, USA})


@dataclass(frozen=True, slots=True)
class Expected:
    """One change that must be noticed; `url` and `moved_from` are None, or paths until `at` makes them addresses."""

    newsroom: str
    kind: Kind
    url: str | None
    fields: frozenset[str] = _NONE
    moved_from: str | None = None

    def at(self, base: str) -> Expected:
        """The same with absolute addresses."""
        return replace(
            self,
            url=None if self.url is None else base + self.url,
            moved_from=None if self.moved_from is None else base + self.moved_from,
        )

    def told(self) -> str:
        """In one line of words."""
        parts = [str(self.kind), self.url or self.newsroom]
        parts += [f"(from {self.moved_from})"] if self.moved_from else []
        parts += [f"({', '.join(sorted(self.fields))})"] if self.fields else []
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, in words; the changes it must give; the newsrooms whose visits must not be believed."""

    told: str
    expected: tuple[Expected, ...] = ()
    alarms: frozenset[str] = _NONE


def steps(canada: LocalNewsroom, usa: LocalNewsroom) -> Iterator[Step]:
    """Does one step after the other to the two newsrooms, and yields each when it is done."""
    yield Step(
        "Both newsrooms are read for the first time: a baseline, and nothing is new.",
        (Expected(CANADA, Kind.BASELINE, None), Expected(USA, Kind.BASELINE, None)),
    )
    yield from _quiet_changes(canada, usa)
    yield from _growth(canada, usa)
    yield from _outages(canada, usa)
    gone = next(release for release in canada.releases() if release.gone)
    canada.restore(gone.slug)
    yield Step(
        f"Lantern Canada brings back “{gone.title}”.",
        (_of(CANADA, Kind.RESTORED, gone),),
    )


def _quiet_changes(canada: LocalNewsroom, usa: LocalNewsroom) -> Iterator[Step]:
    published = canada.publish("Ferry crews of Ostmere win their back pay after a nine-year wait", caption="")
    yield Step(f"Lantern Canada publishes “{published.title}”.", (_of(CANADA, Kind.NEW, published),))

    before = canada.shown(0)[3]
    edited = canada.edit(before.slug, title=before.title + ", inquiry finds")
    yield Step(
        f"Lantern Canada edits the headline “{before.title}”: it now ends in “inquiry finds”.",
        (replace(_of(CANADA, Kind.EDITED, edited), fields=frozenset({"title"})),),
    )

    withdrawn = canada.shown(0)[5]
    canada.withdraw(withdrawn.slug)
    yield Step(
        f"Lantern Canada quietly withdraws “{withdrawn.title}”: off the list, and its page answers 404.",
        (_of(CANADA, Kind.WITHDRAWN, withdrawn),),
    )

    old = usa.shown(0)[2]
    moved = usa.move(old.slug, f"{old.slug[:60]}-statement")
    yield Step(
        f"Lantern USA moves “{old.title}” to another address, and redirects the old one.",
        (replace(_of(USA, Kind.MOVED, moved), moved_from=old.path),),
    )


def _growth(canada: LocalNewsroom, usa: LocalNewsroom) -> Iterator[Step]:
    burst = usa.burst(12)
    yield Step(
        "Lantern USA publishes twelve releases at once: its first page is all new, and the old first is the second.",
        tuple(_of(USA, Kind.NEW, release) for release in burst),
    )

    unlisted = canada.shown(0)[7]
    canada.unlist(unlisted.slug)
    yield Step(
        f"Lantern Canada takes “{unlisted.title}” off its list, but the page stays online.",
        (_of(CANADA, Kind.UNLISTED, unlisted),),
    )

    leaving = canada.shown(0)[-2:]
    published = [canada.publish(), canada.publish()]
    yield Step(
        f"Lantern Canada publishes two more, so that “{leaving[0].title}” and one other roll off the end of the page: "
        "that is no change of theirs.",
        tuple(_of(CANADA, Kind.NEW, release) for release in published),
    )


def _outages(canada: LocalNewsroom, usa: LocalNewsroom) -> Iterator[Step]:
    troubles = (
        ("500", "Both sites break down and answer 500."),
        ("empty", "Both sites show an empty list."),
        ("challenge", "Both sites ask whether the visitor is a robot, with status 200."),
    )
    for fault, told in troubles:
        canada.fail(fault)
        usa.fail(fault)
        yield Step(f"{told} Not a single release has changed.", alarms=_BOTH)
    canada.heal()
    usa.heal()
    yield Step("Both sites are back as they were.")


def _of(newsroom: str, kind: Kind, release: LocalRelease) -> Expected:
    return Expected(newsroom, kind, release.path)
