"""The JSON of an issue."""

import json

from hypothesis import given
from hypothesis import strategies as st

from scheduler.render import change_json, render_json
from storage.records import Change, Kind
from tests.scheduler.digests.example import CHANGES, FULL, QUIET, at, issue


def test_issue_has_the_promised_shape() -> None:
    record = json.loads(render_json(FULL))
    assert list(record) == ["digest", "from", "to", "previous_sha256", "changes"]
    assert (record["digest"], record["from"], record["to"]) == (
        "daily", "2026-11-19T06:00:00+00:00", "2026-11-20T06:00:00+00:00",
    )  # fmt: skip
    assert record["previous_sha256"] == "5f0c2a91" * 8
    assert record["changes"] == [change_json(change) for change in CHANGES]


def test_change_has_the_promised_shape() -> None:
    moved = next(change for change in CHANGES if change.kind is Kind.MOVED)
    assert change_json(moved) == {
        "id": moved.id,
        "newsroom": "ministry-transport",
        "kind": "moved",
        "url": "https://www.transport.gov.example/news/2026/11/night-trains",
        "title": "Night trains return to the coast line in spring",
        "seen_at": "2026-11-19T09:30:00+00:00",
        "detail": {"from": "https://www.transport.gov.example/press/night-trains-return"},
    }


def test_change_of_a_newsroom_has_no_address_and_no_title() -> None:
    gap = next(change for change in CHANGES if change.kind is Kind.GAP)
    assert (change_json(gap)["url"], change_json(gap)["title"]) == (None, None)


def test_first_issue_names_no_hash_and_an_empty_one_no_changes() -> None:
    record = json.loads(render_json(issue(previous_sha256=None)))
    assert (record["previous_sha256"], record["changes"]) == (None, [])
    assert json.loads(render_json(QUIET))["changes"] == []


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_whole_and_does_a_terminal_no_harm(title: str, summary: str) -> None:
    change = Change("room", Kind.NEW, "https://a.example/", title, at(20, 5), {"summary": f"{summary}\u202e\x1b[2J"})
    text = render_json(issue((change,)))
    assert not any(mark in text for mark in "\x1b\u202e\u2066\u2028\x9b\x7f")
    back = json.loads(text.encode())["changes"][0]
    assert (back["title"], back["detail"]["summary"]) == (title, f"{summary}\u202e\x1b[2J")
