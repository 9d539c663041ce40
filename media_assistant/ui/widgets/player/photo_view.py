"""A photo, fitted or as large as it is: wheel and + − zoom, drag moves, a double click changes between the two."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from media_assistant.items.span import Box
from media_assistant.ui.look.theme import Look
from media_assistant.ui.words import Words

STEP = 1.25
LARGEST = 8.0
ENLARGED = 2.0
"""How far a small picture is enlarged to fit."""


class PhotoView(QWidget):
    """Shows one picture. `scale` is screen pixels per picture pixel; None fits it."""

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__()
        self._look = look
        self._words = words
        self._picture = QPixmap()
        self._scale: float | None = None
        self._middle = QPointF(0.5, 0.5)
        self._dragged: QPoint | None = None
        self._box: Box | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        words.bind(self, PhotoView.setAccessibleName, "ui.photo.name")
        look.changed.connect(self.update)

    def show_picture(self, image: QImage, *, is_same: bool = False) -> None:
        """Show a picture. `is_same`: more of the one that is shown, whose zoom and whose marked region stay."""
        self._picture = QPixmap.fromImage(image)
        if not is_same:
            self._box = None
            self.fit()
        self.update()

    def mark(self, box: Box | None) -> None:
        """Mark a region, or none."""
        self._box = box
        self.update()

    @property
    def is_fitted(self) -> bool:
        """Whether all of it is seen."""
        return self._scale is None

    @property
    def scale(self) -> float:
        """Screen pixels per picture pixel."""
        if self._scale is not None:
            return self._scale
        if self._picture.isNull():
            return 1.0
        return min(ENLARGED, self.width() / self._picture.width(), self.height() / self._picture.height())

    def value_text(self) -> str:
        """How large it is shown; empty without a picture."""
        if self._picture.isNull():
            return ""
        percent = self._words.number(round(100 * self.scale))
        return self._words.say("ui.photo.fitted" if self.is_fitted else "ui.photo.scale", percent=percent)

    def fit(self) -> None:
        """All of it."""
        self._scale, self._middle = None, QPointF(0.5, 0.5)
        self.update()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Larger or smaller around a point."""
        if self._picture.isNull():
            return
        before = self._rect()
        at = at or QPointF(self.rect().center())
        kept = QPointF((at.x() - before.left()) / before.width(), (at.y() - before.top()) / before.height())
        self._scale = min(LARGEST, max(0.02, self.scale * factor))
        width, height = self._picture.width() * self._scale, self._picture.height() * self._scale
        self._middle = QPointF(
            kept.x() + (self.width() / 2 - at.x()) / width, kept.y() + (self.height() / 2 - at.y()) / height
        )
        self._hold()
        self.update()

    def _rect(self) -> QRectF:
        width, height = self._picture.width() * self.scale, self._picture.height() * self.scale
        return QRectF(
            self.width() / 2 - self._middle.x() * width, self.height() / 2 - self._middle.y() * height, width, height
        )

    def _hold(self) -> None:
        """Never lose the picture over the edge; a small one stays in the middle."""
        width, height = self._picture.width() * self.scale, self._picture.height() * self.scale
        for size, room, get, put in (
            (width, self.width(), self._middle.x, self._middle.setX),
            (height, self.height(), self._middle.y, self._middle.setY),
        ):
            half = room / 2 / size if size else 0.5
            put(0.5 if size <= room else min(1 - half, max(half, get())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay inside."""
        super().resizeEvent(event)
        self._hold()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, picture, mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.scale < 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._look.colours.stage))
        if not self._picture.isNull():
            where = self._rect()
            painter.drawPixmap(where, self._picture, QRectF(self._picture.rect()))
            if self._box is not None:
                box = self._box
                painter.setPen(QColor(self._look.colours.focus))
                painter.drawRoundedRect(
                    QRectF(
                        where.left() + box.left * where.width(),
                        where.top() + box.top * where.height(),
                        box.width * where.width(),
                        box.height * where.height(),
                    ).adjusted(-3, -3, 3, 3),
                    3,
                    3,
                )
        if self.hasFocus():
            painter.setPen(QColor(self._look.colours.focus))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the mouse is."""
        self.zoom(STEP if event.angleDelta().y() > 0 else 1 / STEP, event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        self._dragged = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture."""
        if self._dragged is not None and not self._picture.isNull():
            step = event.position().toPoint() - self._dragged
            self._dragged = event.position().toPoint()
            width, height = self._picture.width() * self.scale, self._picture.height() * self.scale
            self._middle -= QPointF(step.x() / width, step.y() / height)
            self._hold()
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._dragged = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fitted, or pixel for pixel."""
        if self.is_fitted:
            self.zoom(1.0 / self.scale, event.position())
        else:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+ and − zoom, 0 fits."""
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(STEP)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(1 / STEP)
        elif event.key() == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)
