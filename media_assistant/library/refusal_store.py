"""Groups that formed by themselves and that the person does not want to see: the items of each, by which it is known again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

Edit = dict[str, Any]
_NAME = "groups.refused"


def refused(connection: sqlite3.Connection) -> list[list[int]]:
    """The items of each."""
    row = connection.execute("SELECT value FROM switches WHERE name = ?", (_NAME,)).fetchone()
    try:
        found = json.loads(row[0])["groups"] if row else []
        return [[int(each) for each in group] for group in found]
    except (ValueError, KeyError, TypeError):
        return []


def refuse_group(items: Sequence[int], name: str, *, is_refused: bool = True) -> Edit:
    """A group of these items is not to be seen, or seen again. `name` is what it was called then."""
    return {"do": "refuse_group", "group": list(items), "is_refused": is_refused, "name": name}


def apply_refusal(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out a `refuse_group`; gives the inverse."""
    kept, group = refused(connection), list(edit["group"])
    was_refused = group in kept
    if was_refused == edit["is_refused"]:
        return edit
    # In an order of their own: what is taken back and done again leaves no trace.
    wanted = [each for each in kept if each != group] if was_refused else sorted([*kept, group])
    connection.execute(
        "INSERT INTO switches VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (_NAME, json.dumps({"groups": wanted})),
    )
    return {**edit, "is_refused": was_refused}
