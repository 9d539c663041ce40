"""The large view of a sound."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from media_assistant.items.item import Facts, FileTags, Item
from media_assistant.items.kind import Kind
from media_assistant.ui.look.colours import contrast
from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.player.audio_view import BAR, GAP, AudioView
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


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_what_was_not_heard_yet_stands_out_and_it_is_called_as_everywhere(
    qtbot: QtBot, qapp: QApplication, theme: str
) -> None:
    look = Look(qapp, theme)
    view = AudioView(look, Words("en"))
    qtbot.addWidget(view)
    view.resize(640, 400)
    tags = FileTags(title="Waves on a beach", artist="Somebody")
    view.show_item(Item(1, Kind.MUSIC, "/waves.ogg", "waves", 1, "", Facts(duration_ms=60_000, tags=tags)), QImage())
    view.show_peaks(b"\xff" * 100)
    assert view.accessibleDescription().split(", ") == ["waves", "Waves on a beach", "Somebody"]
    wave = view.wave_rect()
    seen = view.grab().toImage().pixelColor(wave.left() + (BAR + GAP) * 20 + 1, wave.center().y()).name()
    assert contrast(seen, look.colours.ground) >= 3
    view.show_item(Item(1, Kind.MUSIC, "/waves.ogg", "waves", 1, "", Facts(tags=FileTags(title="waves"))), QImage())
    assert view.accessibleDescription() == "waves"
