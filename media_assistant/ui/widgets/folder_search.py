"""A folder is looked through for what is lost: what was found and why it is thought to be that, and the yes to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.whereabouts import Found, Proposal, Reason
from media_assistant.ui import actions
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import ShortenedLabel, button, column, label

_MOST_NAMED = 3
"""So many files are named with the reason; the others are counted."""


class FolderSearch(QWidget):
    """Says nothing until it is asked.

    Signals: `changed()` when it says something else, or nothing any more.
    """

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._awaited = Awaited()
        self._proposal: Proposal | None = None
        self._says: Callable[[], str] = str
        """The answer, in the language of now."""
        down = column(self, gap=6)
        self.answer = label(wraps=True)
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reasons = [ShortenedLabel("small") for _ in range(_MOST_NAMED + 1)]
        self._buttons = QWidget()
        flow = FlowLayout(self._buttons)
        self.relink_button = button(desk.words, "ui.missing.locate", self._relink)
        self.likely_button = button(desk.words, "ui.missing.locate", self._use_likely)
        flow.addWidget(self.relink_button)
        flow.addWidget(self.likely_button)
        for widget in (self.answer, *self.reasons, self._buttons):
            down.addWidget(widget)
        desk.words.changed.connect(self._speak)
        self._tell()

    @property
    def found(self) -> int:
        """How many were found, for certain or as it seems."""
        return len(self._proposal.found) + len(self._proposal.likely) if self._proposal is not None else 0

    def forget(self) -> None:
        """What was found is of no use any more; an answer that is still to come is not waited for."""
        self._awaited.drop()
        self._proposal = None
        self._answer(str)

    def say(self, code: str, **parameters: str | int) -> None:
        """Say this in the place of an answer."""
        self._answer(lambda: self._desk.words.say(code, **parameters))

    def _answer(self, says: Callable[[], str]) -> None:
        self._says = says
        self._speak()

    def _speak(self) -> None:
        self.answer.setText(self._says())
        self._tell()

    def choose(self) -> None:
        """Ask for a folder, in the system's own dialog."""
        dialog = QFileDialog(self.window(), self._desk.words.say("ui.missing.folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda folder: self.look_in(Path(folder)))
        dialog.open()

    def look_in(self, folder: Path, *, is_by_itself: bool = False) -> None:
        """What of all that is lost lies in there? Only told of when there is something, if nobody asked for it."""
        self.forget()
        desk = self._desk
        if not is_by_itself:
            self.say("ui.missing.looking", folder=str(folder))
        progress = desk.bridge.on_main(self._awaited.only(partial(self._show_progress, folder, is_quiet=is_by_itself)))
        desk.bridge.when_done(
            desk.assistant.relinking.look_in_folder(folder, progress),
            self._awaited.only(partial(self._take, is_by_itself=is_by_itself)),
            owner=self,
            failed=self._awaited.only(self.show_fault),
        )

    def _show_progress(self, folder: Path, met: int, *, is_quiet: bool) -> None:
        if met and not is_quiet:
            self.say("ui.missing.looking_on", folder=str(folder), count=met)

    def show_fault(self, fault: BaseException) -> None:
        """Say why there is no answer."""
        self._answer(lambda: self._desk.words.fault(fault))

    def _take(self, proposal: Proposal, *, is_by_itself: bool) -> None:
        count, likely = len(proposal.found), len(proposal.likely)
        words = self._desk.words
        if count:
            self._proposal = proposal

            def says() -> str:
                total = words.number(proposal.looked_for)
                return words.say("ui.missing.proposal", count=count, total=total, folder=proposal.folder)

            self._answer(says)
        elif likely and not is_by_itself:
            self._proposal = proposal
            self.say("ui.missing.only_likely", count=likely, folder=proposal.folder)
        elif not is_by_itself:
            self.say("ui.missing.nothing", folder=proposal.folder)

    def _tell(self) -> None:
        words, proposal = self._desk.words, self._proposal
        found: Sequence[Found] = proposal.found if proposal is not None else ()
        likely: Sequence[Found] = proposal.likely if proposal is not None else ()
        self.answer.setVisible(bool(self.answer.text()))
        lines = self._why([*found, *likely])
        for at, line in enumerate(self.reasons):
            line.setText(lines[at] if at < len(lines) else "")
            line.setVisible(at < len(lines))
        self.relink_button.setVisible(bool(found))
        self.likely_button.setVisible(bool(likely))
        QPushButton.setText(self.relink_button, words.say("ui.missing.relink", count=len(found)))
        QPushButton.setText(self.likely_button, words.say("ui.missing.use_likely", count=len(likely)))
        self._buttons.setVisible(bool(found or likely))
        self._buttons.updateGeometry()
        self.setVisible(bool(self.answer.text()))
        self.changed.emit()

    def _why(self, found: Sequence[Found]) -> list[str]:
        """A line for each file that is named: one of each reason first, so that none is hidden behind the others."""
        words = self._desk.words
        of_each = [next((each for each in found if each.reason is reason), None) for reason in Reason]
        named = [each for each in of_each if each is not None]
        named += [each for each in found if each not in named][: max(0, _MOST_NAMED - len(named))]
        lines = [
            words.say(
                f"ui.missing.reason.{each.reason.value}",
                name=_name(each.path),
                was=_name(each.was),
            )
            for each in named
        ]
        if len(found) > len(named):
            lines.append(words.say("ui.missing.and_more", count=len(found) - len(named)))
        return lines

    def _relink(self) -> None:
        proposal, desk = self._proposal, self._desk
        if proposal is None:
            return
        rest = Proposal(proposal.folder, proposal.looked_for, (), proposal.likely) if proposal.likely else None

        def done(changes: LibraryChanges) -> None:
            self._offer_undo("ui.missing.relinked", changes)

        self.forget()
        if rest is not None:
            self._take(rest, is_by_itself=False)
        desk.bridge.when_done(desk.assistant.relinking.relink(proposal.found, proposal.moved), done, owner=self)

    def _use_likely(self) -> None:
        proposal, desk = self._proposal, self._desk
        if proposal is None:
            return
        rest = Proposal(proposal.folder, proposal.looked_for, proposal.found, (), proposal.moved)

        def done(changes: LibraryChanges) -> None:
            self._offer_undo("ui.missing.used_likely", changes)

        self.forget()
        if rest.found:
            self._take(rest, is_by_itself=False)
        desk.bridge.when_done(desk.assistant.relinking.use_all_instead(proposal.likely), done, owner=self)

    def _offer_undo(self, code: str, changes: LibraryChanges) -> None:
        undo = actions.undoing(self._desk, owner=self, step=changes.step)
        self._desk.tell(code, count=len(changes.changed), undo=undo)


def _name(path: str) -> str:
    """A file's name, as text, however it is written on the disk; a very long one is cut in its middle."""
    name = os.path.basename(path).encode("utf-8", "replace").decode()
    return name if len(name) <= 60 else f"{name[:40]}…{name[-18:]}"
