"""Judges a visit against its newsroom's own history, before anything that it shows is believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from crawler.chronology import day_of, pinned
from crawler.reasons import count
from crawler.signs import facts, obstacle
from crawler.text import LIKE_TITLE, clean, fold_title, similar
from crawler.urls import canonical, shape
from crawler.window import joined, known
from storage.records import Entry, History, Listing, Page

FAMILIAR = 0.5  # share of a window's addresses that must have a known shape for it to go on with the list
TAIL = 2048  # bytes at the end of a page, in which its document ends: scripts and caches write comments behind it
OTHER_TITLES = 3, 2 / 3  # so many, and such a share, of the known releases with other titles are no publisher's edits
RETITLED = 2  # known titles at other addresses from which a window is a redesign rather than a move


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a visit may be believed, and why not."""

    ok: bool
    reason: str = ""


HEALTHY = Health(ok=True)


def ends(body: bytes) -> bool:
    """Whether a page ends as a document does: with `</html>`, or what may follow it."""
    return b"</html" in body[-TAIL:].lower()


def judge_whole(pages: Sequence[Page], history: History | None, *, lasting: bool = False) -> Health:
    """Judges whether the pages of a visit, first one first, came whole: a server may cut one off and call it complete.

    Only where its pages are known to end as documents do: many sites leave the last tag out. One that has left it out
    since, so that the fault is `lasting`, is believed where each page ends with a tag at least.
    """
    if not (ends(pages[0].body) if history is None else history.closed):
        return HEALTHY
    for number, page in enumerate(pages, start=1):
        if not ends(page.body) and not (lasting and page.body.rstrip().endswith(b">")):
            which = "the page" if number == 1 else f"page {number}"
            return Health(ok=False, reason=f"{which} breaks off in the middle")
    return HEALTHY


def judge(listings: Sequence[Listing], history: History | None, first: Page, *, read_alike: bool = False) -> Health:
    """Judges the listings of a visit, read after paging back, first one first.

    `history` is None at the baseline. `first` is the first listing's page as served: what it shows of itself is read
    only where its entries are missing or unknown. `read_alike`: recipe and reader are those of the last believed
    visit, so that titles may be compared.
    """
    if not listings[0].entries:
        return _judge_empty(history, first)
    entries = joined(listings)
    untitled = sum(1 for entry in entries if not clean(entry.title))
    if untitled * 2 > len(entries):
        return Health(ok=False, reason=f"{untitled} of {len(entries)} entries have no title")
    if history is not None and any(known(entries, listings, history)):
        return _judge_titles(entries, history) if read_alike else HEALTHY
    stands_in = obstacle(facts(first), [entry.title for entry in entries])
    if stands_in:
        return Health(
            ok=False, reason=f"{count(len(entries), 'entry', 'entries')} but none of them known; the page {stands_in}"
        )
    if history is None:
        return HEALTHY
    return _judge_unknown(entries, history)


def _judge_empty(history: History | None, first: Page) -> Health:
    stands_in = obstacle(facts(first))
    told = f"; the page {stands_in}" if stands_in else ""
    if history is None:
        return Health(ok=False, reason=f"no entries found{told}")
    usual = _usual(history)
    return Health(ok=False, reason=f"0 entries where {count(usual, 'is', 'are')} usual{told}")


def _judge_titles(shown: Sequence[Entry], history: History) -> Health:
    """Known releases that nearly all carry quite another title: a column moved, or another element is called so."""
    addresses, titles = frozenset(history.addresses), frozenset(history.titles)
    ours = [fold_title(entry.title) for entry in shown if entry.url and canonical(entry.url) in addresses]
    unknown = [title for title in ours if title not in titles]
    most, share = OTHER_TITLES
    if len(unknown) < most or len(unknown) < share * len(ours):
        return HEALTHY
    others = sum(1 for title in unknown if not any(similar(title, other) >= LIKE_TITLE for other in titles))
    if others < most or others < share * len(ours):
        return HEALTHY
    reason = (
        f"{others} of {len(ours)} known releases carry other titles: what the recipe takes for one may be another part"
    )
    return Health(ok=False, reason=reason)


def _judge_unknown(shown: Sequence[Entry], history: History) -> Health:
    """A window without one known release: a redesign, something else, or honestly the same list gone on."""
    if not history.addresses and not history.titles:
        return HEALTHY
    retitled = _retitled(shown, history)
    if len(retitled) >= RETITLED:
        reason = f"a redesign: {len(retitled)} known titles stand at other addresses, and no known address is left"
        return Health(ok=False, reason=reason)
    faults = [fault for fault in (_other_shape(shown, history), _other_dates(shown, history)) if fault]
    if not faults:
        return HEALTHY
    return Health(ok=False, reason=f"none of {count(len(shown), 'entry', 'entries')} is known, {' and '.join(faults)}")


def _retitled(shown: Sequence[Entry], history: History) -> set[str]:
    """Folded titles that are known, of entries not newer than what is known: "Daily briefing" comes back every day."""
    return {
        title
        for entry in shown
        if (title := fold_title(entry.title)) in history.titles
        and ((day := day_of(entry)) is None or history.newest is None or day <= history.newest)
    }


def _other_shape(shown: Sequence[Entry], history: History) -> str:
    shapes = [shape(entry.url) for entry in shown if entry.url]
    if not shapes or not history.shapes:
        return ""
    familiar = sum(1 for one in shapes if one in history.shapes)
    if familiar >= FAMILIAR * len(shapes):
        return ""
    return f"{familiar} of {len(shapes)} addresses look like the known ones"


def _other_dates(shown: Sequence[Entry], history: History) -> str:
    if history.newest is None:
        return ""
    fixed = pinned(shown)
    days = [day for i, entry in enumerate(shown) if i not in fixed and (day := day_of(entry))]
    if not days:
        return f"none has a date where {history.newest} was the newest"
    newest = max(days)
    return "" if newest >= history.newest else f"the newest is of {newest} where {history.newest} is known"


def _usual(history: History) -> int:
    """How many entries the first page usually has; the record is that of believed visits only."""
    return median_low(history.counts) if history.counts else max(len(history.addresses), len(history.titles))
