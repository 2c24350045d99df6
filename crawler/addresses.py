"""Which addresses may be asked at all: only http and https, and nothing that leads into a private network."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import urlsplit

MAX_URL = 8000  # characters; servers refuse longer request lines (RFC 9110, 4.1 asks for at least 8000 octets)

WAY_OUT = "; allow_private_addresses = true lets it be read"

_PRIVATE_NAMES = ("localhost", "local", "internal", "localdomain")  # RFC 6761, RFC 6762, ICANN's private-use name
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_DOTTED_QUAD = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # RFC 4291; everything else is not routed on the internet
_DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")  # RFC 9637; counts as global in older Pythons
_SPECIAL = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # RFC 6890; some of it counts as global in newer Pythons
    ipaddress.IPv4Network("192.88.99.0/24"),  # RFC 7526, withdrawn relay anycast
)


def ip_refused(ip: str) -> bool:
    """Whether an IP address is private, loopback, link-local, multicast, reserved or shared, or carries such a one.

    IPv4-mapped, 6to4 and NAT64 addresses are judged by the IPv4 address within; what is not an IP address is refused.
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return True
    if isinstance(address, ipaddress.IPv4Address):
        return _ipv4_refused(address)
    within = address.ipv4_mapped or address.sixtofour
    if within is None and address in _NAT64:
        within = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if within is not None:
        return _ipv4_refused(within)
    return (
        address not in _GLOBAL_UNICAST
        or address in _DOCUMENTATION
        or not address.is_global
        or address.scope_id is not None
        or address.teredo is not None
    )


def _ipv4_refused(address: ipaddress.IPv4Address) -> bool:
    return (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or any(address in network for network in _SPECIAL)
    )


def refusal(url: str, *, allow_private: bool = False) -> str | None:
    """Why an address must not be asked, as far as its text tells; None where it may.

    What its name resolves to is judged when connecting. `allow_private` lets loopback and private networks pass.
    """
    if len(url) > MAX_URL:
        return "an address longer than any server takes"
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "not a valid address"
    if parts.scheme not in {"http", "https"}:
        return f"only http and https addresses are read, not {parts.scheme or 'one without a scheme'}"
    if _UNFIT.search(parts.netloc):
        return "not a valid address"
    if "@" in parts.netloc:
        return "an address with a user name or password"
    if not host:
        return "an address without a host"
    return _host_refusal(host, bracketed="[" in parts.netloc, allow_private=allow_private)


def _host_refusal(host: str, *, bracketed: bool, allow_private: bool) -> str | None:
    if bracketed:
        return None if allow_private or not ip_refused(host) else f"{host} is not a public address"
    name = unicodedata.normalize("NFKC", host).lower().removesuffix(".")
    labels = name.split(".")
    if "%" in name or _UNFIT.search(name) or not all(labels):
        return "not a valid host name"
    if _NUMBER.fullmatch(labels[-1]):  # a host that ends in a number is an IPv4 address (WHATWG URL, 3.5)
        if name != host or not _DOTTED_QUAD.fullmatch(name):
            return f"{host} is not a plainly written IP address"
        return None if allow_private or not ip_refused(name) else f"{host} is not a public address"
    if not allow_private and labels[-1] in _PRIVATE_NAMES:
        return f"{host} is a name of a private network"
    return None
