"""Names of months, and words for distances in time, in the languages that newsrooms print most."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

# One line a language, January first, as they stand in a date; `a|b` are two spellings. Folded when read: no accents,
# no case.
_NAMES = """
january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep october|oct \
november|nov december|dec
januar|jänner februar|feber märz|mrz april mai juni juli august september oktober|okt november dezember|dez
janvier|janv février|févr mars avril|avr mai juin juillet|juil août septembre octobre novembre décembre
enero|ene febrero marzo abril|abr mayo junio julio agosto|ago septiembre|setiembre|set octubre noviembre diciembre|dic
gennaio|gen febbraio marzo aprile maggio|mag giugno|giu luglio|lug agosto settembre ottobre|ott novembre dicembre
janeiro fevereiro|fev março abril maio|mai junho julho agosto setembro outubro|out novembro dezembro
januari februari maart|mrt april mei juni juli augustus september oktober november december
januari februari mars|marts april maj juni juli augusti september oktober november december|desember
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października - grudnia
ledna února března dubna května června července srpna září října - prosince
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta \
joulukuuta
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
"""
# November in Polish and Czech, October in Croatian: only a known language tells.
_BY_LANGUAGE = {"listopada": {"pl": 11, "hr": 10}, "listopadu": {"cs": 11}}

_UNIT = re.compile(
    r"(?P<second>sec|sek)|(?P<minute>min)|(?P<hour>hour|hr|h\b|stund|std|heure|hora|ora\b|ore\b|uur|uren|timm|time)"
    r"|(?P<day>day|d\b|tag|jour|dia|día|giorn|dag)|(?P<week>week|wk|woche|semaine|semana|settiman|weken|veck|uge)",
    re.IGNORECASE,
)
_DISTANCE = re.compile(
    r"(?:\b(?:vor|il y a|hace|há|för)\s+(?P<before>\d{1,3}|an?|ein(?:er|em)?|une?)\s+(?P<what>[^\W\d_]+))"
    r"|(?:\b(?P<count>\d{1,3}|an?)\s?(?P<unit>[^\W\d_]+)\s+(?:ago|atrás|fa|geleden|sedan)\b)",
    re.IGNORECASE,
)
_DAYS = re.compile(
    r"(?P<today>\b(?:today|just now|heute|aujourd[’']hui|hoy|oggi|hoje|vandaag|i dag|idag)\b)"
    r"|(?P<yesterday>\b(?:yesterday|gestern|hier|ayer|ieri|ontem|gisteren|i går|igår)\b)",
    re.IGNORECASE,
)


def _fold(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


_MONTHS = {
    _fold(name): number
    for line in _NAMES.strip().splitlines()
    for number, names in enumerate(line.split(), start=1)
    for name in names.split("|")
    if name != "-"
}


def month(word: str, language: str = "") -> int | None:
    """The month a word names, 1 to 12, in any language of the table; `language` settles what two of them share."""
    folded = _fold(word)
    return _MONTHS.get(folded) or _BY_LANGUAGE.get(folded, {}).get(language.partition("-")[0])


def is_shared(text: str) -> bool:
    """Whether a text names a month that is another one in another language."""
    return any(_fold(word) in _BY_LANGUAGE for word in text.split())


def distance(text: str) -> tuple[tuple[int, int], timedelta] | None:
    """Where a text says how long ago something was, and how long: "3 hours ago"; months and years are too vague."""
    if (match := _DISTANCE.search(text)) is not None:
        unit = _UNIT.match(match["what"] or match["unit"])
        if unit is None or unit.lastgroup is None:
            return None
        count = match["before"] or match["count"]
        return match.span(), timedelta(**{f"{unit.lastgroup}s": int(count) if count.isdigit() else 1})
    if (match := _DAYS.search(text)) is not None:
        return match.span(), timedelta(days=match.lastgroup == "yesterday")
    return None
