"""A stage for the commands: a configuration in a folder of its own, a clock that stands still, a store to fill."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from scheduler.cli import main
from scheduler.commands.shell import Shell
from storage.records import Change, Folding, Kind, Listing, Newsroom, Outcome, Release, State, Visit
from storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
URL = "https://ministry.test/news"
CONFIG = f"""\
contact = "desk@paper.test"
[[newsroom]]
id = "ministry"
url = "{URL}"
[[newsroom]]
id = "court"
url = "https://court.test/"
every = "15m"
[[digest]]
name = "daily"
at = "07:00"
[[digest]]
name = "weekly"
cron = "0 7 * * mon"
"""


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Stage:
    """The command line with a configuration of its own."""

    folder: Path
    shell: Shell = field(default_factory=lambda: Shell(clock=lambda: NOW, holder=lambda _: None))

    @property
    def config(self) -> Path:
        return self.folder / "presswatch.toml"

    def configure(self, text: str) -> None:
        self.config.write_text(text, encoding="utf-8")

    def run(self, *arguments: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(main, ["--config", str(self.config), *arguments], obj=self.shell, input=stdin)

    def done(self, *arguments: str) -> str:
        """What the command prints, which must end well and complain of nothing."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stderr, result.exception) == (0, "", None)
        return result.stdout

    @contextmanager
    def store(self) -> Iterator[Store]:
        (self.folder / "data").mkdir(exist_ok=True)
        with Store.open(self.folder / "data" / "presswatch.db") as store:
            yield store

    def believe(self, newsroom: Newsroom, *releases: Release, changes: tuple[Change, ...] = ()) -> None:
        """One more believed visit to a newsroom, which shows those of `releases` whose `seen_seq` is 0."""
        with self.store() as store:
            visit = Visit(newsroom.id, newsroom.url, NOW, NOW, Outcome.OK, window=(Listing(newsroom.url, ()),))
            seq = store.add_visit(visit)
            shown = tuple(release if release.seen_seq else replace(release, seen_seq=seq) for release in releases)
            remembered = replace(newsroom, last_seq=seq)
            store.fold(seq, Folding(remembered, releases=shown, changes=changes))


def release(number: int, **values: object) -> Release:
    """A release of the ministry: the higher its number, the younger."""
    url = f"{URL}/{number}"
    plain = Release(
        newsroom="ministry",
        key=f"ministry.test/news/{number}",
        url=url,
        title=f"Release {number}",
        title_key=f"release {number}",
        date=date(2026, 11, number),
        published_at=None,
        kind=None,
        summary=None,
        caption=None,
        state=State.LISTED,
        rank=number,
        first_seen=NOW - timedelta(days=3),
        last_seen=NOW,
        seen_seq=0,
        reader="1",
    )
    return replace(plain, **values)  # type: ignore[arg-type] # whichever fields a test is about


def change(kind: Kind, title: str | None = "Release 1", at: datetime = NOW, **detail: object) -> Change:
    """A change of the ministry."""
    return Change("ministry", kind, f"{URL}/1" if title else None, title, at, detail, key=None)
