"""Reads lists of addresses: one a line, or OPML as feed readers export it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LOOKS_WEB = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#].*)?")


class ListError(ValueError):
    """A list of addresses that cannot be read, and why."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list gives as an address, and its place there: "line 3", or "outline 3" of OPML."""

    address: str
    place: str


def listed_in(body: bytes) -> list[Listed]:
    """The addresses of a list in its order, each once: one a line, "#" begins a comment; or the feeds of an OPML file.

    ListError where there is none, or the OPML is broken.
    """
    text = body.decode("utf-8-sig", "replace")
    markup = text.lstrip().startswith("<")
    found = _outlines(text) if markup else [line.partition(" #")[0].strip() for line in text.splitlines()]
    places: dict[str, str] = {}
    for number, address in enumerate(found, start=1):
        if address and not address.startswith("#"):
            places.setdefault(address, f"{'outline' if markup else 'line'} {number}")
    if not places:
        raise ListError("there is no address in it; write one a line, or give an OPML file")
    return [Listed(address, place) for address, place in places.items()]


def _outlines(text: str) -> list[str]:
    """The feeds of an OPML list; where an outline has only a page, that."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415 - few lists are OPML

    start = re.search(r"<opml\b", text, re.IGNORECASE)
    if start is None:
        raise ListError("it is markup, but no OPML; write one address a line, or give an OPML file")
    try:
        # Without what stands before it there is no document type, so there are no entities to expand.
        tree = ET.fromstring(text[start.start() :])  # noqa: S314 - see above
    except (ET.ParseError, RecursionError) as error:
        raise ListError(f"the OPML is broken ({error}); export it again, or write one address a line") from error
    found = []
    for outline in tree.iter("outline"):
        given = {name.lower(): value.strip() for name, value in outline.attrib.items()}
        address = given.get("xmlurl") or given.get("htmlurl") or ""
        found.append(re.sub(r"^feed:(?://)?(?=https?:)", "", re.sub(r"^feed://", "http://", address)))
    return found


def completed(address: str) -> str:
    """An address with its scheme, which a person may leave out: `example.org/news` is on the web."""
    address = address.strip()
    return f"https://{address}" if "://" not in address and _LOOKS_WEB.fullmatch(address) else address
