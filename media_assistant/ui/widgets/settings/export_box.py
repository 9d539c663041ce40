"""The library in open formats: out to a folder, and a new library from such a folder. Where one stands, how far it is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFileDialog, QProgressBar, QPushButton, QWidget

from media_assistant.paths import find_paths
from media_assistant.ui.desk import Desk
from media_assistant.ui.libraries import ask_for_library
from media_assistant.ui.outside import open_outside
from media_assistant.ui.widgets.plain import button, column, label, row, said

if TYPE_CHECKING:
    from media_assistant.workflows.keeping.exporting import Exported
    from media_assistant.workflows.keeping.rebuilding import Rebuilt

_STEPS = 1000
Told = TypeVar("Told")


class ExportBox(QWidget):
    """Signals: `library_wanted(Path)` the rebuilt library is to be opened."""

    library_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._offer: Callable[[], object] = lambda: None
        self._say: Callable[[], None] = lambda: None
        words = desk.words
        down = column(self, gap=8)
        across = row(gap=8)
        self.export = button(words, "ui.open_export.button", self._ask_for_place)
        self.rebuild = button(words, "ui.open_export.rebuild_button", self._ask_for_export)
        across.addWidget(self.export)
        across.addWidget(self.rebuild)
        across.addStretch(1)
        down.addLayout(across)
        down.addWidget(said(words, "ui.open_export.why", "small", wraps=True))
        self._work = QWidget()
        across = row(self._work, gap=8)
        self._what = label("soft")
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        words.bind(self.bar, QWidget.setAccessibleName, "ui.open_export.bar")
        self.stop = button(words, "ui.open_export.stop", self._stop)
        across.addWidget(self._what)
        across.addWidget(self.bar, 1)
        across.addWidget(self.stop)
        down.addWidget(self._work)
        self._end = QWidget()
        across = row(self._end, gap=8)
        self.result = label("soft", wraps=True, selectable=True)
        self.offer = QPushButton()
        self.offer.setProperty("role", "link")
        self.offer.clicked.connect(self._take_offer)
        across.addWidget(self.result, 1)
        across.addWidget(self.offer, 0, Qt.AlignmentFlag.AlignTop)
        down.addWidget(self._end)
        self._work.hide()
        self._end.hide()
        words.changed.connect(self._speak)

    # ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask_for_place(self) -> None:
        self._ask_for_folder("choose", self.export_to)

    def _ask_for_export(self) -> None:
        self._ask_for_folder("choose_export", self._ask_for_new)

    def _ask_for_folder(self, what: str, take: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self.window(), self._desk.words.say(f"ui.open_export.{what}"), str(Path.home()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: take(Path(folder)))
        dialog.open()

    def _ask_for_new(self, folder: Path) -> None:
        title = self._desk.words.say("ui.open_export.choose_library")
        beside = self._desk.assistant.paths.library.parent
        ask_for_library(self.window(), title, beside, lambda file: self.rebuild_from(folder, file), is_new=True)

    # ── working ───────────────────────────────────────────────────────────────────────────────────────────────────

    def export_to(self, folder: Path) -> None:
        """Write the library there."""
        progress = self._desk.bridge.on_main(self._show_progress)
        self._follow("exporting", self._desk.assistant.exports.export(folder, progress), self._show_exported)

    def rebuild_from(self, folder: Path, library: Path) -> None:
        """Make a new library of an export; the one that is open stays as it is."""
        progress = self._desk.bridge.on_main(self._show_progress)
        future = self._desk.assistant.exports.rebuild(folder, find_paths(library), progress)
        self._follow("rebuilding", future, self._show_rebuilt)

    def _follow(self, what: str, future: Future[Told], done: Callable[[Told], None]) -> None:
        self._name(f"ui.open_export.{what}")
        self.bar.setValue(0)
        self._set_busy(is_busy=True)
        self._desk.bridge.when_done(future, done, owner=self, failed=self._show_fault, cancelled=self._show_stopped)

    def _stop(self) -> None:
        self._desk.assistant.exports.cancel()
        self._name("ui.open_export.stopping")

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setValue(_STEPS * done // max(1, total))

    def _take_offer(self) -> None:
        self._offer()

    def _speak(self) -> None:
        self._say()

    # ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _show_exported(self, told: Exported) -> None:
        folder = str(told.folder)
        # Long paths may break behind each of their parts.
        shown = folder.replace("/", "/\u200b").replace("\\", "\\\u200b")
        self._conclude(
            "ui.open_export.done", {"count": told.items, "folder": shown}, "folder", lambda: open_outside(folder)
        )

    def _show_rebuilt(self, told: Rebuilt) -> None:
        parameters: dict[str, str | int] = {"count": told.items, "library": told.library.stem}
        self._conclude("ui.open_export.rebuilt", parameters, "library", lambda: self.library_wanted.emit(told.library))

    def _show_stopped(self) -> None:
        self._conclude("ui.open_export.stopped", {})

    def _show_fault(self, fault: BaseException) -> None:
        self._set_busy(is_busy=False)
        self._say = lambda: self.result.setText(self._desk.words.fault(fault))
        self._say()
        self.offer.hide()
        self._end.show()
        self._tell(self._desk.notices.warn)

    def _conclude(
        self, code: str, parameters: dict[str, str | int], offer: str = "", act: Callable[[], object] = lambda: None
    ) -> None:
        self._set_busy(is_busy=False)
        self._offer = act

        def speak() -> None:
            self.result.setText(self._desk.words.say(code, **parameters))
            self.offer.setText(self._desk.words.say(f"ui.open_export.open.{offer}") if offer else "")

        self._say = speak
        speak()
        self.offer.setVisible(bool(offer))
        self._end.show()
        self._tell(self._desk.notices.tell)

    def _tell(self, aside: Callable[[str], None]) -> None:
        """Whoever is on another page by now hears of it too, and so does whoever listens to the screen."""
        text = self.result.text().replace("\u200b", "")
        if not self.isVisible():
            aside(text)
        elif QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _name(self, code: str) -> None:
        self._say = lambda: self._what.setText(self._desk.words.say(code))
        self._say()

    def _set_busy(self, *, is_busy: bool) -> None:
        had_focus = self.export.hasFocus() or self.rebuild.hasFocus() or self.stop.hasFocus()
        self._work.setVisible(is_busy)
        if is_busy:
            self._end.hide()
        self.export.setEnabled(not is_busy)
        self.rebuild.setEnabled(not is_busy)
        if had_focus:
            # Whoever came by keyboard stays here: what had the focus is gone or cannot be pressed now.
            (self.stop if is_busy else self.export).setFocus(Qt.FocusReason.OtherFocusReason)
