"""The edit journal: what a person did, each row with its inverse, written in the same transaction as the edit.

An edit is a small JSON object, `{"do": …}` with the `item`, the `items`, the `collection` or the `concept` that it is about; `apply`
carries one out and gives the edit that takes it back. To add one: a function that applies and returns the inverse, a line in `_EDITS`, a rule in the property test.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from media_assistant.items.findings import span_from_plain, span_to_plain
from media_assistant.items.moment import Sense
from media_assistant.items.span import Span
from media_assistant.items.tag import TagState
from media_assistant.library import (
    belonging,
    collection_store,
    file_edits,
    item_store,
    liking_store,
    line_store,
    mark_store,
    moment_store,
    name_store,
    own_tag_store,
    pair_store,
    rating_store,
    refusal_store,
    root_store,
    tag_store,
    taught_store,
)
from media_assistant.library.secrecy import overwriting

Edit = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One step of undo. `verb` names what was done (`accept_tag`, `remove_items` …), to items, at a time (UTC)."""

    group_id: int
    at: str
    verb: str
    item_ids: tuple[int, ...]
    is_undone: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a step: the edits that changed something, and its number in the journal; 0 if none did."""

    edits: tuple[Edit, ...] = ()
    step: int = 0


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
        if belonging.is_removed(connection, item_id):
            moment_store.set_aside(connection, item_id)
    return {**edit, "text": before}


def _mark(connection: sqlite3.Connection, edit: Edit) -> Edit:
    item_id, span = edit["item"], span_from_plain(edit["span"])
    before = mark_store.note_at(connection, item_id, span)
    if before != edit["note"]:
        mark_store.put(connection, item_id, span, edit["note"])
        if belonging.is_removed(connection, item_id):
            moment_store.set_aside(connection, item_id)
    return mark(item_id, span, before)


def _rewrite(connection: sqlite3.Connection, edit: Edit) -> Edit:
    inverse = line_store.rewrite(connection, edit)
    if inverse is not edit and belonging.is_removed(connection, edit["item"]):
        moment_store.set_aside(connection, edit["item"])
    return inverse


def set_names(names: Sequence[str]) -> Edit:
    """The names that speech recognition is told to expect, all of them."""
    return {"do": "names", "names": list(names)}


def _names(connection: sqlite3.Connection, edit: Edit) -> Edit:
    before = name_store.names(connection)
    name_store.set_names(connection, edit["names"])
    return set_names(before)


_EDITS: dict[str, Callable[[sqlite3.Connection, Edit], Edit]] = {
    "decide": _decide,
    "line": _line,
    "mark": _mark,
    "rewrite": _rewrite,
    "names": _names,
    "remove": belonging.apply_remove,
    "restore": belonging.apply_restore,
    "bring_in": belonging.apply_bring_in,
    "take_out": belonging.apply_take_out,
    "files": file_edits.apply_files,
    "collection": collection_store.apply_row,
    "entries": collection_store.apply_entries,
    "places": collection_store.apply_places,
    "root": root_store.apply_root,
    "say_of_tag": own_tag_store.apply_words,
    "quiet": own_tag_store.apply_quiet,
    "rate": rating_store.apply_rate,
    "say_of_pair": pair_store.apply_word,
    "teach": taught_store.apply_teach,
    "example": taught_store.apply_example,
    "say_of_liking": liking_store.apply_liking,
    "refuse_group": refusal_store.apply_refusal,
}

KNOWN_EDITS = tuple(_EDITS)


def is_known(edit: Edit) -> bool:
    """Whether this version of the program can carry it out."""
    return edit["do"] in _EDITS


def _index_words(connection: sqlite3.Connection, item_id: int) -> None:
    if not belonging.is_removed(connection, item_id):
        item_store.index_words(connection, item_id)


# The journal


def perform(
    connection: sqlite3.Connection,
    verb: str,
    at: str,
    edits: Sequence[Edit],
    *,
    into: int = 0,
    takes_back: int | None = None,
) -> Done:
    """Carry edits out as one step and write them down.

    What was undone before can no longer be done again. `into`: they belong to this step, if it still stands;
    `takes_back`: the older step whose inverse they are.
    """
    done: list[tuple[Edit, Edit]] = []
    for edit in edits:
        inverse = apply(connection, edit)
        if inverse is not None:
            done.append((edit, inverse))
    return note(connection, verb, at, done, into=into, takes_back=takes_back)


def note(
    connection: sqlite3.Connection,
    verb: str,
    at: str,
    done: Sequence[tuple[Edit, Edit]],
    *,
    into: int = 0,
    takes_back: int | None = None,
) -> Done:
    """Write down what was carried out, as (edit, inverse)."""
    if not done:
        return Done()
    if into and stands(connection, into):
        step = into
    else:
        with overwriting(connection):
            connection.execute("UPDATE journal SET state = 'dropped' WHERE state = 'undone'")
        step = connection.execute("SELECT ifnull(max(group_id), 0) + 1 FROM journal").fetchone()[0]
    connection.executemany(
        "INSERT INTO journal (group_id, at, verb, edit, inverse, takes_back) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                step,
                at,
                verb,
                json.dumps(edit, ensure_ascii=False),
                json.dumps(inverse, ensure_ascii=False),
                takes_back,
            )
            for edit, inverse in done
        ],
    )
    return Done(tuple(edit for edit, _ in done), step)


def stands(connection: sqlite3.Connection, step: int) -> bool:
    """Whether this step was done, and not undone."""
    asked = "SELECT 1 FROM journal WHERE group_id = ? AND state = 'done' LIMIT 1"
    return connection.execute(asked, (step,)).fetchone() is not None


def undo(connection: sqlite3.Connection) -> Done:
    """Take the last step back; gives the edits that did so, none if there is nothing to undo."""
    return _turn(connection, "SELECT max(group_id) FROM journal WHERE state = 'done'", is_undo=True)


def redo(connection: sqlite3.Connection) -> Done:
    """Do the step again that was undone last."""
    return _turn(connection, "SELECT min(group_id) FROM journal WHERE state = 'undone'", is_undo=False)


def _turn(connection: sqlite3.Connection, which: str, *, is_undo: bool) -> Done:
    step = connection.execute(which).fetchone()[0]
    if step is None:
        return Done()
    column, other, state = ("inverse", "edit", "undone") if is_undo else ("edit", "inverse", "done")
    rows = connection.execute(
        f"SELECT id, {column} FROM journal WHERE group_id = ? AND state <> 'dropped'"
        f" ORDER BY id {'DESC' if is_undo else 'ASC'}",
        (step,),
    ).fetchall()
    applied: list[Edit] = []
    for row_id, text in rows:
        edit = json.loads(text)
        back = apply(connection, edit)
        applied.append(edit)
        if back is not None and edit["do"] in belonging.KEEPERS:
            connection.execute(f"UPDATE journal SET {other} = ? WHERE id = ?", (json.dumps(back), row_id))
    with overwriting(connection):
        connection.execute("UPDATE journal SET state = ? WHERE group_id = ? AND state <> 'dropped'", (state, step))
    return Done(tuple(applied), step)


def entries(connection: sqlite3.Connection, limit: int) -> list[JournalEntry]:
    """The newest steps first, with all their items."""
    rows = connection.execute(
        "SELECT group_id, at, verb, json_extract(edit, '$.item'), json_extract(edit, '$.items'), state = 'undone'"
        " FROM journal WHERE state <> 'dropped' AND group_id IN (SELECT DISTINCT group_id FROM journal"
        " WHERE state <> 'dropped' ORDER BY group_id DESC LIMIT ?) ORDER BY id",
        (limit,),
    )
    found: dict[int, JournalEntry] = {}
    items: dict[int, dict[int, None]] = {}
    for step, at, verb, item_id, item_ids, is_undone in rows:
        items.setdefault(step, {}).update(
            dict.fromkeys(json.loads(item_ids) if item_ids else [item_id] if item_id else [])
        )
        found.setdefault(step, JournalEntry(step, at, verb, (), bool(is_undone)))
    return [replace(found[step], item_ids=tuple(items[step])) for step in sorted(found, reverse=True)]
