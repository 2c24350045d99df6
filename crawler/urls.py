"""Addresses: the comparison key of one, the shape of one, and whether two belong to the same site."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

# Parameters that say where a reader came from, or which session is theirs, and never which document is meant.
_TRACKING = re.compile(
    r"(?:utm|mtm|pk|piwik|hsa|oly|vero|stm)_\w*|_hs(?:enc|mi|fp)|at_(?:medium|campaign|custom\d?)"
    r"|ns_(?:campaign|source|mchannel|linkname)|fbclid|gclid|gclsrc|dclid|gbraid|wbraid"
    r"|msclkid|yclid|twclid|ttclid|li_fat_id"
    r"|mc_[ce]id|igshid|igsh|_ga|_gl|gad_source|mkt_tok|wt\.mc_id|cmpid|s_cid|sc_cid|xtor|srsltid|_openstat|wickedid"
    r"|ref_src"
    r"|__twitter_impression|phpsessid|jsessionid|aspsessionid\w*",
    re.IGNORECASE,
)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php\d?|aspx?|jsp|shtml|cfm)$", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
# An address whose host, port and path are spelled as in its key, but for `www.`, an index file and a slash at the end:
# most are, and parting them takes ten times as long.
_PLAIN = re.compile(
    r"https?://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::(?!(?:80|443)(?![0-9]))[1-9][0-9]{0,3}(?![0-9]))?)"
    r"((?:/(?!\.)[A-Za-z0-9._~:@!$&'()*+,=-]*+)*+)"
)
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_MONTH = re.compile(
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=8192)  # an address is parted for its key, its site and the dates in it
def split(url: str) -> SplitResult | None:
    """The parts of a web address, or None for what is not one: another scheme, no host, a bad port."""
    try:
        parts = urlsplit(url.strip())
        valid = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if valid else None


@lru_cache(maxsize=8192)
def canonical(url: str) -> str:
    """The comparison key of an address: its spellings share one key, which is an https address itself.

    Scheme, `www.`, default ports, user names, fragments (but `#!` and `#/`, which are addresses of their own), tracking
    parameters, trailing slashes, index files, dot segments, the spelling of percent-encoding and the order of query
    parameters do not matter. What is not a web address comes back stripped, as it is.
    """
    plain = _PLAIN.fullmatch(url)
    if plain is not None:
        return f"https://{plain[1].removeprefix('www.')}{_INDEX.sub('/', plain[2]).rstrip('/')}"
    parts = split(url)
    if parts is None:
        return url.strip()
    path = _INDEX.sub("/", _dotless(_respell(_SESSION.sub("", parts.path), "/:@!$&'()*+,;="))).rstrip("/")
    pairs = []
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if pair and not _TRACKING.fullmatch(name):
            pairs.append(f"{_respell_query(name)}={_respell_query(value)}")
    query = "?" + "&".join(sorted(pairs)) if pairs else ""
    route = "#" + parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return f"https://{_host(parts)}{path}{query}{route}"


def shape(url: str) -> str:
    """The pattern an address follows, `example.org/news/{slug}`: numbers, months and slugs generalised, no `www.`."""
    parts = split(canonical(url))
    if parts is None:
        return ""
    segments = parts.path.split("/")[1:]
    last = len(segments) - 1
    steps = [_step(segment, last=index == last) for index, segment in enumerate(segments)]
    names = "&".join(f"{name}={{n}}" if value.isdigit() else f"{name}={{slug}}" for name, value in _pairs(parts.query))
    return "/".join([parts.netloc, *steps]) + ("?" + names if names else "")


def same_site(a: str, b: str) -> bool:
    """Whether two addresses share a registrable domain (by a public suffix list on disk); ports do not matter."""
    first, second = split(a), split(b)
    if first is None or second is None:
        return False
    mine, theirs = _name(first), _name(second)
    if mine == theirs:
        return True
    if mine.split(".")[-2:] != theirs.split(".")[-2:]:
        return False
    return _domain(mine) == _domain(theirs)


@lru_cache(maxsize=4096)
def _domain(host: str) -> str:
    domain = _suffixes()(host)
    return domain or host


@lru_cache(maxsize=1)
def _suffixes() -> Callable[[str], str]:
    # Imported late: reading the list takes 0.1 s, and most pairs of hosts are told apart without it.
    from tldextract import TLDExtract  # noqa: PLC0415 (see above)

    extract = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)

    def domain(host: str) -> str:
        found = extract(host)
        return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else ""

    return domain


def _name(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return host.rstrip(".")
    return host.rstrip(".").removeprefix("www.")


def _host(parts: SplitResult) -> str:
    name = _name(parts)
    if ":" in name:
        name = f"[{name}]"
    return name if parts.port in {None, *_PORTS.values()} else f"{name}:{parts.port}"


def _respell(text: str, safe: str) -> str:
    """One spelling of percent-encoding: unreserved characters bare, everything else encoded in upper case."""

    def escape(match: re.Match[str]) -> str:
        return "".join(chr(b) if b in _UNRESERVED else f"%{b:02X}" for b in unquote_to_bytes(match[0]))

    return quote(_ESCAPE.sub(escape, text), safe=safe + "%", errors="replace")


def _respell_query(text: str) -> str:
    return _respell(text.replace("+", "%20"), "/:@!$'()*,;?")


def _dotless(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept)


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (pair.partition("=") for pair in query.split("&")) if name]


def _step(segment: str, *, last: bool) -> str:
    suffix = _SUFFIX.search(segment) if last else None
    stem = segment[: suffix.start()] if suffix else segment
    ending = suffix[0].lower() if suffix else ""
    if stem.isdigit():
        return "{n}" + ending
    if _MONTH.fullmatch(stem.lower()):
        return "{month}" + ending
    slug = last or any(c.isdigit() for c in stem) or "%" in stem or stem.count("-") > 2 or len(stem) > 30
    return ("{slug}" if slug else stem.lower()) + ending
