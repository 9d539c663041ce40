"""The library as lines of JSON: what a person said, what cannot be found out again, and what models found."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from media_assistant.items.concept import Concept
from media_assistant.library import tag_store
from media_assistant.library.database import Database
from media_assistant.library.secrecy import PRIVATE


class OpenExport:
    """A part of `Library`."""

    _database: Database

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One state of the library for all that the calling thread reads inside, whatever others write meanwhile."""
        with self._database.read():
            yield

    def export_size(self) -> int:
        """How many lines `export_lines` gives of all parts together, headers and ends aside."""
        from media_assistant.library.export.export_records import PARTS

        with self._database.read() as connection:
            return sum(
                connection.execute(
                    f"SELECT count(*) FROM {record.table}" + (f" WHERE {record.where}" if record.where else "")
                ).fetchone()[0]
                for records in PARTS.values()
                for record in records
            )

    def export_lines(self, part: str, files_of: Collection[str]) -> Iterator[dict[str, Any]]:
        """The lines of one of `PARTS`, the header first and the end last; the same for the same library.

        `files_of` are the analysers that make files in the cache: what they did is to be done again.
        """
        from media_assistant.library.export.export_records import MAJOR, MINOR, PARTS, SCHEMA, select, write_line

        files = {"files": json.dumps(sorted(files_of))}
        with self._database.read() as connection:
            last_ids = dict(connection.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name").fetchall())
            last_ids = {table: last for table, last in last_ids.items() if table not in PRIVATE}
            yield {
                "type": "header",
                "schema": SCHEMA,
                "version": f"{MAJOR}.{MINOR}",
                "part": part,
                "last_ids": last_ids if part == "library" else {},
            }
            count = 0
            for record in PARTS[part]:
                statement = select(record)
                for row in connection.execute(statement, files if ":files" in statement else {}):
                    count += 1
                    yield write_line(record, row)
            yield {"type": "end", "lines": count}

    def is_blank(self) -> bool:
        """Whether nothing was ever put in or said: a rebuild may take its place."""
        tables = ("items", "journal", "collections", "own_concepts", "roots", "spoken_names", "quiet_models")
        with self._database.read() as connection:
            return not any(
                connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0] for table in tables
            )

    def accepted_tags(self, item_ids: Sequence[int]) -> dict[int, list[Concept]]:
        """The tags that the person put on each of these items as a whole, in the order of their ids."""
        found: dict[int, list[Concept]] = {}
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT item_id, {tag_store.CONCEPT} FROM decisions JOIN concepts ON concepts.id = decisions.concept_id"
                f" {tag_store.OWN} WHERE item_id IN (SELECT value FROM json_each(?)) AND state = 'accepted'"
                " AND span_kind = 0 ORDER BY item_id, concepts.id",
                (json.dumps(list(item_ids)),),
            )
            for item_id, *columns in rows:
                found.setdefault(item_id, []).append(tag_store.concept_of(*columns))
        return found
