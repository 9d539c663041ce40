"""What a person did with media, and what was proposed to them: noted as it happens, never an edit.

These tables are `PRIVATE`: no backup and no export holds them, and while the person pauses recording nothing is written.
`secrecy` sees to it that what is deleted from them is gone from the file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.happening import SESSION_PAUSE_S, Ending, Happening, Met, Use, Verb
from media_assistant.items.slate import Outcome, Proposal, Slate
from media_assistant.library.database import Database, now
from media_assistant.library.item_reading import chunked
from media_assistant.library.left_off import LeftOff
from media_assistant.library.recording import is_paused, set_paused
from media_assistant.library.secrecy import overwriting
from media_assistant.library.span_columns import span_from_columns, span_to_columns

HAPPENING = (
    "happenings.id, at, session, verb, ifnull(item_id, 0), span_kind, span_a, span_b, span_c, lasted_ms, ending, is_again,"
    " ifnull(slate_id, 0), detail"
)
"""The columns that `happening_of` takes."""
_STILL_OPEN = (
    "(outcome = '' OR outcome IN ('liked', 'not_now', 'not_because', 'never') AND NOT EXISTS (SELECT 1 FROM likings"
    " WHERE likings.item_id = shown.item_id AND word = CASE outcome WHEN 'liked' THEN 'like' ELSE outcome END))"
)
"""Of a proposal: nothing is known of it, or only a word that the person has taken back."""
_LIVING = "(item_id IS NULL OR EXISTS (SELECT 1 FROM items WHERE items.id = item_id AND removed_at = ''))"


class Happenings(LeftOff):
    """A part of `Library`."""

    _database: Database

    # Recording

    @property
    def is_recording(self) -> bool:
        """Whether what happens is noted: not while the person pauses it, nor in a library opened for reading."""
        return not self._database.is_read_only and not self.is_recording_paused

    @property
    def is_recording_paused(self) -> bool:
        """Whether the person wants nothing to be noted now."""
        with self._database.read() as connection:
            return is_paused(connection)

    def set_recording(self, is_recording: bool) -> LibraryChanges:
        """Note what happens from now on, or nothing of it until told otherwise."""
        with self._database.transaction() as connection:
            set_paused(connection, is_paused=not is_recording)
        return LibraryChanges(past=True)

    # What happened

    def note_happening(self, happening: Happening, *, began: str = "") -> LibraryChanges:
        """Note it; `began` (UTC) is when it did, now if not given. If nothing else is said, it was chosen from the last
        proposals of the same session from which the item was opened. Passed over while recording is paused, and for an
        item that is not in the library.
        """
        at = began or now()
        with self._database.transaction() as connection:
            if is_paused(connection):
                return LibraryChanges()
            if happening.item_id and not _is_there(connection, happening.item_id):
                return LibraryChanges()
            session = _session(connection, at)
            with overwriting(connection):
                connection.execute(
                    "INSERT INTO happenings (at, session, verb, item_id, span_kind, span_a, span_b, span_c, lasted_ms,"
                    " ending, is_again, slate_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                    " (SELECT id FROM slates WHERE id = ?), ?)",
                    (
                        at,
                        session,
                        happening.verb,
                        happening.item_id or None,
                        *span_to_columns(happening.span),
                        happening.lasted_ms,
                        happening.ending,
                        happening.is_again or _was_finished(connection, happening.item_id, session),
                        happening.slate_id or _chosen_from(connection, happening.item_id, session),
                        json.dumps(dict(happening.detail), ensure_ascii=False),
                    ),
                )
        return LibraryChanges(past=True)

    def happenings(
        self,
        *,
        before: int | None = None,
        limit: int = 100,
        verbs: Sequence[Verb] = (),
        item_ids: Sequence[int] | None = None,
    ) -> list[Happening]:
        """What happened, the newest first: those before the one with this id, of some kinds, with some items. Nothing of
        items that are not in the library.
        """
        where, values = [_LIVING], list[object]()
        if before is not None:
            where.append("id < ?")
            values.append(before)
        if verbs:
            where.append("verb IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(verbs)))
        if item_ids is not None:
            where.append("item_id IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(item_ids)))
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {HAPPENING} FROM happenings WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?",
                (*values, limit),
            )
            return [happening_of(*row) for row in rows]

    def uses(self, item_ids: Sequence[int] | None = None) -> dict[int, Use]:
        """How often each of these items (None: of all) was opened or played; those that never were are missing."""
        asked = (
            "SELECT item_id, count(*), sum(ending = 'finished'), sum(ending = 'skipped'), sum(lasted_ms), at, max(id)"
            " FROM happenings WHERE item_id IN ({}) GROUP BY item_id"
        )
        found: dict[int, Use] = {}
        with self._database.read() as connection:
            if item_ids is None:
                rows = connection.execute(asked.format("SELECT id FROM items WHERE removed_at = ''"))
                return {row[0]: Use(*row) for row in rows}
            for part in chunked(item_ids):
                found.update(
                    {row[0]: Use(*row) for row in connection.execute(asked.format(",".join("?" * len(part))), part)}
                )
        return found

    def met(self, limit: int) -> list[Met]:
        """The last items that were opened or played, the oldest first: all that a page of suggestions needs of thousands."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, session, item_id, ending, ifnull(slate_id, 0) FROM happenings"
                f" WHERE item_id IS NOT NULL AND verb <> 'searched' AND {_LIVING} ORDER BY id DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [Met._make(row) for row in reversed(rows)]

    # What was proposed

    def note_slate(self, slate: Slate) -> int:
        """Note what a person is shown; gives its id, 0 while recording is paused or if nothing of it is in the library."""
        at = now()
        with self._database.transaction() as connection:
            there = [each for each in slate.proposals if _is_there(connection, each.item_id)]
            if not there or is_paused(connection):
                return 0
            with overwriting(connection):
                slate_id = connection.execute(
                    "INSERT INTO slates (at, session, policy, settings) VALUES (?, ?, ?, ?)",
                    (at, _session(connection, at), slate.policy, json.dumps(dict(slate.settings), ensure_ascii=False)),
                ).lastrowid
                connection.executemany(
                    'INSERT INTO shown (slate_id, "row", place, item_id, propensity, expected, context)'
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        (
                            slate_id,
                            each.row,
                            each.place,
                            each.item_id,
                            float(each.propensity),
                            float(each.expected),
                            each.context,
                        )
                        for each in there
                    ],
                )
        return int(slate_id or 0)

    def note_outcome(self, slate_id: int, item_id: int, outcome: Outcome) -> LibraryChanges:
        """What became of a proposal; passed over if there is no such one, or while recording is paused. That it was opened
        says less than what is known already.
        """
        which = "slate_id = ? AND item_id = ?" + (f" AND {_STILL_OPEN}" if outcome is Outcome.OPENED else "")
        with self._database.transaction() as connection:
            if is_paused(connection):
                return LibraryChanges()
            with overwriting(connection):
                count = connection.execute(
                    f"UPDATE shown SET outcome = ?, outcome_at = ? WHERE {which}",
                    (outcome, now() if outcome else "", slate_id, item_id),
                ).rowcount
        return LibraryChanges(past=bool(count))

    def slates_since(self, slate_id: int = 0, limit: int = 1_000_000) -> list[Slate]:
        """What was proposed after the slate with this id, the oldest first; proposals of items that left the library
        are among them, for what was likely then was so.
        """
        with self._database.read() as connection:
            slates = {
                row[0]: Slate(row[3], (), json.loads(row[4]), row[0], row[1], row[2])
                for row in connection.execute(
                    "SELECT id, at, session, policy, settings FROM slates WHERE id > ? ORDER BY id LIMIT ?",
                    (slate_id, limit),
                )
            }
            if not slates:
                return []
            parts: dict[int, list[Proposal]] = {}
            for number, proposal in _proposals(connection, min(slates), max(slates)):
                parts.setdefault(number, []).append(proposal)
        return [replace(slate, proposals=tuple(parts.get(number, ()))) for number, slate in slates.items()]


def happening_of(
    number: int,
    at: str,
    session: int,
    verb: str,
    item_id: int,
    kind: int,
    a: int,
    b: int,
    c: int,
    lasted_ms: int,
    ending: str,
    is_again: int,
    slate_id: int,
    detail: str,
) -> Happening:
    """A row, by its columns `HAPPENING`."""
    return Happening(
        Verb(verb),
        item_id,
        span_from_columns(kind, a, b, c),
        lasted_ms,
        Ending(ending),
        bool(is_again),
        slate_id,
        json.loads(detail),
        number,
        at,
        session,
    )


def _proposals(connection: sqlite3.Connection, first: int, last: int) -> Iterator[tuple[int, Proposal]]:
    rows = connection.execute(
        'SELECT slate_id, "row", place, item_id, propensity, expected, context, outcome, outcome_at FROM shown'
        ' WHERE slate_id BETWEEN ? AND ? ORDER BY slate_id, "row", place',
        (first, last),
    )
    for number, row, place, item_id, propensity, expected, context, outcome, outcome_at in rows:
        known = bytes(context)
        yield number, Proposal(row, place, item_id, propensity, expected, known, Outcome(outcome), outcome_at)


def _is_there(connection: sqlite3.Connection, item_id: int) -> bool:
    return bool(connection.execute("SELECT 1 FROM items WHERE id = ? AND removed_at = ''", (item_id,)).fetchone())


def _session(connection: sqlite3.Connection, at: str) -> int:
    """The session of what begins now: the last one, unless a long pause lies between, or the clock was set far back."""
    rows = [
        row
        for table, lasted in (("happenings", "lasted_ms"), ("slates", "0"))
        if (row := connection.execute(f"SELECT session, at, {lasted} FROM {table} ORDER BY id DESC LIMIT 1").fetchone())
    ]
    if not rows:
        return 1
    session, began, lasted_ms = max(rows)
    pause_s = (datetime.fromisoformat(at) - datetime.fromisoformat(began)).total_seconds()
    return int(session) + (not -SESSION_PAUSE_S < pause_s < SESSION_PAUSE_S + lasted_ms / 1000)


def _was_finished(connection: sqlite3.Connection, item_id: int, session: int) -> bool:
    """Whether this item was finished before in this session."""
    asked = "SELECT 1 FROM happenings WHERE item_id = ? AND session = ? AND ending = 'finished' LIMIT 1"
    return connection.execute(asked, (item_id, session)).fetchone() is not None


def _chosen_from(connection: sqlite3.Connection, item_id: int, session: int) -> int:
    """The last slate of this session from which the item was opened, or on which it was liked; 0 if there is none."""
    row = connection.execute(
        "SELECT max(slate_id) FROM shown JOIN slates ON slates.id = slate_id"
        " WHERE item_id = ? AND outcome IN ('opened', 'liked') AND session = ?",
        (item_id, session),
    ).fetchone()
    return int(row[0] or 0)
