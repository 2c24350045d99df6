"""Every figure of docs/performance.md, printed one after the other: whole processes, medians, this machine named.

python benchmarks/performance.py                all of it, about half an hour on two cores
python benchmarks/performance.py --only fleet   one part: fleet, inferred, history, digest, daemon, startup
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import daemon_memory, digest_cost, fleet, startup, visit_cost
from benchmarks.whole import machine

PARTS = ("fleet", "inferred", "history", "digest", "daemon", "startup")


def _fleet(asked: argparse.Namespace) -> None:
    for many_hosts in (False, True):
        where = "each at a host of its own" if many_hosts else "all at one host"
        print(
            f"presswatch check of {asked.newsrooms:,} newsrooms, {where}: "
            "CPU of the whole process by newsroom, start-up included"
        )
        print(fleet.HEAD)
        for row in fleet.checks(asked.newsrooms, asked.repeat, many_hosts=many_hosts):
            print(row, flush=True)


def _inferred(asked: argparse.Namespace) -> None:
    print(f"The first check of {asked.newsrooms:,} newsrooms without a recipe, which is found then")
    print(fleet.HEAD)
    for row in fleet.checks(asked.newsrooms, 1, many_hosts=False, recipes=False):
        print(row)


def _history(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="presswatch-visits-") as folder:
        print("\n".join(visit_cost.compare(Path(folder), asked.few, asked.many, asked.visits)))


def _digest(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="presswatch-digest-") as folder:
        print(digest_cost.told(asked.changes, *digest_cost.digests(Path(folder), asked.changes, asked.repeat)))


def _daemon(asked: argparse.Namespace) -> None:
    print(f"A daemon that watches {asked.newsrooms:,} newsrooms, a tenth of which publish now and then")
    print(daemon_memory.told(daemon_memory.samples_of(asked.newsrooms, asked.newsrooms * 10)))


def _startup(asked: argparse.Namespace) -> None:
    print(startup.told(startup.starts(asked.repeat)))


RUN: dict[str, Callable[[argparse.Namespace], None]] = {
    "fleet": _fleet,
    "inferred": _inferred,
    "history": _history,
    "digest": _digest,
    "daemon": _daemon,
    "startup": _startup,
}


def main(arguments: list[str] | None = None) -> int:
    """Prints the parts asked for."""
    parser = argparse.ArgumentParser(description="Every figure of docs/performance.md.")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be given several times")
    parser.add_argument("--newsrooms", type=int, default=1_000)
    parser.add_argument("--repeat", type=int, default=3, help="of each kind of process")
    parser.add_argument("--few", type=int, default=1_000, help="releases stored")
    parser.add_argument("--many", type=int, default=1_000_000, help="releases stored")
    parser.add_argument("--visits", type=int, default=300, help="of each kind, with few and with many releases")
    parser.add_argument("--changes", type=int, default=10_000, help="in a digest")
    asked = parser.parse_args(arguments)
    print(machine(), flush=True)
    for part in asked.only or PARTS:
        print(f"\n== {part}", flush=True)
        RUN[part](asked)
    return 0


if __name__ == "__main__":
    sys.exit(main())
