"""Proposals that wait for the person's word, page by page, and the scores that a threshold is chosen by.

A page begins after the last proposal of the page before, whatever was decided in between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from media_assistant.items.moment import Layer, Moment
from media_assistant.items.tag import Proposal
from media_assistant.library import moment_store, tag_store
from media_assistant.library.item_reading import chunked

_UNDECIDED = (
    "NOT EXISTS (SELECT 1 FROM decisions AS decided WHERE decided.item_id = suggested.item_id"
    " AND decided.concept_id = suggested.concept_id AND decided.span_kind = 0)"
)
_SELECT = (
    f"SELECT suggested.item_id, suggested.score, {tag_store.CONCEPT} FROM suggested_tags AS suggested"
    f" JOIN concepts ON concepts.id = suggested.concept_id {tag_store.OWN}"
)


def proposals(
    connection: sqlite3.Connection, concept_id: str = "", after: Proposal | None = None, limit: int = 60
) -> list[Proposal]:
    """Of one tag the surest first; of all of them item by item, the newest item first."""
    values: list[str | int | float] = []
    if concept_id:
        where, order = "suggested.concept_id = ?", "suggested.score DESC, suggested.item_id DESC"
        values.append(tag_store.standing(connection, concept_id))
        if after is not None:
            where += " AND (suggested.score, suggested.item_id) < (?, ?)"
            values += [after.score, after.item_id]
    else:
        where, order = "1", "suggested.item_id DESC, suggested.score DESC, suggested.concept_id DESC"
        if after is not None:
            where = "suggested.item_id <= ? AND (suggested.item_id, suggested.score, suggested.concept_id) < (?, ?, ?)"
            values += [after.item_id, after.item_id, after.score, after.concept.id]
    rows = connection.execute(f"{_SELECT} WHERE {where} AND {_UNDECIDED} ORDER BY {order} LIMIT ?", (*values, limit))
    return [Proposal(item_id, tag_store.concept_of(*columns), score) for item_id, score, *columns in rows]


def count_proposals(connection: sqlite3.Connection, concept_id: str = "", lowest_score: float = 0.0) -> int:
    """How many wait, of one tag or of all, and are at least so sure."""
    where, values = _which(connection, concept_id, lowest_score)
    return int(
        connection.execute(
            f"SELECT count(*) FROM suggested_tags AS suggested WHERE {where} AND {_UNDECIDED}", values
        ).fetchone()[0]
    )


def waiting(connection: sqlite3.Connection, concept_id: str = "", lowest_score: float = 0.0) -> list[tuple[int, str]]:
    """(item, concept) of all that wait and are at least so sure."""
    where, values = _which(connection, concept_id, lowest_score)
    return connection.execute(
        f"SELECT item_id, concept_id FROM suggested_tags AS suggested WHERE {where} AND {_UNDECIDED}"
        " ORDER BY score DESC, item_id DESC",
        values,
    ).fetchall()


def _which(connection: sqlite3.Connection, concept_id: str, lowest_score: float) -> tuple[str, Sequence[str | float]]:
    if not concept_id:
        return "score >= ?", (lowest_score,)
    return "concept_id = ? AND score >= ?", (tag_store.standing(connection, concept_id), lowest_score)


def still_waiting(connection: sqlite3.Connection, pairs: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of these (item, concept) that nobody has decided."""
    found: set[tuple[int, str]] = set()
    for item_id, concept_id in pairs:
        row = connection.execute(
            f"SELECT 1 FROM suggested_tags AS suggested WHERE item_id = ? AND concept_id = ? AND {_UNDECIDED}",
            (item_id, concept_id),
        ).fetchone()
        if row:
            found.add((item_id, concept_id))
    return found


def scores(connection: sqlite3.Connection, concept_id: str) -> list[tuple[int, float]]:
    """(item, best score) of everything that models ever noticed of a tag, whatever its threshold; the surest first,
    without what the person decided.
    """
    rows = connection.execute(
        "SELECT moments.item_id, max(score) FROM moments JOIN items ON items.id = moments.item_id AND removed_at = ''"
        f" WHERE concept_id IN {tag_store.GROUP} AND layer = 'label' AND run_id IS NOT NULL AND {tag_store.LOUD}"
        " AND NOT EXISTS (SELECT 1 FROM decisions AS decided WHERE decided.item_id = moments.item_id"
        " AND decided.concept_id = ?1 AND decided.span_kind = 0)"
        " GROUP BY moments.item_id ORDER BY 2 DESC, 1 DESC",
        (tag_store.standing(connection, concept_id),),
    )
    return rows.fetchall()


def evidence(connection: sqlite3.Connection, item_id: int, concept_id: str, limit: int = 12) -> list[Moment]:
    """Where an item has a tag from, strongest first."""
    ids = [
        row[0]
        for row in connection.execute(
            f"SELECT id FROM moments WHERE item_id = ?2 AND concept_id IN {tag_store.GROUP} AND layer = ?3"
            " ORDER BY score DESC, id LIMIT ?4",
            (tag_store.standing(connection, concept_id), item_id, Layer.LABEL.value, limit),
        )
    ]
    found = moment_store.fetch(connection, ids)
    return [found[moment_id] for moment_id in ids]


def states(connection: sqlite3.Connection, item_ids: Sequence[int]) -> dict[str, tuple[int, int]]:
    """By tag on how many of these items it is accepted, and on how many only proposed."""
    found: dict[str, tuple[int, int]] = {}
    for part in chunked(item_ids):
        marks = ",".join("?" * len(part))
        for concept_id, accepted, proposed in connection.execute(
            "SELECT concept_id, sum(state = 'accepted'), sum(state = 'suggested') FROM tags"
            f" WHERE item_id IN ({marks}) AND state <> 'rejected' GROUP BY concept_id",
            part,
        ):
            before = found.get(concept_id, (0, 0))
            found[concept_id] = before[0] + accepted, before[1] + proposed
    return found
