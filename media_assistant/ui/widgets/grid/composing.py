"""What an input method composes on the grid belongs to the search box, as letters do: Chinese has no letter to begin with."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QInputMethodQueryEvent
from PySide6.QtWidgets import QApplication, QWidget

from media_assistant.ui.widgets.search.box import SearchBox

_PLACES = (
    Qt.InputMethodQuery.ImCursorRectangle,
    Qt.InputMethodQuery.ImAnchorRectangle,
    Qt.InputMethodQuery.ImInputItemClipRectangle,
)


class GridComposing(QObject):
    """Shows in the box what is being composed, and gives it the keyboard once the word is whole: an input method gives up
    what it composes when the keyboard goes elsewhere meanwhile. Lives as long as the grid.
    """

    def __init__(self, grid: QWidget, search: SearchBox) -> None:
        super().__init__(grid)
        self._grid = grid
        self._search = search
        self._is_composing = False
        grid.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        grid.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Composing, and what an input method asks before it: where it may put its candidates."""
        if isinstance(event, QInputMethodEvent):
            self._compose(event)
            return True
        if isinstance(event, QInputMethodQueryEvent):
            self._answer(event)
            return True
        if event.type() is QEvent.Type.FocusOut and self._is_composing:
            self._is_composing = False
            QApplication.sendEvent(self._search.field, QInputMethodEvent())
        return super().eventFilter(watched, event)

    def _compose(self, event: QInputMethodEvent) -> None:
        field, composed, whole = self._search.field, event.preeditString(), event.commitString()
        if not self._is_composing:
            if not (composed + whole).strip():
                return
            if not composed and not any(each.isalnum() for each in whole):
                # A sign alone, such as the 、 that some input methods make of the key / that searches.
                self._give_keyboard()
                return
            # As a letter does, it begins a new search.
            field.selectAll()
        QApplication.sendEvent(field, event)
        self._is_composing = bool(composed)
        if whole and not composed:
            self._give_keyboard()

    def _give_keyboard(self) -> None:
        """Not within the event, for until it is over the input method believes that it is composing."""
        QTimer.singleShot(0, self, self._follow)

    def _follow(self) -> None:
        if self._grid.hasFocus() and not self._is_composing:
            self._search.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _answer(self, event: QInputMethodQueryEvent) -> None:
        """As the box does, in the grid's coordinates."""
        field = self._search.field
        QApplication.sendEvent(field, event)
        shift = self._grid.mapFromGlobal(field.mapToGlobal(field.rect().topLeft()))
        for query in _PLACES:
            place = event.value(query) if event.queries() & query else None
            if isinstance(place, QRect):
                event.setValue(query, place.translated(shift))
