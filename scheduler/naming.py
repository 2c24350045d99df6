"""Names for newsrooms that are added: ids that a person reads and that stand for one newsroom only. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain, count
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_LONGEST_PART, _TITLE_WORDS = 40, 4
_SHORT_SUFFIX = 3  # letters that the part before a country's may have: "co.uk", "gov.au", "org.za"
# Steps of a path that do not tell one newsroom from another.
_UNTELLING = re.compile(
    r"\d*|index\d*|default|home|main|all|latest|feeds?|rss\d*|atom|rdf|xml|json|page\d*|[a-z]{2}(?:-[a-z]{2})?"
)


def newsroom_id(url: str, taken: Collection[str], *, title: str = "") -> str:
    """An id for the newsroom at `url` that is not among `taken`: its site and the last telling step of its path.

    Where that is taken, its whole host name, then words of its title, then a number make the difference.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    steps = [slug(re.sub(r"\.[A-Za-z]{2,5}$", "", step)) for step in unquote(parts.path).split("/")]
    step = next((one for one in reversed(steps) if one and not _UNTELLING.fullmatch(one)), "")
    words = "-".join(slug(title).split("-")[:_TITLE_WORDS])
    site, whole = slug(_site(host)), slug(host)
    named = [_joined(site, step), _joined(whole, step), _joined(site, words), _joined(site, step, words)]
    first = next(name for name in [*named, "newsroom"] if name)
    return next(name for name in chain(filter(None, named), [first], _numbered(first)) if name not in taken)


def slug(text: str) -> str:
    """Lower-case ASCII letters and digits joined by hyphens, cut between words where it is long."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    kept: list[str] = []
    for word in words:
        if kept and len("-".join([*kept, word])) > _LONGEST_PART:
            break
        kept.append(word[:_LONGEST_PART])
    return "-".join(kept)


def _site(host: str) -> str:
    """The part of a host name that names its owner, with what stands before it: "amnesty" of "amnesty.org.uk"."""
    labels = host.split(".")
    if len(labels) < 2 or labels[-1].isdigit():
        return host
    labels.pop()
    if len(labels) > 1 and len(labels[-1]) <= _SHORT_SUFFIX:
        labels.pop()
    return ".".join(labels)


def _joined(*parts: str) -> str:
    return "-".join(filter(None, parts))


def _numbered(name: str) -> Iterator[str]:
    return (f"{name}-{number}" for number in count(2))
