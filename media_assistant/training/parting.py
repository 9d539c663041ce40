"""Which part of the examples is learned from, which says when to stop, and which is held back until the end."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence

from media_assistant.errors import UserFixable
from media_assistant.items.training import Part

_HELD_BACK = 0.25
_STOP = 0.2


def part_items(labels: Sequence[int], items: Sequence[int], seed: int) -> list[Part]:
    """Which part each picture belongs to: by item, within each label, the same for the same seed.

    A label of fewer than three items is only learned; of three, one is held back. An item stays in its part when others
    come or go, as far as the shares allow, for its place is drawn from its own number.
    """
    by_label: dict[int, set[int]] = defaultdict(set)
    for label, item in zip(labels, items, strict=True):
        by_label[label].add(item)
    part_of: dict[int, Part] = {}
    for label in sorted(by_label):
        drawn = sorted((item for item in by_label[label] if item not in part_of), key=lambda item: _draw(item, seed))
        held = max(1, round(_HELD_BACK * len(drawn))) if len(drawn) >= 3 else 0
        stop = max(1, round(_STOP * len(drawn))) if len(drawn) >= 4 else 0
        for place, item in enumerate(drawn):
            part_of[item] = Part.HELD_BACK if place < held else Part.STOP if place < held + stop else Part.LEARN
    return [part_of[item] for item in items]


def check_parts(labels: Sequence[str], classes: Sequence[int], parts: Sequence[Part], least: int) -> None:
    """Raises UserFixable("training.too_few") where a label has fewer than `least` to learn from, or none held back."""
    there = {part: Counter(c for c, p in zip(classes, parts, strict=True) if p is part) for part in Part}
    for number, label in enumerate(labels):
        if there[Part.LEARN][number] < least or not there[Part.HELD_BACK][number]:
            raise UserFixable("training.too_few", label=label, count=sum(c == number for c in classes))


def rows_of(parts: Sequence[Part]) -> dict[Part, list[int]]:
    """The rows of each part; so few that none could be kept apart to stop by are stopped by what is learned from."""
    rows = {part: [row for row, its in enumerate(parts) if its is part] for part in Part}
    if not rows[Part.STOP]:
        rows[Part.STOP] = rows[Part.LEARN]
    return rows


def _draw(item: int, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}:{item}".encode(), digest_size=8).digest()
