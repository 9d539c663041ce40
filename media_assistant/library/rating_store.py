"""How many stars a person gave to an item."""

from __future__ import annotations

import sqlite3
from typing import Any

Edit = dict[str, Any]

MOST_STARS = 5


def rate(item_id: int, stars: int | None) -> Edit:
    """0 to `MOST_STARS`; None takes the word back."""
    return {"do": "rate", "item": item_id, "stars": stars}


def stars_of(connection: sqlite3.Connection, item_id: int) -> int | None:
    """None for an item of which nothing was said."""
    row = connection.execute("SELECT stars FROM ratings WHERE item_id = ?", (item_id,)).fetchone()
    return None if row is None else int(row[0])


def apply_rate(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out a `rate`; gives the inverse."""
    item_id, stars = edit["item"], edit["stars"]
    before = stars_of(connection, item_id)
    if stars is None:
        connection.execute("DELETE FROM ratings WHERE item_id = ?", (item_id,))
    else:
        connection.execute(
            "INSERT INTO ratings VALUES (?, ?) ON CONFLICT DO UPDATE SET stars = excluded.stars", (item_id, stars)
        )
    return rate(item_id, before)
