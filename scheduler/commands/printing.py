"""Prints to the terminal: whatever a newsroom says is text, never markup, colour codes or control characters."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC
from typing import TYPE_CHECKING, Any

import click

from crawler.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from rich.console import Console

    from storage.records import Change

# What a terminal acts upon and JSON leaves as it is: DEL and C1 controls, marks and overrides of direction.
_LIVE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_LONGEST_VALUE = 240
_WIDE = 1000  # columns: what is piped is not wrapped


def console(*, stderr: bool = False) -> Console:
    """A console without markup and highlighting; no colours and no wrapping where the output is piped."""
    from rich.console import Console  # noqa: PLC0415 - JSON needs none

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDE
    return Console(file=stream, markup=False, highlight=False, emoji=False, width=width)


def dumped(value: object, *, indent: int | None = None) -> str:
    """JSON in which nothing acts upon a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _LIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def print_json(value: object) -> None:
    """One JSON value, indented."""
    click.echo(dumped(value, indent=2))


def print_json_rows(rows: Iterable[object]) -> None:
    """A JSON array, one element a line, printed as it comes."""
    ahead = "[\n"
    for row in rows:
        click.echo(f"{ahead}  {dumped(row)}", nl=False)
        ahead = ",\n"
    click.echo("[]" if ahead == "[\n" else "\n]")


def text(value: object) -> str:
    """One harmless line of whatever a newsroom said."""
    return clean(str(value))


def cut(value: object, length: int = _LONGEST_VALUE) -> str:
    """One harmless line of at most `length` characters."""
    line = text(value)
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def line(*parts: tuple[str, str | None], indent: int = 0) -> None:
    """One line of (text, style) parts, wrapped by the terminal alone."""
    head = " " * indent
    click.echo(head + "".join(click.style(said, **_STYLES[style]) if style else said for said, style in parts))


_STYLES: dict[str, dict[str, Any]] = {
    "strong": {"bold": True},
    "quiet": {"dim": True},
    "good": {"fg": "green"},
    "bad": {"fg": "red"},
    "odd": {"fg": "yellow"},
}

KIND_STYLES = {
    "new": "good",
    "restored": "good",
    "recovered": "good",
    "withdrawn": "bad",
    "unlisted": "bad",
    "broken": "bad",
    "gap": "odd",
    "silent": "odd",
    "layout_changed": "odd",
}


def minute(when: datetime) -> str:
    """`2026-11-20 07:00 UTC`."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def length(span: timedelta) -> str:
    """A length of time in its largest fitting unit: `40 s`, `12 min`, `3 h`, `5 days`."""
    total = max(0, int(span.total_seconds()))
    if total < 100:
        return f"{total} s"
    if total < 100 * 60:
        return f"{round(total / 60)} min"
    if total < 48 * 3600:
        return f"{round(total / 3600)} h"
    return f"{round(total / 86400)} days"


def print_change(change: Change) -> None:
    """A change as a person reads it: kind, newsroom and time, then title, address and detail on lines of their own."""
    kind = change.kind.value
    line(
        (f"{kind:<14}", KIND_STYLES.get(kind, "strong")),
        (change.newsroom, None),
        (f"  {minute(change.seen_at)}", "quiet"),
    )
    if change.title:
        line((text(change.title), "strong"), indent=4)
    if change.url:
        line((text(change.url), None), indent=4)
    for said in _detail(change):
        line((said, "quiet"), indent=4)


def _detail(change: Change) -> Iterable[str]:
    detail = change.detail
    fields = detail.get("fields")
    if isinstance(fields, dict):
        for name, values in fields.items():
            before, after = (cut(_value(values.get(side))) for side in ("before", "after"))
            yield f"{name}: {before} → {after}"
    if detail.get("from"):
        yield f"was {text(detail['from'])}"
    if detail.get("backdated"):
        yield "listed late: a release dated later is already listed"
    if detail.get("reason"):
        yield text(detail["reason"])
    if isinstance(known := detail.get("releases"), int):
        yield f"{known} {'release is' if known == 1 else 'releases are'} known now"


def _value(value: object) -> str:
    return "nothing" if value is None else f"“{value}”"
