"""Asks an address and follows where it leads; every hop is checked before it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

from w3lib.url import safe_url_string

from crawler import robots
from crawler.addresses import WAY_OUT, refusal
from crawler.robots import Robots
from crawler.web import Answer, Ask, FetchError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

MAX_HOPS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Hop:
    """One request to one host.

    `delay_s` is what its robots.txt asks for, None before that is known. `cut` shortens a longer body to `max_bytes`.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 10_000_000
    cut: bool = False
    delay_s: float | None = None


def same_site(one: str, other: str) -> bool:
    """Whether two addresses belong to one registrable domain."""
    if urlsplit(one).hostname == urlsplit(other).hostname:
        return True
    from crawler import urls  # noqa: PLC0415 -- the suffix list is loaded only where a redirect changes the host

    return urls.same_site(one, other)


class Follow:
    """A Fetch over single requests: refuses what must not be asked, keeps to robots.txt, follows redirects."""

    def __init__(
        self, get: Callable[[Hop], Awaitable[Answer]], clock: Callable[[], datetime], *, allow_private: bool
    ) -> None:
        self._get = get
        self._allow_private = allow_private
        self._robots = Robots(self._get_robots, clock)

    async def __call__(self, ask: Ask) -> Answer:
        """Answers with any final status; raises FetchError or Forbidden where there is none."""
        url = ask.url
        hops: list[str] = []
        while True:
            self._check(url, redirected=bool(hops))
            delay_s = await self._robots.delay_s(url)
            answer = await self._get(Hop(url, ask.headers, ask.max_bytes, delay_s=delay_s))
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                return replace(answer, hops=tuple(hops)) if hops else answer
            hops.append(url)
            url = _target(url, location)
            if url in hops:
                raise FetchError("redirects in a circle")
            if len(hops) > MAX_HOPS:
                raise FetchError(f"more than {MAX_HOPS} redirects")
            if ask.same_site and not same_site(ask.url, url):
                raise FetchError(f"redirected off the site, to {urlsplit(url).hostname}")

    async def _get_robots(self, url: str) -> Answer:
        self._check(url, redirected=False)
        return await self._get(Hop(url, max_bytes=robots.MAX_BYTES, cut=True))

    def _check(self, url: str, *, redirected: bool) -> None:
        reason = refusal(url, allow_private=self._allow_private)
        if reason is None:
            return
        if redirected:
            raise FetchError(f"redirected to a refused address: {reason}")
        way_out = WAY_OUT if refusal(url, allow_private=True) is None else ""
        raise FetchError(f"refused: {reason}{way_out}")


def _target(url: str, location: str) -> str:
    try:
        return safe_url_string(urldefrag(urljoin(url, location.strip())).url)
    except ValueError as error:
        raise FetchError("redirected to something that is not an address") from error
