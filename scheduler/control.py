"""Talks to a running daemon: one request and its answers, a JSON object a line, over a socket in the data directory."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

SOCKET = "presswatch.sock"
LONGEST_LINE = 64 * 1024 * 1024  # the answer to a check of thousands of newsrooms is one line

Message = dict[str, Any]
Answer = Callable[[Message, Callable[[Message], Awaitable[None]]], Awaitable[Message]]


class NoDaemon(Exception):  # noqa: N818 - named for what is the case
    """No daemon answers in the data directory, or it went away before it was done."""


@contextmanager
def _short(data_dir: Path) -> Iterator[str]:
    """A path of the socket that is short enough for the kernel (108 bytes), whatever the data directory's is."""
    direct = str(data_dir / SOCKET)
    if len(os.fsencode(direct)) < 100:
        yield direct
        return
    folder = os.open(data_dir, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)


@asynccontextmanager
async def answering(data_dir: Path, answer: Answer) -> AsyncIterator[None]:
    """Answers requests while it lasts; only the user who runs the daemon can ask.

    `answer` is given a request and a way to tell of progress, and returns the last line. What it raises is told to the asker.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def tell(message: Message) -> None:
            writer.write(json.dumps(message).encode() + b"\n")
            await writer.drain()

        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            try:
                last = await answer(json.loads(await reader.readline()), tell)
            except Exception as error:  # noqa: BLE001 - whatever goes wrong is the asker's to hear
                last = {"error": str(error) or type(error).__name__}
            await tell({"done": last})
        writer.close()

    (data_dir / SOCKET).unlink(missing_ok=True)
    with _short(data_dir) as path:
        before = os.umask(0o077)
        try:
            server = await asyncio.start_unix_server(serve, path)
        finally:
            os.umask(before)
    try:
        yield
    finally:
        server.close()
        (data_dir / SOCKET).unlink(missing_ok=True)


def ask(data_dir: Path, request: Message, progress: Callable[[Message], None]) -> Message:
    """Asks the daemon and waits for its last word; NoDaemon where none answers, RuntimeError with what it says went wrong."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            with _short(data_dir) as path:
                connection.connect(path)
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as lines:
                for line in iter(lambda: lines.readline(LONGEST_LINE), b""):
                    message = json.loads(line)
                    if "done" not in message:
                        progress(message)
                        continue
                    if "error" in message["done"]:
                        raise RuntimeError(message["done"]["error"])
                    answer: Message = message["done"]
                    return answer
        except (OSError, json.JSONDecodeError) as error:
            raise NoDaemon(str(error)) from error
    raise NoDaemon("it ended before it was done")
