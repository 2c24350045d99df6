"""What the record holds that one visit or look touches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crawler.urls import canonical
from storage.records import Candidate, Entry, Newsroom, Release

FIRST_RANK = 2**40
"""Below the rank of a newsroom's first release: it leaves room for the archive that may be read back later."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the record holds that one visit or look touches.

    `releases` by key; `addresses` from canonical address to key; `section`: keys of the releases, of whatever state,
    from the top of the list down to the lowest shown one, highest first; `unplaced`: keys of the releases that were
    pinned at the last visit and never seen in their place; `top_rank`: the highest rank of the
    newsroom; `candidates` by key, closed ones included; `reread`: the last believed window as today's reader and
    recipe read it, by address, None where both are as they were.
    """

    newsroom: Newsroom
    releases: Mapping[str, Release] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    section: tuple[str, ...] = ()
    unplaced: tuple[str, ...] = ()
    top_rank: int = 0
    candidates: Mapping[str, Candidate] = field(default_factory=dict)
    reread: Mapping[str, Entry] | None = None


def address_of(release: Release) -> str:
    """The canonical address a release is listed at now, or its key where it has no link of its own."""
    return canonical(release.url) if release.linked else release.key
