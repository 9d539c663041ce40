"""Items like this one, across kinds, each with the reason in one true sentence."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QSizePolicy, QWidget

from media_assistant.items.answers import Suggestion
from media_assistant.items.item import Item
from media_assistant.ui.desk import Desk
from media_assistant.ui.icons import draw_icon
from media_assistant.ui.widgets.plain import ShortenedLabel, column, empty_layout, label, row, short_tip

PICTURE = QSize(84, 48)


class SimilarView(QScrollArea):
    """Signals: `opened(int, int)`: an item, and the time in ms that the reason points to (-1 for none)."""

    opened = Signal(int, int)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._item_id = 0
        self._asked_id = 0
        self._turn = 0
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        self.setWidget(page)
        down = column(page, margins=(0, 8, 4, 8), gap=2)
        self._note = label("faint", wraps=True)
        down.addWidget(self._note)
        self._rows = column(gap=2)
        down.addLayout(self._rows)
        down.addStretch(1)
        desk.thumbnails.arrived.connect(self._picture_arrived)
        desk.words.changed.connect(self._ask_again)

    @property
    def rows(self) -> list[SimilarRow]:
        """What is shown, best first."""
        return [found for found in self.findChildren(SimilarRow) if not found.isHidden()]

    def show_item(self, item_id: int) -> None:
        """Remember the item; it is asked about when this view is first seen."""
        if item_id != self._item_id:
            self._item_id = item_id
            empty_layout(self._rows)
            self._note.setText("")
            self._asked_id = 0
        if self.isVisible():
            self._ask()

    def showEvent(self, event: object) -> None:
        """Ask when seen."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._ask()

    def _ask_again(self) -> None:
        self._asked_id = 0
        if self.isVisible():
            self._ask()

    def _ask(self) -> None:
        if not self._item_id or self._asked_id == self._item_id:
            return
        self._asked_id = self._item_id
        self._turn += 1
        turn = self._turn
        self._note.setText(self._desk.words.say("ui.similar.looking"))
        self._note.show()
        self._desk.bridge.when_done(
            self._desk.assistant.similar(self._item_id),
            lambda found: self._take(turn, found),
            owner=self,
            failed=lambda fault: self._fail(turn, fault),
        )

    def _fail(self, turn: int, fault: BaseException) -> None:
        if turn == self._turn:
            self._note.setText(self._desk.words.fault(fault))

    def _take(self, turn: int, found: tuple[Suggestion, ...]) -> None:
        if turn != self._turn:
            return
        empty_layout(self._rows)
        self._note.setVisible(not found)
        self._note.setText(self._desk.words.say("ui.similar.none"))
        for suggestion in found:
            made = SimilarRow(self._desk, suggestion)
            made.clicked.connect(lambda _checked=False, made=made: self.opened.emit(made.item.id, made.at_ms))
            self._rows.addWidget(made)

    def _picture_arrived(self, item_id: int) -> None:
        for found in self.rows:
            if found.item.id == item_id:
                found.dress()


class SimilarRow(QPushButton):
    """Picture, title, reason."""

    def __init__(self, desk: Desk, suggestion: Suggestion) -> None:
        super().__init__()
        self._desk = desk
        self.item: Item = suggestion.item
        spans = [moment.span for reason in suggestion.reasons for moment in reason.theirs]
        self.at_ms = next((int(span.start_ms) for span in spans if hasattr(span, "start_ms")), -1)
        self.setProperty("role", "row")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.setMinimumHeight(PICTURE.height() + 12)
        across = row(self, margins=(6, 5, 6, 5), gap=10)
        self._picture = QLabel()
        self._picture.setFixedSize(PICTURE)
        across.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        texts = column(gap=1)
        title = ShortenedLabel()
        title.setText(" ".join(self.item.title.split()))
        title.setMinimumWidth(20)
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        reason = label("small", wraps=True)
        says = [desk.words.sentence(each.says) for each in suggestion.reasons[:2]]
        reason.setText(desk.words.say("ui.sentence_separator").join(dict.fromkeys(says)))
        self._reason = reason
        for text in (title, reason):
            text.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            texts.addWidget(text)
        texts.addStretch(1)
        across.addLayout(texts, 1)
        self.setAccessibleName(self.item.title)
        self.setAccessibleDescription(reason.text())
        self.setToolTip(short_tip(f"{self.item.title}\n{reason.text()}"))
        self.dress()

    def resizeEvent(self, event: object) -> None:
        """As high as the reason needs at this width."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        needed = self._reason.heightForWidth(max(40, self.width() - PICTURE.width() - 24)) + 34
        self.setMinimumHeight(max(PICTURE.height() + 12, needed))

    def dress(self) -> None:
        """Show the thumbnail, or the kind's icon while there is none."""
        ratio = self.devicePixelRatioF()
        found = self._desk.thumbnails.picture(self.item.id, PICTURE, ratio)
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
