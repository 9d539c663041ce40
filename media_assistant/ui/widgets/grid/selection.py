"""Which items are chosen, by id: it outlives sorting, searching and new arrivals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QObject, Signal


class GridSelection(QObject):
    """The chosen ids, the current one (keyboard focus), and where a range started.

    Signals: `changed` after either became different.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._chosen: frozenset[int] = frozenset()
        self.current = 0
        self._anchor = 0

    @property
    def chosen(self) -> frozenset[int]:
        """All chosen ids."""
        return self._chosen

    def __contains__(self, item_id: int) -> bool:
        return item_id in self._chosen

    def __len__(self) -> int:
        return len(self._chosen)

    def choose(self, item_id: int) -> None:
        """Only this one."""
        self._set(frozenset((item_id,)), item_id, item_id)

    def toggle(self, item_id: int) -> None:
        """In or out, the others stay."""
        self._set(self._chosen ^ {item_id}, item_id, item_id)

    def extend(self, ids: Sequence[int], row_of: Mapping[int, int] | None, to: int, *, keeps: bool = False) -> None:
        """Everything from the anchor to `to` in the order of `ids`; with `keeps` beside what was chosen before."""
        places = row_of if row_of is not None else {item_id: row for row, item_id in enumerate(ids)}
        end = places.get(to, 0)
        start = places.get(self._anchor, end)
        first, last = sorted((start, end))
        between = frozenset(ids[first : last + 1])
        self._set(self._chosen | between if keeps else between, to, self._anchor or to)

    def move(self, item_id: int) -> None:
        """The keyboard focus alone."""
        self._set(self._chosen, item_id, self._anchor)

    def set_all(self, ids: Iterable[int], *, current: int = 0) -> None:
        """Exactly these."""
        self._set(frozenset(ids), current or self.current, self._anchor)

    def clear(self) -> None:
        """None; the keyboard focus stays."""
        self._set(frozenset(), self.current, self._anchor)

    def keep_only(self, known: Iterable[int] | None, gone: Iterable[int] = ()) -> None:
        """Let go of what is no longer there."""
        left = self._chosen.difference(gone) if known is None else self._chosen.intersection(known)
        if left != self._chosen:
            self._set(left, self.current, self._anchor)

    def _set(self, chosen: frozenset[int], current: int, anchor: int) -> None:
        is_new = chosen != self._chosen or current != self.current
        self._chosen, self.current, self._anchor = chosen, current, anchor
        if is_new:
            self.changed.emit()
