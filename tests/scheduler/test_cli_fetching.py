"""Fetching one page for a preview, from a server on this machine."""

from __future__ import annotations

import threading
from contextlib import contextmanager, redirect_stderr
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from scheduler.commands.fetching import fetched
from scheduler.commands.shell import now
from scheduler.config import Config
from tests.scheduler.cli_stage import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = Config(Path("/x.toml"), Path("/x"), contact="desk@paper.test", delay_s=0)
OPEN = Config(Path("/x.toml"), Path("/x"), contact="desk@paper.test", delay_s=0, allow_private_addresses=True)


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, kind = {"/": (200, "text/html; charset=latin-1"), "/pdf": (200, "application/pdf")}.get(
            self.path, (404, "text/html")
        )
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(self.headers["User-Agent"].encode())

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the base class names it so


@contextmanager
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_gives_the_page_as_served_and_says_who_asked() -> None:
    with site() as base:
        answer = fetched(OPEN, f"{base}/", now)
    assert answer.url == f"{base}/"
    assert answer.encoding == "latin-1"
    assert b"desk@paper.test" in answer.body


def test_says_what_it_waits_for_where_somebody_watches() -> None:
    with site() as base, redirect_stderr(Terminal()) as terminal:
        fetched(OPEN, f"{base}/", now)
    assert terminal.getvalue() == f"Reading {base}/ …\n"


@pytest.mark.parametrize(
    ("config", "path", "told"),
    [
        (OPEN, "/missing", "answered with status 404"),
        (OPEN, "/pdf", "is no HTML and no feed, but application/pdf"),
        (PLAIN, "/", "/: "),
    ],
)
def test_tells_why_there_is_no_page(config: Config, path: str, told: str) -> None:
    with site() as base, pytest.raises(click.ClickException, match=told):
        fetched(config, base + path, now)
