"""The window rule in small: a few windows, the answers of a few addresses, and what is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.window import meets
from scheduler.detect import known_for_look, known_for_visit
from scheduler.fold import fold_look, fold_visit, wanted
from scheduler.folder import Rules
from storage.records import Change, Entry, Kind, Listing, Look, Outcome, Recipe, State, Verdict, Visit
from tests.scheduler.lives import Shelf

SITE = "https://example.org/news"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOON.date()
RECIPE = Recipe(entry="li")


def entry(name: str, days_ago: int | None = 0, **values: object) -> Entry:
    day = None if days_ago is None else TODAY - timedelta(days=days_ago)
    base = Entry(title=f"What {name} said", url=f"{SITE}/{name}", date=day)
    return replace(base, **values)  # type: ignore[arg-type]  # the fields of an entry


def entries(names: str, first_day: int = 0) -> list[Entry]:
    """Entries of one letter each, a day apart."""
    return [entry(name, first_day + i) for i, name in enumerate(names)]


class Room:
    """A newsroom watched by the fold: visits show what they are given, looks answer what is set."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.shelf, self.seq, self.now = Shelf(), 0, NOON
        self.rules = rules or Rules(confirm_after=timedelta(hours=1))
        self.gone: set[str] = set()
        self.silent: set[str] = set()
        self.leads: dict[str, str] = {}
        self.url = SITE

    def visit(
        self, *pages: Iterable[Entry], complete: bool = True, stopped: str = "", recipe: Recipe = RECIPE,
        reread: Iterable[Entry] | None = None, outcome: Outcome = Outcome.OK,
    ) -> list[Change]:  # fmt: skip
        """One visit, an hour after the last event; the changes it leads to."""
        self.now += timedelta(hours=1)
        self.seq += 1
        listings = tuple(
            Listing(f"{self.url}?page={n}" if n else self.url, tuple(page), None) for n, page in enumerate(pages)
        )
        newsroom = self.shelf.newsroom("n")
        history = newsroom.history if newsroom and newsroom.url == self.url else None
        _, seeks = wanted(self.shelf.candidates("n"), self.shelf.releases, self.now, self.rules)
        visit = Visit(
            "n", self.url, self.now, self.now, outcome, window=listings if outcome is Outcome.OK else (),
            met=outcome is not Outcome.OK or meets(listings, history), complete=complete, stopped=stopped,
            sought=tuple(s.address for s in seeks), recipe=recipe, reader_version=1,
        )  # fmt: skip
        read_again = None if reread is None else {e.url: e for e in reread if e.url}
        folding = fold_visit(known_for_visit(self.shelf, visit, read_again), self.seq, visit, self.rules)
        self.shelf.fold(folding)
        return list(folding.changes)

    def looks(self) -> list[Change]:
        """The looks that fall due, to their end, an hour between two rounds; the changes they lead to."""
        told: list[Change] = []
        for _ in range(4):
            due = [c for c in self.shelf.candidates("n") if c.next_look_at and c.next_look_at <= self.now]
            for candidate in due:
                if candidate.key in self.shelf.releases:
                    told += self.look(candidate.key)
            self.now += timedelta(hours=1)
        return told

    def look(self, key: str) -> list[Change]:
        self.seq += 1
        release = self.shelf.releases[key]
        name = release.url.rpartition("/")[2]
        verdict = Verdict.GONE if name in self.gone or name in self.leads else Verdict.THERE
        look = Look(
            "n", key, release.url, self.now, Verdict.NO_ANSWER if name in self.silent else verdict,
            final_url=f"{SITE}/{self.leads[name]}" if name in self.leads else release.url,
            control=None if name in self.silent else True,
        )  # fmt: skip
        folding = fold_look(known_for_look(self.shelf, look), self.seq, look, self.rules)
        self.shelf.fold(folding)
        return list(folding.changes)


def told(changes: Iterable[Change]) -> list[tuple[str, str]]:
    """Kind and last part of the address, in order of the kind's name."""
    return sorted((c.kind.value, (c.url or "").rpartition("/")[2]) for c in changes)


@pytest.fixture
def room() -> Room:
    found = Room()
    assert told(found.visit(entries("abcde", 1))) == [("baseline", "")]
    return found


class TestWhatIsNew:
    def test_what_stands_above_is_new_and_what_is_pulled_in_below_is_history(self, room: Room) -> None:
        assert told(room.visit([entry("n"), *entries("ab", 1), *entries("de", 4), entry("old", 9)])) == []
        room.gone.add("c")
        assert told(room.looks()) == [("new", "n"), ("withdrawn", "c")]

    def test_a_release_rolled_off_is_no_change(self, room: Room) -> None:
        assert told(room.visit(entries("nopab", 0)[:3] + entries("ab", 1))) == [
            ("new", "n"),
            ("new", "o"),
            ("new", "p"),
        ]
        assert room.shelf.candidates("n") == []

    @pytest.mark.parametrize("first", [-30, 0, None])
    def test_news_below_a_first_entry_that_stays_is_new(self, first: int | None) -> None:
        room = Room()
        stays = entry("stays", first)
        room.visit([stays, *entries("abcd", 1)])
        news = [entry(name, 0 if first is not None else None) for name in "nopq"]
        old = entries("abcd", 1) if first is not None else [entry(name, None) for name in "abcd"]
        if first is None:
            room = Room()
            room.visit([stays, *old])
        history = room.shelf.newsrooms["n"].history
        assert not meets((Listing(SITE, (stays, *news)),), history)
        changes = room.visit([stays, *news], old)
        assert told(changes) == [("new", name) for name in "nopq"]

    def test_news_below_a_first_entry_that_stays_is_new_though_the_limit_ends_the_window(self) -> None:
        room = Room()
        room.visit([entry("stays", -30), *entries("abcd", 1)])
        changes = room.visit([entry("stays", -30), entry("n"), entry("o")], complete=False, stopped="the limit")
        assert told(changes) == [("gap", ""), ("new", "n"), ("new", "o")]

    def test_undated_news_below_what_was_pinned_is_new(self) -> None:
        room = Room()
        room.visit([*entries("abcd", 1), entry("old", 30)], complete=False)
        room.visit([entry("old", 30), *entries("abcd", 1)], complete=False)
        window = [entry("n"), entry("old", 30), entry("o", None), entry("p", None)]
        changes = room.visit(window, complete=False, stopped="the limit")
        assert told(changes) == [("gap", ""), ("new", "n"), ("new", "o"), ("new", "p")]

    def test_an_entry_repeated_with_its_title_cut_is_one(self) -> None:
        room = Room()
        featured = entry("a", 1, title="What a s…")
        room.visit([featured, *entries("abc", 1)])
        assert len(room.shelf.releases) == 3
        assert told(room.visit(entries("abc", 1))) == []

    def test_what_was_pulled_in_by_a_withdrawal_at_the_end_meets_all_the_same(self, room: Room) -> None:
        listing = (Listing(SITE, (*entries("abcd", 1), entry("h", 7))),)
        assert meets(listing, room.shelf.newsrooms["n"].history)

    def test_a_release_inserted_among_the_known_is_backdated(self, room: Room) -> None:
        changes = room.visit([entry("a", 1), entry("late", 2), *entries("bcde", 2)])
        assert [(c.kind, c.detail.get("backdated")) for c in changes] == [(Kind.NEW, True)]

    def test_a_window_that_meets_nothing_is_new_with_one_gap(self, room: Room) -> None:
        changes = room.visit(entries("nopqr", 0), complete=False, stopped="the limit of 3 pages was reached")
        assert told(changes) == [("gap", ""), ("new", "n"), ("new", "o")]  # the others are older than what was known
        assert changes[0].detail["reason"] == "the limit of 3 pages was reached"

    def test_an_entry_appended_below_today_is_new(self) -> None:
        room = Room()
        room.visit([entry("x", 9), entry("y", 3), entry("z", 30)])
        assert told(room.visit([entry("x", 9), entry("y", 3), entry("z", 30), entry("n", 0)])) == [("new", "n")]

    def test_what_the_list_was_never_read_back_to_is_history(self) -> None:
        room = Room()
        room.visit([entry("pinned", 20), *entries("abc", 1)], complete=False)
        room.visit(entries("abc", 1), complete=False)
        deeper = [entry("unknown", 9), entry("pinned", 20), entry("older", 30)]
        assert told(room.visit(entries("abc", 1), deeper, complete=False)) == []

    def test_a_distance_that_was_a_day_off_tells_the_same_entry_without_a_link(self) -> None:
        room = Room()
        room.visit([entry("a", 0, url=None, relative=True), entry("b", 3, url=None)])
        assert told(room.visit([entry("a", 1, url=None), entry("b", 3, url=None)])) == []


class TestWhatIsGone:
    def test_an_entry_that_was_pinned_is_no_evidence_where_it_stands_now(self) -> None:
        room = Room()
        room.visit([*entries("abcd", 1), entry("old", 30)])
        room.visit([entry("old", 30), *entries("abcd", 1)])
        room.visit([entry("n"), entry("old", 30), *entries("ab", 1)])
        assert room.shelf.candidates("n") == []

    def test_an_entry_pinned_until_news_was_put_above_it_is_no_evidence_and_no_meeting_point(self) -> None:
        room = Room()
        room.visit([*entries("abcd", 1), entry("old", 30)])
        room.visit([entry("old", 30), *entries("abcd", 1)])
        changes = room.visit([*entries("nopq", 0), entry("old", 30)], complete=False)
        assert ("gap", "") in told(changes)
        assert room.shelf.candidates("n") == []

    def test_an_older_entry_that_always_stood_above_is_no_evidence(self) -> None:
        room = Room()
        room.visit([entry("a", 1), entry("late", 9), entry("b", 2), entry("c", 3)])
        room.visit([entry("n", 0), entry("a", 1), entry("late", 9), entry("b", 2)])
        assert room.shelf.candidates("n") == []

    def test_what_stood_first_until_news_stood_below_it_may_have_been_pinned_all_along(self) -> None:
        room = Room()
        rest = [entry("b", 1), entry("late", 7), *(entry(name, 1) for name in "cde")]
        room.visit(rest)
        room.visit([entry("pinned", 1), *rest])
        room.visit([entry("pinned", 1), entry("n"), *rest])
        for _ in range(2):
            assert room.visit([entry("n"), *rest]) == []
            assert room.looks() == []

    def test_what_was_only_ever_pinned_is_missed_where_its_date_belongs(self) -> None:
        room = Room()
        room.visit([entry("pinned", 3), *entries("ab", 1), *entries("de", 4)])
        room.gone.add("pinned")
        room.visit([*entries("ab", 1), *entries("de", 4)])
        assert told(room.looks()) == [("withdrawn", "pinned")]

    def test_a_day_told_as_a_distance_proves_no_absence_within_a_day(self) -> None:
        room = Room()
        room.visit([entry("a", 0), entry("b", 1, relative=True), entry("c", 2), entry("d", 3)])
        room.visit([entry("a", 0), entry("c", 2)])
        assert room.shelf.candidates("n") == []
        room.visit([entry("a", 0), entry("c", 2), entry("d", 3)])
        assert [c.key.rpartition("/")[2] for c in room.shelf.candidates("n")] == ["b"]

    def test_among_undated_ones_one_that_was_lifted_from_below_proves_nothing(self) -> None:
        room = Room()
        old = {name: entry(name, None) for name in "abcdefghn"}
        room.visit([old[name] for name in "abcdef"], complete=False)
        room.gone.clear()
        lifted = [old[name] for name in "ngfe"]
        room.visit(lifted, complete=False)
        room.looks()
        assert ("unlisted", "a") not in told(room.visit(lifted, [old["h"]], complete=False))

    def test_an_entry_that_stood_above_is_no_evidence(self) -> None:
        room = Room()
        room.visit([entry("a", None), entry("b", None), entry("c", None)])
        room.visit([entry("n", None), entry("a", None), entry("b", None)])
        assert room.shelf.candidates("n") == []

    def test_two_agreeing_looks_apart_make_a_withdrawal(self, room: Room) -> None:
        room.gone.add("b")
        assert told(room.visit(entries("a", 1) + entries("cde", 3))) == []
        assert told(room.looks()) == [("withdrawn", "b")]

    def test_no_answer_is_no_verdict(self, room: Room) -> None:
        room.silent.add("b")
        room.visit(entries("a", 1) + entries("cde", 3))
        assert told(room.looks()) == []

    def test_a_look_whose_control_failed_is_no_verdict(self, room: Room) -> None:
        room.visit(entries("a", 1) + entries("cde", 3))
        key = room.shelf.candidates("n")[0].key
        for _ in range(3):
            room.seq += 1
            room.now += timedelta(hours=2)
            look = Look("n", key, f"{SITE}/b", room.now, Verdict.GONE, control=False)
            folding = fold_look(known_for_look(room.shelf, look), room.seq, look, room.rules)
            room.shelf.fold(folding)
            assert folding.changes == ()

    def test_a_page_still_there_is_unlisted_once_its_place_was_read_back_to(self, room: Room) -> None:
        rest = entries("a", 1) + entries("cde", 3)
        room.visit(rest)
        assert told(room.looks()) == []
        assert told(room.visit(rest)) == [("unlisted", "b")]
        assert told(room.visit(rest)) == []

    def test_found_on_a_later_page_it_is_no_change(self, room: Room) -> None:
        rest = entries("a", 1) + entries("cde", 3)
        room.visit(rest)
        room.looks()
        assert told(room.visit(rest, [entry("b", 2), entry("f", 9)])) == []

    def test_an_undated_one_is_unlisted_though_unknown_pages_lie_behind(self) -> None:
        room = Room()
        old = [entry(name, None) for name in "abcde"]
        room.visit(old, complete=False)
        rest = [e for e in old if e.title != "What b said"]
        room.visit([*rest, entry("f", None)], complete=False)
        room.looks()
        assert told(room.visit([*rest, entry("f", None)], [entry(n, None) for n in "ghijk"])) == [("unlisted", "b")]

    def test_many_gone_at_once_wait_for_a_later_healthy_visit(self) -> None:
        room = Room()
        room.visit(entries("abcdefghij", 1))
        room.gone |= set("abcdef")
        rest = entries("ghij", 7)
        room.visit(rest)
        assert told(room.looks()) == []
        assert told(room.visit([], outcome=Outcome.FAILED)) == []
        assert told(room.visit(rest)) == [("withdrawn", name) for name in "abcdef"]

    def test_back_on_the_list_and_online_it_is_restored(self, room: Room) -> None:
        room.gone.add("b")
        room.visit(entries("a", 1) + entries("cde", 3))
        room.looks()
        room.gone.clear()
        room.visit(entries("abcde", 1))
        assert told(room.looks()) == [("restored", "b")]

    def test_listed_again_while_its_page_is_still_gone_is_not_restored(self, room: Room) -> None:
        room.gone.add("b")
        room.visit(entries("a", 1) + entries("cde", 3))
        room.looks()
        room.visit(entries("abcde", 1))
        assert told(room.looks()) == []
        assert room.shelf.releases[f"{SITE}/b"].state is State.WITHDRAWN


class TestWhatMoved:
    def test_the_old_address_leads_to_the_new_one(self, room: Room) -> None:
        room.leads["b"] = "elsewhere"
        room.visit([entry("a", 1), entry("elsewhere", 2, title="Another headline"), *entries("cde", 3)])
        changes = room.looks()
        assert told(changes) == [("edited", "elsewhere"), ("moved", "elsewhere")]

    def test_the_same_title_and_date_and_the_old_address_gone(self, room: Room) -> None:
        room.gone.add("b")
        room.visit([entry("a", 1), entry("elsewhere", 2, title="What b said"), *entries("cde", 3)])
        assert told(room.looks()) == [("moved", "elsewhere")]

    def test_an_old_address_that_still_serves_is_another_release(self, room: Room) -> None:
        room.visit([entry("a", 1), entry("elsewhere", 2, title="What b said"), *entries("cde", 3)])
        assert told(room.looks()) == [("new", "elsewhere")]

    def test_a_title_that_recurs_tells_no_move(self) -> None:
        room = Room()
        daily = [entry(name, n, title="Daily briefing") for n, name in enumerate("abc", 1)]
        room.visit([*daily, entry("x", 8)])
        room.gone.add("a")
        room.visit([entry("n", 1, title="Daily briefing"), *daily[1:], entry("x", 8)])
        assert told(room.looks()) == [("new", "n"), ("withdrawn", "a")]

    def test_another_query_on_the_same_page_is_no_move_and_no_news(self, room: Room) -> None:
        tokens = [replace(e, url=f"{e.url}?token={i}77") for i, e in enumerate(entries("abcde", 1))]
        assert told(room.visit([tokens[0], entry("b", 2), tokens[2], *entries("de", 4)])) == []
        assert told(room.visit([entry("n"), *tokens[:2], *entries("cde", 3)])) == [("new", "n")]
        assert len(room.shelf.releases) == 6
        assert len(room.shelf.addresses) == 6

    def test_what_appears_later_does_not_wait_for_a_candidate_without_answer(self, room: Room) -> None:
        room.silent.add("b")
        rest = entries("a", 1) + entries("cde", 3)
        room.visit(rest)
        room.looks()
        assert told(room.visit([entry("n"), *rest])) == [("new", "n")]


class TestWhatIsEdited:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("A whole summary.", None),
            (None, "A whole summary."),
            ("A whole summary.", "A who…"),
            ("A who…", "A whole summary."),
            ("A whole sum…", "A wh..."),
            ("A whole sum…", "A wh [Read more...]"),
            ("A whole summary.", "Quite another cut …"),
        ],
    )
    def test_absent_and_cut_values_edit_nothing(self, before: str | None, after: str | None) -> None:
        room = Room()
        room.visit([entry("a", 1, summary=before), entry("b", 2)])
        assert told(room.visit([entry("a", 1, summary=after), entry("b", 2)])) == []

    def test_a_whole_value_that_differs_is_an_edit_of_its_field(self) -> None:
        room = Room()
        room.visit([entry("a", 1, summary="One.", kind="Update"), entry("b", 2)])
        (change,) = room.visit([entry("a", 1, summary="Two.", kind="Update"), entry("b", 2)])
        assert change.detail == {"fields": {"summary": {"before": "One.", "after": "Two."}}}

    def test_what_differs_in_most_releases_at_once_is_the_pages_doing(self) -> None:
        room = Room()
        counted = [replace(e, summary=f"Read {i} times.") for i, e in enumerate(entries("abcde", 1))]
        room.visit(counted)
        again = [replace(e, summary=f"Read {i} times more.") for i, e in enumerate(counted)]
        again[1] = replace(again[1], title="What b really said")
        assert [set(change.detail["fields"]) for change in room.visit(again)] == [{"title"}]

    def test_a_date_told_as_a_distance_edits_nothing(self) -> None:
        room = Room()
        room.visit([entry("a", 1), entry("b", 2)])
        assert told(room.visit([entry("a", 0, relative=True), entry("b", 2)])) == []

    def test_an_instant_beside_a_day_edits_nothing_but_another_day_does(self) -> None:
        room = Room()
        room.visit([entry("a", 1), entry("b", 2)])
        stamped = entry("a", 1, date=datetime(2026, 11, 19, 9, tzinfo=UTC))
        assert told(room.visit([stamped, entry("b", 2)])) == []
        moved = entry("a", 1, date=date(2026, 11, 18))
        assert [c.detail["fields"]["date"]["after"] for c in room.visit([moved, entry("b", 2)])] == ["2026-11-18"]

    def test_another_recipe_is_compared_with_what_it_reads_in_the_kept_page(self) -> None:
        room = Room()
        room.visit([entry("a", 1, kind="Photo"), entry("b", 2)])
        other = Recipe(entry="li", kind="b")
        again = [entry("a", 1, kind="Update"), entry("b", 2)]
        assert told(room.visit(again, recipe=other, reread=again)) == []
        assert told(room.visit([entry("a", 1, kind="Report"), entry("b", 2)], recipe=other)) == [("edited", "a")]

    def test_another_recipe_that_sees_other_entries_raises_no_alarm(self) -> None:
        room = Room()
        every = entries("abcde", 1)
        room.visit(every)
        some = [e for e in every if e.title not in {"What b said", "What d said"}]
        narrow = Recipe(entry="li.press")
        assert told(room.visit(some, recipe=narrow, reread=some)) == []
        assert told(room.visit(some, recipe=narrow)) == []
        assert room.looks() == []
        assert told(room.visit(every, recipe=RECIPE, reread=every)) == []

    def test_an_entry_without_a_link_keeps_its_release_when_its_title_is_edited(self) -> None:
        room = Room()
        old = [replace(e, url=None) for e in entries("abc", 1)]
        room.visit(old)
        (change,) = room.visit([old[0], replace(old[1], title="What b really said"), old[2]])
        assert change.kind is Kind.EDITED


class TestTheNewsroom:
    def test_another_address_begins_again(self, room: Room) -> None:
        room.url = "https://example.org/press"
        assert told(room.visit(entries("xyz", 1))) == [("baseline", "")]

    def test_broken_is_told_once_and_recovered_once(self, room: Room) -> None:
        failures = [room.visit([], outcome=Outcome.FAILED) for _ in range(12)]
        assert told(change for changes in failures for change in changes) == [("broken", "")]
        assert told(room.visit(entries("abcde", 1))) == [("recovered", "")]

    def test_a_suspect_visit_changes_nothing(self, room: Room) -> None:
        before = dict(room.shelf.releases)
        assert room.visit([], outcome=Outcome.SUSPECT) == []
        assert room.shelf.releases == before

    def test_filters_let_nothing_through_and_cause_nothing(self, room: Room) -> None:
        room.rules = replace(room.rules, exclude=("/b", "/n"))
        assert told(room.visit([entry("n"), *entries("a", 1), *entries("cde", 3)])) == []
        assert told(room.looks()) == []

    def test_a_clock_at_the_end_of_time_is_borne(self) -> None:
        room = Room()
        room.now = datetime(9999, 12, 31, 22, tzinfo=UTC)
        assert told(room.visit(entries("ab", 1))) == [("baseline", "")]
