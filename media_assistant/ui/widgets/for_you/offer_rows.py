"""Rows of cards, one under the other: each row moves sideways by itself, and under each card stands why it is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip

from media_assistant.items.for_you import Offer, OfferRow
from media_assistant.items.slate import Liking
from media_assistant.ui.desk import Desk
from media_assistant.ui.tips import plain_tip, short_tip
from media_assistant.ui.widgets.for_you.offer_layout import ARROW, NOWHERE, OfferLayout, Spot
from media_assistant.ui.widgets.for_you.offer_painter import WHY, OfferPainter, say_why
from media_assistant.ui.widgets.painted_area import PaintedArea

SIGNS = {Liking.LIKE: "heart", Liking.NOT_NOW: "waiting", Liking.NEVER: "close", Liking.NOT_BECAUSE: "minus"}
"""What can be said of an offer by one click, from the left; the last one only where it is because of another item."""


class OfferRows(PaintedArea):
    """Signals: `opened(int, int)` an item and where to go on in ms or -1; `judged(int, object)` an item and a `Liking`;
    `moved()` another card is current, or has the keyboard.
    """

    opened = Signal(int, int)
    judged = Signal(int, object)
    moved = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.rows: tuple[OfferRow, ...] = ()
        self._layout = OfferLayout()
        self.current = NOWHERE
        self._hovered = NOWHERE
        self._pressed = NOWHERE
        self._painter = OfferPainter(desk)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        desk.words.bind(self, OfferRows.setAccessibleName, "ui.panel.foryou")
        desk.thumbnails.arrived.connect(self._picture_arrived)
        desk.words.changed.connect(self._renew)
        desk.look.changed.connect(self._renew)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def show_rows(self, rows: Sequence[OfferRow]) -> None:
        """Others than before: from their beginnings, the first card current."""
        self.rows = tuple(rows)
        self.current = Spot(0, 0) if self.rows else NOWHERE
        self._hovered = NOWHERE
        self.verticalScrollBar().setValue(0)
        self._lay_out([0] * len(self.rows))

    def show_without(self, rows: Sequence[OfferRow], gone: Collection[int]) -> None:
        """The same but for these items: the card behind one takes its place, and one that comes back has its own again."""
        here, firsts = (
            self.current,
            {row.name: first for row, first in zip(self.rows, self._layout.firsts, strict=True)},
        )
        kept = [replace(row, offers=tuple(each for each in row.offers if each.item.id not in gone)) for row in rows]
        self.rows = tuple(row for row in kept if row.offers)
        row = min(max(0, here.row), len(self.rows) - 1)
        self.current = Spot(row, max(0, min(here.at, len(self.rows[row].offers) - 1))) if row >= 0 else NOWHERE
        self._hovered = NOWHERE
        self._lay_out([firsts.get(each.name, 0) for each in self.rows])

    def offer(self, spot: Spot) -> Offer | None:
        """What stands there."""
        if not 0 <= spot.row < len(self.rows) or not 0 <= spot.at < len(self.rows[spot.row].offers):
            return None
        return self.rows[spot.row].offers[spot.at]

    def head(self, row: int) -> str:
        """The head of a row."""
        return self._desk.words.sentence(self.rows[row].says)

    def describe(self, spot: Spot) -> str:
        """Kind, length, and why, for a screen reader."""
        offer = self.offer(spot)
        if offer is None:
            return ""
        return self._desk.words.say("ui.sentence_separator").join(
            (self._painter.cells.describe(offer.item, None), say_why(self._desk, offer))
        )

    # ── where things are ──────────────────────────────────────────────────────────────────────────────────────────

    def card_rect(self, spot: Spot) -> QRect:
        """Where a card is in the viewport; it may lie outside."""
        return self._layout.card_rect(spot).translated(0, -self._top)

    def head_rect(self, row: int) -> QRect:
        """Where the head of a row is in the viewport."""
        return self._layout.head_rect(row).translated(0, -self._top)

    def spot_at(self, point: QPoint) -> Spot:
        """The card under a point of the viewport, its reason included."""
        for spot in self.seen():
            if self.card_rect(spot).adjusted(0, 0, 0, WHY).contains(point):
                return spot
        return NOWHERE

    def seen(self) -> Iterator[Spot]:
        """The cards that are in sight."""
        return self._layout.seen(self._top, self.viewport().height())

    def sign_rects(self, spot: Spot) -> dict[Liking, QRect]:
        """Where what can be said of a card is clicked, in the viewport."""
        offer = self.offer(spot)
        if offer is None:
            return {}
        words = [word for word in SIGNS if word is not Liking.NOT_BECAUSE or offer.because_id]
        places = self._layout.sign_rects(spot, len(words))
        return {word: place.translated(0, -self._top) for word, place in zip(words, places, strict=True)}

    def arrow_rects(self, row: int) -> tuple[QRect, QRect]:
        """Where a row is moved by a click in the viewport: backwards and onwards."""
        backwards, onwards = self._layout.arrow_rects(row)
        return backwards.translated(0, -self._top), onwards.translated(0, -self._top)

    @property
    def _top(self) -> int:
        return self.verticalScrollBar().value()

    def _lay_out(self, firsts: Sequence[int]) -> None:
        counts = [len(row.offers) for row in self.rows]
        self._layout = OfferLayout(counts, self.viewport().width(), firsts)
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._layout.height - height))
        bar.setPageStep(height)
        self.viewport().update()

    # ── painting ──────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        """All of what is named."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), QColor(self._desk.look.colours.ground))
        for row in range(len(self.rows)):
            where = self.head_rect(row)
            if where.intersects(event.rect()):
                self._paint_head(painter, row, where)
        for spot in self.seen():
            where, offer = self.card_rect(spot), self.offer(spot)
            if offer is None or not where.adjusted(0, 0, 0, WHY).intersects(event.rect()):
                continue
            is_current = spot == self.current
            has_keyboard = is_current and self.hasFocus()
            is_hovered = spot == self._hovered
            signs = self.sign_rects(spot) if is_hovered or has_keyboard else {}
            self._painter.paint_card(
                painter,
                where,
                offer,
                ratio=self.devicePixelRatioF(),
                is_current=is_current,
                has_keyboard=has_keyboard,
                is_hovered=is_hovered,
                signs={rect: SIGNS[word] for word, rect in signs.items()},
            )

    def _paint_head(self, painter: QPainter, row: int, where: QRect) -> None:
        moves = self._layout.counts[row] > self._layout.columns
        self._painter.paint_head(painter, where.adjusted(0, 4, -2 * ARROW - 12 if moves else 0, 0), self.head(row))
        if moves:
            can = self._layout.can_move(row)
            for rect, icon, is_possible in zip(self.arrow_rects(row), ("left", "right"), can, strict=True):
                self._painter.paint_arrow(painter, rect, icon, is_possible=is_possible)

    def scrollContentsBy(self, _across: int, _down: int) -> None:
        """Few cards, so all of them are painted anew."""
        self._hovered = NOWHERE
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer columns; the current card stays in sight."""
        super().resizeEvent(event)
        self._lay_out(self._layout.firsts)

    def _renew(self) -> None:
        self._painter.forget()
        self.viewport().update()

    def _picture_arrived(self, item_id: int) -> None:
        for spot in self.seen():
            offer = self.offer(spot)
            if offer is not None and offer.item.id == item_id:
                self.viewport().update(self.card_rect(spot))

    # ── going about ───────────────────────────────────────────────────────────────────────────────────────────────

    def go_to(self, spot: Spot) -> None:
        """Make a card the current one and bring it into sight."""
        if self.offer(spot) is None:
            return
        self.current = spot
        self._layout.bring(spot)
        bar, height = self.verticalScrollBar(), self._layout.row_height
        top = spot.row * height
        if top < bar.value() or top + height > bar.value() + self.viewport().height():
            bar.setValue(min(top, max(bar.value(), top + height - self.viewport().height())))
        self.viewport().update()
        self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows lead from card to card and from row to row; other keys are those of the table."""
        row, at = self.current
        steps = {
            Qt.Key.Key_Left: Spot(row, at - 1),
            Qt.Key.Key_Right: Spot(row, at + 1),
            Qt.Key.Key_Home: Spot(row, 0),
            Qt.Key.Key_End: Spot(row, len(self.rows[row].offers) - 1 if row >= 0 else 0),
        }
        key = Qt.Key(event.key())
        verb = self._desk.keys.meant(event, "foryou")
        if key in steps and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            self.go_to(steps[key])
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.rows:
            other = row + (1 if key == Qt.Key.Key_Down else -1)
            if 0 <= other < len(self.rows):
                beside = at - self._layout.firsts[row] + self._layout.firsts[other]
                self.go_to(Spot(other, min(beside, len(self.rows[other].offers) - 1)))
        elif verb:
            self.do(verb)
        else:
            super().keyPressEvent(event)

    def do(self, verb: str) -> None:
        """A verb of the table, with the current card."""
        offer = self.offer(self.current)
        if offer is None:
            return
        if verb == "open":
            self.opened.emit(offer.item.id, offer.at_ms)
        elif verb != Liking.NOT_BECAUSE or offer.because_id:
            target = offer.because_id if verb == Liking.NOT_BECAUSE else offer.item.id
            self.judged.emit(target, Liking(verb))

    # ── the mouse ─────────────────────────────────────────────────────────────────────────────────────────────────

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """What lies under it shows what can be said of it."""
        spot = self.spot_at(event.position().toPoint())
        if spot != self._hovered:
            self._hovered = spot
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing lies under it."""
        super().leaveEvent(event)
        self._hovered = NOWHERE
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a sign says it; on a card opens it; on an arrow moves its row."""
        point = event.position().toPoint()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        for row in range(len(self.rows)):
            for step, rect in zip((-1, 1), self.arrow_rects(row), strict=True):
                if self._layout.counts[row] > self._layout.columns and rect.contains(point):
                    self._move(row, step * self._layout.columns)
                    return
        spot = self._pressed = self.spot_at(point)
        if spot != NOWHERE:
            self.go_to(spot)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Where it was pressed."""
        point = event.position().toPoint()
        spot, self._pressed = self._pressed, NOWHERE
        if event.button() != Qt.MouseButton.LeftButton or spot == NOWHERE or spot != self.spot_at(point):
            return
        said = next((word for word, rect in self.sign_rects(spot).items() if rect.contains(point)), None)
        self.do(said or "open")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Sideways, or with Shift: the row under the pointer."""
        across = event.angleDelta().x() or (
            event.angleDelta().y() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0
        )
        spot = self.spot_at(event.position().toPoint())
        if across and spot != NOWHERE:
            self._move(spot.row, -1 if across > 0 else 1)
            event.accept()
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Everything that can be done with a card, by the right button and the menu key."""
        if event.reason() != QContextMenuEvent.Reason.Keyboard:
            spot = self.spot_at(self.viewport().mapFrom(self, event.pos()))
            if spot == NOWHERE:
                return
            self.go_to(spot)
        offer = self.offer(self.current)
        if offer is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for verb in ("open", *SIGNS):
            if verb != Liking.NOT_BECAUSE or offer.because_id:
                text = self._desk.words.say(f"ui.keys.foryou.{verb}")
                key = self._desk.keys.shown(f"foryou.{verb}")
                menu.addAction(f"{text}\t{key}").triggered.connect(lambda _checked=False, verb=verb: self.do(str(verb)))
        is_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        below = self.viewport().mapToGlobal(self.card_rect(self.current).center())
        menu.popup(below if is_keyboard else event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        """A tool tip: of a sign what it says, of a card its whole name and why."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            spot = self.spot_at(event.pos())
            offer = self.offer(spot)
            signs = self.sign_rects(spot)
            said = next((word for word, rect in signs.items() if rect.contains(event.pos())), None)
            if said is not None:
                words, key = self._desk.words, self._desk.keys.shown(f"foryou.{said}")
                text = words.say("ui.tip_key", tip=words.say(f"ui.keys.foryou.{said}"), key=key)
                QToolTip.showText(event.globalPos(), plain_tip(text), self)
            elif offer is not None:
                QToolTip.showText(
                    event.globalPos(), short_tip(f"{offer.item.title}\n{say_why(self._desk, offer)}"), self
                )
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The current card is marked."""
        super().focusInEvent(event)
        self.viewport().update()
        self.moved.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """It is marked no more."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _move(self, row: int, by: int) -> None:
        self._layout.move(row, by)
        self.viewport().update()
