"""What the commands share: the configuration, the store, the clock, and the errors of the command line."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from scheduler.commands.fetching import browsing, fetched
from scheduler.config import Config, choose, load
from scheduler.configschema import seconds, suggestion

if TYPE_CHECKING:
    from crawler.web import Answer, Fetch
    from scheduler.backfill import BackfillReport
    from storage.records import Change, Visit
    from storage.store import Store

Clock = Callable[[], datetime]

NOTHING_YET = "Nothing has been read yet: run `presswatch check`, or `presswatch run` for the daemon."


def now() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


class Report(Protocol):
    """What one check did: its visits, and the changes they led to, in order."""

    @property
    def visits(self) -> Sequence[Visit]:
        """One for each newsroom that was asked."""

    @property
    def changes(self) -> Sequence[Change]:
        """Those of this check alone."""


class Checking(Protocol):
    """The parts of presswatch that the commands drive; `scheduler.check` is one."""

    def check(self, config: Config, ids: tuple[str, ...], progress: Callable[[Visit], None]) -> Report:
        """Visits the newsrooms of `ids` (all where it is empty) now, and detects; `progress` hears of each visit."""

    def backfill(
        self, config: Config, name: str, pages: int | None, progress: Callable[[BackfillReport], None]
    ) -> BackfillReport:
        """Reads a newsroom's archive back; `progress` hears how far it has come."""

    def write_digests(self, config: Config, name: str | None) -> Sequence[Path]:
        """Writes the digest of that name, else all; the files."""

    def verify(self, config: Config) -> Sequence[str]:
        """One sentence for each thing that is not intact."""


def _checking() -> Checking:
    from scheduler import check  # noqa: PLC0415 - fetches: heavy

    return check


def _daemon(path: Path) -> int | None:
    from scheduler import daemon  # noqa: PLC0415 - fetches: heavy

    return daemon.run(path)


def _holder(data_dir: Path) -> int | None:
    from scheduler import lock  # noqa: PLC0415 - asked by one command alone

    return lock.daemon_pid(data_dir)


def _at_terminal() -> bool:
    return sys.stdin.isatty()


@dataclass(frozen=True, slots=True)
class Shell:
    """What a command works with: the path of --config, the clock, and the parts that it drives, loaded when called.

    `fetch` asks for one page, `browse` for many in turn; `asks` says whether somebody is there to answer questions.
    `daemon` watches by the configuration at a path until it is told to end, and gives the exit code; `holder` is the
    process id of the daemon that works in a data directory, or None.
    """

    path: Path | None = None
    clock: Clock = now
    checking: Callable[[], Checking] = _checking
    fetch: Callable[[Config, str, Clock], Answer] = fetched
    browse: Callable[[Config, Clock], AbstractAsyncContextManager[Fetch]] = browsing
    asks: Callable[[], bool] = _at_terminal
    daemon: Callable[[Path], int | None] = _daemon
    holder: Callable[[Path], int | None] = _holder

    def config(self, *, recipes: bool = False) -> Config:
        """The configuration, its recipes tried if `recipes`; ConfigError where it cannot be used."""
        return load(choose(self.path), recipes=recipes)


@contextmanager
def working() -> Iterator[None]:
    """What keeps presswatch from working in its data directory, as a message of the command line."""
    from scheduler.backfill import NoBackfill  # noqa: PLC0415 - asked by one command alone
    from scheduler.control import Refused  # noqa: PLC0415 - asked by commands that change something
    from scheduler.lock import Busy  # noqa: PLC0415 - likewise

    try:
        yield
    except (Busy, NoBackfill) as error:
        raise click.ClickException(str(error)) from error
    except Refused as error:
        raise click.ClickException(f"the daemon says: {error}") from error


pass_shell = click.make_pass_decorator(Shell, ensure=True)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")


@contextmanager
def reading(config: Config) -> Iterator[Store | None]:
    """The store, opened only to read; None where nothing was ever read."""
    if not config.database.exists():
        yield None
        return
    from storage.store import Store  # noqa: PLC0415 - commands that keep nothing need no database

    with Store.read(config.database) as store:
        yield store


def must_know(name: str, known: Iterable[str], what: str) -> None:
    """Refuses a name that is not among `known`, and tells which there are."""
    names = sorted(set(known))
    if name in names:
        return
    if not names:
        raise click.UsageError(f'There is no {what} "{name}": none is configured.')
    listed = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    hint = suggestion(name, names).removeprefix(";").strip()
    raise click.UsageError(
        " ".join(filter(None, [f'There is no {what} "{name}".', hint.capitalize(), f"Known: {listed}."]))
    )


def must_know_newsroom(name: str | None, config: Config, store: Store | None) -> None:
    """Refuses a newsroom that is neither configured nor in the record."""
    if name is not None:
        recorded = [] if store is None else [newsroom.id for newsroom in store.newsrooms()]
        must_know(name, [*(newsroom.id for newsroom in config.newsrooms), *recorded], "newsroom")


class Since(click.ParamType[datetime]):
    """A day, an instant, or a time ago, as an aware datetime in UTC: "2026-11-20", "2026-11-20T07:00+01:00", "2d"."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401 - click's signature
        """Reads what was typed; a day begins at midnight UTC, an instant without offset is UTC."""
        if isinstance(value, datetime):
            return value
        shell = ctx.find_object(Shell) if ctx is not None else None
        try:
            if re.fullmatch(r"[\d.]+ ?[smhd]", value):
                return (shell or Shell()).clock() - timedelta(seconds=seconds(value))
            instant = datetime.fromisoformat(value)
            return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time; write for example 2026-11-20, 2026-11-20T07:00Z, 2d or 12h", param, ctx)
