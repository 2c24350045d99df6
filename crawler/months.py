"""Names of months in the languages of newsrooms: a table of the most frequent, a library's data for all others."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# One line a language, January first, as they stand in a date; `a|b` are two spellings, `-` is in _BY_LANGUAGE. Folded
# when read: no accents, no case, no full stops; `_` is a blank.
_NAMES = """
january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep october|oct \
november|nov december|dec
januar|jänner|jän februar|feber märz|mrz april mai juni juli august september oktober|okt november dezember|dez
janvier|janv février|févr|fév mars avril|avr mai juin juillet|juil août septembre octobre novembre décembre|déc
enero|ene febrero marzo abril|abr mayo junio julio agosto|ago septiembre|setiembre|set octubre noviembre diciembre|dic
gennaio|gen febbraio|febbr marzo aprile maggio|mag giugno|giu luglio|lug agosto settembre|sett ottobre|ott novembre \
dicembre
janeiro fevereiro|fev março abril maio|mai junho julho agosto setembro outubro|out novembro dezembro
januari februari maart|mrt april mei juni juli augustus september oktober november december
januari februari mars|marts april maj juni juli augusti september oktober november december|desember|des
gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
xaneiro febreiro marzo abril maio xuño xullo agosto setembro outubro novembro decembro
janúar febrúar mars apríl maí júní júlí ágúst|ágú september október nóvember desember
stycznia|styczeń|sty lutego|luty|lut marca|marzec kwietnia|kwiecień|kwi maja czerwca|czerwiec|cze lipca|lipiec \
sierpnia|sierpień|sie września|wrzesień|wrz października|październik|paź - grudnia|grudzień|gru
ledna|leden|led února|únor|úno března|březen|bře dubna|duben|dub května|květen|kvě června|červen|čvn \
července|červenec|čvc srpna|srpen září|zář října|říjen|říj - prosince|prosinec
januára február|februára marca|marec apríl|apríla máj|mája jún|júna júl|júla augusta septembra októbra novembra \
decembra
siječnja|siječanj veljače|veljača ožujka|ožujak travnja|travanj svibnja|svibanj lipnja|lipanj srpnja|srpanj \
kolovoza|kolovoz rujna|rujan - studenoga|studenog|studeni prosinca|prosinac
januar|januara februar|februara mart|marta aprila maja juna jula avgust|avgusta septembra oktobar|oktobra \
novembar|novembra decembar|decembra
januarja februarja marec|marca aprila maja junij|junija julij|julija avgusta septembra oktobra novembra decembra
января|январь|янв февраля|февраль|фев марта|март|мар апреля|апрель|апр мая|май июня|июнь|июн июля|июль|июл \
августа|август|авг сентября|сентябрь|сен|сент октября|октябрь|окт ноября|ноябрь|ноя декабря|декабрь|дек
січня|січень|січ лютого|лютий|лют березня|березень|бер квітня|квітень|квіт травня|травень|трав червня|червень|черв \
липня|липень серпня|серпень|серп вересня|вересень|вер жовтня|жовтень|жовт листопада|листопад|лист грудня|грудень|груд
студзеня лютага сакавіка красавіка мая|траўня чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня
януари|яну февруари|февр март април май юни юли август септември|септ октомври ноември|ноем декември
јануар|јануара фебруар|фебруара марта|мар априла мај|маја јун|јуна јул|јула августа септембар|септембра \
октобар|октобра новембар|новембра децембар|децембра
јануари фебруари март април мај јуни јули август септември октомври ноември декември
ocak|oca şubat|şub mart nisan|nis mayıs haziran|haz temmuz|tem ağustos|ağu eylül|eyl ekim|eki kasım|kas aralık|ara
tammikuuta|tammikuu helmikuuta|helmikuu maaliskuuta|maaliskuu huhtikuuta|huhtikuu toukokuuta|toukokuu \
kesäkuuta|kesäkuu heinäkuuta|heinäkuu elokuuta|elokuu syyskuuta|syyskuu lokakuuta|lokakuu marraskuuta|marraskuu \
joulukuuta|joulukuu
jaanuar|jaan veebruar|veebr märts aprill mai juuni juuli august september oktoober november detsember|dets
janvāris|janvārī februāris|februārī marts|martā aprīlis|aprīlī maijs|maijā jūnijs|jūnijā jūlijs|jūlijā \
augusts|augustā septembris|septembrī oktobris|oktobrī novembris|novembrī decembris|decembrī
sausio|sausis vasario|vasaris kovo|kovas balandžio|balandis gegužės|gegužė birželio|birželis liepos|liepa \
rugpjūčio|rugpjūtis rugsėjo|rugsėjis spalio|spalis lapkričio|lapkritis gruodžio|gruodis
ianuarie|ian februarie martie aprilie mai iunie|iun iulie|iul august septembrie octombrie noiembrie|noi decembrie
januar|január február március|márc április|ápr május|máj június|jún július|júl augusztus szeptember|szept október \
november december
ιανουαρίου|ιανουάριος|ιαν φεβρουαρίου|φεβρουάριος|φεβ μαρτίου|μάρτιος|μαρ απριλίου|απρίλιος|απρ \
μαΐου|μάιος|μαι ιουνίου|ιούνιος|ιουν ιουλίου|ιούλιος|ιουλ αυγούστου|αύγουστος|αυγ σεπτεμβρίου|σεπτέμβριος|σεπ \
οκτωβρίου|οκτώβριος|οκτ νοεμβρίου|νοέμβριος|νοε δεκεμβρίου|δεκέμβριος|δεκ
يناير|جانفي فبراير|فيفري مارس أبريل|أفريل|ابريل مايو|ماي يونيو|يونيه|جوان يوليو|يوليه|جويلية أغسطس|غشت|أوت \
سبتمبر|شتنبر أكتوبر نوفمبر|نونبر ديسمبر|دجنبر
كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول
ינואר|בינואר|ינו פברואר|בפברואר|פבר מרץ|במרץ|מרס|במרס אפריל|באפריל|אפר מאי|במאי יוני|ביוני|יונ יולי|ביולי|יול \
אוגוסט|באוגוסט|אוג ספטמבר|בספטמבר|ספט אוקטובר|באוקטובר|אוק נובמבר|בנובמבר|נוב דצמבר|בדצמבר|דצמ
ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر
जनवरी फ़रवरी|फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर|सितम्बर अक्टूबर|अक्तूबर नवंबर|नवम्बर दिसंबर|दिसम्बर
มกราคม|มค กุมภาพันธ์|กพ มีนาคม|มีค เมษายน|เมย พฤษภาคม|พค มิถุนายน|มิย กรกฎาคม|กค สิงหาคม|สค กันยายน|กย ตุลาคม|ตค \
พฤศจิกายน|พย ธันวาคม|ธค
tháng_một|tháng_giêng tháng_hai tháng_ba tháng_tư tháng_năm tháng_sáu tháng_bảy tháng_tám tháng_chín tháng_mười \
tháng_mười_một tháng_mười_hai
januari februari maret|mar april mei juni juli agustus|agt september oktober november|nopember desember
januari februari mac april mei jun julai ogos september oktober november disember|dis
"""
# Words that name different months in different languages, or are common words of others: only a known language tells.
_BY_LANGUAGE = {
    "listopada": {"pl": 11, "hr": 10}, "listopad": {"pl": 11, "cs": 11, "hr": 10}, "listopadu": {"cs": 11},
    "lis": {"pl": 11, "cs": 11, "hr": 10}, "lip": {"pl": 7, "hr": 6},
    "srp": {"cs": 8, "hr": 7}, "pro": {"cs": 12, "hr": 12}, "tra": {"hr": 4, "uk": 5}, "svi": {"hr": 5},
    "kol": {"hr": 8}, "ruj": {"hr": 9}, "stu": {"hr": 11}, "sij": {"hr": 1}, "velj": {"hr": 2}, "ozu": {"hr": 3},
    "лип": {"uk": 7}, "лис": {"uk": 11}, "сер": {"uk": 8},
}  # fmt: skip
_ENGLISH_WORDS = frozenset({"ago", "ara", "des", "dis", "dub", "gen", "led", "lug", "mac", "mag", "mai", "out", "set"})
_COVERED = """
en de fr es it pt nl sv da nb nn no ca gl is pl cs sk hr bs sl ru uk be bg sr mk tr fi et lv lt ro hu el ar he fa hi
th vi id ms zh ja ko
"""
_LANGUAGES = frozenset(_COVERED.split())
_HAN_MONTH = re.compile(r"(\d{1,2})\s?[月월]")
# The Persian calendar's months: the year of the same date tells that they are meant.
_JALALI = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """A word without case, accents and full stops."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c) and c not in ".'’׳")


_MONTHS: dict[str, int] = {}
for _line in _NAMES.strip().splitlines():
    for _number, _names in enumerate(_line.split(), start=1):
        for _name in _names.split("|"):
            if _name != "-" and (_folded := fold(_name.replace("_", " "))) not in _BY_LANGUAGE:
                _MONTHS.setdefault(_folded, _number)
_PERSIAN = {fold(name): number for number, name in enumerate(_JALALI.split(), start=1)}


def month(word: str, language: str = "") -> int | None:
    """The month a word names, 1 to 12, in any language of the table or in `language`, which settles what two share."""
    folded = fold(word)
    base = language.partition("-")[0]
    if folded in _BY_LANGUAGE:
        return _BY_LANGUAGE[folded].get(base)
    if base == "en" and folded in _ENGLISH_WORDS:
        return None
    return _MONTHS.get(folded) or _of_language(base).get(folded)


def month_in(text: str, language: str = "") -> int | None:
    """The month that a text names by a word, or as in 3月; the first if there are several."""
    if (match := _HAN_MONTH.search(text)) is not None and 1 <= int(match[1]) <= 12:
        return int(match[1])
    return next((number for word in text.split() if (number := month(word.strip(",;:()"), language))), None)


def persian_month(word: str) -> int | None:
    """The month of the Persian calendar that a word names, 1 to 12."""
    return _PERSIAN.get(fold(word))


@lru_cache(maxsize=64)
def _of_language(base: str) -> dict[str, int]:
    """The months of a language that is not in the table, from dateparser's data; empty for what is no language."""
    if not base.isascii() or not base.isalpha() or len(base) > 3 or base in _LANGUAGES:
        return {}
    # Imported late: it takes 60 ms, and most newsrooms never need it.
    from dateparser.languages import default_loader  # noqa: PLC0415 (see above)

    try:
        told = default_loader.get_locale(base).info
    except ValueError:  # it knows no such language
        return {}
    return {fold(name): number for number, key in enumerate(_KEYS, start=1) for name in told.get(key, ())}


_KEYS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
