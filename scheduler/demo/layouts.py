"""The two layouts of the first newsrooms, rebuilt: listings, release pages, addresses, and what their entries show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from storage.records import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scheduler.demo.invention import LocalRelease

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MENU_LINKS = 120  # a large site's drop-down menus
_NOON_EASTERN = timezone(timedelta(hours=-5))


class Style(StrEnum):
    """Which content system a layout is of."""

    DRUPAL = "drupal"
    WORDPRESS = "wordpress"


class CaptionPlace(StrEnum):
    """Where a Drupal row shows its photo caption."""

    DATE = "date"  # on the date's own lines, inside div.submitted
    FIELD = "field"  # in a field of its own between date and teaser
    BODY = "body"  # before the first paragraph of the teaser


@dataclass(frozen=True, slots=True)
class Layout:
    """How a newsroom's pages look.

    `listing` and `feed` are paths. `headings`: rows have an h2; without, the only link is a "Read more".
    `summary_words` cuts longer summaries with "…". `size`: pages are filled with menus and scripts up to about so many
    bytes (the real ones have 57,000).
    """

    style: Style
    publisher: str
    per_page: int
    listing: str
    feed: str
    headings: bool = True
    caption_place: CaptionPlace = CaptionPlace.DATE
    summary_words: int | None = None
    size: int = 0


DRUPAL = Layout(Style.DRUPAL, "Lantern Rights Canada", 15, "/category/country/veldania", "/taxonomy/term/7213/all/feed")
WORDPRESS = Layout(Style.WORDPRESS, "Lantern USA", 12, "/news/", "/news/feed/", summary_words=70)


def clean(text: str) -> str:
    """One line of text: white space, no-break too, folded to single blanks."""
    return " ".join(text.split())


def first_sentence(text: str) -> str:
    """The text up to the first full stop, question or exclamation mark that ends a sentence, closing quote included."""
    found = re.match(r".+?[.!?][”’\"]?(?=\s|$)", clean(text))
    return found.group() if found else clean(text)


def printed(day: date) -> str:
    """The day as both layouts print it: `May 06, 2018`, whatever the locale."""
    return f"{MONTHS[day.month - 1]} {day.day:02}, {day.year}"


def release_path(layout: Layout, slug: str, kind: str) -> str:
    """The address within the newsroom at which the layout publishes a release."""
    if layout.style is Style.DRUPAL:
        return f"/news/{slug}"
    return f"/updates/{slug}/" if kind == "Update" else f"/press-releases/{slug}/"


def shown(layout: Layout, release: LocalRelease, position: int, base: str = "") -> Entry:
    """What the listing shows of a release: the truth that a reader of the page should find."""
    wordpress = layout.style is Style.WORDPRESS
    return Entry(
        title=clean(release.title) if wordpress or layout.headings else first_sentence(release.paragraphs[0]),
        url=base + release.path,
        date=release.day if release.dated else None,
        kind=release.kind if wordpress else None,
        summary=_summary(layout, release),
        caption=clean(release.caption) if release.caption else None,
        position=position,
    )


def _summary(layout: Layout, release: LocalRelease) -> str:
    if layout.style is Style.DRUPAL:
        return clean(" ".join([*release.paragraphs, release.subheading or ""]))
    words = " ".join(release.paragraphs).split()
    if layout.summary_words is None or len(words) <= layout.summary_words:
        return " ".join(words)
    return " ".join(words[: layout.summary_words]) + "…"


def page_number(layout: Layout, listing: str, path: str, query: Mapping[str, str]) -> int | None:
    """Which page of the list (from 0) an address asks for; None where it is no page of the list."""
    root = listing.rstrip("/")
    if path.rstrip("/") == root:
        asked = query.get("page", "0") if layout.style is Style.DRUPAL else "0"
        return int(asked) if re.fullmatch(r"\d{1,6}", asked) else 0
    found = re.fullmatch(re.escape(root) + r"/page/(\d{1,6})/?", path) if layout.style is Style.WORDPRESS else None
    return int(found.group(1)) - 1 if found and int(found.group(1)) > 0 else None


def page_path(layout: Layout, listing: str, number: int, query: Mapping[str, str]) -> str:
    """The address of a page of the list within the newsroom; other parts of the query are kept, as both systems do."""
    rest = {name: value for name, value in query.items() if name != "page"}
    path = listing
    if layout.style is Style.DRUPAL and number:
        rest = {**rest, "page": str(number)}
    elif number:
        path = f"{listing.rstrip('/')}/page/{number + 1}/"
    return path + ("?" + urlencode(rest) if rest else "")


def listing_page(
    layout: Layout,
    publisher: str,
    releases: Sequence[LocalRelease],
    *,
    base: str,
    listing: str,
    number: int,
    pages: int,
    query: Mapping[str, str],
    token: str = "",
) -> str:
    """One page of the list, whole HTML; `base` is the newsroom's absolute root, `number` counts from 0."""
    rows = [(release, shown(layout, release, position, base)) for position, release in enumerate(releases)]
    root = _root(layout, base)
    links = {
        at: root + page_path(layout, listing, at, query) for at in range(max(0, number - 4), min(pages, number + 5))
    }
    return _render(
        layout, "listing",
        publisher=publisher, base=base, root=root, rows=rows, number=number, pages=pages, links=links, token=token,
        first=root + page_path(layout, listing, 0, query), feed=root + layout.feed,
    )  # fmt: skip


def release_page(
    layout: Layout, publisher: str, release: LocalRelease, *, base: str, canonical: str, token: str = ""
) -> str:
    """A release's own page: og:title, JSON-LD with datePublished, the canonical link (absolute) and the text."""
    at = release.at or datetime(release.day.year, release.day.month, release.day.day, 12, tzinfo=_NOON_EASTERN)
    about = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": release.title,
        "datePublished": at.isoformat(),
        "mainEntityOfPage": canonical,
        "publisher": {"@type": "Organization", "name": publisher},
    }
    return _render(
        layout, "release",
        publisher=publisher, base=base, root=_root(layout, base), release=release, canonical=canonical, about=about,
        token=token,
    )  # fmt: skip


def message_page(layout: Layout, publisher: str, *, base: str, heading: str, words: str) -> str:
    """A page of the site that is neither list nor release: its front page, "Page not found"."""
    root = _root(layout, base)
    return _render(layout, "message", publisher=publisher, base=base, root=root, heading=heading, words=words, token="")


def wall_page(name: str, publisher: str) -> str:
    """What stands in front of a site: `challenge`, `consent`, `maintenance`, `js_shell` or `error`."""
    return _templates().get_template(f"{name}.html").render(publisher=publisher)


def feed(publisher: str, releases: Sequence[LocalRelease], *, base: str, listing: str) -> str:
    """The newsroom's RSS 2.0 feed of the given releases."""
    return (
        _templates()
        .get_template("feed.xml")
        .render(publisher=publisher, base=base, listing=base + listing, releases=releases, stamp=_feed_stamp)
    )


def _root(layout: Layout, base: str) -> str:
    """Drupal links within the host ("/news/…"), WordPress with the whole address."""
    return re.sub(r"^https?://[^/]*", "", base) if layout.style is Style.DRUPAL else base


def _feed_stamp(release: LocalRelease) -> str:
    # RFC 822 wants English names, whatever the locale.
    day = release.day
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day.weekday()]
    return f"{weekday}, {day.day:02} {MONTHS[day.month - 1][:3]} {day.year} 12:00:00 -0500"


def _render(layout: Layout, page: str, **values: object) -> str:
    template = _templates().get_template(f"{layout.style}_{page}.html")
    bare = template.render(layout=layout, printed=printed, menu=(), filler="", **values)
    missing = layout.size - len(bare.encode())
    if missing <= 0:
        return bare
    # One menu entry is about 120 bytes in both layouts: at most a third of the filling, the rest is script.
    menu = [f"section-{n}" for n in range(min(_MENU_LINKS, missing // 360))]
    with_menu = template.render(layout=layout, printed=printed, menu=menu, filler="", **values)
    script = _script(max(0, layout.size - len(with_menu.encode())))
    return template.render(layout=layout, printed=printed, menu=menu, filler=script, **values)


@cache
def _script(size: int) -> Markup:
    line = "window.lantern=window.lantern||[];window.lantern.push({{slot:{0},width:640,lazy:true,when:'idle'}});\n"
    lines = (line.format(n) for n in range(size // 70 + 1))
    return Markup("".join(lines)[:size].rpartition("\n")[0])  # noqa: S704  # made here, of no one's text


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
