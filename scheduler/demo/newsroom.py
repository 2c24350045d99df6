"""A scripted newsroom: what it has published, how its list shows it, and how it misbehaves just now. Pure state."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from scheduler.demo.invention import Draft, Gone, Inventor, LocalRelease, slugify
from scheduler.demo.layouts import DRUPAL, Layout, release_path, shown
from scheduler.demo.misbehaviour import Failing, Fault, Former, Logged, Validation, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from storage.records import Entry

TODAY = date(2024, 5, 17)  # a day for newsrooms that are not told one, so that the same seed gives the same newsroom
_REQUESTS_KEPT = 20_000
_TEXTS_KEPT = 200


class LocalNewsroom:
    """A newsroom that does what it is told; safe to change while another thread serves it.

    Releases are named by slug. The list stands newest first; an operation on a slug that is not there raises KeyError.
    `today` is the day of the next release (`advance` moves it). `robots` is the text of robots.txt (None: 404), served
    with `robots_status`. `unknown` is how addresses that never existed answer. `restless`: pages carry another form
    token each time. `requests` holds the latest requests, oldest first. `version` counts what was done to the newsroom.
    """

    def __init__(
        self,
        layout: Layout = DRUPAL,
        *,
        releases: int | Iterable[Draft] = 40,
        per_page: int | None = None,
        publisher: str | None = None,
        today: date = TODAY,
        seed: int = 0,
    ) -> None:
        """`releases`: how many to invent, or the drafts themselves, oldest first; the newest of them is a day old."""
        self.layout = layout
        self.listing_path = layout.listing
        self.publisher = publisher or layout.publisher
        self.per_page = per_page or layout.per_page
        self.today = today
        self.failing: Failing | None = None
        self.validators = Validation.BOTH
        self.robots: str | None = "User-agent: *\nDisallow: /search\n"
        self.robots_status = 200
        self.unknown = Gone.NOT_FOUND
        self.restless = False
        self.requests: deque[Logged] = deque(maxlen=_REQUESTS_KEPT)
        self.version = 0
        self.lock = threading.RLock()
        self._inventor = Inventor(seed, self.publisher)
        self._releases: dict[str, LocalRelease] = {}
        self._order: list[str] = []
        self._pinned: list[tuple[str, bool]] = []
        self._former: dict[str, Former] = {}
        self._slug_of: dict[str, str] = {}
        self._texts: dict[tuple[object, ...], str] = {}
        self._texts_version = 0
        drafts = [self._inventor.draft() for _ in range(releases)] if isinstance(releases, int) else list(releases)
        gaps = [1, *(self._inventor.gap_days() for _ in drafts[1:])]
        days = [today - timedelta(days=ago) for ago in accumulate(gaps)]
        for draft, day in zip(drafts, reversed(days[: len(drafts)]), strict=True):
            self._place(draft, day)

    def publish(
        self,
        title: str | None = None,
        *,
        summary: str | None = None,
        kind: str | None = None,
        caption: str | None = None,
        day: date | None = None,
        at: datetime | None = None,
        dated: bool = True,
        slug: str | None = None,
    ) -> LocalRelease:
        """Puts a release on the list, above all that are not newer; what is not given is invented.

        `summary` is the text, paragraphs apart by an empty line. `at` is an aware instant: its day in its own offset is
        the release's. With `dated=False` the list prints no date.
        """
        if at is not None and at.tzinfo is None:
            raise ValueError("an instant needs an offset")
        with self.lock:
            draft = self._inventor.draft()
            draft = Draft(
                title=title or draft.title,
                kind=kind or draft.kind,
                paragraphs=_paragraphs(summary) if summary else draft.paragraphs,
                caption=caption if caption is not None or title else draft.caption,
                subheading=None if summary else draft.subheading,
            )
            its_day = day or (at.date() if at else self.today)
            self.version += 1
            return self._place(draft, its_day, at=at, dated=dated, slug=slug)

    def burst(self, count: int) -> list[LocalRelease]:
        """Publishes so many invented releases today; the last returned stands on top."""
        with self.lock:
            return [self.publish() for _ in range(count)]

    def edit(
        self,
        slug: str,
        *,
        title: str | None = None,
        summary: str | None = None,
        kind: str | None = None,
        day: date | None = None,
        caption: str | None = None,
    ) -> LocalRelease:
        """Changes what is given, on the list and on the release's page; address and place in the list stay."""

        def change(release: LocalRelease) -> LocalRelease:
            return replace(
                release,
                title=release.title if title is None else title,
                paragraphs=release.paragraphs if summary is None else _paragraphs(summary),
                kind=release.kind if kind is None else kind,
                day=release.day if day is None else day,
                caption=release.caption if caption is None else caption,
            )

        return self._change(slug, change)

    def withdraw(self, slug: str, how: Gone | str = Gone.NOT_FOUND, *, listed: bool = False) -> LocalRelease:
        """Takes a release down; with `listed` the list still shows it."""
        return self._change(slug, lambda release: replace(release, listed=listed, gone=Gone(how)))

    def unlist(self, slug: str) -> LocalRelease:
        """Takes a release off the list; its page stays."""
        return self._change(slug, lambda release: replace(release, listed=False))

    def restore(self, slug: str) -> LocalRelease:
        """Brings a release back, page and list, to the place it had."""
        return self._change(slug, lambda release: replace(release, listed=True, gone=None))

    def move(
        self, slug: str, new_slug: str, *, redirect: bool = True, canonical: bool = False, path: str | None = None
    ) -> LocalRelease:
        """Gives a release another address (`path`, else the layout's for the new slug).

        The old address redirects there; with `redirect=False` it answers 404, or with `canonical` still serves it and
        names the new address as canonical.
        """
        with self.lock:
            if new_slug != slug and new_slug in self._releases:
                raise ValueError(f"{new_slug} is taken")
            release = self._releases.pop(slug)
            new_path = path or release_path(self.layout, new_slug, release.kind)
            moved = replace(release, slug=new_slug, path=new_path)
            self._releases[new_slug] = moved
            self._order = [new_slug if name == slug else name for name in self._order]
            self._pinned = [(new_slug if name == slug else name, copy) for name, copy in self._pinned]
            self._former = {
                old: replace(former, slug=new_slug) if former.slug == slug else former
                for old, former in self._former.items()
            }
            self._readdress(release.path, moved, redirect=redirect, canonical=canonical)
            self.version += 1
            return moved

    def pin(self, slug: str, *, copy: bool = False) -> None:
        """Puts a release on top of the first page, out of date order; with `copy` it also stays in its own place."""
        with self.lock:
            self._releases[slug]  # raises KeyError for an unknown one
            self._pinned = [(slug, copy), *(pinned for pinned in self._pinned if pinned[0] != slug)]
            self.version += 1

    def unpin(self, slug: str) -> None:
        """Lets a pinned release go back to its place."""
        with self.lock:
            self._pinned = [pinned for pinned in self._pinned if pinned[0] != slug]
            self.version += 1

    def reorder(self, slugs: Iterable[str] | None = None) -> None:
        """Puts the given slugs on top of the list in the given order; without any, shuffles those of the first page."""
        with self.lock:
            top = list(slugs) if slugs is not None else self._inventor.shuffled([r.slug for r in self.shown(0)])
            unknown = [slug for slug in top if slug not in self._releases]
            if unknown:
                raise KeyError(unknown[0])
            self._order = [*dict.fromkeys(top), *(slug for slug in self._order if slug not in set(top))]
            self.version += 1

    def advance(self, days: int = 1) -> None:
        """Lets days pass: later releases carry a later date."""
        self.today += timedelta(days=days)

    def resize(self, per_page: int) -> None:
        """Shows so many releases a page from now on."""
        with self.lock:
            self.per_page = per_page
            self.version += 1

    def redesign(self, layout: Layout, *, addresses: bool = False, redirect: bool = True) -> None:
        """Takes on another layout at the same listing address.

        With `addresses` every release moves to the address the layout gives it; old ones redirect unless told not to.
        """
        with self.lock:
            self.layout = layout
            self.per_page = layout.per_page
            self.version += 1
            if not addresses:
                return
            for release in list(self._releases.values()):
                moved = replace(release, path=release_path(layout, release.slug, release.kind))
                self._releases[release.slug] = moved
                if moved.path != release.path:
                    self._readdress(release.path, moved, redirect=redirect, canonical=False)

    def fail(
        self,
        fault: Fault | str,
        where: Where | str = Where.ALL,
        *,
        status: int | None = None,
        retry_after: str | None = None,
    ) -> None:
        """Answers with a fault from now on, at the listing's pages, the releases' or all; one fault at a time."""
        self.failing = Failing(Fault(fault), Where(where), status, retry_after)

    def heal(self) -> None:
        """Answers rightly again."""
        self.failing = None

    def release(self, slug: str) -> LocalRelease:
        """The release as it stands; KeyError if there is none."""
        return self._releases[slug]

    def releases(self) -> tuple[LocalRelease, ...]:
        """All releases in the list's order, those too that it does not show."""
        with self.lock:
            return tuple(self._releases[slug] for slug in self._order)

    def pages(self) -> int:
        """How many pages the list has; an empty one has one."""
        with self.lock:
            return max(1, -(-len(self._standing()) // self.per_page))

    def shown(self, number: int) -> tuple[LocalRelease, ...]:
        """The releases on one page of the list, from 0, top to bottom."""
        with self.lock:
            start = number * self.per_page
            return tuple(self._releases[slug] for slug in self._standing()[start : start + self.per_page])

    def listing_entries(self, number: int = 0, base: str = "") -> tuple[Entry, ...]:
        """The truth of one page of the list, from 0: its entries as a faultless reader finds them.

        `base` is the address the newsroom is served at; without it, urls are paths within the newsroom.
        """
        with self.lock:
            return tuple(shown(self.layout, r, position, base) for position, r in enumerate(self.shown(number)))

    def at(self, path: str) -> LocalRelease | None:
        """The release whose address this is now, with or without its last slash."""
        with self.lock:
            slug = self._slug_of.get(path.rstrip("/"))
            return self._releases[slug] if slug else None

    def former(self, path: str) -> tuple[Former, LocalRelease] | None:
        """What became of an address that a release has left, and the release."""
        with self.lock:
            former = self._former.get(path.rstrip("/"))
            return (former, self._releases[former.slug]) if former else None

    def kept(self, name: tuple[object, ...], make: Callable[[], str]) -> str:
        """The text of that name as made before, or made anew where something was done to the newsroom since."""
        if self._texts_version != self.version or len(self._texts) > _TEXTS_KEPT:
            self._texts.clear()
            self._texts_version = self.version
        if name not in self._texts:
            self._texts[name] = make()
        return self._texts[name]

    def _standing(self) -> list[str]:
        pinned = [slug for slug, _ in self._pinned]
        away = {slug for slug, copy in self._pinned if not copy}
        order = pinned + [slug for slug in self._order if slug not in away]
        return [slug for slug in order if self._releases[slug].listed]

    def _place(
        self, draft: Draft, day: date, *, at: datetime | None = None, dated: bool = True, slug: str | None = None
    ) -> LocalRelease:
        name = slug or slugify(draft.title)
        taken, number = name, 1
        while name in self._releases:
            number += 1
            name = f"{taken}-{number}"
        release = LocalRelease(
            name, release_path(self.layout, name, draft.kind), draft.title, draft.kind, day, draft.paragraphs,
            at=at, caption=draft.caption, subheading=draft.subheading, dated=dated,
        )  # fmt: skip
        self._releases[name] = release
        self._slug_of[release.path.rstrip("/")] = name
        self._former.pop(release.path.rstrip("/"), None)
        above = next((at for at, other in enumerate(self._order) if self._releases[other].day <= day), None)
        self._order.insert(len(self._order) if above is None else above, name)
        return release

    def _readdress(self, old_path: str, moved: LocalRelease, *, redirect: bool, canonical: bool) -> None:
        self._slug_of.pop(old_path.rstrip("/"), None)
        self._former[old_path.rstrip("/")] = Former(moved.slug, redirect, canonical)
        self._slug_of[moved.path.rstrip("/")] = moved.slug
        self._former.pop(moved.path.rstrip("/"), None)

    def _change(self, slug: str, change: Callable[[LocalRelease], LocalRelease]) -> LocalRelease:
        with self.lock:
            self._releases[slug] = change(self._releases[slug])
            self.version += 1
            return self._releases[slug]


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("\n\n") if part.strip())
