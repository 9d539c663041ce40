"""What the pages beside the library say, led to where it belongs. To add a page: its line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from media_assistant.ui.places import Place


def link_page(window: Any, name: str, page: Any, models_changed: Callable[[], object]) -> None:
    """Connect a page that was just built with the main window."""
    match name:
        case "models":
            page.models_changed.connect(window.sidebar.refresh_models)
            page.models_changed.connect(models_changed)
            page.training_wanted.connect(lambda: window.go(Place("training")))
        case "training":
            page.models_changed.connect(window.sidebar.refresh_models)
            page.models_changed.connect(models_changed)
        case "work":
            page.opened.connect(window.open_item)
        case "foryou":
            page.opened.connect(lambda item_id, ms: window.open_item(item_id, play_ms=ms))
        case "map":
            _link_map(window, page)
        case "mix":
            page.opened.connect(lambda item_id, ms: window.open_item(item_id, play_ms=ms))
            page.use_playback(window.playback)
        case "duplicates":
            page.opened.connect(window.open_item)
        case "history":
            page.opened.connect(window.open_item)
            page.played.connect(lambda item_id, ms: window.open_item(item_id, play_ms=ms))
            page.searched.connect(lambda words: (window.go(Place()), window.library.search.ask(words)))
        case "folders":
            page.place_chosen.connect(window.go)
            page.folder_added.connect(lambda folder: window.import_paths([folder]))
        case "tags":
            from media_assistant.ui.mixing import mix_from

            page.place_wanted.connect(window.go)
            page.mix_wanted.connect(lambda source: mix_from(window, source))
        case "review" | "teach":
            page.place_wanted.connect(window.go)
            page.opened.connect(lambda item_id, moment: window.open_item(item_id, moment=moment))
            page.use_playback(window.playback)
        case "settings":
            page.folder_shown.connect(lambda: window.go(Place("models")))
            page.about_wanted.connect(lambda: window.go(Place("about")))
            page.past_wanted.connect(lambda: (window.go(Place("history")), window.page("history").show_past()))
            page.library_wanted.connect(window.library_wanted)
            page.restore_wanted.connect(window.restore_wanted)


def _link_map(window: Any, page: Any) -> None:
    """What is chosen on the map is what the window's verbs mean."""
    from media_assistant.ui.item_menu import build_item_menu

    grid = window.library.grid

    def show(item_ids: tuple[int, ...]) -> None:
        window.go(Place())
        if window.library.search.text:
            window.library.search.clear()
        grid.selection.set_all(item_ids)
        row = min((row for each in item_ids if (row := window.library.items.row_of(each)) >= 0), default=-1)
        if row >= 0:
            grid.scroll_to(row)
        grid.setFocus()

    page.opened.connect(window.open_item)
    page.selection_changed.connect(grid.selection.set_all)
    page.shown_wanted.connect(show)
    page.collected.connect(window.gathering.collect)
    page.menu_wanted.connect(lambda where, item_ids: build_item_menu(window, window.desk, item_ids).popup(where))
