"""The next page where a recipe names none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.listing import read_listing
from storage.records import Recipe

URL = "https://news.example/releases"
ENTRIES = "".join(f"<li class=e><h2><a href='/releases/{i}-slug'>Title of release {i}</a></h2></li>" for i in range(3))
SECOND = f"{URL}?page=2"


def following(markup: str, url: str = URL, recipe: Recipe | None = None, head: str = "") -> str | None:
    html = f"<html><head>{head}</head><body><div id=main><ul>{ENTRIES}</ul>{markup}</div></body></html>"
    return read_listing(recipe or Recipe("li.e"), html, url).next


@pytest.mark.parametrize(
    "label",
    [
        "Next", "next page", "Next »", "Older", "Older entries", "« Older posts", "Previous entries", "Next 20",
        "Earlier releases", "View next results", "Next (2 of 14)",
        "Weiter", "Nächste Seite", "Ältere Beiträge", "Nächste 10 Meldungen", "Suivant", "Page suivante", "Suiv.",
        "Communiqués plus anciens", "Siguiente", "Entradas anteriores", "Notas más antiguas", "Pagina successiva »",
        "Articoli meno recenti", "Próxima página", "Posts mais antigos", "Volgende", "Oudere berichten", "Nästa sida",
        "Äldre inlägg", "Næste side", "Eldre saker", "Seuraava", "Järgmine", "Næsta síða", "Nākamā lapa", "Kitas",
        "Następna strona", "Starsze wpisy", "Další stránka", "Ďalšia", "Следующая", "Следующая страница",
        "Предыдущие записи", "Старые публикации", "Наступна", "Следваща страница", "Sljedeća", "Naslednja",
        "Sonraki sayfa", "Daha eski haberler", "Következő oldal", "Pagina următoare", "Επόμενη σελίδα", "Següent",
        "Hurrengoa", "Berikutnya", "Trang sau", "次のページ", "次の20件", "過去の記事", "下一页", "下一頁",
        "다음 페이지",
        "التالي", "الصفحة التالية", "صفحه بعد", "העמוד הבא", "ถัดไป", "अगला",
    ],
)  # fmt: skip
def test_a_link_says_that_it_leads_on(label: str) -> None:
    assert following(f"<p><a href='?page=2'>{label}</a></p>") == SECOND
    assert following(f"<div class=pager><a href='?after=x7Gh'>{label}</a></div>") == f"{URL}?after=x7Gh"


@pytest.mark.parametrize(
    "label",
    [
        "Load more", "Show more news", "View more releases", "Mehr anzeigen", "Weitere Meldungen", "Afficher plus",
        "Voir plus d’actualités", "Ver más noticias", "Carica altri", "Mostrar mais", "Meer laden", "Visa fler",
        "Pokaż więcej", "Показать ещё", "Načíst další", "もっと見る", "加载更多", "더보기", "عرض المزيد",
    ],
)  # fmt: skip
def test_a_link_loads_more_where_its_address_is_that_of_the_next_page(label: str) -> None:
    assert following(f"<a href='?page=2'>{label}</a>") == SECOND
    assert following(f"<a href='/releases/archive'>{label}</a>") is None
    assert following(f"<div class=pager><a href='?topic=harbour'>{label}</a></div>") is None
    assert following(f"<a href='#'>{label}</a>") is None


@pytest.mark.parametrize(
    "link",
    [
        "<a href='/releases/page/2'>›</a><a href='/releases/page/9'>»</a>",
        "<a href='/releases/page/9'>»</a><a href='/releases/page/2'>›</a>",
        "<a href='/releases/page/1'>1</a><a href='/releases/page/2'><span>Next</span> →</a>",
        "<a href='/releases/page/2' aria-label='Next page'><svg></svg></a>",
        "<a href='/releases/page/2' title='Older releases'>…</a>",
        "<a href='/releases/page/2'><img alt='next'></a>",
        "<a href='/releases/page/2'><img src='/icons/next_page.gif'></a>",
        "<a class=nextpostslink href='/releases/page/2'><i class=icon></i></a>",
        "<li class=pager__item--next><a href='/releases/page/2'>jatkuu</a></li>",
        "<div class=nav-previous><a href='/releases/page/2'>← kongxi</a></div>",
        "<span class=current>1</span> <a href='/releases/page/2'>2</a> <a href='/releases/page/3'>3</a>",
        "<a href='/releases'>1</a> <a href='/releases/page/2'>2</a> <a href='/releases/page/3'>3</a>",
        "<b>1</b> <a href='/releases/page/2'>2</a> … <a href='/releases/page/30'>30</a>",
        "Pages: [<strong>1</strong>] <a href='/releases/page/2'>2</a> <a href='/releases/page/3'>3</a>",
        "Page 1 | <a href='/releases/page/2'>2</a> | <a href='/releases/page/3'>3</a>",
        "<a href='/releases/page/2'>2</a> <a href='/releases/page/3'>3</a> <a href='/releases/page/4'>4</a>",
        "<a href='/releases/page/11'>Next 10 pages</a> 1 <a href='/releases/page/2'>2</a>",
        "<ul><li class=active><a href='/releases/page/1'>1</a></li><li><a href='/releases/page/2'>2</a></li></ul>",
        "<a aria-current=page href='/releases/page/1'>1</a><a href='/releases/page/2'>2</a>",
        "<a aria-label='Page 1' href='/releases'>1</a><a aria-label='Page 2' href='/releases/page/2'>2</a>",
        "<table><tr><td>1<td><a href='/releases/page/2'>2</a><td><a href='/releases/page/3'>3</a></table>",
    ],
)
def test_a_pager_is_read_by_its_signs_labels_classes_and_numbers(link: str) -> None:
    assert following(f"<div class=pagination>{link}</div>") == "https://news.example/releases/page/2"
    assert following(f"<div class=pagination>{link}</div>", f"{URL}/") == "https://news.example/releases/page/2"


FORUM = "https://news.example/s/ref-all/9?kind=r"
LATER = "https://news.example/search?updated-max=2024-05-01&start=7"


@pytest.mark.parametrize(
    ("url", "markup", "leads"),
    [
        # a blog's second page: "previous" is older, "next" is newer
        (
            f"{URL}/page/2",
            """<div class=nav-previous><a href='/releases/page/3'>« Previous Entries</a></div>
            <div class=nav-next><a href='/releases/'>Next Entries »</a></div>""",
            f"{URL}/page/3",
        ),
        (f"{URL}?page=3", "<ul class=pager><li>4</li><li><a href='?page=4'>5</a></li></ul>", f"{URL}?page=4"),
        (f"{URL}?page=3", "<a href='?page=2'>‹ Next</a> <a href='?page=4'>Older ›</a>", f"{URL}?page=4"),
        (
            f"{URL}?start=40",
            "<a href='?start=0'>1</a> <a href='?start=20'>2</a> 3 <a href='?start=60'>4</a>",
            f"{URL}?start=60",
        ),
        (f"{URL}?offset=20", "<a rel=next href='?offset=40'>on</a>", f"{URL}?offset=40"),
        ("https://news.example/", f"<a class=blog-pager-older-link href='{LATER}'>Older Posts</a>", LATER),
        # numbers whose addresses differ from the page's own in more than their number
        (
            FORUM,
            """<ul class=pagination><li class=selected><a href='/s/find/r-1'>1</a><li><a href='/s/find/r-2'>2</a>
            <li><a href='/s/find/r-3'>3</a><li><a href='/s/find/r-2'>Next</a></ul>""",
            "https://news.example/s/find/r-2",
        ),
        (
            f"{URL}/en/briefings",
            "<div class=pager><a href='/briefings?page=2'>Next</a></div>",
            "https://news.example/briefings?page=2",
        ),
        (URL, "<p><a href='?st=20'>Next</a></p>", f"{URL}?st=20"),
        (f"{URL}?st=20", "<p><a href='?st=0'>Prev</a> <a href='?st=40'>Next</a></p>", f"{URL}?st=40"),
        (URL, "<ul class=pagination><li>1<li><a href='?q=root-10-10'>2</a></li></ul>", f"{URL}?q=root-10-10"),
    ],
)
def test_a_page_leads_on_from_where_it_stands(url: str, markup: str, leads: str) -> None:
    assert following(markup, url) == leads


def test_a_relation_comes_first_then_the_nearest_number() -> None:
    text = "<p><a href='?page=7'>Next</a></p>"
    assert following(f"{text}<a rel=next href='?page=2'>on</a>") == SECOND
    assert following(f"{text}<li class=pager-next><a href='?page=3'>on</a></li>") == f"{URL}?page=3"
    assert following(text, recipe=Recipe("li.e", next="a.more")) is None
    assert following(text, head="<link rel='next' href='?page=2'>") == SECOND


def test_the_pager_of_the_list_goes_before_that_of_another() -> None:
    other = "<aside class=pager><a href='?events_page=2'>Next</a></aside>"
    own = "<div class=pager><a href='?news_page=2'>Next</a></div>"
    html = f"{other}<div id=main><div id=list><ul>{ENTRIES}</ul>{own}</div></div>{other}"
    assert read_listing(Recipe("li.e"), html, URL).next == f"{URL}?news_page=2"


def test_a_pager_that_was_taken_for_an_entry_is_a_pager_still() -> None:
    assert following("<ul><li class=e><a href='/releases?page=2'>« Previous releases</a></ul>") == SECOND
    assert following("<ul><li class=e><a href='/releases/page/2'>The next harbour</a></ul>") is None


def test_a_relation_to_another_document_is_believed_only_where_a_pager_shows_its_numbers() -> None:
    assert following("", head="<link rel=next href='/about-us'>") is None
    assert (
        following("<div class=pager><a href='/about-us'>Next</a></div>", head="<link rel=next href='/about-us'>")
        is None
    )
    numbers = "1 <a href='/find/2-all'>2</a> <a href='/find/3-all'>3</a>"
    shown = f"<div class=pager>{numbers} <a href='/find/2-all'>Next</a></div>"
    assert following(shown, head="<link rel=next href='/find/2-all'>") == "https://news.example/find/2-all"


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<a href='/about'>Next</a>",  # neither a pager's place nor a page's address
        "<p><a href='https://elsewhere.example/?page=2'>Next</a></p>",
        "<div class=pager><a href='/releases'>Next</a></div>",
        "<div class=pager><a href='/releases/1-slug'>Next</a></div>",
        "<div class=post-navigation><a rel=next href='/releases/9-slug'>Next</a></div>",  # the next release
        "<div class=pager><a href='#'>Next</a><a href='javascript:go()'>›</a></div>",
        "<div class='carousel pager'><a href='/gallery'>›</a><a href='?page=2'>›</a></div>",
        "<div class=pager><a href='?page=1'>‹ Previous</a></div>",
        "<div class=pager><a href='?page=5'>Last »</a></div>",
        "<div class=pager><a href='/harbour-opens'>Next post</a> <a href='/bridge'>Next article</a></div>",
        "<p>Session 3 | <a href='?session=4'>4</a> | <a href='?session=5'>5</a></p>",
        "<p><a href='/releases?year=2'>2</a></p>",  # a number without a current one before it
        "<p>2023 <a href='?y=2024'>2024</a></p><p>1 <a href='?y=2'>3</a></p>",
        "<table class=calendar><tr><td>3</td><td><a href='/releases?day=4'>4</a></td></tr></table>",
        "<table><tr><td>3</td><td><a href='/2024/11/04'>4</a></td><td><a href='/2024/11/05'>5</a></td></tr></table>",
        "<nav class=pagination><a href='?month=12&year=2024'>Next</a></nav>",
        "<nav class=pagination><a href='/speeches?page=2'>Next</a></nav>",  # of another section
        "<p><a href='/story'>Previous</a> <a href='/other'>›</a></p>",
        "<div id=comments><a href='/releases/comment-page-2'>Older</a><a href='?page=2'>Next</a></div>",
        "<div class=pager><a href='/releases/comment-page-2'>Older</a><a href='?cpage=2'>Next</a></div>",
        "<li class='next disabled'><a href='?page=2'>Next</a></li>",
        "<a href='?page=2' aria-disabled=true>Next</a>",
        "<ul class=topics><li>Topic <a href='/topic-7?page=2'>2</a> <a href='/topic-7?page=3'>3</a></li></ul>",
        "<p>Show <a href='?limit=25'>25</a> <a href='?limit=50'>50</a> a page</p>",
        "<ul class=pager><li><a href='/a-rather-long-slug'>Next release: the harbour</a></li></ul>",
        f"<div class=pager><a href='/releases/page/2'>{'<b>Next</b> ' * 90}</a></div>",
        f"<div class=pager><a href='/releases/page/2'>{'Next ' * 90}</a></div>",
    ],
)
def test_none_is_invented(markup: str) -> None:
    assert following(markup) is None


@pytest.mark.parametrize(
    "markup",
    [
        "<ul class=pager><li><a href='?page=1'>‹ Newer</a></li><li class=active>3</li></ul>",
        "<div class=nav-next><a href='/releases'>Newer posts →</a></div>",
        "<a rel=next href='/releases'>Next</a>",
        "<div class=pagination><a href='?page=1'>1</a><a href='?page=2'>2</a><b>3</b><a href='?page=3'>Next</a></div>",
    ],
)
def test_the_last_page_leads_nowhere(markup: str) -> None:
    assert following(markup, f"{URL}?page=3") is None


PIECES = (
    "next", "»", "2", "3", "<ul class=pager>", "<li class=active>", "</li>", "</ul>",
    "<a href='?page=2'>", "</a>", "\ud800",
    "<a rel=next href='http://['>", "<a href='/page/99999999999999/'>", "<a href='//x'>", "<link rel=next href='?p=٣'>",
    "<table><tr><td>", "<img src='next.gif'>", "1900", "aria-current=page", "次へ", "<a href='javascript:go(2)'>",
)  # fmt: skip


@given(
    st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from([URL, f"{URL}?page=3", f"{URL}/2024/11/{'9' * 50}"])
)
def test_whatever_the_markup_it_is_none_or_an_address_of_the_site(pieces: list[str], url: str) -> None:
    found = following("".join(pieces), url)
    assert found is None or found.startswith("https://news.example/")


def test_pages_of_thousands_of_links_are_read_so_far() -> None:
    many = "".join(f"<a href='?page={i}'>{i}</a> " for i in range(2, 3000))
    assert following(f"<div class=pagination>1 {many}</div>") in {SECOND, None}
