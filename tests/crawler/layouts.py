"""Simulated newsrooms in many layouts: the same releases, each written the way some template writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from random import Random

URL = "https://press.harbour.example/news/"
_WHO = [
    "Harbour office",
    "City council",
    "Ferry board",
    "Northern union",
    "Lamp inspectors",
    "Fishing guild",
    "Customs",
]
_DOES = ["opens talks on", "publishes figures for", "warns of delays at", "welcomes a ruling on", "names a chair for"]
_WHAT = ["the lower quay", "winter crossings", "the old signal tower", "net repairs", "the tide tables", "pilot exams"]
_STORY = "The board said that the work had been agreed on with everyone who moors there, and that it would start soon."


@dataclass(frozen=True, slots=True)
class News:
    """One release of the simulation."""

    number: int
    title: str
    day: date

    @property
    def path(self) -> str:
        return f"/news/{self.day:%Y/%m}/{self.number}-{self.title.lower().replace(' ', '-')[:30]}"

    @property
    def printed(self) -> str:
        return f"{self.day:%B} {self.day.day}, {self.day.year}"


def releases(count: int, seed: int = 7) -> list[News]:
    """Releases, oldest first, a few days apart, no two titles alike."""
    random = Random(seed)
    day = date(2023, 1, 9)
    made = []
    for number in range(101, count + 101):
        title = f"{random.choice(_WHO)} {random.choice(_DOES)} {random.choice(_WHAT)} in district {number}"
        made.append(News(number, title, day))
        day += timedelta(days=random.choice([0, 1, 1, 2, 3, 5]))
    return made


def page(main: str, head: str = "") -> str:
    """A page around a list: menus, a margin with what many read, tags, an archive of months, a footer."""
    menu = "".join(f'<li class="menu-item menu-item-{n}"><a href="/s/{n}">Section {n} of it</a></li>' for n in range(9))
    read = "".join(f'<li><a href="/blog/{n}">What people have read {n} times this week</a></li>' for n in range(40, 46))
    tags = "".join(f'<a rel="tag" href="/tag/{n}">topic {n}</a> ' for n in range(20))
    months = "".join(f'<li><a href="/archive/2022/{n:02d}">Month {n} of 2022</a> (4)</li>' for n in range(1, 13))
    return (
        f'<!doctype html><html lang="en"><head><title>News</title>{head}</head><body>'
        f'<header><nav><ul>{menu}</ul></nav></header><main id="content"><h1>News</h1>{main}</main>'
        f'<aside class="sidebar"><h3>Most read</h3><ul>{read}</ul><div class="tagcloud">{tags}</div>'
        f"<h3>Archive</h3><ul>{months}</ul></aside><footer><ul>{menu}</ul><p>© 2023 Harbour</p></footer></body></html>"
    )


def cards(news: Sequence[News]) -> str:
    """Each card is one link around everything."""
    inner = "".join(
        f'<div class="card"><a href="{n.path}"><p class="tag">Update</p><h3>{n.title}</h3><p>{_STORY}</p>'
        f'<p class="card-date">{n.printed}</p></a></div>'
        for n in news
    )
    return page(f'<div class="card-grid">{inner}</div>')


def rows_of_three(news: Sequence[News]) -> str:
    """Cards in rows, under utility classes and names that a build made up."""
    cols = [
        f'<div class="col-md-4 css-1x{n.number % 9}q8z"><article class="post-{n.number} teaser has-image"><h2>'
        f'<a href="{n.path}">{n.title}</a></h2><time datetime="{n.day}">{n.printed}</time></article></div>'
        for n in news
    ]
    rows = ["".join(cols[i : i + 3]) for i in range(0, len(cols), 3)]
    return page("".join(f'<div class="row mt-4">{row}</div>' for row in rows))


def pdf_table(news: Sequence[News]) -> str:
    """A table whose only links say "PDF"."""
    rows = "".join(
        f'<tr><td>{n.day:%d.%m.%Y}</td><td>{n.title}</td><td><a href="{n.path}.pdf">PDF</a></td></tr>' for n in news
    )
    return page(f"<table><tr><th>Date</th><th>Title</th><th>File</th></tr>{rows}</table>")


def dockets(news: Sequence[News]) -> str:
    """Rows that link by a number; the title stands in a column beside it."""
    rows = "".join(
        f'<tr class="{"odd" if n.number % 2 else "even"}"><td class="views-field views-field-title">'
        f'<a href="{n.path}">24-CF-{n.number:04d}</a></td><td class="views-field views-field-body">{n.title}</td>'
        f'<td class="views-field views-field-date">{n.printed}</td></tr>'
        for n in news
    )
    return page(f'<table class="views-table"><tbody>{rows}</tbody></table>')


def continued_rows(news: Sequence[News]) -> str:
    """Two rows a release: its title and date, then its story."""
    rows = "".join(
        f'<tr><td>{n.printed}</td><td><a href="{n.path}">{n.title}</a></td></tr><tr><td colspan=2>{_STORY}</td></tr>'
        for n in news
    )
    return page(f"<table>{rows}</table>")


def definitions(news: Sequence[News]) -> str:
    """A definition list: the date defines the title."""
    return page(
        "<dl>" + "".join(f'<dt>{n.printed}</dt><dd><a href="{n.path}">{n.title}</a></dd>' for n in news) + "</dl>"
    )


def headings(news: Sequence[News]) -> str:
    """Flat: a heading, a date, a paragraph, and so on, with nothing around them."""
    return page("".join(f'<h2><a href="{n.path}">{n.title}</a></h2><p>{n.printed}</p><p>{_STORY}</p>' for n in news))


def lines(news: Sequence[News]) -> str:
    """Flat: lines of one paragraph."""
    inner = "".join(f'{n.day:%m/%d/%Y} <a href="{n.path}">{n.title}</a><br>\n' for n in news)
    return page(f"<p>{inner}</p>")


def unclosed(news: Sequence[News]) -> str:
    """Rows and cells that nobody closed."""
    rows = "".join(f'<TR><TD>{n.day}<TD><FONT size=-1><A HREF="{n.path}">{n.title}</A>\n' for n in news)
    return page(f"<TABLE>{rows}</TABLE>")


def unlinked(news: Sequence[News]) -> str:
    """Entries that lead nowhere."""
    inner = "".join(
        f'<div class="notice"><h3>{n.title}</h3><div class="when">{n.printed}</div><p>{_STORY}</p></div>' for n in news
    )
    return page(f'<div class="notices">{inner}</div>')


def grouped(news: Sequence[News]) -> str:
    """Days as headings over the lists of their releases."""
    days = sorted({n.day for n in news}, reverse=True)
    return page(
        "".join(
            f'<h2>{day:%B} {day.day}, {day.year}</h2><ul class="day">'
            + "".join(f'<li><a href="{n.path}">{n.title}</a></li>' for n in news if n.day == day)
            + "</ul>"
            for day in days
        )
    )


def featured(news: Sequence[News]) -> str:
    """The newest release in a layout of its own, the others as a list."""
    top = news[0]
    rest = "".join(f'<li class="item-row"><a href="{n.path}">{n.title}</a> <em>{n.printed}</em></li>' for n in news[1:])
    return page(
        f'<section class="newsroom"><div class="hero"><h2><a href="{top.path}">{top.title}</a></h2>'
        f'<time datetime="{top.day}">{top.printed}</time><p>{_STORY}</p></div><ul class="list">{rest}</ul></section>'
    )


def next_data(news: Sequence[News]) -> str:
    """A page that a script fills from its own data."""
    menu = [{"title": f"Section {n}", "url": f"/s/{n}"} for n in range(6)]
    items = [{"headline": n.title, "publishedAt": f"{n.day}T08:00:00Z", "url": n.path} for n in news]
    data = json.dumps({"props": {"pageProps": {"menu": menu, "news": {"items": items}}}})
    script = f'<script id="__NEXT_DATA__" type="application/json">{data}</script>'
    return f'<html lang="en"><body><div id="__next"></div>{script}'


def json_ld(news: Sequence[News]) -> str:
    """An item list in JSON-LD on a page that shows nothing."""
    items = [
        {
            "@type": "ListItem",
            "item": {"@type": "NewsArticle", "name": n.title, "datePublished": str(n.day), "url": n.path},
        }
        for n in news
    ]
    graph = {"@context": "https://schema.org", "@graph": [{"@type": "ItemList", "itemListElement": items}]}
    return f'<html lang="en"><body><div id="app"></div><script type="application/ld+json">{json.dumps(graph)}</script>'


def escaped(news: Sequence[News]) -> str:
    """Articles of a blog: volatile classes, "read more", titles with marks in them."""
    inner = "".join(
        f'<article id="post-{n.number}" class="post-{n.number} post type-post category-c{n.number % 3} entry">'
        f'<h2 class="entry-title"><a href="{n.path}" rel="bookmark">{escape(n.title)} &amp; more</a></h2>'
        f'<span class="posted-on"><time datetime="{n.day}T09:00:00+00:00">{n.printed}</time></span>'
        f'<div class="entry-summary"><p>{_STORY}</p><a href="{n.path}">Read more</a></div></article>'
        for n in news
    )
    return page(f'<div class="posts">{inner}</div>')


LAYOUTS: dict[str, Callable[[Sequence[News]], str]] = {
    layout.__name__: layout
    for layout in (
        cards, rows_of_three, pdf_table, dockets, continued_rows, definitions, headings, lines, unclosed, unlinked,
        grouped, featured, next_data, json_ld, escaped,
    )
}  # fmt: skip
