"""The library's folders in the sidebar."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QMenu, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.folder import Folder
from media_assistant.ui import actions, collecting
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.folder_rows import FolderRow
from media_assistant.ui.outside import open_outside
from media_assistant.ui.places import Place
from media_assistant.ui.widgets.plain import IconButton, column
from media_assistant.ui.widgets.sidebar.folder_tree import FolderTree
from media_assistant.ui.widgets.sidebar.head import SideHead
from media_assistant.workflows.intake.watching import RootState

RENEW_MS = 2000
"""Counts may be two seconds late while thousands of files come in."""


class FoldersSection(QWidget):
    """Signals: `chosen(Place)`, also for the page on which folders are looked after."""

    chosen = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._place = Place()
        self._is_reading = False
        self.states: Sequence[RootState] = ()
        manage = IconButton(desk.words, desk.look, "settings", "ui.folders.manage", self._manage)
        self.head = SideHead(desk.words, desk.look, "ui.folders.title", manage)
        self.tree = FolderTree(desk.look, self._read_below)
        desk.words.bind(self.tree, FolderTree.setAccessibleName, "ui.folders.title")
        down = column(self, gap=2)
        down.addWidget(self.head)
        down.addWidget(self.tree)
        self.head.folded.connect(lambda is_folded: self.tree.setVisible(not is_folded))
        self.tree.chosen.connect(self.chosen)
        self.tree.menu_wanted.connect(lambda path, is_root, where: self.menu(path, is_root=is_root).popup(where))
        self._renewal = QTimer(self)
        self._renewal.setSingleShot(True)
        self._renewal.setInterval(RENEW_MS)
        self._renewal.timeout.connect(self.refresh)
        desk.words.changed.connect(self._show)
        desk.events.changed.connect(self._library_changed)
        self._show()
        self.refresh()

    def go(self, place: Place) -> None:
        """Mark a place as the one that is shown."""
        self._place = place
        self.tree.mark(place)

    def refresh(self) -> None:
        """Read them again, one reading at a time: a disk may take long to answer, or never do."""
        if self._is_reading:
            self._renewal.start()
            return
        self._is_reading = True
        self._desk.bridge.read_disk(self._desk.assistant.folders.states, self._take, owner=self, failed=self._failed)

    def menu(self, path: str, *, is_root: bool) -> QMenu:
        """What can be done with a folder."""
        desk, words = self._desk, self._desk.words
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        state = next((each for each in self.states if each.root.path == path), None)

        def add(code: str, act: Callable[[], object]) -> None:
            menu.addAction(words.say(code)).triggered.connect(lambda _checked=False: act())

        if is_root and state is not None:
            watch = menu.addAction(words.say("ui.folders.watch"))
            watch.setCheckable(True)
            watch.setChecked(state.root.is_watched)
            watch.toggled.connect(lambda on: collecting.watch_folder(desk, path=path, is_watched=on, owner=self))
        add("ui.folders.look", lambda: collecting.look_through(desk, path=path, owner=self))
        add("ui.folders.open", lambda: open_outside(path))
        if is_root:
            menu.addSeparator()
            add("ui.folders.remove", self._manage)
        return menu

    def _manage(self) -> None:
        self.chosen.emit(Place("folders"))

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.folders:
            self.refresh()
        elif (changes.added or changes.removed or changes.changed) and not self._renewal.isActive():
            self._renewal.start()

    def _read_below(self, path: str, take: Callable[[Sequence[FolderRow]], None]) -> None:
        library, words = self._desk.assistant.library, self._desk.words

        def show(folders: list[Folder]) -> None:
            take(
                [
                    FolderRow(each.path, each.name, "folder", words.number(each.count), each.has_folders)
                    for each in folders
                ]
            )
            self.tree.mark(self._place)

        self._desk.bridge.read(lambda: library.folders(path), show, owner=self)

    def _take(self, states: list[RootState]) -> None:
        self._is_reading = False
        self.states = states
        self._show()

    def _failed(self, fault: BaseException) -> None:
        """What was read before stays; the next change reads again."""
        self._is_reading = False
        actions.show_fault(self._desk, fault=fault)

    def _show(self) -> None:
        words = self._desk.words
        paths = [state.root.path for state in self.states]
        rows = []
        for state in self.states:
            root = state.root
            if any(other != root.path and root.path.startswith(other.rstrip(os.sep) + os.sep) for other in paths):
                continue  # it stands below the other one
            icon = "away" if not state.is_here else "watched" if root.is_watched else "folder"
            said = "" if icon == "folder" else words.say(f"ui.folders.{icon}")
            rows.append(
                FolderRow(
                    root.path,
                    collecting.folder_name(root.path),
                    icon,
                    words.number(root.count) if state.is_here else words.say("ui.folders.away"),
                    root.count > 0,
                    said,
                    words.say("ui.folders.away_long") if not state.is_here else said,
                )
            )
        self.setVisible(bool(rows))
        self.tree.show_roots(rows)
        self.tree.mark(self._place)
