"""`presswatch repair`: proposes a new recipe for a newsroom, proven against the releases that are known of it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from io import StringIO
from typing import TYPE_CHECKING

import click

from scheduler.commands.printing import print_json
from scheduler.commands.shapes import recipe_shape
from scheduler.commands.shell import NOTHING_YET, Shell, json_option, must_know, pass_shell, reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.web import Answer
    from scheduler.config import Config, NewsroomConfig
    from scheduler.recovery import Recovery
    from storage.records import Recipe, Release

_KNOWN = 500  # releases from the top of the list that a recipe is proven against: more than pages show


@dataclass(frozen=True, slots=True)
class _Proven:
    """A recipe, and how much of what is known it finds again."""

    recipe: Recipe
    recovery: Recovery


@click.command(
    epilog="""\b
Examples:
  presswatch repair ministry
  presswatch repair ministry --yes"""
)
@click.argument("newsroom", metavar="ID")
@click.option("--yes", is_flag=True, help="Write it into the configuration.")
@json_option
@pass_shell
def repair(shell: Shell, newsroom: str, yes: bool, as_json: bool) -> None:
    """Propose a new recipe for a newsroom that was redesigned.

    Reads its page now, infers the recipe anew, proves it against the releases that are known, and prints a patch to the
    configuration; --yes applies it. A recipe that finds too little again is refused.
    """
    config = shell.config(recipes=True)
    must_know(newsroom, (one.id for one in config.newsrooms), "newsroom")
    watched = next(one for one in config.newsrooms if one.id == newsroom)
    current, known = _remembered(config, watched)
    answer = shell.fetch(config, watched.url, shell.clock)
    best, others = _best(shell, watched, answer, known)
    now = _proven(shell, watched, answer, known, current) if current is not None else None
    if now is not None and now.recovery.enough and now.recovery.found >= best.recovery.found:
        _tell(newsroom, now, None, config, as_json=as_json, applied=False, patch="")
        return
    if not best.recovery.enough:
        raise click.ClickException(_refusal(watched, best, others))
    patch = _patch(config, newsroom, best.recipe)
    if yes:
        _apply(config, newsroom, best.recipe)
    _tell(newsroom, best, now, config, as_json=as_json, applied=yes, patch=patch)


def _remembered(config: Config, watched: NewsroomConfig) -> tuple[Recipe | None, Sequence[Release]]:
    """The recipe in use, and the releases that are known, in the order of the list."""
    with reading(config) as store:
        memory = None if store is None else store.newsroom(watched.id)
        known = [] if store is None or memory is None else store.top(watched.id, limit=_KNOWN)
    if memory is None or not known:
        why = NOTHING_YET if memory is None else "No release is known of it yet."
        raise click.ClickException(
            f"{watched.id}: there is nothing to prove a recipe by. {why}"
            f" What would be read: presswatch preview {watched.url}"
        )
    return watched.recipe or (memory.recipe if memory.url == watched.url else None), known


def _best(shell: Shell, watched: NewsroomConfig, answer: Answer, known: Sequence[Release]) -> tuple[_Proven, int]:
    """The list of the page that finds most again, the better one of equals, and how many others there are."""
    from scheduler.commands.explore import Unreadable, found_in  # noqa: PLC0415 - brings the parsers
    from scheduler.recovery import recovery  # noqa: PLC0415 - likewise

    try:
        finding = found_in(answer, watched.url, shell.clock(), timezone=watched.timezone)
    except Unreadable as error:
        raise click.ClickException(f"{watched.url}: {error.reason}") from error
    proven = [_Proven(one.recipe, recovery(known, one.listing)) for one in finding.proposals]
    return max(proven, key=lambda one: (one.recovery.enough, one.recovery.found)), len(proven) - 1


def _proven(shell: Shell, watched: NewsroomConfig, answer: Answer, known: Sequence[Release], recipe: Recipe) -> _Proven:
    from crawler.listing import read_listing  # noqa: PLC0415 - brings the parsers
    from scheduler.recovery import recovery  # noqa: PLC0415 - likewise

    listing = read_listing(
        recipe, answer.body, answer.url, encoding=answer.encoding, timezone=watched.timezone, now=shell.clock()
    )
    return _Proven(recipe, recovery(known, listing))


def _refusal(watched: NewsroomConfig, best: _Proven, others: int) -> str:
    from scheduler.recovery import ENOUGH  # noqa: PLC0415 - brings the parsers

    rest = f", and {others} other{'' if others == 1 else 's'} less" if others else ""
    return (
        f"{watched.id}: no recipe finds enough of what is known; nothing is proposed.\n"
        f"The best one ({best.recipe.entry}): {best.recovery.told()}; {ENOUGH:.0%} is asked for{rest}.\n"
        f"See what is on the page with `presswatch preview {watched.url} --why`, and write [newsroom.recipe] by hand;"
        " or the list has moved, and url has to change."
    )


def _patch(config: Config, newsroom: str, recipe: Recipe) -> str:
    """The edit of the configuration as a unified diff."""
    from scheduler.configedit import EditError, with_recipe  # noqa: PLC0415 - only what edits needs it

    before = config.path.read_bytes().decode("utf-8")
    try:
        after = with_recipe(before, newsroom, recipe)
    except EditError as error:
        raise click.ClickException(str(error)) from error
    told = unified_diff(_lines(before), _lines(after), fromfile=str(config.path), tofile=str(config.path))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in told)


def _lines(text: str) -> list[str]:
    return StringIO(text, newline="\n").readlines()


def _apply(config: Config, newsroom: str, recipe: Recipe) -> None:
    from scheduler.configedit import EditError, rewrite, with_recipe  # noqa: PLC0415 - only what edits needs it

    try:
        rewrite(config.path, lambda text: with_recipe(text, newsroom, recipe))
    except EditError as error:
        raise click.ClickException(f"Nothing was written: {error}") from error


def _tell(
    newsroom: str, proven: _Proven, before: _Proven | None, config: Config, *, as_json: bool, applied: bool, patch: str
) -> None:
    """The patch on stdout, where `patch` may take it from, and the proof beside it."""
    if as_json:
        print_json(
            {
                "newsroom": newsroom,
                "recipe": recipe_shape(proven.recipe),
                "entries": proven.recovery.entries,
                "by_address": proven.recovery.by_address,
                "by_title": proven.recovery.by_title,
                "retitled": proven.recovery.retitled,
                "share": round(proven.recovery.share, 3),
                "patch": patch,
                "applied": applied,
            }
        )
        return
    if before is not None:
        click.echo(f"{newsroom}: the recipe in use: {before.recovery.told()}.", err=True)
    click.echo(f"{newsroom}: the {'new recipe' if patch else 'recipe in use'}: {proven.recovery.told()}.", err=True)
    if not patch:
        click.echo(_readdressed(newsroom) if proven.recovery.readdressed else "There is nothing to repair.", err=True)
        return
    click.echo(patch, nl=False)
    click.echo(
        f"Written to {config.path}; a running daemon reads it by itself."
        if applied
        else f"Nothing was written: presswatch repair {newsroom} --yes does it.",
        err=True,
    )
    if proven.recovery.readdressed:
        click.echo(_readdressed(newsroom), err=True)


def _readdressed(newsroom: str) -> str:
    """What is true where every known release has another address: no recipe helps."""
    return (
        "The recipe reads the page, but every known release found on it has another address than before: no recipe can"
        " repair that, and visits stay suspect.\n"
        f"The way out: change `url` of {newsroom} in the configuration to where the list is now, or, where that is the"
        " same, to another spelling of it (#2 at its end will do); it starts again with a baseline, and what is known"
        " of it is kept."
    )
