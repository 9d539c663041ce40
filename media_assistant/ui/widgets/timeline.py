"""The lanes under a film or a sound: shots and the four senses along time, with a playhead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from media_assistant.items.answers import Details
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.ui.colours import ink_on
from media_assistant.ui.theme import Look
from media_assistant.ui.words import Words, clock

FULL_LANE, SMALL_LANE = 26, 13
FULL_LEFT, SMALL_LEFT = 76, 58


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of one lane."""

    start_ms: int
    end_ms: int
    text: str
    is_found: bool = False
    """The search found it."""


@dataclass(frozen=True, slots=True)
class Lane:
    """`sense` is None for the shots."""

    sense: Sense | None
    blocks: tuple[Block, ...]


def make_lanes(details: Details, found: Sequence[Moment], words: Words) -> tuple[Lane, ...]:
    """The lanes of an item. Found moments are marked, and added where the details do not hold them."""
    marked = {(moment.sense, moment.span) for moment in found}
    lanes = [Lane(None, tuple(_blocks(details.shots, frozenset(), words)))]
    for sense in Sense:
        held = [moment for moment in (*details.labels, *details.lines) if moment.sense is sense]
        spans = {moment.span for moment in held}
        held += [moment for moment in found if moment.sense is sense and moment.span not in spans]
        chosen = frozenset(span for kept, span in marked if kept is sense)
        lanes.append(Lane(sense, tuple(_blocks(held, chosen, words))))
    return tuple(lanes)


def _blocks(moments: Sequence[Moment], found: frozenset[object], words: Words) -> list[Block]:
    by_span: dict[TimeSpan, list[Moment]] = {}
    for moment in moments:
        if isinstance(moment.span, TimeSpan):
            by_span.setdefault(moment.span, []).append(moment)
    blocks = []
    for span, group in sorted(by_span.items()):
        best = sorted(group, key=lambda moment: -moment.score)[:3]
        names = [words.concept(moment.concept) if moment.concept else moment.text for moment in best]
        text = "" if group[0].layer is Layer.SHOT else words.say("ui.list_separator").join(dict.fromkeys(names))
        blocks.append(Block(span.start_ms, span.end_ms, text, span in found))
    return blocks


class Timeline(QWidget):
    """Signals: `sought(int)` where the person pointed, in ms."""

    sought = Signal(int)

    def __init__(self, look: Look, words: Words, *, is_small: bool) -> None:
        super().__init__()
        self._look = look
        self._words = words
        self._is_small = is_small
        self._lanes: tuple[Lane, ...] = ()
        self._duration_ms = 0
        self._position_ms = 0
        self._drawn: QPixmap | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        words.bind(self, Timeline.setAccessibleName, "ui.timeline.name")
        look.changed.connect(self._redraw)

    def sizeHint(self) -> QSize:
        """A line for each lane, also before they are known."""
        lanes = len(self._shown()) or (4 if self._is_small else 5)
        return QSize(300, lanes * self._lane_height + (12 if self._is_small else 16))

    minimumSizeHint = sizeHint

    @property
    def _lane_height(self) -> int:
        return SMALL_LANE if self._is_small else FULL_LANE

    @property
    def _left(self) -> int:
        return SMALL_LEFT if self._is_small else FULL_LEFT

    def _shown(self) -> tuple[Lane, ...]:
        return tuple(lane for lane in self._lanes if not (self._is_small and lane.sense is None))

    def show_lanes(self, lanes: tuple[Lane, ...], duration_ms: int) -> None:
        """Show an item's lanes."""
        self._lanes, self._duration_ms = lanes, duration_ms
        self.updateGeometry()
        self._redraw()

    def show_position(self, ms: int) -> None:
        """Move the playhead."""
        if ms != self._position_ms:
            before, self._position_ms = self._x_of(self._position_ms), ms
            now = self._x_of(ms)
            if round(before) != round(now):
                self.setAccessibleDescription(clock(ms))
                self.update(round(before) - 3, 0, 7, self.height())
                self.update(round(now) - 3, 0, 7, self.height())

    def _redraw(self) -> None:
        self._drawn = None
        self.update()

    def _x_of(self, ms: int) -> float:
        wide = self.width() - self._left - 10
        return self._left + wide * min(1.0, ms / self._duration_ms if self._duration_ms else 0.0)

    def _ms_at(self, x: float) -> int:
        wide = max(1, self.width() - self._left - 10)
        return round(min(1.0, max(0.0, (x - self._left) / wide)) * self._duration_ms)

    def resizeEvent(self, event: QEvent) -> None:
        """The lanes are drawn again."""
        self._drawn = None
        super().resizeEvent(event)  # type: ignore[arg-type]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The lanes from their picture, the playhead over them."""
        if self._drawn is None or self._drawn.devicePixelRatioF() != self.devicePixelRatioF():
            self._drawn = self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn)
        if self._duration_ms:
            x = round(self._x_of(self._position_ms))
            painter.fillRect(x, 0, 2, self.height(), QColor(self._look.colours.text))
        if self.hasFocus():
            painter.setPen(QColor(self._look.colours.focus))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _draw(self) -> QPixmap:
        colours, ratio = self._look.colours, self.devicePixelRatioF()
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(colours.well))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(11 if self._is_small else 12)
        painter.setFont(font)
        high = self._lane_height
        top = 6 if self._is_small else 8
        for lane in self._shown():
            name = self._words.say(f"ui.sense.{lane.sense.value}" if lane.sense else "ui.lane.shots")
            painter.setPen(QColor(colours.text_faint))
            where = QRectF(10, top, self._left - 14, high)
            flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
            painter.drawText(
                where, flags, painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(where.width()))
            )
            if not self._is_small:
                painter.setPen(QColor(colours.line))
                painter.drawLine(self._left, top + high - 1, self.width() - 10, top + high - 1)
            self._draw_blocks(painter, lane, top, high)
            top += high
        painter.end()
        return picture

    def _draw_blocks(self, painter: QPainter, lane: Lane, top: int, high: int) -> None:
        colours = self._look.colours
        strong = colours.sense(lane.sense) if lane.sense else QColor(colours.shot)
        quiet = colours.sense_ground(lane.sense) if lane.sense else QColor(colours.shot)
        ink = colours.sense_text(lane.sense) if lane.sense else QColor(colours.text_soft)
        small = QFont(self.font())
        small.setPixelSize(10)
        painter.setFont(small)
        last = -10.0
        # What the search found is drawn last, over what it lies in.
        for block in sorted(lane.blocks, key=lambda each: each.is_found):
            left, right = self._x_of(block.start_ms), self._x_of(block.end_ms)
            if right < last + 1 and not block.is_found:
                continue
            last = right
            gap = 1.0 if right - left > 5 else 0.0
            rect = QRectF(
                left,
                top + (2 if self._is_small else 5),
                max(2.5, right - left - gap),
                high - (4 if self._is_small else 9),
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(strong if block.is_found or self._is_small else quiet)
            if self._is_small and not block.is_found:
                soft = QColor(strong)
                soft.setAlpha(150)
                painter.setBrush(soft)
            painter.drawRoundedRect(rect, 3, 3)
            if not self._is_small and block.text and rect.width() > 26:
                painter.setPen(QColor(ink_on(strong.name())) if block.is_found else ink)
                inside = rect.adjusted(5, 0, -3, 0)
                plain = " ".join(block.text.split())[:200]
                text = painter.fontMetrics().elidedText(plain, Qt.TextElideMode.ElideRight, int(inside.width()))
                painter.drawText(inside, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
        font = QFont(self.font())
        font.setPixelSize(11 if self._is_small else 12)
        painter.setFont(font)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() is Qt.MouseButton.LeftButton and event.position().x() >= self._left - 4:
            self.sought.emit(self._ms_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the playhead."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.sought.emit(self._ms_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home and End; everything else belongs to the player."""
        if event.key() == Qt.Key.Key_Home:
            self.sought.emit(0)
        elif event.key() == Qt.Key.Key_End:
            self.sought.emit(max(0, self._duration_ms - 1))
        else:
            super().keyPressEvent(event)

    def block_at(self, point: QPoint) -> Block | None:
        """What lies under a point."""
        at = (point.y() - (6 if self._is_small else 8)) // self._lane_height
        lanes = self._shown()
        if not 0 <= at < len(lanes) or point.x() < self._left:
            return None
        ms = self._ms_at(point.x())
        return next((block for block in lanes[at].blocks if block.start_ms <= ms < block.end_ms), None)

    def event(self, event: QEvent) -> bool:
        """What a block holds, on hover."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            block = self.block_at(event.pos())
            if block is None:
                QToolTip.hideText()
            else:
                times = f"{clock(block.start_ms)} – {clock(block.end_ms)}"
                QToolTip.showText(event.globalPos(), f"{times}\n{block.text}" if block.text else times, self)
            return True
        return super().event(event)
