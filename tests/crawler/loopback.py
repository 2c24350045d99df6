"""A web server on loopback: it answers as a test tells it to, byte for byte, and remembers who asked what, and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]

MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole HTTP answer; underscores in header names stand for hyphens."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines])
    return head.encode() + b"\r\n\r\n" + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    return answer(status=status, Location=location)


async def hang(_writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    began: float
    ended: float = float("inf")


@dataclass
class Loopback:
    port: int = 0
    answers: dict[str, bytes | Script] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    most_at_once: int = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
                request = Request(head[0].split(" ")[1], headers, monotonic())
                self.requests.append(request)
                host = headers["host"]
                others = [r for r in self.requests if r.headers["host"] == host and r.ended == float("inf")]
                self.most_at_once = max(self.most_at_once, len(others))
                script = self.answers.get(request.path, MISSING)
                if isinstance(script, bytes):
                    request.ended = monotonic()
                    writer.write(script)
                else:
                    await script(writer)
                    request.ended = monotonic()
                await writer.drain()


@asynccontextmanager
async def serving() -> AsyncIterator[Loopback]:
    loopback = Loopback()
    clients: set[asyncio.Task[None]] = set()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        clients.add(task)
        try:
            await loopback._client(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            clients.discard(task)
            writer.close()

    server = await asyncio.start_server(client, "127.0.0.1", 0)
    loopback.port = server.sockets[0].getsockname()[1]
    try:
        yield loopback
    finally:
        server.close()
        for task in list(clients):
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        await server.wait_closed()
