"""`presswatch run`: the daemon."""

from __future__ import annotations

import click

from scheduler.commands.shell import Shell, pass_shell, working


@click.command(
    epilog="""\b
Examples:
  presswatch run
  presswatch --config /etc/presswatch.toml run"""
)
@click.pass_context
@pass_shell
def run(shell: Shell, ctx: click.Context) -> None:
    """Keep watching: the daemon.

    Visits each newsroom when it is due and writes the digests, until Ctrl-C or SIGTERM. It picks up an edited
    configuration by itself. `presswatch status` works beside it.
    """
    path = shell.config(recipes=True).path
    with working():
        code = shell.daemon(path)
    ctx.exit(code or 0)
