"""`presswatch verify`: checks what is kept."""

from __future__ import annotations

import click

from scheduler.commands.printing import line, print_json_rows, text
from scheduler.commands.shell import NOTHING_YET, Shell, json_option, pass_shell


@click.command(
    epilog="""\b
Examples:
  presswatch verify
  presswatch verify --json"""
)
@json_option
@click.pass_context
@pass_shell
def verify(shell: Shell, ctx: click.Context, as_json: bool) -> None:
    """Check that the database, the digests and their chain are intact.

    Changes nothing. Prints one line a problem; exit code 1 where there is any.
    """
    config = shell.config()
    problems: list[str] = []
    if config.database.exists():
        problems = list(shell.checking().verify(config))
    if as_json:
        print_json_rows(problems)
    elif not config.database.exists():
        click.echo(NOTHING_YET)
    elif not problems:
        click.echo("Intact: the database, the digests and their chain.")
    for problem in () if as_json else problems:
        line((text(problem), "bad"))
    ctx.exit(1 if problems else 0)
