"""From bytes to text, and what of it no parser should be given."""

from __future__ import annotations

import codecs
import re
from collections import Counter

from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

_DEEPEST = 1_000  # levels; no browser keeps more than 512, and parsing takes time in their square
_STEPS = 1_000_000  # levels above all tags together, which parsers climb again and again ...
_DEEP = 64  # ... where the tags stand that deep on average: no page that people read does
_MOST_TAGS = 300_000  # a page of more holds its reader up for seconds
_MANY_ATTRIBUTES = 256  # of one tag: parsers compare each with all others
_COMPARED = 200_000_000  # comparisons of attributes on a page; what a script's "a<b" is taken for stays far below
_FEW_CHARACTERS = 64_000  # what attributes these can hold is compared in a fifth of a second
_MOST_COPIES = 300_000  # nodes that unclosed formatting may grow into: it is copied into every block that follows
_FEW_TAGS = 2_500  # so few cannot nest deep enough to hurt
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>"'][^\s>]*+)?+)?+"""
# As much of a page as has no tag with too many attributes, read as browsers read tags: a ">" may stand in quotes.
_SPARE = re.compile(
    rf"(?:[^<]++|<(?![A-Za-z])|<[A-Za-z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{_MANY_ATTRIBUTES}}}+(?!{_ATTRIBUTE}))*+"
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_WHOLE = re.compile(rf"<[A-Za-z][^\s/>]*+(?:{_ATTRIBUTE})*+")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]*)")
# The letters that these tags start with are looked at first: it takes a sixth of the time.
_STYLED = re.compile(r"<(?=[bBiIuUsSeEtTcCfFnN])(?i:b|i|u|s|em|tt|big|code|font|nobr|small|strike|strong)[\s/]")
_FORMATTING = frozenset({"b", "i", "u", "s", "em", "tt", "big", "code", "font", "nobr", "small", "strike", "strong"})
# Elements that hold nothing, or that a further one of their kind closes: they do not nest by themselves.
_LEAVES = frozenset({
    "a", "area", "base", "br", "button", "col", "colgroup", "dd", "dt", "embed", "hr", "img", "input", "li",
    "link", "meta", "optgroup", "option", "p", "param", "path", "source", "tbody", "td", "tfoot", "th", "thead",
    "tr", "track", "wbr",
})  # fmt: skip
_INLINE = frozenset(
    {"span", "label", "cite", "abbr", "q", "sub", "sup", "mark", "time", "font", "ins", "del", "var", "kbd"}
)
_WALLS = frozenset({"table", "template", "object"})  # what an end tag does not reach through
_MOST_ALIKE = 3  # formatting elements with equal attributes that parsers copy
_LONGEST_STYLE = 500  # characters of a formatting element's tag: longer ones are never thought alike
_REACH = 100  # open elements that an end tag is matched against
_LATIN = frozenset({"cp1252", "latin-1", "iso8859-1", "ascii", "iso8859-15"})
_ENCODINGS = re.compile(r"(?:utf|cp\d|iso|latin|koi8|mac|gb|big5|euc|shift|tis|hz|johab|kz|ptcp|ascii|windows)")


def decode(html: bytes | str, encoding: str | None = None) -> str:
    """The text of a page as served.

    A byte-order mark wins, then the server's `encoding`, then the page's own declaration, then UTF-8. What is valid
    UTF-8 is not read as a Latin encoding, whatever was declared; what does not fit its encoding, is not UTF-8 and
    declares nothing else is read as windows-1252; stray bytes of a declared encoding are replaced.
    """
    if isinstance(html, str):
        return html.encode("utf-8", "replace").decode("utf-8") if not html.isascii() else html
    marked, bom = read_bom(html)
    if marked and bom:
        return html[len(bom) :].decode(marked, "replace")
    declared = _known(resolve_encoding(encoding) if encoding else None)
    if declared is None:
        declared = _known(html_body_declared_encoding(html))
        if declared is not None and declared.startswith("utf-16"):
            declared = "utf-8"  # a declaration that could be read as ASCII was not written in UTF-16
    if declared is None or declared in _LATIN:
        declared, fallback = "utf-8", "cp1252" if declared is None else declared
    else:
        fallback = "utf-8"
    for candidate in (declared, fallback):
        try:
            return html.decode(candidate)
        except UnicodeDecodeError:
            continue
    return html.decode(fallback if declared == "utf-8" and fallback != "utf-8" else declared, "replace")


def is_tangled(html: str) -> bool:
    """Whether markup nests so deep, leaves so much open, or holds so much of a sort, that only an attack explains it.

    What is not takes any parser time in proportion to its length.
    """
    tags = html.count("<")
    if tags > _MOST_TAGS or _is_overloaded(html):
        return True
    styled = len(_STYLED.findall(html))
    if tags <= _FEW_TAGS and styled * tags <= _MOST_COPIES:
        return False
    copies = steps = 0
    stack = _Stack()
    for count, match in enumerate(_TAG.finditer(html), start=1):
        name = match[2].lower()
        if name not in _LEAVES:
            if match[1]:
                stack.close(name)
            else:
                stack.open(name, html, match.start())
        if not match[1]:
            copies += len(stack.styles)
        depth = len(stack.names)
        steps += depth
        if depth > _DEEPEST or copies > _MOST_COPIES or (steps > _STEPS and steps > _DEEP * count):
            return True
    return False


def _is_overloaded(html: str) -> bool:
    """Whether some tags have so many attributes that a parser would compare them for seconds."""
    spare = _SPARE.match(html) if len(html) > _FEW_CHARACTERS else None
    if spare is None or spare.end() == len(html):
        return False
    long = (tag[0] for tag in _WHOLE.finditer(html) if len(tag[0]) > 2 * _MANY_ATTRIBUTES)
    return sum(len(_ATTRIBUTES.findall(tag)) ** 2 for tag in long) > _COMPARED


class _Stack:
    """The elements that are open, near enough to what a parser would say."""

    __slots__ = ("_alike", "_counts", "names", "styles")

    def __init__(self) -> None:
        self.names: list[str] = []
        self.styles: list[tuple[str, str]] = []  # formatting that is still to be copied into the blocks to come
        self._counts: Counter[str] = Counter()
        self._alike: Counter[str] = Counter()

    def open(self, name: str, html: str, at: int) -> None:
        if name in _FORMATTING:
            whole = _WHOLE.match(html, at, at + _LONGEST_STYLE)
            tag = whole[0] if whole and whole.end() < at + _LONGEST_STYLE else str(at)
            if self._alike[tag] < _MOST_ALIKE:
                self._alike[tag] += 1
                self.styles.append((name, tag))
        self.names.append(name)
        self._counts[name] += 1

    def close(self, name: str) -> None:
        if not self._counts[name]:
            return
        if name in _FORMATTING:
            last = next((i for i in range(len(self.styles) - 1, -1, -1) if self.styles[i][0] == name), None)
            if last is not None:
                self._alike[self.styles.pop(last)[1]] -= 1
        for depth, other in enumerate(reversed(self.names[-_REACH:]), start=1):
            if other == name:
                self._counts.subtract(self.names[-depth:])
                del self.names[-depth:]
                return
            if other in _WALLS or (name in _INLINE and other not in _INLINE and other not in _FORMATTING):
                return


def _known(encoding: str | None) -> str | None:
    """An encoding of text that Python reads; None for its other codecs, which no page is written in."""
    if encoding is None or not _ENCODINGS.match(encoding.lower().replace("_", "-")):
        return None
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return None
