"""A sound, large: its cover, what it is called, and how loud it is over time, with the part that was heard in colour."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QFont, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from media_assistant.items.clock import clock
from media_assistant.items.item import Item
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.words import Words

EDGE = 28
BAR, GAP = 3, 2
WAVE_SHARE = 0.34
"""How much of the height the loudness takes."""


class AudioView(QWidget):
    """Signals: `clicked()` on the cover; `sought(int)` where the person pointed into the wave, in ms."""

    accessible_role = QAccessible.Role.Graphic
    clicked = Signal()
    sought = Signal(int)

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__()
        self._look = look
        self._words = words
        self._cover = QImage()
        self._title = ""
        self._from = ""
        self._peaks = b""
        self._duration_ms = 0
        self._position_ms = 0
        self.note = ""
        """Why it does not play, in words."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 68)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # What lies behind it need not be painted.
        words.bind(self, AudioView.setAccessibleName, "ui.audio.name")
        look.changed.connect(self.update)

    def show_item(self, item: Item, cover: QImage) -> None:
        """What is played, called as it is everywhere, what the file says of itself, and the picture that stands for it."""
        tags = item.facts.tags
        self._title = " ".join(item.title.split())
        separator = self._words.say("ui.list_separator")
        told = (" ".join(part.split()) for part in (tags.title, tags.artist, tags.album, tags.date))
        self._from = separator.join(part for part in told if part and part != self._title)
        self._cover, self._duration_ms, self.note = cover, item.facts.duration_ms, ""
        self.setAccessibleDescription(f"{self._title}{separator}{self._from}" if self._from else self._title)
        self.update()

    def value_text(self) -> str:
        """Why it does not play; else where it is."""
        return self.note or (clock(self._position_ms) if self._duration_ms else "")

    def show_peaks(self, peaks: bytes) -> None:
        """A byte for each of equal stretches; empty until they are known."""
        self._peaks = peaks
        self.update()

    def show_position(self, ms: int) -> None:
        """Where it is."""
        before, self._position_ms = self._column(self._position_ms), ms
        now = self._column(ms)
        if now != before:
            wave, step = self.wave_rect(), BAR + GAP
            first, last = sorted((before, now))
            self.update(wave.left() + first * step - 1, wave.top(), (last - first) * step + 2, wave.height())

    def show_note(self, text: str) -> None:
        """Say why it does not play."""
        self.note = text
        self.update()

    def wave_rect(self) -> QRect:
        """Where the loudness is drawn."""
        high = round(self.height() * WAVE_SHARE)
        return QRect(EDGE, self.height() - high - EDGE // 2, max(1, self.width() - 2 * EDGE), high)

    def cover_rect(self) -> QRect:
        """Where the cover is: a square above the wave, at the left."""
        side = max(40, min(self.wave_rect().top() - EDGE - 14, self.width() // 2 - EDGE))
        return QRect(EDGE, EDGE, side, side)

    def _column(self, ms: int) -> int:
        columns = max(1, self.wave_rect().width() // (BAR + GAP))
        return min(columns, ms * columns // self._duration_ms) if self._duration_ms else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cover, names, wave. While it plays, what is asked for are a few bars of the wave, and no more is painted."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(event.rect(), QColor(self._look.colours.ground))
        if event.rect().top() < self.wave_rect().top():
            cover = self.cover_rect()
            self._paint_cover(painter, cover)
            self._paint_names(painter, cover)
        self._paint_wave(painter, event.rect())
        painter.end()

    def _paint_cover(self, painter: QPainter, cover: QRect) -> None:
        colours = self._look.colours
        if self._cover.isNull():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.card))
            painter.drawRoundedRect(cover, 10, 10)
            painter.drawPixmap(
                cover.center().x() - 28, cover.center().y() - 28, draw_icon("music", colours.text_faint, 56)
            )
        else:
            size = self._cover.size().scaled(cover.size(), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRect(cover.topLeft(), size)
            where.moveCenter(cover.center())
            painter.drawImage(where, self._cover)

    def _paint_names(self, painter: QPainter, cover: QRect) -> None:
        colours = self._look.colours
        room = QRect(cover.right() + 24, cover.top(), self.width() - cover.right() - 24 - EDGE, cover.height())
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        top = room.top()
        for text, pixels, colour, weight in (
            (self._title, 22, colours.text, QFont.Weight.DemiBold),
            (self._from, 14, colours.text_soft, QFont.Weight.Normal),
            (self.note, 14, colours.text, QFont.Weight.Normal),
        ):
            if not text:
                continue
            font = QFont(self.font())
            font.setPixelSize(pixels)
            font.setWeight(weight)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            left = QRect(room.left(), top, room.width(), max(0, room.bottom() - top))
            used = painter.boundingRect(left, flags, text[:400])
            painter.drawText(left, flags, text[:400])
            top = used.bottom() + 10

    def _paint_wave(self, painter: QPainter, within: QRect) -> None:
        rect, colours, step = self.wave_rect(), self._look.colours, BAR + GAP
        middle = rect.center().y() + 0.5
        columns = max(1, rect.width() // step)
        first = max(0, (within.left() - rect.left()) // step)
        last = min(columns, (within.right() - rect.left()) // step + 1)
        heard = min(max(first, self._column(self._position_ms)), last)
        for colour, stretch in ((colours.heard, range(first, heard)), (colours.text_faint, range(heard, last))):
            pen = QPen(QColor(colour), BAR)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            for column in stretch:
                start = column * len(self._peaks) // columns
                end = max(start + 1, (column + 1) * len(self._peaks) // columns)
                value = max(self._peaks[start:end], default=0) / 255
                half = max(1.0, value * (rect.height() / 2 - 2))
                x = rect.left() + column * step + BAR / 2
                painter.drawLine(QPointF(x, middle - half), QPointF(x, middle + half))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """In the wave: go there. Elsewhere: play or pause."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self.wave_rect().contains(event.position().toPoint()):
            self._go_to(event.position().x())
        else:
            self.clicked.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the place."""
        if event.buttons() & Qt.MouseButton.LeftButton and self.wave_rect().contains(event.position().toPoint()):
            self._go_to(event.position().x())

    def _go_to(self, x: float) -> None:
        rect = self.wave_rect()
        if self._duration_ms:
            self.sought.emit(round(min(1.0, max(0.0, (x - rect.left()) / rect.width())) * self._duration_ms))

    def changeEvent(self, event: QEvent) -> None:
        """Another font or direction."""
        super().changeEvent(event)
        self.update()
