"""Which networks each task uses: ready, to be had, or broken; size, licence, languages; one click downloads."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QProgressBar, QPushButton, QScrollArea, QWidget

from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.download_corner import DownloadCorner, DownloadFault
from media_assistant.ui.widgets.plain import button, column, empty_layout, frame, label, row, said

if TYPE_CHECKING:
    from media_assistant.inference.store import ModelState

WIDTH = 860
CORNER_WIDTH = 236
SURE_FOR_MS = 5000
"""How long a second click on “remove” means it."""
TASKS = (
    "speech-recognition",
    "image-text-embedding",
    "image-classification",
    "audio-tagging",
    "music-tagging",
    "text-embedding",
)


class ModelsPanel(QScrollArea):
    """Signals: `models_changed()` after something came or went."""

    models_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._states: tuple[ModelState, ...] = ()
        self.corners: dict[str, DownloadCorner] = {}
        self.removers: dict[str, QPushButton] = {}
        self._folder: Path | None = None
        self._sure = ""
        self._doubt = QTimer(self)
        self._doubt.setSingleShot(True)
        self._doubt.setInterval(SURE_FOR_MS)
        self._doubt.timeout.connect(lambda: self._ask_to_remove(""))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        page = frame(ground="ground")
        self.setWidget(page)
        across = row(page, margins=(28, 22, 28, 28))
        middle = QWidget()
        middle.setMaximumWidth(WIDTH)
        across.addWidget(middle, 100)
        across.addStretch(1)
        down = column(middle, gap=10)
        head = row(gap=8)
        head.addWidget(said(desk.words, "ui.panel.models", "headline"))
        head.addStretch(1)
        self.add_button = button(desk.words, "ui.models.add_folder", self._choose_folder)
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
        self._list = column(gap=8)
        down.addLayout(self._list)
        down.addStretch(1)
        desk.words.changed.connect(self._show)
        desk.downloads.installed.connect(self._installed)
        self.refresh()

    def refresh(self) -> None:
        """Ask again which models there are."""
        self._desk.bridge.when_done(self._desk.assistant.model_states(), self._take, owner=self)

    def _take(self, states: Sequence[ModelState]) -> None:
        self._states = tuple(states)
        self._show()

    def _show(self) -> None:
        empty_layout(self._list)
        self.corners.clear()
        self.removers.clear()
        words = self._desk.words
        built_in = said(words, "ui.models.built_in", "section")
        built_in.setContentsMargins(0, 10, 0, 0)
        self._list.addWidget(built_in)
        card = frame(card="plain")
        inside = column(card, margins=(14, 12, 14, 12), gap=4)
        top = row(gap=8)
        top.addWidget(said(words, "ui.first.card.essentials.title", "strong"), 1)
        top.addWidget(said(words, "ui.models.ready", "badge"))
        inside.addLayout(top)
        inside.addWidget(said(words, "ui.first.card.essentials.text", "small", wraps=True))
        self._list.addWidget(card)
        tasks = [*TASKS, *sorted({state.task for state in self._states} - set(TASKS))]
        for task in tasks:
            states = [state for state in self._states if state.task == task]
            if states:
                title = label("section")
                title.setText(self._desk.words.task(task))
                title.setContentsMargins(0, 10, 0, 0)
                self._list.addWidget(title)
                for state in sorted(states, key=_order):
                    self._list.addWidget(self._card(state))

    def _card(self, state: ModelState) -> QWidget:
        words = self._desk.words
        card = frame(card="plain")
        across = row(card, margins=(14, 11, 14, 11), gap=12)
        texts = column(gap=3)
        top = row(gap=8)
        name = label("strong", selectable=True)
        name.setText(state.id)
        top.addWidget(name)
        if state.state == "ready":
            badge = label("badge")
            badge.setText(words.say("ui.models.in_use" if state.is_in_use else "ui.models.ready"))
            top.addWidget(badge)
        elif state.state == "broken":
            badge = label("badge-bad")
            badge.setText(words.say("ui.models.broken"))
            top.addWidget(badge)
        top.addStretch(1)
        texts.addLayout(top)
        facts = [words.size(state.size_bytes)] if state.size_bytes else []
        if state.languages:
            many = words.say("ui.models.any_language") if "*" in state.languages else ""
            known = [many] if many else [words.language_name(code) or code for code in state.languages[:4]]
            more = 0 if many else len(state.languages) - len(known)
            names = words.say("ui.list_separator").join(known)
            facts.append(words.say("ui.models.languages_more", names=names, count=more) if more else names)
        if state.licence:
            facts.append(words.say("ui.models.licence", licence=state.licence))
        line = label("small", wraps=True, selectable=True)
        line.setText(" · ".join(facts))
        texts.addWidget(line)
        about = state.entry.about.get("zh" if words.language.startswith("zh") else "en", "") if state.entry else ""
        if about:
            tells = label("small", wraps=True)
            tells.setText(about)
            texts.addWidget(tells)
        if state.why and state.state != "available":
            why = label("bad" if state.state == "broken" else "small", wraps=True)
            why.setText(words.sentence(state.why))
            texts.addWidget(why)
        across.addLayout(texts, 1)
        if state.state == "available":
            texts.addWidget(DownloadFault(self._desk.downloads, words, (state.id,)))
            tip = words.say("ui.models.download_tip", name=state.id, licence=state.licence)
            if state.why:
                tip = f"{tip}\n{words.sentence(state.why)}"
            corner = DownloadCorner(self._desk.downloads, words, (state.id,), state.size_bytes, tip=tip)
            corner.setFixedWidth(CORNER_WIDTH)
            self.corners[state.id] = corner
            across.addWidget(corner, 0, Qt.AlignmentFlag.AlignVCenter)
            return card
        if state.state == "ready" and not state.is_in_use:
            across.addWidget(button(words, "ui.models.use", lambda: self._use(state)), 0, Qt.AlignmentFlag.AlignVCenter)
        if state.is_removable:
            remover = button(words, "ui.models.remove", lambda: self._remove(state), role="link")
            self.removers[state.id] = remover
            across.addWidget(remover, 0, Qt.AlignmentFlag.AlignVCenter)
        return card

    def _installed(self, model_id: str, states: Sequence[ModelState]) -> None:
        self._take(states)
        self._desk.tell("ui.models.installed", name=model_id)
        self.models_changed.emit()

    # ── the models that are here ──────────────────────────────────────────────────────────────────────────────────

    def _use(self, state: ModelState) -> None:
        """From now on this one, for its task."""
        assistant = self._desk.assistant
        chosen = {**assistant.settings.chosen_models, state.task: state.id}
        future = assistant.set_settings(dataclasses.replace(assistant.settings, chosen_models=chosen))
        self._desk.bridge.when_done(future, lambda _none: self.refresh(), owner=self)

    def _ask_to_remove(self, model_id: str) -> None:
        """Offer to remove this one for good, and no other."""
        self._sure = model_id
        for known, remover in self.removers.items():
            remover.setText(
                self._desk.words.say("ui.models.remove_surely" if known == model_id else "ui.models.remove")
            )

    def _remove(self, state: ModelState) -> None:
        """A first click asks, a second one within a few seconds means it."""
        if self._sure != state.id:
            self._ask_to_remove(state.id)
            self._doubt.start()
            return
        self._doubt.stop()
        self._sure = ""

        def done(states: Sequence[ModelState]) -> None:
            self._take(states)
            self._desk.tell("ui.models.removed", name=state.id)
            self.models_changed.emit()

        self._desk.bridge.when_done(self._desk.assistant.remove_model(state.id), done, owner=self)

    # ── a folder ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self._desk.words.say("ui.models.add_folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda folder: self.add_folder(Path(folder)))
        dialog.open()

    def add_folder(self, folder: Path) -> None:
        """Take over a model folder that was carried here by hand."""
        words = self._desk.words
        self._folder = folder
        self.copy_text.setText(words.say("ui.models.copying", name=folder.name))
        self.copy_bar.setRange(0, 0)
        self.copy_fault.hide()
        self.copy_stop.setEnabled(True)
        self.add_button.setEnabled(False)
        self._copying.show()

        def done(states: Sequence[ModelState]) -> None:
            self._copied()
            self._take(states)
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
            self.copy_bar.setToolTip(words.say("ui.models.progress", done=words.size(done), total=words.size(of)))

    def _stop_copying(self) -> None:
        if self._folder is not None:
            self.copy_stop.setEnabled(False)
            self._desk.assistant.cancel_model(str(self._folder))

    def _copied(self) -> None:
        self._folder = None
        self._copying.hide()
        self.add_button.setEnabled(True)


def _order(state: ModelState) -> tuple[int, int]:
    """What works first, the one in use before the others, then what could be, small ones first."""
    at = ("ready", "broken", "available").index(state.state)
    return at - state.is_in_use, state.size_bytes


def build(desk: Desk) -> ModelsPanel:
    """For the registry."""
    return ModelsPanel(desk)
