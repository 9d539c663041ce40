"""The names that speech recognition is told to expect in this library: one a line, kept as they are typed."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.fields import TextField
from media_assistant.ui.widgets.plain import said
from media_assistant.ui.widgets.transcript.bars import Bar

_SETTLES_MS = 900


class NamesEditor(Bar):
    """Kept when typing pauses and when it is left; each time is a step of undo."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "ui.lines.names.title", parent)
        self.down.addWidget(said(desk.words, "ui.lines.names.hint", "small", wraps=True))
        self.field = TextField()
        self.field.setTabChangesFocus(True)
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(110)
        desk.words.bind(self.field, QPlainTextEdit.setAccessibleName, "ui.lines.names.title")
        desk.words.bind(self.field, QPlainTextEdit.setPlaceholderText, "ui.lines.names.prompt")
        self.down.addWidget(self.field)
        self._known: tuple[str, ...] = ()
        self._is_asked_first = False
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLES_MS)
        self._settling.timeout.connect(self.keep)
        self.field.textChanged.connect(self._settling.start)
        desk.events.changed.connect(self._library_changed)

    def showEvent(self, event: object) -> None:
        """As the library has them."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._is_asked_first = True
        self._ask()
        self.field.setFocus()

    def hideEvent(self, event: object) -> None:
        """What was typed is kept."""
        super().hideEvent(event)  # type: ignore[arg-type]
        if self._settling.isActive():
            self.keep()

    def add(self, name: str) -> None:
        """One more."""
        library = self.desk.assistant.library

        def put(names: tuple[str, ...]) -> None:
            if name and name not in names:
                self._send((*names, name))
                self.desk.tell("ui.lines.names.added", name=name)

        self.desk.bridge.read(library.spoken_names, put, owner=self)

    def _ask(self) -> None:
        self.desk.bridge.read(self.desk.assistant.library.spoken_names, self._take, owner=self)

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.journal and self.isVisible() and not self._settling.isActive():
            self._ask()

    def _take(self, names: tuple[str, ...]) -> None:
        is_first, self._is_asked_first = self._is_asked_first, False
        if names == self._known and self.field.toPlainText():
            return
        self._known = names
        with QSignalBlocker(self.field):
            if not self._settling.isActive():
                self.field.setPlainText("\n".join(names))
            elif is_first:
                # Somebody typed before these came: what is typed is more, not instead.
                QTextCursor(self.field.document()).insertText("\n".join((*names, "")))

    def keep(self) -> None:
        """To the library, if they are others than before."""
        self._settling.stop()
        rows = tuple(name for row in self.field.toPlainText().splitlines() if (name := row.strip()))
        if rows != self._known:
            self._known = rows
            self._send(rows)

    def _send(self, names: tuple[str, ...]) -> None:
        future = self.desk.assistant.transcripts.set_names(names)
        self.desk.bridge.when_done(future, lambda _changes: None, owner=self)
