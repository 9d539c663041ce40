"""The line of the search box: what it recognises is painted as chips, what it cannot understand is underlined.

The text stays plain text: it is typed, composed, copied, undone and read aloud as in any other line. Only its look is
given, by the formats that Qt keeps for text that is being composed; they never touch the text or its history.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QToolTip

from media_assistant.items.moment import Sense
from media_assistant.items.query import Fault, Piece, Query, parse
from media_assistant.ui.look.theme import Look
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.search.code_units import to_points, to_units

SETTLES_MS = 700
"""So long after the last key a fault is shown: who is still typing has not made one yet."""

_ROOM = 17
"""Pixels behind a chip's last letter, for its ×."""
_SENSES = {sense.value: sense for sense in Sense}


class QueryField(LineField):
    """Signals: `settled()` when nothing was typed for a moment, or the line was left: its faults may be shown.

    A chip that the text cursor touches is open: it is edited letter by letter. A closed one goes as a whole, by its × or by
    Backspace right behind it.
    """

    settled = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._query = Query()
        self._formats: list[tuple[int, int, QTextCharFormat]] = []
        self._composed = ""
        self._is_settled = True
        self._hovered: Piece | None = None
        self.explain: Callable[[Fault], str] = lambda fault: fault.says.code
        """What the tool tip of a fault says."""
        self.setMouseTracking(True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLES_MS)
        self._timer.timeout.connect(self.settle)
        self.textChanged.connect(self._read)
        self.cursorPositionChanged.connect(lambda _old, _new: self._dress())
        look.changed.connect(self._dress)

    # What is known of the text

    @property
    def query(self) -> Query:
        """What the text says."""
        return self._query

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is shown as not understood, and what was perhaps meant otherwise; nothing while a person is typing."""
        return (*self._query.faults, *self._query.remarks) if self._is_settled else ()

    @property
    def closed_chips(self) -> list[Piece]:
        """The recognised conditions that go as a whole."""
        at = self._cursor_point() if self.hasFocus() else -1
        return [piece for piece in self._query.pieces if piece.role == "field" and not piece.start < at <= piece.end]

    def _cursor_point(self) -> int:
        """Where the cursor is, as a query counts."""
        return to_points(self.text(), self.cursorPosition())

    def settle(self) -> None:
        """Show the faults now."""
        self._timer.stop()
        if not self._is_settled:
            self._is_settled = True
            self._dress()
            self.settled.emit()

    def _read(self, text: str) -> None:
        self._query = parse(text)
        self._is_settled = not (self._query.faults or self._query.remarks)
        if self._is_settled:
            self._timer.stop()
        else:
            self._timer.start()
        self._hovered = None
        self._dress()
        if self._is_settled:
            self.settled.emit()

    # Its look

    def _dress(self) -> None:
        """Give the text its formats anew."""
        formats: list[tuple[int, int, QTextCharFormat]] = []
        for piece in self._query.pieces:
            formats += self._format(piece)
        for fault in self.faults:
            under = QTextCharFormat()
            under.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            is_remark = fault in self._query.remarks
            under.setUnderlineColor(QColor(self._look.colours.said if is_remark else self._look.colours.bad))
            formats.append(self._dressed(fault.start, max(fault.start + 1, min(fault.end, len(self.text()))), under))
        if formats != self._formats:
            self._formats = formats
            if not self._composed:
                super().inputMethodEvent(QInputMethodEvent("", self._attributes(0)))
        self.update()

    def _format(self, piece: Piece) -> list[tuple[int, int, QTextCharFormat]]:
        colours = self._look.colours
        look = QTextCharFormat()
        if piece.role == "field":
            sense = _SENSES.get(piece.name)
            look.setForeground(colours.sense_text(sense) if sense else QColor(colours.text))
            closed = piece in self.closed_chips
            last = QTextCharFormat(look)
            if closed:
                last.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
                last.setFontLetterSpacing(_ROOM)
            return [self._dressed(piece.start, piece.end - 1, look), self._dressed(piece.end - 1, piece.end, last)]
        if piece.role in ("operator", "bracket"):
            look.setForeground(QColor(colours.link))
            if piece.role == "operator":
                look.setFontWeight(QFont.Weight.DemiBold)
            return [self._dressed(piece.start, piece.end, look)]
        return []

    def _dressed(self, start: int, end: int, look: QTextCharFormat) -> tuple[int, int, QTextCharFormat]:
        """A look for some letters, as Qt counts them."""
        begin = to_units(self.text(), start)
        return begin, to_units(self.text(), end) - begin, look

    def _attributes(self, composed: int) -> list[QInputMethodEvent.Attribute]:
        """The formats as Qt takes them: counted from the cursor, with what is being composed there."""
        at = self.cursorPosition()
        found = []
        for start, length, look in self._formats:
            begin = start - at + (composed if start >= at else 0)
            found.append(QInputMethodEvent.Attribute(QInputMethodEvent.AttributeType.TextFormat, begin, length, look))
        return found

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """What an input method composes, beside our own formats."""
        self._composed = event.preeditString()
        composed = to_units(self._composed, len(self._composed))
        both = QInputMethodEvent(self._composed, [*event.attributes(), *self._attributes(composed)])
        both.setCommitString(event.commitString(), event.replacementStart(), event.replacementLength())
        super().inputMethodEvent(both)
        event.accept()
        if not self._composed:
            # A commit has changed the text, and with it the formats.
            super().inputMethodEvent(QInputMethodEvent("", self._attributes(0)))

    def _layout(self) -> QTextLayout:
        """The text as Qt lays it out in the line."""
        made = QTextLayout(self.text(), self.font())
        option = QTextOption()
        option.setTextDirection(self.layoutDirection())
        option.setFlags(QTextOption.Flag.IncludeTrailingSpaces)
        made.setTextOption(option)
        ranges = []
        for start, length, look in self._formats:
            each = QTextLayout.FormatRange()
            each.start, each.length, each.format = start, length, look
            ranges.append(each)
        made.setFormats(ranges)
        made.beginLayout()
        made.createLine()
        made.endLayout()
        return made

    def _places(self) -> list[tuple[Piece, QRectF]]:
        """Where each chip is. Nowhere while something is composed: it may stand in the middle of one."""
        chips = [piece for piece in self._query.pieces if piece.role in ("field", "quote")]
        if not chips or self._composed:
            return []
        layout = self._layout()  # a line lives no longer than its layout
        line = layout.lineAt(0)
        cursor = self.cursorRect()
        shift = cursor.x() + 5 - _x(line.cursorToX(self.cursorPosition()))
        room = self.rect().adjusted(0, 4, 0, -4)
        found = []
        for piece in chips:
            ends = (to_units(self.text(), end) for end in (piece.start, piece.end))
            left, right = sorted(_x(line.cursorToX(end)) for end in ends)
            found.append((piece, QRectF(left + shift - 3, room.top(), right - left + 5, room.height())))
        return found

    def _cross(self, place: QRectF) -> QRectF:
        """Where a closed chip's × is."""
        return QRectF(place.right() - _ROOM, place.center().y() - 8, 16, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The grounds of the chips, the text, and a × on each closed chip."""
        places = self._places()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._look.colours
        for piece, place in places:
            sense = _SENSES.get(piece.name)
            ground = colours.sense_ground(sense) if sense else QColor(colours.chip)
            painter.setPen(Qt.PenStyle.NoPen if piece.role == "field" else QColor(colours.line_strong))
            painter.setBrush(ground if piece.role == "field" else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.end()
        super().paintEvent(event)
        now = self._places()
        if now != places:
            self.update()  # Qt has scrolled the line while it painted it
        closed = self.closed_chips
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for piece, place in now:
            if piece.role == "field" and piece in closed:
                self._paint_cross(painter, piece, self._cross(place))
        painter.end()

    def _paint_cross(self, painter: QPainter, piece: Piece, where: QRectF) -> None:
        colours = self._look.colours
        is_hovered = piece == self._hovered
        if is_hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selected))
            painter.drawEllipse(where)
        painter.setPen(QPen(QColor(colours.text if is_hovered else colours.text_soft), 1.4))
        middle, arm = where.center(), 3.2
        painter.drawLine(middle + QPointF(-arm, -arm), middle + QPointF(arm, arm))
        painter.drawLine(middle + QPointF(-arm, arm), middle + QPointF(arm, -arm))

    # Mouse and keys

    def remove(self, piece: Piece) -> None:
        """Take a recognised condition out of the text, with the space beside it; undone as any typing."""
        text = self.text()
        start, end = piece.start, piece.end
        if text[end : end + 1].isspace():
            end += 1
        elif text[start - 1 : start].isspace():
            start -= 1
        begin = to_units(text, start)
        self.setSelection(begin, to_units(text, end) - begin)
        self.del_()

    def chip_at(self, where: QPointF) -> Piece | None:
        """The chip whose × is here."""
        closed = self.closed_chips
        return next(
            (piece for piece, place in self._places() if piece in closed and self._cross(place).contains(where)), None
        )

    def fault_at(self, where: int) -> Fault | None:
        """What is not understood at this place in the text, counted in code points."""
        return next((fault for fault in self.faults if fault.start <= where < fault.end), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On a × the chip goes."""
        piece = self.chip_at(event.position()) if event.button() is Qt.MouseButton.LeftButton else None
        if piece is not None:
            self.remove(piece)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A × lights up under the mouse."""
        self._hover(self.chip_at(event.position()))
        super().mouseMoveEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """As Qt has it."""
        self._hover(self.chip_at(event.position()))
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is lit up any more."""
        self._hover(None)
        super().leaveEvent(event)

    def _hover(self, piece: Piece | None) -> None:
        if piece != self._hovered:
            self._hovered = piece
            self.setCursor(Qt.CursorShape.PointingHandCursor if piece else Qt.CursorShape.IBeamCursor)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Backspace behind a closed chip and Delete before one take it as a whole."""
        if not self.hasSelectedText() and event.modifiers() is Qt.KeyboardModifier.NoModifier:
            at, text = self._cursor_point(), self.text()
            wanted = None
            if event.key() == Qt.Key.Key_Backspace and text[at - 1 : at].isspace():
                wanted = next((piece for piece in self.closed_chips if piece.end == at - 1), None)
            elif event.key() == Qt.Key.Key_Delete:
                wanted = next((piece for piece in self.closed_chips if piece.start == at), None)
            if wanted is not None:
                self.remove(wanted)
                event.accept()
                return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another font or palette is another look."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and self._formats:
            self.update()

    def event(self, event: QEvent) -> bool:
        """Leaving the line ends the typing; a tool tip over a fault says what is wrong with it."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            fault = self.fault_at(to_points(self.text(), self.cursorPositionAt(event.pos())))
            if fault is not None:
                QToolTip.showText(event.globalPos(), plain_tip(self.explain(fault)), self)
                return True
        handled = super().event(event)
        if event.type() is QEvent.Type.FocusOut:
            self.settle()
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._dress()
        return handled


def _x(found: object) -> float:
    """PySide gives the position with the character that it moved to."""
    return float(found[0] if isinstance(found, tuple) else found)  # type: ignore[arg-type]
