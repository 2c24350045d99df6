"""Kills presswatch with SIGKILL at every stage of its work, starts it again, and counts what the digests got wrong.

    python benchmarks/crash.py                    40 kills in each stage, then 20 of a whole daemon
    python benchmarks/crash.py --stage fold --kills 200 --seed 7

A local newsroom publishes, edits, withdraws, unlists, restores and moves releases at random and knows the truth. After
each kill the store must be sound as it lies; then the work is begun again, now and then to be killed again, until it
succeeds. At the end the issues of each digest must tell every fact exactly once, their chain must hold, and
`presswatch verify` must find nothing. Exit code 1 where any of that is not so.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.crash_life import STAGES
from benchmarks.crash_truth import PER_PAGE, Fact, Life, tally, told_by
from benchmarks.whole import command, machine
from scheduler.demo.layouts import DRUPAL
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.server import serving
from storage.errors import StoreError
from storage.store import Store

AGAIN = 0.3  # how often a life that makes up for a kill is killed, too
LATE = 0.3  # how often the kill comes a little after its moment, inside whatever then goes on
LATEST_S = 0.002
DRY_ROUNDS = 30  # rounds without a kill after which a stage is given up
DIGESTS = {"all": frozenset[str](), "losses": frozenset({"withdrawn", "unlisted", "moved"})}
DAEMON_KILLS = 20


@dataclass(slots=True)
class Count:
    """What happened in one stage."""

    stage: str
    kills: int = 0
    lives: int = 0
    rounds: int = 0
    facts: int = 0
    missing: int = 0
    doubled: int = 0
    false: int = 0
    verified: int = 0
    faults: list[str] = field(default_factory=list)
    moments: set[str] = field(default_factory=set)
    seconds: float = 0.0

    def fault(self, what: str) -> None:
        """Notes a fault, and tells the first of them at once."""
        if len(self.faults) < 5:
            print(f"  {self.stage}: {what}", file=sys.stderr, flush=True)
        self.faults.append(what)


class Lives:
    """The process that lives are forked from."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crash_life.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        if not self._answer().get("ready"):
            raise RuntimeError("presswatch cannot start a crawl here")

    def ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        """One life, and how it ended."""
        if self._process.stdin is None:
            raise AssertionError
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError("the process that lives are forked from has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Ends it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.stdout is not None:
            self._process.wait(10)
            self._process.stdout.close()


def configure(folder: Path, urls: dict[str, str], *, newsroom: str = "") -> Path:
    """A configuration for local newsrooms: both looks in one check, no delays; two digests, one of them filtered."""
    lines = [
        'data_dir = "data"', 'contact = "crash@presswatch.test"', "allow_private_addresses = true",
        'confirm_after = "0s"', 'delay = "0s"',
    ]  # fmt: skip
    for name, url in urls.items():
        lines += ["[[newsroom]]", f'id = "{name}"', f'url = "{url}"', *([newsroom] if newsroom else [])]
    for name, kinds in DIGESTS.items():
        lines += ["[[digest]]", f'name = "{name}"', 'at = "07:00"', "skip_empty = true"]
        lines += [f"kinds = {json.dumps(sorted(kinds))}"] if kinds else []
    path = folder / "presswatch.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def compare(count: Count, truth: list[Fact], data_dir: Path) -> None:
    """Counts how the digests differ from the truth, each difference once."""
    found = {"missing": 0, "doubled": 0, "false": 0}
    for name, kinds in DIGESTS.items():
        told, faults = told_by(data_dir / "digests" / name)
        compared = tally([one for one in truth if not kinds or one[0] in kinds], told)
        for what in found:
            differing: tuple[Fact, ...] = getattr(compared, what)
            found[what] += len(differing)
            for one in differing:
                count.fault(f"digest {name}: {what}: {' '.join(one)}")
        for fault in faults:
            count.fault(f"digest {name}: {fault}")
    count.missing, count.doubled, count.false = found["missing"], found["doubled"], found["false"]
    count.facts = len(truth)


def sound(count: Count, database: Path, killed_at: str) -> None:
    """The store as a kill left it: nothing in it may be half done."""
    if not database.exists():
        return
    try:
        with Store.read(database) as store:
            for problem in store.problems():
                count.fault(f"after a kill {killed_at}: {problem}")
    except StoreError as error:
        if "version 0" not in str(error):  # killed as the file was made: the next life makes its tables
            count.fault(f"after a kill {killed_at}: {error}")


def verify(count: Count, config: Path) -> None:
    """`presswatch verify`, the command."""
    done = subprocess.run(command("--config", str(config), "verify"), capture_output=True, text=True, check=False)
    if done.returncode:
        count.fault(f"presswatch verify: exit {done.returncode}: {done.stdout.strip()} {done.stderr.strip()}")
    count.verified += 1


@contextmanager
def living(stage: str, seed: int) -> Iterator[tuple[Path, Life]]:
    """A folder with a configuration, and a newsroom that is served."""
    newsroom = LocalNewsroom(DRUPAL, releases=60, per_page=PER_PAGE, seed=seed)
    with tempfile.TemporaryDirectory(prefix="presswatch-crash-") as folder, serving(newsroom) as base:
        config = configure(Path(folder), {stage: base + newsroom.listing_path})
        yield config, Life.born(newsroom, base, stage, seed)


def kill_in_stage(stage: str, kills: int, seed: int, lives: Lives) -> Count:
    """Lives until so many of them were killed in the stage, and the count of what came of it."""
    count, random, began = Count(stage), Random(f"{seed} {stage}"), time.monotonic()
    with living(stage, seed) as (config, life):
        data = config.parent / "data"
        moments = lived(count, lives, config, life, {"stage": stage, "moment": 0, "late_s": 0})
        moments = max(moments, 10)
        dry = 0
        while count.kills < kills and dry < DRY_ROUNDS and not count.faults:
            before = count.kills
            life.round(departure=stage == "look" or random.random() < 0.5)
            count.rounds += 1
            armed = True
            while True:
                late_s = random.uniform(0, LATEST_S) if random.random() < LATE else 0
                wanted = random.randint(1, moments) if armed and count.kills < kills else 0
                told = lives.ask(
                    {
                        "config": str(config),
                        "at": life.at.isoformat(),
                        "stage": stage,
                        "moment": wanted,
                        "late_s": late_s,
                    }
                )
                count.lives += 1
                if not told["signal"]:
                    break
                count.kills += 1
                count.moments.add(told["killed_at"])
                sound(count, data / "presswatch.db", told["killed_at"])
                life.between()
                armed = random.random() < AGAIN
            if told["code"]:
                count.fault(f"a life ended with exit code {told['code']}")
            moments = max(told["moments"], moments // 2, 10)
            dry = dry + 1 if count.kills == before else 0
            if count.rounds % 10 == 0:
                compare(count, life.truth, data)
                verify(count, config)
        compare(count, life.truth, data)
        verify(count, config)
    if count.kills < kills:
        count.fault(f"only {count.kills} of {kills} kills were made")
    count.seconds = time.monotonic() - began
    return count


def lived(count: Count, lives: Lives, config: Path, life: Life, asked: dict[str, Any]) -> int:
    """A life that nobody ends; how many moments of the stage it passed."""
    told = lives.ask(asked | {"config": str(config), "at": life.at.isoformat()})
    count.lives += 1
    if told["signal"] or told["code"]:
        count.fault(f"the first life ended with {told['code'] or told['signal']}")
    return int(told["moments"])


def report(counts: list[Count]) -> None:
    """The table, and the faults."""
    head = ("stage", "kills", "moments", "lives", "changes", "missing", "doubled", "false", "verify", "seconds")
    print(" ".join(f"{name:>8}" for name in head))
    for count in counts:
        verified = f"{count.verified} ok" if not any("verify" in fault for fault in count.faults) else "FAILED"
        row = (
            count.stage, count.kills, len(count.moments) or "-", count.lives, count.facts,
            count.missing, count.doubled, count.false, verified, f"{count.seconds:.1f}",
        )  # fmt: skip
        print(" ".join(f"{value!s:>8}" for value in row))
    faults = [f"{count.stage}: {fault}" for count in counts for fault in count.faults]
    kills, facts = sum(count.kills for count in counts), sum(count.facts for count in counts)
    print(f"{kills} kills, {facts} changes that were to be told once, {len(faults)} faults")
    for fault in faults[:40]:
        print(f"FAULT {fault}")


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(
        description="Kill presswatch at every stage of its work and see what its digests tell."
    )
    parser.add_argument("--kills", type=int, default=40, help="kills in each stage (40)")
    parser.add_argument("--seed", type=int, default=1, help="decides what happens, and when it is killed (1)")
    parser.add_argument(
        "--stage", action="append", choices=[*STAGES, "daemon"], help="only this one; may be given several times"
    )
    asked = parser.parse_args(arguments)
    stages = asked.stage or [*STAGES, "daemon"]
    print(machine(), flush=True)
    counts: list[Count] = []
    lives = Lives() if set(stages) & set(STAGES) else None
    try:
        for stage in stages:
            if stage != "daemon" and lives is not None:
                counts.append(kill_in_stage(stage, asked.kills, asked.seed, lives))
            else:
                from benchmarks.crash_daemon import kill_daemon  # noqa: PLC0415 - it needs this module

                counts.append(kill_daemon(min(asked.kills, DAEMON_KILLS), asked.seed))
    finally:
        if lives is not None:
            lives.close()
    report(counts)
    return 1 if any(count.faults for count in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
