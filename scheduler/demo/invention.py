"""Invented releases: what a local newsroom publishes, and a seeded inventor of plausible ones."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


class Gone(StrEnum):
    """How the address of a withdrawn release answers."""

    NOT_FOUND = "404"
    GONE = "410"
    LEGAL = "451"
    SOFT = "soft404"  # 200 with the words "Page not found"
    HOME = "redirect_home"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an author writes: everything but where and when it is published."""

    title: str
    kind: str
    paragraphs: tuple[str, ...]
    caption: str | None = None
    subheading: str | None = None


@dataclass(frozen=True, slots=True)
class LocalRelease:
    """A release of a local newsroom.

    `path` is its address within the newsroom, `listed` whether the list shows it, `gone` how its own page is missing
    (None: it is served). `at` is the instant of publication where one is told. Where `dated` is False the list prints
    no date.
    A line feed in `caption` is a line break on the page.
    """

    slug: str
    path: str
    title: str
    kind: str
    day: date
    paragraphs: tuple[str, ...]
    at: datetime | None = None
    caption: str | None = None
    subheading: str | None = None
    dated: bool = True
    listed: bool = True
    gone: Gone | None = None


def slugify(title: str) -> str:
    """The last part of an address as content systems make it: ASCII letters, digits and hyphens, 80 at most."""
    plain = unicodedata.normalize("NFKD", title.replace("’", "")).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    return "-".join(words)[:80].strip("-") or "release"


@cache
def _vocabulary() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


class Inventor:
    """Writes drafts that read like press releases; the same seed writes the same ones."""

    def __init__(self, seed: int, publisher: str) -> None:
        """`publisher` is named in the texts."""
        self._random = Random(seed)  # noqa: S311  # invented texts need no cryptography
        self._publisher = publisher
        self._told: set[str] = set()

    def draft(self) -> Draft:
        """The next draft; its title and its first sentence differ from all earlier ones of this inventor."""
        while True:
            words = self._words()
            lead = self._say("leads", words)
            title = self._say("titles", words)
            if title not in self._told and lead not in self._told:
                break
        self._told |= {title, lead}
        return Draft(
            title=title,
            kind="Update" if self._random.random() < 0.2 else "Press Release",
            paragraphs=(lead, *self._middle(words)),
            caption=self._say("credits", words) if self._random.random() < 0.6 else None,
            subheading="Background" if self._random.random() < 0.15 else None,
        )

    def gap_days(self) -> int:
        """Days between two neighbouring releases: 0 to 5, most often 1 or 2."""
        return self._random.choice((0, 1, 1, 2, 2, 3, 5))

    def shuffled(self, slugs: list[str]) -> list[str]:
        """The same slugs in another order."""
        return self._random.sample(slugs, len(slugs))

    def _words(self) -> dict[str, str]:
        picked = {name: self._random.choice(choices) for name, choices in _vocabulary()["words"].items()}
        group = picked["group"]
        return picked | {
            "Group": group[0].upper() + group[1:],
            "publisher": self._publisher,
            "n": str(self._random.randint(14, 480)),
            "m": str(self._random.randint(3, 19)),
        }

    def _say(self, list_name: str, words: dict[str, str]) -> str:
        return self._random.choice(_vocabulary()["sentences"][list_name]).format(**words)

    def _middle(self, words: dict[str, str]) -> list[str]:
        told = [self._say("findings", words) + "."]
        if self._random.random() < 0.7:
            told.append(self._say("sayings", words))
        if self._random.random() < 0.7:
            told.append(self._say("appeals", words) + ".")
        if self._random.random() < 0.3:
            told.append(
                f"“We were promised an answer by winter,” one of the {words['group']} said. “It is summer again.”"
            )
        return told
