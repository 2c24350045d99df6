"""The only place that touches the network: a Scrapy download handler on aiohttp, with its own name resolution."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult
from scrapy.http import Response

from crawler.addresses import WAY_OUT
from crawler.decompress import ACCEPTED, decompress
from crawler.web import Answer, FetchError

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler

    from crawler.follow import Hop

NAMES_AT_ONCE = 64  # looked up together: home routers refuse more than 150 questions at a time (dnsmasq)
NAME_TURN_S = 0.5  # a name that takes longer lets the next ones go ahead: a dead name server must delay nobody
FILES = 8192  # that may be open, where the system lets us: an idle connection to each of thousands of hosts is one
FILES_A_REQUEST = 4  # its connections, tried side by side, and those that earlier ones left open

Lookup = Callable[[str], Awaitable[list[str]]]
"""The IP addresses of a host name; raises OSError where it has none."""

_SINGLE = frozenset({"content-type", "etag", "last-modified", "location", "retry-after"})  # the first one sent counts
_MAX_HEADER = 64 * 1024  # bytes; security policies of real newsrooms outgrow aiohttp's 8 KiB
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def look_up(host: str) -> list[str]:
    """The addresses that the system's resolver gives for a name.

    Each look-up has a daemon thread of its own: a name server that hangs holds up neither other names nor the end of
    the program, as it would in the loop's small pool.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def tell(addresses: list[str] | OSError) -> None:
        if found.done():
            return
        if isinstance(addresses, list):
            found.set_result(addresses)
        else:
            found.set_exception(addresses)

    def ask() -> None:
        answer: list[str] | OSError
        try:
            answer = [str(info[4][0]) for info in socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)]
        except OSError as error:
            answer = error
        except UnicodeError:
            answer = OSError(f"{host} is not a host name")
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, answer)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    return await found


class _Resolver(AbstractResolver):
    """Resolves when connecting, so that the addresses judged are those connected to: a name cannot change between."""

    def __init__(self, lookup: Lookup, refused: Callable[[str], bool]) -> None:
        self._lookup = lookup
        self._refused = refused
        self._turns = asyncio.Semaphore(NAMES_AT_ONCE)

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: int = 0,  # noqa: ARG002 -- the interface's parameter; every family is taken
    ) -> list[ResolveResult]:
        """The addresses to connect to. Raises FetchError where one of them is refused, OSError where there is none."""
        addresses = await self._look_up(host)
        for address in addresses:
            if self._refused(address):
                raise FetchError(f"refused: {host} leads into a private network{WAY_OUT}")
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(
                hostname=host, host=address, port=port, proto=0, flags=flags,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address in dict.fromkeys(addresses)
        ]  # fmt: skip

    async def _look_up(self, host: str) -> list[str]:
        async with self._turns:
            asking = asyncio.ensure_future(self._lookup(host))
            try:
                await asyncio.wait({asking}, timeout=NAME_TURN_S)
            except asyncio.CancelledError:
                asking.cancel()
                raise
        return await asking

    async def close(self) -> None:
        """Nothing to close."""


@dataclass(slots=True)
class Courier:
    """Travels in a request's meta and brings the answer back; it is not `wanted` once nobody waits for it any more."""

    hop: Hop
    wanted: bool = True
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """How to ask. `refused` judges IP addresses; `concurrency` bounds the requests under way to all hosts together."""

    user_agent: str
    delay_s: float
    timeout_s: float
    max_bytes: int
    concurrency: int
    lookup: Lookup
    refused: Callable[[str], bool]


class PoliteHandler:
    """Scrapy's download handler for http and https: bounded in time and size, addresses checked on connecting."""

    lazy = False

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._crawler: Crawler | None = None
        self._permits = asyncio.Semaphore(min(wire.concurrency, open_files() // FILES_A_REQUEST))
        self._downloads: set[asyncio.Task[object]] = set()
        self._closed = False
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,  # the permits bound it: a wait for aiohttp's own would count as the newsroom's slowness
                use_dns_cache=False,
                resolver=_Resolver(wire.lookup, wire.refused),
                ssl=_tls(),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            headers={"User-Agent": wire.user_agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPTED},
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PoliteHandler:
        """Scrapy's way to make one. http and https share the spider's, and with it the permits."""
        spider: Any = crawler.spider
        handler: PoliteHandler = spider.handler
        handler._crawler = crawler
        return handler

    def _slots(self) -> dict[str, Slot]:
        return {} if self._crawler is None else self._crawler.engine.downloader.slots

    def set_delay(self, host: str, delay_s: float | None) -> None:
        """Keeps at least `delay_s` between two requests to a host that was asked before; None leaves it as it is."""
        slot = self._slots().get(host)
        if slot is not None and delay_s is not None:
            slot.delay = max(self._wire.delay_s, delay_s)

    async def download_request(self, request: Request) -> Response:
        """Makes one request once its host's turn has come; the answer is left with the courier. Raises FetchError."""
        courier: Courier = request.meta["courier"]
        if self._closed or not courier.wanted:
            raise FetchError("nobody waits for the answer any more")
        host: str = request.meta["download_slot"]
        self.set_delay(host, courier.hop.delay_s)  # the slot may be newer than what robots.txt said
        task: asyncio.Task[Any] | None = asyncio.current_task()
        if task is not None:
            self._downloads.add(task)
        try:
            async with self._permits:
                courier.answer = await self._bounded(request.url, courier.hop)
        finally:
            self._downloads.discard(task)
            self._slots()[
                host
            ].lastseen = monotonic()  # so that the delay lies between two requests, not between their beginnings
        return Response(request.url, status=courier.answer.status)

    async def close(self) -> None:
        """Breaks off what is under way; what still waits for its turn will not be asked."""
        self._closed = True
        for slot in self._slots().values():
            slot.queue.clear()
        downloads = list(self._downloads)
        for download in downloads:
            download.cancel()
        await asyncio.gather(*downloads, return_exceptions=True)
        await self._session.close()

    async def _bounded(self, address: str, hop: Hop) -> Answer:
        try:
            async with asyncio.timeout(self._wire.timeout_s):
                return await self._get(address, hop)
        except TimeoutError as error:
            raise FetchError(f"no full answer within {self._wire.timeout_s:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FetchError(_reason(error, yarl.URL(address).host or "")) from error

    async def _get(self, address: str, hop: Hop) -> Answer:
        url = yarl.URL(address, encoded=True)
        self._check_literal(url.raw_host or "")
        limit = min(hop.max_bytes, self._wire.max_bytes)
        async with self._session.get(url, headers=_sendable(hop), allow_redirects=False) as response:
            headers = _headers(response.raw_headers)
            if (response.content_length or 0) > limit and response.status != 304 and not hop.cut:
                raise FetchError(f"larger than {limit} bytes")
            body = await _read(response, limit, cut=hop.cut)
            if codings := headers.get("content-encoding"):
                body = decompress(body, codings, limit, cut=hop.cut)
            return Answer(hop.url, response.status, headers, body)

    def _check_literal(self, host: str) -> None:
        # aiohttp asks no resolver for an IP address; a second look at the very host it connects to
        with suppress(ValueError):
            if self._wire.refused(str(ipaddress.ip_address(host))):
                raise FetchError(f"refused: {host} is not a public address")


def open_files() -> int:
    """How many files this process may have open, once it may have as many as the system lets it, up to FILES."""
    if sys.platform == "win32":
        return FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return FILES if soft == resource.RLIM_INFINITY else soft


def _tls() -> ssl.SSLContext | bool:
    """True for aiohttp's own default context: it read the system's certificates as it was loaded, which takes long."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).glob("*.0"))):
        return True
    import certifi  # noqa: PLC0415 - only a bare system has no certificates of its own

    return ssl.create_default_context(cafile=certifi.where())


def _sendable(hop: Hop) -> dict[str, str]:
    """Headers without control characters: a stored ETag is a server's word."""
    return {name: "".join(filter(str.isprintable, value)) for name, value in hop.headers.items()}


def _headers(raw: tuple[tuple[bytes, bytes], ...]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name = raw_name.decode("latin-1").lower()
        try:
            value = raw_value.decode()
        except UnicodeDecodeError:
            value = raw_value.decode("latin-1")
        if name not in headers:
            headers[name] = value
        elif name not in _SINGLE:
            headers[name] = f"{headers[name]}, {value}"
    return headers


async def _read(response: aiohttp.ClientResponse, limit: int, *, cut: bool) -> bytes:
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            if not cut:
                raise FetchError(f"larger than {limit} bytes")
            response.close()
            break
    return b"".join(chunks)[:limit]


def _reason(error: Exception, host: str) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"the TLS certificate of {host} is not valid: {_tls_reason(error.certificate_error)}"
    if isinstance(error, aiohttp.ClientSSLError):
        return f"no TLS connection to {host}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name {host} cannot be resolved"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {host}: {_system_reason(error.os_error)}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection without an answer"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer ends early"
    if isinstance(error, OSError):
        return f"the connection broke: {_system_reason(error)}"
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return "not a valid address"
    return "the answer is not proper HTTP"


def _tls_reason(error: Exception) -> str:
    return getattr(error, "verify_message", "") or "it cannot be verified"


def _system_reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else "no reason given"
