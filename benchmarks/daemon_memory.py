"""Whether the daemon's memory stays level: a daemon in a process of its own, by a fast clock, over many visits.

python benchmarks/daemon_memory.py              1,000 newsrooms, 10,000 visits
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.newsroom_server import Server, served
from benchmarks.whole import machine
from scheduler.config import load
from scheduler.daemon import Daemon
from scheduler.lock import hold
from storage.store import Store

EVERY_S = 600  # of the daemon's own time
SPEED = (
    600  # its seconds to one of ours: each newsroom is due about every second, and visited as soon as its turn comes
)
ENDS_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The daemon after so many visits: its memory in megabytes and the processor time it took so far."""

    visits: int
    resident_mb: float
    cpu_s: float


def live(config_path: Path) -> int:
    """The daemon's process."""
    config, began, first = load(config_path), time.monotonic(), datetime.now(UTC)

    def clock() -> datetime:
        return first + timedelta(seconds=(time.monotonic() - began) * SPEED)

    with hold(config.data_dir), Store.open(config.database) as store:
        return asyncio.run(Daemon(config, store, clock).run())


def sample(pid: int, database: Path) -> Sample:
    """How the daemon stands now."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    cpu_s = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    return Sample(visits_in(database), int(status["VmRSS"].split()[0]) / 1024, cpu_s)


def visits_in(database: Path) -> int:
    """How many visits and looks were stored so far."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as conn:
            return int(conn.execute("SELECT coalesce(max(seq), 0) FROM sequence").fetchone()[0])
    except sqlite3.OperationalError:  # not made yet
        return 0


def watch(server: Server, config: Path, visits: int) -> list[Sample]:
    """Samples a daemon ten times on its way to so many visits, while a tenth of the newsrooms publish now and then."""
    database = config.parent / "data" / "presswatch.db"
    with (config.parent / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), "--daemon", str(config)], stdout=log, stderr=log
        )
    samples: list[Sample] = []
    try:
        while len(samples) < 10:
            time.sleep(0.1)
            if process.poll() is not None:
                raise RuntimeError(f"the daemon ended: {(config.parent / 'daemon.log').read_text()[-2000:]}")
            if visits_in(database) >= visits * (len(samples) + 1) // 10:
                samples.append(sample(process.pid, database))
                server.tell("publish 0.1")
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(ENDS_WITHIN_S)
    if code:
        raise RuntimeError(f"the daemon ended with exit code {code} on SIGTERM")
    return samples


def told(samples: list[Sample]) -> str:
    """The table."""
    lines = [f"{'visits':>8} {'resident MB':>12} {'ms CPU a visit since':>22}"]
    before = None
    for one in samples:
        spent = (
            "" if before is None else f"{(one.cpu_s - before.cpu_s) / max(1, one.visits - before.visits) * 1000:.2f}"
        )
        lines.append(f"{one.visits:>8,} {one.resident_mb:>12.1f} {spent:>22}")
        before = one
    return "\n".join(lines)


def samples_of(newsrooms: int, visits: int) -> list[Sample]:
    """The samples of a daemon that watches so many newsrooms for so many visits."""
    with (
        served(newsrooms, many_hosts=True) as server,
        tempfile.TemporaryDirectory(prefix="presswatch-daemon-") as folder,
    ):
        config = server.configure(Path(folder), every=f"{EVERY_S}s", digest='every = "6h"')
        return watch(server, config, visits)


def main(arguments: list[str] | None = None) -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="Whether the daemon's memory stays level.")
    parser.add_argument("--newsrooms", type=int, default=1_000)
    parser.add_argument("--visits", type=int, default=10_000)
    parser.add_argument("--daemon", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.daemon:
        return live(asked.daemon)
    print(machine(), flush=True)
    print(told(samples_of(asked.newsrooms, asked.visits)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
