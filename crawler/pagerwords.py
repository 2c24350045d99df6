"""What a pager's links say, in the languages of newsrooms: on, back, or that there is more."""

from __future__ import annotations

import re
from enum import IntEnum


class Says(IntEnum):
    """What a label means, in the order in which labels of one pager are believed."""

    NEXT = 0  # words for the next or the older page
    SIGN = 1  # an arrow
    NUMBER = 2  # the number of a page
    MORE = 3  # that there is more
    NOTHING = 4  # nothing known
    NEWER = 5  # words or an arrow for the page before, or for the last


# Patterns, a line for each language or two. What leads to older releases; a bare "previous" leads to newer ones.
_NEXT = r"""
next|next page|nextpage|next results page|go to (?:the )?next page|continue to next page|older|older content|earlier
(?:view |see |show )?(?:the )?next (?:\d+ )?(?:press |news )?{things}|(?:view |see |show )?older (?:news )?{things}
next \d+|(?:previous|earlier) (?:press |news )?(?:posts|entries|news|articles|stories|releases|statements|messages)
weiter|vor|vorwärts|nächste[rs]?|nächste seite|zur nächsten seite|eine seite weiter|ältere|blättern
(?:ältere|vorherige|frühere) \w+
nächste (?:\d+ )?(?:meldungen|beiträge|einträge|artikel|ergebnisse|treffer|nachrichten)
suivante?s?|page suivante|aller à la page suivante|plus anciens|plus anciennes|résultats suivants|suiv\.?
(?:articles|messages|actualités|billets|publications|communiqués) (?:plus ancien(?:ne)?s|précédente?s)
siguientes?|(?:ir a la )?(?:página )?siguiente(?: página)?|próxima(?: página)?|más antigu[ao]s?|sig\.?|adelante
(?:entradas|noticias|publicaciones|artículos|notas|comunicados) (?:más antigu[ao]s|anteriores|antiguas)
successiv[aoi]|avanti|pagina successiva|(?:vai alla )?(?:pagina seguente|prossima pagina)|prossim[ao]|seguente
(?:articoli|post|notizie|comunicati|messaggi|risultati) (?:meno recenti|precedenti|più vecchi|successivi)
meno recenti|più vecchi|próxim[oa]s?|(?:ir para a )?próxima página|seguintes?|página seguinte|avançar|mais antig[oa]s
\w+ mais antig[oa]s|(?:postagens|artigos|notícias|publicações|posts) (?:antig[oa]s|anteriores)|seguinte|següent
volgende|volgende pagina|naar (?:de )?volgende pagina|oudere(?: \w+)?|verder|vorige (?:berichten|artikelen)
nästa|nästa sida|äldre(?: \w+)?|framåt|næste|næste side|neste|neste side|ældre(?: \w+)?|eldre(?: \w+)?|fremad
seuraavat?|seuraava sivu|vanhemmat(?: \w+)?|järgmine|järgmine leht|vanemad(?: \w+)?|næsta|næsta síða|eldri(?: \w+)?
nākam[āa](?: lapa)?|tālāk|senāk\w*(?: \w+)?|kitas|kitas puslapis|toliau|senesni(?: \w+)?|tjetra|faqja tjetër
następn[aye]|następna strona|starsze(?: \w+)?|dalej|poprzednie (?:wpisy|artykuły)|pàgina següent|més antics|hurrengoa
další|další stránka|následující(?: stránka)?|starší(?: \w+)?|ďalši[ae]|ďalej|nasledujúca(?: strana)?|nasledujúce
следующ(?:ая|ие|ий)|след\.?|следующая (?:страница|стр\.?)|впер[её]д|далее|дальше|ранее|(?:более )?старые(?: \w+)?
(?:старые|предыдущие|более ранние|прошлые) (?:записи|новости|статьи|материалы|публикации|посты|сообщения)
наступн[аі]|наступна сторінка|далі|вперед|попередні (?:записи|новини)|старіші(?: \w+)?|наступная(?: старонка)?
следваща(?: страница)?|напред|по-стари(?: \w+)?|уперед|следећа(?: страна)?|следеће|следна(?: страница)?
sljedeć[ae]|sledeć[ae](?: strana)?|slijedeća|stari?j[ei](?: \w+)?|naslednja|naprej|starejš[ei](?: \w+)?
sonraki|sonraki sayfa|ileri|daha eski(?: \w+)?|eski (?:yazılar|haberler)|növbəti|keyingi|келесі|кийинки
következő|következő oldal|régebbi(?: \w+)?|korábbi(?: \w+)?|előre|următoare?a?|următorul|pagina următoare|înainte
articole mai vechi|mai vechi|επόμεν[ηοα]|επόμενες|επόμενη σελίδα|παλαιότερ[αο]ς?(?: \w+)?
berikutnya|selanjutnya|halaman berikutnya|lama|pos lama|seterusnya|trang sau|trang tiếp(?: theo)?|tiếp(?: theo)?
tiếp tục|sau|cũ hơn|bài cũ hơn|inayofuata|susunod|अगला|अगला पृष्ठ|अगले|पुराने|পরবর্তী|அடுத்த
ถัดไป|หน้าถัดไป|หน้าต่อไป|เก่ากว่า
次へ|次|次の?(?:ページ|頁)(?:へ|を見る)?|次の\s?\d+\s?件(?:へ)?|次を見る|次ページ(?:へ)?|次の一覧|以前の(?:投稿|記事)
過去の(?:投稿|記事|ニュース)(?:へ|を見る)?|古い(?:投稿|記事)(?:へ)?|下一?[页頁]|下一[个個張张]|后一?[页頁]|後一頁|下翻
较旧的?(?:文章|日志)|更早的?(?:文章|新闻)?|舊的?文章|下\s?\d+\s?[条條]
다음|다음 ?페이지(?:로)?(?: 이동)?|다음 ?목록|다음으로
오래된 (?:글|게시물)|التالي|التالى|الصفحة التالية|التالية|الأقدم
أقدم|اللاحق|المقالات الأقدم|صفحه بعد|صفحهٔ بعد|بعدی|بعد
הבא|הבאה|לעמוד הבא|העמוד הבא|הדף הבא|דף הבא|ישנים יותר|פוסטים ישנים|اگلا|اگلا صفحہ|შემდეგი|հաջորդ|дараагийн|បន្ទាប់
"""
_THINGS = (
    "(?:posts|entries|news|articles|stories|releases|items|updates|results|statements|messages|topics|threads|reviews"
    "|products|events|records|pages?)"
)
_MORE = r"""
(?:load|show|see|view) more(?: \w+){0,2}|more(?: news| posts| articles| stories| releases| results| entries)?
mehr (?:anzeigen|laden)|weitere (?:\w+ )?(?:anzeigen|laden)|mehr \w+ (?:anzeigen|laden)|weitere \w+
(?:charger|afficher|voir) plus(?: d['’e] ?\w+)?|plus de? ?\w+|plus d['’]\w+
(?:cargar|ver|mostrar) más(?: \w+)?|más \w+
(?:carica|mostra|vedi) (?:altr[ioea]|di più|ancora)(?: \w+)?|(?:carregar|ver|mostrar) mais(?: \w+)?|mais \w+
(?:laad|toon|bekijk) meer(?: \w+)?|meer (?:laden|tonen|\w+)|(?:visa|ladda|läs in) (?:fler|mer)(?: \w+)?|fler \w+
(?:vis|hent|indlæs|last inn) (?:flere|mere?)(?: \w+)?|flere \w+|(?:näytä|lataa) lisää(?: \w+)?
(?:pokaż|załaduj|zobacz|wczytaj) więcej(?: \w+)?|(?:zobrazi[tť]|načí(?:st|tať)) (?:další|více|viac|ďalšie)(?: \w+)?
(?:показать|загрузить) (?:ещ[её]|больше)(?: \w+)?|ещ[её](?: \w+)?|(?:показати|завантажити) (?:ще|більше)
daha fazla(?: \w+)?|devamını yükle|továbbiak(?: betöltése)?|több(?: \w+)?|(?:încarcă )?mai multe(?: \w+)?|περισσότερα
もっと(?:見る|読む|読み込む)?|さらに(?:表示|読み込む|見る)|(?:查看|加载|載入|加載|看|显示|顯示)?更多
더 ?보기|المزيد|عرض المزيد
טען עוד|xem thêm|muat lebih banyak|ดูเพิ่มเติม
"""
_NEWER = r"""
newer(?: \w+)?|newest|more recent(?: \w+)?|prev|previous
previous page|back|zurück|vorherige(?: seite)?|neuere(?: \w+)?
précédente?s?|page précédente|(?:\w+ )?plus récente?s|anterior|página anterior|(?:\w+ )?más recientes?|más nuev[ao]s
precedente|pagina precedente|indietro|(?:\w+ )?più recenti|(?:\w+ )?mais recentes|vorige(?: pagina)?|nieuwere(?: \w+)?
föregående|nyare(?: \w+)?|forrige|nyere(?: \w+)?|edellinen|uudemmat(?: \w+)?|poprzedni[ae]?|poprzednia strona
nowsze(?: \w+)?|předchozí|novější(?: \w+)?|predchádzajúca|novšie(?: \w+)?|предыдущая|предыдущая страница|назад
(?:более )?новые(?: \w+)?|попередня|новіші(?: \w+)?|önceki|önceki sayfa|daha yeni(?: \w+)?|előző|újabb(?: \w+)?
precedenta|anteriorul|mai noi|προηγούμενη|νεότερα
前へ|前の?ページ(?:へ)?|新しい(?:投稿|記事)(?:へ)?|上一?[页頁]|较新的?文章
이전|이전 ?페이지|السابق|السابقة|הקודם|trang trước|mới hơn|sebelumnya
last|last page|go to (?:the )?last page|letzte(?: seite)?|ende|derni[eè]re?(?: page)?|[úu]ltima?(?: p[áa]gina)?
laatste(?: pagina)?|sista(?: sidan)?|siste|sidste|viimeinen|ostatnia(?: strona)?|poslední(?: stránka)?|последняя
последняя страница|в конец|son(?: sayfa)?|utolsó|最後へ?|最后一?[页頁]|[尾末][页頁]|마지막|الأخيرة|end
"""
_OLD = r"""
older|earlier|previous|ältere|vorherige|frühere|ouder|vorige|äldre|ældre|eldre|starsz|starš|antig|vecchi|anterior
precedent|meno recent|ancien|précédent|vanhem|стар|предыдущ|ранн|eski|régebb
korább|vechi|παλαι|過去|古い|以前|旧|舊|오래|أقدم
cũ|lama
"""
_PAGES = r"page|seite|página|pagina|strona|sida|side|страница|第"

_ON_SIGNS = "›»→>❯⟩▶►⇒≫▸⟶➔➜➡》〉"
_BACK_SIGNS = "‹«←<❮⟨◀◄⇐≪◂⟵⬅《〈"
_COUNT = r"(?:[\s(]*\d+(?: ?(?:of|/|von|de|sur|di|van|из|z) ?\d+)?[\s)]*)?"


def _pattern(words: str) -> str:
    """A pattern of labels in small letters (of I and İ, too): one that minds no case takes far longer to say no."""
    words = words.casefold().replace("ı", "[ıi]")
    return rf"[\W_]*(?:{'|'.join(words.split(chr(10))[1:-1])})[\W_]*"


_NEXT_LABEL = re.compile(_pattern(_NEXT.replace("{things}", _THINGS)) + rf"{_COUNT}[\W_]*")
_MORE_LABEL = re.compile(_pattern(_MORE))
_NEWER_LABEL = re.compile(_pattern(_NEWER) + rf"{_COUNT}[\W_]*")
_OLD_WORD = re.compile("|".join(_OLD.split("\n")[1:-1]), re.IGNORECASE)
_ON = re.compile(rf"[{_ON_SIGNS}]{{1,3}}")
_BACK = re.compile(rf"[{_BACK_SIGNS}]{{1,3}}")
_NUMBER = re.compile(
    rf"[\[(]?(?:(?:go to |zu |aller à la |ir a la |vai a )?(?:{_PAGES})\s?)?"
    r"(\d{1,5})\s?(?:ページ|页|頁)?目?[\])]?",
    re.IGNORECASE,
)


def says(label: str) -> Says:
    """What a label of a pager says, which must be casefolded.

    An arrow back beside words for what is older does not turn them round.
    """
    if _NUMBER.fullmatch(label):
        return Says.NUMBER
    if _ON.fullmatch(label):
        return Says.SIGN
    if _NEXT_LABEL.fullmatch(label):
        return Says.NEWER if label[0] in _BACK_SIGNS and not _OLD_WORD.search(label) else Says.NEXT
    if _BACK.fullmatch(label) or _NEWER_LABEL.fullmatch(label):
        return Says.NEWER
    return Says.MORE if _MORE_LABEL.fullmatch(label) else Says.NOTHING


def number_of(label: str) -> int | None:
    """The number of the page that a label names, None where it names none."""
    match = _NUMBER.fullmatch(label)
    return int(match[1]) if match else None
