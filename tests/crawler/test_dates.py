from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import months
from crawler.dates import Printed, day_first, day_of, orders, parse, span

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
D = date


def offset(hours: float) -> timezone:
    return timezone(timedelta(hours=hours))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("July 16, 2018", D(2018, 7, 16)),
        ("May 06, 2018", D(2018, 5, 6)),
        ("Sept. 7, 2015", D(2015, 9, 7)),
        ("16th of July 2018", D(2018, 7, 16)),
        ("Monday, 16 Jul 2018", D(2018, 7, 16)),
        ("16-Jul-2018", D(2018, 7, 16)),
        ("July 16-18, 2018", D(2018, 7, 16)),
        ("2018-07-16", D(2018, 7, 16)),
        ("2018/7/16", D(2018, 7, 16)),
        ("20180716", D(2018, 7, 16)),
        ("16.07.2018", D(2018, 7, 16)),
        ("03.04.24", D(2024, 4, 3)),
        ("13/04/2024", D(2024, 4, 13)),
        ("04/13/24", D(2024, 4, 13)),
        ("04/04/2024", D(2024, 4, 4)),
        ("3. März 2021", D(2021, 3, 3)),
        ("1er août 2020", D(2020, 8, 1)),
        ("5 de mayo de 2019", D(2019, 5, 5)),
        ("mar 5 giugno 2023", D(2023, 6, 5)),
        ("16 lipca 2018", D(2018, 7, 16)),
        ("5 июля 2021", D(2021, 7, 5)),
        ("2024年3月4日", D(2024, 3, 4)),
        ("14. studenoga 2019", D(2019, 11, 14)),
        ("July 16th, 2018", D(2018, 7, 16)),
        ("2018 Jul 16", D(2018, 7, 16)),
        ("2018-Jul-16", D(2018, 7, 16)),
        ("Posted on July 16, 2018 by A. Writer", D(2018, 7, 16)),
        ("Updated March 5, 2024 | Published March 1, 2024", D(2024, 3, 1)),
        ("Last updated March 5, 2024", D(2024, 3, 5)),
        ("2018-07-16T00:00:00Z", D(2018, 7, 16)),
        ("2018-07-16T00:00:00+05:00", D(2018, 7, 16)),
        ("2018-07-16T15:30:00", D(2018, 7, 16)),
        ("July 16, 2018 at 3:30 pm ET", D(2018, 7, 16)),
        ("12 January 2024 10 held", D(2024, 1, 12)),
        ("July 4, 2030", D(2030, 7, 4)),
    ],
)
def test_a_printed_day_is_read(text: str, day: date) -> None:
    assert parse(text) == Printed(day)


@pytest.mark.parametrize(
    "text",
    [
        "", "no date", "Room 12 in 2018", "12 boats", "31 February 2024", "2024-13-01", "2024-02-30", "03/04/2024",
        "24/03/04", "3-4-24", "99/99/2024", "July 2018", "12 listopada 2019", "March 5", "yesterday", "2 hours ago",
        "call 555-01-2024-88", "version 1.2.3", "5 May 1066", "3 months ago", "x" * 500 + " July 16, 2018",
    ],
)  # fmt: skip
def test_what_is_no_certain_day_is_none(text: str) -> None:
    assert parse(text).value is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("5 martie 2024", "ro"), ("2024. március 5.", "hu"), ("2024 m. kovo 5 d.", "lt"), ("2024. gada 5. marts", "lv"),
        ("5. märts 2024", "et"), ("5. maaliskuuta 2024", "fi"), ("5. mars 2024", "nb"), ("5 mars, 2024", "sv"),
        ("5. marec 2024", "sl"), ("5. marca 2024", "sk"), ("5. března 2024", "cs"), ("5 marca 2024 r.", "pl"),
        ("5. ožujka 2024.", "hr"), ("5. март 2024.", "sr"), ("5 март 2024", "bg"), ("5 березня 2024", "uk"),
        ("5-го марта 2024 г.", "ru"), ("5η Μαρτίου 2024", "el"), ("5 Mart 2024", "tr"), ("5 de març del 2024", "ca"),
        ("5 mrt. 2024", "nl"), ("5 Maret 2024", "id"), ("5 Mac 2024", "ms"), ("5 במרץ 2024", "he"),
        ("٥ مارس ٢٠٢٤", "ar"), ("5 آذار/مارس 2024", "ar"), ("5 मार्च 2024", "hi"), ("ngày 5 tháng 3 năm 2024", "vi"),
        ("5 Tháng Ba, 2024", "vi"), ("2024년 3월 5일", "ko"), ("2024. 3. 5.", "ko"), ("24.03.05", "ko"),
        ("２０２４年３月５日", "ja"), ("2024-03 05", "zh-cn"), ("05 2024/03", "zh-cn"), ("5 Machi 2024", "sw"),
        ("5 მარტი 2024", "ka"), ("৫ মার্চ ২০২৪", "bn"),
    ],
)  # fmt: skip
def test_a_day_is_read_in_many_languages(text: str, language: str) -> None:
    assert parse(text, language=language).value == D(2024, 3, 5)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("令和6年3月5日", "ja"), ("民國113年3月5日", "zh-tw"), ("113年3月5日", "zh-tw"), ("5 มีนาคม 2567", "th"),
        ("5 มี.ค. 2567", "th"), ("05/03/2567", "th"), ("۱۵ اسفند ۱۴۰۲", "fa"), ("1402/12/15", "fa"),
    ],
)  # fmt: skip
def test_years_of_other_calendars_are_counted(text: str, language: str) -> None:
    assert parse(text, language=language).value == D(2024, 3, 5)


def test_the_first_year_of_an_era_has_a_word() -> None:
    assert parse("令和元年5月1日").value == D(2019, 5, 1)
    assert parse("30 اسفند 1403", language="fa").value == D(2025, 3, 20)
    assert parse("31 اسفند 1403", language="fa").value is None
    assert parse("113年3月5日", language="ja").value is None
    assert parse("1402/12/15", language="en").value is None


def test_a_language_outside_the_table_is_looked_up_once() -> None:
    assert months.month("ekaina", "eu") == 6
    before = months._of_language.cache_info().misses
    for number in range(500):
        assert parse(f"{number} kutsen 20{number:03}", language="mt").value is None
        assert parse(f"{number} kutsen 2024", language="x-nonsense").value is None
    assert months._of_language.cache_info().misses <= before + 2


def test_english_words_are_no_months_on_an_english_page() -> None:
    assert parse("Chapter 3 set 2019", language="en").value is None
    assert parse("3 set 2019", language="pt").value == D(2019, 9, 3)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Deadline: 5 May 2024, published 1 March 2024", D(2024, 3, 1)),
        ("Event date 5 May 2024 | Posted on 1 March 2024", D(2024, 3, 1)),
        ("Argued 5 May 2023. Decided 1 March 2024.", D(2024, 3, 1)),
        ("Closing date: 5 May 2024", D(2024, 5, 5)),
        ("5-Mar-24", D(2024, 3, 5)),
        ("12 / 03 / 2024", D(2024, 3, 12)),
    ],
)
def test_the_day_of_publication_comes_first(text: str, day: date) -> None:
    assert parse(text, language="fr").value == day


def test_a_stamp_keeps_its_own_offset() -> None:
    assert parse("2018-07-16T15:30:00-04:00").value == datetime(2018, 7, 16, 15, 30, tzinfo=offset(-4))
    value = parse("2018-07-16T23:30:00-04:00", timezone="Europe/Berlin").value
    assert value is not None
    assert day_of(value) == D(2018, 7, 16)
    assert parse("Mon, 16 Jul 2018 15:30:10 GMT").value == datetime(2018, 7, 16, 15, 30, 10, tzinfo=UTC)
    assert parse("16 July 2018, 3:05 p.m. EDT").value == datetime(2018, 7, 16, 15, 5, tzinfo=offset(-4))
    assert parse("1531750000").value == datetime(2018, 7, 16, 14, 6, 40, tzinfo=UTC)
    assert parse("1531750000123").value == datetime(2018, 7, 16, 14, 6, 40, tzinfo=UTC)


def test_a_stamp_without_offset_is_in_the_newsrooms_zone() -> None:
    stamp = parse("2018-07-16 15:30", timezone="America/Toronto").value
    assert stamp == datetime(2018, 7, 16, 15, 30, tzinfo=offset(-4))
    assert isinstance(stamp, datetime)
    assert stamp.isoformat() == "2018-07-16T15:30:00-04:00"
    assert parse("2018-07-16 15:30", timezone="Not/AZone").value == D(2018, 7, 16)
    assert parse("2018-07-16 15:30 XYZ", timezone="Europe/Berlin").value == D(2018, 7, 16)
    assert parse("2018-07-16 25:30", timezone="Europe/Berlin").value == D(2018, 7, 16)


def test_two_readings_are_settled_by_the_page_then_by_the_language() -> None:
    assert day_first(orders(["03/04/2024", "13/04/2024"])) is True
    assert day_first(orders(["03/04/2024", "04/13/2024"])) is False
    assert day_first(orders(["13/04/2024", "04/13/2024"])) is None
    assert day_first(orders(["03/04/2024", "none", "24/03/04"])) is None
    assert day_first([*[True] * 20, False]) is True
    assert parse("03/04/2024", day_first=True).value == D(2024, 4, 3)
    assert parse("03/04/2024", day_first=False, language="fr").value == D(2024, 3, 4)
    assert parse("03/04/2024", language="fr").value == D(2024, 4, 3)
    assert parse("03/04/2024", language="en-US").value == D(2024, 3, 4)
    assert parse("03/04/2024", language="en-GB").value == D(2024, 4, 3)
    for undecided in ("en", "en-ca", "ja", "hu"):
        assert parse("03/04/2024", language=undecided).value is None
    assert parse("24/03/04", language="ja").value == D(2024, 3, 4)


def test_a_shared_month_name_needs_the_language() -> None:
    assert parse("12 listopada 2019", language="pl").value == D(2019, 11, 12)
    assert parse("12 listopada 2019", language="hr").value == D(2019, 10, 12)


def test_a_missing_year_is_the_latest_that_is_not_in_the_future() -> None:
    assert parse("March 5", now=NOW).value == D(2024, 3, 5)
    assert parse("Tuesday, 10 March", now=NOW).value == D(2024, 3, 10)
    assert parse("March 20", now=NOW).value == D(2023, 3, 20)
    assert parse("February 29", now=NOW - timedelta(days=60)).value == D(2020, 2, 29)
    assert parse("5 March is the day of the meeting", now=NOW).value is None


def test_a_day_that_has_begun_only_elsewhere_has_no_certain_year() -> None:
    assert parse("March 11", now=NOW).value is None
    assert parse("March 11", now=NOW, timezone="Australia/Sydney").value == D(2023, 3, 11)
    late = NOW.replace(hour=20)
    assert parse("March 11", now=late, timezone="Australia/Sydney").value == D(2024, 3, 11)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2 hours ago", D(2024, 3, 10)), ("an hour ago", D(2024, 3, 10)), ("13 hrs ago", D(2024, 3, 9)),
        ("yesterday", D(2024, 3, 9)), ("Today", D(2024, 3, 10)), ("3 days ago", D(2024, 3, 7)),
        ("vor 3 Tagen", D(2024, 3, 7)), ("il y a une semaine", D(2024, 3, 3)), ("hace 2 horas", D(2024, 3, 10)),
        ("3 дня назад", D(2024, 3, 7)), ("2 години тому", D(2024, 3, 10)), ("wczoraj", D(2024, 3, 9)),
        ("för 2 dagar sedan", D(2024, 3, 8)), ("3 saat önce", D(2024, 3, 10)), ("2 giorni fa", D(2024, 3, 8)),
        ("há 4 dias", D(2024, 3, 6)), ("3小时前", D(2024, 3, 10)), ("2일 전", D(2024, 3, 8)), ("昨日", D(2024, 3, 9)),
        ("Вчера в 10:30", D(2024, 3, 9)), ("vorgestern, 18 Uhr", D(2024, 3, 8)), ("Posted today", D(2024, 3, 10)),
        ("1 week ago", D(2024, 3, 3)), ("5d ago", D(2024, 3, 5)), ("hier à 10h30", D(2024, 3, 9)),
    ],
)  # fmt: skip
def test_a_distance_counts_back_from_now(text: str, day: date) -> None:
    assert parse(text, now=NOW) == Printed(day, relative=True)


def test_a_distance_is_counted_in_the_newsrooms_zone() -> None:
    assert parse("13 hours ago", now=NOW, timezone="Asia/Tokyo").value == D(2024, 3, 10)
    assert parse("5 blocks ago", now=NOW).value is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Today in Parliament", "en"), ("Hier", "de"), ("Hier geht es weiter", "de"), ("il y a 3 mois", "fr"),
        ("3 года назад", "ru"), ("Yesterday once more", "en"), ("2 yıl önce", "tr"),
    ],
)  # fmt: skip
def test_what_is_no_distance_in_days_is_none(text: str, language: str) -> None:
    assert parse(text, language=language, now=NOW).value is None


def test_the_recipes_format_is_tried_first() -> None:
    assert parse("03/04/2024", date_format="%d/%m/%Y").value == D(2024, 4, 3)
    assert parse("04.03", date_format="%d.%m", now=NOW).value == D(2024, 3, 4)
    assert parse("29.02", date_format="%d.%m", now=NOW).value == D(2024, 2, 29)
    assert parse("29.02", date_format="%d.%m").value is None
    zoned = parse("2024-03-04 10:00 +0200", date_format="%Y-%m-%d %H:%M %z").value
    assert zoned == datetime(2024, 3, 4, 10, tzinfo=offset(2))
    local = parse("2024-03-04 10:00", date_format="%Y-%m-%d %H:%M", timezone="Europe/Berlin").value
    assert local == datetime(2024, 3, 4, 10, tzinfo=offset(1))
    assert parse("July 16, 2018 in Oslo", date_format="%B %d, %Y").value == D(2018, 7, 16)
    assert parse("July 16, 2018", date_format="%Q%").value == D(2018, 7, 16)


def test_span_tells_where_the_date_stands() -> None:
    assert span("Posted on July 16, 2018 by us") == (10, 23)
    assert span("03/04/2024") == (0, 10)
    assert span("no date") is None
    assert span("x" * 300) is None


@given(st.text(max_size=300), st.sampled_from([None, "", "en", "fr", "ja", "xx", "de-AT", "\ud800"]))
def test_any_text_is_read_without_an_error(text: str, language: str | None) -> None:
    assert isinstance(parse(text, language=language, now=NOW, timezone="Europe/Berlin"), Printed)


@given(st.dates(D(2016, 1, 1), D(2024, 3, 10)), st.sampled_from(["%B %d", "%d %b", "%A, %d %B"]))
def test_an_inferred_year_is_never_in_the_future(day: date, form: str) -> None:
    value = parse(day.strftime(form), now=NOW, timezone="UTC").value
    assert value is not None
    assert day_of(value) <= NOW.date()
