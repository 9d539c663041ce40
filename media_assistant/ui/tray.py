"""A place in the system's tray, for a person who wants one: the window can be closed while the work goes on."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from media_assistant.items.answers import QueueProgress
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.window_frame import WindowFrame


class Tray(QObject):
    """Follows the setting `tray`; without a tray in the system it never shows, and closing the window ends the program."""

    def __init__(self, desk: Desk, window: WindowFrame) -> None:
        super().__init__(window)
        self._desk = desk
        self._window = window
        self.icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        self._is_paused = False
        self._awaited = Awaited()
        desk.words.changed.connect(self._name)
        desk.events.progressed.connect(self._progressed)
        desk.events.settings_changed.connect(self.follow)
        QGuiApplication.instance().applicationStateChanged.connect(self._come_back)  # type: ignore[union-attr]
        self.follow()

    def follow(self) -> None:
        """Come or go as the person wishes."""
        is_shown = self._desk.assistant.settings.tray and QSystemTrayIcon.isSystemTrayAvailable()
        self._window.stays_in_tray = is_shown
        if is_shown and self.icon is None:
            self.icon = QSystemTrayIcon(QApplication.windowIcon(), self._window)
            self._menu = QMenu(self._window)
            self._show_action = self._menu.addAction("")
            self._show_action.triggered.connect(self._come)
            self._pause_action = self._menu.addAction("")
            self._pause_action.triggered.connect(self._pause)
            self._menu.addSeparator()
            self._quit_action = self._menu.addAction("")
            self._quit_action.triggered.connect(self._window.quit)
            self.icon.setContextMenu(self._menu)
            if sys.platform != "darwin":  # where a click opens the menu, and nothing but that
                self.icon.activated.connect(self._activated)
            self._name()
            self._ask()
            self.icon.show()
        elif not is_shown and self.icon is not None:
            self.icon.hide()
            self.icon.deleteLater()
            self.icon = None

    def _ask(self) -> None:
        """Counting what waits takes long where much does: it is asked off the window's thread."""
        self._awaited.drop()
        self._desk.bridge.read(self._desk.assistant.progress, self._awaited.only(self._progressed), owner=self)

    def _progressed(self, progress: QueueProgress) -> None:
        self._awaited.drop()  # what was asked before is older
        if progress.is_paused != self._is_paused:
            self._is_paused = progress.is_paused
            self._name()

    def _name(self) -> None:
        if self.icon is None:
            return
        words = self._desk.words
        self._show_action.setText(words.say("ui.tray.show"))
        self._pause_action.setText(words.say("ui.work.resume_all" if self._is_paused else "ui.work.pause_all"))
        self._quit_action.setText(words.say("ui.keys.anywhere.quit"))
        self.icon.setToolTip(plain_tip(self._window.windowTitle()))

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._come()

    def _come_back(self, state: Qt.ApplicationState) -> None:
        """A click on the program's icon in macOS' Dock, which every program is brought back by, the one in the tray too."""
        is_hidden = self._window.stays_in_tray and self._window.isHidden()
        if sys.platform == "darwin" and state is Qt.ApplicationState.ApplicationActive and is_hidden:
            self._come()

    def _come(self) -> None:
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _pause(self) -> None:
        assistant = self._desk.assistant
        future = assistant.resume() if self._is_paused else assistant.pause()
        self._desk.bridge.when_done(future, lambda _none: self._ask(), owner=self)
