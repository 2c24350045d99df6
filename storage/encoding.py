"""Single values as SQLite keeps them: instants, days, truth values and nested records as text, and back.

Every reading function undoes the writing one of the same name. What an object says beyond the record's fields is not
read: an earlier presswatch kept it.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, get_type_hints

from storage.records import (
    Entry,
    Feed,
    FeedAnswer,
    History,
    Listing,
    Recipe,
    Standing,
    Stretch,
    Trouble,
    Validators,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable


def instant(value: datetime) -> str:
    """An aware datetime as `2026-11-20T07:00:00.000000Z`: UTC, always 27 characters, so that text order is time order.

    An instant that leaves the calendar on its way to UTC (a stamp in year 1 or 9999) becomes the calendar's first or
    last. A naive one is a ValueError.
    """
    return utc(value).isoformat(timespec="microseconds")[:26] + "Z"


def instant_or_none(value: datetime | None) -> str | None:
    """`instant`, or None."""
    return None if value is None else instant(value)


def read_instant(text: str) -> datetime:
    """The aware datetime in UTC that `instant` wrote."""
    return datetime.fromisoformat(text)


def read_instant_or_none(text: str | None) -> datetime | None:
    """`read_instant`, or None."""
    return None if text is None else datetime.fromisoformat(text)


def utc(value: datetime) -> datetime:
    """The same instant as it comes back from the store; errors and the calendar's ends as in `instant`."""
    if value.tzinfo is UTC:
        return value
    _require_aware(value)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if value.year == 1 else datetime.max.replace(tzinfo=UTC)


def day(value: date) -> str:
    """A day as YYYY-MM-DD; of a datetime, the day in its own offset."""
    return value.isoformat()[:10]


def read_day(text: str) -> date:
    """The day that `day` wrote."""
    return date.fromisoformat(text)


def stamp(value: date | datetime | None) -> str | None:
    """A day, or an aware datetime in its own offset, told apart by the T between date and time."""
    if isinstance(value, datetime):
        _require_aware(value)
    return None if value is None else value.isoformat()


def read_stamp(text: str | None) -> date | datetime | None:
    """The day or the datetime, with its own offset, that `stamp` wrote."""
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def bindable(value: object) -> object:
    """A value as SQLite can keep it: half a surrogate pair, which is no character, becomes U+FFFD."""
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def bound(values: Iterable[object]) -> list[object]:
    """Values as SQLite can keep them, as by `bindable`."""
    return [value if type(value) is not str or value.isascii() else bindable(value) for value in values]


as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Plain lists, dicts, texts and numbers as compact JSON, keys in their own order."""


def _of(names: Container[str], found: dict[str, Any]) -> dict[str, Any]:
    """What an object says of these fields."""
    return {name: value for name, value in found.items() if name in names}


_RECIPE = frozenset(field.name for field in fields(Recipe))
_VALIDATORS = frozenset(field.name for field in fields(Validators))


@lru_cache(maxsize=1024)
def recipe(value: Recipe) -> str:
    """A recipe as a JSON object of what it gives."""
    return as_json(_given(asdict(value)))


@lru_cache(maxsize=1024)
def read_recipe(text: str) -> Recipe:
    """The recipe that `recipe` wrote."""
    found = _of(_RECIPE, json.loads(text))
    return Recipe(**found | {"reasons": tuple(found.get("reasons", ()))})


def validators(value: Validators) -> str:
    """Validators as a JSON object of what the server gave."""
    given = {"etag": value.etag, "last_modified": value.last_modified}
    return as_json({name: one for name, one in given.items() if one is not None})


def read_validators(text: str) -> Validators:
    """The validators that `validators` wrote."""
    return Validators(**_of(_VALIDATORS, json.loads(text)))


_HISTORY = get_type_hints(History)
_HISTORY_DAYS = tuple(name for name, hint in _HISTORY.items() if hint == date | None)
_HISTORY_TEXTS = ("addresses", "titles", "days")  # hundreds each
_RECENT = 64  # histories of a hundred kilobytes at most: a visit reads its newsroom's several times and puts it back
_written: OrderedDict[int, tuple[History, str]] = OrderedDict()  # by identity: what was just read is not written anew


def history(value: History) -> str:
    """A history as a JSON object, its set sorted: equal histories, equal text."""
    kept = _written.get(id(value))
    if kept is not None and kept[0] is value:
        return kept[1]
    return as_json(_told_history(value))


def _told_history(value: History) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(value, name) for name in _HISTORY}
    found["shapes"] = sorted(value.shapes)
    for name in _HISTORY_TEXTS:
        found[name] = _joined(found[name])
    for name in _HISTORY_DAYS:
        if found[name] is not None:
            found[name] = day(found[name])
    if value.feed is not None:
        found["feed"] = _told_history(value.feed)
    return found


@lru_cache(maxsize=_RECENT)
def read_history(text: str) -> History:
    """The history that `history` wrote; what was not kept yet when it was written has the record's default."""
    value = _history_of(json.loads(text))
    _written[id(value)] = value, text
    if len(_written) > _RECENT:
        _written.popitem(last=False)
    return value


def _history_of(kept: dict[str, Any]) -> History:
    found = _of(_HISTORY, kept)
    known: dict[str, Any] = {name: tuple(kept) if isinstance(kept, list) else kept for name, kept in found.items()}
    known["shapes"] = frozenset(found["shapes"])
    for name in _HISTORY_TEXTS:
        known[name] = _parted(found.get(name, []))
    for name in _HISTORY_DAYS:
        if known.get(name) is not None:
            known[name] = read_day(known[name])
    if known.get("feed") is not None:
        known["feed"] = _history_of(known["feed"])
    return History(**known)


def _joined(values: tuple[str, ...]) -> str | tuple[str, ...]:
    """Hundreds of texts as the lines of one, which is read several times faster; as they are if one has lines."""
    text = "\n".join(values)
    return values if not text or text.count("\n") >= len(values) else text


def _parted(kept: str | list[str]) -> tuple[str, ...]:
    return tuple(kept.split("\n") if isinstance(kept, str) else kept)


def window(value: tuple[Listing, ...]) -> str:
    """A visit's listings as a JSON array, their entries as objects of what each gives."""
    return as_json(
        [
            {
                "url": listing.url,
                "next": listing.next,
                "entries": [_shown(entry) for entry in listing.entries],
            }
            for listing in value
        ]
    )


def read_window(text: str) -> tuple[Listing, ...]:
    """The listings that `window` wrote."""
    return tuple(
        Listing(
            url=listing["url"],
            entries=tuple(_entry(found) for found in listing["entries"]),
            next=listing["next"],
        )
        for listing in json.loads(text)
    )


_INSTANTS_OF_FEED = ("began_at", "read_at", "trouble_since", "retry_at")


def feed(value: Feed) -> str:
    """What is remembered of a feed, as a JSON object of what is known."""
    given = asdict(value)
    for name in _INSTANTS_OF_FEED:
        given[name] = instant_or_none(given[name])
    return as_json({name: one for name, one in given.items() if one is not None})


def read_feed(text: str) -> Feed:
    """What `feed` wrote."""
    found = json.loads(text)
    for name in _INSTANTS_OF_FEED:
        found[name] = read_instant_or_none(found.get(name))
    return Feed(**_with_validators(found))


def feed_answer(value: FeedAnswer) -> str:
    """How a visit fared with a feed, as a JSON object of what is known."""
    return as_json({name: one for name, one in asdict(value).items() if one is not None})


def read_feed_answer(text: str) -> FeedAnswer:
    """What `feed_answer` wrote."""
    return FeedAnswer(**_with_validators(json.loads(text)))


def _with_validators(found: dict[str, Any]) -> dict[str, Any]:
    kept = found.get("validators")
    return found | {"validators": None if kept is None else Validators(**kept)}


def stretch(value: Stretch) -> str:
    """A part of an archive, as a JSON object."""
    return as_json(
        {
            "began_at": instant(value.began_at),
            "start": value.start,
            "number": value.number,
            "over": value.over,
        }
    )


def read_stretch(text: str) -> Stretch:
    """The part of an archive that `stretch` wrote."""
    found = json.loads(text)
    return Stretch(**found | {"began_at": read_instant(found["began_at"])})


def standing(value: Standing) -> str:
    """How the newsrooms stood, as a JSON object."""
    return as_json(
        {
            "newsrooms": value.newsrooms,
            "read": value.read,
            "last_read": instant_or_none(value.last_read),
            "troubles": [
                {
                    "newsroom": one.newsroom,
                    "since": instant(one.since),
                    "reason": one.reason,
                    "last_read": instant_or_none(one.last_read),
                }
                for one in value.troubles
            ],
        }
    )


def read_standing(text: str) -> Standing:
    """The standing that `standing` wrote."""
    found = json.loads(text)
    return Standing(
        newsrooms=found["newsrooms"],
        read=found["read"],
        last_read=read_instant_or_none(found["last_read"]),
        troubles=tuple(map(_read_trouble, found["troubles"])),
    )


def _read_trouble(found: dict[str, Any]) -> Trouble:
    """One trouble; where an earlier presswatch kept no last read, the trouble's beginning stands for it, as it did."""
    last_read = found.get("last_read", found["since"])
    return Trouble(found["newsroom"], read_instant(found["since"]), found["reason"], read_instant_or_none(last_read))


_ENTRY = tuple(field.name for field in fields(Entry))
_NAMES_OF_ENTRY = frozenset(_ENTRY)
_values_of_entry = attrgetter(*_ENTRY)


def _shown(entry: Entry) -> dict[str, Any]:
    """An entry's fields without those that are None or False; the title always stays."""
    given = zip(_ENTRY, _values_of_entry(entry), strict=True)
    shown = {name: value for name, value in given if value is not None and value is not False}
    if entry.date is not None:
        shown["date"] = stamp(entry.date)
    return shown


def _entry(found: dict[str, Any]) -> Entry:
    return Entry(**{"url": None} | _of(_NAMES_OF_ENTRY, found) | {"date": read_stamp(found.get("date"))})


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """A recipe's fields without those that are None, False or an empty tuple; the entry always stays."""
    return {
        name: value
        for name, value in fields.items()
        if name == "entry" or (value is not None and value is not False and value != ())
    }


def _require_aware(value: datetime) -> None:
    if value.utcoffset() is None:
        raise ValueError(f"an instant without offset: {value!r}")
