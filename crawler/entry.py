"""What an entry says of itself: everything that a recipe leaves out, or does not find, is read here from the entry's markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler import dates
from crawler.nodes import Line, Place, lines, text_of
from crawler.sentences import first_sentence, is_read_more
from crawler.text import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

# The longest value of each field, in characters: what is longer is cut, for a page may say anything.
LONGEST = {"title": 1000, "kind": 100, "summary": 5000, "caption": 2000}

_HEADINGS = "h1, h2, h3, h4, h5, h6, [role=heading]"
_HINTED_TITLES = "[class*=title i], [class*=headline i], [itemprop=headline], [itemprop=name]"
_STAMPS = "time, [datetime], [itemprop*=date i], [data-date], [data-time], [data-timestamp], [data-published], abbr[title]"
_STAMP_ATTRIBUTES = ("datetime", "content", "data-date", "data-time", "data-timestamp", "data-published", "title")
_HINTED_DATES = (
    "[class*=date i], [class*=time i], [class*=posted i], [class*=publi i], [class*=submitted i], [class*=created i], "
    "[class*=meta i], [class*=day i], [id*=date i]"
)
_CAPTIONS = "figcaption, [class*=caption i], [class*=credit i]"
_KINDS = (
    "[class*=kind i], [class*=category i], [class*=categories i], [class*=tag i], [class*=type i], [class*=label i], "
    "[class*=topic i], [class*=eyebrow i], [class*=kicker i], [class*=badge i], [rel~=tag]"
)
_KIND_WORD = re.compile(
    r"(?:^|[\s_-]|(?<=[a-z])(?=[A-Z]))(?i:kind|category|categories|tags?|type|label|topics?|eyebrow|kicker|badge)(?=$|[\s_-]|[A-Z])"
)
_BESIDE = (
    "[class*=share i], [class*=social i], [class*=comment i], [class*=byline i], [class*=author i], [class*=tags i], [class*=links i]"
)
_EDITED = re.compile(r"modif|updated", re.IGNORECASE)
_CREDIT = re.compile(r"(?:photos?|images?|picture|photograph|credit|foto|imagen|bild)\s?(?:by|de|von|:|credit)|©|\(c\)\s", re.IGNORECASE)
_PROSE = 80  # characters: a line that long tells a story
_TITLE_CHARACTERS, _TITLE_WORDS = 15, 3  # what a title has at least one of
_ELSEWHERE = re.compile(r"/(?:author|tag|tags|category|categories|topic|topics|user|users)/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dated:
    """The date of an entry before it is read: the text that is shown, and the stamp in an attribute."""

    text: str = ""
    stamp: str = ""


@dataclass(slots=True)
class Reading:
    """One entry while it is being read: what is found, and the ids of the nodes that are spoken for."""

    node: LexborNode
    place: Place
    used: set[int] = field(default_factory=set)
    title_node: LexborNode | None = None

    def others(self, selector: str) -> Iterator[LexborNode]:
        """The nodes inside the entry that match, in page order, without the entry itself."""
        own = self.node.mem_id
        return (node for node in self.node.css(selector) if node.mem_id != own)


    def free_lines(self) -> list[Line]:
        """The lines that nothing has been read from yet, without those that are nearly nothing but a date or a "read more"."""
        language = self.place.language
        found = lines(self.node, self.used)
        return [line for line in found if not is_read_more(line.text) and not is_date(line.text, language)]

    def link_in(self, node: LexborNode) -> str | None:
        """The first link of its own inside a node, or of the link that the node stands in."""
        for a in node.css("a[href]"):
            if (url := self.place.link(a.attributes.get("href"))) is not None:
                return url
        return self.link_around(node)

    def link_around(self, node: LexborNode) -> str | None:
        """The link that a node stands in, which may be around the whole entry."""
        parent = node.parent
        while parent is not None and parent.tag not in {None, "body", "html"}:
            if parent.tag == "a":
                return self.place.link(parent.attributes.get("href"))
            parent = parent.parent
        return None


def is_date(text: str, language: str = "") -> bool:
    """Whether a line is nearly nothing but a date: at most a few words stand beside it."""
    if len(text) > 80 or (found := dates.span(text, language=language)) is None:
        return False
    return len(text) - (found[1] - found[0]) <= 24


def read_dated(node: LexborNode, language: str) -> Dated | None:
    """The text and the stamp of one element, where either is a date."""
    attributes = node.attributes
    stamp = next((v for name in _STAMP_ATTRIBUTES if (v := attributes.get(name)) and dates.span(v.strip())), "") or ""
    text = text_of(node)
    if len(text) > 120 or not dates.span(text, language=language):
        text = ""
    return Dated(text, stamp) if text or stamp else None


def find_date(reading: Reading) -> tuple[Dated, LexborNode | None]:
    """The date, and its node: a `<time>` or an attribute, else an element named for it, else a line or a line's edge."""
    language = reading.place.language
    for node in sorted(reading.others(_STAMPS), key=_is_edit):
        if (dated := read_dated(node, language)) is not None:
            return dated, node
    own = read_dated(reading.node, language)
    if own is not None and own.stamp:
        return Dated(stamp=own.stamp), None
    for node in sorted(reading.others(_HINTED_DATES), key=_is_edit):
        if (text := _hinted_date(node, language)) is not None:
            return Dated(text), node
    for node in reading.others("span, em, small, i, b, strong, font, p, div, td, li, dd, dt"):
        only = node.first_child
        if only is not None and only.next is None and only.tag == "-text" and is_date(text_of(node), language):
            return Dated(text_of(node)), node
    shown = lines(reading.node)
    text = next((line.text for line in shown if is_date(line.text, language)), "") or _at_the_edge(shown, language)
    return Dated(text), None


def _hinted_date(node: LexborNode, language: str) -> str | None:
    """The date in an element that is named for one: all of it, or its first line of a few; not a box around title and all."""
    shown = lines(node)
    text = " ".join(line.text for line in shown)
    if len(text) > LONGEST["caption"] or (not is_date(text, language) and node.css_first(f"{_HEADINGS}, a[href]") is not None):
        return None
    if len(text) <= 120 and dates.span(text, language=language):
        return text
    return next((line.text for line in shown[:3] if is_date(line.text, language)), None)


def _at_the_edge(shown: list[Line], language: str) -> str:
    """A date that opens a line, or closes it behind a mark: "July 3, 2018 – Ministers meet", "Ministers meet (3 July 2018)"."""
    for line in shown:
        found = dates.span(line.text, language=language)
        if found is None:
            continue
        start, end = found
        if start <= 1 or (end >= len(line.text) - 1 and line.text[:start].rstrip()[-1:] in set("(|–—,-:·•")):
            return line.text[start:end]
    return ""


def _is_edit(node: LexborNode) -> bool:
    attributes = node.attributes
    return bool(_EDITED.search(f"{attributes.get('class')} {attributes.get('itemprop')}"))


def find_caption(reading: Reading, date_node: LexborNode | None) -> str | None:
    """A picture's caption or credit: named so, or beside the picture, or on the date's own lines."""
    found: list[str] = []
    for node in reading.others(_CAPTIONS):
        if reading.used.isdisjoint(_path(node, reading.node)) and _is_caption(node, date_node):
            reading.used.add(node.mem_id)
            found.append(text_of(node))
    found = [text for text in found if text]
    if not found:
        found = _beside_picture(reading, date_node) or _on_date_lines(reading, date_node)
    return cut(" ".join(found), LONGEST["caption"]) if found else None


def _is_caption(node: LexborNode, date_node: LexborNode | None) -> bool:
    """Not a box that some frameworks call a caption, with heading, date and all."""
    if date_node is not None and (node.mem_id == date_node.mem_id or node.mem_id in _path(date_node, None)):
        return False
    return node.css_first(_HEADINGS) is None and not is_read_more(text_of(node))


def _beside_picture(reading: Reading, date_node: LexborNode | None) -> list[str]:
    for picture in reading.others("img"):
        box = picture.parent
        while box is not None and box.tag in {"a", "picture", "span"} and not text_of(box):
            box = box.parent
        if box is None or box.mem_id == reading.node.mem_id or box.tag == "a" or reading.node.mem_id not in _path(box, None):
            continue
        text = text_of(box)
        holds_more = box.css_first(f"{_HEADINGS}, p + p, time, ul, ol, table") is not None
        if text and not holds_more and _is_caption(box, date_node) and (box.tag == "figure" or not box.css("a[href] *, p a")):
            if not any(line.text != text for line in lines(reading.node, {box.mem_id})):
                continue
            if len(text) < _PROSE * 4:
                reading.used.add(box.mem_id)
                return [text]
    first = next(iter(reading.free_lines()), None)
    if first is not None and len(first.text) <= 300 and _CREDIT.match(first.text):
        node = _block(reading, first)
        if node is not None:
            reading.used.add(node.mem_id)
            return [first.text]
    return []


def _on_date_lines(reading: Reading, date_node: LexborNode | None) -> list[str]:
    if date_node is None or not any(len(line.text) >= _PROSE for line in lines(reading.node, {date_node.mem_id})):
        return []
    rest = []
    for line in lines(date_node):
        found = dates.span(line.text[:60], language=reading.place.language)
        rest.append(line.text if found is None else line.text[found[1] :].strip(" ,;:|–—-"))
    text = " ".join(filter(None, rest))
    return [text] if len(text) >= _PROSE // 2 else []


def _block(reading: Reading, line: Line) -> LexborNode | None:
    """The smallest element that is all of one line."""
    found = None
    for node in reading.others("p, div, span, small, em, td, li, dd, cite"):
        if node.mem_id in line.around and text_of(node) == line.text:
            found = node
    return found


def _path(node: LexborNode, top: LexborNode | None) -> set[int]:
    """The ids of a node and of what it stands in, up to `top`."""
    path = set()
    step: LexborNode | None = node
    while step is not None and (top is None or step.mem_id != top.mem_id):
        path.add(step.mem_id)
        step = step.parent
    return path


def find_title(reading: Reading) -> tuple[str, LexborNode | None]:
    """The title, and its node: a heading, else the longest fitting link text, else the first sentence, else a label."""
    for selector in (_HEADINGS, _HINTED_TITLES):
        found = _heading(reading, selector)
        if found is not None:
            return _whole(text_of(found), found), found
    best, best_text = None, ""
    for a in reading.others("a[href]"):
        text = text_of(a)
        if len(text) > len(best_text) and _fits(reading, a, text):
            best, best_text = a, text
    if best is not None:
        return _whole(best_text, best), best
    shown = [line.text for line in reading.free_lines()]
    text = next((text for text in shown if _like_title(text)), shown[0] if shown else "")
    return _undated(first_sentence(text) if text else _label(reading), reading.place.language), None


def _heading(reading: Reading, selector: str) -> LexborNode | None:
    """The first element that heads the entry: one that links, else one before any prose; subheadings come after it."""
    linked, plain = [], []
    for node in reading.others(selector):
        text = text_of(node)
        if not text or len(text) > 400 or is_read_more(text) or is_date(text, reading.place.language):
            continue
        if not reading.used.isdisjoint(_path(node, reading.node)):
            continue
        (linked if reading.link_in(node) else plain).append((text, node))
    for group in (linked, plain):
        ordered = [node for text, node in group if _like_title(text)] or [node for _, node in group]
        for node in ordered:
            if group is linked or not _after_prose(reading, node):
                return node
    return None


def _after_prose(reading: Reading, node: LexborNode) -> bool:
    for line in lines(reading.node, reading.used):
        if node.mem_id in line.around:
            return False
        if len(line.text) >= _PROSE:
            return True
    return False


def _fits(reading: Reading, a: LexborNode, text: str) -> bool:
    """A link whose text is a title: not "read more", not a date, and not a few words inside a sentence."""
    if is_read_more(text) or is_date(text, reading.place.language) or len(text) > 400 or _linked(reading, a) is None:
        return False
    if not _like_title(text) and len(reading.free_lines()) > 1:
        return False
    if not reading.used.isdisjoint(_path(a, reading.node)):
        return False
    around = next((line for line in lines(reading.node, reading.used) if text in line.text), None)
    if around is None:
        return len(lines(a)) == 1
    found = dates.span(around.text, language=reading.place.language)
    others = len(around.text) - len(text) - (found[1] - found[0] if found else 0)
    return others <= max(len(text), 25) or (len(text) > 60 and others < 2 * len(text))


def _linked(reading: Reading, a: LexborNode) -> str | None:
    return reading.place.link(a.attributes.get("href"))


def _like_title(text: str) -> bool:
    return len(text) >= _TITLE_CHARACTERS or len(text.split()) >= _TITLE_WORDS or (not text.isascii() and len(text) >= 6)


def _whole(text: str, node: LexborNode) -> str:
    """The text of a title, from its `title` attribute where the shown one is cut."""
    if text.endswith(("…", "...")):
        stem = text.rstrip("….").rstrip()
        links = [node, *node.css("[title]")]
        for link in links:
            full = " ".join((link.attributes.get("title") or "").split())
            if len(full) > len(stem) and full.startswith(stem):
                return full
    return text


def _undated(text: str, language: str) -> str:
    """A first sentence without the date that opens its line."""
    found = dates.span(text, language=language)
    if found and found[0] <= 1:
        return text[found[1] :].lstrip(" ,;:|–—-.)") or text
    return text


def _label(reading: Reading) -> str:
    """What a picture says where nothing is written: the label of a link, or the text in the picture's stead."""
    for node in reading.node.css("[aria-label], a[title], img[alt]"):
        attributes = node.attributes
        text = " ".join((attributes.get("aria-label") or attributes.get("title") or attributes.get("alt") or "").split())
        if text and not is_read_more(text):
            return text
    return ""


def find_link(reading: Reading, title: str) -> str | None:
    """The entry's own link: its title's, else one around everything, else "read more", else the first that is not an aside."""
    if reading.title_node is not None and (url := reading.link_in(reading.title_node)) is not None:
        return url
    if reading.node.tag == "a" and (url := _linked(reading, reading.node)) is not None:
        return url
    if (url := reading.link_around(reading.node)) is not None:
        return url
    links = [(text_of(a), url) for a in reading.others("a[href]") if (url := _linked(reading, a)) is not None]
    whole = (url for text, url in links if text and (text == title or len(text) > len(title)))
    more = (url for text, url in links if is_read_more(text) and not _shares(url, reading.place))
    rest = (url for text, url in links if not text and not _ELSEWHERE.search(url))
    single = {url for _, url in links}
    url = next(whole, None) or next(more, None) or next(rest, None)
    return url or (single.pop() if len(single) == 1 and not _in_prose(reading) else None)


def _shares(url: str, place: Place) -> bool:
    """Whether an address hands another one on to a social network."""
    return not url.startswith(place.base[:8]) or "sharer" in url or "/share" in url or "intent/" in url


def _in_prose(reading: Reading) -> bool:
    """Whether the entry's links are words of its sentences."""
    a = next(iter(reading.others("a[href]")), None)
    if a is None:
        return False
    text = text_of(a)
    return any(text in line.text and len(line.text) > 2 * len(text) + 25 for line in lines(reading.node))


def find_kind(reading: Reading, title: str) -> str | None:
    """The kind of release, from a small tag that is named so: "Press Release", "Update"."""
    above = _path(reading.title_node, None) if reading.title_node is not None else set()
    for node in reading.others(_KINDS):
        attributes = node.attributes
        if not _KIND_WORD.search(attributes.get("class") or "") and "rel" not in attributes:
            continue
        if node.mem_id in above or not reading.used.isdisjoint(_path(node, reading.node)):
            continue
        text = text_of(node)
        if not 2 <= len(text) <= 40 or text == title or len(text.split()) > 5:
            continue
        if is_read_more(text) or dates.span(text, language=reading.place.language) or not any(map(str.isalpha, text)):
            continue
        reading.used.add(node.mem_id)
        return text
    return None


def find_summary(reading: Reading, title: str) -> str | None:
    """The entry's paragraphs on one line, with the subheadings between them; None where nothing but the title is told."""
    skip = set(reading.used)
    skip.update(node.mem_id for node in reading.others(_BESIDE) if len(text_of(node)) < _PROSE)
    skip.update(a.mem_id for a in reading.others("a") if is_read_more(text_of(a)))
    shown = [
        line
        for line in lines(reading.node, skip)
        if (line.text != title or reading.title_node is None) and not is_read_more(line.text) and not is_date(line.text, reading.place.language)
    ]
    prose = [index for index, line in enumerate(shown) if line.block in {"p", "blockquote"} or len(line.text) >= _PROSE // 2]
    if not prose:
        return None
    text = " ".join(line.text for line in shown[prose[0] :])
    return None if reading.title_node is None and text == title else cut(text, LONGEST["summary"])
