"""Rows of cards for a screen reader: a list of heads and entries, each with a name, its reason and its place."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from media_assistant.ui.widgets.accessible_part import Part, read_as
from media_assistant.ui.widgets.for_you.offer_layout import NOWHERE, Spot
from media_assistant.ui.widgets.for_you.offer_rows import OfferRows


class AccessibleOffers(QAccessibleWidget):
    """One child per head and card, in the order in which they are seen."""

    def __init__(self, rows: OfferRows) -> None:
        super().__init__(rows, QAccessible.Role.List)
        self._rows = rows
        self._parts: dict[Spot, AccessibleOffer] = {}
        rows.moved.connect(self._tell)

    def spots(self) -> list[Spot]:
        """A head is the spot -1 of its row."""
        return [Spot(row, at) for row, each in enumerate(self._rows.rows) for at in range(-1, len(each.offers))]

    def childCount(self) -> int:
        """Heads and cards."""
        return sum(1 + len(each.offers) for each in self._rows.rows)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """One head or card."""
        spots = self.spots()
        return self._part(spots[index]) if 0 <= index < len(spots) else None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """The card under a point of the screen."""
        spot = self._rows.spot_at(self._rows.viewport().mapFromGlobal(QPoint(x, y)))
        return self._part(spot) if spot != NOWHERE else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """A part's place."""
        spots = self.spots()
        return spots.index(child.spot) if isinstance(child, AccessibleOffer) and child.spot in spots else -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """The current card."""
        return self._part(self._rows.current) if self._rows.current != NOWHERE else None

    def _tell(self) -> None:
        """Another card is current."""
        if QAccessible.isActive() and self._rows.hasFocus() and self._rows.current != NOWHERE:
            event = QAccessibleEvent(self._rows, QAccessible.Event.Focus)
            event.setChild(self.spots().index(self._rows.current))
            QAccessible.updateAccessibility(event)

    def _part(self, spot: Spot) -> AccessibleOffer:
        return self._parts.setdefault(spot, AccessibleOffer(self, self._rows, spot))


class AccessibleOffer(Part):
    """A head, or a card: its title; as description kind, length and why it is there."""

    def __init__(self, owner: AccessibleOffers, rows: OfferRows, spot: Spot) -> None:
        super().__init__(owner, rows.viewport())
        self._rows = rows
        self.spot = spot

    @property
    def _is_head(self) -> bool:
        return self.spot.at < 0

    def isValid(self) -> bool:
        """Whether it is still there."""
        return self.spot.row < len(self._rows.rows) if self._is_head else self._rows.offer(self.spot) is not None

    def role(self) -> QAccessible.Role:
        """A heading among entries."""
        return QAccessible.Role.Heading if self._is_head else QAccessible.Role.ListItem

    def place(self) -> QRect:
        """Where it is in the viewport."""
        if not self.isValid():
            return QRect()
        return self._rows.head_rect(self.spot.row) if self._is_head else self._rows.card_rect(self.spot)

    def text(self, kind: QAccessible.Text) -> str:
        """Name: the head's words, or the title. Description: kind and reason."""
        offer = self._rows.offer(self.spot)
        if kind is QAccessible.Text.Name and self._is_head and self.isValid():
            return self._rows.head(self.spot.row)
        if offer is None:
            return ""
        if kind is QAccessible.Text.Name:
            return offer.item.title
        return self._rows.describe(self.spot) if kind is QAccessible.Text.Description else ""

    def state(self) -> QAccessible.State:
        """Focused, out of sight."""
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = 1
        elif self._is_head:
            state.readOnly = 1
        else:
            state.focusable = 1
            state.focused = int(self._rows.hasFocus() and self.spot == self._rows.current)
            state.offscreen = int(self.spot not in set(self._rows.seen()))
        return state


def install_accessible_offers() -> None:
    """Tell Qt how rows of cards are read."""
    read_as(OfferRows, AccessibleOffers)
