"""Settles what an answer tells of one release: it is there, it is gone, or nothing can be said."""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.nodes import brief
from crawler.reasons import count, http_reason
from crawler.signs import SPACELESS, decoded, facts, kind_of_body, obstacle, says_not_found, title_parts
from crawler.text import LIKE_TITLE, SAME_TITLE, clean, fold_title, similar
from crawler.urls import canonical
from crawler.web import Answer
from storage.records import Page, Verdict

TELLING_WORDS = 3  # a title of fewer words is found in many a text that is not its own
TELLING_LETTERS = 12  # likewise, in scripts that write no words apart
MOST_HEADINGS = 200  # of a page that are compared with a title ...
LONGEST_HEADING = 2_000  # ... and their characters: more are no heading's
LITTLE_TEXT = 10  # words; a page of fewer tells nothing by what it leaves out
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS})

_HTML = frozenset({"", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml"})
_DOCUMENT = re.compile(
    r"application/(?:pdf|msword|rtf|zip|epub\+zip|vnd\.(?:openxmlformats-officedocument|oasis\.opendocument|ms-).*)"
    r"|(?:image|audio|video)/.*"
)
_CUT = re.compile(r"\W*(?:…|\.\.\.)\W*$")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one answer tells of a release, and why. `canonical_url` is the address the page names as its own."""

    verdict: Verdict
    reason: str
    canonical_url: str | None = None


def find(answer: Answer, url: str, title: str) -> Finding:
    """Judges the answer to asking a release's own address `url`; `title` is the one it was listed with."""
    if answer.status in GONE:
        return Finding(Verdict.GONE, http_reason(answer.status))
    if answer.status != HTTPStatus.OK:
        return Finding(Verdict.NO_ANSWER, http_reason(answer.status))
    if not answer.body.strip():
        return Finding(Verdict.NO_ANSWER, "the page is empty")
    kind = kind_of_body(answer.body)
    if kind != "text/html" and (kind not in {None, "application/xml"} or answer.content_type not in _HTML):
        return _find_document(answer, url, kind)
    return _find_page(answer, url, title)


def _find_document(answer: Answer, url: str, kind: str | None) -> Finding:
    expected = mimetypes.guess_type(urlsplit(url).path)[0]
    told = answer.content_type or kind or ""
    for one in (answer.content_type, kind or ""):
        if one and (one == expected or _DOCUMENT.fullmatch(one)):
            return Finding(Verdict.THERE, f"a document ({one})")
    return Finding(Verdict.NO_ANSWER, f"neither a web page nor a document ({told})")


def _find_page(answer: Answer, url: str, title: str) -> Finding:
    page = Page(answer.url, answer.headers.get("content-type", ""), answer.body)
    text = decoded(page)
    if not text:
        return Finding(
            Verdict.NO_ANSWER, "its markup is tangled: it nests deeper, or holds more, than any browser shows"
        )
    tree = LexborHTMLParser(text)
    named = _canonical_url(tree, answer.url)
    headings = [heading[:LONGEST_HEADING] for heading in islice(_headings(tree, answer.url), MOST_HEADINGS)]
    if any(similar(title, heading) >= SAME_TITLE for heading in headings):
        return Finding(Verdict.THERE, "the page carries its title", named)
    shown = facts(page, text)
    missing = says_not_found(shown)
    if not missing and _told_in_text(tree, answer.url, title):
        return Finding(Verdict.THERE, "the page tells its title in its text", named)
    stands_in = obstacle(shown)
    if stands_in and not missing:
        return Finding(Verdict.NO_ANSWER, f"the page {stands_in}", named)
    if any(similar(title, heading) >= LIKE_TITLE for heading in headings):
        return Finding(Verdict.NO_ANSWER, "the page carries a title like it: it may have been edited", named)
    if missing:
        return Finding(Verdict.GONE, "the page says that it was not found", named)
    if shown.words < LITTLE_TEXT:
        return Finding(Verdict.NO_ANSWER, f"the page shows only {count(shown.words, 'word', 'words')}", named)
    if canonical(answer.url) != canonical(url):
        return Finding(Verdict.GONE, f"it leads to {answer.url}, which does not carry its title", named)
    words = _units(title)
    present = words & _units(shown.text)
    if len(present) * 2 >= len(words):
        reason = f"the title has changed, though {len(present)} of its {len(words)} words are on the page"
        return Finding(Verdict.NO_ANSWER, reason, named)
    return Finding(
        Verdict.GONE, f"the page is another: {len(present)} of {len(words)} words of the title are on it", named
    )


def _headings(tree: LexborHTMLParser, url: str) -> Iterator[str]:
    """What the page gives as its own title, whole and without the site's name; no headings that lead elsewhere."""
    found = [
        node.attributes.get("content") or ""
        for node in tree.css("meta[property='og:title'], meta[name='twitter:title']")[:5]
    ]
    found += [node.text() for node in tree.css("head > title")[:1]]
    for text in found:
        yield from title_parts(clean(text[:LONGEST_HEADING]))[:10]
    for node in tree.css("h1, h2")[: MOST_HEADINGS // 2]:
        if node.tag == "h1" or not _leads_elsewhere(node, url):
            yield clean(brief(node, LONGEST_HEADING))
    for node in tree.css("script[type='application/ld+json']")[:20]:
        yield from _headlines(node.text())


def _headlines(script: str) -> Iterator[str]:
    try:
        waiting: list[Any] = [json.loads(script)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            headline = value.get("headline")
            if isinstance(headline, str):
                yield clean(headline)
            waiting += [inner for inner in value.values() if isinstance(inner, dict | list)]


def _leads_elsewhere(node: LexborNode, url: str) -> bool:
    around: LexborNode | None = node
    links = node.css("a[href]")[:20]
    while around is not None:
        if around.tag == "a":
            links.append(around)
        around = around.parent
    return any(canonical(_absolute(url, link.attributes.get("href") or "") or "") != canonical(url) for link in links)


def _told_in_text(tree: LexborHTMLParser, url: str, title: str) -> bool:
    """Whether the visible text holds the title; a link elsewhere that holds all of it is a teaser, not the release."""
    sought = fold_title(title)
    if _CUT.search(title):
        sought = sought if SPACELESS.search(sought) else " ".join(sought.split()[:-1])
    if len(sought.split()) < TELLING_WORDS and not (SPACELESS.search(sought) and len(sought) >= TELLING_LETTERS):
        return False
    tree.strip_tags(["script", "style", "template", "noscript", "head", "iframe", "svg"])
    if tree.body is None or sought not in fold_title(tree.body.text(separator=" ")):
        return False
    for link in tree.css("a[href]"):
        if sought in fold_title(link.text(separator=" ")) and _leads_elsewhere(link, url):
            link.decompose()
    text = fold_title(tree.body.text(separator=" ")) if tree.body else ""
    return sought in text if SPACELESS.search(sought) else f" {sought} " in f" {text} "


def _canonical_url(tree: LexborHTMLParser, url: str) -> str | None:
    node = tree.css_first("link[rel~=canonical]")
    return _absolute(url, node.attributes.get("href") or "") if node is not None else None


def _absolute(url: str, href: str) -> str | None:
    try:
        joined = urljoin(url, href.strip())
        parts = urlsplit(joined)
    except ValueError:
        return None
    return joined if href.strip() and parts.scheme in {"http", "https"} and parts.netloc else None


def _units(text: str) -> set[str]:
    """The words of a text; in scripts that write none apart, its pairs of letters."""
    units: set[str] = set()
    for word in fold_title(text).split():
        if SPACELESS.search(word):
            units.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
        else:
            units.add(word)
    return units
