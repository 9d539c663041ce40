"""The head of a part of the sidebar: its name, which folds it away, and what can be done there."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QScrollArea, QToolButton, QWidget

from media_assistant.ui.look.icons import make_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.plain import row
from media_assistant.ui.words import Words


class SideHead(QWidget):
    """Signals: `folded(bool)` when the part is to be folded away or shown."""

    folded = Signal(bool)

    def __init__(self, words: Words, look: Look, code: str, *buttons: QWidget) -> None:
        super().__init__()
        self._look = look
        self.title = QToolButton()
        self.title.setProperty("role", "section")
        self.title.setCheckable(True)
        self.title.setChecked(True)
        self.title.setIconSize(QSize(12, 12))
        self.title.setMinimumWidth(40)  # so that a narrow sidebar cuts a word, not the counts
        self.title.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.title.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        words.bind(self.title, QToolButton.setText, code)
        words.bind(self.title, QToolButton.setAccessibleName, code)
        self.title.toggled.connect(self._fold)
        line = row(self, margins=(0, 8, 0, 0), gap=0)
        line.addWidget(self.title)
        line.addStretch(1)
        for button in buttons:
            line.addWidget(button)
        look.changed.connect(self._dress)
        self._dress()

    def _fold(self, is_open: bool) -> None:
        self._dress()
        self.folded.emit(not is_open)

    def _dress(self) -> None:
        icon = "down" if self.title.isChecked() else "right"
        self.title.setIcon(make_icon(icon, self._look.colours.text_faint))


class ScrolledPart(QScrollArea):
    """The parts of the sidebar that may be long, scrolled together. The row that the keyboard is on stays in sight."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "side")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = inside
        self.setWidget(inside)
        for view in inside.findChildren(QAbstractItemView):
            view.selectionModel().currentChanged.connect(lambda index, _before, view=view: self._follow(view, index))

    def _follow(self, view: QAbstractItemView, index: QModelIndex) -> None:
        if view.hasFocus() and index.isValid():
            middle = view.viewport().mapTo(self._inside, view.visualRect(index).center())
            self.ensureVisible(middle.x(), middle.y(), 0, 32)
