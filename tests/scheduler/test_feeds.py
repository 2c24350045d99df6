"""A list and the feed beside it in small: what each shows, the answers of a few addresses, and what is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from crawler.window import meets
from scheduler.alike import bare_addresses
from scheduler.detect import known_for_visit
from scheduler.fold import fold_visit, wanted
from scheduler.folder import Rules
from storage.records import Change, Entry, FeedAnswer, Kind, Listing, Newsroom, Outcome, Release, State, Visit
from tests.scheduler.test_window_rule import RECIPE, SITE, Room, entries, entry, told

FEED = "https://example.org/feed"
PROXY = "https://feeds.example.net/~r/"
UNREAD = "HTTP 503"


class TwoSources(Room):
    """A newsroom whose list and feed are watched."""

    feed_url: str | None = FEED

    def both(
        self, listed: Iterable[Entry] | None, feed: Iterable[Entry] | str | None, *, complete: bool = True
    ) -> list[Change]:
        """One visit, an hour after the last event: the list (None: unchanged) and the feed (or its trouble)."""
        self.now += timedelta(hours=1)
        self.seq += 1
        newsroom = self.shelf.newsroom("n")
        window = () if listed is None else (Listing(SITE, tuple(listed)),)
        _, seeks = wanted(self.shelf.candidates("n"), self.shelf.releases, self.now, self.rules)
        trouble, shown = (feed, None) if isinstance(feed, str) else ("", feed)
        visit = Visit(
            "n", SITE, self.now, self.now, Outcome.OK if window else Outcome.NOT_MODIFIED, window=window,
            met=not window or meets(window, newsroom.history if newsroom else None), complete=complete,
            sought=tuple(s.address for s in seeks), recipe=RECIPE, reader_version=1,
            feed=None if shown is None else Listing(FEED, tuple(shown)),
            feed_answer=FeedAnswer(self.feed_url, trouble, unchanged=feed is None) if self.feed_url else None,
        )  # fmt: skip
        folding = fold_visit(known_for_visit(self.shelf, visit), self.seq, visit, self.rules)
        self.shelf.fold(folding)
        return list(folding.changes)

    @property
    def newsroom(self) -> Newsroom:
        return self.shelf.newsrooms["n"]

    def named(self, name: str) -> Release:
        (found,) = [r for r in self.shelf.releases.values() if r.title == f"What {name} said"]
        return found

    def sources(self, name: str) -> tuple[bool, bool]:
        release = self.named(name)
        return not release.feed_only, release.feed_seq > 0


def spelled(given: Iterable[Entry], how: str) -> list[Entry]:
    """The entries at the feed's own addresses: with a query, or (an address that ends in "/") as redirects."""
    names = [(e, (e.url or "").rpartition("/")[2]) for e in given]
    return [replace(e, url=f"{how}{name}" if how.endswith("/") else f"{e.url}{how}") for e, name in names]


@pytest.fixture
def room() -> TwoSources:
    """The list shows a to e, the feed a to g: what the feed alone shows is history."""
    found = TwoSources()
    assert told(found.both(entries("abcde", 1), entries("abcdefg", 1))) == [("baseline", "")]
    return found


class TestWhatIsNew:
    def test_what_the_feed_shows_first_is_told_once_and_marked(self, room: TwoSources) -> None:
        new = [entry("n"), *entries("abcdef", 1)]
        (change,) = room.both(entries("abcde", 1), new)
        assert (change.kind, change.detail["source"], room.sources("n")) == (Kind.NEW, "feed", (False, True))
        assert room.both([entry("n"), *entries("abcd", 1)], new) == []
        assert room.sources("n") == (True, True)

    def test_what_the_list_shows_first_is_told_once(self, room: TwoSources) -> None:
        (change,) = room.both([entry("n"), *entries("abcd", 1)], None)
        assert "source" not in change.detail
        assert room.both(None, [entry("n"), *entries("abcdef", 1)]) == []
        assert room.sources("n") == (True, True)

    def test_what_both_show_is_told_once(self, room: TwoSources) -> None:
        (change,) = room.both([entry("n"), *entries("abcd", 1)], [entry("n"), *entries("abcdef", 1)])
        assert "source" not in change.detail

    def test_the_feed_is_read_where_the_list_is_unchanged(self, room: TwoSources) -> None:
        assert told(room.both(None, [entry("n"), *entries("abcdef", 1)])) == [("new", "n")]

    def test_what_a_feed_pulls_in_below_is_no_news(self, room: TwoSources) -> None:
        assert room.both(None, entries("abcdefghi", 1)) == []

    def test_a_feed_that_goes_on_from_nothing_it_showed_tells_what_is_not_older_than_it(self, room: TwoSources) -> None:
        room.both(None, [entry("p"), *entries("abc", 1)])
        news = [entry("r", -2), entry("q", -1), entry("old", 9)]
        assert told(room.both(None, news)) == [("new", "q"), ("new", "r")]
        assert room.shelf.candidates("n") == []

    def test_a_feed_that_comes_later_tells_nothing_of_what_it_begins_with(self) -> None:
        room = TwoSources()
        room.feed_url = None
        room.both(entries("abcde", 1), "")
        room.feed_url = FEED
        assert room.both(entries("abcde", 1), [entry("x"), *entries("abcdefg", 1)]) == []
        assert room.sources("x") == (False, True)

    def test_what_a_feed_began_with_is_news_to_a_list_that_was_late(self) -> None:
        room = TwoSources()
        room.feed_url = None
        room.both(entries("abcde", 1), "")
        room.feed_url = FEED
        room.both(entries("abcde", 1), [entry("x"), *entries("abcdefg", 1)])
        assert told(room.both([entry("x"), *entries("abcd", 1)], None)) == [("new", "x")]
        assert room.sources("x") == (True, False)
        assert room.both(None, [entry("x"), *entries("abcdef", 1)]) == []
        assert room.sources("x") == (True, True)

    def test_filters_hold_for_the_feed(self) -> None:
        room = TwoSources(Rules(exclude=("secret",)))
        room.both(entries("abc", 1), entries("abc", 1))
        hidden = replace(entry("n"), title="A secret matter")
        assert room.both([hidden, *entries("abc", 1)], spelled([hidden, *entries("abc", 1)], PROXY)) == []
        assert room.both(None, [entry("secret"), *entries("abc", 1)]) == []


class TestAddressesOfTheFeedsOwn:
    @pytest.mark.parametrize("how", ["?utm_source=rss", "?from=feed", PROXY])
    def test_make_no_doubles(self, how: str) -> None:
        room = TwoSources()
        room.both(entries("abcde", 1), spelled(entries("abcdefg", 1), how))
        room.both([entry("n"), *entries("abcd", 1)], spelled(entries("abcdef", 1), how))
        assert room.both(None, spelled([entry("n"), *entries("abcdef", 1)], how)) == []
        assert told(room.both(None, spelled([entry("o"), entry("n"), *entries("abcde", 1)], how))) != []
        assert room.both([entry("o"), entry("n"), *entries("abc", 1)], None) == []
        assert len(room.shelf.releases) == 9
        assert all(room.sources(name) == (True, True) for name in "abcdeno")
        assert room.named("o").url == f"{SITE}/o"

    def test_what_all_addresses_carry_is_no_part_of_them(self) -> None:
        listing = Listing(FEED, tuple(spelled(entries("abc"), "?from=feed&x=1")))
        assert bare_addresses(listing) == {f"{SITE}/{n}?from=feed&x=1": f"{SITE}/{n}" for n in "abc"}
        queries = tuple(entry(n, url=f"{SITE}?id={n}&lang=en") for n in "abc")
        assert bare_addresses(Listing(FEED, queries)) == {f"{SITE}?id={n}&lang=en": f"{SITE}?id={n}" for n in "abc"}
        assert bare_addresses(Listing(FEED, tuple(entries("abc")))) == {}
        assert bare_addresses(Listing(FEED, tuple(spelled(entries("ab"), "?from=feed")))) == {}

    def test_of_a_few_entries_the_page_tells(self) -> None:
        room = TwoSources()
        twice = [entry("a", 1, title="Daily briefing"), entry("b", 2, title="Daily briefing")]
        room.both(twice, spelled(twice, "?from=feed"))
        assert len(room.shelf.releases) == 2

    def test_titles_that_recur_are_told_by_their_days(self) -> None:
        room = TwoSources()

        def daily(*days: int) -> list[Entry]:
            return [entry(f"d{day}", day, title="Daily briefing") for day in days]

        room.both(daily(1, 2, 3), spelled(daily(1, 2, 3, 4), PROXY))
        assert told(room.both(daily(0, 1, 2), spelled(daily(0, 1, 2, 3), PROXY))) == [("new", "d0")]
        assert len(room.shelf.releases) == 5

    def test_what_may_be_one_of_the_lists_own_is_left_to_it(self) -> None:
        room = TwoSources()
        undated = [entry(name, None, title="Daily briefing") for name in "ab"]
        room.both([*undated, entry("c", None)], spelled([entry("c", 2)], PROXY))
        retitled = entry("x", 1, title="What the minister said on Monday, corrected")
        room.both([entry("x", 1, title="What the minister said on Monday"), *undated, entry("c", None)], None)
        late = [retitled, entry("b", 1, title="Daily briefing"), entry("c", 2)]
        assert room.both(None, spelled(late, PROXY)) == []
        assert len(room.shelf.releases) == 4

    def test_of_too_few_addresses_to_tell_their_query_the_page_tells_though_the_list_lost_it(self) -> None:
        room = TwoSources()
        daily = [entry(f"d{day}", day, title="Daily briefing") for day in (1, 2, 3)]
        room.both(daily, spelled(daily, "?from=feed"))
        lost = room.both(entries("p", 1), spelled([entry("p", 1), daily[0]], "?from=feed"))
        assert told(lost) == [("gap", ""), ("new", "p")]
        assert sorted(r.url for r in room.shelf.releases.values()) == [f"{SITE}/{n}" for n in ("d1", "d2", "d3", "p")]

    def test_entries_without_links_are_known_by_title_and_day(self) -> None:
        room = TwoSources()
        room.both(entries("abc", 1), [replace(e, url=None) for e in entries("abc", 1)])
        assert len(room.shelf.releases) == 3

    def test_days_may_be_told_in_two_zones(self) -> None:
        room = TwoSources()
        room.both(entries("abc", 1), spelled(entries("abc", 2), PROXY))
        assert len(room.shelf.releases) == 3


class TestValues:
    def test_are_compared_within_one_source(self, room: TwoSources) -> None:
        other = [replace(e, summary="As the feed puts it", kind="Feed") for e in entries("abcdefg", 1)]
        assert room.both(entries("abcde", 1), other) == []
        worded = [replace(e, summary="As the list puts it") for e in entries("abcde", 1)]
        assert room.both(worded, other) == []
        assert room.named("a").summary == "As the list puts it"

    def test_of_what_the_feed_alone_shows_are_edited_there(self, room: TwoSources) -> None:
        def feed(summary: str) -> list[Entry]:
            return [*entries("abcde", 1), entry("f", 6, summary=summary)]

        assert room.both(None, feed("First words")) == []
        (change,) = room.both(None, feed("Other words"))
        assert change.detail["fields"] == {"summary": {"before": "First words", "after": "Other words"}}

    def test_of_the_list_take_over_without_an_edit(self, room: TwoSources) -> None:
        feed = [entry("n", title="What n really said", summary="As the feed puts it"), *entries("abcdef", 1)]
        room.both(None, feed)
        assert room.both([entry("n"), *entries("abcd", 1)], feed) == []
        assert (room.named("n").summary, room.named("n").revisions) == (None, 2)
        assert room.both([entry("n", summary="More"), *entries("abcd", 1)], None) == []
        (change,) = room.both([entry("n", summary="Less"), *entries("abcd", 1)], None)
        assert change.detail["fields"] == {"summary": {"before": "More", "after": "Less"}}


class TestWhatIsMissing:
    def test_only_what_is_missing_from_both(self, room: TwoSources) -> None:
        assert room.both(entries("ab", 1) + entries("de", 4), entries("abcdefg", 1)) == []
        assert room.shelf.candidates("n") == []
        room.gone.add("c")
        assert room.both(entries("ab", 1) + entries("de", 4), entries("ab", 1) + entries("defg", 4)) == []
        assert told(room.looks()) == [("withdrawn", "c")]

    def test_waits_for_a_feed_that_cannot_be_read_but_not_for_long(self, room: TwoSources) -> None:
        for _ in range(6):
            room.both(entries("ab", 1) + entries("de", 4), UNREAD)
            assert room.shelf.candidates("n") == []
        room.both(entries("ab", 1) + entries("de", 4), UNREAD)
        assert [c.key for c in room.shelf.candidates("n")] == [f"{SITE}/c"]

    def test_an_unchanged_feed_goes_on_showing_what_it_showed(self, room: TwoSources) -> None:
        room.both(entries("ab", 1) + entries("de", 4), None)
        assert room.shelf.candidates("n") == []

    def test_what_the_feed_alone_shows_must_be_missed_there(self, room: TwoSources) -> None:
        room.gone |= {"f", "g"}
        assert room.both(None, [*entries("abcde", 1), entry("g", 7)]) == []
        assert [c.key for c in room.shelf.candidates("n")] == [f"{SITE}/f"]  # g has rolled off, as far as can be told
        assert told(room.looks()) == [("withdrawn", "f")]

    def test_what_has_rolled_off_the_list_is_missed_in_the_feed(self, room: TwoSources) -> None:
        room.both([entry("n"), entry("o"), *entries("abc", 1)], [entry("n"), entry("o"), *entries("abcdefg", 1)])
        room.gone.add("d")
        room.both(None, [entry("n"), entry("o"), *entries("abc", 1), *entries("efg", 5)])
        assert told(room.looks()) == [("withdrawn", "d")]

    def test_a_dropped_entry_that_the_list_shows_is_not_missing(self, room: TwoSources) -> None:
        room.both(entries("abcde", 1), entries("ab", 1) + entries("defg", 4))
        room.both(None, entries("ab", 1) + entries("efg", 5))
        assert room.shelf.candidates("n") == []

    def test_what_left_the_feed_alone_is_unlisted_when_a_later_reading_agrees(self, room: TwoSources) -> None:
        without = [*entries("abcde", 1), entry("g", 7)]
        room.both(None, without)
        assert room.looks() == []
        assert wanted(room.shelf.candidates("n"), room.shelf.releases, room.now, room.rules) == (False, ())
        assert room.both(None, UNREAD) == []
        assert told(room.both(None, None)) == [("unlisted", "f")]
        assert room.both(None, entries("abcdefg", 1)) == []  # a cache may serve an old one
        assert told(room.both(None, entries("abcdefg", 1))) == [("restored", "f")]

    def test_what_the_feed_shows_again_was_not_missing(self, room: TwoSources) -> None:
        room.both(None, [*entries("abcde", 1), entry("g", 7)])
        room.both(None, entries("abcdefg", 1))
        assert room.shelf.candidates("n") == []

    def test_what_the_list_lost_and_the_feed_shows_again_was_not_missing(self, room: TwoSources) -> None:
        short = entries("ab", 1) + entries("de", 4)
        room.both(short, entries("ab", 1) + entries("defg", 4))
        room.both(short, entries("abcdefg", 1))
        assert room.shelf.candidates("n") == []

    def test_a_feed_that_went_on_asks_no_longer(self, room: TwoSources) -> None:
        room.both(None, [*entries("abcde", 1), entry("g", 7)])
        room.both(None, [entry("p", -1)])
        assert room.shelf.candidates("n") == []

    def test_what_was_withdrawn_is_back_when_the_feed_shows_it_and_its_page_is_there(self, room: TwoSources) -> None:
        room.gone.add("f")
        room.both(None, [*entries("abcde", 1), entry("g", 7)])
        assert told(room.looks()) == [("withdrawn", "f")]
        room.both(None, entries("abcdefg", 1))
        assert room.looks() == []
        room.gone.clear()
        room.now += timedelta(days=1)
        room.both(None, entries("abcdefgh", 1))
        assert told(room.looks()) == [("restored", "f")]

    def test_what_a_late_feed_showed_again_too_early_is_asked_anew_when_the_list_shows_it(
        self, room: TwoSources
    ) -> None:
        room.gone.add("c")
        without = entries("ab", 1) + entries("de", 4)
        room.both(without, entries("ab", 1) + entries("defg", 4))
        assert told(room.looks()) == [("withdrawn", "c")]
        room.both(without, entries("abcdefg", 1))
        assert room.looks() == []
        room.gone.clear()
        room.both(entries("abcde", 1), None)
        assert told(room.looks()) == [("restored", "c")]
        assert room.both(entries("abcde", 1), None) == []


class TestMoves:
    def test_are_told_while_the_feed_shows_the_old_address(self, room: TwoSources) -> None:
        moved = entry("c", 3, url=f"{SITE}/moved", title="What c said, corrected at length")
        room.leads["c"] = "moved"
        assert room.both([*entries("ab", 1), moved, *entries("de", 4)], entries("abcdefg", 1)) == []
        assert told(room.looks()) == [("edited", "moved"), ("moved", "moved")]

    def test_are_seen_in_the_feed_alone(self, room: TwoSources) -> None:
        moved = entry("f", 6, url=f"{SITE}/moved")
        room.gone.add("f")
        assert room.both(None, [*entries("abcde", 1), moved, entry("g", 7)]) == []
        assert told(room.looks()) == [("moved", "moved")]

    def test_of_what_the_list_forgot_keep_its_values(self, room: TwoSources) -> None:
        feed = [entry("n"), entry("o"), *entries("abcdefg", 1)]
        room.both([entry("n"), entry("o"), *entries("abc", 1)], feed)
        moved = entry("d", 4, url=f"{SITE}/moved", summary="As the feed puts it")
        room.gone.add("d")
        room.both(None, [moved if e.url == f"{SITE}/d" else e for e in feed])
        assert told(room.looks()) == [("moved", "moved")]
        assert (room.named("d").summary, room.sources("d")) == (None, (True, True))

    def test_of_what_the_list_tells_no_day_are_looked_at_for_their_title(self) -> None:
        room = TwoSources()
        undated = [entry(name, None) for name in "abc"]
        room.both(undated, entries("abcd", 1))
        room.both([entry("n", None), entry("o", None), entry("p", None)], None)
        room.leads["c"] = "moved"
        moved = entry("c", 3, url=f"{SITE}/moved")
        assert room.both(None, [*entries("ab", 1), moved, entry("d", 4)]) == []
        assert told(room.looks()) == [("moved", "moved")]

    def test_of_what_was_withdrawn_and_the_list_told_no_day_bring_it_back(self) -> None:
        room = TwoSources()
        undated = [entry(name, None) for name in "abc"]
        room.both(undated, entries("abcd", 1))
        room.gone.add("b")
        room.both([undated[0], undated[2]], [entry("a", 1), *entries("cd", 3)])
        assert told(room.looks()) == [("withdrawn", "b")]
        room.gone.clear()
        room.leads["b"] = "moved"
        moved = entry("b", 2, url=f"{SITE}/moved")
        assert room.both(None, [entry("a", 1), moved, *entries("cd", 3)]) == []
        assert told(room.looks()) == [("restored", "moved")]


class TestTheFeedItself:
    def test_is_remembered(self, room: TwoSources) -> None:
        feed = room.newsroom.feed
        assert feed is not None
        assert (feed.url, feed.last_seq, feed.trouble, feed.began_at) == (FEED, 1, "", room.now)
        room.both(None, UNREAD)
        room.both(None, "HTTP 500")
        broken = room.newsroom.feed
        assert broken is not None
        assert (broken.trouble, broken.trouble_since, broken.last_seq) == (
            "HTTP 500", room.now - timedelta(hours=1), 1,
        )  # fmt: skip
        room.both(None, None)
        assert room.newsroom.feed is not None
        assert (room.newsroom.feed.trouble, room.newsroom.feed.read_at) == ("", room.now)

    @pytest.mark.parametrize("url", [None, "https://example.org/other"])
    def test_taken_away_or_changed_changes_no_release(self, room: TwoSources, url: str | None) -> None:
        room.both(None, [*entries("abcde", 1), entry("g", 7)])
        assert room.shelf.candidates("n") != []
        room.feed_url = url
        assert room.both(entries("abcde", 1), entries("wxyz", 1) if url else "") == []
        assert room.shelf.candidates("n") == []
        assert {r.state for r in room.shelf.releases.values()} == {State.LISTED}
        history = room.newsroom.history
        assert history is not None
        assert (history.feed is None, room.newsroom.feed and room.newsroom.feed.url) == (url is None, url)

    def test_is_told_to_wait(self, room: TwoSources) -> None:
        room.seq += 1
        answer = FeedAnswer(FEED, "HTTP 429", retry_after_s=600)
        visit = Visit("n", SITE, room.now, room.now, Outcome.NOT_MODIFIED, feed_answer=answer)
        feed = fold_visit(known_for_visit(room.shelf, visit), room.seq, visit, room.rules).newsroom.feed
        assert feed is not None
        assert feed.retry_at == room.now + timedelta(minutes=10)

    def test_pinned_entries_of_it_are_no_evidence(self) -> None:
        room = TwoSources()
        pinned = entry("pin", 30)
        room.both(entries("abc", 1), [pinned, *entries("abcd", 1)])
        room.both(None, [pinned, *entries("abc", 1)])
        assert room.shelf.candidates("n") == []
        assert room.newsroom.history is not None
        assert room.newsroom.history.feed is not None
        assert room.newsroom.history.feed.newest == date(2026, 11, 19)
