"""What a person says of two items that may be the same. Keyed by the items: what was found of them comes and goes."""

from __future__ import annotations

import sqlite3
from typing import Any

Edit = dict[str, Any]

DIFFERENT, FIRST, SECOND = "different", "first", "second"
"""They are not the same; they are, and the one with the lower or the higher id is kept."""

LIKELY = (
    "FROM likely_pairs JOIN items AS one ON one.id = first_id AND one.removed_at = ''"
    " JOIN items AS other ON other.id = second_id AND other.removed_at = ''"
    f" WHERE NOT EXISTS (SELECT 1 FROM pair_words WHERE word = '{DIFFERENT}'"
    " AND pair_words.first_id = likely_pairs.first_id AND pair_words.second_id = likely_pairs.second_id)"
)
"""Pairs that were found alike, of items that are in the library, which the person did not call different."""
COPIED = "SELECT item_id FROM locations WHERE missing_since = '' GROUP BY item_id HAVING count(*) > 1"
"""Items whose very bytes lie at more than one place."""


def say_of_pair(one: int, other: int, word: str | None) -> Edit:
    """`word` is about the two in the order of their ids; None takes it back."""
    return {"do": "say_of_pair", "items": sorted((one, other)), "word": word}


def keep(kept: int, other: int) -> Edit:
    """They are the same, and this one is kept."""
    return say_of_pair(kept, other, FIRST if kept < other else SECOND)


def word_on(connection: sqlite3.Connection, first: int, second: int) -> str | None:
    """What was said of the two, the lower id first."""
    row = connection.execute(
        "SELECT word FROM pair_words WHERE first_id = ? AND second_id = ?", (first, second)
    ).fetchone()
    return None if row is None else str(row[0])


def forget_likely(connection: sqlite3.Connection, item_id: int) -> None:
    """The item holds something else: it is to be compared anew, once its new fingerprints are there."""
    connection.execute("DELETE FROM likely_pairs WHERE first_id = ?1 OR second_id = ?1", (item_id,))
    connection.execute("DELETE FROM compared_items WHERE item_id = ?", (item_id,))


def apply_word(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out a `say_of_pair`; gives the inverse."""
    first, second = edit["items"]
    before = word_on(connection, first, second)
    if edit["word"] is None:
        connection.execute("DELETE FROM pair_words WHERE first_id = ? AND second_id = ?", (first, second))
    else:
        connection.execute(
            "INSERT INTO pair_words VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET word = excluded.word",
            (first, second, edit["word"]),
        )
    return say_of_pair(first, second, before)
