"""What may stand in `presswatch.toml`: the schema of the file and the rules between its keys."""

from __future__ import annotations

import difflib
import re
import time
from datetime import datetime
from datetime import time as time_of_day
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from storage.records import FEED, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scheduler.configfile import Path

SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
FORMATS = ("html", "md", "json")
MOST_PAGES = 1000  # no visit reads more: it would take longer than the next one waits

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_DAYS = 3650


def seconds(text: str) -> float:
    """The seconds of a duration such as "90s", "15m", "1h" or "2d"; ValueError when it is none."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} is no duration; write for example "15m" (s, m, h or d)')
    length = float(match[1]) * _SECONDS[match[2]]
    if length > _LONGEST_DAYS * 86400:
        raise ValueError(f'{text!r} is longer than ten years; write for example "15m"')
    return length


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` where a known word is close, else nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _duration(value: object) -> float:
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is no duration; write for example "15m" (in quotes)')  # noqa: TRY004 - pydantic collects ValueErrors only
    return seconds(value)


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError('must be longer than nothing; write for example "15m"')
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; write something or leave the key out")
    return value


def _safe_name(value: str) -> str:
    if not SAFE_NAME.fullmatch(value):
        raise ValueError(
            f"{value!r} cannot name a file; use lower-case letters, digits, '.', '_', '-', the first a letter or digit"
        )
    return value


def web_address(value: str) -> str:
    """The address, as it is; ValueError with the way out where it is none, or carries a password."""
    example = 'write for example "https://www.example.org/news"'
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{value!r} is no address ({error}); {example}") from None
    if parts.scheme not in {"http", "https"} or not host or re.search(r"[\s\x00-\x1f\x7f]", value):
        raise ValueError(f"{value!r} is no web address; {example}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("carries a user name or password, which would be printed in every digest; leave it out")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        hint = suggestion(value, available_timezones()) or '; write for example "Europe/Berlin"'
        raise ValueError(f"{value!r} is no time zone{hint}") from None
    return value


def _contact(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"{value!r} cannot stand in a request header; use plain ASCII on one line")
    return value


def _date_format(value: str) -> str:
    try:
        time.strptime("", value)
    except ValueError as error:
        if not str(error).startswith("time data"):  # that only says that "" is no such date
            raise ValueError(f'{value!r} is no date format ({error}); write for example "%B %d, %Y"') from None
    except (re.error, IndexError, KeyError) as error:
        raise ValueError(f'{value!r} is no date format ({error}); write for example "%B %d, %Y"') from None
    return value


def _clock_time(value: object) -> time_of_day:
    if isinstance(value, time_of_day):
        return value
    if isinstance(value, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        hour, minute = value.split(":")
        return time_of_day(int(hour), int(minute))
    raise ValueError(f'{value!r} is no time of day; write for example "07:00"')


def _cron(value: str) -> str:
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - heavy, and few files have a cron key

    example = 'write for example "0 7 * * mon"'
    fields = value.split()
    if len(fields) == 5 and re.search(r"(?<!/)\b\d", fields[4]):
        raise ValueError(f"{value!r} counts weekdays, which are counted from Sunday here and Monday there; {example}")
    try:
        trigger = CronTrigger.from_crontab(value, timezone=ZoneInfo("UTC"))
        start = datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC"))  # a leap year: 29 February comes
        comes = trigger.get_next_fire_time(None, start)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{value!r} is no cron schedule ({error}); {example}") from None
    if comes is None:
        raise ValueError(f"{value!r} names a day that never comes; {example}")
    return value


def _kind(value: object) -> Kind:
    kinds = [kind.value for kind in Kind]
    if not isinstance(value, str) or value not in kinds:
        hint = suggestion(str(value), kinds) or f"; the kinds are {', '.join(kinds)}"
        raise ValueError(f"{value!r} is no kind of change{hint}")
    return Kind(value)


def _format(value: object) -> str:
    if value not in FORMATS:
        raise ValueError(f"{value!r} is no format; the formats are {', '.join(FORMATS)}")
    return str(value)


Text = Annotated[str, AfterValidator(_filled)]
Name = Annotated[str, AfterValidator(_safe_name)]
Zone = Annotated[str, AfterValidator(_zone)]
Duration = Annotated[float, BeforeValidator(_duration)]
Interval = Annotated[float, BeforeValidator(_duration), AfterValidator(_positive)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RecipeTable(_Table):
    """`[newsroom.recipe]`."""

    entry: Text
    title: Text | None = None
    link: Text | None = None
    date: Text | None = None
    date_format: Annotated[Text, AfterValidator(_date_format)] | None = None
    kind: Text | None = None
    summary: Text | None = None
    caption: Text | None = None
    next: Text | None = None
    runs_on: bool = False
    data: Text | None = None


class NewsroomTable(_Table):
    """`[[newsroom]]`."""

    id: Name
    url: Annotated[str, AfterValidator(web_address)]
    timezone: Zone | None = None
    every: Interval | None = None
    min_wait: Interval | None = None
    max_wait: Interval | None = None
    max_pages: Annotated[int, Field(ge=1, le=MOST_PAGES)] = 10
    feed: Annotated[str, AfterValidator(web_address)] | None = None
    include: list[Text] = []
    exclude: list[Text] = []
    recipe: RecipeTable | None = None


class DigestTable(_Table):
    """`[[digest]]`."""

    name: Name
    at: Annotated[time_of_day, BeforeValidator(_clock_time)] | None = None
    every: Interval | None = None
    cron: Annotated[str, AfterValidator(_cron)] | None = None
    timezone: Zone = "UTC"
    formats: list[Annotated[str, BeforeValidator(_format)]] = ["html", "md"]
    newsrooms: list[Text] = []
    kinds: list[Annotated[Kind, BeforeValidator(_kind)]] = []
    match: list[Text] = []
    skip_empty: bool = False


class FileTable(_Table):
    """The whole file."""

    data_dir: Text = "data"
    contact: Annotated[str, AfterValidator(_contact)] = ""
    allow_private_addresses: bool = False
    confirm_after: Duration = 3600.0
    requests_per_day: Annotated[int, Field(ge=1, le=86400)] = 48
    delay: Duration = 1.0
    newsroom: list[NewsroomTable] = []
    digest: list[DigestTable] = []


TABLES: Mapping[Path, type[_Table]] = {
    (): FileTable,
    ("newsroom",): NewsroomTable,
    ("newsroom", "recipe"): RecipeTable,
    ("digest",): DigestTable,
}
NOT_BUILT_YET = frozenset({("newsroom", "releases"), ("newsroom", "weight")})

Shape = Literal["newsroom", "digest"]


def conflicts(raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Keys that are right each but not together: where, and what to do.

    Works on the file as parsed, whatever is wrong in it, so that these are told beside all other faults.
    """
    newsrooms, digests = _tables(raw, "newsroom"), _tables(raw, "digest")
    yield from _doubles(newsrooms, "newsroom", "id")
    yield from _doubles(digests, "digest", "name")
    yield from _same_address(newsrooms)
    for place, table in newsrooms:
        waits = [_seconds_or_none(table.get(key)) for key in ("min_wait", "max_wait")]
        if waits[0] is not None and waits[1] is not None and waits[0] > waits[1]:
            yield ("newsroom", place, "min_wait"), "is longer than max_wait; swap them or leave one out"
        if _same(table.get("feed"), table.get("url")):
            yield ("newsroom", place, "feed"), "is the newsroom's own address; leave it out, or name the list as url"
        recipe = table.get("recipe")
        if isinstance(recipe, dict) and recipe.get("entry") == FEED and len(recipe) > 1:
            other = next(key for key in recipe if key != "entry")
            yield ("newsroom", place, "recipe", other), f'has no meaning in a feed; keep entry = "{FEED}" alone'
    for place, table in digests:
        given = [key for key in ("at", "every", "cron") if key in table]
        if len(given) > 1:
            yield ("digest", place, given[1]), f'stands beside "{given[0]}"; keep one of at, every and cron'


def _tables(raw: Mapping[str, Any], shape: Shape) -> list[tuple[int, Mapping[str, Any]]]:
    tables = raw.get(shape)
    if not isinstance(tables, list):
        return []
    return [(place, table) for place, table in enumerate(tables) if isinstance(table, dict)]


def _doubles(tables: list[tuple[int, Mapping[str, Any]]], shape: Shape, key: str) -> Iterator[tuple[Path, str]]:
    first: dict[str, int] = {}
    for place, table in tables:
        name = table.get(key)
        if not isinstance(name, str):
            continue
        if name in first:
            yield (shape, place, key), f'"{name}" is already {shape}[{first[name] + 1}]; each needs its own {key}'
        first.setdefault(name, place)


def _same_address(newsrooms: list[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[Path, str]]:
    from crawler.urls import canonical  # noqa: PLC0415 - commands that read no configuration need no addresses

    first: dict[str, str] = {}
    for place, table in newsrooms:
        try:
            address = canonical(web_address(str(table.get("url"))))
        except ValueError:
            continue
        name = str(table.get("id", f"newsroom[{place + 1}]"))
        if address in first:
            yield ("newsroom", place, "url"), f'"{name}" and "{first[address]}" have the same address; keep one of them'
        first.setdefault(address, name)


def _same(one: object, other: object) -> bool:
    """Whether two values are one web address."""
    from crawler.urls import canonical  # noqa: PLC0415 - as above

    try:
        return canonical(web_address(str(one))) == canonical(web_address(str(other)))
    except ValueError:
        return False


def _seconds_or_none(value: object) -> float | None:
    try:
        return _duration(value)
    except ValueError:
        return None
