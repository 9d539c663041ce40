"""Which networks each task uses: ready, to be had, or broken; size, licence, languages; one click downloads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.plain import button, column, empty_layout, frame, label, row, said

if TYPE_CHECKING:
    from media_assistant.inference.store import ModelState

WIDTH = 860
TASKS = (
    "speech-recognition",
    "image-text-embedding",
    "image-classification",
    "audio-tagging",
    "music-tagging",
    "text-embedding",
)


class ModelsPanel(QScrollArea):
    """Signals: `models_changed()` after something was installed."""

    models_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._states: tuple[ModelState, ...] = ()
        self._downloads: dict[str, tuple[int, int]] = {}
        self._bars: dict[str, tuple[QProgressBar, QLabel]] = {}
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
        head.addWidget(button(desk.words, "ui.models.add_folder", self._choose_folder))
        down.addLayout(head)
        down.addWidget(said(desk.words, "ui.models.about", "soft", wraps=True))
        self._list = column(gap=8)
        down.addLayout(self._list)
        down.addStretch(1)
        desk.words.changed.connect(self._show)
        self.refresh()

    def refresh(self) -> None:
        """Ask again which models there are."""
        self._desk.bridge.when_done(self._desk.assistant.model_states(), self._take, owner=self)

    def _take(self, states: Sequence[ModelState]) -> None:
        self._states = tuple(states)
        self._show()

    def _show(self) -> None:
        empty_layout(self._list)
        self._bars.clear()
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
                is_first = True
                for state in sorted(states, key=lambda each: ("ready", "available", "broken").index(each.state)):
                    self._list.addWidget(self._card(state, is_first=is_first and state.state == "ready"))
                    is_first = False

    def _card(self, state: ModelState, *, is_first: bool) -> QWidget:
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
            badge.setText(words.say("ui.models.in_use" if is_first else "ui.models.ready"))
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
        if state.why:
            why = label("bad" if state.state == "broken" else "small", wraps=True)
            why.setText(words.sentence(state.why))
            texts.addWidget(why)
        across.addLayout(texts, 1)
        if state.state == "available":
            across.addLayout(self._download_corner(state))
        return card

    def _download_corner(self, state: ModelState) -> QVBoxLayout:
        words = self._desk.words
        corner = column(gap=4)
        if state.id in self._downloads:
            bar = QProgressBar()
            bar.setTextVisible(False)
            bar.setFixedWidth(150)
            text = label("small")
            corner.addWidget(text)
            corner.addWidget(bar)
            self._bars[state.id] = (bar, text)
            self._show_progress(state.id, *self._downloads[state.id])
        else:
            wanted = button(words, "ui.models.download", lambda: self._download(state.id))
            size = words.size(state.size_bytes)
            wanted.setText(words.say("ui.models.download_size", size=size) if state.size_bytes else wanted.text())
            wanted.setToolTip(words.say("ui.models.download_tip", name=state.id, licence=state.licence))
            corner.addWidget(wanted, 0, Qt.AlignmentFlag.AlignVCenter)
        return corner

    def _download(self, model_id: str) -> None:
        self._downloads[model_id] = (0, 0)
        self._show()
        progress = self._desk.bridge.on_main(lambda done, of: self._show_progress(model_id, done, of))
        future = self._desk.assistant.download_model(model_id, progress)
        self._desk.bridge.when_done(
            future,
            lambda states: self._ended(model_id, states),
            owner=self,
            failed=lambda fault: self._failed(model_id, fault),
        )

    def _show_progress(self, model_id: str, done: int, of: int) -> None:
        if model_id not in self._downloads:
            return
        self._downloads[model_id] = (done, of)
        if model_id in self._bars:
            bar, text = self._bars[model_id]
            bar.setRange(0, 1000 if of else 0)
            bar.setValue(round(1000 * done / of) if of else 0)
            words = self._desk.words
            text.setText(words.say("ui.models.progress", done=words.size(done), total=words.size(of)) if of else "")

    def _ended(self, model_id: str, states: Sequence[ModelState]) -> None:
        self._downloads.pop(model_id, None)
        self._take(states)
        self._desk.tell("ui.models.installed", name=model_id)
        self.models_changed.emit()

    def _failed(self, model_id: str, fault: BaseException) -> None:
        self._downloads.pop(model_id, None)
        self._show()
        self._desk.notices.warn(self._desk.words.fault(fault))

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self._desk.words.say("ui.models.add_folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda folder: self.add_folder(Path(folder)))
        dialog.open()

    def add_folder(self, folder: Path) -> None:
        """Take over a model folder that was carried here by hand."""

        def done(states: Sequence[ModelState]) -> None:
            self._take(states)
            self._desk.tell("ui.models.folder_added", name=folder.name)
            self.models_changed.emit()

        self._desk.bridge.when_done(self._desk.assistant.import_model_folder(folder), done, owner=self)


def build(desk: Desk) -> ModelsPanel:
    """For the registry."""
    return ModelsPanel(desk)
