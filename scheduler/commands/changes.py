"""`presswatch changes`: the changes in the record."""

from __future__ import annotations

from datetime import datetime

import click

from scheduler.commands.printing import print_change, print_json_rows
from scheduler.commands.shell import (
    NOTHING_YET,
    Shell,
    Since,
    json_option,
    must_know,
    must_know_newsroom,
    pass_shell,
    reading,
)
from storage.records import Kind


@click.command(
    epilog="""\b
Examples:
  presswatch changes --since 2d
  presswatch changes --kind withdrawn --since 2026-11-01
  presswatch changes --newsroom amnesty-ca-russia --json"""
)
@click.option("--newsroom", metavar="ID", help="Only of this newsroom.")
@click.option("--kind", metavar="KIND", help="Only of this kind.")
@click.option("--since", type=Since(), help="Only from then on: 2026-11-20 (UTC), an ISO instant, or 2d, 12h ago.")
@json_option
@pass_shell
def changes(shell: Shell, newsroom: str | None, kind: str | None, since: datetime | None, as_json: bool) -> None:
    """What changed: one entry a change, oldest first.

    Kinds of a release: new, edited, moved, withdrawn, unlisted, restored. Kinds of a newsroom: baseline,
    layout_changed, broken, recovered, gap, silent.
    """
    if kind is not None:
        must_know(kind, Kind, "kind of change")
    config = shell.config()
    with reading(config) as store:
        must_know_newsroom(newsroom, config, store)
        wanted = Kind(kind) if kind else None
        found = [] if store is None else store.changes(newsroom=newsroom, kind=wanted, since=since)
    if as_json:
        from scheduler.render.json_ import change_json  # noqa: PLC0415 - brings the digests' templates

        print_json_rows(map(change_json, found))
    elif store is None:
        click.echo(NOTHING_YET)
    elif not found:
        click.echo("No changes.")
    else:
        for change in found:
            print_change(change)
