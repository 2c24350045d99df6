from __future__ import annotations

from datetime import date
from itertools import count

from crawler.health import judge
from crawler.urls import shape
from storage.records import Entry, History, Listing, Page

SITE = "https://news.example.org"
HEALTHY_PAGE = Page(f"{SITE}/news", "text/html", b"<html><title>News</title><body><h1>News</h1></body></html>")
CHALLENGE = Page(
    f"{SITE}/news",
    "text/html",
    b"<title>Just a moment...</title><script>_cf_chl_opt</script><p>Please confirm you are human.</p>",
)


def entry(name: str, day: int | None = None, *, at: str = "/news/", title: str | None = None) -> Entry:
    return Entry(
        f"The title of {name}" if title is None else title, SITE + at + name, date(2026, 5, day) if day else None
    )


def window(*entries: Entry) -> list[Listing]:
    return [Listing(f"{SITE}/news", entries)]


KNOWN = History(
    addresses=tuple(f"https://news.example.org/news/{name}" for name in "abcdef"),
    titles=tuple(f"the title of {name}" for name in "abcdef"),
    shapes=frozenset({shape(f"{SITE}/news/some-release")}),
    newest=date(2026, 5, 10),
    counts=(6, 5, 6),
)


def reason(listings: list[Listing], history: History | None = KNOWN, page: Page = HEALTHY_PAGE) -> str:
    """Why the window is suspect; empty where it is healthy."""
    health = judge(listings, history, page)
    assert health.ok is (not health.reason)
    return health.reason


def test_a_window_with_a_known_release_is_healthy_and_its_page_is_not_read() -> None:
    assert reason(window(entry("new", 11), entry("a", 10)), page=CHALLENGE) == ""


RETITLED = [entry("a", 5, title="Affirmed"), entry("b", 5, title="Hale, J."), entry("c", 5, title="Reversed")]


def test_known_releases_that_nearly_all_carry_other_titles_are_a_page_made_otherwise() -> None:
    told = "3 of 4 known releases carry other titles: what the recipe takes for one may be another part"
    three = [*RETITLED, entry("d", 5)]
    assert judge(window(entry("new", 11), *three), KNOWN, HEALTHY_PAGE, read_alike=True).reason == told
    assert judge(window(entry("new", 11), *three), KNOWN, HEALTHY_PAGE).ok  # another recipe, another title


def test_two_other_titles_and_any_number_of_edited_ones_are_the_publishers() -> None:
    two = [*RETITLED[:2], *(entry(name, 5) for name in "cdef")]
    assert judge(window(*two), KNOWN, HEALTHY_PAGE, read_alike=True).ok
    marked = [entry(name, 5, title=f"New! The title of {name}") for name in "abcdef"]
    assert judge(window(*marked), KNOWN, HEALTHY_PAGE, read_alike=True).ok


def test_a_baseline_needs_entries() -> None:
    assert reason(window(entry("a", 10)), None) == ""
    assert reason(window(), None) == "no entries found"


def test_no_entries_where_there_were_some_is_suspect_and_says_what_the_page_is() -> None:
    assert reason(window()) == "0 entries where 6 are usual"
    told = "0 entries where 6 are usual; the page asks for proof that we are no robot"
    assert reason(window(), page=CHALLENGE) == told


def test_what_is_usual_is_guessed_from_what_is_known_where_no_count_was_kept() -> None:
    assert reason(window(), History(addresses=("https://news.example.org/news/a",))) == "0 entries where 1 is usual"


def test_most_entries_without_titles_are_suspect() -> None:
    blank = [entry(str(i), title=" ") for i in range(3)]
    assert reason(window(*blank, entry("a"), entry("b"))) == "3 of 5 entries have no title"
    assert reason(window(*blank[:2], entry("a"), entry("b"))) == ""


def test_a_stand_in_with_unknown_entries_is_suspect_even_at_the_baseline() -> None:
    told = "1 entry but none of them known; the page asks for proof that we are no robot"
    assert reason(window(entry("help")), None, CHALLENGE) == told
    assert reason(window(entry("help")), KNOWN, CHALLENGE) == told


def test_a_list_gone_on_is_healthy() -> None:
    assert reason(window(entry("x", 12), entry("y", 11))) == ""


def test_a_list_that_starts_again_is_healthy() -> None:
    assert reason(window(entry("first-of-the-year", 10))) == ""


def test_undated_lists_go_on_by_shape_alone() -> None:
    undated = History(KNOWN.addresses, KNOWN.titles, KNOWN.shapes, None, KNOWN.counts)
    assert reason(window(entry("x"), entry("y")), undated) == ""
    assert "0 of 2 addresses" in reason(window(entry("x", at="/shop/y/"), entry("y", at="/shop/y/")), undated)


def test_older_dates_do_not_continue_the_list() -> None:
    told = "none of 2 entries is known, the newest is of 2026-05-09 where 2026-05-10 is known"
    assert reason(window(entry("x", 9), entry("y", 8))) == told


def test_a_pinned_date_is_not_the_newest() -> None:
    assert reason(window(entry("p", 4), entry("x", 9), entry("y", 8), entry("z", 7))).endswith("2026-05-10 is known")


def test_a_dated_list_that_lost_its_dates_does_not_continue() -> None:
    assert reason(window(entry("x"), entry("y"))).endswith("none has a date where 2026-05-10 was the newest")


def test_other_addresses_do_not_continue_the_list() -> None:
    told = "none of 2 entries is known, 0 of 2 addresses look like the known ones"
    assert reason(window(entry("x", 12, at="/shop/sale/"), entry("y", 11, at="/shop/sale/"))) == told


def test_known_titles_at_other_addresses_are_a_redesign() -> None:
    told = reason(window(entry("a", 10, at="/en/"), entry("b", 9, at="/en/")))
    assert told == "a redesign: 2 known titles stand at other addresses, and no known address is left"


def test_titles_that_come_back_with_every_release_are_no_redesign() -> None:
    names = count()
    daily = [
        entry(f"day-{next(names)}", 12, title=title) for title in ("The title of a", "The title of b", "The title of c")
    ]
    assert reason(window(*daily)) == ""


def test_one_known_title_at_another_address_may_be_a_move() -> None:
    assert reason(window(entry("a-moved", 10, title="The title of a"))) == ""


def test_linkless_entries_continue_by_date() -> None:
    assert reason(window(Entry("Something else", None, date(2026, 5, 11)))) == ""


def test_with_an_empty_record_anything_readable_is_healthy() -> None:
    assert reason(window(entry("x", 1)), History()) == ""
