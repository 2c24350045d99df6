"""`presswatch status`: how each newsroom stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import click

from scheduler.commands.printing import console, length, line, minute, print_json_rows, text
from scheduler.commands.shapes import instant
from scheduler.commands.shell import NOTHING_YET, Shell, json_option, must_know, pass_shell, reading
from scheduler.revisit import pace_of
from storage.records import Candidate, Feed, Newsroom, Outcome, Release

if TYPE_CHECKING:
    from scheduler.config import Config, NewsroomConfig
    from storage.store import Store

_STYLES = {"ok": "green", "broken": "bold red", "trouble": "yellow", "unread": "dim"}


@dataclass(frozen=True, slots=True)
class Stand:
    """How one newsroom stands: its configuration, what is remembered of it, and its open candidates with releases."""

    config: NewsroomConfig
    memory: Newsroom
    every_s: float
    candidates: tuple[tuple[Candidate, Release], ...] = ()

    @property
    def health(self) -> str:
        """`ok`, `unread` (no visit yet), `trouble` (last one not believed) or `broken` (for longer than its limit)."""
        if self.memory.broken:
            return "broken"
        if self.memory.fails or self.memory.unhealthy_since:
            return "trouble"
        return "ok" if self.memory.last_ok_at else "unread"

    @property
    def feed(self) -> Feed | None:
        """What is remembered of the feed that is watched beside the list; None where none is."""
        if self.config.feed is None:
            return None
        feed = self.memory.feed
        return feed if feed is not None and feed.url == self.config.feed else Feed(self.config.feed)

    @property
    def problem(self) -> str | None:
        """Why it is not being read; None while all is well."""
        return (self.memory.last_reason or "not read") if self.health in {"broken", "trouble"} else None

    @property
    def repairable(self) -> bool:
        """Whether its page came and was not believed, so that a recipe learned anew may be the way out."""
        recipe = self.memory.recipe or self.config.recipe
        page = recipe is None or not recipe.is_feed
        suspect = self.problem is not None and self.memory.last_outcome is Outcome.SUSPECT
        return suspect and page and self.memory.baseline_at is not None


@click.command(
    epilog="""\b
Examples:
  presswatch status
  presswatch status ministry
  presswatch status --json"""
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@json_option
@pass_shell
def status(shell: Shell, ids: tuple[str, ...], as_json: bool) -> None:
    """How each newsroom stands.

    Shows health, visits and open problems; works beside a running daemon. Candidates are releases that seem gone and
    are being looked at: they are no change yet, and are listed where newsrooms are named.
    """
    config = shell.config()
    for name in ids:
        must_know(name, (newsroom.id for newsroom in config.newsrooms), "newsroom")
    with reading(config) as store:
        stands = [stand for stand in _stands(config, store) if not ids or stand.config.id in ids]
    if as_json:
        print_json_rows(map(_shape, stands))
        return
    if stands:
        _print_table(stands, shell.clock())
    for stand in stands:
        _print_problems(stand)
        if ids:
            _print_candidates(stand)
    if store is None:
        click.echo(NOTHING_YET)
    _print_notes(shell, config)


def _stands(config: Config, store: Store | None) -> list[Stand]:
    memories = {newsroom.id: newsroom for newsroom in store.newsrooms()} if store else {}
    candidates = _candidates(store) if store else {}
    return [
        Stand(
            newsroom,
            _memory(newsroom, memories.get(newsroom.id)),
            pace_of(newsroom, config.requests_per_day).wait.total_seconds(),
            tuple(candidates.get(newsroom.id, ())),
        )
        for newsroom in config.newsrooms
    ]


def _candidates(store: Store) -> dict[str, list[tuple[Candidate, Release]]]:
    """The open candidates by newsroom, those in doubt for longest first."""
    found: dict[str, list[Candidate]] = {}
    for candidate in sorted(store.candidates(), key=attrgetter("opened_at")):
        found.setdefault(candidate.newsroom, []).append(candidate)
    told = {}
    for newsroom, candidates in found.items():
        releases = store.releases_named(newsroom, [one.key for one in candidates])
        told[newsroom] = [(one, releases[one.key]) for one in candidates if one.key in releases]
    return told


def _memory(newsroom: NewsroomConfig, memory: Newsroom | None) -> Newsroom:
    """What is remembered; nothing where the address was changed since, for it starts again with a baseline."""
    return memory if memory is not None and memory.url == newsroom.url else Newsroom(newsroom.id, newsroom.url)


def _shape(stand: Stand) -> dict[str, Any]:
    memory = stand.memory
    return {
        "newsroom": stand.config.id,
        "url": stand.config.url,
        "health": stand.health,
        "problem": stand.problem,
        "unhealthy_since": instant(memory.unhealthy_since),
        "fails": memory.fails,
        "baseline_at": instant(memory.baseline_at),
        "last_ok_at": instant(memory.last_ok_at),
        "last_visit_at": instant(memory.last_visit_at),
        "last_outcome": None if memory.last_outcome is None else memory.last_outcome.value,
        "next_visit_at": instant(memory.next_visit_at),
        "every_s": stand.every_s,
        "candidates": len(stand.candidates),
        "in_doubt": [
            {"url": release.url, "title": release.title, "since": instant(one.opened_at), "cause": one.cause.value}
            for one, release in stand.candidates
        ],
        "feed": None if stand.feed is None else _feed_shape(stand.feed),
    }


def _feed_shape(feed: Feed) -> dict[str, Any]:
    return {
        "url": feed.url,
        "last_ok_at": instant(feed.read_at),
        "problem": feed.trouble or None,
        "unhealthy_since": instant(feed.trouble_since),
    }


def _print_problems(stand: Stand) -> None:
    if stand.feed and stand.feed.trouble_since:
        read = f"not read since {minute(stand.feed.read_at)}" if stand.feed.read_at else "never read"
        said = f"feed {read}: {text(stand.feed.trouble)}"
        line((stand.config.id, "strong"), (f": {said}", "odd"))
    if stand.problem is None:
        return
    since = stand.memory.unhealthy_since
    said = f"{stand.health}{f' since {minute(since)}' if since else ''}: {text(stand.problem)}"
    line((stand.config.id, "strong"), (f": {said}", "bad"))
    if stand.repairable:
        line((f"if its page was redesigned: presswatch repair {stand.config.id}", None), indent=2)


def _print_candidates(stand: Stand) -> None:
    for one, release in stand.candidates:
        line((f"in doubt since {minute(one.opened_at)}: ", "odd"), (text(release.title), "strong"))
        line((text(release.url), None), indent=4)


def _print_table(stands: list[Stand], now: datetime) -> None:
    from rich.table import Table  # noqa: PLC0415 - JSON needs none
    from rich.text import Text  # noqa: PLC0415 - likewise

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Newsroom", overflow="fold")
    for name in ("Health", "Last ok", "Next", "Every", "Candidates"):
        table.add_column(name, no_wrap=True)
    for stand in stands:
        memory = stand.memory
        table.add_row(
            Text(stand.config.id),
            Text(stand.health, style=_STYLES[stand.health]),
            f"{length(now - memory.last_ok_at)} ago" if memory.last_ok_at else "never",
            _next(memory.next_visit_at, now),
            length(timedelta(seconds=stand.every_s)),
            str(len(stand.candidates)),
        )
    console().print(table)


def _next(when: datetime | None, now: datetime) -> str:
    if when is None or when <= now:
        return "due"
    return f"in {length(when - now)}"


def _print_notes(shell: Shell, config: Config) -> None:
    if not config.newsrooms:
        click.echo(f"No newsroom is watched yet: add a [[newsroom]] with an id and a url to {config.path}")
    for warning in config.warnings:
        line(("Note: ", "odd"), (text(warning), None))
    pid = shell.holder(config.data_dir)
    click.echo(
        "No daemon is running: start it with `presswatch run`."
        if pid is None
        else f"The daemon is running (pid {pid})."
    )
