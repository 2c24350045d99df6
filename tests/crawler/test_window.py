from __future__ import annotations

from dataclasses import replace
from datetime import date

from crawler.window import joined, known, meets, repeats, same_list, still_sought
from storage.records import Entry, History, Listing, Seek

SITE = "https://news.example.org"


def entry(name: str, day: int | None = None, *, linked: bool = True) -> Entry:
    url = f"{SITE}/news/{name}" if linked else None
    return Entry(f"The title of {name}", url, date(2026, 5, day) if day else None)


def listing(*entries: Entry, at: str = "/news") -> Listing:
    return Listing(SITE + at, entries)


def history(*names: str, newest: int | None = None) -> History:
    return History(
        addresses=tuple(f"https://news.example.org/news/{name}" for name in names),
        titles=tuple(f"the title of {name}" for name in names),
        newest=date(2026, 5, newest) if newest else None,
    )


def test_a_release_repeated_on_the_next_page_is_joined_once() -> None:
    a, b, c = entry("a"), entry("b"), entry("c")
    assert joined([listing(a, b), listing(a, c)]) == (a, b, c)


def test_entries_are_known_by_address_and_without_one_by_title() -> None:
    shown = (entry("a"), entry("b", linked=False), entry("c"), entry("d", linked=False))
    assert known(shown, [listing(*shown)], history("a", "b")) == (True, True, False, False)


def test_a_known_title_at_another_address_is_not_known() -> None:
    moved = Entry("The title of a", f"{SITE}/other/a")
    assert known((moved,), [listing(moved)], history("a")) == (False,)


def test_entries_that_share_a_link_or_have_the_listings_own_are_known_by_title() -> None:
    shared = (Entry("The title of a", f"{SITE}/archive"), Entry("The title of x", f"{SITE}/archive"))
    own = (Entry("The title of a", f"{SITE}/news"),)
    assert known(shared, [listing(*shared)], history("a")) == (True, False)
    assert known(own, [listing(*own)], history("a")) == (True,)


def test_a_window_meets_at_a_known_entry_that_is_not_pinned() -> None:
    window = [listing(entry("old", 1), entry("new", 9), entry("newer", 8))]
    assert not meets(window, history("old"))
    assert meets(window, history("old", "newer"))
    assert meets(window, None)


def test_an_entry_that_was_pinned_last_time_does_not_meet() -> None:
    window = [listing(entry("new", 9), entry("unpinned", 8))]
    before = replace(history("unpinned"), pinned=("https://news.example.org/news/unpinned",))
    assert not meets(window, before)
    assert meets(window, replace(before, pinned=()))


def test_a_pinned_entry_repeated_on_the_next_page_stays_pinned() -> None:
    old = entry("old", 1)
    window = [listing(old, entry("a", 9), entry("b", 8)), listing(old, entry("c", 7), entry("d", 6))]
    assert not meets(window, history("old"))


def test_with_nothing_known_there_is_nothing_to_meet() -> None:
    whole = [listing(entry("x", 9))]
    assert meets(whole, History())
    assert not meets(whole, History(newest=date(2026, 5, 9)))


def test_a_seek_ends_where_found_or_where_its_day_is_passed() -> None:
    window = [listing(entry("a", 9), entry("back-dated", 2), entry("b", 8), entry("c", 7)), listing(entry("d", 4))]
    found = Seek("https://news.example.org/news/b", date(2026, 5, 1))
    passed = Seek("https://news.example.org/news/x", date(2026, 5, 8))
    same_day = Seek("https://news.example.org/news/y", date(2026, 5, 7))
    before = Seek("https://news.example.org/news/z", date(2026, 5, 5))
    undated = Seek("https://news.example.org/news/u", None)
    assert still_sought(window, [found, passed, same_day, before, undated]) == (same_day, before, undated)
    assert still_sought(window, []) == ()
    assert still_sought(window[:1], [passed]) == (passed,)  # an old release may stand at the end of a page


def test_a_release_without_a_link_is_sought_by_its_title() -> None:
    window = [listing(entry("a", linked=False))]
    here = Seek(f"{SITE}/news#0123456789ab", None, "The title of A!")
    elsewhere = Seek(f"{SITE}/news#ba9876543210", None, "Another title")
    assert still_sought(window, [here, elsewhere]) == (elsewhere,)


def test_two_readings_are_the_same_by_addresses_in_order() -> None:
    a, b, bare = entry("a"), entry("b"), entry("c", linked=False)
    assert same_list(listing(a, b, bare), listing(Entry("Edited", a.url), b, bare))
    assert not same_list(listing(a, b), listing(b, a))
    assert not same_list(listing(a), listing(a, b))


def test_a_listing_repeats_what_was_shown_before() -> None:
    a, b, c = entry("a"), entry("b"), entry("c")
    assert repeats(listing(b), [listing(a, b)])
    assert not repeats(listing(b, c), [listing(a, b)])
