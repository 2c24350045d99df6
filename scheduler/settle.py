"""Settles what is in doubt: what looks say of candidates, what moved, and what waited for it.

Each function takes the folding that is being made and adds to it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from crawler.text import LIKE_TITLE, similar
from crawler.urls import canonical
from scheduler.identify import numbers
from scheduler.known import address_of
from storage.records import Candidate, Cause, Kind, Look, Release, State, Verdict

if TYPE_CHECKING:
    from scheduler.folder import Folder

HELD_AT_MOST = timedelta(hours=24)  # then an unknown entry is told as new although its candidate gives no answer
GIVE_UP_LOOKING = timedelta(days=30)
MANY = 3  # more candidates gone at once than this wait for a later healthy visit


def unanswered(folder: Folder, candidate: Candidate, look: Look) -> None:
    """A look that tells nothing: asked again later, less and less often, and given up at last."""
    tries = candidate.unanswered + 1
    pause = timedelta(minutes=min(15 * 2 ** min(tries - 1, 10), 360))
    if look.retry_after_s:
        pause = max(pause, timedelta(seconds=look.retry_after_s))
    candidate = replace(
        candidate, looks=candidate.looks + 1, unanswered=tries, next_look_at=folder.at + pause, found=look.reason
    )
    folder.candidates[candidate.key] = candidate
    if folder.at - candidate.opened_at >= GIVE_UP_LOOKING:
        folder.close(candidate, "no answer")


def weigh(folder: Folder, release: Release, candidate: Candidate, look: Look) -> None:
    """A look that tells something: the second that agrees, far enough from the first, is the verdict."""
    left = look.verdict is Verdict.GONE or canonical(look.final_url or look.url) != address_of(release)
    moved_to = listed_target(folder, release, look) or (candidate.moved_to if left else None)
    verdict = Verdict.GONE if moved_to else look.verdict
    agrees = (verdict, moved_to) == (candidate.verdict, candidate.moved_to) and candidate.verdict_at is not None
    began = min(candidate.verdict_at, folder.at) if agrees and candidate.verdict_at else folder.at  # clocks go back
    confirmed = agrees and folder.at - began >= folder.rules.confirm_after
    candidate = replace(
        candidate,
        looks=candidate.looks + 1,
        unanswered=0,
        verdict=verdict,
        verdict_at=began,
        moved_to=moved_to,
        found=look.reason,
        confirmed=confirmed,
        confirmed_seq=folder.seq if confirmed else None,
        next_look_at=None if confirmed else max(folder.at, began + folder.rules.confirm_after),
    )
    folder.candidates[candidate.key] = candidate
    if verdict is Verdict.THERE and candidate.cause is Cause.BACK:
        folder.restore(release)
    elif confirmed and verdict is Verdict.GONE:
        if candidate.cause is Cause.BACK:
            folder.close(candidate, "its page is still gone")
        elif not many_gone(folder):
            settle_gone(folder, release, candidate)
    elif confirmed and candidate.cause is Cause.ABSENT:
        folder.candidates[candidate.key] = replace(candidate, seek=True)
    elif confirmed:
        folder.close(candidate, "its page is still there")


def listed_target(folder: Folder, release: Release, look: Look) -> str | None:
    """The key of the other release that the old address leads to or names as its own, where that is listed."""
    for url in (look.final_url, look.canonical_url):
        key = folder.known.addresses.get(canonical(url)) if url else None
        target = folder.releases.get(key) if key else None
        if target is not None and target.key != release.key and target.state in {State.HELD, State.LISTED}:
            return target.key
    return None


def many_gone(folder: Folder) -> bool:
    """Whether so many seem gone at once that a migration or a wall is likelier than as many withdrawals."""
    gone = sum(1 for c in folder.open_candidates() if c.verdict is Verdict.GONE and c.moved_to is None)
    counts = folder.newsroom.history.counts if folder.newsroom.history else ()
    return gone > MANY or (gone > 1 and bool(counts) and gone * 2 > counts[-1])


def settle_gone(folder: Folder, release: Release, candidate: Candidate) -> None:
    """A release is gone from its address: moved where a listed one is it, else withdrawn."""
    twin = folder.releases.get(candidate.moved_to) if candidate.moved_to else twin_of(folder, release)
    if (
        twin is not None
        and candidate.moved_to
        and twin.first_seen < candidate.opened_at
        and twin.title_key == release.title_key
    ):
        folder.absorb(twin, release)
    elif twin is not None and twin.first_seen >= candidate.opened_at:
        folder.close(replace(candidate, moved_to=twin.key), "moved")
        merged = folder.merge(release, twin)
        if release.state in {State.WITHDRAWN, State.UNLISTED}:
            folder.restore(merged, {"from": release.url})
        else:
            folder.change(Kind.MOVED, merged, {"from": release.url})
    elif release.state is State.WITHDRAWN:
        folder.close(candidate, "its page is still gone")
    else:
        folder.leave(release, candidate, State.WITHDRAWN)


def twin_of(folder: Folder, release: Release) -> Release | None:
    """The other release with the same title and date, where no third one has that title."""
    mates = [r for r in folder.releases.values() if r.key != release.key and r.title_key == release.title_key]
    return mates[0] if len(mates) == 1 and same_title_and_date(mates[0], release) else None


def tell_held(folder: Folder) -> None:
    """Tells as new what was held back and can no longer be a candidate at another address, or waited too long.

    Whoever waited for a second look that never got an answer is believed the first one: a move once witnessed is
    no news.
    """
    for release in [r for r in folder.releases.values() if r.state is State.HELD]:
        waits = [
            c for c in folder.open_candidates() if c.cause in {Cause.ABSENT, Cause.TWIN} and may_be(folder, release, c)
        ]
        late = folder.at - release.first_seen >= HELD_AT_MOST
        witnessed = next((c for c in waits if c.verdict is Verdict.GONE), None)
        if late and witnessed is not None:
            settle_gone(folder, folder.releases[witnessed.key], witnessed)
        elif late or not waits:
            folder.tell_new(release)


def may_be(folder: Folder, release: Release, candidate: Candidate) -> bool:
    """Whether a held release may yet turn out to be the candidate at another address.

    One that was first seen with it may be anything as long as nobody looked, and what has a like title as long as
    no look was answered; one that came later must carry its title and date.
    """
    lost = folder.releases[candidate.key]
    if not lost.linked or lost.key == release.key:
        return False
    if candidate.moved_to == release.key:
        return True
    if same_title_and_date(lost, release):
        return candidate.verdict is not Verdict.THERE
    if candidate.opened_at != release.first_seen or candidate.verdict is not None:
        return False
    like = numbers(lost.title) == numbers(release.title) and similar(lost.title, release.title) >= LIKE_TITLE
    return candidate.looks == 0 or like


def same_title_and_date(a: Release, b: Release) -> bool:
    """Whether two releases carry one title and one day, not merely none."""
    return a.title_key == b.title_key and a.date is not None and a.date == b.date and not (a.relative or b.relative)
