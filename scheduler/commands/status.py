"""`presswatch status`: how each newsroom stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from scheduler.commands.printing import console, length, line, minute, print_json_rows, text
from scheduler.commands.shapes import instant
from scheduler.commands.shell import NOTHING_YET, Shell, json_option, pass_shell, reading
from scheduler.revisit import pace_of
from storage.records import Feed, Newsroom

if TYPE_CHECKING:
    from scheduler.config import Config, NewsroomConfig
    from storage.store import Store

_STYLES = {"ok": "green", "broken": "bold red", "trouble": "yellow", "unread": "dim"}


@dataclass(frozen=True, slots=True)
class Stand:
    """How one newsroom stands: its configuration, what is remembered of it, and how many candidates are open."""

    config: NewsroomConfig
    memory: Newsroom
    every_s: float
    candidates: int

    @property
    def health(self) -> str:
        """`ok`, `unread` (no visit yet), `trouble` (not believed lately) or `broken` (for longer than its limit)."""
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


@click.command(
    epilog="""\b
Examples:
  presswatch status
  presswatch status --json"""
)
@json_option
@pass_shell
def status(shell: Shell, as_json: bool) -> None:
    """How each newsroom stands.

    Shows health, visits and open problems; works beside a running daemon. Candidates are releases that seem gone and
    are being looked at: they are no change yet.
    """
    config = shell.config()
    with reading(config) as store:
        stands = [] if store is None else _stands(config, store)
    if as_json:
        print_json_rows(map(_shape, stands))
        return
    if store is None:
        click.echo(NOTHING_YET)
    elif stands:
        _print_table(stands, shell.clock())
    for stand in stands:
        if stand.feed and stand.feed.trouble_since:
            said = f"feed not read since {minute(stand.feed.trouble_since)}: {text(stand.feed.trouble)}"
            line((stand.config.id, "strong"), (f": {said}", "odd"))
        if stand.problem:
            since = stand.memory.unhealthy_since
            said = f"{stand.health}{f' since {minute(since)}' if since else ''}: {text(stand.problem)}"
            line((stand.config.id, "strong"), (f": {said}", "bad"))
    _print_notes(shell, config)


def _stands(config: Config, store: Store) -> list[Stand]:
    memories = {newsroom.id: newsroom for newsroom in store.newsrooms()}
    candidates = Counter(candidate.newsroom for candidate in store.candidates())
    return [
        Stand(
            newsroom,
            _memory(newsroom, memories.get(newsroom.id)),
            pace_of(newsroom, config.requests_per_day).wait.total_seconds(),
            candidates[newsroom.id],
        )
        for newsroom in config.newsrooms
    ]


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
        "candidates": stand.candidates,
        "feed": None if stand.feed is None else _feed_shape(stand.feed),
    }


def _feed_shape(feed: Feed) -> dict[str, Any]:
    return {
        "url": feed.url,
        "last_ok_at": instant(feed.read_at),
        "problem": feed.trouble or None,
        "unhealthy_since": instant(feed.trouble_since),
    }


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
            str(stand.candidates),
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
