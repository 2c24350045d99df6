"""The scripts and addresses that only pages in the way carry are found, whichever they are."""

from __future__ import annotations

import pytest

from crawler.signs import facts
from crawler.wording import Obstacle
from storage.records import Page

CARRIED = {
    Obstacle.CHALLENGE: (
        "/cdn-cgi/challenge-platform/h/b/orchestrate", "window._cf_chl_opt={}", "id=cf-chl-widget",
        "ct.captcha-delivery.com", "PX-Captcha",
        "/_Incapsula_Resource?x", "/ddos-guard/js-challenge/", "x.awswaf.com", "aws-waf-token",
        "sucuri_cloudproxy_js", "distil_r_captcha.html", "https://hcaptcha.com/1/api.js",
        "challenges.cloudflare.com/turnstile/v0", "/_sec/cp_challenge/", "?bm-verify=a", "geo.captcha-x",
    ),
    Obstacle.CONSENT: (
        "https://consent.google.com/m", "consent.YouTube.com", "consent.yahoo.com", "https://guce.oath.test/",
        "x.privacy-mgmt.com",
        'href="/consent"', "/consent-wall/", "/consent?back=/",
    ),
    Obstacle.PARKED: (
        "img.sedoparking.com", "parkingcrew.net", "bodis.com", "parklogic", "HugeDomains", "afternic",
        "above.com/marketplace",
        'href="/lander"', "/cgi-sys/suspendedpage.cgi",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in CARRIED.items() for text in texts])
def test_a_page_that_carries_a_mark_is_marked(kind: Obstacle, text: str) -> None:
    body = f"<html><body><script>{text}</script><p>Please wait</body></html>".encode()
    assert kind in facts(Page("http://room.test/", "text/html; charset=utf-8", body)).marks


@pytest.mark.parametrize(
    "text", ["/cdn-cgi/challenge-platform/scripts/jsd/main.js", "a captcha", "we consent", "/landers"]
)
def test_a_page_that_only_mentions_it_is_not(text: str) -> None:
    body = f"<html><body><script>{text}</script><p>News</body></html>".encode()
    assert not facts(Page("http://room.test/", "text/html; charset=utf-8", body)).marks
