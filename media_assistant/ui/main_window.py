"""The window: places the panels, and leads what one of them says to the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from media_assistant.ui import actions
from media_assistant.ui.page_links import link_page
from media_assistant.ui.panels.registry import build_panel, find_panel
from media_assistant.ui.places import Place
from media_assistant.ui.widgets.drop_overlay import DropOverlay, accept_copy, dropped_paths
from media_assistant.ui.window_frame import WindowFrame

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
    from PySide6.QtWidgets import QMenu

    from media_assistant.items.moment import Moment
    from media_assistant.ui.desk import Desk
    from media_assistant.ui.look.theme import Look
    from media_assistant.ui.widgets.grid.view import GridView


_PAGES_BY_KEY = ("tags", "review", "history", "foryou", "map", "duplicates", "settings", "work")
_PLAYER_AFTER_MS = 700


class MainWindow(WindowFrame):
    """One window, one desk. Owns the player.

    At first it is only its frame, with the grid in it; `furnish` puts the panels into the empty fields.

    Signals: `library_wanted(Path)` another library in this window; `restore_wanted(Path)` a backup in this one's place.
    """

    library_wanted = Signal(object)
    restore_wanted = Signal(object)

    def __init__(self, grid: GridView, look: Look, title: str, kept: Mapping[str, str]) -> None:
        super().__init__(grid, look, title, kept)
        self._grid = grid
        self._place = Place()
        self._pages: dict[str, QWidget] = {}
        self._was_maximized = False

    def furnish(self, desk: Desk) -> Iterator[None]:
        """Put the panels where they belong. A step between two yields is short, so that the window can live meanwhile;
        after the last one everything works.
        """
        from media_assistant.ui.gathering import Gathering
        from media_assistant.ui.likening import Likening
        from media_assistant.ui.playback.left_off import PositionKeeper
        from media_assistant.ui.playback.playback import Playback
        from media_assistant.ui.playback.reaching import through
        from media_assistant.ui.recording import Recorder
        from media_assistant.ui.widgets.star_row import star_verbs
        from media_assistant.ui.window_keys import bind_keys

        self.desk = desk
        desk.words.bind(self, MainWindow.setWindowTitle, "ui.app")
        self._overlay = DropOverlay(self, desk.look, desk.words)
        desk.notices.lie_over(self)
        self.sidebar = build_panel("sidebar", desk)
        yield
        self.library = build_panel("library", desk, grid=self._grid)
        yield
        self.inspector = build_panel("inspector", desk)
        yield
        self.activity = build_panel("activity", desk)
        self.playback = Playback(lambda: desk.assistant.playing.streams, self, reach=through(desk.bridge, self))
        yield
        desk.look.dress()
        sizes = self._splitter.sizes()
        self._centre.addWidget(self.library)
        self._centre.setCurrentWidget(self.library)
        for place, panel in ((0, self.sidebar), (2, self.inspector)):
            self._splitter.replaceWidget(place, panel)
        self._splitter.setSizes(sizes)
        self._down.replaceWidget(self._foot, self.activity)
        for field in (self._middle, self._side, self._right, self._foot):
            field.deleteLater()
        self.left_off = PositionKeeper(self.playback, desk.assistant.playing, self)
        self.inspector.use_playback(self.playback, self.left_off)
        self._connect()
        self.gathering = Gathering(self, desk, sidebar=self.sidebar, library=self.library, go=self.go)
        self.likening = Likening(self, desk)
        self.recorder = Recorder(self, self._views)
        self.setAcceptDrops(True)
        verbs: dict[str, Any] = {
            "search": self.focus_search,
            "files": self.choose_files,
            "folder": self.choose_folder,
            **{page: partial(self.go, Place(page)) for page in _PAGES_BY_KEY},
            **self.gathering.verbs(self.chosen_ids),
            **self.likening.verbs(),
            **star_verbs(desk, self.chosen_ids, self),
            "quit": self.quit,
            "back": self.escape,
        }
        bind_keys(self, desk, verbs)
        self.is_furnished = True
        self.show_sides()
        idle = QTimer(self)
        idle.timeout.connect(partial(self._prepare_player, idle, self._player_steps()))
        idle.start(_PLAYER_AFTER_MS)

    def _connect(self) -> None:
        library, inspector = self.library, self.inspector
        self.sidebar.place_chosen.connect(self.go)
        library.opened.connect(self.open_item)
        library.selection_changed.connect(self._selection_changed)
        library.menu_wanted.connect(lambda where: self.item_menu().popup(where))
        library.removal_wanted.connect(self.remove_chosen)
        library.files_wanted.connect(self.choose_files)
        library.folder_wanted.connect(self.choose_folder)
        library.samples_wanted.connect(lambda: actions.try_samples(self.desk, owner=self))
        for part in (library, inspector.tabs):
            part.models_wanted.connect(partial(self.go, Place("models")))
        inspector.opened.connect(self.open_item)
        inspector.moment_opened.connect(lambda moment: self.open_item(inspector.item_id, moment=moment))
        inspector.other_wanted.connect(self._show_other)
        library.grid.played.connect(self._play_best)
        library.grid.space_pressed.connect(inspector.toggle)
        self.activity.page_wanted.connect(lambda: self.go(Place("work")))
        self.playback.switched.connect(self._tell_playing)
        self.desk.events.changed.connect(lambda _changes: self._show_cards())
        self._show_cards()
        self.library.grid.setFocus()

    def _tell_playing(self) -> None:
        """What plays has the computer first."""
        self.desk.assistant.set_playing(is_playing=self.playback.is_playing)

    def _player_steps(self) -> Iterator[object]:
        """The large view made ready while nobody waits, a step each time, so that the window is never held up for long."""
        yield find_panel("player")
        yield self.player
        yield self.player.grab(QRect(0, 0, 1, 1))  # dresses and lays out all that is in it

    def _prepare_player(self, idle: QTimer, steps: Iterator[object]) -> None:
        if next(steps, None) is None:
            idle.stop()

    @cached_property
    def player(self) -> Any:
        """The large view, built when it is first wanted or when nobody waits for anything."""
        player = build_panel("player", self.desk, parent=self._views)
        self._views.addWidget(player)
        player.use_playback(self.playback, self.left_off)
        self.likening.use_player(player)
        player.closed.connect(self.close_item)
        player.other_wanted.connect(lambda item_id, ms: self.open_item(item_id, play_ms=ms))
        player.tabs.models_wanted.connect(partial(self.go, Place("models")))
        player.full_screen_wanted.connect(self._fill_screen)
        return player

    # ── going somewhere ───────────────────────────────────────────────────────────────────────────────────────────

    def go(self, place: Place) -> None:
        """Show a place of the sidebar."""
        self._place = place
        self.sidebar.go(place)
        if self.is_playing_large:
            self.close_item()
        if place.page == "library":
            self.library.show_place(place)
            self._centre.setCurrentWidget(self.library)
        else:
            if place.page not in self._pages:
                page = build_panel(place.page, self.desk)
                self._pages[place.page] = page
                self._centre.addWidget(page)
                link_page(self, place.page, page, self._show_cards)
            shown = self._pages[place.page]
            self._centre.setCurrentWidget(shown)
            if hasattr(shown, "show_place"):
                shown.show_place(place)
        self.show_sides()

    def page(self, name: str) -> QWidget:
        """A page that was shown before, such as `models`."""
        return self._pages[name]

    def open_item(self, item_id: int, *, play_ms: int = -1, moment: Moment | None = None) -> None:
        """Show an item large."""
        query, hit = self.library.search.text or self.library.place.query, self.library.items.hit(item_id)
        self.recorder.opened(item_id)
        self._views.setCurrentWidget(self.player)
        self.player.open_item(
            item_id, self.library.items.item(item_id), hit, query, self.library.terms, play_ms=play_ms, moment=moment
        )

    def close_item(self) -> None:
        """Back to the library; what plays goes on in the inspector if it is the same item."""
        shown = self.player.item_id
        self.player.leave()
        self._views.setCurrentWidget(self._splitter)
        if shown != self.inspector.item_id:
            self.playback.load(None)
        self._focus_page()

    def _focus_page(self) -> None:
        """The keyboard belongs to what is shown: in a grid that is hidden Del would remove what nobody sees."""
        page = self._centre.currentWidget()
        is_library = page is self.library
        shown: QWidget = self.library.grid if is_library or page is None else page
        last: QWidget | None = shown.focusWidget()
        (shown if last is None else last).setFocus()

    def escape(self) -> None:
        """One step back."""
        if self.is_playing_large:
            (self.player.toggle_full if self.player.is_full else self.close_item)()
        elif self._place.page != "library":
            self.go(Place("tags", tag=self._place.tag) if self._place.page == "review" else Place())
            self._focus_page()
        elif self.library.search.text:
            self.library.search.clear()
            self.library.grid.setFocus()
        else:
            self.library.grid.selection.clear()

    def focus_search(self) -> None:
        """Ctrl+F or /."""
        if self.is_playing_large:
            self.close_item()
        if self._place.page != "library":
            self.go(Place())
        field = self.library.search.field
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.selectAll()

    @property
    def is_playing_large(self) -> bool:
        """Whether the large view is shown."""
        return self._views.currentWidget() is not self._splitter

    # ── what is chosen ────────────────────────────────────────────────────────────────────────────────────────────

    def _selection_changed(self) -> None:
        selection = self.library.grid.selection
        chosen = selection.chosen
        if len(chosen) == 1:
            item_id = next(iter(chosen))
            hit = self.library.items.hit(item_id)
            self.inspector.show_item(item_id, hit, self.library.terms)
        else:
            self.inspector.show_nothing(tuple(chosen))
        self.show_sides()

    def _play_best(self, item_id: int) -> None:
        """A click on a result plays from its best moment."""
        hit = self.library.items.hit(item_id)
        if hit is not None and hit.moments:
            start = getattr(hit.moments[0].span, "start_ms", None)
            if start is not None:
                self.inspector.play_from(int(start))

    def show_sides(self) -> None:
        """The inspector is there in the library, in a narrow window only when something is chosen or looked for."""
        if not self.is_furnished:
            super().show_sides()
            return
        is_library = self._place.page == "library" and not self.library.is_empty
        is_wide = not self.is_narrow or len(self.library.grid.selection) > 0 or self.inspector.shows_alike
        self.inspector.setVisible(is_library and is_wide)

    def _show_other(self, item_id: int, ms: int) -> None:
        """An item named by another one: shown in the grid if it is there, chosen and in the inspector in any case."""
        self.library.grid.go_to(self.library.items.row_of(item_id))
        self.library.grid.selection.set_all((item_id,))
        self.inspector.show_item(item_id, self.library.items.hit(item_id), (), play_ms=ms)

    def chosen_ids(self) -> tuple[int, ...]:
        """The items that a verb means: the open one, those chosen in the grid, or what another page has to show."""
        if self.is_playing_large and self.player.item_id:
            return (self.player.item_id,)
        page = self._centre.currentWidget()
        is_library = page is self.library
        chosen = self.library.grid.selection.chosen if is_library else getattr(page, "meant_ids", ())
        return tuple(sorted(chosen))

    def remove_chosen(self) -> None:
        """Del: out of the library, never off the disk."""
        actions.remove_items(self.desk, item_ids=self.chosen_ids(), owner=self)

    def item_menu(self) -> QMenu:
        """What can be done with the chosen items."""
        from media_assistant.ui.item_menu import build_item_menu

        return build_item_menu(self, self.desk, self.chosen_ids())

    # ── files come in ─────────────────────────────────────────────────────────────────────────────────────────────

    def import_paths(self, paths: list[Path]) -> None:
        """Bring these in, and show the library, all of it: what comes in need not fit what was looked for."""
        actions.import_paths(self.desk, paths=paths, owner=self, progress=self.desk.events.imported.emit)
        if self.library.search.text:
            self.library.search.clear()
        if self._place != Place():
            self.go(Place())

    def open_paths(self, paths: list[Path]) -> None:
        """What another program wants shown here: brought in, and a single file played."""
        from media_assistant.ui.open_with import OpensFile

        arrived = OpensFile(self, paths[0], self).find if len(paths) == 1 else lambda: None
        actions.import_paths(
            self.desk, paths=paths, owner=self, progress=self.desk.events.imported.emit, arrived=arrived
        )

    def choose_files(self) -> None:
        """Ask for files."""
        from media_assistant.ui.choosing import choose_paths

        choose_paths(self, self.desk.words.say("ui.first.files"), self.import_paths)

    def choose_folder(self) -> None:
        """Ask for a folder."""
        from media_assistant.ui.choosing import choose_paths

        choose_paths(self, self.desk.words.say("ui.first.folder"), self.import_paths, is_folder=True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Anywhere is the right place for files; what was dragged out of the grid itself is not new."""
        if event.source() is None and dropped_paths(event.mimeData()):
            accept_copy(event)
            self._overlay.cover()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """They went away again."""
        self._overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take them."""
        self._overlay.hide()
        paths = dropped_paths(event.mimeData())
        if paths:
            accept_copy(event)
            self.import_paths(paths)

    def _show_cards(self) -> None:
        if self.library.is_empty is not False:
            states, show = self.desk.assistant.model_states(), self.library.first_run.show_states
            self.desk.bridge.when_done(states, show, owner=self)

    # ── the window itself ─────────────────────────────────────────────────────────────────────────────────────────

    def _fill_screen(self, is_full: bool) -> None:
        self.activity.setVisible(not is_full)
        if is_full:
            self._was_maximized = self.isMaximized()
            self.showFullScreen()
        elif self._was_maximized:
            self.showMaximized()
        else:
            self.showNormal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What covers the window goes on covering it."""
        super().resizeEvent(event)
        if self.is_furnished and self._overlay.isVisible():
            self._overlay.cover()

    def keep_layout(self) -> None:
        """Where the window is and how it is divided, for the next time."""
        self.library.view_bar.keep()
        assistant = self.desk.assistant
        kept = {
            "fonts": self.desk.look.fonts,
            "geometry": bytes(self.saveGeometry().toBase64().data()).decode(),
            "splitter": bytes(self._splitter.saveState().toBase64().data()).decode(),
        }
        if not self.isFullScreen():
            assistant.set_settings(assistant.settings._replace(window={**assistant.settings.window, **kept}))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go of what plays; the engine is closed by whoever opened it."""
        if self.hides_instead(event):
            return
        if self.is_furnished:
            from media_assistant.ui.closing import waits_for_backup

            if waits_for_backup(self, self.desk, event):
                return
            self.end_typing()
            self.keep_layout()
            self.playback.close()
        super().closeEvent(event)
