"""Where each key of a TOML file stands, so that an error can name its line."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]  # ("newsroom", 1, "url"): the url of the second [[newsroom]]

_TOKEN = re.compile(
    r"""
      (?P<blank>[ \t\r]+|\#[^\n]*)
    | (?P<newline>\n)
    | (?P<text>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
    | (?P<mark>[\[\]{}=,.])
    | (?P<bare>[^\s\[\]{}=,."'\#]+)
    """,
    re.DOTALL | re.VERBOSE,
)


class _Token(NamedTuple):
    text: str
    line: int

    @property
    def key(self) -> str:
        if self.text[0] in "\"'":
            return str(tomllib.loads(f"k = {self.text}")["k"])
        return self.text


def key_lines(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every key and table header of `text`, which must be valid TOML.

    Keys inside inline tables and the elements of arrays are left out: `line_of` answers with the line of their key.
    """
    lines: dict[Path, int] = {}
    lengths: dict[Path, int] = {}
    table: Path = ()
    for statement in _statements(text):
        line = statement[0].line
        if statement[0].text != "[":
            path = (*table, *_keys(statement, "="))
        elif statement[1].text == "[":
            table = path = _table(_keys(statement[2:], "]"), lengths, repeated=True)
            lines.setdefault(path[:-1], line)
        else:
            table = path = _table(_keys(statement[1:], "]"), lengths, repeated=False)
        for length in range(1, len(path) + 1):
            lines.setdefault(path[:length], line)
    return lines


def last_lines(text: str) -> dict[Path, int]:
    """The last line, counted from 1, of each table that a header opens in `text`, which must be valid TOML.

    What ends there is its last key with all lines of its value, its subtables included; comments are not counted.
    """
    ends: dict[Path, int] = {}
    lengths: dict[Path, int] = {}
    table: Path = ()
    for statement in _statements(text):
        if statement[0].text == "[":
            repeated = statement[1].text == "["
            table = _table(_keys(statement[2 if repeated else 1 :], "]"), lengths, repeated=repeated)
        end = statement[-1].line + statement[-1].text.count("\n")
        for length in range(1, len(table) + 1):
            ends[table[:length]] = end
    return ends


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of `path`, else of the nearest thing around it, else 1."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def _statements(text: str) -> Iterator[list[_Token]]:
    """Table headers and key/value pairs, each as its tokens; a value may reach over several lines."""
    line, depth, statement = 1, 0, list[_Token]()
    for match in _TOKEN.finditer(text):
        found = match.group()
        if match.lastgroup == "newline" and depth == 0 and statement:
            yield statement
            statement = []
        elif match.lastgroup in {"text", "mark", "bare"}:
            statement.append(_Token(found, line))
            if match.lastgroup == "mark":
                depth += (found in "[{") - (found in "]}")
        line += found.count("\n")
    if statement:
        yield statement


def _keys(tokens: list[_Token], end: str) -> tuple[str, ...]:
    keys = []
    for token in tokens:
        if token.text == end:
            break
        if token.text != ".":
            keys.append(token.key)
    return tuple(keys)


def _table(keys: tuple[str, ...], lengths: dict[Path, int], *, repeated: bool) -> Path:
    """The path of a table header: where a part of it names an array of tables, the latest of these is meant."""
    path: Path = ()
    for place, key in enumerate(keys):
        path = (*path, key)
        if repeated and place == len(keys) - 1:
            lengths[path] = lengths.get(path, 0) + 1
        if path in lengths:
            path = (*path, lengths[path] - 1)
    return path
