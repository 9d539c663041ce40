"""The middle: the search box, what was found, and the grid; before the first import, a place to drop files."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QStackedWidget, QWidget

from media_assistant.items.answers import SearchAnswer
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.collection import Collection
from media_assistant.items.item import Item
from media_assistant.items.order import Order
from media_assistant.ui import actions
from media_assistant.ui.answer_words import hints_of, say_end
from media_assistant.ui.asking import Asking, Question
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.choosing_all import ChoosingAll
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.listing import Listing, make_listing, make_search_listing
from media_assistant.ui.item_models.narrowing import narrow, scope_of, sort_hits
from media_assistant.ui.item_models.terms import terms_of
from media_assistant.ui.places import Place
from media_assistant.ui.renewing import Renewing
from media_assistant.ui.rereading import Timed
from media_assistant.ui.widgets.first_run import FirstRun
from media_assistant.ui.widgets.found_line import FoundLine
from media_assistant.ui.widgets.grid.composing import GridComposing
from media_assistant.ui.widgets.grid.view import GridView
from media_assistant.ui.widgets.grid.view_bar import ViewBar
from media_assistant.ui.widgets.grid.view_state import BEST
from media_assistant.ui.widgets.loss_bar import LossBar
from media_assistant.ui.widgets.nothing_page import NothingPage
from media_assistant.ui.widgets.plain import column, frame, open_menu, row
from media_assistant.ui.widgets.search.box import SearchBox

RECENT = 200


class LibraryPanel(QWidget):
    """Signals: `opened(int)`; `selection_changed()`; `menu_wanted(QPoint)`; `removal_wanted()`; `files_wanted()`;
    `folder_wanted()`; `samples_wanted()`; `models_wanted()`; `place_left()` for all of the library; `place_gone()` when there
    is no such collection any more.
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
    place_gone = Signal()

    def __init__(self, desk: Desk, grid: GridView) -> None:
        super().__init__()
        self._desk = desk
        self._place = Place()
        self._awaited = Awaited()
        self._answer: SearchAnswer | None = None
        self._is_unentered = False
        self._listing_took_ms = 0.0
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
        self.asking = Asking(desk, self)
        self._build()
        self._renewing = Renewing(self.asking, self)
        self._choosing = ChoosingAll(desk, self.asking, grid)
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
        open_menu(self.import_button, menu)
        head.addWidget(self.import_button)
        outer.addWidget(self._header)
        outer.addWidget(self.search.fault_line)
        self.loss = LossBar(self._desk)
        outer.addWidget(self.loss)
        self.view_bar = ViewBar(self._desk)
        self.found_line = FoundLine(words, self.view_bar)
        outer.addWidget(self.found_line)
        self._nothing = NothingPage(words)
        self.first_run = FirstRun(self._desk.words, self._desk.downloads)
        self._pages = QStackedWidget()
        for page in (self.grid, self._nothing, self.first_run):
            self._pages.addWidget(page)
        outer.addWidget(self._pages, 1)

    def _connect(self) -> None:
        desk = self._desk
        self.search.asked.connect(lambda _text: self._ask_anew())
        self.search.senses_changed.connect(lambda: self.refresh() if self.is_searching else None)
        self.asking.answered.connect(self._take_answer)
        self.asking.failed.connect(self._search_failed)
        self._nothing.clear_wanted.connect(self.search.clear)
        self._nothing.more_wanted.connect(self._show_more)
        self.found_line.more_wanted.connect(self._show_more)
        self.found_line.exact_wanted.connect(self._search_exactly)
        self.search.scope_left.connect(self.place_left)
        self.search.left_down.connect(self._enter_answer)
        self.view_bar.rule(self.grid)
        self.view_bar.order_changed.connect(self._order_changed)
        self.asking.follow(self.grid.verticalScrollBar())
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
        self._renewing.due.connect(self.refresh)
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
    def terms(self) -> tuple[str, ...]:
        """The words of the question, and what they were taken for: they stand out in what is shown."""
        return terms_of(self.search.text, self._place.query, self.answer.corrected if self.answer else "")

    @property
    def place(self) -> Place:
        """What is shown."""
        return self._place

    def show_place(self, place: Place) -> None:
        """Narrow to a kind, a tag, a collection, a group, a folder, or what came last."""
        self._place = place
        self.asking.begin()
        self._tell_scope()
        self.grid.verticalScrollBar().setValue(0)
        self.refresh()

    def _tell_scope(self) -> None:
        self.search.scope.show_place(scope_of(self._desk.words, self._place))

    def refresh(self) -> None:
        """Ask again for what is shown. Answers to older questions are dropped."""
        if self._desk.bridge.is_closed:
            return
        self._awaited.drop()
        desk, library = self._desk, self._desk.assistant.library
        if self.is_searching:
            self._search()
            return
        self.asking.stop()
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

        timed = Timed(ask)

        def take(found: tuple[Listing, bool]) -> None:
            self._listing_took_ms = timed.took_ms
            self._take_listing(*found)

        desk.bridge.read(timed, self._awaited.only(take), owner=self)

    def _search(self) -> None:
        # A search that is kept is asked as it stands: its last word is whole.
        is_half_typed = bool(self.search.text)
        self.asking.ask(Question(narrow(self.search.text, self._place), is_half_typed, self.search.senses))

    def _enter_answer(self) -> None:
        """Down from the words: to the best that they found, and later to wherever the person went from there."""
        self.grid.setFocus()
        if self._is_unentered and self.is_searching:
            self.grid.go_to(0)
        self._is_unentered = False

    def _ask_anew(self) -> None:
        self.asking.begin()
        self._is_unentered = True
        self.view_bar.begin_search()
        self._answer = self.answer
        self.grid.verticalScrollBar().setValue(0)
        self.refresh()

    def _search_exactly(self) -> None:
        self.asking.is_exact = True
        self.grid.setFocus()
        self.refresh()

    def _show_more(self) -> None:
        self.asking.shows_all = True
        self.refresh()

    def _take_listing(self, listing: Listing, is_empty: bool) -> None:
        self.is_empty = is_empty
        self._answer = None
        self.items.show(listing)
        self._tell()

    def _take_answer(self, answer: SearchAnswer) -> None:
        self._answer = answer
        self._show_answer()
        if self.view_bar.state.found.sort != BEST:
            # The best of all in this order need not be among those that fit best.
            self.asking.go_on()
        self._choosing.take()

    def _search_failed(self, fault: BaseException) -> None:
        self._answer = SearchAnswer(())
        self.items.show(Listing())
        self._tell()
        self._nothing.tell_why(self._desk.words.fault(fault))

    def _show_answer(self) -> None:
        if self._answer is not None and self.is_searching:
            self.grid.canvas.look_for(self.terms)
            self.items.show(make_search_listing(sort_hits(self._answer.hits, self.view_bar.state.found)))
            self._tell()

    def _order_changed(self) -> None:
        self.grid.verticalScrollBar().setValue(0)
        if self.is_searching:
            self._show_answer()
            self.asking.go_on()
        else:
            self.refresh()

    def _tell(self) -> None:
        """The line over the grid, and which page is shown."""
        words, count = self._desk.words, self.items.rowCount()
        is_first = bool(self.is_empty) and not self.is_searching
        self._header.setVisible(not is_first)
        self.found_line.setVisible(not is_first)
        has_order = self.is_searching or not (self._place.is_recent or self._place.has_own_order or self._place.group)
        self.view_bar.show_for(is_search=self.is_searching, has_order=has_order)
        answer = self.answer
        has_more = answer is not None and answer.more_below_cut > answer.more_fitting and not self.asking.shows_all
        if answer is not None:
            moments = sum(len(hit.moments) for hit in self.items.listing.hits.values())
            end = say_end(words, answer, self.search.field.faults, self.asking)
            is_corrected = bool(answer.corrected)
            self.found_line.tell_found(count, moments, end, is_corrected=is_corrected, has_more=has_more)
        else:
            self.found_line.tell_shown(count, self._place.why)
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
            self._tell_nothing(answer, has_more=has_more)
        self.selection_changed.emit()

    def _tell_nothing(self, answer: SearchAnswer | None, *, has_more: bool) -> None:
        words = self._desk.words
        if answer is not None:
            title = words.say("ui.search.nothing", query=self.search.text or self._place.name)
            hints = hints_of(words, answer, self.search.field.faults)
            why = "\n".join((*hints, words.say("ui.search.nothing_why")))
        else:
            title = words.say("ui.grid.nothing")
            why = words.say("ui.collection.empty" if self._place.has_own_order else "ui.grid.nothing_why")
        self._nothing.tell(title, why, can_clear=bool(self.search.text), has_more=has_more)
        self._pages.setCurrentWidget(self._nothing)

    # ── staying true ──────────────────────────────────────────────────────────────────────────────────────────────

    def _fetch(
        self, item_ids: list[int], take: Callable[[list[Item]], None], give_up: Callable[[], None]
    ) -> Future[list[Item]]:
        library = self._desk.assistant.library

        def failed(fault: BaseException) -> None:
            give_up()
            actions.show_fault(self._desk, fault=fault)

        return self._desk.bridge.read(lambda: list(library.items(item_ids)), take, owner=self, failed=failed)

    def _library_changed(self, changes: LibraryChanges) -> None:
        touched = (*changes.changed, *changes.moments)
        if touched:
            self._desk.thumbnails.forget(tuple(dict.fromkeys(changes.changed)))
            self._desk.storyboards.forget(changes.changed)
            self.items.renew(touched)
        if changes.removed:
            self.grid.selection.keep_only(None, changes.removed)
            self.grid.canvas.drop(changes.removed)
            self._drop(frozenset(changes.removed))
        if changes.collections and self._place.collection:
            self._renew_place(self._place)
        is_other = (
            changes.added
            or changes.removed
            or (self._place.tag and (changes.moments or changes.tags))
            or ((self._place.collection or self._place.group) and changes.collections)
            or (self.is_searching and (touched or changes.tags))
        )
        if is_other:
            # What the person did is seen soon, however long a listing takes.
            listing_ms = 0.0 if changes.journal else self._listing_took_ms
            self._renewing.want(self.items.rowCount(), self.answer.took_ms if self.answer else listing_ms)

    def _drop(self, removed: frozenset[int]) -> None:
        """What is gone is gone at once, however long the next answer takes."""
        hits = self._answer.hits if self._answer is not None else ()
        left = tuple(hit for hit in hits if hit.item.id not in removed)
        if self._answer is not None and len(left) < len(hits):
            self._answer = replace(self._answer, hits=left)
            self._show_answer()

    def _renew_place(self, place: Place) -> None:
        """The collection that is shown may be called otherwise now, look for something else, or be gone."""

        def take(known: list[Collection]) -> None:
            if self._place != place:
                return
            now = next((each for each in known if each.id == place.collection), None)
            if now is None:
                # From another page nobody is taken away.
                self.place_gone.emit() if self.isVisible() else self.show_place(Place())
            elif (now.name, now.query) != (self._place.name, self._place.query):
                self._place = self._place._replace(name=now.name, query=now.query)
                self._tell_scope()
                self.refresh()

        self._desk.bridge.read(self._desk.assistant.library.collections, take, owner=self)


def build(desk: Desk, grid: GridView) -> LibraryPanel:
    """For the registry. `grid` stood in the window before everything else."""
    return LibraryPanel(desk, grid)
