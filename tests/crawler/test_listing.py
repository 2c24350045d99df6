"""What read_listing decides where pages are odd: one small page a rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from crawler.listing import READER_VERSION, RecipeError, read_listing
from crawler.markup import decode, is_tangled
from crawler.sentences import first_sentence, is_read_more
from storage.records import Entry, Recipe

URL = "https://press.example.org/news/"


def one(inner: str, recipe: Recipe | None = None, *, lang: str = "en", timezone: str | None = None) -> Entry:
    html = f'<html lang="{lang}"><body><div class="e">{inner}</div></body></html>'
    (entry,) = read_listing(recipe or Recipe("div.e"), html, URL, timezone=timezone).entries
    return entry


def next_of(body: str, recipe: Recipe | None = None) -> str | None:
    return read_listing(recipe or Recipe("div.e"), f"<html><body>{body}</body></html>", URL).next


PROSE = "The council said today that the lower quay will stay closed until the walls have been looked at by divers."


def test_the_reader_has_a_version() -> None:
    assert READER_VERSION >= 1


# Recipes


@pytest.mark.parametrize(
    ("recipe", "named"),
    [
        (Recipe("div["), "entry selector 'div['"),
        (Recipe(""), "entry selector ''"),
        (Recipe("@class"), "entry selector '@class'"),
        (Recipe("div", title="h2 >>"), "title selector 'h2 >>'"),
        (Recipe("div", date="p::date"), "date selector 'p::date'"),
        (Recipe("div", link=""), "link selector ''"),
        (Recipe("div", next="@href"), "next selector '@href'"),
        (Recipe("div", summary="p\ud800"), "summary selector"),
    ],
)
def test_a_selector_that_is_none_is_named(recipe: Recipe, named: str) -> None:
    with pytest.raises(RecipeError, match="recipe's") as caught:
        read_listing(recipe, "<p>", URL)
    assert named in str(caught.value)


def test_attributes_are_read_from_elements_and_from_the_entry() -> None:
    html = """<div class="e" data-url="/a" data-day="2024-03-04"><b data-name="Name in an attribute">shown</b></div>"""
    recipe = Recipe("div.e", title="b@data-name", link="@data-url", date="@data-day")
    (entry,) = read_listing(recipe, html, URL).entries
    assert (entry.title, entry.url, entry.date) == (
        "Name in an attribute", "https://press.example.org/a", date(2024, 3, 4),
    )  # fmt: skip


def test_a_selector_may_name_the_entry_itself() -> None:
    (entry,) = read_listing(Recipe("a", link="a", title="a"), '<a href="/x">The link is all there is</a>', URL).entries
    assert (entry.title, entry.url) == ("The link is all there is", "https://press.example.org/x")


def test_the_first_match_with_a_value_counts() -> None:
    inner = """<p class="t"> </p><p class="t">Second is the title</p><i>Press</i><i>4 May 2021</i>"""
    entry = one(inner, Recipe("div.e", title=".t", date="i", kind="i"))
    assert (entry.title, entry.date, entry.kind) == ("Second is the title", date(2021, 5, 4), "Press")


def test_what_a_recipe_does_not_find_is_read_from_the_entry() -> None:
    inner = """<h2><a href="/a">Headline of it</a></h2><time datetime="2024-03-04">4 March</time>"""
    entry = one(inner, Recipe("div.e", title=".none", link=".none", date=".none", kind=".none", summary=".none"))
    assert (entry.title, entry.url, entry.date) == (
        "Headline of it", "https://press.example.org/a", date(2024, 3, 4),
    )  # fmt: skip


def test_a_match_inside_a_match_is_part_of_it() -> None:
    html = """<div><div><h2><a href="/a">First of two</a></h2><div>inner</div></div></div>
    <div><h2><a href="/b">Second of two</a></h2></div>"""
    entries = read_listing(Recipe("div"), html, URL).entries
    assert [(entry.title, entry.position) for entry in entries] == [("First of two", 0), ("Second of two", 1)]


def test_rows_that_say_nothing_are_no_entries() -> None:
    html = """<table><tr><th>Day</th><th>Title</th></tr><tr><td></td><td> </td></tr>
    <tr><td>4 May 2021</td><td><a href="/a">A row with a title</a></td></tr></table>"""
    entries = read_listing(Recipe("tr"), html, URL).entries
    assert [entry.title for entry in entries] == ["A row with a title"]


# Titles


@pytest.mark.parametrize(
    ("inner", "title"),
    [
        (f"<p>{PROSE}</p><h3>Background</h3><a href='/a'>Read more</a>", PROSE),
        (f"<h3>Heading without link</h3><p>{PROSE}</p><a href='/a'>Read more</a>", "Heading without link"),
        ("<h4>News</h4><h3><a href='/a'>The heading that links</a></h3>", "The heading that links"),
        (f"<div class='headline'>Named for its title</div><p>{PROSE}</p>", "Named for its title"),
        (f"<a href='/c'>Politics</a> <a href='/a'>The longest link is it</a><p>{PROSE}</p>", "The longest link is it"),
        ("<a href='/a' title='All of the long title is here'>All of the long…</a>", "All of the long title is here"),
        ("<a href='/a'><img alt='What the picture shows'></a>", "What the picture shows"),
        ("<a href='/a' aria-label='Label of the link'><img></a>", "Label of the link"),
        ("3 July 2018 – Ministers meet at the quay", "Ministers meet at the quay"),
        ("<span>Ti</span><span>tle</span> in <b>p</b>ieces<br>and lines", "Title in pieces"),
        ("<script>x()</script><style>y</style><p hidden>no</p>Only this is shown", "Only this is shown"),
        ("<p style='display: none'>no</p>Only this is shown", "Only this is shown"),
        ("<h2><a href='/a'>A &amp; B&nbsp;&lt;i&gt; &#8211; C</a></h2>", "A & B <i> – C"),
    ],
)  # fmt: skip
def test_titles(inner: str, title: str) -> None:
    assert one(inner).title == title


def test_a_hostile_title_is_cut() -> None:
    assert len(one(f"<h2>{'long ' * 100_000}</h2>", Recipe("div.e", title="h2")).title) <= 1000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two.", "One."),
        ("Mr. Solm met Dr. Lind. They spoke.", "Mr. Solm met Dr. Lind."),
        ("The U.S. Navy left. It rained.", "The U.S. Navy left."),
        ("J. K. Moor said no. Then yes.", "J. K. Moor said no."),
        ("At 3.5 metres it stops. Then not.", "At 3.5 metres it stops."),
        ("“Stop!” She ran.", "“Stop!”"),
        ("He said “no.” She left.", "He said “no.”"),
        ("Really? Yes.", "Really?"),
        ("On Jan. 5 it began. So it was.", "On Jan. 5 it began."),
        ("No stop at all", "No stop at all"),
        ("港が開いた。船が出た。", "港が開いた。"),
        ("said: and on", "said: and on"),
    ],
)
def test_first_sentences(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence


def test_an_endless_sentence_is_cut_and_says_so() -> None:
    sentence = first_sentence("word " * 1000)
    assert len(sentence) <= 400
    assert sentence.endswith("word…")


@pytest.mark.parametrize(
    "text",
    [
        "Read more", "Read more about the quay", "» Weiterlesen", "En savoir plus", "続きを読む", "PDF", "PDF (1.2 MB)",
        "…", "More →",
    ],
)  # fmt: skip
def test_words_that_only_lead_on_are_known(text: str) -> None:
    assert is_read_more(text)


@pytest.mark.parametrize(
    "text", ["More boats than berths", "Reading room reopens", "Here comes the tide", "Mehrere Boote"]
)
def test_titles_are_not_taken_for_them(text: str) -> None:
    assert not is_read_more(text)


# Links


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        ("<h2><a href='/a'>Heading with a link</a></h2><a href='/b'>Read more</a>", "/a"),
        ("<a href='/a'><h2>A link around everything</h2><p>4 May 2021</p></a>", "/a"),
        ("<h2>Heading without link</h2><a href='/c'>Topic</a><a href='/a'>Read more</a>", "/a"),
        ("<h2>Heading without link</h2><a href='/a'><img></a>", "/a"),
        ("<h2>Heading without link</h2><a href='/author/lind'>A. Lind</a>", None),
        (
            "<h2>Heading without link</h2><p>Words upon words upon words, and <a href='/a'>one</a> in a sentence.</p>",
            None,
        ),
        ("<h2><a href='/'>Root of the site</a></h2>", None),
        ("<h2><a href='/news/?utm_source=x#top'>The listing itself</a></h2>", None),
        ("<h2><a href='/cdn'>First</a></h2>", "/cdn"),
        ("<h2>No link anywhere</h2>", None),
        ("<h2>Shared</h2><a href='https://social.example/share?u=x'>Share</a>", None),
    ],
)
def test_links(inner: str, url: str | None) -> None:
    assert one(inner).url == (url and f"https://press.example.org{url}")


def test_a_link_around_the_entry_is_its_own() -> None:
    html = '<a href="/a"><div class="e">A title in a box in a link</div></a>'
    (entry,) = read_listing(Recipe("div.e"), html, URL).entries
    assert entry.url == "https://press.example.org/a"


# Dates, kinds, captions, summaries


@pytest.mark.parametrize(
    ("inner", "day"),
    [
        ("<h2>Title of it</h2><span class='entry-date'>4 May 2021</span>", date(2021, 5, 4)),
        ("<p>Posted 4 May 2021 by us</p><h2>Title of it</h2>", date(2021, 5, 4)),
        ("<h2>Title of it</h2><div><p>4 May 2021</p></div>", date(2021, 5, 4)),
        ("<h2>Title of it</h2><i data-date='2021-05-04'></i>", date(2021, 5, 4)),
        ("<h2>Title of it</h2><meta itemprop='datePublished' content='2021-05-04'>", date(2021, 5, 4)),
        ("<h2>Title of it</h2><time class='updated'>9 May 2021</time><time>4 May 2021</time>", date(2021, 5, 4)),
        ("<a href='/a'>Ministers meet at the quay (4 May 2021)</a>", date(2021, 5, 4)),
        ("<h2>Title of it</h2><div data-sort-value='2021-05-04'>May 4</div>", date(2021, 5, 4)),
        ("<h2>Title of it</h2><b class='date' title='2021-05-04'>4 days ago</b>", date(2021, 5, 4)),
        ("<h2>Title of it</h2><i class='deadline date'>9 May 2021</i><i class='date'>4 May 2021</i>", date(2021, 5, 4)),
        ("<b>Title of it in bold</b> 4 May 2021<br>And what it is about.", date(2021, 5, 4)),
        ("<h2>Title of it</h2><b>20190329</b><b>4 May 2021</b>", date(2021, 5, 4)),
        ("<h2>Title of it</h2><p>Hearing info: 9 May 2021</p><p>4 May 2021</p>", date(2021, 5, 4)),
        ("<h2>Title of it</h2><b>Deadline: 9 May 2021</b><b>4 May 2021</b>", date(2021, 5, 4)),
        ("<h2>Title of it</h2><p>Outcome told 14/5/2021</p>", date(2021, 5, 14)),
        ("<h2>Looking back on 4 May 2021</h2><p>No date is printed here at all.</p>", None),
        ("<h2>Title of it</h2><time datetime='soon'>later</time>", None),
    ],
)
def test_dates(inner: str, day: date | None) -> None:
    assert one(inner).date == day


def test_the_printed_day_wins_over_the_stamps() -> None:
    inner = "<h2>Title of it</h2><time datetime='2024-03-05T02:00:00Z'>March 4, 2024</time>"
    assert one(inner).date == date(2024, 3, 4)
    local = datetime(2024, 3, 4, 21, tzinfo=timezone(timedelta(hours=-5)))
    assert one(inner, timezone="America/Toronto").date == local
    same = "<h2>Title of it</h2><time datetime='2024-03-05T02:00:00Z'>5 March 2024</time>"
    assert one(same).date == datetime(2024, 3, 5, 2, tzinfo=UTC)
    ago = "<h2>Title of it</h2><time datetime='2024-03-05T02:00:00Z'>2 hours ago</time>"
    assert one(ago) == Entry("Title of it", None, datetime(2024, 3, 5, 2, tzinfo=UTC))


def test_days_in_either_order_are_left_open_unless_the_page_tells() -> None:
    rows = "".join(f"<p><b>{day}</b> A title of its own</p>" for day in ("03/04/2024", "05/04/2024"))
    recipe = Recipe("p", date="b")
    assert [e.date for e in read_listing(recipe, rows, URL).entries] == [None, None]
    told = rows + "<p><b>25/03/2024</b> A title of its own</p>"
    assert read_listing(recipe, told, URL).entries[0].date == date(2024, 4, 3)
    american = f'<html lang="en-US"><body>{rows}</body></html>'
    assert read_listing(recipe, american, URL).entries[0].date == date(2024, 3, 4)


@pytest.mark.parametrize(
    ("inner", "kind"),
    [
        ("<p class='card--tag'>Press Release</p><h2>Title of it</h2>", "Press Release"),
        ("<h2>Title of it</h2><a rel='category tag' href='/c'>Statements</a>", "Statements"),
        ("<span class='newsType'>Update</span><h2>Title of it</h2>", "Update"),
        ("<p class='vintage'>Press Release</p><h2>Title of it</h2>", None),
        ("<p class='tag'>4 May 2021</p><h2>Title of it</h2>", None),
        ("<div class='tag'><h2>Title of it</h2></div>", None),
    ],
)
def test_kinds(inner: str, kind: str | None) -> None:
    assert one(inner).kind == kind


@pytest.mark.parametrize(
    ("inner", "caption"),
    [
        ("<figure><img><figcaption>On the quay<br>Photo by A</figcaption></figure><h2>Title of it</h2>",
         "On the quay Photo by A"),
        ("<div class='image'><img> A photographer at dawn</div><h2>Title of it</h2>", "A photographer at dawn"),
        ("<p>Photo by A. Lind</p><h2>Title of it</h2>", "Photo by A. Lind"),
        ("<div class='date'>4 May 2021<br>Lanterns on the steps, on the night of the report</div><h2>Title of it</h2>",
         "Lanterns on the steps, on the night of the report"),
        ("<div class='date'>4 May 2021, by A. Lind and B. Moor</div><h2>Title of it</h2>", None),
        ("<img><div class='caption'><h2>Title of it</h2></div>", None),
        ("<h2>Title of it</h2>", None),
    ],
)  # fmt: skip
def test_captions(inner: str, caption: str | None) -> None:
    entry = one(f"{inner}<p>{PROSE}</p>")
    assert entry.caption == caption
    assert entry.summary == PROSE


@pytest.mark.parametrize(
    ("inner", "summary"),
    [
        (f"<h2>Title of it</h2><p>{PROSE}</p><p>And more.</p><h4>Background</h4>", f"{PROSE} And more. Background"),
        (f"<h2>Title of it</h2><p>{PROSE} <a href='/a'>Read more</a></p><p class='share'>Share this</p>", PROSE),
        (f"<h2>Title of it</h2><p>4 May 2021</p><div>{PROSE}</div>", PROSE),
        ("<h2>Title of it</h2><p>4 May 2021</p>", None),
        ("<p>The title is all there is to this entry.</p>", None),
    ],
)
def test_summaries(inner: str, summary: str | None) -> None:
    assert one(inner).summary == summary


def test_a_summary_selector_takes_every_match_once() -> None:
    inner = (
        "<h2>Title of it</h2><div class='s'>One <p class='s'>two</p></div><p class='s'>three <a href='/a'>More</a></p>"
    )
    assert one(inner, Recipe("div.e", summary=".s")).summary == "One two three"
    assert one("<h2>Title of it</h2><p data-s='told'></p>", Recipe("div.e", summary="p@data-s")).summary == "told"


# The next page


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ("<link rel='next' href='?page=2'>", URL + "?page=2"),
        ("<a rel='nofollow next' href='/news/page/2/'>Older</a>", URL + "page/2/"),
        ("<ul><li class='pager-next'><a href='?page=1'>next</a></li></ul>", URL + "?page=1"),
        ("<div class='next'><a class='next' href='?page=1'>next</a></div>", URL + "?page=1"),
        ("<a class='next' href='/news/'>next</a>", None),
        ("<a class='next' href='https://other.example/2'>next</a>", None),
        ("<a class='next' href='#'>next</a>", None),
        (
            "<a rel='next' href='http://press.example.org/news#2'>next</a><a class='next' href='?p=2'>2</a>",
            URL + "?p=2",
        ),
        ("<p>nothing</p>", None),
    ],
)
def test_next_pages(body: str, url: str | None) -> None:
    assert next_of(body) == url


def test_the_recipes_next_comes_first() -> None:
    body = "<a class='older' data-to='?page=9'>Older</a><a rel='next' href='?page=2'>2</a>"
    assert next_of(body, Recipe("div", next="a.older@data-to")) == URL + "?page=9"
    assert next_of(body, Recipe("div", next="a.none")) == URL + "?page=2"
    assert next_of("<p class='more'><a href='?page=3'>3</a></p>", Recipe("div", next="p.more")) == URL + "?page=3"


# Encodings


@pytest.mark.parametrize(
    ("html", "encoding", "text"),
    [
        ("é “x”".encode(), None, "é “x”"),
        ("é “x”".encode("cp1252"), None, "é “x”"),
        ("é “x”".encode("cp1252"), "iso-8859-1", "é “x”"),
        ("é “x”".encode(), "iso-8859-1", "é “x”"),
        ("é “x”".encode("utf-16"), "utf-8", "é “x”"),
        (b"\xef\xbb\xbf" + "é".encode(), "windows-1251", "é"),
        ("Привет".encode("cp1251"), "windows-1251", "Привет"),
        ("<meta charset=koi8-r>Привет".encode("koi8-r"), None, "<meta charset=koi8-r>Привет"),
        ("<meta charset=utf-16>é".encode(), None, "<meta charset=utf-16>é"),
        ("é".encode() + b"\xff", "utf-8", "é\ufffd"),
        ("日本".encode("shift_jis"), "shift_jis", "日本"),
        ("é".encode(), "shift_jis_no_such", "é"),
        ("é".encode(), "hex", "é"),
        ("日本é".encode(), "euc-kr", "日本é"),
        (b"\x81\x8d", None, "\ufffd\ufffd"),
        ("é \ud800", None, "é ?"),
    ],
)
def test_bytes_become_text(html: bytes | str, encoding: str | None, text: str) -> None:
    assert decode(html, encoding) == text


def test_markup_that_only_harms_has_no_entries() -> None:
    for html in ("<div class=e>" * 50_000, "<p>" + "".join(f"<b a{i}>" for i in range(2000)) + "</p>" + "<p>x" * 2000):
        assert is_tangled(html)
        assert read_listing(Recipe("div.e"), html, URL).entries == ()
    assert not is_tangled("<div><span><p><b>x</b></p></span></div>" * 5000)
    assert not is_tangled("<li><p>x<br><td>" * 5000)
    assert not is_tangled("<div><i class=x></i><table><tr><td></div></table></i></span></div>" * 3000)


def test_a_caption_in_a_box_under_the_date_is_not_the_title() -> None:
    caption = "Lanterns on the steps of the hall. The first copies were handed out that night, says the head of it."
    recipe = Recipe("div.e", date=".date", summary="p")
    inner = f"<div class='date'>4 May 2021</div><div><span>{caption}</span></div><p>{PROSE} So it was.</p>"
    for entry in (one(inner), one(inner, recipe)):
        assert (entry.title, entry.caption, entry.summary) == (PROSE, caption, f"{PROSE} So it was.")
    short = one("<div class='date'>4 May 2021</div><div>A title in a plain box</div><p>And a paragraph.</p>")
    assert (short.title, short.caption, short.summary) == (
        "A title in a plain box",
        None,
        "And a paragraph.",
    )


def test_a_link_in_a_figure_leads_to_the_text_beside_it() -> None:
    inner = (
        f"<figure><a href='/a'><img></a> On the quay</figure><figure><img></figure><h2>Title of it</h2><p>{PROSE}</p>"
    )
    assert one(inner).caption is None
    boxed = f"<span class='date-and-title'><a href='/a'>Title of it, 4 May 2021</a> in a box</span><p>{PROSE}</p>"
    assert one(boxed).date == date(2021, 5, 4)
