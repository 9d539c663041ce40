"""What a person may choose; every change holds at once and is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QUrl, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from media_assistant.settings import Settings
from media_assistant.ui.desk import Desk
from media_assistant.ui.theme import ThemeWish
from media_assistant.ui.widgets.plain import button, column, frame, label, row, said

WIDTH = 720
MOST_WORKERS = 8


class SettingsPanel(QScrollArea):
    """Signals: `folder_shown()` when the person wants to see the model folder."""

    folder_shown = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
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
        down.addWidget(said(desk.words, "ui.panel.settings", "headline"))
        self._build_look(down)
        self._build_work(down)
        self._build_analysers(down)
        self._build_downloads(down)
        self._build_places(down)
        down.addStretch(1)
        desk.words.changed.connect(self._name_choices)
        self._name_choices()

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _section(self, down: QVBoxLayout, code: str) -> QVBoxLayout:
        title = said(self._desk.words, code, "section")
        title.setContentsMargins(0, 12, 0, 0)
        down.addWidget(title)
        card = frame(card="plain")
        inside = column(card, margins=(16, 12, 16, 12), gap=10)
        down.addWidget(card)
        return inside

    def _line(self, inside: QVBoxLayout, code: str, control: QWidget, tip: str = "") -> None:
        words = self._desk.words
        line = row(gap=12)
        name = said(words, code)
        name.setBuddy(control)
        words.bind(control, QWidget.setAccessibleName, code)
        line.addWidget(name, 1)
        line.addWidget(control)
        inside.addLayout(line)
        if tip:
            inside.addWidget(said(words, tip, "small", wraps=True))

    def _build_look(self, down: QVBoxLayout) -> None:
        inside = self._section(down, "ui.settings.look")
        settings = self._desk.assistant.settings
        self.language = QComboBox()
        for wish in ("system", "en", "zh_CN"):
            self.language.addItem("", wish)
        self.language.setCurrentIndex(self.language.findData(settings.language))
        self.language.currentIndexChanged.connect(lambda _at: self._speak())
        self.theme = QComboBox()
        for theme in ("system", "dark", "light"):
            self.theme.addItem("", theme)
        self.theme.setCurrentIndex(self.theme.findData(settings.theme))
        self.theme.currentIndexChanged.connect(lambda _at: self._dress())
        self._line(inside, "ui.settings.language", self.language)
        self._line(inside, "ui.settings.theme", self.theme)

    def _build_work(self, down: QVBoxLayout) -> None:
        inside = self._section(down, "ui.settings.work")
        settings = self._desk.assistant.settings
        self.workers = QComboBox()
        for count in range(1, MOST_WORKERS + 1):
            self.workers.addItem(self._desk.words.number(count), count)
        self.workers.setCurrentIndex(min(MOST_WORKERS, max(1, settings.workers)) - 1)
        self.workers.currentIndexChanged.connect(lambda at: self._keep(workers=at + 1))
        self._line(inside, "ui.settings.workers", self.workers, "ui.settings.workers_tip")
        self.overnight = self._check(
            "ui.settings.overnight", lambda on: self._keep(overnight=on), is_on=settings.overnight
        )
        inside.addWidget(self.overnight)
        inside.addWidget(said(self._desk.words, "ui.settings.overnight_tip", "small", wraps=True))
        self.spoken = QLineEdit(", ".join(settings.spoken_languages))
        self.spoken.setMinimumWidth(200)
        self._desk.words.bind(self.spoken, QLineEdit.setPlaceholderText, "ui.settings.spoken_prompt")
        self.spoken.editingFinished.connect(lambda: self._keep(spoken_languages=_parts(self.spoken.text())))
        self._line(inside, "ui.settings.spoken", self.spoken, "ui.settings.spoken_tip")
        self.names = QLineEdit(", ".join(settings.names))
        self.names.setMinimumWidth(200)
        self._desk.words.bind(self.names, QLineEdit.setPlaceholderText, "ui.settings.names_prompt")
        self.names.editingFinished.connect(lambda: self._keep(names=_parts(self.names.text())))
        self._line(inside, "ui.settings.names", self.names, "ui.settings.names_tip")

    def _build_analysers(self, down: QVBoxLayout) -> None:
        from media_assistant.analysis.registry import SPECS

        inside = self._section(down, "ui.settings.analysers")
        off = self._desk.assistant.settings.switched_off
        self.analysers: dict[str, QCheckBox] = {}
        for spec in SPECS:
            if spec.name == "preview":
                continue
            box = QCheckBox()
            box.setChecked(spec.name not in off)
            box.toggled.connect(lambda _on: self._switch())
            self.analysers[spec.name] = box
            inside.addWidget(box)

    def _build_downloads(self, down: QVBoxLayout) -> None:
        inside = self._section(down, "ui.settings.downloads")
        self.mirror = QLineEdit(self._desk.assistant.settings.download_mirror)
        self.mirror.setMinimumWidth(200)
        self._desk.words.bind(self.mirror, QLineEdit.setPlaceholderText, "ui.settings.mirror_prompt")
        self.mirror.editingFinished.connect(self._choose_mirror)
        self._line(inside, "ui.settings.mirror", self.mirror, "ui.settings.mirror_tip")
        self.mirror_fault = said(self._desk.words, "ui.settings.mirror_wrong", "bad", wraps=True)
        self.mirror_fault.hide()
        inside.addWidget(self.mirror_fault)

    def _build_places(self, down: QVBoxLayout) -> None:
        inside = self._section(down, "ui.settings.places")
        paths = self._desk.assistant.paths
        for code, path in (
            ("ui.settings.library_file", paths.library),
            ("ui.settings.model_folder", paths.user_models),
            ("ui.settings.logs", paths.logs),
        ):
            inside.addWidget(said(self._desk.words, code))
            shown = label("small", wraps=True, selectable=True)
            shown.setText(str(path))
            inside.addWidget(shown)
        inside.addWidget(button(self._desk.words, "ui.settings.show_models", self.folder_shown.emit, role="link"))

    def _check(self, code: str, act: Callable[[bool], None], *, is_on: bool) -> QCheckBox:
        box = QCheckBox()
        box.setChecked(is_on)
        self._desk.words.bind(box, QCheckBox.setText, code)
        box.toggled.connect(act)
        return box

    def _name_choices(self) -> None:
        words = self._desk.words
        for at in range(self.language.count()):
            self.language.setItemText(at, words.say(f"ui.settings.speak.{self.language.itemData(at)}"))
        for at in range(self.theme.count()):
            self.theme.setItemText(at, words.say(f"ui.settings.wear.{self.theme.itemData(at)}"))
        for name, box in self.analysers.items():
            box.setText(words.analyser(name))

    # ── choosing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _speak(self) -> None:
        wish = str(self.language.currentData())
        self._keep(language=wish)
        self._desk.words.speak(wish)

    def _dress(self) -> None:
        wish = cast("ThemeWish", self.theme.currentData())
        self._keep(theme=wish)
        self._desk.look.wear(wish)

    def _choose_mirror(self) -> None:
        """An address of the web, or nothing. A bare name is taken as one."""
        text = self.mirror.text().strip().rstrip("/")
        if text and "://" not in text:
            text = f"https://{text}"
        url = QUrl(text, QUrl.ParsingMode.StrictMode)
        is_right = not text or (url.isValid() and url.scheme() in ("http", "https") and bool(url.host()))
        self.mirror_fault.setVisible(not is_right)
        if is_right:
            self.mirror.setText(text)
            self._keep(download_mirror=text)

    def _switch(self) -> None:
        self._keep(switched_off=tuple(name for name, box in self.analysers.items() if not box.isChecked()))

    def _keep(self, **changed: object) -> None:
        assistant = self._desk.assistant
        settings: Settings = dataclasses.replace(assistant.settings, **changed)  # type: ignore[arg-type]
        if settings != assistant.settings:
            self._desk.bridge.when_done(assistant.set_settings(settings), lambda _none: None, owner=self)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip())


def build(desk: Desk) -> SettingsPanel:
    """For the registry."""
    return SettingsPanel(desk)
