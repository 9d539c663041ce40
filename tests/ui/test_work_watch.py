"""Long work: the computer stays awake, the title tells how far it is, the end is told; the window stays on a screen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from media_assistant.items.answers import QueueProgress
from media_assistant.jobs.awake import StayAwake
from media_assistant.ui import actions
from media_assistant.ui.screens import fitted
from media_assistant.ui.startup.running import Running
from media_assistant.ui.taskbar import entry
from media_assistant.ui.work_watch import WorkWatch

Opener = Callable[..., Running]
ONE, TWO = QRect(0, 0, 1920, 1040), QRect(1920, 0, 2560, 1400)
SMALLEST = (720, 480)


def watch_of(running: Running, tmp_path: Path) -> tuple[WorkWatch, list[float]]:
    holder = tmp_path / "systemd-inhibit"
    holder.write_text("#!/bin/sh\nexec /bin/cat\n")
    holder.chmod(0o755)
    now = [0.0]
    awake = StayAwake("linux", {"PATH": str(tmp_path)})
    return WorkWatch(running.desk, running.window, clock=lambda: now[0], awake=awake, settled_ms=0), now


def test_awake_and_in_the_title_while_it_works_and_told_at_the_end(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    running = open_window(works=False)
    watch, now = watch_of(running, tmp_path)
    window = running.window
    watch.take(QueueProgress(done=10, total=40))
    qtbot.waitUntil(lambda: watch.is_settled)
    assert watch.awake.is_held
    assert window.windowTitle() == "25% – Media Assistant"
    actions.keep_settings(running.desk, owner=window, stays_awake=False)
    assert not watch.awake.is_held
    actions.keep_settings(running.desk, owner=window, stays_awake=True)
    assert watch.awake.is_held
    watch.take(QueueProgress(done=12, total=40, is_paused=True))
    assert not watch.awake.is_held
    assert window.windowTitle() == "Media Assistant"
    now[0] = 1000.0
    watch.take(QueueProgress(done=12, total=40))
    now[0] = 1130.0
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    watch.take(QueueProgress(done=38, total=40, failed=2))
    assert running.desk.notices.text == "Done: 26 analyses. 2 failed."
    assert not watch.awake.is_held
    watch.close()


def test_what_is_not_in_the_queue_keeps_it_awake_too_and_is_told_at_the_foot(
    open_window: Opener, tmp_path: Path
) -> None:
    running = open_window(works=False)
    watch, _ = watch_of(running, tmp_path)
    foot = running.window.activity.status
    assert foot.text() == "Ready"
    running.desk.events.occupied.emit("Training: round 2 of 40")
    assert foot.text() == "Training: round 2 of 40"
    assert watch.awake.is_held
    watch.take(QueueProgress())
    assert watch.awake.is_held, "the queue is empty, and the training goes on"
    running.desk.events.occupied.emit("")
    assert foot.text() == "Ready"
    assert not watch.awake.is_held
    watch.close()


@pytest.mark.parametrize(("took_s", "is_looked_at"), [(60.0, False), (500.0, True)])
def test_short_work_and_work_that_is_watched_are_not_told(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, took_s: float, is_looked_at: bool
) -> None:
    running = open_window(works=False)
    watch, now = watch_of(running, tmp_path)
    if not is_looked_at:
        other = QWidget()
        qtbot.addWidget(other)
        other.show()
        other.activateWindow()
        qtbot.waitUntil(other.isActiveWindow)
    watch.take(QueueProgress(done=0, total=40))
    now[0] = took_s
    watch.take(QueueProgress(done=40, total=40))
    assert running.desk.notices.text == ""
    watch.close()


def test_the_dock_hears_a_part_or_nothing() -> None:
    assert entry(0.25) == {"progress": 0.25, "progress-visible": True}
    assert entry(None) == {"progress": 0.0, "progress-visible": False}


@pytest.mark.parametrize(
    ("window", "screens", "wanted"),
    [
        (QRect(100, 80, 1440, 900), [ONE], QRect(100, 80, 1440, 900)),
        (QRect(2500, 80, 1440, 900), [ONE, TWO], QRect(2500, 80, 1440, 900)),
        (QRect(2500, 80, 1440, 900), [ONE], QRect(240, 70, 1440, 900)),
        (QRect(-5000, -5000, 1440, 900), [ONE], QRect(240, 70, 1440, 900)),
        (QRect(0, 0, 60_000, 60_000), [ONE], QRect(0, 0, 1920, 1040)),
        (QRect(300, -2000, 1440, 900), [ONE], QRect(240, 70, 1440, 900)),
        (QRect(1860, 0, 1440, 900), [ONE], QRect(240, 70, 1440, 900)),
        (QRect(10, 10, 1, 1), [ONE], QRect(10, 10, 720, 480)),
        (QRect(10, 10, 1440, 900), [QRect(0, 0, 640, 400)], QRect(0, 10, 720, 480)),
        (QRect(10, 10, 1440, 900), [], QRect(10, 10, 1440, 900)),
    ],
)
def test_a_window_is_where_it_can_be_seen(window: QRect, screens: list[QRect], wanted: QRect) -> None:
    assert fitted(window, screens, SMALLEST) == wanted


def test_on_macos_the_dock_brings_back_a_window_that_stayed_in_the_tray(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    window, tray = running.window, running.tray
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda _icon: None)
    actions.keep_settings(running.desk, owner=window, tray=True)
    qtbot.waitUntil(lambda: tray.icon is not None)
    assert not window.close() and window.isHidden()
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    application = QGuiApplication.instance()
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
    assert window.isHidden()
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    assert window.isVisible()
    actions.keep_settings(running.desk, owner=window, tray=False)
    qtbot.waitUntil(lambda: tray.icon is None)


def test_absurd_sizes_and_places(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    window = running.window
    for size in ((1, 1), (16_000, 300), (300, 16_000), (4096, 2160), (720, 480)):
        window.resize(*size)
        qtbot.wait(20)
        assert window.width() >= SMALLEST[0]
        assert window.height() >= SMALLEST[1]
    window.move(-30_000, 40_000)
    running._screen_went(None)
    screen = window.screen().availableGeometry()
    qtbot.waitUntil(lambda: screen.intersects(window.geometry()))
    # A tray that is not there: closing closes.
    actions.keep_settings(running.desk, owner=window, tray=True)
    assert not window.stays_in_tray
