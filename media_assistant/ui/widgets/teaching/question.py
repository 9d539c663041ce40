"""Is this one too? What is asked about, large, why it is thought to be one, and the answers, by click or by key."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from media_assistant.items.span import Span
from media_assistant.items.teaching import Question
from media_assistant.ui.desk import Desk
from media_assistant.ui.sureness import sureness
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import IconButton, button, column, label
from media_assistant.ui.widgets.review_stage import ReviewStage, Shown, load_original


class TeachQuestion(QWidget):
    """Signals: `accepted()`, it is one; `refused()`; `skipped()`; `undo_wanted()`; `open_wanted()` the item large;
    `turning()` something else is about to be asked about.
    """

    accepted = Signal()
    refused = Signal()
    skipped = Signal()
    undo_wanted = Signal()
    open_wanted = Signal()
    turning = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._on_stage: tuple[int, Span] | None = None
        """The item and the place in it that are asked about."""
        self._parts: tuple[str, ...] = ()
        words = desk.words
        down = column(self, gap=6)
        self.says = label("headline", wraps=True)
        self.stage = ReviewStage(desk)
        self.about = label("soft", wraps=True)
        for line in (self.says, self.about):
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        down.addWidget(self.says)
        down.addWidget(self.stage, 1)
        down.addWidget(self.about)
        holder = QWidget()
        flow = FlowLayout(holder, gap=8)
        self.play = IconButton(words, desk.look, "play", "ui.play.button", self.stage.toggle)
        self.yes = button(words, "ui.teach.yes", self.accepted.emit, role="primary")
        self.no = button(words, "ui.teach.no", self.refused.emit)
        self.skip = button(words, "ui.teach.skip", self.skipped.emit)
        self.undo = button(words, "ui.undo", self.undo_wanted.emit)
        self.open = button(words, "ui.open_large", self.open_wanted.emit, role="link")
        for widget in (self.play, self.yes, self.no, self.skip, self.undo, self.open):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            flow.addWidget(widget)
        down.addWidget(holder)
        self.stage.switched.connect(lambda: self.play.wear("pause" if self.stage.is_playing else "play"))
        words.changed.connect(self._name_keys)
        desk.keys.changed.connect(self._name_keys)
        self._name_keys()

    def _name_keys(self) -> None:
        words, keys = self._desk.words, self._desk.keys
        for verb, widget in (("yes", self.yes), ("no", self.no), ("skip", self.skip), ("undo", self.undo)):
            what = words.say(f"ui.keys.teach.{verb}")
            widget.setToolTip(plain_tip(words.say("ui.review.key", what=what, key=keys.shown(f"teach.{verb}"))))

    def show_nothing(self) -> None:
        """There is no question."""
        self._on_stage = None
        self.stage.show_nothing()

    def show_question(self, name: str, question: Question, shown: Shown, why: Sequence[str]) -> None:
        """Is it `name` too? `why`: the titles of the examples that it is like."""
        words = self._desk.words
        self.says.setText(words.say("ui.teach.question", name=name))
        parts = [" ".join(shown.item.title.split()), words.say(sureness(question.chance))]
        if why:
            parts.append(words.say("ui.teach.like", names=words.say("ui.list_separator").join(why)))
        self._parts = tuple(parts)
        self.about.setText(" · ".join(parts))
        self._put_on_stage((question.item_id, question.span), shown)
        self.play.setEnabled(self.stage.is_timed)

    def describe(self) -> str:
        """All of it in words, for a screen reader."""
        return self._desk.words.say("ui.list_separator").join((self.says.text(), *self._parts))

    def _put_on_stage(self, asked: tuple[int, Span], shown: Shown) -> None:
        """What is there already goes on as it is: it may be playing."""
        if asked == self._on_stage:
            return
        self._on_stage = asked
        self.turning.emit()
        self.stage.show_proposal(shown)

        def sharpen(whole: Shown) -> None:
            if asked == self._on_stage:
                self.stage.show_proposal(whole)

        if shown.is_small:
            read = partial(load_original, self._desk.assistant, shown, lambda: asked == self._on_stage)
            self._desk.bridge.read_disk(read, sharpen, owner=self)
