"""Qt's own words, as in its file dialogs and in the menu of a text field, in the language of the window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QObject, QTranslator
from PySide6.QtGui import QGuiApplication

from media_assistant.ui.words import Words


def file_of(language: str) -> str:
    """Where Qt has its own words in a language of the window's, English excepted; it brings them with itself."""
    return f"{QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)}/qtbase_{language}.qm"


class QtWords(QObject):
    """Lives as long as the window."""

    def __init__(self, words: Words, parent: QObject) -> None:
        super().__init__(parent)
        self._words = words
        self._translator: QTranslator | None = None
        words.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        # Some systems put it behind the title of every window, as it was when the title was given.
        QGuiApplication.setApplicationDisplayName(self._words.say("ui.app"))
        for window in QGuiApplication.topLevelWindows():
            title = window.title()
            window.setTitle("")
            window.setTitle(title)
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None
        if self._words.language == "en":
            return  # as Qt speaks by itself
        translator = QTranslator(self)
        if translator.load(file_of(self._words.language)):
            QCoreApplication.installTranslator(translator)
            self._translator = translator
