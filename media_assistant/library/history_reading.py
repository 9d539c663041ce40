"""The journal and the finished analyses as a person reads them, page by page and the newest first."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes

from media_assistant.items.concept import Concept
from media_assistant.items.history import Page, Step, Understood, Who
from media_assistant.library import tag_store, taking_back
from media_assistant.library.item_reading import like_pattern
from media_assistant.library.item_store import as_text

_NAMED = 5
"""So many items of a step are given by their id."""
_LONGEST = 200
"""Characters of a subject: it is shown in one line."""

_LIKE_ITEM = "SELECT id FROM items WHERE title LIKE :like ESCAPE '!'"
_LIKE_TAG = (
    "SELECT id FROM concepts WHERE en LIKE :like ESCAPE '!' OR zh LIKE :like ESCAPE '!' UNION"
    " SELECT concept_id FROM own_concepts WHERE en LIKE :like ESCAPE '!' OR zh LIKE :like ESCAPE '!'"
)


def next_page(connection: sqlite3.Connection, page: Page) -> Page:
    """What comes after a page; of an empty one the first. About 2 ms for 100 steps, whatever the journal's length;
    with `words` it reads the whole journal.
    """
    wanted: list[Step | Understood] = []
    if page.who is not Who.MODELS:
        wanted += steps(connection, _numbers(connection, page))
    if page.who is not Who.PERSON:
        wanted += _understood(connection, page)
    # Both kinds are in their own order already, which a clock that was put back must not break.
    steps_left = [each for each in wanted if isinstance(each, Step)]
    runs_left = [each for each in wanted if isinstance(each, Understood)]
    entries: list[Step | Understood] = []
    while len(entries) < page.size and (steps_left or runs_left):
        is_step = bool(steps_left) and (not runs_left or steps_left[0].at >= runs_left[0].at)
        entries.append(steps_left.pop(0) if is_step else runs_left.pop(0))
    last_step = next((each.number for each in reversed(entries) if isinstance(each, Step)), page.before_step)
    last_run = next(((e.at, e.run_id) for e in reversed(entries) if isinstance(e, Understood)), page.before_run)
    return replace(
        page,
        entries=tuple(entries),
        before_step=last_step,
        before_run=last_run,
        is_last=len(entries) < page.size,
    )


def _numbers(connection: sqlite3.Connection, page: Page) -> list[int]:
    where, values = "state <> 'dropped'", {"size": page.size, "before": page.before_step}
    if page.before_step is not None:
        where += " AND group_id < :before"
    if page.words:
        where += (
            " AND group_id IN (SELECT group_id FROM journal WHERE verb IN (SELECT value FROM json_each(:verbs))"
            f" OR json_extract(edit, '$.item') IN ({_LIKE_ITEM}) OR json_extract(edit, '$.concept') IN ({_LIKE_TAG})"
            f" OR EXISTS (SELECT 1 FROM json_each(edit, '$.items') WHERE value IN ({_LIKE_ITEM})))"
        )
        values |= {"like": like_pattern(page.words), "verbs": json.dumps(page.verbs)}  # type: ignore[dict-item]
    rows = connection.execute(
        f"SELECT group_id FROM journal WHERE {where} GROUP BY group_id ORDER BY group_id DESC LIMIT :size", values
    )
    return [row[0] for row in rows]


def steps(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Step]:
    """These steps, in the order asked; those that are not there are passed over."""
    gone = taking_back.taken_back(connection)
    found = [_step(connection, number, gone.get(number, 0)) for number in numbers]
    return [each for each in found if each is not None]


def _step(connection: sqlite3.Connection, number: int, taken_back_by: int) -> Step | None:
    row = connection.execute(
        "SELECT min(id), at, verb, edit, inverse, state = 'undone', takes_back,"
        " count(DISTINCT json_extract(edit, '$.item')) + ifnull(sum(json_array_length(edit, '$.items')), 0)"
        " FROM journal WHERE group_id = ? AND state <> 'dropped'",
        (number,),
    ).fetchone()
    if row[0] is None:
        return None
    _, at, verb, edit_text, inverse_text, is_undone, takes_back, item_count = row
    older = _step(connection, takes_back, number) if takes_back else None
    if older is not None:
        return replace(
            older,
            number=number,
            at=at,
            verb=verb,
            is_undone=bool(is_undone),
            taken_back_by=taken_back_by,
            takes_back=takes_back,
            older_verb=older.older_verb or older.verb,
        )
    edit, inverse = json.loads(edit_text), json.loads(inverse_text)
    item_ids = _first_items(connection, number)
    titles = connection.execute("SELECT title FROM items WHERE id = ?", item_ids[:1]).fetchone() if item_ids else None
    return Step(
        number,
        at,
        verb,
        item_count,
        item_ids,
        titles[0] if titles else "",
        _subject(connection, edit, inverse)[:_LONGEST],
        _concept(connection, edit),
        bool(is_undone),
        taken_back_by,
    )


def _first_items(connection: sqlite3.Connection, number: int) -> tuple[int, ...]:
    found: dict[int, None] = {}
    rows = connection.execute(
        "SELECT json_extract(edit, '$.item'), json_extract(edit, '$.items') FROM journal"
        " WHERE group_id = ? AND state <> 'dropped' ORDER BY id LIMIT ?",
        (number, 4 * _NAMED),
    )
    for item_id, item_ids in rows:
        found |= dict.fromkeys(json.loads(item_ids)[:_NAMED] if item_ids else [item_id] if item_id else [])
    return tuple(found)[:_NAMED]


def _concept(connection: sqlite3.Connection, edit: dict[str, Any]) -> Concept | None:
    concept_id = edit.get("concept")
    if not concept_id:
        return None
    row = connection.execute(
        f"SELECT {tag_store.CONCEPT} FROM concepts {tag_store.OWN} WHERE concepts.id = ?", (concept_id,)
    ).fetchone()
    return tag_store.concept_of(*row) if row else None


def _subject(connection: sqlite3.Connection, edit: dict[str, Any], inverse: dict[str, Any]) -> str:
    match edit["do"]:
        case "rewrite":
            lines = edit["in"] or inverse["in"] or edit["out"]
            return " ".join(line["text"] for line in lines[:3])
        case "line":
            return edit["text"] or inverse["text"] or ""
        case "mark":
            return edit["note"] or inverse["note"] or ""
        case "names":
            return ", ".join(edit["names"])
        case "rate":
            return str(edit["stars"])
        case "say_of_pair":
            shown = edit["items"][edit["word"] == "second"]
            return str(connection.execute("SELECT title FROM items WHERE id = ?", (shown,)).fetchone()[0])
        case "quiet":
            return str(edit["model"])
        case "refuse_group":
            return str(edit["name"])
        case "root":
            return as_text(os.fsdecode(unquote_to_bytes(edit["root"])))
        case "files" if edit["places"]:
            return as_text(os.path.basename(os.fsdecode(bytes.fromhex(edit["places"][-1][0]))))
        case "collection" | "places" | "entries":
            row = edit.get("row") or inverse.get("row")
            if row:
                return str(row[0])
            known = (
                connection.execute("SELECT name FROM collections WHERE id = ?", (edit["collection"],)).fetchone()
                or connection.execute(
                    "SELECT json_extract(inverse, '$.row[0]') FROM journal WHERE json_extract(edit, '$.collection') = ?"
                    " AND json_extract(inverse, '$.row[0]') IS NOT NULL ORDER BY id DESC LIMIT 1",
                    (edit["collection"],),
                ).fetchone()
            )
            return str(known[0]) if known else ""
    return ""


def _understood(connection: sqlite3.Connection, page: Page) -> list[Understood]:
    where, values = "finished_at <> '' AND removed_at = ''", {"size": page.size}
    if page.before_run is not None:
        where += " AND (finished_at, runs.id) < (:at, :run)"
        values |= {"at": page.before_run[0], "run": page.before_run[1]}  # type: ignore[dict-item]
    if page.words:
        where += " AND title LIKE :like ESCAPE '!'"
        values |= {"like": like_pattern(page.words)}  # type: ignore[dict-item]
    rows = connection.execute(
        "SELECT runs.id, finished_at, analyser, model, item_id, title,"
        " (SELECT count(*) FROM moments WHERE run_id = runs.id) FROM runs JOIN items ON items.id = item_id"
        f" WHERE {where} ORDER BY finished_at DESC, runs.id DESC LIMIT :size",
        values,
    )
    return [Understood(*row) for row in rows]
