"""The lanes under a film or a sound: its loudness, shots and the four senses along time, with a playhead.

A click goes there, a drag carries the playhead; with Shift a drag chooses what is looped. With the keyboard: up and down
choose a lane, Ctrl with left and right go from one thing in it to the next, Home and End to the ends.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from media_assistant.items.clock import clock
from media_assistant.ui.look.theme import Look
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.timeline.lanes import Block, Lane, make_lanes, make_marks
from media_assistant.ui.widgets.timeline.painter import FLAG, LanePainter
from media_assistant.ui.words import Words

__all__ = ["Block", "Lane", "Timeline", "make_lanes", "make_marks"]

FULL_LANE, SMALL_LANE = 24, 13
FULL_LEFT, SMALL_LEFT = 76, 58
WAVE = 34
RIGHT = 10


class Timeline(QWidget):
    """Signals: `sought(int)` where the person pointed, in ms; `loop_wanted(int, int)` from and to, in ms;
    `mark_wanted(int)` the flag of the mark that begins there was clicked.
    """

    sought = Signal(int)
    loop_wanted = Signal(int, int)
    mark_wanted = Signal(int)

    def __init__(self, look: Look, words: Words, *, is_small: bool) -> None:
        super().__init__()
        self._look = look
        self._words = words
        self._is_small = is_small
        self.lanes: tuple[Lane, ...] = ()
        self._marks: tuple[Block, ...] = ()
        self._chapters: tuple[int, ...] = ()
        self._named: list[tuple[int, Block]] | None = None
        self._peaks = b""
        self._has_wave = False
        self._rows = 4 if is_small else 5
        """For how many lanes there is room: those of the last item until the lanes of this one are known."""
        self._loop: tuple[int, int] | None = None
        self._duration_ms = 0
        self._position_ms = 0
        self._drawn: QPixmap | None = None
        self._lane = 0
        self.current: Block | None = None
        """What the keyboard is on."""
        self._pressed_ms = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        words.bind(self, Timeline.setAccessibleName, "ui.timeline.name")
        look.changed.connect(self._redraw)

    def sizeHint(self) -> QSize:
        """A line for each lane, also before they are known."""
        return QSize(300, self._top + self._rows * self._lane_height + 8)

    minimumSizeHint = sizeHint

    @property
    def _lane_height(self) -> int:
        return SMALL_LANE if self._is_small else FULL_LANE

    @property
    def _left(self) -> int:
        return SMALL_LEFT if self._is_small else FULL_LEFT

    @property
    def _top(self) -> int:
        """Where the first lane begins: under the flags, and the loudness if it is known."""
        return 6 if self._is_small else 8 + (WAVE if self._has_wave else 0)

    def shown_lanes(self) -> tuple[Lane, ...]:
        """The lanes in their order; a small timeline leaves the shots out."""
        return tuple(lane for lane in self.lanes if not (self._is_small and lane.sense is None))

    @property
    def duration_ms(self) -> int:
        """Of the item; 0 if nobody knows."""
        return self._duration_ms

    @property
    def position_ms(self) -> int:
        """Where the playhead is."""
        return self._position_ms

    @property
    def marks(self) -> tuple[Block, ...]:
        """The person's own."""
        return self._marks

    @property
    def loop(self) -> tuple[int, int] | None:
        """From and to, in ms, or none."""
        return self._loop

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def show_lanes(
        self,
        lanes: tuple[Lane, ...],
        duration_ms: int,
        *,
        marks: tuple[Block, ...] = (),
        chapters: tuple[int, ...] = (),
    ) -> None:
        """Show an item's lanes, its marks, and where its chapters begin (ms)."""
        self.lanes, self._duration_ms = lanes, duration_ms
        self._marks, self._chapters = marks, chapters
        self._rows = len(self.shown_lanes()) or self._rows
        self.current = self._named = None
        self.updateGeometry()
        self._redraw()

    def show_peaks(self, peaks: bytes, *, is_expected: bool = False) -> None:
        """How loud it is: a byte for each of equal stretches. Empty for no lane, or for an empty one if what it will hold
        is expected: nothing jumps then when it comes.
        """
        if (peaks, bool(peaks) or is_expected) != (self._peaks, self._has_wave):
            self._peaks, self._has_wave = peaks, bool(peaks) or is_expected
            self.updateGeometry()
            self._redraw()

    def show_loop(self, loop: tuple[int, int] | None) -> None:
        """What is played again and again, in ms."""
        if loop != self._loop:
            self._loop = loop
            self._redraw()

    def show_position(self, ms: int) -> None:
        """Move the playhead. Beyond what was thought its length, the length is that."""
        if ms > self._duration_ms > 0:
            self._duration_ms = ms
            self._redraw()
        if ms != self._position_ms:
            before, self._position_ms = self.x_of(self._position_ms), ms
            now = self.x_of(ms)
            if round(before) != round(now):
                self.update(round(before) - 3, 0, 7, self.height())
                self.update(round(now) - 3, 0, 7, self.height())

    def _redraw(self) -> None:
        self._drawn = None
        self.update()

    def x_of(self, ms: int) -> float:
        """The place of a time."""
        wide = self.width() - self._left - RIGHT
        return self._left + wide * min(1.0, ms / self._duration_ms if self._duration_ms else 0.0)

    def ms_at(self, x: float) -> int:
        """The time at a place."""
        wide = max(1, self.width() - self._left - RIGHT)
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
            x = round(self.x_of(self._position_ms))
            painter.fillRect(x, 0, 2, self.height(), QColor(self._look.colours.text))
        if self.hasFocus():
            painter.setPen(QColor(self._look.colours.focus))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            if self.current is not None:
                painter.drawRect(self.rect_of(self._lane, self.current).adjusted(-1, -1, 1, 1))
        painter.end()

    def _draw(self) -> QPixmap:
        colours, ratio = self._look.colours, self.devicePixelRatioF()
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(colours.well))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() - self._left - RIGHT
        pixel_ms = self._duration_ms / max(1, width)
        lanes = LanePainter(painter, colours, self.font(), self.x_of, pixel_ms=pixel_ms, is_small=self._is_small)
        high, top = self._lane_height, self._top
        if self._has_wave and not self._is_small:
            lanes.name(self._words.say("ui.lane.sound"), 10, top - WAVE, self._left - 14, WAVE)
            lanes.wave(self._peaks, self._left, width, top - WAVE, WAVE)
        for lane in self.shown_lanes():
            lanes.name(self.name_of(lane), 10, top, self._left - 14, high)
            if not self._is_small:
                lanes.line(self._left, self.width() - RIGHT, top + high - 1)
            lanes.lane(lane, top, high)
            top += high
        lanes.chapters(self._chapters[1:], self._top, high - 2)
        if self._duration_ms:
            lanes.marks(self._marks, 0, self.height())
            if self._loop is not None:
                lanes.loop(*self._loop, 0, self.height())
        painter.end()
        return picture

    def name_of(self, lane: Lane) -> str:
        """What a lane is called."""
        return self._words.say(f"ui.sense.{lane.sense.value}" if lane.sense else "ui.lane.shots")

    def rect_of(self, lane: int, block: Block) -> QRect:
        """Where a block of a shown lane is drawn."""
        left, right = self.x_of(block.start_ms), self.x_of(block.end_ms)
        top = self._top + lane * self._lane_height
        return QRect(round(left), top + 2, max(3, round(right - left)), self._lane_height - 4)

    # ── the mouse ─────────────────────────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there; on a mark's flag exactly to the mark; with Shift a loop begins."""
        if event.button() is not Qt.MouseButton.LeftButton or event.position().x() < self._left - FLAG:
            return
        at_ms = self.ms_at(event.position().x())
        self._pressed_ms = at_ms if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else -1
        mark = self.mark_at(event.position().toPoint())
        if self._pressed_ms >= 0:
            return
        self.sought.emit(mark.start_ms if mark is not None else at_ms)
        if mark is not None:
            self.mark_wanted.emit(mark.start_ms)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the playhead, or the end of the loop."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            at_ms = self.ms_at(event.position().x())
            if self._pressed_ms >= 0:
                self.show_loop((min(at_ms, self._pressed_ms), max(at_ms, self._pressed_ms)))
            else:
                self.sought.emit(at_ms)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The loop is chosen."""
        if self._pressed_ms >= 0:
            at_ms = self.ms_at(event.position().x())
            self.loop_wanted.emit(min(at_ms, self._pressed_ms), max(at_ms, self._pressed_ms))
            self._pressed_ms = -1

    def mark_at(self, point: QPoint) -> Block | None:
        """The mark whose flag is under a point."""
        if point.y() > 4 + FLAG:
            return None
        near = [mark for mark in self._marks if abs(self.x_of(mark.start_ms) - point.x()) <= FLAG]
        return min(near, key=lambda mark: abs(self.x_of(mark.start_ms) - point.x()), default=None)

    def block_at(self, point: QPoint) -> Block | None:
        """What lies under a point."""
        at = (point.y() - self._top) // self._lane_height
        lanes = self.shown_lanes()
        if not 0 <= at < len(lanes) or point.x() < self._left:
            return None
        ms = self.ms_at(point.x())
        return next((block for block in lanes[at].blocks if block.start_ms <= ms < block.end_ms), None)

    def event(self, event: QEvent) -> bool:
        """What a block or a mark holds, on hover."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            block = self.mark_at(event.pos()) or self.block_at(event.pos())
            if block is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), plain_tip(describe_block(block, separator="\n")), self)
            return True
        return super().event(event)

    # ── the keyboard ──────────────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Lanes, what is in them, and the ends; everything else belongs to the player."""
        has_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        match event.key():
            case Qt.Key.Key_Home:
                self.sought.emit(0)
            case Qt.Key.Key_End:
                self.sought.emit(max(0, self._duration_ms - 1))
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                self._choose_lane(self._lane + step)
            case Qt.Key.Key_Left | Qt.Key.Key_Right if has_control:
                self._choose_block(1 if event.key() == Qt.Key.Key_Right else -1)
            case _:
                super().keyPressEvent(event)

    def _choose_lane(self, lane: int) -> None:
        lanes = self.shown_lanes()
        if lanes:
            self._lane = min(len(lanes) - 1, max(0, lane))
            at = self._position_ms
            self._go_to(next((block for block in lanes[self._lane].blocks if block.end_ms > at), None), seeks=False)

    def _choose_block(self, direction: int) -> None:
        lanes = self.shown_lanes()
        if not lanes:
            return
        blocks = lanes[min(self._lane, len(lanes) - 1)].blocks
        at = self._position_ms
        if direction > 0:
            self._go_to(next((block for block in blocks if block.start_ms > at), None))
        else:
            self._go_to(next((block for block in reversed(blocks) if block.start_ms < at), None))

    def _go_to(self, block: Block | None, *, seeks: bool = True) -> None:
        if block is None and seeks:
            return
        self.current = block
        self.update()
        if block is not None:
            if seeks:
                self.sought.emit(block.start_ms)
            told = QAccessibleEvent(self, QAccessible.Event.Focus)
            told.setChild(self.child_of(block))
            QAccessible.updateAccessibility(told)

    # ── for a screen reader ───────────────────────────────────────────────────────────────────────────────────────

    def children_blocks(self) -> list[tuple[int, Block]]:
        """(lane, block) of everything named on it, lane by lane; the marks are lane -1."""
        if self._named is None:
            self._named = [(-1, mark) for mark in self._marks]
            self._named += [(at, block) for at, lane in enumerate(self.shown_lanes()) for block in lane.blocks]
        return self._named

    def child_of(self, block: Block) -> int:
        """A block's number among all of them; -1 for one that is not there."""
        return next((at for at, (_, each) in enumerate(self.children_blocks()) if each is block), -1)

    def value_text(self) -> str:
        """`1:12 of 8:41`, and what is there now."""
        now = [
            block.text
            for _, block in self.children_blocks()
            if block.text and block.start_ms <= self._position_ms < max(block.end_ms, block.start_ms + 1)
        ]
        place = self._words.say("ui.timeline.at", at=clock(self._position_ms), of=clock(self._duration_ms))
        return self._words.say("ui.list_separator").join([place, *now[:4]])

    def describe(self, lane: int, block: Block) -> str:
        """What a screen reader says of a block: its lane, its words, its time."""
        lanes = self.shown_lanes()
        name = self._words.say("ui.mark.bare") if lane < 0 else self.name_of(lanes[lane])
        return f"{name}: {describe_block(block, separator=' ')}"


def describe_block(block: Block, *, separator: str) -> str:
    """Its times and its words."""
    times = clock(block.start_ms)
    if block.end_ms > block.start_ms:
        times = f"{times} – {clock(block.end_ms)}"
    return f"{times}{separator}{block.text}" if block.text else times
