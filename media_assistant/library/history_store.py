"""The edit journal: what a person did, each row with its inverse, written in the same transaction as the edit.

An edit is a small JSON object, `{"do": …}` with the `item`, the `collection` or the `concept` that it is about; `apply`
carries one out and gives the edit that takes it back. To add one: a function that applies and returns the inverse, a line in `_EDITS`, a rule in the property test.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from media_assistant.items.findings import span_from_plain, span_to_plain
from media_assistant.items.moment import Sense
from media_assistant.items.span import Span
from media_assistant.items.tag import TagState
from media_assistant.library import (
    collection_store,
    file_edits,
    item_store,
    line_store,
    mark_store,
    moment_store,
    name_store,
    own_tag_store,
    root_store,
    tag_store,
)

Edit = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One step of undo. `verb` names what was done (`accept_tag`, `remove_items` …), to items, at a time (UTC)."""

    group_id: int
    at: str
    verb: str
    item_ids: tuple[int, ...]
    is_undone: bool


def decide(item_id: int, concept_id: str, state: TagState | None) -> Edit:
    """Accept or refuse a concept on an item; None takes the word back."""
    return {"do": "decide", "item": item_id, "concept": concept_id, "state": state.value if state else None}


def mark(item_id: int, span: Span, note: str | None) -> Edit:
    """Mark a span, with a note or `""`; None takes the mark away."""
    return {
        "do": "mark",
        "item": item_id,
        "span": span_to_plain(span),
        "note": None if note is None else item_store.as_text(note),
    }


def remove(item_id: int, at: str) -> Edit:
    """Out of the library, with everything kept aside."""
    return {"do": "remove", "item": item_id, "at": at}


def apply(connection: sqlite3.Connection, edit: Edit) -> Edit | None:
    """Carry it out. Gives the inverse; None if nothing was to be done."""
    inverse = _EDITS[edit["do"]](connection, edit)
    return None if inverse == edit else inverse


def _decide(connection: sqlite3.Connection, edit: Edit) -> Edit:
    item_id, concept_id = edit["item"], edit["concept"]
    before = tag_store.decision(connection, item_id, concept_id)
    wanted = TagState(edit["state"]) if edit["state"] else None
    if before is not wanted:
        tag_store.decide(connection, item_id, concept_id, wanted)
        _index_words(connection, item_id)
    return decide(item_id, concept_id, before)


def _line(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """What journals of the first version hold; a line is a `rewrite` by now."""
    item_id, span, sense = edit["item"], span_from_plain(edit["span"]), Sense(edit["sense"])
    before = line_store.own_line(connection, item_id, span, sense)
    if before != edit["text"]:
        line_store.set_own_line(connection, item_id, span, sense, edit["text"])
        if _is_removed(connection, item_id):
            moment_store.set_aside(connection, item_id)
    return {**edit, "text": before}


def _mark(connection: sqlite3.Connection, edit: Edit) -> Edit:
    item_id, span = edit["item"], span_from_plain(edit["span"])
    before = mark_store.note_at(connection, item_id, span)
    if before != edit["note"]:
        mark_store.put(connection, item_id, span, edit["note"])
        if _is_removed(connection, item_id):
            moment_store.set_aside(connection, item_id)
    return mark(item_id, span, before)


def _rewrite(connection: sqlite3.Connection, edit: Edit) -> Edit:
    inverse = line_store.rewrite(connection, edit)
    if inverse is not edit and _is_removed(connection, edit["item"]):
        moment_store.set_aside(connection, edit["item"])
    return inverse


def set_names(names: Sequence[str]) -> Edit:
    """The names that speech recognition is told to expect, all of them."""
    return {"do": "names", "names": list(names)}


def _names(connection: sqlite3.Connection, edit: Edit) -> Edit:
    before = name_store.names(connection)
    name_store.set_names(connection, edit["names"])
    return set_names(before)


_JOB = "analyser, stage, rank, state, attempts, error, took_s"


def _remove(connection: sqlite3.Connection, edit: Edit) -> Edit:
    item_id = edit["item"]
    if _is_removed(connection, item_id):
        return edit
    connection.execute("UPDATE items SET removed_at = ? WHERE id = ?", (edit["at"], item_id))
    moment_store.set_aside(connection, item_id)
    # The queue is about what is in the library; what was to be done comes back with the item.
    jobs = connection.execute(f"SELECT {_JOB} FROM jobs WHERE item_id = ? ORDER BY id", (item_id,)).fetchall()
    connection.execute("DELETE FROM jobs WHERE item_id = ?", (item_id,))
    return {"do": "restore", "item": item_id, "at": edit["at"], "jobs": jobs}


def _restore(connection: sqlite3.Connection, edit: Edit) -> Edit:
    item_id = edit["item"]
    if not _is_removed(connection, item_id):
        return edit
    connection.execute("UPDATE items SET removed_at = '' WHERE id = ?", (item_id,))
    moment_store.bring_back(connection, item_id)
    item_store.index_words(connection, item_id)
    connection.executemany(
        f"INSERT OR IGNORE INTO jobs (item_id, {_JOB}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (item_id, analyser, stage, rank, "waiting" if state == "running" else state, attempts, error, took_s)
            for analyser, stage, rank, state, attempts, error, took_s in edit["jobs"]
        ],
    )
    return remove(item_id, edit["at"])


_EDITS: dict[str, Callable[[sqlite3.Connection, Edit], Edit]] = {
    "decide": _decide,
    "line": _line,
    "mark": _mark,
    "rewrite": _rewrite,
    "names": _names,
    "remove": _remove,
    "restore": _restore,
    "files": file_edits.apply_files,
    "collection": collection_store.apply_row,
    "places": collection_store.apply_places,
    "root": root_store.apply_root,
    "say_of_tag": own_tag_store.apply_words,
    "quiet": own_tag_store.apply_quiet,
}

KNOWN_EDITS = tuple(_EDITS)


def is_known(edit: Edit) -> bool:
    """Whether this version of the program can carry it out."""
    return edit["do"] in _EDITS


def _is_removed(connection: sqlite3.Connection, item_id: int) -> bool:
    row = connection.execute("SELECT removed_at <> '' FROM items WHERE id = ?", (item_id,)).fetchone()
    return row is None or bool(row[0])


def _index_words(connection: sqlite3.Connection, item_id: int) -> None:
    if not _is_removed(connection, item_id):
        item_store.index_words(connection, item_id)


# The journal


def perform(connection: sqlite3.Connection, verb: str, at: str, edits: Sequence[Edit]) -> list[Edit]:
    """Carry edits out as one step and write them down; gives those that changed something.

    What was undone before can no longer be done again.
    """
    done: list[tuple[Edit, Edit]] = []
    for edit in edits:
        inverse = apply(connection, edit)
        if inverse is not None:
            done.append((edit, inverse))
    if not done:
        return []
    connection.execute("UPDATE journal SET state = 'dropped' WHERE state = 'undone'")
    group_id = connection.execute("SELECT ifnull(max(group_id), 0) + 1 FROM journal").fetchone()[0]
    connection.executemany(
        "INSERT INTO journal (group_id, at, verb, edit, inverse) VALUES (?, ?, ?, ?, ?)",
        [
            (group_id, at, verb, json.dumps(edit, ensure_ascii=False), json.dumps(inverse, ensure_ascii=False))
            for edit, inverse in done
        ],
    )
    return [edit for edit, _ in done]


def undo(connection: sqlite3.Connection) -> list[Edit]:
    """Take the last step back; gives the edits that did so, none if there is nothing to undo."""
    return _turn(connection, "SELECT max(group_id) FROM journal WHERE state = 'done'", is_undo=True)


def redo(connection: sqlite3.Connection) -> list[Edit]:
    """Do the step again that was undone last."""
    return _turn(connection, "SELECT min(group_id) FROM journal WHERE state = 'undone'", is_undo=False)


def _turn(connection: sqlite3.Connection, which: str, *, is_undo: bool) -> list[Edit]:
    group_id = connection.execute(which).fetchone()[0]
    if group_id is None:
        return []
    column, state = ("inverse", "undone") if is_undo else ("edit", "done")
    rows = connection.execute(
        f"SELECT id, {column} FROM journal WHERE group_id = ? AND state <> 'dropped'"
        f" ORDER BY id {'DESC' if is_undo else 'ASC'}",
        (group_id,),
    ).fetchall()
    applied: list[Edit] = []
    for row_id, text in rows:
        edit = json.loads(text)
        back = apply(connection, edit)
        applied.append(edit)
        if back is not None and edit["do"] == "remove":
            # Its queue may have moved on since it was first removed.
            connection.execute("UPDATE journal SET inverse = ? WHERE id = ?", (json.dumps(back), row_id))
    connection.execute("UPDATE journal SET state = ? WHERE group_id = ? AND state <> 'dropped'", (state, group_id))
    return applied


def revive(connection: sqlite3.Connection, item_id: int) -> None:
    """A removed item's file was brought in again: it comes back, and its removal can no longer be undone."""
    row = connection.execute(
        "SELECT id, inverse FROM journal WHERE state = 'done' AND json_extract(edit, '$.do') = 'remove'"
        " AND json_extract(edit, '$.item') = ? ORDER BY id DESC LIMIT 1",
        (item_id,),
    ).fetchone()
    inverse = json.loads(row[1]) if row else {"do": "restore", "item": item_id, "at": "", "jobs": []}
    apply(connection, inverse)
    if row:
        connection.execute("UPDATE journal SET state = 'dropped' WHERE id = ?", (row[0],))


def entries(connection: sqlite3.Connection, limit: int) -> list[JournalEntry]:
    """The newest steps first."""
    rows = connection.execute(
        "SELECT group_id, min(at), verb, json_group_array(json_extract(edit, '$.item'))"
        " FILTER (WHERE json_extract(edit, '$.item') IS NOT NULL), state = 'undone'"
        " FROM journal WHERE state <> 'dropped' GROUP BY group_id ORDER BY group_id DESC LIMIT ?",
        (limit,),
    )
    return [
        JournalEntry(group_id, at, verb, tuple(dict.fromkeys(json.loads(items))), bool(undone))
        for group_id, at, verb, items, undone in rows
    ]
