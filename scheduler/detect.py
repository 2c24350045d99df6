"""The job `detect`: folds stored visits and looks in their one sequence, each in a transaction of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from crawler.chronology import pinned
from crawler.text import fold_title
from crawler.urls import canonical
from scheduler.alike import bare_addresses
from scheduler.archive import ArchiveView, fold_stretch, known_for_stretch
from scheduler.compare import reader_of
from scheduler.fold import fold_look, fold_visit
from scheduler.folder import Rules
from scheduler.identify import addresses_of, hashed
from scheduler.known import FIRST_RANK, Known
from storage.records import Candidate, Change, Entry, Folding, History, Look, Newsroom, Outcome, Release, Visit

LISTED = 100  # releases of the top of the list that a feed is compared with while the list is unchanged
SECTION = 2000  # releases of the top of the list that a visit is compared with


class View(Protocol):
    """What folding reads of the store."""

    def newsroom(self, newsroom: str, /) -> Newsroom | None:
        """What is remembered of a newsroom."""

    def releases_at(self, newsroom: str, addresses: Iterable[str], /) -> dict[str, Release]:
        """The releases known at these canonical addresses."""

    def releases_named(self, newsroom: str, keys: Iterable[str], /) -> dict[str, Release]:
        """The releases of these keys."""

    def held(self, newsroom: str, /) -> list[Release]:
        """The releases seen and not told yet."""

    def top(self, newsroom: str, /, *, above: int | None = None, limit: int = SECTION) -> list[Release]:
        """The releases of rank `above` or higher, highest first."""

    def titled(self, newsroom: str, titles: Iterable[str], /) -> list[Release]:
        """The releases that carry one of these folded titles; a few of each suffice."""

    def candidates(
        self, newsroom: str, /, *, keys: Iterable[str] | None = None, open_only: bool = True
    ) -> list[Candidate]:
        """Candidates: all open ones, or those of these keys."""


class Log(View, ArchiveView, Protocol):
    """What the job needs of the store: the view, what is not folded yet, and where the foldings go."""

    def unfolded(self, newsroom: str | None = None, /) -> list[tuple[int, Visit | Look]]:
        """Visits and looks not folded yet, in their sequence."""

    def visit(self, seq: int, /) -> Visit | None:
        """A stored visit, with its pages."""

    def fold(self, seq: int, folding: Folding, /) -> None:
        """Writes a folding and marks what it folded, in one transaction."""


def detect(
    log: Log,
    rules_of: Callable[[str], Rules],
    newsroom: str | None = None,
    *,
    planned: Callable[[Newsroom, datetime], Newsroom] = lambda n, _: n,
) -> list[Change]:
    """Folds everything not folded yet, of one newsroom or of all, and returns the changes found, in order.

    `rules_of` gives the rules for a newsroom's id; `planned` is given a visited newsroom and the visit's end and sets
    when it is visited next, in the same transaction.
    """
    changes: list[Change] = []
    for seq, seen in log.unfolded(newsroom):
        rules = rules_of(seen.newsroom)
        if isinstance(seen, Visit) and seen.stretch is not None:
            folding = fold_stretch(*known_for_stretch(log, seen), seq, seen, rules)
        elif isinstance(seen, Visit):
            folding = fold_visit(known_for_visit(log, seen, _reread(log, seen, rules)), seq, seen, rules)
            folding = replace(folding, newsroom=planned(folding.newsroom, seen.finished_at))
        else:
            folding = fold_look(known_for_look(log, seen), seq, seen, rules)
        log.fold(seq, folding)
        changes += folding.changes
    return changes


def known_for_visit(view: View, visit: Visit, reread: Mapping[str, Entry] | None = None) -> Known:
    """What is known that the visit touches; its cost follows the window, not the record."""
    newsroom = _newsroom(view, visit)
    name = newsroom.id
    history = newsroom.history or History()
    in_feed = addresses_of((visit.feed,)) if visit.feed else []
    asked = {address for _, addresses in in_feed for address in addresses}
    asked |= set(bare_addresses(visit.feed).values()) if visit.feed else set()
    if visit.feed_answer is not None and history.feed is not None:
        asked |= {*history.feed.addresses, *history.feed.pinned}
    if visit.outcome is not Outcome.OK:
        return _with_candidates(view, _known_to_feed(view, newsroom, asked, in_feed) if asked else Known(newsroom))
    shown = addresses_of(visit.window)
    asked |= {address for _, addresses in shown for address in addresses}
    found = view.releases_at(name, sorted(asked.union(history.pinned)))
    releases = {r.key: r for r in found.values()}
    known = Known(newsroom, releases, {address: r.key for address, r in found.items()}, reread=reread)
    alike = view.titled(name, _titles_of_unknown(shown, found))
    times = Counter(r.title_key for r in alike)
    fixed = frozenset() if history.oldest_first else pinned([e for e, _ in shown])
    body = {a for i, (_, addresses) in enumerate(shown) if i not in fixed for a in addresses}.difference(history.pinned)
    places = [r.rank for address, r in found.items() if address in body and r.rank]
    places += [r.rank for r in alike if times[r.title_key] == 1 and r.rank]
    top = view.top(name, above=min(places, default=None), limit=SECTION if places else 1)
    section = [r for r in top if not r.feed_only] if places else []
    releases |= {r.key: r for r in [*view.titled(name, _titles_of_unknown(in_feed, found)), *section, *alike]}
    closed = view.candidates(name, keys=list(releases), open_only=False)
    known = replace(
        known,
        section=tuple(r.key for r in section),
        unplaced=tuple(r.key for address in history.pinned if (r := found.get(address)) and not r.rank),
        top_rank=(top[0].rank if top else 0) or FIRST_RANK,
        candidates={c.key: c for c in closed},
    )
    return _with_candidates(view, known)


def _known_to_feed(
    view: View, newsroom: Newsroom, asked: Iterable[str], entries: Sequence[tuple[Entry, list[str]]]
) -> Known:
    """What is known at these addresses, and what the unknown ones of a feed's entries may be: by title, or listed."""
    found = view.releases_at(newsroom.id, sorted(asked))
    unknown = _titles_of_unknown(entries, found)
    listed = view.top(newsroom.id, limit=LISTED) if unknown else []
    releases = {r.key: r for r in (*listed, *view.titled(newsroom.id, unknown), *found.values())}
    closed = view.candidates(newsroom.id, keys=list(releases), open_only=False)
    return Known(newsroom, releases, {a: r.key for a, r in found.items()}, candidates={c.key: c for c in closed})


def _titles_of_unknown(entries: Iterable[tuple[Entry, list[str]]], found: Mapping[str, Release]) -> list[str]:
    """The folded titles of the entries that stand at no address that is known."""
    return [fold_title(e.title) for e, addresses in entries if found.keys().isdisjoint(addresses)]


def known_for_look(view: View, look: Look) -> Known:
    """What is known that the look touches."""
    newsroom = view.newsroom(look.newsroom) or Newsroom(look.newsroom, look.url)
    found = view.releases_at(
        look.newsroom, sorted({canonical(url) for url in (look.url, look.final_url, look.canonical_url) if url})
    )
    releases = view.releases_named(look.newsroom, [look.key]) | {r.key: r for r in found.values()}
    return _with_candidates(view, Known(newsroom, releases, {address: r.key for address, r in found.items()}))


def _with_candidates(view: View, known: Known) -> Known:
    """Adds the open candidates, their releases and those of the same titles, and the held releases."""
    name = known.newsroom.id
    waiting = view.candidates(name)
    missing = [c.key for c in waiting if c.key not in known.releases]
    releases = {**view.releases_named(name, missing), **known.releases} if missing else dict(known.releases)
    lost = [releases[c.key] for c in waiting if c.key in releases]
    for release in [*view.held(name), *view.titled(name, [r.title_key for r in lost])]:
        releases.setdefault(release.key, release)
    return replace(known, releases=releases, candidates={**known.candidates, **{c.key: c for c in waiting}})


def _newsroom(view: View, visit: Visit) -> Newsroom:
    """The newsroom as remembered; one whose address changed starts again."""
    newsroom = view.newsroom(visit.newsroom)
    if newsroom is None or newsroom.url != visit.url:
        return Newsroom(visit.newsroom, visit.url)
    return newsroom


def _reread(log: Log, visit: Visit, rules: Rules) -> dict[str, Entry] | None:
    """The last believed window as the visit's recipe and reader read it, by address; None where both are."""
    if visit.outcome is not Outcome.OK or visit.recipe is None:
        return None
    newsroom = log.newsroom(visit.newsroom)
    if newsroom is None or not newsroom.last_seq:
        return None
    if f"{newsroom.reader_version}:{newsroom.recipe_version}" == reader_of(visit):
        return None
    from crawler import read_listing  # noqa: PLC0415 - only a new reader or recipe needs the reader here
    from crawler.signs import declared  # noqa: PLC0415 - likewise

    kept = log.visit(newsroom.last_seq)
    entries: dict[str, Entry] = {}
    if kept is None:
        return entries
    for page in kept.pages:
        listing = read_listing(
            visit.recipe, page.body, page.url, encoding=declared(page), timezone=rules.zone, now=kept.finished_at
        )
        for entry in listing.entries:
            address = canonical(entry.url or kept.pages[0].url)
            entries.setdefault(address, entry)
            entries.setdefault(hashed(address, entry), entry)
    return entries
