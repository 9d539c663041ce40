"""Groups that formed by themselves, in the sidebar: to look into, to keep as a collection, or not to see again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.group import FormedGroup
from media_assistant.ui import actions, collecting
from media_assistant.ui.desk import Desk
from media_assistant.ui.mixing import MixSource, add_source
from media_assistant.ui.places import Place
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.widgets.plain import column
from media_assistant.ui.widgets.sidebar.collection_list import CollectionList
from media_assistant.ui.widgets.sidebar.head import SideHead
from media_assistant.ui.widgets.sidebar.nav_list import NavEntry
from media_assistant.ui.words import Words

MOST_SHOWN = 40
GATHERS_MS = 250
"""So long changes are gathered while files come in."""


class GroupsSection(QWidget):
    """Signals: `chosen(Place)`; `mix_wanted(MixSource)`. There is nothing to see while no group has formed."""

    chosen = Signal(object)
    mix_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._place = Place()
        self.known: Sequence[FormedGroup] = ()
        self.head = SideHead(desk.words, desk.look, "ui.groups.title")
        self.list = CollectionList(desk.look, desk.words)
        desk.words.bind(self.list, CollectionList.setAccessibleName, "ui.groups.title")
        desk.words.bind(self.head, QWidget.setToolTip, "ui.groups.about")
        down = column(self, gap=2)
        down.addWidget(self.head)
        down.addWidget(self.list)
        self.head.folded.connect(lambda _is_folded: self._show())
        self.list.chosen.connect(self.chosen)
        self.list.renamed.connect(self._renamed)
        self.list.removal_wanted.connect(self.refuse)
        self.list.menu_wanted.connect(lambda place, where: self.menu(place).popup(where))
        self.list.rename_ended.connect(self._show)
        desk.words.changed.connect(self._show)
        desk.events.changed.connect(self._library_changed)
        self._reading = Rereading(
            desk, self, lambda: desk.assistant.groups.known, self._take_known, gathers_ms=GATHERS_MS
        )
        self.hide()
        self.refresh()

    def go(self, place: Place) -> None:
        """Mark a place as the one that is shown."""
        self._place = place
        self.list.mark(place)

    def refresh(self) -> None:
        """Read them again."""
        self._reading.now()

    def menu(self, place: Place) -> QMenu:
        """What can be done with a group."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        say = self._desk.words.say
        menu.addAction(say("ui.groups.keep")).triggered.connect(lambda: self.keep(place, place.name))
        rename = menu.addAction(say("ui.groups.keep_as"))
        rename.setShortcut("F2")
        rename.triggered.connect(lambda: self.list.rename(place))
        menu.addSeparator()
        add_source(menu, self._desk, lambda: self.mix_wanted.emit(self.mix_source(place)))
        menu.addSeparator()
        hide = menu.addAction(say("ui.groups.refuse"))
        hide.setShortcut("Del")
        hide.triggered.connect(lambda: self.refuse(place))
        return menu

    def mix_source(self, place: Place) -> MixSource:
        """A group to mix from, under the name that it has then."""

        def name() -> str:
            known = next((each for each in self.known if each.number == place.group), None)
            return place.name if known is None else name_of(self._desk.words, known)

        return MixSource(place, name)

    def keep(self, place: Place, name: str) -> None:
        """It becomes a collection of the person's own; what forms by itself is not shown a second time."""
        group = next((each for each in self.known if each.number == place.group), None)
        if group is not None:
            collecting.create_collection(self._desk, item_ids=group.members, owner=self, name=name, is_new_name=True)

    def refuse(self, place: Place) -> None:
        """It is not shown again."""
        desk = self._desk

        def told(changes: LibraryChanges) -> None:
            if changes:
                undo = actions.undoing(desk, owner=self, step=changes.step)
                desk.tell("ui.groups.refused", undo=undo, name=place.name)

        desk.bridge.when_done(desk.assistant.groups.refuse(place.group, place.name), told, owner=self)

    def _renamed(self, place: Place, name: str) -> None:
        if " ".join(name.split()):
            self.keep(place, name)

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.collections:
            self._reading.now()
        elif changes.removed or changes.added:
            self._reading.want()

    def _take_known(self, known: list[FormedGroup]) -> None:
        self.known = known
        self._show()

    def _show(self) -> None:
        words = self._desk.words
        entries = [
            NavEntry(
                Place(
                    group=group.number,
                    name=name_of(words, group),
                    why=why_of_group(words, group),
                    sign=sign_of(words, group),
                ),
                name_of(words, group),
                "list",
                words.number(len(group.members)),
                tip=why_of_group(words, group),
            )
            for group in self.known[:MOST_SHOWN]
        ]
        self.list.show_entries(entries, self._place)
        self.list.setVisible(bool(entries) and self.head.title.isChecked())
        self.setVisible(bool(entries))


def name_of(words: Words, group: FormedGroup) -> str:
    """What tells it from the rest, in the person's language."""
    names = [words.concept(each.concept) for each in group.telling]
    return words.say("groups.join").join(names) if names else words.say("groups.unnamed")


def sign_of(words: Words, group: FormedGroup) -> str:
    """What a search calls it."""
    return name_of(words, group) if group.telling else str(group.number)


def why_of_group(words: Words, group: FormedGroup) -> str:
    """How often each of these is inside and in all, so that it can be checked."""
    said = [
        words.say(
            "ui.groups.tells_word" if each.is_word else "ui.groups.tells",
            name=words.concept(each.concept),
            inside=words.number(each.inside),
            members=words.number(len(group.members)),
            everywhere=words.number(each.everywhere),
        )
        for each in group.telling
    ]
    return "  ·  ".join(said) if said else words.say("ui.groups.unnamed_why")
