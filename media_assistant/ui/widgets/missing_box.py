"""What is said of a file that is not there, and how it is found again: by pointing at it, or at a folder that may hold it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QPushButton, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.whereabouts import Located, Match, Proposal
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import button, column, label


class MissingBox(QFrame):
    """Hidden while all is well. Nothing here is modal but the system's own file dialogs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._item_ids: tuple[int, ...] = ()
        self._count = 0
        self._offline = 0
        self._turn = 0
        self._other: Path | None = None
        self._proposal: Proposal | None = None
        self.setProperty("card", "note")
        down = column(self, margins=(12, 9, 12, 9), gap=6)
        self.says = label("bad", wraps=True)
        self.waits = label(wraps=True)
        self.answer = label(wraps=True)
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QWidget()
        flow = FlowLayout(self._buttons)
        words = desk.words
        self.locate_button = button(words, "ui.missing.locate", self._choose_file)
        self.folder_button = button(words, "ui.missing.folder", self._choose_folder)
        self.instead_button = button(words, "ui.missing.instead", self._use_instead)
        self.relink_button = button(words, "ui.missing.locate", self._relink)
        for each in (self.relink_button, self.instead_button, self.locate_button, self.folder_button):
            flow.addWidget(each)
        for widget in (self.says, self.waits, self.answer, self._buttons):
            down.addWidget(widget)
        words.changed.connect(self._tell)
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
        self._turn += 1
        self._other, self._proposal = None, None
        self.answer.clear()

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
        self.answer.setVisible(bool(self.answer.text()))
        found = len(self._proposal.found) if self._proposal is not None else 0
        self.locate_button.setVisible(is_one and bool(self._count))
        self.folder_button.setVisible(bool(self._count))
        self.instead_button.setVisible(self._other is not None)
        self.relink_button.setVisible(found > 0)
        QPushButton.setText(self.relink_button, words.say("ui.missing.relink", count=found))
        self._buttons.updateGeometry()
        self.setVisible(bool(self._count or found))

    def _say(self, code: str, **parameters: str | int) -> None:
        self.answer.setText(self._desk.words.say(code, **parameters))
        self._tell()

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
        turn, desk = self._turn, self._desk
        self._say("ui.missing.comparing")
        desk.bridge.when_done(
            desk.assistant.relinking.locate(self._item_ids[0], path),
            lambda located: self._take_located(turn, located),
            owner=self,
            failed=lambda fault: self._failed(turn, fault),
        )

    def _take_located(self, turn: int, located: Located) -> None:
        if turn != self._turn:
            return
        path = Path(located.path)
        if located.match is Match.SAME:
            self.answer.clear()
            self._desk.tell("ui.missing.found_again", undo=self._undo)
            # What lay beside it is probably beside it again.
            self.try_folder(path.parent, is_by_itself=True)
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
            lambda _changes: desk.tell("ui.missing.used_instead", name=path.name, undo=self._undo),
            owner=self,
        )

    # ── a folder ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self.window(), self._desk.words.say("ui.missing.folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda folder: self.try_folder(Path(folder)))
        dialog.open()

    def try_folder(self, folder: Path, *, is_by_itself: bool = False) -> None:
        """What of all that is lost lies in there? Only told of when there is something, if nobody asked for it."""
        self._forget()
        turn, desk = self._turn, self._desk
        if not is_by_itself:
            self._say("ui.missing.looking", folder=str(folder))
        progress = desk.bridge.on_main(lambda met: self._show_progress(turn, folder, met, is_quiet=is_by_itself))
        desk.bridge.when_done(
            desk.assistant.relinking.look_in_folder(folder, progress),
            lambda proposal: self._take_proposal(turn, proposal, is_by_itself=is_by_itself),
            owner=self,
            failed=lambda fault: self._failed(turn, fault),
        )

    def _show_progress(self, turn: int, folder: Path, met: int, *, is_quiet: bool) -> None:
        if turn == self._turn and met and not is_quiet:
            self._say("ui.missing.looking_on", folder=str(folder), count=met)

    def _take_proposal(self, turn: int, proposal: Proposal, *, is_by_itself: bool) -> None:
        if turn != self._turn:
            return
        count = len(proposal.found)
        if count:
            self._proposal = proposal
            total = self._desk.words.number(proposal.looked_for)
            self._say("ui.missing.proposal", count=count, total=total, folder=proposal.folder)
        elif not is_by_itself:
            self._say("ui.missing.nothing", folder=proposal.folder)

    def _relink(self) -> None:
        proposal, desk = self._proposal, self._desk
        if proposal is None:
            return
        self._forget()
        self._tell()

        def done(changes: LibraryChanges) -> None:
            desk.tell("ui.missing.relinked", count=len(changes.changed), undo=self._undo)

        desk.bridge.when_done(desk.assistant.relinking.relink(proposal.found), done, owner=self)

    def _failed(self, turn: int, fault: BaseException) -> None:
        if turn == self._turn:
            self.answer.setText(self._desk.words.fault(fault))
            self._tell()

    def _undo(self) -> None:
        actions.undo(self._desk, owner=self)
