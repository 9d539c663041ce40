"""The first picture: the window with the grid on its first items, before the engine and the panels are there.

Starting a bare Qt window costs a tenth of a second, and whatever is imported or read before the first paint is felt on
top of that. So this module, and all that it imports, reads one page of the library and paints it; `opening` brings
the rest while the person is already looking. A test names the modules that may be loaded by then.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from media_assistant.items.item import Item
from media_assistant.library.item_reading import FirstPage
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.ui.item_models.listing import ListingItemModel, make_listing
from media_assistant.ui.item_models.storyboards import Storyboards
from media_assistant.ui.item_models.thumbnails import Thumbnails
from media_assistant.ui.look.theme import Look
from media_assistant.ui.main_window import MainWindow
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.widgets.grid.view import GridView
from media_assistant.ui.widgets.grid.view_state import ViewState
from media_assistant.ui.words import Words

LONGEST_WAIT_MS = 500
"""A window that nobody sees is never painted; the rest is brought all the same."""


class FirstSight:
    """Look, words, pictures, the grid and the window around it. `Running` takes all of them over."""

    def __init__(self, application: QApplication, paths: Paths, settings: Settings) -> None:
        self.look = Look(application, settings.theme, is_dressed=False, fonts=settings.window.get("fonts", ""))
        self.words = Words(settings.language)
        self.keys = Keys(settings.keys)
        self._paths = paths
        self.thumbnails = Thumbnails(self._find)
        self.storyboards = Storyboards(self._find)
        view = ViewState.restore(settings.window)
        # Groups are put together by the whole engine; until then nothing is shown that would move away.
        sort = view.order.sort if not view.order.group else ""
        self._page = FirstPage(paths.library, sort=sort, descending=view.order.is_descending)
        self.items = ListingItemModel(self._read)
        self.grid = GridView(self.items, self.thumbnails, self.storyboards, self.look, self.words, self.keys)
        if view != ViewState():
            self.grid.show_as(is_list=view.is_list, cell_width=view.cell_width)
        self.items.show(make_listing(self._page.ids))
        self.window = MainWindow(self.grid, self.look, self.words.say("ui.app"), settings.window)

    def when_painted(self, call: Callable[[], None]) -> None:
        """Call once, from the event loop, after the grid was painted for the first time."""
        _Watch(self.grid.viewport(), call)

    def leave(self) -> None:
        """Close the window and let go of threads; for a start that leads nowhere."""
        self.look.leave()
        self.window.quit()
        self.window.deleteLater()
        self.thumbnails.close()
        self.storyboards.close()

    def _read(self, item_ids: list[int], take: Callable[[list[Item]], None], _give_up: Callable[[], None]) -> None:
        take(self._page.read(item_ids))

    @cached_property
    def _previews(self) -> Path:
        """Looked up with the first picture that is wanted: what its name is reckoned with is not there before."""
        return self._paths.previews

    def _find(self, item_id: int, name: str) -> Path | None:
        from media_assistant.workflows.understanding.previews import preview_file

        return preview_file(self._previews, item_id, name)


class _Watch(QObject):
    """Waits for a widget's first paint."""

    def __init__(self, widget: QObject, call: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget, self._call = widget, call
        widget.installEventFilter(self)
        QTimer.singleShot(LONGEST_WAIT_MS, self, self._go)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The paint itself comes after this."""
        if event.type() is QEvent.Type.Paint:
            QTimer.singleShot(0, self, self._go)
        return super().eventFilter(watched, event)

    def _go(self) -> None:
        call, self._call = self._call, _nothing
        self._widget.removeEventFilter(self)
        call()


def _nothing() -> None:
    """For a watch that has seen what it waited for."""
