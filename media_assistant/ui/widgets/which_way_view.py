"""Which way to learn a tag: what each did on left-out examples, what a network would take here, and what is advised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

from media_assistant.items.concept import Concept
from media_assistant.items.which_way import NetworkSpeed, WhichWay
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.plain import column, empty_layout, label, said


class WhichWayView(QWidget):
    """Hidden without a tag. Asks by itself; where a network could be trained here but nobody knows how long that takes, it
    has a step measured, once.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._concept: Concept | None = None
        self._asked: dict[str, bool] = {}
        """The tags whose answers are on their way, and whether they were asked for again meanwhile."""
        self._was_measured = False
        self.found: WhichWay | None = None
        inside = column(self, gap=4)
        self.of = said(desk.words, "ui.teach.which_way", "section")
        self.advised = label(wraps=True, selectable=True)
        inside.addWidget(self.of)
        inside.addWidget(self.advised)
        self._lines = column(gap=3)
        inside.addLayout(self._lines)
        self.lines: list[QLabel] = []
        desk.words.changed.connect(self._speak)
        self.setVisible(False)

    def show_tag(self, concept: Concept | None) -> None:
        """Ask about this one; what was said of another is taken away. While an answer is on its way it is asked once more
        after it, however often it is wanted: measuring may take the teaching thread for seconds.
        """
        if concept != self._concept:
            self.found = None
            self._concept = concept
            self._speak()
        if concept is None:
            return
        if concept.id in self._asked:
            self._asked[concept.id] = True
            return
        self._asked[concept.id] = False
        self._desk.bridge.when_done(
            self._desk.assistant.teaching.try_ways(concept.id),
            lambda measured: self._weigh(concept, measured),
            owner=self,
            failed=lambda fault: self._failed(concept, fault),
            cancelled=lambda: self._ended(concept),
        )

    def _weigh(self, concept: Concept, measured: Mapping[str, Any]) -> None:
        library, training = self._desk.assistant.library, self._desk.assistant.training

        def ask() -> WhichWay:
            from media_assistant.workflows.teaching.which_way import weigh_tried

            return weigh_tried(library, training, concept.id, measured)

        self._desk.bridge.read(
            ask,
            lambda found: self._take(concept, found),
            owner=self,
            failed=lambda fault: self._failed(concept, fault),
        )

    def _failed(self, concept: Concept, fault: BaseException) -> None:
        self._ended(concept)
        actions.show_fault(self._desk, fault=fault)

    def _ended(self, concept: Concept) -> None:
        """No answer on this one is on its way."""
        self._asked.pop(concept.id, None)

    def _take(self, concept: Concept, found: WhichWay) -> None:
        is_wanted_again = self._asked.pop(concept.id, False)
        if concept != self._concept:
            return
        self.found = found
        self._speak()
        if is_wanted_again:
            self.show_tag(concept)
        if found.network.low_s is None and not found.network.missing and not self._was_measured:
            # Once, whatever comes of it: a computer on which it fails is not asked again and again.
            self._was_measured = True
            future = self._desk.assistant.training.measure_speed()
            self._desk.bridge.when_done(future, self._measured, owner=self, failed=lambda _: None)

    def _measured(self, _speed: NetworkSpeed) -> None:
        self.show_tag(self._concept)

    def _speak(self) -> None:
        from media_assistant.workflows.teaching.which_way import say_ways

        words, found = self._desk.words, self.found
        self.setVisible(found is not None)
        empty_layout(self._lines)
        self.lines = []
        if found is None:
            return
        self.advised.setText(words.say(f"teach.advised.{found.advised or 'nothing'}", why=words.sentence(found.why)))
        for line in say_ways(found):
            made = label("soft", wraps=True)
            made.setText(words.sentence(line))
            self._lines.addWidget(made)
            self.lines.append(made)
