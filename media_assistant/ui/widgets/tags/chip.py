"""One tag: dashed while it is only proposed, with ✓ and ✕; whole once a person has said yes."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from media_assistant.items.tag import Tag, TagState
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.look.tag_colours import PALETTE, tag_colour
from media_assistant.ui.look.theme import Look
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.words import Words

UNSURE_BELOW = 0.5
HIGH = 26
ICON = 14
WIDEST = 240
NARROWEST = 110
DOT = 8


class TagChip(QWidget):
    """Signals: `decided(object)` with TagState or None (undecided again); `asked_why()` on click or Enter.

    Keys while it has the focus: those of the room `tag`.
    """

    accessible_role = QAccessible.Role.Button
    decided = Signal(object)
    asked_why = Signal()

    def __init__(self, tag: Tag, look: Look, words: Words, keys: Keys) -> None:
        super().__init__()
        self.tag = tag
        self._look = look
        self._words = words
        self._keys = keys
        self._is_asked = False
        self._at_least = 0
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        name = words.concept(tag.concept)
        self.text = name
        if tag.state is TagState.SUGGESTED and tag.score < UNSURE_BELOW:
            self.text = words.say("ui.tag.perhaps", name=name)
        self.setAccessibleName(self.text)
        self.setAccessibleDescription(words.say(f"ui.tag.state.{tag.state.value}", **self._shown_keys))
        self.setToolTip(plain_tip(self._tool_tip()))
        look.changed.connect(self.update)

    def _tool_tip(self) -> str:
        words, tag = self._words, self.tag
        if tag.state is TagState.SUGGESTED:
            percent = words.number(round(tag.score * 100))
            source = tag.source.model or tag.source.analyser
            return words.say("ui.tag.tip.suggested", percent=percent, source=source, **self._shown_keys)
        return words.say(f"ui.tag.tip.{tag.state.value}", **self._shown_keys)

    @property
    def _shown_keys(self) -> dict[str, str]:
        return {verb: self._keys.shown(f"tag.{verb}") for verb in ("accept", "refuse")}

    @property
    def _icons(self) -> tuple[str, ...]:
        return (
            ("accept", "close")
            if self.tag.state is TagState.SUGGESTED
            else ("close",)
            if self.tag.state is TagState.ACCEPTED
            else ("undo",)
        )

    def mark(self, *, is_asked: bool) -> None:
        """Show that the why below is this tag's."""
        self._is_asked = is_asked
        self.update()

    def keep_width(self, pixels: int) -> None:
        """Be no narrower than this, however short the words become."""
        self._at_least = pixels
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as its words and signs."""
        wide = min(WIDEST, self.fontMetrics().horizontalAdvance(self.text))
        return QSize(max(self._at_least, self._indent + wide + len(self._icons) * (ICON + 6) + 8), HIGH)

    def minimumSizeHint(self) -> QSize:
        """A few letters: a long name gives way where there is little room."""
        return QSize(min(self.sizeHint().width(), NARROWEST), HIGH)

    @property
    def _indent(self) -> int:
        """Where the words begin: behind the tag's colour, if it has one."""
        return 10 + (DOT + 5 if self.tag.concept.colour in PALETTE else 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dashed, whole or faint."""
        colours, state = self._look.colours, self.tag.state
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.rect().adjusted(1, 1, -1, -1)
        pen = QPen(QColor(colours.line_strong), 1)
        if state is TagState.SUGGESTED:
            pen = QPen(QColor(colours.text_faint), 1, Qt.PenStyle.DashLine)
        if self.hasFocus() or self._is_asked:
            pen = QPen(QColor(colours.focus), 1.6 if self.hasFocus() else 1, pen.style())
        painter.setPen(pen)
        painter.setBrush(QColor(colours.chip) if state is TagState.ACCEPTED else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, 6, 6)
        dot = tag_colour(colours, self.tag.concept.colour)
        if dot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(dot))
            painter.drawEllipse(9, (self.height() - DOT) // 2, DOT, DOT)
        room = self.width() - self._indent - len(self._icons) * (ICON + 6) - 8
        painter.setPen(QColor(colours.text_faint if state is TagState.REJECTED else colours.text))
        font = painter.font()
        font.setStrikeOut(state is TagState.REJECTED)
        painter.setFont(font)
        text = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, room + 2)
        painter.drawText(self._indent, 0, room + 2, self.height(), int(Qt.AlignmentFlag.AlignVCenter), text)
        for place, icon in enumerate(self._icons):
            x = self._icon_left(place)
            painter.drawPixmap(x, (self.height() - ICON) // 2, draw_icon(icon, colours.text_soft, ICON))
        painter.end()

    def _icon_left(self, place: int) -> int:
        return self.width() - 7 - (len(self._icons) - place) * (ICON + 6) + 4

    def _choices(self) -> tuple[TagState | None, ...]:
        if self.tag.state is TagState.SUGGESTED:
            return (TagState.ACCEPTED, TagState.REJECTED)
        return (TagState.REJECTED,) if self.tag.state is TagState.ACCEPTED else (None,)

    # ── one stop of Tab for all of a row ──────────────────────────────────────────────────────────────────────────

    def _row(self) -> list[TagChip]:
        """The chips that stand together with this one, in their order."""
        around = self.parentWidget()
        if around is None:
            return [self]
        chips = around.findChildren(TagChip, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return [chip for chip in chips if chip.isVisibleTo(around)]

    def _step(self, by: int) -> None:
        row = self._row()
        at = row.index(self) + by
        if 0 <= at < len(row):
            row[at].setFocus(Qt.FocusReason.TabFocusReason)

    def _stop_here(self) -> None:
        for chip in self._row():
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus if chip is self else Qt.FocusPolicy.ClickFocus)

    def showEvent(self, event: QShowEvent) -> None:
        """The first of a row is where Tab stops, until another one was gone to."""
        super().showEvent(event)
        if all(chip.focusPolicy() is Qt.FocusPolicy.ClickFocus for chip in self._row()):
            self._stop_here()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tab comes back to where it left."""
        super().focusInEvent(event)
        self._stop_here()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On a sign: decide. On the word: why."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        for place, choice in enumerate(self._choices()):
            if self._icon_left(place) - 3 <= event.position().x() < self._icon_left(place) + ICON + 3:
                self.decided.emit(choice)
                return
        self.asked_why.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The verbs of the room `tag`; Enter asks why, arrows go along the row."""
        key = event.key()
        verb = self._keys.meant(event, "tag")
        if verb == "accept" and self.tag.state is not TagState.ACCEPTED:
            self.decided.emit(TagState.ACCEPTED)
        elif verb == "refuse" and self.tag.state is not TagState.REJECTED:
            self.decided.emit(TagState.REJECTED)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked_why.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._step(-1)
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._step(1)
        else:
            super().keyPressEvent(event)
