"""Names elements of a page by what their template fixed: ids, classes, the path of tags, not by a build's own names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from selectolax.lexbor import SelectolaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborHTMLParser

    from crawler.outline import Element, Outline

_HIGHEST = 6  # elements above the named ones that may help to name them
_MOST_TRIED = 40  # selectors
_LOOSE = 0.5  # the share of other elements that a selector may find besides, where none is exact
# Classes that say how something looks, which a designer changes more lightly than what it is called.
_LOOKS = re.compile(
    r"(?:[a-z]{1,3}-)?(?:xs|sm|md|lg|xl|xxl)(?:-.*)?|(?:m|p|w|h|d|g|f|z)[tblrxyse]?-.*|(?:text|bg|font|flex|grid|border|rounded"
    r"|shadow|align|justify|items|order|offset|float|pull|col|span|size|wp)-.*|col|row|flex|grid|block|inline|hidden|relative"
    r"|absolute|container|container-fluid|clearfix|clear|left|right|center|fade|lazy|img-fluid|no-.*|hentry|type-.*"
    r"|status-.*|format-.*|post-\w*",
    re.IGNORECASE,
)


def selector_of(page: Outline, tree: LexborHTMLParser, members: tuple[int, ...]) -> str | None:
    """A short selector that finds the members, and what stands in them, and hardly anything else; None if none does."""
    by_kind: dict[str, list[int]] = {}
    for at in members:
        by_kind.setdefault(page.elements[at].tag, []).append(at)
    if len(by_kind) > 3:
        return None
    named = [_name(page, tree, tuple(part)) for part in by_kind.values()]
    return ", ".join(name for name in named if name) if all(named) else None


def _name(page: Outline, tree: LexborHTMLParser, members: tuple[int, ...]) -> str | None:
    wanted = set(members)
    best: tuple[int, str] | None = None
    for tried, selector in enumerate(_selectors(page, members)):
        if tried >= _MOST_TRIED:
            break
        others = _others(page, tree, selector, wanted)
        if others == 0:
            return selector
        if others is not None and others <= _LOOSE * len(members) and (best is None or others < best[0]):
            best = others, selector
    return best[1] if best else None


def _others(page: Outline, tree: LexborHTMLParser, selector: str, wanted: set[int]) -> int | None:
    """How many other elements a selector finds, those inside the wanted apart; None where it hides some of them."""
    if selector not in page.found:
        page.found[selector] = _found(page, tree, selector)
    outermost = page.found[selector]
    return len(outermost) - len(wanted) if wanted <= outermost else None


def _found(page: Outline, tree: LexborHTMLParser, selector: str) -> frozenset[int]:
    """What a selector finds that stands in nothing else it finds."""
    try:
        found = sorted(page.numbers.get(node.mem_id, -1) for node in tree.css(selector))
    except SelectolaxError:
        return frozenset()
    end = 0
    outermost = []
    for at in found:
        if at >= end:
            outermost.append(at)
            end = page.ends[at]
    return frozenset(outermost)


def _selectors(page: Outline, members: tuple[int, ...]) -> Iterator[str]:
    """Selectors to try, the plainest first."""
    first = page.elements[members[0]]
    own = [page.elements[at] for at in members]
    forms = _forms(own)
    with_class = [form for form in forms if "." in form]
    yield from with_class
    scopes = list(_scopes(page, members))
    for scope in scopes:
        for form in forms:
            yield scope + form
    marks = list(_marks(page, members))
    near = [scope for scope in scopes if not {".", "#"}.isdisjoint(scope)][
        :2
    ]  # other tables of a page are not its list
    for tried in ([*near, ""], [scope for scope in scopes if scope not in near]):
        for mark in marks:
            for scope in tried:
                yield f"{scope}{forms[0] if forms else first.tag}{mark}"


def _forms(own: list[Element]) -> list[str]:
    """How the members themselves may be called: by a class they share, by all of these, by their tag."""
    tag = own[0].tag
    shared = [c for c in own[0].classes if all(c in other.classes for other in own[1:])]
    told = [c for c in shared if not _LOOKS.fullmatch(c)]
    forms = [f"{tag}.{c}" for c in told[:4]]
    if len(told) > 1:
        forms.append(".".join([tag, *told]))
    looks = [c for c in shared if _LOOKS.fullmatch(c)]
    forms.append(tag)
    if looks:
        forms.append(".".join([tag, *told, *looks]))
    return forms


def _scopes(page: Outline, members: tuple[int, ...]) -> Iterator[str]:
    """What the members stand in, from near to far: right in a parent so called, or anywhere in something so called."""
    step = {page.elements[at].parent for at in members}
    beneath = page.elements[members[0]].tag
    path = ""
    for height in range(_HIGHEST):
        above = [page.elements[at] for at in sorted(step) if at >= 0]
        if not above or len({element.tag for element in above}) > 1:
            return
        # A parser puts a tbody between a table and its rows where there is none: both ways are the same to the page.
        glue = " " if beneath == "tr" else " > "
        for form in _scope_forms(above):
            yield f"{form}{glue}{path}"
            if height:
                yield f"{form} "
        if above[0].tag in {"html", "body"}:
            return
        if above[0].tag != "tbody":
            path = f"{above[0].tag}{glue}{path}"
            yield path
            beneath = above[0].tag
        step = {element.parent for element in above}


def _scope_forms(above: list[Element]) -> Iterator[str]:
    if len(above) == 1 and above[0].name:
        yield f"{above[0].tag}#{above[0].name}"
    yield from (form for form in _forms(above) if "." in form)


def _marks(page: Outline, members: tuple[int, ...]) -> Iterator[str]:
    """What the members hold and others may not: a link, a heading, a time, so many cells."""
    for tag in ("a[href]", "time", "h2", "h3", "h4"):
        plain = tag.partition("[")[0]
        if all(_holds(page, at, plain) for at in members):
            yield f":has({tag})"
    kinds = set.intersection(*(_kinds(page, at) for at in members[:20]))
    yield from (f":has({kind})" for kind in sorted(kinds)[:8])
    if page.elements[members[0]].tag == "tr":
        cells = min(sum(page.elements[i].parent == at for i in range(at + 1, page.ends[at])) for at in members)
        linked = ":has(a[href])" if all(_holds(page, at, "a") for at in members) else ""
        for number in range(cells, 1, -1):
            yield f":has(> td:nth-child({number}))"
            if linked:
                yield f":has(> td:nth-child({number})){linked}"


def _holds(page: Outline, at: int, tag: str) -> bool:
    return any(page.elements[i].tag == tag for i in range(at + 1, page.ends[at]))


def _kinds(page: Outline, at: int) -> set[str]:
    """The tags with their telling classes that stand in an element."""
    return {
        f"{element.tag}.{c}"
        for element in page.elements[at + 1 : page.ends[at]]
        for c in element.classes
        if not _LOOKS.fullmatch(c)
    }
