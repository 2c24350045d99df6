"""What each site's robots.txt lets us ask, and how often."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from protego import Protego

from crawler.web import Answer, FetchError, Forbidden, retry_after_s

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PRODUCT = "presswatch"  # the product token that robots.txt files name us by
MAX_BYTES = 500 * 1024  # RFC 9309, 2.5: at least 500 kibibytes are read; what comes after is ignored
MAX_HOPS = 5  # RFC 9309, 2.3.1.2
MAX_DELAY_S = 60.0  # a longer Crawl-delay would keep a newsroom's paging and looks from ever ending

_FRESH = timedelta(hours=24)  # RFC 9309, 2.4
_GRACE = timedelta(hours=24)  # how long the last copy holds while the server is in trouble
_RETRY = timedelta(minutes=5)  # between two questions while it is
_AGENT = re.compile(r"^(\s*)user[- ]?agent\s*[:\s]\s*([^#\n]*)", re.IGNORECASE | re.MULTILINE)
_OURS = re.compile(rf"{PRODUCT}(?![\w-])", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class _Copy:
    rules: Protego
    read_at: datetime


@dataclass(frozen=True, slots=True)
class _Trouble:
    what: str
    since: datetime
    asked_at: datetime
    retry_after_s: float | None


@dataclass(slots=True)
class _Origin:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    copy: _Copy | None = None
    trouble: _Trouble | None = None


def parse(body: bytes) -> Protego:
    """The rules in a robots.txt; whatever cannot be understood forbids nothing.

    Groups for other crawlers are folded into one, so that a hostile file that names thousands of them costs no more
    than a short one.
    """
    text = body.decode("utf-8-sig", errors="replace").replace("\r", "\n")

    def ours_or_other(line: re.Match[str]) -> str:
        agent = line[2].strip()
        known = "*" if agent == "*" else PRODUCT if _OURS.match(agent) else "other"
        return f"{line[1]}User-agent: {known}"

    try:
        return Protego.parse(_AGENT.sub(ours_or_other, text))
    except ValueError:  # a rule that is no address
        return Protego.parse("")


class Robots:
    """Remembers the robots.txt of each origin for a day, the latest `capacity` origins.

    `ask` makes one polite request without following redirects and cuts the body at MAX_BYTES; `clock` gives aware
    datetimes in UTC.
    """

    def __init__(
        self, ask: Callable[[str], Awaitable[Answer]], clock: Callable[[], datetime], capacity: int = 4096
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._capacity = capacity
        self._origins: OrderedDict[str, _Origin] = OrderedDict()

    async def delay_s(self, url: str) -> float:
        """The Crawl-delay that holds for an address we may ask, 0 where none is given, at most MAX_DELAY_S.

        Raises Forbidden where the file forbids the address, and while the server answers the question for it with 5xx:
        at once if there is no copy, else once the last copy is a day out of date. Any 4xx, 401 and 403 too, means that
        there is no such file and everything is allowed (RFC 9309, 2.3.1.3), and so do more than five redirects. A host
        that cannot be reached before there is a copy is a plain FetchError.
        """
        parts = urlsplit(url)
        name = f"{parts.scheme}://{parts.netloc}".lower()
        origin = self._origin(name)
        if self._due(origin):
            async with origin.lock:
                if self._due(origin):
                    await self._read(name, origin)
        return self._judge(url, origin)

    def _origin(self, name: str) -> _Origin:
        origin = self._origins.get(name)
        if origin is None:
            origin = self._origins[name] = _Origin()
            if len(self._origins) > self._capacity:
                self._origins.popitem(last=False)
        else:
            self._origins.move_to_end(name)
        return origin

    def _due(self, origin: _Origin) -> bool:
        now = self._clock()
        if origin.trouble is not None:
            return not timedelta(0) <= now - origin.trouble.asked_at < _RETRY
        return origin.copy is None or not timedelta(0) <= now - origin.copy.read_at < _FRESH

    async def _read(self, name: str, origin: _Origin) -> None:
        try:
            answer = await self._follow(f"{name}/robots.txt")
        except FetchError as error:
            if origin.copy is None:
                raise FetchError(f"robots.txt: {error.reason}", error.retry_after_s) from error
            self._note_trouble(origin, f"cannot be had ({error.reason})", error.retry_after_s)
            return
        now = self._clock()
        if answer is not None and answer.status >= 500:
            self._note_trouble(origin, f"answers {answer.status}", retry_after_s(answer.headers, now))
        else:
            found = answer is not None and 200 <= answer.status < 300
            origin.copy = _Copy(parse(answer.body if answer is not None and found else b""), now)
            origin.trouble = None

    def _note_trouble(self, origin: _Origin, what: str, wait_s: float | None) -> None:
        now = self._clock()
        since = now if origin.trouble is None else min(origin.trouble.since, now)
        origin.trouble = _Trouble(what, since, now, wait_s)

    async def _follow(self, url: str) -> Answer | None:
        for _hop in range(MAX_HOPS + 1):
            answer = await self._ask(url)
            location = answer.headers.get("location")
            if not (300 <= answer.status < 400 and location):
                return answer
            try:
                url = urljoin(url, location.strip())
            except ValueError:
                return None
        return None

    def _judge(self, url: str, origin: _Origin) -> float:
        trouble, copy = origin.trouble, origin.copy
        if trouble is not None and (copy is None or self._clock() - trouble.since >= _GRACE):
            since = f"{trouble.since:%Y-%m-%d %H:%M} UTC"
            raise Forbidden(f"robots.txt {trouble.what} since {since}", trouble.retry_after_s)
        if copy is None:  # its first reading was cut short by a cancelled visit
            raise FetchError("robots.txt has not been read")
        try:
            allowed = copy.rules.can_fetch(url, PRODUCT)
        except ValueError:
            allowed = True
        if not allowed:
            parts = urlsplit(url)
            raise Forbidden(f"robots.txt forbids {parts.path or '/'}{f'?{parts.query}' if parts.query else ''}")
        return min(copy.rules.crawl_delay(PRODUCT) or 0.0, MAX_DELAY_S)
