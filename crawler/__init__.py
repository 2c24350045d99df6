"""Fetches pages and reads listings from them: `infer` finds a recipe, `read_listing` applies one."""

from crawler.infer import NoListing, infer
from crawler.listing import read_listing

__all__ = ["NoListing", "infer", "read_listing"]
