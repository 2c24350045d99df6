"""The title of an entry: what heads it, what it links by, or what it says first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import dates
from crawler.entry import names_kind
from crawler.habits import cells, may_be_title
from crawler.reading import BESIDE_IN_HEADING, PROSE, Reading, is_date
from crawler.sentences import first_sentence, is_code, is_read_more
from crawler.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from selectolax.lexbor import LexborNode

_TITLES = "[class*=title i], [class*=headline i], [itemprop=headline], [itemprop=name]"
_TITLE_CHARACTERS, _TITLE_WORDS = 15, 3  # what a title has at least one of
_LONGEST_HEADING = 400
_LONGEST_LABEL, _MOST_LABELS = 40, 10
_LONGEST_IN_CELL = 250  # characters of a cell that is all title: of a longer one, the first line
_LONGEST_MARK = 8  # characters of what stands behind the date that closes a title
_LONGEST_PREPOSITION = 5  # letters of a word that ties a date to the title: "of 5/4/2021"
_FILED = ("filed", "dated", "posted", "published", "issued")
_OPENS = " ([【"  # what a date that opens a title may stand behind
_SIGNS = " ,;:|–—-•·*/"  # what may part a title from a date or a label beside it


def find_title(reading: Reading, story: Sequence[str] = ()) -> tuple[str, LexborNode | None]:
    """The title, and its node: a heading, else the longest fitting link text, else the first sentence, else a label.

    A number by which the document is filed, or words that many entries share, are the title only where nothing better
    stands beside them. The sentence is that of `story`, the lines of the recipe's summary, where there are any.
    """
    weak: list[LexborNode] = []
    for source in (_of_headings, _of_named, _of_links):
        found = source(reading)
        if found is not None and _stands(reading, found, source):
            return _told(reading, found), found
        weak += [found] if found is not None else []
    if (cell := _title_cell(reading)) is not None:
        return of_cell(reading, cell), cell
    weak += [a for a in reading.links() if is_code(reading.text(a))][:1]
    if weak:
        beside = _beside(reading, weak[0])
        return (beside, None) if beside else (_told(reading, weak[0]), weak[0])
    lines = [(line.text, line.block in {"p", "blockquote"}) for line in reading.free_lines()]
    shown = [*((text, True) for text in story), *lines]
    text, in_story = next((one for one in shown if _like_title(one[0])), shown[0] if shown else ("", False))
    if text:
        text = undated(text, reading.place.language)
        return first_sentence(text) if in_story or len(text) > PROSE else text, None
    return _label(reading) or next((line.text for line in reading.sheet.lines()), ""), None


def _stands(reading: Reading, found: LexborNode, source: object) -> bool:
    """Whether a title needs no other; a heading that leads somewhere is one, even if others say the same."""
    text = _own(reading, found)
    return not reading.is_weak(text) or (
        source is _of_headings and not is_code(text) and reading.link_in(found) is not None
    )


def _of_headings(reading: Reading) -> LexborNode | None:
    headings = reading.headings()
    strong = [node for node in headings if not reading.is_weak(reading.text(node))]
    return _heading(reading, strong) or _heading(reading, headings)


def _of_named(reading: Reading) -> LexborNode | None:
    return _heading(reading, reading.others(_TITLES)) if reading.named("title", "headline", "name") else None


def _heading(reading: Reading, headings: list[LexborNode]) -> LexborNode | None:
    """The first that heads the entry: one that links, else one before any prose; subheadings come after it."""
    linked: list[tuple[bool, LexborNode]] = []
    plain: list[tuple[bool, LexborNode]] = []
    for node in headings:
        text = reading.text(node)
        if not text or len(text) > _LONGEST_HEADING or is_read_more(text):
            continue
        if is_date(text, reading.place.language, beside=BESIDE_IN_HEADING):
            continue
        if not reading.is_used(node):
            (linked if reading.link_in(node) else plain).append((not _like_title(text), node))
    for group in (linked, plain):
        for _, node in sorted(group, key=lambda found: found[0]):
            if group is linked or not _after_prose(reading, node):
                return node
    return None


def _after_prose(reading: Reading, node: LexborNode) -> bool:
    for line in reading.sheet.shown(reading.used):
        if line.is_in(node):
            return False
        if len(line.text) >= PROSE:
            return True
    return False


def _of_links(reading: Reading) -> LexborNode | None:
    """The longest link text that is a title; a weak one only where there is no other."""
    best: tuple[bool, int] = (False, 0)
    found = None
    for a in reading.links():
        text = _own(reading, a)
        worth = not reading.is_weak(text), len(text)
        if worth > best and text and _fits(reading, a, text):
            best, found = worth, a
    return found


def _fits(reading: Reading, a: LexborNode, text: str) -> bool:
    """Whether a link's text is a title: not "read more", not a date, not a word or two inside a sentence."""
    language = reading.place.language
    if len(text) > _LONGEST_HEADING or is_read_more(text) or reading.leads(a) is None:
        return False
    if is_date(text, language) and not _like_title(_rest(text, language)):
        return False
    if reading.is_used(a) or (not _like_title(text) and len(reading.free_lines()) > 1):
        return False
    around = next((line for line in reading.sheet.shown(reading.used) if text in line.text), None)
    if around is None:
        return len(reading.sheet.lines(inside=a.mem_id)) == 1
    found = dates.span(around.text, language=language)
    others = len(around.text) - len(text) - (found[1] - found[0] if found else 0)
    return others <= max(len(text), 25) or (len(text) > 60 and others < 2 * len(text))


def _like_title(text: str) -> bool:
    return (
        len(text) >= _TITLE_CHARACTERS or len(text.split()) >= _TITLE_WORDS or (len(text) >= 6 and not text.isascii())
    )


def _own(reading: Reading, node: LexborNode) -> str:
    """The text of a node without the date that was found in it, and without the label that opens it."""
    text = reading.text(node)
    only = node.first_child
    if only is None or (only.next is None and only.tag == "-text"):
        return text
    aside = {one.mem_id for one in node.css("[class]")[:_MOST_LABELS] if _is_label(reading, one, text)}
    if not reading.used and not aside:
        return text
    rest = " ".join(line.text for line in reading.sheet.lines(reading.used | aside, node.mem_id))
    return text if rest in {text, ""} else rest.strip(_SIGNS)


def _is_label(reading: Reading, node: LexborNode, title: str) -> bool:
    """Whether an element in a title is a short word for its kind before the title proper."""
    if not names_kind(node.attributes.get("class") or ""):
        return False
    label = reading.text(node)
    return 0 < len(label) <= _LONGEST_LABEL and title.startswith(label) and _like_title(title[len(label) :].strip())


def _told(reading: Reading, node: LexborNode) -> str:
    """The title that a node tells; of a heading that is mostly a link, what the link says."""
    text = _own(reading, node)
    links = [a for a in node.css("a[href]") if reading.leads(a) is not None] if node.tag != "a" else []
    if len(links) == 1:
        linked = _own(reading, links[0])
        if linked and 2 * len(linked) >= len(text) and may_be_title(linked, reading.place.language):
            text = linked
    return undated(whole(reading, text), reading.place.language)


def _title_cell(reading: Reading) -> LexborNode | None:
    """The cell in the column of titles, where it says anything but a number or a date."""
    row = cells(reading.node)
    column = reading.habits.title_column if row and reading.habits is not None else None
    if column is None or column >= len(row) or reading.is_used(row[column]):
        return None
    text = of_cell(reading, row[column])
    says = any(map(str.isalpha, text)) and not is_date(text, reading.place.language, beside=BESIDE_IN_HEADING)
    return row[column] if says and not reading.is_weak(text) else None


def of_cell(reading: Reading, cell: LexborNode) -> str:
    """What a cell says besides links that lead on: the element that opens it, else all, else its first line."""
    language = reading.place.language
    aside = {a.mem_id for a in cell.css("a[href]") if reading.is_weak(reading.text(a))}
    lines = [line.text for line in reading.sheet.lines(reading.used | aside, cell.mem_id)]
    text = " ".join(lines)
    if not text:
        return ""
    for node in cell.css("*")[1:] if len(lines) > 1 or aside else ():
        opening = reading.text(node)
        if node.mem_id not in aside and text.startswith(opening) and may_be_title(opening, language):
            return undated(opening, language)
    return undated(text if len(text) <= _LONGEST_IN_CELL else lines[0], language)


def _beside(reading: Reading, weak: LexborNode) -> str:
    """The text beside a number or a "View decision" that may be the title instead, which is short and says more."""
    least = len(reading.text(weak))
    for line in reading.sheet.lines({*reading.used, weak.mem_id}):
        text = undated(line.text, reading.place.language)
        if line.block in {"p", "blockquote"} and len(text) > 2 * PROSE:
            continue
        if len(text) >= least and may_be_title(text, reading.place.language) and not reading.is_weak(text):
            return text
    return ""


def undated(text: str, language: str, own: str = "") -> str:
    """A title without the date that opens it, or the bare numbers of one that close it, with a mark of the list's own.

    `own` is the text of the entry's date, which may have no year. A date in words that closes a title may be all that
    tells it from others: "Weekly report, 4 May 2021".
    """
    opening = text.lstrip(_OPENS)
    opens = own != "" and opening.startswith(own)
    rest = opening.removeprefix(own).lstrip(_SIGNS + ".)]】") if opens else _rest(text, language)
    return rest if _like_title(rest) or may_be_title(rest, language) else text


def _rest(text: str, language: str) -> str:
    found = dates.span(text, language=language)
    if found is None:
        return text.lstrip(_SIGNS)
    before, told, after = text[: found[0]], text[found[0] : found[1]], text[found[1] :].strip()
    if len(before) <= 1:
        return after.lstrip(_SIGNS + ".)")
    if any(map(str.isalpha, told)) or (after and (len(after) > _LONGEST_MARK or not is_code(after))):
        return text.lstrip(_SIGNS)
    rest = before.rstrip(_SIGNS + "(")
    for word in _FILED:
        rest = rest.removesuffix(word).rstrip(_SIGNS)
    last = rest.rpartition(" ")[2]
    return text if last.islower() and last.isalpha() and len(last) <= _LONGEST_PREPOSITION else rest


def whole(reading: Reading, text: str) -> str:
    """A title; where it is cut, from where the entry tells it whole: an attribute of its link or its picture."""
    if not text.endswith(("…", "...")):
        return text
    stem = text.rstrip("….").rstrip()
    for node in (reading.node, *reading.node.css("[title], [alt], [aria-label]")):
        for name in ("title", "alt", "aria-label"):
            full = clean(node.attributes.get(name) or "")
            if len(full) > len(stem) and full.startswith(stem):
                return full
    return text


def _label(reading: Reading) -> str:
    """What a picture says where nothing is written: the label of a link, or the text in the picture's stead."""
    for node in reading.node.css("[aria-label], a[title], img[alt]"):
        attributes = node.attributes
        text = clean(attributes.get("aria-label") or attributes.get("title") or attributes.get("alt") or "")
        if text and not is_read_more(text):
            return text
    return ""
