"""What is asked of the web and what comes back: the seam between reading newsrooms and the network below.

FetchError
└── Forbidden    robots.txt does not let us ask
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER_S = (
    7 * 24 * 3600.0
)  # a server that asks for more is mistaken, or must not silence a newsroom for so long

_SECONDS = re.compile(r"\d{1,12}(?:\.\d{1,6})?", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s;\"']+))", re.IGNORECASE)


class FetchError(Exception):
    """No answer came: `reason` says why in words fit for a report, `retry_after_s` what wait the server asked for."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s


class Forbidden(FetchError):  # noqa: N818 -- what robots.txt says is a state of the world, not an error
    """The site's robots.txt does not let us ask, or cannot be had from a server that is in trouble."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One GET. `headers` are sent beside ours; `same_site` refuses redirects to another registrable domain.

    `max_bytes` bounds the body, before and after decompression; the crawl's own bound holds where it is smaller.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    same_site: bool = True
    max_bytes: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said at last: any status, the body decompressed.

    `url` is where redirects led; `hops` the addresses asked before it, in order, empty without redirects.
    `headers` have lower-case names; a header sent twice is joined with ", ".
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty where none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def encoding(self) -> str | None:
        """The charset that the content type declares, in lower case, whether or not it exists."""
        found = _CHARSET.search(self.headers.get("content-type", ""))
        if found is None:
            return None
        return next(part for part in found.groups() if part is not None).strip().lower() or None


Fetch = Callable[[Ask], Awaitable[Answer]]
"""Asks and follows redirects (at most five hops, each checked); raises FetchError where no answer may or can be had."""


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long a server asks to wait, in seconds from `now`, at most a week; None where it does not say, or says junk.

    `headers` have lower-case names; the value is a number of seconds or an HTTP date (RFC 9110, 10.2.3).
    """
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        wait_s = float(value)
    else:
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if when.tzinfo is None:  # "-0000": a time in UTC of unknown origin
            when = when.replace(tzinfo=UTC)
        wait_s = (when - now).total_seconds()
    return min(max(wait_s, 0.0), MAX_RETRY_AFTER_S)
