"""What a person thinks of items: their stars, and whether they are to be proposed."""

from __future__ import annotations

from collections.abc import Sequence

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.slate import Liking, Said
from media_assistant.library import liking_store, rating_store
from media_assistant.library.database import Database, now
from media_assistant.library.item_reading import chunked, living
from media_assistant.library.rating_store import MOST_STARS
from media_assistant.library.steps import perform


class Judgements:
    """A part of `Library`. No model overwrites what is said here."""

    _database: Database

    def rate(self, item_ids: Sequence[int], stars: int | None) -> LibraryChanges:
        """Give 0 to 5 stars, or with None take them back: one step of undo. Raises ValueError for any other number."""
        if stars is not None and not 0 <= stars <= MOST_STARS:
            raise ValueError(f"{stars} stars")
        with self._database.transaction() as connection:
            edits = [rating_store.rate(item_id, stars) for item_id in living(connection, item_ids)]
            return perform(connection, "unrate" if stars is None else "rate", edits)

    def ratings(self, item_ids: Sequence[int]) -> dict[int, int]:
        """The stars of these items; those that have none of a person's are missing."""
        found: dict[int, int] = {}
        with self._database.read() as connection:
            for part in chunked(item_ids):
                marks = ",".join("?" * len(part))
                found.update(connection.execute(f"SELECT item_id, stars FROM ratings WHERE item_id IN ({marks})", part))
        return found

    def say_of_liking(self, item_ids: Sequence[int], word: Liking, until: str | None = "") -> LibraryChanges:
        """Like, not now or never; for good, or `until` then (UTC). With None the word is taken back. One step of undo."""
        at = now()
        with self._database.transaction() as connection:
            edits = [liking_store.say_of_liking(item_id, word, until, at) for item_id in living(connection, item_ids)]
            return perform(connection, f"{word}_no_more" if until is None else str(word), edits)

    def likings(self) -> list[Said]:
        """The person's words on items of the library, those too whose time is over."""
        with self._database.read() as connection:
            rows = connection.execute(
                # CROSS JOIN: from what there is little of, not from all items.
                "SELECT item_id, word, until, likings.at FROM likings CROSS JOIN items ON items.id = item_id"
                " AND removed_at = '' ORDER BY item_id, word"
            )
            return [Said(item_id, Liking(word), until, at) for item_id, word, until, at in rows]
