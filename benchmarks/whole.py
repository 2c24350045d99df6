"""Whole presswatch processes: how one is started, what it cost, and the machine they ran on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from sqlite3 import sqlite_version

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: processor time, time on the wall, and its peak memory in megabytes."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def command(*arguments: str) -> list[str]:
    """The command line of this checkout's presswatch, installed or not."""
    return [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); from scheduler.cli import main; main()", *arguments]


def measured(arguments: Sequence[str], *, cwd: Path | None = None, codes: tuple[int, ...] = (0,)) -> Cost:
    """Runs a process to its end and counts it alone, its children not."""
    began = time.perf_counter()
    with subprocess.Popen(arguments, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        errors = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise RuntimeError(f"{' '.join(arguments[3:])}: exit {process.returncode}: {errors.decode(errors='replace')[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1024)


def machine() -> str:
    """The processor, its cores, and the versions that matter."""
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor() or "unknown processor",
    )
    cores = len(os.sched_getaffinity(0))
    libraries = ", ".join(f"{name} {version(name)}" for name in ("scrapy", "aiohttp", "selectolax", "lxml", "apscheduler"))
    return (
        f"{model}, {cores} cores, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, SQLite {sqlite_version}, {libraries}"
    )
