"""Completes what is typed in the search box: `ki` becomes `kind:`, `collection:by` becomes `collection:"By the sea"`."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QCompleter, QLineEdit, QListView, QStyledItemDelegate, QStyleOptionViewItem

from media_assistant.items.query import FIELD_NAMES, write_field
from media_assistant.items.query_tokens import OPERATOR_OF, is_quoting
from media_assistant.ui.look.theme import Look
from media_assistant.ui.query_offers import Offer
from media_assistant.ui.shortcuts import key_of
from media_assistant.ui.widgets.search.code_units import to_points, to_units

_TERM = re.compile(r"""(?:^|(?<=[\s(（]))[-－−]?([^\W\d_]+)[:：]["“「『]?([^"”」』]*)$""")
_IN_BRACKET = re.compile(r"""(?:^|(?<=[\s(（]))[-－−]?([^\W\d_]+)[:：][(（]([^()（）"“”「」『』]*)$""")
_NAME = re.compile(r"(?:^|(?<=[\s(（]))[-－−]?([^\W\d_]{1,12})$")
MOST = 12
_BEGUN = 3
"""Letters of a field's name that are typed before it is offered, for fewer begin too many plain words; one in Chinese."""
_WIDEST = 380
_FIELD_OF = {name: field for field, names in FIELD_NAMES.items() for name in names}
_HINT = Qt.ItemDataRole.UserRole + 1


def opening_key() -> str:
    """What shows all that can be written next. On macOS Ctrl is ⌘, and with Space it is Spotlight's."""
    return "Ctrl+I" if sys.platform == "darwin" else "Ctrl+Space"


class Offering(Protocol):
    """Who knows what there is to choose."""

    def fields(self, begun: str) -> list[Offer]:
        """Names of fields that begin so."""

    def values(self, field: str, begun: str) -> list[Offer]:
        """Values of a field, best first; some of those that begin so, where there are too many."""


def term_before(text: str) -> tuple[str, str, str, int] | None:
    """Of a text that ends in a field's name and the beginning of its value: (field, its name as typed, value, where it begins).
    In a field's bracket the value begins behind the last operator, and has no name before it.
    """
    if bracket := _IN_BRACKET.search(text):
        field = _FIELD_OF.get(bracket.group(1).casefold())
        begin = max(
            (word.end() for word in re.finditer(r"\S+\s+", bracket.group(2)) if word.group().strip() in OPERATOR_OF),
            default=0,
        )
        value = bracket.group(2)[begin:]
        begin += bracket.start(2) + len(value) - len(value.lstrip())
        return (field, "", value.strip(), begin) if field else None
    found = _TERM.search(text)
    field = _FIELD_OF.get(found.group(1).casefold()) if found else None
    if found is None or field is None:
        return None
    is_quoted = text[found.end(1) + 1 : found.end(1) + 2] in '"“「『' and found.end(1) + 1 < len(text)
    if not is_quoted and any(letter.isspace() for letter in found.group(2)):
        return None
    return field, found.group(1), found.group(2), found.start(1)


class QueryCompleter(QObject):
    """A list under the field while there is something to choose. Arrows and Enter choose, Esc closes it, `opening_key`
    opens it; nothing is chosen unless a person does.
    """

    def __init__(self, field: QLineEdit, look: Look) -> None:
        super().__init__(field)
        self._field = field
        self._offering: Offering | None = None
        self._rows = QStandardItemModel(self)
        self.completer = QCompleter(self._rows, self)
        self.completer.setWidget(field)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.setMaxVisibleItems(MOST)
        self._popup = QListView()
        self._popup.setProperty("role", "popup")
        self._popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.completer.setPopup(self._popup)
        # The completer puts a delegate of its own on its popup.
        self._popup.setItemDelegate(_WithHint(look, self._popup))
        self.completer.activated.connect(lambda chosen: self._take(str(chosen)))
        field.textEdited.connect(lambda _text: self._show())
        field.installEventFilter(self)

    def name(self, name: str) -> None:
        """What a screen reader calls the list."""
        self._popup.setAccessibleName(name)

    def offer(self, offering: Offering) -> None:
        """Who knows the fields and the values that each has."""
        self._offering = offering

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose."""
        return self._popup.isVisible()

    def show_arrived(self, field: str) -> None:
        """Values of a field have come: show them, if they are what is being typed."""
        found = term_before(self._before())
        # On some systems a window whose list was just closed has no focus at all.
        is_elsewhere = QApplication.focusWidget() not in (None, self._field, self._popup)
        if found is not None and found[0] == field and not is_elsewhere:
            self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter on a chosen row is the list's; without this the half-typed words would be asked too."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
            if self.is_open and is_enter and self._popup.currentIndex().isValid():
                event.ignore()
                return True
            if watched is self._field and key_of(event) == opening_key():
                self._show(is_asked=True)
                return True
        return super().eventFilter(watched, event)

    def _before(self) -> str:
        text = self._field.text()
        return text[: to_points(text, self._field.cursorPosition())]

    def _show(self, *, is_asked: bool = False) -> None:
        before = self._before()
        found = term_before(before)
        if self._offering is None:
            return
        if found is not None:
            offers = _fitting(self._offering.values(found[0], found[2]), found[2])
        else:
            name = _NAME.search(before)
            begun = name.group(1) if name else ""
            is_long = (len(begun) >= _BEGUN or (begun != "" and not begun.isascii())) and not is_quoting(before)
            is_free = not before or before[-1].isspace()
            offers = self._offering.fields(begun) if (name and is_long) or (is_asked and (name or is_free)) else []
        self._rows.clear()
        for value, hint in offers[: MOST if not is_asked else None]:
            row = QStandardItem(value)
            row.setData(hint, _HINT)
            row.setData(f"{value}, {hint}" if hint else value, Qt.ItemDataRole.AccessibleTextRole)
            self._rows.appendRow(row)
        if offers:
            rect = self._field.cursorRect()
            rect.setWidth(min(_WIDEST, max(220, self._field.width())))
            rect.moveLeft(max(0, min(rect.left(), self._field.width() - rect.width())))
            rect.setBottom(self._field.height() + 2)
            self.completer.complete(rect)
        elif self._popup.isVisible():
            self._popup.hide()
            # Whoever types is in this window, but not every system gives it back what the list had.
            self._field.activateWindow()

    def _take(self, chosen: str) -> None:
        before, text = self._before(), self._field.text()
        after = text[len(before) :]
        found = term_before(before)
        if found is not None:
            _, name, _, start = found
            written = write_field(name, chosen).removeprefix("" if name else ":") + " "
            end = len(before) + len(after) - len(after.lstrip('"”」』'))
        else:
            begun = _NAME.search(before)
            written, end = chosen, len(before)
            start = begun.start(1) if begun else len(before)
        # By selection, so that it can be undone as typing can.
        begin = to_units(text, start)
        self._field.setSelection(begin, to_units(text, end) - begin)
        self._field.insert(written)
        if found is None:
            self._show()


def _fitting(known: Sequence[Offer], begun: str) -> list[Offer]:
    """Values that begin so first, then those that hold it."""
    wanted = begun.strip().casefold()
    first = [offer for offer in known if offer.value.casefold().startswith(wanted)]
    inside = [offer for offer in known if wanted in offer.value.casefold() and offer not in first]
    fitting = [*first, *inside]
    return [] if [offer.value.casefold() for offer in fitting] == [wanted] else fitting


class _WithHint(QStyledItemDelegate):
    """A row with what it means at its right."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The value as the style draws it, then the hint in what is left of the row."""
        super().paint(painter, option, index)
        hint = str(index.data(_HINT) or "")
        if not hint:
            return
        metrics = option.fontMetrics
        room = option.rect.adjusted(metrics.horizontalAdvance(str(index.data())) + 26, 0, -10, 0)
        painter.save()
        painter.setPen(QColor(self._look.colours.text_faint))
        shown = metrics.elidedText(hint, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), shown)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Wide enough for both, up to a limit."""
        size = super().sizeHint(option, index)
        hint = option.fontMetrics.horizontalAdvance(str(index.data(_HINT) or ""))
        return QSize(min(_WIDEST - 20, size.width() + hint + 30), size.height())
