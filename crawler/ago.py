"""Distances in time back from now, as newsrooms print them: "3 hours ago", "hace 3 días", "昨天"."""

from __future__ import annotations

import re
from datetime import timedelta

from crawler.months import fold

# Beginnings of the words for a unit, folded; those of one letter, and those with a full stop here, are whole words.
_BEGINNINGS = {
    "seconds": "sec sek сек sekund saniye δευτ másodperc ثاني שניות",
    "minutes": "min хв. хвил мин dak dk λεπ perc menit mnt phut دقيق دقائق דק m.",
    "hours": (
        "hour hr. hrs. h. stund std heure hora. horas. ora. ore. hores. uur tim. timm time. timer. tunti"
        " hodin godz час ч. годин saat sa. ωρ oraval oraja sat. sata. sati. ora. jam. gio. שע ساع t."
    ),
    "days": (
        "day d. tag. tage. tagen. jour j. dia. dias. dies. giorn dag. dagar. dagen. dage. dager. døgn. dni. dnia."
        " dzien. den. dny. dnem. dnu. dan. dana. dnevi dnevom дн. дня. дней. дни. день. ден. д. gun. paiva pv. ημερ"
        " napja. nappal. zi. zile. hari. ngay. ימים ימ يوم ايام"
    ),
    "weeks": (
        "week weken. wk w. woche semaine semana settiman sem. veck vecka uge. uger. uke. uker. tydz tyg tyden tydn нед"
        " тиж седм hafta hf. viikko vk. εβδ hete. hettel sapt minggu. tuan. שבוע اسبوع اسابيع setman tjed"
    ),
}
_UNITS: dict[str, str] = {}
_WHOLE: dict[str, str] = {}
for _name, _words in _BEGINNINGS.items():
    for _word in _words.split():
        (_WHOLE if _word.endswith(".") else _UNITS)[fold(_word)] = _name
_LONGEST = max(map(len, _UNITS))

_ONE = r"an?|ein(?:er|em|e)?|une?|um|uma|una|en|et|ett"
_COUNT = rf"(?P<count>\d{{1,3}}|{_ONE})"
_UNIT = r"(?P<unit>[^\W\d_]+)"
_BEFORE = r"vor|il y a|hace|há|för|for|acum|před|pred|prije|пре|преди|πριν(?: από)?|fa|منذ|قبل|לפני|около"
_AFTER = r"ago|atrás|fa|geleden|sedan|siden|temu|назад|тому(?: назад)?|önce|sitten|ezelőtt|(?:yang )?lalu|trước|în urmă"
_DISTANCES = (
    re.compile(rf"(?<![^\W\d_])(?:{_BEFORE}) {_COUNT}\s?(?:de )?{_UNIT}", re.IGNORECASE),
    re.compile(rf"(?<![^\W\d_]){_COUNT}\s?{_UNIT} (?:{_AFTER})(?![^\W\d_])", re.IGNORECASE),
)
_HAN = re.compile(
    r"(?P<count>\d{1,3})\s?(?:(?P<minutes>分钟|分鐘|分|분)|(?P<hours>小时|小時|個小時|个小时|時間|시간)"
    r"|(?P<days>天|日|일)|(?P<weeks>周|週間|週|주))\s?(?:之?前|전)"
)
_LABEL = (
    r"(?:(?:posted|published|issued|released|date|veröffentlicht|publié|publicado|pubblicato|geplaatst|publicerad"
    r"|opublikowano|опубликовано)(?: on| am| le| el| il| op)?\s?:?\s)?"
)
_TIME = (
    r"(?:[ ,|–-]*(?:at |um |à |a las |alle |kl\.? |о |v |в |o )?\d{1,2}(?:[:.h]\d{2})?(?::\d{2})?\s?"
    r"(?:[ap]\.?m\.?|uhr|h)?)?"
)
_TODAY = (
    "today|just now|heute|gerade eben|aujourd[’']hui|à l[’']instant|hoy|oggi|hoje|vandaag|i dag|idag|avui|dzisiaj|dziś"
    "|dnes|danas|danes|сегодня|сьогодні|днес|bugün|tänään|σήμερα|azi|اليوم|היום|今日|今天|오늘|hari ini|hôm nay"
)
_YESTERDAY = (
    "yesterday|gestern|hier|ayer|ieri|ontem|gisteren|i går|igår|ahir|wczoraj|včera|včeraj|jučer|juče|вчера|учора|вчора"
    "|dün|eilen|χθες|tegnap|أمس|אתמול|昨日|昨天|어제|kemarin|hôm qua"
)
_BEFORE_YESTERDAY = (
    "vorgestern|avant-hier|anteayer|altro ieri|l[’']altro ieri|anteontem|eergisteren|förrgår|przedwczoraj|předevčírem"
    "|позавчера|позавчора|一昨日|前天|그저께"
)
_DAY = re.compile(
    rf"{_LABEL}(?:(?P<today>{_TODAY})|(?P<yesterday>{_YESTERDAY})|(?P<before>{_BEFORE_YESTERDAY})){_TIME}"
)
_DAYS = {"today": 0, "yesterday": 1, "before": 2}
# What parts a distance from the word before or after it, in small letters: few lines hold that, and this finds it fast.
_TOLD = re.compile(rf"(?:{_BEFORE}) | (?:{_AFTER})")
_HERE = frozenset({"de", "nl"})  # where "hier" means "here"


def distance(text: str, language: str = "") -> tuple[tuple[int, int], timedelta] | None:
    """Where a text says how long ago something was, and how long; months and years are too vague.

    A day that is named ("yesterday") must be all that the text says, but for a clock.
    """
    small = text.lower()
    for pattern in _DISTANCES if _TOLD.search(small) else ():
        if (match := pattern.search(text)) is not None and (unit := _unit(match["unit"])) is not None:
            count = match["count"]
            return match.span(), timedelta(**{unit: int(count) if count.isdigit() else 1})
    if (match := _HAN.search(text) if not text.isascii() else None) is not None:
        return match.span(), timedelta(**{match.lastgroup or "days": int(match["count"])})
    match = _DAY.fullmatch(small)
    if match is None or (small.startswith("hier") and language.partition("-")[0] in _HERE):
        return None
    return (0, len(text)), timedelta(days=next(days for name, days in _DAYS.items() if match[name]))


def _unit(word: str) -> str | None:
    folded = fold(word)
    if folded in _WHOLE:
        return _WHOLE[folded]
    lengths = range(min(_LONGEST, len(folded)), 1, -1)
    return next((_UNITS[folded[:length]] for length in lengths if folded[:length] in _UNITS), None)
