"""Folds one visit or look into what is known: releases, revisions, candidates and changes.

Pure: the same record and the same visit or look give the same folding, so nothing is lost or repeated by a crash, and
the kept ones can be folded again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import zip_longest

from crawler.text import fold_title
from crawler.urls import shape
from scheduler import settle
from scheduler.compare import reader_of
from scheduler.diff import ASK_AGAIN_AFTER, Difference, diff, in_place, place_passed
from scheduler.feeds import Beside, back_in_feed, known_to_list, missing_from_feed, note_feed, twins_in_feed
from scheduler.folder import Folder, Rules
from scheduler.identify import Shown, same_page
from scheduler.known import Known, address_of
from storage.records import (
    Candidate,
    Cause,
    Folding,
    History,
    Kind,
    Look,
    Newsroom,
    Outcome,
    Release,
    Seek,
    State,
    Verdict,
    Visit,
)

BROKEN_AFTER_VISITS = 3
BROKEN_AFTER = timedelta(hours=6)
REMEMBERED = 300  # addresses of the top of the list that an order carries
REMEMBERED_SHAPES = 50


def fold_visit(known: Known, seq: int, visit: Visit, rules: Rules) -> Folding:
    """Folds a visit; only one whose outcome is `ok` or `not_modified` touches releases or candidates."""
    folder = Folder(known, seq, visit.finished_at, rules)
    newsroom = replace(
        known.newsroom,
        url=visit.url,
        last_visit_at=visit.finished_at,
        last_outcome=visit.outcome,
        last_reason=visit.reason,
    )
    if visit.outcome in {Outcome.SUSPECT, Outcome.FAILED}:
        folder.newsroom = _not_believed(newsroom, visit, folder)
        return folder.folding()
    folder.newsroom = _believed(newsroom, visit, folder)
    if visit.outcome is Outcome.NOT_MODIFIED:
        folder.newsroom = replace(folder.newsroom, validators=visit.validators or newsroom.validators)
    if visit.outcome is Outcome.OK:
        _fold_window(folder, seq, visit)
    elif folder.newsroom.baseline_at is not None:
        beside = note_feed(folder, visit, None)
        _settle(folder, visit, None, beside)
        _ask_of_feed(folder, beside)
    settle.tell_held(folder)
    return folder.folding()


def fold_look(known: Known, seq: int, look: Look, rules: Rules) -> Folding:
    """Folds a look: it counts towards the verdict on a candidate, or makes one of a release whose page is gone."""
    folder = Folder(known, seq, look.at, rules)
    release = known.releases.get(look.key)
    candidate = folder.open_candidate(look.key)
    if release is not None:
        believed = look.verdict is not Verdict.NO_ANSWER and look.control is True
        if candidate is None and believed and look.verdict is Verdict.GONE and release.state is State.LISTED:
            candidate = folder.open(release, Cause.GONE)
        if candidate is not None:
            if believed:
                settle.weigh(folder, release, candidate, look)
            else:
                settle.unanswered(folder, candidate, look)
    settle.tell_held(folder)
    return folder.folding()


def wanted(
    candidates: Iterable[Candidate], releases: Mapping[str, Release], now: datetime, rules: Rules
) -> tuple[bool, tuple[Seek, ...]]:
    """Whether candidates want a full visit now, and the releases it should read back for.

    What only the feed ever showed is not looked for in the list: the next visit reads the feed anyway.
    """
    seeks, waiting = [], False
    for candidate in candidates:
        release = releases.get(candidate.key)
        if candidate.closed_seq is not None or release is None:
            continue
        waiting = waiting or (candidate.confirmed and not candidate.seek)
        if (
            candidate.seek
            and not release.feed_only
            and (candidate.confirmed or now - candidate.opened_at >= rules.confirm_after)
        ):
            seeks.append(Seek(address_of(release), release.date, release.title))
    return waiting or bool(seeks), tuple(seeks)


def _not_believed(newsroom: Newsroom, visit: Visit, folder: Folder) -> Newsroom:
    since = newsroom.unhealthy_since or visit.finished_at
    fails = newsroom.fails + 1
    retry_at = visit.finished_at + timedelta(seconds=visit.retry_after_s) if visit.retry_after_s else None
    newsroom = replace(newsroom, fails=fails, unhealthy_since=since, retry_at=retry_at)
    if not newsroom.broken and fails >= BROKEN_AFTER_VISITS and visit.finished_at - since >= BROKEN_AFTER:
        newsroom = replace(newsroom, broken=True)
        folder.change_of_newsroom(Kind.BROKEN, {"reason": visit.reason, "since": since.isoformat(), "visits": fails})
    return newsroom


def _believed(newsroom: Newsroom, visit: Visit, folder: Folder) -> Newsroom:
    if newsroom.broken and newsroom.unhealthy_since:
        folder.change_of_newsroom(Kind.RECOVERED, {"since": newsroom.unhealthy_since.isoformat()})
    return replace(
        newsroom,
        fails=0,
        unhealthy_since=None,
        broken=False,
        retry_at=None,
        last_ok_at=visit.finished_at,
        last_reason="",
    )


def _fold_window(folder: Folder, seq: int, visit: Visit) -> None:
    known, renamed = known_to_list(folder.known, visit.window)
    difference = diff(known, visit.window, visit.finished_at, reader_of(visit), folder.rules.zone)
    folder.newsroom = replace(
        folder.newsroom,
        recipe=visit.recipe if visit.recipe and visit.recipe.confidence is not None else None,
        recipe_version=visit.recipe.version if visit.recipe else None,
        reader_version=visit.reader_version,
        validators=visit.validators,
        body_sha256=visit.body_sha256,
        full_at=visit.finished_at,
        last_seq=seq,
        baseline_at=known.newsroom.baseline_at or visit.finished_at,
        history=_history(known, difference, visit),
    )
    first = known.newsroom.baseline_at is None
    _note_entries(folder, difference, known, reader_of(visit), first=first)
    for s in difference.window.shown:
        if s.address in renamed and s.key in folder.releases:
            folder.absorb(folder.releases[s.key], folder.releases[renamed[s.address]])
    beside = note_feed(folder, visit, difference.window)
    if first:
        folder.begin()
        folder.change_of_newsroom(Kind.BASELINE, {"releases": len(folder.shown_keys(difference))})
        return
    if not difference.met or (not visit.met and difference.new):
        reason = visit.stopped or "no release of this window was known"
        folder.change_of_newsroom(Kind.GAP, {"reason": reason, "pages": len(visit.window)})
    _settle(folder, visit, difference, beside)
    _ask(folder, difference, beside)
    _ask_of_feed(folder, beside)


def _note_entries(folder: Folder, difference: Difference, known: Known, reader: str, *, first: bool) -> None:
    """Notes what the window shows: known releases with their edits, unknown ones, and the order of all."""
    for s in difference.window.shown:
        if s.key in known.releases:
            folder.show(s, reader)
    for edit in difference.edited:
        folder.edited(edit.release, edit.fields)
    new = {s.key for s in difference.new}
    for s in difference.window.shown:
        if s.key not in known.releases and folder.rules.watch(s.entry.title, s.url):
            state = State.HELD if s.key in new and not first else State.LISTED
            folder.add(s, reader, state, backdated=s.key in difference.backdated)
    for key, rank in difference.ranks.items():
        if (release := folder.releases.get(key)) is not None:
            folder.releases[key] = replace(release, rank=rank)


def _ask(folder: Folder, difference: Difference, beside: Beside) -> None:
    """Makes candidates of what the window leaves open: what is back, absent, or seems to stand at another address.

    What is back in the list is asked anew if the feed alone asked, for a late one does before it is back. What the feed
    shows is not absent. Still its address is looked at where it may be one of the unknown entries: a feed out of a
    cache goes on showing the old address of what moved.
    """
    for release in difference.back:
        candidate = folder.candidates.get(release.key)
        by_feed = candidate is not None and release.seen_seq < candidate.opened_seq
        _open_back(folder, folder.releases[release.key], again=by_feed)
    for release in difference.absent:
        if not beside.may_show(release.key):
            _open_absent(folder, release)
        elif difference.new and not _asked_lately(folder, release, Cause.TWIN):
            _open_absent(folder, release, Cause.TWIN)
    for release, s in difference.twins:
        if folder.may_ask(release.key) and s.key in folder.releases:
            _open_twin(folder, release, s)


def _ask_of_feed(folder: Folder, beside: Beside) -> None:
    """Makes candidates of what the feed leaves open in the same ways, and the list does not show."""
    for release in back_in_feed(folder, beside):
        _open_back(folder, release)
    for release in missing_from_feed(folder, beside):
        _open_absent(folder, release)
    for key, s in twins_in_feed(folder, beside):
        if folder.may_ask(key) and s.key in folder.releases:
            _open_twin(folder, folder.releases[key], s)


def _open_back(folder: Folder, release: Release, *, again: bool = False) -> None:
    if release.state is State.UNLISTED:
        folder.restore(release)
    elif again or not _asked_lately(folder, release, Cause.BACK):
        folder.open(release, Cause.BACK)


def _open_absent(folder: Folder, release: Release, cause: Cause = Cause.ABSENT) -> None:
    if folder.may_ask(release.key) and folder.rules.watch(release.title, release.url):
        folder.open(release, cause)


def _asked_lately(folder: Folder, release: Release, cause: Cause) -> bool:
    """Whether a release was looked at for this cause within a day."""
    candidate = folder.candidates.get(release.key)
    return candidate is not None and candidate.cause is cause and folder.at - candidate.opened_at < ASK_AGAIN_AFTER


def _open_twin(folder: Folder, release: Release, s: Shown) -> None:
    twin = folder.releases[s.key]
    if release.state is State.WITHDRAWN and settle.same_title_and_date(release, twin):
        folder.restore(folder.merge(release, twin), {"from": release.url})
    elif folder.open_candidate(release.key) is None:
        folder.open(release, Cause.TWIN)


def _settle(folder: Folder, visit: Visit, difference: Difference | None, beside: Beside) -> None:
    """Settles the open candidates that the window or the feed answers, or that waited for a later healthy visit."""
    for candidate in folder.open_candidates():
        release = folder.releases.get(candidate.key)
        if release is None:
            continue  # it turned out to be another one just now
        if candidate.cause is Cause.ABSENT and candidate.verdict is not Verdict.GONE and release.key in beside.here:
            folder.close(candidate, "the feed shows it")
        elif release.feed_only:
            _settle_by_feed(folder, candidate, beside)
        elif difference is not None:
            _settle_by_window(folder, visit, difference, candidate)


def _settle_shown(folder: Folder, candidate: Candidate) -> None:
    """An absence that is over; what is gone from its address remains a candidate, listed or not."""
    if candidate.verdict is Verdict.GONE:
        folder.candidates[candidate.key] = replace(candidate, cause=Cause.GONE)
    else:
        folder.close(candidate, "listed again")


def _settle_by_feed(folder: Folder, candidate: Candidate, beside: Beside) -> None:
    """Settles a candidate that only the feed ever showed: it has left it where a later reading of it agrees."""
    release = folder.releases[candidate.key]
    lasts = folder.at - candidate.opened_at >= folder.rules.confirm_after
    if candidate.cause is Cause.BACK:
        return
    if candidate.confirmed and candidate.verdict is Verdict.GONE:
        settle.settle_gone(folder, release, candidate)
    elif candidate.seek and (candidate.confirmed or lasts) and beside.misses(release.key):
        folder.leave(release, candidate, State.UNLISTED)
    elif beside.read and beside.difference and not beside.difference.met and candidate.verdict is not Verdict.GONE:
        folder.close(candidate, "the feed went on without it")


def _settle_by_window(folder: Folder, visit: Visit, difference: Difference, candidate: Candidate) -> None:
    """Settles a candidate that the window answers, or that waited for a later healthy visit."""
    shown = {s.key for s in difference.window.shown}
    twins = {release.key for release, _ in difference.twins}
    release = folder.releases[candidate.key]
    if release.key in twins and candidate.verdict is not Verdict.GONE:
        folder.ask_again(candidate)  # it may be listed at another address: the looks so far could not know
    elif release.key in shown and candidate.cause in {Cause.ABSENT, Cause.TWIN}:
        _settle_shown(folder, candidate)
    elif candidate.cause is Cause.BACK:
        return  # it was listed, wherever it stands now: its page decides
    elif release.key not in shown and not difference.met and candidate.verdict is not Verdict.GONE:
        folder.close(candidate, "the list went on without it")
    elif candidate.confirmed and candidate.verdict is Verdict.GONE:
        settle.settle_gone(folder, release, candidate)
    elif candidate.seek and address_of(release) in visit.sought:
        _settle_sought(folder, difference, visit, candidate)


def _settle_sought(folder: Folder, difference: Difference, visit: Visit, candidate: Candidate) -> None:
    release = folder.releases[candidate.key]
    if place_passed(difference, folder.known, visit, folder.known.releases[candidate.key]):
        folder.leave(release, candidate, State.UNLISTED)
    else:
        folder.close(candidate, "its place in the list could not be read back to")


def _history(known: Known, difference: Difference, visit: Visit) -> History:
    before = known.newsroom.history
    shown = [s for s in difference.window.shown if not s.pinned] + [s for s in difference.window.shown if s.pinned]
    old = before or History()
    today = visit.finished_at.date()
    days = [s.day for s in shown if s.day and (s.day - today).days <= 1]
    listed = {
        (s.key if same_page(s.key, s.address) else s.address): str(s.day or "")
        for s in shown
        if not s.pinned or in_place(s, known)
    }
    for address, day in zip_longest(old.addresses, old.days, fillvalue=""):
        listed.setdefault(address, day)
    full = len(old.shapes) >= REMEMBERED_SHAPES  # then those of this window alone are kept
    seen = frozenset(() if full else old.addresses)
    shapes = frozenset(shape(s.entry.url) for s in shown if s.entry.url and s.address not in seen)
    return History(
        addresses=tuple(listed)[:REMEMBERED],
        titles=tuple(dict.fromkeys([*(fold_title(s.entry.title) for s in shown), *old.titles]))[:REMEMBERED],
        shapes=(shapes or old.shapes) if full else shapes | old.shapes,
        newest=max([*days, *([old.newest] if old.newest else [])], default=None),
        counts=(*old.counts, len(visit.window[0].entries))[-20:],
        pinned=tuple(s.address for s in shown if s.pinned),
        oldest_first=difference.window.oldest_first,
        days=tuple(listed.values())[:REMEMBERED],
        closed=visit.closed,
        feed=old.feed,
    )
