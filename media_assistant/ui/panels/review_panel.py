"""Proposals one after another, from the keyboard: what it is about large, where it comes from beside it, yes or no."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.moment import Moment
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import Proposal, TagState
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.focus_order import hand_over
from media_assistant.ui.places import Place
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.review_ahead import ReviewAhead, is_same
from media_assistant.ui.review_queue import ReviewQueue
from media_assistant.ui.sureness import sureness
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.evidence_view import EvidenceView
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import PAGE_MARGINS, IconButton, button, column, frame, label, row
from media_assistant.ui.widgets.review_stage import ReviewStage, Shown

SIDE = 270
LONGEST_NAME = 160
"""Pixels of a tag's name on a button; the whole is in its tool tip."""


class ReviewPanel(QFrame):
    """Signals: `place_wanted(Place)`; `opened(int, Moment)` the item large, at a moment or None."""

    place_wanted = Signal(object)
    opened = Signal(int, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._place = Place("review")
        self._has_play = True
        self.setProperty("ground", "ground")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        desk.words.bind(self, QFrame.setAccessibleName, "ui.panel.review")
        self.queue = ReviewQueue(desk, self)
        self._ahead = ReviewAhead(desk, self)
        self.stage = ReviewStage(desk)
        self.evidence = EvidenceView(desk)
        self._build()
        self.queue.moved.connect(self._show)
        self.queue.counted.connect(self._tell)
        self._ahead.arrived.connect(self._arrived)
        self._ahead.sharpened.connect(self._sharpened)
        self._ahead.gone.connect(self._gone)
        self._ahead.failed.connect(self._not_read)
        self.evidence.moment_wanted.connect(self._go_to)
        self.stage.switched.connect(self._switched)
        desk.words.changed.connect(self._show)
        for told in (desk.keys.changed, desk.words.changed):
            told.connect(self._name_buttons)
        self._name_buttons()

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        words = self._desk.words
        down = column(self, margins=PAGE_MARGINS, gap=8)
        head = row(gap=10)
        self.back = button(
            words, "ui.review.back", lambda: self.place_wanted.emit(Place("tags", tag=self._place.tag)), role="link"
        )
        self.progress_text = label("soft")
        head.addWidget(self.back)
        head.addStretch(1)
        head.addWidget(self.progress_text)
        down.addLayout(head)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        words.bind(self.progress, QProgressBar.setAccessibleName, "ui.review.progress")
        down.addWidget(self.progress)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_proposal())
        self._pages.addWidget(self._build_end())
        down.addWidget(self._pages, 1)

    def _build_proposal(self) -> QWidget:
        words = self._desk.words
        page = QWidget()
        across = row(page, gap=14)
        left = column(gap=8)
        left.addWidget(self.stage, 1)
        left.addWidget(self._build_buttons())
        across.addLayout(left, 1)
        side = QWidget()
        inside = column(side, margins=(0, 0, 6, 0), gap=6)
        self.question = label("headline", wraps=True)
        self.question.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.sure = label("soft", wraps=True)
        self.title = label("soft", wraps=True)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.open = button(words, "ui.open_large", self._open, role="link")
        self.why = label("section", wraps=True)
        for widget in (self.question, self.sure, self.title):
            inside.addWidget(widget)
        inside.addWidget(self.open, 0, Qt.AlignmentFlag.AlignLeft)
        inside.addSpacing(6)
        inside.addWidget(self.why)
        inside.addWidget(self.evidence)
        inside.addStretch(1)
        self.hint = label("small", wraps=True)
        inside.addWidget(self.hint)
        scroll = QScrollArea()
        scroll.setWidget(side)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedWidth(SIDE)
        across.addWidget(scroll)
        return page

    def _build_buttons(self) -> QWidget:
        words, look = self._desk.words, self._desk.look
        holder = QWidget()
        flow = FlowLayout(holder, gap=8)
        self.accept = button(words, "ui.review.accept", lambda: self._decide(TagState.ACCEPTED), role="primary")
        self.refuse = button(words, "ui.review.refuse", lambda: self._decide(TagState.REJECTED))
        self.skip = button(words, "ui.review.skip", self.queue.go_on)
        self.undo = button(words, "ui.undo", self.queue.undo)
        self.play = IconButton(words, look, "play", "ui.play.button", self.stage.toggle)
        # What these two mean depends on the tag that is shown, so they say its name.
        self.accept_all, self.refuse_rest = QPushButton(), QPushButton()
        self.accept_all.clicked.connect(lambda _checked=False: self._accept_all())
        self.refuse_rest.clicked.connect(lambda _checked=False: self._refuse_rest())
        for widget in (self.accept, self.refuse, self.skip, self.undo, self.play, self.accept_all, self.refuse_rest):
            # The keys are the review's own; a button is for the mouse, and reached by Tab.
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            flow.addWidget(widget)
        return holder

    def _build_end(self) -> QWidget:
        page = frame(ground="ground")
        inside = column(page, margins=(40, 40, 40, 80), gap=10)
        inside.addStretch(1)
        self.end_title = label("headline", wraps=True)
        self.end_text = label("soft", wraps=True)
        for widget in (self.end_title, self.end_text):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            inside.addWidget(widget)
        buttons = row(gap=8)
        buttons.addStretch(1)
        self.again = button(self._desk.words, "ui.review.again", lambda: self.show_place(self._place))
        self.leave = button(
            self._desk.words, "ui.review.leave", lambda: self.place_wanted.emit(Place("tags", tag=self._place.tag))
        )
        buttons.addWidget(self.again)
        buttons.addWidget(self.leave)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        inside.addStretch(2)
        return page

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def use_playback(self, playback: Playback) -> None:
        """Take the window's player."""
        self.stage.use_playback(playback)

    def show_place(self, place: Place) -> None:
        """Begin with the proposals of the place's tag, or of all."""
        self._place = place
        self._ahead.clear()
        self.queue.start(place.tag)
        self.setFocus()

    @property
    def shown(self) -> Shown | None:
        """What is shown of the current proposal, as soon as it is read."""
        current = self.queue.current
        return self._ahead.shown(current) if current is not None else None

    @property
    def meant_ids(self) -> tuple[int, ...]:
        """The items that a verb of the window means here: the one that is shown."""
        return (self.shown.item.id,) if self.shown is not None else ()

    def _show(self) -> None:
        current = self.queue.current
        self._tell()
        if current is None:
            self.stage.show_nothing()
            return
        for proposal in (current, *self.queue.ahead):
            self._ahead.want(proposal)
        self._show_current()

    def _arrived(self, shown: Shown) -> None:
        if is_same(self.queue.current, shown.proposal):
            self._show_current()

    def _sharpened(self, whole: Shown) -> None:
        if is_same(self.queue.current, whole.proposal):
            self.stage.show_proposal(whole)

    def _gone(self, proposal: Proposal) -> None:
        if is_same(self.queue.current, proposal):
            self.queue.go_on()

    def _not_read(self, proposal: Proposal, fault: BaseException) -> None:
        """It is read again when the person comes back to it; what lies ahead is, when they come to it."""
        if is_same(self.queue.current, proposal):
            actions.show_fault(self._desk, fault=fault)

    def _show_current(self) -> None:
        current, words = self.queue.current, self._desk.words
        if current is None:
            return
        name = words.concept(current.concept)
        self.question.setText(words.say("ui.review.question", name=name))
        self.sure.setText(words.say(sureness(current.score)))
        self.sure.setToolTip(
            plain_tip(words.say("ui.review.percent", percent=words.number(round(current.score * 100))))
        )
        short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, LONGEST_NAME).replace("&", "&&")
        for all_of_it, code in (
            (self.accept_all, "ui.review.accept_all"),
            (self.refuse_rest, "ui.review.refuse_rest"),
        ):
            all_of_it.setText(words.say(code, name=short))
            all_of_it.setAccessibleName(words.say(code, name=name))
            all_of_it.setToolTip(plain_tip(words.say(f"{code}_tip", name=name)))
        shown = self.shown
        hand_over(self, self.evidence, self.open, self.play)
        for widget in (self.title, self.why, self.evidence, self.open):
            widget.setVisible(shown is not None)
        self.play.setEnabled(False)
        if shown is None:
            self.title.clear()
            self.stage.show_nothing()
            return
        self.title.setText(" ".join(shown.item.title.split()))
        self.title.setToolTip(plain_tip(shown.item.path))
        self.evidence.show_evidence(shown.item, shown.evidence)
        is_somewhere = bool(self.evidence.rows)
        self.why.setText(words.say("ui.review.comes_from" if is_somewhere else "ui.review.whole"))
        self.stage.show_proposal(shown)
        self._has_play = self.stage.is_timed
        self.play.setVisible(self._has_play)
        self._tell_keys()
        self.play.setEnabled(True)
        self.setAccessibleDescription(
            words.say("ui.list_separator").join((self.question.text(), self.sure.text(), self.title.text()))
        )

    def _tell(self) -> None:
        """The numbers, which page is shown, and whether an answer can be taken back."""
        words = self._desk.words
        if not self.queue.can_undo:
            hand_over(self, self.undo)
        self.undo.setEnabled(self.queue.can_undo)
        place, total = self.queue.place
        is_end = self.queue.current is None and self.queue.is_at_end
        self._pages.setCurrentIndex(1 if is_end else 0)
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(total if is_end else place - 1)
        self.progress_text.setText(
            ""
            if is_end or not total
            else words.say("ui.review.place", place=words.number(place), total=words.number(total))
        )
        if is_end:
            accepted, refused = self.queue.decided
            self.end_title.setText(words.say("ui.review.end" if total else "ui.review.nothing"))
            done = words.say("ui.review.done", accepted=words.number(accepted), refused=words.number(refused))
            why = words.say("ui.review.all_skipped" if total else "ui.review.nothing_why")
            self.end_text.setText(done if accepted + refused else why)
            self.again.setVisible(accepted + refused < total)

    # ── what the person does ──────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the room `review`."""
        acts = {
            "accept": lambda: self._decide(TagState.ACCEPTED),
            "refuse": lambda: self._decide(TagState.REJECTED),
            "skip": self.queue.go_on,
            "previous": self.queue.go_back,
            "undo": self.queue.undo,
            "play": self.stage.toggle,
            "accept_all": self._accept_all,
            "open": self._open,
        }
        act = acts.get(self._desk.keys.meant(event, "review"))
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _decide(self, state: TagState) -> None:
        self.queue.decide(state)

    def _accept_all(self) -> None:
        """Everything of this tag that is at least as sure as what is shown."""
        current = self.queue.current
        if current is not None:
            future = self._desk.assistant.tags.accept_all(current.concept.id, current.score)
            self.queue.add(future)
            self._desk.bridge.when_done(
                future, lambda changes: self._say("ui.review.all_accepted", changes), owner=self
            )

    def _refuse_rest(self) -> None:
        """Everything of this tag that still waits."""
        current = self.queue.current
        if current is not None:
            future = self._desk.assistant.tags.refuse_all(current.concept.id)
            self.queue.add(future)
            self._desk.bridge.when_done(future, lambda changes: self._say("ui.review.all_refused", changes), owner=self)

    def _say(self, code: str, changes: LibraryChanges) -> None:
        undo = actions.undoing(self._desk, owner=self, step=changes.step)
        self._desk.tell(code, count=len(changes.moments), undo=undo)

    def _go_to(self, moment: Moment) -> None:
        """A piece of evidence: played here if it is a time, else shown large."""
        if isinstance(moment.span, TimeSpan) and self.stage.is_timed:
            self.stage.play(moment)
        elif self.shown is not None:
            self.opened.emit(self.shown.item.id, moment)

    def _open(self) -> None:
        if self.shown is not None:
            self.opened.emit(self.shown.item.id, None)

    def _switched(self) -> None:
        self.play.wear("pause" if self.stage.is_playing else "play")

    def _name_buttons(self) -> None:
        words, keys = self._desk.words, self._desk.keys
        for widget, verb in (
            (self.accept, "accept"),
            (self.refuse, "refuse"),
            (self.skip, "skip"),
            (self.undo, "undo"),
            (self.accept_all, "accept_all"),
        ):
            key = keys.shown(f"review.{verb}")
            if verb != "accept_all":
                widget.setToolTip(
                    plain_tip(words.say("ui.review.key", what=words.say(f"ui.keys.review.{verb}"), key=key))
                )
        self._tell_keys()

    def _tell_keys(self) -> None:
        words, keys = self._desk.words, self._desk.keys
        shown = {verb: keys.shown(f"review.{verb}") for verb in ("accept", "refuse", "play", "skip", "undo")}
        self.hint.setText(words.say("ui.review.hint" if self._has_play else "ui.review.hint_still", **shown))

    def showEvent(self, event: QShowEvent) -> None:
        """The keys are heard at once, and what was decided elsewhere is passed over."""
        super().showEvent(event)
        self.queue.follow()
        self.setFocus()


def build(desk: Desk) -> ReviewPanel:
    """For the registry."""
    return ReviewPanel(desk)
