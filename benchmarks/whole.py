"""Whole presswatch processes: how one is started, what it cost, and the machine they ran on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from sqlite3 import sqlite_version

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: processor time, time on the wall, and its peak memory in megabytes (0: not known)."""

    cpu_s: float
    wall_s: float
    peak_mb: float


START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from scheduler.cli import main; main()"
# as a process ends it tells its own peak: what the system tells its parent counts the parent's memory before the exec
PEAK = "import atexit; atexit.register(lambda: open({path!r}, 'w').write(open('/proc/self/status').read())); "


def command(*arguments: str) -> list[str]:
    """The command line of this checkout's presswatch, installed or not."""
    return [sys.executable, "-P", "-c", START, *arguments]


def measured(*arguments: str) -> Cost:
    """Runs a command of presswatch to its end; RuntimeError where it fails."""
    with tempfile.NamedTemporaryFile(prefix="presswatch-peak-") as peak:
        cost = process([sys.executable, "-P", "-c", PEAK.format(path=peak.name) + START, *arguments])
        told = re.search(r"VmHWM:\s+(\d+) kB", Path(peak.name).read_text(encoding="utf-8"))
    return replace(cost, peak_mb=int(told[1]) / 1024 if told else 0.0)


def process(command_line: Sequence[str]) -> Cost:
    """Runs a process to its end; its peak memory is not known."""
    began = time.perf_counter()
    with subprocess.Popen(command_line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as started:
        errors = started.stderr.read() if started.stderr else b""
        _, status, used = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise RuntimeError(
            f"{' '.join(command_line[4:])}: exit {started.returncode}: {errors.decode(errors='replace')[-2000:]}"
        )
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - began, 0.0)


def machine() -> str:
    """The processor, its cores, and the versions that matter."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor() or "unknown processor",
    )
    cores = len(os.sched_getaffinity(0))
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("scrapy", "aiohttp", "selectolax", "lxml", "apscheduler")
    )
    return (
        f"{model}, {cores} cores, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, SQLite {sqlite_version}, {libraries}"
    )
