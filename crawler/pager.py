"""Finds the next page of a listing: by the recipe, else as pagers name it, else by what its link says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from crawler.nodes import brief, text_of
from crawler.text import clean
from crawler.urls import canonical, same_site, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from crawler.nodes import Place

_SHAPES = ("link[rel~=next i], a[rel~=next i]", "li.pager-next a, li.pager__item--next a, a.next, .next a")
_MOST_LINKS = 5_000  # of a page that are read: more are no listing's
_MOST_NUMBERS = 100
_LONGEST_LABEL = 40
_LONGEST_MARKUP = 600  # characters of a pager's link: a longer one is a card
_CLIMB = 5  # elements above a link in which a pager's name may stand

# What a link to older releases says, a line for each language or two; "previous" alone leads to newer ones.
_THINGS = r"(?:press |news )?(?:posts|entries|news|articles|stories|releases|items|updates|results|statements|messages)"
_LABELS = (
    r"next|next page|next \d+|go to (?:the )?next page|older|older content",
    rf"next (?:\d+ )?{_THINGS}|(?:view )?older {_THINGS}",
    rf"(?:previous|earlier) {_THINGS}|earlier",
    r"weiter|vor|nächste|nächste seite|zur nächsten seite|(?:ältere|vorherige|frühere) \w+",
    r"suivante?s?|page suivante|(?:articles|messages|actualités) (?:plus anciens|précédents|précédentes)|plus anciens",
    r"siguientes?|(?:página )?siguiente(?: página)?|próxima(?: página)?|más antiguas|\w+ (?:más antiguas|anteriores)",
    r"successiv[aoi]|avanti|pagina successiva|prossima|prossima pagina|\w+ (?:meno recenti|precedenti|più vecchi)",
    r"próximo|próximos|seguinte|página seguinte|avançar|\w+ (?:mais )?(?:antigos|antigas)|\w+ anteriores",
    r"volgende|volgende pagina|oudere \w+|verder|nästa|nästa sida|äldre \w+",
    r"næste|næste side|neste|neste side|ældre \w+|eldre \w+|seuraava|seuraava sivu|vanhemmat(?: \w+)?",
    r"następn[aye]|następna strona|starsze(?: \w+)?|dalej|další|další stránka|následující|starší(?: \w+)?|ďalšia|ďalej",
    r"следующ(?:ая|ие|ий)|следующая страница|впер[её]д|далее|дальше|(?:старые|предыдущие|более ранние) \w+|ранее",
    r"наступна|наступна сторінка|далі|уперед|следваща|sljedeća|sledeća|следећа",
    r"sonraki|sonraki sayfa|ileri|következő|következő oldal|régebbi(?: \w+)?|următoare?a?|următorul|pagina următoare",
    r"επόμεν[ηο]|επόμενη σελίδα|παλαιότερα|següent|berikutnya|selanjutnya|trang sau|tiếp(?: theo)?",
    r"次へ|次|次の?ページ(?:へ)?|次の\d+件|下一?[页頁]|后一页|다음|다음 ?페이지|التالي|الصفحة التالية|הבא",
)
_SIGNS = "›»→>❯⟩▶►⇒≫"
_LABEL = re.compile(rf"[\W_]*(?:{'|'.join(_LABELS)})[\W_]*", re.IGNORECASE)
_SIGN = re.compile(rf"[{_SIGNS}]{{1,2}}")
_BACK = re.compile(r"[‹«←<❮⟨◀◄⇐≪]")
_OLDER = re.compile(r"older|ältere|oudere|äldre|ældre|eldre|starsze|starší|antig|vecchi|anciens|старые", re.IGNORECASE)
_PAGER = re.compile(
    r"pag(?:er|inat|ing|e-?num|e-?nav|enav|es?\b|e-links)|nav-?links|post-?nav|posts-navigation|older|next",
    re.IGNORECASE,
)
_NOT_PAGER = re.compile(
    r"calendar|carousel|slid(?:er|es|eshow)|slick|swiper|gallery|breadcrumb|lightbox|tabs", re.IGNORECASE
)
_NUMBERED = re.compile(
    r"(?:^|[?&;/_-])(?:p|pg|page|paged|seite|pagina|página|strona|sida|start|offset|from|first|skip)[=/_-]?\d+"
    r"|[?&][^=]*(?:page|start|offset|paged|from|pag)[^=]*=\d+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Link:
    """A link that may lead on, with what it says."""

    node: LexborNode
    url: str
    label: str


def find_next(
    tree: LexborHTMLParser, named: tuple[str, str] | None, place: Place, url: str, entries: Set[str]
) -> str | None:
    """The next page's address, on the same site and not this page.

    `named` is the recipe's selector with its attribute; without one, and without a pager of a usual shape, links are
    read; `entries` are the addresses that the page's own entries lead to, none of which is a page of the list.
    """
    for css, attribute in (*([named] if named else ()), *((shape, "href") for shape in _SHAPES)):
        for node in tree.css(css):
            link = node if node.attributes.get(attribute) else node.css_first(f"[{attribute}]")
            found = place.link(link.attributes.get(attribute)) if link else None
            if found is not None and same_site(found, url):
                return found
    return None if named else _told(tree, place, url, {canonical(entry) for entry in entries})


def _told(tree: LexborHTMLParser, place: Place, url: str, entries: Set[str]) -> str | None:
    """What a link says is the next page: a word before a sign, a sign before the number after the current one."""
    words, signs, numbers = [], [], []
    for link in _links(tree, place):
        if link.label.isdecimal():
            numbers.append(link)
        elif _SIGN.fullmatch(link.label):
            signs.append(link)
        elif not _BACK.search(link.label) or _OLDER.search(link.label):
            words.append(link)
    signs.sort(key=lambda link: link.label not in {"›", ">", "→", "❯", "⟩"})  # "»" beside "›" is the last page
    chosen = (
        *(link for link in words if _is_paged(link, url) or _in_pager(link.node)),
        *(link for link in signs if _in_pager(link.node)),
        *(link for link in numbers[:_MOST_NUMBERS] if _is_paged(link, url) and _follows_current(link, place)),
    )
    for link in chosen:
        if canonical(link.url) not in entries and same_site(link.url, url):
            return link.url
    return None


def _links(tree: LexborHTMLParser, place: Place) -> Iterator[_Link]:
    """The links that say nothing but that there is more, or a number."""
    for node in islice(tree.css("a[href]"), _MOST_LINKS):
        label = _label(node)
        if label and (label.isdecimal() or _SIGN.fullmatch(label) or _LABEL.fullmatch(label)):
            found = place.link(node.attributes.get("href"))
            if found is not None:
                yield _Link(node, found, label)


def _label(node: LexborNode) -> str:
    """What a link says, in small letters: its text, else its label, its title or that of its picture."""
    only = node.first_child
    if only is not None and only.next is None and only.tag == "-text":
        text = only.text_content or ""
        shown = clean(text).casefold() if len(text) <= 4 * _LONGEST_LABEL else ""
        if len(shown) > 2 or shown.isdecimal():
            return shown if len(shown) <= _LONGEST_LABEL else ""
    elif len(node.html or "") > _LONGEST_MARKUP:
        return ""
    else:
        shown = text_of(node).casefold()
    attributes = node.attributes
    told = [shown, *(clean(attributes.get(name) or "").casefold() for name in ("aria-label", "title"))]
    picture = node.css_first("img[alt]") if not shown else None
    if picture is not None:
        told.append(clean(picture.attributes.get("alt") or "").casefold())
    told = [label for label in told if 0 < len(label) <= _LONGEST_LABEL]
    return next((label for label in told if _LABEL.fullmatch(label)), told[0] if told else "")


def _is_paged(link: _Link, url: str) -> bool:
    """Whether the address is that of the listing with a page's number, or anything but its path, changed."""
    here, there = split(url), split(link.url)
    if here is None or there is None:
        return False
    if here.path.rstrip("/") == there.path.rstrip("/") and here.query != there.query:
        return True
    start = _NUMBERED.sub("", here.path).rstrip("/").rpartition("/")[0]
    return bool(_NUMBERED.search(link.url)) and there.path.startswith(start)


def _in_pager(node: LexborNode) -> bool:
    """Whether a link stands in what its class, id or label calls a pager."""
    step: LexborNode | None = node
    named = False
    for _ in range(_CLIMB):
        if step is None or step.tag in {"body", "html"}:
            break
        attributes = step.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('aria-label') or ''}"
        if _NOT_PAGER.search(names):
            return False
        named = named or (step is not node and bool(_PAGER.search(names))) or attributes.get("role") == "navigation"
        step = step.parent
    return named


def _follows_current(link: _Link, place: Place) -> bool:
    """Whether the number before a link's own stands right before it and leads nowhere, or to this very page."""
    before = str(int(link.label) - 1)
    step: LexborNode | None = link.node
    for _ in range(3):
        if step is None or step.tag in {"td", "th", "body"}:
            return False
        other = step.prev
        while other is not None and not _shown(other):
            other = other.prev
        if other is not None:
            shown = _shown(other)
            if len(shown) > 200 or shown.strip("[]()| ,·-").split()[-1:] != [before]:
                return False
            leads = other if other.tag == "a" else other.css_first("a[href]") if other.tag != "-text" else None
            href = leads.attributes.get("href") if leads is not None else None
            return place.link(href) is None
        step = step.parent
    return False


def _shown(node: LexborNode) -> str:
    return clean((node.text_content if node.tag == "-text" else brief(node, 4 * _LONGEST_LABEL)) or "")
