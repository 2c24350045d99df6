from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

from crawler.robots import MAX_BYTES, Robots, parse
from crawler.web import Answer, FetchError, Forbidden

START = datetime(2026, 11, 20, 7, 0, 0, tzinfo=UTC)
NEWS = "https://news.example/press/one"
FILE = "https://news.example/robots.txt"


class World:
    """A clock to turn and a web that answers what it is told; `asked` lists the addresses asked."""

    def __init__(self, capacity: int = 4096) -> None:
        self.now = START
        self.says: dict[str, Answer | FetchError] = {}
        self.asked: list[str] = []
        self.robots = Robots(self._ask, lambda: self.now, capacity)

    async def _ask(self, url: str) -> Answer:
        self.asked.append(url)
        await asyncio.sleep(0)
        said = self.says.get(url, Answer(url, 404, {}, b""))
        if isinstance(said, FetchError):
            raise said
        return said

    def say(self, body: str = "", status: int = 200, url: str = FILE, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.says[url] = Answer(url, status, named, body.encode())

    def later(self, **ago: float) -> None:
        self.now += timedelta(**ago)

    async def allowed(self, url: str = NEWS) -> bool:
        try:
            await self.robots.delay_s(url)
        except Forbidden:
            return False
        return True


@pytest.fixture
def world() -> World:
    return World()


async def test_what_the_file_forbids_is_not_asked(world: World) -> None:
    world.say("User-agent: *\nDisallow: /private\nAllow: /private/press\n")
    assert await world.allowed()
    assert await world.allowed("https://news.example/private/press/one")
    with pytest.raises(Forbidden, match=r"robots\.txt forbids /private/x\?page=2"):
        await world.robots.delay_s("https://news.example/private/x?page=2")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: presswatch\nDisallow: /", False),
        ("user-agent: PressWatch/2.0\ndisallow: /press", False),
        ("User-agent: other\nUser-agent: presswatch\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: presswatch\nDisallow: /drafts", True),
        ("User-agent: presswatch-beta\nDisallow: /", True),
        ("User-agent: presswatcher\nDisallow: /", True),
        ("User-agent: press\nDisallow: /", True),
        ("User-agent: somebot\nDisallow: /", True),
        ("User-agent: *\nDisallow: /*/one$", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\r\nDisallow: /\r\n", False),
        ("User-agent: *\rDisallow: /\r", False),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: http://[\nDisallow: //[x", True),
        ("<!doctype html><title>Not found</title>", True),
        ("", True),
    ],
)
async def test_the_group_that_names_us_holds_else_the_one_for_all(world: World, text: str, allowed: bool) -> None:
    world.say(text)
    assert await world.allowed() is allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 451])
async def test_any_4xx_means_that_there_is_no_file(world: World, status: int) -> None:
    world.say("User-agent: *\nDisallow: /", status)
    assert await world.allowed()


async def test_the_file_is_asked_once_a_day_for_each_origin(world: World) -> None:
    world.say("User-agent: *\nDisallow: /")
    assert not await world.allowed()
    world.later(hours=23)
    assert not await world.allowed("https://news.example/other")
    assert await world.allowed("http://news.example/press/one")
    assert await world.allowed("https://news.example:8443/press/one")
    assert world.asked == [FILE, "http://news.example/robots.txt", "https://news.example:8443/robots.txt"]
    world.say("")
    world.later(hours=2)
    assert await world.allowed()
    assert world.asked.count(FILE) == 2


async def test_a_clock_that_was_set_back_has_the_file_read_again(world: World) -> None:
    await world.allowed()
    world.later(hours=-3)
    await world.allowed()
    assert world.asked == [FILE, FILE]


async def test_visits_at_once_share_one_reading(world: World) -> None:
    assert await asyncio.gather(*(world.allowed() for _ in range(5))) == [True] * 5
    assert world.asked == [FILE]


async def test_a_server_in_trouble_is_not_asked_before_there_is_a_copy(world: World) -> None:
    world.say(status=503, retry_after="90")
    with pytest.raises(Forbidden, match=r"robots.txt answers 503 since 2026-11-20 07:00 UTC") as caught:
        await world.robots.delay_s(NEWS)
    assert caught.value.retry_after_s == 90
    world.later(minutes=4)
    assert not await world.allowed()
    assert world.asked == [FILE]  # a server in trouble is not pressed
    world.later(minutes=2)
    with pytest.raises(Forbidden, match=r"since 2026-11-20 07:00 UTC"):
        await world.robots.delay_s(NEWS)
    world.say("User-agent: *\nDisallow: /drafts")
    world.later(minutes=6)
    assert await world.allowed()


@pytest.mark.parametrize("trouble", [503, FetchError("no full answer within 30 s")])
async def test_the_last_copy_holds_for_a_day_of_trouble_and_then_nothing_is_asked(
    world: World, trouble: int | FetchError
) -> None:
    world.say("User-agent: *\nDisallow: /drafts")
    assert await world.allowed()
    if isinstance(trouble, int):
        world.say(status=trouble)
        what = "answers 503"
    else:
        world.says[FILE] = trouble
        what = r"cannot be had \(no full answer within 30 s\)"
    world.later(hours=25)
    assert await world.allowed()
    assert not await world.allowed("https://news.example/drafts/1")
    world.later(hours=23)
    assert await world.allowed()
    world.later(hours=1, minutes=1)
    with pytest.raises(Forbidden, match=rf"robots.txt {what} since 2026-11-21 08:00 UTC"):
        await world.robots.delay_s(NEWS)
    world.say("")
    world.later(minutes=5)
    assert await world.allowed()


async def test_a_host_that_cannot_be_reached_is_no_matter_of_permission(world: World) -> None:
    world.says[FILE] = FetchError("the name news.example cannot be resolved", 5.0)
    for _ in range(2):
        with pytest.raises(FetchError, match=r"^robots.txt: the name news.example cannot be resolved$") as caught:
            await world.robots.delay_s(NEWS)
        assert not isinstance(caught.value, Forbidden)
        assert caught.value.retry_after_s == 5
    assert world.asked == [FILE, FILE]


async def test_redirects_to_the_file_are_followed(world: World) -> None:
    world.say(status=301, location="https://www.news.example/robots.txt")
    world.say("User-agent: *\nDisallow: /press", url="https://www.news.example/robots.txt")
    assert not await world.allowed()


@pytest.mark.parametrize("location", ["/robots.txt", "http://[nonsense"])
async def test_redirects_that_lead_nowhere_mean_that_there_is_no_file(world: World, location: str) -> None:
    world.say(status=302, location=location)
    assert await world.allowed()
    assert len(world.asked) <= 6


async def test_a_redirect_without_a_target_means_that_there_is_no_file(world: World) -> None:
    world.say("User-agent: *\nDisallow: /", 302)
    assert await world.allowed()


@pytest.mark.parametrize(
    ("line", "delay_s"),
    [
        ("Crawl-delay: 7", 7.0),
        ("crawl-delay: 0.5", 0.5),
        ("Crawl-delay: 86400", 60.0),
        ("Crawl-delay: -3", 0.0),
        ("Crawl-delay: nan", 0.0),
        ("Crawl-delay: soon", 0.0),
        ("", 0.0),
    ],
)
async def test_the_crawl_delay_is_told_up_to_a_minute(world: World, line: str, delay_s: float) -> None:
    world.say(f"User-agent: *\n{line}\nDisallow: /drafts\n")
    assert await world.robots.delay_s(NEWS) == delay_s


async def test_only_the_latest_origins_are_remembered() -> None:
    world = World(capacity=2)
    for host in ("a", "b", "a", "c", "a", "b"):
        await world.allowed(f"https://{host}.example/")
    assert [url[8] for url in world.asked] == ["a", "b", "c", "b"]


async def test_a_reading_cut_short_leaves_the_next_to_another(world: World) -> None:
    first = asyncio.ensure_future(world.robots.delay_s(NEWS))
    second = asyncio.ensure_future(world.robots.delay_s(NEWS))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 0.0
    assert world.asked == [FILE, FILE]


async def test_an_address_that_cannot_be_judged_is_allowed(world: World) -> None:
    world.say("User-agent: *\nDisallow: /drafts")
    assert await world.allowed("https://news.example//[x")


def test_a_hostile_file_costs_little() -> None:
    agents = "".join(f"User-agent: bot{number}\n" for number in range(12_000))
    rules = "".join(f"Disallow: /a*b*c{number}$\n" for number in range(10_000))
    body = (agents + rules).encode()[:MAX_BYTES]
    began = process_time()
    rules_for_us = parse(body + b"\nUser-agent: *\nDisallow: /" + b"*a" * 50 + b"b$\n")
    assert rules_for_us.can_fetch("https://news.example/" + "a" * 2000, "presswatch")
    assert process_time() - began < 5
