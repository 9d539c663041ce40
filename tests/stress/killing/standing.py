"""What stands in a library and around it, seen from outside: by plain SQL, and by the program's own check."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from media_assistant.library import backup
from media_assistant.library.library import Library
from media_assistant.workflows.keeping.checking import LibraryCheck
from tests.stress.killing.prepared import Place

Rows = list[tuple[Any, ...]]
Key = tuple[int, str]
"""An item and an analyser."""


class Broken(AssertionError):
    """A promise was not kept; says what was expected."""


def require(is_so: object, expected: str, found: object = "") -> None:
    """Raises Broken."""
    if not is_so:
        raise Broken(f"expected: {expected}" + (f"\n   found: {found}" if found != "" else ""))


_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
_TIMES = {"at", "added_at", "removed_at", "created_at", "missing_since", "is_offline", "applied_at"}
"""Columns of when something was, and of whether a file was seen just now."""
_DECLARED = (
    "items",
    "locations",
    "decisions",
    "own_concepts",
    "quiet_models",
    "collections",
    "collection_items",
    "roots",
    "spoken_names",
    "own_stretches",
    "positions",
    "ratings",
    "pair_words",
    "likings",
    "taught_tags",
    "written_files",
    "journal",
    "switches",
)

_DOUBLED = {
    "items": "SELECT quick_hash, size_bytes FROM items GROUP BY 1, 2 HAVING count(*) > 1",
    "places": "SELECT path FROM locations GROUP BY path HAVING count(*) > 1",
    "moments": "SELECT item_id, run_id, span_kind, span_a, span_b, span_c, layer, concept_id, text, language FROM moments"
    " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 HAVING count(*) > 1",
    "vectors": "SELECT run_id, space, span_kind, span_a, span_b, span_c FROM vectors GROUP BY 1, 2, 3, 4, 5, 6"
    " HAVING count(*) > 1",
    "runs": "SELECT item_id, analyser FROM runs GROUP BY 1, 2 HAVING count(*) > 1",
    "jobs": "SELECT item_id, analyser FROM jobs GROUP BY 1, 2 HAVING count(*) > 1",
}


@contextmanager
def reading(file: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """As any other program would read it. With `rw` SQLite may take back what a killed program left half written."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode={mode}", uri=True, isolation_level=None)) as connection:
        yield connection


def declared(file: Path, *, without: tuple[str, ...] = ()) -> dict[str, Rows]:
    """All that a person said or brought in; without the times of it."""
    found: dict[str, Rows] = {}
    with reading(file) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        for table in _DECLARED:
            if table in tables and table not in without:
                names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                chosen = ", ".join(f'"{name}"' for name in names if name not in _TIMES)
                rows = connection.execute(f"SELECT {chosen} FROM {table}").fetchall()
                if table == "journal":
                    rows = [tuple(_untimed(value) for value in row) for row in rows]
                found[table] = sorted(rows, key=repr)
        removed = connection.execute("SELECT id FROM items WHERE removed_at <> ''")
        found["removed"] = sorted(removed.fetchall())
        columns = "item_id, span_kind, span_a, span_b, span_c, sense, layer, text, language"
        own = connection.execute(f"SELECT {columns} FROM moments WHERE run_id IS NULL")
        found["own moments"] = sorted(own.fetchall(), key=repr)
    return found


def _untimed(value: Any) -> Any:
    """Without the times that an edit of the journal holds."""
    return _TIME.sub("then", value) if isinstance(value, str) else value


def understood(place: Place) -> dict[str, Any]:
    """What the program knows of each file, by the file's name: equal for equal work however often interrupted."""
    found: dict[str, Any] = {}
    with reading(place.library) as connection:
        names = {item: Path(shown).name for item, shown in connection.execute("SELECT item_id, shown FROM locations")}
        asked = {
            "findings": "SELECT moments.item_id, analyser, span_kind, span_a, span_b, layer, concept_id, text, round(score, 3)"
            " FROM moments JOIN runs ON runs.id = run_id",
            "vectors": "SELECT vectors.item_id, analyser, space, span_kind, span_a, span_b, count(*) FROM vectors"
            " JOIN runs ON runs.id = run_id GROUP BY 1, 2, 3, 4, 5, 6",
            "traits": "SELECT traits.item_id, analyser, name FROM traits JOIN runs ON runs.id = run_id",
            "runs": "SELECT item_id, analyser, version, model, is_complete, is_stale FROM runs",
            "jobs": "SELECT item_id, analyser, stage, state, error FROM jobs",
            "tags": "SELECT item_id, concept_id FROM suggested_tags",
            "items": "SELECT id, kind, title, facts FROM items WHERE removed_at = ''",
        }
        for what, question in asked.items():
            found[what] = sorted((names[row[0]], *row[1:]) for row in connection.execute(question))
        ids = {str(item): name for item, name in names.items()}
    found["pictures"] = sorted(
        (ids.get(file.parent.name, "?"), file.name) for file in place.paths.previews.rglob("*") if file.is_file()
    )
    return found


def originals(folder: Path) -> dict[str, str]:
    """Every file and what it holds (promise 1)."""
    return {
        str(file.relative_to(folder)): hashlib.blake2b(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def require_whole(place: Place, *, has_pictures: bool = True) -> None:
    """It opens, SQLite and the program's own check find nothing, nothing is doubled, every backup is whole."""
    try:
        library = Library.open(place.library)
    except Exception as fault:
        raise Broken(f"expected: the library opens\n   found: {fault!r}") from fault
    try:
        checked = LibraryCheck(library, place.paths.previews, lambda _changes: None).look()
        if not has_pictures:
            checked = replace(checked, bare=())
        require(checked.is_whole, "the check finds nothing", checked)
        matrices = library.finding.vectors
        with reading(place.library) as connection:
            require(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "integrity_check says ok")
            require(not connection.execute("PRAGMA foreign_key_check").fetchall(), "foreign_key_check finds nothing")
            for what, question in _DOUBLED.items():
                twice = connection.execute(question).fetchall()
                require(not twice, f"no {what} twice", twice)
            rows = dict(connection.execute("SELECT space, count(*) FROM vectors GROUP BY 1").fetchall())
            done = "SELECT item_id FROM jobs WHERE analyser = 'preview' AND state = 'done'"
            pictured = [row[0] for row in connection.execute(done)]
        for space, count in rows.items():
            require(matrices.count(space) == count, f"{count} rows in the matrix of {space}", matrices.count(space))
    finally:
        library.close()
    for item_id in pictured if has_pictures else ():
        file = place.paths.previews / str(item_id) / "thumbnail"
        require(file.is_file(), f"a thumbnail of item {item_id}, whose preview is done")
        with Image.open(file) as picture:
            picture.load()
    for file in (*backup.list_backups(place.library), *backup.list_restore_points(place.library)):
        require(not backup.check(file), f"{file.name} is whole", backup.check(file))


@dataclass
class Seen:
    """What a second program saw in the library while the victim worked: all of it was committed."""

    items: dict[int, str] = field(default_factory=dict)
    finished: dict[Key, tuple[int, int, int]] = field(default_factory=dict)
    """Run, its number of moments, the last of them."""
    begun: dict[Key, tuple[int, int, int, int]] = field(default_factory=dict)
    """Run, how far, its number of moments, the last of them."""
    running: int = 0
    """Items in work."""
    looks: int = 0


def look(file: Path) -> Seen:
    """Now. Raises sqlite3.Error."""
    with reading(file, "ro") as connection:
        connection.execute("BEGIN")
        items = dict(connection.execute("SELECT id, quick_hash FROM items WHERE removed_at = ''").fetchall())
        seen = Seen(items)
        rows = connection.execute(
            "SELECT runs.item_id, runs.analyser, runs.id, checkpoint_ms, is_complete, is_stale,"
            " count(moments.id), ifnull(max(moments.id), 0)"
            " FROM runs LEFT JOIN moments ON moments.run_id = runs.id GROUP BY runs.id"
        )
        for item, analyser, run, at_ms, is_complete, is_stale, count, last in rows:
            if is_stale:
                continue
            if is_complete:
                seen.finished[item, analyser] = (run, count, last)
            elif at_ms:
                seen.begun[item, analyser] = (run, at_ms, count, last)
        asked = "SELECT count(DISTINCT item_id) FROM jobs WHERE state = 'running'"
        seen.running = connection.execute(asked).fetchone()[0]
    return seen


def require_kept(seen: Seen, file: Path) -> None:
    """Nothing that was seen is gone, and nothing that was finished or had a checkpoint was made a second time."""
    now = look(file)
    lost = {item: content for item, content in seen.items.items() if now.items.get(item) != content}
    require(not lost, "every item that was seen", lost)
    for key, run in seen.finished.items():
        require(now.finished.get(key) == run, f"the finished {key} as it was: {run}", now.finished.get(key))
    with reading(file) as connection:
        for key, (run, at_ms, count, last) in seen.begun.items():
            of_now = now.begun.get(key, (0, 0))[:2] if key in now.begun else (now.finished.get(key, (0,))[0], at_ms)
            require(of_now[0] == run and of_now[1] >= at_ms, f"{key} goes on after {at_ms} ms", of_now)
            kept = connection.execute("SELECT count(*) FROM moments WHERE run_id = ? AND id <= ?", (run, last))
            require(kept.fetchone()[0] == count, f"the {count} moments of {key} as they were")


class Witness:
    """A second program that looks at the library again and again, until `stop`."""

    def __init__(self, file: Path, is_done: Callable[[Seen], bool] = lambda _seen: False) -> None:
        self._file = file
        self._stop = threading.Event()
        self._is_done = is_done
        self.done = threading.Event()
        self.seen = Seen()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> Seen:
        """What was seen last."""
        self._stop.set()
        self._thread.join()
        return self.seen

    def _watch(self) -> None:
        looks = 0
        while not self._stop.wait(0.05):
            try:
                seen = look(self._file)
            except sqlite3.Error:
                continue
            looks += 1
            seen.looks = looks
            self.seen = seen
            if self._is_done(seen):
                self.done.set()


def left_lying(place: Place, but: str = "") -> list[str]:
    """Files that a finished program leaves nobody: half-written and temporary ones. Half a backup (`.partial`) stays for
    an hour and half of the settings for a minute, for another program may be writing them.
    """
    marks = (".tmp", ".partial", ".restoring", ".rebuilding", "unfinished-export", "replaced-export")
    found = []
    for folder, folders, files in os.walk(place.folder):
        for name in (*folders, *files):
            is_left = any(mark in name for mark in marks)
            if is_left and not (but and but in name):
                found.append(os.path.relpath(os.path.join(folder, name), place.folder))
    return sorted(found)
