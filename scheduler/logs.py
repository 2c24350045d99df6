"""What the daemon says on stderr: a line for each thing it has done, with nothing in it that acts upon a terminal."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Callable, Sequence

from crawler.text import clean
from storage.records import Change, Look, Visit

SAID_AGAIN_S = 600.0  # a trouble that lasts is told again, but not each time it is met


class OneLine(logging.Formatter):
    """Messages as one line each, whatever pages and servers put into them; tracebacks keep their lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line."""
        return clean(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """The line, and a traceback where there is one."""
        lines = super().format(record).split("\n")
        return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)


def log_to_stderr() -> None:
    """Everything of presswatch's own from INFO on, and the warnings of others."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(OneLine("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[out])
    logging.getLogger("presswatch").setLevel(logging.INFO)


def visit_line(visit: Visit, changes: Sequence[Change]) -> str:
    """One visit: "ministry ok, 15 entries, 2 requests, 0.3 s: 1 new, 1 edited"; "ministry archive from page 8 ok"."""
    entries = sum(len(listing.entries) for listing in visit.window)
    part = "" if visit.stretch is None else f" archive from page {visit.stretch.number + 1}"
    parts = [
        f"{visit.newsroom}{part} {visit.outcome}" + (f" ({visit.reason})" if visit.reason else ""),
        *([_count(entries, "entry", "entries")] if entries else []),
        _count(visit.requests, "request", "requests"),
        f"{(visit.finished_at - visit.started_at).total_seconds():.1f} s",
    ]
    return ", ".join(parts) + _found(changes)


def look_line(look: Look, changes: Sequence[Change]) -> str:
    """One look: "ministry look gone https://ministry.test/3 (HTTP 404 Not Found): 1 withdrawn"."""
    doubted = ", not believed" if look.control is not True else ""
    return f"{look.newsroom} look {look.verdict}{doubted} {look.url} ({look.reason}){_found(changes)}"


def _found(changes: Sequence[Change]) -> str:
    kinds = Counter(change.kind.value for change in changes)
    return ": " + ", ".join(f"{number} {kind}" for kind, number in kinds.items()) if kinds else ""


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


class Complaints:
    """Logs errors, one that comes back again and again only now and then; `seconds` is a clock that never goes back."""

    def __init__(self, log: logging.Logger, seconds: Callable[[], float]) -> None:
        self._log, self._seconds = log, seconds
        self._told: dict[str, float] = {}

    def tell(self, error: Exception) -> None:
        """Logs the error in a line unless it was told lately; one that nobody foresaw with its traceback."""
        said, at = f"{type(error).__name__}: {error}", self._seconds()
        self._told = {text: told for text, told in self._told.items() if at - told < SAID_AGAIN_S}
        if said not in self._told:
            self._told[said] = at
            foreseen = type(error).__module__.partition(".")[0] in {"crawler", "scheduler", "storage"}
            self._log.error("%s", error if foreseen else said, exc_info=None if foreseen else error)
