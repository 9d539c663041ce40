"""Values that the library's tests put in."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from media_assistant.items.concept import Concept
from media_assistant.items.findings import Checkpoint, Finding, Fingerprint, Trait, Vector
from media_assistant.items.item import Captured, DateSource, Facts, FileTags, Place
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense, Word
from media_assistant.items.query_tree import Is
from media_assistant.items.span import Box, Span, TimeSpan
from media_assistant.library.library import Library, NewItem
from media_assistant.library.putting_back import put_back

DOG = Concept("dog", "dog", "狗", ("hound",), ("animal",))
SEA = Concept("sea", "sea", "海")
OWN = Concept("own:祖母", "祖母")

FACTS = Facts(
    61_500,
    1920,
    1080,
    29.97,
    2,
    48_000,
    3,
    ("h264", "aac"),
    FileTags("Waves", "The Tides", "海", "2024", "ambient", "", 4),
    Captured("2025-07-12T14:03:09", 120, DateSource.EXIF),
    Place(47.5, 8.5, 400.0),
    ("en", "zh"),
)


def new_item(number: int, *, path: str = "", kind: Kind = Kind.VIDEO, facts: Facts = FACTS) -> NewItem:
    """A file that differs from the others by its number."""
    return NewItem(
        kind, path or f"/media/clip {number}.mp4", f"clip {number}", 1000 + number, 10**18 + number, f"h{number}", facts
    )


def alike(library: Library) -> set[int]:
    """The items that `is:duplicate` finds."""
    return library.finding.fitting(Is("duplicate"))


def label(concept: Concept, score: float, span: Span) -> Moment:
    """Something seen."""
    return Moment(span, Sense.SEEN, Layer.LABEL, concept, score=score, box=Box(0.1, 0.2, 0.3, 0.4))


def line(start_ms: int, end_ms: int, text: str) -> Moment:
    """Something said."""
    words = (Word(start_ms, end_ms, text, 0.9),)
    return Moment(TimeSpan(start_ms, end_ms), Sense.SAID, Layer.LINE, text=text, language="en", words=words)


def chunk(number: int) -> list[Finding]:
    """A second of findings of every kind with its checkpoint."""
    start = 1000 * number
    span = TimeSpan(start, start + 1000)
    return [
        line(start, start + 1000, f"sentence {number}"),
        label(DOG, 0.5 + 0.01 * (number % 10), span),
        Vector("space", span, bytes(range(16))),
        Fingerprint("a-form", start, number.to_bytes(4, "little")),
        Trait(f"trait_{number}", [1.5, float(number)]),
        Checkpoint(start + 1000),
    ]


def open_new(folder: Path) -> Library:
    """A library with nothing in it."""
    return Library.open(folder / "影片 library.sqlite")


def checkpoint(library: Library, item_id: int, analyser: str) -> int:
    """Where an analysis that was interrupted goes on, in ms; 0 of any other."""
    run = library.run(item_id, analyser)
    return run.checkpoint_ms if run is not None and not run.is_complete and not run.is_stale else 0


def steps_of(library: Library, ask: Callable[[], object], *, is_write: bool = False) -> int:
    """How many steps of SQLite's machine a question of this thread takes, or a write, in hundreds: the same on every
    computer.
    """
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    connection = library._database._writer if is_write else library._database.reader()
    assert connection is not None
    connection.set_progress_handler(step, 100)
    ask()
    connection.set_progress_handler(None, 100)
    return count


def restored(made: Path, folder: Path) -> Library:
    """The library that a backup gives, in a folder of its own: a backup itself is never worked in."""
    put_back(made, folder / "restored" / "library.sqlite")
    return Library.open(folder / "restored" / "library.sqlite")


def overwrite(file: Path, table: str) -> None:
    """Garbage over most of the pages of a table or an index."""
    raw = bytearray(file.read_bytes())
    with closing(sqlite3.connect(file)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    raw[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    file.write_bytes(raw)
