"""One of two items that are compared: its picture as large as there is room, what it is, and what differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.ui.desk import Desk
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.playing import read_photo
from media_assistant.ui.widgets.plain import ShortenedLabel, column, label

if TYPE_CHECKING:
    from media_assistant.assistant import Assistant

LINES = 4
LARGEST = 1600
"""Pixels that a picture is kept at: two are looked at side by side."""


def load_compared(assistant: Assistant, item: Item, is_wanted: Callable[[], bool]) -> QImage:
    """On a thread that may hang: the photo itself, as large as it is looked at here; null where it cannot be read. See
    `read_photo`.
    """
    return read_photo(assistant, Path(item.path), LARGEST, is_wanted)


class ComparedPicture(QWidget):
    """The whole picture, fitted in; an icon of the kind where there is none."""

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._picture = QImage()
        self._kind = Kind.PHOTO
        self.setMinimumSize(80, 80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        desk.look.changed.connect(self.update)

    def show_picture(self, picture: QImage, kind: Kind) -> None:
        """Null: the icon of the kind."""
        self._picture, self._kind = picture, kind
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fitted, on the colour of a stage."""
        painter, colours = QPainter(self), self._desk.look.colours
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.hovered))
        painter.drawRoundedRect(self.rect(), 6, 6)
        if self._picture.isNull():
            icon = draw_icon(self._kind.value, colours.text_soft, 40)
            painter.drawPixmap(self.rect().center().x() - 20, self.rect().center().y() - 20, icon)
            return
        inner = self.rect().adjusted(4, 4, -4, -4)
        size = self._picture.size().scaled(inner.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(inner.center())
        painter.drawImage(place, self._picture)


class ComparedItem(QFrame):
    """A card: what it is in the group, its picture, its name and facts, and what differs, in the accent colour."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.item: Item | None = None
        self.setProperty("card", "plain")
        down = column(self, margins=(12, 10, 12, 10), gap=5)
        self.role = label("section")
        self.picture = ComparedPicture(desk)
        # Names of copies differ at their ends, and so do their places.
        self.title = ShortenedLabel("strong", in_the_middle=True)
        self.facts = ShortenedLabel("soft")
        self.path = ShortenedLabel("small", in_the_middle=True)
        self.differences = label("strong", wraps=True)
        self.differences.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        # Both cards have room for as many lines, so that their pictures stand at the same height.
        self.differences.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.differences.setMinimumHeight(LINES * self.differences.fontMetrics().lineSpacing())
        down.addWidget(self.role)
        down.addWidget(self.picture, 1)
        for widget in (self.title, self.facts, self.path, self.differences):
            down.addWidget(widget)

    def show_item(self, item: Item, role: str, differences: Sequence[str]) -> None:
        """Its words at once; the picture follows with `show_picture`."""
        words, is_same = self._desk.words, self.item is not None and self.item.id == item.id
        self.item = item
        title = " ".join(item.title.split())
        self.role.setText(role)
        self.title.setText(title)
        self.facts.setText(words.say("ui.list_separator").join((words.facts(item), words.size(item.size_bytes))))
        self.path.setText(item.path)
        self.differences.setText("\n".join(differences))
        self.setAccessibleName(role)
        self.picture.setAccessibleName(title)
        self.setAccessibleDescription(words.say("ui.list_separator").join((title, *differences)))
        if not is_same:
            self.picture.show_picture(QImage(), item.kind)
