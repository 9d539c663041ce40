"""What was done in the library, by whom and when, and the way back to any of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QMenu, QPushButton, QStackedWidget, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.happening import Verb
from media_assistant.items.history import Entry, Happened, Page, Step, Understood, Who
from media_assistant.items.span import TimeSpan
from media_assistant.ui import actions, history_words
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.history_rows import PAGE, HistoryItemModel
from media_assistant.ui.rereading import RESTS, Rereading, Timed
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.history_list import HistoryList
from media_assistant.ui.widgets.past_bar import PastBar
from media_assistant.ui.widgets.plain import PAGE_MARGINS, button, column, frame, label, page_title, row

TYPING_MS = 150
CHOOSES_MS = 150
"""How long the choice stands still before it is asked about: an arrow that is held down changes it all the time."""
RENEWS_MS = 300
"""So long news is gathered."""
DEEP = 2000
"""Whoever has gone so far down is only disturbed by what they do themselves."""


class HistoryPanel(QFrame):
    """Signals: `opened(int)` an item is to be shown; `played(int, int)` from this time on; `searched(str)` to search for
    these words again.
    """

    opened = Signal(int)
    played = Signal(int, int)
    searched = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._is_stale = False
        """Whether something was done while nobody saw the page, or while it was being read."""
        self._is_urgent = False
        """Whether the person did it."""
        self._is_asking = False
        self._rest_ms = RENEWS_MS
        self._later: Step | None = None
        self._asked_step = 0
        self.setProperty("ground", "ground")
        self.rows = HistoryItemModel(desk.words, self._read)
        self.list = HistoryList(desk.look, desk.words, desk.keys, self.rows)
        self.filter = LineField()
        self.who = QComboBox()
        self._build()
        self._typing = self._timer(TYPING_MS, self.refresh)
        self._renewal = self._timer(RENEWS_MS, self.refresh)
        self._standing = Rereading(desk, self, self._question, lambda found: self._take_answer(*found))
        self._choosing = self._timer(CHOOSES_MS, self._standing.now)
        self.filter.textChanged.connect(lambda _text: self._typing.start())
        self.who.activated.connect(self._look_at)
        self.list.picked.connect(self._show_step)
        self.list.doubleClicked.connect(lambda _index: self._do("show"))
        self.list.wanted.connect(self._do)
        self.list.menu_wanted.connect(lambda where: self.menu().popup(where))
        self.rows.modelAboutToBeReset.connect(self._keep)
        self.rows.arrived.connect(self._arrived)
        desk.words.changed.connect(self._speak)
        desk.events.changed.connect(self._library_changed)
        self._kept: Entry | None = None
        self._speak()
        self.refresh()

    def _timer(self, after_ms: int, act: Callable[[], object]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(after_ms)
        made.timeout.connect(act)
        return made

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        words = self._desk.words
        down = column(self, margins=PAGE_MARGINS, gap=10)
        head = row(gap=8)
        head.addWidget(page_title(words, "ui.panel.history"))
        head.addWidget(self.filter, 1)
        head.addWidget(self.who)
        words.bind(self.filter, QLineEdit.setPlaceholderText, "ui.history.filter")
        words.bind(self.filter, QLineEdit.setAccessibleName, "ui.history.filter")
        words.bind(self.who, QComboBox.setAccessibleName, "ui.history.whose")
        self.filter.setClearButtonEnabled(True)
        down.addLayout(head)
        self.about = label("soft", wraps=True)
        down.addWidget(self.about)
        self.past = PastBar(self._desk)
        down.addWidget(self.past)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.list)
        self._pages.addWidget(self._build_nothing())
        down.addWidget(self._pages, 1)
        self._foot = frame(card="plain")
        inside = column(self._foot, margins=(14, 10, 14, 10), gap=6)
        self.step_text = label("strong", wraps=True)
        self.why = label("soft", wraps=True)
        inside.addWidget(self.step_text)
        inside.addWidget(self.why)
        self._verbs = QWidget()
        flow = FlowLayout(self._verbs, gap=8)
        self.alone = button(words, "ui.history.alone", lambda: self._do("alone"))
        self.back_to = button(words, "ui.history.back_to", lambda: self._do("back_to"))
        self.again = button(words, "ui.history.again", lambda: self._do("again"))
        self.go_later = button(words, "ui.history.show_later", self._go_later, role="link")
        self.show_item = button(words, "ui.history.show", lambda: self._do("show"), role="link")
        for each in (self.alone, self.back_to, self.again, self.go_later, self.show_item):
            flow.addWidget(each)
        inside.addWidget(self._verbs)
        down.addWidget(self._foot)
        self.past.asked.connect(lambda: self._foot.setVisible(not self.past.is_asking))
        self._desk.notices.keep_clear_of(self._foot)

    def _build_nothing(self) -> QWidget:
        page = frame(ground="ground")
        inside = column(page, margins=(40, 40, 40, 60), gap=10)
        inside.addStretch(1)
        self.nothing = label("soft", wraps=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(self.nothing)
        inside.addStretch(2)
        return page

    def _speak(self) -> None:
        at = max(0, self.who.currentIndex())
        self.who.clear()
        for each in Who:
            self.who.addItem(self._desk.words.say(f"ui.history.who.{each.value}"))
        self.who.setCurrentIndex(at)
        self.list.viewport().update()
        self._show_about()
        self._show_step()

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, page: Page, take: Callable[[Page], None], give_up: Callable[[], None]) -> object:
        library = self._desk.assistant.library
        asked = Timed(lambda: library.history(page))

        def come(page: Page) -> None:
            self._rest_ms = max(RENEWS_MS, RESTS * asked.took_ms)
            take(page)

        def failed(fault: BaseException) -> None:
            give_up()
            self._is_asking = False
            actions.show_fault(self._desk, fault=fault)

        return self._desk.bridge.read(asked, come, owner=self, failed=failed)

    def refresh(self) -> None:
        """Read what is shown anew: the person stays on the step where they are."""
        self._is_stale = self._is_urgent = False
        self._is_asking = True
        self._renewal.stop()
        words = self.filter.text().strip()
        rows_seen = self.list.indexAt(QPoint(4, self.list.viewport().height() - 4)).row()
        self.rows.ask(
            Page(
                self._whose(),
                words,
                history_words.verbs_called(self._desk.words, words) if words else (),
                max(PAGE, rows_seen + PAGE // 2),
            )
        )

    def _keep(self) -> None:
        """Where the person is now, wherever they were when this was asked."""
        self._kept = self.list.current

    def _look_at(self, _at: int) -> None:
        """Whose doing is shown was chosen."""
        self._show_about()
        self.refresh()

    def _show_about(self) -> None:
        is_past = self._whose() is Who.PAST
        self.about.setText(self._desk.words.say("ui.past.about" if is_past else "ui.history.about"))
        self.past.setVisible(is_past)
        if not is_past:
            self.past.withdraw()

    def _whose(self) -> Who:
        return list(Who)[max(0, self.who.currentIndex())]

    def _arrived(self) -> None:
        self._is_asking = False
        if self._is_stale and self.isVisible():
            self._renewal.start(RENEWS_MS if self._is_urgent else self._rest_ms)
        has_rows = self.rows.rowCount() > 0
        self._pages.setCurrentIndex(0 if has_rows else 1)
        words, text = self._desk.words, self.filter.text().strip()
        if not has_rows:
            codes = {Who.MODELS: "ui.history.nothing_found_all", Who.PAST: self._nothing_past()}
            code = codes.get(self._whose(), "ui.history.nothing")
            self.nothing.setText(words.say("ui.history.nothing_found", words=text) if text else words.say(code))
        at = self.rows.row_like(self._kept)
        if at >= 0:
            self.list.setCurrentIndex(self.rows.index(at))
        elif has_rows and self.list.hasFocus():
            self.list.setCurrentIndex(self.rows.index(0))
        self._show_step()

    def _nothing_past(self) -> str:
        return "ui.past.nothing" if self.past.box.isChecked() else "ui.past.nothing_paused"

    def _library_changed(self, changes: LibraryChanges) -> None:
        is_deep = self.list.verticalScrollBar().value() > DEEP
        is_past = self._whose() is Who.PAST and (changes.forgotten or (changes.past and not is_deep))
        if not (is_past or changes.journal or (changes.jobs and not is_deep)):
            return
        # What the person did is seen soon; of what models finish there is news all the time.
        after_ms = RENEWS_MS if changes.journal else self._rest_ms
        if not self.isVisible() or self._is_asking:
            self._is_stale = True
            self._is_urgent |= changes.journal
        elif not self._renewal.isActive() or self._renewal.remainingTime() > after_ms:
            self._renewal.start(after_ms)

    def showEvent(self, event: QShowEvent) -> None:
        """What was done meanwhile is there, also for who comes back from the large view."""
        super().showEvent(event)
        if self._is_stale:
            self._renewal.start(RENEWS_MS)

    def show_place(self, _place: object) -> None:
        """It was left for a while: what is shown may be old."""
        self.refresh()
        self.list.setFocus()

    def show_past(self) -> None:
        """What was played and searched."""
        self.who.setCurrentIndex(list(Who).index(Who.PAST))
        self._look_at(self.who.currentIndex())

    # ── the chosen step ───────────────────────────────────────────────────────────────────────────────────────────

    def _show_step(self) -> None:
        """What can be done with it; whether it can be undone alone is asked in the library."""
        self._standing.drop()
        self._choosing.stop()
        entry, words = self.list.current, self._desk.words
        self._later = None
        stands = isinstance(entry, Step) and not entry.is_undone
        is_newest = isinstance(entry, Step) and self.rows.is_newest(entry)
        self.step_text.setText(history_words.what(words, entry) if entry is not None else "")
        self.step_text.setVisible(entry is not None)
        self.alone.setVisible(stands)
        self.alone.setEnabled(is_newest)
        QPushButton.setText(self.alone, words.say("ui.history.last" if is_newest else "ui.history.alone"))
        self.back_to.setVisible(stands and not is_newest)
        self.again.setVisible(isinstance(entry, Step) and not stands)
        self.go_later.setVisible(False)
        self.show_item.setVisible(False)
        self._verbs.setVisible(entry is not None)
        self.past.choose(entry)
        QPushButton.setText(self.show_item, words.say(self._show_code(entry)))
        if entry is None:
            self._explain("ui.past.choose" if self._whose() is Who.PAST else "ui.history.choose")
        elif isinstance(entry, Happened):
            self._explain("ui.past.entry")
        elif isinstance(entry, Understood):
            self._explain("ui.history.of_model")
        elif entry.is_undone:
            self._explain("ui.history.is_undone")
        elif entry.taken_back_by:
            self._explain("ui.history.is_taken_back")
        elif is_newest:
            self._explain("ui.history.newest")
        else:
            self.why.clear()
        if entry is not None:
            self._asked_step = entry.number if stands and not is_newest and isinstance(entry, Step) else 0
            self._choosing.start()

    def _show_code(self, entry: Entry | None) -> str:
        if isinstance(entry, Happened):
            is_search = entry.happening.verb is Verb.SEARCHED
            return "ui.history.search_again" if is_search else "ui.history.show_there"
        return "ui.history.show"

    def _question(self) -> Callable[[], tuple[int, Step | None, bool]]:
        """What stands in a step's way (of 0: nothing), and whether the item is there to be shown."""
        library, item_id, step = self._desk.assistant.library, self._item_id(), self._asked_step
        return lambda: (
            step,
            library.what_stands_on(step) if step else None,
            bool(item_id) and library.item(item_id) is not None,
        )

    def _explain(self, code: str, **parameters: str) -> None:
        self.why.setText(self._desk.words.say(code, **parameters))

    def _take_answer(self, step: int, later: Step | None, has_item: bool) -> None:
        words, entry = self._desk.words, self.list.current
        self._later = later
        is_search = isinstance(entry, Happened) and entry.happening.verb is Verb.SEARCHED
        self.show_item.setVisible(has_item or is_search)
        if step and isinstance(entry, Step) and not entry.taken_back_by:
            self.alone.setEnabled(later is None)
            self.go_later.setVisible(later is not None and self.rows.row_of(later.number) >= 0)
            if later is None:
                self._explain("ui.history.is_alone")
            else:
                then, at = history_words.what(words, later), history_words.when(words, later.at)
                self._explain("ui.history.built_on", step=then, at=at)
        self._verbs.updateGeometry()

    def _item_id(self) -> int:
        entry = self.list.current
        if isinstance(entry, Understood):
            return entry.item_id
        if isinstance(entry, Happened):
            return entry.happening.item_id
        return entry.item_ids[0] if entry is not None and entry.item_count == 1 and entry.item_ids else 0

    # ── what the person does ──────────────────────────────────────────────────────────────────────────────────────

    def menu(self) -> QMenu:
        """What can be done with the chosen step."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for verb, made in self._by_verb().items():
            if made.isVisibleTo(self):
                action = menu.addAction(made.text())
                action.setEnabled(made.isEnabled())
                action.triggered.connect(lambda _checked=False, verb=verb: self._do(verb))
        return menu

    def _by_verb(self) -> dict[str, QPushButton]:
        return {"alone": self.alone, "back_to": self.back_to, "again": self.again, "show": self.show_item}

    def _do(self, verb: str) -> None:
        made, entry, assistant = self._by_verb()[verb], self.list.current, self._desk.assistant
        if not made.isVisibleTo(self) or not made.isEnabled():
            return
        if verb == "show":
            self._show(entry)
            return
        if made.hasFocus():
            # It is about to go, and the keyboard would be on the next one, which does more.
            self.list.setFocus()
        if not isinstance(entry, Step):
            return
        if verb == "again":
            self._turn_to(assistant.redo_to(entry.number), "ui.history.went_on")
        elif verb == "back_to":
            self._turn_to(assistant.undo_to(entry.number), "ui.history.went_back")
        else:
            # This step and no other, whatever came after it since these rows were read.
            code = "ui.history.undone_step" if self.rows.is_newest(entry) else "ui.history.took_back"
            what = history_words.what(self._desk.words, entry)
            self._turn_to(assistant.take_back(entry.number), code, what=what)

    def _show(self, entry: Entry | None) -> None:
        """The item, of what was played from there on; of a search what is found now."""
        happening = entry.happening if isinstance(entry, Happened) else None
        if happening is not None and happening.verb is Verb.SEARCHED:
            self.searched.emit(str(happening.detail.get("words", "")))
        elif happening is not None and isinstance(happening.span, TimeSpan):
            self.played.emit(happening.item_id, happening.span.start_ms)
        else:
            self.opened.emit(self._item_id())

    def _turn_to(self, future: Future[LibraryChanges], code: str, **parameters: Any) -> None:
        def tell(changes: LibraryChanges) -> None:
            many: dict[str, Any] = {"count": changes.steps} if changes.steps else {}
            self._desk.tell(code, **parameters, **many)

        self._desk.bridge.when_done(future, tell, owner=self)

    def _go_later(self) -> None:
        if self._later is not None and (at := self.rows.row_of(self._later.number)) >= 0:
            self.list.setCurrentIndex(self.rows.index(at))
            self.list.setFocus()


def build(desk: Desk) -> HistoryPanel:
    """For the registry."""
    return HistoryPanel(desk)
