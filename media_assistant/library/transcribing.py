"""What is asked of transcripts beyond one item's details, and what was written of them beside the media."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from media_assistant.library import line_store, name_store, written_files
from media_assistant.library.database import Database, now
from media_assistant.library.written_files import WrittenFile


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

    def written_for(self, item_id: int) -> list[WrittenFile]:
        """The files that this program wrote of an item's transcripts; they may lie elsewhere by now."""
        with self._database.read() as connection:
            return written_files.written_for(connection, item_id)

    def written_at(self, paths: Sequence[str]) -> dict[str, str]:
        """Path → hash of what this program wrote there last, for those of the paths where it wrote anything."""
        with self._database.read() as connection:
            return written_files.written_at(connection, paths)

    def remember_written(self, file: WrittenFile, item_id: int) -> None:
        """A file was written for an item, with this content. Also in a library opened for reading, while another program
        has it: nothing else depends on that row.
        """
        database = self._database
        with database.beside() if database.is_read_only else database.transaction() as connection:
            written_files.remember(connection, file, item_id, now())
