"""The configuration: finds `presswatch.toml`, checks it, and gives it as frozen records."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shlex
import tomllib
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from scheduler.configfaults import fault_lines, sentence
from scheduler.configschema import DigestTable, FileTable, NewsroomTable, conflicts, suggestion
from storage.records import Kind, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE_NAME = "presswatch.toml"
ENVIRONMENT = "PRESSWATCH_CONFIG"
DATABASE = "presswatch.db"


class ConfigError(Exception):
    """The configuration cannot be used: one line for each problem, with file, line, key and the way out."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class NewsroomConfig:
    """One watched newsroom. `every_s` is None where the budget decides; `recipe` is None where it is inferred."""

    id: str
    url: str
    timezone: str | None = None
    every_s: float | None = None
    min_wait_s: float | None = None
    max_wait_s: float | None = None
    weight: float = 1.0
    max_pages: int = 10
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    recipe: Recipe | None = None
    feed: str | None = None


@dataclass(frozen=True, slots=True)
class DigestConfig:
    """One digest: exactly one of `at`, `every_s` and `cron` is set, in `timezone`; an empty filter lets all through."""

    name: str
    at: time | None = None
    every_s: float | None = None
    cron: str | None = None
    timezone: str = "UTC"
    formats: tuple[str, ...] = ("html", "md")
    newsrooms: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    match: tuple[str, ...] = ()
    skip_empty: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """What one configuration file says. `path` and `data_dir` are absolute; `sha256` is that of the file's bytes.

    `warnings` are sentences about what is allowed but hardly meant.
    """

    path: Path
    data_dir: Path
    contact: str = ""
    allow_private_addresses: bool = False
    confirm_after_s: float = 3600.0
    requests_per_day: int = 48
    delay_s: float = 1.0
    newsrooms: tuple[NewsroomConfig, ...] = ()
    digests: tuple[DigestConfig, ...] = ()
    sha256: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def database(self) -> Path:
        """Where the store lies."""
        return self.data_dir / DATABASE

    def newsroom(self, newsroom_id: str) -> NewsroomConfig | None:
        """The newsroom of that id, or None."""
        return next((newsroom for newsroom in self.newsrooms if newsroom.id == newsroom_id), None)


def named(path: Path | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The file that is asked for by name: `path` (of --config), else what PRESSWATCH_CONFIG names, else None."""
    return path or (Path(environ[ENVIRONMENT]) if environ.get(ENVIRONMENT) else None)


def choose(path: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """The file that is meant, which may not exist.

    The one asked for by name, else ./presswatch.toml, else the one in the user's configuration folder; where there is
    none of them, ./presswatch.toml.
    """
    here = Path(FILE_NAME)
    if asked := named(path, environ):
        return asked
    if here.exists():
        return here
    from platformdirs import user_config_path  # noqa: PLC0415 - only asked where no file is near

    elsewhere = user_config_path("presswatch", appauthor=False) / FILE_NAME
    return elsewhere if elsewhere.exists() else here


def content_hash(path: Path) -> str | None:
    """Hex digest of the file's bytes, equal to `Config.sha256` while it is not edited; None while it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def load(path: Path, *, recipes: bool = False) -> Config:
    """What `path` says; ConfigError with every problem found at once.

    `recipes`: the selectors are tried, too, which loads what reads pages.
    """
    body = _read(path)
    text, raw = _parse(path, body)
    try:
        table = FileTable.model_validate(raw)
    except ValidationError as error:
        found = [(tuple(fault["loc"]), sentence(fault)) for fault in error.errors(include_url=False)]
        raise ConfigError(fault_lines(path, text, raw, [*found, *conflicts(raw)])) from None
    faults = list(conflicts(raw))
    try:
        data_dir = _data_dir(path, table.data_dir)
    except ValueError as error:
        faults.append((("data_dir",), str(error)))
    if recipes and any(newsroom.recipe for newsroom in table.newsroom):
        from scheduler.configrecipes import recipe_faults  # noqa: PLC0415 - reads pages: heavy

        faults += recipe_faults(raw)
    if faults:
        raise ConfigError(fault_lines(path, text, raw, faults))
    return _config(path, data_dir, table, hashlib.sha256(body).hexdigest())


def _data_dir(path: Path, written: str) -> Path:
    """The absolute path of the data directory; ValueError where there can be none, which need not exist yet."""
    try:
        data_dir = Path(os.path.normpath(path.absolute().parent / Path(written).expanduser()))
        (data_dir / DATABASE).lstat()
    except FileNotFoundError:
        pass
    except NotADirectoryError:
        raise ValueError(f"{data_dir} is a file, or lies in one; move that away or name another folder") from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise ValueError("is longer than this system takes; name another folder") from None
    except (ValueError, RuntimeError) as error:  # a NUL; a ~user that is not there
        raise ValueError(f"{written!r} is no folder ({error}); name another one") from None
    return data_dir


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        init = "presswatch init" if path == Path(FILE_NAME) else f"presswatch --config {shlex.quote(str(path))} init"
        raise ConfigError(
            [f"{path}: there is no such file; write one with `{init}`, or name yours with --config"]
        ) from None
    except OSError as error:
        raise ConfigError(
            [f"{path}: cannot be read ({error.strerror or error}); check the path and its permissions"]
        ) from None


def _parse(path: Path, body: bytes) -> tuple[str, dict[str, Any]]:
    try:
        text = body.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path}:{line}: is not UTF-8; save the file in that encoding"]) from None
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
        line = int(place[1]) if place else text.rstrip().count("\n") + 1
        what = str(error)[: place.start()] + f" (column {place[2]})" if place else str(error)
        raise ConfigError(
            [f"{path}:{line}: is no TOML: {what}; texts need quotes, lists [ ] and tables a [header]"]
        ) from None
    except RecursionError:
        raise ConfigError([f"{path}:1: is nested too deep to be read"]) from None


def _config(path: Path, data_dir: Path, table: FileTable, sha256: str) -> Config:
    newsrooms = tuple(map(_newsroom, table.newsroom))
    digests = tuple(map(_digest, table.digest)) or (DigestConfig("daily", at=time(7, 0)),)
    return Config(
        path=path.absolute(),
        data_dir=data_dir,
        contact=table.contact,
        allow_private_addresses=table.allow_private_addresses,
        confirm_after_s=table.confirm_after,
        requests_per_day=table.requests_per_day,
        delay_s=table.delay,
        newsrooms=newsrooms,
        digests=digests,
        sha256=sha256,
        warnings=tuple(_warnings(table.contact, newsrooms, digests)),
    )


def _newsroom(table: NewsroomTable) -> NewsroomConfig:
    return NewsroomConfig(
        id=table.id,
        url=table.url,
        timezone=table.timezone,
        every_s=table.every,
        min_wait_s=table.min_wait,
        max_wait_s=table.max_wait,
        max_pages=table.max_pages,
        include=tuple(table.include),
        exclude=tuple(table.exclude),
        recipe=None if table.recipe is None else Recipe(**table.recipe.model_dump()),
        feed=table.feed,
    )


def _digest(table: DigestTable) -> DigestConfig:
    unscheduled = table.at is None and table.every is None and table.cron is None
    return DigestConfig(
        name=table.name,
        at=time(7, 0) if unscheduled else table.at,
        every_s=table.every,
        cron=table.cron,
        timezone=table.timezone,
        formats=tuple(dict.fromkeys(table.formats)),
        newsrooms=tuple(table.newsrooms),
        kinds=tuple(dict.fromkeys(table.kinds)),
        match=tuple(table.match),
        skip_empty=table.skip_empty,
    )


def _warnings(contact: str, newsrooms: tuple[NewsroomConfig, ...], digests: tuple[DigestConfig, ...]) -> Iterable[str]:
    if not contact or re.search(r"@example\.(org|com|net)$", contact):
        yield 'contact is not yours yet: a newsroom that minds the visits cannot write to you; set contact = "you@…"'
    ids = [newsroom.id for newsroom in newsrooms]
    for digest in digests:
        for pattern in digest.newsrooms:
            if not re.search(r"[*?\[]", pattern) and pattern not in ids:
                close = suggestion(pattern, ids)
                yield f'digest "{digest.name}" names the newsroom "{pattern}", which is not watched{close}'
