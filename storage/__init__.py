"""Keeps what was seen: SQLite behind frozen records."""
