"""`presswatch init`: writes a commented configuration."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from scheduler.commands.shell import Shell, pass_shell
from scheduler.config import FILE_NAME, named
from scheduler.starter import STARTER


@click.command(
    epilog="""\b
Examples:
  presswatch init
  presswatch --config ~/watch/presswatch.toml init"""
)
@pass_shell
def init(shell: Shell) -> None:
    """Write a commented presswatch.toml.

    It watches two newsrooms of Amnesty International and makes a daily digest; change it to your needs. The file is
    written where --config or PRESSWATCH_CONFIG say, else into this folder, and never over one that exists.
    """
    asked = named(shell.path)
    path = asked or Path(FILE_NAME)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(STARTER)
    except FileExistsError:
        raise click.ClickException(
            f"{path} exists and is left as it is; edit it, or name another place: presswatch --config PATH init"
        ) from None
    presswatch = f"presswatch --config {shlex.quote(str(path))}" if shell.path else "presswatch"
    click.echo(f"Wrote {path}\n\nNext:")
    steps = {
        f"edit {path}": "put your address under contact",
        f"{presswatch} add URL": "watch a newsroom of yours",
        f"{presswatch} preview amnesty-ca-russia": "see what would be read",
        f"{presswatch} check": "read once: the baseline",
        f"{presswatch} run": "keep watching, and write the digests",
    }
    width = max(map(len, steps))
    for number, (step, why) in enumerate(steps.items(), start=1):
        click.echo(f"  {number}. {step:<{width}}  {why}")
