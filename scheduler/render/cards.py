"""One change as its reader meets it: a title, what is known of it, and the words that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler.render.safe import safe_link, shortened, shown
from scheduler.render.times import day_of, instant, long_day, stamp, utc
from storage.records import FEED, Change, Issue, Kind, Trouble

MAX_SUMMARY = 320
"""Characters of a new release's summary: some four lines on a phone."""

MAX_LOOKS = 6
"""Looks told one by one; a candidate that took more is told with the first and the last of them."""

LABELS = {
    Kind.WITHDRAWN: "withdrawn",
    Kind.UNLISTED: "unlisted",
    Kind.EDITED: "edited",
    Kind.NEW: "new",
    Kind.MOVED: "moved",
    Kind.RESTORED: "restored",
    Kind.BROKEN: "broken",
    Kind.GAP: "gap",
    Kind.SILENT: "silent",
    Kind.LAYOUT_CHANGED: "layout changed",
    Kind.RECOVERED: "recovered",
    Kind.BASELINE: "baseline",
}

FIELDS = {"title": "Headline", "date": "Date", "kind": "Kind", "summary": "Summary", "caption": "Caption"}
"""The fields of an edit in the order they are told; others follow by name."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some text; `at` is the instant it tells; `foreign` text is the publisher's, `literal` an address of its."""

    text: str
    at: str = ""
    foreign: bool = False
    literal: bool = False


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edited field; None is no value. `words` asks for a word diff, else both values stand whole."""

    label: str
    before: str | None
    after: str | None
    words: bool = True


@dataclass(frozen=True, slots=True)
class Card:
    """One change, or a newsroom still in trouble (whose `id` is empty).

    `headline` is the edit of the title, where it was edited. `address` is shown as text: where a page is told gone, or
    where the address may not be linked. `facts` stand in one line, `lines` below it.
    """

    id: str
    newsroom: str
    slug: str
    label: str
    title: str
    href: str | None
    flag: str = ""
    headline: Edit | None = None
    address: str = ""
    facts: tuple[Line, ...] = ()
    lines: tuple[Line, ...] = ()
    edits: tuple[Edit, ...] = ()
    summary: str = ""


def card(change: Change, issue: Issue) -> Card:
    """The change as harmless text, its times in the issue's zone."""
    detail = change.detail
    edits = tuple(_edits(detail)) if change.kind is Kind.EDITED else ()
    titles = [edit for edit in edits if edit.label == FIELDS["title"] and edit.before and edit.after]
    href = safe_link(change.url)
    off = bool(change.url) and (href is None or change.kind in {Kind.WITHDRAWN, Kind.UNLISTED})
    return Card(
        id=change.id,
        newsroom=shown(change.newsroom),
        slug=change.kind.value,
        label=LABELS[change.kind],
        title="" if change.title is None and change.url is None else shown(change.title) or "(without a title)",
        href=href,
        flag="listed late" if change.kind is Kind.NEW and detail.get("backdated") is True else "",
        headline=titles[0] if titles else None,
        address=shown(change.url) if off else "",
        facts=tuple(_facts(change, issue)),
        lines=tuple(_lines(change, issue)),
        edits=tuple(edit for edit in edits if edit not in titles),
        summary=shortened(shown(detail.get("summary")), MAX_SUMMARY) if change.kind is Kind.NEW else "",
    )


def trouble_card(trouble: Trouble, issue: Issue) -> Card:
    """A newsroom that was not being read when the issue was made."""
    if trouble.last_read is None:
        facts: tuple[Line, ...] = ((Span("never read"),), (Span("tried since "), _time(trouble.since, issue)))
    else:
        facts = ((Span("not read since "), _time(trouble.last_read, issue)),)
    return Card(
        id="",
        newsroom=shown(trouble.newsroom),
        slug="trouble",
        label="in trouble",
        title="",
        href=None,
        facts=facts,
        lines=_reason(trouble.reason),
    )


def _facts(change: Change, issue: Issue) -> Iterator[Line]:
    detail = change.detail
    if change.kind is Kind.NEW:
        yield from _origin(detail)
    if detail.get("date") and change.kind in {Kind.NEW, Kind.WITHDRAWN, Kind.UNLISTED, Kind.RESTORED, Kind.MOVED}:
        yield (Span("dated "), _day(detail["date"]))
    if change.kind is Kind.BASELINE and isinstance(detail.get("releases"), int):
        releases = detail["releases"]
        yield (Span(f"{releases:,} release{'' if releases == 1 else 's'} known now"),)
    if change.kind is Kind.RESTORED and detail.get("after") in {Kind.WITHDRAWN.value, Kind.UNLISTED.value}:
        yield (Span(f"was {detail['after']}"),)
    if change.kind in {Kind.BROKEN, Kind.RECOVERED}:
        since = instant(detail.get("since"))
        told = "in trouble since " if change.kind is Kind.BROKEN else "had been in trouble since "
        if since is not None:
            yield (Span(told), _time(since, issue))
    for name, told in (("first_seen", "first seen "), ("last_seen", "last seen ")):
        moment = instant(detail.get(name))
        if moment is not None and change.kind in {Kind.WITHDRAWN, Kind.UNLISTED}:
            yield (Span(told), _time(moment, issue))
    yield (Span(_SEEN.get(change.kind, "seen ")), _time(change.seen_at, issue))


def _origin(detail: Mapping[str, Any]) -> Iterator[Line]:
    """What a new release is called by its newsroom, and whether only its feed shows it."""
    if detail.get("kind"):
        yield (Span(shown(detail["kind"]), foreign=True),)
    if detail.get("source") == FEED:
        yield (Span("in the feed alone"),)


_SEEN = {
    Kind.WITHDRAWN: "established ",
    Kind.UNLISTED: "established ",
    Kind.BROKEN: "told ",
    Kind.RECOVERED: "read again ",
    Kind.BASELINE: "first read ",
}


def _lines(change: Change, issue: Issue) -> Iterator[Line]:
    detail = change.detail
    if change.kind is Kind.MOVED and detail.get("from"):
        yield (Span("From "), Span(shown(detail["from"]), foreign=True, literal=True))
        yield (Span("To "), Span(shown(change.url), foreign=True, literal=True))
    if change.kind in {Kind.WITHDRAWN, Kind.UNLISTED}:
        yield from _looks(detail, issue)
    if change.kind in _OF_NEWSROOM:
        yield from _reason(detail.get("reason"))
        if change.kind is Kind.LAYOUT_CHANGED and not detail.get("reason"):
            yield (Span("Redesigned; its recipe was relearned and proven on releases already known."),)
    if change.kind is Kind.GAP:
        yield (Span("More may have been published between two visits than could be read back."),)


_OF_NEWSROOM = frozenset({Kind.BROKEN, Kind.RECOVERED, Kind.GAP, Kind.SILENT, Kind.LAYOUT_CHANGED, Kind.BASELINE})


def _looks(detail: Mapping[str, Any], issue: Issue) -> Iterator[Line]:
    """How its own address was asked: each look, or how many there were and what the last one found."""
    looks, found = detail.get("looks"), shown(detail.get("found"))
    if isinstance(looks, int) and looks > 0:
        times = "once" if looks == 1 else f"{looks:,} times"
        yield (Span(f"Looked at {times}" + (": " if found else "")), Span(found, foreign=True))[: 2 if found else 1]
    if not isinstance(looks, list | tuple):
        return
    told = [look for look in looks if isinstance(look, Mapping)]
    if len(told) > MAX_LOOKS:
        told = [told[0], told[-1]]
    spans: list[Span] = []
    for look in told:
        spans.append(Span("; " if spans else "Looked at: "))
        moment = instant(look.get("at"))
        status, reason = shown(look.get("status")), shown(look.get("reason"))
        answer = f"{status} ({reason})" if status and reason and status not in reason else reason or status
        spans.append(Span(answer or "no answer", foreign=True))
        if moment is not None:
            spans += [Span(" on "), _time(moment, issue)]
    if spans:
        yield tuple(spans)


def _edits(detail: Mapping[str, Any]) -> Iterator[Edit]:
    fields = detail.get("fields")
    if not isinstance(fields, Mapping):
        return
    for name in sorted(fields, key=lambda name: (list(FIELDS).index(name) if name in FIELDS else len(FIELDS), name)):
        values = fields[name]
        if isinstance(values, Mapping):
            before, after = (_value(name, values.get(side)) for side in ("before", "after"))
            yield Edit(FIELDS.get(name, shown(name).capitalize()), before, after, words=name != "date")


def _value(name: str, value: object) -> str | None:
    if value is None:
        return None
    day = day_of(value) if name == "date" else None
    return long_day(day) if day is not None else shown(value)


def _reason(reason: object) -> tuple[Line, ...]:
    text = shown(reason)
    return ((Span(text, foreign=True),),) if text else ()


def _day(value: object) -> Span:
    day = day_of(value)
    return Span(long_day(day), at=day.isoformat()) if day is not None else Span(shown(value), foreign=True)


def _time(moment: datetime, issue: Issue) -> Span:
    return Span(stamp(moment, issue.timezone, issue.end), at=utc(moment))
