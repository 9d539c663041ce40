"""One tag: its names in both languages, what it is a kind of, its colour, and how sure a proposal of it must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QButtonGroup, QFormLayout, QLineEdit, QPushButton, QToolButton, QWidget

from media_assistant.items.concept import Concept, TagCensus
from media_assistant.ui.desk import Desk
from media_assistant.ui.look.tag_colours import PALETTE, tag_colour
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import button, column, empty_layout, label, said
from media_assistant.ui.widgets.tags.threshold_view import ThresholdView

SWATCH = 18
_BETWEEN = re.compile(r"[,，;；、\n]+")


class TagDetails(QWidget):
    """Signals: `verb_wanted(str)` a verb of the room `tags`; `named(str, str)` language and name; `aliased(list)`;
    `coloured(str)`; `parent_left(str)` no longer a kind of that one; `threshold_chosen(float)`.
    """

    verb_wanted = Signal(str)
    named = Signal(str, str)
    aliased = Signal(list)
    coloured = Signal(str)
    parent_left = Signal(str)
    threshold_chosen = Signal(float)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._entry: TagCensus | None = None
        self._parents: Mapping[str, Concept] = {}
        down = column(self, gap=12)
        self.title = label("headline", wraps=True)
        self.title.setMinimumWidth(1)  # whatever the tag is called
        self.numbers = label("soft", wraps=True)
        down.addWidget(self.title)
        down.addWidget(self.numbers)
        verbs = QWidget()
        flow = FlowLayout(verbs)
        self.buttons: dict[str, QPushButton] = {}
        for verb in ("show", "review", "teach", "mix", "move", "child", "merge", "delete"):
            self.buttons[verb] = button(desk.words, f"ui.tags.{verb}", partial(self.verb_wanted.emit, verb))
            flow.addWidget(self.buttons[verb])
        down.addWidget(verbs)
        down.addLayout(self._build_names())
        down.addWidget(said(desk.words, "ui.tags.kind_of", "section"))
        self._parents_holder = QWidget()
        self._parents_flow = FlowLayout(self._parents_holder, gap=4)
        down.addWidget(self._parents_holder)
        down.addWidget(said(desk.words, "ui.tags.colour_title", "section"))
        down.addWidget(self._build_colours())
        self.threshold = ThresholdView(desk)
        self.threshold.chosen.connect(self.threshold_chosen)
        down.addWidget(self.threshold)
        down.addStretch(1)
        desk.words.changed.connect(self._show)
        desk.look.changed.connect(self._paint_swatches)
        for told in (desk.keys.changed, desk.words.changed):
            told.connect(self._name_keys)
        self._name_keys()

    def _build_names(self) -> QFormLayout:
        words = self._desk.words
        form = QFormLayout()
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(6)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.english, self.chinese, self.aliases = LineField(), LineField(), LineField()
        for field, code in (
            (self.english, "ui.tags.name_en"),
            (self.chinese, "ui.tags.name_zh"),
            (self.aliases, "ui.tags.aliases"),
        ):
            words.bind(field, QLineEdit.setAccessibleName, code)
            title = said(words, code, "soft")
            title.setBuddy(field)
            form.addRow(title, field)
        words.bind(self.aliases, QLineEdit.setPlaceholderText, "ui.tags.aliases_prompt")
        words.bind(self.aliases, QLineEdit.setToolTip, "ui.tags.aliases_tip")
        self.english.editingFinished.connect(lambda: self._name("en"))
        self.chinese.editingFinished.connect(lambda: self._name("zh_CN"))
        self.aliases.editingFinished.connect(self._alias)
        return form

    def _build_colours(self) -> QWidget:
        holder = QWidget()
        flow = FlowLayout(holder, gap=4)
        self.colours: dict[str, QToolButton] = {}
        group = QButtonGroup(self)
        group.setExclusive(True)
        for name in ("", *PALETTE):
            swatch = QToolButton()
            swatch.setCheckable(True)
            swatch.setIconSize(QSize(SWATCH, SWATCH))
            swatch.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            code = f"ui.tags.colour.{name}" if name else "ui.tags.colour_none"
            self._desk.words.bind(swatch, QToolButton.setToolTip, code)
            self._desk.words.bind(swatch, QToolButton.setAccessibleName, code)
            swatch.clicked.connect(lambda _checked=False, name=name: self._colour(name))
            group.addButton(swatch)
            flow.addWidget(swatch)
            self.colours[name] = swatch
        self._paint_swatches()
        return holder

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    def show_tag(self, entry: TagCensus, parents: Mapping[str, Concept]) -> None:
        """Show a tag; a field that is being typed in is left alone."""
        is_other = self._entry is None or entry.concept.id != self._entry.concept.id
        self._entry, self._parents = entry, parents
        concept = entry.concept
        for field, text in (
            (self.english, concept.en),
            (self.chinese, concept.zh),
            (self.aliases, self._desk.words.say("ui.list_separator").join(concept.aliases)),
        ):
            if is_other or not field.hasFocus():
                field.setText(text)
                field.setCursorPosition(0)
        self.colours.get(concept.colour, self.colours[""]).setChecked(True)
        if is_other:
            self.threshold.show_scores(())
        if is_other or not self.threshold.is_moving:
            self.threshold.show_threshold(self._desk.words.concept(concept), entry.lowest_score)
        self._show()

    def _show(self) -> None:
        entry, words = self._entry, self._desk.words
        if entry is None:
            return
        self.title.setText(words.concept(entry.concept))
        numbers = [words.say("ui.search.items", count=entry.count)]
        if entry.proposed:
            numbers.append(words.say("ui.tags.proposed", count=entry.proposed))
        self.numbers.setText(" · ".join(numbers))
        self.buttons["review"].setEnabled(bool(entry.proposed))
        for verb in ("show", "mix"):
            self.buttons[verb].setEnabled(bool(entry.count))
        empty_layout(self._parents_flow)
        for parent_id in entry.concept.parents:
            parent = self._parents.get(parent_id)
            if parent is None:
                continue
            name = words.concept(parent)
            leave = button(words, "ui.tags.leave_parent", partial(self.parent_left.emit, parent_id))
            QPushButton.setText(leave, words.say("ui.tags.parent", name=name))
            QPushButton.setToolTip(leave, plain_tip(words.say("ui.tags.leave_parent_tip", name=name)))
            leave.setAccessibleName(words.say("ui.tags.leave_parent_tip", name=name))
            self._parents_flow.addWidget(leave)
        if not self._parents_flow.count():
            self._parents_flow.addWidget(said(words, "ui.tags.no_parent", "faint"))
        self._parents_holder.updateGeometry()

    def _name_keys(self) -> None:
        words, keys = self._desk.words, self._desk.keys
        for verb, made in self.buttons.items():
            key = keys.shown(f"tags.{verb}")
            made.setToolTip(
                plain_tip(words.say("ui.review.key", what=words.say(f"ui.keys.tags.{verb}"), key=key) if key else "")
            )

    def _paint_swatches(self) -> None:
        colours = self._desk.look.colours
        for name, swatch in self.colours.items():
            picture = QPixmap(SWATCH * 2, SWATCH * 2)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            dot = QRect(4, 4, SWATCH * 2 - 8, SWATCH * 2 - 8)
            if name:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tag_colour(colours, name)))
            else:
                painter.setPen(QPen(QColor(colours.text_faint), 3))
                painter.drawLine(dot.topRight(), dot.bottomLeft())
            painter.drawEllipse(dot)
            painter.end()
            picture.setDevicePixelRatio(2.0)
            swatch.setIcon(QIcon(picture))

    # ── what the person says ──────────────────────────────────────────────────────────────────────────────────────

    def _name(self, language: str) -> None:
        if self._entry is None:
            return
        field = self.chinese if language.startswith("zh") else self.english
        before = self._entry.concept.zh if language.startswith("zh") else self._entry.concept.en
        wanted = " ".join(field.text().split())
        if wanted == before:
            return
        if not wanted and language == "en":
            field.setText(before)
            return
        self.named.emit(language, wanted)

    def _alias(self) -> None:
        if self._entry is None:
            return
        wanted = [part.strip() for part in _BETWEEN.split(self.aliases.text()) if part.strip()]
        if tuple(wanted) != self._entry.concept.aliases:
            self.aliased.emit(wanted)

    def _colour(self, name: str) -> None:
        if self._entry is not None and name != self._entry.concept.colour:
            self.coloured.emit(name)
