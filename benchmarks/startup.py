"""How long each command takes to start and to answer, on a small record of three newsrooms.

python benchmarks/startup.py
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.newsroom_server import served
from benchmarks.whole import Cost, machine, measured, process

COMMANDS = (
    ("--version",), ("--help",), ("status",), ("changes",), ("releases",), ("digest",), ("verify",),
    ("preview", "newsroom-0000"), ("check",),
)  # fmt: skip


def starts(repeat: int) -> dict[str, list[Cost]]:
    """The costs of each command, in turns."""
    found: dict[str, list[Cost]] = {}
    with served(3, many_hosts=True) as server, tempfile.TemporaryDirectory(prefix="presswatch-startup-") as folder:
        config = server.configure(Path(folder))
        measured("--config", str(config), "check")
        found["python alone"] = []
        for _ in range(repeat):
            found["python alone"].append(process([sys.executable, "-c", "pass"]))
            for arguments in COMMANDS:
                cost = measured("--config", str(config), *arguments)
                found.setdefault(f"presswatch {arguments[0]}", []).append(cost)
    return found


def told(found: dict[str, list[Cost]]) -> str:
    """The table."""
    lines = [f"{'':<24} {'ms CPU':>7} {'ms in all':>10} {'peak MB':>8}"]
    for name, costs in found.items():
        cpu, wall = median(c.cpu_s for c in costs) * 1000, median(c.wall_s for c in costs) * 1000
        lines.append(f"{name:<24} {cpu:7.0f} {wall:10.0f} {max(c.peak_mb for c in costs):8.0f}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="How long each command takes to start and to answer.")
    parser.add_argument("--repeat", type=int, default=7)
    asked = parser.parse_args(arguments)
    print(machine(), flush=True)
    print(told(starts(asked.repeat)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
