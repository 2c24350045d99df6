"""Fetches pages and reads listings from them: `infer` finds a recipe, `read_listing` applies one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.inference import NoListing, infer, infer_all
    from crawler.listing import read_listing

__all__ = ["NoListing", "infer", "infer_all", "read_listing"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attributes are of any type
    """Loads the readers when they are asked for: most of what imports this package never reads a page."""
    if name == "read_listing":
        from crawler.listing import read_listing  # noqa: PLC0415 - see above

        return read_listing
    if name in {"infer", "infer_all", "NoListing"}:
        from crawler import inference  # noqa: PLC0415 - see above

        return getattr(inference, name)
    raise AttributeError(f"module 'crawler' has no attribute {name!r}")
