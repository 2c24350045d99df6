"""`include` and `exclude`: what is folded and what a preview shows go by the same rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.recipes import AMNESTY_CA
from scheduler.cli import main
from scheduler.folder import Rules
from scheduler.watch import Watch
from storage.records import Kind
from storage.store import Store
from tests.scheduler.rooms import Clock, Rooms, config_of, watched

SITE = "https://News.Example.org"
SHOWN = [(f"The title of {name}", f"{SITE}/news/{name}") for name in ("Russia", "ukraine", "chile")]


@pytest.mark.parametrize(
    ("include", "exclude", "names"),
    [
        ((), (), ["Russia", "ukraine", "chile"]),
        (("/news/russia",), (), ["Russia"]),
        (("/NEWS/UK",), (), ["ukraine"]),
        (("TITLE OF CHILE",), (), ["chile"]),
        (("*/News/?h*",), (), ["chile"]),
        (("*of [ru]*",), (), ["Russia", "ukraine"]),
        ((), ("ukr", "russia"), ["chile"]),
        (("/news/",), ("*chile",), ["Russia", "ukraine"]),
        (("nothing",), (), []),
    ],
)
def test_match_addresses_and_titles_in_whatever_case(
    include: tuple[str, ...], exclude: tuple[str, ...], names: list[str]
) -> None:
    rules = Rules(include=include, exclude=exclude)
    assert [title.rsplit(" ", 1)[1] for title, url in SHOWN if rules.watch(title, url)] == names


@pytest.mark.parametrize(
    "filters", [{"include": ["/NEWS/OPEN", "HOMES"]}, {"exclude": ["*/News/M*", "PROSECUTOR"]}, {"include": ["zzz"]}]
)
async def test_a_preview_shows_what_a_check_keeps(tmp_path: Path, filters: dict[str, list[str]]) -> None:
    rooms = Rooms(Clock(), alive=True)
    newsroom = watched(rooms, "a", **{name: tuple(patterns) for name, patterns in filters.items()})
    with Store.open(tmp_path / "data" / "presswatch.db") as store:
        report = await Watch(config_of(tmp_path, newsroom), store, rooms, rooms.clock).check((), lambda *_: None)
        assert [change.kind for change in report.changes] == [Kind.BASELINE]
        kept = {release.url for release, _ in store.releases("a")}
        visit = store.visit(report.seqs[0])
    assert visit is not None
    page = tmp_path / "page.html"
    page.write_bytes(visit.pages[0].body)
    recipe = "\n".join(
        f"{name} = {json.dumps(getattr(AMNESTY_CA, name))}"
        for name in ("entry", "title", "link", "date", "date_format", "kind", "summary", "next")
        if getattr(AMNESTY_CA, name) is not None
    )
    patterns = "\n".join(f"{name} = {json.dumps(found)}" for name, found in filters.items())
    config = tmp_path / "presswatch.toml"
    config.write_text(f'[[newsroom]]\nid = "a"\nurl = "{newsroom.url}"\n{patterns}\n[newsroom.recipe]\n{recipe}\n')
    result = CliRunner().invoke(main, ["--config", str(config), "preview", "a", "--html", str(page), "--json"])
    assert {entry["url"] for entry in json.loads(result.stdout)["entries"]} == kept
    assert len(kept) < len(visit.window[0].entries)
