"""Recognises pages that are not what they claim: challenges, consent walls, maintenance, logins, parked domains.

One phrase never decides, and what a listing's own entries say never counts: news is written about maintenance, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from selectolax.lexbor import LexborHTMLParser
from w3lib.encoding import http_content_type_encoding

from crawler.markup import decode, is_tangled
from crawler.nodes import brief
from crawler.text import fold_title
from crawler.wording import HEADINGS, NOT_FOUND, TEXTS, Obstacle
from storage.records import Page

THIN_WORDS = 120  # a page that stands in for another is short ...
THIN_LINKS = 15  # ... and leads nowhere; a listing of ten has more of both
BARE_WORDS = 30  # visible words of a page that scripts have yet to fill
EMPTY_WORDS = 5  # fewer than this are no page at all
LONG_HEADING = 10  # words; a longer heading is a headline, not a notice
MAX_TEXT = 60_000  # characters of visible text that are looked at; what a page is, it says early
_MOST_OF_HEADING = 2_000  # characters that are looked at
SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""A letter of a script that writes no words apart."""

ENOUGH_SIGNS = 2
ENOUGH_WITH_ENTRIES = 3  # where entries were read, more must speak against them

# Scripts and addresses that only such pages carry. Cloudflare puts `scripts/jsd` into healthy pages as well.
_MARKS = {
    Obstacle.CHALLENGE: re.compile(
        r"cdn-cgi/challenge-platform/(?!scripts/jsd)|_cf_chl_opt|\bcf-chl-|captcha-delivery\.com|px-captcha|_Incapsula_Resource"
        r"|ddos-guard/js-challenge|awswaf\.com|aws-waf-token|sucuri_cloudproxy|distil_r_captcha|hcaptcha\.com/1/api\.js"
        r"|challenges\.cloudflare\.com/turnstile|/_sec/cp_challenge|bm-verify|geo\.captcha",
        re.IGNORECASE,
    ),
    Obstacle.CONSENT: re.compile(
        r"consent\.(?:google|youtube|yahoo)\.com|guce\.|privacy-mgmt\.com|/consent(?:-wall)?[/?\"]", re.IGNORECASE
    ),
    Obstacle.PARKED: re.compile(
        r"sedoparking|parkingcrew|bodis\.com|parklogic|hugedomains|afternic|above\.com/marketplace|/lander\b|cgi-sys/suspendedpage",
        re.IGNORECASE,
    ),
}
# What a page must hold, in small letters, to carry any of them: looked for first, many times faster than the patterns.
_NEEDLES = {
    Obstacle.CHALLENGE: (
        "cdn-cgi/challenge-platform/", "_cf_chl_opt", "cf-chl-", "captcha", "_incapsula_resource", "ddos-guard/",
        "awswaf.com", "aws-waf-token", "sucuri_cloudproxy", "cloudflare.com/turnstile", "cp_challenge", "bm-verify",
    ),
    Obstacle.CONSENT: ("consent", "guce.", "privacy-mgmt.com"),
    Obstacle.PARKED: (
        "sedoparking", "parkingcrew", "bodis.com", "parklogic", "hugedomains", "afternic", "above.com/marketplace",
        "/lander", "cgi-sys/suspendedpage",
    ),
}  # fmt: skip
_PARTS = re.compile(r"\s+(?:[|·•»«:–—-]|::)\s+")
_ROOTS = "#root, #app, #__next, #__nuxt, #___gatsby, #react-root, #main-app, app-root, #svelte"
_UNSEEN = ["script", "style", "template", "noscript", "svg", "iframe", "head"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page shows of itself, all texts folded as by `fold_title`.

    `headings`: its title, the parts of it, and its h1, in order. `text`: what is visible, in order. `unscripted`: shown
    without JavaScript only. `words` and `links` are counts; `password`: it asks for one; `root`: a script's empty mount
    point; `scripts`: their number; `marks`: obstacles whose scripts or addresses it carries.
    """

    headings: tuple[str, ...] = ()
    text: str = ""
    unscripted: str = ""
    words: int = 0
    links: int = 0
    password: bool = False
    root: bool = False
    scripts: int = 0
    marks: frozenset[Obstacle] = frozenset()

    @property
    def thin(self) -> bool:
        """Whether there is too little on the page for a listing or a release among menus."""
        return self.words < THIN_WORDS and self.links < THIN_LINKS


def declared(page: Page) -> str | None:
    """The charset that the page's header declared."""
    return http_content_type_encoding(page.content_type)


def decoded(page: Page) -> str:
    """The page's text; empty where it is markup that no browser would show, which no parser should be given."""
    text = decode(page.body, declared(page))
    return "" if is_tangled(text) else text


def title_parts(title: str) -> list[str]:
    """A page's title, and, where the site's name or section is written beside it, its parts."""
    parts = _PARTS.split(title.strip())
    return [title.strip(), *(parts if len(parts) > 1 else ())]


def facts(page: Page, html: str | None = None) -> Facts:
    """Reads what a page shows of itself; any body will do, however broken. `html` is its text where that is known."""
    html = decoded(page) if html is None else html
    tree = LexborHTMLParser(html)
    titles = [part for node in tree.css("title")[:1] for part in title_parts(node.text()[:_MOST_OF_HEADING])[:10]]
    unscripted = " ".join(node.text(separator=" ") for node in tree.css("noscript")[:50])
    headings = [fold_title(text) for text in (*titles, *(brief(node, _MOST_OF_HEADING) for node in tree.css("h1")[:5]))]
    scripts = len(tree.css("script"))
    root = any(not node.text(strip=True) for node in tree.css(_ROOTS)[:5])
    password = tree.css_first("input[type=password]") is not None
    tree.strip_tags(_UNSEEN)
    body = tree.body
    text = fold_title((body.text(separator=" ") if body else "")[:MAX_TEXT])
    return Facts(
        headings=tuple(filter(None, headings)),
        text=text,
        unscripted=fold_title(unscripted[:MAX_TEXT]),
        words=_words(text),
        links=len(tree.css("a[href]")),
        password=password,
        root=root,
        scripts=scripts,
        marks=_marks(html[: 5 * MAX_TEXT]),
    )


def _marks(html: str) -> frozenset[Obstacle]:
    """The obstacles whose scripts or addresses stand in the markup."""
    small = html.lower()
    likely = [kind for kind, needles in _NEEDLES.items() if any(needle in small for needle in needles)]
    return frozenset(kind for kind in likely if _MARKS[kind].search(html))


def obstacle(shown: Facts, titles: Iterable[str] = ()) -> Obstacle | None:
    """What the page is instead of what was asked for, None where too few signs agree.

    `titles` are those of the entries that were read from it: they are no signs, and with any, more signs are asked for.
    """
    folded = [fold for title in titles if (fold := fold_title(title))]
    headings = [heading for heading in shown.headings if heading not in folded]
    text = shown.text
    for fold in folded:
        text = text.replace(fold, " ")
    enough = ENOUGH_WITH_ENTRIES if folded else ENOUGH_SIGNS
    best = max(Obstacle, key=lambda kind: _signs(kind, shown, headings, text))
    return best if _signs(best, shown, headings, text) >= enough else None


def says_not_found(shown: Facts) -> bool:
    """Whether the page says, in its title, its main heading or the little text it has, that there is nothing here."""
    notices = [heading for heading in shown.headings if len(heading.split()) <= LONG_HEADING]
    if shown.words < BARE_WORDS:
        notices.append(shown.text)
    return any(
        notice in {"404", "410"} or notice.startswith("404 ") or _not_found().search(notice) for notice in notices
    )


def kind_of_body(body: bytes) -> str | None:
    """The media type that the first bytes give away, None where they don't: text/html, application/pdf, ..."""
    start = body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    if _HTML_START.match(start):
        return "text/html"
    if start[:1] in {b"{", b"["} and b"</" not in body[:4096]:
        return "application/json"
    return "application/xml" if start.startswith(b"<?xml") else None


_MAGIC = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG", "image/png"), (b"GIF8", "image/gif"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"), (b"\x1f\x8b", "application/gzip"), (b"\xd0\xcf\x11\xe0", "application/msword"),
    (b"{\\rtf", "application/rtf"),
)  # fmt: skip
_HTML_START = re.compile(
    rb"(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|div|h1|p|a)\b",
    re.IGNORECASE | re.DOTALL,
)


def _signs(kind: Obstacle, shown: Facts, headings: list[str], text: str) -> int:
    """How many independent signs there are of one kind; none unless the page is thin or says so at its head."""
    pattern_head, pattern_text = _patterns(kind)
    head = any(pattern_head.search(heading) for heading in headings if len(heading.split()) <= LONG_HEADING)
    if not (head or shown.thin):  # before the long text of a healthy page is searched
        return 0
    told = bool(pattern_text.search(text))
    marked = kind in shown.marks
    count = head + told + marked
    if kind is Obstacle.LOGIN:
        count += shown.password
    elif kind is Obstacle.SHELL:
        bare = shown.words < BARE_WORDS
        told = told or bool(pattern_text.search(shown.unscripted))
        count = (head + told + shown.root + (shown.scripts > 0 and shown.words < EMPTY_WORDS)) if bare else 0
    return count + shown.thin if count else 0


@cache
def _patterns(kind: Obstacle) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return _any_of(HEADINGS[kind]), _any_of(TEXTS[kind])


@cache
def _not_found() -> re.Pattern[str]:
    return _any_of(NOT_FOUND)


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Matches a folded text that holds any of the phrases: whole words, save in scripts that write none apart."""
    folded = sorted(fold_title(phrase) for phrase in phrases)
    words = "|".join(re.escape(phrase) for phrase in folded if not SPACELESS.search(phrase))
    dense = [re.escape(phrase) for phrase in folded if SPACELESS.search(phrase)]
    return re.compile("|".join([rf"\b(?:{words})\b", *dense]))


def _words(text: str) -> int:
    """Words of a folded text; in scripts that write none apart, two letters count as one."""
    if not SPACELESS.search(text):
        return len(text.split())
    return sum(len(word) // 2 if SPACELESS.search(word) else 1 for word in text.split())
