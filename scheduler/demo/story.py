"""The story of `presswatch demo`: two local newsrooms are watched while they publish, edit, withdraw and break."""

from __future__ import annotations

import json
import shutil
import webbrowser
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import tomlkit

from scheduler.demo.layouts import DRUPAL, WORDPRESS
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.script import CANADA, USA, Expected, Step, steps
from scheduler.demo.server import serving
from storage.records import Kind, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from scheduler.config import Config
    from storage.records import Change, Recipe, Visit

DEFAULT_FOLDER = Path("presswatch-demo")
MARKER = ".presswatch-demo"
DIGEST = "demo"
_OWN = (MARKER, "presswatch.toml", "data")
_CHECKS_AT_MOST = 3  # a release may have to be read back for, or looked at again, before its change is certain
_ALARMS = frozenset({Outcome.FAILED, Outcome.SUSPECT})


class StoryError(Exception):
    """The demo cannot be told: its folder is taken, or what presswatch noticed is not what was done."""


class Report(Protocol):
    """What one check did."""

    @property
    def visits(self) -> Sequence[Visit]:
        """Every visit, in order."""

    @property
    def changes(self) -> Sequence[Change]:
        """Every change they led to, in order."""


class Product(Protocol):
    """The parts of presswatch that the demo drives."""

    def check(self, config: Config) -> Report:
        """Visits every newsroom, looks where looks are due, and detects; what it did."""

    def write_digests(self, config: Config, name: str | None = None) -> list[Path]:
        """Writes the digest of everything not yet reported; the files."""


@dataclass(slots=True)
class _Telling:
    """The story as it is told: what was noticed so far, and every difference from the truth."""

    config: Config
    product: Product
    say: Callable[[str], None]
    bases: Mapping[str, str]
    noticed: list[Change]
    wrong: list[str]


def run(
    folder: Path, say: Callable[[str], None], *, open_browser: bool = False, product: Product | None = None
) -> Path:
    """Tells the whole story in `folder`, a line at a time to `say`, and returns the digest's HTML file.

    The folder is made, or replaced where an earlier demo made it. StoryError when it is someone else's, or, at the end,
    when anything that was noticed is not exactly what was done. `product` is presswatch itself unless given.
    """
    prepare(folder)
    canada = LocalNewsroom(DRUPAL, today=_today(), seed=1)
    usa = LocalNewsroom(WORDPRESS, today=_today(), seed=2)
    rooms = {CANADA: canada, USA: usa}
    with serving(canada) as canada_base, serving(usa) as usa_base:
        bases = {CANADA: canada_base, USA: usa_base}
        config = _configure(folder, {name: bases[name] + room.listing_path for name, room in rooms.items()})
        telling = _Telling(config, product or _presswatch(), say, bases, [], [])
        say("Two newsrooms were started on this machine; no network is needed.")
        for number, step in enumerate(steps(canada, usa), start=1):
            say("")
            say(f"{number:2}. {step.told}")
            _watch(telling, step)
        html = _digest(telling)
    say("")
    if telling.wrong:
        raise StoryError(
            f"{len(telling.wrong)} of the things noticed differ from what was done; they are marked above. "
            f"Please report this with the folder {folder}."
        )
    say("Everything that was done was noticed, once, and nothing else was.")
    say(f"The digest: {html}")
    if open_browser:
        webbrowser.open(html.as_uri())
    return html


def prepare(folder: Path) -> None:
    """Makes an empty folder for the demo with its marker; of an earlier demo's only what that made is removed.

    StoryError where the folder holds something else.
    """
    marker = folder / MARKER
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise StoryError(f"{folder} is not a folder; name another one for the demo.")
    if folder.is_dir() and any(folder.iterdir()) and not marker.is_file():
        raise StoryError(f"{folder} holds something that no demo made; name another folder, or move it away.")
    for name in _OWN if folder.is_dir() else ():
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text("Made by `presswatch demo`, which replaces presswatch.toml and data/ here.\n", encoding="utf-8")


def configuration(urls: Mapping[str, str], recipes: Mapping[str, Recipe]) -> str:
    """The demo's presswatch.toml: the newsrooms by id with their listing's URL and recipe, and one digest."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Written by `presswatch demo`. Its newsrooms live only while the demo does."))
    document.update(
        {"data_dir": "data", "contact": "demo@example.org", "allow_private_addresses": True}
        | {"confirm_after": "0s", "delay": "0s"}
    )
    newsrooms, digests = tomlkit.aot(), tomlkit.aot()
    for name, url in urls.items():
        recipe = recipes[name]
        names = ("entry", "title", "link", "date", "date_format", "kind", "summary", "caption", "next")
        selectors = {part: getattr(recipe, part) for part in names if getattr(recipe, part) is not None}
        newsrooms.append(tomlkit.item({"id": name, "url": url, "recipe": selectors}))
    digests.append(tomlkit.item({"name": DIGEST, "at": "07:00", "formats": ["html", "md"]}))
    document.update({"newsroom": newsrooms, "digest": digests})
    return tomlkit.dumps(document)


def _configure(folder: Path, urls: Mapping[str, str]) -> Config:
    from crawler.recipes import AMNESTY_CA, AMNESTY_USA  # noqa: PLC0415 - the module is importable without the product
    from scheduler.config import load  # noqa: PLC0415 - likewise

    path = folder / "presswatch.toml"
    path.write_text(configuration(urls, {CANADA: AMNESTY_CA, USA: AMNESTY_USA}), encoding="utf-8")
    return load(path)


def _presswatch() -> Product:
    from scheduler import check  # noqa: PLC0415 - fetches: heavy

    return check


def _today() -> date:
    return datetime.now(UTC).date()


def _watch(telling: _Telling, step: Step) -> None:
    """Checks until what was done is noticed, at most three times, then compares and tells."""
    expected = [e.at(telling.bases[e.newsroom]) for e in step.expected]
    seen: list[Change] = []
    visits: list[Visit] = []
    for _ in range(_CHECKS_AT_MOST if expected else 1):
        report = telling.product.check(telling.config)
        visits += report.visits
        seen += report.changes
        if not _missing(expected, seen):
            break
    telling.noticed += seen
    for line in _noticed(seen, visits):
        telling.say(f"    presswatch: {line}")
    differences = [f"missed: {e.told()}" for e in _missing(expected, seen)]
    differences += [f"not done: {_fact(change).told()}" for change in _surplus(expected, seen)]
    alarmed = {visit.newsroom for visit in visits if visit.outcome in _ALARMS}
    differences += [f"a visit to {name} was believed" for name in sorted(step.alarms - alarmed)]
    differences += [f"a visit to {name} was not believed" for name in sorted(alarmed - step.alarms)]
    for difference in differences:
        telling.say(f"    WRONG, {difference}")
    telling.wrong += differences


def _fact(change: Change) -> Expected:
    fields = change.detail.get("fields", ()) if change.kind is Kind.EDITED else ()
    return Expected(
        change.newsroom,
        change.kind,
        change.url,
        frozenset(fields),
        str(change.detail["from"]) if change.kind is Kind.MOVED and "from" in change.detail else None,
    )


def _missing(expected: Iterable[Expected], seen: Iterable[Change]) -> list[Expected]:
    left = [_fact(change) for change in seen]
    missing = []
    for fact in expected:
        if fact in left:
            left.remove(fact)
        else:
            missing.append(fact)
    return missing


def _surplus(expected: Iterable[Expected], seen: Iterable[Change]) -> list[Change]:
    left = list(expected)
    surplus = []
    for change in seen:
        if _fact(change) in left:
            left.remove(_fact(change))
        else:
            surplus.append(change)
    return surplus


def _noticed(seen: Sequence[Change], visits: Sequence[Visit]) -> Iterable[str]:
    for newsroom in dict.fromkeys(visit.newsroom for visit in visits):
        reasons = [f"{v.outcome}: {v.reason}" for v in visits if v.newsroom == newsroom and v.outcome in _ALARMS]
        if reasons:
            yield f"{newsroom} not believed ({reasons[0]})"
    for kind in dict.fromkeys(change.kind for change in seen):
        alike = [change for change in seen if change.kind is kind]
        names = [f"“{change.title}”" if change.title else change.newsroom for change in alike]
        more = [f"{len(names) - 2} more"] if len(names) > 3 else []
        yield f"{kind}: {'; '.join(names[:2] + more if more else names)}"
    if not seen:
        yield "no change"


def _digest(telling: _Telling) -> Path:
    telling.say("")
    telling.say("The digest of all this is written.")
    written = telling.product.write_digests(telling.config, DIGEST)
    html = next((path for path in written if path.suffix == ".html"), None)
    source = next((path for path in written if path.suffix == ".json"), None) or (html and html.with_suffix(".json"))
    if html is None or source is None:
        raise StoryError(f"no HTML digest was written, only {[str(path) for path in written]}")
    carried = sorted(change["id"] for change in json.loads(source.read_text(encoding="utf-8"))["changes"])
    if carried != sorted(change.id for change in telling.noticed):
        difference = f"the digest carries {len(carried)} changes, and {len(telling.noticed)} were noticed"
        telling.say(f"    WRONG, {difference}")
        telling.wrong.append(difference)
    return html
