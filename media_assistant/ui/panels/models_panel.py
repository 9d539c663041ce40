"""What each task uses and why, what else there is, and how long it would take here; one click downloads or mends."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QScrollArea, QWidget

from media_assistant.items.advice import TASKS, Advice, Machine
from media_assistant.ui import model_words
from media_assistant.ui.choosing import choose_paths
from media_assistant.ui.desk import Desk
from media_assistant.ui.measuring import Measuring
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.models.download_corner import DownloadCorner
from media_assistant.ui.widgets.models.measure_card import MeasureCard
from media_assistant.ui.widgets.models.pack_offer import PackOffer
from media_assistant.ui.widgets.models.task_card import TaskCard
from media_assistant.ui.widgets.plain import button, column, fill_page, frame, label, page_title, row, said

if TYPE_CHECKING:
    from media_assistant.inference.store import ModelState
    from media_assistant.workflows.measurement.modelling import ModelBook

WIDTH = 860
SURE_FOR_MS = 5000
"""How long a second click on “remove” means it."""


class ModelsPanel(QScrollArea):
    """Signals: `models_changed()` after something came or went that no download brought; `training_wanted()`."""

    models_changed = Signal()
    training_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._states: tuple[ModelState, ...] = ()
        self._machine = Machine()
        self._advices: dict[str, Advice] = {}
        self._detailed: set[str] = set()
        self._shown: dict[str, object] = {}
        self.cards: dict[str, TaskCard] = {}
        self.measuring = Measuring(desk.assistant, desk.bridge)
        self.corners: dict[str, DownloadCorner] = {}
        self.removers: dict[str, QPushButton] = {}
        self._folder: Path | None = None
        self._sure = ""
        self._doubt = QTimer(self)
        self._doubt.setSingleShot(True)
        self._doubt.setInterval(SURE_FOR_MS)
        self._doubt.timeout.connect(lambda: self._ask_to_remove(""))
        down = fill_page(self, WIDTH)
        head = row(gap=8)
        head.addWidget(page_title(desk.words, "ui.panel.models"))
        head.addStretch(1)
        self.train_button = button(desk.words, "ui.models.train", self.training_wanted.emit)
        head.addWidget(self.train_button)
        self.add_button = button(desk.words, "ui.models.add_folder", self._choose_folder)
        self.pack_button = button(desk.words, "ui.models.add_pack", lambda: self._choose_folder(is_folder=False))
        head.addWidget(self.pack_button)
        head.addWidget(self.add_button)
        down.addLayout(head)
        down.addWidget(said(desk.words, "ui.models.about", "soft", wraps=True))
        self._copying = QWidget()
        inside = row(self._copying, gap=10)
        self.copy_text = label("soft")
        self.copy_bar = QProgressBar()
        self.copy_bar.setTextVisible(False)
        inside.addWidget(self.copy_text)
        inside.addWidget(self.copy_bar, 1)
        self.copy_stop = button(desk.words, "ui.models.cancel", self._stop_copying)
        inside.addWidget(self.copy_stop)
        self._copying.hide()
        down.addWidget(self._copying)
        self.copy_fault = label("bad", wraps=True, selectable=True)
        self.copy_fault.hide()
        down.addWidget(self.copy_fault)
        self.pack = PackOffer(desk.words, desk.downloads)
        down.addWidget(self.pack)
        self.measure_card = MeasureCard(self.measuring, desk.words)
        down.addWidget(self.measure_card)
        self._list = column(gap=10)
        down.addLayout(self._list)
        down.addWidget(self._built_in())
        down.addStretch(1)
        desk.words.changed.connect(self._show_in_words)
        desk.downloads.installed.connect(self._installed)
        self.measuring.measured.connect(self.refresh)

    def refresh(self) -> None:
        """Ask again which models there are, and what they would cost here."""
        self._desk.bridge.when_done(self._desk.assistant.model_book(), self._take_book, owner=self)

    def showEvent(self, event: QShowEvent) -> None:
        """A file may have changed, or much come in, while the page was out of sight."""
        super().showEvent(event)
        if not event.spontaneous():
            self.refresh()
            self.pack.look()
            self._desk.bridge.when_done(self._desk.assistant.check_changed_models(), self._take, owner=self)

    def _take(self, states: Sequence[ModelState]) -> None:
        """Shown at once, and again with what each would cost here; at first only the latter, not to make all twice."""
        if tuple(states) != self._states:
            self._states = tuple(states)
            if self.cards:
                self._show()
            self.refresh()

    def _take_book(self, book: ModelBook) -> None:
        advices = {advice.task: advice for advice in book.advices}
        self._states, self._machine, self._advices = book.states, book.machine, advices
        self.measure_card.show_machine(book.machine)
        self._show()

    def _show_in_words(self) -> None:
        self._shown.clear()
        self._show()

    def _show(self) -> None:
        """Cards of which something has changed are made anew, with the focus where it was: one now, the next in a later
        turn, for each takes the window some milliseconds.
        """
        focus: QWidget | None = self.focusWidget()
        name = focus.objectName() if focus is not None and self.isAncestorOf(focus) else ""
        tasks = [*TASKS, *sorted({state.task for state in self._states} - set(TASKS))]
        place, is_more = 0, False
        for task in tasks:
            if is_more:
                QTimer.singleShot(0, self, self._show)
                break
            states = tuple(state for state in self._states if state.task == task)
            chosen = self._desk.assistant.settings.chosen_models.get(task, "")
            shows = (states, self._advices.get(task), self._machine, chosen, task in self._detailed)
            if self._shown.get(task) != shows:
                self._shown[task] = shows
                self._let_go(task)
                if states:
                    self._list.insertWidget(place, self._card(task, states, is_chosen=bool(chosen)))
                    is_more = True
            place += bool(states)
        found = self.findChild(QWidget, name) if name else None
        if found is not None and found is not focus:
            found.setFocus()

    def _let_go(self, task: str) -> None:
        card = self.cards.pop(task, None)
        if card is not None:
            for model_id in card.rows:
                self.corners.pop(model_id, None)
                self.removers.pop(model_id, None)
            self._list.removeWidget(card)
            card.hide()
            card.setParent(None)
            card.deleteLater()

    def _card(self, task: str, states: tuple[ModelState, ...], *, is_chosen: bool) -> TaskCard:
        desk = self._desk
        card = TaskCard(
            task,
            states,
            self._advices.get(task),
            self._machine,
            desk.words,
            desk.downloads,
            is_chosen=is_chosen,
            has_details=task in self._detailed,
        )
        card.use_wanted.connect(lambda model_id: self._choose(task, model_id))
        card.choice_dropped.connect(lambda: self._choose(task, ""))
        card.removal_wanted.connect(self._remove)
        card.details_toggled.connect(lambda: self._toggle_details(task))
        self.cards[task] = card
        for model_id, made in card.rows.items():
            if made.corner is not None:
                self.corners[model_id] = made.corner
            if made.remover is not None:
                self.removers[model_id] = made.remover
        return card

    def _built_in(self) -> QWidget:
        words = self._desk.words
        card = frame(card="plain")
        inside = column(card, margins=(14, 12, 14, 12), gap=4)
        top = row(gap=8)
        top.addWidget(said(words, "ui.first.card.essentials.title", "strong"), 1)
        top.addWidget(said(words, "ui.models.built_in", "badge"))
        inside.addLayout(top)
        inside.addWidget(said(words, "ui.first.card.essentials.text", "small", wraps=True))
        return card

    def _toggle_details(self, task: str) -> None:
        self._detailed ^= {task}
        self._show()

    def _installed(self, model_id: str, states: Sequence[ModelState]) -> None:
        self._take(states)
        if Path(model_id).is_absolute():
            self._desk.tell("ui.models.folder_added", name=Path(model_id).name)
        else:
            self._desk.tell("ui.models.installed", name=self._name(model_id))

    def _name(self, model_id: str) -> str:
        """`Speech, standard`."""
        state = next((state for state in self._states if state.id == model_id), None)
        if state is None:
            return model_id
        words = self._desk.words
        name = model_words.namer(words, [each for each in self._states if each.task == state.task])
        return words.say("ui.models.task_level", task=words.task(state.task), level=name(model_id))

    # ── the models that are here ──────────────────────────────────────────────────────────────────────────────────

    def _choose(self, task: str, model_id: str) -> None:
        """From now on this one for its task, or with no id whichever is best."""
        assistant = self._desk.assistant
        chosen = {**assistant.settings.chosen_models, task: model_id}
        if not model_id:
            del chosen[task]
        future = assistant.set_settings(assistant.settings._replace(chosen_models=chosen))
        self._desk.bridge.when_done(future, lambda _none: self.refresh(), owner=self)

    def _ask_to_remove(self, model_id: str) -> None:
        """Offer to remove this one for good, and no other."""
        self._sure = model_id
        for known, remover in self.removers.items():
            remover.setText(
                self._desk.words.say("ui.models.remove_surely" if known == model_id else "ui.models.remove")
            )

    def _remove(self, model_id: str) -> None:
        """A first click asks, a second one within a few seconds means it."""
        if self._sure != model_id:
            self._ask_to_remove(model_id)
            self._doubt.start()
            return
        self._doubt.stop()
        self._sure = ""
        name = self._name(model_id)

        def done(states: Sequence[ModelState]) -> None:
            self._take(states)
            self._desk.tell("ui.models.removed", name=name)
            self.models_changed.emit()

        self._desk.bridge.when_done(self._desk.assistant.remove_model(model_id), done, owner=self)

    # ── a folder ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _choose_folder(self, *, is_folder: bool = True) -> None:
        title = self._desk.words.say("ui.models.add_folder" if is_folder else "ui.models.add_pack")
        choose_paths(self, title, lambda found: self.add_folder(found[0]), is_folder=is_folder)

    def add_folder(self, folder: Path) -> None:
        """Take over a model folder or a model pack that was carried here by hand."""
        words = self._desk.words
        self._folder = folder
        self.copy_text.setText(words.say("ui.models.copying", name=folder.name))
        self.copy_bar.setRange(0, 1000)
        self.copy_bar.setValue(0)
        self.copy_fault.hide()
        self.copy_stop.setEnabled(True)
        self.add_button.setEnabled(False)
        self.pack_button.setEnabled(False)
        self._copying.show()

        def done(states: Sequence[ModelState]) -> None:
            self._copied()
            self._take(states)
            self.pack.look()
            self._desk.tell("ui.models.folder_added", name=folder.name)
            self.models_changed.emit()

        def failed(fault: BaseException) -> None:
            self._copied()
            self.copy_fault.setText(words.fault(fault))
            self.copy_fault.show()

        bridge = self._desk.bridge
        future = self._desk.assistant.import_model_folder(folder, bridge.on_main(self._show_copying))
        bridge.when_done(future, done, owner=self, failed=failed, cancelled=self._copied)

    def _show_copying(self, done: int, of: int) -> None:
        if self._folder is not None and of:
            words = self._desk.words
            self.copy_bar.setRange(0, 1000)
            self.copy_bar.setValue(round(1000 * done / of))
            self.copy_bar.setToolTip(
                plain_tip(words.say("ui.models.progress", done=words.size(done), total=words.size(of)))
            )

    def _stop_copying(self) -> None:
        if self._folder is not None:
            self.copy_stop.setEnabled(False)
            self._desk.assistant.cancel_model(str(self._folder))

    def _copied(self) -> None:
        self._folder = None
        self._copying.hide()
        self.add_button.setEnabled(True)
        self.pack_button.setEnabled(True)


def build(desk: Desk) -> ModelsPanel:
    """For the registry."""
    return ModelsPanel(desk)
