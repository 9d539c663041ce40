"""Where a film, a photo or a cover is painted: the player's newest frame, or a still until one comes."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFont,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.playback.playback import Playback

SUBTITLE_SHARES = {"small": 30, "medium": 22, "large": 15}
"""How many lines of subtitles would fill the picture from top to bottom."""
SMALLEST_PIXELS, LARGEST_PIXELS = 11, 96


class VideoSurface(QWidget):
    """Signals: `clicked()`, `opened()` on a double click."""

    accessible_role = QAccessible.Role.Graphic
    clicked = Signal()
    opened = Signal()

    def __init__(self, playback: Playback, look: Look, *, goes_on: bool = True) -> None:
        """With `goes_on` it shows at once where the player is, whoever painted that before."""
        super().__init__()
        self._playback = playback
        self._goes_on = goes_on
        self._look = look
        self._still = QImage()
        self._small_still = QImage()
        """The still as small as it was painted last."""
        self._frame = QImage()
        self._subtitle_size = "medium"
        self.subtitle = ""
        """Words of now, drawn over the lower edge."""
        self.note = ""
        """Why there is no picture, in words."""
        self.stands_for = ""
        """The icon that is shown while there is no picture at all."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 68)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        playback.framed.connect(self._take_frame)
        playback.loaded.connect(self._forget_frame)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Sixteen to nine."""
        return QSize(320, 180)

    def show_still(self, still: QImage) -> None:
        """What is seen while nothing plays."""
        self._still, self._small_still = still, QImage()
        self.update()

    def value_text(self) -> str:
        """What is written over the picture now."""
        return self.note or (self.subtitle if self._subtitle_size != "off" else "")

    def show_subtitle(self, text: str) -> None:
        """Words of now; empty for none."""
        if text != self.subtitle:
            self.subtitle = text
            self.update()

    def show_subtitle_size(self, size: str) -> None:
        """One of SUBTITLE_SHARES, or `off`."""
        self._subtitle_size = size
        self.update()

    def show_note(self, text: str) -> None:
        """Say over the picture why it does not move."""
        self.note = text
        self.update()

    @property
    def frame(self) -> QImage:
        """The newest picture of the film; null before the first."""
        return self._frame

    def _take_frame(self, frame: QImage) -> None:
        if self.isVisible():
            self._frame = frame
            self.note = ""
            self.update()

    def _forget_frame(self) -> None:
        self._frame = QImage()
        self.note = ""
        self.subtitle = ""
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures that are made for us need be no larger than this."""
        super().resizeEvent(event)
        self._tell_size()

    def showEvent(self, event: QShowEvent) -> None:
        """Now it is this widget that pictures are made for; the last of them was made for another one, maybe."""
        super().showEvent(event)
        if self._goes_on:
            self._frame = self._playback.frame
        self._tell_size()

    def _tell_size(self) -> None:
        if self.isVisible():
            ratio = self.devicePixelRatioF()
            self._playback.fit(round(self.width() * ratio), round(self.height() * ratio))

    def picture_rect(self) -> QRect:
        """Where the picture is inside the widget."""
        picture = self._still if self._frame.isNull() else self._frame
        size = (picture.size() if not picture.isNull() else QSize(16, 9)).scaled(
            self.size(), Qt.AspectRatioMode.KeepAspectRatio
        )
        where = QRect(0, 0, size.width(), size.height())
        where.moveCenter(self.rect().center())
        return where

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, picture, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._look.colours.stage))
        picture = self._still if self._frame.isNull() else self._frame
        if not picture.isNull():
            where = self.picture_rect()
            painter.drawImage(where, self._small(where.size()) if self._frame.isNull() else picture)
        elif self.stands_for:
            middle = self.rect().center()
            painter.drawPixmap(middle.x() - 22, middle.y() - 22, draw_icon(self.stands_for, "#949cab", 44))
        if self.note:
            self._paint_words(painter, self.note, self.rect().center().y() + 14, 14)
        elif self.subtitle and self._subtitle_size != "off":
            self._paint_words(painter, self.subtitle, self.picture_rect().bottom() - 16, self._subtitle_pixels())
        painter.end()

    def _small(self, size: QSize) -> QImage:
        """The still, smoothly made smaller where it is much too large: a painter would leave out pixels, and words be torn."""
        wanted = size * self.devicePixelRatioF()
        if self._still.width() < 1.5 * wanted.width():
            return self._still
        if self._small_still.size() != wanted:
            self._small_still = self._still.scaled(
                wanted, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        return self._small_still

    def _subtitle_pixels(self) -> int:
        share = SUBTITLE_SHARES.get(self._subtitle_size, SUBTITLE_SHARES["medium"])
        return max(SMALLEST_PIXELS, min(LARGEST_PIXELS, self.picture_rect().height() // share))

    def _paint_words(self, painter: QPainter, text: str, bottom: int, pixels: int) -> None:
        font = QFont(self.font())
        font.setPixelSize(pixels)
        painter.setFont(font)
        widest = max(40, self.picture_rect().width() - 48)
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom) | int(Qt.TextFlag.TextWordWrap)
        box = painter.boundingRect(QRect(0, 0, widest, 400), flags, text)
        box.moveBottom(bottom)
        box.moveLeft((self.width() - box.width()) // 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(8, 9, 11, 200))
        painter.drawRoundedRect(QRectF(box).adjusted(-11, -5, 11, 5), 5, 5)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(box, flags, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click plays or pauses."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Twice opens it large, or fills the screen; what the first click did to playing is taken back."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()
        self.opened.emit()
