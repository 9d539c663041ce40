"""The whole library in outline: what suggestions compare all items by. Reads, and writes two things: what a person said of
suggestions, and which groups are hidden.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from media_assistant.items.changes import LibraryChanges
from media_assistant.library import refusal_store
from media_assistant.library.happening_store import Happenings
from media_assistant.library.steps import perform

_WISHES = "for_you.wishes"


@dataclass(frozen=True, slots=True)
class Outline:
    """One entry for each item that is in the library, by rising id. Times are ISO 8601, empty where not known."""

    ids: list[int]
    kinds: list[str]
    durations_ms: list[int]
    added_at: list[str]
    captured_at: list[str]
    names: list[str]
    """By which they are sorted."""
    folders: list[str]
    """Where its file lies, one of them if there are several."""
    tags: list[tuple[int, str]]
    """(item, concept) of the tags that most items carry, the person's word counted."""


class Suggesting(Happenings):
    """A part of `Library`: what happened, and the outline of all items, which is what suggestions are made of."""

    def outline(self, most_tags: int = 120) -> Outline:
        """All of it; about a second for 100,000 items with five tags each."""
        outline = Outline([], [], [], [], [], [], [], [])
        same: dict[str, str] = {}
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, kind, duration_ms, added_at, captured_at, sort_name, (SELECT shown FROM locations"
                " WHERE item_id = items.id ORDER BY id LIMIT 1) FROM items WHERE removed_at = '' ORDER BY id"
            )
            for item_id, kind, duration_ms, added_at, captured_at, name, path in rows:
                folder = os.path.dirname(path or "")
                outline.ids.append(item_id)
                # What many items have is one text for all of them: a text of its own for each is most of a gigabyte.
                outline.kinds.append(same.setdefault(kind, kind))
                outline.durations_ms.append(duration_ms)
                outline.added_at.append(same.setdefault(added_at, added_at))
                outline.captured_at.append(same.setdefault(captured_at, captured_at))
                outline.names.append(name)
                outline.folders.append(same.setdefault(folder, folder))
            outline.tags.extend(_tags(connection, most_tags))
        return outline

    def changed_at(self) -> tuple[int, ...]:
        """Something that changes when items or vectors come or go, or carry other tags; cheap to ask for, and the same
        whatever is opened, played or rated.
        """
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM items WHERE removed_at = ''), (SELECT ifnull(max(id), 0) FROM vectors),"
                " (SELECT ifnull(max(id), 0) FROM runs),"
                " (SELECT ifnull(max(CAST(value AS INTEGER)), 0) FROM switches WHERE name = 'carried_tags')"
            ).fetchone()
        return tuple(row)

    def left_off_lately(self, limit: int) -> dict[int, int]:
        """The items that were left off last, and where (ms), the latest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                # CROSS JOIN: from what there is little of, not from all items.
                "SELECT item_id, position_ms FROM positions CROSS JOIN items ON items.id = item_id AND removed_at = ''"
                " ORDER BY positions.at DESC LIMIT ?",
                (limit,),
            )
            return dict(rows.fetchall())

    def last_slate(self) -> int:
        """The id of what was proposed last; 0 if nothing was."""
        with self._database.read() as connection:
            return int(connection.execute("SELECT ifnull(max(id), 0) FROM slates").fetchone()[0])

    def wishes(self) -> Mapping[str, Any]:
        """How the person set what is suggested; empty if they never did."""
        return self._kept(_WISHES)

    def set_wishes(self, wishes: Mapping[str, Any]) -> LibraryChanges:
        """Keep how suggestions are wished for. A setting, no edit."""
        self._keep(_WISHES, wishes)
        return LibraryChanges(past=True)

    def refused_groups(self) -> list[list[int]]:
        """The items of groups that formed by themselves and that the person does not want to see, a list for each."""
        with self._database.read() as connection:
            return refusal_store.refused(connection)

    def refuse_group(self, items: Sequence[int], name: str) -> LibraryChanges:
        """A group of these items, which is called so, is not to be seen again. One step of undo."""
        with self._database.transaction() as connection:
            return perform(connection, "refuse_group", [refusal_store.refuse_group(items, name)])

    def _kept(self, name: str) -> Mapping[str, Any]:
        with self._database.read() as connection:
            row = connection.execute("SELECT value FROM switches WHERE name = ?", (name,)).fetchone()
        try:
            found = json.loads(row[0]) if row else {}
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _keep(self, name: str, value: Mapping[str, Any]) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO switches VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (name, json.dumps(dict(value))),
            )


def _tags(connection: sqlite3.Connection, most: int) -> list[tuple[int, str]]:
    """The view `tags` would take seconds: suggestions are read from their table, and the few decisions set against them."""
    decided = {
        (item_id, concept_id): state
        for item_id, concept_id, state in connection.execute(
            "SELECT item_id, concept_id, state FROM decisions WHERE span_kind = 0"
        )
    }
    counts = dict(connection.execute("SELECT concept_id, count(*) FROM suggested_tags GROUP BY concept_id").fetchall())
    for (_, concept_id), state in decided.items():
        counts[concept_id] = counts.get(concept_id, 0) + (state == "accepted")
    wanted = sorted(counts, key=lambda concept_id: (-counts[concept_id], concept_id))[:most]
    found = [
        (item_id, concept_id)
        for item_id, concept_id in connection.execute(
            "SELECT item_id, concept_id FROM suggested_tags WHERE concept_id IN (SELECT value FROM json_each(?))",
            (json.dumps(wanted),),
        )
        if (item_id, concept_id) not in decided
    ]
    chosen = set(wanted)
    return found + [key for key, state in decided.items() if state == "accepted" and key[1] in chosen]
