"""How much a text reads like the headline of a release."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.reading import BESIDE_IN_HEADING, is_date
from crawler.sentences import is_read_more

_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{3,}(?![^\W_])")
_STORY = 400  # characters: a longer text is a teaser
_ADDRESS = re.compile(r"https?://|www\.|\S+@\S+")


@lru_cache(maxsize=4096)
def headline(text: str, language: str) -> float:
    """How much a cleaned text reads like a headline, 0 to 1: words, not a number, not a date, not "read more"."""
    if not text or is_read_more(text) or is_date(text, language, beside=BESIDE_IN_HEADING) or _ADDRESS.match(text):
        return 0.0
    words = len(_SPACELESS.findall(text)) // 2 + len(_WORD.findall(_SPACELESS.sub(" ", text)))
    if len(text) > _STORY:
        return 0.5
    return (0.1, 0.6)[words] if words < 2 else 1.0
