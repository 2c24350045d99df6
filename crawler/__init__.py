"""Fetches pages and reads listings from them: `infer` finds a recipe, `read_listing` applies one."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.infer import NoListing, infer
    from crawler.listing import read_listing

__all__ = ["NoListing", "infer", "read_listing"]

_HOMES = {"NoListing": "crawler.infer", "infer": "crawler.infer", "read_listing": "crawler.listing"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 (what a module holds may be anything)
    """Loads the parsers when they are first asked for: a command that does not read pages starts without them."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
