"""Every fault that verify can find is told in a sentence of its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storage.records import Page
from storage.store import Store
from tests.storage.samples import change, fold, issue, release, revision, visit

if TYPE_CHECKING:
    from pathlib import Path


def filled(path: Path) -> Path:
    with Store.open(path) as store:
        store.register_digest("daily")
        store.add_visit(visit(pages=(Page("https://harbour.example/news", "text/html", b"<html>"),)))
        fold(store, releases=(release("a"),), revisions=(revision("a"),), changes=(change("a"), change("b")))
        store.add_issue(issue(changes=(change("a"),)), up_to=2, sha256="sha-1")
        store.add_issue(issue(2), up_to=2, sha256="sha-2")
        assert store.problems() == []
    return path


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("UPDATE changes SET title = 'X' WHERE number = 2", "Change 2 of newsroom 'harbour' does not match its id"),
        ("UPDATE changes SET detail = '{' WHERE number = 1", "cannot be read"),
        ("UPDATE changes SET kind = 'splendid' WHERE number = 1", "cannot be read"),
        ("UPDATE changes SET detail = '[]' WHERE number = 1", "does not match its id"),
        ("UPDATE pages SET body = x'789c030000000001'", "does not match its hash"),
        ("UPDATE pages SET body = x'00'", "does not match its hash"),
        ("DELETE FROM releases", "In revisions, row 1 refers to a row of releases that is not there."),
        ("UPDATE visit_pages SET sha256 = 'x'", "In visit_pages, a row refers to a row of pages that is not there."),
        ("DELETE FROM visits WHERE seq = 2", "The visit 2 is counted, but not kept."),
        ("UPDATE newsrooms SET last_seq = 9", "Newsroom 'harbour' names visit 9 as its last, which never came."),
        ("UPDATE digests SET cursor = 9", "The cursor of digest 'daily' stands at 9, beyond the latest change."),
        (
            "UPDATE digests SET cursor = 0",
            "Issue 1 of digest 'daily' carries change 1, which its cursor has not reached.",
        ),
        (
            "UPDATE issues SET previous_sha256 = 'x' WHERE number = 2",
            "Issue 2 of digest 'daily' does not name the hash",
        ),
        (
            "UPDATE issues SET previous_sha256 = 'x' WHERE number = 1",
            "Issue 1 of digest 'daily' does not name the hash",
        ),
    ],
)
def test_a_fault_is_told(path: Path, fault: str, sentence: str) -> None:
    with closing(sqlite3.connect(filled(path))) as conn, conn:
        conn.execute(fault)
    with Store.read(path) as store:
        found = store.problems()
    assert [problem for problem in found if sentence in problem], found
    assert all(problem.endswith(".") for problem in found)


def test_an_index_that_lost_a_row_is_told(path: Path) -> None:
    with closing(sqlite3.connect(filled(path))) as conn:
        (root,) = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'releases_titled'").fetchone()
        (empty,) = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'candidates_open'").fetchone()
    whole = path.read_bytes()
    path.write_bytes(whole[: (root - 1) * 4096] + whole[(empty - 1) * 4096 : empty * 4096] + whole[root * 4096 :])
    with Store.read(path) as store:
        assert any("missing from index releases_titled" in problem for problem in store.problems())
