"""The socket between the commands and a running daemon."""

from __future__ import annotations

import asyncio
import logging
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from scheduler.control import LONGEST_LINE, SOCKET, Message, NoDaemon, Refused, Tell, answering, ask

Answer = Callable[[Message, Tell], Awaitable[Message]]


async def echo(request: Message, tell: Tell) -> Message:
    for number in range(request.get("times", 0)):
        await tell({"number": number})
    return {"heard": request}


async def asked(data_dir: Path, request: Message, answer: Answer = echo) -> tuple[Message, list[Message]]:
    told: list[Message] = []
    async with answering(data_dir, answer):
        return await asyncio.to_thread(ask, data_dir, request, told.append), told


async def test_tells_of_progress_and_then_its_last_word(tmp_path: Path) -> None:
    last, told = await asked(tmp_path, {"times": 2})
    assert last == {"heard": {"times": 2}}
    assert told == [{"number": 0}, {"number": 1}]


async def test_long_requests_and_answers_pass(tmp_path: Path) -> None:
    names = [f"newsroom-{number}" for number in range(20_000)]
    last, _ = await asked(tmp_path, {"check": names})
    assert last == {"heard": {"check": names}}
    assert LONGEST_LINE > 1_000_000


async def test_only_the_user_who_runs_the_daemon_can_ask(tmp_path: Path) -> None:
    async with answering(tmp_path, echo):
        assert stat.S_IMODE((tmp_path / SOCKET).stat().st_mode) == 0o600
    assert not (tmp_path / SOCKET).exists()


async def test_a_data_directory_with_a_path_too_long_for_the_kernel(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 30) / ("longer" * 20)
    data_dir.mkdir(parents=True)
    with pytest.raises(NoDaemon):
        ask(data_dir, {}, lambda _: None)
    last, _ = await asked(data_dir, {})
    assert last == {"heard": {}}


async def test_takes_the_place_of_a_socket_that_a_killed_daemon_left(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / SOCKET))
    with pytest.raises(NoDaemon):
        ask(tmp_path, {}, lambda _: None)
    assert (await asked(tmp_path, {}))[0] == {"heard": {}}


@pytest.mark.parametrize("missing", [True, False])
def test_nobody_answers_where_there_is_no_daemon(tmp_path: Path, *, missing: bool) -> None:
    with pytest.raises(NoDaemon):
        ask(tmp_path / "nowhere" if missing else tmp_path, {}, lambda _: None)


class TestWhatGoesWrong:
    @pytest.mark.parametrize(("error", "said"), [(Refused("no such thing"), "no such thing"), (ValueError(), "Value")])
    async def test_a_refusal_is_told(self, tmp_path: Path, error: Exception, said: str) -> None:
        async def refuse(_request: Message, _tell: Tell) -> Message:
            raise error

        with pytest.raises(Refused, match=said):
            await asked(tmp_path, {}, refuse)

    async def test_a_fault_of_our_own_is_told_and_logged(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def stumble(_request: Message, _tell: Tell) -> Message:
            raise ZeroDivisionError

        with pytest.raises(Refused, match="ZeroDivisionError"):
            await asked(tmp_path, {}, stumble)
        assert [record.levelname for record in caplog.records] == ["ERROR"]

    async def test_a_daemon_that_is_stopping_is_none(self, tmp_path: Path) -> None:
        async def stop(_request: Message, _tell: Tell) -> Message:
            raise NoDaemon("it is stopping")

        with pytest.raises(NoDaemon):
            await asked(tmp_path, {}, stop)

    async def test_a_daemon_that_ends_before_it_is_done_is_none(self, tmp_path: Path) -> None:
        begun = asyncio.Event()

        async def hang(_request: Message, _tell: Tell) -> Message:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

        async with answering(tmp_path, hang):
            asking = asyncio.ensure_future(asyncio.to_thread(ask, tmp_path, {}, lambda _: None))
            await begun.wait()
        with pytest.raises(NoDaemon, match="before it was done"):
            await asking

    async def test_a_request_that_is_none_is_refused(self, tmp_path: Path) -> None:
        async with answering(tmp_path, echo):
            reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET)
            writer.write(b"[1]\n")
            assert b"not a request" in await reader.readline()
            writer.close()
            await writer.wait_closed()
            reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET)
            writer.write(b"nonsense\n")
            assert b"error" in await reader.readline()
            writer.close()
            await writer.wait_closed()

    async def test_an_asker_that_goes_away_is_let_go_and_what_it_asked_for_is_done(self, tmp_path: Path) -> None:
        going, done = asyncio.Event(), asyncio.Event()

        async def slow(_request: Message, tell: Tell) -> Message:
            await going.wait()
            for _ in range(50):
                await tell({"much": "x" * 100_000})
            done.set()
            return {}

        async with answering(tmp_path, slow):
            _, writer = await asyncio.open_unix_connection(tmp_path / SOCKET)
            writer.write(b"{}\n")
            await writer.drain()
            writer.transport.abort()
            going.set()
            await asyncio.wait_for(done.wait(), 10)

    async def test_one_who_asks_nothing_is_let_go(self, tmp_path: Path) -> None:
        async with answering(tmp_path, echo):
            reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET)
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()

    async def test_where_no_socket_can_be_made_nobody_is_answered(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unable(*_: object) -> None:
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(socket.socket, "bind", unable)
        with caplog.at_level(logging.WARNING):
            async with answering(tmp_path, echo):
                assert not (tmp_path / SOCKET).exists()
        assert "commands cannot talk to this daemon" in caplog.text
