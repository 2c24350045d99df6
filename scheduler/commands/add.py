"""`presswatch add`: finds the list at an address, shows what would be tracked, and appends it to the configuration."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any

import click

from scheduler.commands.asked import Row, asked
from scheduler.commands.fetching import run_alone
from scheduler.commands.printing import line, print_json, text
from scheduler.commands.sameness import name_all, watched
from scheduler.commands.shapes import finding_shape
from scheduler.commands.shell import Shell, json_option, pass_shell
from scheduler.configschema import SAFE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawler.web import Fetch
    from scheduler.commands.explore import Unreadable
    from scheduler.config import Config

_AT_ONCE = 4  # addresses that are explored at a time; each host is asked one thing at a time anyway


@click.command(
    epilog="""\b
Examples:
  presswatch add https://www.example.org/news
  presswatch add https://www.example.org/news --id example --pick 2
  presswatch add --from addresses.txt --yes
  presswatch add --from feeds.opml --json"""
)
@click.argument("addresses", nargs=-1, metavar="[URL]...")
@click.option(
    "--from",
    "listed",
    type=click.File("rb"),
    metavar="FILE",
    help="Take addresses from this file too: one a line, or OPML (- for standard input).",
)
@click.option("--id", "name", metavar="ID", help="The newsroom's id, instead of one made from its address.")
@click.option("--pick", type=click.IntRange(min=1), default=1, metavar="N", help="Take the N-th list on the page.")
@click.option("--feed", "both", is_flag=True, help="Watch the feed that is proven to be the list's own beside it.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@json_option
@pass_shell
def add(
    shell: Shell,
    addresses: tuple[str, ...],
    listed: IO[bytes] | None,
    name: str | None,
    pick: int,
    both: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Watch what is at an address.

    Finds the list of releases there, or the feed, shows what would be tracked and where it comes from, asks, and
    appends a [[newsroom]] to the configuration, whose comments and layout stay. A running daemon picks it up by itself.
    """
    wanted = asked(addresses, listed)
    config = shell.config()
    _check_use(shell, config, len(wanted), name, pick, quiet=yes or as_json)
    rows = run_alone(_explored(shell, config, wanted, pick))
    name_all(rows, config, name, pick, twice=yes and len(wanted) == 1)
    found = [row for row in rows if row.outcome == "found"]
    if not as_json:
        _print(rows, pick)
    if found and (yes or (not as_json and _confirmed(config, found))):
        _write(config, found, pick, both=both)
    if as_json:
        print_json([_shape(row, pick) for row in rows])
    elif any(row.outcome == "added" for row in rows):
        _print_next(config, found)
    if any(row.outcome == "failed" for row in rows):
        raise click.exceptions.Exit(1)


def _check_use(shell: Shell, config: Config, asked_for: int, name: str | None, pick: int, *, quiet: bool) -> None:
    if asked_for > 1 and (name is not None or pick > 1):
        raise click.UsageError("--id and --pick go with one address; add the others by themselves.")
    if name is not None and not SAFE_NAME.fullmatch(name):
        raise click.UsageError(
            f"--id {name!r} cannot name a file; use lower-case letters, digits, '.', '_', '-',"
            " the first a letter or digit."
        )
    if name is not None and config.newsroom(name) is not None:
        raise click.UsageError(f'--id "{name}" is taken: each newsroom needs its own.')
    if not quiet and not shell.asks():
        raise click.UsageError("There is no terminal to ask on: --yes writes without asking, --json only shows.")


async def _explored(shell: Shell, config: Config, wanted: Iterable[Row], pick: int) -> list[Row]:
    import asyncio  # noqa: PLC0415 - heavy

    from crawler.crawl import CrawlStopped  # noqa: PLC0415 - likewise

    known = watched(config)
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(row: Row, fetch: Fetch) -> Row:
        if row.outcome == "failed":
            return row
        address = row.address
        if name := known.find(address):
            return Row(address, "watched", name)
        async with turns:
            if sys.stderr.isatty():
                click.echo(f"Reading {address} …", err=True)
            return await _explore(address, fetch, shell, pick)

    try:
        async with shell.browse(config, shell.clock) as fetch:
            return await asyncio.gather(*(one(row, fetch) for row in wanted))
    except CrawlStopped as error:
        raise click.ClickException(f"{error}; try again") from error


async def _explore(address: str, fetch: Fetch, shell: Shell, pick: int) -> Row:
    from scheduler.commands.explore import Unreadable, explore  # noqa: PLC0415 - brings the parsers

    try:
        finding = await explore(address, fetch, shell.clock(), pick=pick)
    except Unreadable as error:
        return Row(address, "failed", reason=error.reason, instead=error.instead, hints=_hints(address, error))
    if pick > len(finding.proposals):
        count = len(finding.proposals)
        lists = "one list was" if count == 1 else f"{count} lists were"
        hint = f"leave --pick out, or see what else the page holds: presswatch preview --why {address}"
        return Row(address, "failed", reason=f"--pick {pick}: only {lists} found", hints=(hint,))
    return Row(address, finding=finding)


def _hints(address: str, error: Unreadable) -> tuple[str, ...]:
    """The ways out where nothing at an address can be watched; a refusal names its own."""
    if error.instead:
        return tuple(f"it offers a feed that can be read: presswatch add {feed}" for feed in error.instead)
    if error.refused:
        return ()
    if not error.reached:
        return ("check the address for a slip, and whether a browser opens it; if so, try again later",)
    other = "look for the page that lists the releases themselves, or its feed"
    return (f"{other}; what a page holds tells: presswatch preview {address}",)


def _table(row: Row, pick: int, *, both: bool) -> dict[str, Any]:
    """The newsroom as the file says it. The best list is inferred again at the first visit; another one is written."""
    from scheduler.configedit import selectors_of  # noqa: PLC0415 - only what writes needs it

    table: dict[str, Any] = {"id": row.name, "url": row.address}
    if both and row.finding is not None and row.finding.feed is not None:
        table["feed"] = row.finding.feed.offer.url
    if row.finding is not None and pick > 1:
        table["recipe"] = selectors_of(row.finding.proposals[pick - 1].recipe)
    return table


def _confirmed(config: Config, found: Sequence[Row]) -> bool:
    what = f"Watch it as {found[0].name}?" if len(found) == 1 else f"Watch these {len(found)} newsrooms?"
    if click.confirm(f"\n{what} It is added to {config.path}"):
        return True
    click.echo("Nothing was written.")
    return False


def _write(config: Config, found: Sequence[Row], pick: int, *, both: bool) -> None:
    from scheduler.configedit import EditError, rewrite, with_newsrooms  # noqa: PLC0415 - only what writes needs it

    tables = [_table(row, pick, both=both) for row in found]
    try:
        rewrite(config.path, lambda text: with_newsrooms(text, tables))
    except EditError as error:
        raise click.ClickException(f"Nothing was written: {error}") from error
    for row in found:
        row.outcome = "added"


def _print(rows: Iterable[Row], pick: int) -> None:
    from scheduler.commands.tracked import print_finding  # noqa: PLC0415 - JSON needs none

    for number, row in enumerate(rows):
        if number and row.outcome != "failed":
            click.echo()
        if row.outcome == "watched":
            as_what = "is the same newsroom as" if row.reason else "is already watched as"
            line((text(row.address), "strong"), (f"  {as_what} {row.name}{row.reason and f'; {row.reason}'}", None))
            for hint in row.hints:
                line((text(hint), None), indent=2)
        elif row.finding is not None and row.name is not None:
            print_finding(row.finding, pick, row.name)
        else:
            click.echo(f"{text(row.place or row.address)}: {text(row.reason)}", err=True)
            for hint in row.hints:
                click.echo(f"  {text(hint)}", err=True)


def _print_next(config: Config, added: Sequence[Row]) -> None:
    names = " ".join(str(row.name) for row in added)
    click.echo(f"\nAdded to {config.path}: {names}")
    click.echo(f"A running daemon reads it by itself; without one: presswatch check {names}")


def _shape(row: Row, pick: int) -> dict[str, Any]:
    finding = row.finding
    return {
        "address": row.address,
        "outcome": row.outcome,
        "newsroom": row.name,
        "url": finding.url if finding else None,
        "reason": f"{row.place}: {row.reason}" if row.place else row.reason,
        "instead": list(row.instead),
        **(finding_shape(finding, pick) if finding and row.outcome in {"found", "added"} else {}),
    }
