"""Lives of presswatch that end by SIGKILL at a chosen moment: a real process each, on the real functions.

Started by `crash.py`, which asks for lives over stdin, a JSON object a line, and is told on stdout how each one ended.
This process imports presswatch once and forks for each life, because to import it takes longer than to live. A life is
one check and one digest by a configuration, as the commands do them. Every function at which it can die is wrapped,
none is replaced: the wrapper counts the moments of a stage and, at the one that is asked for, kills its own process.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import aiohttp

import crawler.inference
import crawler.look
import crawler.visit
import scheduler.check
import scheduler.detect
import scheduler.digestfiles
from crawler.crawl import Crawl, CrawlSettings
from crawler.download import PoliteHandler
from crawler.spider import NewsroomSpider
from scheduler.config import load
from storage.store import Store

STAGES = ("fetch", "store", "fold", "look", "render", "rename")


@dataclass(slots=True)
class Reaper:
    """Counts the moments of one stage and kills the process at the one numbered `moment` (0: never).

    `late_s`: a thread waits so long first, so that the end comes inside a system call or a statement of SQLite.
    `tell` is where the name of the moment is written.
    """

    stage: str
    moment: int
    late_s: float
    tell: int
    passed: int = 0
    looking: bool = False
    within: list[str] = field(default_factory=list)

    def at(self, stage: str, name: str) -> None:
        """A moment of a stage has come."""
        if stage != self.stage:
            return
        self.passed += 1
        if self.passed != self.moment:
            return
        os.write(self.tell, json.dumps({"killed_at": name}).encode() + b"\n")
        if not self.late_s:
            _die()
        threading.Thread(target=self._later, daemon=True).start()

    def _later(self) -> None:
        time.sleep(self.late_s)
        _die()

    @contextmanager
    def inside(self, stage: str, name: str) -> Iterator[None]:
        """Before, after, and before each SQL statement between."""
        self.at(stage, f"before {name}")
        self.within.append(stage)
        try:
            yield
        finally:
            self.within.pop()
        self.at(stage, f"after {name}")

    def statement(self, sql: str) -> None:
        """SQLite is about to execute a statement."""
        if self.within:
            self.at(self.within[-1], f"before {' '.join(sql.split()[:3])}")

    def network(self) -> str:
        """The stage that a request belongs to."""
        return "look" if self.looking else "fetch"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def arm(reaper: Reaper) -> None:
    """Wraps the functions of all stages in this process."""
    _arm_network(reaper)
    _arm_store(reaper)
    _arm_digests(reaper)


def _arm_network(reaper: Reaper) -> None:
    def awaited(name: str, real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapped(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the real one takes and gives
            reaper.at(reaper.network(), f"before {name}")
            result = await real(*args, **named)
            reaper.at(reaper.network(), f"after {name}")
            return result

        return wrapped

    NewsroomSpider.download = awaited("the download", NewsroomSpider.download)  # type: ignore[method-assign,assignment]  # the benchmark kills inside it
    PoliteHandler.download_request = awaited(  # type: ignore[method-assign,assignment]  # likewise
        "the request", PoliteHandler.download_request
    )
    _wrap(aiohttp.StreamReader, "feed_data", reaper.network, reaper, "a part of a body came")
    real_look = crawler.look.look

    async def look(order: Any, fetch: Any, clock: Any) -> Any:  # noqa: ANN401 - passed on as they are
        reaper.looking = True
        try:
            reaper.at("look", "before the look")
            seen = await real_look(order, fetch, clock)
            reaper.at("look", "after the look")
        finally:
            reaper.looking = False
        return seen

    crawler.look.look = look


def _arm_store(reaper: Reaper) -> None:
    real_open = Store.open.__func__  # type: ignore[attr-defined]  # a class method's function

    def opened(cls: type[Store], *args: Any, **named: Any) -> Store:  # noqa: ANN401 - passed on as they are
        store: Store = real_open(cls, *args, **named)
        store._db._db.conn.set_trace_callback(reaper.statement)  # noqa: SLF001 - the one way to stand between two statements
        return store

    Store.open = classmethod(opened)  # type: ignore[method-assign,assignment]  # likewise
    for stage, name in (
        ("store", "add_visit"), ("store", "add_look"), ("fold", "unfolded"), ("fold", "fold"),
        ("render", "unreported"), ("render", "add_issue"), ("rename", "mark_written"),
    ):  # fmt: skip
        _wrap_inside(Store, name, stage, reaper)
    for name in ("known_for_visit", "known_for_look", "fold_visit", "fold_look"):
        _wrap_inside(scheduler.detect, name, "fold", reaper)


def _arm_digests(reaper: Reaper) -> None:
    for name in ("render_json", "render_html", "render_markdown", "render_index", "render_atom"):
        _wrap_inside(scheduler.digestfiles, name, "render", reaper)
    _wrap(os, "fsync", lambda: "rename", reaper, "fsync")
    _wrap(Path, "replace", lambda: "rename", reaper, "the rename")
    real_open = Path.open

    def opened(path: Path, mode: str = "r", *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the real one
        file = real_open(path, mode, *args, **named)
        return Halved(file, reaper) if mode == "wb" else file

    Path.open = opened  # type: ignore[method-assign,assignment]  # likewise


class Halved:
    """A file that is written in two halves, with a moment to die between them."""

    def __init__(self, file: Any, reaper: Reaper) -> None:  # noqa: ANN401 - a binary file
        self._file, self._reaper = file, reaper

    def write(self, content: bytes) -> int:
        """Writes one half to the disk, then the other."""
        half = len(content) // 2
        self._reaper.at("rename", "before the file is written")
        written: int = self._file.write(content[:half])
        self._file.flush()
        self._reaper.at("rename", "half of the file is written")
        return written + int(self._file.write(content[half:]))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the file has
        return getattr(self._file, name)

    def __enter__(self) -> Halved:
        self._file.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.__exit__(*raised)


def _wrap(owner: Any, name: str, stage: Callable[[], str], reaper: Reaper, told: str) -> None:  # noqa: ANN401 - a class or module
    real = getattr(owner, name)

    def wrapped(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the real one
        reaper.at(stage(), f"before {told}")
        result = real(*args, **named)
        reaper.at(stage(), f"after {told}")
        return result

    setattr(owner, name, wrapped)


def _wrap_inside(owner: Any, name: str, stage: str, reaper: Reaper) -> None:  # noqa: ANN401 - a class or module
    real = getattr(owner, name)

    def wrapped(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the real one
        with reaper.inside(stage, name):
            return real(*args, **named)

    setattr(owner, name, wrapped)


# --- the process that forks ------------------------------------------------------------------------------------------


def live(config_path: Path, at: datetime) -> None:
    """One check and one digest, at a clock that starts at `at`."""
    began = time.monotonic()
    config = load(config_path)

    def clock() -> datetime:
        return at + timedelta(seconds=time.monotonic() - began)

    report = scheduler.check.check(config, clock=clock)
    believed = {"ok", "not_modified"}
    unread = [
        f"{visit.newsroom}: {visit.outcome} {visit.reason}" for visit in report.visits if visit.outcome not in believed
    ]
    if unread:
        raise RuntimeError("; ".join(unread))
    scheduler.check.write_digests(config, clock=clock)


def _born(asked: dict[str, Any], tell: int) -> None:
    """What the forked process does; it never returns."""
    code = 1
    try:
        if "verify" in asked:
            problems = scheduler.check.verify(load(Path(asked["verify"])))
            os.write(tell, json.dumps({"problems": problems[:20]}).encode() + b"\n")
            code = 0
        else:
            reaper = Reaper(asked["stage"], asked["moment"], asked["late_s"], tell)
            arm(reaper)
            live(Path(asked["config"]), datetime.fromisoformat(asked["at"]))
            os.write(tell, json.dumps({"moments": reaper.passed}).encode() + b"\n")
            code = 0
    except BaseException:  # noqa: BLE001 - a process that was forked must not go on in its parent's place
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def one(asked: dict[str, Any]) -> dict[str, Any]:
    """One life in a process of its own, and how it ended."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        _born(asked, writes)
    os.close(writes)
    told: dict[str, Any] = {"moments": 0, "killed_at": None, "problems": []}
    with os.fdopen(reads) as lines:
        for line in lines:
            told |= json.loads(line)
    _, status = os.waitpid(pid, 0)
    return told | {
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
    }


async def _warm() -> None:
    """Loads what the first crawl would load."""
    crawl = Crawl(CrawlSettings(None), datetime.now)
    await crawl.start()
    await crawl.stop()


def main() -> None:
    """Answers one line with one line until stdin ends."""
    warming = os.fork()
    if warming == 0:  # shows early, and in one place, that a crawl can be started at all
        asyncio.run(_warm())
        os._exit(0)
    _, status = os.waitpid(warming, 0)
    print(json.dumps({"ready": status == 0}), flush=True)
    for line in sys.stdin:
        print(json.dumps(one(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
