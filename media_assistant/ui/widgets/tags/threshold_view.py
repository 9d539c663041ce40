"""How sure a proposal must be: a slider in words, and at once what it lets through and what it keeps out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QColor, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QWidget

from media_assistant.items.concept import NEVER
from media_assistant.items.item import Item
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.thumbnails import cover_top
from media_assistant.ui.sureness import sureness
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.plain import column, label, said, unwheeled

LOWEST, HIGHEST = 0.2, 0.95
STEPS = 75
"""Of the slider; one more is never."""
SETTLES_MS = 600
"""So long after the last key the choice is kept."""
PICTURE = QSize(78, 52)
SHOWN = 5
MOST_KNOWN = 2000


class ThresholdView(QWidget):
    """Signals: `chosen(float)` the lowest score, when the person has settled on one."""

    chosen = Signal(float)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._scores: Sequence[tuple[int, float]] = ()
        self._kept = 0.0
        self._name = ""
        down = column(self, gap=5)
        down.addWidget(said(desk.words, "ui.threshold.title", "section"))
        self.slider = unwheeled(QSlider(Qt.Orientation.Horizontal))
        self.slider.setRange(0, STEPS + 1)
        self.slider.setPageStep(10)
        desk.words.bind(self.slider, QSlider.setAccessibleName, "ui.threshold.title")
        self.words = label(wraps=True)
        self.words.setMinimumWidth(1)  # whatever the tag is called
        self.count = label("soft", wraps=True)
        self._in_title = said(desk.words, "ui.threshold.just_in", "small")
        self._out_title = said(desk.words, "ui.threshold.just_out", "small")
        self.inside, self.outside = ThumbStrip(desk), ThumbStrip(desk)
        for strip, code in ((self.inside, "ui.threshold.just_in"), (self.outside, "ui.threshold.just_out")):
            desk.words.bind(strip, ThumbStrip.setAccessibleName, code)
        for widget in (
            self.words,
            self.slider,
            self.count,
            self._in_title,
            self.inside,
            self._out_title,
            self.outside,
        ):
            down.addWidget(widget)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLES_MS)
        self._settle.timeout.connect(self._keep)
        self.slider.valueChanged.connect(self._moved)
        self.slider.sliderReleased.connect(self._keep)
        self.slider.installEventFilter(self)
        desk.words.changed.connect(self._tell)

    def show_threshold(self, name: str, lowest_score: float) -> None:
        """Show what holds for a tag; the preview comes with `show_scores`."""
        self._settle.stop()
        self._name, self._kept = name, lowest_score
        with QSignalBlocker(self.slider):
            self.slider.setValue(_step_of(lowest_score))
        self._tell()

    def show_scores(self, scores: Sequence[tuple[int, float]]) -> None:
        """(item, score) of all that models noticed, the surest first."""
        self._scores = scores
        self._tell()

    @property
    def is_moving(self) -> bool:
        """Whether the person has not settled yet."""
        return self._settle.isActive() or self.slider.isSliderDown()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever leaves the slider has settled."""
        if event.type() is QEvent.Type.FocusOut and self._settle.isActive():
            self._keep()
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        """So has who goes elsewhere, or closes the window."""
        super().hideEvent(event)
        if self._settle.isActive():
            self._keep()

    @property
    def lowest_score(self) -> float:
        """Where the slider stands."""
        return _score_of(self.slider.value())

    def let_through(self) -> int:
        """How many items the slider lets through."""
        lowest = max(self.lowest_score, LOWEST)
        low, high = 0, len(self._scores)
        while low < high:
            middle = (low + high) // 2
            if self._scores[middle][1] >= lowest:
                low = middle + 1
            else:
                high = middle
        return low

    def _moved(self) -> None:
        self._tell()
        if not self.slider.isSliderDown():
            self._settle.start()

    def _keep(self) -> None:
        self._settle.stop()
        if _step_of(self._kept) != self.slider.value():
            self._kept = self.lowest_score
            self.chosen.emit(self._kept)

    def _tell(self) -> None:
        words, value = self._desk.words, self.slider.value()
        if value > STEPS:
            text = words.say("ui.threshold.never", name=self._name)
        elif value == 0:
            text = words.say("ui.threshold.all", name=self._name)
        else:
            text = words.say("ui.threshold.from", name=self._name, sure=words.say(sureness(self.lowest_score)))
        self.words.setText(text)
        percent = words.say(
            "ui.review.percent", percent=words.number(round(100 * min(1.0, max(LOWEST, self.lowest_score))))
        )
        self.slider.setToolTip(plain_tip(percent if value <= STEPS else text))
        through = self.let_through()
        self.count.setText(words.say("ui.threshold.count", count=through))
        self.slider.setAccessibleDescription(words.say("ui.sentence_separator").join((text, self.count.text())))
        just_in = [item_id for item_id, _ in self._scores[max(0, through - SHOWN) : through]][::-1]
        just_out = [item_id for item_id, _ in self._scores[through : through + SHOWN]]
        self.inside.show_items(just_in)
        self.outside.show_items(just_out)
        for title, strip, items in (
            (self._in_title, self.inside, just_in),
            (self._out_title, self.outside, just_out),
        ):
            title.setVisible(bool(items))
            strip.setVisible(bool(items))


class ThumbStrip(QWidget):
    """A few thumbnails in a row, as many as there is room for."""

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._items: list[int] = []
        self._tops: dict[int, float] = {}
        """By item where its picture is cut, once it is known of what kind it is."""
        self.setFixedHeight(PICTURE.height())
        desk.thumbnails.arrived.connect(lambda item_id: self.update() if item_id in self._items else None)
        desk.look.changed.connect(self.update)

    @property
    def items(self) -> list[int]:
        """What is shown, in order."""
        return self._items

    def value_text(self) -> str:
        """How many items are shown."""
        return self._desk.words.say("ui.search.items", count=len(self._items)) if self._items else ""

    def show_items(self, item_ids: list[int]) -> None:
        """Show these."""
        if item_ids != self._items:
            self._items = item_ids
            self.update()
            unknown = [item_id for item_id in item_ids if item_id not in self._tops]
            if unknown:
                library = self._desk.assistant.library
                self._desk.bridge.read(lambda: library.items(unknown), self._know, owner=self)

    def _know(self, items: list[Item]) -> None:
        if len(self._tops) > MOST_KNOWN:
            self._tops = {item_id: self._tops[item_id] for item_id in self._items if item_id in self._tops}
        self._tops |= {item.id: cover_top(item.kind) for item in items}
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The pictures, and a plain ground while one is on its way."""
        painter = QPainter(self)
        for place, item_id in enumerate(self._items):
            where = QRect(place * (PICTURE.width() + 6), 0, PICTURE.width(), PICTURE.height())
            if where.right() > self.width():
                break
            top, picture = self._tops.get(item_id), None
            if top is not None:
                picture = self._desk.thumbnails.picture(item_id, PICTURE, self.devicePixelRatioF(), top=top)
            if picture is None:
                painter.fillRect(where, QColor(self._desk.look.colours.well))
            else:
                painter.drawPixmap(where, picture)
        painter.end()


def _score_of(step: int) -> float:
    if step > STEPS:
        return NEVER
    return 0.0 if step == 0 else round(LOWEST + step * (HIGHEST - LOWEST) / STEPS, 4)


def _step_of(score: float) -> int:
    if score >= NEVER:
        return STEPS + 1
    return max(0, min(STEPS, round((score - LOWEST) * STEPS / (HIGHEST - LOWEST))))
