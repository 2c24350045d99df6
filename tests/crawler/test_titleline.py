"""Titles, and the links that go with them: what is told apart from numbers, dates, labels and words that lead on."""

from __future__ import annotations

import pytest

from crawler.listing import read_listing
from crawler.sentences import is_code
from storage.records import Entry, Recipe

URL = "https://court.example.org/opinions/"


def entries(body: str, entry: str = "tr", *, lang: str = "en", recipe: Recipe | None = None) -> tuple[Entry, ...]:
    html = f'<html lang="{lang}"><body>{body}</body></html>'
    return read_listing(recipe or Recipe(entry), html, URL).entries


def told(body: str, entry: str = "tr", *, lang: str = "en") -> list[tuple[str, str | None]]:
    return [
        (e.title, e.url and e.url.removeprefix("https://court.example.org")) for e in entries(body, entry, lang=lang)
    ]


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


# Numbers by which documents are filed


@pytest.mark.parametrize(
    "text",
    [
        "24-CF-0758", "2 CA-CR 2013-0296", "AG No. 77 (2015 T.)", "Docket No. 1498", "242 Md.App. 537", "103,672-8",
        "No. 25", "0819131", "IP/24/123", "C-123/45", "Nr. 45/2024",
        "2 CA-SA 2003-0107 - 2 CA-SA 2003-0108 (consolidated)",
    ],
)  # fmt: skip
def test_a_number_of_a_file_is_known(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "In re T.H. and S.H.-1", "Budget 2024", "Harbour 2030", "Mole v. Pier 9", "Covid-19 update", "2024 in review",
        "第12回総会", "Quay 5 reopens", "No news", "Agenda 2030",
    ],
)  # fmt: skip
def test_a_title_with_a_number_is_none(text: str) -> None:
    assert not is_code(text)


def test_the_case_name_is_the_title_and_the_number_leads_to_the_document() -> None:
    body = table(
        ("4 May 2021", "<a href='/d/1.pdf'>24-CF-0758</a>", "Mole v. Pier", "Judge Astrid Solm", "Affirmed"),
        ("3 May 2021", "<a href='/d/2.pdf'>24-CF-0759</a>", "In re K.Y.", "Per Curiam", "Affirmed"),
        (
            "2 May 2021",
            "<a href='/d/3.pdf'>24-CF-0760</a>",
            "Harbour Board v. Lind &amp; Sons",
            "Judge Moor",
            "Reversed",
        ),
    )
    assert told(body) == [
        ("Mole v. Pier", "/d/1.pdf"), ("In re K.Y.", "/d/2.pdf"), ("Harbour Board v. Lind & Sons", "/d/3.pdf"),
    ]  # fmt: skip


def test_a_number_in_a_cell_called_title_is_no_title() -> None:
    body = "".join(
        f"<tr><td class='view-title'>25-{n}</td><td><a href='/d/{n}'>{name}</a></td></tr>"
        for n, name in ((371, "Mole v. Pier and others"), (372, "Estate of Lind v. Solm"))
    )
    assert told(f"<table>{body}</table>") == [
        ("Mole v. Pier and others", "/d/371"),
        ("Estate of Lind v. Solm", "/d/372"),
    ]


def test_a_number_stands_before_its_title_in_one_line() -> None:
    name = "Anna Mole, s/k/a Ann Mole v. City of Pier"
    body = f"<p><a href='/d/1.pdf'>1160121</a> <b>{name}</b> 10/21/2013<br>The court did not err.</p>"
    (entry,) = entries(body, "p")
    assert (entry.title, entry.url) == (name, "https://court.example.org/d/1.pdf")
    assert str(entry.date) == "2013-10-21"


def test_a_number_alone_is_a_title_after_all() -> None:
    assert told("<p><a href='/d/1'>Circular 12/2021</a></p><p><a href='/d/2'>Circular 13/2021</a></p>", "p") == [
        ("Circular 12/2021", "/d/1"), ("Circular 13/2021", "/d/2"),
    ]  # fmt: skip


# Words that many entries share


def test_what_every_entry_links_by_is_no_title_in_any_language() -> None:
    body = "".join(
        f"<li><span>{title}</span><br><a href='/d/{n}'>Lataa päätös tästä</a></li>"
        for n, title in ((1, "Satama suljetaan yöksi"), (2, "Laituri avataan jälleen"), (3, "Uusi päällikkö valittiin"))
    )
    assert told(body, "li", lang="fi") == [
        ("Satama suljetaan yöksi", "/d/1"), ("Laituri avataan jälleen", "/d/2"), ("Uusi päällikkö valittiin", "/d/3"),
    ]  # fmt: skip


def test_a_heading_that_leads_somewhere_is_a_title_though_all_say_the_same() -> None:
    body = "".join(
        f"<li><h3><a href='/d/{n}'>Daily briefing</a></h3><p>What was said on day {n} of it</p></li>" for n in range(4)
    )
    assert {title for title, _ in told(body, "li")} == {"Daily briefing"}


def test_a_subheading_in_every_entry_is_no_title() -> None:
    body = "".join(
        f"<li><div class=head><a href='/d/{n}'>{title}</a></div><h4>What will we do?</h4><p>We will see.</p></li>"
        for n, title in ((1, "Workshop on knots and ropes"), (2, "Workshop on lamps"), (3, "Workshop on old maps"))
    )
    assert [title for title, _ in told(body, "li")] == [
        "Workshop on knots and ropes", "Workshop on lamps", "Workshop on old maps",
    ]  # fmt: skip


# Cells


def test_a_cell_that_says_more_gives_what_opens_it() -> None:
    body = table(
        (
            "4 May 2021",
            "<a href='/a.pdf'>PDF</a>",
            "<span>Mole v. Pier</span> <a href='/x/1'>Case details</a><br>Related: Pier v. Mole",
        ),
        ("3 May 2021", "<a href='/b.pdf'>PDF</a>", "<span>Lind v. Solm</span> <a href='/x/2'>Case details</a>"),
        ("2 May 2021", "<a href='/c.pdf'>PDF</a>", "Estate of Moor v. Harbour <a href='/x/3'>Case details</a>"),
    )
    assert told(body) == [
        ("Mole v. Pier", "/a.pdf"),
        ("Lind v. Solm", "/b.pdf"),
        ("Estate of Moor v. Harbour", "/c.pdf"),
    ]


def test_what_a_column_is_called_tells_whether_it_holds_titles() -> None:
    rows = (
        ("1", "<a href='/1.pdf'>24-101</a>", "Mole v. Pier", "Whether a quay may be closed by night"),
        ("2", "<a href='/2.pdf'>24-102</a>", "Lind v. Solm", "How berths are shared between boats"),
        ("3", "<a href='/3.pdf'>24-103</a>", "In re Moor", "What a lamp at the end of a mole is for"),
    )
    names = ["Mole v. Pier", "Lind v. Solm", "In re Moor"]
    for heads in (("No.", "Docket", "Case name", "Text"), ("No.", "Docket", "Case", "Topics")):
        head = "<tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>"
        assert [title for title, _ in told(table(*rows).replace("<table>", f"<table>{head}"))] == names


def test_a_long_cell_gives_its_first_line() -> None:
    issues = "Whether the board may close the quay at night without hearing those who live on boats beside it. " * 4
    body = table(
        ("4 May 2021", "<a href='/a.mp4'>No. 15</a>", f"* Mole v. Pier<br><br>{issues}"),
        ("3 May 2021", "<a href='/b.mp4'>No. 16</a>", "In re Lind and Moor"),
        ("2 May 2021", "<a href='/c.mp4'>No. 17</a>", "Estate of Moor v. Harbour"),
    )
    assert [title for title, _ in told(body)] == ["Mole v. Pier", "In re Lind and Moor", "Estate of Moor v. Harbour"]


def test_short_lines_are_not_cut_at_their_abbreviations() -> None:
    body = table(("4 May 2021", "In re Pers. Restraint of Moor"), ("3 May 2021", "Lind v. Wash. Fine Boats"))
    assert [title for title, _ in told(body)] == ["In re Pers. Restraint of Moor", "Lind v. Wash. Fine Boats"]


# Dates and labels glued to a title


@pytest.mark.parametrize(
    ("inner", "title"),
    [
        ("<a href='/a'><b>17 October 2014</b> — Opinion of the harbour board</a>", "Opinion of the harbour board"),
        ("<a href='/a'>17 October 2014: Opinion of the harbour board</a>", "Opinion of the harbour board"),
        ("<h3><a href='/a'><time>17 October 2014</time> Boats and berths</a></h3>", "Boats and berths"),
        ("<i>29 March 2014</i> <a href='/a'>Mole v. Pier Boats, Inc. 3/29/14 CA1/2</a>", "Mole v. Pier Boats, Inc."),
        ("<i>29 March 2014</i> <a href='/a'>Mole v. Pier Boats CA3 filed 3/29/14</a>", "Mole v. Pier Boats CA3"),
        ("<i>29 March 2014</i> <a href='/a'>Mole v. Pier et al. 3/29/14</a>", "Mole v. Pier et al."),
        ("<i>29 March 2014</i> <a href='/a'>Weekly report, 28 March 2014</a>", "Weekly report, 28 March 2014"),
        ("<i>29 March 2014</i> <a href='/a'>Statement on 5 May 2014</a>", "Statement on 5 May 2014"),
        ("<i>29 March 2014</i> <a href='/a'>What was said at the meeting of 28/3/2014</a>",
         "What was said at the meeting of 28/3/2014"),
        ("<a href='/a'>* Boats and berths for all</a>", "Boats and berths for all"),
        ("<h3><a href='/a'>What the minister said:</a></h3>", "What the minister said:"),
    ],
)  # fmt: skip
def test_a_date_is_cut_off_a_title_but_not_out_of_a_sentence(inner: str, title: str) -> None:
    assert told(f"<li>{inner}<p>And so on.</p></li>", "li")[0][0] == title


@pytest.mark.parametrize(
    "inner",
    [
        "<a href='/a'><span class='tag'>Press release</span> Boats and berths for all</a>",
        "<h3><a href='/a'><span class='card-label'>Press release</span>: Boats and berths for all</a></h3>",
        "<h3><em class='kicker'>Press release</em> <a href='/a'>Boats and berths for all</a> (PDF, 2 MB)</h3>",
    ],
)
def test_a_label_glued_to_a_title_is_its_kind(inner: str) -> None:
    (entry,) = entries(f"<li>{inner}<p>And so on.</p></li>", "li")
    assert (entry.title, entry.kind) == ("Boats and berths for all", "Press release")


def test_a_heading_that_is_mostly_a_link_is_what_the_link_says() -> None:
    body = "<li><h3><a href='/a'>Boats and berths for all</a> by A. Lind (2024)</h3></li>"
    assert told(body, "li") == [("Boats and berths for all", "/a")]
    partly = "<li><h3>Boats, berths and all that is told of <a href='/a'>the quay</a></h3></li>"
    assert told(partly, "li") == [("Boats, berths and all that is told of the quay", "/a")]


def test_a_date_is_cut_off_what_a_selector_finds() -> None:
    (entry,) = entries("<li><b>4 May 2021 – Boats and berths</b></li>", recipe=Recipe("li", title="b"))
    assert entry.title == "Boats and berths"
    (entry,) = entries("<li data-t='4 May 2021 – Boats'>x</li>", recipe=Recipe("li", title="@data-t"))
    assert entry.title == "4 May 2021 – Boats"


# What is cut, folded or pictured


@pytest.mark.parametrize(
    "inner",
    [
        "<a href='/a' title='All of the long title is here'><img></a><h3><a href='/a'>All of the long ti...</a></h3>",
        "<img alt='All of the long title is here'><h3><a href='/a'>All of the long…</a></h3>",
        "<h2><button aria-expanded=false>All of the long title is here</button></h2><p>Some words of it.</p>",
        "<h3><a href='/a' aria-label='All of the long title is here'>All of the long title is here</a></h3>",
    ],
)
def test_a_title_is_told_whole_and_once(inner: str) -> None:
    assert told(f"<li>{inner}</li>", "li")[0][0] == "All of the long title is here"


# Links


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        (
            "<b>Boats and berths for all</b><br><a href='/x/bio'>Judge Solm</a> <a href='/d/1.docx'>Ruling</a>",
            "/d/1.docx",
        ),
        ("<b>Boats and berths for all</b><br><a href='/x/bio'>Judge Solm</a> <a href='/d/1'>24-0123</a>", "/d/1"),
        ("<b>Boats and berths for all</b><br><a href='/x/bio'>Judge Solm</a> <a href='/x/2'>Judge Moor</a>", None),
        ("<b>Boats and berths for all</b>", None),
    ],
)
def test_of_several_links_a_document_or_its_number_is_the_entrys(inner: str, url: str | None) -> None:
    assert told(f"<li>{inner}</li>", "li") == [("Boats and berths for all", url)]
