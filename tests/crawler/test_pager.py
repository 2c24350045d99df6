"""The next page where a recipe names none."""

import pytest

from crawler.listing import read_listing
from storage.records import Recipe

URL = "https://news.example/releases"
ENTRIES = "".join(f"<li class=e><h2><a href='/releases/{i}-slug'>Title of release {i}</a></h2></li>" for i in range(3))


def following(markup: str, url: str = URL, recipe: Recipe | None = None) -> str | None:
    html = f"<html><body><ul>{ENTRIES}</ul>{markup}</body></html>"
    return read_listing(recipe or Recipe("li.e"), html, url).next


@pytest.mark.parametrize(
    "label",
    [
        "Next", "next page", "Next »", "Older", "Older entries", "« Older posts", "Previous entries",
        "Earlier releases",
        "Weiter", "Nächste Seite", "Ältere Beiträge", "Suivant", "Page suivante", "Siguiente", "Entradas anteriores",
        "Pagina successiva »", "Próxima página", "Posts mais antigos", "Volgende", "Nästa sida", "Następna strona",
        "Starsze wpisy", "Следующая", "Следующая страница", "次のページ", "下一页",
    ],
)  # fmt: skip
def test_a_link_says_that_it_leads_on(label: str) -> None:
    assert following(f"<p><a href='?page=2'>{label}</a></p>") == "https://news.example/releases?page=2"


@pytest.mark.parametrize(
    "link",
    [
        "<a href='/releases/page/2'>›</a><a href='/releases/page/9'>»</a>",
        "<a href='/releases/page/1'>1</a><a href='/releases/page/2'><span>Next</span> →</a>",
        "<a href='/releases/page/2' aria-label='Next page'><svg></svg></a>",
        "<a href='/releases/page/2' title='Older releases'>…</a>",
        "<a href='/releases/page/2'><img alt='next'></a>",
        "<span class=current>1</span> <a href='/releases/page/2'>2</a> <a href='/releases/page/3'>3</a>",
        "<a href='/releases'>1</a> <a href='/releases/page/2'>2</a> <a href='/releases/page/3'>3</a>",
    ],
)
def test_a_pager_is_read_by_its_signs_labels_and_numbers(link: str) -> None:
    assert following(f"<div class=pagination>{link}</div>") == "https://news.example/releases/page/2"


def test_a_relation_and_a_usual_shape_come_first() -> None:
    text = "<p><a href='?page=7'>Next</a></p>"
    assert following(f"{text}<a rel=next href='?page=2'>on</a>") == f"{URL}?page=2"
    assert following(f"{text}<li class=pager-next><a href='?page=3'>on</a></li>") == f"{URL}?page=3"
    assert following(text, recipe=Recipe("li.e", next="a.more")) is None


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<a href='/about'>Next</a>",  # neither a pager's place nor a page's address
        "<p><a href='https://elsewhere.example/?page=2'>Next</a></p>",
        "<div class=pager><a href='/releases'>Next</a></div>",
        "<div class=pager><a href='/releases/1-slug'>Next</a></div>",
        "<div class=pager><a href='#'>Next</a><a href='javascript:go()'>›</a></div>",
        "<div class='carousel pager'><a href='/gallery'>›</a></div>",
        "<div class=pager><a href='?page=1'>‹ Previous</a></div>",
        "<p><a href='/releases?year=2'>2</a></p>",  # a number without a current one before it
        "<table class=calendar><tr><td>3</td><td><a href='/releases?day=4'>4</a></td></tr></table>",
        "<p><a href='/story'>Previous</a> <a href='/other'>›</a></p>",
        f"<div class=pager><a href='/releases/page/2'>{'<b>Next</b>' * 90}</a></div>",
    ],
)
def test_none_is_invented(markup: str) -> None:
    assert following(markup) is None
