"""A person's words on whether an item is to be proposed: like, not now, never."""

from __future__ import annotations

import sqlite3
from typing import Any

from media_assistant.items.slate import Liking
from media_assistant.library.secrecy import overwriting

Edit = dict[str, Any]


def say_of_liking(item_id: int, word: Liking | str, until: str | None, at: str) -> Edit:
    """`until` (UTC) is empty for a word that stands for good; None takes it back. `at` is when it is said."""
    return {"do": "say_of_liking", "item": item_id, "word": str(word), "until": until, "at": at}


def apply_liking(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out a `say_of_liking`; gives the inverse."""
    item_id, word, until, at = edit["item"], edit["word"], edit["until"], edit["at"]
    row = connection.execute("SELECT until, at FROM likings WHERE item_id = ? AND word = ?", (item_id, word)).fetchone()
    if (row[0] if row else None) == until:
        return edit
    with overwriting(connection):
        if until is None:
            connection.execute("DELETE FROM likings WHERE item_id = ? AND word = ?", (item_id, word))
        else:
            connection.execute("INSERT OR REPLACE INTO likings VALUES (?, ?, ?, ?)", (item_id, word, until, at))
    return say_of_liking(item_id, word, row[0] if row else None, row[1] if row else at)
