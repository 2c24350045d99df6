"""What the daemon says."""

from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.logs import SAID_AGAIN_S, Complaints, OneLine, look_line, visit_line
from storage.errors import StoreError
from storage.records import Change, Entry, Kind, Listing, Look, Outcome, Stretch, Verdict, Visit

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
URL = "https://ministry.test/news"
WINDOW = (Listing(URL, (Entry("One", f"{URL}/1"), Entry("Two", f"{URL}/2"))),)
VISIT = Visit("ministry", URL, NOW, NOW + timedelta(seconds=1.26), Outcome.OK, requests=2, window=WINDOW)
LOOK = Look("ministry", "key", f"{URL}/3", NOW, Verdict.GONE, "HTTP 404 Not Found", control=True)


def change(kind: Kind) -> Change:
    return Change("ministry", kind, f"{URL}/1", "\x1b[2JOne", NOW)


def test_one_line_a_visit() -> None:
    assert visit_line(VISIT, ()) == "ministry ok, 2 entries, 2 requests, 1.3 s"
    found = [change(Kind.NEW), change(Kind.EDITED), change(Kind.NEW)]
    assert visit_line(VISIT, found) == "ministry ok, 2 entries, 2 requests, 1.3 s: 2 new, 1 edited"
    failed = Visit("ministry", URL, NOW, NOW, Outcome.FAILED, "HTTP 500", requests=1)
    assert visit_line(failed, ()) == "ministry failed (HTTP 500), 1 request, 0.0 s"
    deep = replace(failed, stretch=Stretch(NOW, URL, number=7))
    assert visit_line(deep, ()) == "ministry archive from page 8 failed (HTTP 500), 1 request, 0.0 s"


def test_one_line_a_look() -> None:
    told = "ministry look gone https://ministry.test/news/3 (HTTP 404 Not Found): 1 withdrawn"
    assert look_line(LOOK, [change(Kind.WITHDRAWN)]) == told
    doubted = Look("ministry", "key", f"{URL}/3", NOW, Verdict.THERE, "it carries its title")
    assert look_line(doubted, ()).startswith("ministry look there, not believed https")


def test_nothing_that_a_page_says_acts_upon_a_terminal() -> None:
    record = logging.LogRecord("presswatch", logging.INFO, "", 0, "said %s", ("\x1b[2Ja\nb\u202ec\x9b\x07",), None)
    assert OneLine("%(levelname)s %(message)s").format(record) == "INFO said [2Ja bc"


def test_a_traceback_keeps_its_lines_and_is_harmless_too() -> None:
    try:
        int("\x1b[2J\x9b bad")
    except ValueError:
        record = logging.LogRecord("presswatch", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    lines = OneLine("%(message)s").format(record).split("\n")
    assert lines[:2] == ["failed", "Traceback (most recent call last):"]
    assert lines[-1].startswith("ValueError: invalid literal")
    assert all(line.isprintable() for line in lines)


def test_goes_to_stderr_from_info_on_and_others_from_warning_on() -> None:
    code = (
        "import logging; from scheduler.logs import log_to_stderr; log_to_stderr();"
        "[logging.getLogger(n).info('x%s', n) for n in ('presswatch', 'other')];"
        "logging.getLogger('other').error('bad')"
    )
    said = subprocess.run(  # noqa: S603 - starts this project's own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert said.stdout == ""
    assert [line.split(" ", 2)[2] for line in said.stderr.splitlines()] == ["INFO xpresswatch", "ERROR bad"]


class TestComplaints:
    def test_a_trouble_that_lasts_is_told_now_and_then(self, caplog: pytest.LogCaptureFixture) -> None:
        seconds = iter([0.0, 1.0, 2.0, SAID_AGAIN_S, SAID_AGAIN_S + 1])
        complaints = Complaints(logging.getLogger("presswatch"), lambda: next(seconds))
        for said in ("full", "full", "locked", "full", "full"):
            complaints.tell(StoreError(said))
        assert [record.message for record in caplog.records] == ["full", "locked", "full"]
        assert all(record.exc_info is None for record in caplog.records)

    def test_what_nobody_foresaw_is_told_with_its_traceback(self, caplog: pytest.LogCaptureFixture) -> None:
        Complaints(logging.getLogger("presswatch"), lambda: 0.0).tell(ZeroDivisionError("by zero"))
        assert caplog.records[0].message == "ZeroDivisionError: by zero"
        assert caplog.records[0].exc_info is not None
