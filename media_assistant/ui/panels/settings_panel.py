"""What a person may choose; every change holds at once and is kept."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPushButton, QScrollArea, QWidget

from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.dialogs.shortcuts_dialog import show_shortcuts
from media_assistant.ui.libraries import ask_for_library
from media_assistant.ui.look.theme import ThemeWish
from media_assistant.ui.outside import open_outside
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.past_bar import RecordingBox
from media_assistant.ui.widgets.plain import button, column, fill_page, label, page_title, row, said, unwheeled
from media_assistant.ui.widgets.settings.backup_list import BackupList
from media_assistant.ui.widgets.settings.check_line import CheckLine
from media_assistant.ui.widgets.settings.export_box import ExportBox
from media_assistant.ui.widgets.settings.lines import SettingLines

WIDTH = 720
MOST_WORKERS = 8
MEMORY_MB = (2048, 4096, 8192, 16_384, 32_768)


class SettingsPanel(QScrollArea):
    """Signals: `folder_shown()` the models are wanted; `about_wanted()`; `past_wanted()` what was
    played and searched; `library_wanted(Path)` another library;
    `restore_wanted(Path)` a backup in its place.
    """

    folder_shown = Signal()
    about_wanted = Signal()
    past_wanted = Signal()
    library_wanted = Signal(object)
    restore_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        down = fill_page(self, WIDTH)
        down.addWidget(page_title(desk.words, "ui.panel.settings"))
        self.lines = SettingLines(desk.words)
        down.addWidget(self.lines, 1)
        self._build_look()
        self._build_work()
        self._build_past()
        self._build_courtesy()
        self._build_analysers()
        self._build_libraries()
        self._build_backups()
        self._build_downloads()
        self._build_places()
        self._build_help()
        self.lines.end()
        for name in (self._name_analysers, self._name_sizes):
            desk.words.changed.connect(name)
            name()

    @property
    def search(self) -> QLineEdit:
        """The box that finds a setting."""
        return self.lines.field

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _build_look(self) -> None:
        settings = self._desk.assistant.settings
        self.lines.section("ui.settings.look")
        self.language = self.lines.choice(
            "ui.settings.language",
            {wish: f"ui.settings.speak.{wish}" for wish in ("system", "en", "zh_CN")},
            settings.language,
            self._speak,
        )
        self.theme = self.lines.choice(
            "ui.settings.theme",
            {wish: f"ui.settings.wear.{wish}" for wish in ("system", "dark", "light")},
            settings.theme,
            self._dress,
        )
        self.tray = self.lines.check(
            "ui.settings.tray", lambda on: self._keep(tray=on), is_on=settings.tray, tip="ui.settings.tray_tip"
        )

    def _build_work(self) -> None:
        settings, lines = self._desk.assistant.settings, self.lines
        lines.section("ui.settings.work")
        self.workers = unwheeled(QComboBox())
        for count in range(1, MOST_WORKERS + 1):
            self.workers.addItem(self._desk.words.number(count), count)
        self.workers.setCurrentIndex(min(MOST_WORKERS, max(1, settings.workers)) - 1)
        self.workers.currentIndexChanged.connect(lambda at: self._keep(workers=at + 1))
        lines.line("ui.settings.workers", self.workers, "ui.settings.workers_tip")
        self.memory = unwheeled(QComboBox())
        for limit_mb in sorted({*MEMORY_MB, settings.memory_limit_mb}):
            self.memory.addItem("", limit_mb)
        self.memory.setCurrentIndex(self.memory.findData(settings.memory_limit_mb))
        self.memory.currentIndexChanged.connect(lambda _at: self._keep(memory_limit_mb=self.memory.currentData()))
        lines.line("ui.settings.memory", self.memory, "ui.settings.memory_tip")
        self.overnight = lines.check(
            "ui.settings.overnight",
            lambda on: self._keep(overnight=on),
            is_on=settings.overnight,
            tip="ui.settings.overnight_tip",
        )
        self.spoken = self._parts_field("spoken")
        self.spoken.setText(self._desk.words.say("ui.list_separator").join(settings.spoken_languages))
        self.spoken.editingFinished.connect(lambda: self._keep(spoken_languages=_parts(self.spoken.text())))
        self.names = self._parts_field("names")
        self._known_names: tuple[str, ...] | None = None
        self.names.editingFinished.connect(self._keep_names)
        self._desk.events.changed.connect(lambda changes: self._ask_names() if changes.journal else None)

    def _parts_field(self, code: str) -> QLineEdit:
        field = LineField()
        field.setMinimumWidth(200)
        self._desk.words.bind(field, QLineEdit.setPlaceholderText, f"ui.settings.{code}_prompt")
        self.lines.line(f"ui.settings.{code}", field, f"ui.settings.{code}_tip")
        return field

    def showEvent(self, event: QShowEvent) -> None:
        """Names are the library's, and may have been changed beside a transcript."""
        super().showEvent(event)
        self._ask_names()

    def _ask_names(self) -> None:
        if self.isVisible() and not self.names.hasFocus():
            self._desk.bridge.read(self._desk.assistant.library.spoken_names, self._show_names, owner=self)

    def _show_names(self, names: tuple[str, ...]) -> None:
        if self._known_names is None or not self.names.hasFocus():
            self._known_names = names
            self.names.setText(self._desk.words.say("ui.list_separator").join(names))

    def _keep_names(self) -> None:
        wanted = _parts(self.names.text())
        if self._known_names is not None and wanted != self._known_names:
            self._known_names = wanted
            future = self._desk.assistant.transcripts.set_names(wanted)
            self._desk.bridge.when_done(future, lambda _changes: None, owner=self)

    def _build_past(self) -> None:
        self.lines.section("ui.settings.past")
        words, here, verbs = self._desk.words, QWidget(), row()
        self.records = RecordingBox(self._desk)
        down = column(here, gap=8)
        down.addWidget(self.records)
        down.addWidget(said(words, "ui.past.record_tip", "small", wraps=True))
        verbs.addWidget(button(words, "ui.settings.past_forget", self.past_wanted.emit))
        verbs.addStretch(1)
        down.addLayout(verbs)
        self.lines.add(here, "ui.past.record", "ui.past.record_tip", "ui.settings.past_forget")

    def _build_courtesy(self) -> None:
        settings, lines = self._desk.assistant.settings, self.lines
        lines.section("ui.settings.courtesy")
        self.on_battery = lines.choice(
            "ui.settings.on_battery",
            {wish: f"ui.settings.battery.{wish}" for wish in ("slow", "rest", "full")},
            settings.on_battery,
            lambda wish: self._keep(on_battery=wish),
            "ui.settings.on_battery_tip",
        )
        self.slow_while_playing = lines.check(
            "ui.settings.playing", lambda on: self._keep(slow_while_playing=on), is_on=settings.slow_while_playing
        )
        self.stays_awake = lines.check(
            "ui.settings.awake",
            lambda on: self._keep(stays_awake=on),
            is_on=settings.stays_awake,
            tip="ui.settings.awake_tip",
        )
        self.tells_when_done = lines.check(
            "ui.settings.done",
            lambda on: self._keep(tells_when_done=on),
            is_on=settings.tells_when_done,
            tip="ui.settings.done_tip",
        )

    def _build_analysers(self) -> None:
        from media_assistant.analysis.registry import SPECS

        self.lines.section("ui.settings.analysers")
        off = self._desk.assistant.settings.switched_off
        self.analysers: dict[str, QCheckBox] = {}
        for spec in SPECS:
            if spec.name == "preview":
                continue
            box = QCheckBox()
            box.setChecked(spec.name not in off)
            box.toggled.connect(lambda _on: self._switch())
            self.analysers[spec.name] = box
            self.lines.add(box, f"ui.analyser.{spec.name}")

    def _build_libraries(self) -> None:
        desk, lines = self._desk, self.lines
        lines.section("ui.libraries.title")
        here = QWidget()
        down = column(here, gap=3)
        down.addWidget(said(desk.words, "ui.settings.library_file"))
        down.addWidget(_path_label(desk.assistant.paths.library))
        lines.add(here, "ui.settings.library_file")
        verbs = QWidget()
        across = row(verbs, gap=8)
        self.another = button(desk.words, "ui.libraries.another_button", lambda: self._ask("another"))
        self.new = button(desk.words, "ui.libraries.new_button", lambda: self._ask("new"))
        across.addWidget(self.another)
        across.addWidget(self.new)
        across.addStretch(1)
        lines.add(verbs, "ui.libraries.another_button", "ui.libraries.new_button")
        self.exports = ExportBox(desk)
        self.exports.library_wanted.connect(self.library_wanted)
        lines.add(self.exports, "ui.open_export.button", "ui.open_export.rebuild_button", "ui.open_export.why")
        self.recent: list[QPushButton] = []
        others = [path for each in desk.assistant.settings.recent_libraries if (path := Path(each)) != self._library]
        if others:
            before = QWidget()
            down = column(before, gap=2)
            down.addWidget(said(desk.words, "ui.libraries.recent", "soft"))
            for path in others:
                each = QPushButton(path.stem)
                each.setProperty("role", "link")
                each.setToolTip(plain_tip(str(path)))
                each.clicked.connect(partial(self._choose_library, path))
                self.recent.append(each)
                down.addWidget(each, 0, Qt.AlignmentFlag.AlignLeft)
            lines.add(before, "ui.libraries.recent")

    def _build_backups(self) -> None:
        self.lines.section("ui.backups.title")
        self.backups = BackupList(self._desk)
        self.backups.restore_wanted.connect(self.restore_wanted)
        self.lines.add(self.backups, "ui.backups.now", "ui.backups.restore", "ui.backups.rule")
        self.check = CheckLine(self._desk)
        self.check.restore_wanted.connect(self.restore_wanted)
        self.lines.add(self.check, "ui.check.title", "ui.check.repair")

    def _build_downloads(self) -> None:
        words = self._desk.words
        self.lines.section("ui.settings.downloads")
        self.mirror = self._address_line("ui.settings.mirror", "download_mirror")
        self.training_mirror = self._address_line("ui.settings.training_mirror", "training_mirror")
        self.mirror_fault = said(words, "ui.settings.mirror_wrong", "bad", wraps=True)
        holder = QWidget()
        column(holder).addWidget(self.mirror_fault)
        self.mirror_fault.hide()
        self.lines.add(holder, "ui.settings.mirror")

    def _address_line(self, code: str, setting: str) -> QLineEdit:
        words = self._desk.words
        field = LineField(getattr(self._desk.assistant.settings, setting))
        field.setMinimumWidth(200)
        words.bind(field, QLineEdit.setPlaceholderText, f"{code}_prompt")
        field.editingFinished.connect(lambda: self._choose_mirror(field, setting))
        self.lines.line(code, field, f"{code}_tip")
        return field

    def _build_places(self) -> None:
        words, paths = self._desk.words, self._desk.assistant.paths
        self.lines.section("ui.settings.places")
        for code, path in (("ui.settings.model_folder", paths.user_models), ("ui.settings.logs", paths.logs)):
            place = QWidget()
            across = row(place, gap=12)
            down = column(gap=3)
            down.addWidget(said(words, code))
            down.addWidget(_path_label(path))
            across.addLayout(down, 1)
            show = button(words, "ui.settings.show_folder", partial(_show_folder, path))
            words.bind(show, QPushButton.setAccessibleDescription, code)
            across.addWidget(show, 0, Qt.AlignmentFlag.AlignTop)
            self.lines.add(place, code)
        self.lines.add(button(words, "ui.settings.show_models", self.folder_shown.emit, role="link"), "ui.panel.models")

    def _build_help(self) -> None:
        words = self._desk.words
        self.lines.section("ui.settings.help")
        verbs = QWidget()
        across = row(verbs, gap=8)
        self.keys = button(words, "ui.settings.keys", lambda: show_shortcuts(self._desk, self.window()))
        self.about = button(words, "ui.settings.about", self.about_wanted.emit)
        across.addWidget(self.keys)
        across.addWidget(self.about)
        across.addStretch(1)
        self.lines.add(verbs, "ui.settings.keys", "ui.settings.about", "ui.keys.title")

    def _name_analysers(self) -> None:
        for name, box in self.analysers.items():
            box.setText(self._desk.words.analyser(name))

    def _name_sizes(self) -> None:
        """As memory is sold: what is called a gigabyte of it is 1024 MB."""
        for at in range(self.memory.count()):
            self.memory.setItemText(at, self._desk.words.size(round(self.memory.itemData(at) / 1024 * 1e9)))

    # ── choosing ──────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _library(self) -> Path:
        return self._desk.assistant.paths.library

    def _choose_library(self, path: Path, _checked: bool = False) -> None:
        self.library_wanted.emit(path)

    def _ask(self, what: str) -> None:
        title = self._desk.words.say(f"ui.libraries.{what}")
        ask_for_library(self.window(), title, self._library.parent, self.library_wanted.emit, is_new=what == "new")

    def _speak(self, wish: str) -> None:
        self._keep(language=wish)
        self._desk.words.speak(wish)

    def _dress(self, wish: str) -> None:
        self._keep(theme=wish)
        self._desk.look.wear(cast("ThemeWish", wish))

    def _choose_mirror(self, field: QLineEdit, setting: str) -> None:
        """An address of the web, or nothing. A bare name is taken as one."""
        text = field.text().strip().rstrip("/")
        if text and "://" not in text:
            text = f"https://{text}"
        url = QUrl(text, QUrl.ParsingMode.StrictMode)
        is_right = not text or (url.isValid() and url.scheme() in ("http", "https") and bool(url.host()))
        self.mirror_fault.setVisible(not is_right)
        if is_right:
            field.setText(text)
            self._keep(**{setting: text})

    def _switch(self) -> None:
        self._keep(switched_off=tuple(name for name, box in self.analysers.items() if not box.isChecked()))

    def _keep(self, **changed: object) -> None:
        actions.keep_settings(self._desk, owner=self, **changed)


def _path_label(path: Path) -> QWidget:
    shown = label("small", wraps=True, selectable=True)
    # Long paths may break behind each of their parts.
    shown.setText(str(path).replace("/", "/\u200b").replace("\\", "\\\u200b"))
    return shown


def _show_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    open_outside(path)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip())


def build(desk: Desk) -> SettingsPanel:
    """For the registry."""
    return SettingsPanel(desk)
