"""The words by which pages that stand in for others tell what they are, in the languages of most newsrooms.

Each kind has phrases for the page's own title or main heading, and others for its text, so that two hits are two signs.
They are compared folded: case, punctuation and white space do not matter.
"""

from __future__ import annotations

from enum import StrEnum


class Obstacle(StrEnum):
    """What stands between us and the page that was asked for; the value completes "the page …"."""

    CHALLENGE = "asks for proof that we are no robot"
    CONSENT = "asks for consent to cookies"
    MAINTENANCE = "says that the site is under maintenance"
    LOGIN = "asks to log in"
    PARKED = "is that of a parked domain"
    SHELL = "asks to enable JavaScript"


HEADINGS: dict[Obstacle, tuple[str, ...]] = {
    Obstacle.CHALLENGE: (
        "just a moment", "attention required", "checking your browser", "verify you are human",
        "verifying you are human", "are you a robot", "are you human", "you are not a robot", "human verification",
        "security check", "security verification", "access denied", "access to this page has been denied",
        "pardon our interruption", "ddos protection", "ddos guard", "bot protection", "bot verification",
        "one more step", "request unsuccessful", "un instant", "un momento", "einen moment bitte", "nur einen moment",
        "één moment", "um momento", "один момент", "vérification de sécurité", "sicherheitsüberprüfung",
        "comprobación de seguridad", "controllo di sicurezza", "verificação de segurança", "проверка безопасности",
        "проверка браузера", "accès refusé", "zugriff verweigert", "acceso denegado", "accesso negato",
        "acesso negado", "доступ запрещен", "доступ ограничен", "toegang geweigerd", "odmowa dostępu", "请稍候",
        "安全验证", "人机验证", "少々お待ちください", "잠시만 기다리십시오", "güvenlik kontrolü", "لحظة من فضلك",
    ),
    Obstacle.CONSENT: (
        "before you continue", "cookie consent", "we value your privacy", "your privacy choices",
        "your privacy matters", "privacy settings", "cookie settings", "cookie notice", "datenschutzeinstellungen",
        "datenschutz einstellungen", "cookie einstellungen", "bevor sie fortfahren",
        "wir respektieren ihre privatsphäre", "avant d accéder", "avant de continuer", "gestion des cookies",
        "votre vie privée", "antes de continuar", "tu privacidad", "su privacidad", "configuración de cookies",
        "prima di continuare", "la tua privacy", "antes de prosseguir", "a sua privacidade", "voordat je verdergaat",
        "cookie instellingen", "jouw privacy", "zanim przejdziesz", "twoja prywatność", "настройки файлов cookie",
        "cookieの設定",
    ),
    Obstacle.MAINTENANCE: (
        "under maintenance", "site maintenance", "scheduled maintenance", "maintenance mode", "down for maintenance",
        "undergoing maintenance", "maintenance", "we ll be back soon", "we will be back soon", "be right back",
        "temporarily unavailable", "service unavailable", "coming soon", "under construction", "wartungsarbeiten",
        "wartungsmodus", "wartung", "en maintenance", "site en maintenance", "maintenance en cours",
        "temporairement indisponible", "en mantenimiento", "sitio en mantenimiento", "in manutenzione",
        "manutenzione", "em manutenção", "manutenção", "onderhoud", "технические работы", "технических работ",
        "на обслуживании", "przerwa techniczna", "underhåll", "vedligeholdelse", "huoltokatko", "bakım",
        "メンテナンス", "维护", "維護", "점검", "صيانة",
    ),
    Obstacle.LOGIN: (
        "log in", "login", "sign in", "signin", "single sign on", "members only", "authentication required",
        "anmelden", "anmeldung", "einloggen", "connexion", "se connecter", "identification", "iniciar sesión",
        "acceso usuarios", "inicia sesión", "accedi", "accesso", "entrar", "iniciar sessão", "inloggen", "aanmelden",
        "вход", "войти", "авторизация", "zaloguj", "logowanie", "logga in", "log ind", "logg inn", "kirjaudu",
        "giriş yap", "ログイン", "登录", "登錄", "로그인", "تسجيل الدخول",
    ),
    Obstacle.PARKED: (
        "domain for sale", "domain is for sale", "domain may be for sale", "buy this domain", "domain parking",
        "parked domain", "domain is parked", "domain has expired", "domain expired", "this domain",
        "domain steht zum verkauf", "domain zu verkaufen", "domaine à vendre", "nom de domaine", "dominio en venta",
        "dominio in vendita", "domínio à venda", "domein te koop", "домен продается", "domena na sprzedaż",
        "account suspended", "website expired", "default web page", "welcome to nginx", "apache2 default page",
        "it works", "future home of", "ドメイン販売", "域名出售",
    ),
    Obstacle.SHELL: (
        "javascript required", "javascript is required", "javascript is disabled", "enable javascript",
        "please enable javascript", "javascript deaktiviert", "javascript aktivieren", "javascript désactivé",
        "activez javascript", "javascript desactivado", "включите javascript",
    ),
}  # fmt: skip

TEXTS: dict[Obstacle, tuple[str, ...]] = {
    Obstacle.CHALLENGE: (
        "needs to review the security of your connection", "enable javascript and cookies to continue",
        "complete the security check", "complete the captcha", "solve the captcha", "confirm you are human",
        "prove you are human", "performance security by cloudflare", "cloudflare ray id", "ray id", "unusual traffic",
        "automated requests", "automated access", "incident id", "support id", "reference number", "press and hold",
        "press hold", "this process is automatic", "you have been blocked", "blocked by",
        "you don t have permission to access", "why have i been blocked", "redirected once the validation",
        "dass sie kein roboter sind", "dass sie ein mensch sind", "ungewöhnlichen datenverkehr",
        "vous n êtes pas un robot", "que vous êtes humain", "que no eres un robot", "que eres humano",
        "que no es un robot", "che non sei un robot", "que não é um robô", "dat je geen robot bent",
        "что вы не робот", "что вы человек", "że nie jesteś robotem", "您是真人", "我不是机器人", "ロボットではない",
        "로봇이 아님", "robot olmadığınızı", "أنك لست روبوت",
    ),
    Obstacle.CONSENT: (
        "we use cookies", "uses cookies", "accept all", "accept cookies", "reject all", "manage options",
        "our partners store", "legitimate interest", "wir verwenden cookies", "alle akzeptieren", "alle ablehnen",
        "cookies akzeptieren", "nous utilisons des cookies", "tout accepter", "tout refuser", "utilizamos cookies",
        "aceptar todo", "rechazar todo", "aceptar cookies", "utilizziamo i cookie", "accetta tutto", "rifiuta tutto",
        "usamos cookies", "aceitar tudo", "wij gebruiken cookies", "alles accepteren", "używamy plików cookie",
        "zaakceptuj wszystko", "vi använder cookies", "acceptera alla", "мы используем файлы cookie", "принять все",
        "クッキーを使用", "すべて同意",
    ),
    Obstacle.MAINTENANCE: (
        "check back", "come back later", "back shortly", "back online", "try again later",
        "sorry for the inconvenience", "apologise for the inconvenience", "apologize for the inconvenience",
        "performing maintenance", "performing scheduled", "currently offline", "currently unavailable",
        "we are updating", "launching soon", "in kürze wieder", "bald wieder", "später noch einmal", "später erneut",
        "derzeit nicht erreichbar", "momentan nicht", "revenez", "de retour", "veuillez nous excuser",
        "réessayer plus tard", "vuelva", "volveremos", "inténtelo más tarde", "disculpe las molestias", "torneremo",
        "riprova più tardi", "ci scusiamo", "voltaremos", "tente novamente", "lamentamos", "probeer het later",
        "binnenkort weer", "зайдите позже", "попробуйте позже", "приносим извинения", "spróbuj później",
        "zapraszamy później", "försök igen", "しばらくお待ち", "ご迷惑", "稍后再", "稍後再", "daha sonra tekrar",
    ),
    Obstacle.LOGIN: (
        "forgot password", "forgot your password", "forgotten password", "reset password", "remember me",
        "stay signed in", "create an account", "passwort vergessen", "angemeldet bleiben", "mot de passe oublié",
        "se souvenir de moi", "olvidaste tu contraseña", "olvidó su contraseña", "recordarme", "password dimenticata",
        "ricordami", "esqueceu", "esqueci", "wachtwoord vergeten", "забыли пароль", "запомнить меня",
        "nie pamiętasz hasła", "zapomniałeś hasła", "glömt lösenord", "glemt adgangskode", "şifremi unuttum",
        "パスワードを忘れ", "忘记密码", "忘記密碼", "비밀번호",
    ),
    Obstacle.PARKED: (
        "make an offer", "inquire about this domain", "related searches", "sponsored listings", "domain broker",
        "get this domain", "renew your domain", "domain owner", "parked free", "contact your hosting provider",
        "domain kaufen", "angebot abgeben", "faire une offre", "acheter ce domaine", "hacer una oferta",
        "comprar este dominio", "fare un offerta", "fazer uma oferta", "doe een bod", "купить домен", "złóż ofertę",
        "further configuration is required",
    ),
    Obstacle.SHELL: (
        "you need to enable javascript", "enable javascript to run", "requires javascript",
        "javascript to be enabled", "works best with javascript", "doesn t work properly without javascript",
        "does not work without javascript", "turn on javascript", "activate javascript", "enable javascript",
        "aktivieren sie javascript", "javascript aktivieren", "activer javascript", "activez javascript",
        "habilite javascript", "habilitar javascript", "activar javascript", "abilita javascript",
        "attiva javascript", "ative o javascript", "habilite o javascript", "schakel javascript in",
        "включите javascript", "включить javascript", "włącz javascript", "aktivera javascript", "javascriptを有効",
        "启用javascript", "javascript etkinleştir",
    ),
}  # fmt: skip

NOT_FOUND = (
    "not found", "page doesn t exist", "page does not exist", "page you requested", "page can t be found",
    "page cannot be found", "page could not be found", "couldn t find", "can t find", "cannot find that page",
    "no longer available", "no longer exists", "no longer here", "is gone", "page unavailable", "content unavailable",
    "page is missing", "page has been removed", "page has been deleted", "nothing found", "nothing here", "oops",
    "error 404", "404 error", "http 404", "nicht gefunden", "existiert nicht", "nicht mehr verfügbar", "fehler 404",
    "introuvable", "n existe pas", "n existe plus", "non trouvée", "n est plus disponible", "erreur 404",
    "no encontrada", "no encontrado", "no existe", "no se encuentra", "no se ha encontrado", "ya no está disponible",
    "non trovata", "non trovato", "non esiste", "errore 404", "não encontrada", "não encontrado", "não existe",
    "erro 404", "niet gevonden", "bestaat niet", "не найдена", "не найден", "не существует", "ошибка 404",
    "nie znaleziono", "nie istnieje", "hittades inte", "finns inte", "blev ikke fundet", "ikke funnet", "findes ikke",
    "ei löydy", "nenalezena", "nenalezeno", "nem található", "pagina nu a fost găsită", "bulunamadı", "δεν βρέθηκε",
    "не знайдено", "見つかりません", "見つかりませんでした", "页面不存在", "找不到", "未找到", "찾을 수 없습니다",
    "غير موجودة", "لم يتم العثور", "לא נמצא", "پیدا نشد", "不存在",
)  # fmt: skip
