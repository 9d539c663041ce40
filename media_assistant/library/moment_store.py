"""What analysers found, replaceable run by run. The lines that a person wrote in their place are `line_store`'s."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media_assistant.items.findings import Checkpoint, Finding, Fingerprint, Trait, Vector
from media_assistant.items.moment import Layer, Moment, Sense, Source, Word
from media_assistant.items.span import Box
from media_assistant.library import stretches, tag_store, text_index
from media_assistant.library.item_reading import chunked
from media_assistant.library.item_store import as_text
from media_assistant.library.span_columns import span_from_columns, span_to_columns

MARK_WORDS = " · mark 标记"
"""What every mark is found by beside its note."""

STALE, WITHOUT_VECTORS, WANTED_AGAIN = 1, 2, 3
"""Of a run in `runs.is_stale`: it is about a file that is no longer there; only its vectors were lost; or a person wants
all of it done again, and what it found is still true of the file.
"""


Remade = Vector | Fingerprint
"""What backups and exports leave out: whoever speaks of lost vectors means both."""


@dataclass(frozen=True, slots=True)
class Run:
    """What stands of one analyser for one item. A stale or incomplete one is to be done (again), and of one that
    `lacks_vectors` those.
    """

    item_id: int
    analyser: str
    version: int
    model: str
    revision: str
    checkpoint_ms: int
    is_complete: bool
    is_stale: bool
    lacks_vectors: bool = False


def begin_run(
    connection: sqlite3.Connection, item_id: int, analyser: str, version: int, model: str, revision: str
) -> int:
    """A new run; what the analyser found before is forgotten."""
    forget_runs(connection, item_id, [analyser])
    cursor = connection.execute(
        "INSERT INTO runs (item_id, analyser, version, model, revision) VALUES (?, ?, ?, ?, ?)",
        (item_id, analyser, version, model, revision),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def forget_runs(connection: sqlite3.Connection, item_id: int, analysers: Sequence[str]) -> None:
    """Delete all that these analysers found."""
    for analyser in analysers:
        for (run_id,) in connection.execute(
            "SELECT id FROM runs WHERE item_id = ? AND analyser = ?", (item_id, analyser)
        ).fetchall():
            lines = connection.execute("SELECT id FROM moments WHERE run_id = ? AND text <> ''", (run_id,)).fetchall()
            text_index.unindex_moments(connection, (row[0] for row in lines))
            lost = connection.execute("SELECT concept_id FROM suggested_tags WHERE run_id = ?", (run_id,)).fetchall()
            connection.execute("DELETE FROM runs WHERE id = ?", (run_id,))
            # Another analyser may have named the same thing with a lower score.
            tag_store.suggest_again(connection, item_id, [row[0] for row in lost])


def forget_stale(connection: sqlite3.Connection, item_id: int, analyser: str) -> bool:
    """Delete what this analyser found in a file that is no longer there, if that is all there is; says whether it was."""
    is_stale = connection.execute(
        "SELECT 1 FROM runs WHERE item_id = ? AND analyser = ? AND is_stale = ?", (item_id, analyser, STALE)
    ).fetchone()
    if is_stale:
        forget_runs(connection, item_id, [analyser])
    return is_stale is not None


def run_of(connection: sqlite3.Connection, item_id: int, analyser: str) -> tuple[int, Run] | None:
    """The run's row id and the run."""
    row = connection.execute(
        "SELECT id, item_id, analyser, version, model, revision, checkpoint_ms, is_complete, is_stale"
        " FROM runs WHERE item_id = ? AND analyser = ?",
        (item_id, analyser),
    ).fetchone()
    return None if row is None else (row[0], _run(row[1:]))


def runs_of(connection: sqlite3.Connection, item_ids: Sequence[int] | None = None) -> Iterable[Run]:
    """The runs of these items, or of all of them."""
    columns = "item_id, analyser, version, model, revision, checkpoint_ms, is_complete, is_stale"
    parts: Iterable[tuple[str, list[int]]] = (
        [("", [])]
        if item_ids is None
        else ((f" WHERE item_id IN ({','.join('?' * len(part))})", part) for part in chunked(item_ids))
    )
    for where, values in parts:
        for row in connection.execute(f"SELECT {columns} FROM runs{where}", values):
            yield _run(row)


def _run(row: tuple[int, str, int, str, str, int, int, int]) -> Run:
    item_id, analyser, version, model, revision, checkpoint_ms, is_complete, stale = row
    lacks_vectors = stale == WITHOUT_VECTORS
    return Run(
        item_id,
        analyser,
        version,
        model,
        revision,
        checkpoint_ms,
        bool(is_complete),
        stale in (STALE, WANTED_AGAIN),
        lacks_vectors,
    )


def insert(
    connection: sqlite3.Connection, item_id: int, run_id: int, findings: Iterable[Finding]
) -> tuple[int | None, bool]:
    """Store a chunk; previews are not ours. Gives the last checkpoint in it, and whether anything was stored."""
    checkpoint: int | None = None
    moments: list[Moment] = []
    traits: list[Trait] = []
    remade: list[Remade] = []
    for finding in findings:
        match finding:
            case Moment():
                moments.append(finding)
            case Trait():
                traits.append(finding)
            case Vector() | Fingerprint():
                remade.append(finding)
            case Checkpoint(position_ms):
                checkpoint = position_ms
            case _:
                pass
    tag_store.put_concepts(connection, {m.concept.id: m.concept for m in moments if m.concept is not None}.values())
    ground = stretches.ground_of(connection, item_id) if any(m.layer is Layer.LINE for m in moments) else None
    lines: list[tuple[int, int, Sense, str]] = []
    labels: dict[str, float] = {}
    for moment in moments:
        for part, is_covered in ground.parts(moment) if ground and moment.layer is Layer.LINE else ((moment, False),):
            moment_id = insert_moment(connection, item_id, run_id, part, is_covered=is_covered)
            if part.text and not is_covered:
                lines.append((moment_id, item_id, part.sense, part.text))
        if moment.layer is Layer.LABEL and moment.concept is not None:
            labels[moment.concept.id] = max(labels.get(moment.concept.id, 0.0), moment.score)
    text_index.index_moments(connection, lines)
    tag_store.suggest(connection, item_id, run_id, labels)
    connection.executemany(
        "INSERT INTO traits (run_id, name, item_id, value) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value",
        [(run_id, trait.name, item_id, json.dumps(trait.value, ensure_ascii=False)) for trait in traits],
    )
    _insert_remade(connection, item_id, run_id, remade)
    return checkpoint, bool(moments or traits or remade)


def _insert_remade(connection: sqlite3.Connection, item_id: int, run_id: int, remade: Sequence[Remade]) -> None:
    connection.executemany(
        'INSERT INTO vectors (item_id, run_id, space, span_kind, span_a, span_b, span_c, "values")'
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (item_id, run_id, each.space, *span_to_columns(each.span), each.values)
            for each in remade
            if isinstance(each, Vector)
        ],
    )
    connection.executemany(
        "INSERT INTO fingerprints (item_id, run_id, form, start_ms, marks) VALUES (?, ?, ?, ?, ?)",
        [(item_id, run_id, each.form, each.start_ms, each.marks) for each in remade if isinstance(each, Fingerprint)],
    )


def put_vectors(connection: sqlite3.Connection, item_id: int, analyser: str, remade: Sequence[Remade]) -> None:
    """Those that a run lacks, if it still lacks them; all else that it found stays."""
    known = run_of(connection, item_id, analyser)
    if known is None or not known[1].lacks_vectors:
        return
    for table in ("vectors", "fingerprints"):
        connection.execute(f"DELETE FROM {table} WHERE run_id = ?", (known[0],))
    _insert_remade(connection, item_id, known[0], remade)
    connection.execute("UPDATE runs SET is_stale = 0 WHERE id = ?", (known[0],))


def forget_gaps(connection: sqlite3.Connection, runs: Iterable[tuple[int, str]]) -> None:
    """Of those of these (item, analyser) that lack vectors all is to be done again."""
    connection.executemany(
        f"UPDATE runs SET is_stale = {WANTED_AGAIN} WHERE item_id = ? AND analyser = ? AND is_stale = {WITHOUT_VECTORS}",
        runs,
    )


def insert_moment(
    connection: sqlite3.Connection, item_id: int, run_id: int | None, moment: Moment, *, is_covered: bool = False
) -> int:
    """One row; `run_id` is None for a person's. Gives its id. The index of words is the caller's."""
    box, words = moment.box, moment.words
    cursor = connection.execute(
        "INSERT INTO moments (item_id, run_id, span_kind, span_a, span_b, span_c, sense, layer, concept_id, text,"
        " score, language, box, words, is_covered, origin)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            item_id,
            run_id,
            *span_to_columns(moment.span),
            moment.sense.value,
            moment.layer.value,
            moment.concept.id if moment.concept is not None else None,
            as_text(moment.text),
            float(moment.score),
            moment.language,
            json.dumps([box.left, box.top, box.width, box.height]) if box else None,
            json.dumps([[w.start_ms, w.end_ms, as_text(w.text), w.probability] for w in words], ensure_ascii=False)
            if words
            else None,
            is_covered,
            origin_of(moment) if run_id is None else "",
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


_SELECT = (
    "SELECT moments.id, moments.item_id, span_kind, span_a, span_b, span_c, sense, layer, text, score,"
    f" language, box, words, analyser, model, revision, origin, {tag_store.CONCEPT}"
    " FROM moments LEFT JOIN runs ON runs.id = run_id"
    " LEFT JOIN own_concepts AS merged ON merged.concept_id = moments.concept_id"
    " LEFT JOIN concepts ON concepts.id = ifnull(merged.merged_into, moments.concept_id)"
    f" {tag_store.OWN}"
)
_ORDER = " ORDER BY moments.item_id, span_kind, span_a, span_b, span_c, moments.id"


def fetch(connection: sqlite3.Connection, moment_ids: Sequence[int]) -> dict[int, Moment]:
    """Moments by id; those that are gone are missing."""
    found: dict[int, Moment] = {}
    for part in chunked(moment_ids):
        marks = ",".join("?" * len(part))
        for row in connection.execute(f"{_SELECT} WHERE moments.id IN ({marks})", part):
            found[row[0]] = _moment(row)
    return found


def of_item(
    connection: sqlite3.Connection,
    item_id: int,
    *,
    layer: Layer | None = None,
    analyser: str = "",
    with_covered: bool = False,
    between: tuple[int, int] | None = None,
) -> list[Moment]:
    """An item's moments in their order; without the found lines in whose place a person's word stands.

    `between` two times in ms: only what touches them.
    """
    where = " WHERE moments.item_id = ?"
    values: list[int | str] = [item_id, *([layer.value] if layer else [])]
    if layer is not None:
        where += " AND layer = ?"
    if analyser:
        where += " AND analyser = ?"
        values.append(analyser)
    if not with_covered:
        where += " AND is_covered = 0"
    if between is not None:
        where += " AND span_kind = 1 AND span_a <= ? AND span_b >= ?"
        values += [between[1], between[0]]
    return [_moment(row) for row in connection.execute(_SELECT + where + _ORDER, values)]


def traits_of(connection: sqlite3.Connection, item_id: int) -> dict[str, object]:
    """Measured properties by name."""
    rows = connection.execute("SELECT name, value FROM traits WHERE item_id = ? ORDER BY name", (item_id,))
    return {name: json.loads(value) for name, value in rows}


def _moment(row: tuple[object, ...]) -> Moment:
    return _moment_of(*row)  # type: ignore[arg-type]


def _moment_of(
    moment_id: int,
    item_id: int,
    kind: int,
    a: int,
    b: int,
    c: int,
    sense: str,
    layer: str,
    text: str,
    score: float,
    language: str,
    box: str | None,
    words: str | None,
    analyser: str | None,
    model: str | None,
    revision: str | None,
    origin: str,
    concept_id: str | None,
    en: str,
    zh: str,
    aliases: str,
    parents: str,
    colour: str,
) -> Moment:
    return Moment(
        span_from_columns(kind, a, b, c),
        Sense(sense),
        Layer(layer),
        tag_store.concept_of(concept_id, en, zh, aliases, parents, colour) if concept_id else None,
        text,
        score,
        language,
        Box(*json.loads(box)) if box else None,
        words_from(words),
        Source(analyser, model or "", revision or "") if analyser is not None else _maker(origin),
        item_id,
        moment_id,
    )


def words_from(column: str | None) -> tuple[Word, ...]:
    """The words of a line with their times, as its row keeps them."""
    return tuple(Word(*word) for word in json.loads(column)) if column else ()


def origin_of(line: Moment) -> str:
    """Who made a line that a person put in, as its column; empty for the person."""
    source = line.source
    return "" if source.analyser in ("", "person") else json.dumps([source.analyser, source.model, source.revision])


def _maker(origin: str) -> Source:
    return Source(*json.loads(origin)) if origin else Source("person")


# Items that leave and come back


def set_aside(connection: sqlite3.Connection, item_id: int) -> None:
    """Out of every search, with everything kept."""
    lines = connection.execute(
        "SELECT id FROM moments WHERE item_id = ? AND (text <> '' OR layer = 'mark')", (item_id,)
    ).fetchall()
    text_index.unindex_moments(connection, (row[0] for row in lines))
    text_index.unindex_item(connection, item_id)
    tag_store.forget_suggestions(connection, item_id)
    _move_vectors(connection, item_id, "vectors", "vectors_aside")


def bring_back(connection: sqlite3.Connection, item_id: int) -> None:
    """The inverse of `set_aside`, but for the item's own words."""
    rows = connection.execute(
        "SELECT id, item_id, sense, CASE layer WHEN 'mark' THEN text || ? ELSE text END FROM moments"
        " WHERE item_id = ? AND (text <> '' OR layer = 'mark') AND is_covered = 0",
        (MARK_WORDS, item_id),
    ).fetchall()
    text_index.index_moments(connection, rows)
    tag_store.suggest_all_again(connection, item_id)
    _move_vectors(connection, item_id, "vectors_aside", "vectors")


def _move_vectors(connection: sqlite3.Connection, item_id: int, source: str, target: str) -> None:
    columns = 'item_id, run_id, space, span_kind, span_a, span_b, span_c, "values"'
    connection.execute(
        f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {source} WHERE item_id = ? ORDER BY id", (item_id,)
    )
    connection.execute(f"DELETE FROM {source} WHERE item_id = ?", (item_id,))
