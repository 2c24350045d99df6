from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import cast

import pytest

from crawler.listing import READER_VERSION
from crawler.urls import canonical, shape
from crawler.visit import visit
from crawler.web import Answer, Ask, FetchError, Forbidden
from storage.records import History, Order, Outcome, Recipe, Seek, Validators, Visit

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
SITE = "https://news.example.org"
LIST = f"{SITE}/news"
RECIPE = Recipe(entry="li.release", title="a", link="a", date="time", next="a.next")

Served = Answer | FetchError
Answers = Mapping[str, Served | Sequence[Served]]
Row = tuple[str, int | None] | str


def url_of(name: str) -> str:
    return f"{SITE}/news/{name}-released"


def title_of(name: str) -> str:
    return f"Authorities must answer for {name}"


def row(which: Row) -> str:
    """("name", day of May) as a list row; a name in brackets has no link of its own."""
    name, day = which if isinstance(which, tuple) else (which, None)
    printed = f"<time datetime='2026-05-{day:02}'>{day} May 2026</time>" if day else ""
    bare = name.startswith("[")
    head = f"<h3>{title_of(name.strip('[]'))}</h3>" if bare else f"<a href='{url_of(name)}'>{title_of(name)}</a>"
    return f"<li class='release'>{head} {printed}<p>What happened to {name}, told in a few words.</p></li>"


def sheet(*rows: Row, following: str | None = None, at: str = "", **headers: str) -> Answer:
    pager = f"<a class='next' href='{following}'>Older</a>" if following else ""
    list_of_rows = f"<ul>{''.join(map(row, rows))}</ul>"
    body = f"<html><head><title>Newsroom</title></head><body><h1>News</h1>{list_of_rows}{pager}</body></html>"
    told = {"content-type": "text/html; charset=utf-8", **{name.replace("_", "-"): v for name, v in headers.items()}}
    return Answer(at, 200, told, body.encode())


def bare(body: str | bytes, *, status: int = 200, content_type: str = "text/html", **headers: str) -> Answer:
    told = {"content-type": content_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Answer("", status, {k: v for k, v in told.items() if v}, body.encode() if isinstance(body, str) else body)


def history(*names: str, newest: int | None = 10, count: int = 3) -> History:
    return History(
        addresses=tuple(canonical(url_of(name)) for name in names),
        titles=tuple(title_of(name).lower() for name in names),
        shapes=frozenset({shape(url_of("any"))}),
        newest=date(2026, 5, newest) if newest else None,
        counts=(count,),
    )


def order(**fields: object) -> Order:
    return replace(Order("example", LIST, RECIPE), **fields)  # type: ignore[arg-type]  # replace checks their names


class World:
    """Answers by address: one answer for good, or the last of several for good. One without address has that asked."""

    def __init__(self, answers: Answers) -> None:
        self.answers = {url: [a] if isinstance(a, Answer | FetchError) else list(a) for url, a in answers.items()}
        self.asked: list[Ask] = []

    async def __call__(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        waiting = self.answers.get(ask.url) or [Answer(ask.url, 404, {}, b"")]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, FetchError):
            raise answer
        return answer if answer.url else replace(answer, url=ask.url)

    @property
    def urls(self) -> list[str]:
        return [ask.url.removeprefix(SITE) for ask in self.asked]


def ticking() -> Callable[[], datetime]:
    ticks = iter(range(10_000))
    return lambda: NOW + timedelta(seconds=next(ticks))


async def visited(answers: Answers | Served, **fields: object) -> tuple[Visit, World]:
    world = World({LIST: answers} if isinstance(answers, Answer | FetchError) else answers)
    seen = await visit(order(**fields), world, ticking())
    assert (seen.newsroom, seen.url, seen.requests) == ("example", LIST, len(world.asked))
    assert seen.started_at == NOW < seen.finished_at
    assert len(seen.pages) == len(seen.window)
    if seen.outcome in {Outcome.SUSPECT, Outcome.FAILED}:
        assert seen.reason
        assert (seen.window, seen.pages, seen.validators, seen.body_sha256, seen.recipe) == ((), (), None, None, None)
    return seen, world


def shown(seen: Visit) -> list[str]:
    titles = [entry.title for listing in seen.window for entry in listing.entries]
    return [title.rsplit(" ", 1)[1] for title in titles]


# --- one page --------------------------------------------------------------------------------------------------------


async def test_the_first_visit_reads_the_first_page_only() -> None:
    first = sheet(
        ("c", 10), ("b", 9), following="/news?page=2", etag='"1"', last_modified="Mon, 01 Jun 2026 08:00:00 GMT"
    )
    seen, world = await visited(first)
    assert (seen.outcome, seen.met, seen.complete, seen.stopped) == (Outcome.OK, True, False, "")
    assert shown(seen) == ["c", "b"]
    assert seen.window[0].entries[0].date == date(2026, 5, 10)
    assert seen.validators == Validators('"1"', "Mon, 01 Jun 2026 08:00:00 GMT")
    assert seen.body_sha256 == seen.pages[0].sha256 == sha256(first.body).hexdigest()
    assert (seen.pages[0].url, seen.pages[0].content_type) == (LIST, "text/html; charset=utf-8")
    assert (seen.recipe, seen.reader_version) == (RECIPE, READER_VERSION)
    assert world.asked[0].headers == {}
    assert world.asked[0].same_site


async def test_a_list_of_one_page_is_complete() -> None:
    seen, _ = await visited(sheet(("c", 10), ("b", 9)))
    assert seen.complete


async def test_a_recipe_is_inferred_where_none_is_given() -> None:
    rows = [(name, 20 - i) for i, name in enumerate("hgfedcba")]
    seen, _ = await visited(sheet(*rows), recipe=None)
    assert seen.outcome is Outcome.OK
    assert shown(seen) == list("hgfedcba")
    assert seen.recipe is not None


async def test_a_page_without_a_list_is_suspect_with_the_reason() -> None:
    prose = "<html><title>Imprint</title><p>We are a small office.</p></html>"
    seen, _ = await visited(bare(prose), recipe=None)
    assert seen.outcome is Outcome.SUSPECT


async def test_a_challenge_where_a_recipe_is_to_be_inferred_is_named() -> None:
    challenge = "<html><title>Just a moment...</title><script>_cf_chl_opt</script><p>Confirm you are human</p></html>"
    seen, _ = await visited(bare(challenge), recipe=None)
    assert seen.outcome is Outcome.SUSPECT
    assert seen.reason.endswith("the page asks for proof that we are no robot")


async def test_a_faulty_recipe_fails_with_its_selector() -> None:
    seen, _ = await visited(sheet(("a", 1)), recipe=Recipe(entry="li[[release"))
    assert seen.outcome is Outcome.FAILED
    assert "li[[release" in seen.reason


@pytest.mark.parametrize("recipe", [RECIPE, None])
async def test_what_trips_a_parser_fails_this_visit_only(recipe: Recipe | None) -> None:
    broken = replace(sheet(("a", 1)), body=cast("bytes", _Tripping(b"<html><li>")))
    seen, _ = await visited(broken, recipe=recipe)
    assert seen.outcome is Outcome.FAILED
    assert seen.reason.startswith("the page could not be read: ")


class _Tripping(bytes):
    def decode(self, *_: object, **__: object) -> str:
        raise RecursionError("too deep")


# --- what is no listing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (bare("down", status=503), "HTTP 503 Service Unavailable"),
        (bare("gone", status=410), "HTTP 410 Gone"),
        (bare("", status=599), "HTTP 599"),
        (bare(""), "the page is empty"),
        (bare(" \n"), "the page is empty"),
        (bare(b"%PDF-1.7", content_type="application/pdf"), "wrong content type application/pdf"),
        (bare(b"%PDF-1.7"), "wrong content type application/pdf, though served as text/html"),
        (bare(b"\x89PNG", content_type="image/png"), "wrong content type image/png"),
        (bare(b"\x00\x01", content_type="application/octet-stream"), "wrong content type application/octet-stream"),
        (bare('{"a": 1}', content_type="application/json"), "wrong content type application/json"),
        (
            bare("<?xml version='1.0'?><rss/>", content_type="application/rss+xml"),
            "wrong content type application/rss+xml",
        ),
        (bare("<rss/>", content_type=""), "wrong content type: none, and no HTML"),
        (FetchError("timed out after 30 s"), "timed out after 30 s"),
        (Forbidden("robots.txt forbids it"), "robots.txt forbids it"),
        (bare("", status=304), "HTTP 304 Not Modified, though nothing was asked conditionally"),
    ],
)
async def test_what_is_no_page_fails_with_the_reason(answer: Served, reason: str) -> None:
    seen, _ = await visited(answer)
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, reason)


async def test_a_challenge_with_an_error_status_is_named() -> None:
    challenge = "<title>Just a moment...</title><script>_cf_chl_opt</script>"
    seen, _ = await visited(bare(challenge, status=403))
    assert seen.reason == "HTTP 403 Forbidden; the page asks for proof that we are no robot"


@pytest.mark.parametrize("answer", [bare("", status=429, retry_after="120"), FetchError("HTTP 429", 120.0)])
async def test_a_wait_that_was_asked_for_is_kept(answer: Served) -> None:
    seen, _ = await visited(answer)
    assert (seen.outcome, seen.retry_after_s) == (Outcome.FAILED, 120.0)


async def test_plain_words_served_as_html_are_suspect() -> None:
    seen, _ = await visited(bare("It works"))
    assert (seen.outcome, seen.reason) == (Outcome.SUSPECT, "not HTML, though served as text/html")


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/octet-stream", "application/xhtml+xml"])
async def test_html_under_another_type_is_read(content_type: str) -> None:
    answer = sheet(("a", 1))
    seen, _ = await visited(replace(answer, headers={"content-type": content_type} if content_type else {}))
    assert seen.outcome is Outcome.OK


async def test_a_declared_encoding_is_heeded() -> None:
    answer = sheet(("a", 1))
    body = answer.body.decode().replace("answer for a", "answer for Ян").encode("cp1251")
    seen, _ = await visited(replace(answer, headers={"content-type": "text/html; charset=windows-1251"}, body=body))
    assert shown(seen) == ["Ян"]


# --- health ----------------------------------------------------------------------------------------------------------


async def test_an_empty_list_where_there_was_one_is_suspect() -> None:
    seen, _ = await visited(sheet(), history=history("a"))
    assert (seen.outcome, seen.reason) == (Outcome.SUSPECT, "0 entries where 3 are usual")


async def test_an_empty_first_visit_is_suspect() -> None:
    seen, _ = await visited(sheet())
    assert seen.outcome is Outcome.SUSPECT


async def test_another_list_altogether_is_suspect() -> None:
    seen, _ = await visited(sheet(("x", 4), ("y", 3)), history=history("a"))
    assert seen.outcome is Outcome.SUSPECT
    assert "2026-05-10 is known" in seen.reason


# --- unchanged -------------------------------------------------------------------------------------------------------

BEFORE = sheet(("b", 9), ("a", 8))
KEPT = {
    "history": history("a", "b"),
    "validators": Validators('"1"', "Mon, 01 Jun 2026 08:00:00 GMT"),
    "body_sha256": sha256(BEFORE.body).hexdigest(),
    "read_alike": True,
}


async def test_not_modified_where_the_server_says_so() -> None:
    seen, world = await visited(bare("", status=304, etag='"2"'), **KEPT)
    assert (seen.outcome, seen.window, seen.recipe) == (Outcome.NOT_MODIFIED, (), RECIPE)
    assert seen.validators == Validators('"2"', "Mon, 01 Jun 2026 08:00:00 GMT")
    assert world.asked[0].headers == {"If-None-Match": '"1"', "If-Modified-Since": "Mon, 01 Jun 2026 08:00:00 GMT"}


async def test_not_modified_where_the_body_is_the_same() -> None:
    seen, _ = await visited(replace(BEFORE, headers={**BEFORE.headers, "etag": '"3"'}), **KEPT)
    assert (seen.outcome, seen.validators) == (Outcome.NOT_MODIFIED, Validators('"3"', None))
    assert seen.body_sha256 == KEPT["body_sha256"]


@pytest.mark.parametrize(
    "change",
    [
        {"read_alike": False},
        {"body_sha256": "another"},
        {"body_sha256": None},
        {"history": None},
        {"seeks": (Seek(canonical(url_of("a")), None),)},
    ],
)
async def test_the_same_body_is_read_again_where_it_was_not_believed_so(change: dict[str, object]) -> None:
    seen, _ = await visited(BEFORE, **{**KEPT, **change})
    assert (seen.outcome, shown(seen)) == (Outcome.OK, ["b", "a"])


@pytest.mark.parametrize("change", [{"history": None}, {"seeks": (Seek("x", None),)}, {"validators": Validators()}])
async def test_a_full_read_asks_unconditionally(change: dict[str, object]) -> None:
    _, world = await visited(BEFORE, **{**KEPT, **change})
    assert world.asked[0].headers == {}


async def test_the_same_error_page_is_not_unchanged() -> None:
    seen, _ = await visited(replace(BEFORE, status=500), **KEPT)
    assert seen.outcome is Outcome.FAILED


# --- paging back -----------------------------------------------------------------------------------------------------

NO_LINK = "no link to an older page was found"
P2, P3, P4 = "/news?page=2", "/news?page=3", "/news?page=4"


async def test_a_window_that_meets_on_the_first_page_needs_no_other() -> None:
    seen, world = await visited(sheet(("n", 11), ("a", 10), following=P2), history=history("a"))
    assert (seen.met, seen.complete, world.urls) == (True, False, ["/news"])


async def test_a_burst_is_read_back_until_the_windows_meet() -> None:
    answers = {
        LIST: sheet(("n", 13), ("m", 12), following=P2),
        SITE + P2: sheet(("l", 11), ("a", 10), following=P3),
    }
    seen, world = await visited(answers, history=history("a"))
    assert world.urls == ["/news", P2, "/news"]
    assert (seen.met, seen.complete, seen.stopped) == (True, False, "")
    assert shown(seen) == ["n", "m", "l", "a"]
    assert [page.url for page in seen.pages] == [LIST, SITE + P2]
    assert seen.window[1].url == SITE + P2
    assert seen.body_sha256 == sha256(answers[LIST].body).hexdigest()
    assert world.asked[2].headers == {}


async def test_a_pinned_known_release_does_not_meet() -> None:
    answers = {
        LIST: sheet(("old", 1), ("n", 13), ("m", 12), following=P2),
        SITE + P2: sheet(("old", 1), ("l", 11), ("k", 10), following=P3),
        SITE + P3: sheet(("old", 1), ("a", 9), ("b", 8)),
    }
    seen, world = await visited(answers, history=history("old", "a"))
    assert world.urls == ["/news", P2, P3, "/news"]
    assert seen.met


async def test_entries_without_links_meet_by_title() -> None:
    seen, world = await visited(sheet(("[n]", 11), ("[a]", 10), following=P2), history=history("a"))
    assert (seen.met, world.urls) == (True, ["/news"])


async def test_reading_stops_at_the_page_limit() -> None:
    answers = {
        LIST: sheet(("n", 13), following=P2),
        SITE + P2: sheet(("m", 12), following=P3),
        SITE + P3: sheet(("a", 10)),
    }
    seen, world = await visited(answers, history=history("a"), max_pages=2)
    assert (seen.outcome, seen.met, seen.complete) == (Outcome.OK, False, False)
    assert (seen.stopped, world.urls) == ("the limit of 2 pages was reached", ["/news", P2, "/news"])


async def test_a_list_that_ends_unmet_says_so() -> None:
    seen, _ = await visited({LIST: sheet(("n", 13), following=P2), SITE + P2: sheet(("m", 12))}, history=history("a"))
    assert (seen.met, seen.complete, seen.stopped) == (False, True, NO_LINK)


@pytest.mark.parametrize("back", [LIST, P2, P2 + "&utm_source=pager"])
async def test_a_pager_that_runs_in_a_circle_ends_the_list(back: str) -> None:
    answers = {LIST: sheet(("n", 13), following=P2), SITE + P2: sheet(("m", 12), following=back)}
    seen, world = await visited(answers, history=history("a"))
    assert (seen.met, seen.complete, world.urls) == (False, True, ["/news", P2, "/news"])
    assert seen.stopped == ("the link to the next page leads back" if back == LIST else NO_LINK)


async def test_a_pager_that_shows_the_first_page_again_has_not_reached_the_end() -> None:
    seen, _ = await visited(
        {LIST: sheet(("n", 13), following=P2), SITE + P2: sheet(("n", 13), following=P3)}, history=history("a")
    )
    assert (seen.met, seen.complete, len(seen.window)) == (False, False, 1)
    assert seen.stopped == "page 2 repeats what stands before it"


async def test_a_page_that_repeats_earlier_ones_ends_the_list() -> None:
    answers = {
        LIST: sheet(("n", 13), following=P2),
        SITE + P2: sheet(("m", 12), following=P3),
        SITE + P3: sheet(("m", 12), ("n", 13), following=P4),
    }
    seen, _ = await visited(answers, history=history("a"))
    assert (seen.complete, len(seen.window)) == (True, 2)


async def test_a_page_that_leads_back_to_an_earlier_one_ends_the_list() -> None:
    answers = {
        LIST: sheet(("n", 13), following=P2),
        SITE + P2: sheet(("m", 12), following=P3),
        SITE + P3: sheet(("l", 11), at=LIST),
    }
    seen, _ = await visited(answers, history=history("a"))
    assert (seen.complete, shown(seen)) == (True, ["n", "m"])


async def test_a_pager_to_another_site_is_not_followed() -> None:
    seen, world = await visited(sheet(("n", 13), following="https://elsewhere.example/"), history=history("a"))
    assert (seen.met, world.urls) == (False, ["/news"])


async def test_robots_end_paging_with_their_reason() -> None:
    seen, _ = await visited(
        {LIST: sheet(("n", 13), following=P2), SITE + P2: Forbidden("robots.txt forbids /news?page")},
        history=history("a"),
    )
    assert (seen.outcome, seen.met, seen.complete) == (Outcome.OK, False, False)
    assert seen.stopped == "page 2: robots.txt forbids /news?page"


BROKEN_PAGES: list[tuple[Served, str]] = [
    (bare("", status=500), "page 2: HTTP 500 Internal Server Error"),
    (bare("", status=503, retry_after="7"), "page 2: HTTP 503 Service Unavailable"),
    (FetchError("timed out", 7.0), "page 2: timed out"),
    (bare(b"%PDF-1", content_type="application/pdf"), "page 2: wrong content type application/pdf"),
    (
        bare("<html><title>Just a moment...</title><script>_cf_chl_opt</script>"),
        "page 2: the page asks for proof that we are no robot",
    ),
]


@pytest.mark.parametrize(("answer", "reason"), BROKEN_PAGES)
async def test_a_page_that_fails_fails_the_visit(answer: Served, reason: str) -> None:
    answers = {LIST: sheet(("n", 13), following=P2), SITE + P2: answer}
    seen, _ = await visited(answers, history=history("a"), fails=2)
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, reason)


@pytest.mark.parametrize(("answer", "reason"), BROKEN_PAGES)
async def test_a_page_that_always_fails_does_not_blind_the_monitor(answer: Served, reason: str) -> None:
    answers = {LIST: sheet(("n", 13), following=P2), SITE + P2: answer}
    seen, _ = await visited(answers, history=history("a"), fails=3)
    assert (seen.outcome, seen.met, seen.complete, seen.stopped) == (Outcome.OK, False, False, reason)
    assert shown(seen) == ["n"]


@pytest.mark.parametrize("answer", [bare("", status=404), bare("", status=410), sheet(at=SITE + P2)])
async def test_a_missing_or_empty_page_ends_the_list(answer: Answer) -> None:
    seen, _ = await visited({LIST: sheet(("n", 13), following=P2), SITE + P2: answer}, history=history("a"))
    assert (seen.outcome, seen.met, seen.complete, len(seen.window)) == (Outcome.OK, False, True, 1)
    assert seen.stopped.startswith("page 2")


async def test_a_list_printed_oldest_first_is_read_to_its_end_from_the_first_visit_on() -> None:
    answers = {LIST: sheet(("a", 1), ("b", 2), ("c", 3), following=P2), SITE + P2: sheet(("d", 4), ("e", 5))}
    seen, _ = await visited(answers)
    assert shown(seen) == ["a", "b", "c", "d", "e"]
    assert (seen.met, seen.complete, seen.stopped) == (True, True, "")
    again, _ = await visited(answers, history=history("a", "d"))
    assert len(again.window) == 2


async def test_a_list_known_to_be_printed_oldest_first_is_read_to_its_end_whatever_its_first_page_shows() -> None:
    answers = {LIST: sheet(("a", 1), ("b", 1), following=P2), SITE + P2: sheet(("c", 4))}
    turned, _ = await visited(answers, history=replace(history("a", "b"), oldest_first=True))
    assert len(turned.window) == 2
    usual, _ = await visited(answers, history=history("a", "b"))
    assert len(usual.window) == 1


# --- seeks -----------------------------------------------------------------------------------------------------------


def seek(name: str, day: int | None) -> Seek:
    return Seek(canonical(url_of(name)), date(2026, 5, day) if day else None)


PAGES = {
    LIST: sheet(("a", 10), ("b", 9), following=P2),
    SITE + P2: sheet(("c", 8), ("d", 7), following=P3),
    SITE + P3: sheet(("e", 6), ("f", 5)),
}


@pytest.mark.parametrize(
    ("sought", "pages", "complete", "stopped"),
    [
        (seek("c", 8), 2, False, ""),  # found
        (seek("x", 9), 3, True, ""),  # its day is passed on page 2, and one more is read
        (seek("x", 10), 2, False, ""),  # passed on page 1
        (seek("x", 5), 3, True, NO_LINK),
        (seek("x", None), 3, True, NO_LINK),
        (seek("e", None), 3, True, ""),
    ],
)
async def test_a_release_is_sought_to_where_its_day_belongs(
    sought: Seek, pages: int, stopped: str, *, complete: bool
) -> None:
    seen, _ = await visited(PAGES, history=history("a"), seeks=(sought,))
    assert (len(seen.window), seen.met, seen.complete, seen.stopped) == (pages, True, complete, stopped)
    assert seen.sought == (sought.address,)


async def test_a_seek_ends_at_the_page_limit() -> None:
    seen, _ = await visited(PAGES, history=history("a"), seeks=(seek("x", None),), max_pages=1)
    assert (seen.met, seen.stopped) == (True, "the limit of 1 page was reached")


# --- a list that changes while it is read ----------------------------------------------------------------------------


async def test_a_list_that_changed_while_being_read_is_read_again() -> None:
    before, after = sheet(("n", 13), ("m", 12), following=P2), sheet(("o", 14), ("n", 13), following=P2, etag='"2"')
    answers = {
        LIST: [before, after, after],
        SITE + P2: [sheet(("l", 11), ("a", 10)), sheet(("m", 12), ("l", 11), ("a", 10))],
    }
    seen, world = await visited(answers, history=history("a"))
    assert world.urls == ["/news", P2, "/news", P2, "/news"]
    assert shown(seen) == ["o", "n", "m", "l", "a"]
    assert (seen.validators, seen.body_sha256) == (Validators('"2"', None), sha256(after.body).hexdigest())


async def test_another_advertisement_is_no_change_of_the_list() -> None:
    one = sheet(("n", 13), following=P2)
    other = replace(one, body=one.body + b"<!-- another -->")
    seen, world = await visited({LIST: [one, other], SITE + P2: sheet(("a", 10))}, history=history("a"))
    assert (seen.outcome, len(world.asked)) == (Outcome.OK, 3)


def restless() -> dict[str, Sequence[Served]]:
    firsts = [sheet((f"n{i}", 20), ("m", 19), following=P2) for i in range(9)]
    return {LIST: firsts, SITE + P2: [sheet(("a", 10))]}


async def test_a_list_that_never_rests_fails_the_visit() -> None:
    seen, world = await visited(restless(), history=history("a"))
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, "the list changed while it was being read")
    assert len(world.asked) == 7


async def test_a_list_that_never_rests_does_not_blind_the_monitor() -> None:
    seen, _ = await visited(restless(), history=history("a"), fails=3)
    assert (seen.outcome, seen.met, seen.stopped) == (Outcome.OK, False, "the list changed while it was being read")
    assert shown(seen) == ["n2", "m"]


async def test_a_first_page_that_fails_the_second_time_fails_the_visit() -> None:
    answers: Answers = {LIST: [sheet(("n", 13), following=P2), bare("", status=502)], SITE + P2: sheet(("a", 10))}
    seen, _ = await visited(answers, history=history("a"), fails=5)
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, "HTTP 502 Bad Gateway")


async def test_a_list_that_emptied_while_being_read_is_suspect() -> None:
    answers: Answers = {LIST: [sheet(("n", 13), following=P2), sheet()], SITE + P2: sheet(("a", 10))}
    seen, _ = await visited(answers, history=history("a"))
    assert seen.outcome is Outcome.SUSPECT


# --- a page cut off in the middle of a whole answer ------------------------------------------------------------------


def cut(page: Answer, at: bytes) -> Answer:
    """The page up to a text in it."""
    return replace(page, body=page.body[: page.body.index(at)])


CLOSED = replace(history("a"), closed=True)
WHOLE = sheet(("a", 10), ("b", 9))


async def test_a_page_that_breaks_off_is_suspect_where_its_pages_end_as_documents_do() -> None:
    seen, _ = await visited(cut(WHOLE, b" in a few words"), history=CLOSED)
    assert (seen.outcome, seen.reason) == (Outcome.SUSPECT, "the page breaks off in the middle")
    seen, _ = await visited(cut(WHOLE, b" in a few words"), history=history("a"))
    assert seen.outcome is Outcome.OK


async def test_what_stands_behind_the_end_of_a_page_does_not_break_it_off() -> None:
    page = replace(WHOLE, body=WHOLE.body.replace(b"</html>", b"</HTML >") + b"\n<!-- from the cache -->" * 40)
    assert (await visited(page, history=CLOSED))[0].outcome is Outcome.OK


async def test_a_page_behind_the_first_that_breaks_off_is_suspect() -> None:
    answers = {LIST: sheet(("n", 13), following=P2), SITE + P2: cut(WHOLE, b" in a few words")}
    seen, _ = await visited(answers, history=CLOSED)
    assert (seen.outcome, seen.reason) == (Outcome.SUSPECT, "page 2 breaks off in the middle")


async def test_pages_that_leave_the_last_tag_out_for_good_are_believed_again() -> None:
    shorter = cut(WHOLE, b"</body>")
    seen, _ = await visited(shorter, history=CLOSED, fails=2)
    assert seen.outcome is Outcome.SUSPECT
    seen, _ = await visited(shorter, history=CLOSED, fails=3)
    assert seen.outcome is Outcome.OK
    seen, _ = await visited(cut(WHOLE, b" in a few words"), history=CLOSED, fails=3)
    assert seen.outcome is Outcome.SUSPECT
