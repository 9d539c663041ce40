"""Where a tag comes from: frames, seconds and words, each of them a click away from being played or shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from media_assistant.items.clock import clock
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.ui.desk import Desk
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.sureness import sureness
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.plain import column, empty_layout
from media_assistant.workflows.tags.evidence import Evidence

PICTURE = QSize(72, 42)
ROW = PICTURE.height() + 12
MOST = 8


class EvidenceView(QWidget):
    """One row for each moment, strongest first. Signals: `moment_wanted(Moment)` on a click or Enter."""

    moment_wanted = Signal(object)

    def __init__(self, desk: Desk, *, most: int = MOST) -> None:
        super().__init__()
        self._desk = desk
        self._most = most
        self._down = column(self, gap=4)
        self.rows: list[EvidenceRow] = []
        """What is shown, in order."""

    def show_evidence(self, item: Item, found: Sequence[Evidence]) -> None:
        """Show where it comes from; what is true of the whole item is no row."""
        empty_layout(self._down)
        self.rows = []
        told: set[tuple[str, str]] = set()
        for evidence in found:
            says = place_in_words(self._desk, evidence.moment), evidence.quote
            if len(self.rows) == self._most or (evidence.quote and says in told):
                continue  # the word stands twice in one passage
            if isinstance(evidence.moment.span, (TimeSpan, TextSpan)) or evidence.quote:
                row = EvidenceRow(self._desk, item, evidence)
                row.clicked.connect(lambda _checked=False, moment=evidence.moment: self.moment_wanted.emit(moment))
                self._down.addWidget(row)
                self.rows.append(row)
                told.add(says)
        self.setVisible(bool(self.rows))


class EvidenceRow(QPushButton):
    """A frame of the film or a sign of the sense, when or where, how sure, and the words."""

    def __init__(self, desk: Desk, item: Item, evidence: Evidence) -> None:
        super().__init__()
        self._desk = desk
        self._item = item
        self.evidence = evidence
        self.setProperty("role", "row")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        words = desk.words
        self._place = place_in_words(desk, evidence.moment)
        self._sure = words.say(sureness(evidence.moment.score))
        code = "ui.evidence.play" if isinstance(evidence.moment.span, TimeSpan) else "ui.evidence.open"
        says = [self._place, words.say(f"ui.sense.{evidence.moment.sense.value}"), self._sure, evidence.quote]
        self.setAccessibleName(words.say("ui.list_separator").join(part for part in says if part))
        self.setToolTip(plain_tip(words.say(code)))
        self.setAccessibleDescription(words.say(code))
        desk.storyboards.arrived.connect(self._arrived)
        desk.look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, ROW)

    minimumSizeHint = sizeHint

    def _arrived(self, item_id: int) -> None:
        if item_id == self._item.id:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button's own ground and ring, then what it says."""
        super().paintEvent(event)
        colours, moment = self._desk.look.colours, self.evidence.moment
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRect(6, 6, PICTURE.width(), PICTURE.height())
        self._paint_frame(painter, frame)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.sense(moment.sense))
        painter.drawRect(frame.right() + 6, frame.top() + 4, 3, frame.height() - 8)
        words = self.rect().adjusted(frame.right() + 18, 6, -8, -6)
        metrics = painter.fontMetrics()
        painter.setPen(QColor(colours.text))
        line = (
            self._desk.words.say("ui.evidence.line", place=self._place, sure=self._sure) if self._place else self._sure
        )
        has_quote = bool(self.evidence.quote)
        top = words.adjusted(0, 0, 0, -words.height() // 2) if has_quote else words
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(top, left, metrics.elidedText(line, Qt.TextElideMode.ElideRight, words.width()))
        if has_quote:
            painter.setPen(QColor(colours.text_soft))
            quote = metrics.elidedText(self.evidence.quote, Qt.TextElideMode.ElideRight, words.width())
            painter.drawText(words.adjusted(0, words.height() // 2, 0, 0), left, quote)
        painter.end()

    def _paint_frame(self, painter: QPainter, frame: QRect) -> None:
        colours, moment, item = self._desk.look.colours, self.evidence.moment, self._item
        painter.fillRect(frame, QColor(colours.stage))
        length = item.facts.duration_ms
        if item.kind is Kind.VIDEO and isinstance(moment.span, TimeSpan) and length:
            found = self._desk.storyboards.frame(item.id, moment.span.start_ms / length)
            if found is not None:
                strip, tile = found
                where = QRect(frame)
                where.setSize(tile.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio))
                where.moveCenter(frame.center())
                painter.drawPixmap(where, strip, tile)
                return
        icon = draw_icon(item.kind.value, "#949cab", 22)
        painter.drawPixmap(frame.center().x() - 11, frame.center().y() - 11, icon)


def place_in_words(desk: Desk, moment: Moment) -> str:
    """`0:12`, or `Page 3`; empty for the whole item."""
    if isinstance(moment.span, TimeSpan):
        return clock(moment.span.start_ms)
    if isinstance(moment.span, TextSpan):
        return desk.words.say("ui.page", page=desk.words.number(moment.span.page))
    return ""
