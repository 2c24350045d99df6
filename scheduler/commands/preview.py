"""`presswatch preview`: what a recipe yields now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING

import click

from scheduler.commands.printing import cut, line, print_json, text
from scheduler.commands.shapes import day, entry_shape, recipe_shape
from scheduler.commands.shell import Shell, json_option, must_know, pass_shell, reading
from scheduler.commands.whys import explained, print_others, told_source, why_shape
from scheduler.config import Config, NewsroomConfig, choose

if TYPE_CHECKING:
    from scheduler.commands.whys import Why
    from storage.records import Entry, Listing, Recipe


@dataclass(frozen=True, slots=True)
class Subject:
    """What is previewed: a configured newsroom, or an address alone, with the recipe known of it."""

    url: str
    newsroom: NewsroomConfig | None = None
    recipe: Recipe | None = None

    @property
    def timezone(self) -> str | None:
        """That of the newsroom."""
        return self.newsroom.timezone if self.newsroom else None


@click.command(
    epilog="""\b
Examples:
  presswatch preview amnesty-ca-russia
  presswatch preview https://www.example.org/news
  presswatch preview https://www.example.org/news --why
  presswatch preview --html saved.html --url https://www.example.org/news
  presswatch preview amnesty-ca-russia --html saved.html --json"""
)
@click.argument("subject", required=False, metavar="[ID|URL]")
@click.option(
    "--html",
    type=click.File("rb"),
    metavar="FILE",
    help="Read this saved page instead of the network (- for standard input).",
)
@click.option("--url", metavar="URL", help="The address that the saved page was served at.")
@click.option("--why", is_flag=True, help="Tell where each value comes from, and which other lists there are.")
@json_option
@pass_shell
def preview(
    shell: Shell, subject: str | None, html: IO[bytes] | None, url: str | None, why: bool, as_json: bool
) -> None:
    """What the recipe yields now; changes nothing.

    For a newsroom's ID with its own recipe, else the one inferred before, else one inferred now; for a URL always one
    inferred now. With --html a saved page is read, without any network.
    """
    chosen = _chosen(shell, subject, url, saved=html is not None)
    if html is None:
        answer = shell.fetch(_config_or_default(shell), chosen.url, shell.clock)
        body, at, encoding = answer.body, answer.url, answer.encoding
    else:
        body, at, encoding = html.read(), chosen.url, None
    recipe, listing = _read(shell, chosen, body, at, encoding)
    told = explained(recipe, listing, body, encoding, shell.clock()) if why else None
    if as_json:
        print_json(
            {
                "newsroom": chosen.newsroom.id if chosen.newsroom else None,
                "url": at,
                "recipe": recipe_shape(recipe),
                "entries": [entry_shape(entry) for entry in listing.entries],
                "next": listing.next,
            }
            | ({"why": why_shape(told)} if told else {})
        )
    else:
        _print(recipe, listing, told, inferred=chosen.recipe is None)
    if not listing.entries:
        raise click.ClickException(
            f"No entries: nothing on the page fits {recipe.entry!r}. Is the recipe for this page?"
        )


def _chosen(shell: Shell, subject: str | None, url: str | None, *, saved: bool) -> Subject:
    if url is not None and not saved:
        raise click.UsageError("--url goes with --html FILE; to read from the network: presswatch preview URL")
    for address in (subject if subject and "://" in subject else None, url):
        if address is not None and not address.startswith(("http://", "https://")):
            raise click.UsageError(f"{address!r} is no web address; write for example https://www.example.org/news")
    if subject is None or "://" in subject:
        address = url or subject
        if address is None:
            raise click.UsageError(
                "--html needs --url URL too: links are relative to it."
                if saved
                else "Name a newsroom's ID or a URL; or a saved page: --html FILE --url URL."
            )
        return Subject(address)
    config = shell.config(recipes=True)
    must_know(subject, (newsroom.id for newsroom in config.newsrooms), "newsroom")
    newsroom = next(newsroom for newsroom in config.newsrooms if newsroom.id == subject)
    return Subject(url or newsroom.url, newsroom, newsroom.recipe or _inferred_before(config, newsroom))


def _inferred_before(config: Config, newsroom: NewsroomConfig) -> Recipe | None:
    with reading(config) as store:
        memory = None if store is None else store.newsroom(newsroom.id)
    return memory.recipe if memory is not None and memory.url == newsroom.url else None


def _config_or_default(shell: Shell) -> Config:
    """The configuration; the defaults where there is none yet and none was named: a URL can be tried before `init`."""
    path = choose(shell.path)
    if shell.path is None and not path.exists():
        return Config(path=path.absolute(), data_dir=path.absolute().parent / "data")
    return shell.config()


def _read(shell: Shell, subject: Subject, body: bytes, url: str, encoding: str | None) -> tuple[Recipe, Listing]:
    from crawler.listing import read_listing  # noqa: PLC0415 - brings the HTML parsers
    from scheduler.folder import Rules  # noqa: PLC0415 - brings what detection needs

    recipe = subject.recipe or _inferred(shell, subject, body, url, encoding)
    listing = read_listing(recipe, body, url, encoding=encoding, timezone=subject.timezone, now=shell.clock())
    if subject.recipe is not None and recipe.confidence is not None:
        recipe = replace(recipe, reasons=_reasons_now(recipe, listing))
    if subject.newsroom is not None:
        rules = Rules(include=subject.newsroom.include, exclude=subject.newsroom.exclude)
        kept = tuple(entry for entry in listing.entries if rules.watch(entry.title, entry.url or listing.url))
        listing = replace(listing, entries=kept)
    return recipe, listing


def _inferred(shell: Shell, subject: Subject, body: bytes, url: str, encoding: str | None) -> Recipe:
    from crawler.inference import NoListing, infer  # noqa: PLC0415 - brings BeautifulSoup

    try:
        return infer(body, url, encoding=encoding, timezone=subject.timezone, now=shell.clock())
    except NoListing as error:
        raise click.ClickException(f"{url}: no listing found: {error.reason}") from error


def _reasons_now(recipe: Recipe, listing: Listing) -> tuple[str, ...]:
    """What speaks for a recipe inferred before on the page as it is now; what did then may hold no longer."""
    from crawler.scoring import reasons  # noqa: PLC0415 - brings the parsers

    if not listing.entries:
        return ("It finds no entry now.",)
    if recipe.is_feed:
        count = len(listing.entries)
        return (f"It is a feed, with {count} {'entry' if count == 1 else 'entries'}.",)
    return reasons(listing) if recipe.data is None else reasons(listing, "in a script")


def _print(recipe: Recipe, listing: Listing, why: Why | None, *, inferred: bool) -> None:
    line((text(listing.url), "strong"))
    if recipe.confidence is None:
        line(("Recipe", None))
    elif inferred:
        line((f"Recipe, inferred now (confidence {recipe.confidence:.0%})", None))
    else:
        line((f"Recipe, inferred before (confidence then {recipe.confidence:.0%}); what it reads now:", None))
    for name, value in recipe_shape(recipe).items():
        if isinstance(value, str) or value is True:
            line((f"{name:<12}", "quiet"), (text(str(value).lower() if value is True else value), None), indent=2)
    for reason in recipe.reasons:
        line((text(reason), "quiet"), indent=2)
    for number, entry in enumerate(listing.entries, start=1):
        _print_entry(number, entry)
        for field, source in (why.sources[number - 1] if why else {}).items():
            line((f"{field:<8} ", "quiet"), (told_source(source), "quiet"), indent=6)
    count = len(listing.entries)
    dated = sum(entry.date is not None for entry in listing.entries)
    linked = sum(entry.url is not None for entry in listing.entries)
    line((f"\n{count} entries, {dated} with a date, {linked} with a link.", None))
    line((f"Next page: {text(listing.next)}" if listing.next else "No next page.", None))
    if why:
        print_others(why, recipe)


def _print_entry(number: int, entry: Entry) -> None:
    kind = f"  {text(entry.kind)}" if entry.kind else ""
    line((f"\n{number:>3} ", "quiet"), (day(entry.date) or "undated", None), (kind, "quiet"))
    line((text(entry.title) or "(no title)", "strong"), indent=4)
    line((text(entry.url) if entry.url else "(no link of its own)", None), indent=4)
    for value in (entry.caption, entry.summary):
        if value:
            line((cut(value), "quiet"), indent=4)
