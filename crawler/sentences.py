"""The first sentence of a text, and words of links that are not titles."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.text import cut

# The longest lead sentences of the newsrooms at hand have 330 characters; a cut title could never be compared as a
# whole.
LONGEST_SENTENCE = 400

_ABBREVIATION = re.compile(
    r"(?:^|[\s(“\"'‘])(?:[A-Za-z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Hon|Sen|Rep|Gov|Gen|Lt|Col|Maj|Capt|Sgt|Cpl"
    r"|Adm|Cmdr|Pres|Sr|Jr|St|Ste|Mt|Ft|No|Nos|Nr|Art|Sec|Fig|Vol|pp|vs|v|cf|ca|approx|est|al|etc|Inc|Ltd|Co|Corp|Bros|Dept"
    r"|Univ|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mme|Mlle|Hr|Fr|bzw|Sr|Sra|Srta|Dra|Ing|Lic|Av|Abs|Ave|Blvd|Rd|Ph\.D)$"
)
_END = re.compile(r"(?P<stop>[.!?…]+)(?P<quote>[”’\"')\]»]*)(?=\s+[“‘\"'(\[«¿¡]*[^\W_a-z])|(?P<wide>[。！？][」』”]?)")

# One line a language or two, more for English; each is all that a link says, but for signs around it.
_MORE = (
    r"(?:continue|keep|please|go|click|tap)\b.{0,12}\b(?:read(?:ing)?|here|more)\b.{0,60}",
    (
        r"(?:read|view|see|find out|learn|show|discover|get|load)\s(?:the\s)?"
        r"(?:more|full|entire|complete|whole|rest|details?|all|now|on)\b.{0,80}"
    ),
    (
        r"(?:read|see|view)\s(?:the\s|this\s|our\s)?(?:(?:full|press|news|media)\s)?"
        r"(?:story|release|statement|article|report|post|update|text|document|pdf)\b.{0,20}"
    ),
    r"(?:full|more)\s?(?:story|text|release|details|info(?:rmation)?|article|statement)?",
    r"read|details?|here|link|view|open|next",
    (
        r"(?:download|pdf|docx?|html?|zip|xlsx?|print|e-?mail|share|tweet|facebook|twitter|linkedin|whatsapp|x)"
        r"(?:\s?\(?[\d.,]*\s?[kmg]?b?\)?|\s(?:pdf|file|this|on\s\w+|document|here))?"
    ),
    r"weiterlesen|mehr(?:\s(?:erfahren|lesen|dazu|infos?))?|zum artikel",
    r"(?:en )?(?:lire|savoir)\s(?:la suite|plus|l[’']article).{0,60}",
    r"(?:leer|ver|saber|seguir|sigue)\s(?:más|mas|leyendo|nota).{0,60}|(?:leia|saiba|ler|ver|veja)\smais.{0,60}",
    r"(?:leggi|continua|scopri|vai)\s(?:tutto|a leggere|di più|la notizia|altro).{0,60}",
    r"lees\s(?:meer|verder).{0,60}|meer(?: lezen)?|l[äæe]s\s?mere?|les\smer|lue\slisää",
    r"czytaj\s(?:więcej|dalej)|więcej|číst\s(?:více|dál)|více|devam[ıi](?:n[ıi] oku)?|περισσότερα",
    r"подробнее|читать\s(?:далее|дальше|полностью)|далее|докладніше|читати\sдалі",
    r"続きを読む|もっと(?:見る|読む)|詳細(?:はこちら)?|阅读更多|阅读全文|更多|查看详情|詳細",
    r"더\s?보기|자세히\s?보기|اقرأ المزيد|المزيد",
)
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_MOST_IN_CODE = 40  # characters
_ASIDE, _DIGITS = re.compile(r"\([^)]*\)"), re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PHRASE = re.compile(r"(?<![^\s])[A-Za-z]{2,}(?![^\s,;:])")
_READ_MORE = re.compile(rf"\W*(?:{'|'.join(_MORE)})?\W*")  # of small letters: this is faster than to mind no case


def is_read_more(text: str) -> bool:
    """Whether a link's text only says that there is more, or in which format, in the languages of most newsrooms."""
    return len(text) <= 120 and _is_more(text)


@lru_cache(maxsize=8192)  # every line of an entry is asked about several times
def _is_more(text: str) -> bool:
    return _READ_MORE.fullmatch(text.lower()) is not None


@lru_cache(maxsize=8192)  # likewise
def is_code(text: str) -> bool:
    """Whether a text is a number by which a document is filed, and no more: "24-CF-0758", "Docket No. 1498".

    A word with a year ("Budget 2024") is none, nor is anything with a word of a sentence in it.
    """
    told = _ASIDE.sub(" ", text).strip() or text
    digits = sum(map(str.isdigit, told))
    if not digits or not told.isascii():
        return False
    letters = sum(map(str.isalpha, told))
    if digits >= letters:
        return True
    words = _LETTERS.findall(told)
    if len(told) > _MOST_IN_CODE or any(word.islower() for word in _PHRASE.findall(told)):
        return False
    if _YEAR.fullmatch(" ".join(_DIGITS.findall(told))) and max(map(len, words), default=0) > 4:
        return False
    return len([word for word in words if not word.isupper() or len(word) > 4]) < 2 and letters <= 12


def first_sentence(text: str) -> str:
    """The first sentence of a cleaned text, past abbreviations and initials; cut where it is longer than any title."""
    for end in _END.finditer(text, 0, LONGEST_SENTENCE * 2):
        if (
            end["stop"] == "."
            and not end["quote"]
            and _ABBREVIATION.search(text, max(0, end.start() - 20), end.start())
        ):
            continue
        return cut(text[: end.end()], LONGEST_SENTENCE)
    return cut(text, LONGEST_SENTENCE)
