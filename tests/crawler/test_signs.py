from __future__ import annotations

import pytest

from crawler.signs import decoded, facts, kind_of_body, obstacle, says_not_found
from crawler.wording import Obstacle
from storage.records import Page

HTML = "text/html; charset=utf-8"


def page(html: str, content_type: str = HTML) -> Page:
    return Page("https://news.example.org/", content_type, html.encode())


def built(title: str = "", body: str = "", head: str = "") -> Page:
    return page(f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>")


def listing(*titles: str) -> Page:
    rows = "".join(f"<li><a href='/news/{i}'>{title}</a> 4 May 2026</li>" for i, title in enumerate(titles))
    menu = "".join(f"<a href='/part/{i}'>Part {i}</a>" for i in range(20))
    return built("Newsroom", f"<nav>{menu}</nav><h1>News</h1><ul>{rows}</ul>")


STAND_INS = [
    (
        Obstacle.CHALLENGE,
        built(
            "Just a moment...",
            "<p>Complete the security check to go on.</p>",
            "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script>",
        ),
    ),
    (Obstacle.CHALLENGE, built("Один момент…", "<p>Подтвердите, что вы не робот</p>")),
    (Obstacle.CHALLENGE, built("请稍候…", "<p>请确认您是真人</p>")),
    (Obstacle.CONSENT, built("Avant de continuer", "<p>Nous utilisons des cookies.</p><button>Tout accepter</button>")),
    (Obstacle.CONSENT, built("Cookie consent", "<p>Our partners store data.</p><button>Accept all</button>")),
    (Obstacle.MAINTENANCE, built("Wartungsarbeiten", "<h1>Wir sind in Kürze wieder da</h1>")),
    (Obstacle.MAINTENANCE, built("Site", "<h1>Down for maintenance</h1><p>Please check back soon.</p>")),
    (Obstacle.LOGIN, built("Log in", "<form><input name=user><input type=password></form>")),
    (Obstacle.LOGIN, built("Iniciar sesión", "<form><input type=password></form><p>¿Olvidó su contraseña?</p>")),
    (Obstacle.PARKED, built("example.org", "<h1>This domain may be for sale</h1><p>Related searches</p>")),
    (Obstacle.PARKED, built("Welcome to nginx!", "<p>Further configuration is required.</p>")),
    (Obstacle.SHELL, built("Newsroom", "<div id=root></div><script src=app.js></script>")),
    (
        Obstacle.SHELL,
        built("Newsroom", "<noscript>You need to enable JavaScript to run this app.</noscript><div id=x></div>"),
    ),
]


@pytest.mark.parametrize(
    ("kind", "stand_in"), STAND_INS, ids=[f"{kind.name}-{i}" for i, (kind, _) in enumerate(STAND_INS)]
)
def test_a_page_that_stands_in_for_another_is_recognised(kind: Obstacle, stand_in: Page) -> None:
    assert obstacle(facts(stand_in)) is kind


@pytest.mark.parametrize(
    "title",
    [
        "Just a moment: what ten years of war have changed",
        "Site under maintenance, says minister",
        "We use cookies, and so do they: a report",
        "Are you a robot? Check back on our AI campaign",
        "Log in to the world: forgot your password?",
    ],
)
def test_a_listing_may_write_about_any_of_it(title: str) -> None:
    others = ["Second release of the day", "Third release of the day"]
    shown = facts(listing(title, *others))
    assert obstacle(shown, [title, *others]) is None
    assert obstacle(shown) is None


def test_a_short_page_with_a_single_entry_about_it_is_no_stand_in() -> None:
    title = "Site under maintenance: check back, says minister"
    single = built("Newsroom", f"<h1><a href='/news/1'>{title}</a></h1><p>{title}</p>")
    assert obstacle(facts(single), [title]) is None


def test_with_entries_more_signs_are_asked_for() -> None:
    shown = facts(built("Wartungsarbeiten", "<p><a href='/imprint'>Imprint of the office</a></p>"))
    assert obstacle(shown) is Obstacle.MAINTENANCE
    assert obstacle(shown, ["Imprint of the office"]) is None


def test_a_challenge_behind_a_menu_is_recognised_with_entries() -> None:
    challenge = built(
        "Just a moment...",
        "<a href='/a'>Why have I been blocked?</a><a href='/b'>Help centre</a><p>Verify: confirm you are human</p>",
        "<script>window._cf_chl_opt = {}</script>",
    )
    assert obstacle(facts(challenge), ["Help centre"]) is Obstacle.CHALLENGE


def test_scripts_that_healthy_pages_carry_too_are_no_sign() -> None:
    shown = facts(
        built(
            "Not here",
            "<p>Sorry, what you are looking for has moved on.</p>",
            "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>",
        )
    )
    assert shown.marks == frozenset()
    assert obstacle(shown) is None


def test_a_login_box_beside_a_full_page_is_no_sign() -> None:
    words = " ".join(f"word{i}" for i in range(200))
    shown = facts(built("Newsroom", f"<form><input type=password>Forgot your password?</form><p>{words}</p>"))
    assert obstacle(shown) is None


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Page not found | Example", "<p>Try the search.</p>"),
        ("Example", "<h1>404</h1>"),
        (
            "Not found — The Newsroom of the International Federation for a Very Long Name",
            "<p>Sorry.</p>" + "word " * 60,
        ),
        ("Example", "<h1>Seite nicht gefunden</h1>"),
        ("404 – Example", "<p>Nothing.</p>"),
        ("Страница не найдена", ""),
        ("Example", "<p>Cette page est introuvable.</p>"),
        ("ページが見つかりません", ""),
    ],
)
def test_a_page_says_that_there_is_nothing(title: str, body: str) -> None:
    assert says_not_found(facts(built(title, body)))


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Newsroom", "<p>The body was not found, said police. " + "word " * 60 + "</p>"),
        ("Remains of the forty men who disappeared were not found in the pit", "<p>" + "word " * 60 + "</p>"),
    ],
)
def test_a_text_about_things_not_found_says_nothing_of_the_page(title: str, body: str) -> None:
    assert not says_not_found(facts(built(title, body)))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xef\xbb\xbf <!DOCTYPE html><p>x", "text/html"),
        (b"<!-- a\nb --><html>", "text/html"),
        (b"<?xml version='1.0'?><html xmlns='x'>", "text/html"),
        (b"<?xml version='1.0'?><rss>", "application/xml"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n", "image/png"),
        (b'{"entries": []}', "application/json"),
        (b"[1, 2]", "application/json"),
        (b"Hello", None),
        (b"", None),
        (b"<rss>", None),
    ],
)
def test_the_first_bytes_give_the_kind_away(body: bytes, kind: str | None) -> None:
    assert kind_of_body(body) == kind


def test_a_page_is_decoded_as_declared_or_as_it_looks() -> None:
    cyrillic = "Новости"
    assert decoded(Page("https://e.org", "text/html; charset=windows-1251", cyrillic.encode("cp1251"))) == cyrillic
    meta = "<meta charset='windows-1251'>Новости"
    assert "Новости" in decoded(Page("https://e.org", "text/html", meta.encode("cp1251")))
    assert decoded(Page("https://e.org", "", b"plain")) == "plain"


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"<", b"<div " * 3000, b"<b>" * 50_000, b"<div>" * 50_000])
def test_facts_of_broken_pages_raise_nothing(body: bytes) -> None:
    obstacle(facts(Page("https://e.org", "text/html", body)))
