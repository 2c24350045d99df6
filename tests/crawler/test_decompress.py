from __future__ import annotations

import gzip
import zlib

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest

from crawler.decompress import decompress
from crawler.web import FetchError

TEXT = b"The ministry answered the letter. " * 400
LIMIT = 100_000
BIG = b"\0" * 5_000_000


def raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


@pytest.mark.parametrize(
    ("body", "codings"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (TEXT, "utf-8"),
        (TEXT, "gzip"),  # mislabelled
        (gzip.compress(TEXT), "gzip"),
        (gzip.compress(TEXT), " X-GZIP "),
        (gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:]), "gzip"),
        (gzip.compress(TEXT) + b"\0\0\0", "gzip"),
        (zlib.compress(TEXT), "deflate"),
        (raw_deflate(TEXT), "deflate"),
        (brotli.compress(TEXT), "br"),
        (brotli.compress(gzip.compress(TEXT)), "gzip, br"),
    ],
)
def test_a_coded_body_comes_out_plain(body: bytes, codings: str) -> None:
    assert decompress(body, codings, LIMIT) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_an_empty_body_stays_empty(coding: str) -> None:
    assert decompress(b"", coding, LIMIT) == b""


BOMBS = [
    (gzip.compress(BIG), "gzip"),
    (gzip.compress(BIG[:60_000]) * 2, "gzip"),
    (zlib.compress(BIG), "deflate"),
    (brotli.compress(BIG), "br"),
    (gzip.compress(gzip.compress(BIG)), "gzip, gzip"),
]


@pytest.mark.parametrize(("body", "codings"), BOMBS)
def test_a_small_body_that_becomes_a_huge_one_is_refused(body: bytes, codings: str) -> None:
    with pytest.raises(FetchError, match="more than 100000 bytes when decompressed"):
        decompress(body, codings, LIMIT)


@pytest.mark.parametrize(("body", "codings"), BOMBS)
def test_a_huge_body_can_be_cut_instead(body: bytes, codings: str) -> None:
    assert decompress(body, codings, LIMIT, cut=True) == BIG[:LIMIT]


EARLY = [(gzip.compress(TEXT)[:-20], "gzip"), (zlib.compress(TEXT)[:-9], "deflate"), (brotli.compress(TEXT)[:-3], "br")]


@pytest.mark.parametrize(("body", "codings"), EARLY)
def test_a_body_that_ends_early_is_no_answer(body: bytes, codings: str) -> None:
    with pytest.raises(FetchError, match="ends early"):
        decompress(body, codings, LIMIT)


@pytest.mark.parametrize(("body", "codings"), EARLY)
def test_a_body_that_ends_early_is_taken_as_far_as_it_goes_where_it_may_be_cut(body: bytes, codings: str) -> None:
    assert TEXT.startswith(decompress(body, codings, LIMIT, cut=True))


@pytest.mark.parametrize(
    ("body", "codings"),
    [(b"\x1f\x8b" + b"junk" * 20, "gzip"), (b"x\x9c" + b"\xff" * 20, "deflate"), (b"junk" * 9, "br")],
)
def test_a_broken_body_is_no_answer(body: bytes, codings: str) -> None:
    with pytest.raises(FetchError, match="is broken"):
        decompress(body, codings, LIMIT)


def test_a_coding_that_was_not_asked_for_is_named() -> None:
    with pytest.raises(FetchError, match="compressed as zstd, which was not asked for"):
        decompress(b"(\xb5/\xfd", "zstd", LIMIT)


def test_a_body_coded_over_and_over_is_refused() -> None:
    with pytest.raises(FetchError, match="compressed 4 times over"):
        decompress(TEXT, "gzip, gzip, gzip, gzip", LIMIT)
