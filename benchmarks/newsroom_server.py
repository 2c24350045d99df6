"""Serves many newsrooms on loopback from a process of its own, so that its cost is not counted: pages made beforehand.

Pages are those of `LocalNewsroom` in both layouts, filled up to about 57 KB as the real ones; each newsroom's carry its
own addresses, so that no two bodies are equal. Told what to do on stdin, a line each, and answers "ok":

    publish SHARE         so many of the newsrooms (0 to 1) have one more release, others each time
    validators yes|no     whether ETag and Last-Modified are served
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scheduler.demo.answers import Asked, answer
from scheduler.demo.layouts import DRUPAL, WORDPRESS, Layout
from scheduler.demo.newsroom import LocalNewsroom

SIZE = 57_000  # bytes of the first newsroom's listing
PLACE = "newsroom-place.invalid"  # stands in a page for the newsroom's own address
RELEASES = 60
LAYOUTS: tuple[Layout, ...] = (replace(DRUPAL, size=SIZE), replace(WORDPRESS, size=SIZE))

DRUPAL_RECIPE = (
    'recipe = {entry = "div.views-row", title = "h2 a", date = "div.submitted", date_format = "%B %d, %Y", '
    'summary = ".field-name-body", next = "ul.pager li.pager-next a"}'
)
WORDPRESS_RECIPE = (
    'recipe = {entry = "div.ts-grid-col-3-outline div.card-md", title = "h3.utility-md", link = "a", '
    'date = "p.card-md--tag--hocus", date_format = "%B %d, %Y", kind = "p.card-md--tag", summary = "p.body-xs", '
    'caption = "figcaption", next = "div.next a.next"}'
)
RECIPES = (DRUPAL_RECIPE, WORDPRESS_RECIPE)
"""The recipes of the two layouts, as a line of a `[[newsroom]]` table."""


class Pages:
    """The listing of one layout, after each of its publications; made when first asked for."""

    def __init__(self, layout: Layout, seed: int) -> None:
        self._newsroom = LocalNewsroom(layout, releases=RELEASES, seed=seed)
        self._made: list[bytes] = []

    def page(self, version: int, place: str) -> bytes:
        """The page with so many releases more than at first, as served at `place` ("host:port" with a path or none)."""
        while len(self._made) <= version:
            if self._made:
                self._newsroom.advance()
                self._newsroom.publish()
            asked = Asked(self._newsroom.listing_path, f"http://{PLACE}")
            self._made.append(answer(self._newsroom, asked).body)
        return self._made[version].replace(PLACE.encode(), place.encode())


@dataclass(slots=True)
class Site:
    """What is served: `versions` counts the publications of each newsroom."""

    newsrooms: int
    many_hosts: bool
    port: int = 0
    validators: bool = True
    versions: list[int] = field(default_factory=list)
    published: int = 0
    pages: tuple[Pages, ...] = ()

    def __post_init__(self) -> None:
        self.versions = [0] * self.newsrooms
        self.pages = tuple(Pages(layout, seed) for seed, layout in enumerate(LAYOUTS))

    def place(self, number: int) -> str:
        """Where a newsroom is served: at an address of its own, or at a path of the one."""
        if self.many_hosts:
            return f"127.0.{1 + number // 250}.{1 + number % 250}:{self.port}"
        return f"127.0.0.1:{self.port}/n{number}"

    def number(self, host: str, path: str) -> int | None:
        """Which newsroom a request is for."""
        if self.many_hosts:
            third, fourth = host.partition(":")[0].split(".")[2:]
            return (int(third) - 1) * 250 + int(fourth) - 1
        first = path.split("/")[1]
        return int(first[1:]) if first[:1] == "n" and first[1:].isdigit() else None

    def publish(self, share: float) -> None:
        """One more release at so many newsrooms, going round."""
        for _ in range(round(share * self.newsrooms)):
            self.versions[self.published % self.newsrooms] += 1
            self.published += 1

    def respond(self, host: str, path: str, tag: str) -> bytes:
        """One whole answer."""
        number = None if path == "/robots.txt" else self.number(host, path)
        if number is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        version = self.versions[number]
        own = f'"{number}-{version}"'
        told = (
            f"ETag: {own}\r\nLast-Modified: Tue, 07 May 2024 08:{version % 60:02}:00 GMT\r\n" if self.validators else ""
        )
        if self.validators and tag == own:
            return f"HTTP/1.1 304 Not Modified\r\n{told}\r\n".encode()
        body = self.pages[number % len(LAYOUTS)].page(version, self.place(number))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{told}Content-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


class _Connection(asyncio.Protocol):
    """As little of HTTP/1.1 as a client that keeps its connection needs."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting and self._transport is not None:
            head, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            self._transport.write(
                self._site.respond(headers.get("host", ""), first.split()[1], headers.get("if-none-match", ""))
            )


async def serve(site: Site) -> None:
    """Serves until stdin ends; the first line on stdout is the port."""
    loop = asyncio.get_running_loop()
    host = "0.0.0.0" if site.many_hosts else "127.0.0.1"  # noqa: S104 - every loopback address has its newsroom
    server = await loop.create_server(lambda: _Connection(site), host, 0, backlog=2048)
    site.port = server.sockets[0].getsockname()[1]
    print(site.port, flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        order, argument = line.split()
        if order == "publish":
            site.publish(float(argument))
        else:
            site.validators = argument == "yes"
        print("ok", flush=True)
    server.close()


class Server:
    """The server's process, as a benchmark sees it."""

    def __init__(self, process: subprocess.Popen[str], site: Site) -> None:
        self._process = process
        self.site = site  # knows the addresses; what happens to the newsrooms happens in the other process

    def tell(self, order: str) -> None:
        """Does what the order says, and returns once it is done."""
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "ok\n":
            raise RuntimeError("the server of the newsrooms has ended")

    def configure(self, folder: Path, *, recipes: bool = True, every: str = "", digest: str = 'at = "07:00"') -> Path:
        """Writes a configuration of all its newsrooms."""
        lines = [
            'data_dir = "data"', 'contact = "benchmark@presswatch.test"', "allow_private_addresses = true",
            'delay = "0s"', "[[digest]]", 'name = "all"', digest,
        ]  # fmt: skip
        for number in range(self.site.newsrooms):
            lines += ["[[newsroom]]", f'id = "newsroom-{number:04}"', f'url = "{self.url(number)}"']
            lines += [RECIPES[number % len(RECIPES)]] if recipes else []
            lines += [f'every = "{every}"'] if every else []
        path = folder / "presswatch.toml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def url(self, number: int) -> str:
        """A newsroom's listing."""
        return f"http://{self.site.place(number)}{LAYOUTS[number % len(LAYOUTS)].listing}"


@contextmanager
def served(newsrooms: int, *, many_hosts: bool) -> Iterator[Server]:
    """So many newsrooms, served while it lasts: each at a host of its own, or all at one."""
    command = [
        sys.executable,
        str(Path(__file__)),
        "--newsrooms",
        str(newsrooms),
        *(["--many-hosts"] if many_hosts else []),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise AssertionError
        site = Site(newsrooms, many_hosts, int(process.stdout.readline()))
        try:
            yield Server(process, site)
        finally:
            process.stdin.close()
            process.wait(10)


def main() -> None:
    """The server's process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--newsrooms", type=int, required=True)
    parser.add_argument("--many-hosts", action="store_true")
    asked = parser.parse_args()
    asyncio.run(serve(Site(asked.newsrooms, asked.many_hosts)))


if __name__ == "__main__":
    main()
