"""The library as suggestions see it: one row for each item, by what the analyses found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from media_assistant.items.kind import Kind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from media_assistant.learning.own_past import Shelf
    from media_assistant.library.library import Library

KINDS = tuple(Kind)
WIDTH = 48
"""Of each embedding space so many directions are kept, drawn at random: cosines are right to about a seventh."""


@dataclass(frozen=True, slots=True)
class LibraryShelf:
    """`ids` `[n]` rise; all arrays have one entry for each of them."""

    shelf: Shelf
    ids: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int8]
    """Places in `KINDS`."""
    durations_s: npt.NDArray[np.float32]
    added_days: npt.NDArray[np.float64]
    folders: tuple[str, ...]
    """Of each item."""
    folder_numbers: npt.NDArray[np.int64]
    """Of each item, which of the different folders it is."""
    concepts: tuple[str, ...]
    """Which tag each trait behind the kinds is."""
    state: tuple[int, ...] = ()

    def rows(self, ids: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """The rows of items, -1 for those that are not here."""
        import numpy as np

        wanted = np.asarray(ids, np.int64)
        if not len(self.ids):
            return np.full(len(wanted), -1, np.intp)
        places = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        return np.where(self.ids[places] == wanted, places, -1)


def read_shelf(library: Library) -> LibraryShelf:
    """Read all of it: seconds for 100,000 items, so it is kept and read again when the library changed."""
    import numpy as np

    from media_assistant.learning.naming import read_names
    from media_assistant.learning.own_past import describe

    state = library.changed_at()
    outline = library.outline()
    ids = np.array(outline.ids, np.int64)
    n = len(ids)
    blocks = [np.zeros((n, 0), np.float32)]
    vectors = library.finding.vectors
    for space in vectors.spaces():
        items, sketch = vectors.sketch(space, WIDTH)
        block = np.zeros((n, sketch.shape[1]), np.float32)
        there = np.isin(items, ids, assume_unique=True)
        block[np.searchsorted(ids, items[there])] = sketch[there]
        blocks.append(block)
    units = np.concatenate(blocks, 1)
    units /= np.maximum(np.linalg.norm(units, axis=1, keepdims=True), 1e-9)
    place = {kind.value: at for at, kind in enumerate(KINDS)}
    kinds = np.array([place[kind] for kind in outline.kinds], np.int8)
    concepts = tuple(sorted({concept for _, concept in outline.tags}))
    column = {concept: len(KINDS) + at for at, concept in enumerate(concepts)}
    traits = np.zeros((n, len(KINDS) + len(concepts)), np.float32)
    traits[np.arange(n), kinds] = 1
    if outline.tags:
        tagged = np.array([item_id for item_id, _ in outline.tags], np.int64)
        columns = np.array([column[concept] for _, concept in outline.tags])
        known = np.isin(tagged, ids)
        traits[np.searchsorted(ids, tagged[known]), columns[known]] = 1
    durations = (np.array(outline.durations_ms, np.float64) / 1000).astype(np.float32)
    added = np.array([days(at) for at in outline.added_at], np.float64)
    captured = np.array([days(at) for at in outline.captured_at], np.float64)
    length = np.where(durations > 0, np.log(np.maximum(durations, 0.1)), np.nan)
    names = np.empty(n, np.int64)
    names[sorted(range(n), key=lambda at: (outline.folders[at], outline.names[at]))] = np.arange(n)
    numbers = np.stack([captured, length], 1) if n else np.zeros((0, 2))
    shelf = describe(units, traits, numbers, names, told=read_names(outline.names))
    number = {folder: at for at, folder in enumerate(dict.fromkeys(outline.folders))}
    placed = np.array([number[folder] for folder in outline.folders], np.int64)
    return LibraryShelf(shelf, ids, kinds, durations, added, tuple(outline.folders), placed, concepts, state)


def days(iso: str) -> float:
    """Days since 1970 of an ISO 8601 time; NaN for what is none."""
    try:
        return datetime.fromisoformat(iso).timestamp() / 86400 if iso else math.nan
    except (ValueError, OverflowError, OSError):
        return math.nan
