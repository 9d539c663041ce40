"""What is known of a taught tag: what to expect, how sure a proposal must be, the examples, and the versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from media_assistant.items.teaching import Lesson
from media_assistant.ui.desk import Desk
from media_assistant.ui.teach_words import say_expectation
from media_assistant.ui.widgets.plain import button, column, label, said
from media_assistant.ui.widgets.tags.threshold_view import ThresholdView
from media_assistant.ui.widgets.teaching.taught_list import TaughtList, VersionList
from media_assistant.ui.widgets.which_way_view import WhichWayView

WIDTH = 300


class TeachSide(QScrollArea):
    """Its parts say what the person does: `examples`, `versions`, `threshold`, and the button `review`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        words = desk.words
        self.examples = TaughtList(desk)
        self.versions = VersionList(desk)
        self.threshold = ThresholdView(desk)
        self.which_way = WhichWayView(desk)
        self.expected = label(wraps=True)
        self.advice = label("soft", wraps=True)
        self.review = button(words, "ui.teach.review")
        side = QWidget()
        inside = column(side, margins=(0, 0, 8, 0), gap=8)
        inside.addWidget(said(words, "ui.teach.expected", "section"))
        inside.addWidget(self.expected)
        inside.addWidget(self.advice)
        inside.addWidget(self.review, 0, Qt.AlignmentFlag.AlignLeft)
        inside.addWidget(self.threshold)
        inside.addWidget(said(words, "ui.teach.examples", "section"))
        inside.addWidget(self.examples)
        inside.addWidget(said(words, "ui.teach.versions", "section"))
        inside.addWidget(self.versions)
        inside.addWidget(self.which_way)
        inside.addStretch(1)
        self.setWidget(side)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(WIDTH)

    def show_nothing(self) -> None:
        """While no tag is chosen."""
        self.setVisible(False)
        self.which_way.show_tag(None)

    def show_lesson(
        self, lesson: Lesson, titles: Mapping[int, str], lowest: float, scores: Sequence[tuple[int, float]]
    ) -> None:
        """What is known of a tag; a slider that is being moved is left alone."""
        words = self._desk.words
        self.setVisible(True)
        self.expected.setText(say_expectation(words, lesson) if lesson.is_taught else words.say("ui.teach.not_yet"))
        advice = [words.sentence(each) for each in lesson.sampled]
        advice += [words.say(lesson.advice)] if lesson.advice else []
        self.advice.setText("\n".join(advice))
        self.advice.setVisible(bool(advice) and lesson.is_taught)
        self.examples.show_examples(lesson.examples, titles, lesson.unknown)
        self.versions.show_versions(lesson.versions)
        self.which_way.show_tag(lesson.concept if lesson.is_taught else None)
        for each in (self.review, self.threshold):
            each.setEnabled(lesson.is_taught)
        if not self.threshold.is_moving:
            self.threshold.show_threshold(words.concept(lesson.concept), lowest)
        self.threshold.show_scores(scores)
