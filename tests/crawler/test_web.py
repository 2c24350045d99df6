from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.web import MAX_RETRY_AFTER_S, Answer, FetchError, Forbidden, retry_after_s

NOW = datetime(2026, 11, 20, 7, 0, 0, tzinfo=UTC)


def said(content_type: str) -> Answer:
    return Answer("https://news.example/", 200, {"content-type": content_type}, b"")


@pytest.mark.parametrize(
    ("header", "content_type", "encoding"),
    [
        ("text/html; charset=UTF-8", "text/html", "utf-8"),
        ("Text/HTML;Charset = 'windows-1251' ; x=y", "text/html", "windows-1251"),
        ('application/xhtml+xml; charset="ISO-8859-2"', "application/xhtml+xml", "iso-8859-2"),
        ("text/html", "text/html", None),
        ("text/html; charset=", "text/html", None),
        ('text/html; charset=""', "text/html", None),
        ("", "", None),
    ],
)
def test_content_type_and_charset_are_read_however_they_are_written(
    header: str, content_type: str, encoding: str | None
) -> None:
    assert said(header).content_type == content_type
    assert said(header).encoding == encoding


def test_an_answer_without_a_content_type_has_none() -> None:
    bare = Answer("https://news.example/", 200, {}, b"")
    assert bare.content_type == ""
    assert bare.encoding is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("Fri, 20 Nov 2026 07:10:00 GMT", 600.0),
        ("Fri, 20 Nov 2026 07:10:00 -0000", 600.0),
        ("Friday, 20-Nov-26 07:01:00 GMT", 60.0),
        ("Fri, 20 Nov 2026 06:00:00 GMT", 0.0),
        ("Fri, 20 Nov 2099 06:00:00 GMT", MAX_RETRY_AFTER_S),
        ("999999999", MAX_RETRY_AFTER_S),
        ("9" * 400, None),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("Fri, 99 Nov 2026 07:10:00 GMT", None),
        ("Fri, 20 Nov 99999999999 07:10:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_takes_seconds_and_dates_up_to_a_week_and_ignores_junk(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value}, NOW) == seconds


def test_no_retry_after_is_no_wait() -> None:
    assert retry_after_s({}, NOW) is None


def test_a_forbidden_answer_is_a_fetch_error_that_says_why() -> None:
    error = Forbidden("robots.txt forbids /news", 30.0)
    assert isinstance(error, FetchError)
    assert (str(error), error.reason, error.retry_after_s) == (error.reason, "robots.txt forbids /news", 30.0)
