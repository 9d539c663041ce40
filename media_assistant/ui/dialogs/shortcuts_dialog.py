"""All keys on one sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from media_assistant.ui.widgets.plain import button, column, label, row, said
from media_assistant.ui.words import Words

SECTIONS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "anywhere",
        (
            ("Ctrl+F", "search"),
            ("/", "search"),
            ("Ctrl+O", "import"),
            ("Ctrl+Z", "undo"),
            ("Ctrl+Shift+Z", "redo"),
            ("Ctrl+,", "settings"),
            ("F1", "keys"),
            ("Esc", "back"),
            ("Ctrl+Q", "quit"),
        ),
    ),
    (
        "library",
        (
            ("Return", "open"),
            ("Space", "play"),
            ("Ctrl+A", "all"),
            ("Del", "remove"),
            ("Shift+Right", "extend"),
            ("Ctrl+Space", "toggle"),
            ("A", "accept"),
            ("R", "refuse"),
        ),
    ),
    (
        "player",
        (
            ("Space", "play"),
            ("J", "slower"),
            ("K", "pause"),
            ("L", "faster"),
            (",", "frame_back"),
            (".", "frame_on"),
            ("Left", "five_back"),
            ("Right", "five_on"),
            ("0", "jump"),
            ("P", "previous"),
            ("N", "next"),
            ("F", "full"),
        ),
    ),
)


class ShortcutsDialog(QDialog):
    """Closes with Esc; never in the way of work."""

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        words.bind(self, QDialog.setWindowTitle, "ui.keys.title")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        down = column(self, margins=(24, 20, 24, 18), gap=14)
        across = row(gap=36)
        for section, keys in SECTIONS:
            part = column(gap=6)
            part.addWidget(said(words, f"ui.keys.section.{section}", "section"))
            grid = QGridLayout()
            grid.setHorizontalSpacing(14)
            grid.setVerticalSpacing(5)
            for line, (key, what) in enumerate(keys):
                shown = label("badge")
                shown.setText(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText))
                shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
                grid.addWidget(shown, line, 0)
                grid.addWidget(said(words, f"ui.keys.{what}", "soft"), line, 1)
            part.addLayout(grid)
            part.addStretch(1)
            across.addLayout(part)
        down.addLayout(across)
        foot = row()
        foot.addStretch(1)
        foot.addWidget(button(words, "ui.close", self.close))
        down.addLayout(foot)
