"""Times as a reader of a digest sees them, in its time zone and in English whatever the machine's locale."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def zone(name: str) -> ZoneInfo:
    """The named time zone; ValueError where there is none of that name."""
    try:
        return _zone(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"there is no time zone {name!r}") from error


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def zone_label(name: str, moment: datetime) -> str:
    """`Europe/Berlin (UTC+01:00)`, or `UTC`."""
    offset = moment.astimezone(zone(name)).strftime("%z")
    return name if name == "UTC" else f"{name} (UTC{offset[:3]}:{offset[3:5]})"


def utc(moment: datetime) -> str:
    """For machines: `2026-11-20T07:00:00Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def long_day(day: date) -> str:
    """`20 November 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def long_stamp(moment: datetime, name: str) -> str:
    """`Friday 20 November 2026, 07:00`."""
    local = moment.astimezone(zone(name))
    return f"{DAYS[local.weekday()]} {long_day(local)}, {local:%H:%M}"


def stamp(moment: datetime, name: str, near: datetime) -> str:
    """`20 Nov, 07:00`, with the year where it is not that of `near`."""
    local = moment.astimezone(zone(name))
    year = "" if local.year == near.astimezone(zone(name)).year else f" {local.year}"
    return f"{local.day} {MONTHS[local.month - 1][:3]}{year}, {local:%H:%M}"


def month(moment: datetime, name: str) -> str:
    """`November 2026`."""
    local = moment.astimezone(zone(name))
    return f"{MONTHS[local.month - 1]} {local.year}"


def last_read(moment: datetime, name: str, end: datetime) -> str:
    """`at 06:52` on the day of `end`, else `on 18 November at 06:52`, with the year where it is another."""
    local, until = moment.astimezone(zone(name)), end.astimezone(zone(name))
    if local.date() == until.date():
        return f"at {local:%H:%M}"
    day = long_day(local) if local.year != until.year else f"{local.day} {MONTHS[local.month - 1]}"
    return f"on {day} at {local:%H:%M}"


def instant(value: object) -> datetime | None:
    """The aware datetime that a detail holds as ISO 8601 text, or None where it holds none."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, str) and len(value) > len("2026-11-20"):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
    else:
        return None
    return moment if moment.tzinfo is not None else None


def day_of(value: object) -> date | None:
    """The day that a detail holds as `2026-11-20`, or None where it holds none."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
