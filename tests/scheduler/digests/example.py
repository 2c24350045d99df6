"""Invented issues that the tests of digests share, and the picture in the README is made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from storage.records import Change, Issue, Kind, Standing, Trouble

END = datetime(2026, 11, 20, 6, tzinfo=UTC)

_HOSTS = {
    "coastwatch": "www.coastwatch.example",
    "grid-operator": "gridco.example",
    "helvia-police": "police.helvia.example",
    "ministry-transport": "www.transport.gov.example",
    "northern-rights": "northernrights.example",
}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def told(
    newsroom: str, kind: Kind, path: str | None, title: str | None, seen_at: datetime, /, **detail: object
) -> Change:
    """A change of one of the invented newsrooms."""
    url = f"https://{_HOSTS[newsroom]}/news/{path}" if path else None
    return Change(newsroom, kind, url, title, seen_at, detail, key=url)


STANDING = Standing(
    newsrooms=40,
    read=39,
    last_read=at(20, 5, 52),
    troubles=(Trouble("harbour-authority", at(18, 13, 10), "503 Service Unavailable", last_read=at(18, 12, 55)),),
)


def issue(changes: tuple[Change, ...] = (), **differing: Any) -> Issue:  # noqa: ANN401 - each field has a type of its own
    """An issue of the digest `daily`, with these changes and whatever differs."""
    values: dict[str, Any] = {
        "digest": "daily",
        "number": 14,
        "name": "20261120T060000Z",
        "start": END - timedelta(days=1),
        "end": END,
        "previous_sha256": "5f0c2a91" * 8,
        "changes": changes,
        "standing": STANDING,
        "formats": ("html", "md"),
        "timezone": "Europe/Berlin",
    }
    return Issue(**(values | differing))


CHANGES = (
    told(
        "ministry-transport",
        Kind.WITHDRAWN,
        "2026/11/harbour-tunnel-safety-audit",
        "Harbour tunnel: safety audit finds ventilation below standard",
        at(20, 5, 46),
        date="2026-11-12",
        first_seen="2026-11-12T08:10:00+00:00",
        last_seen="2026-11-19T21:15:00+00:00",
        looks=[
            {"at": "2026-11-20T04:41:00+00:00", "status": 404, "reason": "404 Not Found"},
            {"at": "2026-11-20T05:46:00+00:00", "status": 404, "reason": "404 Not Found"},
        ],
    ),
    told(
        "helvia-police",
        Kind.UNLISTED,
        "releases/1190",
        "Appeal for witnesses after collision on Quay Street",
        at(19, 16, 2),
        date="2026-11-03",
        first_seen="2026-11-03T10:12:00+00:00",
        last_seen="2026-11-19T14:55:00+00:00",
        looks=2,
        found="200 with its title",
    ),
    told(
        "northern-rights",
        Kind.EDITED,
        "prison-hunger-strike",
        "Hunger strike at Karsk prison enters its third week; 41 prisoners now refuse food",
        at(20, 3, 20),
        fields={
            "summary": {
                "before": "Families say that lawyers have been turned away at the gate since Monday, and that the "
                "prison’s doctor has left. The regional ombudsman has asked for access, and was told to wait. Northern "
                "Rights calls on the authorities to let independent doctors in at once.",
                "after": "Families say that lawyers have been turned away at the gate since Monday, and that two men "
                "were taken to hospital. The regional ombudsman has asked for access, and was told to wait. Northern "
                "Rights calls on the authorities to let independent doctors in at once.",
            },
            "title": {
                "before": "Hunger strike at Karsk prison enters its second week; 27 prisoners now refuse food",
                "after": "Hunger strike at Karsk prison enters its third week; 41 prisoners now refuse food",
            },
        },
    ),
    told(
        "grid-operator",
        Kind.EDITED,
        "winter-outlook",
        "Winter outlook: reserve margin stays comfortable",
        at(19, 11, 5),
        fields={
            "date": {"before": "2026-11-17", "after": "2026-11-19"},
            "summary": {
                "before": "The reserve margin for January is put at 9.4 %, above last year’s 8.1 %.",
                "after": "The reserve margin for January is put at 6.2 %, below last year’s 8.1 %.",
            },
            "kind": {"before": None, "after": "Outlook"},
            "caption": {"before": "Photo: Ada Holm", "after": None},
        },
    ),
    told(
        "coastwatch",
        Kind.NEW,
        "oil-sheen",
        "Oil sheen off Cape Merrow traced to abandoned tanker",
        at(20, 5, 12),
        date="2026-11-20",
        kind="Press release",
        summary="Samples taken on Tuesday match the fuel in the tanker’s aft tanks, the laboratory at Port Ansel says. "
        "Coastwatch asks for the wreck to be emptied before the winter storms.",
    ),
    told(
        "northern-rights",
        Kind.NEW,
        "journalist-released",
        "Journalist Ilva Maren released after 212 days",
        at(20, 4, 40),
        date="2026-11-19",
        kind="Statement",
        summary="“I was never told what I was accused of,” she said at the gate.",
    ),
    told(
        "northern-rights",
        Kind.NEW,
        "annual-report",
        "Annual report 2024 now in four languages",
        at(20, 4, 40),
        date="2026-06-03",
        kind="Update",
        backdated=True,
    ),
    told(
        "ministry-transport",
        Kind.MOVED,
        "2026/11/night-trains",
        "Night trains return to the coast line in spring",
        at(19, 9, 30),
        **{"from": "https://www.transport.gov.example/press/night-trains-return"},
    ),
    told(
        "grid-operator",
        Kind.RESTORED,
        "substation-fire",
        "Substation fire: supply restored to 4,000 homes",
        at(19, 15),
        after="withdrawn",
    ),
    told("helvia-police", Kind.GAP, None, None, at(19, 18, 30), reason="ten pages read, none with a known release"),
    told("coastwatch", Kind.RECOVERED, None, None, at(19, 22, 5), since="2026-11-18T21:00:00+00:00"),
    told("grid-operator", Kind.BASELINE, None, None, at(19, 8), releases=1204),
)

FULL = issue(CHANGES)
QUIET = issue(
    number=13,
    name="20261119T060000Z",
    start=END - timedelta(days=2),
    end=END - timedelta(days=1),
    standing=Standing(40, 40, at(19, 5, 58)),
)
