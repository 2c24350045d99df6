"""Which part of the entries holds their titles, seen across all of them: one entry alone may not tell.

A docket number, a file's format or a judge's name may be what an entry links by; the part that reads like a headline
in nearly every entry, and in each like another, is the title.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from crawler.headlines import headline
from crawler.nodes import text_of
from crawler.outline import HEADINGS
from crawler.text import fold_title
from crawler.titleline import undated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.grouping import Group
    from crawler.outline import Element, Outline

_T = TypeVar("_T")
_LOOKED_AT = 24  # entries, from all over the list
_LONGEST = 500  # characters of what may hold a title
_MOST_PARTS = 80  # of one entry
_MOST_SAID = 1_000  # headings, or links, of a list that are compared with its titles
_TRUSTED = 0.4  # the share of titles that must be headings, or links, for the others to be in order, too
_MAJORITY, _NEARLY_ALL = 0.5, 0.95
_BETTER = 0.12  # how much more like headlines a part must read than what the reader takes
_ANY_WORD, _SOME_WORDS = 0.3, 0.5  # how much headings and links must read like headlines to be titles
_WORDY = 16  # words of a headline; what has more on average tells the story as well
_PROSE = frozenset({"p", "span", "font", "dd"})  # what a title may happen to be all of, without being its place
_PLAIN = HEADINGS | {"a", "b", "strong", "em", "i", "span", "font", "cite", "p", "dt", "dd", "u", "big"}
_NUMBERED = re.compile(r"\w*\d\w*\s*")
_NAMED = re.compile(r"title|headline|heading|subject|name\b|caption", re.IGNORECASE)


@dataclass(slots=True)
class _Part:
    """What a selector finds first in each entry."""

    texts: dict[int, str]  # by the entry's number
    linked: int = 0
    headed: int = 0
    first: float = 0.0


def title_selector(page: Outline, group: Group, taken: Sequence[str], language: str) -> tuple[str, bool] | None:
    """A selector of the titles, where a part of the entries reads more like them than the titles `taken` so far.

    With it, whether that part says nothing but one link, in most entries.
    """
    extents = _spread(group.extents)
    worth_now = _worth(page, group, _spread(taken), language)
    if worth_now > 1 - _BETTER:
        return None
    best: tuple[float, str] | None = None
    parts = _parts(page, group, extents)
    for selector, part in parts.items():
        worth = _reads(list(part.texts.values()), len(extents), language)
        if worth < worth_now + _BETTER:
            continue
        count = len(part.texts)
        fine = worth + 0.1 * part.linked / count + 0.15 * part.headed / count + 0.1 * bool(_NAMED.search(selector))
        words = sum(len(text.split()) for text in part.texts.values()) / count
        fine -= 0.01 * part.first / count + 0.01 * max(0.0, words - _WORDY)
        if best is None or fine > best[0]:
            best = fine, selector
    if best is None:
        return None
    tight = _tightest(parts, best[1])
    return tight, _links(parts[tight])


def majority(page: Outline, group: Group, taken: Sequence[str], language: str) -> tuple[str, bool] | None:
    """A selector of the part that the reader takes for the title in most entries, to be taken in the others, too.

    With it, whether that part says nothing but one link, in most entries. Where the reader takes more than the part,
    that must say the same in most entries ("… Details"). What the part says in the others must read no less like
    headlines than what the reader takes there.
    """
    extents = _spread(group.extents)
    shown = _spread(taken) if len(taken) == len(group.extents) else []
    wanted = set(taken)
    best: tuple[float, float, str] | None = None
    parts = _parts(page, group, extents)
    for selector, part in parts.items():
        if len(part.texts) < _NEARLY_ALL * len(extents) or selector.split()[-1] in _PROSE:
            continue
        texts = {at: undated(text, language) for at, text in part.texts.items()}
        agreed = sum(text in wanted or _opens(text, shown[at : at + 1]) for at, text in texts.items()) / len(texts)
        rests = {_wordy(shown[at][len(text) :]) for at, text in texts.items() if _opens(text, shown[at : at + 1])}
        if agreed < _MAJORITY or len(rests) > max(2, 0.3 * len(texts)):
            continue
        if _reads(list(texts.values()), len(texts), language) < _reads(taken, len(taken), language) - _BETTER:
            continue
        length = sum(map(len, texts.values())) / len(texts)
        if best is None or (round(agreed, 1), -length) > best[:2]:
            best = round(agreed, 1), -length, selector
    return (best[2], _links(parts[best[2]])) if best else None


def _links(part: _Part) -> bool:
    return 2 * part.linked >= len(part.texts)


def _opens(text: str, shown: Sequence[str]) -> bool:
    return bool(shown) and len(shown[0]) > len(text) and shown[0].startswith(text)


def _wordy(text: str) -> str:
    """What a text says without its numbers: "A1712 [PDF]" and "A1713 [PDF]" say the same."""
    return _NUMBERED.sub("", fold_title(text))


def _tightest(parts: dict[str, _Part], selector: str) -> str:
    """The part that opens the chosen one, where all that follows in it is the same in most entries: "Details"."""
    whole = parts[selector].texts
    for inner, part in parts.items():
        shared = [(text, part.texts[at]) for at, text in whole.items() if at in part.texts]
        if len(shared) < 0.9 * len(whole) or not all(text.startswith(opening) for text, opening in shared):
            continue
        rests = {_wordy(text[len(opening) :]) for text, opening in shared}
        shorter = sum(text != opening for text, opening in shared) > len(shared) / 2
        if shorter and len(rests) <= 0.3 * len(shared):
            return _tightest(parts, inner)
    return selector


def _spread(entries: Sequence[_T]) -> Sequence[_T]:
    return entries[:: -(-len(entries) // _LOOKED_AT) or 1]


def link_selectors(page: Outline, group: Group) -> list[str]:
    """Selectors of links that lead elsewhere from each of nearly all entries, the first link's first."""
    found: dict[str, set[str]] = defaultdict(set)
    for start, end in group.extents:
        seen: set[str] = set()
        for element in page.elements[start:end]:
            if element.href is None:
                continue
            for selector in _selectors(page, element):
                if selector not in seen:
                    seen.add(selector)
                    found[selector].add(element.href)
    enough = 0.8 * len(group.extents)
    return [selector for selector, hrefs in found.items() if len(hrefs) >= enough][:4]


def _worth(page: Outline, group: Group, taken: Sequence[str], language: str) -> float:
    """How much the titles taken so far may be trusted: a heading by its rank, a link's text by its words."""
    worded = sum(headline(text, language) for text in taken) / max(1, len(taken))
    headings, links = _said(page, group, "headings", language), _said(page, group, "links", language)
    count = max(1, len(taken))
    if len({fold_title(text) for text in taken}) < count / 3:
        return worded / 2
    if sum(text in headings for text in taken) >= _TRUSTED * count:
        return 1.0 if worded >= _ANY_WORD else worded
    if sum(text in links for text in taken) >= _TRUSTED * count:
        return 1.0 if worded >= _SOME_WORDS else worded
    return _reads(taken, count, language)


def _said(page: Outline, group: Group, what: str, language: str) -> set[str]:
    """What the headings, or the links, of the entries say."""
    said = (
        at
        for start, end in group.extents
        for at in range(start, end)
        if (page.elements[at].tag in HEADINGS if what == "headings" else page.elements[at].around is not None)
        and page.inside("chars", at) <= _LONGEST
    )
    return {undated(text_of(page.nodes[at]), language) for at in islice(said, _MOST_SAID)}


def _reads(texts: Sequence[str], count: int, language: str) -> float:
    """How much the texts of `count` entries read like headlines, each like another."""
    if not texts:
        return 0.0
    distinct = len({_wordy(text) for text in texts}) / len(texts)
    return distinct * sum(headline(text, language) for text in texts) / count


def _parts(page: Outline, group: Group, extents: Sequence[tuple[int, int]]) -> dict[str, _Part]:
    """What the selectors that fit at least half of the entries find there."""
    found: dict[str, _Part] = defaultdict(lambda: _Part({}))
    for number, (start, end) in enumerate(extents):
        seen: set[str] = set()
        inside = page.elements[start if group.runs_on else start + 1 : end]
        for rank, element in enumerate(inside[:_MOST_PARTS]):
            chars = page.inside("chars", element.at)
            if not 3 <= chars <= _LONGEST:
                continue
            new = [s for s in _selectors(page, element) if s not in seen]
            text = text_of(page.nodes[element.at]) if new else ""
            for selector in new if text else ():
                seen.add(selector)
                part = found[selector]
                part.texts[number] = text
                part.linked += bool(element.around) or _is_link(page, element)
                part.headed += element.tag[0] == "h" or page.inside("headings", element.at) > 0
                part.first += rank
    return {selector: part for selector, part in found.items() if 2 * len(part.texts) >= len(extents)}


def _selectors(page: Outline, element: Element) -> Iterator[str]:
    """How a part may be called: by its classes, by its column, by its tag."""
    yield from (f"{element.tag}.{c}" for c in element.classes[:6])
    if element.tag == "td" and element.parent >= 0:
        yield f"td:nth-child({_column(page, element)})"
    if element.tag in _PLAIN:
        yield element.tag
        cell = page.elements[element.parent] if element.parent >= 0 else None
        if cell is not None and cell.tag == "td":
            yield f"td:nth-child({_column(page, cell)}) > {element.tag}"
        elif cell is not None and cell.classes:
            yield f"{cell.tag}.{cell.classes[0]} > {element.tag}"


def _is_link(page: Outline, element: Element) -> bool:
    """Whether an element says nothing but one link."""
    if page.inside("links", element.at) != 1:
        return False
    link = next(at for at in range(element.at, page.ends[element.at]) if page.elements[at].href is not None)
    return page.inside("chars", link) >= page.inside("chars", element.at) - 2


def _column(page: Outline, cell: Element) -> int:
    return 1 + sum(page.elements[at].parent == cell.parent for at in range(cell.parent + 1, cell.at))
