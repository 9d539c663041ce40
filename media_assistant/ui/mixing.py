"""From items to a mix, or from one item to another: the ways to the page that makes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtWidgets import QMenu

from media_assistant.ui.desk import Desk
from media_assistant.ui.places import Place


class MixSource(NamedTuple):
    """A collection, a saved search, a group or a tag to mix from. `place` says which items those are, whenever a mix is
    made; `name` what it is called now, in the language of now.
    """

    place: Place
    name: Callable[[], str]

    @property
    def what(self) -> str:
        """`search`, `collection`, `group` or `tag`."""
        place = self.place
        return "search" if place.query else "collection" if place.collection else "group" if place.group else "tag"


def add_to_menu(menu: QMenu, desk: Desk, chosen: Sequence[int], window: Any) -> None:
    """For the menu of chosen items."""
    if not chosen:
        return
    key = desk.keys.shown("anywhere.mix")
    name = desk.words.say("ui.mix.from_chosen", count=len(chosen))
    menu.addAction(f"{name}\t{key}" if key else name).triggered.connect(lambda: mix_chosen(window, chosen))
    if len(chosen) == 2:
        path = menu.addAction(desk.words.say("ui.mix.path_chosen"))
        path.triggered.connect(lambda: _begin_path(window, chosen))


def add_source(menu: QMenu, desk: Desk, begin: Callable[[], object]) -> None:
    """For the menu of a place that holds items."""
    menu.addAction(desk.words.say("ui.mix.from_chosen", count=1)).triggered.connect(lambda _checked=False: begin())


def mix_chosen(window: Any, chosen: Sequence[int]) -> None:
    """The page of mixes, with a mix from these; without any from what the library shows, or else as it was."""
    source = None if chosen else window.sidebar.mix_source(window.sidebar.place)
    if source is not None:
        mix_from(window, source)
        return
    window.go(Place("mix"))
    if chosen:
        window.page("mix").begin(tuple(chosen))


def mix_from(window: Any, source: MixSource) -> None:
    """The page of mixes, with a mix from a place that holds items."""
    window.go(Place("mix"))
    window.page("mix").begin_from(source)


def _begin_path(window: Any, chosen: Sequence[int]) -> None:
    window.go(Place("mix"))
    window.page("mix").begin_path(chosen[0], chosen[1])
