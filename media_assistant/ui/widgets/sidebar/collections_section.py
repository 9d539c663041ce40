"""Collections and saved searches in the sidebar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCollator, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.collection import Collection
from media_assistant.ui import collecting
from media_assistant.ui.desk import Desk
from media_assistant.ui.mixing import MixSource, add_source
from media_assistant.ui.places import Place
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.plain import IconButton, column, said
from media_assistant.ui.widgets.sidebar.collection_list import CollectionList
from media_assistant.ui.widgets.sidebar.head import SideHead
from media_assistant.ui.widgets.sidebar.item_drop import ItemDrop, place_in
from media_assistant.ui.widgets.sidebar.nav_list import NavEntry

GATHERS_MS = 250
"""So long changes are gathered while files come in."""


class CollectionsSection(QWidget):
    """Signals: `chosen(Place)`; `mix_wanted(MixSource)`; `search_wanted(Place)` when a saved search is to be changed in
    the search box.
    """

    chosen = Signal(object)
    mix_wanted = Signal(object)
    search_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._place = Place()
        self._awaits_name = False
        self._is_low = False
        self.known: Sequence[Collection] = ()
        self.new_button = IconButton(desk.words, desk.look, "plus", "ui.collection.new", self.gather)
        self.head = SideHead(desk.words, desk.look, "ui.collection.title", self.new_button)
        self.list = CollectionList(desk.look, desk.words)
        desk.words.bind(self.list, CollectionList.setAccessibleName, "ui.collection.title")
        self._hint = said(desk.words, "ui.collection.none", "small", wraps=True)
        self._hint.setContentsMargins(8, 0, 4, 4)
        down = column(self, gap=2)
        for part in (self.head, self.list, self._hint):
            down.addWidget(part)
        self.head.folded.connect(lambda _is_folded: self._show())
        self.list.chosen.connect(self.chosen)
        self.list.renamed.connect(self._renamed)
        self.list.removal_wanted.connect(lambda place: collecting.delete_collection(desk, place=place, owner=self))
        self.list.menu_wanted.connect(self._show_menu)
        self.list.rename_ended.connect(self._show)
        takes = ItemDrop(self.list.viewport(), desk.look, place_in(self.list, _takes_items))
        takes.dropped.connect(self._take)
        onto_head = ItemDrop(self.head, desk.look, lambda _point: (None, self.head.rect()))
        onto_head.dropped.connect(lambda _place, item_ids: self.gather(item_ids))
        self._reading = Rereading(
            desk, self, lambda: desk.assistant.library.collections, self._take_known, gathers_ms=GATHERS_MS
        )
        desk.words.changed.connect(self._show)
        desk.events.changed.connect(self._library_changed)
        self.refresh()

    def go(self, place: Place) -> None:
        """Mark a place as the one that is shown."""
        self._place = place
        self.list.mark(place)

    def be_low(self, is_low: bool) -> None:
        """Take less room: what a collection is then says the tip of the button that makes one."""
        self._is_low = is_low
        self.list.be_low(is_low)
        self._show()

    def refresh(self) -> None:
        """Read them again."""
        self._reading.now()

    def gather(self, item_ids: Sequence[int] = ()) -> None:
        """A new one, of these items or empty, whose name is at once open for typing."""
        self._awaits_name = True
        self.head.title.setChecked(True)
        collecting.create_collection(self._desk, item_ids=item_ids, owner=self)

    def save_search(self, query: str) -> None:
        """Keep a search under its own words, which are at once open for typing a better name."""
        self._awaits_name = True
        self.head.title.setChecked(True)
        collecting.save_search(self._desk, query=query, owner=self)

    def menu(self, place: Place) -> QMenu:
        """What can be done with a collection."""
        desk, words = self._desk, self._desk.words
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rename = menu.addAction(words.say("ui.collection.rename"))
        rename.setShortcut("F2")
        rename.triggered.connect(lambda: self.list.rename(place))
        if place.query:
            change = menu.addAction(words.say("ui.collection.edit_search"))
            change.triggered.connect(lambda: self.search_wanted.emit(place))
        add_source(menu, desk, lambda: self.mix_wanted.emit(self.mix_source(place)))
        export = menu.addAction(words.say("ui.playlist.export"))
        export.triggered.connect(lambda: collecting.save_place_as_playlist(desk, place=place, owner=self))
        menu.addSeparator()
        delete = menu.addAction(words.say("ui.collection.delete_search" if place.query else "ui.collection.delete"))
        delete.setShortcut("Del")
        delete.triggered.connect(lambda: collecting.delete_collection(desk, place=place, owner=self))
        return menu

    def mix_source(self, place: Place) -> MixSource:
        """A collection to mix from, under the name that it has then."""

        def name() -> str:
            return next((each.name for each in self.known if each.id == place.collection), place.name)

        return MixSource(place, name)

    def _show_menu(self, place: Place, where: QPoint) -> None:
        self.menu(place).popup(where)

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.collections:
            self._reading.now()
        elif changes.added or changes.removed:
            self._reading.want()

    def _take_known(self, known: list[Collection]) -> None:
        new = {each.id for each in known} - {each.id for each in self.known}
        collator = QCollator(self._desk.words.locale)
        collator.setNumericMode(True)
        self.known = sorted(known, key=lambda each: collator.sortKey(each.name))
        self._show()
        if self._awaits_name and new:
            self._awaits_name = False
            self.list.rename(Place(collection=max(new)))

    def _show(self) -> None:
        words, is_open = self._desk.words, self.head.title.isChecked()
        entries = [
            NavEntry(
                Place(collection=each.id, name=each.name, query=each.query),
                each.name,
                "saved" if each.is_search else "collection",
                "" if each.count is None else words.number(each.count),
                f"{words.say('ui.collection.state_search')}: {each.query}" if each.is_search else "",
            )
            for each in self.known
        ]
        self.list.show_entries(entries, self._place)
        self.list.setVisible(bool(entries) and is_open)
        self._hint.setVisible(not entries and is_open and not self._is_low)
        new = words.say("ui.collection.new")
        self.new_button.setToolTip(plain_tip(f"{new}\n{words.say('ui.collection.none')}" if self._is_low else new))

    def _renamed(self, place: Place, name: str) -> None:
        collecting.rename_collection(self._desk, place=place, name=name, owner=self)

    def _take(self, place: Place, item_ids: Sequence[int]) -> None:
        collecting.add_to_collection(self._desk, place=place, item_ids=item_ids, owner=self)


def _takes_items(place: object) -> bool:
    return isinstance(place, Place) and place.has_own_order
