"""A newsroom whose address is that of a feed, watched through checks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scheduler.demo import layouts
from scheduler.demo.newsroom import LocalNewsroom
from scheduler.demo.server import serving
from tests.scheduler.cli_stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'contact = "desk@paper.test"\nallow_private_addresses = true\ndelay = "0s"\nconfirm_after = "0s"\n'


def changes(stage: Stage) -> list[tuple[str, str | None]]:
    """What one check finds, as kind and title."""
    found = json.loads(stage.done("check", "--json"))
    return sorted((change["kind"], change["title"]) for change in found["changes"])


def test_tells_what_was_published_edited_and_withdrawn_and_nothing_else(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    room = LocalNewsroom(layouts.WORDPRESS, seed=4)
    with serving(room) as base:
        stage.configure(f'{HEAD}[[newsroom]]\nid = "room"\nurl = "{base}{room.layout.feed}"\n')
        assert changes(stage) == [("baseline", None)]
        published = room.publish(title="The ferry sails again")
        shown = [release for release in room.releases() if release.listed]
        room.edit(shown[2].slug, title="The harbour bridge opens at noon")
        assert changes(stage) == [("edited", "The harbour bridge opens at noon"), ("new", published.title)]
        gone = room.withdraw(shown[4].slug)
        assert changes(stage) == [("withdrawn", layouts.clean(gone.title))]
        assert changes(stage) == []
