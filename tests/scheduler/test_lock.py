"""One writer for a data directory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scheduler.lock import LOCK, Busy, Holder, daemon_pid, hold, holder

HOLDING = """\
import sys, pathlib
from scheduler.lock import hold
with hold(pathlib.Path(sys.argv[1]), daemon=sys.argv[2] == "daemon"):
    print("held", flush=True)
    sys.stdin.read()
"""


class Other:
    """Another process that holds a data directory."""

    def __init__(self, data_dir: Path, what: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - starts this project's own code
            [sys.executable, "-c", HOLDING, str(data_dir), what], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Other:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"held\n"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def test_makes_the_directory_and_tells_who_holds_it(tmp_path: Path) -> None:
    data_dir = tmp_path / "a" / "b"
    assert holder(data_dir) is None
    with hold(data_dir):
        assert holder(data_dir) == Holder(os.getpid(), daemon=False)
        assert daemon_pid(data_dir) is None
    assert holder(data_dir) is None
    with hold(data_dir, daemon=True):
        assert daemon_pid(data_dir) == os.getpid()


@pytest.mark.parametrize(("what", "said"), [("daemon", "the presswatch daemon"), ("check", "another presswatch")])
def test_is_busy_while_another_process_holds_it_and_free_once_that_was_killed(
    tmp_path: Path, what: str, said: str
) -> None:
    with Other(tmp_path, what) as other:
        assert daemon_pid(tmp_path) == (other.process.pid if what == "daemon" else None)
        message = f"is in use by {said}, process {other.process.pid}: stop that one"
        with pytest.raises(Busy, match=message) as busy, hold(tmp_path, wait_s=0):
            pass
        assert busy.value.pid == other.process.pid
    assert (tmp_path / LOCK).read_text().startswith(str(other.process.pid))
    assert holder(tmp_path) is None
    with hold(tmp_path, wait_s=0):
        pass


def test_waits_for_a_while(tmp_path: Path) -> None:
    with Other(tmp_path, "check") as other:
        threading.Timer(0.1, other.process.kill).start()
        with hold(tmp_path, wait_s=20):
            assert holder(tmp_path) == Holder(os.getpid(), daemon=False)


def test_a_name_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    with hold(tmp_path):
        (tmp_path / LOCK).write_text("")
        assert holder(tmp_path) == Holder(None, daemon=False)
        with pytest.raises(Busy, match="in use by another presswatch: stop"), hold(tmp_path, wait_s=0):
            pass


def test_a_full_disk_takes_nothing_but_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with hold(tmp_path):
            assert holder(tmp_path) == Holder(None, daemon=False)


def test_a_directory_that_cannot_be_made_is_the_systems_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), hold(tmp_path / "file" / "data"):
        pass
