"""The open export's records of what a person thinks of items, and of the tags that they teach."""

from __future__ import annotations

from media_assistant.library.export.export_forms import BYTES, NUMBER, TEXT, VALUE, Column, Record, one_of

ITEM = Column("item_id", NUMBER, "item")

JUDGEMENTS: tuple[Record, ...] = (
    Record("rating", "ratings", (ITEM, Column("stars", NUMBER)), "item_id"),
    Record(
        "pair_word",
        "pair_words",
        (
            Column("first_id", NUMBER, "first"),
            Column("second_id", NUMBER, "second"),
            Column("word", one_of("different", "first", "second")),
        ),
        "first_id, second_id",
    ),
    Record(
        "liking",
        "likings",
        (
            ITEM,
            Column("word", one_of("like", "not_now", "not_because", "never")),
            Column("until", TEXT, default=""),
            Column("at", TEXT),
        ),
        "item_id, word",
    ),
    Record(
        "taught_tag",
        "taught_tags",
        (
            Column("concept_id", TEXT, "concept"),
            Column("taught_at", TEXT),
            Column("version", NUMBER, default=None),
            Column("newest", NUMBER, default=0),
        ),
        "concept_id",
    ),
    Record(
        "taught_version",
        "taught_versions",
        (
            Column("concept_id", TEXT, "concept"),
            Column("version", NUMBER),
            Column("made_at", TEXT),
            Column("head", BYTES),
            Column("report", VALUE),
            Column("examples", VALUE),
            Column("judged_id", NUMBER, default=0, sql="0"),
        ),
        "concept_id, version",
    ),
)
"""Part of `library.jsonl`."""
