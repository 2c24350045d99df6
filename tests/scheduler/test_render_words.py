"""Word diffs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.render.words import CONTEXT, Op, Piece, diff

_WORDS = st.lists(
    st.sampled_from(["harbour", "tunnel", "fire", "of", "the", "“safe”,", "2026.", "安全", "—"]), max_size=30
)


def marked(before: str, after: str) -> str:
    marks = {Op.REMOVED: "[-{}-]", Op.ADDED: "[+{}+]", Op.SAME: "{}", Op.FOLDED: "{}"}
    return "".join(marks[p.op].format(p.text) + (" " if p.spaced else "") for p in diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("27 prisoners refuse food", "41 prisoners refuse food", "[-27-] [+41+] prisoners refuse food"),
        ("a harbour fire", "a harbour fire put out", "a harbour fire [+put out+]"),
        ("a harbour fire today", "a harbour fire", "a harbour fire [-today-]"),
        ("tunnel closed", "tunnel closed, again", "tunnel closed[+, again+]"),
        ("the “safe” tunnel", "the safe tunnel", "the [-“-]safe[-”-] tunnel"),
        (
            "trains run in March again",
            "buses run in April again",
            "[-trains-] [+buses+] run in [-March-] [+April+] again",
        ),
        ("trains to March again", "buses to April again", "[-trains to March-] [+buses to April+] again"),
        ("港口火灾已经扑灭", "港口火灾仍未扑灭", "港口火灾[-已经-] [+仍未+]扑灭"),
        ("one thing entirely", "something quite different", "[-one thing entirely-] [+something quite different+]"),
        ("same words", "same words", "same words"),
        ("", "added words", "[+added words+]"),
        ("removed words", "", "[-removed words-]"),
        ("", "", ""),
    ],
)
def test_changed_words_are_marked(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


def test_words_are_what_stands_between_blanks_when_punctuation_is_not_peeled() -> None:
    assert diff("it is closed, they say", "it is closed; they say", peel=False)[1:3] == (
        Piece(Op.REMOVED, "closed,", spaced=True),
        Piece(Op.ADDED, "closed;", spaced=True),
    )


def test_long_unchanged_stretches_are_folded() -> None:
    lead, middle, rest = (" ".join(f"{name}{n}" for n in range(40)) for name in ("lead", "middle", "rest"))
    pieces = diff(f"{lead} old {middle} old {rest}", f"{lead} new {middle} new {rest}")
    assert [piece.op.value for piece in pieces] == [
        "folded", "same", "removed", "added", "same", "folded", "same", "removed", "added", "same", "folded",
    ]  # fmt: skip
    assert pieces[1].text.split() == lead.split()[-CONTEXT:]
    assert pieces[4].text.split() == middle.split()[:CONTEXT]
    assert pieces[9].text.split() == rest.split()[:CONTEXT]


def test_texts_too_long_to_compare_are_replaced_whole() -> None:
    before = " ".join(f"a{n}" if n % 2 else "same" for n in range(600))
    after = " ".join(f"b{n}" if n % 2 else "same" for n in range(600))
    assert [piece.op for piece in diff(before, after)][-2:] == [Op.REMOVED, Op.ADDED]


@given(_WORDS, _WORDS)
def test_both_texts_can_be_read_from_their_diff(before: list[str], after: list[str]) -> None:
    pieces = diff(" ".join(before), " ".join(after))
    if Op.FOLDED in {piece.op for piece in pieces}:
        return
    for words, other in ((before, Op.ADDED), (after, Op.REMOVED)):
        text = "".join(piece.text for piece in pieces if piece.op is not other)
        assert text.replace(" ", "") == "".join(words)
