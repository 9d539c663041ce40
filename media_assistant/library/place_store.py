"""Where in their items labels and lines stand: what a query about the order of moments compares. Reads only.

Columns come from SQLite as one text each: of a common word there are hundreds of thousands of places, and a row for
every one of them would be as many Python objects.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_assistant.items.moment import Sense
from media_assistant.library.item_set import Ints, ItemSet, numbers
from media_assistant.library.label_reading import AS_MEANT, TOLD, are_labels_plain

_FEW = 5000
"""Items up to which their own labels are looked through, and not everything that carries the label."""

_COLUMNS = ("moments.id", "moments.item_id", "span_kind", "span_a", "span_b", "span_c")
_MANY = 50_000
"""Lines of one statement."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Stored moments without what they say, as columns `[n]`: of each its id, its item, its span as it is stored, and its
    score.
    """

    ids: Ints
    items: Ints
    kinds: Ints
    a: Ints
    b: Ints
    c: Ints
    scores: NDArray[np.float64]


def label_places(
    connection: sqlite3.Connection, items: ItemSet, concepts: Collection[str], senses: Sequence[Sense] = ()
) -> Placed:
    """Where these items carry one of `concepts`. What a person refused, what is below a tag's own threshold and what
    comes from a model that the person does not want to hear does not count.
    """
    index, plus = ("moments_by_concept", "+") if len(items) > _FEW else ("moments_by_item", "")
    in_senses = f" AND sense IN ({','.join('?' * len(senses))})" if senses else ""
    sql = (
        f"SELECT {', '.join(f'group_concat({column})' for column in (*_COLUMNS, 'score'))} FROM moments INDEXED BY {index}"
        # The plus keeps SQLite from trying each concept with each item.
        f" WHERE {plus}item_id IN (SELECT value FROM json_each(?)) AND layer = 'label' AND {TOLD}"
        f" AND {'' if plus else '+'}concept_id IN (SELECT value FROM json_each(?)){in_senses}"
        + ("" if are_labels_plain(connection, concepts) else AS_MEANT)
    )
    values = json.dumps(items.ids().tolist()), json.dumps(list(concepts)), *senses
    *columns, scores = connection.execute(sql, values).fetchone()
    ids, whose, kinds, a, b, c = map(numbers, columns)
    known = np.array(scores.split(","), np.float64) if scores else np.empty(0)
    return Placed(ids, whose, kinds, a, b, c, known)


def line_places(connection: sqlite3.Connection, ids: Ints, items: Ints) -> Placed:
    """Where these lines stand, whose items these are."""
    order = np.argsort(ids)
    ids, items = ids[order], items[order]
    # From one id to the next as they come: as a set SQLite would sort them once more.
    sql = (
        "SELECT group_concat(moments.id), group_concat(span_kind), group_concat(span_a), group_concat(span_b),"
        " group_concat(span_c) FROM json_each(?) AS wanted CROSS JOIN moments ON moments.id = wanted.value"
    )
    parts = [
        [numbers(column) for column in connection.execute(sql, (json.dumps(part.tolist()),)).fetchone()]
        for part in np.split(ids, range(_MANY, len(ids), _MANY))
    ]
    known, kinds, a, b, c = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    whose = items[np.searchsorted(ids, known)]
    return Placed(known, whose, kinds, a, b, c, np.ones(len(known)))
