"""Talks to a running daemon: one request and its answers, a JSON object a line, over a socket in the data directory."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

SOCKET = "presswatch.sock"
LONGEST_LINE = 64 * 1024 * 1024  # bytes; the answer to a check of thousands of newsrooms is one line

_LONGEST_PATH = 100  # bytes; the kernel takes 108 (unix(7)), some systems fewer
_LAST_WORDS_S = 1.0
_log = logging.getLogger("presswatch")

Message = dict[str, Any]
Tell = Callable[[Message], Coroutine[Any, Any, bool]]
Answer = Callable[[Message, Tell], Awaitable[Message]]


class NoDaemon(Exception):  # noqa: N818 - named for what is the case
    """No daemon answers in the data directory, or it went away before it was done."""


class Refused(RuntimeError):  # noqa: N818 - named for what the daemon did
    """The daemon could not or would not do what it was asked; its own words."""


@contextmanager
def _short(data_dir: Path) -> Iterator[str]:
    """A path of the socket that is short enough for the kernel, whatever the data directory's is."""
    direct = str(data_dir / SOCKET)
    if len(os.fsencode(direct)) < _LONGEST_PATH:
        yield direct
        return
    folder = os.open(data_dir, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)


@asynccontextmanager
async def answering(data_dir: Path, answer: Answer) -> AsyncIterator[None]:
    """Answers requests while it lasts; only the user who runs the daemon can ask.

    `answer` is given a request and a way to tell of progress, which never fails (it says whether the asker is still
    there, as far as that can be told), and returns the last word. What it
    raises is told to the asker: as a refusal, or where it raises NoDaemon as if nobody was there. Where no socket can
    be made (some file systems hold none) that is logged, and nobody is answered.
    """
    talks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.get_running_loop().create_task(_talk(reader, writer, answer))
        talks.add(talk)
        talk.add_done_callback(talks.discard)

    server: asyncio.Server | None = None
    try:
        server = await asyncio.start_unix_server(begin, sock=_bound(data_dir), limit=LONGEST_LINE)
    except OSError as error:
        _log.warning("commands cannot talk to this daemon: no socket in %s (%s)", data_dir, error.strerror or error)
    try:
        yield
    finally:
        if server is not None:
            server.close()
            with suppress(OSError):
                (data_dir / SOCKET).unlink(missing_ok=True)
        if talks:
            await asyncio.wait(talks, timeout=_LAST_WORDS_S)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def _bound(data_dir: Path) -> socket.socket:
    """The socket at its path, in place of what a daemon that was killed left there."""
    (data_dir / SOCKET).unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(data_dir) as path:
            bound.bind(path)
        (data_dir / SOCKET).chmod(0o600)  # before it listens: until then nobody gets in
    except OSError:
        bound.close()
        raise
    return bound


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    async def tell(message: Message) -> bool:
        try:
            writer.write(json.dumps(message).encode() + b"\n")
            await writer.drain()
        except ConnectionError:
            return False  # the asker went away; what must not be done by halves is done all the same
        return not reader.at_eof()

    try:
        line = await reader.readline()
        if line:
            await tell({"done": await _last_word(line, answer, tell)})
    except (ConnectionError, ValueError):  # a line that is too long is a ValueError
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _last_word(line: bytes, answer: Answer, tell: Tell) -> Message:
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            return {"error": "not a request"}
        return await answer(request, tell)
    except NoDaemon:
        return {"gone": True}
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the asker's to hear, and the daemon goes on
        if not isinstance(error, Refused | ValueError):
            _log.exception("a request failed")
        return {"error": str(error) or type(error).__name__}


def ask(data_dir: Path, request: Message, progress: Callable[[Message], None]) -> Message:
    """Asks the daemon and waits for its last word, however long that takes.

    NoDaemon where none answers, Refused with what it says went wrong.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            with _short(data_dir) as path:
                connection.connect(path)
            connection.sendall(json.dumps(request).encode() + b"\n")
            lines = connection.makefile("rb")
        except OSError as error:
            raise NoDaemon(str(error)) from error
        with lines:
            while (message := _heard(lines)) is not None:
                if "done" not in message:
                    progress(message)
                    continue
                last: Message = message["done"]
                if "error" in last:
                    raise Refused(last["error"])
                if "gone" in last:
                    break
                return last
    raise NoDaemon("it ended before it was done")


def _heard(lines: Any) -> Message | None:  # noqa: ANN401 - a buffered reader; the type depends on Python's version
    """The next message; None where the daemon went away."""
    try:
        line = lines.readline(LONGEST_LINE)
        message: Message | None = json.loads(line) if line else None
    except (OSError, json.JSONDecodeError):
        return None
    return message
