"""What follows from the rest of a library, made anew: after a repair, a rebuild from an export, a restore."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from media_assistant.errors import Cancelled
from media_assistant.library import item_store, text_index
from media_assistant.library.moment_store import MARK_WORDS

Progress = Callable[[int, int], None]

_BATCH = 2000


def lines(connection: sqlite3.Connection) -> Iterator[tuple[int, int, str, str]]:
    """(moment, item, sense, words) of all that is found by its words."""
    rows = connection.execute(
        "SELECT moments.id, item_id, sense, CASE layer WHEN 'mark' THEN text || ? ELSE text END FROM moments"
        " JOIN items ON items.id = item_id AND removed_at = '' WHERE is_covered = 0 AND (text <> '' OR layer = 'mark')"
        " ORDER BY moments.id",
        (MARK_WORDS,),
    )
    return (row for row in rows if row[3].strip())


def index_all(
    connection: sqlite3.Connection,
    *,
    should_stop: Callable[[], bool] = bool,
    progress: Progress = lambda _done, _all: None,
) -> None:
    """Fill both indexes of words, which are there and empty. Raises Cancelled."""
    ids = [row[0] for row in connection.execute("SELECT id FROM items WHERE removed_at = '' ORDER BY id")]
    last = connection.execute("SELECT ifnull(max(id), 0) FROM moments").fetchone()[0]
    total = last + len(ids)
    batch: list[tuple[int, int, str, str]] = []

    def keep() -> None:
        if should_stop():
            raise Cancelled
        text_index.index_moments(connection, batch)
        if batch:
            progress(batch[-1][0], total)
            batch.clear()

    for line in lines(connection):
        batch.append(line)
        if len(batch) == _BATCH:
            keep()
    keep()
    for number, item_id in enumerate(ids):
        if not number % _BATCH:
            if should_stop():
                raise Cancelled
            progress(last + number, total)
        item_store.index_words(connection, item_id)
