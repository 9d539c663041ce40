"""The map to go about on, by mouse and by keys: opened from, and chosen from by clicks and with a lasso."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QAccessibleValueChangeEvent,
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip

from media_assistant.items.item import Item
from media_assistant.ui.desk import Desk
from media_assistant.ui.tips import short_tip
from media_assistant.ui.widgets.map.surface import EDGE, STEP, MapSurface

REACH = 9
"""Pixels from a point within which it is meant."""


class MapCanvas(MapSurface):
    """Signals: `opened(int)` an item; `moved()` another item is current; `menu_wanted(QPoint)` for what is chosen, at a
    place of the screen; and those of the surface.
    """

    opened = Signal(int)
    moved = Signal()
    menu_wanted = Signal(object)
    accessible_role = QAccessible.Role.Graphic

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.draws_lasso = False
        """Whether a drag draws a lasso without Shift."""
        self._dragged: QPointF | None = None
        self._pressed: QPointF | None = None
        self._lasso: list[QPointF] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        desk.words.bind(self, MapCanvas.setAccessibleName, "ui.panel.map")

    def paintEvent(self, event: QPaintEvent) -> None:
        """The map, and the lasso that is being drawn."""
        painter = QPainter(self)
        self.paint_on(painter, event.rect())
        colour = QColor(self._desk.look.colours.focus)
        if self.hasFocus():
            painter.setPen(QPen(colour, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        if self._lasso:
            painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
            colour.setAlpha(36)
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF(self._lasso))

    # ── what is current, and what is chosen ───────────────────────────────────────────────────────────────────────

    def go_to(self, item_id: int) -> None:
        """Make an item the current one, and bring it into sight."""
        found, library = self.map, self._desk.assistant.library
        if found is not None and item_id:
            self._ask(lambda: (item_id, found.plane.spot(item_id), library.item(item_id)), self._arrive)

    def _arrive(self, read: tuple[int, tuple[float, float] | None, Item | None]) -> None:
        item_id, spot, item = read
        if spot is None or item is None:
            return
        self.current, self.title = item_id, " ".join(item.title.split())
        self._spots = {item_id: spot}
        place = self.to_screen(*spot)
        room = QRectF(self.rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        if not room.contains(place):
            middle = QPointF(self.rect().center())
            self.pan(middle.x() - place.x(), middle.y() - place.y())
        self.update()
        self.moved.emit()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, self.title))
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    def value_text(self) -> str:
        """The current item, for a screen reader."""
        return self.title

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows lead to the nearest item that way, with Shift they move the map; other keys are those of the table."""
        ways = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        way = ways.get(Qt.Key(event.key()))
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        verb = self._desk.keys.meant(event, "map")
        if way is not None and modifiers == Qt.KeyboardModifier.ShiftModifier:
            self.pan(-way[0] * self.width() / 4, -way[1] * self.height() / 4)
        elif way is not None and modifiers == Qt.KeyboardModifier.NoModifier:
            self._step(*way)
        elif verb:
            self.do(verb)
        else:
            super().keyPressEvent(event)

    def _step(self, right: int, down: int) -> None:
        found, here, middle = self.map, self.current, self.sight
        if found is None:
            return

        def read() -> int:
            return found.plane.beside(here, right, down) if here else found.plane.nearest(middle.x, middle.y)

        self._ask(read, self.go_to)

    def do(self, verb: str) -> None:
        """A verb of the table."""
        if verb == "open" and self.current:
            self.opened.emit(self.current)
        elif verb == "toggle" and self.current:
            self.choose(self.chosen ^ {self.current})
        elif verb in ("nearer", "farther"):
            self.zoom(STEP if verb == "nearer" else 1 / STEP)
        elif verb == "all":
            self.fit()
            self.repaint_map()
        elif verb == "none":
            self.choose(frozenset())

    # ── the mouse ─────────────────────────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The beginning of a click, of a move, or of a lasso."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed = self._dragged = event.position()
        if self.draws_lasso or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._lasso = [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The map moves with the hand, or the lasso grows."""
        if self._dragged is None:
            return
        by = event.position() - self._dragged
        if self._lasso:
            if by.manhattanLength() > 3:
                self._lasso.append(event.position())
                self._dragged = event.position()
                self.update()
            return
        far = (event.position() - (self._pressed or event.position())).manhattanLength()
        if self._pressed is None or far >= QApplication.startDragDistance():
            self._pressed = None
            self._dragged = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.pan(by.x(), by.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What was clicked, or is in the lasso, is chosen; with Ctrl besides what was."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.unsetCursor()
        keeps = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        lasso, self._lasso = self._lasso, []
        pressed, self._pressed, self._dragged = self._pressed, None, None
        found = self.map
        if found is None:
            return
        if len(lasso) > 2:
            corners = [self.to_plane(point) for point in lasso]
            before = self.chosen if keeps else frozenset()
            self._ask(lambda: before.union(found.plane.inside(corners)), self.choose)
            self.update()
        elif pressed is not None:
            self._pick(pressed, lambda item_id: self._clicked(item_id, keeps=keeps))

    def _clicked(self, item_id: int, *, keeps: bool) -> None:
        if item_id:
            self.choose(self.chosen ^ {item_id} if keeps else frozenset((item_id,)))
            self.go_to(item_id)
        elif not keeps:
            self.choose(frozenset())

    def _pick(self, point: QPointF, then: Callable[[int], None]) -> None:
        """Which item is meant there: a small picture, or the nearest point."""
        found = self.map
        for card in reversed(self.picture.cards) if self.picture else ():
            if self._card(card).contains(point.toPoint()):
                then(card.item_id)
                return
        if found is not None:
            (x, y), within = self.to_plane(point), REACH / self.sight.scale
            self._ask(lambda: found.plane.nearest(x, y, within), then)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(event.position(), lambda item_id: self.opened.emit(item_id) if item_id else None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nearer and farther, about the pointer."""
        turned = event.angleDelta().y() / 120
        if turned:
            self.zoom(STEP**turned, event.position())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Everything that can be done with what is chosen; what lies under the pointer is chosen first."""
        where = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            spot = self._spots.get(self.current)
            middle = self.to_screen(*spot).toPoint() if spot is not None else self.rect().center()
            where = self.mapToGlobal(middle)
            self._offer(self.current, where)
        else:
            self._pick(QPointF(event.pos()), lambda item_id: self._offer(item_id, where))

    def _offer(self, item_id: int, where: QPoint) -> None:
        if item_id and item_id not in self.chosen:
            self.choose(frozenset((item_id,)))
        if self.chosen:
            self.menu_wanted.emit(where)

    def event(self, event: QEvent) -> bool:
        """A tool tip: what lies under the pointer."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            where, point = event.globalPos(), QPointF(event.pos())
            self._pick(point, lambda item_id: self._tell(item_id, where))
            return True
        return super().event(event)

    def _tell(self, item_id: int, where: QPoint) -> None:
        if not item_id:
            QToolTip.hideText()
            return
        library, words = self._desk.assistant.library, self._desk.words
        cards = self.picture.cards if self.picture else ()
        others = next((card.others for card in cards if card.item_id == item_id), 0)

        def show(item: Item | None) -> None:
            if item is not None and self.underMouse():
                lines = [item.title, words.kind(item.kind)]
                lines += [words.say("ui.map.under", count=others)] if others else []
                QToolTip.showText(where, short_tip("\n".join(lines)), self)

        self._ask(lambda: library.item(item_id), show)
