"""The large view of a sound."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from media_assistant.items.item import Facts, Item
from media_assistant.items.kind import Kind
from media_assistant.ui.theme import Look
from media_assistant.ui.widgets.audio_view import AudioView
from media_assistant.ui.words import Words


def test_while_it_plays_only_bars_of_the_wave_are_painted_and_it_looks_as_if_all_were(
    qtbot: QtBot, qapp: QApplication
) -> None:
    view = AudioView(Look(qapp, "dark"), Words("en"))
    qtbot.addWidget(view)
    view.resize(640, 400)
    cover = QImage(90, 60, QImage.Format.Format_RGB32)
    cover.fill(QColor("teal"))
    view.show_item(Item(1, Kind.MUSIC, "/a", "A song " * 40, 1, "", Facts(duration_ms=60_000)), cover)
    view.show_peaks(bytes(range(256)) * 4)
    with qtbot.waitExposed(view):
        view.show()
    painted = []

    def seen() -> QImage:
        QCoreApplication.sendPostedEvents(view, QEvent.Type.UpdateRequest)
        return view.screen().grabWindow(view.winId()).toImage()

    def paint_cover(*_: object) -> None:
        painted.append(view)

    seen()
    view._paint_cover = paint_cover  # type: ignore[method-assign]
    for ms in (500, 1000, 31_000, 30_000, 60_000, 0):
        view.show_position(ms)
        moved = seen()
        assert not painted, "the cover stays where it is"
        del view._paint_cover  # type: ignore[attr-defined]
        view.repaint()
        assert moved.size() == view.size()
        assert moved == view.screen().grabWindow(view.winId()).toImage(), ms
        view._paint_cover = paint_cover  # type: ignore[method-assign]
