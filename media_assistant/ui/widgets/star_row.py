"""Five stars for what is chosen: shown, given and taken back by mouse and by keyboard."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSlider, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.look.theme import Look
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.plain import label, row, said
from media_assistant.ui.words import Words

MOST = 5
MANY = 1000
"""Of more items than this, what models find is no occasion to look for stars: only a person gives any."""
RENEWS_MS = 120
_SIZE = 22


class Stars(QSlider):
    """A slider of five stars, for a screen reader too. Signals: `chosen(int)` when a person gave so many, 0 to take them back.

    Arrows and digits choose, and so does a click; a click on the last lit star takes all of them back.
    """

    chosen = Signal(int)

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._look = look
        self._words = words
        self._hovered = 0
        self._is_mixed = False
        self.setRange(0, MOST)
        self.setPageStep(1)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(self.sizeHint())
        words.bind(self, Stars.setAccessibleName, "ui.stars.name")
        words.changed.connect(self._speak)
        look.changed.connect(self.update)
        self._speak()

    def sizeHint(self) -> QSize:
        """Five stars in a row."""
        return QSize(MOST * _SIZE + 4, _SIZE + 4)

    def show_stars(self, stars: int, *, is_mixed: bool = False) -> None:
        """So many are lit. `is_mixed`: of several items each has its own number."""
        self._is_mixed = is_mixed
        self.setValue(0 if is_mixed else stars)
        self._speak()
        self.update()

    def _speak(self) -> None:
        code = "ui.stars.mixed" if self._is_mixed else "ui.stars.none" if not self.value() else "ui.stars.some"
        text = self._words.say(code, count=self.value())
        self.setAccessibleDescription(text)
        self.setToolTip(plain_tip(self._words.say("ui.stars.tip", now=text)))

    def _choose(self, stars: int) -> None:
        if stars != self.value() or (self._is_mixed and stars):
            self.chosen.emit(stars)

    def _star_at(self, x: float) -> int:
        at = x - 2 if self.layoutDirection() is Qt.LayoutDirection.LeftToRight else self.width() - 2 - x
        return max(1, min(MOST, int(at // _SIZE) + 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """So many as lie before the mouse."""
        if event.button() is Qt.MouseButton.LeftButton:
            star = self._star_at(event.position().x())
            self._choose(0 if star == self.value() and not self._is_mixed else star)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Those that a click would give are shown."""
        self._hovered = self._star_at(event.position().x())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing is dragged here."""
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Who scrolls what lies around gives no stars."""
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """As they are again."""
        self._hovered = 0
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows one more or less, Home none, End all, a digit so many."""
        key, now = event.key(), self.value()
        onward = Qt.Key.Key_Right if self.layoutDirection() is Qt.LayoutDirection.LeftToRight else Qt.Key.Key_Left
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: -1, Qt.Key.Key_Left: -1, onward: 1}
        if key in steps:
            self._choose(max(0, min(MOST, now + steps[Qt.Key(key)])))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._choose(0)
        elif key == Qt.Key.Key_End:
            self._choose(MOST)
        elif Qt.Key.Key_0 <= key <= Qt.Key.Key_5 and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._choose(key - Qt.Key.Key_0)
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Lit ones are filled."""
        colours = self._look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QColor(colours.focus))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)
        lit = self._hovered or self.value()
        for at in range(MOST):
            place = at if self.layoutDirection() is Qt.LayoutDirection.LeftToRight else MOST - 1 - at
            middle = QPointF(2 + (place + 0.5) * _SIZE, self.height() / 2)
            painter.setPen(QColor(colours.said if at < lit else colours.text_faint))
            painter.setBrush(QColor(colours.said) if at < lit else Qt.BrushStyle.NoBrush)
            painter.drawPolygon(_star(middle, 8.0))


def _star(middle: QPointF, radius: float) -> QPolygonF:
    """Five points, the first on top."""
    corners = []
    for at in range(10):
        angle, reach = math.pi * (at / 5 - 0.5), radius if at % 2 == 0 else radius * 0.42
        corners.append(QPointF(middle.x() + reach * math.cos(angle), middle.y() + reach * math.sin(angle)))
    return QPolygonF(corners)


class StarRow(QWidget):
    """The stars of one item or of several, kept as the library has them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._item_ids: frozenset[int] = frozenset()
        self._is_stale = False
        """Whether something was done while nobody saw them."""
        self._reading = Rereading(desk, self, self._question, self._take, gathers_ms=RENEWS_MS)
        across = row(self, gap=6)
        self.stars = Stars(desk.look, desk.words)
        self.stars.chosen.connect(self._rate)
        self.mixed = said(desk.words, "ui.stars.mixed", "faint")
        across.addWidget(self.stars)
        across.addWidget(self.mixed)
        across.addWidget(label(), 1)
        self.mixed.hide()
        desk.events.changed.connect(self._library_changed)

    def show_items(self, item_ids: Sequence[int]) -> None:
        """The stars of these."""
        self._item_ids = frozenset(item_ids)
        self._reading.drop()
        self._reading.now()

    def showEvent(self, event: QShowEvent) -> None:
        """What was done meanwhile is there."""
        super().showEvent(event)
        if self._is_stale:
            self._reading.now()

    def _question(self) -> Callable[[], set[int]]:
        self._is_stale = False
        ids, library = self._item_ids, self._desk.assistant.library

        def ask() -> set[int]:
            found = library.ratings(list(ids))
            return {found.get(item_id, 0) for item_id in ids}

        return ask

    def _take(self, given: set[int]) -> None:
        self.stars.show_stars(next(iter(given), 0), is_mixed=len(given) > 1)
        self.mixed.setVisible(len(given) > 1)

    def _rate(self, stars: int) -> None:
        rate(self._desk, item_ids=sorted(self._item_ids), stars=stars, owner=self)

    def _library_changed(self, changes: LibraryChanges) -> None:
        if self._item_ids.isdisjoint(changes.changed) and self._item_ids.isdisjoint(changes.moments):
            return
        if not self.isVisible():
            self._is_stale = True
        elif changes.journal:
            self._reading.now()
        elif len(self._item_ids) <= MANY:
            self._reading.want()


def rate(desk: Desk, *, item_ids: Sequence[int], stars: int, owner: QWidget) -> None:
    """Give so many stars to items, or with 0 take them back; said in passing, with an Undo."""
    if not item_ids:
        return

    def done(changes: LibraryChanges) -> None:
        if not changes.step:
            return
        code = "ui.stars.given" if stars else "ui.stars.taken"
        items = desk.words.say("ui.search.items", count=len(item_ids))
        desk.tell(code, count=stars, items=items, undo=actions.undoing(desk, owner=owner, step=changes.step))

    desk.bridge.when_done(desk.assistant.rate(list(item_ids), stars or None), done, owner=owner)


def star_verbs(desk: Desk, chosen: Callable[[], Sequence[int]], owner: QWidget) -> dict[str, Callable[[], object]]:
    """What keys of the whole window do: so many stars for whatever a verb means."""
    return {f"rate_{stars}": partial(_rate_chosen, desk, chosen, owner, stars) for stars in range(MOST + 1)}


def _rate_chosen(desk: Desk, chosen: Callable[[], Sequence[int]], owner: QWidget, stars: int) -> None:
    rate(desk, item_ids=chosen(), stars=stars, owner=owner)
