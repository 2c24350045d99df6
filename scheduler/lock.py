"""One writer for a data directory: a lock file that the kernel lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = "presswatch.lock"


class Busy(Exception):  # noqa: N818 - named for what is the case
    """Another process works in the data directory; `pid` is its process id, None where it cannot be told."""

    def __init__(self, data_dir: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{data_dir} is in use by {who}: stop that one, or wait until it is done")
        self.pid = pid


@contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """Makes the data directory and holds it; Busy where another process does."""
    data_dir.mkdir(parents=True, exist_ok=True)
    file = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(data_dir, holder(data_dir)) from None
        os.truncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
        os.truncate(file, 0)
    finally:
        os.close(file)


def holder(data_dir: Path) -> int | None:
    """The process id of whoever works in the data directory; None where nobody does."""
    try:
        file = os.open(data_dir / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with suppress(ValueError):
            return int(os.pread(file, 32, 0))
        return None
    finally:
        os.close(file)
    return None
