"""Full-text search over releases: the words of their titles, summaries and captions."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from storage import encoding
from storage.rows import RELEASES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from storage.connection import Connection
    from storage.records import Release

_BATCH = 500  # releases read at a time
# Scripts written without blanks, whose words the index does not part: they are looked for as they stand.
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_ORDER = "ORDER BY coalesce(releases.date, '') DESC, releases.rank DESC, releases.newsroom DESC, releases.key DESC"


def search(db: Connection, phrases: Iterable[str], newsroom: str | None) -> Iterator[tuple[Release, bool]]:
    """The releases that hold every phrase, newest first, undated last; each with whether the last window shows it.

    A phrase is one word or several in a row, the last of which may go on; case and accents do not matter. None at all,
    or none with a letter or digit in it, finds nothing. Read in batches as the iterator is used.
    """
    asked = [phrase for phrase in phrases if any(map(str.isalnum, phrase))]
    if not asked:
        return
    where, parameters = _condition(asked)
    if newsroom is not None:
        where.append("releases.newsroom = ?")
        parameters.append(newsroom)
    table = "release_words JOIN releases ON releases.id = release_words.rowid"
    sql = f"SELECT releases.id FROM {table} WHERE {' AND '.join(where)} {_ORDER}"  # noqa: S608  texts of this module only
    ids = iter([id_ for (id_,) in db.rows(sql, parameters)])
    while batch := list(islice(ids, _BATCH)):
        yield from _read(db, batch)


def _condition(phrases: Sequence[str]) -> tuple[list[str], list[object]]:
    """The parts of a WHERE clause, and their parameters: what is typed is text, never a part of the query language."""
    matched = [_quoted(phrase) for phrase in phrases if not _SPACELESS.search(phrase)]
    where, parameters = list[str](), list[object]()
    if matched:
        where.append("release_words MATCH ?")
        parameters.append(encoding.bindable(" ".join(matched)))
    for phrase in phrases:
        if _SPACELESS.search(phrase):
            columns = ("title", "summary", "caption")
            where.append("(" + " OR ".join(f"instr(releases.{column}, ?)" for column in columns) + ")")
            parameters += [encoding.bindable(phrase.strip())] * len(columns)
    return where, parameters


def _quoted(phrase: str) -> str:
    """A phrase of the query language, whose last word may go on."""
    inner = phrase.replace("\0", " ").replace('"', '""')
    return f'"{inner}"*'


def _read(db: Connection, ids: Sequence[int]) -> Iterator[tuple[Release, bool]]:
    listed = "seen_seq = (SELECT last_seq FROM newsrooms WHERE newsrooms.id = releases.newsroom)"
    places = ", ".join("?" * len(ids))
    found = db.records(
        lambda row: (int(row[0]), RELEASES.read(row[2:]), bool(row[1])),
        RELEASES.select(f"WHERE id IN ({places})", "id", listed),
        ids,
    )
    by_id = {id_: (release, shown) for id_, release, shown in found}
    return (by_id[id_] for id_ in ids if id_ in by_id)
