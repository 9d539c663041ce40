"""From chosen items to a mix, or from one item to another: the way to the page that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QMenu

from media_assistant.ui.desk import Desk
from media_assistant.ui.places import Place


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


def mix_chosen(window: Any, chosen: Sequence[int]) -> None:
    """The page of mixes, with a mix from these; without any as it was."""
    window.go(Place("mix"))
    if chosen:
        window.page("mix").begin(tuple(chosen))


def _begin_path(window: Any, chosen: Sequence[int]) -> None:
    window.go(Place("mix"))
    window.page("mix").begin_path(chosen[0], chosen[1])
