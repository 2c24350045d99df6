"""`presswatch search`: releases by their words."""

from __future__ import annotations

import click

from scheduler.commands.releases import print_releases
from scheduler.commands.shell import Shell, json_option, pass_shell


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
    none = "No release holds all of these words."
    print_releases(shell, newsroom, lambda store: store.search(words, newsroom), as_json=as_json, none=none)
