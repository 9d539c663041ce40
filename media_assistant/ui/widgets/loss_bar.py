"""The question that is asked when many files of a folder are gone at once. Until it is answered nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.whereabouts import Loss
from media_assistant.ui import actions, collecting
from media_assistant.ui.desk import Desk
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.folder_search import FolderSearch
from media_assistant.ui.widgets.plain import button, column, label

RENEWS_MS = 500


class LossBar(QFrame):
    """Hidden while there is nothing to ask. One folder at a time; not modal, and it can wait as long as the person likes."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._losses: list[Loss] = []
        self.setProperty("card", "note")
        words = desk.words
        words.bind(self, QFrame.setAccessibleName, "ui.loss.name")
        down = column(self, margins=(14, 10, 14, 10), gap=6)
        self.question = label("strong", wraps=True)
        self.about = label("soft", wraps=True)
        self.search = FolderSearch(desk)
        holder = QWidget()
        flow = FlowLayout(holder)
        self.again = button(words, "ui.loss.again", self._look_again)
        self.folder = button(words, "ui.missing.folder", self.search.choose)
        self.gone = button(words, "ui.loss.gone", self._accept)
        self.remove = button(words, "ui.loss.gone", self._remove)
        for each in (self.again, self.folder, self.gone, self.remove):
            flow.addWidget(each)
        words.bind(self.gone, QPushButton.setToolTip, "ui.loss.gone_tip")
        words.bind(self.remove, QPushButton.setToolTip, "ui.loss.remove_tip")
        for widget in (self.question, self.about, self.search, holder):
            down.addWidget(widget)
        self._holder = holder
        self._reading = Rereading(
            desk,
            self,
            lambda: desk.assistant.relinking.losses,
            self.ask,
            gathers_ms=RENEWS_MS,
            read=desk.bridge.read_disk,
            failed=lambda _fault: None,
        )
        # A narrow window has room for the one or the other.
        self.search.changed.connect(lambda: self.about.setVisible(not self.search.answer.text()))
        words.changed.connect(self._tell)
        desk.events.changed.connect(self._library_changed)
        self.hide()
        self.refresh()

    @property
    def loss(self) -> Loss | None:
        """What is asked about now."""
        return self._losses[0] if self._losses else None

    def refresh(self) -> None:
        """Look whether there is something to ask, one look at a time: a disk may take long to answer, or never do."""
        self._reading.now()

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.changed or changes.added or changes.removed or changes.folders:
            self._reading.want()

    def ask(self, losses: list[Loss]) -> None:
        """Ask about the first of these; nothing if there are none."""
        if losses != self._losses:
            before = self.loss
            self._losses = losses
            if before is not None and (self.loss is None or self.loss.root != before.root):
                self.search.forget()
            self._tell()

    def _tell(self) -> None:
        words, loss = self._desk.words, self.loss
        self.setVisible(loss is not None)
        if loss is None:
            return
        name, total = collecting.folder_name(loss.root), words.number(loss.total)
        is_all = loss.lost == loss.total
        self.question.setText(
            words.say("ui.loss.all" if is_all else "ui.loss.some", count=loss.lost, total=total, name=name)
        )
        self.about.setText(words.say("ui.loss.about"))
        self.setToolTip(plain_tip(loss.root))
        QPushButton.setText(self.remove, words.say("ui.loss.remove", count=loss.lost))
        self._holder.updateGeometry()

    # ── the answers ───────────────────────────────────────────────────────────────────────────────────────────────

    def _look_again(self) -> None:
        if self.loss is not None:
            collecting.look_through(self._desk, path=self.loss.root, owner=self)

    def _accept(self) -> None:
        if self.loss is not None:
            self._answer(self._desk.assistant.relinking.accept_loss(self.loss.root), "ui.loss.accepted", _changed)

    def _remove(self) -> None:
        if self.loss is not None:
            self._answer(self._desk.assistant.relinking.remove_lost(self.loss.root), "ui.loss.removed", _removed)

    def _answer(self, future: Future[LibraryChanges], code: str, count: Callable[[LibraryChanges], int]) -> None:
        def done(changes: LibraryChanges) -> None:
            if changes:
                undo = actions.undoing(self._desk, owner=self, step=changes.step)
                self._desk.tell(code, count=count(changes), undo=undo)

        self.search.forget()
        self._desk.bridge.when_done(future, done, owner=self)


def _changed(changes: LibraryChanges) -> int:
    return len(changes.changed)


def _removed(changes: LibraryChanges) -> int:
    return len(changes.removed)
