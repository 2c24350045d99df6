"""The JSON of an issue: the record of what was reported, and the link in the chain of hashes."""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import Any

from storage.records import Change, Issue

# Inside JSON text these can only stand in strings, where an escape means the same and does no harm to a terminal.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\uffff]")


def change_json(change: Change) -> dict[str, Any]:
    """The change as every JSON output of presswatch shows it."""
    return {
        "id": change.id,
        "newsroom": change.newsroom,
        "kind": change.kind.value,
        "url": change.url,
        "title": change.title,
        "seen_at": change.seen_at.astimezone(UTC).isoformat(),
        "detail": dict(sorted(change.detail.items())),
    }


def render_json(issue: Issue) -> str:
    """The issue as JSON text, one change a line; these bytes are what `previous_sha256` of the next issue hashes."""
    head = {
        "digest": issue.digest,
        "from": issue.start.astimezone(UTC).isoformat(),
        "to": issue.end.astimezone(UTC).isoformat(),
        "previous_sha256": issue.previous_sha256,
    }
    lines = [f"  {json.dumps(key)}: {_dump(value)}," for key, value in head.items()]
    changes = ",\n".join(f"    {_dump(change_json(change))}" for change in issue.changes)
    changes = f"[\n{changes}\n  ]" if changes else "[]"
    text = "{\n" + "\n".join(lines) + f'\n  "changes": {changes}\n}}\n'
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
