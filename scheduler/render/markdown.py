"""An issue as Markdown (CommonMark with struck-through words), for mail, wikis and terminals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scheduler.render.cards import Card, Edit, Line, Span
from scheduler.render.html import LAYOUT
from scheduler.render.view import Group, view
from scheduler.render.words import Op, Piece, diff
from storage.records import Issue

# What may begin or end a construct inside a line. A colon or a dot only where an address would be linked by itself.
_INLINE = re.compile(r"[\\`*_{}\[\]<>#|~!^$&@=]|:(?=/|\\|\w+:)|(?<=www)\.|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
# What may begin a block at the start of a line: lists, rules, underlines of headings, numbers.
_LEADING = re.compile(r"^(?:[-+]|\d{1,9}(?=[.)](?:\s|$)))")
_IN_DESTINATION = re.compile(r"[()\[\]*_~|'`$!]|&(?=[#\w]+;)")


def render_markdown(issue: Issue) -> str:
    """The issue as Markdown text; whatever a page said is escaped."""
    seen = view(issue)
    parts = [
        f"# {escaped(seen.digest)} · {escaped(seen.when)}\n",
        f"**{escaped(seen.headline)}**\n",
        f"Issue {seen.number}, from {seen.since} to {seen.when}. Times are in {escaped(seen.zone)}.\n",
        *(part for group in seen.groups for part in _group(group)),
    ]
    if seen.notes:
        parts.append(f"## {seen.notes_label}\n")
        parts.append("\n".join(_card(note, noted=True) for note in seen.notes) + "\n")
    if not seen.groups:
        parts.append("No release changed in this period.\n")
    previous = f"The JSON of the issue before it has the SHA-256 `{issue.previous_sha256}`."
    chain = previous if issue.previous_sha256 else "It is the first issue of this digest."
    parts.append(f"---\n\n{chain} The record of this issue is {issue.name}.json.\n")
    return "\n".join(parts) + f"\n<!-- presswatch layout {LAYOUT} -->\n"


def escaped(text: str) -> str:
    """Text that shows as itself wherever it stands in Markdown."""
    return _LEADING.sub(_leading, _INLINE.sub(_inline, text))


def _inline(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def _leading(found: re.Match[str]) -> str:
    return f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"


def _group(group: Group) -> Iterator[str]:
    yield f"## {group.label} ({group.count:,})\n"
    if group.lead and group.slug != "edited":
        yield f"{group.lead}\n"
    for room in group.rooms:
        yield f"### {escaped(room.newsroom)}\n"
        yield "\n".join(_card(card) for card in room.cards) + "\n"


def _card(card: Card, *, noted: bool = False) -> str:
    facts = " · ".join(_line(fact) for fact in card.facts)
    if noted:
        rows = [f"- **{card.label}** · **{escaped(card.newsroom)}** · {facts}"]
    else:
        flag = f" **({card.flag})**" if card.flag else ""
        rows = [f"- {_title(card)}{flag}", facts]
    if card.headline is not None:
        rows.append(_edit(card.headline))
    rows += [_edit(edit) for edit in card.edits]
    rows += [_line(line) for line in card.lines]
    if card.address:
        rows.append(f"Address: {_literal(card.address)}")
    if card.summary:
        rows.append(escaped(card.summary))
    return "\\\n  ".join(rows)


def _title(card: Card) -> str:
    title = escaped(card.title)
    return f"[**{title}**](<{_destination(card.href)}>)" if card.href else f"**{title}**"


def _destination(url: str) -> str:
    return _IN_DESTINATION.sub(lambda found: "&amp;" if found[0] == "&" else f"%{ord(found[0]):02X}", url)


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line)


def _span(span: Span) -> str:
    if span.literal:
        return _literal(span.text)
    return escaped(span.text) if span.foreign or span.at else span.text


def _literal(address: str) -> str:
    """An address as code: shown as it is, and not linked."""
    return f"`{address.replace('`', '%60')}`"


def _edit(edit: Edit) -> str:
    if edit.before and edit.after:
        words = diff(edit.before, edit.after, peel=False) if edit.words else ()
        told = " ".join(_piece(piece) for piece in words) or f"~~{escaped(edit.before)}~~ **{escaped(edit.after)}**"
        return f"{escaped(edit.label)}: {told}"
    if edit.after:
        return f"{escaped(edit.label)} (there was none): **{escaped(edit.after)}**"
    return f"{escaped(edit.label)} (there is none now): ~~{escaped(edit.before or '')}~~"


def _piece(piece: Piece) -> str:
    marks = {Op.REMOVED: "~~", Op.ADDED: "**"}.get(piece.op, "")
    return f"{marks}{escaped(piece.text)}{marks}"
