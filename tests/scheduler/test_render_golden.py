"""Whole renderings, compared with files that a person has looked at."""

from pathlib import Path

import pytest

from scheduler.render import render_atom, render_html, render_index, render_json, render_markdown
from tests.scheduler.digests.example import FULL, QUIET

GOLDEN = Path(__file__).parent / "digests"

RENDERED = {
    "full.html": render_html(FULL),
    "full.md": render_markdown(FULL),
    "full.json": render_json(FULL),
    "quiet.html": render_html(QUIET),
    "quiet.md": render_markdown(QUIET),
    "quiet.json": render_json(QUIET),
    "index.html": render_index([QUIET, FULL]),
    "feed.xml": render_atom([(QUIET, "a1" * 32), (FULL, "b2" * 32)]),
}


@pytest.mark.parametrize("name", sorted(RENDERED))
def test_rendering_is_what_was_looked_at(name: str) -> None:
    path = GOLDEN / name
    if not path.exists():
        path.write_text(RENDERED[name], encoding="utf-8")
        pytest.fail(f"{path} was missing and has been written: look at it, then keep it")
    assert RENDERED[name] == path.read_text(encoding="utf-8")


def test_rendering_again_gives_the_same_text() -> None:
    assert render_html(FULL) == RENDERED["full.html"]
    assert render_markdown(FULL) == RENDERED["full.md"]
    assert render_json(FULL) == RENDERED["full.json"]
