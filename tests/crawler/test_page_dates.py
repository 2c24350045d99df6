"""Dates that one entry does not tell alone: those beside it, above it, in its address, and what the page settles."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.listing import read_listing
from storage.records import Recipe

URL = "https://press.example.org/news/"
NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
D = date


def dates(
    body: str, entry: str = "li", *, lang: str = "en", url: str = URL, now: datetime | None = NOW
) -> list[object]:
    html = f'<html lang="{lang}"><body>{body}</body></html>'
    return [e.date for e in read_listing(Recipe(entry), html, url, now=now).entries]


def items(*texts: str) -> str:
    return "".join(
        f"<li><b>{text}</b> <a href='/r/{n}'>A title that says enough</a></li>" for n, text in enumerate(texts)
    )


A, B, C = (f"<li><a href='/r/{n}'>The {n} title of the list</a></li>" for n in ("first", "second", "third"))


# Days without a year on the line of the title


def listed(body: str, lang: str, recipe: Recipe) -> list[tuple[object, str]]:
    html = f'<html lang="{lang}"><body>{body}</body></html>'
    return [(e.date, e.title) for e in read_listing(recipe, html, URL, now=NOW).entries]


TITLES = ("Brug over de Vecht gaat weer open", "Haven krijgt een tweede sluis", "Raad kiest een nieuwe voorzitter")


@pytest.mark.parametrize(
    ("lang", "days"),
    [
        ("nl", ("27 februari", "3 februari", "19 januari")),
        ("nl", ("dinsdag 27 februari", "zaterdag 3 februari", "vrijdag 19 januari")),
        ("en", ("February 27", "February 3", "January 19")),
        ("ru", ("27 февраля", "3 февраля", "19 января")),
        ("ja", ("2月27日", "2月3日", "1月19日")),
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        "{day} – <a href='{at}'>{title}</a>",
        "{day}: <a href='{at}'>{title}</a>",
        "{day} | <a href='{at}'>{title}</a>",
        "{day} <a href='{at}'>{title}</a>",
        "({day}) <a href='{at}'>{title}</a>",
        "<a href='{at}'>{title}</a> ({day})",
        "<a href='{at}'>{day} – {title}</a>",
        "<a href='{at}'>{day}: {title}</a>",
        "<a href='{at}'>({day}) {title}</a>",
    ],
)
@pytest.mark.parametrize("recipe", [Recipe("li"), Recipe("li", "a")])
def test_a_day_without_a_year_beside_the_title_is_its_date(
    recipe: Recipe, form: str, lang: str, days: tuple[str, ...]
) -> None:
    rows = "".join(
        f"<li>{form.format(day=day, at=f'/r/{n}', title=title)}</li>"
        for n, (day, title) in enumerate(zip(days, TITLES, strict=True))
    )
    found = listed(f"<h2>2021</h2><ul>{rows}</ul>", lang, recipe)
    assert found == list(zip((D(2021, 2, 27), D(2021, 2, 3), D(2021, 1, 19)), TITLES, strict=True))


def test_a_day_that_one_title_is_about_is_no_date() -> None:
    titles = ("8 March – the day of the women in the ports", "Haven gets a second lock", "Council elects a new chair")
    rows = "".join(f"<li><a href='/r/{n}'>{title}</a></li>" for n, title in enumerate(titles))
    assert listed(f"<ul>{rows}</ul>", "en", Recipe("li")) == [(None, title) for title in titles]


def test_a_day_in_a_sentence_is_no_date() -> None:
    rows = "".join(
        f"<li><a href='/r/{n}'>The council met on {day} and spoke of the port</a></li>"
        for n, day in enumerate(("4 March", "27 February", "3 February"))
    )
    assert [day for day, _ in listed(f"<ul>{rows}</ul>", "en", Recipe("li"))] == [None] * 3


# Beside the entries


EACH_BEFORE = "".join(f"<div><i>{n} May 2021</i><ul>{entry}</ul></div>" for n, entry in ((3, A), (2, B), (1, C)))
EACH_AFTER = "".join(f"<div><ul>{entry}</ul><i>{n} May 2021</i></div>" for n, entry in ((3, A), (2, B), (1, C)))
STAMPS = "".join(f"<div><time datetime='2021-05-0{n}'></time><ul>{entry}</ul></div>" for n, entry in ((3, A), (2, B)))
SECTIONS = "".join(
    f"<section><h3>{head}</h3><ul>{entry}</ul></section>"
    for head, entry in (("Decisions of 3 May 2021", A), ("1 May 2021", B), ("Others", C))
)
TABLE = (
    "<table><tr><th colspan=2>3 May 2021</th></tr><tr><td>1</td><td><a href='/r/1'>The first of them</a></td></tr>"
    "<tr><td>2</td><td><a href='/r/2'>The second of them</a></td></tr></table>"
)
TERMS = (
    "<dl><dt>3 May 2021</dt><dd><a href='/r/1'>The first of them</a></dd><dt>1 May 2021</dt>"
    "<dd><a href='/r/2'>The second of them</a></dd><dd><a href='/r/3'>The third of them</a></dd></dl>"
)


@pytest.mark.parametrize(
    ("body", "entry", "days"),
    [
        (f"<ul><p>3 May 2021</p>{A}<p>2 May 2021</p>{B}<p>1 May 2021</p>{C}</ul>", "li", [3, 2, 1]),
        (f"<ul>{A}<p>3 May 2021</p>{B}<p>2 May 2021</p>{C}<p>1 May 2021</p></ul>", "li", [3, 2, 1]),
        (EACH_BEFORE, "li", [3, 2, 1]),
        (EACH_AFTER, "li", [3, 2, 1]),
        (STAMPS, "li", [3, 2]),
        (f"<h3>3 May 2021</h3><ul>{A}{B}</ul><h3>1 May 2021</h3><ul>{C}</ul>", "li", [3, 3, 1]),
        (f"<ul>{A}</ul><h3>3 May 2021</h3><ul>{B}</ul><h3>1 May 2021</h3><ul>{C}</ul>", "li", [None, 3, 1]),
        (SECTIONS, "li", [3, 1, None]),
        (TABLE, "tr", [3, 3]),
        (TERMS, "dd", [3, 1, 1]),
        (f"<h1>3 May 2021</h1><div><ul>{A}{B}{C}</ul></div>", "li", [3, 3, 3]),
        (f"<h2>3 May 2021</h2><ul>{A}{B}{C}</ul>", "li", [3, 3, 3]),
    ],
)
def test_a_date_beside_or_above_entries_is_theirs(body: str, entry: str, days: list[int | None]) -> None:
    assert dates(body, entry) == [day and D(2021, 5, day) for day in days]


@pytest.mark.parametrize(
    "body",
    [
        f"<h2>Latest news</h2><p>Last updated 3 May 2021</p><ul>{A}{B}{C}</ul>",
        f"<p>Monday, 3 May 2021</p><h2>Latest news</h2><ul>{A}{B}{C}</ul>",
        f"<h2>What became of the plan that the council made on 3 May 2021</h2><ul>{A}{B}{C}</ul>",
        f"<h2>May 2021</h2><ul>{A}{B}{C}</ul>",
        f"<ul><p>4 May 2021</p>{A}<p>3 May 2021</p>{B}<p>2 May 2021</p>{C}<p>1 May 2021</p></ul>".replace(" May", "/5")
        .replace("/5 2021", "/5/2021").replace("<p>4/5/2021", "<p>On 4/5/2021").replace("1/5", "x"),
    ],
)  # fmt: skip
def test_what_is_near_a_list_is_not_always_its_date(body: str) -> None:
    assert dates(body) == [None, None, None]


MENU = "<nav><ul>" + A + B + "</ul></nav>"
SIDE = f"<aside><h4>Useful places</h4><ul>{C}</ul></aside>"
TEASER = "<h2><a href='/n/{n}'>What the ministry did on day {n}</a></h2><p>{n} May 2021</p>"
TEASERS = [TEASER.format(n=n) for n in (9, 8, 7)]


@pytest.mark.parametrize(
    "between",
    [
        "<main>" + "".join(f"<div>{one}</div>" for one in TEASERS) + "</main>",
        "<main>" + "".join(f"<div>{one}</div>" for one in TEASERS).replace("h2", "b") + "</main>",
        f"<main><div>{TEASERS[0]}</div></main>",
        "".join(TEASERS),
        "<ul class=years><li><a href='/2021'>3 May 2021</a></li><li><a href='/2020'>4 May 2020</a></li></ul>",
    ],
)
def test_a_date_in_the_entries_of_another_list_is_not_that_of_the_next_one(between: str) -> None:
    assert dates(f"{MENU}{between}{SIDE}", "nav li, aside li") == [None, None, None]


def test_a_year_in_another_list_gives_none() -> None:
    years = "<ul class=years><li><a href='/a'>2021</a></li><li><a href='/b'>2020</a></li></ul>"
    rows = items("12 January", "5 January").replace("<li>", "<li class=r>")
    assert dates(f"{years}<ul>{rows}</ul>", "li.r") == [D(2024, 1, 12), D(2024, 1, 5)]


def test_a_heading_beside_a_link_heads_all_the_same() -> None:
    head = "<header><h3>{n} May 2021</h3><a href='/feed'>Follow</a></header>"
    body = f"{head.format(n=3)}<ul>{A}{B}</ul>{head.format(n=1)}<ul>{C}</ul>"
    assert dates(body) == [D(2021, 5, 3), D(2021, 5, 3), D(2021, 5, 1)]


def test_a_date_of_its_own_goes_before_the_headings() -> None:
    rows = items("3 May 2021", "2 May 2021")
    assert dates(f"<h2>9 May 2021</h2><ul>{rows}{A}</ul>") == [D(2021, 5, 3), D(2021, 5, 2), None]


# Years


def test_a_heading_gives_its_year_to_the_days_below_it() -> None:
    this = f"<h3>2023</h3><ul>{items('12 March', '5 January')}</ul>"
    body = f"{this}<h3>Press releases 2022</h3><ul>{items('1 December')}</ul>"
    for now in (NOW, None):
        assert dates(body, now=now) == [D(2023, 3, 12), D(2023, 1, 5), D(2022, 12, 1)]
    months = f"<h3>März 2022</h3><ul>{items('12. März', '30. April')}</ul>"
    assert dates(months, lang="de") == [D(2022, 3, 12), D(2023, 4, 30)]


def test_an_address_gives_its_year() -> None:
    body = "<ul><li><b>12 March</b> <a href='/2021/03/quay'>The quay is closed</a></li></ul>"
    assert dates(body, now=None) == [D(2021, 3, 12)]
    coming = "<ul><li><b>12 March</b> <a href='/2024/budget'>The budget is told</a></li></ul>"
    assert dates(coming) == [D(2023, 3, 12)]


@pytest.mark.parametrize(
    ("row", "day"),
    [
        ("<time datetime='2021-05-04'>May 4</time><a href='/q'>The quay is closed</a>", D(2021, 5, 4)),
        ("<time datetime='2022-01-01T02:00Z'>31 December</time><a href='/q'>The quay is closed</a>", D(2021, 12, 31)),
        ("<time datetime='2021-06-20'>4 May</time><a href='/q'>The quay is closed</a>", D(2021, 5, 4)),
        ("<b>4 May</b><a href='/2021/05/04/q'>The quay is closed</a>", D(2021, 5, 4)),
        ("<b>4 May</b><a href='/news-2021-05-05-q'>The quay is closed</a>", D(2021, 5, 4)),
        ("<b data-sort='20190329'>No. 20190329</b><b>4 May</b><a href='/q'>The quay is closed</a>", D(2023, 5, 4)),
    ],
)
def test_a_stamp_gives_its_year_to_the_day_it_stands_by(row: str, day: date) -> None:
    assert dates(f"<ul><li>{row}</li></ul>") == [day]


def test_a_list_that_fell_through_a_year_goes_on_before_it() -> None:
    shown = ["5 March", "8 January", "20 November", "3 June", "1 April", "9 March", "2 February", "28 December"]
    expected = [
        D(2024, 3, 5), D(2024, 1, 8), D(2023, 11, 20), D(2023, 6, 3), D(2023, 4, 1), D(2023, 3, 9), D(2023, 2, 2),
        D(2022, 12, 28),
    ]  # fmt: skip
    assert dates(f"<ul>{items(*shown)}</ul>") == expected
    pinned = ["3 June", "5 March", "8 January", "29 February"]
    assert dates(f"<ul>{items(*pinned)}</ul>") == [D(2023, 6, 3), D(2024, 3, 5), D(2024, 1, 8), D(2024, 2, 29)]


# Addresses


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2021/05/03/quay", D(2021, 5, 3)),
        ("/2021/5/3/", D(2021, 5, 3)),
        ("/news/2021-05-03-quay.html", D(2021, 5, 3)),
        ("/2021/may/03/quay", D(2021, 5, 3)),
        ("/2021/0503/c12.html", D(2021, 5, 3)),
        ("/202105/t20210503_81.html", D(2021, 5, 3)),
        ("/2021/05/quay", None),
        ("/2021/02/31/quay", None),
        ("/id/120210503", None),
        ("/?d=2021/05/03", None),
    ],
)
def test_a_whole_date_in_the_address_is_the_entrys(path: str, day: date | None) -> None:
    assert dates(f"<ul><li><a href='{path}'>The quay is closed</a></li></ul>") == [day]


def test_eight_digits_in_a_few_addresses_are_no_dates() -> None:
    hrefs = ["/a/20210503", "/b/quay", "/c/boat"]
    body = "".join(f"<li><a href='{href}'>The quay is closed</a></li>" for href in hrefs)
    assert dates(f"<ul>{body}</ul>") == [None, None, None]


def test_what_is_printed_goes_before_the_address() -> None:
    body = "<ul><li><b>4 May 2021</b> <a href='/2021/05/03/quay'>The quay is closed</a></li></ul>"
    assert dates(body) == [D(2021, 5, 4)]


# The order of day and month


def test_a_day_above_twelve_settles_the_order_of_all() -> None:
    assert dates(f"<ul>{items('03/04/2023', '25/03/2023')}</ul>") == [D(2023, 4, 3), D(2023, 3, 25)]
    assert dates(f"<p>Next hearing 30/06/2023</p><ul>{items('03/04/2023')}</ul>") == [D(2023, 4, 3)]
    mixed = dates(f"<ul>{items('03/04/2023', '25/03/2023', '03/25/2023')}</ul>", lang="en-GB")
    assert mixed == [None, D(2023, 3, 25), D(2023, 3, 25)]


@pytest.mark.parametrize(
    ("row", "day"),
    [
        ("<li><b>03/04/2023</b><a href='/2023/04/03/q'>The quay is closed</a></li>", D(2023, 4, 3)),
        ("<li><b>03/04/2023</b><a href='/2023/03/q'>The quay is closed</a></li>", D(2023, 3, 4)),
        ("<li><time datetime='2023-03-04T09:00Z'>03/04/2023</time><a href='/q'>The quay is closed</a></li>",
         datetime(2023, 3, 4, 9, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_what_stands_beside_a_date_settles_its_order(row: str, day: date) -> None:
    assert dates(f"<ul>{row}</ul>", lang="") == [day]


def test_the_order_of_the_list_settles_that_of_the_day() -> None:
    falling = ["02/04/2023", "11/03/2023", "05/03/2023", "09/02/2023", "01/02/2023"]
    expected = [D(2023, 4, 2), D(2023, 3, 11), D(2023, 3, 5), D(2023, 2, 9), D(2023, 2, 1)]
    assert dates(f"<ul>{items(*falling)}</ul>") == expected
    assert dates(f"<ul>{items(*falling)}</ul>", lang="en-US") == expected
    assert dates(f"<ul>{items(*falling[:3])}</ul>") == [None, None, None]


def test_one_date_out_of_order_hides_that_of_the_others_from_nobody() -> None:
    pinned = [
        "01/02/2023",
        "02/04/2023",
        "11/03/2023",
        "10/03/2023",
        "05/03/2023",
        "09/02/2023",
        "08/02/2023",
        "01/02/2023",
    ]
    assert dates(f"<ul>{items(*pinned)}</ul>", lang="en-US")[1] == D(2023, 4, 2)
    mixed = ["02/04/2023", "05/03/2023", "11/03/2023", "01/02/2023", "09/02/2023"]
    assert set(dates(f"<ul>{items(*mixed)}</ul>", lang="en-US")) == {None}
    assert dates(f"<ul>{items(*mixed)}</ul>", lang="en-GB")[0] == D(2023, 4, 2)


def test_what_would_lie_in_the_future_is_read_the_other_way() -> None:
    assert dates(f"<ul>{items('02/12/2023', '05/11/2024')}</ul>") == [None, None]
    assert dates(f"<ul>{items('11/02/2024', '03/01/2024')}</ul>") == [D(2024, 2, 11), D(2024, 1, 3)]


@pytest.mark.parametrize(
    ("lang", "url", "day"),
    [
        ("", "https://agency.example.gov/", D(2023, 3, 4)),
        ("en", "https://town.example.us/", D(2023, 3, 4)),
        ("en", "https://council.example.uk/", D(2023, 4, 3)),
        ("", "https://comune.example.it/", D(2023, 4, 3)),
        ("en-US", "https://stadt.example.de/", None),
        ("en", "https://city.example.ca/", None),
        ("en", "https://tool.example.io/", None),
        ("", "https://example.org/", None),
    ],
)
def test_the_region_settles_what_nothing_else_does(lang: str, url: str, day: date | None) -> None:
    assert dates(f"<ul>{items('03/04/2023')}</ul>", lang=lang, url=url) == [day]
