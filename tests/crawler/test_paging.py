"""How an address stands to that of the page it is on."""

import pytest

from crawler.paging import Way, alike, ends_numbered, is_namesake, is_numbered, step

N = "https://office.example/news"


@pytest.mark.parametrize(
    ("here", "there", "ahead"),
    [
        (N, f"{N}?page=1", 1),  # counted from 0
        (N, f"{N}?page=2", 1),
        (f"{N}?page=4", f"{N}?page=5", 1),
        (f"{N}?type=speech", f"{N}?type=speech&page=2", 1),
        (f"{N}?page=0%2C1", f"{N}?page=0%2C2", 1),
        (N, f"{N}?start=20", 19),
        (f"{N}?start=20", f"{N}?start=40", 20),
        (N, f"{N}?b_start:int=15", 14),
        (N, f"{N}?PAGEN_1=2", 1),
        (N, f"{N}?tx_list%5B%40widget_0%5D%5BcurrentPage%5D=2&cHash=1f2e3d", 1),
        (N, f"{N}?board=1&begin=20", 19),
        ("https://office.example/f?board=18.0", "https://office.example/f?board=18.20", 20),
        (N, f"{N}/page/2/", 1),
        (f"{N}/page/9", f"{N}/page/10", 1),
        (f"{N}/page/2?lang=de", f"{N}/page/3?lang=de", 1),
        ("https://office.example", "https://office.example/page/2", 1),
        (N, f"{N}/p2", 1),
        (N, f"{N}/2", 1),
        (f"{N}/2", f"{N}/3", 1),
        (N, f"{N}/seite-2.html", 1),
        (N, f"{N}/страница/2", 1),
        (N, f"{N}/(offset)/10", 9),
        (f"{N}.html", f"{N}-2.html", 1),
        (f"{N}/index.html", f"{N}/index_2.html", 1),
        (f"{N}/list_2.html", f"{N}/list_3.html", 1),
        (f"{N}-f26.html", f"{N}-f26-25.html", 24),
        (f"{N}/archive-2024", f"{N}/archive-2024-2", 1),
        (f"{N}/list-p-1-c-15.html", f"{N}/list-p-2-c-15.html", 1),
        (f"{N}/browse/3/all.html", f"{N}/browse/4/all.html", 1),
    ],
)
def test_a_higher_number_leads_on_and_from_there_back(here: str, there: str, ahead: int) -> None:
    assert (step(here, there).way, step(here, there).ahead) == (Way.ON, ahead)
    assert step(there, here).way is Way.BACK


@pytest.mark.parametrize(
    ("here", "there", "way"),
    [
        (N, f"{N}/", Way.HERE),
        (f"{N}?page=2", f"{N}?page=2#list", Way.HERE),
        (N, f"{N}?page=0", Way.HERE),
        (f"{N}?page=2", f"{N}?page=2&utm_source=x", Way.HERE),
        (f"{N}?page=2&session=a", f"{N}?page=2&session=b", Way.BESIDE),
        (N, f"{N}?after=Zm9v", Way.BESIDE),
        (f"{N}?after=Zm9v", f"{N}?after=YmFy", Way.BESIDE),
        (f"{N}/list", f"{N}/find?page=2", Way.BESIDE),
        (N, f"{N}?st=20", Way.BESIDE),  # a name unheard of
        (f"{N}?st=20", f"{N}?st=40", Way.BESIDE),
        (f"{N}?st=20", f"{N}?st=0", Way.BACK),
        (N, f"{N}?cat=20", Way.ELSEWHERE),
        (N, f"{N}?show=2021", Way.ELSEWHERE),
        (N, f"{N}?nr=7203311", Way.ELSEWHERE),
        ("https://office.example/2024/11/all", "https://office.example/2024/12/all", Way.ELSEWHERE),
        ("https://office.example/a/2023/all", "https://office.example/a/2024/all", Way.ELSEWHERE),
        ("https://office.example/r-3/v-7/x", "https://office.example/r-4/v-8/x", Way.ELSEWHERE),
        (N, f"{N}?year=2023", Way.ELSEWHERE),
        (f"{N}?year=2023&page=3", f"{N}?year=2024", Way.ELSEWHERE),
        (N, f"{N}?cal%5Bmonth%5D=12", Way.ELSEWHERE),
        (f"{N}?id=4", f"{N}?id=5", Way.ELSEWHERE),
        (N, f"{N}?page_id=12", Way.ELSEWHERE),
        (N, f"{N}?pagesize=50", Way.ELSEWHERE),
        (f"{N}/2023", f"{N}/2024", Way.ELSEWHERE),
        (f"{N}/2024/11", f"{N}/2024/12", Way.ELSEWHERE),
        (f"{N}/2024/11/05", f"{N}/2024/11/06", Way.ELSEWHERE),
        (N, "https://office.example/speeches", Way.ELSEWHERE),
        (N, "https://office.example/speeches?page=2", Way.ELSEWHERE),
        ("https://office.example/", "https://office.example/speeches?page=2", Way.BESIDE),
        (N, f"{N}/find?page=2", Way.BESIDE),
        (f"{N}/all/list", "https://office.example/speeches?page=2", Way.ELSEWHERE),
        (N, "mailto:press@office.example", Way.ELSEWHERE),
    ],
)
def test_what_does_not_lead_on_is_told_apart(here: str, there: str, way: Way) -> None:
    assert step(here, there).way is way


def test_the_number_of_a_page_is_told_by_its_name() -> None:
    assert is_numbered(f"{N}?page=2")
    assert is_numbered(f"{N}/page/2/x")
    assert not is_numbered(f"{N}/2024/11/05/slug-2")
    assert not is_numbered("tel:12")
    assert ends_numbered("https://office.example/older/2")
    assert not ends_numbered("https://office.example/2024/11/05")
    assert not ends_numbered("tel:12")


def test_pages_of_one_list_differ_in_numbers_alone() -> None:
    assert alike(f"{N}/find/2-10.aspx", f"{N}/find/3-10.aspx")
    assert not alike(f"{N}?page=2", f"{N}?page=2")
    assert not alike(f"{N}?page=2", f"{N}/all?page=3")


def test_a_list_keeps_its_name_in_another_folder() -> None:
    assert is_namesake("https://office.example/en/news.html", f"{N}/page/2")
    assert not is_namesake(N, "https://office.example/newsletters?page=2")
    assert not is_namesake("tel:1", N)
    assert not is_namesake("https://office.example/", N)
