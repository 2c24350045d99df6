"""The links of a page that may belong to a pager: what they say, where they stand, and where they lead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from crawler.nodes import brief
from crawler.pagerwords import Says, number_of, says
from crawler.paging import Step, Way, step
from crawler.text import clean
from crawler.urls import same_site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from crawler.nodes import Place

MOST_LINKS = 5_000  # of a page that are read: more are no listing's
CLIMB = 5  # elements above a link in which a pager's name may stand

_LONGEST_LABEL = 40
_LONGEST_MARKUP = 600  # characters of a pager's link: a longer one is a card
_LONGEST_NAMES = 300  # characters of classes, ids and labels that are read
_MOST_PAGER_LINKS = 100
_HOLDERS = frozenset({"li", "div", "span", "p", "td"})
_PAGER = re.compile(
    r"pag(?:er|inat|ing|in\b|y\b|e[_-]?(?:num|nav|link|list|count|sel))|(?:^|\s)pages(?:$|\s)|nav-?links|navigation|post-?nav"
    r"|nav-(?:previous|next)|older|next|load-?more",
    re.IGNORECASE,
)
_NOT_PAGER = re.compile(
    r"calendar|kalender|datepicker|carousel|slid(?:er|es|eshow)|slick|swiper|gallery|breadcrumb|lightbox|\btabs|ticker"
    r"|comment|respond|\breplies",
    re.IGNORECASE,
)
_FORTH = re.compile(r"(?:^|[\s_-])(?:next|next[_-]?(?:page|link|posts?)\w*|older|forward)(?:$|[\s_-])", re.IGNORECASE)
_PAST = re.compile(r"(?:^|[\s_-])(?:previous|prev|more)(?:$|[\s_-])", re.IGNORECASE)  # with many, what is past is on
_ON_WORDS = ("next", "older", "forward", "prev", "more")  # of both: most links are called nothing of the kind
_DISABLED = re.compile(r"(?:^|[\s_-])(?:disabled|unavailable|inactive)(?:$|[\s_-])", re.IGNORECASE)
_PICTURE = re.compile(r"(?:^|[/_-])(?:next|older|arrow[_-]?right)[^/]*$", re.IGNORECASE)
_COMMENTS = re.compile(r"comment-page-|[?&]cpage=|#(?:comments?|respond)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A link that may lead on: where to, what it says, and how it stands there."""

    node: LexborNode
    url: str
    says: Says
    number: int | None
    step: Step
    related: bool  # by `rel=next`
    in_pager: bool


def links_of(tree: LexborHTMLParser, place: Place, url: str) -> list[Link]:
    """The links that may belong to a pager, lead to this site, and neither here nor back."""
    heads = (_head_link(node, place, url) for node in tree.css("link[rel~=next i][href]"))
    texts = (_text_link(node, place, url) for node in islice(tree.css("a[href]"), MOST_LINKS))
    found = islice((link for link in chain(heads, texts) if link is not None), _MOST_PAGER_LINKS)
    return [link for link in found if link.step.way not in {Way.HERE, Way.BACK} and same_site(link.url, url)]


def _head_link(node: LexborNode, place: Place, url: str) -> Link | None:
    leads = place.link(node.attributes.get("href"))
    if leads is None:
        return None
    return Link(node, leads, Says.NOTHING, None, step(url, leads), related=True, in_pager=False)


def _text_link(node: LexborNode, place: Place, url: str) -> Link | None:
    label = _label(node)
    if label is None:
        return None
    attributes = node.attributes
    related = "next" in (attributes.get("rel") or "").lower().split()
    told = _said(label)
    if told is Says.NUMBER and (related or _FORTH.search((attributes.get("class") or "")[:_LONGEST_NAMES])):
        told = Says.SIGN
    elif told is Says.NOTHING and not related:
        names = _names(node, attributes)
        if not any(word in names for word in _ON_WORDS):
            return None
        if _FORTH.search(names):
            told = Says.SIGN
        elif not _PAST.search(names):
            return None
    href = attributes.get("href") or ""
    leads = place.link(href) if told is not Says.NEWER else None
    if leads is None or _COMMENTS.search(href) or _is_disabled(node):
        return None
    in_pager = _in_pager(node)
    if in_pager is None:
        return None
    number = number_of(label) if told is Says.NUMBER else None
    return Link(node, leads, told, number, step(url, leads), related=related, in_pager=in_pager)


@lru_cache(maxsize=4096)
def _said(label: str) -> Says:
    return says(label)


def _label(node: LexborNode) -> str | None:
    """What a link says, in small letters: its text, else its label, its title or that of its picture; None for a card.

    Of several, the first that means something.
    """
    only = node.first_child
    shown = ""
    if only is not None and only.next is None and only.tag == "-text":
        text = only.text_content or ""
        if len(text) > 4 * _LONGEST_LABEL:
            return None
        shown = clean(text).casefold()
        if len(shown) > _LONGEST_LABEL:
            return None
        if len(shown) > 3 or shown.isdecimal():
            return shown
    elif only is not None:
        if len(node.html or "") > _LONGEST_MARKUP and len(node.text(deep=True)) > _LONGEST_LABEL:
            return None
        shown = clean(brief(node, 4 * _LONGEST_LABEL)).casefold()
    attributes = node.attributes
    told = [shown, *(clean(said).casefold() for name in ("aria-label", "title") if (said := attributes.get(name)))]
    picture = node.css_first("img") if not shown else None
    if picture is not None:
        told.append(clean(picture.attributes.get("alt") or "").casefold())
        told.append("next" if _PICTURE.search(picture.attributes.get("src") or "") else "")
    told = [label for label in told if 0 < len(label) <= _LONGEST_LABEL]
    return min(told, key=_said) if told else "" if not shown else None


def _names(node: LexborNode, attributes: Mapping[str, str | None]) -> str:
    """The classes of a link and of what holds it, in small letters."""
    parent = node.parent
    held = parent.attributes.get("class") if parent is not None and parent.tag in _HOLDERS else None
    return f"{(attributes.get('class') or '')[:_LONGEST_NAMES]} {(held or '')[:_LONGEST_NAMES]}".lower()


def _is_disabled(node: LexborNode) -> bool:
    for held in (node, node.parent):
        if held is not None:
            names, off = (held.attributes.get("class") or "")[:_LONGEST_NAMES], held.attributes.get("aria-disabled")
            if off == "true" or _DISABLED.search(names):
                return True
    return False


def _in_pager(node: LexborNode) -> bool | None:
    """Whether a link stands in what its class, id or label calls a pager; None in what is known to be none."""
    held: LexborNode | None = node
    named = False
    for _ in range(CLIMB):
        if held is None or held.tag in {"body", "html"}:
            break
        attributes = held.attributes
        names = " ".join((attributes.get(name) or "")[:_LONGEST_NAMES] for name in ("class", "id", "aria-label"))
        if _NOT_PAGER.search(names):
            return None
        named = named or (held is not node and bool(_PAGER.search(names))) or attributes.get("role") == "navigation"
        held = held.parent
    return named
