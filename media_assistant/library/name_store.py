"""Names and rare words that speech recognition is told to expect in this library."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def names(connection: sqlite3.Connection) -> list[str]:
    """In the person's order."""
    return [row[0] for row in connection.execute("SELECT name FROM spoken_names ORDER BY place, name")]


def set_names(connection: sqlite3.Connection, wanted: Iterable[str]) -> None:
    """These and no others."""
    connection.execute("DELETE FROM spoken_names")
    connection.executemany(
        "INSERT INTO spoken_names (name, place) VALUES (?, ?)", [(name, place) for place, name in enumerate(wanted)]
    )


def tidy(wanted: Iterable[str]) -> list[str]:
    """Each name once, without what would part it in two: commas and line ends."""
    parts = (
        " ".join(part.split()) for line in wanted for part in line.replace("，", ",").replace("、", ",").split(",")
    )
    return list(dict.fromkeys(part[:200] for part in parts if part))
