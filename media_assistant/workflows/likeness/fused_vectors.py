"""One vector for each item, comparable across kinds: what the map lays out, what collections form in, and what mixes go through.

An item is described by all that the analyses found of it: what it looks, sounds and reads like, and its tags. Two items
are alike by what is known of both. Items of which nothing of the kind is known are said to be `without`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_assistant.workflows.likeness.network_links import family_of
from media_assistant.workflows.likeness.portraits import SIGNS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.library import Library
    from media_assistant.library.outline_store import Outline

_WIDTH = 64
"""Of each embedding space so many directions are kept, those along which its items differ most."""
_LABELS = 0.8
"""What tags weigh beside one space, as where a tag is taught."""
_OF_COLOUR, _OF_COLOUR_ALONE = 0.15, 0.6
"""What the colour of a sound weighs beside a network that knows what it is, and without one: as in Similar."""
_BROUGHT_ALONG, _BESIDE_BETTER = "text-en-zh-small", 0.25
"""What the small network for words weighs beside another one."""


@dataclass(frozen=True, slots=True)
class FusedVectors:
    """`ids` rise; `units` `[n, d]` are of length 1, so that their dot products are cosines (-1..1)."""

    ids: NDArray[np.int64]
    units: NDArray[np.float32]
    without: NDArray[np.int64]
    """The items of the library of which there is nothing to compare them by, rising."""
    state: tuple[int, ...] = ()
    """What `Library.changed_at` was."""


def read_fused(library: Library, outline: Outline | None = None) -> FusedVectors:
    """Read all of it: seconds for 100,000 items, so it is for a thread of the engine, and to be kept while the library's
    `changed_at` is the same.
    """
    import numpy as np

    from media_assistant.learning.fusing import joined, label_rows, scaled

    state = library.changed_at()
    outline = outline or library.outline()
    ids = np.array(outline.ids, np.int64)
    blocks = [np.zeros((len(ids), 0), np.float32)]
    known = {family: _read_spaces(library.finding, names, ids) for family, names in _families(library.finding).items()}
    hears = np.zeros(len(ids), bool)
    for block in known.get("heard", {}).values():
        hears |= np.abs(block).max(axis=1, initial=0.0) > 0
    for family, of in known.items():
        count = len(of)
        for space in list(of):
            block = of.pop(space)
            worth: float | NDArray[np.float32] = 1.0
            if family == "timbre":
                worth = np.where(hears, _OF_COLOUR, _OF_COLOUR_ALONE).astype(np.float32)
            elif count > 1 and space.startswith(_BROUGHT_ALONG):
                worth = _BESIDE_BETTER
            blocks.append(scaled(block, worth))
    concepts = {concept: at for at, concept in enumerate(sorted({concept for _, concept in outline.tags}))}
    tagged = np.array([item_id for item_id, _ in outline.tags], np.int64)
    columns = np.array([concepts[concept] for _, concept in outline.tags], np.int64)
    here = np.isin(tagged, ids)
    rows = np.searchsorted(ids, tagged[here])
    blocks.append(scaled(label_rows(len(ids), rows, columns[here], len(concepts)), _LABELS))
    units = joined(blocks)
    there = np.abs(units).max(axis=1, initial=0.0) > 0
    return FusedVectors(ids[there], units if there.all() else units[there], ids[~there], state)


def _families(store: FindingStore) -> dict[str, list[str]]:
    """The spaces by what they look at; signs of copies tell nothing of what a thing is."""
    found: dict[str, list[str]] = {}
    for space in sorted(store.vectors.spaces()):
        if not space.startswith(SIGNS):
            found.setdefault(family_of(store, space), []).append(space)
    return found


def _read_spaces(store: FindingStore, names: list[str], ids: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
    """By space a row for each of the items, noughts for one that is not in it."""
    import numpy as np

    found = {}
    for space in names:
        items, values = store.vectors.leading(space, _WIDTH)
        block = np.zeros((len(ids), values.shape[1]), np.float32)
        there = np.isin(items, ids, assume_unique=True)
        block[np.searchsorted(ids, items[there])] = values[there]
        found[space] = block
    return found
