"""Where in their items labels and lines stand: what a query about the order of moments compares. Reads only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import NamedTuple

from media_assistant.items.moment import Sense
from media_assistant.items.span import Span
from media_assistant.library.item_reading import chunked
from media_assistant.library.span_columns import span_from_columns

_FEW = 5000
"""Items up to which their own lines are read, and not every line that matches."""


class Placed(NamedTuple):
    """A stored moment, without what it says."""

    moment_id: int
    item_id: int
    span: Span
    score: float


def label_places(
    connection: sqlite3.Connection, item_ids: Collection[int], concepts: Collection[str], senses: Sequence[Sense] = ()
) -> list[Placed]:
    """Where these items carry one of `concepts`. What a person refused, what is below a tag's own threshold and what
    comes from a model that the person does not want to hear does not count.
    """
    wanted = json.dumps(list(concepts))
    in_senses = f" AND sense IN ({','.join('?' * len(senses))})" if senses else ""
    found: list[Placed] = []
    for part in chunked(item_ids):
        marks = ",".join("?" * len(part))
        rows = connection.execute(
            "SELECT moments.id, moments.item_id, span_kind, span_a, span_b, span_c, score FROM moments"
            " LEFT JOIN own_concepts AS merged ON merged.concept_id = moments.concept_id"
            " LEFT JOIN own_concepts AS own ON own.concept_id = ifnull(merged.merged_into, moments.concept_id)"
            f" WHERE moments.item_id IN ({marks}) AND layer = 'label'"
            f" AND moments.concept_id IN (SELECT value FROM json_each(?)){in_senses}"
            " AND score >= ifnull(own.lowest_score, 0)"
            " AND NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.item_id = moments.item_id AND state = 'rejected'"
            " AND decisions.concept_id = ifnull(merged.merged_into, moments.concept_id) AND decisions.span_kind = 0)"
            " AND ifnull(run_id, 0) NOT IN (SELECT runs.id FROM quiet_models CROSS JOIN runs ON runs.model = quiet_models.model)",
            (*part, wanted, *senses),
        )
        found += [Placed(row[0], row[1], span_from_columns(*row[2:6]), row[6]) for row in rows]
    return found


def line_places(
    connection: sqlite3.Connection, item_ids: Collection[int], wanted: str, senses: Sequence[Sense] = ()
) -> list[Placed]:
    """Where lines of these items match an expression of the text index."""
    if not wanted:
        return []
    among = set(item_ids)
    in_senses = f" AND sense IN ({','.join('?' * len(senses))})" if senses else ""
    columns = "moments.id, item_id, span_kind, span_a, span_b, span_c"
    match = "SELECT rowid FROM moment_text WHERE moment_text MATCH ?"
    # The index gives ids alone: what it keeps of a line beside them takes longer to read than the line's own row.
    if len(among) > _FEW:
        sql = f"SELECT {columns} FROM ({match}) AS found JOIN moments ON moments.id = found.rowid{in_senses}"
        rows = [row for row in connection.execute(sql, (wanted, *senses)) if row[1] in among]
    else:
        matching = {row[0] for row in connection.execute(match, (wanted,))}
        rows = []
        for part in chunked(among if matching else ()):
            sql = f"SELECT {columns} FROM moments WHERE item_id IN ({','.join('?' * len(part))}) AND layer = 'line'"
            rows += [row for row in connection.execute(sql + in_senses, (*part, *senses)) if row[0] in matching]
    return [Placed(row[0], row[1], span_from_columns(*row[2:]), 1.0) for row in rows]
