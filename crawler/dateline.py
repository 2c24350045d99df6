"""The date of an entry, and the caption of its picture, which may stand on the date's own lines."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler import dates
from crawler.datefind import is_other
from crawler.habits import day_beside
from crawler.reading import BESIDE_IN_HEADING, HEADINGS, LONGEST, PROSE, Dated, Reading, is_date, path
from crawler.sentences import first_sentence, is_read_more
from crawler.text import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from selectolax.lexbor import LexborNode

    from crawler.nodes import Line

_DATA = (
    "date", "datetime", "time", "timestamp", "published", "pubdate", "publish-date", "created", "epoch", "utc",
)  # fmt: skip
_SORTED = ("data-sort", "data-sort-value", "data-order")  # by which a table is sorted, which may be by anything
_STAMPS = "time, [datetime], [itemprop*=date i], abbr[title], " + ", ".join(
    f"[{name}]" for name in (*(f"data-{name}" for name in _DATA), *_SORTED)
)
_STAMP_ATTRIBUTES = ("datetime", "content", *(f"data-{name}" for name in _DATA), "title")
_STAMPED = frozenset((*_STAMP_ATTRIBUTES, *_SORTED))
_DATE_WORDS = ("date", "time", "posted", "publi", "submitted", "created", "meta", "day")
_DATES = ", ".join(f"[class*={word} i]" for word in _DATE_WORDS) + ", [id*=date i]"
_LEAVES = "span, em, small, i, b, strong, font, p, div, td, li, dd, dt"
_CAPTIONS = "figcaption, [class*=caption i], [class*=credit i]"
_EDITED = re.compile(r"modif|updated|deadline|expir|closing|event", re.IGNORECASE)  # what other dates are called
_CREDIT = re.compile(
    r"(?:photos?|images?|picture|photograph|credit|foto|imagen|bild)\s?(?:by|de|von|:|credit|courtesy)"
    r"|courtesy of\b|©|\(c\)\s"
)
_LONGEST_CREDIT_WORD = 40  # characters, with blanks
_SHORTEST_CREDIT = 20  # characters of a date and a credit
_BEFORE_DATE = frozenset("(|–—,-:·•")  # what a date that closes a line may stand behind
_LONGEST_DATE = 120  # characters of an element that is named for its date, with what else it says ("by", "in")


def read_dated(node: LexborNode, reading: Reading) -> Dated | None:
    """The text and the stamp of one element, where either holds a date."""
    stamp, text = _stamp(node), reading.text(node)
    if len(text) > _LONGEST_DATE or not dates.span(text, language=reading.place.language):
        text = ""
    elif not stamp:
        stamp = _stamp(node, _SORTED)
    return Dated(text, stamp) if text or stamp else None


def _stamp(node: LexborNode, names: Sequence[str] = _STAMP_ATTRIBUTES) -> str:
    """The date in an attribute of an element."""
    attributes = node.attributes
    if not attributes or _STAMPED.isdisjoint(attributes):
        return ""
    return next((v for name in names if (v := attributes.get(name)) and dates.span(v.strip())), "") or ""


def opening_date(node: LexborNode, reading: Reading) -> Dated | None:
    """The date at the head of an element that goes on to say more: a caption may stand on the date's own lines."""
    for line in reading.sheet.lines(inside=node.mem_id)[:3]:
        head = line.text[:_LONGEST_DATE]
        found = dates.span(head, language=reading.place.language)
        if found is not None:
            return Dated(head[: found[1]])
    return None


def find_date(reading: Reading) -> tuple[Dated, LexborNode | None]:
    """The date, and its node: a `<time>` or an attribute, else an element named for it, else a line or its edge."""
    language = reading.place.language
    if reading.named("<time", "date", "data-", "<abbr"):
        for node in sorted(reading.others(_STAMPS), key=_is_edit):
            if (dated := read_dated(node, reading)) is not None:
                return dated, node
        own = read_dated(reading.node, reading)
        if own is not None and own.stamp:
            return Dated(stamp=own.stamp), None
    if reading.named(*_DATE_WORDS):
        for node in sorted(reading.others(_DATES), key=_is_edit):
            if (text := _named_date(node, reading)) is not None:
                return Dated(text, _stamp(node)), node
    if (leaf := _leaf(reading)) is not None:
        return Dated(reading.text(leaf)), leaf
    shown = reading.sheet.lines()
    lines = [line.text for line in shown if _is_date_line(line, language)]
    own_line = next((text for text in lines if not _is_of_other(text, language)), "")
    printed = own_line or _piece(reading, shown) or _edge(shown, language) or next(iter(lines), "")
    if not printed and reading.habits is not None and reading.habits.tells_days:
        printed = day_beside(reading.sheet, language)
    return Dated(printed), None


def _is_of_other(text: str, language: str) -> bool:
    """Whether the date in a text is marked as that of a deadline, a hearing and the like."""
    found = dates.span(text, language=language)
    return found is not None and is_other(text[: found[0]])


def _leaf(reading: Reading) -> LexborNode | None:
    """The innermost element that says nothing but a date.

    Bare digits, which may be a number of a file, and the date of a deadline come last.
    """
    doubtful = None
    for node in reading.others(_LEAVES):
        only = node.first_child
        if only is None or only.next is not None or only.tag != "-text":
            continue
        text = reading.text(node)
        if not is_date(text, reading.place.language):
            continue
        if not text.isdigit() and not _is_of_other(text, reading.place.language):
            return node
        doubtful = doubtful or node
    return doubtful


def _piece(reading: Reading, shown: list[Line]) -> str:
    """A date that is all that is written between two tags: "<b>Ministers meet</b> 4 May 2021"."""
    language = reading.place.language
    if not any(dates.span(line.text, language=language) for line in shown):
        return ""
    pieces = reading.sheet.pieces()
    return next((piece for piece in pieces if is_date(piece, language, beside=BESIDE_IN_HEADING)), "")


def _is_date_line(line: Line, language: str) -> bool:
    heads = len(line.block) == 2 and line.block[0] == "h"
    return is_date(line.text, language, beside=BESIDE_IN_HEADING) if heads else is_date(line.text, language)


def _is_edit(node: LexborNode) -> bool:
    attributes = node.attributes
    return bool(_EDITED.search(f"{attributes.get('class')} {attributes.get('itemprop')}"))


def _named_date(node: LexborNode, reading: Reading) -> str | None:
    """The date in an element named for one: all of it, or one of its first lines; not in a box around title and all."""
    language = reading.place.language
    shown = reading.sheet.lines(inside=node.mem_id)
    text = " ".join(line.text for line in shown)
    if len(text) > LONGEST["caption"]:
        return None
    if not is_date(text, language) and node.css_first(f"{HEADINGS}, a[href]") is not None:
        return None
    if len(text) <= _LONGEST_DATE and dates.span(text, language=language):
        return text
    return next((line.text for line in shown[:3] if is_date(line.text, language)), None)


def _edge(shown: list[Line], language: str) -> str:
    """A date that opens a line ("July 3, 2018 – Ministers meet"), or closes it: "… (3 July 2018)", "… 3/7/2018"."""
    for line in shown:
        found = dates.span(line.text, language=language)
        if found is None:
            continue
        before, end = line.text[: found[0]], found[1]
        text = line.text[found[0] : end]
        parted = before.rstrip()[-1:] in _BEFORE_DATE or not any(map(str.isalpha, text))
        if found[0] <= 1 or (end >= len(line.text) - 1 and parted and not is_other(before)):
            return text
    return ""


def find_caption(reading: Reading, date_node: LexborNode | None) -> str | None:
    """A picture's caption or credit: named so, or beside the picture, or on the date's own lines."""
    found = []
    if reading.named("caption", "credit"):
        for node in reading.others(_CAPTIONS):
            text = reading.text(node)
            if text and not reading.is_used(node) and _is_caption(node, text, date_node):
                reading.used.add(node.mem_id)
                found.append(text)
    if not found and reading.named("<img"):
        found = _beside_picture(reading, date_node)
    found = found or _opening_credit(reading) or _on_date_lines(reading, date_node) or _under_date(reading, date_node)
    return cut(" ".join(found), LONGEST["caption"]) if found else None


def _is_caption(node: LexborNode, text: str, date_node: LexborNode | None) -> bool:
    """Not a box that some frameworks call a caption, with heading, date and all."""
    if date_node is not None and node.mem_id in path(date_node):
        return False
    return node.css_first(HEADINGS) is None and not is_read_more(text)


def _beside_picture(reading: Reading, date_node: LexborNode | None) -> list[str]:
    """The text of the box that a picture stands in, where the box holds nothing else and is not all of the entry."""
    inside = reading.node.mem_id
    for picture in reading.others("img"):
        box = picture.parent
        while (
            box is not None and box.mem_id != inside and box.tag in {"a", "picture", "span"} and not reading.text(box)
        ):
            box = box.parent
        if box is None or box.mem_id == inside or box.tag in {"a", "p"}:
            continue
        text = reading.text(box)
        if not text or len(text) > 4 * PROSE or not _is_caption(box, text, date_node):
            continue
        if box.css_first("p + p, time, ul, ol, table, a") is None and reading.sheet.lines({box.mem_id}):
            reading.used.add(box.mem_id)
            return [text]
    return []


def _opening_credit(reading: Reading) -> list[str]:
    """A credit line that opens the entry: "Photo by …"."""
    if not any(_names_credit(line.text) for line in reading.sheet.shown(reading.used)):
        return []
    first = reading.first_free_line()
    if first is None or len(first.text) > 300 or not _names_credit(first.text):
        return []
    for node in reading.others(_LEAVES):
        if first.is_in(node) and reading.text(node) == first.text:
            reading.used.add(node.mem_id)
            return [first.text]
    return []


def _names_credit(text: str) -> bool:
    return _CREDIT.match(text[:_LONGEST_CREDIT_WORD].lower()) is not None


def _under_date(reading: Reading, date_node: LexborNode | None) -> list[str]:
    """Several sentences in a box of their own between the date and the paragraphs of the story."""
    shown = list(islice(reading.sheet.shown(reading.used), 2)) if date_node is not None else []
    if len(shown) < 2 or shown[0].block != "div" or shown[1].block != "p":
        return []
    text = shown[0].text
    if len(text) < PROSE or first_sentence(text) == text:
        return []
    for node in reading.others("div, span, em, small"):
        if shown[0].is_in(node) and reading.text(node) == text:
            reading.used.add(node.mem_id)
            return [text]
    return []


def _on_date_lines(reading: Reading, date_node: LexborNode | None) -> list[str]:
    """What stands behind the date in its own element, where the entry tells its story elsewhere."""
    if date_node is None or len(reading.text(date_node)) < _SHORTEST_CREDIT:
        return []
    shown = reading.sheet.lines(inside=date_node.mem_id)
    if not any(len(line.text) >= PROSE // 2 for line in reading.sheet.lines({date_node.mem_id})):
        return []
    rest = []
    for line in shown:
        found = dates.span(line.text[:60], language=reading.place.language)
        rest.append(line.text if found is None else line.text[found[1] :].strip(" ,;:|–—-"))
    text = " ".join(filter(None, rest))
    if len(shown) > 1 and _names_credit(text):
        return [text]
    enough = PROSE if len(shown) == 1 else PROSE // 2  # on the date's very line may also stand who wrote it, and where
    return [text] if len(text) >= enough else []
