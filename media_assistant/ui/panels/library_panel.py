"""The middle: the search box, what was found, and the grid; before the first import, a place to drop files."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QStackedWidget, QWidget

from media_assistant.items.answers import SearchAnswer
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.item import Item
from media_assistant.items.order import Order
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.listing import Listing, make_listing, make_search_listing
from media_assistant.ui.item_models.narrowing import narrow, only_senses, scope_of, sort_hits
from media_assistant.ui.places import Place
from media_assistant.ui.widgets.first_run import FirstRun
from media_assistant.ui.widgets.grid_composing import GridComposing
from media_assistant.ui.widgets.grid_view import GridView
from media_assistant.ui.widgets.loss_bar import LossBar
from media_assistant.ui.widgets.plain import ShortenedLabel, button, column, frame, label, row
from media_assistant.ui.widgets.search_box import SearchBox
from media_assistant.ui.widgets.view_bar import ViewBar

RECENT = 200
MOST_ITEMS = 500
PATIENCE_S = 0.25
"""How long the first answer waits for the meaning networks; the second waits until they are there."""

RENEWED_MS, RENEWED_LATEST_MS = 250, 2000
"""How soon the list follows what has changed in the library."""


class LibraryPanel(QWidget):
    """Signals: `opened(int)`; `selection_changed()`; `menu_wanted(QPoint)`; `removal_wanted()`; `files_wanted()`;
    `folder_wanted()`; `samples_wanted()`; `models_wanted()`; `place_left()` for all of the library.
    """

    opened = Signal(int)
    selection_changed = Signal()
    menu_wanted = Signal(QPoint)
    removal_wanted = Signal()
    files_wanted = Signal()
    folder_wanted = Signal()
    samples_wanted = Signal()
    models_wanted = Signal()
    place_left = Signal()

    def __init__(self, desk: Desk, grid: GridView) -> None:
        super().__init__()
        self._desk = desk
        self._place = Place()
        self._turn = 0
        self._answer: SearchAnswer | None = None
        self._shows_all = False
        self._is_exact = False
        self._is_unentered = False
        self.is_empty: bool | None = None
        """Whether the library holds nothing; None until it was asked."""
        self.setProperty("ground", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.grid = grid
        self.items = grid.model
        self.items.fetch = self._fetch
        # The first picture may be of a library in whose place a backup was put since.
        self.items.renew_all()
        self.grid.paths_of = desk.assistant.library.paths
        desk.words.bind(self.grid, GridView.setAccessibleName, "ui.grid.name")
        self.search = SearchBox(desk.look, desk.words)
        self._build()
        self._renewal = QTimer(self)
        self._renewal.setSingleShot(True)
        self._renewal.timeout.connect(self.refresh)
        self._connect()
        self.refresh()

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        words = self._desk.words
        outer = column(self, gap=0)
        self._header = frame(ground="ground", edge="bottom")
        head = row(self._header, margins=(16, 9, 16, 9), gap=10)
        head.addWidget(self.search, 1)
        self.import_button = QPushButton()
        self.import_button.setProperty("role", "primary")
        words.bind(self.import_button, QPushButton.setText, "ui.import.button")
        menu = QMenu(self.import_button)
        for code, signal in (("ui.import.files", self.files_wanted), ("ui.import.folder", self.folder_wanted)):
            action = menu.addAction("")
            words.bind(action, type(action).setText, code)
            action.triggered.connect(lambda _checked=False, wanted=signal: wanted.emit())
        self.import_button.setMenu(menu)
        head.addWidget(self.import_button)
        outer.addWidget(self._header)
        outer.addWidget(self.search.fault_line)
        self.loss = LossBar(self._desk)
        outer.addWidget(self.loss)
        self._line = frame(ground="ground")
        self._line.setFixedHeight(42)
        line = row(self._line, margins=(16, 4, 12, 0), gap=8)
        self.heading = label("soft")
        line.addWidget(self.heading)
        self.hint = ShortenedLabel("faint")
        line.addWidget(self.hint, 1)
        self.more = button(words, "ui.search.show_more", self._show_more, role="link")
        self.only_typed = button(words, "ui.search.only_typed", self._search_exactly, role="link")
        self.only_typed.hide()
        line.addWidget(self.only_typed)
        line.addWidget(self.more)
        self.view_bar = ViewBar(self._desk)
        line.addWidget(self.view_bar)
        outer.addWidget(self._line)
        self._nothing = self._build_nothing()
        self.first_run = FirstRun(self._desk.words, self._desk.downloads)
        self._pages = QStackedWidget()
        for page in (self.grid, self._nothing, self.first_run):
            self._pages.addWidget(page)
        outer.addWidget(self._pages, 1)

    def _build_nothing(self) -> QWidget:
        page = frame(ground="ground")
        inside = column(page, margins=(40, 40, 40, 80), gap=10)
        inside.addStretch(1)
        self._nothing_title = label("headline", wraps=True)
        self._nothing_title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing_why = label("soft", wraps=True)
        self._nothing_why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(self._nothing_title)
        inside.addWidget(self._nothing_why)
        buttons = row(gap=8)
        buttons.addStretch(1)
        self._nothing_clear = button(self._desk.words, "ui.search.clear", self.search.clear)
        self._nothing_more = button(self._desk.words, "ui.search.show_more", self._show_more)
        buttons.addWidget(self._nothing_clear)
        buttons.addWidget(self._nothing_more)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        inside.addStretch(2)
        return page

    def _connect(self) -> None:
        desk = self._desk
        self.search.asked.connect(lambda _text: self._ask_anew())
        self.search.senses_changed.connect(self._show_answer)
        self.search.scope_left.connect(self.place_left)
        self.search.left_down.connect(self._enter_answer)
        self.view_bar.rule(self.grid)
        self.view_bar.order_changed.connect(self._order_changed)
        self.grid.opened.connect(self.opened)
        self.grid.menu_wanted.connect(self.menu_wanted)
        self.grid.removal_wanted.connect(self.removal_wanted)
        self.grid.typed.connect(self.search.take_letter)
        GridComposing(self.grid, self.search)
        self.grid.selection.changed.connect(self.selection_changed)
        self.grid.looked_at.connect(desk.assistant.show_in_sight)
        self.grid.looked_at.connect(desk.assistant.relinking.check)
        for signal, wanted in (
            (self.first_run.files_wanted, self.files_wanted),
            (self.first_run.folder_wanted, self.folder_wanted),
            (self.first_run.samples_wanted, self.samples_wanted),
            (self.first_run.models_wanted, self.models_wanted),
        ):
            signal.connect(wanted)
        desk.events.changed.connect(self._library_changed)
        desk.words.changed.connect(self._tell)
        desk.words.changed.connect(self._tell_scope)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def is_searching(self) -> bool:
        """Whether there is a question: in the search box, or kept as this place."""
        return bool(self.search.text or self._place.query)

    @property
    def answer(self) -> SearchAnswer | None:
        """The answer that is shown, if any."""
        return self._answer if self.is_searching else None

    @property
    def place(self) -> Place:
        """What is shown."""
        return self._place

    def show_place(self, place: Place) -> None:
        """Narrow to a kind, a tag, a collection, a group, a folder, or what came last."""
        self._place = place
        self._tell_scope()
        self.grid.verticalScrollBar().setValue(0)
        self.refresh()

    def _tell_scope(self) -> None:
        self.search.scope.show_place(scope_of(self._desk.words, self._place))

    def refresh(self) -> None:
        """Ask again for what is shown. Answers to older questions are dropped."""
        if self._desk.bridge.is_closed:
            return
        self._turn += 1
        turn, desk, library = self._turn, self._desk, self._desk.assistant.library
        if self.is_searching:
            self._search(turn, patience_s=PATIENCE_S)
            return
        place = self._place
        order = Order() if place.is_recent else self.view_bar.state.order

        def ask() -> tuple[Listing, bool]:
            if place.has_own_order:
                listing = make_listing(library.collection_items(place.collection))
            elif place.group:
                listing = make_listing(array("q", desk.assistant.groups.members(place.group)))
            else:
                kind, tag, folder = place.kind, place.tag or None, place.folder or None
                found = library.ordered(order, kind=kind, tag=tag, folder=folder)
                listing = make_listing(found.ids[:RECENT] if place.is_recent else found.ids, found.groups, order.group)
            return listing, not listing.ids and not sum(library.counts().values())

        desk.bridge.read(ask, lambda found: self._take_listing(turn, *found), owner=self)

    def _search(self, turn: int, *, patience_s: float | None) -> None:
        """By words at once; if the meaning networks are still starting, again with them as soon as they can."""

        def take(answer: SearchAnswer) -> None:
            self._take_answer(turn, answer)
            if answer.is_early and patience_s is not None and turn == self._turn:
                self._search(turn, patience_s=None)

        query = narrow(self.search.text, self._place)
        how = {"shows_all": self._shows_all, "is_exact": self._is_exact}
        future = self._desk.assistant.search(query, MOST_ITEMS, patience_s=patience_s, **how)
        self._desk.bridge.when_done(future, take, owner=self, failed=lambda fault: self._search_failed(turn, fault))

    def _enter_answer(self) -> None:
        """Down from the words: to the best that they found, and later to wherever the person went from there."""
        self.grid.setFocus()
        if self._is_unentered and self.is_searching:
            self.grid.go_to(0)
        self._is_unentered = False

    def _ask_anew(self) -> None:
        self._shows_all = False
        self._is_exact = False
        self._is_unentered = True
        self.view_bar.begin_search()
        if not self.is_searching:
            self._answer = None
        self.grid.verticalScrollBar().setValue(0)
        self.refresh()

    def _search_exactly(self) -> None:
        self._is_exact = True
        self.grid.setFocus()
        self.refresh()

    def _show_more(self) -> None:
        self._shows_all = True
        self.refresh()

    def _take_listing(self, turn: int, listing: Listing, is_empty: bool) -> None:
        if turn != self._turn:
            return
        self.is_empty = is_empty
        self._answer = None
        self.items.show(listing)
        self._tell()

    def _take_answer(self, turn: int, answer: SearchAnswer) -> None:
        if turn != self._turn:
            return
        self._answer = answer
        self._show_answer()

    def _search_failed(self, turn: int, fault: BaseException) -> None:
        if turn != self._turn:
            return
        self._answer = SearchAnswer(())
        self.items.show(Listing())
        self._tell()
        self._nothing_why.setText(self._desk.words.fault(fault))

    def _show_answer(self) -> None:
        if self._answer is not None and self.is_searching:
            hits = only_senses(self._answer.hits, self.search.senses)
            self.items.show(make_search_listing(sort_hits(hits, self.view_bar.state.found)))
            self._tell()

    def _order_changed(self) -> None:
        self.grid.verticalScrollBar().setValue(0)
        if self.is_searching:
            self._show_answer()
        else:
            self.refresh()

    def _tell(self) -> None:
        """The line over the grid, and which page is shown."""
        words, count = self._desk.words, self.items.rowCount()
        is_first = bool(self.is_empty) and not self.is_searching
        self._header.setVisible(not is_first)
        self._line.setVisible(not is_first)
        has_order = self.is_searching or not (self._place.is_recent or self._place.has_own_order or self._place.group)
        self.view_bar.show_for(is_search=self.is_searching, has_order=has_order)
        answer = self.answer
        below = answer.more_below_cut if answer else 0
        self.only_typed.setVisible(bool(answer and answer.corrected and count))
        is_corrected = bool(answer and answer.corrected)
        # A narrow line has room for what was searched for and for one link, not for the count beside them.
        self.heading.setVisible(not is_corrected)
        self.more.setVisible(bool(answer and count and below and not self._shows_all and not is_corrected))
        if answer is not None:
            moments = sum(len(hit.moments) for hit in self.items.listing.hits.values())
            items = words.say("ui.search.items", count=count)
            self.heading.setText(
                words.say("ui.search.found", count=moments, items=items) if moments else items if count else ""
            )
            shown = {fault.says.code for fault in self.search.field.faults}
            said_so = [words.sentence(hint) for hint in answer.hints if hint.code not in shown]
            ends = words.say("ui.search.ends") if count and not self._shows_all else ""
            # One or the other: a narrow window has no room for both.
            self.hint.setText((" ".join(said_so) or ends) if count else "")
        else:
            self.heading.setText(words.say("ui.search.items", count=count))
            self.hint.setText(self._place.why)
        if is_first:
            self._pages.setCurrentWidget(self.first_run)
            if self.window().focusWidget() in (None, self.grid):
                self.first_run.files_button.setFocus()
        elif count:
            focused: QWidget | None = self.window().focusWidget()
            had_focus = focused is not None and self.first_run.isAncestorOf(focused)
            self._pages.setCurrentWidget(self.grid)
            if had_focus:
                self.grid.setFocus()
        else:
            self._tell_nothing(answer, below)
        self.selection_changed.emit()

    def _tell_nothing(self, answer: SearchAnswer | None, below: int) -> None:
        words = self._desk.words
        if answer is not None:
            self._nothing_title.setText(words.say("ui.search.nothing", query=self.search.text or self._place.name))
            shown = {fault.says.code for fault in self.search.field.faults}
            hints = [words.sentence(hint) for hint in answer.hints if hint.code not in shown]
            self._nothing_why.setText("\n".join((*hints, words.say("ui.search.nothing_why"))))
        else:
            self._nothing_title.setText(words.say("ui.grid.nothing"))
            is_gathered = self._place.has_own_order
            self._nothing_why.setText(words.say("ui.collection.empty" if is_gathered else "ui.grid.nothing_why"))
        self._nothing_clear.setVisible(bool(self.search.text))
        self._nothing_more.setVisible(bool(below) and not self._shows_all)
        self._pages.setCurrentWidget(self._nothing)

    # ── staying true ──────────────────────────────────────────────────────────────────────────────────────────────

    def _fetch(self, item_ids: list[int], take: Callable[[list[Item]], None]) -> Future[list[Item]]:
        library = self._desk.assistant.library
        return self._desk.bridge.read(lambda: list(library.items(item_ids)), take, owner=self)

    def _library_changed(self, changes: LibraryChanges) -> None:
        touched = (*changes.changed, *changes.moments)
        if touched:
            self._desk.thumbnails.forget(tuple(dict.fromkeys(changes.changed)))
            self._desk.storyboards.forget(changes.changed)
            self.items.renew(touched)
        if changes.removed:
            self.grid.selection.keep_only(None, changes.removed)
            self.grid.canvas.drop(changes.removed)
        is_other = (
            changes.added
            or changes.removed
            or (self._place.tag and (changes.moments or changes.tags))
            or ((self._place.collection or self._place.group) and changes.collections)
            or (self.is_searching and (touched or changes.tags))
        )
        if is_other and not self._renewal.isActive():
            # The longer the list, the longer it takes to put another in its place.
            self._renewal.start(min(RENEWED_LATEST_MS, max(RENEWED_MS, self.items.rowCount() // 100)))


def build(desk: Desk, grid: GridView) -> LibraryPanel:
    """For the registry. `grid` stood in the window before everything else."""
    return LibraryPanel(desk, grid)
