"""`presswatch search`: releases by their words."""

from __future__ import annotations

import click

from scheduler.commands.printing import print_json_rows
from scheduler.commands.releases import print_release
from scheduler.commands.shapes import release_shape
from scheduler.commands.shell import NOTHING_YET, Shell, json_option, must_know_newsroom, pass_shell, reading


@click.command(
    epilog="""\b
Examples:
  presswatch search harbour tunnel
  presswatch search "harbour tunnel" --newsroom ministry
  presswatch search --json strike"""
)
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@click.option("--newsroom", metavar="ID", help="Only of this newsroom.")
@json_option
@pass_shell
def search(shell: Shell, words: tuple[str, ...], newsroom: str | None, as_json: bool) -> None:
    """The releases whose title, summary or caption holds all words, newest first.

    Case and accents do not matter, and a word may go on: "strike" finds "strikes". Words in quotes stand in a row.
    """
    if not any(letter.isalnum() for word in words for letter in word):
        raise click.UsageError("There is no word to search for: give letters or digits.")
    config = shell.config()
    with reading(config) as store:
        must_know_newsroom(newsroom, config, store)
        found = () if store is None else store.search(words, newsroom)
        if as_json:
            print_json_rows(release_shape(release, in_window=shown) for release, shown in found)
        elif store is None:
            click.echo(NOTHING_YET)
        elif not sum(print_release(release, in_window=shown) for release, shown in found):
            click.echo("No release holds all of these words.")
