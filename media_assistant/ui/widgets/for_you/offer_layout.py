"""Where the cards of "For you" are: arithmetic alone. Rows lie one under the other, and each is moved sideways by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QSize

from media_assistant.ui.widgets.for_you.offer_painter import SIGN, WHY
from media_assistant.ui.widgets.grid.layout import CAPTION, GAP, MARGIN, PICTURE_RATIO, TICKS

LEAST_WIDTH, WIDEST = 190, 250
HEAD, BELOW, ARROW = 38, 10, 28


class Spot(NamedTuple):
    """A card: which row of the page, and which offer in it."""

    row: int
    at: int


NOWHERE = Spot(-1, -1)


class OfferLayout:
    """Rows of so many cards each in a view `width` pixels wide. Rectangles are in content coordinates.

    `firsts`: which card of each row stands at the left.
    """

    def __init__(self, counts: Sequence[int] = (), width: int = 0, firsts: Sequence[int] = ()) -> None:
        self.counts = tuple(counts)
        self.width = width
        room = width - 2 * MARGIN
        self.columns = max(1, (room + GAP) // (LEAST_WIDTH + GAP))
        """How many cards of a row are seen at once."""
        card_width = min(WIDEST, (room - (self.columns - 1) * GAP) // self.columns)
        self.card_size = QSize(card_width, round(card_width * PICTURE_RATIO) + TICKS + CAPTION)
        self.row_height = HEAD + self.card_size.height() + WHY + BELOW
        self.height = len(self.counts) * self.row_height
        self.firsts = [self._bound(row, first) for row, first in enumerate(firsts)]

    def _bound(self, row: int, first: int) -> int:
        return max(0, min(first, self.counts[row] - self.columns))

    def can_move(self, row: int) -> tuple[bool, bool]:
        """Whether a row has cards before and after those that are seen."""
        first = self.firsts[row]
        return first > 0, first < self.counts[row] - self.columns

    def move(self, row: int, by: int) -> None:
        """So many cards onwards, as far as there are any."""
        self.firsts[row] = self._bound(row, self.firsts[row] + by)

    def bring(self, spot: Spot) -> None:
        """Move its row as little as possible for this card to be seen."""
        first = self.firsts[spot.row]
        if spot.at < first or spot.at >= first + self.columns:
            self.firsts[spot.row] = self._bound(spot.row, spot.at if spot.at < first else spot.at - self.columns + 1)

    def card_rect(self, spot: Spot) -> QRect:
        """Where a card is; it may lie beside what is seen."""
        left = MARGIN + (spot.at - self.firsts[spot.row]) * (self.card_size.width() + GAP)
        return QRect(QPoint(left, spot.row * self.row_height + HEAD), self.card_size)

    def head_rect(self, row: int) -> QRect:
        """Where the head of a row is."""
        return QRect(MARGIN, row * self.row_height, self.width - 2 * MARGIN, HEAD)

    def arrow_rects(self, row: int) -> tuple[QRect, QRect]:
        """Where a row is moved by a click: backwards and onwards."""
        head = self.head_rect(row)
        right = QRect(head.right() - ARROW + 1, head.top() + 5, ARROW, ARROW)
        return right.translated(-ARROW - 2, 0), right

    def sign_rects(self, spot: Spot, count: int) -> list[QRect]:
        """Where so many signs are clicked: on the card's picture, at the right."""
        card = self.card_rect(spot)
        left = card.right() - count * (SIGN + 4) - 2
        return [QRect(left + at * (SIGN + 4), card.top() + 6, SIGN, SIGN) for at in range(count)]

    def seen(self, top: int, height: int) -> Iterator[Spot]:
        """The cards that are seen, at least partly, from `top` on."""
        last = len(self.counts) - 1
        for row in range(max(0, top // self.row_height), min(last, (top + height) // self.row_height) + 1):
            first = self.firsts[row]
            for at in range(first, min(self.counts[row], first + self.columns)):
                yield Spot(row, at)
