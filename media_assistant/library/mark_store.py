"""What a person marked: moments of their own, that stand in no finding's way."""

from __future__ import annotations

import sqlite3

from media_assistant.items.moment import Sense
from media_assistant.items.span import Span
from media_assistant.library import text_index
from media_assistant.library.item_store import as_text
from media_assistant.library.moment_store import MARK_WORDS
from media_assistant.library.span_columns import span_to_columns

_AT = "item_id = ? AND layer = 'mark' AND span_kind = ? AND span_a = ? AND span_b = ? AND span_c = ?"


def note_at(connection: sqlite3.Connection, item_id: int, span: Span) -> str | None:
    """The note of the mark at exactly this span, `""` for one without; None if there is no mark."""
    key = (item_id, *span_to_columns(span))
    row = connection.execute(f"SELECT text FROM moments WHERE {_AT}", key).fetchone()
    return None if row is None else str(row[0])


def put(connection: sqlite3.Connection, item_id: int, span: Span, note: str | None) -> None:
    """Mark a span, with a note or `""`; None takes the mark away."""
    key = (item_id, *span_to_columns(span))
    old = connection.execute(f"DELETE FROM moments WHERE {_AT} RETURNING id", key).fetchall()
    text_index.unindex_moments(connection, [row[0] for row in old])
    if note is None:
        return
    text = as_text(note)
    cursor = connection.execute(
        "INSERT INTO moments (item_id, span_kind, span_a, span_b, span_c, sense, layer, text, score)"
        " VALUES (?, ?, ?, ?, ?, ?, 'mark', ?, 1.0)",
        (*key, Sense.WRITTEN.value, text),
    )
    assert cursor.lastrowid is not None
    text_index.index_moment(connection, cursor.lastrowid, item_id, Sense.WRITTEN, text + MARK_WORDS)
