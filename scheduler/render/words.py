"""Word diffs: what was taken out of a text and what was put in, with the unchanged rest folded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

CONTEXT = 8
"""Unchanged words kept on either side of a change."""

MAX_PAIRS = 40_000
"""Word pairs compared at most (200 by 200, common ends off); beyond, the middle is shown as replaced whole."""

MIN_SHARED = 0.2
"""Share of words in common below which two texts are shown as replaced whole: a diff of unlike texts is confetti."""

MIN_LETTERS = 4
"""Unchanged letters between two changes below which the three read better as one change."""

_OPENING = "\"'“‘„«‹([{¿¡"
_CLOSING = "\"'”’“»›)]}.,;:!?…"
# Kana and Han are written without blanks: every sign stands for itself.
_UNSPACED = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)


class Op(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words and what became of them; `spaced`: a blank follows."""

    op: Op
    text: str
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    spaced: bool


@dataclass(frozen=True, slots=True)
class _Span:
    """Tokens old[i1:i2] that became new[j1:j2]."""

    same: bool
    i1: int
    i2: int
    j1: int
    j2: int


def diff(before: str, after: str, *, peel: bool = True) -> tuple[Piece, ...]:
    """The words of both texts in reading order, removed before added.

    `peel` compares punctuation at a word's edges apart from the word; without it, words are what stands between blanks.
    """
    old, new = _tokens(before, peel=peel), _tokens(after, peel=peel)
    spans = _joined(_absorbed(_spans([t.text for t in old], [t.text for t in new]), new))
    pieces: list[Piece] = []
    for number, span in enumerate(spans):
        if span.same:
            follows = spans[number + 1] if number + 1 < len(spans) else None
            ends = old if follows is not None and follows.i2 > follows.i1 else new
            last = ends[(span.i2 if ends is old else span.j2) - 1]
            words = [*new[span.j1 : span.j2 - 1], _Token(new[span.j2 - 1].text, last.spaced)]
            pieces += _folded(words, first=number == 0, last=follows is None)
            continue
        if span.i2 > span.i1:
            piece = _piece(Op.REMOVED, old[span.i1 : span.i2])
            pieces.append(Piece(piece.op, piece.text, piece.spaced or span.j2 > span.j1))
        if span.j2 > span.j1:
            pieces.append(_piece(Op.ADDED, new[span.j1 : span.j2]))
    return tuple(pieces)


def _tokens(text: str, *, peel: bool) -> list[_Token]:
    tokens: list[_Token] = []
    for word in text.split():
        tokens += _parts(word, peel)
    if tokens:
        tokens[-1] = _Token(tokens[-1].text, spaced=False)
    return tokens


@lru_cache(maxsize=4096)
def _parts(word: str, peel: bool) -> tuple[_Token, ...]:
    parts = [part for edge in (_edges(word) if peel else [word]) for part in _UNSPACED.findall(edge)]
    return (*(_Token(part, spaced=False) for part in parts[:-1]), _Token(parts[-1], spaced=True))


def _edges(word: str) -> list[str]:
    core = word.lstrip(_OPENING)
    opening = word[: len(word) - len(core)]
    stem = core.rstrip(_CLOSING)
    return [part for part in (opening, stem, core[len(stem) :]) if part]


def _spans(old: Sequence[str], new: Sequence[str]) -> list[_Span]:
    """Same and changed spans in order, covering both texts."""
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    shorter -= head
    tail = next((n for n in range(shorter) if old[-1 - n] != new[-1 - n]), shorter)
    i2, j2 = len(old) - tail, len(new) - tail
    middle = [_Span(same=False, i1=head, i2=i2, j1=head, j2=j2)] if i2 > head or j2 > head else []
    if 0 < (i2 - head) * (j2 - head) <= MAX_PAIRS:
        matcher = SequenceMatcher(None, old[head:i2], new[head:j2], autojunk=False)
        shared = head + tail + sum(block.size for block in matcher.get_matching_blocks())
        if shared >= MIN_SHARED * max(len(old), len(new)):
            middle = [
                _Span(same=op == "equal", i1=head + a1, i2=head + a2, j1=head + b1, j2=head + b2)
                for op, a1, a2, b1, b2 in matcher.get_opcodes()
            ]
    first = [_Span(same=True, i1=0, i2=head, j1=0, j2=head)] if head else []
    last = [_Span(same=True, i1=i2, i2=len(old), j1=j2, j2=len(new))] if tail else []
    return first + middle + last


def _absorbed(spans: list[_Span], new: Sequence[_Token]) -> list[_Span]:
    """Short unchanged spans between two changes become part of them."""

    def short(span: _Span) -> bool:
        return sum(len(token.text) for token in new[span.j1 : span.j2]) < MIN_LETTERS

    return [
        _Span(False, span.i1, span.i2, span.j1, span.j2)
        if 0 < n < len(spans) - 1 and span.same and short(span)
        else span
        for n, span in enumerate(spans)
    ]


def _joined(spans: list[_Span]) -> list[_Span]:
    """Neighbouring spans of the same sort become one."""
    joined: list[_Span] = []
    for span in spans:
        if joined and joined[-1].same == span.same:
            left = joined.pop()
            joined.append(_Span(span.same, left.i1, span.i2, left.j1, span.j2))
        else:
            joined.append(span)
    return joined


def _folded(words: Sequence[_Token], *, first: bool, last: bool) -> list[Piece]:
    """Unchanged words; the middle of a long stretch, or its outer end at an end of the text, becomes an ellipsis."""
    head = 0 if first else CONTEXT
    tail = 0 if last else CONTEXT
    if (first and last) or len(words) <= head + tail + 4:
        return [_piece(Op.SAME, words)]
    kept = [_piece(Op.SAME, words[:head])] if head else []
    kept.append(Piece(Op.FOLDED, "…", spaced=bool(tail)))
    return [*kept, _piece(Op.SAME, words[-tail:])] if tail else kept


def _piece(op: Op, words: Sequence[_Token]) -> Piece:
    text = "".join(f"{word.text} " if word.spaced else word.text for word in words[:-1]) + words[-1].text
    return Piece(op, text, words[-1].spaced)
