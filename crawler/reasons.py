"""Words for what the web answered, fit for a report that a person reads."""

from __future__ import annotations

from http import HTTPStatus


def http_reason(status: int) -> str:
    """The status as "HTTP 503 Service Unavailable"; of a status nobody defined, the number alone."""
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def count(number: int, one: str, many: str) -> str:
    """A number with its noun: "1 entry", "3 entries"."""
    return f"{number} {one if number == 1 else many}"
