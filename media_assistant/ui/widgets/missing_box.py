"""What is said of a file that is not there, and how it is found again: by pointing at it, or at a folder that may hold it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QWidget

from media_assistant.items.whereabouts import Located, Match
from media_assistant.ui import actions
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.folder_search import FolderSearch
from media_assistant.ui.widgets.plain import button, column, label


class MissingBox(QFrame):
    """Hidden while all is well. Nothing here is modal but the system's own file dialogs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._item_ids: tuple[int, ...] = ()
        self._count = 0
        self._offline = 0
        self._awaited = Awaited()
        self._other: Path | None = None
        self.setProperty("card", "note")
        down = column(self, margins=(12, 9, 12, 9), gap=6)
        self.says = label("bad", wraps=True)
        self.waits = label(wraps=True)
        self.search = FolderSearch(desk)
        self.answer, self.relink_button = self.search.answer, self.search.relink_button
        self._buttons = QWidget()
        flow = FlowLayout(self._buttons)
        words = desk.words
        self.locate_button = button(words, "ui.missing.locate", self._choose_file)
        self.folder_button = button(words, "ui.missing.folder", self.search.choose)
        self.instead_button = button(words, "ui.missing.instead", self._use_instead)
        for each in (self.instead_button, self.locate_button, self.folder_button):
            flow.addWidget(each)
        for widget in (self.says, self.waits, self.search, self._buttons):
            down.addWidget(widget)
        words.changed.connect(self._tell)
        self.search.changed.connect(self._tell)
        self.hide()

    def show_item(self, item_id: int, *, is_missing: bool, is_offline: bool) -> None:
        """One item: what is to say of its file."""
        self._show((item_id,), int(is_missing), int(is_offline))

    def show_several(self, item_ids: tuple[int, ...], missing: int, offline: int) -> None:
        """Several items, of which some are missing (offline ones counted in)."""
        self._show(item_ids, missing, offline)

    def _show(self, item_ids: tuple[int, ...], count: int, offline: int) -> None:
        if item_ids != self._item_ids:
            self._forget()
        self._item_ids, self._count, self._offline = item_ids, count, offline
        self._tell()

    def _forget(self) -> None:
        self._awaited.drop()
        self._other = None
        self.search.forget()

    def _tell(self) -> None:
        words, is_one = self._desk.words, len(self._item_ids) == 1
        lost = self._count - self._offline
        if is_one:
            self.says.setText(words.say("ui.state.missing_long") if lost else "")
            self.waits.setText(words.say("ui.state.offline_long") if self._offline else "")
        else:
            self.says.setText(words.say("ui.missing.some", count=lost))
            self.waits.setText(words.say("ui.missing.some_offline", count=self._offline))
        self.says.setVisible(lost > 0)
        self.waits.setVisible(self._offline > 0)
        self.locate_button.setVisible(is_one and bool(self._count))
        self.folder_button.setVisible(bool(self._count))
        self.instead_button.setVisible(self._other is not None)
        self._buttons.updateGeometry()
        self.setVisible(bool(self._count or self.search.found))

    def _say(self, code: str, **parameters: str | int) -> None:
        self.search.say(code, **parameters)

    # ── one file ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _choose_file(self) -> None:
        dialog = QFileDialog(self.window(), self._desk.words.say("ui.missing.locate"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda file: self.try_file(Path(file)))
        dialog.open()

    def try_file(self, path: Path) -> None:
        """Is it this one?"""
        self._forget()
        desk = self._desk
        self._say("ui.missing.comparing")
        desk.bridge.when_done(
            desk.assistant.relinking.locate(self._item_ids[0], path),
            self._awaited.only(self._take_located),
            owner=self,
            failed=self._awaited.only(self.search.show_fault),
        )

    def _take_located(self, located: Located) -> None:
        path = Path(located.path)
        if located.match is Match.SAME:
            step = located.step
            self._desk.tell("ui.missing.found_again", undo=actions.undoing(self._desk, owner=self, step=step))
            # What lay beside it is probably beside it again.
            self.search.look_in(path.parent, is_by_itself=True)
        elif located.match is Match.TAKEN:
            self._say("ui.missing.taken", name=path.name)
        else:
            self._other = path
            self._say("ui.missing.another", name=path.name)

    def _use_instead(self) -> None:
        path, desk = self._other, self._desk
        if path is None:
            return
        self._forget()
        self._tell()
        desk.bridge.when_done(
            desk.assistant.relinking.use_instead(self._item_ids[0], path),
            lambda changes: desk.tell(
                "ui.missing.used_instead",
                name=path.name,
                undo=actions.undoing(desk, owner=self, step=changes.step),
            ),
            owner=self,
        )
