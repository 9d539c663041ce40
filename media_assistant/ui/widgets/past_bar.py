"""Whether what the person plays and searches is noted, and the way to have it forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QMenu, QPushButton, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.happening import Forgetting, Forgotten
from media_assistant.items.history import Entry, Happened
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import button, column, frame, label
from media_assistant.workflows.telling import shorten


class RecordingBox(QCheckBox):
    """Ticked while what happens is noted; the same wherever it stands."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        desk.words.bind(self, QCheckBox.setText, "ui.past.record")
        desk.words.bind(self, QCheckBox.setToolTip, "ui.past.record_tip")
        desk.words.bind(self, QCheckBox.setAccessibleDescription, "ui.past.record_tip")
        self.setChecked(True)
        self.setEnabled(not desk.assistant.library.is_read_only)
        self.clicked.connect(self._set)
        desk.events.changed.connect(self._library_changed)
        self.refresh()

    def refresh(self) -> None:
        """Ask the library."""
        library = self._desk.assistant.library
        self._desk.bridge.read(lambda: library.is_recording, self.setChecked, owner=self)

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.past:
            self.refresh()

    def _set(self, is_on: bool) -> None:
        self._desk.bridge.when_done(
            self._desk.assistant.past.set_recording(is_on), lambda _changes: None, owner=self, failed=self._failed
        )

    def _failed(self, fault: BaseException) -> None:
        self._desk.notices.tell(self._desk.words.fault(fault))
        self.refresh()


class PausedChip(QPushButton):
    """Says wherever the person is that nothing is noted; a click goes on noting. Hidden otherwise."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.setProperty("role", "link")
        self.setAutoDefault(False)
        self.hide()
        desk.words.bind(self, QPushButton.setText, "ui.past.chip")
        desk.words.bind(self, QPushButton.setToolTip, "ui.past.chip_tip")
        desk.words.bind(self, QPushButton.setAccessibleDescription, "ui.past.chip_tip")
        self.clicked.connect(self._go_on)
        desk.events.changed.connect(lambda changes: self.refresh() if changes.past else None)
        self.refresh()

    def refresh(self) -> None:
        """Ask the library; one that is only read notes nothing anyway."""
        library = self._desk.assistant.library
        if not library.is_read_only:
            self._desk.bridge.read(lambda: library.is_recording, lambda is_on: self.setVisible(not is_on), owner=self)

    def _go_on(self) -> None:
        self._desk.bridge.when_done(
            self._desk.assistant.past.set_recording(True),
            lambda _changes: self._desk.tell("ui.past.goes_on"),
            owner=self,
        )


class PastBar(QFrame):
    """The box, a menu of what can be forgotten, and the question whether that is really wanted: in its place, not in the
    way. Signals: `asked()` a question stands there, or no more (`is_asking`).
    """

    asked = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._awaited = Awaited()
        self._what = Forgetting()
        self._entry: Entry | None = None
        words = desk.words
        down = column(self, gap=8)
        holder = QWidget()
        flow = FlowLayout(holder, gap=12)
        self.box = RecordingBox(desk)
        self.forget = button(words, "ui.past.forget", self._choose)
        self.forget.setEnabled(not desk.assistant.library.is_read_only)
        self.box.setMinimumHeight(self.forget.sizeHint().height())
        flow.addWidget(self.box)
        flow.addWidget(self.forget)
        down.addWidget(holder)
        self.card = frame(card="note")
        words.bind(self.card, QFrame.setAccessibleName, "ui.past.question_name")
        inside = column(self.card, margins=(14, 10, 14, 10), gap=6)
        self.question = label("strong", wraps=True)
        self.consequence = label("soft", wraps=True)
        verbs = QWidget()
        flow = FlowLayout(verbs)
        self.yes = button(words, "ui.past.yes", self._forget)
        self.no = button(words, "ui.past.no", self.withdraw)
        flow.addWidget(self.yes)
        flow.addWidget(self.no)
        for each in (self.question, self.consequence, verbs):
            inside.addWidget(each)
        down.addWidget(self.card)
        self.card.hide()
        words.changed.connect(self.withdraw)

    @property
    def is_asking(self) -> bool:
        """Whether a question waits for an answer."""
        return not self.card.isHidden()

    def choose(self, entry: Entry | None) -> None:
        """The entry that is chosen in the list: its file and its day can be forgotten too."""
        self._entry = entry

    def menu(self) -> QMenu:
        """What can be forgotten."""
        words, now = self._desk.words, datetime.now().astimezone()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        menu.addAction(words.say("ui.past.hour"), lambda: self.ask(_span(now - timedelta(hours=1)), "hour"))
        menu.addAction(words.say("ui.past.today"), lambda: self.ask(_span(today), "today"))
        entry = self._entry
        if isinstance(entry, Happened):
            day = _day_of(entry.at)
            if day is not None and day != today:
                name = words.date(day.date().isoformat())
                menu.addAction(words.say("ui.past.day", day=name), lambda: self.ask(_span(day, 1), "day", day=name))
            if entry.happening.item_id:
                what, title = Forgetting(item_ids=(entry.happening.item_id,)), shorten(entry.title)
                menu.addAction(words.say("ui.past.file", title=title), lambda: self.ask(what, "file", title=title))
        menu.addSeparator()
        menu.addAction(words.say("ui.past.all"), lambda: self.ask(Forgetting(), "all"))
        return menu

    def _choose(self) -> None:
        self.menu().popup(self.forget.mapToGlobal(self.forget.rect().bottomLeft()))

    def ask(self, what: Forgetting, code: str, **parameters: str) -> None:
        """Say what would be gone; nothing is forgotten before the person says yes."""
        self._awaited.drop()
        library, words = self._desk.assistant.library, self._desk.words
        self._desk.bridge.read(
            lambda: library.would_forget(what),
            self._awaited.only(lambda would: self._take(what, would, words.say(f"ui.past.ask.{code}", **parameters))),
            owner=self,
        )

    def _take(self, what: Forgetting, would: Forgotten, question: str) -> None:
        words = self._desk.words
        if not would:
            self.withdraw()
            self._desk.tell("ui.past.nothing_to_forget")
            return
        self._what = what
        self.question.setText(question)
        parts = [
            words.say(f"ui.past.count.{name}", count=count)
            for name in ("happenings", "slates", "positions", "likings")
            if (count := getattr(would, name))
        ]
        stays = words.say("ui.past.stays_all" if what.is_everything else "ui.past.stays")
        gone = words.say("ui.past.comma").join(parts)
        self.consequence.setText(words.say("ui.past.gone", what=gone, stays=stays))
        self.card.show()
        self.asked.emit()
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def withdraw(self) -> None:
        """Nothing is asked any more."""
        self._awaited.drop()
        had_focus = self.yes.hasFocus() or self.no.hasFocus()
        self.card.hide()
        if had_focus:
            self.forget.setFocus()
        self.asked.emit()

    def _forget(self) -> None:
        self.withdraw()
        self._desk.tell("ui.past.under_way")
        future = self._desk.assistant.past.forget(self._what)
        self._desk.bridge.when_done(future, self._forgotten, owner=self)

    def _forgotten(self, gone: Forgotten) -> None:
        if gone.left:
            self._desk.tell("ui.past.left", files=self._desk.words.say("ui.list_separator").join(gone.left))
        else:
            self._desk.tell("ui.past.done")


def _span(since: datetime, days: int = 0) -> Forgetting:
    """From then on, or for so many days."""
    until = (since + timedelta(days=days)).replace(tzinfo=None).astimezone() if days else None
    return Forgetting(_utc(since), _utc(until) if until else "")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _day_of(at: str) -> datetime | None:
    """The midnight before, on this computer's clock."""
    try:
        local = datetime.fromisoformat(at).astimezone()
    except ValueError:
        return None
    return local.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0).astimezone()
