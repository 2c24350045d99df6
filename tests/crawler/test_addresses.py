from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses import ip_refused, refusal

PRIVATE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1",  # noqa: S104 -- an address to judge, not to bind
    "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.127.255.255", "192.0.0.8", "192.0.0.9", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:0:8.8.8.8", "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::808:808", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "4000::1", "fc00::1", "fd12:3456::1", "fe80::1",
    "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.215.14", "100.63.0.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8",
          "64:ff9b::8.8.8.8", "2002:808:808::1"]  # fmt: skip


@pytest.mark.parametrize("ip", PRIVATE)
def test_an_ip_address_that_is_not_public_is_refused(ip: str) -> None:
    assert ip_refused(ip)


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_public_ip_address_is_not_refused(ip: str) -> None:
    assert not ip_refused(ip)


@pytest.mark.parametrize("junk", ["", "news.example", "1.2.3", "127.1", "0x7f.0.0.1", "::1::"])
def test_what_is_no_ip_address_is_refused_as_one(junk: str) -> None:
    assert ip_refused(junk)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.org/news/",
        "http://example.org:8080/news?page=2#top",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/",
        "https://例え.テスト/",
        "https://example.org./",
        "HTTPS://EXAMPLE.ORG/a b",
        "https://localhost.example.org/",
        "https://internal-affairs.example/",
        "https://1.example.org/",
    ],
)
def test_a_public_address_is_asked(url: str) -> None:
    assert refusal(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.0.0.1:9000/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1%25eth0]/", "http://[64:ff9b::a00:1]/", "http://169.254.169.254/latest/meta-data",
        "http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://127.1/", "http://127.0.1/",
        "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://127.0.0.0x1/", "http://127.0.0.1./", "http://1.2.3.4.5/",
        "http://999.1.1.1/", "http://256/", "http://0x/", "http://134744072/", "http://１２７.0.0.1/",
        "http://localhost/", "http://LOCALHOST:8080/", "http://localhost./", "http://news.localhost/",
        "http://ⓛocalhost/", "http://printer.local/", "http://db.internal/", "http://localhost.localdomain/",
    ],
)  # fmt: skip
def test_an_address_of_a_private_network_is_refused_however_it_is_spelt(url: str) -> None:
    assert refusal(url) is not None


@pytest.mark.parametrize(
    "url",
    [
        "", "news.example/", "//news.example/", "/news", "ftp://news.example/", "file:///etc/passwd",
        "javascript:alert(1)", "data:text/html,x", "mailto:press@news.example", "http://", "http:///news",
        "https://:443/", "https://user@news.example/", "https://user:word@news.example/", "https://@news.example/",
        "http://news.example:99999/", "http://news.example:port/", "http://[::1/", "http://[nonsense]/",
        "http://news.example\\@127.0.0.1/", "http://news example/", "http://news\x00.example/", "http://a..example/",
        "http://.example/", "http://%31%32%37.0.0.1/", "https://news.example/" + "a" * 9000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_newsroom_is_refused_even_where_private_ones_are_allowed(url: str) -> None:
    assert refusal(url) is not None
    assert refusal(url, allow_private=True) is not None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/", "http://localhost:8000/", "http://[::1]/", "http://db.internal/"]
)
def test_private_networks_pass_where_they_are_allowed(url: str) -> None:
    assert refusal(url, allow_private=True) is None


def test_a_number_that_is_no_plain_ip_address_is_refused_even_where_private_ones_are_allowed() -> None:
    assert refusal("http://2130706433/", allow_private=True) == "2130706433 is not a plainly written IP address"


def test_the_reason_names_what_is_wrong() -> None:
    assert refusal("ftp://news.example/") == "only http and https addresses are read, not ftp"
    assert refusal("news.example/") == "only http and https addresses are read, not one without a scheme"
    assert refusal("http://10.0.0.8/") == "10.0.0.8 is not a public address"
    assert refusal("http://db.internal/") == "db.internal is a name of a private network"


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert refusal(text) is None or refusal(text)
    assert refusal(f"http://{text}/") is None or refusal(f"http://{text}/")


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_ipv6_dress(address: object) -> None:
    plain = ip_refused(str(address))
    assert ip_refused(f"::ffff:{address}") == plain
    assert ip_refused(f"64:ff9b::{address}") == plain
