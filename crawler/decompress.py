"""Undoes a content coding within a bound, so that a small answer cannot become a huge one."""

from __future__ import annotations

import zlib

import brotli  # type: ignore[import-untyped]  # it ships no types

from crawler.web import FetchError

ACCEPTED = "gzip, deflate, br"

_UNREADABLE = frozenset({"zstd", "compress", "x-compress", "dcb", "dcz"})  # never asked for; other names are mislabels
_MAX_CODINGS = 3


def decompress(body: bytes, codings: str, max_bytes: int, *, cut: bool = False) -> bytes:
    """A body with its content codings undone, outermost first; `codings` is the Content-Encoding header.

    Raises FetchError where more than `max_bytes` come out, or the body is broken or ends early; with `cut` it gives
    what could be had, up to `max_bytes`. Names that are no coding ("utf-8", "none") leave the body as it is, and so
    does "gzip" on a body that is not.
    """
    names = [name.strip().lower() for name in codings.split(",") if name.strip()]
    if len(names) > _MAX_CODINGS:
        raise FetchError(f"compressed {len(names)} times over")
    for name in reversed(names):
        if name in _UNREADABLE:
            raise FetchError(f"compressed as {name}, which was not asked for")
        try:
            if name in {"gzip", "x-gzip"} and body.startswith(b"\x1f\x8b"):
                body = _gunzip(body, max_bytes, cut=cut)
            elif name == "deflate" and body:
                body = _inflate(body, max_bytes, cut=cut)
            elif name == "br" and body:
                body = _unbrotli(body, max_bytes, cut=cut)
        except (zlib.error, brotli.error) as error:
            raise FetchError(f"the compressed answer ({name}) is broken") from error
    return body


def _gunzip(body: bytes, max_bytes: int, *, cut: bool) -> bytes:
    plain = bytearray()
    while body.startswith(
        b"\x1f\x8b"
    ):  # members may follow one another (RFC 1952, 2.2); other trailing bytes are padding
        member = zlib.decompressobj(wbits=31)
        plain += member.decompress(body, max_bytes + 1 - len(plain))
        if _full(len(plain), max_bytes, cut=cut) or not _whole(member.eof, cut=cut):
            break
        body = member.unused_data
    return bytes(plain[:max_bytes])


def _inflate(body: bytes, max_bytes: int, *, cut: bool) -> bytes:
    # "deflate" is a zlib stream (RFC 9110, 8.4.1.2), which some servers send without its header
    zlib_header = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    stream = zlib.decompressobj(wbits=15 if zlib_header else -15)
    plain = stream.decompress(body, max_bytes + 1)
    if not _full(len(plain), max_bytes, cut=cut):
        _whole(stream.eof, cut=cut)
    return plain[:max_bytes]


def _unbrotli(body: bytes, max_bytes: int, *, cut: bool) -> bytes:
    stream = brotli.Decompressor()
    plain = bytearray(stream.process(body, output_buffer_limit=max_bytes + 1))
    while len(plain) <= max_bytes and not stream.can_accept_more_data() and not stream.is_finished():
        plain += stream.process(b"", output_buffer_limit=max_bytes + 1 - len(plain))
    if not _full(len(plain), max_bytes, cut=cut):
        _whole(stream.is_finished(), cut=cut)
    return bytes(plain[:max_bytes])


def _full(size: int, max_bytes: int, *, cut: bool) -> bool:
    if size > max_bytes and not cut:
        raise FetchError(f"more than {max_bytes} bytes when decompressed")
    return size > max_bytes


def _whole(finished: bool, *, cut: bool) -> bool:
    if not finished and not cut:
        raise FetchError("the compressed answer ends early")
    return finished
