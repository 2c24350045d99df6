"""Serves local newsrooms on loopback: within an event loop, or from a background thread for whatever has none."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from itertools import count

from aiohttp import web

from scheduler.demo.answers import Asked, Reply, answer
from scheduler.demo.misbehaviour import Logged
from scheduler.demo.newsroom import LocalNewsroom

HOST = "127.0.0.1"
_TURNS = 5
Newsrooms = LocalNewsroom | Mapping[str, LocalNewsroom]


@asynccontextmanager
async def serve(newsrooms: Newsrooms, *, port: int = 0) -> AsyncIterator[str]:
    """Serves one newsroom at the root, or several by path prefix ("/ca"), and yields the base URL without a last slash.

    Port 0 takes a free one. robots.txt is that of the newsroom at the root, else of the first. Leaving closes at once:
    requests that hang are dropped, not waited for.
    """
    rooms = {"": newsrooms} if isinstance(newsrooms, LocalNewsroom) else dict(newsrooms)
    shell = _Shell(rooms)
    listener = socket.create_server((HOST, port))
    runner = web.ServerRunner(web.Server(shell.respond), handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        # asyncio leaks a connection that it accepts while its server closes: so accept no more, and let a few turns of
        # the loop pass until those already accepted are known and can be closed. One that is dropped takes a turn, too.
        asyncio.get_running_loop().remove_reader(listener)
        shell.closing.set()
        await _turns()
        await runner.cleanup()
        await _turns()


async def _turns() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)


@contextmanager
def serving(newsrooms: Newsrooms, *, port: int = 0) -> Iterator[str]:
    """As `serve`, from a background thread with an event loop of its own; yields the base URL."""
    background = _Background(newsrooms, port)
    base = background.start()
    try:
        yield base
    finally:
        background.stop()


class _Background:
    """A thread whose own event loop serves until it is told to stop."""

    def __init__(self, newsrooms: Newsrooms, port: int) -> None:
        self._newsrooms = newsrooms
        self._port = port
        self._ready: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._live, name="local-newsroom", daemon=True)

    def start(self) -> str:
        """Starts to serve; the base URL, or the error that kept it from serving."""
        self._thread.start()
        try:
            return self._ready.result()[0]
        except Exception:
            self._thread.join()
            raise

    def stop(self) -> None:
        """Closes the server and waits for the thread to end."""
        _, loop, closing = self._ready.result()
        loop.call_soon_threadsafe(closing.set)
        self._thread.join()

    def _live(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _serve(self) -> None:
        closing = asyncio.Event()
        async with serve(self._newsrooms, port=self._port) as base:
            self._ready.set_result((base, asyncio.get_running_loop(), closing))
            await closing.wait()


class _Shell:
    """Turns requests into questions to the newsroom they belong to, and its replies into responses."""

    def __init__(self, rooms: Mapping[str, LocalNewsroom]) -> None:
        self._rooms = {prefix.rstrip("/"): room for prefix, room in rooms.items()}
        self._first = self._rooms.get("") or next(iter(self._rooms.values()))
        self._tokens = count(1)
        self.closing = asyncio.Event()

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        prefix, room = self._room_of(request.path)
        if room is None:
            return web.Response(status=404, text="no newsroom here")
        if request.method not in {"GET", "HEAD"}:
            self._log(room, request, 405)
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        base = f"{request.scheme}://{request.host}{prefix}"
        asked = Asked(
            path=request.path[len(prefix) :] or "/",
            base=base,
            query=dict(request.query),
            if_none_match=request.headers.get("If-None-Match"),
            if_modified_since=request.headers.get("If-Modified-Since"),
            token=f"{next(self._tokens):08x}",
        )
        reply = answer(room, asked)
        if reply.hangs:
            return await self._hang(room, request)
        self._log(room, request, reply.status)
        if reply.breaks:
            return await _break_off(request, reply)
        return web.Response(status=reply.status, body=reply.body, headers=reply.headers)

    def _room_of(self, path: str) -> tuple[str, LocalNewsroom | None]:
        if path == "/robots.txt":
            return "", self._first
        prefix = path.rstrip("/")
        while prefix not in self._rooms and prefix:
            prefix = prefix.rpartition("/")[0]
        return prefix, self._rooms.get(prefix)

    async def _hang(self, room: LocalNewsroom, request: web.BaseRequest) -> web.StreamResponse:
        self._log(room, request, None)
        await self.closing.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=503)

    @staticmethod
    def _log(room: LocalNewsroom, request: web.BaseRequest, status: int | None) -> None:
        seen = request.headers.get
        conditions = seen("If-None-Match"), seen("If-Modified-Since")
        room.requests.append(Logged(request.method, request.path_qs, status, *conditions, seen("User-Agent")))


async def _break_off(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    response.content_length = len(reply.body)
    await response.prepare(request)
    if request.method == "GET":
        await response.write(reply.body[: len(reply.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
