"""Compare what was not compared yet with all that is in the library."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from media_assistant.items.changes import LibraryChanges
from media_assistant.library.library import Library

if TYPE_CHECKING:
    from media_assistant.analysis.likely_pairs import Prints

Progress = Callable[[int, int], None]

_REST_S = 0.0005
"""Between two comparisons, so that whoever shares the process with it is heard."""


def find_duplicates(
    library: Library, *, progress: Progress = lambda _done, _all: None, should_stop: Callable[[], bool] = bool
) -> LibraryChanges:
    """Bring the likely pairs up to date; nothing is kept of a run that was stopped. About 4 ms for a new item."""
    compared = library.uncompared()
    if not compared or should_stop():
        return LibraryChanges()
    # numpy and OpenCV are for whoever has something to compare.
    from media_assistant.analysis.likely_pairs import find_pairs

    pairs = find_pairs(
        read_prints(library),
        frozenset(compared),
        should_stop=should_stop,
        progress=progress,
        rest=lambda: time.sleep(_REST_S),
    )
    return LibraryChanges() if should_stop() else library.save_pairs(compared, pairs)


def read_prints(library: Library) -> list[Prints]:
    """The fingerprints of all items."""
    import numpy as np

    from media_assistant.analysis import sight_prints, sound_prints
    from media_assistant.analysis.likely_pairs import Prints

    found: dict[int, Prints] = {}
    for row in library.fingerprints((sight_prints.FORM, sound_prints.FORM)):
        prints = found.get(row.item_id)
        if prints is None:
            prints = found[row.item_id] = Prints(row.item_id, row.kind, row.duration_ms)
        if row.form == sight_prints.FORM:
            prints.sights += sight_prints.unpack(row.marks, row.start_ms)
        else:
            prints.words = np.frombuffer(row.marks[: len(row.marks) // 4 * 4], "<u4").astype(np.uint32)
    for prints in found.values():
        if prints.sights and not prints.duration_ms:
            prints.duration_ms = prints.sights[-1].at_ms
    return list(found.values())
