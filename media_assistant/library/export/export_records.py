"""The open export's records: which rows leave the library as lines of JSON, and how each column is written.

A record is a table, or a part of one; a line is one of its rows. To export a new column: a line here, then
`python -m tests.library.make_export_schema` writes the schema that is published. A test holds that every column of the
library is either here, or follows from what is here, or is named as left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from media_assistant.library.export.export_forms import (
    BOX,
    EDIT,
    FACTS,
    FLAG,
    KINDS,
    MAKER,
    NEEDED,
    NUMBER,
    PATH,
    SENSES,
    SENTENCE,
    SHARE,
    SPAN_COLUMNS,
    SPAN_FIELDS,
    TEXT,
    TEXTS,
    VALUE,
    WORDS,
    Column,
    Plain,
    Record,
    follows_of_item,
    follows_of_run,
    one_of,
    read_span,
    shown_path,
    write_span,
)
from media_assistant.library.export.judgement_records import JUDGEMENTS
from media_assistant.library.lean_copy import MADE_AGAIN
from media_assistant.library.moment_store import WITHOUT_VECTORS
from media_assistant.library.secrecy import PRIVATE

SCHEMA = "media-assistant-export"
MAJOR, MINOR = 1, 3
"""A reader knows every minor version of its major one: what was added since is passed over."""

# Records

_HAS_VECTORS = (
    "EXISTS (SELECT 1 FROM vectors WHERE vectors.run_id = runs.id)"
    " OR EXISTS (SELECT 1 FROM vectors_aside WHERE vectors_aside.run_id = runs.id)"
    " OR EXISTS (SELECT 1 FROM fingerprints WHERE fingerprints.run_id = runs.id)"
)
_LOST = f"{_HAS_VECTORS} OR runs.analyser IN (SELECT value FROM json_each(:files))"
"""Whether an analyser also made what is not exported: vectors, or with `:files` files in the cache."""
_LACKS_VECTORS = (
    f"is_stale = {WITHOUT_VECTORS} OR is_stale = 0 AND runs.analyser NOT IN (SELECT value FROM json_each(:files))"
    f" AND ({_HAS_VECTORS})"
)

_ID = Column("id", NUMBER)
_ITEM = Column("item_id", NUMBER, "item")

_MOMENT = (
    _ID,
    _ITEM,
    Column("sense", SENSES),
    Column("layer", one_of("shot", "label", "line", "mark")),
    Column("concept_id", TEXT, "concept", None),
    Column("text", TEXT, default=""),
    Column("score", SHARE),
    Column("language", TEXT, default=""),
    Column("box", BOX, default=None),
    Column("words", WORDS, default=None),
    Column("is_covered", FLAG, default=0),
)

DECLARED: tuple[Record, ...] = (
    Record("setting", "switches", (Column("name", TEXT), Column("value", TEXT)), "name"),
    Record(
        "concept",
        "concepts",
        (
            Column("id", TEXT),
            Column("en", TEXT),
            Column("zh", TEXT),
            Column("aliases", TEXTS, default="[]"),
            Column("parents", TEXTS, default="[]"),
        ),
        "id",
    ),
    Record(
        "own_concept",
        "own_concepts",
        (
            Column("concept_id", TEXT, "concept"),
            Column("en", TEXT, default=None),
            Column("zh", TEXT, default=None),
            Column("aliases", TEXTS, default=None),
            Column("parents", TEXTS, default=None),
            Column("colour", TEXT, default=""),
            Column("lowest_score", SHARE, default=0.0),
            Column("merged_into", TEXT, default=None),
        ),
        "concept_id",
    ),
    Record("quiet_model", "quiet_models", (Column("model", TEXT),), "model"),
    Record(
        "folder",
        "roots",
        (Column("path", PATH), Column("is_watched", FLAG, default=0), Column("added_at", TEXT)),
        "path",
        follows=shown_path,
    ),
    Record("spoken_name", "spoken_names", (Column("name", TEXT), Column("place", NUMBER)), "place, name"),
    Record(
        "item",
        "items",
        (
            _ID,
            Column("kind", KINDS),
            Column("title", TEXT),
            Column("size_bytes", NUMBER),
            Column("quick_hash", TEXT, "content"),
            Column("added_at", TEXT),
            Column("removed_at", TEXT, default=""),
            Column("facts", FACTS, default="{}"),
        ),
        "id",
        follows=follows_of_item,
    ),
    Record(
        "place",
        "locations",
        (
            _ID,
            _ITEM,
            Column("path", PATH),
            Column("size_bytes", NUMBER),
            Column("modified_ns", NUMBER),
            Column("missing_since", TEXT, default=""),
            Column("is_offline", FLAG, default=0),
        ),
        "id",
        follows=shown_path,
    ),
    Record(
        "tag",
        "decisions",
        (_ITEM, Column("concept_id", TEXT, "concept"), Column("state", one_of("accepted", "rejected"))),
        "item_id, concept_id, span_kind, span_a, span_b, span_c",
        has_span=True,
    ),
    Record(
        "own_moment",
        "moments",
        (*_MOMENT, Column("origin", MAKER, "maker", "")),
        "id",
        where="run_id IS NULL",
        has_span=True,
        fixed=("run_id",),
    ),
    Record(
        "own_stretch",
        "own_stretches",
        (_ITEM, Column("sense", SENSES), Column("language", TEXT, default="")),
        "item_id, sense, language, span_kind, span_a, span_b, span_c",
        has_span=True,
    ),
    *JUDGEMENTS,
    Record("position", "positions", (_ITEM, Column("position_ms", NUMBER), Column("at", TEXT)), "item_id"),
    Record(
        "collection",
        "collections",
        (_ID, Column("name", TEXT), Column("query", TEXT, default=""), Column("created_at", TEXT)),
        "id",
    ),
    Record(
        "member",
        "collection_items",
        (Column("collection_id", NUMBER, "collection"), _ITEM, Column("place", NUMBER)),
        "collection_id, place, item_id",
    ),
    Record(
        "written_file",
        "written_files",
        (Column("path", PATH), _ITEM, Column("hash", TEXT), Column("at", TEXT)),
        "path",
    ),
    Record(
        "job",
        "jobs",
        (
            _ID,
            _ITEM,
            Column("analyser", TEXT),
            Column("stage", NUMBER),
            Column("rank", NUMBER),
            Column(
                "state",
                one_of("waiting", "done", "failed", "cancelled"),
                sql="CASE WHEN state = 'running' OR (state = 'done' AND EXISTS (SELECT 1 FROM runs WHERE"
                f" runs.item_id = jobs.item_id AND runs.analyser = jobs.analyser AND (is_stale OR {_LOST})))"
                " THEN 'waiting' ELSE state END",
            ),
            Column("attempts", NUMBER, default=0),
            Column("error", SENTENCE, default=""),
            Column("took_s", SHARE, default=0.0),
        ),
        "id",
    ),
    Record(
        "edit",
        "journal",
        (
            _ID,
            Column("group_id", NUMBER, "step"),
            Column("at", TEXT),
            Column("verb", TEXT),
            Column("edit", EDIT),
            Column("inverse", EDIT),
            Column("state", one_of("done", "undone", "dropped"), default="done"),
            Column("takes_back", NUMBER, default=None),
        ),
        "id",
    ),
)
"""What a person said and what cannot be found out again; `library.jsonl`."""

FOUND: tuple[Record, ...] = (
    Record(
        "analysis",
        "runs",
        (
            _ID,
            _ITEM,
            Column("analyser", TEXT),
            Column("version", NUMBER),
            Column("model", TEXT, default=""),
            Column("revision", TEXT, default=""),
            Column("checkpoint_ms", NUMBER, default=0),
            Column("is_complete", FLAG, default=0),
            Column("is_stale", FLAG, default=0, sql=f"is_stale OR {_LOST}"),
            Column("finished_at", TEXT, default=""),
            Column("lacks_vectors", FLAG, default=0, sql=_LACKS_VECTORS, is_own=False),
        ),
        "id",
        follows=follows_of_run,
    ),
    Record(
        "moment",
        "moments",
        (*_MOMENT[:2], Column("run_id", NUMBER, "analysis"), *_MOMENT[2:]),
        "id",
        where="run_id IS NOT NULL",
        has_span=True,
        fixed=("origin",),
    ),
    Record(
        "trait",
        "traits",
        (Column("run_id", NUMBER, "analysis"), _ITEM, Column("name", TEXT), Column("value", VALUE)),
        "run_id, name",
    ),
)
"""What models found; `findings.jsonl`."""

PARTS: Mapping[str, tuple[Record, ...]] = {"library": DECLARED, "findings": FOUND}
"""Each part is a file; they are read in this order."""

LEFT_OUT = MADE_AGAIN | PRIVATE | {"migrations"}
"""Tables that are made again, from the models or from the rest, and those of what a person did. Backups leave out the same."""


def write_line(record: Record, row: Sequence[Any]) -> Plain:
    """A row as `select` gives it."""
    plain: Plain = {"type": record.type}
    columns = record.columns
    for column, value in zip(columns, row, strict=False):
        if value != column.default:
            plain[column.field] = column.form.write(value)
    if record.has_span:
        plain |= write_span(*row[len(columns) :])
    return plain


def read_line(record: Record, plain: Plain) -> Plain:
    """The row of a line, by column. Raises ValueError with a reason; fields that are not known are passed over."""
    row: Plain = {}
    for column in record.columns:
        value = plain.get(column.field)
        if value is None and column.form is not VALUE:
            if column.default is NEEDED:
                raise ValueError(f"{column.field} is missing")
            row[column.name] = column.default
            continue
        try:
            row[column.name] = column.form.read(value)
        except ValueError as fault:
            raise ValueError(f"{column.field}: {fault}") from fault
    if record.has_span:
        row |= zip(SPAN_COLUMNS, read_span(plain), strict=True)
    if record.follows is not None:
        row |= record.follows(row)
    return {name: value for name, value in row.items() if name not in _STRANGE.get(record.type, ())}


_STRANGE: Mapping[str, tuple[str, ...]] = {
    record.type: tuple(column.name for column in record.columns if not column.is_own)
    for records in PARTS.values()
    for record in records
}
"""What lines say that no table has a column for."""


def select(record: Record) -> str:
    """The rows of a record in their order; wants `:files` where it asks for it."""
    wanted = [column.sql or f'"{column.name}"' for column in record.columns]
    wanted += SPAN_COLUMNS if record.has_span else ()
    where = f" WHERE {record.where}" if record.where else ""
    return f"SELECT {', '.join(wanted)} FROM {record.table}{where} ORDER BY {record.order}"


def json_schema() -> Plain:
    """The published schema (JSON Schema 2020-12) of one line."""
    number = {"type": "integer"}
    header = {
        "title": "The first line of a file",
        "required": ["type", "schema", "version", "part"],
        "properties": {
            "type": {"const": "header"},
            "schema": {"const": SCHEMA},
            "version": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+$"},
            "part": {"type": "string"},
            "last_ids": {"type": "object", "additionalProperties": number},
        },
    }
    end = {
        "title": "The last line of a file",
        "required": ["type", "lines"],
        "properties": {"type": {"const": "end"}, "lines": number},
    }
    shapes: list[Plain] = [header]
    for record in (*DECLARED, *FOUND):
        properties: Plain = {"type": {"const": record.type}}
        properties |= {column.field: dict(column.form.schema) for column in record.columns}
        properties |= dict.fromkeys(SPAN_FIELDS if record.has_span else (), number)
        needed = [column.field for column in record.columns if column.default is NEEDED]
        shapes.append({"title": record.type, "required": ["type", *needed], "properties": properties})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{SCHEMA} {MAJOR}.{MINOR}, one line",
        "type": "object",
        "oneOf": [*shapes, end],
    }
