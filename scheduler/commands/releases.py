"""`presswatch releases`: the releases in the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from scheduler.commands.printing import line, print_json_rows, text
from scheduler.commands.shapes import release_shape, standing
from scheduler.commands.shell import NOTHING_YET, Shell, json_option, must_know_newsroom, pass_shell, reading
from storage.records import Release

if TYPE_CHECKING:
    from storage.store import Store

_STYLES = {"withdrawn": "bad", "unlisted": "bad", "listed": "good"}


@click.command(
    epilog="""\b
Examples:
  presswatch releases
  presswatch releases --newsroom amnesty-ca-russia --json"""
)
@click.option("--newsroom", metavar="ID", help="Only of this newsroom.")
@json_option
@pass_shell
def releases(shell: Shell, newsroom: str | None, as_json: bool) -> None:
    """Every release ever seen, newest first.

    States: listed; rolled_off (no longer in the newest part of the list, as all releases come to be); withdrawn (taken
    down); unlisted (its page is still there, the list no longer names it); held (seen, waiting for a check).
    """
    print_releases(shell, newsroom, lambda store: store.releases(newsroom), as_json=as_json, none="No releases.")


def print_releases(
    shell: Shell,
    newsroom: str | None,
    find: Callable[[Store], Iterable[tuple[Release, bool]]],
    *,
    as_json: bool,
    none: str,
) -> None:
    """Prints the releases that are found in the record, each with whether the last window shows it, or says `none`."""
    config = shell.config()
    with reading(config) as store:
        must_know_newsroom(newsroom, config, store)
        found = () if store is None else find(store)
        if as_json:
            print_json_rows(release_shape(release, in_window=shown) for release, shown in found)
        elif store is None:
            click.echo(NOTHING_YET)
        elif not sum(_print_release(release, in_window=shown) for release, shown in found):
            click.echo(none)


def _print_release(release: Release, *, in_window: bool) -> int:
    """A release as a person reads it, on three lines; 1, so that they can be counted."""
    state = standing(release, in_window=in_window)
    day = "undated   " if release.date is None else release.date.isoformat()
    edits = f"  {release.revisions} revisions" if release.revisions > 1 else ""
    alone = "  in the feed alone" if release.feed_only else ""
    line((day, None), ("  " + state, _STYLES.get(state, "quiet")), (f"  {release.newsroom}{edits}{alone}", "quiet"))
    line((text(release.title), "strong"), indent=4)
    line((text(release.url), None), indent=4)
    return 1
