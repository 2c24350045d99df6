"""What `infer` finds on real listing pages: predictions for an unpacked corpus, from each page alone.

python benchmarks/listing.py --corpus DIR --out DIR                  writes DIR/<case>.json for the corpus's own scorer
python benchmarks/listing.py --corpus DIR --out DIR --scorer FILE    and prints what the scorer says of them
python benchmarks/listing.py ... --scorer FILE --ablation            and what each idea of the search is worth
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from crawler import NoListing, fieldnames, grouping, infer, inference, naming, read_listing, scoring
from crawler.dates import day_of
from storage.records import Listing

_Change = tuple[object, str, object]  # what to change: a module, a name in it, the value it has meanwhile
SHOWN = ("F1", "full", "date", "title")


def _nothing(*_: object) -> None:
    return None


def _empty(*_: object) -> tuple[()]:
    return ()


def _as_it_was(recipe: object, listing: object, *_: object) -> tuple[object, object]:
    return recipe, listing


def _without(sign: str) -> list[_Change]:
    return [(scoring, "WEIGHTS", replace(scoring.WEIGHTS, **{sign: 0.0}))]


IDEAS: dict[str, list[_Change]] = {
    "flat markup: entries run on to the next": [(grouping, "_running", _nothing), (grouping, "_parted", _empty)],
    "climb to the highest element that holds one entry": [(grouping, "_climbed", lambda _, members: members)],
    "leave out heads and gaps of a group": [(grouping, "_telling_part", _nothing)],
    "tell rows by what they hold (`:has`)": [(naming, "_marks", _empty)],
    "try several proposals and take the best": [(inference, "_APPLIED", 1)],
    "titles by what reads like headlines in all entries": [(fieldnames, "_titled", _as_it_was)],
    "links by what leads to its like in all entries": [(fieldnames, "_linked", _as_it_was)],
    "entries set apart above the list": [(inference, "with_featured", _as_it_was)],
    "data in scripts": [(inference, "data_lists", _empty)],
    **{f"sign `{sign.name}`": _without(sign.name) for sign in fields(scoring.Signs)},
}


def cases(corpus: Path) -> list[dict[str, Any]]:
    """The corpus's listings: what its index says of each."""
    index: list[dict[str, Any]] = json.loads((corpus / "corpus.json").read_text("utf-8"))
    return [case for case in index if case["n"]]


def predict(html: bytes, url: str) -> tuple[list[dict[str, str | None]], str]:
    """The entries found on a page without being told anything of it, and the recipe or the reason for none."""
    try:
        recipe = infer(html, url)
    except NoListing as reason:
        return [], f"no listing: {reason}"
    return shown(read_listing(recipe, html, url)), str(recipe)


def shown(listing: Listing) -> list[dict[str, str | None]]:
    """A listing in the scorer's terms."""
    return [
        {"title": entry.title, "url": entry.url, "date": day_of(entry.date).isoformat() if entry.date else None}
        for entry in listing.entries
    ]


def write(corpus: Path, out: Path, only: list[str]) -> list[float]:
    """Writes the predictions; the processor seconds each took."""
    out.mkdir(parents=True, exist_ok=True)
    spent = []
    for case in cases(corpus):
        name = case["case"]
        if only and name not in only:
            continue
        url = json.loads((corpus / f"{name}.json").read_text("utf-8"))["url"]
        began = time.process_time()
        found, said = predict((corpus / f"{name}.html").read_bytes(), url)
        spent.append(time.process_time() - began)
        (out / f"{name}.json").write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
        if only:
            print(f"{name}: {said}")
    return spent


def scored(corpus: Path, out: Path, scorer: Path) -> dict[str, float]:
    """What the corpus's scorer says of the predictions, on average over all cases."""
    told = out / "scored.json"
    command = [sys.executable, str(scorer), "--corpus", str(corpus), "--pred", str(out), "--json", str(told)]
    subprocess.run(command, check=True, capture_output=True)
    macro: dict[str, float] = json.loads(told.read_text("utf-8"))["macro"]
    return macro


@contextmanager
def changed(changes: list[_Change]) -> Iterator[None]:
    """Meanwhile, an idea is not there."""
    before = [(module, name, getattr(module, name)) for module, name, _ in changes]
    try:
        for module, name, value in changes:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def ablation(score: Callable[[], dict[str, float]]) -> Iterator[str]:
    """A table of what is lost without each idea, as Markdown."""
    whole = score()
    yield f"| without | {' | '.join(SHOWN)} |"
    yield f"| --- |{' ---: |' * len(SHOWN)}"
    yield f"| (all of it) | {' | '.join(f'{whole[name]:.3f}' for name in SHOWN)} |"
    for idea, changes in IDEAS.items():
        with changed(changes):
            found = score()
        yield f"| {idea} | {' | '.join(f'{found[name] - whole[name]:+.3f}' for name in SHOWN)} |"


def main(arguments: list[str] | None = None) -> int:
    """Writes the predictions, and prints what was asked for."""
    parser = argparse.ArgumentParser(description="What infer finds on real listing pages.")
    parser.add_argument("--corpus", type=Path, default=os.environ.get("PRESSWATCH_CORPUS"), help="an unpacked corpus")
    parser.add_argument("--out", type=Path, required=True, help="where <case>.json are written")
    parser.add_argument("--case", action="append", default=[], help="only this one; prints its recipe")
    parser.add_argument("--scorer", type=Path, help="the corpus's own scorer")
    parser.add_argument("--ablation", action="store_true", help="what is lost without each idea; needs the scorer")
    asked = parser.parse_args(arguments)
    corpus = Path(asked.corpus) if asked.corpus else None
    if corpus is None or not (corpus / "corpus.json").is_file():
        print("skipped: no corpus here; name an unpacked one with --corpus or PRESSWATCH_CORPUS")
        return 0
    if asked.ablation and asked.scorer is None:
        parser.error("--ablation needs --scorer")

    def score() -> dict[str, float]:
        write(corpus, asked.out, [])
        return scored(corpus, asked.out, asked.scorer)

    if asked.ablation:
        for line in ablation(score):
            print(line, flush=True)
        return 0
    spent = write(corpus, asked.out, asked.case)
    if spent:
        print(f"{len(spent)} listings, median {1000 * median(spent):.0f} ms, slowest {1000 * max(spent):.0f} ms")
    if asked.scorer is not None:
        print(", ".join(f"{name} {value:.3f}" for name, value in scored(corpus, asked.out, asked.scorer).items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
