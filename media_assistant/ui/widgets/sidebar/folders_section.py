"""The library's folders in the sidebar."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.folder import Folder
from media_assistant.ui import collecting
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.folder_rows import FolderRow
from media_assistant.ui.outside import open_outside
from media_assistant.ui.places import Place
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.widgets.plain import IconButton, column
from media_assistant.ui.widgets.sidebar.folder_tree import FolderTree
from media_assistant.ui.widgets.sidebar.head import SideHead
from media_assistant.workflows.intake.watching import RootState

RENEW_MS = 2000
"""Counts may be two seconds late while thousands of files come in."""


class _Read(NamedTuple):
    states: Sequence[RootState]
    below: dict[str, list[Folder]]
    """What is inside those that were opened."""


class FoldersSection(QWidget):
    """Signals: `chosen(Place)`, also for the page on which folders are looked after."""

    chosen = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._place = Place()
        self._below: dict[str, list[Folder]] = {}
        """What was read inside the open ones, until it is shown."""
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
        self._reading = Rereading(
            desk, self, self._question, self._take, gathers_ms=RENEW_MS, read=desk.bridge.read_disk
        )
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
        self._reading.now()

    def _question(self) -> Callable[[], _Read]:
        folders, library, opened = self._desk.assistant.folders, self._desk.assistant.library, self.tree.rows.opened
        return lambda: _Read(folders.states(), {path: library.folders(path) for path in opened})

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
        elif changes.added or changes.removed or changes.changed:
            self._reading.want()

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

        if path in self._below:
            show(self._below.pop(path))
        else:
            self._desk.bridge.read(lambda: library.folders(path), show, owner=self)

    def _take(self, read: _Read) -> None:
        self.states, self._below = read
        self._show()
        self._below = {}

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
