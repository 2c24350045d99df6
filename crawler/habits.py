"""What the entries of one list have in common: words that lead on, and the column in which their titles stand."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from crawler import dates
from crawler.nodes import Sheet, text_of
from crawler.sentences import is_code, is_read_more
from crawler.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from selectolax.lexbor import LexborNode

_FEWEST, _SHARE = 3, 0.3  # entries in which what is no title is repeated
_MOST_LINKS = 20  # of an entry
_MOST_ROWS = 60  # that tell which column holds the titles
_MOST_OPENED = 20  # entries that tell whether days are printed at the edges of their titles
_MOST_PIECES = 8  # of an entry
_BESIDE_DAY = 12  # characters beside a day without a year: "Wednesday, "
_LONGEST = 250  # characters of a title in a cell: what is longer is told of it
_TELLING = 60  # characters of a title: more make a column no better
_COVERED = 0.4  # of the rows in which a column of titles says something of its own
_LONGEST_HEAD = 60  # characters of the name of a column
# What columns of titles are called, and those that only look like them.
_CALLED = re.compile(
    r"\b(?:title|headline|caption|style|parties|subject|case name|name of case|release|document|titel|betreff|titre"
    r"|objet|título|titulo|asunto|assunto|titolo|oggetto|onderwerp|tytuł|rubrik|otsikko|название|заголовок|тема)\b"
    r"|标题|標題|件名|タイトル|제목|العنوان",
    re.IGNORECASE,
)
_NOT_CALLED = re.compile(
    r"\b(?:judges?|justices?|authors?|panel|type|topics?|keywords?|issues?|summary|description|county|court|status"
    r"|disposition|department|ministry|office|category|richter|autor|auteur|résumé|thema|resumen|автор|аннотация)\b"
    r"|摘要|作者|分类",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_DIGIT = re.compile(r"\d")
_MARK = re.compile(r"\s*[–—:|•·)\]】]\s*|\s+-+\s+|-\s+|\s*$")  # what parts a day from the title beside it
_AROUND_DAY = " ([【–—-:|•·,;"


@dataclass(slots=True)
class _Column:
    """What one column says: texts that may be titles, and how many of them lead anywhere."""

    texts: list[str] = field(default_factory=list)
    links: int = 0


class Habits:
    """What the entries of one list have in common, worked out when it is first asked for."""

    def __init__(self, nodes: Sequence[LexborNode], language: str) -> None:
        self._nodes = nodes
        self._language = language

    @cached_property
    def common(self) -> frozenset[str]:
        """Texts of links and headings that many entries share: "View decision", "Background"."""
        shared: Counter[str] = Counter()
        for node in self._nodes:
            shown = node.css("a[href], h1, h2, h3, h4, h5, h6")[:_MOST_LINKS]
            shared.update({clean(one.text(separator=" ")) for one in shown})
        least = max(_FEWEST, _SHARE * len(self._nodes))
        return frozenset(text for text, count in shared.items() if text and count >= least)

    @cached_property
    def tells_days(self) -> bool:
        """Whether most entries tell a day without a year beside their titles, as `day_beside` finds it."""
        first = self._nodes[:_MOST_OPENED]
        dated = [node for node in first if _DIGIT.search(node.text())]  # reading them costs more
        if 2 * len(dated) < len(first):
            return False
        told = sum(day_beside(Sheet(node), self._language) != "" for node in dated)
        return told >= max(2, len(first) / 2)

    @cached_property
    def title_column(self) -> int | None:
        """The column of a table that holds the titles: words, hardly twice the same, no dates and no numbers."""
        rows = [row for row in map(cells, self._nodes[:_MOST_ROWS]) if len(row) > 1]
        columns: dict[int, _Column] = {}
        for row in rows:
            for number, cell in enumerate(row):
                text = text_of(cell)
                if may_be_title(text, self._language):
                    column = columns.setdefault(number, _Column())
                    column.texts.append(text)
                    column.links += cell.css_first("a[href]") is not None
        heads = _heads(self._nodes[0])
        worth = {
            number: _worth(column, len(rows)) * _called(heads[number] if number < len(heads) else "")
            for number, column in columns.items()
        }
        best = max(worth, key=lambda number: worth[number], default=None)
        return best if best is not None and worth[best] > 0 else None


def _heads(row: LexborNode) -> list[str]:
    """What the columns of a row's table are called; nothing where that is not told."""
    table: LexborNode | None = row
    while table is not None and table.tag != "table":
        table = table.parent
    first = table.css_first("tr") if table is not None else None
    heads = cells(first) if first is not None else []
    if not all(head.tag == "th" or head.css_first("b, strong") is not None for head in heads):
        return []  # it is a row as others are
    return [clean(head.text(separator=" "))[:_LONGEST_HEAD] for head in heads]


def _called(head: str) -> float:
    """How much more, or less, a column may hold titles for what it is called."""
    if _NOT_CALLED.search(head):
        return 0.2
    return 6.0 if _CALLED.search(head) else 1.0


def cells(row: LexborNode) -> list[LexborNode]:
    """The cells of a table's row; none for what is no row."""
    found = []
    step = row.first_child if row.tag == "tr" else None
    while step is not None:
        if step.tag in {"td", "th"}:
            found.append(step)
        step = step.next
    return found


def day_beside(sheet: Sheet, language: str) -> str:
    """The day without a year that opens an entry before a mark ("4 May – Ministers meet"), or is all of a text in it.

    One entry may be about such a day: it is its date only where most entries of the list tell one.
    """
    shown = (piece.lstrip(_AROUND_DAY) for piece in sheet.pieces())
    for number, piece in enumerate(islice(filter(None, shown), _MOST_PIECES)):
        mark = _MARK.search(piece)
        head = piece[: mark.start()] if mark is not None else piece
        if number and mark is not None and mark.end() < len(piece):
            continue
        if any(map(str.isdigit, head)) and _is_day(head, language):
            return head
    return ""


def _is_day(text: str, language: str) -> bool:
    found = dates.span(text, language=language) if dates.is_yearless(text, language) else None
    return found is not None and len(text) - (found[1] - found[0]) <= _BESIDE_DAY


def may_be_title(text: str, language: str) -> bool:
    """Whether a short text could be a title: words, and more than a date, a number or "read more"."""
    if not text or len(text) > _LONGEST or is_code(text) or is_read_more(text):
        return False
    if (found := dates.span(text, language=language)) is not None and found[1] - found[0] >= len(text) // 2:
        return False
    return len(_WORD.findall(text)) >= 2 or (not text.isascii() and len(text) >= 6)


def _worth(column: _Column, rows: int) -> float:
    different = set(column.texts)
    if len(different) < _COVERED * rows:
        return 0.0
    length = sum(min(len(text), _TELLING) for text in different) / len(different)
    return len(different) / rows * length * (1 + column.links / len(column.texts))
