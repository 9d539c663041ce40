"""Teaching a tag: "is this one too?" answered by keys, and beside it examples, what to expect, threshold and versions."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.items.span import WHOLE
from media_assistant.items.teaching import TaughtExample
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.focus_order import hand_over
from media_assistant.ui.lesson_page import LessonPage, read_lesson
from media_assistant.ui.places import Place
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.taught_here import TaughtHere
from media_assistant.ui.widgets.plain import (
    PAGE_MARGINS,
    TITLE_HEIGHT,
    button,
    column,
    label,
    middle_page,
    row,
)
from media_assistant.ui.widgets.tags.picker import TagPicker
from media_assistant.ui.widgets.teaching.question import TeachQuestion
from media_assistant.ui.widgets.teaching.side import TeachSide
from media_assistant.ui.window_keys import is_typing
from media_assistant.workflows.tags import tagging

_Asked = tuple[str, tuple[int, ...]]
"""A tag, and what is not to be asked about."""

RENEWS_MS = 120


class TeachPanel(QFrame):
    """Signals: `place_wanted(Place)`; `opened(int, Moment)` the item large, at a moment or None."""

    place_wanted = Signal(object)
    opened = Signal(int, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._tag = ""
        self._reading: _Asked | None = None
        """What is being read. The same is not asked again meanwhile, but once more when it is there."""
        self._is_wanted_again = False
        self._known: LessonPage | None = None
        self._skipped: list[int] = []
        self._done = TaughtHere(desk, self, self._may_ask)
        self._waiting: tuple[int, ...] = ()
        self.setProperty("ground", "ground")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        desk.words.bind(self, QFrame.setAccessibleName, "ui.panel.teach")
        self.question = TeachQuestion(desk)
        self.picker = TagPicker(desk)
        self.side = TeachSide(desk)
        self._renewal = QTimer(self)
        self._renewal.setSingleShot(True)
        self._renewal.setInterval(RENEWS_MS)
        self._renewal.timeout.connect(self.refresh)
        self._build()
        self._connect()
        self._speak()

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self) -> None:
        words = self._desk.words
        down = column(self, margins=PAGE_MARGINS, gap=8)
        head = row(gap=10)
        self.title = label("headline", wraps=True)
        self.title.setMinimumHeight(TITLE_HEIGHT)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.back = button(words, "ui.teach.back", self._leave, role="link")
        self.other = button(words, "ui.teach.another", self._pick, role="link")
        self.forget = button(words, "ui.teach.forget", self._forget)
        head.addWidget(self.title, 1)
        for widget in (self.back, self.other, self.forget):
            head.addWidget(widget)
        down.addLayout(head)
        down.addWidget(self.picker)
        across = row(gap=14)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.question)
        self.nothing, self.nothing_why = label("headline", wraps=True), label("soft", wraps=True)
        self._pages.addWidget(middle_page(self.nothing, self.nothing_why))
        across.addWidget(self._pages, 1)
        across.addWidget(self.side)
        down.addLayout(across, 1)

    def _connect(self) -> None:
        desk, teaching = self._desk, self._desk.assistant.teaching
        self.question.accepted.connect(lambda: self._answer(is_counter=False))
        self.question.refused.connect(lambda: self._answer(is_counter=True))
        self.question.skipped.connect(self._skip)
        self.question.undo_wanted.connect(self._done.undo)
        self.question.open_wanted.connect(self._open)
        self.question.turning.connect(lambda: hand_over(self, self.question.play))
        self.picker.picked.connect(self._picked)
        self.picker.left.connect(self.setFocus)
        self.side.review.clicked.connect(self._review)
        self.side.examples.dropped.connect(lambda example: self._say(teaching.take_back(self._tag, [example])))
        self.side.examples.flipped.connect(
            lambda example: self._teach([replace(example, is_counter=not example.is_counter)], self._tag)
        )
        self.side.versions.wanted.connect(lambda number: self._say(teaching.use_version(self._tag, number)))
        self.side.threshold.chosen.connect(
            lambda lowest: self._say(desk.assistant.tags.set_lowest_score(self._tag, lowest), "ui.threshold.kept")
        )
        desk.words.changed.connect(self._speak)
        desk.events.changed.connect(self._library_changed)

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def use_playback(self, playback: Playback) -> None:
        """Take the window's player."""
        self.question.stage.use_playback(playback)

    def show_place(self, place: Place) -> None:
        """Teach the place's tag; without one it is asked for."""
        if not self._desk.assistant.library.is_read_only:
            self._desk.assistant.teaching.prepare()
        self._waiting = ()
        self._show_tag(place.tag)

    def begin(self, item_ids: tuple[int, ...]) -> None:
        """These are examples of a tag that is asked for now."""
        self._waiting = item_ids
        self._pick()

    def _show_tag(self, tag: str) -> None:
        if tag != self._tag:
            self._skipped.clear()
        self._done.turn(to_another=tag != self._tag)
        self._tag = tag
        self._known = None
        self._speak()
        if tag:
            self.refresh()
            self.setFocus()
        else:
            self._pick()

    @property
    def meant_ids(self) -> tuple[int, ...]:
        """The items that a verb of the window means here: the one that is asked about."""
        shown = self._known.shown if self._known is not None else None
        return (shown.item.id,) if shown is not None else ()

    def refresh(self) -> None:
        """Read what is known of the tag."""
        if not self._tag:
            return
        assistant, asked = self._desk.assistant, (self._tag, tuple(self._skipped))
        if asked == self._reading:
            self._is_wanted_again = True
            return
        self._reading, self._is_wanted_again = asked, False
        # The first question of all waits for the engine to look again.
        self._desk.bridge.read_disk(
            lambda: read_lesson(assistant, *asked),
            lambda known: self._take(asked, known),
            owner=self,
            failed=lambda fault: self._take(asked, fault),
        )

    def _take(self, asked: _Asked, known: LessonPage | BaseException) -> None:
        if asked != self._reading:
            return
        self._reading = None
        if self._is_wanted_again:
            self._renewal.start()
        if isinstance(known, BaseException):
            actions.show_fault(self._desk, fault=known)
            return
        self._known = known
        self._tag = known.lesson.concept.id
        self._speak()

    def _speak(self) -> None:
        words, known = self._desk.words, self._known
        self.forget.setVisible(known is not None and known.lesson.is_taught)
        if known is None:
            self.title.setText(words.say("ui.panel.teach"))
            self._show_nothing("ui.teach.which" if not self._tag else "ui.teach.looking", "ui.teach.about")
            self.side.show_nothing()
            return
        lesson = known.lesson
        name = words.concept(lesson.concept)
        self.title.setText(words.say("ui.teach.title", name=name))
        self.side.show_lesson(lesson, known.titles, known.lowest, known.scores)
        if known.shown is None:
            self._show_nothing("ui.teach.no_question" if lesson.is_taught else "ui.teach.begin", "ui.teach.about")
            return
        self._pages.setCurrentIndex(0)
        self.question.show_question(name, known.questions[0], known.shown, known.why)
        self.setAccessibleDescription(self.question.describe())

    def _show_nothing(self, code: str, why: str) -> None:
        self.nothing.setText(self._desk.words.say(code))
        self.nothing_why.setText(self._desk.words.say(why))
        self._pages.setCurrentIndex(1)
        self.question.show_nothing()

    def _library_changed(self, changes: LibraryChanges) -> None:
        is_other = changes.tags or changes.journal or changes.moments or changes.removed
        # Not begun anew with each change: while files are understood they come faster than it rests.
        if is_other and self.isVisible() and not self._renewal.isActive():
            self._renewal.start()

    # ── what the person does ──────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the room `teach`."""
        acts = {
            "yes": lambda: self._answer(is_counter=False),
            "no": lambda: self._answer(is_counter=True),
            "skip": self._skip,
            "undo": self._done.undo,
            "play": self.question.stage.toggle,
            "open": self._open,
            "review": self._review,
        }
        act = None if is_typing() else acts.get(self._desk.keys.meant(event, "teach"))
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _answer(self, *, is_counter: bool) -> None:
        known = self._known
        if known is None or known.shown is None:
            return
        first = known.questions[0]
        # Of a film it is the moment that is asked about; of anything else all of it.
        span = first.span if known.shown.item.kind is Kind.VIDEO else WHOLE
        self._skipped.append(first.item_id)
        self._known = replace(known, shown=None, questions=known.questions[1:])
        self._reading = None  # what is being read may ask it once more
        self._teach([TaughtExample(first.item_id, span, is_counter)], known.lesson.concept, asked=first.item_id)

    def _skip(self) -> None:
        if self._known is not None and self._known.questions:
            item_id = self._known.questions[0].item_id
            self._skipped.append(item_id)
            self._done.add(None, item_id=item_id)
            self.refresh()

    def _may_ask(self, item_id: int) -> None:
        if item_id in self._skipped:
            self._skipped.remove(item_id)
        self.refresh()

    def _open(self) -> None:
        if self._known is not None and self._known.shown is not None:
            self.opened.emit(self._known.shown.item.id, None)

    def _review(self) -> None:
        if self._tag:
            self.place_wanted.emit(Place("review", tag=self._tag))

    def _leave(self) -> None:
        self.place_wanted.emit(Place("tags", tag=self._tag))

    def _forget(self) -> None:
        if self._tag:
            self._say(self._desk.assistant.teaching.forget(self._tag), "ui.teach.forgotten")

    def _pick(self) -> None:
        words = self._desk.words
        question = (
            words.say("ui.teach.ask", count=len(self._waiting)) if self._waiting else words.say("ui.teach.ask_tag")
        )
        self.picker.ask(question, (), takes_names=True)

    def _picked(self, name: str) -> None:
        waiting, self._waiting = self._waiting, ()
        if waiting:
            self._teach([TaughtExample(item_id) for item_id in waiting], name)
            return
        assistant = self._desk.assistant
        self._desk.bridge.read(lambda: tagging.find_known(assistant.library, name), self._found, owner=self)

    def _found(self, concept: Concept | None) -> None:
        if concept is None:
            self._desk.tell("ui.teach.choose_first")
        else:
            self._show_tag(concept.id)

    def _teach(self, examples: Sequence[TaughtExample], tag: Concept | str, *, asked: int = 0) -> None:
        assistant = self._desk.assistant

        def done(_changes: LibraryChanges) -> None:
            if is_other and isinstance(tag, str):
                self._desk.bridge.read(lambda: tagging.find_known(assistant.library, tag), self._found, owner=self)
            self.refresh()

        def failed(fault: BaseException) -> None:
            actions.show_fault(self._desk, fault=fault)
            self._may_ask(asked)

        is_other = isinstance(tag, str) and tag != self._tag
        future = assistant.teaching.teach(tag if isinstance(tag, Concept) or is_other else self._concept(), examples)
        self._done.add(future, item_id=asked, begins=is_other)
        self._desk.bridge.when_done(future, done, owner=self, failed=failed)

    def _concept(self) -> Concept:
        assert self._known is not None
        return self._known.lesson.concept

    def _say(self, future: Future[LibraryChanges], code: str = "") -> None:
        def done(changes: LibraryChanges) -> None:
            if changes and code:
                self._desk.tell(code, undo=actions.undoing(self._desk, owner=self, step=changes.step))
            self.refresh()

        def failed(fault: BaseException) -> None:
            actions.show_fault(self._desk, fault=fault)
            self.refresh()

        self._done.add(future)
        self._desk.bridge.when_done(future, done, owner=self, failed=failed)

    def showEvent(self, event: QShowEvent) -> None:
        """The keys are heard at once, and what was decided meanwhile, as in the large view, is there."""
        super().showEvent(event)
        self._renewal.start()
        if not self.picker.isVisible():
            self.setFocus()


def build(desk: Desk) -> TeachPanel:
    """For the registry."""
    return TeachPanel(desk)
