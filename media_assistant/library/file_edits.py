"""Edits about an item's files: where they lie, and what content the item stands for. As the journal keeps them.

A path in an edit is hexadecimal, for names need not be valid text.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from typing import Any

from media_assistant.items.sorting import sort_key
from media_assistant.library import item_store, job_store, pair_store
from media_assistant.library.database import now
from media_assistant.library.item_store import NewItem, as_text, facts_to_json
from media_assistant.library.moment_store import STALE

Edit = dict[str, Any]
Place = tuple[str, int, int, str, int]
"""Path, size in bytes, time in ns, missing since, whether it is offline: a row of `locations`."""

_CONTENT = ("kind", "title", "size_bytes", "quick_hash", "facts", "sort_name", "duration_ms", "captured_at")


def places_of(connection: sqlite3.Connection, item_id: int) -> list[Place]:
    """Where an item's files lie or lay, as an edit writes them."""
    rows = connection.execute(
        "SELECT path, size_bytes, modified_ns, missing_since, is_offline FROM locations WHERE item_id = ? ORDER BY id",
        (item_id,),
    )
    return [(bytes(path).hex(), *rest) for path, *rest in rows]


def here(path: str, size_bytes: int, modified_ns: int) -> Place:
    """A file that is there."""
    return os.fsencode(path).hex(), size_bytes, modified_ns, "", 0


def move(item_id: int, places: Sequence[Place]) -> Edit:
    """The item's files lie there from now on, and nowhere else."""
    return {"do": "files", "item": item_id, "places": [list(place) for place in places], "content": None, "fresh": []}


def replace(item_id: int, new: NewItem) -> Edit:
    """The item stands for another file from now on. The person's words stay; what was found in the old one is stale."""
    captured = new.facts.captured
    content = (
        new.kind.value,
        as_text(new.title),
        new.size_bytes,
        new.quick_hash,
        facts_to_json(new.facts),
        as_text(sort_key(new.title)),
        new.facts.duration_ms,
        captured.at if captured else "",
    )
    edit = move(item_id, [here(new.path, new.size_bytes, new.modified_ns)])
    return {**edit, "content": list(content)}


def apply_files(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry one out; gives the inverse. A path at which another item's file lies by now counts as missing."""
    item_id = edit["item"]
    known = connection.execute("SELECT removed_at FROM items WHERE id = ?", (item_id,)).fetchone()
    if known is None:
        return edit
    inverse = move(item_id, places_of(connection, item_id))
    if edit["content"] is not None:
        before = connection.execute(f"SELECT {', '.join(_CONTENT)} FROM items WHERE id = ?", (item_id,)).fetchone()
        fresh = connection.execute("SELECT id FROM runs WHERE item_id = ? AND is_stale = 0", (item_id,)).fetchall()
        gaps = connection.execute(
            "SELECT id, is_stale FROM runs WHERE item_id = ? AND is_stale NOT IN (0, ?)", (item_id, STALE)
        ).fetchall()
        inverse |= {"content": list(before), "fresh": [row[0] for row in fresh], "gaps": [list(row) for row in gaps]}
        marks = " = ?, ".join(_CONTENT)
        connection.execute(f"UPDATE items SET {marks} = ? WHERE id = ?", (*edit["content"], item_id))
        connection.execute("UPDATE runs SET is_stale = ? WHERE item_id = ?", (STALE, item_id))
        # Ids are never used twice: what is still there was found in this very content.
        # What lacked something lacks it still; steps of older versions do not say what did.
        kept = [*((run_id, 0) for run_id in edit["fresh"]), *edit.get("gaps", ())]
        connection.executemany("UPDATE runs SET is_stale = ?2 WHERE id = ?1", kept)
        pair_store.forget_likely(connection, item_id)
        job_store.start_over(connection, item_id)
    connection.execute("DELETE FROM locations WHERE item_id = ?", (item_id,))
    for path, size_bytes, modified_ns, missing_since, is_offline in edit["places"]:
        stored = bytes.fromhex(path)
        is_taken = connection.execute(
            "SELECT 1 FROM locations JOIN items ON items.id = item_id AND removed_at = ''"
            " WHERE path = ? AND missing_since = ''",
            (stored,),
        ).fetchone()
        connection.execute(
            "INSERT INTO locations (item_id, path, shown, size_bytes, modified_ns, missing_since, is_offline)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                item_id,
                stored,
                as_text(os.fsdecode(stored)),
                size_bytes,
                modified_ns,
                missing_since or (now() if is_taken else ""),
                is_offline,
            ),
        )
    if not known[0]:
        item_store.index_words(connection, item_id)
    return inverse
