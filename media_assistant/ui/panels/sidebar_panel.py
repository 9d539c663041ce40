"""The left side: what the library holds by kind, its tags, and the way to models and settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.items.sorting import sort_key
from media_assistant.library.library import Library
from media_assistant.ui import collecting
from media_assistant.ui.desk import Desk
from media_assistant.ui.mixing import MixSource, add_source
from media_assistant.ui.places import Place
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.widgets.plain import column, frame
from media_assistant.ui.widgets.sidebar.brand_button import BrandButton
from media_assistant.ui.widgets.sidebar.collections_section import CollectionsSection
from media_assistant.ui.widgets.sidebar.folders_section import FoldersSection
from media_assistant.ui.widgets.sidebar.groups_section import MOST_SHOWN, GroupsSection, sign_of
from media_assistant.ui.widgets.sidebar.head import ScrolledPart, SideHead
from media_assistant.ui.widgets.sidebar.item_drop import ItemDrop, place_in
from media_assistant.ui.widgets.sidebar.nav_list import NavEntry, NavList

MOST_TAGS = 200
LOW = 700
"""Pixels; so low, the rows that are always there would leave collections and tags hardly any."""


@dataclass(frozen=True, slots=True)
class _Census:
    kinds: dict[Kind, int]
    tags: list[tuple[Concept, int]]


def _count(library: Library, language: str) -> _Census:
    """On a reader thread. As many of one count stand in the order of their names in this language."""
    tags = library.tag_counts()
    tags.sort(key=lambda pair: (-pair[1], sort_key(pair[0].name(language))))
    return _Census(library.counts(), tags)


class SidebarPanel(QWidget):
    """Signals: `place_chosen(Place)` when the person goes somewhere; `mix_wanted(MixSource)`."""

    place_chosen = Signal(object)
    mix_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.place = Place()
        self._census = _Census({}, [])
        self._ready_models = 0
        self._counting = Rereading(desk, self, self._question, self._take)
        self.setProperty("ground", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(168)
        outer = column(self, margins=(10, 16, 10, 10), gap=6)
        self.brand = BrandButton(desk)
        self.brand.place_wanted.connect(self._go)
        outer.addWidget(self.brand)
        self.kinds = NavList(desk.look)
        self.tags = NavList(desk.look)
        self.collections = CollectionsSection(desk)
        self.groups = GroupsSection(desk)
        self.folders = FoldersSection(desk)
        self.foot = NavList(desk.look)
        self.tags_head = SideHead(desk.words, desk.look, "ui.side.tags")
        self.tags_head.folded.connect(lambda _is_folded: self._show())
        middle = QWidget()
        inside = column(middle, gap=2)
        # All of it scrolls together: in a low window the kinds alone would leave collections and tags no room.
        for part in (self.kinds, self.collections, self.groups, self.folders, self.tags_head, self.tags):
            inside.addWidget(part)
        inside.addStretch(1)
        outer.addWidget(ScrolledPart(middle), 1)
        line = frame(edge="top")
        line.setFixedHeight(1)
        outer.addWidget(line)
        outer.addWidget(self.foot)
        desk.words.bind(self.kinds, NavList.setAccessibleName, "ui.side.kinds")
        desk.words.bind(self.tags, NavList.setAccessibleName, "ui.side.tags")
        desk.words.bind(self.foot, NavList.setAccessibleName, "ui.side.more")
        for nav in (self.kinds, self.tags, self.foot, self.collections, self.groups, self.folders):
            nav.chosen.connect(self._go)
        for section in (self.collections, self.groups):
            section.mix_wanted.connect(self.mix_wanted)
        self.tags.menu_wanted.connect(lambda place, where: self.tag_menu(place).popup(where))
        onto_tag = ItemDrop(self.tags.viewport(), desk.look, place_in(self.tags, _is_tag))
        onto_tag.dropped.connect(self._tag_items)
        desk.words.changed.connect(self._show)
        desk.words.changed.connect(self._counting.now)
        desk.events.changed.connect(self._library_changed)
        desk.downloads.installed.connect(lambda *_: self.refresh_models())
        self._show()
        self._counting.now()
        self.refresh_models()

    def sizeHint(self) -> QSize:
        """A seventh of a usual window."""
        return QSize(212, 600)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lower rows in a low window and less said, so that collections and tags have room."""
        super().resizeEvent(event)
        for part in (self.kinds, self.tags, self.foot, self.collections):
            part.be_low(self.height() < LOW)

    def refresh_models(self) -> None:
        """Count the models that are ready."""
        self._desk.bridge.when_done(self._desk.assistant.model_states(), self._models_counted, owner=self)

    def offers(self) -> dict[str, list[tuple[str, int]]]:
        """What fields of a query may be completed with, each with how many items there are (0: not known)."""
        return {
            "collection": [(each.name, 0) for each in self.collections.known],
            "group": [(sign_of(self._desk.words, each), len(each.members)) for each in self.groups.known[:MOST_SHOWN]],
            "in": [(collecting.folder_name(state.root.path), 0) for state in self.folders.states],
            "tag": [(self._desk.words.concept(tag), count) for tag, count in self._census.tags],
        }

    def mix_source(self, place: Place) -> MixSource | None:
        """What a collection, a group or a tag is to a mix; None for any other place."""
        if place.page != "library":
            return None
        if place.collection:
            return self.collections.mix_source(place)
        if place.group:
            return self.groups.mix_source(place)
        concept = next((tag for tag, _ in self._census.tags if tag.id == place.tag), None)
        words, name = self._desk.words, place.tag_name
        return MixSource(place, lambda: words.concept(concept) if concept else name) if place.tag else None

    def tag_menu(self, place: Place) -> QMenu:
        """What can be done with a tag."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add_source(menu, self._desk, lambda: self.mix_wanted.emit(self.mix_source(place)))
        teach = menu.addAction(self._desk.words.say("ui.menu.teach_tag"))
        teach.triggered.connect(lambda: self._go(Place("teach", tag=place.tag, tag_name=place.tag_name)))
        manage = menu.addAction(self._desk.words.say("ui.menu.manage_tag"))
        manage.triggered.connect(lambda: self._go(Place("tags", tag=place.tag)))
        return menu

    def _tag_items(self, place: Place, item_ids: Sequence[int]) -> None:
        collecting.tag_items(self._desk, name=place.tag_name, item_ids=item_ids, owner=self)

    def go(self, place: Place) -> None:
        """Mark a place as the one that is shown."""
        self.place = place
        self._show()

    def _models_counted(self, states: tuple[object, ...]) -> None:
        self._ready_models = sum(getattr(state, "state", "") == "ready" for state in states)
        self._show()

    def _question(self) -> Callable[[], _Census]:
        library, language = self._desk.assistant.library, self._desk.words.language
        return lambda: _count(library, language)

    def _take(self, census: _Census) -> None:
        self._census = census
        self._show()

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.added or changes.removed or changes.moments or changes.journal or changes.tags:
            self._counting.want()

    def _go(self, place: object) -> None:
        if isinstance(place, Place):
            self.place = place
            self._show()
            self.place_chosen.emit(place)

    def _show(self) -> None:
        words, census = self._desk.words, self._census
        entries = [NavEntry(Place(), words.say("ui.side.all"), "all", words.number(sum(census.kinds.values())))]
        entries.append(NavEntry(Place("foryou"), words.say("ui.panel.foryou"), "heart", ""))
        entries.append(NavEntry(Place("map"), words.say("ui.panel.map"), "map", ""))
        for kind in Kind:
            count = words.number(census.kinds.get(kind, 0))
            entries.append(NavEntry(Place(kind=kind), words.say(f"ui.kind.many.{kind.value}"), kind.value, count))
        entries.append(NavEntry(Place(is_recent=True), words.say("ui.side.recent"), "recent", ""))
        self.kinds.show_entries(entries, self.place)
        tags = [
            NavEntry(
                Place(tag=tag.id, tag_name=tag.en, name=words.concept(tag)),
                words.concept(tag),
                "tag",
                words.number(count),
                tag.colour,
            )
            for tag, count in census.tags[:MOST_TAGS]
        ]
        self.tags.show_entries(tags, self.place)
        self.tags_head.setVisible(bool(tags))
        self.tags.setVisible(bool(tags) and self.tags_head.title.isChecked())
        ready = words.say("ui.side.models_ready", count=self._ready_models)
        foot = [
            NavEntry(Place("tags"), words.say("ui.panel.tags"), "tag", ""),
            NavEntry(Place("duplicates"), words.say("ui.panel.duplicates"), "copies", ""),
            NavEntry(Place("history"), words.say("ui.panel.history"), "undo", ""),
            NavEntry(Place("work"), words.say("ui.panel.work"), "activity", ""),
            NavEntry(Place("models"), words.say("ui.panel.models"), "models", ready),
            NavEntry(Place("settings"), words.say("ui.panel.settings"), "settings", ""),
        ]
        self.foot.show_entries(foot, self.place)
        self.collections.go(self.place)
        self.groups.go(self.place)
        self.folders.go(self.place)


def _is_tag(place: object) -> bool:
    return isinstance(place, Place) and bool(place.tag)


def build(desk: Desk) -> SidebarPanel:
    """For the registry."""
    return SidebarPanel(desk)
