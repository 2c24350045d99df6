"""Where the time of a check goes: one process that checks newsrooms again and again, as a daemon does.

python benchmarks/hot_paths.py                  processor time for one newsroom, without start-up, by kind of check
python benchmarks/hot_paths.py --profile        and the functions that took most of it
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import io
import pstats
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.newsroom_server import Server, served
from benchmarks.whole import ROOT, machine
from scheduler.check import crawling, now, writing
from scheduler.config import load
from scheduler.watch import Watch

KINDS = (
    ("unchanged, 304", ()),
    ("unchanged, same body", ("validators no",)),
    ("a tenth changed", ("validators yes", "publish 0.1")),
    ("changed", ("publish 1",)),
)


@dataclass(slots=True)
class Timing:
    """Processor time of a newsroom's check in milliseconds, by kind, and where it went."""

    newsrooms: int
    profiled: bool
    spent: dict[str, list[float]] = field(default_factory=dict)
    profiles: dict[str, cProfile.Profile] = field(default_factory=dict)

    @contextmanager
    def counting(self, name: str) -> Iterator[None]:
        """Counts the block."""
        profile = self.profiles.setdefault(name, cProfile.Profile(time.process_time)) if self.profiled else None
        began = time.process_time()
        if profile is not None:
            profile.enable()
        try:
            yield
        finally:
            if profile is not None:
                profile.disable()
            self.spent.setdefault(name, []).append((time.process_time() - began) / self.newsrooms * 1000)

    def __str__(self) -> str:
        lines = [f"{name:<28} {median(times):7.2f} ms" for name, times in self.spent.items()]
        for name, profile in self.profiles.items():
            for order in ("tottime", "cumulative"):
                told = io.StringIO()
                pstats.Stats(profile, stream=told).sort_stats(order).print_stats(35)
                shown = [line.replace(str(ROOT) + "/", "") for line in told.getvalue().splitlines() if line.strip()]
                lines += [f"--- {name}, by {order}", *shown[4:]]
        return "\n".join(lines)


async def cycles(server: Server, config_path: Path, timing: Timing, repeat: int) -> None:
    """Checks in turns, in one process."""
    config = load(config_path)
    with writing(config) as store:
        async with crawling(config, now) as crawl:
            watch = Watch(config, store, crawl, now)
            with timing.counting("cold (baseline)"):
                await watch.check((), lambda *_: None)
            for _ in range(repeat):
                for name, orders in KINDS:
                    for order in orders:
                        server.tell(order)
                    with timing.counting(name):
                        await watch.check((), lambda *_: None)


def main(arguments: list[str] | None = None) -> int:
    """Prints the times."""
    parser = argparse.ArgumentParser(description="Where the time of a check goes.")
    parser.add_argument("--newsrooms", type=int, default=300)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--many-hosts", action="store_true", help="each newsroom at an address of its own")
    parser.add_argument("--no-recipes", action="store_true", help="have the recipes inferred at the baseline")
    parser.add_argument("--profile", action="store_true", help="also print the functions that took most of the time")
    asked = parser.parse_args(arguments)
    timing = Timing(asked.newsrooms, asked.profile)
    with served(asked.newsrooms, many_hosts=asked.many_hosts) as server, tempfile.TemporaryDirectory() as folder:
        config = server.configure(Path(folder), recipes=not asked.no_recipes)
        asyncio.run(cycles(server, config, timing, asked.repeat))
    print(machine())
    print(timing)
    return 0


if __name__ == "__main__":
    sys.exit(main())
