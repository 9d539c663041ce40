"""The map: the whole library on a plane, what is alike together; looked at, coloured, and chosen from."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QFrame, QSizePolicy, QStackedWidget, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.focus_order import watch_keyboard
from media_assistant.ui.places import Place
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.map.canvas import MapCanvas
from media_assistant.ui.widgets.map.legend import MapLegend
from media_assistant.ui.widgets.map.picture import KIND, TAG, TIME, Picture
from media_assistant.ui.widgets.map.surface import STEP
from media_assistant.ui.widgets.plain import (
    PAGE_MARGINS,
    IconButton,
    button,
    column,
    frame,
    label,
    middle_page,
    page_title,
    row,
    said,
)
from media_assistant.ui.widgets.tags.picker import TagPicker
from media_assistant.workflows.order.mapping import LibraryMap

FEWEST = 3
"""Items with which there is something to see."""
WAYS = (KIND, TIME, TAG)
RENEWS_MS, RESTS = 1500, 8
"""So long after a change the map is read again, and after a reading that took long so many times as long."""


class MapPanel(QFrame):
    """Signals: `opened(int)` an item is to be shown large; `selection_changed(object)` the chosen ids; `shown_wanted(object)`
    ids to show in the library; `collected(object)` ids for a new collection; `menu_wanted(QPoint, object)` for ids.
    """

    opened = Signal(int)
    selection_changed = Signal(object)
    shown_wanted = Signal(object)
    collected = Signal(object)
    menu_wanted = Signal(object, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.map: LibraryMap | None = None
        self._is_making = False
        self._is_stale = True
        self._broke_off = ""
        """Why what is shown is not the finer order, if it is not: `stopped` or `failed`."""
        self._tag: Concept | None = None
        self._tags_chosen = False
        """Whether a picked tag is put on what is chosen; else it colours."""
        self._is_keyboard_unmoved: Callable[[], bool] = lambda: False
        """Whether the first map, which takes its time, may take the keyboard."""
        self._took, self._took_ms = QElapsedTimer(), 0
        self.setProperty("ground", "ground")
        self.canvas = MapCanvas(desk)
        self.legend = MapLegend(desk)
        self.picker = TagPicker(desk)
        self.by = QComboBox()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.renew)
        self._build()
        self.canvas.opened.connect(self.opened)
        self.canvas.moved.connect(self._speak)
        self.canvas.selection_changed.connect(self._chose)
        self.canvas.menu_wanted.connect(lambda where: self.menu_wanted.emit(where, self.chosen))
        self.canvas.painted.connect(self._painted)
        self.picker.picked.connect(self._picked)
        self.picker.left.connect(self.canvas.setFocus)
        self.by.activated.connect(lambda at: self._colour(WAYS[at]))
        desk.words.changed.connect(self._translate)
        desk.events.changed.connect(self._library_changed)
        self._translate()

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        words, look, keys = self._desk.words, self._desk.look, self._desk.keys
        down = column(self, margins=PAGE_MARGINS, gap=8)
        head = row(gap=8)
        head.addWidget(page_title(words, "ui.panel.map"))
        self.count = label("soft")
        self.count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head.addWidget(self.count, 1)
        colours = said(words, "ui.map.colour_by", "soft")
        colours.setBuddy(self.by)
        head.addWidget(colours)
        head.addWidget(self.by)
        words.bind(self.by, QComboBox.setAccessibleName, "ui.map.colour_by")
        self.lasso = IconButton(words, look, "lasso", "ui.map.lasso")
        self.lasso.setCheckable(True)
        self.lasso.toggled.connect(self._draw_lasso)
        canvas = self.canvas
        self.nearer = IconButton(
            words, look, "plus", "ui.keys.map.nearer", lambda: canvas.zoom(STEP), keys=keys, verb="map.nearer"
        )
        self.farther = IconButton(
            words, look, "minus", "ui.keys.map.farther", lambda: canvas.zoom(1 / STEP), keys=keys, verb="map.farther"
        )
        self.all = IconButton(
            words, look, "full", "ui.keys.map.all", lambda: canvas.do("all"), keys=keys, verb="map.all"
        )
        for each in (self.lasso, self.nearer, self.farther, self.all):
            head.addWidget(each)
        down.addLayout(head)
        state = row(gap=8)
        self.state = label("soft", wraps=True)
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        state.addWidget(self.state, 1)
        self.stop = button(words, "ui.map.stop", self._stop, role="link")
        self.anew = button(words, "ui.map.anew", self._anew, role="link")
        words.bind(self.anew, QWidget.setToolTip, "ui.map.anew_tip")
        state.addWidget(self.stop)
        state.addWidget(self.anew)
        down.addLayout(state)
        down.addWidget(self.picker)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.canvas)
        self.nothing, self.nothing_why = label("headline", wraps=True), label("soft", wraps=True)
        self._pages.addWidget(middle_page(self.nothing, self.nothing_why))
        self._pages.setCurrentIndex(1)
        down.addWidget(self._pages, 1)
        down.addWidget(self.legend)
        self.foot = frame(card="plain")
        inside = column(self.foot, margins=(12, 8, 12, 8), gap=6)
        self.chosen_text = label("strong", wraps=True)
        inside.addWidget(self.chosen_text)
        verbs = QWidget()
        flow = FlowLayout(verbs, gap=8)
        self.show_chosen = button(words, "ui.map.show", lambda: self.shown_wanted.emit(self.chosen), role="primary")
        self.collect = button(words, "ui.map.collect", lambda: self.collected.emit(self.chosen))
        self.tag = button(words, "ui.map.tag", self._ask_tag)
        self.clear = button(words, "ui.map.clear", lambda: self.canvas.do("none"))
        for verb in (self.show_chosen, self.collect, self.tag, self.clear):
            flow.addWidget(verb)
        inside.addWidget(verbs)
        down.addWidget(self.foot)
        self.foot.hide()
        self._desk.notices.keep_clear_of(self.foot)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def chosen(self) -> tuple[int, ...]:
        """What is chosen on the map."""
        return tuple(sorted(self.canvas.chosen))

    @property
    def meant_ids(self) -> tuple[int, ...]:
        """The items that a verb of the window means here."""
        return self.chosen

    def show_place(self, _place: Place) -> None:
        """As it is now."""
        if self._is_stale:
            self.renew()
        self.canvas.setFocus()
        self._is_keyboard_unmoved = watch_keyboard(self)

    def renew(self, *, is_anew: bool = False) -> None:
        """Read the library, and lay out what is new."""
        if self._is_making:
            self._is_stale = True
            return
        self._is_making, self._is_stale, self._broke_off = True, False, ""
        self._took.start()
        self._speak()
        tell = self._desk.bridge.on_main(self._show)
        making = self._desk.assistant.map.make(tell, is_anew=is_anew)
        making.add_done_callback(self._note_took)
        self._desk.bridge.when_done(
            making,
            self._made,
            owner=self,
            failed=self._failed,
            cancelled=self._cancelled,
        )

    def _note_took(self, _making: Future[LibraryMap]) -> None:
        """On the thread that made it: what the window is late by is not counted."""
        self._took_ms = self._took.elapsed()

    def _show(self, found: LibraryMap) -> None:
        had_focus = self.canvas.hasFocus() or (self.map is None and self._is_keyboard_unmoved())
        self.map = found
        self._pages.setCurrentIndex(0 if len(found.plane) >= FEWEST else 1)
        self.canvas.show_map(found)
        if had_focus and self.isVisible() and self._pages.currentIndex() == 0 and not self.picker.isVisible():
            self.canvas.setFocus()
        self._speak()

    def _made(self, found: LibraryMap) -> None:
        self._is_making = False
        self._show(found)
        self._go_on()

    def _failed(self, fault: BaseException) -> None:
        self._is_making, self._broke_off = False, "failed"
        actions.show_fault(self._desk, fault=fault)
        self._speak()

    def _cancelled(self) -> None:
        self._is_making, self._broke_off = False, "stopped"
        self._speak()

    def _go_on(self) -> None:
        if self._is_stale and self.isVisible():
            self._later.start(max(RENEWS_MS, RESTS * self._took_ms))

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.added or changes.removed or changes.moments or changes.tags:
            self._is_stale = True
            if not self._is_making and not self._later.isActive():
                self._go_on()

    def _stop(self) -> None:
        self._desk.assistant.map.stop()

    def _anew(self) -> None:
        self.renew(is_anew=not self._broke_off)

    def _translate(self) -> None:
        self.by.clear()
        self.by.addItems([self._desk.words.say(f"ui.map.by.{way}") for way in WAYS])
        self.by.setCurrentIndex(WAYS.index(self.canvas.by))
        self.canvas.repaint_map()
        self._speak()

    def _speak(self) -> None:
        say, words, found = self._desk.words.say, self._desk.words, self.map
        on_it = 0 if found is None else len(found.plane)
        self.count.setText("" if found is None else say("ui.map.count", count=on_it))
        is_laying = self._is_making and found is not None and found.done < 1
        text = ""
        if is_laying and found is not None:
            text = say("ui.map.laying", percent=round(100 * found.done))
            if found.left_s is not None:
                text = say("ui.map.laying_left", percent=round(100 * found.done), left=words.left(found.left_s))
        elif self._broke_off:
            text = say(f"ui.map.{self._broke_off}")
        elif found is not None and found.without:
            text = say("ui.map.without", count=found.without)
        self.state.setText(text)
        self.stop.setVisible(is_laying)
        self.anew.setVisible(not self._is_making and on_it >= FEWEST)
        self.nothing.setText(
            say("ui.map.reading" if found is None else "ui.map.nothing" if not on_it else "ui.map.few")
        )
        self.nothing_why.setText(say("ui.map.reading_why" if found is None else "ui.map.nothing_why"))
        parts = [self.count.text(), text, self.canvas.title, say("ui.map.keys")]
        self.canvas.setAccessibleDescription(say("ui.sentence_separator").join(part for part in parts if part))
        for each in (self.by, self.lasso, self.nearer, self.farther, self.all, self.legend):
            each.setEnabled(on_it >= FEWEST)
        self._speak_chosen()

    def _speak_chosen(self) -> None:
        count = len(self.canvas.chosen)
        self.foot.setVisible(bool(count))
        self.chosen_text.setText(self._desk.words.say("ui.map.chosen", count=count))

    def _painted(self, picture: Picture) -> None:
        name = "" if self._tag is None else self._desk.words.concept(self._tag)
        self.legend.show_tints(self.canvas.by, picture.legend, name)

    # ── what the person does ──────────────────────────────────────────────────────────────────────────────────────

    def _chose(self) -> None:
        self._speak_chosen()
        self.selection_changed.emit(self.chosen)

    def _draw_lasso(self, is_drawn: bool) -> None:
        self.canvas.draws_lasso = is_drawn

    def _colour(self, way: str) -> None:
        if way != TAG:
            self.canvas.colour_by(way)
            return
        self._tags_chosen = False
        library, words = self._desk.assistant.library, self._desk.words

        def ask(concepts: list[Concept]) -> None:
            self.picker.ask(words.say("ui.map.which_tag"), concepts)

        self._desk.bridge.read(lambda: [concept for concept, _ in library.tag_counts()], ask, owner=self)
        # Until one is picked, it is as it was.
        self.by.setCurrentIndex(WAYS.index(self.canvas.by))

    def _ask_tag(self) -> None:
        self._tags_chosen = True
        self.picker.ask(self._desk.words.say("ui.map.tag_ask", count=len(self.chosen)), (), takes_names=True)

    def _picked(self, name: str) -> None:
        if self._tags_chosen:
            actions.add_tag(self._desk, item_ids=self.chosen, name=name, owner=self)
            self.canvas.setFocus()
            return
        library = self._desk.assistant.library

        def read() -> tuple[Concept | None, array[int]]:
            return library.concept(name), array("q", sorted(library.item_ids(tag=name)))

        self._desk.bridge.read(read, self._colour_tag, owner=self)

    def _colour_tag(self, found: tuple[Concept | None, array[int]]) -> None:
        self._tag, tagged = found
        self.by.setCurrentIndex(WAYS.index(TAG))
        self.canvas.colour_by(TAG, tagged)
        self.canvas.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """What changed meanwhile counts."""
        super().showEvent(event)
        if self._is_stale and self.map is not None:
            self._go_on()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is being laid out goes on; nothing new is begun."""
        super().hideEvent(event)
        self._later.stop()


def build(desk: Desk) -> MapPanel:
    """For the registry."""
    return MapPanel(desk)
