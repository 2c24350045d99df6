"""What an entry says of itself: what a recipe leaves out, or does not find, is read here from its own markup."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from crawler import dates
from crawler.habits import cells, may_be_title
from crawler.reading import BESIDE_IN_HEADING, LONGEST, MOST_MATCHES, PROSE, Reading, is_date, path
from crawler.sentences import first_sentence, is_code, is_read_more
from crawler.text import clean, cut
from crawler.urls import same_site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from selectolax.lexbor import LexborNode

_TITLES = "[class*=title i], [class*=headline i], [itemprop=headline], [itemprop=name]"
_KIND_WORDS = ("kind", "categor", "tag", "type", "label", "topic", "eyebrow", "kicker", "badge")
_KIND = re.compile(
    r"(?:^|[\s_-]|(?<=[a-z])(?=[A-Z]))"
    r"(?!(?<=field-)(?:type|label)-)(?!(?<=field--)(?:type|label)-)"  # Drupal's words for how fields are kept
    r"(?i:kind|category|categories|tags?|type|label|topics?|eyebrow|kicker|badge)(?=$|[\s_-]|[A-Z])"
)
_ASIDE_WORDS = ("share", "social", "comment", "byline", "author", "tags")
_ASIDES = ", ".join(f"[class*={word} i]" for word in _ASIDE_WORDS)
_ELSEWHERE = re.compile(r"/(?:author|tags?|categor(?:y|ies)|topics?|users?)/|sharer|/share\b|intent/", re.IGNORECASE)
_TITLE_CHARACTERS, _TITLE_WORDS = 15, 3  # what a title has at least one of
_LONGEST_HEADING = 400


def find_title(reading: Reading, story: Sequence[str] = ()) -> tuple[str, LexborNode | None]:
    """The title, and its node: a heading, else the longest fitting link text, else the first sentence, else a label.

    A number by which the document is filed, or words that many entries share, are the title only where nothing better
    stands beside them. The sentence is that of `story`, the lines of the recipe's summary, where there are any.
    """
    weak: list[LexborNode] = []
    for source in (_of_headings, _of_named, _title_link):
        found = source(reading)
        if found is not None and not _is_weak(reading, reading.text(found)):
            return _shown(reading, found), found
        weak += [found] if found is not None else []
    if (cell := _title_cell(reading)) is not None:
        return _shown(reading, cell), cell
    if weak:
        beside = _beside(reading, weak[0])
        return (beside, None) if beside else (_shown(reading, weak[0]), weak[0])
    shown = [*story, *(line.text for line in reading.free_lines())]
    text = next((text for text in shown if _like_title(text)), shown[0] if shown else "")
    if text:
        return _sentence(_undated(text, reading.place.language)), None
    return _label(reading) or next((line.text for line in reading.sheet.lines()), ""), None


def _of_headings(reading: Reading) -> LexborNode | None:
    headings = reading.headings()
    strong = [node for node in headings if not _is_weak(reading, reading.text(node))]
    return _heading(reading, strong) or _heading(reading, headings)


def _of_named(reading: Reading) -> LexborNode | None:
    return _heading(reading, reading.others(_TITLES)) if reading.named("title", "headline", "name") else None


def _is_weak(reading: Reading, text: str) -> bool:
    return is_code(text) or (reading.habits is not None and text in reading.habits.common)


def _title_cell(reading: Reading) -> LexborNode | None:
    """The cell that stands in the column of titles."""
    row = cells(reading.node)
    column = reading.habits.title_column if row and reading.habits is not None else None
    if column is None or column >= len(row) or reading.is_used(row[column]):
        return None
    return row[column] if may_be_title(reading.text(row[column]), reading.place.language) else None


def _beside(reading: Reading, weak: LexborNode) -> str:
    """The text beside a number or a "View decision" that may be the title instead, which is short and says more."""
    least = len(reading.text(weak))
    for line in reading.sheet.lines({*reading.used, weak.mem_id}):
        text = _stripped(_undated(line.text, reading.place.language))
        if line.block in {"p", "blockquote"} and len(text) > PROSE:
            continue
        if len(text) >= least and may_be_title(text, reading.place.language) and not _is_weak(reading, text):
            return text
    return ""


def _shown(reading: Reading, node: LexborNode) -> str:
    """The text of a title's node, without a date that was found in it."""
    text = reading.text(node)
    if text.endswith(("…", "...")):
        return _whole(reading, text)
    rest = " ".join(line.text for line in reading.lines(node))
    if rest != text and _like_title(_stripped(rest)):
        return _stripped(rest)
    return text


def _stripped(text: str) -> str:
    return text.strip(" ,;:|–—-•·*/")


def _sentence(text: str) -> str:
    """The first sentence of a story; a short line is no story."""
    return first_sentence(text) if len(text) > PROSE else text


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
    for line in reading.sheet.lines(reading.used):
        if line.is_in(node):
            return False
        if len(line.text) >= PROSE:
            return True
    return False


def _title_link(reading: Reading) -> LexborNode | None:
    best, longest = None, 0
    for a in reading.links():
        text = reading.text(a)
        if len(text) > longest and _fits(reading, a, text):
            best, longest = a, len(text)
    return best


def _fits(reading: Reading, a: LexborNode, text: str) -> bool:
    """Whether a link's text is a title: not "read more", not a date, not a word or two inside a sentence."""
    language = reading.place.language
    if len(text) > _LONGEST_HEADING or is_read_more(text) or is_date(text, language) or reading.leads(a) is None:
        return False
    if reading.is_used(a) or (not _like_title(text) and len(reading.free_lines()) > 1):
        return False
    around = next((line for line in reading.sheet.lines(reading.used) if text in line.text), None)
    if around is None:
        return len(reading.sheet.lines(inside=a.mem_id)) == 1
    found = dates.span(around.text, language=language)
    others = len(around.text) - len(text) - (found[1] - found[0] if found else 0)
    return others <= max(len(text), 25) or (len(text) > 60 and others < 2 * len(text))


def _like_title(text: str) -> bool:
    return (
        len(text) >= _TITLE_CHARACTERS or len(text.split()) >= _TITLE_WORDS or (len(text) >= 6 and not text.isascii())
    )


def _whole(reading: Reading, text: str) -> str:
    """A title that is cut, from where the entry tells it whole: an attribute of its link or its picture."""
    stem = text.rstrip("….").rstrip()
    for node in (reading.node, *reading.node.css("[title], [alt], [aria-label]")):
        for name in ("title", "alt", "aria-label"):
            full = clean(node.attributes.get(name) or "")
            if len(full) > len(stem) and full.startswith(stem):
                return full
    return text


def _undated(text: str, language: str) -> str:
    """A line without the date that opens it."""
    found = dates.span(text, language=language)
    if found and found[0] <= 1:
        return text[found[1] :].lstrip(" ,;:|–—-.)") or text
    return text


def _label(reading: Reading) -> str:
    """What a picture says where nothing is written: the label of a link, or the text in the picture's stead."""
    for node in reading.node.css("[aria-label], a[title], img[alt]"):
        attributes = node.attributes
        text = clean(attributes.get("aria-label") or attributes.get("title") or attributes.get("alt") or "")
        if text and not is_read_more(text):
            return text
    return ""


def find_link(reading: Reading, title: str) -> str | None:
    """The entry's own link: its title's, else one around everything, else "read more", else the only one there is."""
    if reading.title_node is not None and (url := reading.link_in(reading.title_node)) is not None:
        return url
    if reading.node.tag == "a" and (url := reading.leads(reading.node)) is not None:
        return url
    if (url := reading.link_around(reading.node)) is not None:
        return url
    links = [
        (reading.text(a), url)
        for a in reading.links()
        if (url := reading.leads(a)) is not None and not _ELSEWHERE.search(url)
    ]
    whole = (url for text, url in links if text and (text == title or (len(text) > len(title) and title in text)))
    more = (url for text, url in links if text and is_read_more(text) and same_site(url, reading.place.base))
    bare = (url for text, url in links if not text)
    found = next(whole, None) or next(more, None) or next(bare, None)
    if found is not None or len({url for _, url in links}) != 1:
        return found
    text, url = links[0]
    return None if _in_sentence(reading, text) else url


def _in_sentence(reading: Reading, text: str) -> bool:
    return any(text in line.text and len(line.text) > 2 * len(text) + 25 for line in reading.sheet.lines())


def find_kind(reading: Reading, title: str) -> str | None:
    """The kind of release, from a small tag that is named so: "Press Release", "Update"."""
    above = path(reading.title_node, reading.node) if reading.title_node is not None else set()
    for node in _labels(reading):
        text = "" if node.mem_id in above else reading.text(node)
        if not 2 <= len(text) <= 40 or text == title or len(text.split()) > 5 or not _is_kind(text, reading):
            continue
        # What is spoken for is no kind, nor what is in part.
        if not reading.is_used(node) and " ".join(line.text for line in reading.lines(node)) == text:
            reading.used.add(node.mem_id)
            return text
    return None


def _labels(reading: Reading) -> list[LexborNode]:
    """The elements inside an entry that their class names for a kind, or whose link leads to all of one."""
    found, own = [], reading.node.mem_id
    matches = 0
    for node in reading.node.css("[class], [rel~=tag]"):
        attributes = node.attributes
        hints, names = _told_by_class(attributes.get("class") or "")
        links = "rel" in attributes
        if hints or (links and "tag" in (attributes["rel"] or "").lower().split()):
            matches += 1
            if matches > MOST_MATCHES:
                break
            if (names or links) and node.mem_id != own:
                found.append(node)
    return found


@lru_cache(maxsize=4096)  # a page has few classes, each many times
def _told_by_class(classes: str) -> tuple[bool, bool]:
    """Whether a class holds the word for a kind, and whether as a word of its own."""
    small = classes.lower()
    return any(word in small for word in _KIND_WORDS), _KIND.search(classes) is not None


def _is_kind(text: str, reading: Reading) -> bool:
    named = not is_read_more(text) and dates.span(text, language=reading.place.language) is None
    return named and any(map(str.isalpha, text))


def find_summary(reading: Reading, title: str) -> str | None:
    """The entry's paragraphs on one line, with the subheadings between them; None where only the title is told."""
    if reading.named(*_ASIDE_WORDS):
        reading.used.update(node.mem_id for node in reading.others(_ASIDES) if len(reading.text(node)) < PROSE)
    skip_read_more(reading)
    shown = [line for line in reading.free_lines() if line.text != title or reading.title_node is None]
    story = (i for i, line in enumerate(shown) if line.block in {"p", "blockquote"} or len(line.text) >= PROSE // 2)
    start = next(story, None)
    if start is None:
        return None
    text = " ".join(line.text for line in shown[start:])
    return None if reading.title_node is None and text == title else cut(text, LONGEST["summary"])


def skip_read_more(reading: Reading) -> None:
    """Marks every "read more" as spoken for."""
    reading.used.update(a.mem_id for a in reading.links() if is_read_more(reading.text(a)))
