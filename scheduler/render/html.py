"""An issue as one self-contained HTML file, for a person with a coffee."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from scheduler.render.cards import Edit
from scheduler.render.view import view
from scheduler.render.words import Op, Piece, diff
from storage.records import Issue

LAYOUT = "2"
"""Names the layout of HTML, Markdown and index files: a file of another layout cannot be compared byte for byte."""

FILE_FORMATS = ("html", "md", "json")
"""Endings of an issue's files, the one to read first."""


@lru_cache(maxsize=1)
def templates() -> Environment:
    """The templates, with everything escaped and nothing undefined."""
    environment = Environment(
        loader=PackageLoader("scheduler"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["pieces"] = pieces
    environment.globals["layout"] = LAYOUT
    return environment


def render_html(issue: Issue) -> str:
    """The issue as a whole HTML document without scripts or anything loaded from elsewhere."""
    siblings = [ending for ending in FILE_FORMATS if ending in {*issue.formats, "json"} and ending != "html"]
    template = templates().get_template("issue.html.j2")
    return template.render(view=view(issue), issue=issue, siblings=siblings)


def pieces(edit: Edit) -> tuple[Piece, ...]:
    """What became of the words of an edited field; whole values where it was or became empty, or asks for them."""
    before, after = edit.before or "", edit.after or ""
    if edit.words and before and after:
        return diff(before, after)
    removed = (Piece(Op.REMOVED, before, spaced=bool(after)),) if before else ()
    return (*removed, Piece(Op.ADDED, after)) if after else removed
