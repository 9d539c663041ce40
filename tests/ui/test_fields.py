"""Fields take words; files that are let go over one are brought in by the window, and are never moved."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from media_assistant.ui.widgets.fields import LineField, TextField

UI = Path(__file__).resolve().parents[2] / "media_assistant" / "ui"
BARE = re.compile(r"\b(QLineEdit|QPlainTextEdit|QTextEdit)\(|\((QLineEdit|QPlainTextEdit|QTextEdit)\):")
MAY = {"fields.py", "about_panel.py"}
"""The second for a field that is only read."""


def takes(target: QWidget, address: str) -> bool:
    carried = QMimeData()
    carried.setText("words of it")
    if address:
        carried.setUrls([QUrl(address)])
    ways = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    keys = Qt.KeyboardModifier.ShiftModifier
    enter = QDragEnterEvent(QPoint(5, 5), ways, carried, Qt.MouseButton.LeftButton, keys)
    QApplication.sendEvent(target, enter)
    return enter.isAccepted()


@pytest.mark.parametrize("make", [LineField, TextField])
def test_words_and_links_are_taken_and_files_go_on_to_the_window(
    qtbot: QtBot, make: type[LineField | TextField]
) -> None:
    field = make()
    qtbot.addWidget(field)
    target = field.viewport() if isinstance(field, TextField) else field
    assert takes(target, "") and takes(target, "https://example.org/a")
    assert not takes(target, "file:///films/a.mp4")


def test_every_field_is_one_of_them() -> None:
    bare = [
        f"{file.name}: {line.strip()}"
        for file in UI.rglob("*.py")
        if file.name not in MAY
        for line in file.read_text("utf-8").splitlines()
        if BARE.search(line)
    ]
    assert not bare
