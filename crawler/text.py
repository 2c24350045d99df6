"""One line of text as people read it, and how alike two titles are."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

# Control characters that are not white space, zero-width blanks, soft hyphens, byte-order marks, the embedding,
# override and isolate characters that reorder what follows them, and halves of surrogate pairs, which no UTF-8 file
# can hold. Joiners (ZWJ, ZWNJ) and the plain direction marks (LRM, RLM) are part of how some languages are written:
# they stay.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# Unicode's stream-safe text format allows 30 combining marks in a row; putting more of them in order takes quadratic
# time.
_MARKS = re.compile(r"([^\w\s\x00-\x7f\u2000-\u206f\u3000-\u303f]{30})[^\w\s\x00-\x7f\u2000-\u206f\u3000-\u303f]+")
_FEW_MARKS = 30  # bytes beyond one a character: each mark takes one at least
_SIGN = re.compile(r"[^\w ]|_")  # what is neither letter nor digit; a blank stays as it is
_SIGNS = re.compile(r"[\W_]+")
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")

SAME_TITLE = 0.8  # `similar` from which two titles are one, but for a slip that was mended
LIKE_TITLE = 0.5  # from which one may be the other edited


def clean(text: str) -> str:
    """One line: white space folded to single blanks, characters that only mislead removed, Unicode NFC."""
    line = text
    if "  " in text or text[:1] == " " or text[-1:] == " " or not text.isprintable():
        line = " ".join(text.split())
        if not line.isprintable():
            line = " ".join(_UNWANTED.sub("", text).split())
    if line.isascii():
        return line
    if len(line.encode()) - len(line) > _FEW_MARKS:
        line = _MARKS.sub(r"\1", line)
    return unicodedata.normalize("NFC", line)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words and marked with "…" where something was cut."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    words, blank, _ = head.rpartition(" ")
    return (words if blank and len(words) > limit // 2 else head).rstrip(" ,;:–—-") + "…"


@lru_cache(maxsize=8192)  # one visit folds each of its titles several times
def fold_title(title: str) -> str:
    """For comparing titles: NFKC, case folded, only letters (with their marks) and digits, joined by single blanks."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _MARKS.sub(r"\1", title)).casefold())
    kept = _SIGNS.sub(" ", folded) if folded.isascii() else _SIGN.sub(_between, folded)
    return " ".join(kept.split())


def similar(a: str, b: str) -> float:
    """How alike two titles are: F1 of their folded words, 0 to 1; scripts written without blanks count by character."""
    mine, theirs = _words(a), _words(b)
    if not mine or not theirs:
        return 1.0 if clean(a) == clean(b) else 0.0
    shared = (mine & theirs).total()
    return 2 * shared / (mine.total() + theirs.total())


def _between(sign: re.Match[str]) -> str:
    return _standing_in(sign[0])


@lru_cache(maxsize=1024)
def _standing_in(sign: str) -> str:
    """What stands for what is neither letter nor digit: marks stay, joiners vanish, everything else parts words."""
    category = unicodedata.category(sign)
    if category[0] == "M":
        return sign
    return "" if category in {"Cf", "Cc", "Cs"} and not sign.isspace() else " "


def _words(title: str) -> Counter[str]:
    words: Counter[str] = Counter()
    for word in fold_title(title).split():
        words.update(word if _SPACELESS.search(word) else [word])
    return words
