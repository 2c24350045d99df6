from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text import clean, cut, fold_title, similar


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  one\n two\tthree ", "one two three"),
        ("a\u00a0b\u2009c\u3000d", "a b c d"),
        ("plain\x00 text\x1b[0m", "plain text[0m"),
        ("a \x07 b", "a b"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffmark", "softhyphen zerowidth mark"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u200eLTR\u200f", "می\u200cخواهم \u200eLTR\u200f"),
        ("e\u0301te\u0301", "été"),
        ("half \ud83d pair", "half pair"),
        ("", ""),
    ],
)
def test_clean_gives_one_harmless_line(text: str, line: str) -> None:
    assert clean(text) == line


@given(st.text())
def test_clean_is_stable_and_fit_for_a_file(text: str) -> None:
    line = clean(text)
    assert clean(line) == line
    assert unicodedata.is_normalized("NFC", line)
    assert line.encode("utf-8").decode("utf-8") == line
    assert not {"\n", "\x00", "\u202e", "\u00a0"} & set(line)


def test_towers_of_marks_take_no_time() -> None:
    tower = "a" + "\u0301\u0323" * 200_000
    start = time.process_time()
    assert len(clean(tower)) < 100
    assert len(fold_title(tower)) < 100
    assert time.process_time() - start < 1


def test_cut_stops_between_words_and_says_so() -> None:
    assert cut("one two three", 20) == "one two three"
    assert cut("one two three", 10) == "one two…"
    assert cut("x" * 30, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("title", "folded"),
    [
        ("Harbour – “Open” again!", "harbour open again"),
        ("STRASSE / Straße", "strasse strasse"),
        ("ﬁne №5", "fine no5"),
        ("co\u00adoperate", "cooperate"),
        ("हिन्दी समाचार", "हिन्दी समाचार"),
        ("!!!", ""),
    ],
)
def test_fold_title_keeps_letters_and_digits_only(title: str, folded: str) -> None:
    assert fold_title(title) == folded


@given(st.text())
def test_folding_twice_changes_nothing(title: str) -> None:
    assert fold_title(fold_title(title)) == fold_title(title)


def test_similar_counts_shared_words() -> None:
    assert similar("Two boats collide", "two boats COLLIDE.") == 1
    assert similar("Two boats collide", "Three cars park") == 0
    assert similar("Two boats collide in fog", "Two boats collide") == pytest.approx(0.75)
    assert similar("港湾通報", "港湾速報") == pytest.approx(0.75)
    assert similar("", "words") == 0
    assert similar("!!!", "!!!") == 1
    assert similar("!!!", "???") == 0
