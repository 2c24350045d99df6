"""What a page says is text: makes it harmless to show, whatever the format."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.text import clean

MAX_SHOWN = 4_000
"""Characters shown of one value; the JSON carries it whole. A thousand words are more than any summary needs."""

_HARMFUL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls, the terminal's escape among them
    "\u202a-\u202e\u2066-\u2069"  # bidi embeddings, overrides and isolates
    "\ufff9-\ufffb\U000e0000-\U000e007f"  # annotations and tags, which no font shows
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # what UTF-8 or XML cannot carry
)
_UNLINKABLE = re.compile(r"[\x00-\x20\x7f-\xa0\"<>\\^`{|}\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(value: object) -> str:
    """One line of harmless text for any value; empty for None. Cut after MAX_SHOWN characters."""
    if value is None:
        return ""
    text = str(value)
    cut = len(text) > MAX_SHOWN
    text = clean(_HARMFUL.sub("", text[: MAX_SHOWN * 2] if cut else text))
    return shortened(text, MAX_SHOWN) if cut or len(text) > MAX_SHOWN else text


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning up to a blank near the limit and an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    blank = head.rfind(" ", limit // 2)
    return (head[:blank] if blank > 0 else head).rstrip(" ,;:.") + "…"


def safe_link(url: str | None) -> str | None:
    """The address where it may be linked: http or https, with a host and no credentials, free of tricks; else None."""
    if not url or _UNLINKABLE.search(url):
        return None
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            return None
    except ValueError:
        return None
    return url
