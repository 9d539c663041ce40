"""What is asked of transcripts beyond one item's details, and what was written of them beside the media."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from media_assistant.library import line_store, name_store, written_files
from media_assistant.library.database import Database, now


class Transcripts:
    """A part of `Library`."""

    _database: Database

    def spoken_names(self) -> tuple[str, ...]:
        """Names and rare words that speech recognition is told to expect, in the person's order."""
        with self._database.read() as connection:
            return tuple(name_store.names(connection))

    def spoken_texts(self, item_ids: Sequence[int] | None = None) -> Iterator[tuple[int, int, str]]:
        """(item_id, moment_id, text) of every spoken line that is shown, of these items (None: of all)."""
        with self._database.read() as connection:
            yield from line_store.spoken_texts(connection, item_ids)

    def written_for(self, item_id: int) -> frozenset[str]:
        """The hashes of the files that this program wrote of an item's transcripts, wherever they lie by now."""
        with self._database.read() as connection:
            return written_files.written_for(connection, item_id)

    def remember_written(self, path: Path, item_id: int, content_hash: str) -> None:
        """A file was written for an item, with this content."""
        with self._database.transaction() as connection:
            written_files.remember(connection, path, item_id, content_hash, now())
