"""`presswatch digest`: writes a digest now."""

from __future__ import annotations

import click

from scheduler.commands.shell import Shell, must_know, pass_shell, working


@click.command(
    epilog="""\b
Examples:
  presswatch digest
  presswatch digest daily"""
)
@click.argument("name", required=False)
@pass_shell
def digest(shell: Shell, name: str | None) -> None:
    """Write the digest of everything not yet reported.

    Writes the one named, else all, and prints the files. What a digest has carried is in none of its later issues.
    """
    config = shell.config()
    if name is not None:
        must_know(name, (digest.name for digest in config.digests), "digest")
    from scheduler.digestfiles import DigestError  # noqa: PLC0415 - brings the templates

    try:
        with working():
            written = shell.checking().write_digests(config, name)
    except DigestError as error:
        raise click.ClickException(str(error)) from error
    for path in written:
        click.echo(path)
    if not written:
        click.echo("Nothing to report, so nothing was written (skip_empty).")
