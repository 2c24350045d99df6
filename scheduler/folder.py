"""What one folding writes, collected: releases, candidates, and the changes they lead to. Lives for one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from crawler.chronology import day_of
from crawler.text import fold_title
from scheduler.compare import edited_fields, instant_of, same_values, valued
from scheduler.diff import Difference
from scheduler.identify import Shown, same_page
from scheduler.known import Known, address_of
from storage.records import (
    FEED,
    FEED_READER,
    Candidate,
    Cause,
    Change,
    Entry,
    Folding,
    Kind,
    Release,
    Revision,
    State,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says of folding: the wait between two looks, the newsroom's time zone, its filters."""

    confirm_after: timedelta = timedelta(hours=1)
    zone: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def watch(self, title: str, url: str) -> bool:
        """Whether a release is watched: by its address or title, as a part of it or a pattern with `*`."""
        return (not self.include or _matches(self.include, title, url)) and not _matches(self.exclude, title, url)


class Folder:
    """Collects what one folding writes; lives for one call."""

    def __init__(self, known: Known, seq: int, at: datetime, rules: Rules) -> None:
        self.known, self.seq, self.at, self.rules = known, seq, at, rules
        self.newsroom = known.newsroom
        self.releases = dict(known.releases)
        self.candidates = dict(known.candidates)
        self.dropped: list[str] = []
        self.addresses: list[tuple[str, str]] = []
        self.revisions: dict[str, Revision] = {}
        self.changes: list[Change] = []
        self.seen: dict[str, Release] = {}

    def folding(self) -> Folding:
        """What changed."""
        return Folding(
            newsroom=self.newsroom,
            releases=tuple(r for k, r in self.releases.items() if self._differs(k, r)),
            seen=tuple(k for k, r in self.seen.items() if self.releases.get(k) is r),
            seen_at=self.at,
            dropped=tuple(self.dropped),
            addresses=tuple(self.addresses),
            revisions=tuple(self.revisions.values()),
            candidates=tuple(c for k, c in self.candidates.items() if self.known.candidates.get(k) != c),
            changes=tuple(self.changes),
        )

    def _differs(self, key: str, release: Release) -> bool:
        """Whether a release is not what is known, nor that seen again as it was."""
        known = self.known.releases.get(key)
        return release is not known and release is not self.seen.get(key) and release != known

    # releases

    def begin(self) -> None:
        """Begins a record, or a newsroom's record at another address: nothing of the former one is waited for."""
        for candidate in self.open_candidates():
            self.close(candidate, "the newsroom began again")
        for key, release in self.releases.items():
            if release.state is State.HELD:
                self.releases[key] = replace(release, state=State.LISTED)

    def shown_keys(self, difference: Difference) -> list[str]:
        """The keys of the watched releases the window shows."""
        return [s.key for s in difference.window.shown if s.key in self.releases]

    def show(self, s: Shown, reader: str) -> None:
        """Notes that a known release was listed again, with the values it was listed with.

        What only the feed knew so far takes over the list's values, which are not compared with the feed's.
        """
        release = self.releases[s.key]
        seen: dict[str, Any] = {"url": s.url, "last_seen": self.at, "seen_seq": self.seq, "reader": reader}
        if release.feed_only:
            own = _listed(s.entry)
            alike = all(getattr(release, name) == value for name, value in own.items())
            self.releases[s.key] = replace(
                release, **own, **seen, linked=s.linked, revisions=release.revisions + (not alike)
            )
            if not alike:
                self.revise(self.releases[s.key])
        elif same_values(release, s.entry) and (release.url, release.reader) == (s.url, reader):
            self.releases[s.key] = self.seen[s.key] = replace(release, last_seen=self.at, seen_seq=self.seq)
        else:
            self.releases[s.key] = valued(release, s.entry, **seen)
        self._file(s)

    def show_in_feed(self, s: Shown, reader: str) -> None:
        """Notes that the feed shows a known release; its values are the feed's only where the list never showed it."""
        release = replace(self.releases[s.key], last_seen=self.at, feed_seq=self.seq)
        if release.feed_only:
            release = valued(release, s.entry, url=s.url, reader=reader)
        self.releases[s.key] = release
        self._file(s)

    def _file(self, s: Shown) -> None:
        if s.address not in self.known.addresses and not same_page(s.key, s.address):
            self.addresses.append((s.address, s.key))

    def add(self, s: Shown, reader: str, state: State, *, backdated: bool) -> None:
        """Adds a release that was not known, or to the list was not."""
        before, of_feed = self.releases.get(s.key), reader.startswith(FEED_READER)
        release = Release(
            newsroom=self.newsroom.id,
            key=s.key,
            url=s.url,
            **_listed(s.entry),
            state=state,
            rank=0,
            first_seen=before.first_seen if before and state is State.LISTED else self.at,
            last_seen=self.at,
            seen_seq=0 if of_feed else self.seq,
            feed_seq=self.seq if of_feed else 0,
            reader=reader,
            linked=s.linked,
            backdated=backdated,
        )
        self.releases[s.key] = release
        self.addresses.append((s.address, s.key))
        self.revise(release)

    def revise(self, release: Release) -> None:
        """Keeps the release's content as a revision."""
        self.revisions[release.key] = Revision(
            newsroom=release.newsroom,
            key=release.key,
            seq=self.seq,
            seen_at=self.at,
            source=FEED if release.feed_only else "listing",
            url=release.url,
            title=release.title,
            date=release.date,
            published_at=release.published_at,
            kind=release.kind,
            summary=release.summary,
            caption=release.caption,
        )

    def edited(self, before: Release, fields: Mapping[str, tuple[str, str]]) -> None:
        """Tells an edit, and keeps the new content."""
        release = self.releases[before.key]
        release = self.releases[before.key] = replace(release, revisions=release.revisions + 1)
        self.revise(release)
        if release.state is State.HELD:
            return
        told = {name: {"before": old, "after": new} for name, (old, new) in fields.items()}
        self.change(Kind.EDITED, release, {"fields": told})

    def absorb(self, release: Release, other: Release) -> None:
        """Lets a release take over another record of itself."""
        del self.releases[other.key]
        self.candidates.pop(other.key, None)
        self.revisions.pop(other.key, None)
        self.addresses = [(a, k) for a, k in self.addresses if k != other.key]
        if other.key in self.known.releases:
            self.dropped.append(other.key)
        self.addresses.append((address_of(other), release.key))
        self.releases[release.key] = replace(self.releases[release.key], feed_seq=max(release.feed_seq, other.feed_seq))

    def merge(self, release: Release, twin: Release) -> Release:
        """Makes one of a release and the listed one it turned out to be; the release's key lives on.

        Where only the feed shows it there so far, the release keeps the values that it was listed with.
        """
        if twin.feed_only and not release.feed_only:
            merged = replace(release, url=twin.url, last_seen=twin.last_seen, state=State.LISTED)
            self.releases[release.key] = merged
            self.absorb(release, twin)
            self.revise(merged)
            return self.releases[release.key]
        values = Entry(
            title=twin.title, url=twin.url, date=twin.published_at or twin.date, kind=twin.kind, summary=twin.summary,
            caption=twin.caption, relative=twin.relative,
        )  # fmt: skip
        fields = edited_fields(release, values) if release.reader == twin.reader else {}
        merged = valued(
            release,
            values,
            date=twin.date or release.date,
            published_at=twin.published_at or release.published_at,
            url=twin.url,
            rank=twin.rank,
            last_seen=twin.last_seen,
            seen_seq=twin.seen_seq,
            reader=twin.reader,
            state=State.LISTED,
        )
        self.releases[release.key] = merged
        self.absorb(release, twin)
        if fields:
            self.edited(release, fields)
        else:
            self.revise(merged)
        return self.releases[release.key]

    def restore(self, release: Release, detail: Mapping[str, Any] | None = None) -> None:
        """Tells that a release that was withdrawn or unlisted is back."""
        after = self.known.releases[release.key].state
        self.releases[release.key] = replace(release, state=State.LISTED)
        if (candidate := self.open_candidate(release.key)) is not None:
            self.close(candidate, "restored")
        self.change(Kind.RESTORED, release, {"after": after.value, **(detail or {})})

    def leave(self, release: Release, candidate: Candidate, state: State) -> None:
        """Tells that a release was withdrawn or unlisted."""
        self.close(candidate, state.value)
        if release.state is State.HELD:
            self.tell_new(release)
        self.releases[release.key] = replace(release, state=state)
        kind = Kind.WITHDRAWN if state is State.WITHDRAWN else Kind.UNLISTED
        self.change(
            kind,
            release,
            {
                "date": str(release.date) if release.date else None,
                "first_seen": release.first_seen.isoformat(),
                "last_seen": release.last_seen.isoformat(),
                "looks": candidate.looks,
                "found": candidate.found,
            },
        )

    # candidates

    def open_candidates(self) -> list[Candidate]:
        """The candidates that are not settled."""
        return [c for c in self.candidates.values() if c.closed_seq is None and c.key in self.releases]

    def open_candidate(self, key: str) -> Candidate | None:
        """The unsettled candidate of that key."""
        candidate = self.candidates.get(key)
        return candidate if candidate is not None and candidate.closed_seq is None else None

    def may_ask(self, key: str) -> bool:
        """Whether a release may be made a candidate: it is still one of its own, and was not settled just now."""
        candidate = self.candidates.get(key)
        return key in self.releases and (candidate is None or candidate.closed_seq != self.seq)

    def open(self, release: Release, cause: Cause) -> Candidate:
        """Makes a release a candidate, or gives an open one the stronger cause."""
        candidate = self.open_candidate(release.key)
        if candidate is not None:
            if cause is Cause.ABSENT:
                candidate = replace(candidate, cause=cause)
        else:
            candidate = Candidate(
                newsroom=release.newsroom,
                key=release.key,
                cause=cause,
                opened_seq=self.seq,
                opened_at=self.at,
                next_look_at=self.at if release.linked else None,
                seek=not release.linked,
            )
        self.candidates[release.key] = candidate
        return candidate

    def ask_again(self, candidate: Candidate) -> None:
        """Begins the looks at a candidate anew, now that an entry carries its title and date."""
        self.candidates[candidate.key] = replace(
            candidate,
            cause=Cause.TWIN,
            verdict=None,
            verdict_at=None,
            confirmed=False,
            confirmed_seq=None,
            seek=False,
            next_look_at=self.at,
        )

    def close(self, candidate: Candidate, reason: str) -> None:
        """Settles a candidate."""
        self.candidates[candidate.key] = replace(
            candidate, closed_seq=self.seq, closed_reason=reason, next_look_at=None, seek=False
        )

    def tell_new(self, release: Release) -> None:
        """Tells a held release as new."""
        self.releases[release.key] = replace(release, state=State.LISTED)
        detail: dict[str, Any] = {
            "date": str(release.date) if release.date else None, "kind": release.kind, "summary": release.summary,
        }  # fmt: skip
        if release.backdated:
            detail["backdated"] = True
        if release.feed_only:
            detail["source"] = FEED
        self.change(Kind.NEW, release, detail, seen_at=release.first_seen)

    # changes

    def change(self, kind: Kind, release: Release, detail: Mapping[str, Any], seen_at: datetime | None = None) -> None:
        """Tells a change of a release that is watched."""
        if not self.rules.watch(release.title, release.url):
            return
        told = {name: value for name, value in detail.items() if value is not None}
        self.changes.append(
            Change(self.newsroom.id, kind, release.url, release.title, seen_at or self.at, told, key=release.key)
        )

    def change_of_newsroom(self, kind: Kind, detail: Mapping[str, Any]) -> None:
        """Tells a change of the newsroom itself."""
        self.changes.append(Change(self.newsroom.id, kind, None, None, self.at, detail))


def _listed(entry: Entry) -> dict[str, Any]:
    """The fields of a release as an entry gives them, and nothing else."""
    return {
        "title": entry.title,
        "title_key": fold_title(entry.title),
        "date": day_of(entry),
        "published_at": instant_of(entry.date),
        "kind": entry.kind,
        "summary": entry.summary,
        "caption": entry.caption,
        "relative": entry.relative,
    }


def _matches(patterns: Iterable[str], title: str, url: str) -> bool:
    texts = [title.casefold(), url.casefold()]
    return any(p in text or fnmatchcase(text, p) for p in map(str.casefold, patterns) for text in texts)
