"""Tries the recipes of a configuration file; apart, because it loads what reads pages."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from crawler.listing import RecipeError, read_listing
from storage.records import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scheduler.configfile import Path

_SELECTORS = ("entry", "title", "link", "date", "kind", "summary", "caption", "next")


def recipe_faults(raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """The selectors of a file, already checked by its schema, that are none: where, and what to do."""
    fault_of = cache(_fault)  # a thousand newsrooms share a few layouts, and their selectors
    for place, newsroom in enumerate(raw.get("newsroom", [])):
        recipe = newsroom.get("recipe", {})
        shown = ("entry", "next") if "data" in recipe else _SELECTORS  # of data, the others are keys
        for name in (name for name in shown if name in recipe):
            if said := fault_of(name, recipe[name]):
                yield ("newsroom", place, "recipe", name), f'{said}; write for example "div.news a" or "time@datetime"'


def _fault(name: str, selector: str) -> str:
    """What is wrong with one selector of a recipe; empty where nothing is."""
    try:
        read_listing(replace(Recipe("body"), **{name: selector}), "", "https://presswatch.invalid/")  # type: ignore[arg-type]  # each is a text
    except RecipeError as error:
        return str(error).removeprefix(f"the recipe's {name} selector ")
    return ""
