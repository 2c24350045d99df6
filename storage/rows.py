"""Records as rows and back: a table's columns are its record's fields, in their order, each kept as its type says.

A field added to a record needs a column in a further step of `storage.schema`, nothing here. A field of a type that is
not told below fails at import.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, get_type_hints

from storage import encoding
from storage.records import (
    Candidate,
    Change,
    Feed,
    FeedAnswer,
    History,
    Issue,
    Listing,
    Look,
    Newsroom,
    Page,
    Recipe,
    Release,
    Revision,
    Standing,
    Stretch,
    Validators,
    Visit,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import DataclassInstance

Row = tuple[Any, ...]
"""A row as SQLite gives it: columns in the order of the statement."""

R = TypeVar("R", bound="DataclassInstance")
Codec = tuple[Callable[[Any], object] | None, Callable[[Any], object] | None]
"""How a value is written and read; None where SQLite keeps it as it is. Neither is asked for None."""

_CODECS: dict[object, Codec] = {
    str: (None, None),
    int: (None, None),
    float: (float, None),
    bool: (int, bool),
    datetime: (encoding.instant, encoding.read_instant),
    date: (encoding.day, encoding.read_day),
    Recipe: (encoding.recipe, encoding.read_recipe),
    Validators: (encoding.validators, encoding.read_validators),
    History: (encoding.history, encoding.read_history),
    Stretch: (encoding.stretch, encoding.read_stretch),
    Feed: (encoding.feed, encoding.read_feed),
    FeedAnswer: (encoding.feed_answer, encoding.read_feed_answer),
    Standing: (encoding.standing, encoding.read_standing),
    tuple[str, ...]: (encoding.as_json, lambda text: tuple(json.loads(text))),
    tuple[Listing, ...]: (encoding.window, encoding.read_window),
    Mapping[str, Any]: (lambda value: encoding.as_json(dict(value)), json.loads),
}


class Table(Generic[R]):
    """One kind of record and the table that keeps it; fields named in `apart` are kept elsewhere."""

    def __init__(self, name: str, record: type[R], apart: Iterable[str] = ()) -> None:
        self.name = name
        self.record = record
        self._apart = frozenset(apart)
        self._fields = tuple(field.name for field in fields(record) if field.name not in self._apart)
        self.columns = tuple('"end"' if name == "end" else name for name in self._fields)  # END is a word of SQL
        hints = get_type_hints(record)
        codecs = [_codec(hints[name]) for name in self._fields]
        self._values = attrgetter(*self._fields)
        everything = [field.name for field in fields(record)]
        self._places = tuple((everything.index(name), name) for name in everything if name in self._apart)
        self._writes = tuple((place, write) for place, (write, _) in enumerate(codecs) if write is not None)
        self._reads = tuple((place, read) for place, (_, read) in enumerate(codecs) if read is not None)
        self._made: dict[tuple[str, ...], str] = {}

    def row(self, record: R) -> Row:
        """The record's values in the order of the columns."""
        values = list(self._values(record))
        for place, write in self._writes:
            value = values[place]
            if value is not None:
                values[place] = write(value)
        return tuple(values)

    def read(self, row: Sequence[object], **apart: object) -> R:
        """The record of a row in the order of the columns; `apart` gives every field kept elsewhere."""
        values = list(row)
        for place, read in self._reads:
            value = values[place]
            if value is not None:
                values[place] = read(value)
        if len(values) != len(self._fields):
            raise ValueError(f"{len(values)} values for the {len(self._fields)} columns of {self.name}")
        for place, name in self._places:
            values.insert(place, apart[name])
        return self.record(*values)

    def insert(self, *more: str) -> str:
        """The statement that adds one row; `more` are columns before the record's own."""
        return self._once(("insert", *more), lambda: insert(self.name, (*more, *self.columns)))

    def upsert(self, *key: str) -> str:
        """The statement that adds one row or replaces that of the same key."""

        def make() -> str:
            values = ", ".join(f"{name} = excluded.{name}" for name in self.columns if name not in key)
            return f"{self.insert()} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {values}"

        return self._once(("upsert", *key), make)

    def select(self, rest: str, *more: str) -> str:
        """The statement that reads rows: `more` columns before the record's own, `rest` after the table's name."""

        def make() -> str:
            columns = [*more, *(f"{self.name}.{name}" for name in self.columns)]
            return f"SELECT {', '.join(columns)} FROM {self.name} {rest}"  # noqa: S608  names and texts of this package only

        return self._once(("select", rest, *more), make)

    def _once(self, name: tuple[str, ...], make: Callable[[], str]) -> str:
        """A statement, put together the first time; there are a few dozen of them in all."""
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = make()
        return made


def insert(table: str, columns: Sequence[str]) -> str:
    """The statement that adds one row."""
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  names of this package only


def change_row(change: Change) -> Row:
    """A change's id and its row, as kept: its instant in UTC, its text free of half characters, and the id of that."""
    row = tuple(map(encoding.bindable, CHANGES.row(change)))
    kept = CHANGES.read(row)
    return (kept.id, *row)


def _codec(hint: object) -> Codec:
    """How a field of this type is kept; TypeError for one that nothing here can keep."""
    if isinstance(hint, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not NoneType)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return None, hint
    if hint not in _CODECS:
        raise TypeError(f"no way to keep a field of type {hint}")
    return _CODECS[hint]


NEWSROOMS = Table("newsrooms", Newsroom, apart=("history",))
VISITS = Table("visits", Visit, apart=("window", "pages", "feed"))
PAGES = Table("visit_pages", Page, apart=("body",))
LOOKS = Table("looks", Look)
RELEASES = Table("releases", Release)
REVISIONS = Table("revisions", Revision)
CANDIDATES = Table("candidates", Candidate)
CHANGES = Table("changes", Change)
ISSUES = Table("issues", Issue, apart=("changes",))
