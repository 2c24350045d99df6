"""One writer for a data directory: a lock file that the kernel lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

LOCK = "presswatch.lock"

_DAEMON = b"daemon"
_POLL_S = 0.05
_PATIENCE_S = 0.5  # whoever only asks who is there holds the lock for a moment, too


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works in a data directory: the process id, None where it cannot be told, and whether it is the daemon."""

    pid: int | None
    daemon: bool


class Busy(Exception):  # noqa: N818 - named for what is the case
    """Another process works in the data directory; `pid` is its process id, None where it cannot be told."""

    def __init__(self, data_dir: Path, found: Holder | None) -> None:
        what = "the presswatch daemon" if found is not None and found.daemon else "another presswatch"
        self.pid = None if found is None else found.pid
        who = what if self.pid is None else f"{what}, process {self.pid}"
        super().__init__(f"{data_dir} is in use by {who}: stop that one, or wait until it is done")


@contextmanager
def hold(data_dir: Path, *, daemon: bool = False, wait_s: float = _PATIENCE_S) -> Iterator[None]:
    """Makes the data directory and holds it; waits so many seconds for another process, then raises Busy."""
    data_dir.mkdir(parents=True, exist_ok=True)
    file = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _take(file, data_dir, time.monotonic() + wait_s)
        with suppress(OSError):  # on a full disk the lock holds all the same, only the name of its holder is missing
            os.truncate(file, 0)
            os.pwrite(file, b"%d %s\n" % (os.getpid(), _DAEMON if daemon else b"command"), 0)
        yield
        with suppress(OSError):
            os.truncate(file, 0)
    finally:
        os.close(file)


def _take(file: int, data_dir: Path, until: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Busy(data_dir, holder(data_dir)) from None
            time.sleep(_POLL_S)
        else:
            return


def holder(data_dir: Path) -> Holder | None:
    """Who works in the data directory; None where nobody does."""
    try:
        file = os.open(data_dir / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pid, _, what = os.pread(file, 64, 0).strip().partition(b" ")
        return Holder(int(pid) if pid.isdigit() else None, what == _DAEMON)
    finally:
        os.close(file)
    return None


def daemon_pid(data_dir: Path) -> int | None:
    """The process id of the daemon that works in the data directory; None where there is none."""
    found = holder(data_dir)
    return found.pid if found is not None and found.daemon else None
