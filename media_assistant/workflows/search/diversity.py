"""A burst of photos, or one film in ten versions, must not fill the page: what is nearly the same stands back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from media_assistant.items import ranking
from media_assistant.workflows.likeness.network_links import TIMBRE

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore

FIRST = 120
"""Items that are looked at: what a person sees without scrolling for long."""
_FEW = 8
"""Fewer answers than this stand on one page whatever they are."""
_NEARLY = 0.9
"""So much of the way from unrelated to identical, two vectors are of nearly the same picture, sound or text."""
_ROUNDING = 0.02
"""Several times what rounding hides of a cosine."""
_MOST_VECTORS = 3
"""An item with more of them is long, and not the same as another because one moment is."""


def spread(store: FindingStore, ordered: Sequence[int], fitting: int, *, waits: bool = True) -> list[int]:
    """`ordered` items, best first, of which the first `fitting` answer: of nearly equal ones among these, three stand
    where they stood, and the others behind what is different. Nothing is left out. Unless it `waits`, vectors that are
    still being read say nothing.
    """
    first = list(ordered[: min(fitting, FIRST)])
    if len(first) < _FEW:
        return list(ordered)
    return [*ranking.spread_out(first, _alike(store, first, waits=waits)), *ordered[len(first) :]]


def _alike(store: FindingStore, ordered: Sequence[int], *, waits: bool) -> dict[int, int]:
    """By item, the first of the items in whose crowd it is."""
    import numpy as np

    alike: dict[int, int] = {}
    vectors = store.vectors
    for space in vectors.spaces():
        # One voice or one instrument sounds through all recordings of somebody, whatever is said and played there.
        if space.startswith(TIMBRE):
            continue
        if not waits and not vectors.is_ready(space):
            continue
        there = [item_id for item_id in ordered if item_id not in alike]
        edge = _edge(store, space)
        # Most pages hold nothing that is nearly the same, and the rounded vectors, which are in memory, show that.
        if len(there) < _FEW or not _may_be_alike(store, space, there, edge):
            continue
        held = {item_id: rows for item_id, rows in vectors.of_items(space, there).items() if len(rows) <= _MOST_VECTORS}
        there = [item_id for item_id in there if item_id in held]
        if len(there) < _FEW:
            continue
        units = np.stack([held[item_id][0][1] for item_id in there])
        near = units @ units.T >= edge
        heads: list[int] = []
        for place, item_id in enumerate(there):
            head = next((each for each in heads if near[place, each]), None)
            if head is None:
                heads.append(place)
            else:
                alike[item_id] = there[head]
    return alike


def _edge(store: FindingStore, space: str) -> float:
    """The cosine of a space from which two vectors are nearly the same."""
    pairs = store.vectors.background(space)
    far = pairs.mean if pairs.count else 0.0
    return far + _NEARLY * (1 - far)


def _may_be_alike(store: FindingStore, space: str, item_ids: Sequence[int], edge: float) -> bool:
    import numpy as np

    units = store.vectors.rounded(space, item_ids, _MOST_VECTORS)
    likeness = units @ units.T
    np.fill_diagonal(likeness, -1.0)
    return bool(likeness.max(initial=-1.0) >= edge - _ROUNDING)
