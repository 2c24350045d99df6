"""What a digest of very many changes costs: whole processes of `presswatch digest`, each on a copy of the same record.

python benchmarks/digest_cost.py                10,000 changes
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.whole import Cost, machine, measured
from scheduler.demo.invention import Inventor
from storage.records import Change, Folding, Kind, Newsroom, Outcome, Visit
from storage.store import Store

BEGAN = datetime(2024, 5, 17, 6, tzinfo=UTC)
NEWSROOMS = 100
KINDS = (Kind.NEW,) * 6 + (Kind.EDITED,) * 2 + (Kind.WITHDRAWN, Kind.MOVED)


def changes(count: int) -> dict[str, list[Change]]:
    """Invented changes as a busy day has them, by newsroom: six of ten new, two edited, one withdrawn, one moved."""
    inventor = Inventor(0, "Lantern Rights")
    drafts = [inventor.draft() for _ in range(500)]
    found: dict[str, list[Change]] = {}
    for number in range(count):
        draft, kind = drafts[number % len(drafts)], KINDS[number % len(KINDS)]
        newsroom = f"newsroom-{number % NEWSROOMS:03}"
        url = f"https://{newsroom}.test/news/release-{number}"
        summary = " ".join(draft.paragraphs)
        details: dict[Kind, dict[str, Any]] = {
            Kind.NEW: {"date": "2024-05-17", "kind": draft.kind, "summary": summary},
            Kind.EDITED: {"fields": {"summary": {"before": summary, "after": summary.replace("the", "these", 2)}}},
            Kind.WITHDRAWN: {"date": "2024-05-10", "looks": 2, "found": "HTTP 404 Not Found"},
            Kind.MOVED: {"from": url.replace("news", "press")},
        }
        at = BEGAN + timedelta(seconds=number)
        found.setdefault(newsroom, []).append(
            Change(newsroom, kind, url, f"{draft.title} ({number})", at, details[kind], url)
        )
    return found


def record(folder: Path, count: int) -> Path:
    """A data directory with so many changes that no digest has carried, and its configuration."""
    found = changes(count)
    lines = ['data_dir = "data"', "[[digest]]", 'name = "all"', 'at = "07:00"']
    for newsroom in found:
        lines += ["[[newsroom]]", f'id = "{newsroom}"', f'url = "https://{newsroom}.test/news"']
    config = folder / "presswatch.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Store.open(folder / "data" / "presswatch.db") as store:
        store.register_digest("all")
        for newsroom, told in found.items():
            url = f"https://{newsroom}.test/news"
            seq = store.add_visit(Visit(newsroom, url, BEGAN, BEGAN, Outcome.FAILED, "HTTP 500"))
            store.fold(seq, Folding(Newsroom(newsroom, url, last_ok_at=BEGAN), changes=tuple(told)))
    return config


def digests(folder: Path, count: int, repeat: int) -> tuple[list[Cost], dict[str, int]]:
    """The costs of the digest, and how many bytes each of its formats has."""
    original = folder / "original"
    original.mkdir()
    record(original, count)
    costs, sizes = [], dict[str, int]()
    for turn in range(repeat):
        copy = folder / f"copy-{turn}"
        shutil.copytree(original, copy)
        costs.append(measured("--config", str(copy / "presswatch.toml"), "digest"))
        written = sorted((copy / "data" / "digests" / "all").iterdir())
        sizes = {
            path.name if path.name in {"index.html", "feed.xml"} else path.suffix[1:]: path.stat().st_size
            for path in written
        }
        shutil.rmtree(copy)
    return costs, sizes


def told(count: int, costs: list[Cost], sizes: dict[str, int]) -> str:
    """The lines to print."""
    kilobytes = ", ".join(f"{name} {size / 1000:,.0f} kB" for name, size in sizes.items())
    cpu_s, wall_s = median(cost.cpu_s for cost in costs), median(cost.wall_s for cost in costs)
    return (
        f"a digest of {count:,} changes: {cpu_s:.2f} s of CPU, {wall_s:.2f} s in all, "
        f"{max(cost.peak_mb for cost in costs):.0f} MB at most (median of {len(costs)} whole processes)\n  {kilobytes}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Prints the costs."""
    parser = argparse.ArgumentParser(description="What a digest of very many changes costs.")
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args(arguments)
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="presswatch-digest-") as folder:
        print(told(asked.changes, *digests(Path(folder), asked.changes, asked.repeat)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
