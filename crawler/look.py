"""Looks at one release's own page, and at two others that tell whether what it found can be believed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import SplitResult, urlsplit, urlunsplit

from crawler.reasons import http_reason
from crawler.urls import canonical
from crawler.verdict import GONE, Finding, find
from crawler.web import Answer, Ask, Fetch, FetchError, retry_after_s
from storage.records import Look, LookOrder, Verdict

CONTROLS = 2  # releases still listed that are asked at most
_SCRIPT = re.compile(r"\.(?:php\d?|aspx?|jsp|cfm|do|cgi|pl|dll|exe)$|^$", re.IGNORECASE)
_ID_NAMES = ("id", "p", "nid", "aid", "articleid", "newsid", "docid", "news", "article", "page_id", "release")
_PLAIN = frozenset(map(http_reason, GONE))  # statuses that need no support
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


@dataclass(frozen=True, slots=True)
class _Found:
    """One address asked: what it told, and the answer, None where there was none."""

    finding: Finding
    answer: Answer | None = None
    wait_s: float | None = None


async def look(order: LookOrder, fetch: Fetch, clock: Callable[[], datetime]) -> Look:
    """Makes one look; whatever the world does ends in a Look with its verdict and reason, never in an exception.

    `there` and `gone` are checked against releases still listed and an address that cannot exist: only a look whose
    `control` is true may be believed. Without controls to ask `control` is None.
    """
    found = await _ask(order.url, order.title, fetch, clock)
    requests = 1
    control: bool | None = None
    reason, wait_s = found.finding.reason, found.wait_s
    if found.finding.verdict is not Verdict.NO_ANSWER:
        checks = _Checks(order, fetch, clock)
        control, told = await checks.make(found.finding)
        requests += checks.requests
        wait_s = checks.wait_s
        reason = f"{reason}; {told}" if told else reason
    return Look(
        newsroom=order.newsroom,
        key=order.key,
        url=order.url,
        at=clock(),
        verdict=found.finding.verdict,
        reason=reason,
        status=found.answer.status if found.answer else None,
        final_url=found.answer.url if found.answer else None,
        canonical_url=found.finding.canonical_url,
        control=control,
        requests=requests,
        retry_after_s=wait_s,
    )


@dataclass(slots=True)
class _Checks:
    """The control of one look."""

    order: LookOrder
    fetch: Fetch
    clock: Callable[[], datetime]
    requests: int = 0
    wait_s: float | None = None

    async def make(self, finding: Finding) -> tuple[bool | None, str]:
        """Whether the finding may be believed, and what to add to its reason."""
        own = canonical(self.order.url)
        controls = [(url, title) for url, title in self.order.controls if canonical(url) != own][:CONTROLS]
        if not controls:
            return None, "no release that is still listed could be asked for comparison"
        fault = await self._listed(controls)
        if fault:
            return False, fault
        nowhere = impossible(self.order.url)
        other = await self._one(nowhere, self.order.title)
        if other.finding.verdict is Verdict.THERE:
            return False, f"but an address that cannot exist answers the same ({other.finding.reason})"
        alike = finding.verdict is other.finding.verdict and finding.reason not in _PLAIN
        return True, "an address that cannot exist answers alike" if alike else ""

    async def _listed(self, controls: Sequence[tuple[str, str]]) -> str:
        """Why no release that is still listed answers with its title; empty where one does."""
        fault = ""
        for url, title in controls:
            found = await self._one(url, title)
            if found.finding.verdict is Verdict.THERE:
                return ""
            fault = (
                fault or f"but {url}, which is still listed, does not answer with its title ({found.finding.reason})"
            )
        return fault

    async def _one(self, url: str, title: str) -> _Found:
        self.requests += 1
        found = await _ask(url, title, self.fetch, self.clock)
        waits = [wait for wait in (self.wait_s, found.wait_s) if wait is not None]
        self.wait_s = max(waits, default=None)
        return found


def impossible(url: str) -> str:
    """An address like this one at which nothing can be: its last segment, or the id in its query, is an unlikely word.

    The same address always gives the same one; digits stand for digits, and the ending stays.
    """
    parts = urlsplit(url)
    word = sha256(url.encode(errors="surrogatepass")).hexdigest()[:24]
    head, _, last = parts.path.rstrip("/").rpartition("/")
    ending = _ENDING.search(last)
    if parts.query and _SCRIPT.search(ending[0] if ending else last):
        return urlunsplit(parts._replace(query=_impossible_query(parts, word), fragment=""))
    kept = ending[0] if ending else ""
    slash = "/" if parts.path.endswith("/") and last else ""
    return urlunsplit(parts._replace(path=f"{head}/{_like(last.removesuffix(kept), word)}{kept}{slash}", fragment=""))


def _impossible_query(parts: SplitResult, word: str) -> str:
    pairs = [pair.partition("=") for pair in parts.query.split("&")]
    names = [name.lower() for name, _, _ in pairs]
    numbered = [i for i, (_, _, value) in enumerate(pairs) if value.isdecimal()]
    at = next((names.index(name) for name in _ID_NAMES if name in names), numbered[0] if numbered else len(pairs) - 1)
    return "&".join(
        f"{name}={_like(value, word)}" if i == at else f"{name}{eq}{value}" for i, (name, eq, value) in enumerate(pairs)
    )


def _like(text: str, word: str) -> str:
    """A number of nine digits in place of a number: more would be no number to many servers. Else the word itself."""
    return f"9{int(word, 16) % 10**8:08d}" if text.isdecimal() else word


async def _ask(url: str, title: str, fetch: Fetch, clock: Callable[[], datetime]) -> _Found:
    try:
        answer = await fetch(Ask(url, same_site=False))
    except FetchError as error:
        return _Found(Finding(Verdict.NO_ANSWER, error.reason), wait_s=error.retry_after_s)
    try:
        finding = find(answer, url, title)
    except Exception as error:  # noqa: BLE001 - a hostile page may trip any parser; it must cost its own release only
        finding = Finding(Verdict.NO_ANSWER, f"the page could not be read: {type(error).__name__}")
    wait_s = retry_after_s(answer.headers, clock()) if finding.verdict is Verdict.NO_ANSWER else None
    return _Found(finding, answer, wait_s)
