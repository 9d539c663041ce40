"""One suggestion: picture, title, and its reasons with the times on both sides, each a click away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QSizePolicy, QWidget

from media_assistant.items.answers import Reason, Suggestion
from media_assistant.items.item import Item
from media_assistant.items.moment import Moment
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.thumbnails import cover_top
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.tips import short_tip
from media_assistant.ui.widgets.evidence_view import place_in_words
from media_assistant.ui.widgets.flow_layout import FlowLayout, FlowRow
from media_assistant.ui.widgets.plain import IconButton, ShortenedLabel, column, label, row
from media_assistant.ui.widgets.similar.example_row import describe_example

PICTURE = QSize(84, 48)
MOST_REASONS = 3
MOST_PAIRS = 2


class SimilarRow(QPushButton):
    """Signals: `opened(int, int)` an item, this one or an example, and a time in ms or -1;
    `judged(int, bool)` more like this one, or not like it.
    """

    opened = Signal(int, int)
    judged = Signal(int, bool)

    def __init__(self, desk: Desk, suggestion: Suggestion) -> None:
        super().__init__()
        self._desk = desk
        self.item: Item = suggestion.item
        spans = [moment.span for reason in suggestion.reasons for moment in reason.theirs]
        self.at_ms = next((span.start_ms for span in spans if isinstance(span, TimeSpan)), -1)
        self.setProperty("role", "row")
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        across = row(self, margins=(6, 5, 2, 5), gap=10)
        self._picture = QLabel()
        self._picture.setFixedSize(PICTURE)
        self._picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        across.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        texts = column(gap=1)
        head = row(gap=0)
        title = ShortenedLabel()
        title.setText(" ".join(self.item.title.split()))
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        title.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        head.addWidget(title, 1)
        self.more = IconButton(desk.words, desk.look, "plus", "ui.similar.more", lambda: self._judge(is_wanted=True))
        self.less = IconButton(desk.words, desk.look, "minus", "ui.similar.less", lambda: self._judge(is_wanted=False))
        for verb in (self.more, self.less):
            head.addWidget(verb)
        texts.addLayout(head)
        self._placed: set[tuple[int, str, str]] = set()
        """Which places are shown already: of several reasons at one place the first has the times."""
        self.links: list[QPushButton] = []
        """The times that can be clicked: ours and theirs in turn."""
        says = []
        for reason in _shown(suggestion.reasons):
            says.append(self._say(reason))
            line = label("small", wraps=True)
            line.setText(says[-1])
            line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            texts.addWidget(line)
            if (places := self._places(reason)) is not None:
                texts.addWidget(places)
        texts.addStretch(1)
        across.addLayout(texts, 1)
        told = desk.words.say("ui.sentence_separator").join(says)
        self.setAccessibleName(self.item.title)
        self.setAccessibleDescription(told)
        self.setToolTip(short_tip(f"{self.item.title}\n{told}"))
        self.clicked.connect(lambda _checked=False: self.opened.emit(self.item.id, self.at_ms))
        self.dress()

    def _say(self, reason: Reason) -> str:
        """Its sentence; with several examples also which of them it speaks of."""
        says = self._desk.words.sentence(reason.says)
        examples = self._desk.examples.examples
        if len(examples.all) < 2 or reason.example >= len(examples.all):
            return says
        name = describe_example(self._desk, examples.all[reason.example])
        code = "ui.similar.reason_of" if reason.weight > 0 else "ui.similar.reason_against"
        return self._desk.words.say(code, name=name, says=says)

    def _places(self, reason: Reason) -> QWidget | None:
        """Where it is so, here and there."""
        pairs: list[list[QPushButton]] = []
        for ours, theirs in zip(reason.evidence, reason.theirs, strict=True):
            places = place_in_words(self._desk, ours), place_in_words(self._desk, theirs)
            if (ours.item_id, *places) in self._placed or len(pairs) == MOST_PAIRS:
                continue
            self._placed.add((ours.item_id, *places))
            said = zip((ours, theirs), places, ("ui.similar.here", "ui.similar.there"), strict=True)
            links = [
                self._link(moment, self._desk.words.say(code, place=place))
                for moment, place, code in said
                if place and moment.item_id and not self._is_all_of_it(moment)
            ]
            if links:
                pairs.append(links)
        if not pairs:
            return None
        holder = QWidget()
        flow = FlowLayout(holder, gap=2)
        for links in pairs:
            pair = FlowRow()
            for link in links:
                if pair.flow.count():
                    pair.flow.addWidget(_between())
                pair.flow.addWidget(link)
            flow.addWidget(pair)
        return holder

    def _is_all_of_it(self, moment: Moment) -> bool:
        """A page of a text that has no other tells nobody where to look."""
        item = self.item if moment.item_id == self.item.id else self._desk.examples.item(moment.item_id)
        return isinstance(moment.span, TextSpan) and item is not None and item.facts.pages <= 1

    def _link(self, moment: Moment, text: str) -> QPushButton:
        link = QPushButton(text)
        link.setProperty("role", "link")
        link.setAutoDefault(False)
        link.setToolTip(self._desk.words.say("ui.evidence.play"))
        link.setAccessibleDescription(self.item.title)
        at_ms = moment.span.start_ms if isinstance(moment.span, TimeSpan) else -1
        link.clicked.connect(lambda _checked=False: self.opened.emit(moment.item_id, at_ms))
        self.links.append(link)
        return link

    def _judge(self, *, is_wanted: bool) -> None:
        self.judged.emit(self.item.id, is_wanted)

    def resizeEvent(self, event: object) -> None:
        """As high as the reasons need at this width."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        layout = self.layout()
        if layout is not None:
            needed = layout.heightForWidth(self.width()) if layout.hasHeightForWidth() else layout.sizeHint().height()
            self.setMinimumHeight(max(PICTURE.height() + 12, needed))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+ is more like this one, − not like it; Enter and Space open it."""
        if event.text() in ("+", "-"):
            self._judge(is_wanted=event.text() == "+")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The same by the right button and the menu key."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for code, is_wanted in (("ui.similar.more", True), ("ui.similar.less", False)):
            key = "+" if is_wanted else "-"
            menu.addAction(f"{self._desk.words.say(code)}\t{key}").triggered.connect(
                lambda _checked=False, is_wanted=is_wanted: self._judge(is_wanted=is_wanted)
            )
        menu.popup(event.globalPos())

    def dress(self) -> None:
        """Show the thumbnail, or the kind's icon while there is none."""
        ratio = self.devicePixelRatioF()
        found = self._desk.thumbnails.picture(self.item.id, PICTURE, ratio, top=cover_top(self.item.kind))
        if found is None:
            found = QPixmap(PICTURE * ratio)
            found.setDevicePixelRatio(ratio)
            found.fill(QColor(self._desk.look.colours.well))
            painter = QPainter(found)
            icon = draw_icon(self.item.kind.value, self._desk.look.colours.text_faint, 20)
            painter.drawPixmap((PICTURE.width() - 20) // 2, (PICTURE.height() - 20) // 2, icon)
            painter.end()
        shown = QPixmap(found)
        shown.setDevicePixelRatio(found.width() / PICTURE.width())
        self._picture.setPixmap(shown)
        self.setIcon(QIcon())


def _between() -> QLabel:
    sign = label("small")
    sign.setText("↔")
    sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return sign


def _shown(reasons: tuple[Reason, ...]) -> list[Reason]:
    """The weightiest that speak for it, and the one that speaks most against it."""
    against = [reason for reason in reasons if reason.weight < 0]
    return [reason for reason in reasons if reason.weight > 0][:MOST_REASONS] + against[:1]
