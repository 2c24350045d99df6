"""`presswatch demo`: the whole story on a local newsroom."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="""\b
Examples:
  presswatch demo
  presswatch demo /tmp/demo --open"""
)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--open", "open_browser", is_flag=True, help="Show the digest in a browser.")
def demo(folder: Path | None, open_browser: bool) -> None:
    """The whole story on a local newsroom, without a network.

    A newsroom of this machine publishes, edits, withdraws, moves and breaks down while it is watched; the digest that
    this leaves is named at the end. Everything stays in FOLDER, else in ./presswatch-demo.
    """
    from scheduler.demo import story  # noqa: PLC0415 - fetches: heavy

    try:
        story.run(folder or story.DEFAULT_FOLDER, click.echo, open_browser=open_browser)
    except story.StoryError as error:
        raise click.ClickException(str(error)) from error
