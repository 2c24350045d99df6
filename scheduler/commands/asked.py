"""What `presswatch add` is asked for: addresses that were typed, and those of a file with where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from scheduler.addresslist import ListError, completed, listed_in
from scheduler.configschema import web_address

if TYPE_CHECKING:
    from scheduler.commands.explore import Finding


@dataclass(slots=True)
class Row:
    """What came of one address. `name` is the newsroom that it is, or would be, watched as.

    `place` names file and line of what is no address there. `hints` are ways out of what failed.
    """

    address: str
    outcome: str = "found"  # or added, watched, failed
    name: str | None = None
    finding: Finding | None = None
    reason: str = ""
    instead: tuple[str, ...] = ()
    place: str = ""
    hints: tuple[str, ...] = ()


def asked(addresses: tuple[str, ...], file: IO[bytes] | None) -> list[Row]:
    """The addresses, each once, with their schemes; what is none in the file has failed already.

    UsageError where one that was typed is none, where the file is no list, or where there is nothing at all.
    """
    rows: dict[str, Row] = {}
    for address in map(completed, addresses):
        if fault := _fault(address):
            raise click.UsageError(f"{address}: {fault}")
        rows.setdefault(address, Row(address))
    try:
        listed = listed_in(file.read()) if file else ()
    except ListError as error:
        raise click.UsageError(f"--from: {error}") from error
    for one in listed:
        address = completed(one.address)
        if fault := _fault(address):
            rows.setdefault(address, Row(address, "failed", reason=fault, place=f"{_called(file)}, {one.place}"))
        rows.setdefault(address, Row(address))
    if not rows:
        raise click.UsageError("Name an address, for example https://www.example.org/news; or a list: --from FILE.")
    return list(rows.values())


def _fault(address: str) -> str:
    """Why it is no address that can be watched; empty where it is one."""
    try:
        web_address(address)
    except ValueError as error:
        return str(error)
    return ""


def _called(file: IO[bytes] | None) -> str:
    name = str(getattr(file, "name", "-"))
    return "standard input" if name == "-" or name.startswith("<") else Path(name).name
