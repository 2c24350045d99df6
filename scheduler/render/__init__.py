"""Renders issues of digests: pure functions from records to text, the same bytes every time."""

from __future__ import annotations

from scheduler.render.atom import render_atom
from scheduler.render.html import render_html
from scheduler.render.index import render_index
from scheduler.render.json_ import change_json, render_json
from scheduler.render.markdown import render_markdown

__all__ = ["change_json", "render_atom", "render_html", "render_index", "render_json", "render_markdown"]
