"""Entries that no element holds: each begins at an element and goes on to the next one."""

from __future__ import annotations

from datetime import date

import pytest

from crawler import read_listing
from storage.records import Recipe

URL = "https://press.example.org/news/"
STORY = "The council said today that the lower quay will stay closed until the walls have been looked at by divers."


def read(body: str, entry: str, recipe: Recipe | None = None) -> list[tuple[str, str | None, date | None]]:
    named = recipe or Recipe(entry, runs_on=True)
    listing = read_listing(named, f'<html lang="en"><body>{body}</body></html>', URL)
    return [(e.title, e.url and e.url.rpartition("/")[2], e.date) for e in listing.entries]


def test_headings_and_what_follows_each() -> None:
    body = "".join(
        f'<h3><a href="/n/{n}">Headline number {n} of it</a></h3><p>{n} May 2021</p><p>{STORY}</p>' for n in (9, 8, 7)
    )
    found = read(f"<div id=x><p>What this is</p>{body}</div>", "#x > h3")
    assert found == [(f"Headline number {n} of it", str(n), date(2021, 5, n)) for n in (9, 8, 7)]


def test_definitions() -> None:
    body = "".join(f'<dt>{n} May 2021</dt><dd><a href="/n/{n}">Headline number {n}</a></dd>' for n in (9, 8))
    assert read(f"<dl>{body}</dl>", "dt") == [(f"Headline number {n}", str(n), date(2021, 5, n)) for n in (9, 8)]


@pytest.mark.parametrize("mark", ["<br>", "<hr>"])
def test_lines_parted_by_breaks_begin_before_the_first(mark: str) -> None:
    body = mark.join(f'{n} May 2021: <a href="/n/{n}">Headline number {n}</a>' for n in (9, 8, 7))
    found = read(f"<div id=x>{body}</div>", f"#x > {mark[1:3]}")
    assert found == [(f"Headline number {n}", str(n), date(2021, 5, n)) for n in (9, 8, 7)]


def test_rows_that_go_on_in_the_next_row() -> None:
    row = (
        '<tr><td>{0} May 2021</td><td><a href="/n/{0}">Headline number {0}</a></td></tr><tr><td colspan=2>{1}</td></tr>'
    )
    body = "".join(row.format(n, STORY) for n in (9, 8))
    listing = read_listing(Recipe("tr:has(a)", runs_on=True), f"<table>{body}</table>", URL)
    assert [(e.title, e.summary) for e in listing.entries] == [(f"Headline number {n}", STORY) for n in (9, 8)]


def test_the_last_entry_ends_with_the_list() -> None:
    body = "".join(f'<h3><a href="/n/{n}">Headline number {n}</a></h3><p>{n} May 2021</p>' for n in (9, 8))
    after = f"<div>Contact: {STORY}</div><p>{STORY}</p>"
    (_, last) = read_listing(Recipe("h3", runs_on=True), f"<main>{body}{after}</main>", URL).entries
    assert last.summary is None


def test_lists_under_several_parents() -> None:
    part = '<section><h2>{0}</h2><h3><a href="/n/{1}">Headline number {1}</a></h3><p>{1} May 2021</p></section>'
    found = read(part.format("News", 9) + part.format("Older", 8), "section > h3")
    assert found == [(f"Headline number {n}", str(n), date(2021, 5, n)) for n in (9, 8)]


def test_an_entry_never_goes_on_over_what_holds_the_next() -> None:
    body = (
        '<h3><a href="/n/9">Headline number 9</a></h3><p>9 May 2021</p>'
        '<div><h3><a href="/n/8">Headline number 8</a></h3><p>8 May 2021</p></div>'
    )
    assert [title for title, *_ in read(body, "h3")] == ["Headline number 9", "Headline number 8"]


def test_the_page_is_as_before_for_its_pager() -> None:
    body = "".join(f'<h3><a href="/n/{n}">Headline number {n}</a></h3>' for n in (9, 8))
    html = f'<main>{body}<div class="pager"><a class="next" href="?page=2">Next</a></div></main>'
    assert read_listing(Recipe("h3", runs_on=True), html, URL).next == f"{URL}?page=2"


def test_it_names_another_recipe() -> None:
    assert Recipe("h3").version != Recipe("h3", runs_on=True).version
    assert len({Recipe("h3").version, Recipe("h3", data="a").version, Recipe("h3", data="b").version}) == 3
    assert Recipe("h3").version == Recipe("h3", confidence=0.5).version
