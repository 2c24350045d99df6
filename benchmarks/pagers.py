"""How often the next page is right: on saved pages with their pagers marked, on listings, and on release pages.

python benchmarks/pagers.py [--corpus DIR] [--cases]

DIR (else PRESSWATCH_CORPUS) holds `<case>.html` with `<case>.json`. Exit code 1 below 95 % or with one invented.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from crawler import infer, read_listing
from crawler.inference import NoListing
from crawler.listing import open_page
from crawler.pager import find_next
from crawler.urls import canonical, same_site

GOAL = 0.95
_PAGE = re.compile(r"[?&/](?:paged?|p)[=/](\d+)")
_LAST_NUMBER = re.compile(r"(\d+)\D*$")


@dataclass(frozen=True, slots=True)
class Case:
    """A page, what is marked in it, and what presswatch says comes next."""

    name: str
    told: dict[str, Any]
    found: str | None

    @property
    def kind(self) -> str:
        """`pager`, `release` or `listing`."""
        return {"pager": "pager", "article": "release"}.get(self.told.get("kind", ""), "listing")

    def marked(self, *names: str) -> set[str]:
        """The addresses with one of these marks."""
        return {canonical(url) for name in names for url in self.told.get("pager", {}).get(name, ())}


def main() -> int:
    """Reads the corpus and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=os.environ.get("PRESSWATCH_CORPUS"), help="an unpacked folder")
    parser.add_argument("--cases", action="store_true", help="print each page and what was found")
    options = parser.parse_args()
    if options.corpus is None:
        parser.error("no corpus: give --corpus DIR, or set PRESSWATCH_CORPUS")
    cases = [case(path) for path in sorted(Path(options.corpus).glob("*.html"))]
    if not cases:
        parser.error(f"{options.corpus} holds no cases")
    literal, ordered = Counter[str](), Counter[str]()
    others = {"listing": Counter[str](), "release": Counter[str]()}
    for one in cases:
        if one.kind == "pager":
            verdicts = judged(one, as_marked(one)), judged(one, in_order(one))
            literal[verdicts[0]] += 1
            ordered[verdicts[1]] += 1
        else:
            verdicts = (strayed(one), "")
            others[one.kind][verdicts[0]] += 1
        if options.cases:
            print(one.kind, *verdicts, one.name, one.found)
    for heading, counted in (("as marked", literal), ("in the order of the list", ordered)):
        print(f"pagers, {heading}: {told(counted)} -> {share(counted):.1%} right")
    for kind, counted in others.items():
        print(f"{kind} pages: {told(counted)}")
    return int(share(ordered) < GOAL or ordered["invented"] + sum(c["invented"] for c in others.values()) > 0)


def case(page: Path) -> Case:
    """Reads a page as presswatch would: with the recipe inferred for it, else by its links alone."""
    facts = json.loads(page.with_suffix(".json").read_text())
    html, url = page.read_bytes(), facts["url"]
    try:
        return Case(page.stem, facts, read_listing(infer(html, url), html, url).next)
    except NoListing:
        opened = open_page(html, url)
        found = find_next(opened.tree, None, opened.place, url, frozenset()) if opened else None
        return Case(page.stem, facts, found)


def as_marked(one: Case) -> set[str]:
    """The next page by its mark, which goes by the word: a blog's "previous posts" are PREV, though older."""
    return one.marked("NEXT")


def in_order(one: Case) -> set[str]:
    """The next page as the list goes on: the older one, whatever it is called; of numbers alone, the least."""
    here = number(one.told["url"])
    older = {url for url in one.marked("PREV") if number(url) > here}
    if older:
        return older
    pages = one.marked("PAGE") - {canonical(one.told["url"])}
    if one.marked("NEXT") or one.marked("PREV") or not pages:
        return one.marked("NEXT")
    return {min(pages, key=last_number)}


def number(url: str) -> int:
    """The number of the page, 0 where the address names none."""
    match = _PAGE.search(url)
    return int(match[1]) if match else 0


def last_number(url: str) -> int:
    """The last number of an address, 0 where it has none."""
    match = _LAST_NUMBER.search(url)
    return int(match[1]) if match else 0


def judged(one: Case, wanted: set[str]) -> str:
    """`right`, `wrong`, `missed`, `none` (rightly) or `invented`."""
    if one.found is None:
        return "missed" if wanted else "none"
    if not wanted:
        return "invented"
    return "right" if canonical(one.found) in wanted else "wrong"


def strayed(one: Case) -> str:
    """For a page whose pager nobody marked: whether what was found cannot be its next page, `none`, or `found`."""
    if one.found is None:
        return "none"
    no_page = [entry.get("url") for entry in one.told.get("items") or ()] + list(one.told.get("ignore") or ())
    known = {canonical(url) for url in (one.told["url"], *no_page) if isinstance(url, str)}
    bad = one.kind == "release" or canonical(one.found) in known or not same_site(one.found, one.told["url"])
    return "invented" if bad else "found"


def told(counted: Counter[str]) -> str:
    """The counts in words."""
    order = ("right", "found", "none", "wrong", "missed", "invented")
    return ", ".join(f"{counted[name]} {name}" for name in order if name in counted or name == "invented")


def share(counted: Counter[str]) -> float:
    """The share of pages with the right answer, none included."""
    return (counted["right"] + counted["none"]) / max(1, counted.total())


if __name__ == "__main__":
    sys.exit(main())
