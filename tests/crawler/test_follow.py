from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.addresses import WAY_OUT
from crawler.follow import Follow, Hop, same_site
from crawler.robots import MAX_BYTES
from crawler.web import Answer, Ask, FetchError, Forbidden


class Web:
    """Answers from a table: an address leads to a redirect's target, or gives a body."""

    def __init__(self, leads: dict[str, str | bytes], *, allow_private: bool = False) -> None:
        self.leads = leads
        self.hops: list[Hop] = []
        self.fetch = Follow(self._get, lambda: datetime(2026, 11, 20, tzinfo=UTC), allow_private=allow_private)

    async def _get(self, hop: Hop) -> Answer:
        self.hops.append(hop)
        to = self.leads.get(hop.url, b"")
        if isinstance(to, str):
            return Answer(hop.url, 302, {"location": to}, b"")
        return Answer(hop.url, 200 if hop.url in self.leads else 404, {}, to)

    @property
    def asked(self) -> list[str]:
        return [hop.url for hop in self.hops if not hop.url.endswith("/robots.txt")]


async def test_a_page_is_asked_with_the_headers_and_bounds_given() -> None:
    web = Web({"https://a.example/news": b"page"})
    answer = await web.fetch(Ask("https://a.example/news", {"If-None-Match": '"1"'}, max_bytes=99))
    assert (answer.body, answer.hops) == (b"page", ())
    robots, page = web.hops
    assert (robots.url, dict(robots.headers), robots.cut) == ("https://a.example/robots.txt", {}, True)
    assert (robots.max_bytes, robots.delay_s) == (MAX_BYTES, None)
    assert (page.headers, page.max_bytes, page.cut, page.delay_s) == ({"If-None-Match": '"1"'}, 99, False, 0.0)


async def test_redirects_are_followed_and_told() -> None:
    web = Web(
        {
            "https://a.example/old": "/new#part",
            "https://a.example/new": "http://www.a.example/new",
            "http://www.a.example/new": " sub/pägé ",
            "http://www.a.example/sub/p%C3%A4g%C3%A9": b"page",
        }
    )
    answer = await web.fetch(Ask("https://a.example/old", same_site=False))
    assert answer.url == "http://www.a.example/sub/p%C3%A4g%C3%A9"
    assert answer.hops == ("https://a.example/old", "https://a.example/new", "http://www.a.example/new")


async def test_five_redirects_are_enough() -> None:
    chain: dict[str, str | bytes] = {f"https://a.example/{n}": f"/{n + 1}" for n in range(5)}
    assert len((await Web({**chain, "https://a.example/5": b"x"}).fetch(Ask("https://a.example/0"))).hops) == 5
    web = Web({**chain, "https://a.example/5": "/6"})
    with pytest.raises(FetchError, match="more than 5 redirects"):
        await web.fetch(Ask("https://a.example/0"))
    assert len(web.asked) == 6


@pytest.mark.parametrize("back", ["/one", "/two", "https://a.example/two#again"])
async def test_a_circle_is_seen(back: str) -> None:
    web = Web({"https://a.example/one": "/two", "https://a.example/two": back})
    with pytest.raises(FetchError, match="redirects in a circle"):
        await web.fetch(Ask("https://a.example/one"))


@pytest.mark.parametrize("status", [300, 304, 305, 399])
async def test_other_3xx_are_answers(status: int) -> None:
    async def get(hop: Hop) -> Answer:
        return Answer(hop.url, status, {"location": "/elsewhere"}, b"")

    fetch = Follow(get, lambda: datetime(2026, 11, 20, tzinfo=UTC), allow_private=False)
    assert (await fetch(Ask("https://a.example/news"))).status == status


async def test_a_redirect_without_a_target_is_an_answer() -> None:
    async def get(hop: Hop) -> Answer:
        return Answer(hop.url, 302, {}, b"")

    fetch = Follow(get, lambda: datetime(2026, 11, 20, tzinfo=UTC), allow_private=False)
    assert (await fetch(Ask("https://a.example/news"))).status == 302


async def test_a_redirect_off_the_site_is_refused_before_it_is_asked() -> None:
    web = Web({"https://a.example/news": "https://login.other.example/?next=news"})
    with pytest.raises(FetchError, match=r"redirected off the site, to login\.other\.example"):
        await web.fetch(Ask("https://a.example/news"))
    assert web.asked == ["https://a.example/news"]


async def test_a_redirect_off_the_site_is_followed_where_that_was_not_asked_for() -> None:
    web = Web({"https://a.example/news": "https://other.example/", "https://other.example/": b"elsewhere"})
    assert (await web.fetch(Ask("https://a.example/news", same_site=False))).body == b"elsewhere"


async def test_each_hop_keeps_to_the_robots_txt_of_its_own_host() -> None:
    web = Web(
        {
            "https://a.example/news": "https://b.example/news",
            "https://b.example/robots.txt": b"User-agent: *\nDisallow: /news",
        }
    )
    with pytest.raises(Forbidden, match=r"robots\.txt forbids /news"):
        await web.fetch(Ask("https://a.example/news", same_site=False))
    assert web.asked == ["https://a.example/news"]


@pytest.mark.parametrize(
    "to",
    ["http://127.0.0.1/", "http://[::1]/", "http://2130706433/", "//localhost/", "http://x:y@b.example/", "ftp:/x"],
)
async def test_a_redirect_into_a_private_network_is_refused_before_it_is_asked(to: str) -> None:
    web = Web({"https://a.example/news": to})
    with pytest.raises(FetchError, match="redirected to a refused address"):
        await web.fetch(Ask("https://a.example/news", same_site=False))
    assert web.asked == ["https://a.example/news"]


async def test_a_robots_txt_that_leads_into_a_private_network_is_not_followed() -> None:
    web = Web({"https://a.example/robots.txt": "http://10.0.0.1/robots.txt"})
    with pytest.raises(FetchError, match=r"robots.txt: refused: 10.0.0.1 is not a public address"):
        await web.fetch(Ask("https://a.example/news"))
    assert [hop.url for hop in web.hops] == ["https://a.example/robots.txt"]


async def test_a_redirect_to_nonsense_is_said_so() -> None:
    with pytest.raises(FetchError, match="redirected to something that is not an address"):
        await Web({"https://a.example/news": "http://[nonsense"}).fetch(Ask("https://a.example/news"))


async def test_a_refused_address_is_not_asked_and_neither_is_its_robots_txt() -> None:
    web = Web({})
    with pytest.raises(FetchError, match=rf"^refused: 10.0.0.1 is not a public address{WAY_OUT}$"):
        await web.fetch(Ask("http://10.0.0.1/news"))
    assert web.hops == []


async def test_private_networks_are_asked_where_they_are_allowed() -> None:
    web = Web({"http://10.0.0.1/news": b"page"}, allow_private=True)
    assert (await web.fetch(Ask("http://10.0.0.1/news"))).body == b"page"


def test_a_site_is_a_registrable_domain() -> None:
    assert same_site("https://a.example/x", "http://a.example:8080/y")
