"""The ways in which a local newsroom can misbehave, and what it notes of each request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What a newsroom answers instead of its pages. All but `500` and `redirect_offsite` come with status 200."""

    ERROR = "500"
    HANG = "hang"  # never answers
    EMPTY = "empty"  # the template is intact and nothing is in it
    CHALLENGE = "challenge"
    MAINTENANCE = "maintenance"
    CONSENT = "consent"
    JS_SHELL = "js_shell"
    TRUNCATED = "truncated"  # the connection breaks after half of the page
    CUT = "cut"  # half of the page in an answer that is whole
    WRONG_TYPE = "wrong_type"
    REDIRECT_OFFSITE = "redirect_offsite"


class Where(StrEnum):
    """Which addresses a fault strikes."""

    ALL = "all"
    LISTING = "listing"
    RELEASES = "releases"


class Validation(StrEnum):
    """Which validators are served. `stuck` serves both and answers 304 to every conditional request, rightly or not."""

    BOTH = "both"
    ETAG = "etag"
    LAST_MODIFIED = "last_modified"
    NONE = "none"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Failing:
    """A fault with the addresses it strikes; `status` and `retry_after` replace or add to what it answers."""

    fault: Fault
    where: Where = Where.ALL
    status: int | None = None
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Former:
    """An address a release has left: it redirects, or serves it still and names the new one canonical, or is dead."""

    slug: str
    redirect: bool
    canonical: bool


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as it came; `status` is None when it was never answered."""

    method: str
    path: str
    status: int | None
    if_none_match: str | None
    if_modified_since: str | None
    user_agent: str | None
