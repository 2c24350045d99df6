"""What a check of many newsrooms costs: whole processes of `presswatch check`, their start-up included."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.newsroom_server import Server, served
from benchmarks.whole import Cost, command, measured


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of check, over all its repetitions."""

    name: str
    newsrooms: int
    costs: tuple[Cost, ...]

    @property
    def cpu_ms(self) -> float:
        """Processor time for one newsroom, median."""
        return median(cost.cpu_s for cost in self.costs) / self.newsrooms * 1000

    def __str__(self) -> str:
        per_second = 1000 / self.cpu_ms
        wall = median(cost.wall_s for cost in self.costs)
        peak = max(cost.peak_mb for cost in self.costs)
        spread = sorted(cost.cpu_s / self.newsrooms * 1000 for cost in self.costs)
        return (
            f"{self.name:<42} {self.cpu_ms:6.2f} {per_second:9.0f} {wall:8.1f} {peak:8.0f}   "
            f"{spread[0]:.2f}-{spread[-1]:.2f}"
        )


def checks(newsrooms: int, repeat: int, *, many_hosts: bool, recipes: bool = True) -> list[Row]:
    """The costs of cold, unchanged and changed checks of the same newsrooms, in turns."""
    found: dict[str, list[Cost]] = {}
    with served(newsrooms, many_hosts=many_hosts) as server, tempfile.TemporaryDirectory() as folder:
        config = server.configure(Path(folder), recipes=recipes)
        for _ in range(repeat):
            shutil.rmtree(Path(folder) / "data", ignore_errors=True)
            _turn(found, server, config, recipes=recipes)
    return [Row(name, newsrooms, tuple(costs)) for name, costs in found.items()]


def _turn(found: dict[str, list[Cost]], server: Server, config: Path, *, recipes: bool) -> None:
    def check(name: str, outcome: str) -> None:
        found.setdefault(name, []).append(measured("--config", str(config), "check"))
        _require(config, outcome)

    check("cold (baseline)" if recipes else "cold (baseline), recipe inferred", "ok")
    if not recipes:
        return
    check("unchanged, 304", "not_modified")
    server.tell("validators no")
    check("unchanged, no validators, same body", "not_modified")
    check("unchanged, no validators, same body", "not_modified")
    server.tell("validators yes")
    check("unchanged, validators come back", "not_modified")
    check("unchanged, 304", "not_modified")
    server.tell("publish 0.1")
    check("a tenth changed, the others 304", "ok")
    server.tell("publish 1")
    check("changed, one new release each", "ok")
    server.tell("publish 1")
    check("changed, one new release each", "ok")


def _require(config: Path, outcome: str) -> None:
    """A check that did not do what it is to be measured at is no measurement."""
    status = command("--config", str(config), "status", "--json")
    told = json.loads(subprocess.run(status, capture_output=True, check=True).stdout)
    rows = told["newsrooms"] if isinstance(told, dict) else told
    outcomes = {row.get("outcome", row.get("last_outcome")) for row in rows}
    if outcome not in outcomes or not outcomes <= {"ok", "not_modified"}:
        raise RuntimeError(f"the check ended with {outcomes}, not {outcome}")


HEAD = f"{'':<42} {'ms CPU':>6} {'per CPU s':>9} {'wall s':>8} {'peak MB':>8}   least-most ms"
