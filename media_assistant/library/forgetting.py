"""Forgetting: what a person did is taken out of a library file, or of a copy of it, so that no byte of it remains.

Deleted rows may leave traces within pages that live on. So what stays of a table is written anew, and the pages of the old
one are overwritten (`secrecy`). It is the one thing that is not in the journal, for then it would not be forgotten.

Stars, tags, collections, and what was said for proposals are a person's words and stay, the latter unless everything is
forgotten.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from media_assistant.items.happening import Forgetting, Forgotten
from media_assistant.library import backup
from media_assistant.library.file_uri import file_uri
from media_assistant.library.secrecy import OVERWRITTEN, Gone, rewrite

_OF_LIKINGS = "json_extract(edit, '$.do') = 'say_of_liking'"


def forget(connection: sqlite3.Connection, what: Forgetting, contents: str = "") -> Forgotten:
    """Part of the caller's transaction; gives what is gone. With `contents` (`contents_of`) the items are looked up by
    those, for a copy may have other ids.
    """
    plan, values = _plan_for(connection, what, contents)
    counts = _count(connection, plan, values)
    if any(counts.values()) or any(_loses(connection, table, gone, values) for table, gone in plan.items()):
        # The journal may be long; of the others also the traces of rows that are gone already are to go.
        rewrite(
            connection, {table: gone for table, gone in plan.items() if table != "journal" or counts[table]}, values
        )
    return _told(counts)


def look(connection: sqlite3.Connection, what: Forgetting) -> Forgotten:
    """What would be gone; nothing is changed."""
    return _told(_count(connection, *_plan_for(connection, what, "")))


def _plan_for(
    connection: sqlite3.Connection, what: Forgetting, contents: str
) -> tuple[dict[str, Gone], dict[str, str]]:
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    plan, values = _plan(what)
    values["contents"] = contents or contents_of(connection, what)
    return {table: plan[table] for table in OVERWRITTEN if table in plan and table in there}, values


def _count(connection: sqlite3.Connection, plan: Mapping[str, Gone], values: Mapping[str, str]) -> dict[str, int]:
    return {
        table: int(connection.execute(f"SELECT count(*) FROM {table} WHERE {gone.rows}", values).fetchone()[0])
        for table, gone in plan.items()
    }


def _told(counts: Mapping[str, int]) -> Forgotten:
    happenings, slates, positions, likings = (
        counts.get(table, 0) for table in ("happenings", "slates", "positions", "likings")
    )
    return Forgotten(happenings, slates, positions, likings)


def _loses(connection: sqlite3.Connection, table: str, gone: Gone, values: Mapping[str, str]) -> bool:
    asked = f"SELECT 1 FROM {table} WHERE {gone.condition} LIMIT 1"
    return bool(gone.loses and connection.execute(asked, values).fetchone())


def contents_of(connection: sqlite3.Connection, what: Forgetting) -> str:
    """By what its items are known again in a copy."""
    rows = connection.execute(
        "SELECT quick_hash FROM items WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(what.item_ids),)
    )
    return json.dumps([row[0] for row in rows])


def _plan(what: Forgetting) -> tuple[dict[str, Gone], dict[str, str]]:
    values = {"since": what.since or "0001-01-01T00:00:00+00:00", "until": what.until or "~"}
    if what.is_everything:
        return {table: Gone(_OF_LIKINGS if table == "journal" else "1") for table in OVERWRITTEN}, values
    plan = {"learnt": Gone("1")}
    if what.item_ids:
        mine = Gone("item_id IN (SELECT id FROM items WHERE quick_hash IN (SELECT value FROM json_each(:contents)))")
        return plan | dict.fromkeys(("happenings", "shown", "positions"), mine), values
    happened = "(at < :until AND julianday(at) + lasted_ms / 86400000.0 >= julianday(:since))"
    shown = "(at >= :since AND at < :until)"
    if not what.until:
        # Up to now: also what came after by its order, whatever the clock said then.
        happened = f"(id >= (SELECT min(id) FROM happenings WHERE {happened}))"
        shown = f"(id >= (SELECT min(id) FROM slates WHERE {shown}))"
    plan |= {
        "happenings": Gone(happened),
        "slates": Gone(shown),
        "shown": Gone(
            f"slate_id IN (SELECT id FROM slates WHERE {shown})",
            "outcome = '', outcome_at = ''",
            "outcome_at >= :since AND outcome_at < :until",
        ),
        "positions": Gone("at >= :since AND at < :until"),
    }
    return plan, values


def forget_in_copies(library: Path, what: Forgetting, contents: str) -> tuple[str, ...]:
    """Take it out of every backup, restore point and copy of a damaged library that lies beside this one; gives those that
    it could not be taken out of. Where everything is forgotten, a damaged copy that cannot be read is deleted. Half a copy,
    left by a program that was killed or just being made by another one, is deleted in any case.
    """
    left: list[str] = []
    folder = backup.backup_folder(library)
    for half in sorted(folder.glob("*.partial*")):
        try:
            half.unlink(missing_ok=True)
        except OSError:
            left.append(str(half))
    damaged = sorted(folder.glob("damaged-*.sqlite"))
    for file in (*backup.list_backups(library), *backup.list_restore_points(library), *damaged):
        try:
            _forget_in(file, what, contents)
        except (sqlite3.Error, OSError):
            if what.is_everything and file in damaged:
                for ending in ("", "-wal", "-shm", "-journal"):
                    with suppress(OSError):
                        file.with_name(file.name + ending).unlink(missing_ok=True)
            if file.exists():
                left.append(str(file))
    return tuple(left)


def _forget_in(file: Path, what: Forgetting, contents: str) -> None:
    state = file.stat()
    with closing(sqlite3.connect(file_uri(file), uri=True, isolation_level=None)) as connection:
        # A copy of a damaged library may come with a `-wal`: what stands there belongs to it.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN IMMEDIATE")
        forget(connection, what, contents)
        connection.execute("COMMIT")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
