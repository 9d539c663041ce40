"""What a person played and searched, as they read it, page by page and the newest first."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from media_assistant.items.history import Happened, Page
from media_assistant.library.happening_store import HAPPENING, happening_of
from media_assistant.library.item_reading import like_pattern


def next_page(connection: sqlite3.Connection, page: Page) -> Page:
    """What comes after a page; of an empty one the first. In the order in which it happened, whatever the clock said."""
    where, values = "(item_id IS NULL OR removed_at = '')", {"size": page.size}
    if page.before_happening is not None:
        where += " AND happenings.id < :before"
        values["before"] = page.before_happening
    if page.words:
        where += " AND (title LIKE :like ESCAPE '!' OR json_extract(detail, '$.words') LIKE :like ESCAPE '!')"
        values["like"] = like_pattern(page.words)  # type: ignore[assignment]
    rows = connection.execute(
        f"SELECT {HAPPENING}, ifnull(title, '') FROM happenings LEFT JOIN items ON items.id = item_id WHERE {where}"
        " ORDER BY happenings.id DESC LIMIT :size",
        values,
    )
    found = tuple(Happened(happening_of(*row[:-1]), row[-1]) for row in rows)
    return replace(
        page,
        entries=found,
        before_happening=found[-1].happening.id if found else page.before_happening,
        is_last=len(found) < page.size,
    )
