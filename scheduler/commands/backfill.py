"""`presswatch backfill`: reads a newsroom's archive back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from scheduler.commands.printing import console, print_json, text
from scheduler.commands.shapes import Shape, day
from scheduler.commands.shell import Shell, json_option, must_know, pass_shell, working

if TYPE_CHECKING:
    from scheduler.backfill import BackfillReport


@click.command(
    epilog="""\b
Examples:
  presswatch backfill amnestyusa
  presswatch backfill amnestyusa --pages 50

Exit code 1: something kept it from reading on. Give the same command again to go on from there."""
)
@click.argument("newsroom", metavar="ID")
@click.option("--pages", type=click.IntRange(min=1), metavar="N", help="Read so many further pages, not all.")
@json_option
@click.pass_context
@pass_shell
def backfill(shell: Shell, ctx: click.Context, newsroom: str, pages: int | None, as_json: bool) -> None:
    """Read a newsroom's archive back through its pager.

    What it finds is history: it is in `presswatch releases`, and in no digest. It can be stopped at any time, and goes
    on where it was left when the command is given again.
    """
    config = shell.config(recipes=True)
    must_know(newsroom, (one.id for one in config.newsrooms), "newsroom")
    try:
        with working(), _progress(newsroom, pages, quiet=as_json) as progress:
            report = shell.checking().backfill(config, newsroom, pages, progress)
    except KeyboardInterrupt:
        click.echo("Stopped. The same command goes on from there.", err=True)
        raise
    if as_json:
        print_json(_shape(report))
    else:
        for said in _told(report):
            click.echo(said)
    if report.broken_off:
        ctx.exit(1)


@contextmanager
def _progress(name: str, pages: int | None, *, quiet: bool) -> Iterator[Callable[[BackfillReport], None]]:
    """A bar on stderr that moves on with each stretch, without an end where that is not known."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - only on a terminal

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} pages, {task.fields[added]} releases, back to {task.fields[oldest]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Reading {name}", total=pages, added=0, oldest="today")

        def tell(report: BackfillReport) -> None:
            bar.update(task, completed=report.pages, added=report.added, oldest=day(report.oldest) or "no known day")

        yield tell


def _told(report: BackfillReport) -> Iterator[str]:
    back = f", back to {report.oldest}" if report.oldest else ""
    yield (
        f"{_count(report.pages, 'page')} read ({_count(report.total_pages, 'page')} in all{back}), "
        f"{_count(report.requests, 'request')}: {_count(report.added, 'release')} added to the record."
    )
    if report.complete:
        yield "The archive is read to its end."
    elif report.over:
        yield f"The archive ends here: {text(report.stopped)}."
    elif report.stopped:
        yield f"Broken off: {text(report.stopped)}. The same command goes on from there."
    else:
        yield "There is more: the same command goes on from there."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _shape(report: BackfillReport) -> Shape:
    return {
        "newsroom": report.newsroom,
        "pages": report.pages,
        "requests": report.requests,
        "added": report.added,
        "total_pages": report.total_pages,
        "entries": report.entries,
        "oldest": day(report.oldest),
        "over": report.over,
        "complete": report.complete,
        "stopped": report.stopped,
    }
