"""The collections in the sidebar: renamed in place, and items can be let go on them."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QLineEdit, QStyleOptionViewItem, QWidget

from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.sidebar.nav_list import PLACE, NavDelegate, NavList
from media_assistant.ui.words import Words

Index = QModelIndex | QPersistentModelIndex


class CollectionList(NavList):
    """Signals: `renamed(object, str)`; `removal_wanted(object)` on Delete, both with the place of the row;
    `rename_ended()` after a name was typed or given up.
    """

    renamed = Signal(object, str)
    removal_wanted = Signal(object)
    rename_ended = Signal()

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__(look)
        self.setItemDelegate(_RenameDelegate(look, words, self))

    def rename(self, place: object) -> None:
        """Open the name of a place for typing."""
        for row in range(self.model().rowCount()):
            index = self.model().index(row, 0)
            if index.data(PLACE) == place:
                self.setCurrentIndex(index)
                self.setFocus()
                self.edit(index)

    @property
    def is_renaming(self) -> bool:
        """Whether a name is being typed."""
        return self.state() is NavList.State.EditingState

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """As Qt does, and say so."""
        super().closeEditor(editor, hint)
        self.rename_ended.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F2 renames, Delete deletes; undo brings back."""
        index = self.currentIndex()
        if self.is_renaming:
            super().keyPressEvent(event)  # the Enter that ends a name is not meant for the row
        elif index.isValid() and event.key() == Qt.Key.Key_F2:
            self.edit(index)
        elif index.isValid() and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wanted.emit(index.data(PLACE))
        elif index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(index.data(PLACE))
        else:
            super().keyPressEvent(event)


class _RenameDelegate(NavDelegate):
    def __init__(self, look: Look, words: Words, parent: CollectionList) -> None:
        super().__init__(look, parent)
        self._words = words
        self._collections = parent

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field over the row."""
        field = LineField(parent)
        field.setMaxLength(200)
        field.setAccessibleName(self._words.say("ui.collection.rename_name", name=str(index.data())))
        return field

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        """Where the name stands."""
        editor.setGeometry(option.rect.adjusted(24, 0, 0, 0))

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """The name, all of it chosen."""
        if isinstance(editor, QLineEdit):
            editor.setText(str(index.data()))
            editor.selectAll()

    def setModelData(self, editor: QWidget, _model: QAbstractItemModel, index: Index) -> None:
        """The name is the library's to change, not the list's."""
        if isinstance(editor, QLineEdit):
            self._collections.renamed.emit(index.data(PLACE), editor.text())
