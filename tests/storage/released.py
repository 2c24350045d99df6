"""Databases as earlier versions of presswatch left them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from storage import schema

SCHEMAS = Path(__file__).parent / "schemas"


def frozen(path: Path, version: int) -> Path:
    """A database of this version with one record of each kind."""
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript((SCHEMAS / f"version_{version}.sql").read_text(encoding="utf-8"))
        assert conn.execute("PRAGMA user_version").fetchone() == (version,)
    return path


def empty(path: Path, version: int = 1) -> Path:
    """A database of this version without a row."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        db = Database(conn)
        with db.atomic():
            schema.migrate(db, schema.STEPS[:version])
    return path


def lived(path: Path, version: int = 1) -> Path:
    """A database of this version that watched a local newsroom for a while."""
    empty(path, version)
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript((SCHEMAS / f"lived_{version}.sql").read_text(encoding="utf-8"))
    return path
