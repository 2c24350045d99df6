"""`presswatch check`: reads newsrooms now."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from scheduler.commands.printing import console, length, line, print_change, print_json, text
from scheduler.commands.shapes import visit_shape
from scheduler.commands.shell import Shell, json_option, must_know, pass_shell, reading, working
from storage.records import Cause, Kind, Outcome, Visit

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.config import Config

# What matters most stands last, next to the prompt.
_ORDER = (
    Kind.BASELINE, Kind.RECOVERED, Kind.LAYOUT_CHANGED, Kind.SILENT, Kind.GAP, Kind.BROKEN,
    Kind.RESTORED, Kind.MOVED, Kind.EDITED, Kind.UNLISTED, Kind.NEW, Kind.WITHDRAWN,
)  # fmt: skip
_NOT_READ = frozenset({Outcome.SUSPECT, Outcome.FAILED})
_STYLES = {Outcome.OK: "good", Outcome.NOT_MODIFIED: "good", Outcome.SUSPECT: "odd", Outcome.FAILED: "bad"}


@click.command(
    epilog="""\b
Examples:
  presswatch check
  presswatch check amnesty-ca-russia amnestyusa
  presswatch check --json

Exit code 1: a newsroom could not be read, or its answer could not be believed."""
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--releases", is_flag=True, help="Also read the releases' own pages (not supported yet).")
@json_option
@click.pass_context
@pass_shell
def check(shell: Shell, ctx: click.Context, ids: tuple[str, ...], releases: bool, as_json: bool) -> None:
    """Read newsrooms now, and print what changed.

    Reads those named, else all, whatever the schedule says. The first time is the baseline: it fills the record and
    reports no release as new.
    """
    if releases:
        raise click.UsageError("--releases is not supported yet; leave it out.")
    config = shell.config(recipes=True)
    for name in ids:
        must_know(name, (newsroom.id for newsroom in config.newsrooms), "newsroom")
    with working(), _progress(len(set(ids)) or len(config.newsrooms), quiet=as_json) as progress:
        report = shell.checking().check(config, tuple(dict.fromkeys(ids)), progress)
    found = sorted(report.changes, key=lambda change: _ORDER.index(change.kind))
    if as_json:
        from scheduler.render.json_ import change_json  # noqa: PLC0415 - brings the digests' templates

        print_json({"visits": [*map(visit_shape, report.visits)], "changes": [*map(change_json, report.changes)]})
    else:
        _print_notes(config)
        for visit in report.visits:
            _print_visit(visit)
        click.echo()
        for change in found:
            print_change(change)
        click.echo(_summary([visit.outcome for visit in report.visits], len(found)))
        _print_missing(config, {visit.newsroom for visit in report.visits}, shell.clock())
    if any(visit.outcome in _NOT_READ for visit in report.visits):
        ctx.exit(1)


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[Visit], None]]:
    """A bar on stderr that moves on with each visit; nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import Progress  # noqa: PLC0415 - only on a terminal

    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading newsrooms", total=total)
        yield lambda _: bar.advance(task)


def _print_notes(config: Config) -> None:
    for warning in config.warnings:
        click.echo(f"Note: {text(warning)}", err=True)
    if not config.newsrooms:
        click.echo(f"No newsroom is watched yet: add a [[newsroom]] with an id and a url to {config.path}", err=True)


def _print_visit(visit: Visit) -> None:
    shape = visit_shape(visit)
    count = f"  {shape['entries']} entries" if visit.window else ""
    requests = f"  {visit.requests} request{'' if visit.requests == 1 else 's'}"
    reason = f"  {text(visit.reason)}" if visit.reason else ""
    line(
        (f"{visit.outcome.value:<13}", _STYLES[visit.outcome]),
        (visit.newsroom, "strong"),
        (count + requests + reason, None),
    )


def _print_missing(config: Config, newsrooms: set[str], now: datetime) -> None:
    """What is no change yet: the releases of these newsrooms that seem gone, and when they are looked at again."""
    with reading(config) as store:
        found = () if store is None else store.candidates()
    missing = [c for c in found if c.newsroom in newsrooms and c.cause is not Cause.BACK]
    looks = [c.next_look_at for c in missing if c.next_look_at is not None]
    if missing:
        seem, are = ("release seems", "is") if len(missing) == 1 else ("releases seem", "are")
        when = f"looked at again in {length(min(looks) - now)}" if looks else "looked for in the list by the next visit"
        click.echo(f"{len(missing)} {seem} gone and {are} {when}.")


def _summary(outcomes: Sequence[Outcome], changes: int) -> str:
    """How many changes there are; where newsrooms were not read, that nothing is known of these."""
    asked, lost = len(outcomes), sum(outcome in _NOT_READ for outcome in outcomes)
    told = f"{changes or 'No'} change{'' if changes == 1 else 's'}"
    newsrooms = f"{asked} newsroom{'' if asked == 1 else 's'}"
    if not lost:
        return f"{told} in {newsrooms}."
    if lost < asked:
        return f"{told} found; {lost} of {newsrooms} could not be read."
    return f"{told} found; " + (
        f"none of {newsrooms} could be read." if asked > 1 else "the newsroom could not be read."
    )
