"""What has to be true wherever a person goes: texts are whole, in their language, every control has a name, and no view
leaves anything behind when it is left.
"""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from media_assistant import sentences
from media_assistant.items.kind import Kind
from media_assistant.ui.panels.registry import PAGES
from media_assistant.ui.places import Place
from media_assistant.ui.screenshots import LANGUAGES, SIZES, let_pass, views
from media_assistant.ui.startup.running import Running

Opener = Callable[..., Running]
SLACK = 2
"""Pixels by which a text may be wider than its place before its last letter is touched."""


@pytest.fixture
def filled(open_window: Opener, qtbot: QtBot, samples: Path) -> Callable[..., Running]:
    """A window on the samples, not analysed: what depends on findings has tests of its own."""

    def open_filled(*, language: str, size: tuple[int, int] = (1280, 800)) -> Running:
        running = open_window(language=language, size=size, works=False)
        arrived = running.assistant.import_paths([samples], analyse=False)
        qtbot.waitUntil(arrived.done, timeout=30_000)
        qtbot.waitUntil(lambda: running.window.library.items.rowCount() > 5, timeout=10_000)
        return running

    return open_filled


def _shown(window: QWidget) -> Iterator[QWidget]:
    for widget in window.findChildren(QWidget):
        if widget.isVisibleTo(window) and widget.width() > 0 and widget.height() > 0:
            yield widget


def _texts(widget: QWidget) -> list[str]:
    found = [widget.toolTip(), widget.accessibleName()]
    if isinstance(widget, (QLabel, QAbstractButton)):
        found.append(widget.text())
    elif isinstance(widget, QComboBox):
        found += [widget.itemText(at) for at in range(widget.count())]
    elif isinstance(widget, (QLineEdit, QPlainTextEdit)):
        found.append(widget.placeholderText())
    return [text for text in found if text]


def _cut(widget: QWidget) -> str:
    """The text that does not fit, if one does not. A text whose whole is its tool tip is meant to be cut."""
    if isinstance(widget, QLabel) and widget.text() and widget.pixmap().isNull():
        if widget.wordWrap():
            return widget.text() if widget.heightForWidth(widget.width()) > widget.height() + SLACK else ""
        room, needed = widget.contentsRect().width(), widget.fontMetrics().horizontalAdvance(widget.text())
        return widget.text() if needed > room + SLACK and widget.text() not in widget.toolTip() else ""
    if isinstance(widget, QToolButton) and widget.icon().isNull() is False:
        return ""
    if isinstance(widget, (QAbstractButton, QComboBox)):
        text = widget.text() if isinstance(widget, QAbstractButton) else widget.currentText()
        return text if text and widget.minimumSizeHint().width() > widget.width() + SLACK else ""
    if isinstance(widget, QLineEdit) and widget.placeholderText() and not widget.text():
        needed = widget.fontMetrics().horizontalAdvance(widget.placeholderText())
        return widget.placeholderText() if needed > widget.width() else ""
    return ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_whole_and_in_their_language_and_controls_have_names(
    filled: Callable[..., Running], language: str
) -> None:
    running = filled(language=language, size=SIZES[-1])
    other = sentences.load_sentences("en" if language != "en" else "zh_CN")
    mine = set(sentences.load_sentences(language).values())
    strange = {text for text in other.values() if "{" not in text and re.search(r"\w\w", text)} - mine
    keys = re.compile(r"^(ui|error|workflows|library|jobs|media|inference)\.[a-z_]+(\.[a-z_]+)+$")
    wrong: set[tuple[str, str, str]] = set()
    for view in views(running, "lighthouse"):
        # A text that has just come has its room by now.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        for widget in _shown(running.window):
            texts = _texts(widget)
            if cut := _cut(widget):
                wrong.add((view, "is cut off", cut))
            wrong |= {(view, "is in the other language", text) for text in texts if text in strange}
            wrong |= {(view, "is a key", text) for text in texts if keys.match(text)}
            if not texts and _needs_name(widget):
                wrong.add((view, "has no name", f"{type(widget.parentWidget()).__name__} > {type(widget).__name__}"))
    assert not wrong


def _needs_name(widget: QWidget) -> bool:
    """Whether a person acts on it; the inside of a control goes by the control's name."""
    inner = widget.parentWidget()
    is_part = isinstance(inner, (QAbstractSpinBox, QComboBox, QLineEdit)) or isinstance(widget, QScrollBar)
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QAbstractSlider, QAbstractSpinBox)
    return isinstance(widget, kinds) and not is_part


def _settle() -> None:
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()
    gc.collect()


def test_going_everywhere_fifty_times_leaves_nothing_behind(filled: Callable[..., Running]) -> None:
    running = filled(language="en")
    window = running.window
    ids = {kind: running.assistant.library.item_ids(kind=kind)[0] for kind in Kind}

    def go_round() -> None:
        for page in PAGES:
            window.go(Place(page))
            QApplication.processEvents()
        window.go(Place())
        for item_id in ids.values():
            window.library.grid.go_to(max(0, window.library.items.row_of(item_id)))
            QApplication.processEvents()
            window.open_item(item_id)
            QApplication.processEvents()
            window.close_item()

    def count() -> Counter[str]:
        _settle()
        return Counter(type(widget).__name__ for widget in QApplication.allWidgets())

    def count_at_rest() -> Counter[str]:
        """Once what was asked for is there: three looks that see the same, or the last of many."""
        seen = [count()]
        while len(seen) < 20 and not (len(seen) > 2 and seen[-1] == seen[-2] == seen[-3]):
            let_pass(200)
            seen.append(count())
        return seen[-1]

    for _ in range(3):
        go_round()
    before = count_at_rest()
    for _ in range(50):
        go_round()
    grown = {name: (before[name], now) for name, now in count_at_rest().items() if now > before[name] + 2}
    assert not grown
