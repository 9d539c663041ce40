"""Who carries which label, for finding. What a person refused does not count, what a person said is sure. Reads only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import nlargest
from typing import TYPE_CHECKING, TypeVar

from media_assistant.items.moment import Sense
from media_assistant.library.item_reading import living
from media_assistant.library.tag_store import LOUD, LOWEST_SUGGESTION

if TYPE_CHECKING:
    from media_assistant.library.item_set import ItemSet

Value = TypeVar("Value")
Row = TypeVar("Row", tuple[int, str], tuple[int, str, float])

Noticed = tuple[str, Sense | None]
"""A concept, and how it was noticed; None: in whatever way."""

_NEXT_LABEL = "SELECT min(concept_id) FROM suggested_tags WHERE concept_id > ?"
_SUREST = " ORDER BY score DESC LIMIT ?"
_MANY = 500
"""Values or rows of one statement."""
AS_MEANT = (
    " AND score >= ifnull((SELECT lowest_score FROM own_concepts AS own WHERE own.concept_id ="
    " ifnull((SELECT merged_into FROM own_concepts AS merged WHERE merged.concept_id = moments.concept_id),"
    " moments.concept_id)), 0)"
    " AND NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.item_id = moments.item_id AND state = 'rejected'"
    " AND decisions.concept_id = ifnull((SELECT merged_into FROM own_concepts AS merged"
    " WHERE merged.concept_id = moments.concept_id), moments.concept_id) AND decisions.span_kind = 0)"
    f" AND {LOUD}"
)
"""Of a moment: neither below its tag's own threshold, nor refused, nor by a model that the person does not want to hear."""
TOLD = f"score >= {LOWEST_SUGGESTION}"
"""Of a label's moment: not so weak a guess that no tag comes of it."""
_FURTHER = 8
"""So many times as many labels are read where too many of the surest may not be shown."""


def labelled(
    connection: sqlite3.Connection, concepts: Collection[str], senses: Sequence[Sense], limit: int
) -> list[tuple[int, str, float]]:
    """(item_id, concept_id, score) where items that are not removed carry one of `concepts`, the `limit` surest. With
    `senses`, only where the label was noticed so.
    """
    wanted = named_so(connection, concepts) if senses else list(concepts)
    is_plain = _is_plain(connection)
    asked = limit
    while True:
        found: list[tuple[int, str, float]] = []
        has_more = False
        for part in parts(wanted):
            rows = _read_at_once(
                connection, _labels_sql(part, senses, _SUREST, is_plain=is_plain), (*part, *senses, asked)
            )
            has_more = has_more or len(rows) >= asked
            found += rows
            if not senses:
                found += [(item_id, concept_id, 1.0) for item_id, concept_id in _decided(connection, part, "accepted")]
        here = set(living(connection, {row[0] for row in found}))
        found = _without_refused(connection, [row for row in found if row[0] in here])
        # What was refused or removed may be the surest of all. Where it takes few places, nobody misses the others.
        if 2 * len(found) >= limit or not has_more:
            return nlargest(limit, found, key=lambda row: row[2]) if len(found) > limit else found
        asked *= _FURTHER


def _read_at_once(
    connection: sqlite3.Connection, sql: str, values: Sequence[str | int]
) -> list[tuple[int, str, float]]:
    """The rows (item, concept, score) of a SELECT, read as one: for each row of its own Python's lock is asked for, which
    a search for words beside this one holds.
    """
    ids, concepts, scores = connection.execute(
        f"SELECT group_concat(item_id), group_concat(concept_id, char(31)), group_concat(score) FROM ({sql})", values
    ).fetchone()
    if ids is None:
        return []
    names = concepts.split("\x1f")
    items = ids.split(",")
    if len(names) != len(items):
        return connection.execute(sql, values).fetchall()
    return list(zip(map(int, items), names, map(float, scores.split(",")), strict=True))


def having(connection: sqlite3.Connection, concepts: Collection[str], senses: Sequence[Sense]) -> ItemSet:
    """Every item that carries one of `concepts`, however unsure; removed items may be among them."""
    from media_assistant.library.item_set import ItemSet, read_set

    wanted = named_so(connection, concepts) if senses else list(concepts)
    refused = any(_decided(connection, part, "rejected") for part in parts([*concepts, *wanted]))
    is_plain = _is_plain(connection)
    found = ItemSet.of(())
    for part in parts(wanted):
        sql = _labels_sql(part, senses, "", is_plain=is_plain)
        if not refused:
            found |= read_set(connection, f"SELECT item_id FROM ({sql})", (*part, *senses))
        else:
            rows = connection.execute(sql, (*part, *senses)).fetchall()
            found |= ItemSet.of(row[0] for row in _without_refused(connection, rows))
        if not senses:
            # The same cannot be accepted and refused.
            found |= ItemSet.of(row[0] for row in _decided(connection, part, "accepted"))
    return found


def item_labels(connection: sqlite3.Connection, item_ids: Collection[int]) -> dict[int, dict[str, float]]:
    """For each item its concepts with their scores; refused ones left out."""
    found: dict[int, dict[str, float]] = {}
    for part in parts(list(item_ids)):
        rows = connection.execute(
            f"SELECT item_id, concept_id, score FROM tags WHERE item_id IN ({marks(part)}) AND state <> 'rejected'",
            part,
        )
        for item_id, concept_id, score in rows:
            found.setdefault(item_id, {})[concept_id] = score
    return found


def labelled_among(
    connection: sqlite3.Connection, item_ids: Collection[int], concepts: Collection[str]
) -> list[tuple[int, str, float]]:
    """As `labelled`, of these items, all of them."""
    found: list[tuple[int, str, float]] = []
    wanted = json.dumps(list(concepts))
    for part in parts(list(item_ids)):
        # The plus keeps SQLite from trying each concept with each item.
        found += connection.execute(
            f"SELECT item_id, concept_id, score FROM suggested_tags WHERE item_id IN ({marks(part)})"
            " AND +concept_id IN (SELECT value FROM json_each(?))",
            (*part, wanted),
        ).fetchall()
        accepted = connection.execute(
            f"SELECT item_id, concept_id, 1.0 FROM decisions WHERE item_id IN ({marks(part)})"
            " AND +concept_id IN (SELECT value FROM json_each(?)) AND state = 'accepted' AND span_kind = 0",
            (*part, wanted),
        )
        found += accepted.fetchall()
    return _without_refused(connection, found)


def counts(connection: sqlite3.Connection, concepts: Collection[str]) -> dict[str, int]:
    """How many items carry each concept."""
    found: dict[str, int] = {}
    for part in parts(list(concepts)):
        found.update(
            connection.execute(
                f"SELECT concept_id, count(*) FROM tags WHERE concept_id IN ({marks(part)}) AND state <> 'rejected' "
                "GROUP BY concept_id",
                part,
            ).fetchall()
        )
    return found


def label_ids(connection: sqlite3.Connection) -> list[str]:
    """Every concept that some item carries as a model's label."""
    found: list[str] = []
    last = ""
    # From one concept to the next along the index: there are far fewer of them than of labels.
    while (row := connection.execute(_NEXT_LABEL, (last,)).fetchone()) and row[0] is not None:
        last = row[0]
        found.append(last)
    return found


def moments_of(connection: sqlite3.Connection, wanted: Mapping[int, Collection[Noticed]], limit: int) -> list[int]:
    """For each item the ids of its label moments of the wanted concepts, at most `limit`, strongest first. What does not
    count as its tag does not count here.
    """
    others: dict[str, list[str]] = {}
    for each, target in _made_one(connection).items():
        others.setdefault(target, []).append(each)
    named = {concept_id for concepts in wanted.values() for concept_id, _ in concepts}
    as_meant = "" if are_labels_plain(connection, named) else AS_MEANT
    rows = [
        (item_id, each, sense or "")
        for item_id, concepts in wanted.items()
        for concept_id, sense in concepts
        for each in (concept_id, *others.get(concept_id, ()))
    ]
    scores: dict[int, dict[int, float]] = {}
    for part in parts(rows):
        found = connection.execute(
            f"WITH wanted (item, concept, noticed) AS (VALUES {','.join(['(?,?,?)'] * len(part))})"
            " SELECT moments.id, item_id, score FROM wanted CROSS JOIN moments INDEXED BY moments_by_concept"
            " ON concept_id = concept AND item_id = item WHERE layer = 'label' AND noticed IN ('', sense)"
            f"{as_meant}",
            [value for row in part for value in row],
        )
        for moment_id, item_id, score in found:
            scores.setdefault(item_id, {})[moment_id] = -score
    return [
        moment_id
        for known in scores.values()
        for moment_id in sorted(known, key=lambda each: (known[each], each))[:limit]
    ]


def named_so(connection: sqlite3.Connection, concepts: Collection[str]) -> list[str]:
    """These, and what models name that the person made one with them."""
    return [*concepts, *(each for each, target in _made_one(connection).items() if target in concepts)]


def parts(values: list[Value]) -> Iterator[list[Value]]:
    """Few enough for one statement."""
    for start in range(0, len(values), _MANY):
        yield values[start : start + _MANY]


def marks(values: Collection[object]) -> str:
    """Their places in a statement."""
    return ",".join("?" * len(values))


def _made_one(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT concept_id, merged_into FROM own_concepts WHERE merged_into IS NOT NULL")
    return dict(rows.fetchall())


def _decided(connection: sqlite3.Connection, concepts: Sequence[str], state: str) -> list[tuple[int, str]]:
    return connection.execute(
        f"SELECT item_id, concept_id FROM decisions WHERE concept_id IN ({marks(concepts)}) AND state = ? "
        "AND span_kind = 0",
        (*concepts, state),
    ).fetchall()


def _without_refused(connection: sqlite3.Connection, found: list[Row]) -> list[Row]:
    refused = {
        pair for part in parts(list({row[1] for row in found})) for pair in _decided(connection, part, "rejected")
    }
    return [row for row in found if row[:2] not in refused] if refused else found


def _is_plain(connection: sqlite3.Connection) -> bool:
    """Whether the person has said nothing of what tags mean and whose word counts: then an index knows all."""
    row = connection.execute(
        "SELECT NOT EXISTS (SELECT 1 FROM quiet_models) AND NOT EXISTS"
        " (SELECT 1 FROM own_concepts WHERE merged_into IS NOT NULL OR lowest_score > 0)"
    ).fetchone()
    return bool(row[0])


def are_labels_plain(connection: sqlite3.Connection, concepts: Collection[str]) -> bool:
    """Whether these labels stand as the models gave them: nothing of them refused, and no tag or model set apart."""
    return _is_plain(connection) and not any(_decided(connection, part, "rejected") for part in parts(list(concepts)))


def _labels_sql(concepts: Sequence[str], senses: Sequence[Sense], order: str, *, is_plain: bool) -> str:
    columns = "item_id, concept_id, score" if order else "item_id, concept_id"
    if not senses:
        return f"SELECT {columns} FROM suggested_tags WHERE concept_id IN ({marks(concepts)}){order}"
    if is_plain:
        surest = ", max(score) AS score" if order else ""
        return (
            f"SELECT item_id, concept_id{surest} FROM moments INDEXED BY moments_by_concept"
            f" WHERE concept_id IN ({marks(concepts)}) AND sense IN ({marks(senses)}) AND {TOLD}"
            f" GROUP BY concept_id, item_id{order}"
        )
    # Moments keep what the model named and how surely; what the person made of it is said here.
    return (
        f"SELECT {columns} FROM (SELECT item_id, ifnull(merged.merged_into, moments.concept_id) AS concept_id,"
        " max(score) AS score FROM moments LEFT JOIN own_concepts AS merged ON merged.concept_id = moments.concept_id"
        " LEFT JOIN own_concepts AS own ON own.concept_id = ifnull(merged.merged_into, moments.concept_id)"
        f" WHERE moments.concept_id IN ({marks(concepts)}) AND sense IN ({marks(senses)})"
        f" AND {TOLD} AND score >= ifnull(own.lowest_score, 0) AND {LOUD} GROUP BY 2, 1){order}"
    )
