"""Edits the configuration file: adds newsrooms and recipes, and leaves everything else as it was written."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE
from typing import TYPE_CHECKING, Any

from scheduler.config import ConfigError, load
from scheduler.configfile import last_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from storage.records import Recipe

SELECTORS = (
    "entry", "title", "link", "date", "date_format", "kind", "summary", "caption", "next", "runs_on", "data",
)  # fmt: skip
_BOM = "\ufeff"
_BLANK = "\ufeff \t\r"


class EditError(Exception):
    """The file was left as it is: why, and the way out."""


def with_newsrooms(text: str, newsrooms: Sequence[Mapping[str, Any]]) -> str:
    """The file's text with further `[[newsroom]]` tables, behind the last one it has, else at its end.

    EditError where it keeps its newsrooms in another form.
    """
    before = _parsed(text)
    ends = last_lines(_plain(text))
    there = before.get("newsroom", [])
    if "newsroom" in before and ("newsroom", 0) not in ends:
        raise EditError("newsroom is written as one list in brackets; write each one below a [[newsroom]] of its own")
    block = "\n".join(map(_told, newsrooms))
    at = ends.get(("newsroom", len(there) - 1)) if there else None
    edited = _inserted(text, block, at)
    _must_be(edited, before | {"newsroom": [*there, *newsrooms]})
    return edited


def with_recipe(text: str, newsroom_id: str, recipe: Recipe) -> str:
    """The file's text with a recipe for one of its newsrooms; EditError where that cannot be.

    Of a recipe that it has, the keys that stay keep their place and comments.
    """
    import tomlkit  # noqa: PLC0415 - only what edits needs it

    before = _parsed(text)
    newsrooms = before.get("newsroom", [])
    place = next((place for place, one in enumerate(newsrooms) if one.get("id") == newsroom_id), None)
    if place is None:
        raise EditError(f'there is no newsroom "{newsroom_id}" in it any more')
    selectors = selectors_of(recipe)
    there = newsrooms[place].get("recipe")
    ends = last_lines(_plain(text))
    if there is None and ("newsroom", place) in ends:
        edited = _inserted(text, _told_recipe(selectors), ends["newsroom", place])
    else:
        document: Any = tomlkit.parse(text.removeprefix(_BOM))
        table = document["newsroom"][place]
        if there is None:
            table["recipe"] = selectors
        for name in there or ():
            if name not in selectors:
                del table["recipe"][name]
        for name, value in selectors.items():
            if there is not None and there.get(name) != value:
                table["recipe"][name] = value
        edited = text[: text.startswith(_BOM)] + tomlkit.dumps(document)
        if "\r\n" in text:
            edited = re.sub(r"(?<!\r)\n", "\r\n", edited)
    after = [*newsrooms]
    after[place] = {**newsrooms[place], "recipe": selectors}
    _must_be(edited, before | {"newsroom": after})
    return edited


def selectors_of(recipe: Recipe) -> dict[str, str | bool]:
    """What a recipe says, as the file does."""
    return {name: value for name in SELECTORS if (value := getattr(recipe, name)) is not None and value is not False}


def rewrite(path: Path, edit: Callable[[str], str]) -> None:
    """Replaces a configuration file by its edited text in one step, keeping its mode; as it is now, not as it was read.

    EditError where the result would not load, and OSError where it cannot be written: then it is as before.
    """
    target = path.resolve()  # a link stays one
    text = target.read_bytes().decode("utf-8")
    status = target.stat()
    opened, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(edit(text).encode("utf-8"))
            file.flush()
            with suppress(PermissionError):  # another's file that we may write stays as nearly theirs as can be
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            os.fchmod(file.fileno(), S_IMODE(status.st_mode))
            os.fsync(file.fileno())
        try:
            load(beside, recipes=True)
        except ConfigError as error:
            told = "\n".join(error.problems).replace(str(beside), str(path))
            raise EditError(f"{path} is left as it is, for it would not load any more:\n{told}") from error
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _plain(text: str) -> str:
    return text.removeprefix(_BOM).replace("\r\n", "\n")


def _parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(_plain(text))


def _told(newsroom: Mapping[str, Any]) -> str:
    """A newsroom as its lines in the file."""
    plain = {key: value for key, value in newsroom.items() if key != "recipe"}
    recipe = "\n" + _told_recipe(newsroom["recipe"]) if "recipe" in newsroom else ""
    return "[[newsroom]]\n" + _dumped(plain) + recipe


def _told_recipe(selectors: Mapping[str, Any]) -> str:
    return "[newsroom.recipe]\n" + _dumped(selectors)


def _dumped(table: Mapping[str, Any]) -> str:
    import tomlkit  # noqa: PLC0415 - only what edits needs it

    return tomlkit.dumps(table)


def _inserted(text: str, block: str, after: int | None) -> str:
    """A text with a block of lines behind line `after` (counted from 1), else at its end.

    Comments that adjoin that line stay with it, those that adjoin the next header with that.
    """
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    at = len(lines) if after is None else after
    end = at
    while end < len(lines) and lines[end].lstrip().startswith("#"):
        end += 1
    if end == len(lines) or not lines[end].lstrip().startswith("["):
        at = end
    turn = "\r" if "\r\n" in text else ""
    new = [line + turn for line in block.rstrip("\n").split("\n")]
    above = [*lines[: at - 1], lines[at - 1].removesuffix("\r") + turn] if at else []
    gap = [turn] if any(line.strip(_BLANK) for line in above) else []
    below = [turn] if at < len(lines) and lines[at].strip(_BLANK) else []
    return "\n".join([*above, *gap, *new, *below, *lines[at:], ""])


def _must_be(text: str, expected: Mapping[str, Any]) -> None:
    """Makes sure that an edited text says what was there and what is new, and nothing else."""
    try:
        found = _parsed(text)
    except tomllib.TOMLDecodeError as error:
        found = {"": str(error)}
    if found != expected:
        raise EditError("the file is written in a way that cannot be edited safely; add the lines by hand")
