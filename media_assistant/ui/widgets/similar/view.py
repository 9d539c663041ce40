"""Items like the examples, across kinds, each with its reasons: what is shown, or what the person points at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from media_assistant.items.examples import Example
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.drag_out import carried_items
from media_assistant.ui.widgets.drop_overlay import accept_copy, dropped_paths
from media_assistant.ui.widgets.plain import column, empty_layout, label
from media_assistant.ui.widgets.similar.examples_bar import ExamplesBar
from media_assistant.ui.widgets.similar.row import SimilarRow


class SimilarView(QScrollArea):
    """Signals: `opened(int, int)`: an item, and the time in ms that the reason points to (-1 for none)."""

    opened = Signal(int, int)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._shown: object = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAcceptDrops(True)
        page = QWidget()
        self.setWidget(page)
        down = column(page, margins=(0, 6, 4, 8), gap=4)
        self.bar = ExamplesBar(desk)
        down.addWidget(self.bar)
        self.note = label("faint", wraps=True)
        down.addWidget(self.note)
        self._rows = column(gap=2)
        down.addLayout(self._rows)
        down.addStretch(1)
        desk.thumbnails.arrived.connect(self._picture_arrived)
        desk.examples.changed.connect(self._examples_changed)
        desk.examples.answered.connect(self._show)
        desk.words.changed.connect(self._speak)

    @property
    def rows(self) -> list[SimilarRow]:
        """What is shown, best first."""
        return [found for found in self.findChildren(SimilarRow) if not found.isHidden()]

    def show_item(self, item_id: int) -> None:
        """Another item is shown: the example, unless the person chose others. Asked about when this is first seen."""
        self._desk.examples.follow(item_id)

    def showEvent(self, event: object) -> None:
        """Ask when seen."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._examples_changed()

    def _examples_changed(self) -> None:
        if self.isVisible():
            self._desk.examples.wake()
            self._show()

    def _speak(self) -> None:
        self._shown = None
        self._show()

    def _show(self) -> None:
        """What is known now."""
        if not self.isVisible():
            return
        model, say = self._desk.examples, self._desk.words.say
        if model.is_looking:
            note = say("ui.similar.looking")
        elif model.fault is not None:
            note = self._desk.words.fault(model.fault)
        elif model.was_stopped:
            note = say("ui.similar.stopped")
        elif not model.examples.plus:
            note = say("ui.similar.only_unwanted" if model.examples.minus else "ui.similar.no_examples")
        else:
            note = "" if model.found else say("ui.similar.none")
        self.note.setText(note)
        self.note.setVisible(bool(note))
        if model.found is self._shown:
            return
        self._shown = model.found
        empty_layout(self._rows)
        for suggestion in model.found:
            made = SimilarRow(self._desk, suggestion)
            made.opened.connect(self.opened)
            made.judged.connect(self._judge)
            self._rows.addWidget(made)

    def _judge(self, item_id: int, is_wanted: bool) -> None:
        model = self._desk.examples
        if not model.add([Example(item_id)], is_wanted=is_wanted):
            return
        self._desk.tell("ui.similar.added" if is_wanted else "ui.similar.refused", undo=self._take_back)
        if self.bar.rows:
            self.bar.rows[-1 if not is_wanted else len(model.examples.plus) - 1].sign.setFocus()

    def _take_back(self) -> None:
        self._desk.examples.undo()

    def _picture_arrived(self, item_id: int) -> None:
        for found in self.rows:
            if found.item.id == item_id:
                found.dress()

    # ── undo by keyboard ──────────────────────────────────────────────────────────────────────────────────────────

    def event(self, event: QEvent) -> bool:
        """Ctrl+Z in here takes back the last change of the examples, if there is one; else it is the window's."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = [QKeySequence(key) for key in self._desk.keys.of("anywhere.undo")]
            if self._desk.examples.can_undo and QKeySequence(event.keyCombination()) in keys:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What `event` kept for us."""
        keys = [QKeySequence(key) for key in self._desk.keys.of("anywhere.undo")]
        if QKeySequence(event.keyCombination()) in keys and self._desk.examples.undo():
            return
        super().keyPressEvent(event)

    # ── files and items let go here ───────────────────────────────────────────────────────────────────────────────

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Items of the window, and files from outside, which are not brought in here."""
        if carried_items(event.mimeData()) or any(path.is_file() for path in dropped_paths(event.mimeData())):
            accept_copy(event)
            self.note.setText(self._desk.words.say("ui.similar.drop_here"))
            self.note.show()

    def dragMoveEvent(self, event: QDragEnterEvent) -> None:  # type: ignore[override]
        """Anywhere in here."""
        accept_copy(event)

    def dragLeaveEvent(self, _event: object) -> None:
        """They went away again."""
        self._show()

    def dropEvent(self, event: QDropEvent) -> None:
        """More of that."""
        accept_copy(event)
        items = carried_items(event.mimeData())
        if items:
            self._desk.examples.add([Example(item_id) for item_id in items], is_wanted=True)
        else:
            self.bar.add_paths(dropped_paths(event.mimeData()))
        self._show()
