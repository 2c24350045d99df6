"""What commands ask of a running daemon, and what it tells them: both ends of the wire, in JSON."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scheduler.backfill import BackfillReport, NoBackfill, read_back
from scheduler.control import Message, NoDaemon, Refused, Tell, ask
from scheduler.lock import holder
from scheduler.watch import CheckReport, NotWatched
from storage.records import Change, Kind, Visit
from storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduler.config import Config
    from scheduler.watch import Watch


# --- the command's end -----------------------------------------------------------------------------------------------


def ask_check(config: Config, ids: tuple[str, ...], progress: Callable[[Visit], None]) -> CheckReport | None:
    """The daemon's report of a check; None where no daemon is running, or it goes away before it is done."""
    last = _ask(config, {"check": list(ids)}, lambda message: progress(_visit(config, message["visit"])))
    if last is None:
        return None
    return CheckReport(
        visits=tuple(_visit(config, told) for told in last["visits"]),
        changes=tuple(_change(told) for told in last["changes"]),
        seqs=tuple(told["seq"] for told in last["visits"]),
    )


def ask_digests(config: Config, name: str | None) -> list[Path] | None:
    """The files of the digests that the daemon wrote, of one or of all; None as for a check."""
    last = _ask(config, {"digest": name}, lambda _: None)
    return None if last is None else [Path(path) for path in last["paths"]]


def ask_backfill(
    config: Config, name: str, pages: int | None, progress: Callable[[BackfillReport], None]
) -> BackfillReport | None:
    """The daemon's report of a backfill; None as for a check."""
    request = {"backfill": name, "pages": pages}
    last = _ask(config, request, lambda message: progress(_backfill(message["backfill"])))
    return None if last is None else _backfill(last["backfill"])


def _ask(config: Config, request: Message, progress: Callable[[Message], None]) -> Message | None:
    if holder(config.data_dir) is None:
        return None
    try:
        return ask(config.data_dir, request, progress)
    except NoDaemon:
        return None


# --- the daemon's end ------------------------------------------------------------------------------------------------


async def check_asked(watch: Watch, names: tuple[str, ...], tell: Tell) -> Message:
    """Makes the check that a command asked for, telling of each visit; the report as told. NotWatched before any."""
    for name in names:
        if not watch.watches(name):
            raise NotWatched(name)
    telling: set[asyncio.Task[bool]] = set()

    def progress(seq: int, visit: Visit) -> None:
        task = asyncio.get_running_loop().create_task(tell({"visit": _told_visit(seq, visit)}))
        telling.add(task)
        task.add_done_callback(telling.discard)

    report = await watch.check(names, progress)
    await asyncio.gather(*telling)
    return {
        "visits": [_told_visit(seq, visit) for seq, visit in zip(report.seqs, report.visits, strict=True)],
        "changes": [_told_change(change) for change in report.changes],
    }


async def backfill_asked(watch: Watch, request: Message, tell: Tell) -> Message:
    """Makes the backfill that a command asked for, as long as it listens; NotWatched before anything is asked."""
    name, pages = request["backfill"], request.get("pages")
    if not isinstance(name, str) or not (pages is None or (isinstance(pages, int) and pages > 0)):
        raise Refused("a backfill names a newsroom, and how many pages")
    watch.configured(name)
    try:
        report = await read_back(watch, name, pages, lambda so_far: tell({"backfill": _told_backfill(so_far)}))
    except NoBackfill as error:
        raise Refused(str(error)) from error
    return {"backfill": _told_backfill(report)}


def names_in(request: Message) -> tuple[str, ...]:
    """The newsrooms that a request for a check names, each once; none means all."""
    names = request["check"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Refused("a check names its newsrooms in a list")
    return tuple(dict.fromkeys(names))


# --- values on the wire ----------------------------------------------------------------------------------------------


def _told_visit(seq: int, visit: Visit) -> Message:
    """By the number under which the store keeps the visit, with all requests of the check."""
    return {"seq": seq, "requests": visit.requests}


def _visit(config: Config, told: dict[str, Any]) -> Visit:
    with Store.read(config.database) as store:
        visit = store.visit(told["seq"])
    if visit is None:
        raise NoDaemon(f"visit {told['seq']} is not in {config.database}")
    return replace(visit, requests=told["requests"])


def _told_backfill(report: BackfillReport) -> Message:
    return {**asdict(report), "oldest": None if report.oldest is None else report.oldest.isoformat()}


def _backfill(told: dict[str, Any]) -> BackfillReport:
    oldest = told["oldest"]
    return BackfillReport(**told | {"oldest": None if oldest is None else date.fromisoformat(oldest)})


def _told_change(change: Change) -> Message:
    return {
        "newsroom": change.newsroom,
        "kind": change.kind.value,
        "url": change.url,
        "title": change.title,
        "seen_at": change.seen_at.isoformat(),
        "detail": dict(change.detail),
        "key": change.key,
    }


def _change(told: dict[str, Any]) -> Change:
    return Change(
        told["newsroom"],
        Kind(told["kind"]),
        told["url"],
        told["title"],
        datetime.fromisoformat(told["seen_at"]),
        told["detail"],
        told["key"],
    )
