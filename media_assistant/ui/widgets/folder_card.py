"""One folder that the library looks after: where, how much, whether it can be reached, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QPushButton, QWidget

from media_assistant.ui import collecting
from media_assistant.ui.desk import Desk
from media_assistant.ui.places import Place
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import column, label, row, said
from media_assistant.workflows.intake.watching import RootState


class FolderCard(QFrame):
    """Asks in its own place what shall become of the items before a folder leaves the list.

    Signals: `place_chosen(Place)`; `removal_asked(str)` with its path, or with nothing to ask no longer.
    """

    place_chosen = Signal(object)
    removal_asked = Signal(str)

    def __init__(self, desk: Desk, state: RootState, *, is_asked: bool) -> None:
        super().__init__()
        self._desk = desk
        self.state = state
        words, root = desk.words, state.root
        self.name = collecting.folder_name(root.path)
        self.setProperty("card", "plain")
        down = column(self, margins=(16, 12, 16, 12), gap=6)
        first = row(gap=8)
        title = label("strong", wraps=True)
        title.setText(self.name)
        first.addWidget(title, 1)
        count = label("soft")
        count.setText(words.say("ui.folders.items", count=root.count))
        first.addWidget(count, 0, Qt.AlignmentFlag.AlignTop)
        badge = label("badge" if state.is_here else "badge-bad")
        badge.setText(words.say("ui.folders.here" if state.is_here else "ui.folders.away"))
        first.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        down.addLayout(first)
        path = label("small", wraps=True, selectable=True)
        # A long path without a space may be broken after every part.
        path.setText(root.path.encode("utf-8", "replace").decode().replace("/", "/\u200b").replace("\\", "\\\u200b"))
        down.addWidget(path)
        if not state.is_here:
            down.addWidget(said(words, "ui.folders.away_long", "small", wraps=True))
        self.watch = QCheckBox(words.say("ui.folders.watch"))
        self.watch.setChecked(root.is_watched)
        self.watch.setAccessibleName(words.say("ui.folders.state", name=self.name, state=self.watch.text()))
        self.watch.toggled.connect(
            lambda on: collecting.watch_folder(desk, path=root.path, is_watched=on, owner=self.window())
        )
        down.addWidget(self.watch, 0, Qt.AlignmentFlag.AlignLeft)
        self.buttons: dict[str, QPushButton] = {}
        if is_asked:
            how = label("soft", wraps=True)
            how.setText(words.say("ui.folders.remove_how", name=self.name))
            down.addWidget(how)
        holder = QWidget()
        verbs = FlowLayout(holder)
        for made in self._questions() if is_asked else self._verbs():
            verbs.addWidget(made)
        down.addWidget(holder)

    def _verbs(self) -> list[QPushButton]:
        root = self.state.root
        place = Place(folder=root.path, name=self.name)
        look = self._button(
            "ui.folders.look", lambda: collecting.look_through(self._desk, path=root.path, owner=self.window())
        )
        look.setEnabled(self.state.is_here)
        return [
            self._button("ui.folders.show", lambda: self.place_chosen.emit(place)),
            look,
            self._button("ui.folders.remove", lambda: self.removal_asked.emit(root.path)),
        ]

    def _questions(self) -> list[QPushButton]:
        clear = self._button("ui.folders.remove_items", lambda: self._remove(with_items=True))
        clear.setText(self._desk.words.say("ui.folders.remove_items", count=self.state.root.count))
        return [
            self._button("ui.folders.keep_items", lambda: self._remove(with_items=False)),
            clear,
            self._button("ui.folders.cancel", lambda: self.removal_asked.emit("")),
        ]

    def _button(self, code: str, act: object) -> QPushButton:
        made = QPushButton(self._desk.words.say(code, count=0))
        made.setAutoDefault(False)
        made.clicked.connect(lambda _checked=False: act())  # type: ignore[operator]
        self.buttons[code.rpartition(".")[2]] = made
        return made

    def _remove(self, *, with_items: bool) -> None:
        collecting.remove_folder(self._desk, path=self.state.root.path, with_items=with_items, owner=self.window())
