"""For you: rows of suggestions, why each is there, and how well they did."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.for_you import ForYou, Share, Verdict, Wishes
from media_assistant.items.slate import Liking, Said
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.places import Place
from media_assistant.ui.widgets.for_you.offer_rows import OfferRows
from media_assistant.ui.widgets.for_you.verdict_view import VerdictView, plain_verdict
from media_assistant.ui.widgets.for_you.wish_sliders import WishSliders
from media_assistant.ui.widgets.grid.layout import MARGIN
from media_assistant.ui.widgets.plain import PAGE_MARGINS, button, column, label, page_title, row, said

_ROWS, _NOTHING, _READING, _VERDICT = range(4)
GONE = (Liking.NOT_NOW, Liking.NEVER)
RENEWS_MS = 400


class ForYouPanel(QFrame):
    """Signals: `opened(int, int)` an item is to be shown large, from a time in ms on or from its beginning (-1)."""

    opened = Signal(int, int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.page: ForYou | None = None
        self._judged: Verdict | None = None
        self._is_reading = False
        self._is_stale = True
        self._is_wanted_again = False
        """Whether others were asked for while some were read."""
        self._wished: Wishes | None = None
        """What no page was made by yet."""
        self._out: dict[int, Liking | None] = {}
        """Items whose cards went, and what was said of each; None while that is written, or once nothing brings it back."""
        self._unwritten: set[int] = set()
        """Those of which it is being written."""
        self._unheard: set[int] = set()
        """Those of which the suggestions that are being made may not know it."""
        self.setProperty("ground", "ground")
        down = column(self, margins=(PAGE_MARGINS[0] - MARGIN, PAGE_MARGINS[1], PAGE_MARGINS[2] - MARGIN, 0), gap=8)
        top = QWidget()
        inside = column(top, margins=(MARGIN, 0, MARGIN, 0), gap=8)
        head = row(gap=10)
        head.addWidget(page_title(desk.words, "ui.panel.foryou"))
        self.verdict = label("soft")
        head.addWidget(self.verdict, 1)
        self.how = button(desk.words, "ui.foryou.how", self._toggle_verdict, role="link")
        self.others = button(desk.words, "ui.foryou.others", self.renew)
        head.addWidget(self.how)
        head.addWidget(self.others)
        inside.addLayout(head)
        self.sliders = WishSliders(desk)
        self.sliders.wished.connect(self._wish)
        inside.addWidget(self.sliders)
        self.note = label("soft", wraps=True)
        inside.addWidget(self.note)
        down.addWidget(top)
        self._pages = QStackedWidget()
        self.rows = OfferRows(desk)
        self.rows.opened.connect(self._open)
        self.rows.judged.connect(self._judge)
        self.judgement = VerdictView(desk)
        for each in (self.rows, self._empty("nothing"), self._empty("reading"), self.judgement):
            self._pages.addWidget(each)
        self._pages.setCurrentIndex(_READING)
        down.addWidget(self._pages, 1)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(RENEWS_MS)
        self._later.timeout.connect(self.renew)
        desk.words.changed.connect(self._speak)
        desk.events.changed.connect(self._library_changed)

    def _empty(self, code: str) -> QWidget:
        page = QWidget()
        inside = column(page, margins=(40, 40, 40, 60), gap=8)
        inside.addStretch(1)
        for each, role in ((f"ui.foryou.{code}", "headline"), (f"ui.foryou.{code}_why", "soft")):
            text = said(self._desk.words, each, role, wraps=True)
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            inside.addWidget(text)
        inside.addStretch(2)
        return page

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def show_place(self, _place: Place) -> None:
        """The page of now, unless it is the one that stands here."""
        if self._is_stale:
            self.renew()
        self._pages.setCurrentIndex(self._resting)
        self.rows.setFocus()

    @property
    def meant_ids(self) -> tuple[int, ...]:
        """The items that a verb of the window means here: the current card's."""
        offer = self.rows.offer(self.rows.current) if self._pages.currentIndex() == _ROWS else None
        return (offer.item.id,) if offer is not None else ()

    @property
    def _resting(self) -> int:
        if self.page is None:
            return _READING
        return _ROWS if self.page.rows else _NOTHING

    def renew(self) -> None:
        """Other suggestions, from all that is known now."""
        if self._is_reading:
            self._is_wanted_again = True
            return
        self._is_reading, self._is_stale = True, False
        self._unheard = set(self._unwritten)
        suggestions = self._desk.assistant.suggestions
        bridge = self._desk.bridge
        bridge.when_done(suggestions.page(), self._show, owner=self, failed=self._failed)
        bridge.when_done(suggestions.judge(), self._show_verdict, owner=self, failed=self._failed)

    def _show(self, page: ForYou) -> None:
        self._is_reading = False
        self.page = page
        self._out = {item_id: word for item_id, word in self._out.items() if item_id in self._unheard}
        had_focus = self.rows.hasFocus() or self._pages.currentIndex() == _READING
        self.rows.show_rows(page.rows)
        if self._out:
            self._sift()
        if self._wished in (None, page.wishes):
            self._wished = None
            self.sliders.show_wishes(page.wishes)
        if self._pages.currentIndex() != _VERDICT:
            self._pages.setCurrentIndex(self._resting)
        if had_focus and self.isVisible():
            self.rows.setFocus()
        self._speak()
        self._renew_if_wanted()

    def _renew_if_wanted(self) -> None:
        if self._is_wanted_again:
            self._is_wanted_again = False
            self.renew()

    def _show_verdict(self, found: tuple[Verdict, tuple[Share, ...]]) -> None:
        self._judged, shares = found
        self.judgement.show_verdict(self._judged, shares)
        self._speak()

    def _failed(self, fault: BaseException) -> None:
        self._is_reading = False
        if self.page is None:
            self._pages.setCurrentIndex(_NOTHING)
        actions.show_fault(self._desk, fault=fault)
        self._renew_if_wanted()

    def _speak(self) -> None:
        page, say = self.page, self._desk.words.say
        said_now = ""
        if page is not None and not page.is_recording and page.rows:
            said_now = say("ui.foryou.paused")
        elif page is not None and page.is_cold and page.rows:
            said_now = say("ui.foryou.cold")
        elif page is not None and page.rests and page.rows:
            said_now = say("ui.foryou.rests")
        self.note.setText(said_now)
        self.note.setVisible(bool(said_now))
        if self._judged is not None:
            self.verdict.setText(plain_verdict(self._desk, self._judged))
        shows_verdict = self._pages.currentIndex() == _VERDICT
        self.how.setText(say("ui.foryou.back" if shows_verdict else "ui.foryou.how"))

    def _toggle_verdict(self) -> None:
        is_shown = self._pages.currentIndex() == _VERDICT
        self._pages.setCurrentIndex(self._resting if is_shown else _VERDICT)
        self._speak()

    # ── what the person does ──────────────────────────────────────────────────────────────────────────────────────

    def _wish(self, wishes: Wishes) -> None:
        self._wished = wishes

        def failed(fault: BaseException) -> None:
            self._wished = None
            if self.page is not None:
                self.sliders.show_wishes(self.page.wishes)
            actions.show_fault(self._desk, fault=fault)

        future = self._desk.assistant.suggestions.set_wishes(wishes)
        self._desk.bridge.when_done(future, lambda _changes: self.renew(), owner=self, failed=failed)

    def _open(self, item_id: int, at_ms: int) -> None:
        if self.page is not None and self.page.slate_id:
            self._desk.assistant.suggestions.opened(self.page.slate_id, item_id)
        self._is_stale = True
        self.opened.emit(item_id, at_ms)

    def _judge(self, item_id: int, word: Liking) -> None:
        slate_id = self.page.slate_id if self.page is not None else 0
        future = self._desk.assistant.suggestions.say([item_id], word, slate_id)

        def told(changes: LibraryChanges) -> None:
            self._unwritten.discard(item_id)
            if item_id in self._out:
                self._out[item_id] = word
            if changes.step:
                undo = actions.undoing(self._desk, owner=self, step=changes.step)
                self._desk.tell(f"ui.foryou.said.{word}", undo=undo)

        def failed(fault: BaseException) -> None:
            self._unwritten.discard(item_id)
            self._put_back([item_id])
            actions.show_fault(self._desk, fault=fault)

        self._desk.bridge.when_done(future, told, owner=self, failed=failed)
        if word in GONE:
            self._out[item_id] = None
            self._unwritten.add(item_id)
            self._unheard.add(item_id)
            self._sift()
        elif word is Liking.NOT_BECAUSE:
            self._later.start()

    def _sift(self) -> None:
        if self.page is not None:
            self.rows.show_without(self.page.rows, self._out)

    def _put_back(self, item_ids: Iterable[int]) -> None:
        """Their cards stand where they stood, if this page has them."""
        for item_id in item_ids:
            self._out.pop(item_id, None)
        self._sift()

    def _put_back_taken_back(self, said_now: Iterable[Said]) -> None:
        stands = {(each.item_id, each.word) for each in said_now}
        back = [item_id for item_id, word in self._out.items() if word is not None and (item_id, word) not in stands]
        if back:
            self._put_back(back)

    def _library_changed(self, changes: LibraryChanges) -> None:
        self._out |= dict.fromkeys(self._out.keys() & set(changes.removed))
        if changes.journal and not self._out.keys().isdisjoint(changes.moments):
            self._desk.bridge.read(self._desk.assistant.library.likings, self._put_back_taken_back, owner=self)
        if changes.forgotten or changes.added or changes.removed:
            self._is_stale = True
        if changes.forgotten and self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        """What happened meanwhile counts."""
        super().showEvent(event)
        if self._is_stale and self.page is not None:
            self._later.start()


def build(desk: Desk) -> ForYouPanel:
    """For the registry."""
    from media_assistant.ui.widgets.for_you.offer_rows_accessible import install_accessible_offers

    install_accessible_offers()
    return ForYouPanel(desk)
