"""An entry's link, kind and summary: what a recipe leaves out, or does not find, is read here from its own markup."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from crawler import dates
from crawler.reading import LONGEST, MOST_MATCHES, PROSE, Reading, path
from crawler.sentences import is_code, is_read_more
from crawler.text import cut
from crawler.urls import same_site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from selectolax.lexbor import LexborNode

_KIND_WORDS = ("kind", "categor", "tag", "type", "label", "topic", "eyebrow", "kicker", "badge")
_KIND = re.compile(
    r"(?:^|[\s_-]|(?<=[a-z])(?=[A-Z]))"
    r"(?!(?<=field-)(?:type|label)-)(?!(?<=field--)(?:type|label)-)"  # Drupal's words for how fields are kept
    r"(?i:kind|category|categories|tags?|type|label|topics?|eyebrow|kicker|badge)(?=$|[\s_-]|[A-Z])"
)
_ASIDE_WORDS = ("share", "social", "comment", "byline", "author", "tags")
_ASIDES = ", ".join(f"[class*={word} i]" for word in _ASIDE_WORDS)
_DOCUMENT = re.compile(r"\.(?:pdf|docx?|odt|rtf|wpd)(?:$|[?#])", re.IGNORECASE)
_ELSEWHERE = re.compile(r"/(?:author|tags?|categor(?:y|ies)|topics?|users?)/|sharer|/share\b|intent/", re.IGNORECASE)


def find_link(reading: Reading, title: str) -> str | None:
    """The entry's own link: its title's, else one around everything, else "read more", else the only one there is.

    Of several others a document comes first, then the number by which it is filed.
    """
    if reading.title_node is not None and (url := _of_title(reading, reading.title_node)) is not None:
        return url
    if reading.node.tag == "a" and (url := reading.leads(reading.node)) is not None:
        return url
    if (url := reading.link_around(reading.node)) is not None:
        return url
    shown = [(reading.text(a), a) for a in reading.links()]
    whole = [a for text, a in shown if text and (text == title or (len(text) > len(title) and title in text))]
    more = (a for text, a in shown if text and is_read_more(text))
    bare = (a for text, a in shown if not text)
    found = (
        next(_told(reading, whole), None)
        or next((url for url in _told(reading, more) if same_site(url, reading.place.base)), None)
        or next(_told(reading, bare), None)
    )
    if found is not None:
        return found
    links = [(text, url) for text, a in shown for url in _told(reading, [a])]
    if not links:
        return None
    sentences = [line.text for line in reading.sheet.lines()]
    others = [(text, url) for text, url in links if is_code(text) or not _in_sentence(sentences, text)]
    if len({url for _, url in links}) == 1:
        return next((url for _, url in others), None)
    documents = (url for _, url in others if _DOCUMENT.search(url))
    return next(documents, None) or next((url for text, url in others if is_code(text)), None)


def _of_title(reading: Reading, node: LexborNode) -> str | None:
    """Where a title leads: the link it stands in, or one in it that is not beside the point."""
    if node.tag not in {"td", "th"}:
        return reading.link_in(node)
    links = (a for a in node.css("a[href]") if not reading.is_weak(reading.text(a)))
    return next((url for a in links if (url := reading.leads(a)) is not None), None)


def _told(reading: Reading, links: Iterable[LexborNode]) -> Iterator[str]:
    """Where links lead that are not beside the point."""
    for a in links:
        url = reading.leads(a)
        if url is not None and not _ELSEWHERE.search(url):
            yield url


def _in_sentence(lines: list[str], text: str) -> bool:
    return any(len(line) > 2 * len(text) + 25 and text in line for line in lines)


def find_kind(reading: Reading, title: str) -> str | None:
    """The kind of release, from a small tag that is named so: "Press Release", "Update"."""
    above = path(reading.title_node, reading.node) if reading.title_node is not None else set()
    for node in _labels(reading):
        text = "" if node.mem_id in above else reading.text(node)
        if not 2 <= len(text) <= 40 or text == title or len(text.split()) > 5 or not _is_kind(text, reading):
            continue
        # What is spoken for is no kind, nor what is in part; but a label in the title's own element may be one.
        if _is_glued(reading, node, text, title):
            return text
        if not reading.is_used(node) and " ".join(line.text for line in reading.lines(node)) == text:
            reading.used.add(node.mem_id)
            return text
    return None


def _is_glued(reading: Reading, node: LexborNode, text: str, title: str) -> bool:
    """Whether a label stands in the element of a title that was read without it."""
    inside = reading.title_node is not None and reading.title_node.mem_id in path(node, reading.node)
    return inside and not title.startswith(text) and reading.text(reading.title_node or node).startswith(text)


def names_kind(classes: str) -> bool:
    """Whether a class attribute names its element for a kind."""
    return _told_by_class(classes)[1]


def _labels(reading: Reading) -> list[LexborNode]:
    """The elements inside an entry that their class names for a kind, or whose link leads to all of one."""
    if not reading.named(*_KIND_WORDS):
        return []
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
