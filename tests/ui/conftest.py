"""A real window on a real library; a warning of Qt's fails the test that caused it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QtMsgType, QUrl, qInstallMessageHandler
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from media_assistant.assistant import Assistant
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.job_bridge import JobBridge
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.running import Running
from media_assistant.workflows.intake.relinking import Relinking

# What a machine without a sound server or a graphics card says of itself; no fault of the window's.
OF_THE_MACHINE = ("qt.multimedia.symbolsresolver", "qt.multimedia.ffmpeg", "qt.qpa", "qt.core.qfuture")

SAID_WITHOUT_A_CATEGORY = ("PulseAudioService", "No audio device detected", "QRhi*")


_said: list[str] = []


def _listen(kind: QtMsgType, context: object, message: str) -> None:
    category = getattr(context, "category", None) or ""
    if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) or category.startswith(OF_THE_MACHINE):
        return
    if message.startswith(SAID_WITHOUT_A_CATEGORY):
        return
    if "does not support" in message and "plugin" in message:  # the offscreen platform on window verbs
        return
    _said.append(f"{category}: {message}")


@pytest.fixture(autouse=True, scope="session")
def _qt_is_heard() -> None:
    """For good: a thread of Qt's player may be on its way here when the test that played ends."""
    qInstallMessageHandler(_listen)


@pytest.fixture(autouse=True)
def _qt_is_quiet() -> Iterator[None]:
    _said.clear()
    yield
    assert not _said


@pytest.fixture(scope="module", autouse=True)
def _rubbish_stays_in_this_thread() -> Iterator[None]:
    """As `startup.rubbish` has it in the program: the engines' threads must not destroy an earlier test's widgets."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _rubbish_goes() -> Iterator[None]:
    yield
    gc.collect(1)


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[JobBridge]:
    """A bridge of its own, without a window: a fault that nobody takes is raised."""

    def raise_fault(fault: BaseException) -> None:
        raise fault

    bridge = JobBridge(raise_fault)
    yield bridge
    bridge.close()


@pytest.fixture
def files_are_taken_for_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """For paths that are made up: looked for, they are found missing half a second after they are shown, before or after
    whatever a test does.
    """
    monkeypatch.setattr(Relinking, "check", lambda *_asked: None)


Opener = Callable[..., Running]


@pytest.fixture
def open_window(qtbot: QtBot, home: Path) -> Iterator[Opener]:
    """Opens a window on a new library in the test's own home; closed at the end."""
    opened: list[Running] = []

    def open_it(
        *,
        language: str = "en",
        theme: str = "dark",
        works: bool = True,
        size: tuple[int, int] = (1280, 800),
        settings: Settings | None = None,
    ) -> Running:
        chosen = settings or Settings(language=language, theme=theme)  # type: ignore[arg-type]
        assistant = Assistant.open(find_paths(), chosen, works=works)
        running = Running.whole(prepare_application(), assistant)
        opened.append(running)
        running.window.resize(*size)
        running.window.show()
        running.window.activateWindow()
        qtbot.waitUntil(running.window.isActiveWindow)
        return running

    yield open_it
    for running in opened:
        running.close()
        running.assistant.close()


@pytest.fixture
def drop() -> Callable[..., Qt.DropAction]:
    """What Qt does when files are let go over the window, or over something in it; with Shift they are to be moved. Gives
    what the other program is told that became of them.
    """

    def let_go(running: Running, *paths: Path, over: QWidget | None = None, with_shift: bool = False) -> Qt.DropAction:
        carried = QMimeData()
        carried.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        carried.setText("\n".join(map(str, paths)))  # as file managers do
        target, middle = over or running.window, QPoint(400, 300)
        keys = Qt.KeyboardModifier.ShiftModifier if with_shift else Qt.KeyboardModifier.NoModifier
        ways = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction if with_shift else Qt.DropAction.CopyAction
        enter = QDragEnterEvent(middle, ways, carried, Qt.MouseButton.LeftButton, keys)
        assert (enter.proposedAction() is Qt.DropAction.MoveAction) == with_shift
        QApplication.sendEvent(target, enter)
        assert enter.isAccepted()
        dropped = QDropEvent(QPointF(middle), ways, carried, Qt.MouseButton.LeftButton, keys)
        QApplication.sendEvent(target, dropped)
        assert dropped.isAccepted()
        return enter.dropAction() | dropped.dropAction()

    return let_go
