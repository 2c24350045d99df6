"""Kills a whole daemon, `presswatch run`, from outside and at random times, while it checks and writes digests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.crash import Count, compare, configure, sound, verify
from benchmarks.crash_truth import PER_PAGE, Life
from benchmarks.whole import command
from scheduler.control import NoDaemon, ask
from scheduler.demo.layouts import DRUPAL, WORDPRESS
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.server import serving

NEWSROOMS = 4
AGAIN = 0.3  # how often the daemon is killed again while it makes up for a kill
STARTS_WITHIN_S = 30.0
ENDS_WITHIN_S = 15.0


@dataclass(slots=True)
class Watcher:
    """A daemon that is started again after each kill; `took_s` is how long its last whole check and digests took."""

    config: Path
    process: subprocess.Popen[bytes] | None = None
    took_s: float = 0.5

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.config.parent / "data"

    @property
    def log(self) -> Path:
        """What all its lives said."""
        return self.config.parent / "daemon.log"

    def start(self) -> None:
        """Starts it, and returns once it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command("--config", str(self.config), "run"), stdout=log, stderr=log)
        until = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError(f"the daemon did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            ask(self.data, {"check": ["nobody"]}, lambda _: None)
        except NoDaemon:
            return False
        except RuntimeError:  # there is no such newsroom, it says
            return True
        return True

    def work(self, kill_after_s: float | None) -> bool:
        """Asks for a check and the digests; whether they were done before the kill came."""
        process = self.process
        if process is None:
            raise AssertionError
        killer = None if kill_after_s is None else threading.Timer(kill_after_s, os.kill, (process.pid, signal.SIGKILL))
        began = time.monotonic()
        if killer is not None:
            killer.start()
        try:
            ask(self.data, {"check": []}, lambda _: None)
            ask(self.data, {"digest": None}, lambda _: None)
        except NoDaemon:
            process.wait(ENDS_WITHIN_S)
            return False
        finally:
            if killer is not None:
                killer.cancel()
                killer.join()
        self.took_s = time.monotonic() - began
        return process.poll() is None

    def end(self) -> int:
        """SIGTERM, and its exit code."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.terminate()
        try:
            return self.process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -signal.SIGKILL


def kill_daemon(kills: int, seed: int) -> Count:
    """Kills the daemon so many times while it works on several newsrooms, and the count of what came of it."""
    count, random, began = Count("daemon"), Random(f"{seed} daemon"), time.monotonic()
    rooms = {
        f"/n{number}": LocalNewsroom(
            (DRUPAL, WORDPRESS)[number % 2], releases=60, per_page=PER_PAGE, seed=seed * 100 + number
        )
        for number in range(NEWSROOMS)
    }
    with tempfile.TemporaryDirectory(prefix="presswatch-crash-") as folder, serving(rooms) as base:
        config = configure(Path(folder), {path[1:]: base + path + room.listing_path for path, room in rooms.items()})
        lives = [Life.born(room, base + path, path[1:], seed * 100 + i) for i, (path, room) in enumerate(rooms.items())]
        watcher = Watcher(config)
        try:
            watcher.start()
            watcher.work(None)
            while count.kills < kills and not count.faults:
                _round(count, kills, random, watcher, lives)
        finally:
            ended = watcher.end()
        if ended:
            count.fault(f"the daemon ended with exit code {ended} on SIGTERM")
        compare(count, [one for life in lives for one in life.truth], watcher.data)
        verify(count, config)
        for line in watcher.log.read_text(encoding="utf-8").splitlines():
            if "Traceback" in line or " ERROR " in line:
                count.fault(f"the daemon says: {line}")
    count.seconds = time.monotonic() - began
    return count


def _round(count: Count, kills: int, random: Random, watcher: Watcher, lives: list[Life]) -> None:
    for life in lives:
        life.round(departure=random.random() < 0.5)
    count.rounds += 1
    armed = True
    while True:
        after: float | None = random.uniform(0, watcher.took_s) if armed and count.kills < kills else None
        done = watcher.work(after)
        count.lives += 1
        if done:
            break
        count.kills += 1
        sound(count, watcher.data / "presswatch.db", "from outside")
        for life in lives:
            life.between()
        watcher.start()
        armed = random.random() < AGAIN
    compare(count, _truth(lives), watcher.data)


def _truth(lives: list[Life]) -> list[Any]:
    return [one for life in lives for one in life.truth]
