"""What a backup holds of a library: everything that cannot be made again, or only by hours of work.

Left out are vectors, fingerprints, proposed tags, every index and the index of words. What a person said and what models found stays,
for a transcript may be the work of a night. So a backup is an SQLite file with the library's own tables, a mark of its
own (`APPLICATION_ID`), and two tables about itself: `backup_notes`, and `backup_left_out` with the runs that had
vectors. `make_whole` makes a library of it again.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from media_assistant.errors import Cancelled
from media_assistant.library.file_uri import file_uri
from media_assistant.library.schema import migrations
from media_assistant.library.secrecy import PRIVATE

APPLICATION_ID = 0x4D41_4C6B
"""`MALk` in the header, by which a backup is told from a library: nobody works in one by mistake."""

MADE_AGAIN = frozenset({"vectors", "vectors_aside", "suggested_tags", "fingerprints", "likely_pairs", "compared_items"})
"""Tables whose rows are made again, from the media or from the rest. One that is named neither here nor in `PRIVATE` is
kept.
"""

OF_INDEX = re.compile(r"missing from index|wrong # of entries in index|non-unique entry in index")
"""What SQLite says where an index does not fit its rows; the rows are whole."""

_OF_VECTORS = ("vectors", "vectors_aside", "fingerprints")
OF_BACKUP = ("backup_notes", "backup_left_out")
"""Tables that only a backup has."""
_ROWS = 2000
"""Copied at a time: about 1 MB."""

Progress = Callable[[int, int], None]
Rest = Callable[[], object]
"""Lets others have the disk for a moment."""


class Unlike(sqlite3.DatabaseError):
    """What was copied is not what was there."""


def kept_tables(connection: sqlite3.Connection) -> dict[str, bool]:
    """The tables that a backup of this library holds; whether their rows have ids."""
    rows: list[tuple[str, str]] = connection.execute(
        "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND sql IS NOT NULL ORDER BY rowid"
    ).fetchall()
    # Read from the text alone: to ask SQLite would open the index of words, which may be damaged.
    indexes = tuple(f"{name}_" for name, sql in rows if sql.startswith("CREATE VIRTUAL"))
    return {
        name: "WITHOUT ROWID" not in sql.rpartition(")")[2]
        for name, sql in rows
        if not sql.startswith("CREATE VIRTUAL")
        and not (indexes and name.startswith(indexes))
        and not name.startswith("sqlite_")
        and name not in MADE_AGAIN | PRIVATE
    }


def write(
    source: sqlite3.Connection,
    target: Path,
    *,
    should_stop: Callable[[], bool] = bool,
    progress: Progress = lambda _done, _all: None,
    rest: Rest = bool,
) -> None:
    """Copy what a backup holds into a new file, as the library is now or was when `source` began its transaction, which
    ends with this. Others read and write the library meanwhile. `rest` is called after every `_ROWS` rows.

    Raises sqlite3.Error (Unlike: the copy is not as the library), OSError and Cancelled; then the file is worth nothing.
    """
    if not source.in_transaction:
        source.execute("BEGIN")
    query_only = source.execute("PRAGMA query_only").fetchone()[0]
    source.execute("PRAGMA query_only = OFF")  # the library itself was opened for reading
    try:
        runs = _runs_with_vectors(source)
        source.execute("ATTACH ? AS kept", (str(target.absolute()),))
        source.execute("PRAGMA kept.journal_mode = OFF")  # what is not whole at the end is thrown away
        with _stoppable(source, should_stop):
            _write_tables(source, should_stop, progress, rest)
            _write_notes(source, runs)
        version = migrations.version_of(source)
        source.execute(f"PRAGMA kept.user_version = {version}")
        source.execute(f"PRAGMA kept.application_id = {APPLICATION_ID}")
        source.execute("COMMIT")
    finally:
        if source.in_transaction:
            source.execute("ROLLBACK")
        with suppress(sqlite3.Error):
            source.execute("DETACH kept")
        source.execute(f"PRAGMA query_only = {query_only}")


@contextmanager
def _stoppable(connection: sqlite3.Connection, should_stop: Callable[[], bool]) -> Iterator[None]:
    connection.set_progress_handler(lambda: int(should_stop()), 100_000)
    try:
        yield
    except sqlite3.OperationalError as error:
        if should_stop():
            raise Cancelled from error
        raise
    finally:
        connection.set_progress_handler(None, 0)


def _write_tables(source: sqlite3.Connection, should_stop: Callable[[], bool], progress: Progress, rest: Rest) -> None:
    tables = kept_tables(source)
    counts = {name: source.execute(f'SELECT count(*) FROM main."{name}"').fetchone()[0] for name in tables}
    total = sum(counts.values()) or 1
    done = 0
    for name, has_ids in tables.items():
        said = [row[0] for row in source.execute(f"PRAGMA main.integrity_check('{name}')")]
        if problems := [each for each in said if each != "ok" and not OF_INDEX.search(each)]:
            raise Unlike(problems[0])
        sql = source.execute("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?", (name,))
        source.execute(re.sub(r"^CREATE TABLE\s", "CREATE TABLE kept.", sql.fetchone()[0]))
        copied = 0
        for copied in _copy_rows(source, name, has_ids=has_ids):
            progress(done + copied, total)
            if should_stop():
                raise Cancelled
            rest()
        there = source.execute(f'SELECT count(*) FROM kept."{name}"').fetchone()[0]
        if not copied == there == counts[name]:
            raise Unlike(f"{name}: {there} of {counts[name]} rows")
        done += copied
    # Ids that were given once are not given again, those of what was left out neither.
    source.execute("DELETE FROM kept.sqlite_sequence")
    source.execute(
        "INSERT INTO kept.sqlite_sequence SELECT * FROM main.sqlite_sequence"
        f" WHERE name NOT IN ({', '.join(map(repr, sorted(PRIVATE)))})"
    )


def _copy_rows(source: sqlite3.Connection, name: str, *, has_ids: bool) -> Iterator[int]:
    """How many rows are copied so far, now and then."""
    if not has_ids:
        yield source.execute(f'INSERT INTO kept."{name}" SELECT * FROM main."{name}"').rowcount
        return
    # With its id, which is hidden in some tables.
    columns = ", ".join(f'"{row[1]}"' for row in source.execute(f'PRAGMA main.table_info("{name}")'))
    last: int | None = None
    copied = 0
    while True:
        where = "" if last is None else f" WHERE rowid > {last}"
        count = source.execute(
            f'INSERT INTO kept."{name}" (rowid, {columns}) SELECT rowid, {columns} FROM main."{name}"{where}'
            f" ORDER BY rowid LIMIT {_ROWS}"
        ).rowcount
        copied += count
        if count < _ROWS:
            yield copied
            return
        yield copied
        last = source.execute(f'SELECT max(rowid) FROM kept."{name}"').fetchone()[0]


def _write_notes(source: sqlite3.Connection, runs: Sequence[tuple[int]]) -> None:
    source.execute("CREATE TABLE kept.backup_notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID")
    kinds = dict(source.execute("SELECT kind, count(*) FROM main.items WHERE removed_at = '' GROUP BY kind").fetchall())
    source.execute("INSERT INTO kept.backup_notes VALUES ('kinds', ?)", (json.dumps(kinds),))
    source.execute("CREATE TABLE kept.backup_left_out (run_id INTEGER PRIMARY KEY) STRICT")
    source.executemany("INSERT INTO kept.backup_left_out VALUES (?)", runs)


def _runs_with_vectors(source: sqlite3.Connection) -> list[tuple[int]]:
    """Of damaged vectors all runs: whatever had any, all of them are made again."""
    names = {row[0] for row in source.execute("SELECT name FROM main.sqlite_schema")}
    # Fingerprints came with the fourth schema.
    wanted = _OF_VECTORS if migrations.version_of(source) >= 4 else _OF_VECTORS[:2]
    asked = " UNION ".join(f"SELECT run_id FROM main.{table}" for table in wanted)
    if not names.issuperset(wanted):
        return source.execute("SELECT id FROM main.runs").fetchall()
    file = source.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    # By a connection of its own: one that has met damage writes nothing more in its transaction.
    with closing(sqlite3.connect(file_uri(Path(file), "mode=ro"), uri=True)) as other:
        try:
            other.execute(asked).fetchall()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            asked = "SELECT id FROM main.runs"
    return source.execute(asked).fetchall()


def is_lean(connection: sqlite3.Connection) -> bool:
    """Whether this is a backup as `write` makes them."""
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)


def read_kinds(connection: sqlite3.Connection) -> dict[str, int]:
    """How many items of each kind are in it."""
    if is_lean(connection):
        row = connection.execute("SELECT value FROM backup_notes WHERE name = 'kinds'").fetchone()
        return {str(kind): int(count) for kind, count in json.loads(row[0]).items()}
    rows = connection.execute("SELECT kind, count(*) FROM items WHERE removed_at = '' GROUP BY kind")
    return dict(rows.fetchall())
