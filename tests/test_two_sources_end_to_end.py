"""A newsroom whose feed is watched beside its list, through commands, on the loopback network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scheduler.demo import layouts
from scheduler.demo.misbehaviour import Fault, Where
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.server import serving
from tests.scheduler.cli_stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'contact = "desk@paper.test"\nallow_private_addresses = true\ndelay = "0s"\nconfirm_after = "0s"\n'


def configuration(room: LocalNewsroom, base: str, *, feed: bool = True) -> str:
    beside = f'feed = "{base}{room.layout.feed}"\n' if feed else ""
    return f'{HEAD}[[newsroom]]\nid = "room"\nurl = "{base}{room.listing_path}"\nmax_pages = 1\n{beside}'


def changes(stage: Stage) -> list[tuple[str, str | None]]:
    """What one check finds, as kind and title."""
    found = json.loads(stage.done("check", "--json"))
    return sorted((change["kind"], change["title"]) for change in found["changes"])


def rows(stage: Stage, command: str) -> list[dict[str, Any]]:
    return list(json.loads(stage.done(command, "--json")))


def test_both_sources_are_watched_and_nothing_is_told_twice(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    room = LocalNewsroom(layouts.WORDPRESS, seed=4, per_page=6)
    with serving(room) as base:
        stage.configure(configuration(room, base))
        assert changes(stage) == [("baseline", None)]
        sources = [row["sources"] for row in rows(stage, "releases")]
        assert sorted(sources) == [["feed"]] * 4 + [["listing", "feed"]] * 6
        assert changes(stage) == []

        published = room.publish(title="The ferry sails again")
        shown = [release for release in room.releases() if release.listed]
        room.edit(shown[2].slug, title="The harbour bridge opens at noon")
        assert changes(stage) == [("edited", "The harbour bridge opens at noon"), ("new", published.title)]
        assert changes(stage) == []

        gone, off = room.withdraw(shown[8].slug), room.withdraw(shown[3].slug)  # the first in the feed alone
        found = changes(stage) + changes(stage)
        assert sorted(found) == sorted(("withdrawn", layouts.clean(one.title)) for one in (gone, off))
        assert changes(stage) == []


def test_a_feed_that_cannot_be_read_is_told_and_costs_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    room = LocalNewsroom(layouts.WORDPRESS, seed=5, per_page=6)
    with serving(room) as base:
        stage.configure(configuration(room, base))
        assert changes(stage) == [("baseline", None)]
        room.fail(Fault.ERROR, Where.RELEASES)
        (visit,) = json.loads(stage.done("check", "--json"))["visits"]
        assert (visit["outcome"], visit["reason"][:23]) == ("not_modified", "feed not read: HTTP 500")
        (row,) = rows(stage, "status")
        assert (row["health"], row["feed"]["url"]) == ("ok", f"{base}{room.layout.feed}")
        assert row["feed"]["problem"].startswith("HTTP 500")
        assert row["feed"]["unhealthy_since"] is not None
        assert "room: feed not read since" in stage.done("status")
        room.heal()
        assert changes(stage) == []
        (row,) = rows(stage, "status")
        assert (row["feed"]["problem"], row["feed"]["unhealthy_since"]) == (None, None)


def test_a_feed_that_is_added_and_taken_away_changes_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    room = LocalNewsroom(layouts.WORDPRESS, seed=6, per_page=6)
    with serving(room) as base:
        stage.configure(configuration(room, base, feed=False))
        assert changes(stage) == [("baseline", None)]
        stage.configure(configuration(room, base))
        assert changes(stage) == []
        assert len(rows(stage, "releases")) == 10
        assert stage.done("releases").count("in the feed alone") == 4
        stage.configure(configuration(room, base, feed=False))
        assert changes(stage) == []
        assert {row["state"] for row in rows(stage, "releases")} == {"listed", "rolled_off"}
        assert rows(stage, "status")[0]["feed"] is None
