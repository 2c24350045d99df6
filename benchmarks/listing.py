"""What `infer` finds on real listing pages: predictions for an unpacked corpus, from each page alone.

python benchmarks/listing.py --corpus DIR --out DIR    writes DIR/<case>.json, which the corpus's own scorer reads
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from crawler import NoListing, infer, read_listing
from crawler.dates import day_of
from storage.records import Listing


def cases(corpus: Path) -> list[dict[str, Any]]:
    """The corpus's listings: what its index says of each."""
    index: list[dict[str, Any]] = json.loads((corpus / "corpus.json").read_text("utf-8"))
    return [case for case in index if case["n"]]


def predict(html: bytes, url: str) -> tuple[list[dict[str, str | None]], str]:
    """The entries found on a page without being told anything of it, and the recipe or the reason for none."""
    try:
        recipe = infer(html, url)
    except NoListing as reason:
        return [], f"NoListing: {reason}"
    return shown(read_listing(recipe, html, url)), str(recipe)


def shown(listing: Listing) -> list[dict[str, str | None]]:
    """A listing in the scorer's terms."""
    return [
        {"title": entry.title, "url": entry.url, "date": day_of(entry.date).isoformat() if entry.date else None}
        for entry in listing.entries
    ]


def main(arguments: list[str] | None = None) -> int:
    """Writes the predictions."""
    parser = argparse.ArgumentParser(description="What infer finds on real listing pages.")
    parser.add_argument("--corpus", type=Path, default=os.environ.get("PRESSWATCH_CORPUS"), help="an unpacked corpus")
    parser.add_argument("--out", type=Path, required=True, help="where <case>.json are written")
    parser.add_argument("--case", action="append", default=[], help="only this one; prints its recipe")
    asked = parser.parse_args(arguments)
    if asked.corpus is None or not (asked.corpus / "corpus.json").is_file():
        print("skipped: no corpus here; name an unpacked one with --corpus or PRESSWATCH_CORPUS")
        return 0
    asked.out.mkdir(parents=True, exist_ok=True)
    spent = []
    for case in cases(asked.corpus):
        name = case["case"]
        if asked.case and name not in asked.case:
            continue
        url = json.loads((asked.corpus / f"{name}.json").read_text("utf-8"))["url"]
        began = time.process_time()
        found, said = predict((asked.corpus / f"{name}.html").read_bytes(), url)
        spent.append(time.process_time() - began)
        (asked.out / f"{name}.json").write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
        if asked.case:
            print(f"{name}: {said}")
    print(f"{len(spent)} listings, median {1000 * median(spent):.0f} ms, slowest {1000 * max(spent):.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
