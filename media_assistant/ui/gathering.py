"""Leads what the grid, the search box and the sidebar say of collections to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from media_assistant.ui import collecting
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.narrowing import narrow
from media_assistant.ui.mixing import mix_chosen, mix_from
from media_assistant.ui.places import Place
from media_assistant.ui.query_offers import QueryOffers
from media_assistant.ui.widgets.grid.reorder import GridReorder


class Gathering(QObject):
    """`go` shows a place. Lives as long as the window."""

    def __init__(self, window: QWidget, desk: Desk, *, sidebar: Any, library: Any, go: Callable[[Place], None]) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._sidebar = sidebar
        self._library = library
        self._go = go
        self._changing: Place | None = None
        """A saved search whose words are in the search box, to be changed."""
        self.reorder = GridReorder(library.grid, desk.look, self._has_own_order)
        self.reorder.moved.connect(self._move)
        library.place_left.connect(self._search_everywhere)
        library.place_gone.connect(lambda: go(Place()))
        library.search.keep_wanted.connect(self.keep_search)
        library.search.asked.connect(self._asked)
        self._offers = QueryOffers(desk, sidebar.offers)
        library.search.completer.offer(self._offers)
        self._offers.arrived.connect(library.search.completer.show_arrived)
        sidebar.mix_wanted.connect(lambda source: mix_from(window, source))
        sidebar.collections.search_wanted.connect(self.change_search)
        sidebar.place_chosen.connect(self._left)

    def verbs(self, chosen: Callable[[], Sequence[int]]) -> dict[str, Callable[[], object]]:
        """What keys of the whole window do here; `chosen` gives the items that a verb means."""
        return {
            "collect": lambda: self.collect(chosen()),
            "keep_search": self.keep_search,
            "mix": lambda: mix_chosen(self._window, chosen()),
        }

    def collect(self, item_ids: Sequence[int]) -> None:
        """A new collection of the chosen items, or an empty one."""
        self._sidebar.collections.gather(item_ids)

    def add_to_menu(self, menu: QMenu, chosen: Sequence[int]) -> None:
        """What can be done with chosen items and collections."""
        collecting.add_to_menu(
            self._desk,
            menu,
            chosen=chosen,
            place=self._library.place,
            known=self._sidebar.collections.known,
            owner=self._window,
        )

    def keep_search(self) -> None:
        """Save what is asked for, or what a saved search is to look for now."""
        text, place = self._library.search.text, self._library.place
        if not text:
            self._desk.tell("ui.collection.nothing_to_save")
            return
        query = narrow(text, place, is_kept=True)
        changed, self._changing = self._changing, None
        if changed is not None and place == Place():
            collecting.change_search(self._desk, place=changed, query=query, owner=self._window)
        else:
            self._sidebar.collections.save_search(query)

    def change_search(self, place: Place) -> None:
        """Put a saved search into the search box; saving it there changes it."""
        self._go(Place())
        self._library.search.ask(place.query)
        self._library.search.field.setFocus()
        self._changing = place
        self._desk.tell("ui.collection.changing", name=place.name)

    def _search_everywhere(self) -> None:
        """The words stay, the place is left."""
        self._go(Place())
        self._library.search.field.setFocus()

    def _asked(self, text: str) -> None:
        """Who takes the words out has given up changing them: what comes then is another search."""
        if not text:
            self._changing = None

    def _left(self, _place: Place) -> None:
        """Another place is shown: nothing is being changed any more."""
        self._changing = None

    def _has_own_order(self) -> bool:
        return self._library.place.has_own_order and not self._library.search.text

    def _move(self, item_ids: Sequence[int], before: int | None) -> None:
        collecting.move(self._desk, place=self._library.place, item_ids=item_ids, before=before, owner=self._window)
