"""What opens above the lines: find and replace, move all times, listen again. Esc closes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.clock import parse_exact
from media_assistant.items.replacing import Count, Wanted
from media_assistant.ui import actions
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.plain import button, column, keeps_escape, label, row, said

_TYPED_MS = 250


class Bar(QFrame):
    """Signals: `closed()`."""

    closed = Signal()

    def __init__(self, desk: Desk, code: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setProperty("card", "plain")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.down: QVBoxLayout = column(self, margins=(10, 8, 10, 8), gap=6)
        head = row(gap=6)
        head.addWidget(said(desk.words, code, "section"), 1)
        head.addWidget(button(desk.words, "ui.lines.close", self.closed.emit, role="link"))
        self.down.addLayout(head)

    def event(self, event: QEvent) -> bool:
        """Esc closes the bar, not the whole view."""
        return keeps_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that mean something to the player mean nothing while one types here."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            event.accept()


class FindBar(Bar):
    """Signals: `wanted_changed(Wanted)`; `step_wanted(int)` to the next match (1) or back (-1); `replace_one(Wanted, str)`."""

    wanted_changed = Signal(object)
    step_wanted = Signal(int)
    replace_one = Signal(object, str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "ui.lines.find.title", parent)
        words = desk.words
        self.item_id = 0
        self._awaited = Awaited()
        self.sought = self._field("ui.lines.find.find")
        self.put = self._field("ui.lines.find.replace")
        self.scope = QComboBox()
        words.bind(self.scope, QComboBox.setAccessibleName, "ui.lines.find.scope")
        for code in ("item", "library"):
            self.scope.addItem("", code)
        self.case = QCheckBox()
        self.pattern = QCheckBox()
        words.bind(self.case, QCheckBox.setText, "ui.lines.find.case")
        words.bind(self.pattern, QCheckBox.setText, "ui.lines.find.pattern")
        options = row(gap=8)
        for widget in (self.case, self.pattern):
            options.addWidget(widget)
        options.addStretch(1)
        self.down.addLayout(options)
        self.down.addWidget(self.scope)
        self.count = label("small", wraps=True)
        self.down.addWidget(self.count)
        acts = row(gap=6)
        self.one = button(
            words, "ui.lines.find.replace_one", lambda: self.replace_one.emit(self.wanted(), self.put.text())
        )
        self.all = button(words, "ui.lines.find.replace_all", self.replace_all, role="primary")
        acts.addStretch(1)
        acts.addWidget(self.one)
        acts.addWidget(self.all)
        self.down.addLayout(acts)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_TYPED_MS)
        self._soon.timeout.connect(self._ask)
        self.sought.textChanged.connect(lambda _text: self._changed())
        for box in (self.case, self.pattern):
            box.toggled.connect(lambda _on: self._changed())
        self.scope.currentIndexChanged.connect(lambda _at: self._changed())
        self.sought.returnPressed.connect(lambda: self.step_wanted.emit(1))
        desk.events.changed.connect(self._library_changed)
        words.changed.connect(self._name)
        self._name()
        self._show(Count())

    def _field(self, code: str) -> QLineEdit:
        field = LineField()
        self.desk.words.bind(field, QLineEdit.setPlaceholderText, code)
        self.desk.words.bind(field, QLineEdit.setAccessibleName, code)
        self.down.addWidget(field)
        return field

    def wanted(self) -> Wanted:
        """What is looked for."""
        return Wanted(self.sought.text(), self.case.isChecked(), self.pattern.isChecked())

    @property
    def is_everywhere(self) -> bool:
        """Whether the whole library is meant."""
        return bool(self.scope.currentData() == "library")

    def _name(self) -> None:
        for at in range(self.scope.count()):
            self.scope.setItemText(at, self.desk.words.say(f"ui.lines.find.scope_{self.scope.itemData(at)}"))
        self._soon.start()

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.moments and self.isVisible():
            self._soon.start()

    def _changed(self) -> None:
        self.wanted_changed.emit(self.wanted() if self.isVisible() else Wanted(""))
        self._soon.start()

    def _ask(self) -> None:
        self._awaited.drop()
        wanted, is_dropped = self.wanted(), self._awaited.whether_dropped()
        ids = None if self.is_everywhere else (self.item_id,)
        editing = self.desk.assistant.transcripts

        def failed(fault: BaseException) -> None:
            if isinstance(fault, UserFixable):
                self._show(Count(), self.desk.words.fault(fault))

        self.desk.bridge.read(
            lambda: editing.count(wanted, ids, should_stop=is_dropped),
            self._awaited.only(self._show),
            owner=self,
            failed=self._awaited.only(failed),
        )

    def _show(self, found: Count, fault: str = "") -> None:
        words = self.desk.words
        text = fault
        if not fault and self.sought.text():
            if not found.times:
                text = words.say("ui.lines.find.none")
            elif self.is_everywhere:
                items = words.say("ui.lines.find.items", count=found.items)
                text = words.say("ui.lines.find.found_in", count=found.times, items=items)
            else:
                text = words.say("ui.lines.find.found", count=found.times)
        self.count.setText(text)
        self.count.setVisible(bool(text))
        for made in (self.one, self.all):
            made.setEnabled(bool(found.times))

    def replace_all(self) -> None:
        """As one step of undo."""
        desk, wanted = self.desk, self.wanted()
        ids = None if self.is_everywhere else (self.item_id,)

        def done(changes: LibraryChanges) -> None:
            count = len(changes.moments)
            desk.tell("ui.lines.find.done", count=count, undo=actions.undoing(desk, owner=self, step=changes.step))

        future = desk.assistant.transcripts.replace(wanted, self.put.text(), ids)
        desk.bridge.when_done(future, done, owner=self)

    def showEvent(self, event: object) -> None:
        """What it looks for is marked as long as it is open."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._changed()
        self.sought.setFocus()
        self.sought.selectAll()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is marked any more."""
        super().hideEvent(event)
        self._awaited.drop()
        self.wanted_changed.emit(Wanted(""))


class ShiftBar(Bar):
    """Signals: `shift_wanted(int, bool)` by how many ms, from the current line on."""

    shift_wanted = Signal(int, bool)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "ui.lines.shift.title", parent)
        words = desk.words
        self.by = LineField("0.5")
        words.bind(self.by, QLineEdit.setAccessibleName, "ui.lines.shift.by")
        words.bind(self.by, QLineEdit.setPlaceholderText, "ui.lines.shift.by")
        self.down.addWidget(said(words, "ui.lines.shift.hint", "small", wraps=True))
        self.down.addWidget(self.by)
        self.only = QCheckBox()
        words.bind(self.only, QCheckBox.setText, "ui.lines.shift.only")
        self.down.addWidget(self.only)
        acts = row(gap=6)
        acts.addStretch(1)
        self.earlier = button(words, "ui.lines.shift.earlier", lambda: self._go(-1))
        self.later = button(words, "ui.lines.shift.later", lambda: self._go(1))
        for made in (self.earlier, self.later):
            acts.addWidget(made)
        self.down.addLayout(acts)
        self.by.textChanged.connect(lambda _text: self._check())
        self._check()

    def _check(self) -> None:
        for made in (self.earlier, self.later):
            made.setEnabled(bool(parse_exact(self.by.text())))

    def _go(self, direction: int) -> None:
        self.shift_wanted.emit(direction * (parse_exact(self.by.text()) or 0), self.only.isChecked())


class ListenBar(Bar):
    """Signals: `listen_wanted(str, str, str)` scope (`lines`, `loop`, `all`), language or "", model or ""; `stop_wanted()`."""

    listen_wanted = Signal(str, str, str)
    stop_wanted = Signal()
    LANGUAGES = (
        "en",
        "zh",
        "ja",
        "ko",
        "de",
        "fr",
        "es",
        "pt",
        "it",
        "ru",
        "nl",
        "pl",
        "tr",
        "ar",
        "hi",
        "vi",
        "th",
        "id",
        "sv",
        "uk",
    )

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "ui.lines.listen.title", parent)
        words = desk.words
        self.has_loop: Callable[[], bool] = lambda: False
        self.down.addWidget(said(words, "ui.lines.listen.hint", "small", wraps=True))
        self.scope = self._choice("ui.lines.listen.scope")
        self.language = self._choice("ui.lines.listen.language")
        self.model = self._choice("ui.lines.listen.model")
        acts = row(gap=6)
        self.state = label("small", wraps=True)
        acts.addWidget(self.state, 1)
        self.go = button(words, "ui.lines.listen.go", self._go, role="primary")
        self.stop = button(words, "ui.lines.listen.stop", self.stop_wanted.emit)
        acts.addWidget(self.go)
        acts.addWidget(self.stop)
        self.down.addLayout(acts)
        words.changed.connect(self._fill)
        self._models: list[str] = []
        self.show_state("")

    def _choice(self, code: str) -> QComboBox:
        made = QComboBox()
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.desk.words.bind(made, QComboBox.setAccessibleName, code)
        self.down.addWidget(made)
        return made

    def showEvent(self, event: object) -> None:
        """The models that are here now."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._fill()
        self.desk.bridge.when_done(self.desk.assistant.model_states(), self._take_models, owner=self)
        self.scope.setFocus()

    def _take_models(self, states: object) -> None:
        self._models = [
            state.id
            for state in states  # type: ignore[attr-defined]
            if state.task == "speech-recognition" and state.state == "ready"
        ]
        self._fill()
        self.go.setEnabled(bool(self._models))
        if not self._models:
            self.state.setText(self.desk.words.say("ui.lines.listen.no_model"))

    def _fill(self) -> None:
        words = self.desk.words
        scopes = ["lines", *(["loop"] if self.has_loop() else []), "all"]
        _refill(self.scope, [(words.say(f"ui.lines.listen.scope_{scope}"), scope) for scope in scopes])
        languages = [(words.language_name(code), code) for code in self.LANGUAGES]
        _refill(self.language, [(words.say("ui.lines.listen.any_language"), ""), *languages])
        _refill(self.model, [(words.say("ui.lines.listen.any_model"), ""), *((model, model) for model in self._models)])

    def _go(self) -> None:
        self.listen_wanted.emit(self.scope.currentData(), self.language.currentData(), self.model.currentData())

    def show_state(self, text: str, *, is_busy: bool = False) -> None:
        """How far it is."""
        self.state.setText(text)
        self.go.setVisible(not is_busy)
        self.stop.setVisible(is_busy)


def _refill(box: QComboBox, entries: list[tuple[str, str]]) -> None:
    chosen = box.currentData()
    with QSignalBlocker(box):
        box.clear()
        for text, data in entries:
            box.addItem(text, data)
        box.setCurrentIndex(max(0, box.findData(chosen)))
