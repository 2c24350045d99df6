from __future__ import annotations

import asyncio
import gzip
import logging
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from crawler.addresses import WAY_OUT, ip_refused
from crawler.crawl import Crawl, CrawlSettings, CrawlStopped, user_agent
from crawler.download import NAMES_AT_ONCE, look_up, open_files
from crawler.web import Answer, Ask, Fetch, FetchError, Forbidden
from storage.records import Look, LookOrder, Order, Outcome, Verdict, Visit
from tests.crawler.loopback import MISSING, Loopback, answer, hang, redirect, reset, serving

PAGE = b"<html><title>Newsroom</title>" + b"<p>words</p>" * 500
Clock = Callable[[], datetime]


def clock() -> datetime:
    return datetime.now(UTC)


async def everyone_is_here(_host: str) -> list[str]:
    return ["127.0.0.1"]


class Desk:
    """Sends asks through a crawl as visits, and keeps what came back."""

    def __init__(self, **options: object) -> None:
        lookup = options.pop("lookup", everyone_is_here)
        refused = options.pop("refused", ip_refused)
        settings = CrawlSettings(
            **{"contact": "desk@news.example", "delay_s": 0.0, "allow_private_addresses": True, **options}  # type: ignore[arg-type]  # a test names only what it is about
        )
        self.crawl = Crawl(
            settings,
            clock,
            visit_with=self._visit,
            look_with=self._look,
            lookup=lookup,  # type: ignore[arg-type]  # as above
            refused=refused,  # type: ignore[arg-type]  # as above
        )
        self._asks: dict[str, Ask] = {}
        self._answers: dict[str, Answer] = {}

    async def _visit(self, order: Order, fetch: Fetch, _clock: Clock) -> Visit:
        self._answers[order.newsroom] = await fetch(self._asks[order.newsroom])
        return Visit(order.newsroom, order.url, clock(), clock(), Outcome.OK)

    async def _look(self, order: LookOrder, fetch: Fetch, _clock: Clock) -> Look:
        status = (await fetch(Ask(order.url))).status
        return Look(order.newsroom, order.key, order.url, clock(), Verdict.THERE, status=status)

    async def ask(self, ask: Ask | str) -> Answer:
        ask = Ask(ask) if isinstance(ask, str) else ask
        name = str(len(self._asks))
        self._asks[name] = ask
        await self.crawl.visit(Order(name, ask.url, None))
        return self._answers.pop(name)


@asynccontextmanager
async def desk(**options: object) -> AsyncIterator[Desk]:
    opened = Desk(**options)
    await opened.crawl.start()
    try:
        yield opened
    finally:
        await opened.crawl.stop(1)


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with serving() as loopback:
        yield loopback


async def reason(asked: Awaitable[object]) -> str:
    with pytest.raises(FetchError) as caught:
        await asked
    return caught.value.reason


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 -- what it waits for is on the other side of a socket
            await asyncio.sleep(0.001)


# what comes back


async def test_a_page_comes_back_whole_with_lower_case_headers(server: Loopback) -> None:
    server.answers["/news"] = answer(
        PAGE, CONTENT_TYPE="text/html; Charset=UTF-8", eTAG='"v1"', X_Note="one", x_note="two", ETag='"v2"'
    )
    async with desk() as opened:
        got = await opened.ask(server.url("/news"))
    assert (got.status, got.body, got.url, got.hops) == (200, PAGE, server.url("/news"), ())
    assert (got.content_type, got.encoding) == ("text/html", "utf-8")
    assert (got.headers["etag"], got.headers["x-note"]) == ('"v1"', "one, two")


async def test_we_say_who_we_are_and_bring_no_cookies(server: Loopback) -> None:
    server.answers["/news"] = answer(PAGE, Set_Cookie="id=1")
    async with desk() as opened:
        await opened.ask(server.url("/news"))
        await opened.ask(Ask(server.url("/news"), {"If-None-Match": '"v1"\x00\r\nX-Evil: 1'}))
    robots, first, second = server.requests
    assert robots.path == "/robots.txt"
    assert first.headers["user-agent"].startswith("presswatch")
    assert first.headers["user-agent"].endswith("(+desk@news.example)")
    assert first.headers["accept-encoding"] == "gzip, deflate, br"
    assert second.headers["if-none-match"] == '"v1"X-Evil: 1'
    assert "cookie" not in second.headers


def test_a_contact_cannot_break_the_header() -> None:
    assert user_agent("a\r\nX: (b)\\ ä@news.example").endswith("(+aX: b @news.example)")
    assert "(" not in user_agent(None)


async def test_a_304_has_no_body(server: Loopback) -> None:
    server.answers["/news"] = b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nContent-Length: 99999999\r\n\r\n'
    async with desk() as opened:
        got = await opened.ask(Ask(server.url("/news"), {"If-None-Match": '"v1"'}))
        again = await opened.ask(Ask(server.url("/news"), {"If-None-Match": '"v1"'}))
    assert (got.status, got.body, again.status) == (304, b"", 304)


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "429 Slow Down", "500 Oops", "503 Later"])
async def test_any_status_is_an_answer_and_nothing_is_asked_twice(server: Loopback, status: str) -> None:
    server.answers["/news"] = answer(b"sorry", status)
    async with desk() as opened:
        got = await opened.ask(server.url("/news"))
    assert (got.status, got.body) == (int(status[:3]), b"sorry")
    assert server.paths == ["/robots.txt", "/news"]


async def test_compressed_pages_are_read_and_bombs_are_not(server: Loopback) -> None:
    server.answers["/news"] = answer(gzip.compress(PAGE), Content_Encoding="gzip")
    server.answers["/bomb"] = answer(gzip.compress(b"\0" * 3_000_000), Content_Encoding="gzip")
    async with desk(max_bytes=100_000) as opened:
        assert (await opened.ask(server.url("/news"))).body == PAGE
        assert await reason(opened.ask(server.url("/bomb"))) == "more than 100000 bytes when decompressed"


async def test_an_address_is_asked_as_it_was_given(server: Loopback) -> None:
    path = "/news/%7Eone%2Ftwo?b=2&a=%C3%A4+x"
    server.answers[path] = answer(PAGE)
    async with desk() as opened:
        got = await opened.ask(server.url(f"{path}#part"))
        assert (await opened.ask(server.url("/päge x"))).status == 404
    assert got.status == 200
    assert got.url == server.url(f"{path}#part")
    assert server.paths[1:] == [path, "/p%C3%A4ge%20x"]


async def test_header_bytes_that_are_no_text_do_not_spread(server: Loopback) -> None:
    server.answers["/news"] = b'HTTP/1.1 200 OK\r\nETag: "\xff\xe9"\r\nX: \xc3\xa9\r\nContent-Length: 0\r\n\r\n'
    async with desk() as opened:
        got = await opened.ask(server.url("/news"))
        await opened.ask(Ask(server.url("/news"), {"If-None-Match": got.headers["etag"]}))
    assert (got.headers["etag"], got.headers["x"]) == ('"ÿé"', "é")
    "".join(got.headers.values()).encode()


async def test_long_headers_are_no_reason_to_fail(server: Loopback) -> None:
    server.answers["/news"] = answer(PAGE, Content_Security_Policy="x" * 30_000)
    async with desk() as opened:
        assert (await opened.ask(server.url("/news"))).body == PAGE


# what does not


async def test_bodies_larger_than_the_bound_are_not_read(server: Loopback) -> None:
    async def pour(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 50_000)
            await writer.drain()

    server.answers["/declared"] = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nxx"
    server.answers["/poured"] = pour
    server.answers["/news"] = answer(PAGE)
    async with desk(max_bytes=100_000) as opened:
        assert await reason(opened.ask(server.url("/declared"))) == "larger than 100000 bytes"
        assert await reason(opened.ask(server.url("/poured"))) == "larger than 100000 bytes"
        assert await reason(opened.ask(Ask(server.url("/news"), max_bytes=500))) == "larger than 500 bytes"
        assert (await opened.ask(server.url("/news"))).body == PAGE


async def test_time_is_bounded_for_the_whole_download(server: Loopback) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    server.answers["/hang"] = hang
    server.answers["/drip"] = drip
    async with desk(timeout_s=0.2) as opened:
        assert await reason(opened.ask(server.url("/hang"))) == "no full answer within 0.2 s"
        assert await reason(opened.ask(server.url("/drip"))) == "no full answer within 0.2 s"


async def test_a_name_that_is_never_resolved_is_given_up_on(server: Loopback) -> None:
    async def never(_host: str) -> list[str]:
        await asyncio.Event().wait()
        raise AssertionError

    async with desk(timeout_s=0.1, lookup=never) as opened:
        assert await reason(opened.ask("http://slow.example/")) == "robots.txt: no full answer within 0.1 s"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "the answer ends early"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "the answer ends early"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "the answer is not proper HTTP"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "the answer is not proper HTTP"),
        (answer(Content_Encoding="zstd"), "compressed as zstd, which was not asked for"),
        (b"", "the server closed the connection without an answer"),
    ],
)
async def test_a_broken_answer_is_told_as_what_it_is(server: Loopback, said: bytes, why: str) -> None:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    server.answers["/news"] = say
    async with desk() as opened:
        assert await reason(opened.ask(server.url("/news"))) == why


async def test_a_reset_connection_is_told(server: Loopback) -> None:
    server.answers["/news"] = reset
    async with desk() as opened:
        told = await reason(opened.ask(server.url("/news")))
    assert "connection" in told


async def test_hosts_that_cannot_be_reached_are_told(server: Loopback) -> None:
    async def nobody(_host: str) -> list[str]:
        raise OSError

    async with serving() as gone:
        url = gone.url("/news")
    async with desk(lookup=nobody) as opened:
        assert await reason(opened.ask(url)) == "robots.txt: cannot connect to 127.0.0.1: Connection refused"
        told = await reason(opened.ask("http://nowhere.example/"))
        assert told == "robots.txt: the name nowhere.example cannot be resolved"


def certificate(folder: Path) -> Path:
    """A file with a key and a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "newsroom")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock() - timedelta(days=1))
        .not_valid_after(clock() + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "newsroom.pem"
    file.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return file


async def test_a_host_without_a_valid_certificate_is_not_read(tmp_path: Path) -> None:
    def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(MISSING)
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    plain = await asyncio.start_server(greet, "127.0.0.1", 0)
    unvouched = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    async with plain, unvouched, desk() as opened:
        port = plain.sockets[0].getsockname()[1]
        told = await reason(opened.ask(f"https://127.0.0.1:{port}/"))
        assert told == "robots.txt: no TLS connection to 127.0.0.1"
        port = unvouched.sockets[0].getsockname()[1]
        told = await reason(opened.ask(f"https://127.0.0.1:{port}/"))
        assert told == "robots.txt: the TLS certificate of 127.0.0.1 is not valid: self-signed certificate"


async def test_addresses_that_cannot_be_asked_are_told(server: Loopback) -> None:
    async with desk() as opened:
        assert (
            await reason(opened.ask("http://2130706433/")) == "refused: 2130706433 is not a plainly written IP address"
        )
        assert (await reason(opened.ask("file:///etc/passwd"))).startswith("refused: only http and https")
    assert server.requests == []


# where it leads


async def test_redirects_are_followed(server: Loopback) -> None:
    server.answers |= {"/old": redirect("/new", "301 Moved"), "/new": answer(PAGE), "/round": redirect("/round")}
    async with desk() as opened:
        got = await opened.ask(server.url("/old"))
        assert await reason(opened.ask(server.url("/round"))) == "redirects in a circle"
    assert (got.url, got.hops, got.body) == (server.url("/new"), (server.url("/old"),), PAGE)


async def test_private_addresses_are_refused_by_name_and_by_what_a_name_resolves_to(server: Loopback) -> None:
    leads = {
        "news.example": ["127.0.0.1"],  # stands for a public one
        "rebound.example": ["10.0.0.1"],
        "mixed.example": ["127.0.0.1", "192.168.0.1"],
        "mapped.example": ["::ffff:10.0.0.1"],
    }

    async def lookup(host: str) -> list[str]:
        return leads[host]

    server.answers |= {f"/{host}": redirect(server.url("/", host)) for host in leads}
    server.answers["/loopback"] = redirect(server.url("/"))
    server.answers["/news"] = answer(PAGE)
    options = {"allow_private_addresses": False, "refused": lambda ip: ip != "127.0.0.1" and ip_refused(ip)}
    async with desk(lookup=lookup, **options) as opened:
        assert (await opened.ask(server.url("/news", "news.example"))).body == PAGE
        for host in ("rebound.example", "mixed.example", "mapped.example"):
            why = f"robots.txt: refused: {host} leads into a private network{WAY_OUT}"
            assert await reason(opened.ask(server.url("/news", host))) == why
            ask = Ask(server.url(f"/{host}", "news.example"), same_site=False)
            assert await reason(opened.ask(ask)) == why
        told = await reason(opened.ask(Ask(server.url("/loopback", "news.example"), same_site=False)))
        assert told == "redirected to a refused address: 127.0.0.1 is not a public address"
        assert await reason(opened.ask(server.url("/news"))) == f"refused: 127.0.0.1 is not a public address{WAY_OUT}"
    assert {request.headers["host"].split(":")[0] for request in server.requests} == {"news.example"}


async def test_a_name_that_changes_its_mind_is_refused_on_the_next_connection(server: Loopback) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def rebinding(_host: str) -> list[str]:
        return next(answers)

    async def close(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 404 Not Found\r\n\r\n")
        writer.close()

    server.answers["/robots.txt"] = close
    options = {"allow_private_addresses": False, "refused": lambda ip: ip != "127.0.0.1" and ip_refused(ip)}
    async with desk(lookup=rebinding, **options) as opened:
        told = await reason(opened.ask(server.url("/news", "news.example")))
    assert told == f"refused: news.example leads into a private network{WAY_OUT}"
    assert server.paths == ["/robots.txt"]


async def test_an_ip_address_is_judged_again_on_connecting(server: Loopback) -> None:
    async with desk(allow_private_addresses=False, refused=lambda _ip: True) as opened:
        told = await reason(opened.ask("http://8.8.8.8/"))
    assert told == "robots.txt: refused: 8.8.8.8 is not a public address"


async def test_the_systems_resolver_is_asked_in_a_thread() -> None:
    assert "127.0.0.1" in await look_up("127.0.0.1")
    with pytest.raises(OSError, match="is not a host name"):
        await look_up("x" * 70 + ".example")


# manners


async def test_robots_txt_is_kept_to(server: Loopback) -> None:
    server.answers["/robots.txt"] = answer(b"User-agent: presswatch\nDisallow: /private\n" + b"# \n" * 400_000)
    server.answers["/news"] = answer(PAGE)
    async with desk() as opened:
        assert (await opened.ask(server.url("/news"))).body == PAGE
        with pytest.raises(Forbidden, match=r"robots\.txt forbids /private/one"):
            await opened.ask(server.url("/private/one"))
        await opened.ask(server.url("/news"))
    assert server.paths == ["/robots.txt", "/news", "/news"]


@pytest.mark.parametrize("delay_s", [0.0, 0.05])
async def test_a_host_is_asked_one_thing_at_a_time_with_the_delay_between(server: Loopback, delay_s: float) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        writer.write(answer(PAGE))

    server.answers["/news"] = slow
    async with desk(delay_s=delay_s) as opened:
        await asyncio.gather(*(opened.ask(server.url("/news")) for _ in range(4)))
    asked = server.requests
    assert (len(asked), server.most_at_once) == (5, 1)
    gaps = [later.began - earlier.ended for earlier, later in pairwise(asked)]
    assert min(gaps) >= delay_s * 0.99


async def test_the_crawl_delay_of_a_host_holds_for_it_alone(server: Loopback) -> None:
    server.answers["/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: 0.15\n")
    server.answers["/news"] = answer(PAGE)
    async with serving() as other, desk(delay_s=0.01) as opened:
        other.answers["/news"] = answer(PAGE)
        slow = [asyncio.ensure_future(opened.ask(server.url("/news", "slow.example"))) for _ in range(2)]
        await asyncio.gather(*(opened.ask(other.url("/news", "quick.example")) for _ in range(3)))
        assert not any(visit.done() for visit in slow)
        await asyncio.gather(*slow)
    asked = server.requests
    assert server.paths == ["/robots.txt", "/news", "/news"]
    assert min(later.began - earlier.ended for earlier, later in pairwise(asked)) >= 0.149


async def test_a_crawl_delay_shorter_than_ours_changes_nothing(server: Loopback) -> None:
    server.answers["/robots.txt"] = answer(b"User-agent: *\nCrawl-delay: 0.001\n")
    async with desk(delay_s=0.06) as opened:
        await opened.ask(server.url("/news"))
        await opened.ask(server.url("/news"))
    began = [request.began for request in server.requests]
    assert min(began[1] - began[0], began[2] - began[1]) >= 0.059


async def test_a_newsroom_that_hangs_delays_no_other(server: Loopback) -> None:
    server.answers |= {"/hang": hang, "/news": answer(PAGE)}
    async with desk(concurrency=2) as opened:
        stuck = [asyncio.ensure_future(opened.ask(server.url("/hang", "stuck.example"))) for _ in range(10)]
        await until(lambda: "/hang" in server.paths)
        others = (opened.ask(server.url("/news", f"n{number}.example")) for number in range(20))
        assert [got.body for got in await asyncio.gather(*others)] == [PAGE] * 20
        assert not any(visit.done() for visit in stuck)
        assert server.paths.count("/hang") == 1
        await opened.crawl.stop(0.2)
        told = await asyncio.gather(*stuck, return_exceptions=True)
    assert all(isinstance(outcome, CrawlStopped) for outcome in told)
    assert server.paths.count("/hang") == 1


async def test_a_hundred_newsrooms_that_hang_delay_no_other(server: Loopback) -> None:
    server.answers |= {"/hang": hang, "/news": answer(PAGE)}
    async with desk() as opened:
        stuck = [asyncio.ensure_future(opened.ask(server.url("/hang", f"s{number}.example"))) for number in range(100)]
        await until(lambda: server.paths.count("/hang") == 100)
        assert (await opened.ask(server.url("/news", "quick.example"))).body == PAGE
        assert not any(visit.done() for visit in stuck)
        await opened.crawl.stop(0.2)
        await asyncio.gather(*stuck, return_exceptions=True)


async def test_a_hundred_names_that_nobody_resolves_delay_no_other(server: Loopback) -> None:
    asked: list[str] = []

    async def lookup(host: str) -> list[str]:
        asked.append(host)
        if host.startswith("lost"):
            await asyncio.Event().wait()
        return ["127.0.0.1"]

    server.answers["/news"] = answer(PAGE)
    async with desk(lookup=lookup) as opened:
        stuck = [asyncio.ensure_future(opened.ask(server.url("/", f"lost{number}.example"))) for number in range(100)]
        await until(lambda: len(asked) == NAMES_AT_ONCE)  # no more at a time: a small name server would refuse them
        assert (await opened.ask(server.url("/news", "quick.example"))).body == PAGE
        assert len(asked) > 100
        assert not any(visit.done() for visit in stuck)
        await opened.crawl.stop(0.2)
        await asyncio.gather(*stuck, return_exceptions=True)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize(("soft", "hard", "files"), [(256, 256, 256), (256, 4096, 4096), (256, 20_000, 8192)])
def test_as_many_files_may_be_open_as_the_system_allows(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, files: int
) -> None:
    limits = [(soft, hard)]
    monkeypatch.setattr("resource.getrlimit", lambda _which: limits[-1])
    monkeypatch.setattr("resource.setrlimit", lambda _which, wanted: limits.append(wanted))
    assert open_files() == files
    assert limits[-1] == (files, hard)


async def test_waiting_for_a_turn_is_not_held_against_a_newsroom(server: Loopback) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(answer(PAGE))

    server.answers["/news"] = slow
    async with desk(concurrency=1, timeout_s=0.3) as opened:
        got = await asyncio.gather(*(opened.ask(server.url("/news", f"n{number}.example")) for number in range(6)))
    assert [one.status for one in got] == [200] * 6


# its life


async def test_looks_are_made_too(server: Loopback) -> None:
    async with desk() as opened:
        look = await opened.crawl.look(LookOrder("a", "key", server.url("/gone"), "Title"))
    assert (look.status, look.url) == (404, server.url("/gone"))


async def test_the_crawl_reads_with_the_real_visit_and_look(server: Loopback) -> None:
    server.answers["/news"] = answer(b"not a page", Content_Type="image/png")
    crawl = Crawl(CrawlSettings(contact=None, delay_s=0.0, allow_private_addresses=True), clock)
    await crawl.start()
    try:
        visit = await crawl.visit(Order("a", server.url("/news"), None))
        look = await crawl.look(LookOrder("a", "key", server.url("/gone"), "Title"))
    finally:
        await crawl.stop()
    assert (visit.newsroom, visit.window) == ("a", ())
    assert visit.outcome in {Outcome.FAILED, Outcome.SUSPECT}
    assert look.verdict is Verdict.GONE


async def test_an_order_is_refused_before_the_start_and_after_the_stop(server: Loopback) -> None:
    opened = Desk()
    lived = [opened.crawl.alive]
    await opened.crawl.stop()
    with pytest.raises(CrawlStopped, match="not running"):
        await opened.ask(server.url("/news"))
    await opened.crawl.start()
    await opened.crawl.start()
    lived.append(opened.crawl.alive)
    await opened.crawl.stop()
    assert [*lived, opened.crawl.alive] == [False, True, False]
    with pytest.raises(CrawlStopped, match="not running"):
        await opened.ask(server.url("/news"))


async def test_it_starts_again_after_a_stop_and_remembers_robots_txt(server: Loopback) -> None:
    server.answers["/news"] = answer(PAGE)
    opened = Desk()
    for _ in range(3):
        await opened.crawl.start()
        assert (await opened.ask(server.url("/news"))).body == PAGE
        await opened.crawl.stop()
    assert server.paths == ["/robots.txt", "/news", "/news", "/news"]


async def test_two_stops_at_once_are_one(server: Loopback) -> None:
    opened = Desk()
    await opened.crawl.start()
    await asyncio.gather(opened.crawl.stop(), opened.crawl.stop())
    assert not opened.crawl.alive


async def test_two_crawls_live_side_by_side(server: Loopback) -> None:
    server.answers["/news"] = answer(PAGE)
    async with desk() as one, desk() as other:
        assert (await one.ask(server.url("/news"))).body == (await other.ask(server.url("/news"))).body


async def test_a_stop_lets_what_is_nearly_done_end(server: Loopback) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(answer(PAGE))

    server.answers["/news"] = slow
    opened = Desk()
    await opened.crawl.start()
    visit = asyncio.ensure_future(opened.ask(server.url("/news")))
    await until(lambda: "/news" in server.paths)
    stopping = asyncio.ensure_future(opened.crawl.stop(5))
    await asyncio.sleep(0)
    with pytest.raises(CrawlStopped, match="not running"):
        await opened.ask(server.url("/news"))
    assert (await visit).body == PAGE
    await stopping
    assert not opened.crawl.alive


async def test_a_stop_during_a_hang_keeps_to_its_bound(server: Loopback) -> None:
    server.answers["/news"] = hang
    opened = Desk()
    await opened.crawl.start()
    visits = [asyncio.ensure_future(opened.ask(server.url("/news", f"n{number}.example"))) for number in range(9)]
    queued = [asyncio.ensure_future(opened.ask(server.url("/news", "n0.example"))) for _ in range(3)]
    await until(lambda: server.paths.count("/news") == 9)
    began = monotonic()
    await opened.crawl.stop(0.5)
    assert monotonic() - began < 0.6
    outcomes = await asyncio.gather(*visits, *queued, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {CrawlStopped}
    await opened.crawl.start()
    server.answers["/news"] = answer(PAGE)
    assert (await opened.ask(server.url("/news", "n1.example"))).body == PAGE
    await opened.crawl.stop()


async def test_a_crawl_that_cannot_start_says_so_and_leaves_nothing_behind() -> None:
    crawl = Crawl(CrawlSettings(contact=None, concurrency=-1), clock)
    with pytest.raises(ValueError, match="must be >= 0"):
        await crawl.start()
    assert not crawl.alive


async def test_an_order_given_up_on_before_it_was_begun_is_not_begun(server: Loopback) -> None:
    async with desk() as opened:
        visit = asyncio.ensure_future(opened.ask(server.url("/news")))
        await asyncio.sleep(0)
        visit.cancel()
        await opened.ask(server.url("/other"))
    assert "/news" not in server.paths


async def test_a_visit_that_will_not_end_is_cut_off(server: Loopback) -> None:
    let_go = asyncio.Event()
    told: list[str] = []

    async def stubborn(order: Order, fetch: Fetch, _clock: Clock) -> Visit:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        told.append(await reason(fetch(Ask(order.url))))
        raise AssertionError

    crawl = Crawl(CrawlSettings(contact=None, allow_private_addresses=True), clock, visit_with=stubborn)
    await crawl.start()
    visit = asyncio.ensure_future(crawl.visit(Order("a", server.url("/"), None)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    began = monotonic()
    await crawl.stop(0.3)
    assert monotonic() - began < 0.5
    with pytest.raises(CrawlStopped):
        await visit
    let_go.set()
    await until(lambda: bool(told))
    assert told == ["robots.txt: the crawl has ended"]


async def test_a_visit_nobody_waits_for_is_not_made(server: Loopback) -> None:
    server.answers |= {"/hang": hang, "/news": answer(PAGE)}
    async with desk(timeout_s=0.3) as opened:
        first = asyncio.ensure_future(opened.ask(server.url("/hang")))
        await until(lambda: "/hang" in server.paths)
        second = asyncio.ensure_future(opened.ask(server.url("/unwanted")))
        third = asyncio.ensure_future(opened.ask(server.url("/news")))
        await asyncio.sleep(0.01)
        second.cancel()
        assert await reason(first) == "no full answer within 0.3 s"
        assert (await third).body == PAGE
    assert server.paths == ["/robots.txt", "/hang", "/news"]


async def test_a_fault_in_a_visit_comes_out_and_harms_no_other(server: Loopback) -> None:
    async def faulty(order: Order, fetch: Fetch, _clock: Clock) -> Visit:
        await fetch(Ask(order.url))
        raise ZeroDivisionError

    crawl = Crawl(CrawlSettings(contact=None, delay_s=0.0, allow_private_addresses=True), clock, visit_with=faulty)
    await crawl.start()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await crawl.visit(Order("a", server.url("/"), None))
    assert crawl.alive
    await crawl.stop()


async def test_a_crawl_that_dies_is_seen_and_can_be_started_again(
    server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers |= {"/hang": hang, "/news": answer(PAGE)}
    opened = Desk(timeout_s=0.3)
    await opened.crawl.start()
    stuck = asyncio.ensure_future(opened.ask(server.url("/hang")))
    await until(lambda: "/hang" in server.paths)
    life = opened.crawl._life
    assert life is not None
    assert life._crawl is not None
    life._crawl.cancel()
    with pytest.raises(CrawlStopped, match="has ended"):
        await stuck
    assert not opened.crawl.alive
    assert "the crawl ended by itself" in caplog.text
    with pytest.raises(CrawlStopped):
        await opened.ask(server.url("/news"))
    await opened.crawl.start()
    assert (await opened.ask(server.url("/news", "other.example"))).body == PAGE
    await opened.crawl.stop()


async def test_it_leaves_signals_logs_and_reactors_alone(server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), logging.getLogger().handlers[:]
    caplog.set_level(logging.DEBUG)
    async with desk() as opened:
        await opened.ask(server.url("/news"))
        assert (
            signal.getsignal(signal.SIGINT),
            signal.getsignal(signal.SIGTERM),
            logging.getLogger().handlers,
        ) == before
    assert [record for record in caplog.records if record.name.startswith(("scrapy", "twisted"))] == []
    assert "twisted.internet.reactor" not in sys.modules
