"""Completes what is typed after a field's name in the search box: `collection:by` becomes `collection:"By the sea"`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView

from media_assistant.items.query import FIELD_NAMES, write_field

_TERM = re.compile(r"""(?:^|(?<=\s))-?([^\W\d_]+)[:：]["“「『]?([^"”」』]*)$""")
MOST = 12
_FIELD_OF = {name: field for field, names in FIELD_NAMES.items() for name in names}


def term_before(text: str) -> tuple[str, str, str, int] | None:
    """Of a text that ends in a field's name and the beginning of its value: (field, its name as typed, value, where it begins)."""
    found = _TERM.search(text)
    field = _FIELD_OF.get(found.group(1).casefold()) if found else None
    if found is None or field is None:
        return None
    is_quoted = text[found.end(1) + 1 : found.end(1) + 2] in '"“「『' and found.end(1) + 1 < len(text)
    if not is_quoted and any(letter.isspace() for letter in found.group(2)):
        return None
    return field, found.group(1), found.group(2), found.start(1)


class QueryCompleter(QObject):
    """A list under the field while there is something to choose. Arrows and Enter choose, Esc closes it; nothing is
    chosen unless a person does.
    """

    def __init__(self, field: QLineEdit, name: str) -> None:
        super().__init__(field)
        self._field = field
        self._offers: Callable[[], Mapping[str, Sequence[str]]] = dict
        self._rows = QStringListModel(self)
        self.completer = QCompleter(self._rows, self)
        self.completer.setWidget(field)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.setMaxVisibleItems(MOST)
        self._popup = QListView()
        self._popup.setProperty("role", "popup")
        self._popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._popup.setAccessibleName(name)
        self.completer.setPopup(self._popup)
        self.completer.activated.connect(lambda chosen: self._take(str(chosen)))
        field.textEdited.connect(lambda _text: self._show())
        field.installEventFilter(self)

    def offer(self, offers: Callable[[], Mapping[str, Sequence[str]]]) -> None:
        """Who knows the values that each field has, best first."""
        self._offers = offers

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose."""
        return self._popup.isVisible()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter on a chosen row is the list's; without this the half-typed words would be asked too."""
        if self.is_open and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
            if is_enter and self._popup.currentIndex().isValid():
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def _show(self) -> None:
        found = term_before(self._field.text()[: self._field.cursorPosition()])
        values = self._fitting(*found[::2]) if found else []
        self._rows.setStringList(values)
        if values:
            self.completer.complete()
        else:
            self._popup.hide()

    def _fitting(self, field: str, begun: str) -> list[str]:
        """Values that begin so first, then those that hold it."""
        wanted = begun.strip().casefold()
        known = self._offers().get(field, ())
        first = [value for value in known if value.casefold().startswith(wanted)]
        inside = [value for value in known if wanted in value.casefold() and value not in first]
        fitting = [*first, *inside][:MOST]
        return [] if [value.casefold() for value in fitting] == [wanted] else fitting

    def _take(self, value: str) -> None:
        text, at = self._field.text(), self._field.cursorPosition()
        found = term_before(text[:at])
        if found is not None:
            _, name, _, start = found
            written = write_field(name, value) + " "
            self._field.setText(text[:start] + written + text[at:].lstrip('"”」』'))
            self._field.setCursorPosition(start + len(written))
